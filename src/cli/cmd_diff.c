#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "print_beside.h"
#include "print_code.h"
#include "print_curves.h"
#include "json_out.h"
#include "stores.h"
#include "run/code.h"
#include "run/rundir.h"

static const struct command_option options[] = {
    { 0, "code", NULL, "Print the code only, as 'git apply' takes it.", false },
    { 0, "json", NULL, "Print a JSON object.", false },
};

/* --- code --- */

/* Into a stream, byte for byte. */
static int keep_line(void *context, enum code_line_kind kind, const char *text, size_t length)
{
    FILE *stream = context;
    (void)kind;
    fwrite(text, 1, length, stream);
    putc('\n', stream);
    return 0;
}

static int read_code(struct index *index, const struct index_run *run, struct run_facts *facts,
                     struct code_of *out)
{
    const struct store *store = &run->place->store;
    int error = run_read_facts(&index->arena, facts, store, run->number);
    *out = (struct code_of){ store, run->number, &facts->code };
    return error;
}

/* Of two runs; of one the second is its work tree. */
struct pair {
    struct run_facts facts[2];
    struct code_of code[2];
    const struct code_of *second;
};

static int read_pair(struct index *index, const struct index_run *runs, int count, struct pair *out)
{
    int error = 0;
    for (int i = 0; i < count && !error; i++)
        error = read_code(index, &runs[i], &out->facts[i], &out->code[i]);
    out->second = count > 1 ? &out->code[1] : NULL;
    return error;
}

static int print_code(struct index *index, const struct index_run *runs, int count,
                      bool has_text_above)
{
    struct pair pair;
    int changed = 0;
    int error = read_pair(index, runs, count, &pair);
    if (!error)
        error = code_print(&pair.code[0], pair.second, has_text_above, &changed);
    if (!error && changed == 0)
        fprintf(stderr, "%sno code differs%s\n", has_text_above ? "\n" : "",
                count > 1 ? "" : " from the work tree");
    return error;
}

/* {"files":2,"diff":"diff --git …"}, or {"missing":"why it cannot be compared"}. */
static struct json *code_differences(struct index *index, const struct index_run *runs, int count)
{
    struct json *object = json_new_object();
    struct pair pair;
    char *text = NULL;
    size_t size;
    int changed = 0;
    FILE *stream = open_memstream(&text, &size);
    int error = stream ? read_pair(index, runs, count, &pair)
                       : fail(ERR_IO, "cannot keep the differences in memory");
    if (!error)
        error = code_diff(&pair.code[0], pair.second, keep_line, stream, &changed);
    if (stream)
        fclose(stream);
    if (error) {
        json_set_string(object, "missing", error_text());
    } else {
        json_set_integer(object, "files", changed);
        json_set_string(object, "diff", text);
    }
    free(text);
    return object;
}

/* --- the whole --- */

struct differences {
    struct beside beside;
    struct beside_setting *settings;
    struct beside_metric *metrics;
    int setting_count, metric_count;
};

static int find_differences(struct index *index, const struct index_run *runs, int count,
                            struct differences *out)
{
    struct listed_run *listed = NULL;
    int error = index_list(index, runs, count, &listed);
    *out = (struct differences){ .beside = { .index = index, .runs = listed, .count = count } };
    if (!error)
        error = beside_settings(&out->beside, &out->settings, &out->setting_count);
    return error ? error : beside_metrics(&out->beside, &out->metrics, &out->metric_count);
}

/* Code that is not pinned any more hinders nothing else. */
static int print_all(struct index *index, const struct index_run *runs, int count)
{
    struct differences found;
    int error = find_differences(index, runs, count, &found);
    if (error)
        return error;
    beside_print_settings(&found.beside, found.settings, found.setting_count);
    error = print_code(index, runs, count, true);
    const char *why = error ? arena_strdup(&index->arena, error_text()) : NULL;
    beside_print_metrics(&found.beside, found.metrics, found.metric_count);
    return error ? fail(error, "%s", why) : 0;
}

static int print_json(struct index *index, const struct index_run *runs, int count)
{
    struct differences found;
    int error = find_differences(index, runs, count, &found);
    if (error)
        return error;
    struct json *root = json_new_object(), *numbers = json_new_array();
    for (int i = 0; i < count; i++)
        json_push_integer(numbers, runs[i].number);
    json_set(root, "runs", numbers);
    if (count > 1)
        json_set(root, "recipe",
                 beside_settings_json(&found.beside, found.settings, found.setting_count));
    json_set(root, "code", code_differences(index, runs, count));
    if (count > 1)
        json_set(root, "metrics",
                 beside_metrics_json(&found.beside, found.metrics, found.metric_count));
    json_put_out(root);
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count;
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    bool is_code_only = count == 1 || option_given(arguments, "code");
    int error = 0;
    if (count > 2)
        error = fail(ERR_INVALID, "it compares two runs ('gander compare' takes more)");
    else if (option_given(arguments, "json"))
        error = print_json(&index, runs, count);
    else
        error =
            is_code_only ? print_code(&index, runs, count, false) : print_all(&index, runs, count);
    if (error)
        status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_diff = {
    .name = "diff",
    .summary = "Show how recipe and code of runs differ",
    .operands = "RUN [RUN]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_stores = true,
    .details =
        "Of two runs print the recipe values that differ, the code that differs as a unified diff "
        "of what was pinned when each was launched, and the metrics. Of one run print how the work "
        "tree now differs from its code.",
    .run = run,
};
