#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "draw/terminal.h"
#include "stores.h"
#include "run/journal.h"

static const struct command_option options[] = {
    { 'm', "metric", "METRIC", "Only this metric.", true },
    { 0, "every", "N", "A line for every N steps at most.", false },
    { 0, "points", "N", "N lines at most, evenly spread.", false },
    { 0, "json", NULL, "Print JSON lines instead of CSV.", false },
};

struct export
{
    const char **names; /* columns */
    int count;
    bool is_json;
    int64_t every;      /* steps from one line to the next; 0: all */
    int64_t each;       /* one of so many lines; at least 1 */
    int64_t seen;       /* lines so far … */
    int64_t last_step;  /* … and the step of the last that was printed; -1: none */
    const char **cells; /* (count): text of the present line; NULL: it has no such metric */
};

/* --- lines --- */

static void put_csv_text(const char *text)
{
    bool is_plain = !strpbrk(text, ",\"\n\r");
    if (is_plain) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

/* Names as they are, but for a terminal, which they must not move about. */
static void put_heading(const struct export *export)
{
    struct arena arena = { 0 };
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    fputs("step,t", stdout);
    for (int i = 0; i < export->count; i++) {
        const char *name = export->names[i];
        putchar(',');
        put_csv_text(terminal.is_terminal ? text_clean(&arena, name, strlen(name)) : name);
    }
    putchar('\n');
    arena_release(&arena);
}

static void put_csv(const struct export *export, int64_t step, double time)
{
    printf("%lld,", (long long)step);
    if (isfinite(time))
        printf("%.3f", time);
    for (int i = 0; i < export->count; i++)
        printf(",%s", export->cells[i] ? export->cells[i] : "");
    putchar('\n');
}

static void put_json(const struct export *export, int64_t step, double time)
{
    struct json *line = json_new_object();
    double value;
    json_set_integer(line, "step", step);
    if (isfinite(time))
        json_set_number(line, "t", time);
    for (int i = 0; i < export->count; i++)
        if (export->cells[i]) {
            value = strtod(export->cells[i], NULL); /* reads NaN and Infinity, too */
            json_set_number(line, export->names[i], value);
        }
    char *text = json_text(line, 0);
    puts(text);
    free(text);
    json_free(line);
}

static bool is_wanted(struct export *export, int64_t step)
{
    bool is_due = export->seen++ % export->each == 0;
    if (export->every > 0)
        is_due = is_due && (export->last_step < 0 || step >= export->last_step + export->every);
    if (is_due)
        export->last_step = step;
    return is_due;
}

static int find_name(const struct export *export, const char *name, int guess)
{
    if (guess < export->count && strcmp(export->names[guess], name) == 0)
        return guess; /* lines have their metrics in one order, mostly */
    for (int i = 0; i < export->count; i++)
        if (strcmp(export->names[i], name) == 0)
            return i;
    return -1;
}

/* True if the line has any of them. */
static bool take_cells(struct export *export, const struct event_metric *metrics, int count)
{
    bool found = false;
    int next = 0;
    memset(export->cells, 0, (size_t) export->count * sizeof *export->cells);
    for (int i = 0; i < count; i++) {
        int column = find_name(export, metrics[i].name, next);
        if (column < 0)
            continue;
        export->cells[column] = metrics[i].text;
        next = column + 1;
        found = true;
    }
    return found;
}

static void put_line(struct export *export, int64_t step, double time)
{
    if (!is_wanted(export, step))
        return;
    if (export->is_json)
        put_json(export, step, time);
    else
        put_csv(export, step, time);
}

static int visit_event(void *context, const struct event *event)
{
    struct export *export = context;
    if (!event->is_superseded && take_cells(export, event->metrics, event->metric_count))
        put_line(export, event->step, event->time);
    return 0;
}

/* --- what the worker has journalled --- */

struct use_cells {
    struct arena arena;
    struct event_metric metrics[16];
    int count;
};

static void take_use(void *context, const char *key, const struct json *value)
{
    struct use_cells *cells = context;
    double number;
    if (cells->count < ARRAY_SIZE(cells->metrics) && json_get_number(value, &number))
        cells->metrics[cells->count++] =
            (struct event_metric){ arena_printf(&cells->arena, "use.%s", key), number,
                                   format_real(&cells->arena, number) };
}

static void visit_use(void *context, const struct use_line *use)
{
    struct export *export = context;
    struct use_cells cells = { .count = 0 };
    json_each(use->values, take_use, &cells);
    if (take_cells(export, cells.metrics, cells.count))
        put_line(export, use->step, use->time);
    arena_release(&cells.arena);
}

/* --- the whole --- */

/* Those that were asked for, else all that the training has journalled. */
static int choose_names(struct arguments *arguments, struct index *index,
                        const struct index_run *run, struct export *export, int64_t *most_points)
{
    struct run_metric *metrics;
    struct catalogue *catalogue;
    int count = 0, wanted_count;
    const char *const *wanted = option_texts(arguments, "metric", &wanted_count);
    int error = index_catalogue(index, run->place, &catalogue);
    if (!error)
        error =
            catalogue_metrics(catalogue, &index->arena, &run->number, 1, NULL, &metrics, &count);
    if (error)
        return error;
    export->names =
        arena_alloc(&index->arena, (size_t)MAX(count, wanted_count) + 1, sizeof *export->names);
    *most_points = 0;
    for (int i = 0; i < count; i++) {
        if (wanted_count == 0 && strncmp(metrics[i].name, "use.", 4) != 0)
            export->names[export->count++] = metrics[i].name;
        *most_points = MAX(*most_points, metrics[i].points);
    }
    const char **all = arena_alloc(&index->arena, (size_t)count, sizeof *all);
    for (int i = 0; i < count; i++)
        all[i] = metrics[i].name;
    for (int i = 0; i < wanted_count; i++) {
        bool is_there = false;
        for (int j = 0; j < count; j++)
            is_there = is_there || strcmp(all[j], wanted[i]) == 0;
        const char *near = is_there ? NULL : text_nearest(wanted[i], all, count, sizeof all[0]);
        if (!is_there)
            return fail(ERR_INVALID, "run %s has no metric '%.80s'%s%s%s", run->title, wanted[i],
                        near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
        export->names[export->count++] = wanted[i];
    }
    return 0;
}

static bool is_of_worker(const struct export *export)
{
    for (int i = 0; i < export->count; i++)
        if (strncmp(export->names[i], "use.", 4) == 0)
            return true;
    return false;
}

static int print(struct index *index, const struct index_run *run, struct export *export)
{
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    const char *directory = store_run_directory(&index->arena, &run->place->store, run->number);
    export->cells = arena_alloc(&index->arena, (size_t) export->count + 1, sizeof *export->cells);
    if (!export->is_json)
        put_heading(export);
    bool of_worker = is_of_worker(export);
    int error = worker_read(&index->arena, &story, directory, of_worker ? visit_use : NULL, export);
    if (!error)
        error = events_read(directory, &story, &place, 0, visit_event, export);
    return error;
}

static int export_metrics(struct arguments *arguments, struct index *index, struct export *export,
                          int64_t points)
{
    struct index_run run;
    int64_t most_points;
    int error = index_resolve(index, arguments->operands[0], &run);
    if (!error)
        error = choose_names(arguments, index, &run, export, &most_points);
    if (error)
        return error;
    if (points > 0)
        export->each = MAX((most_points + points - 1) / points, 1);
    return print(index, &run, export);
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct export export = { .each = 1, .last_step = -1 };
    int64_t points = 0;
    if (option_integer(arguments, "every", 1, INT64_MAX / 2, &export.every) < 0 ||
        option_integer(arguments, "points", 1, INT32_MAX, &points) < 0)
        return command_misused(arguments);
    export.is_json = option_given(arguments, "json");
    enum exit_status status = index_open(&index, arguments, INDEX_LATER);
    if (status != STATUS_DONE)
        return status;
    int error = export_metrics(arguments, &index, &export, points);
    if (error)
        status = index_failed(arguments, error);
    index_close(&index);
    return status;
}

const struct command command_metrics = {
    .name = "metrics",
    .summary = "Print the numbers of a run",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Print what the training has journalled as CSV, a line a report: step, time (seconds "
        "since 1970), then the metrics, digit for digit; what a broken-off attempt said of "
        "steps that were done again is left out. What a run uses is asked for by name: "
        "use.cpu (percent of a core), use.memory (bytes), use.gpu, use.gpu_memory.",
    .run = run,
};
