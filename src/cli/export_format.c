#include "export_format.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "exchange/table.h"
#include "exchange/tensorboard.h"
#include "exchanged.h"
#include "export_onnx.h"
#include "run/rundir.h"
#include "stores.h"

static const char *const format_names[] = {
    [EXPORT_ARCHIVE] = "archive", [EXPORT_TENSORBOARD] = "tensorboard", [EXPORT_CSV] = "csv",
    [EXPORT_JSONL] = "jsonl",     [EXPORT_MARKDOWN] = "markdown",       [EXPORT_LATEX] = "latex",
    [EXPORT_ONNX] = "onnx",
};

static bool is_table(enum export_format format)
{
    return format >= EXPORT_CSV && format <= EXPORT_LATEX;
}

static int check_options(const struct arguments *arguments, enum export_format format)
{
    static const char *const of_archives[] = { "checkpoints", "no-code", "json" };
    const char *output = option_text(arguments, "output");
    for (int i = 0; i < ARRAY_SIZE(of_archives); i++)
        if (format != EXPORT_ARCHIVE && option_given(arguments, of_archives[i]))
            return fail(ERR_INVALID, "option '--%s' is for archives", of_archives[i]);
    static const char *const of_models[] = { "step", "best", "raw" };
    for (int i = 0; i < ARRAY_SIZE(of_models); i++)
        if (format != EXPORT_ONNX && option_given(arguments, of_models[i]))
            return fail(ERR_INVALID, "option '--%s' is for onnx", of_models[i]);
    if (!is_table(format) && option_given(arguments, "metric"))
        return fail(ERR_INVALID, "option '--metric' is for csv, jsonl, markdown and latex");
    if (format == EXPORT_TENSORBOARD && (!output || strcmp(output, "-") == 0))
        return fail(ERR_INVALID, "TensorBoard reads directories: -o DIR");
    return 0;
}

int option_export_format(const struct arguments *arguments, enum export_format *out)
{
    const char *name = option_text(arguments, "format");
    *out = EXPORT_ARCHIVE;
    for (int i = 0; name && i < ARRAY_SIZE(format_names); i++)
        if (strcmp(name, format_names[i]) == 0) {
            *out = (enum export_format)i;
            name = NULL;
        }
    if (!name)
        return check_options(arguments, *out);
    return fail(ERR_INVALID,
                "option '--format': '%.60s' is not archive, tensorboard, csv, jsonl, markdown, "
                "latex or onnx",
                name);
}

/* --- TensorBoard --- */

/* What TensorBoard calls the run: its number, and its name. */
static const char *sub_of(struct index *index, const struct index_run *run)
{
    struct run_facts facts;
    const char *title = run->title;
    char *colon = strchr(title, ':');
    if (colon)
        title = arena_printf(&index->arena, "%.*s-%s", (int)(colon - title), title, colon + 1);
    if (run_read_facts(&index->arena, &facts, &run->place->store, run->number) < 0 || !facts.name)
        return title;
    return arena_printf(&index->arena, "%s-%s", title, facts.name);
}

static int write_tensorboard(struct arguments *arguments, struct index *index,
                             const struct index_run *runs, int count)
{
    struct arena *arena = &index->arena;
    int error = 0;
    for (int i = 0; i < count && !error; i++) {
        struct tensorboard_counts counts;
        char *path;
        const struct tensorboard_wish wish = { .directory = option_text(arguments, "output"),
                                               .sub = count > 1 ? sub_of(index, &runs[i]) : "",
                                               .force = option_given(arguments, "force") };
        error =
            tensorboard_export(arena, &runs[i].place->store, runs[i].number, &wish, &counts, &path);
        if (error)
            break;
        printf("%s: run %s, %s scalars and %s images\n", text_clean(arena, path, strlen(path)),
               runs[i].title, format_count(arena, (double)counts.scalars),
               format_count(arena, (double)counts.images));
        fflush(stdout);
        if (counts.unreadable > 0)
            fprintf(stderr, "note: run %s: %s samples left out: %s\n", runs[i].title,
                    format_count(arena, (double)counts.unreadable), counts.why);
    }
    return error;
}

/* --- tables --- */

static int write_rows(const struct outlet *outlet, enum export_format format,
                      const struct table_run *runs, int count, const struct table_wish *wish)
{
    switch (format) {
    case EXPORT_CSV:
        return table_csv(outlet, runs, count, wish);
    case EXPORT_JSONL:
        return table_jsonl(outlet, runs, count, wish);
    case EXPORT_MARKDOWN:
        return table_markdown(outlet, runs, count, wish);
    default:
        return table_latex(outlet, runs, count, wish);
    }
}

static int write_table(struct arguments *arguments, struct index *index,
                       const struct index_run *runs, int count, enum export_format format)
{
    struct table_run *rows;
    struct table_wish wish = { .config = &index->config, .now = index->now };
    struct exchanged_text text;
    bool asks = format == EXPORT_MARKDOWN || format == EXPORT_LATEX;
    wish.metrics = option_texts(arguments, "metric", &wish.metric_count);
    int error = exchanged_runs(index, runs, count, asks, &rows);
    if (!error)
        error = exchanged_open(&text, option_text(arguments, "output"),
                               option_given(arguments, "force"));
    if (error)
        return error;
    return exchanged_close(&text, write_rows(&text.outlet, format, rows, count, &wish));
}

enum exit_status export_in_format(struct arguments *arguments, enum export_format format)
{
    struct index index;
    struct index_run *runs;
    int count;
    if (format == EXPORT_ONNX)
        return export_onnx(arguments);
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    int error = is_table(format) ? write_table(arguments, &index, runs, count, format)
                                 : write_tensorboard(arguments, &index, runs, count);
    if (error)
        status = command_failed(arguments);
    index_close(&index);
    return status;
}
