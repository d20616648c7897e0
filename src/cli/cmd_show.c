#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "draw/sparkline.h"
#include "folded.h"
#include "json_out.h"
#include "stores.h"
#include "log_tail.h"
#include "outcome.h"
#include "record/metric.h"
#include "run/rundir.h"
#include "run_json.h"
#include "show/report.h"
#include "show/run_table.h"

enum { LABEL = 10, LOG_LINES = 12, CURVE = 24 };

static const struct command_option options[] = {
    { 'a', "all", NULL, "Show all recipe values, not only those that differ from the defaults.",
      false },
    { 0, "json", NULL, "Print one JSON object.", false },
};

struct shown {
    struct index *index;
    struct arena *arena; /* the index's */
    struct terminal terminal;
    struct report report;
};

/* Further lines of a fact or an item are indented deeper than the first. */
static void print_line(const struct shown *shown, const struct report_line *line)
{
    enum { INDENT = 2 };
    switch (line->kind) {
    case REPORT_FACT:
        printf("%-*s", LABEL, line->label);
        folded_print(&shown->terminal, LABEL, LABEL, line->text);
        break;
    case REPORT_TITLE:
        printf("\n%s\n", line->text);
        break;
    case REPORT_ITEM:
        printf("%*s", INDENT, "");
        folded_print(&shown->terminal, INDENT, 2 * INDENT, line->text);
        break;
    case REPORT_TEXT:
        printf("%*s", *line->text ? 2 * INDENT : 0, "");
        folded_print(&shown->terminal, 2 * INDENT, 2 * INDENT, line->text);
        break;
    }
}

static void print_lines(const struct shown *shown, const struct report_lines *lines)
{
    for (int i = 0; i < lines->count; i++)
        print_line(shown, &lines->lines[i]);
}

static void print_head(struct shown *shown)
{
    const struct run_row *row = &shown->report.run.row;
    struct report_lines lines = { .arena = shown->arena };
    const char *name = row->name ? arena_printf(shown->arena, " \"%s\"", row->name) : "";
    printf("run %lld  %s%s\n\n", (long long)row->number,
           text_clean(shown->arena, row->experiment, 200), text_clean(shown->arena, name, 200));
    report_head(&lines, &shown->report);
    print_lines(shown, &lines);
}

/* --- the rest --- */

static void print_metrics(struct shown *shown)
{
    static const struct table_column columns[] = {
        { "metric", .least = 8, .most = 24 },   { "last", .is_right = true },
        { "min", .is_right = true, .rank = 2 }, { "at", .is_right = true, .rank = 4 },
        { "max", .is_right = true, .rank = 3 }, { "at", .is_right = true, .rank = 5 },
        { "curve", .most = CURVE, .rank = 1 },
    };
    enum { COLUMNS = ARRAY_SIZE(columns) };
    struct arena *arena = shown->arena;
    if (shown->report.metric_count == 0)
        return;
    struct table_cell *cells =
        arena_alloc(arena, (size_t)shown->report.metric_count * COLUMNS, sizeof *cells);
    for (int i = 0; i < shown->report.metric_count; i++) {
        const struct run_metric *metric = &shown->report.metrics[i];
        struct table_cell *row = &cells[(size_t)i * COLUMNS];
        bool has_range = !isnan(metric->low);
        row[0].text = metric->name;
        row[1].text = metric_format(arena, metric->name, metric->last);
        row[2].text = has_range ? metric_format(arena, metric->name, metric->low) : NULL;
        row[3].text = has_range ? format_count(arena, (double)metric->low_step) : NULL;
        row[4].text = has_range ? metric_format(arena, metric->name, metric->high) : NULL;
        row[5].text = has_range ? format_count(arena, (double)metric->high_step) : NULL;
        row[6].text =
            sparkline_text(arena, metric->spark, metric->spark_count, CURVE, shown->terminal.utf8);
    }
    putchar('\n');
    table_print(stdout, &(struct table){ columns, COLUMNS, cells, shown->report.metric_count },
                &shown->terminal);
}

/* Of whatever went wrong. */
static void print_log(struct shown *shown)
{
    enum run_state state = shown->report.run.row.state;
    if (state == RUN_FINISHED || state == RUN_STOPPED || !run_state_is_end(state))
        return;
    printf("\nlog, its last lines ('gander log %lld' has all)\n",
           (long long)shown->report.run.row.number);
    if (log_tail_print(stdout, shown->report.directory, LOG_LINES, "  ") == 0)
        printf("  it is empty\n");
}

/* --- JSON --- */

static struct json *settings_json(const struct shown *shown)
{
    struct json *object = json_new_object();
    for (int i = 0; i < shown->report.setting_count; i++) {
        const struct setting_row *setting = &shown->report.settings[i];
        if (isnan(setting->number))
            json_set_string(object, setting->key, setting->value);
        else
            json_set_number(object, setting->key, setting->number);
    }
    return object;
}

static struct json *notes_json(const struct shown *shown)
{
    struct json *list = json_new_array();
    for (int i = 0; i < shown->report.note_count; i++) {
        struct json *note = json_new_object();
        json_set_number(note, "t", shown->report.notes[i].time);
        json_set_string(note, "by", shown->report.notes[i].author);
        json_set_string(note, "text", shown->report.notes[i].text);
        json_push(list, note);
    }
    return list;
}

static struct json *health_json(const struct shown *shown)
{
    struct json *list = json_new_array();
    for (int i = 0; i < shown->report.health_count; i++) {
        const struct health_row *change = &shown->report.health[i];
        struct json *item = json_new_object(), *advice = NULL;
        json_set_integer(item, "step", change->step);
        json_set_string(item, "health", change->state);
        json_set_string(item, "why", change->why);
        if (change->advice && json_parse(&advice, change->advice, strlen(change->advice)) == 0)
            json_set(item, "advice", advice);
        json_push(list, item);
    }
    return list;
}

static struct json *origin_json(const struct run_origin *origin)
{
    struct json *object = json_new_object();
    if (origin->path) {
        json_set_string(object, "format", origin->format);
        json_set_string(object, "path", origin->path);
    } else {
        json_set_string(object, "store", origin->store);
        json_set_integer(object, "number", origin->number);
    }
    json_set_string(object, "host", origin->host);
    json_set_number(object, "imported", origin->imported);
    return object;
}

static struct json *engine_json(const struct shown *shown)
{
    struct json *object = json_new_object();
    for (int i = 0; i < shown->report.engine_count; i++)
        json_set_string(object, shown->report.engine[i].key, shown->report.engine[i].value);
    return object;
}

static void print_json(struct shown *shown)
{
    struct json *object = run_json(shown->index, &shown->report.run), *journal = json_new_object();
    json_set(object, "recipe", settings_json(shown));
    json_set(object, "note_texts", notes_json(shown));
    json_set(object, "health_changes", health_json(shown));
    json_set(object, "engine", engine_json(shown));
    json_set_integer(journal, "lines", shown->report.journal.lines);
    json_set_integer(journal, "superseded", shown->report.journal.superseded);
    json_set_integer(journal, "bad", shown->report.journal.bad);
    json_set(object, "journal", journal);
    json_set(object, "git", code_json(&shown->report.facts.code));
    if (shown->report.facts.origin.number > 0 || shown->report.facts.origin.path)
        json_set(object, "origin", origin_json(&shown->report.facts.origin));
    json_set_string(object, "directory", shown->report.directory);
    json_put_out(object);
}

static int show(struct arguments *arguments, struct index *index)
{
    struct index_run run;
    struct listed_run *listed;
    struct shown shown = { .index = index, .arena = &index->arena };
    struct report_lines lines = { .arena = &index->arena };
    int error = index_resolve(index, arguments->operands[0], &run);
    if (!error)
        error = index_list(index, &run, 1, &listed);
    if (!error)
        error = report_gather(index, &listed[0], &shown.report);
    if (error)
        return error;
    terminal_probe(&shown.terminal, stdout);
    if (option_given(arguments, "json")) {
        print_json(&shown);
        return 0;
    }
    print_head(&shown);
    print_metrics(&shown);
    report_settings(&lines, &shown.report, option_given(arguments, "all"));
    report_health(&lines, &shown.report);
    report_notes(&lines, &shown.report);
    print_lines(&shown, &lines);
    print_log(&shown);
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    enum exit_status status = index_open(&index, arguments, INDEX_LATER);
    if (status != STATUS_DONE)
        return status;
    int error = show(arguments, &index);
    if (error)
        status = index_failed(arguments, error);
    index_close(&index);
    return status;
}

const struct command command_show = {
    .name = "show",
    .summary = "Show all that is known of a run",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_stores = true,
    .details = "Print state, progress, origin, code, metrics with their curves, recipe values and "
               "notes; of what failed, was killed, diverged or is lost also the last lines of its "
               "log.",
    .run = run,
};
