/* What there is of each kind of argument. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "complete.h"
#include "data/dataset.h"
#include "draw/picture.h"
#include "record/metric.h"
#include "record/recipe.h"
#include "run/sweep.h"
#include "show/run_table.h"

enum { MOST_RUNS = 200, MOST_WORDS = 500, MOST_METRICS = 1000 };

void completion_words(struct completion *completion, enum catalogue_word which, char ***words,
                      int *count)
{
    struct catalogue *catalogue = completion_catalogue(completion);
    if (!catalogue ||
        catalogue_words(catalogue, &completion->arena, which, MOST_WORDS, words, count) < 0)
        *count = 0;
}

void offer_words(struct completion *completion, enum catalogue_word which, const char *description)
{
    char **words;
    int count;
    completion_words(completion, which, &words, &count);
    for (int i = 0; i < count; i++)
        offer(completion, words[i], description);
}

void offer_metrics(struct completion *completion, const char *ending)
{
    struct catalogue *catalogue = completion_catalogue(completion);
    struct arena *arena = &completion->arena;
    char **names;
    int count;
    if (!catalogue || catalogue_metric_names(catalogue, arena, &names, &count) < 0)
        return;
    for (int i = 0; i < MIN(count, MOST_METRICS); i++) {
        const struct metric_row *row = metric_find(names[i]);
        offer(completion, arena_printf(arena, "%s%s", names[i], ending),
              row ? row->help : "metric");
    }
}

void offer_keys(struct completion *completion, const char *ending)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        offer(completion, arena_printf(&completion->arena, "%s%s", fields[i].key, ending),
              fields[i].help);
}

/* --- runs --- */

/* "digits, finished, 2d" */
static const char *describe(struct completion *completion, int64_t number)
{
    struct arena *arena = &completion->arena;
    struct run_row row;
    if (catalogue_run(completion->catalogue, arena, number, completion->now, &row) < 0)
        return "";
    return arena_printf(arena, "%s%s%s, %s, %s", row.experiment, row.name ? " " : "",
                        row.name ? row.name : "", run_state_word(&row),
                        format_age(arena, completion->now - row.created));
}

/* The newest first, and not more than anybody reads. */
static void offer_numbers(struct completion *completion)
{
    struct arena *arena = &completion->arena;
    int64_t *numbers;
    int count, offered = 0;
    if (store_runs(&completion->store, &numbers, &count) < 0)
        count = 0;
    for (int i = count - 1; i >= 0 && offered < MOST_RUNS; i--) {
        const char *text = arena_printf(arena, "%lld", (long long)numbers[i]);
        if (strncmp(text, completion->typed, strlen(completion->typed)) != 0)
            continue;
        offer(completion, text, describe(completion, numbers[i]));
        offered++;
    }
    free(numbers);
}

static void offer_newest_of_experiments(struct completion *completion)
{
    struct arena *arena = &completion->arena;
    char **words;
    int count;
    completion_words(completion, WORD_EXPERIMENT, &words, &count);
    for (int i = 0; i < count; i++)
        if (*words[i])
            offer(completion, arena_printf(arena, "exp:%s@", words[i]), "its newest run");
}

static void complete_runs(struct completion *completion)
{
    if (!completion_catalogue(completion))
        return;
    offer_numbers(completion);
    offer(completion, "@", "the newest");
    offer_words(completion, WORD_NAME, "name of a run");
    offer_newest_of_experiments(completion);
}

/* --- recipes --- */

static void complete_sources(struct completion *completion)
{
    offer(completion, "digits", "built in");
    for (int i = 0; i < DATASET_NAMES; i++)
        offer(completion, dataset_names[i], "fetched by 'gander fetch'");
}

static void complete_sources_and_directories(struct completion *completion)
{
    complete_sources(completion);
    fputs("\tdirectories\n", completion->stream);
}

static void complete_value(struct completion *completion, const struct recipe_field *field)
{
    for (int i = 0; field->choices && field->choices[i]; i++)
        offer(completion, field->choices[i],
              field->fallback && strcmp(field->choices[i], field->fallback) == 0 ? "the default"
                                                                                 : "");
    if (strcmp(field->key, "data.source") == 0)
        complete_sources_and_directories(completion);
    else if (strcmp(field->key, "experiment.name") == 0)
        offer_words(completion, WORD_EXPERIMENT, "experiment");
    else if (!field->choices && field->fallback && *field->fallback)
        offer(completion, field->fallback, "the default");
}

/* "training.rate=1e-4" */
static void complete_settings(struct completion *completion)
{
    const char *equals = strchr(completion->typed, '=');
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    if (!equals) {
        offer_keys(completion, "=");
        return;
    }
    size_t length = (size_t)(equals - completion->typed);
    for (int i = 0; i < count; i++)
        if (strlen(fields[i].key) == length &&
            memcmp(fields[i].key, completion->typed, length) == 0) {
            complete_from(completion, equals + 1);
            complete_value(completion, &fields[i]);
            return;
        }
}

/* --- columns --- */

static void complete_columns(struct completion *completion)
{
    for (int i = 0; run_column_name(i); i++)
        offer(completion, run_column_name(i), "column");
    offer_metrics(completion, "");
    offer_keys(completion, "");
}

static void complete_sort_columns(struct completion *completion)
{
    for (int i = 0; catalogue_sort_columns[i]; i++)
        offer(completion, catalogue_sort_columns[i], "column");
    offer_metrics(completion, "");
    offer_keys(completion, "");
}

/* "run,state,…": the last of them. */
static void complete_column_list(struct completion *completion)
{
    const char *comma = strrchr(completion->typed, ',');
    if (comma)
        complete_from(completion, comma + 1);
    complete_columns(completion);
}

/* --- others --- */

static void complete_metrics(struct completion *completion)
{
    offer_metrics(completion, "");
}

static void complete_commands(struct completion *completion)
{
    for (int i = 0; commands[i]; i++)
        if (!commands[i]->is_plumbing)
            offer(completion, commands[i]->name, commands[i]->summary);
}

static void complete_sets(struct completion *completion)
{
    for (int i = 0; i < DATASET_NAMES; i++)
        offer(completion, dataset_names[i], "data set");
}

static void complete_experiments(struct completion *completion)
{
    offer_words(completion, WORD_EXPERIMENT, "experiment");
}

static void complete_tags(struct completion *completion)
{
    offer_words(completion, WORD_TAG, "tag");
}

static void complete_modes(struct completion *completion)
{
    for (const char *const *name = picture_mode_names(); *name; name++)
        offer(completion, *name, "");
}

static void complete_axes(struct completion *completion)
{
    offer(completion, "step", "");
    offer(completion, "epoch", "passes over the data");
    offer(completion, "time", "hours of work");
    offer(completion, "clock", "when it was");
}

static void offer_list(struct completion *completion, const char *const *words)
{
    for (; *words; words++)
        offer(completion, *words, "");
}

static void complete_export_formats(struct completion *completion)
{
    static const char *const formats[] = { "archive",  "tensorboard", "csv",  "jsonl",
                                           "markdown", "latex",       "onnx", NULL };
    offer_list(completion, formats);
}

static void complete_import_formats(struct completion *completion)
{
    static const char *const formats[] = { "archive", "tensorboard", "csv", NULL };
    offer_list(completion, formats);
}

static void complete_checkpoints(struct completion *completion)
{
    static const char *const which[] = { "all", "newest", "none", NULL };
    offer_list(completion, which);
}

static void complete_bisect_actions(struct completion *completion)
{
    offer(completion, "resume", "go on with one that was broken off");
}

static void complete_bisects(struct completion *completion)
{
    struct arena *arena = &completion->arena;
    char **names;
    int count;
    if (!completion_catalogue(completion))
        return;
    const char *folder = path_join(arena, completion->store.path, "bisects");
    if (list_directory(arena, folder, "", &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++)
        offer(completion, names[i], "");
}

static void complete_shells(struct completion *completion)
{
    offer(completion, "bash", "");
    offer(completion, "zsh", "");
    offer(completion, "fish", "");
}

static void complete_places(struct completion *completion)
{
    offer(completion, "local", "here, in the background");
    offer(completion, "slurm", "as a job");
}

static void complete_files(struct completion *completion)
{
    fputs("\tfiles\n", completion->stream);
}

static void complete_sweep_actions(struct completion *completion)
{
    offer(completion, "show", "what has come of a sweep");
    offer(completion, "ls", "all sweeps");
    offer(completion, "resume", "run what is missing or failed");
    offer(completion, "stop", "begin no more, stop its runs");
    offer(completion, "wait", "until there is nothing left to do");
    complete_files(completion);
}

static void complete_sweeps(struct completion *completion)
{
    char **names;
    int count;
    if (!completion_catalogue(completion) ||
        sweep_list(&completion->arena, &completion->store, &names, &count) < 0)
        count = 0;
    for (int i = 0; i < count; i++)
        offer(completion, names[i], "sweep");
    complete_settings(completion);
}

static void complete_directories(struct completion *completion)
{
    fputs("\tdirectories\n", completion->stream);
}

static const struct {
    const char *name;
    void (*complete)(struct completion *completion);
} kinds[] = {
    { "RUN", complete_runs },
    { "FILTER", complete_filter },
    { "METRIC", complete_metrics },
    { "COLUMN", complete_sort_columns },
    { "LIST", complete_column_list },
    { "EXPERIMENT", complete_experiments },
    { "TAG", complete_tags },
    { "KEY=VALUE", complete_settings },
    { "KEY", complete_settings },
    { "SOURCE", complete_sources_and_directories },
    { "SET", complete_sets },
    { "RECIPE", complete_files },
    { "FILE", complete_files },
    { "IMAGE", complete_files },
    { "DIR", complete_directories },
    { "COMMAND", complete_commands },
    { "SHELL", complete_shells },
    { "MODE", complete_modes },
    { "WHERE", complete_places },
    { "AXIS", complete_axes },
    { "RECIPE|ACTION", complete_sweep_actions },
    { "KEY=VALUES|SWEEP", complete_sweeps },
    { "FORMAT", complete_export_formats },
    { "SORT", complete_import_formats },
    { "WHICH", complete_checkpoints },
    { "ACTION", complete_bisect_actions },
    { "BISECT", complete_bisects },
    { "WHERE", complete_places },
};

void complete_kind(struct completion *completion, const char *kind)
{
    for (int i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strcmp(kinds[i].name, kind) == 0)
            kinds[i].complete(completion);
}
