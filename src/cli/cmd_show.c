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
#include "show/run_table.h"

enum { LABEL = 10, LOG_LINES = 12, CURVE = 24 };

static const struct command_option options[] = {
    { 'a', "all", NULL, "Show all recipe values, not only those that differ from the defaults.",
      false },
    { 0, "json", NULL, "Print one JSON object.", false },
};

/* All that is known of the run. */
struct shown {
    struct index *index;
    struct arena *arena; /* the index's */
    struct terminal terminal;
    struct catalogue *catalogue;
    struct listed_run run;
    const char *directory;
    struct run_facts facts;
    struct run_metric *metrics;
    int metric_count;
    struct setting_row *settings;
    int setting_count;
    struct note_row *notes;
    int note_count;
    struct health_row *health;
    int health_count;
    struct fact_row *engine;
    int engine_count;
    struct journal_counts journal;
};

static int gather(struct shown *shown)
{
    int64_t number = shown->run.row.number;
    struct arena *arena = shown->arena;
    int error;
    if ((error = catalogue_metrics(shown->catalogue, arena, &number, 1, NULL, &shown->metrics,
                                   &shown->metric_count)) < 0 ||
        (error = catalogue_settings(shown->catalogue, arena, &number, 1, NULL, &shown->settings,
                                    &shown->setting_count)) < 0 ||
        (error = catalogue_notes(shown->catalogue, arena, number, &shown->notes,
                                 &shown->note_count)) < 0 ||
        (error = catalogue_health(shown->catalogue, arena, number, &shown->health,
                                  &shown->health_count)) < 0 ||
        (error = catalogue_engine(shown->catalogue, arena, number, &shown->engine,
                                  &shown->engine_count)) < 0)
        return error;
    run_read_facts_in(arena, &shown->facts, shown->directory, number); /* broken: as far as known */
    return catalogue_journal(shown->catalogue, number, &shown->journal);
}

static const char *engine_fact(const struct shown *shown, const char *key)
{
    for (int i = 0; i < shown->engine_count; i++)
        if (strcmp(shown->engine[i].key, key) == 0)
            return shown->engine[i].value;
    return NULL;
}

/* --- the head --- */

/* "label     text", the text made harmless; nothing for NULL. */
static void print_line(struct shown *shown, const char *label, const char *text)
{
    enum { LONGEST = 4000 };
    if (!text || !*text)
        return;
    printf("%-*s", LABEL, label);
    folded_print(&shown->terminal, LABEL, LABEL, text_clean(shown->arena, text, LONGEST));
}

/* Further lines of it are indented deeper than the first. */
static void print_item(struct shown *shown, const char *text)
{
    enum { INDENT = 2 };
    printf("%*s", INDENT, "");
    folded_print(&shown->terminal, INDENT, 2 * INDENT, text);
}

static void print_progress(struct shown *shown)
{
    const struct run_row *row = &shown->run.row;
    struct arena *arena = shown->arena;
    const char *text = format_count(arena, (double)row->step);
    if (row->steps > 0)
        text =
            arena_printf(arena, "%s of %s (%.0f %%)", text, format_count(arena, (double)row->steps),
                         floor(100.0 * (double)row->step / (double)row->steps));
    if (row->took > 0)
        text = arena_printf(arena, "%s in %s", text, format_duration(arena, row->took));
    double left = run_seconds_left(row);
    if (!isnan(left))
        text = arena_printf(arena, "%s, %s left", text, format_duration(arena, left));
    print_line(shown, "step", text);
}

static void print_state(struct shown *shown)
{
    const struct run_row *row = &shown->run.row;
    const char *mark = row->is_orphan ? " (its worker is gone, the training works on alone)"
                       : row->is_stalled
                           ? " (stalled: nothing reported for ten times as long as usual)"
                           : "";
    const char *text = arena_printf(shown->arena, "%s%s%s%s", run_state_name(row->state), mark,
                                    row->reason ? ": " : "", row->reason ? row->reason : "");
    print_line(shown, "state", text);
    print_line(shown, "health", row->health);
}

static void print_code(struct shown *shown)
{
    const struct run_row *row = &shown->run.row;
    const struct code_state *code = &shown->facts.code;
    struct arena *arena = shown->arena;
    if (row->commit || row->snapshot)
        print_line(shown, "code",
                   arena_printf(arena, "%s%s%s%s%s", run_commit_word(arena, row),
                                row->branch ? " on " : "", row->branch ? row->branch : "",
                                row->subject ? ": " : "", row->subject ? row->subject : ""));
    if (row->snapshot && row->is_dirty)
        print_line(shown, "pinned", arena_printf(arena, "%.12s, with its changes", row->snapshot));
    print_line(shown, row->commit || row->snapshot ? "" : "code", code->missing);
    for (int i = 0; i < code->left_out_count; i++)
        print_line(shown, i == 0 ? "left out" : "",
                   arena_printf(arena, "%s: %s", code->left_out[i].path, code->left_out[i].reason));
}

static void print_origin(struct shown *shown)
{
    const struct run_row *row = &shown->run.row;
    struct arena *arena = shown->arena;
    print_line(shown, "created",
               arena_printf(arena, "%s%s%s%s%s", format_moment(arena, row->created),
                            row->user ? " by " : "", row->user ? row->user : "",
                            row->host ? " on " : "", row->host ? row->host : ""));
    const struct run_origin *origin = &shown->facts.origin;
    if (origin->number > 0)
        print_line(shown, "imported",
                   arena_printf(arena, "%s; it was run %lld of store %.8s%s%s",
                                format_moment(arena, origin->imported), (long long)origin->number,
                                origin->store ? origin->store : "?", origin->host ? " on " : "",
                                origin->host ? origin->host : ""));
    if (row->parent > 0)
        print_line(shown, "repeats", arena_printf(arena, "run %lld", (long long)row->parent));
    print_line(shown, row->is_command ? "command" : "typed", row->command);
    if (shown->facts.command)
        print_line(shown, "in", shown->facts.cwd);
}

/* With thousands separated, as far as it is a number. */
static const char *count_text(struct arena *arena, const char *count)
{
    double number;
    return parse_real(count, &number) == 0 ? format_count(arena, number) : count;
}

static void print_engine(struct shown *shown)
{
    struct arena *arena = shown->arena;
    const char *count = engine_fact(shown, "data.count"), *blas = engine_fact(shown, "blas");
    const char *cpu = engine_fact(shown, "cpu"), *threads = engine_fact(shown, "threads");
    const char *data = shown->run.row.data;
    if (data && count)
        data = arena_printf(arena, "%s: %s images of %sx%s", data, count_text(arena, count),
                            engine_fact(shown, "data.width"), engine_fact(shown, "data.height"));
    print_line(shown, "data", data);
    if (blas && cpu)
        print_line(
            shown, "engine",
            arena_printf(arena, "%.*s, %s kernels, %s, %s thread%s",
                         (int)strcspn(blas, " ") + (int)strcspn(strchrnul(blas, ' ') + 1, " ") + 1,
                         blas, engine_fact(shown, "kernel"), cpu, threads ? threads : "?",
                         threads && strcmp(threads, "1") == 0 ? "" : "s"));
}

static void print_tags(struct shown *shown)
{
    const struct run_row *row = &shown->run.row;
    const char *text = "";
    for (int i = 0; i < row->tag_count; i++)
        text = arena_printf(shown->arena, "%s%s%s", text, i > 0 ? " " : "", row->tags[i]);
    print_line(shown, "tags", text);
    if (row->is_archived)
        print_line(shown, "archived", "yes");
}

static void print_head(struct shown *shown)
{
    const struct run_row *row = &shown->run.row;
    const char *name = row->name ? arena_printf(shown->arena, " \"%s\"", row->name) : "";
    printf("run %lld  %s%s\n\n", (long long)row->number,
           text_clean(shown->arena, row->experiment, 200), text_clean(shown->arena, name, 200));
    print_line(shown, "broken", row->broken);
    print_state(shown);
    print_progress(shown);
    print_origin(shown);
    print_code(shown);
    print_engine(shown);
    print_tags(shown);
    print_line(shown, "files", shown->directory);
    if (shown->journal.bad > 0)
        print_line(shown, "journal",
                   arena_printf(shown->arena, "%lld lines could not be read",
                                (long long)shown->journal.bad));
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
    if (shown->metric_count == 0)
        return;
    struct table_cell *cells =
        arena_alloc(arena, (size_t)shown->metric_count * COLUMNS, sizeof *cells);
    for (int i = 0; i < shown->metric_count; i++) {
        const struct run_metric *metric = &shown->metrics[i];
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
    table_print(stdout, &(struct table){ columns, COLUMNS, cells, shown->metric_count },
                &shown->terminal);
}

static bool is_default(const struct setting_row *setting)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, setting->key) == 0)
            return fields[i].fallback && strcmp(fields[i].fallback, setting->value) == 0;
    return false;
}

static void print_settings(struct shown *shown, bool all)
{
    bool is_first = true;
    for (int i = 0; i < shown->setting_count; i++) {
        const struct setting_row *setting = &shown->settings[i];
        if (!all && is_default(setting))
            continue;
        if (is_first)
            printf("\nrecipe%s\n",
                   all || shown->run.row.is_command ? "" : " (what differs from the defaults)");
        is_first = false;
        print_item(shown, arena_printf(shown->arena, "%s = %s",
                                       text_clean(shown->arena, setting->key, 200),
                                       text_clean(shown->arena, setting->value, 2000)));
    }
}

static void print_health(struct shown *shown)
{
    for (int i = 0; i < shown->health_count; i++) {
        const struct health_row *change = &shown->health[i];
        if (i == 0)
            printf("\nhealth\n");
        print_item(shown, arena_printf(
                              shown->arena, "step %s: %s%s%s",
                              format_count(shown->arena, (double)change->step),
                              text_clean(shown->arena, change->state, 200), change->why ? ": " : "",
                              change->why ? text_clean(shown->arena, change->why, 1000) : ""));
    }
}

static void print_note_line(struct shown *shown, const char *line)
{
    enum { INDENT = 4 };
    printf("%*s", *line ? INDENT : 0, "");
    folded_print(&shown->terminal, INDENT, INDENT, line);
}

static void print_notes(struct shown *shown)
{
    for (int i = 0; i < shown->note_count; i++) {
        const struct note_row *note = &shown->notes[i];
        printf("%s  %s%s%s\n", i == 0 ? "\nnotes\n" : "", format_moment(shown->arena, note->time),
               note->author ? " " : "",
               note->author ? text_clean(shown->arena, note->author, 100) : "");
        char *text = arena_strdup(shown->arena, note->text), *line;
        while ((line = strsep(&text, "\n")))
            print_note_line(shown, text_clean(shown->arena, line, strlen(line)));
    }
}

/* Of whatever went wrong. */
static void print_log(struct shown *shown)
{
    enum run_state state = shown->run.row.state;
    if (state == RUN_FINISHED || state == RUN_STOPPED || !run_state_is_end(state))
        return;
    printf("\nlog, its last lines ('gander log %lld' has all)\n", (long long)shown->run.row.number);
    if (log_tail_print(stdout, shown->directory, LOG_LINES, "  ") == 0)
        printf("  it is empty\n");
}

/* --- JSON --- */

static struct json *settings_json(const struct shown *shown)
{
    struct json *object = json_new_object();
    for (int i = 0; i < shown->setting_count; i++) {
        const struct setting_row *setting = &shown->settings[i];
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
    for (int i = 0; i < shown->note_count; i++) {
        struct json *note = json_new_object();
        json_set_number(note, "t", shown->notes[i].time);
        json_set_string(note, "by", shown->notes[i].author);
        json_set_string(note, "text", shown->notes[i].text);
        json_push(list, note);
    }
    return list;
}

static struct json *origin_json(const struct run_origin *origin)
{
    struct json *object = json_new_object();
    json_set_string(object, "store", origin->store);
    json_set_integer(object, "number", origin->number);
    json_set_string(object, "host", origin->host);
    json_set_number(object, "imported", origin->imported);
    return object;
}

static struct json *engine_json(const struct shown *shown)
{
    struct json *object = json_new_object();
    for (int i = 0; i < shown->engine_count; i++)
        json_set_string(object, shown->engine[i].key, shown->engine[i].value);
    return object;
}

static void print_json(struct shown *shown)
{
    struct json *object = run_json(shown->index, &shown->run), *journal = json_new_object();
    json_set(object, "recipe", settings_json(shown));
    json_set(object, "note_texts", notes_json(shown));
    json_set(object, "engine", engine_json(shown));
    json_set_integer(journal, "lines", shown->journal.lines);
    json_set_integer(journal, "superseded", shown->journal.superseded);
    json_set_integer(journal, "bad", shown->journal.bad);
    json_set(object, "journal", journal);
    json_set(object, "git", code_json(&shown->facts.code));
    if (shown->facts.origin.number > 0)
        json_set(object, "origin", origin_json(&shown->facts.origin));
    json_set_string(object, "directory", shown->directory);
    json_put_out(object);
}

static int show(struct arguments *arguments, struct index *index)
{
    struct index_run run;
    struct shown shown = { .index = index, .arena = &index->arena };
    int error = index_resolve(index, arguments->operands[0], &run);
    if (!error)
        error = index_catalogue(index, run.place, &shown.catalogue);
    if (!error)
        error = catalogue_run(shown.catalogue, shown.arena, run.number, index->now, &shown.run.row);
    if (error)
        return error;
    terminal_probe(&shown.terminal, stdout);
    shown.run.place = run.place;
    shown.directory = arena_printf(shown.arena, "%s/%s/%lld", run.place->store.path,
                                   shown.run.row.is_binned ? "bin" : "runs", (long long)run.number);
    if ((error = gather(&shown)) < 0)
        return error;
    if (option_given(arguments, "json")) {
        print_json(&shown);
        return 0;
    }
    print_head(&shown);
    print_metrics(&shown);
    print_settings(&shown, option_given(arguments, "all"));
    print_health(&shown);
    print_notes(&shown);
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
