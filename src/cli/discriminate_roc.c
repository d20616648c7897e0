#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "discriminate.h"
#include "draw/chart.h"
#include "draw/table.h"
#include "gan/corruption.h"
#include "gan/generator.h"
#include "gan/ranking.h"
#include "json_out.h"
#include "run/resolve.h"
#include "run/walk.h"

enum {
    USUAL_COUNT = 2000,
    POINTS = 101,
    BINS = 60,
    NOISE_STREAM = 1, /* of a seed of its own */
    LATENT_STREAM = 2,
    CHART_ROWS = 15,
};

/* Images of one origin and what D says of them. */
struct kind {
    const char *name;
    float *logits; /* (count), ascending */
    int count;
    struct ranking_spread spread;
    double auc; /* of the test images against them */
};

struct roc {
    struct judging *judging;
    struct arena *arena;
    int count; /* of images a kind */
    int64_t label;
    struct kind test, train;
    struct kind *others; /* samples, noise, images given */
    int other_count;
};

/* --- kinds --- */

static void judge_kind(struct roc *roc, struct kind *kind, const char *name, const uint8_t *images,
                       const int *labels, int count)
{
    *kind = (struct kind){ .name = name,
                           .count = count,
                           .logits = arena_alloc(roc->arena, (size_t)count, sizeof(float)) };
    judging_logits(roc->judging, images, labels, count, kind->logits);
    kind->spread = ranking_spread(kind->logits, count);
    ranking_sort(kind->logits, count);
    kind->auc = roc->test.count > 0
                    ? ranking_auc(roc->test.logits, roc->test.count, kind->logits, count)
                    : NAN;
}

static void judge_set(struct roc *roc, struct kind *kind, const char *name,
                      const struct dataset *set)
{
    int count = MIN(roc->count, set->count);
    int *labels = judging_set_labels(roc->judging, set, count);
    judge_kind(roc, kind, name, set->pixels, labels, count);
    free(labels);
}

/* Images whose classes nobody has told. */
static int judge_unlabelled(struct roc *roc, const char *name, const uint8_t *images, int count)
{
    int *labels;
    int error = judging_labels(roc->judging, images, count, roc->label, &labels);
    if (error)
        return error;
    judge_kind(roc, &roc->others[roc->other_count++], name, images, labels, count);
    free(labels);
    return 0;
}

static void judge_noise(struct roc *roc)
{
    const struct judge_facts *facts = &roc->judging->facts;
    size_t bytes = (size_t)roc->count * (size_t)facts->height * (size_t)facts->width;
    uint8_t *images = xcalloc(bytes, 1);
    int *labels = facts->classes > 0 ? xcalloc((size_t)roc->count, sizeof *labels) : NULL;
    struct random random;
    random_seed(&random, 1, NOISE_STREAM);
    for (size_t i = 0; i < bytes; i++)
        images[i] = (uint8_t)random_below(&random, 256);
    for (int i = 0; labels && i < roc->count; i++)
        labels[i] = i % facts->classes;
    judge_kind(roc, &roc->others[roc->other_count++], "noise", images, labels, roc->count);
    free(labels);
    free(images);
}

/* What a generator drew; its own classes where both networks know as many. */
static int judge_drawn(struct roc *roc, const char *name, struct generator *generator,
                       uint64_t seed)
{
    struct generator_facts made = generator_facts(generator);
    const struct judge_facts *judged = &roc->judging->facts;
    if (made.height != judged->height || made.width != judged->width)
        return fail(ERR_INVALID, "%s: %dx%d pixels, where D judges %dx%d", name, made.width,
                    made.height, judged->width, judged->height);
    uint8_t *images = xcalloc((size_t)roc->count, (size_t)made.height * (size_t)made.width);
    int *labels = NULL, error = 0;
    generator_draw_seeded(generator, seed, -1, roc->count, images);
    if (judged->classes > 0 && made.classes == judged->classes) {
        labels = xcalloc((size_t)roc->count, sizeof *labels);
        for (int i = 0; i < roc->count; i++)
            labels[i] = i % made.classes;
    } else {
        error = judging_labels(roc->judging, images, roc->count, -1, &labels);
    }
    if (!error)
        judge_kind(roc, &roc->others[roc->other_count++], name, images, labels, roc->count);
    free(labels);
    free(images);
    return error;
}

/* What the generator of an image-to-image run makes of the first test images, in turn as D judges
 * them. */
static void judge_restored(struct roc *roc, struct generator *generator)
{
    const struct dataset *test = roc->judging->test;
    struct generator_facts made = generator_facts(generator);
    int count = MIN(roc->count, test->count);
    size_t area = (size_t)made.height * (size_t)made.width, latent = (size_t)made.latent;
    float *real = arena_alloc(roc->arena, (size_t)count * area, sizeof *real);
    float *conditions = arena_alloc(roc->arena, (size_t)count * area, sizeof *real);
    float *is_made = arena_alloc(roc->arena, (size_t)count * area, sizeof *real);
    float *drawn = arena_alloc(roc->arena, (size_t)count * area, sizeof *real);
    float *latents = arena_alloc(roc->arena, (size_t)count * latent, sizeof *real);
    uint8_t *images = arena_alloc(roc->arena, (size_t)count, area);
    int *labels = judging_set_labels(roc->judging, test, count);
    struct random random;
    random_seed(&random, 1, LATENT_STREAM);
    random_fill_normal(&random, latents, (size_t)count * latent);
    for (int i = 0; i < count; i++) {
        size_t at = (size_t)i * area;
        uint32_t index = (uint32_t)i;
        dataset_batch(test, &index, 1, real + at, NULL);
        corruption_apply(corruption_choice(made.corruption, i), real + at, made.height, made.width,
                         conditions + at, is_made + at);
    }
    generator_draw_from(generator, &(struct generator_input){ latents, labels, conditions }, count,
                        NULL, drawn);
    corruption_restore(drawn, real, is_made, (size_t)count * area);
    pixels_to_bytes(drawn, images, (size_t)count * area);
    judge_kind(roc, &roc->others[roc->other_count++], "own samples", images, labels, count);
    free(labels);
}

static int judge_own_samples(struct roc *roc)
{
    const struct recipe *recipe = &roc->judging->recipe;
    struct generator *generator;
    int error = generator_open(&generator, recipe, roc->judging->snapshots[0].path);
    if (error)
        return error;
    if (generator_facts(generator).corruption != CORRUPTION_NONE)
        judge_restored(roc, generator);
    else
        error = judge_drawn(roc, "own samples", generator, (uint64_t)recipe->training.seed);
    generator_close(generator);
    return error;
}

static int judge_samples_of(struct roc *roc, const char *operand)
{
    const struct store *store = &roc->judging->place.store;
    struct recipe recipe;
    struct generator *generator;
    struct run_file checkpoint;
    int64_t number;
    int error = run_resolve(store, operand, &number);
    if (error)
        return error;
    char *directory = store_run_directory(roc->arena, store, number);
    const char *name = arena_printf(roc->arena, "samples of run %lld", (long long)number);
    error = run_newest_checkpoint(roc->arena, directory, -1, &checkpoint, NULL);
    if (!error)
        error = recipe_read(&recipe, path_join(roc->arena, directory, "recipe.ini"), NULL, 0);
    if (error)
        return error;
    error = walk_check_recipe(&recipe, number);
    if (!error)
        error = generator_open(&generator, &recipe, checkpoint.path);
    if (!error) {
        error = judge_drawn(roc, name, generator, (uint64_t)recipe.training.seed);
        generator_close(generator);
    }
    recipe_release(&recipe);
    return error;
}

static int judge_file(struct roc *roc, const char *path, const struct frame *frame)
{
    struct given given;
    int error = given_read(&given, path, frame, roc->count);
    if (error)
        return error;
    error = judge_unlabelled(roc, text_clean(roc->arena, path, strlen(path)), given.pixels,
                             given.count);
    given_release(&given);
    return error;
}

static int judge_kinds(struct roc *roc, const struct discriminate_wish *wish)
{
    struct judging *judging = roc->judging;
    struct frame frame = frame_of(judging->test);
    int error = judging_open_train(judging);
    if (error)
        return error;
    roc->others = arena_alloc(roc->arena, (size_t)(2 + wish->against_count + wish->path_count),
                              sizeof *roc->others);
    judge_set(roc, &roc->test, "test images", judging->test);
    judge_set(roc, &roc->train, "training images", judging->train);
    error = judge_own_samples(roc);
    for (int i = 0; i < wish->against_count && !error; i++)
        error = judge_samples_of(roc, wish->against[i]);
    for (int i = 0; i < wish->path_count && !error; i++)
        error = judge_file(roc, wish->paths[i], &frame);
    if (!error)
        judge_noise(roc);
    return error;
}

/* How many deviations of the test images the training images lie above them. */
static double overfit_gap(const struct roc *roc)
{
    return (roc->train.spread.mean - roc->test.spread.mean) / roc->test.spread.deviation;
}

/* --- words and charts --- */

static void fill_row(const struct roc *roc, const struct kind *kind, struct table_cell *cells)
{
    cells[0].text = kind->name;
    cells[1].text = format_count(roc->arena, kind->count);
    cells[2].text = isfinite(kind->auc) ? arena_printf(roc->arena, "%.3f", kind->auc) : "";
    cells[3].text = arena_printf(roc->arena, "%.3f", kind->spread.mean);
    cells[4].text = arena_printf(roc->arena, "%.3f", kind->spread.deviation);
}

static void print_table(const struct roc *roc)
{
    static const struct table_column columns[] = {
        { .title = "images", .least = 10 },         { .title = "count", .is_right = true },
        { .title = "AUC", .is_right = true },       { .title = "mean logit", .is_right = true },
        { .title = "deviation", .is_right = true },
    };
    enum { COLUMNS = ARRAY_SIZE(columns) };
    struct terminal terminal;
    int rows = 2 + roc->other_count;
    struct table_cell *cells = arena_alloc(roc->arena, (size_t)rows * COLUMNS, sizeof *cells);
    fill_row(roc, &roc->test, cells);
    fill_row(roc, &roc->train, cells + COLUMNS);
    for (int i = 0; i < roc->other_count; i++)
        fill_row(roc, &roc->others[i], cells + (size_t)(2 + i) * COLUMNS);
    struct table table = { columns, COLUMNS, cells, rows };
    terminal_probe(&terminal, stdout);
    table_print(stdout, &table, &terminal);
}

/* The chart's own legend has last values, which say nothing here. */
static void draw_legend(struct canvas *canvas, const struct chart *chart, enum chart_glyphs glyphs)
{
    int x = 0, y = canvas->height - 1;
    for (int i = 0; i < chart->series_count; i++) {
        const struct chart_series *series = &chart->series[i];
        canvas_put(canvas, x, y, chart_marker(series->look, glyphs), chart_style(series->look));
        x += 2 + canvas_text(canvas, (struct rect){ x + 2, y, canvas->width - x - 2, 1 },
                             series->name, (struct style){ 0 });
        x += 3;
    }
}

static void print_chart(const struct chart *chart)
{
    struct terminal terminal;
    struct canvas canvas;
    terminal_probe(&terminal, stdout);
    enum chart_glyphs glyphs = chart_glyphs_for(&terminal);
    canvas_init(&canvas, terminal.columns, CHART_ROWS + 1);
    chart_draw(&canvas, (struct rect){ 0, 0, canvas.width, CHART_ROWS }, chart, glyphs);
    draw_legend(&canvas, chart, glyphs);
    canvas_print(&canvas, stdout, &terminal);
    canvas_release(&canvas);
}

static void print_curves(const struct roc *roc)
{
    struct chart_series *series = arena_alloc(roc->arena, (size_t)roc->other_count, sizeof *series);
    for (int i = 0; i < roc->other_count; i++) {
        double *false_alarms = arena_alloc(roc->arena, POINTS, sizeof *false_alarms);
        double *hits = arena_alloc(roc->arena, POINTS, sizeof *hits);
        ranking_roc(roc->test.logits, roc->test.count, roc->others[i].logits, roc->others[i].count,
                    POINTS, false_alarms, hits);
        series[i] = (struct chart_series){ .name = roc->others[i].name,
                                           .x = false_alarms,
                                           .mean = hits,
                                           .count = POINTS,
                                           .look = i + 3 };
    }
    print_chart(&(struct chart){ .title = "taken for real: test images, over others",
                                 .x_title = "others",
                                 .series = series,
                                 .series_count = roc->other_count,
                                 .x = { 0, 1 },
                                 .y = { 0, 1 },
                                 .legend = CHART_LEGEND_NONE,
                                 .hides_bands = true });
}

/* From the lowest to the highest percentile of all that is shown. */
static void find_range(const struct roc *roc, double *low, double *high)
{
    enum { TAIL = 200 };
    const struct kind *kinds[] = { &roc->test, &roc->train, &roc->others[0] };
    *low = INFINITY, *high = -INFINITY;
    for (int i = 0; i < ARRAY_SIZE(kinds); i++) {
        int tail = kinds[i]->count / TAIL;
        *low = fmin(*low, (double)kinds[i]->logits[tail]);
        *high = fmax(*high, (double)kinds[i]->logits[kinds[i]->count - 1 - tail]);
    }
    if (!(*high > *low))
        *high = *low + 1;
}

static void print_histograms(const struct roc *roc)
{
    const struct kind *kinds[] = { &roc->test, &roc->train, &roc->others[0] };
    struct chart_series series[ARRAY_SIZE(kinds)];
    double x[BINS], low, high;
    find_range(roc, &low, &high);
    for (int b = 0; b < BINS; b++)
        x[b] = low + (b + 0.5) * (high - low) / BINS;
    for (int i = 0; i < ARRAY_SIZE(kinds); i++) {
        double *shares = arena_alloc(roc->arena, BINS, sizeof *shares);
        ranking_histogram(kinds[i]->logits, kinds[i]->count, low, high, BINS, shares);
        series[i] = (struct chart_series){
            .name = kinds[i]->name, .x = x, .mean = shares, .count = BINS, .look = i + 1
        };
    }
    print_chart(&(struct chart){ .title = "how often D gives each logit",
                                 .x_title = "logit",
                                 .series = series,
                                 .series_count = ARRAY_SIZE(kinds),
                                 .y = { 0, NAN },
                                 .legend = CHART_LEGEND_NONE,
                                 .hides_bands = true });
}

static void print_words(const struct roc *roc)
{
    printf("%s tells real images from others\n\n", discriminate_title(roc->judging));
    print_table(roc);
    putchar('\n');
    print_curves(roc);
    putchar('\n');
    print_histograms(roc);
    printf("\nAUC: how often a test image has the larger logit; 0.5 is chance\n"
           "overfit gap: training images lie %.2f deviations %s the test images\n",
           fabs(overfit_gap(roc)), overfit_gap(roc) < 0 ? "below" : "above");
}

/* --- JSON --- */

static struct json *kind_json(const struct kind *kind)
{
    struct json *object = json_new_object();
    json_set_string(object, "images", kind->name);
    json_set_integer(object, "count", kind->count);
    json_set_number(object, "mean_logit", kind->spread.mean);
    json_set_number(object, "deviation", kind->spread.deviation);
    if (isfinite(kind->auc))
        json_set_number(object, "auc", kind->auc);
    return object;
}

/* [false alarms, hits] */
static struct json *curve_json(const struct roc *roc, const struct kind *kind)
{
    struct json *curve = json_new_array();
    double false_alarms[POINTS], hits[POINTS];
    ranking_roc(roc->test.logits, roc->test.count, kind->logits, kind->count, POINTS, false_alarms,
                hits);
    for (int i = 0; i < POINTS; i++) {
        struct json *point = json_new_array();
        json_push_number(point, false_alarms[i]);
        json_push_number(point, hits[i]);
        json_push(curve, point);
    }
    return curve;
}

static void print_json(const struct roc *roc)
{
    struct json *object = json_new_object(), *others = json_new_array();
    json_set_integer(object, "run", roc->judging->place.number);
    json_set_integer(object, "step", roc->judging->snapshots[0].step);
    json_set(object, "test", kind_json(&roc->test));
    json_set(object, "train", kind_json(&roc->train));
    json_set_number(object, "overfit_gap", overfit_gap(roc));
    for (int i = 0; i < roc->other_count; i++) {
        struct json *other = kind_json(&roc->others[i]);
        json_set(other, "roc", curve_json(roc, &roc->others[i]));
        json_push(others, other);
    }
    json_set(object, "others", others);
    json_put_out(object);
}

int discriminate_roc(struct judging *judging, const struct discriminate_wish *wish)
{
    struct roc roc = { .judging = judging,
                       .arena = &judging->place.arena,
                       .count = (int)(wish->count < 0 ? USUAL_COUNT : wish->count),
                       .label = wish->label };
    int error = judge_kinds(&roc, wish);
    if (!error && wish->is_json)
        print_json(&roc);
    else if (!error)
        print_words(&roc);
    return error;
}
