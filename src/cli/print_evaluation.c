#define _GNU_SOURCE
#include "print_evaluation.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "draw/bars.h"
#include "draw/table.h"
#include "record/metric.h"

/* The Fréchet distance of real images, under which no generator comes but by chance. */
static double floor_of(const struct evaluation *evaluation)
{
    return evaluation->real[MEASURE_FRECHET];
}

static bool is_told(const struct evaluation *evaluation, enum measure measure)
{
    bool is_conditional_alone = measure == MEASURE_AGREEMENT;
    return !is_conditional_alone || !isnan(evaluation->values[measure]);
}

/* --- text --- */

static void print_head(struct arena *arena, const struct printed_evaluation *printed)
{
    const struct classifier_facts *classifier = &printed->measuring.classifier;
    const char *averaged = printed->generator.is_averaged ? "averaged weights" : "raw weights";
    const char *seed = classifier->seed == 1 ? ""
                                             : arena_printf(arena, ", seed %llu",
                                                            (unsigned long long)classifier->seed);
    printf("run %lld, step %s, %s: %s samples of seed %lld\n", (long long)printed->run,
           format_count(arena, (double)printed->generator.step), averaged,
           format_count(arena, printed->evaluation.samples), (long long)printed->seed);
    printf("beside the %s test images of %s\n", format_count(arena, printed->measuring.test_images),
           text_clean(arena, printed->measuring.data, 1000));
    printf("by classifier %d%s, of %s of its images: %.2f %% of the test images read rightly\n\n",
           classifier->version, seed, format_count(arena, classifier->images),
           100 * printed->measuring.test_accuracy);
}

static const char *better_word(enum direction direction)
{
    return direction == DIRECTION_SMALLER  ? "smaller"
           : direction == DIRECTION_LARGER ? "larger"
                                           : "";
}

/* What helps to judge a value, where its name and that of real images do not say it. */
static const char *remark_on(struct arena *arena, const struct evaluation *evaluation,
                             enum measure measure)
{
    double value = evaluation->values[measure];
    switch (measure) {
    case MEASURE_FRECHET:
        return isfinite(value) && floor_of(evaluation) > 0
                   ? arena_printf(arena, "%.2f times the floor", value / floor_of(evaluation))
                   : NULL;
    case MEASURE_SCORE:
    case MEASURE_CLASSES:
        return arena_printf(arena, "of %d", evaluation->classes);
    case MEASURE_ENTROPY:
        return arena_printf(arena, "%.3f when even", log(evaluation->classes));
    default:
        return NULL;
    }
}

static void print_table(struct arena *arena, const struct evaluation *evaluation,
                        const struct terminal *terminal)
{
    static const struct table_column columns[] = {
        { "measure", .least = 7 },
        { "samples", .is_right = true },
        { "real", .is_right = true },
        { "better", .rank = 1 },
        { "", .rank = 2 },
    };
    enum { COLUMNS = ARRAY_SIZE(columns) };
    struct table_cell cells[MEASURE_COUNT * COLUMNS] = { { 0 } };
    int rows = 0;
    for (int m = 0; m < MEASURE_COUNT; m++) {
        const char *name = measure_name((enum measure)m);
        struct table_cell *row = &cells[rows * COLUMNS];
        if (!is_told(evaluation, (enum measure)m))
            continue;
        row[0].text = name;
        row[1].text = metric_format(arena, name, evaluation->values[m]);
        row[2].text = metric_format(arena, name, evaluation->real[m]);
        row[3].text = better_word(metric_direction(name, NULL));
        row[4].text = remark_on(arena, evaluation, (enum measure)m);
        rows++;
    }
    table_print(stdout, &(struct table){ columns, COLUMNS, cells, rows }, terminal);
}

/* How many samples were read as each class; a mark stands where each would have its even share. */
static void print_histogram(struct arena *arena, const struct evaluation *evaluation,
                            const struct terminal *terminal)
{
    enum { WIDEST = 72, HIGHEST = 16 };
    int classes = evaluation->classes;
    const char **labels = arena_alloc(arena, (size_t)classes, sizeof *labels);
    double *counts = arena_alloc(arena, (size_t)classes, sizeof *counts);
    double *even = arena_alloc(arena, (size_t)classes, sizeof *even);
    struct canvas canvas;
    for (int c = 0; c < classes; c++) {
        labels[c] = arena_printf(arena, "%d", c);
        counts[c] = (double)evaluation->histogram[c];
        even[c] = (double)evaluation->samples / classes;
    }
    printf("\nsamples read as each class\n");
    canvas_init(&canvas, MIN(terminal->columns, WIDEST), MIN(classes, HIGHEST));
    bars_draw(&canvas, canvas_bounds(&canvas),
              &(struct bars){ .labels = labels,
                              .values = counts,
                              .marks = even,
                              .count = classes,
                              .style = { .foreground = colour_ansi(2) } });
    canvas_print(&canvas, stdout, terminal);
    canvas_release(&canvas);
}

void print_evaluation(const struct printed_evaluation *printed)
{
    struct arena arena = { 0 };
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    print_head(&arena, printed);
    print_table(&arena, &printed->evaluation, &terminal);
    print_histogram(&arena, &printed->evaluation, &terminal);
    arena_release(&arena);
}

/* --- JSON --- */

static struct json *classifier_json(const struct printed_evaluation *printed)
{
    const struct classifier_facts *facts = &printed->measuring.classifier;
    struct json *object = json_new_object();
    json_set_integer(object, "version", facts->version);
    json_set_integer(object, "seed", (int64_t)facts->seed);
    json_set_string(object, "source", printed->measuring.data);
    json_set_string(object, "hash", facts->data);
    json_set_integer(object, "images", facts->images);
    json_set_number(object, "accuracy", printed->measuring.test_accuracy);
    json_set_integer(object, "test_images", printed->measuring.test_images);
    return object;
}

static void set_measures(struct json *object, const struct evaluation *evaluation,
                         const double *values)
{
    for (int m = 0; m < MEASURE_COUNT; m++)
        if (is_told(evaluation, (enum measure)m))
            json_set_number(object, measure_name((enum measure)m), values[m]);
}

struct json *evaluation_json(const struct printed_evaluation *printed)
{
    const struct evaluation *evaluation = &printed->evaluation;
    struct json *object = json_new_object(), *real = json_new_object(),
                *histogram = json_new_array();
    json_set_integer(object, "run", printed->run);
    json_set_integer(object, "step", printed->generator.step);
    json_set_integer(object, "samples", evaluation->samples);
    json_set_integer(object, "seed", printed->seed);
    json_set_string(object, "weights", printed->generator.is_averaged ? "averaged" : "raw");
    set_measures(object, evaluation, evaluation->values);
    json_set_number(object, "floor", floor_of(evaluation));
    set_measures(real, evaluation, evaluation->real);
    json_set(object, "real", real);
    for (int c = 0; c < evaluation->classes; c++)
        json_push_integer(histogram, evaluation->histogram[c]);
    json_set(object, "histogram", histogram);
    json_set(object, "classifier", classifier_json(printed));
    return object;
}
