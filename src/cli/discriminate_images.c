#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "discriminate.h"
#include "draw/table.h"
#include "gan/objective.h"
#include "gan/ranking.h"
#include "json_out.h"

enum { USUAL_COUNT = 20 };
static const double unlike_percent = 1;

struct verdict {
    double logit, percentile, probability; /* percentile: from 0 to 100 */
    int class;                             /* that the classifier reads; -1: there is none */
    double confidence;
    int label; /* that D was told; -1: none */
};

/* Images of one file. */
struct judged {
    const char *path, *note; /* note: what was done to them, or NULL */
    struct given given;
    struct verdict *verdicts; /* (given.count) */
};

/* --- judging --- */

/* Of the test images, ascending; malloc'ed. */
static float *judge_real(struct judging *judging)
{
    const struct dataset *test = judging->test;
    int *labels = judging_set_labels(judging, test, test->count);
    float *logits = xcalloc((size_t)test->count, sizeof *logits);
    judging_logits(judging, test->pixels, labels, test->count, logits);
    ranking_sort(logits, test->count);
    free(labels);
    return logits;
}

static int judge_file(struct judging *judging, struct judged *judged, const float *real,
                      int64_t label)
{
    int count = judged->given.count, *labels;
    int error = judging_labels(judging, judged->given.pixels, count, label, &labels);
    if (error)
        return error;
    float *logits = xcalloc((size_t)count, sizeof *logits);
    judging_logits(judging, judged->given.pixels, labels, count, logits);
    for (int i = 0; i < count; i++) {
        struct verdict *verdict = &judged->verdicts[i];
        verdict->logit = (double)logits[i];
        verdict->percentile = 100 * ranking_share_below(real, judging->test->count, logits[i]);
        verdict->probability = sigmoid(verdict->logit);
        verdict->label = labels ? labels[i] : -1;
    }
    free(logits);
    free(labels);
    return 0;
}

static void read_classes(struct judging *judging, struct judged *judged)
{
    int count = judged->given.count;
    if (!judging->classifier) {
        for (int i = 0; i < count; i++)
            judged->verdicts[i].class = -1;
        return;
    }
    int classes = classifier_facts(judging->classifier).classes;
    float *probabilities = xcalloc((size_t)count * (size_t)classes, sizeof *probabilities);
    classifier_read(judging->classifier, judged->given.pixels, count, NULL, probabilities);
    for (int i = 0; i < count; i++) {
        const float *of_image = probabilities + (size_t)i * (size_t)classes;
        judged->verdicts[i].class = classifier_verdict(of_image, classes);
        judged->verdicts[i].confidence = (double)of_image[judged->verdicts[i].class];
    }
    free(probabilities);
}

static int judge_all(struct judging *judging, const struct discriminate_wish *wish,
                     struct judged *files)
{
    struct frame frame = frame_of(judging->test);
    float *real = judge_real(judging);
    int error = 0;
    for (int i = 0; i < wish->path_count && !error; i++) {
        struct judged *judged = &files[i];
        if ((error = given_read(&judged->given, wish->paths[i], &frame, 0)) < 0)
            break;
        judged->path = wish->paths[i];
        judged->note = given_note(&judging->place.arena, &judged->given, &frame);
        judged->verdicts = xcalloc((size_t)judged->given.count, sizeof *judged->verdicts);
        read_classes(judging, judged);
        error = judge_file(judging, judged, real, wish->label);
    }
    free(real);
    return error;
}

/* --- the table --- */

static struct table_cell *fill_row(struct judging *judging, const struct judged *judged, int index,
                                   struct table_cell *cell)
{
    struct arena *arena = &judging->place.arena;
    const struct verdict *verdict = &judged->verdicts[index];
    const char *name = text_clean(arena, judged->path, strlen(judged->path));
    (cell++)->text =
        judged->given.is_idx ? arena_printf(arena, "#%d %s", index, path_base(name)) : name;
    (cell++)->text = arena_printf(arena, "%.3f", verdict->logit);
    (cell++)->text = arena_printf(arena, "%.1f", verdict->percentile);
    if (judging_is_probability(judging))
        (cell++)->text = arena_printf(arena, "%.3f", verdict->probability);
    if (judging->facts.classes > 0)
        (cell++)->text = arena_printf(arena, "%d", verdict->label);
    if (judging->classifier)
        (cell++)->text =
            arena_printf(arena, "%d (%.1f %%)", verdict->class, 100 * verdict->confidence);
    (cell++)->text = verdict->percentile < unlike_percent ? "unlike the training data" : "";
    return cell;
}

static int fill_columns(const struct judging *judging, struct table_column *column)
{
    struct table_column *first = column;
    *column++ = (struct table_column){ .title = "image", .least = 8 };
    *column++ = (struct table_column){ .title = "logit", .is_right = true };
    *column++ = (struct table_column){ .title = "percentile", .is_right = true };
    if (judging_is_probability(judging))
        *column++ = (struct table_column){ .title = "D(x)", .is_right = true };
    if (judging->facts.classes > 0)
        *column++ = (struct table_column){ .title = "told", .is_right = true };
    if (judging->classifier)
        *column++ = (struct table_column){ .title = "read as", .is_right = true };
    *column++ = (struct table_column){ .title = "", .least = 0 };
    return (int)(column - first);
}

static void print_table(struct judging *judging, const struct judged *files, int count, int listed)
{
    enum { COLUMNS = 7 };
    struct terminal terminal;
    struct table_column columns[COLUMNS];
    int rows = 0, width = fill_columns(judging, columns);
    for (int i = 0; i < count; i++)
        rows += MIN(files[i].given.count, listed);
    struct table_cell *cells =
        arena_alloc(&judging->place.arena, (size_t)rows * (size_t)width, sizeof *cells);
    struct table_cell *next = cells;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < MIN(files[i].given.count, listed); j++)
            next = fill_row(judging, &files[i], j, next);
    struct table table = { columns, width, cells, rows };
    terminal_probe(&terminal, stdout);
    table_print(stdout, &table, &terminal);
}

/* What holds of a file as a whole. */
struct summary {
    double mean_percentile, unlike; /* unlike: a share */
};

static struct summary summarise(const struct judged *judged)
{
    struct summary summary = { 0, 0 };
    for (int i = 0; i < judged->given.count; i++) {
        const struct verdict *verdict = &judged->verdicts[i];
        summary.mean_percentile += verdict->percentile / judged->given.count;
        summary.unlike += (verdict->percentile < unlike_percent) / (double)judged->given.count;
    }
    return summary;
}

static void print_files(struct judging *judging, const struct judged *files, int count, int listed)
{
    struct arena *arena = &judging->place.arena;
    for (int i = 0; i < count; i++) {
        const struct judged *judged = &files[i];
        const char *name = text_clean(arena, judged->path, strlen(judged->path));
        if (judged->note)
            printf("note: '%s': %s\n", name, judged->note);
        if (!judged->given.is_idx)
            continue;
        struct summary summary = summarise(judged);
        printf("'%s': %s images%s, mean percentile %.1f (of real images 50), %.1f %% unlike the "
               "training data (1 %%)\n",
               name, format_count(arena, judged->given.count),
               judged->given.count > listed
                   ? arena_printf(arena, ", %s listed", format_count(arena, listed))
                   : "",
               summary.mean_percentile, 100 * summary.unlike);
    }
}

static void print_words(struct judging *judging, const struct judged *files, int count, int listed)
{
    struct arena *arena = &judging->place.arena;
    const char *objective = objective_name((enum objective)judging->recipe.training.objective);
    printf("%s, beside %s test images of '%s'\n\n", discriminate_title(judging),
           format_count(arena, judging->test->count),
           text_clean(arena, judging->test->source, strlen(judging->test->source)));
    print_table(judging, files, count, listed);
    putchar('\n');
    print_files(judging, files, count, listed);
    printf("percentile: how many of 100 test images D finds less real\n");
    if (judging_is_probability(judging))
        puts("D(x): D's probability of real, against this run's own samples only");
    else
        printf("D(x) is left out: with the objective %s, the logit of D is no probability\n",
               objective);
    if (!judging->classifier)
        puts("no classifier has read them: the store has none of these data yet (--train)");
}

/* --- JSON --- */

static struct json *verdict_json(const struct judging *judging, const struct verdict *verdict)
{
    struct json *object = json_new_object();
    json_set_number(object, "logit", verdict->logit);
    json_set_number(object, "percentile", verdict->percentile);
    json_set_bool(object, "unlike", verdict->percentile < unlike_percent);
    if (judging_is_probability(judging))
        json_set_number(object, "probability", verdict->probability);
    if (verdict->label >= 0)
        json_set_integer(object, "label", verdict->label);
    if (verdict->class >= 0) {
        json_set_integer(object, "class", verdict->class);
        json_set_number(object, "confidence", verdict->confidence);
    }
    return object;
}

static struct json *file_json(const struct judging *judging, const struct judged *judged)
{
    struct json *object = json_new_object(), *images = json_new_array();
    struct summary summary = summarise(judged);
    json_set_string(object, "file", judged->path);
    json_set_integer(object, "width", judged->given.width);
    json_set_integer(object, "height", judged->given.height);
    json_set_bool(object, "inverted", judged->given.is_inverted);
    json_set_bool(object, "resized", judged->given.is_resized);
    json_set_number(object, "mean_percentile", summary.mean_percentile);
    json_set_number(object, "unlike_share", summary.unlike);
    for (int i = 0; i < judged->given.count; i++)
        json_push(images, verdict_json(judging, &judged->verdicts[i]));
    json_set(object, "images", images);
    return object;
}

static void print_json(const struct judging *judging, const struct judged *files, int count)
{
    struct json *object = json_new_object(), *list = json_new_array(), *steps = json_new_array();
    for (int i = 0; i < judging->snapshot_count; i++)
        json_push_integer(steps, judging->snapshots[i].step);
    for (int i = 0; i < count; i++)
        json_push(list, file_json(judging, &files[i]));
    json_set_integer(object, "run", judging->place.number);
    json_set(object, "steps", steps);
    json_set_string(object, "objective",
                    objective_name((enum objective)judging->recipe.training.objective));
    json_set_string(object, "data", judging->test->source);
    json_set_integer(object, "real_images", judging->test->count);
    json_set(object, "files", list);
    json_put_out(object);
}

int discriminate_images(struct judging *judging, const struct discriminate_wish *wish)
{
    struct judged *files = xcalloc((size_t)wish->path_count, sizeof *files);
    int error = judge_all(judging, wish, files);
    if (!error && wish->is_json)
        print_json(judging, files, wish->path_count);
    else if (!error)
        print_words(judging, files, wish->path_count,
                    (int)(wish->count < 0 ? USUAL_COUNT : wish->count));
    for (int i = 0; i < wish->path_count; i++) {
        given_release(&files[i].given);
        free(files[i].verdicts);
    }
    free(files);
    return error;
}
