#define _GNU_SOURCE
#include "show/report.h"
#include "show/advice.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "record/metric.h"
#include "record/recipe.h"
#include "show/run_table.h"

int report_gather(struct index *index, const struct listed_run *run, struct report *out)
{
    struct catalogue *catalogue = run->place->catalogue;
    struct arena *arena = &index->arena;
    int64_t number = run->row.number;
    int error;
    *out = (struct report){ .run = *run };
    out->directory = run_place(arena, run);
    if ((error = catalogue_metrics(catalogue, arena, &number, 1, NULL, &out->metrics,
                                   &out->metric_count)) < 0 ||
        (error = catalogue_settings(catalogue, arena, &number, 1, NULL, &out->settings,
                                    &out->setting_count)) < 0 ||
        (error = catalogue_notes(catalogue, arena, number, &out->notes, &out->note_count)) < 0 ||
        (error = catalogue_health(catalogue, arena, number, &out->health, &out->health_count)) <
            0 ||
        (error = catalogue_engine(catalogue, arena, number, &out->engine, &out->engine_count)) <
            0 ||
        (error =
             catalogue_attempts(catalogue, arena, number, &out->attempts, &out->attempt_count)) < 0)
        return error;
    run_read_facts_in(arena, &out->facts, out->directory, number); /* broken: as far as known */
    if (!run_state_is_end(run->row.state))
        slurm_know(arena, &run->place->store, number, &out->slurm);
    return catalogue_journal(catalogue, number, &out->journal);
}

/* --- lines --- */

static void add(struct report_lines *lines, const struct report_line *line)
{
    enum { FIRST_ROOM = 64 };
    if (lines->count == lines->room) {
        int room = lines->room ? 2 * lines->room : FIRST_ROOM;
        struct report_line *more = arena_alloc(lines->arena, (size_t)room, sizeof *more);
        if (lines->count > 0)
            memcpy(more, lines->lines, (size_t)lines->count * sizeof *more);
        lines->lines = more;
        lines->room = room;
    }
    lines->lines[lines->count++] = *line;
}

/* Nothing for NULL. */
static void add_fact(struct report_lines *lines, const char *label, const char *text)
{
    enum { LONGEST = 4000 };
    if (text && *text)
        add(lines, &(struct report_line){ .label = label,
                                          .text = text_clean(lines->arena, text, LONGEST) });
}

static void add_title(struct report_lines *lines, const char *text)
{
    add(lines, &(struct report_line){ .kind = REPORT_TITLE, .label = "", .text = text });
}

static void add_item(struct report_lines *lines, const char *text)
{
    add(lines, &(struct report_line){ .kind = REPORT_ITEM, .label = "", .text = text });
}

/* --- the head --- */

static const char *engine_fact(const struct report *report, const char *key)
{
    for (int i = 0; i < report->engine_count; i++)
        if (strcmp(report->engine[i].key, key) == 0)
            return report->engine[i].value;
    return NULL;
}

static void add_progress(struct report_lines *lines, const struct report *report)
{
    const struct run_row *row = &report->run.row;
    struct arena *arena = lines->arena;
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
    add_fact(lines, "step", text);
}

static void add_state(struct report_lines *lines, const struct report *report)
{
    const struct run_row *row = &report->run.row;
    const char *mark = row->is_orphan ? " (its worker is gone, the training works on alone)"
                       : row->is_stalled
                           ? " (stalled: nothing reported for ten times as long as usual)"
                           : "";
    const char *text = arena_printf(lines->arena, "%s%s%s%s", run_state_name(row->state), mark,
                                    row->reason ? ": " : "", row->reason ? row->reason : "");
    add_fact(lines, "state", text);
    add_fact(lines, "health", row->health);
}

/* "job 123 on n1" */
static void add_slurm(struct report_lines *lines, const struct report *report)
{
    const struct slurm_known *known = &report->slurm;
    const struct slurm_job *job = known->job;
    struct arena *arena = lines->arena;
    if (!known->id)
        return;
    const char *text = arena_printf(arena, "job %s", known->id);
    if (!job && !known->trouble)
        text = arena_printf(arena, "%s, just submitted", text);
    else if (job && job->state == SLURM_PENDING)
        text = arena_printf(arena, "%s waits%s%s", text, *job->reason ? ": " : "", job->reason);
    else if (job && *job->node)
        text = arena_printf(arena, "%s on %s", text, job->node);
    if (job && job->state != SLURM_PENDING && job->state != SLURM_RUNNING)
        text = arena_printf(arena, "%s, %s", text, job->word);
    if (known->trouble)
        text = arena_printf(arena, "%s, as Slurm last said; now %s", text, known->trouble);
    add_fact(lines, "slurm", text);
}

static void add_code(struct report_lines *lines, const struct report *report)
{
    const struct run_row *row = &report->run.row;
    const struct code_state *code = &report->facts.code;
    struct arena *arena = lines->arena;
    if (row->commit || row->snapshot)
        add_fact(lines, "code",
                 arena_printf(arena, "%s%s%s%s%s", run_commit_word(arena, row),
                              row->branch ? " on " : "", row->branch ? row->branch : "",
                              row->subject ? ": " : "", row->subject ? row->subject : ""));
    if (row->snapshot && row->is_dirty)
        add_fact(lines, "pinned", arena_printf(arena, "%.12s, with its changes", row->snapshot));
    add_fact(lines, row->commit || row->snapshot ? "" : "code", code->missing);
    for (int i = 0; i < code->left_out_count; i++)
        add_fact(lines, i == 0 ? "left out" : "",
                 arena_printf(arena, "%s: %s", code->left_out[i].path, code->left_out[i].reason));
}

static void add_origin(struct report_lines *lines, const struct report *report)
{
    const struct run_row *row = &report->run.row;
    const struct run_origin *origin = &report->facts.origin;
    struct arena *arena = lines->arena;
    add_fact(lines, "created",
             arena_printf(arena, "%s%s%s%s%s", format_moment(arena, row->created),
                          row->user ? " by " : "", row->user ? row->user : "",
                          row->host ? " on " : "", row->host ? row->host : ""));
    if (origin->number > 0)
        add_fact(lines, "imported",
                 arena_printf(arena, "%s; it was run %lld of store %.8s%s%s",
                              format_moment(arena, origin->imported), (long long)origin->number,
                              origin->store ? origin->store : "?", origin->host ? " on " : "",
                              origin->host ? origin->host : ""));
    if (origin->path)
        add_fact(lines, "imported",
                 arena_printf(arena, "%s from %s files, '%s'",
                              format_moment(arena, origin->imported),
                              origin->format ? origin->format : "?", origin->path));
    if (row->parent > 0)
        add_fact(lines, "repeats", arena_printf(arena, "run %lld", (long long)row->parent));
    add_fact(lines, row->is_command ? "command" : "typed", row->command);
    if (report->facts.command && report->facts.command[0])
        add_fact(lines, "in", report->facts.cwd);
}

/* With thousands separated, as far as it is a number. */
static const char *count_text(struct arena *arena, const char *count)
{
    double number;
    return parse_real(count, &number) == 0 ? format_count(arena, number) : count;
}

static const char *data_text(struct arena *arena, const struct report *report)
{
    const char *data = report->run.row.data, *count = engine_fact(report, "data.count");
    const char *width = engine_fact(report, "data.width");
    const char *height = engine_fact(report, "data.height");
    if (!data || !count)
        return data;
    const char *text = arena_printf(arena, "%s: %s images", data, count_text(arena, count));
    return width && height ? arena_printf(arena, "%s of %sx%s", text, width, height) : text;
}

static void add_engine(struct report_lines *lines, const struct report *report)
{
    struct arena *arena = lines->arena;
    const char *blas = engine_fact(report, "blas"), *kernel = engine_fact(report, "kernel");
    const char *cpu = engine_fact(report, "cpu"), *threads = engine_fact(report, "threads");
    add_fact(lines, "data", data_text(arena, report));
    if (!blas || !cpu)
        return;
    const char *end = strchrnul(blas, ' '); /* of its name; its version follows */
    end = *end ? strchrnul(end + 1, ' ') : end;
    add_fact(lines, "engine",
             arena_printf(arena, "%.*s, %s%s%s, %s thread%s", (int)(end - blas), blas,
                          kernel ? kernel : "", kernel ? " kernels, " : "", cpu,
                          threads ? threads : "?",
                          threads && strcmp(threads, "1") == 0 ? "" : "s"));
}

/* The checkpoint of the smallest Fréchet distance, which training keeps. */
static void add_best(struct report_lines *lines, const struct report *report)
{
    static const char by[] = "frechet";
    struct arena *arena = lines->arena;
    for (int i = 0; i < report->metric_count; i++) {
        const struct run_metric *metric = &report->metrics[i];
        if (strcmp(metric->name, by) != 0 || isnan(metric->low))
            continue;
        const char *path = run_checkpoint_path(arena, report->directory, metric->low_step);
        const char *left = file_exists(path) ? "" : ", whose checkpoint is gone";
        add_fact(lines, "best",
                 arena_printf(arena, "step %s: %s %s%s",
                              format_count(arena, (double)metric->low_step), metric_label(by),
                              metric_format(arena, by, metric->low), left));
    }
}

static void add_tags(struct report_lines *lines, const struct report *report)
{
    const struct run_row *row = &report->run.row;
    const char *text = "";
    for (int i = 0; i < row->tag_count; i++)
        text = arena_printf(lines->arena, "%s%s%s", text, i > 0 ? " " : "", row->tags[i]);
    add_fact(lines, "tags", text);
    if (row->is_archived)
        add_fact(lines, "archived", "yes");
}

void report_head(struct report_lines *lines, const struct report *report)
{
    add_fact(lines, "broken", report->run.row.broken);
    add_state(lines, report);
    add_slurm(lines, report);
    add_progress(lines, report);
    add_best(lines, report);
    add_origin(lines, report);
    add_code(lines, report);
    add_engine(lines, report);
    add_tags(lines, report);
    add_fact(lines, "files", report->directory);
    if (report->journal.bad > 0)
        add_fact(lines, "journal",
                 arena_printf(lines->arena, "%lld lines could not be read",
                              (long long)report->journal.bad));
}

/* --- the rest --- */

static bool is_default(const struct setting_row *setting)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, setting->key) == 0)
            return fields[i].fallback && strcmp(fields[i].fallback, setting->value) == 0;
    return false;
}

void report_settings(struct report_lines *lines, const struct report *report, bool all)
{
    struct arena *arena = lines->arena;
    bool is_first = true;
    for (int i = 0; i < report->setting_count; i++) {
        const struct setting_row *setting = &report->settings[i];
        struct report_line line = { .kind = REPORT_ITEM,
                                    .label = "",
                                    .is_changed = !is_default(setting) };
        if (!all && !line.is_changed)
            continue;
        if (is_first)
            add_title(lines, all || report->run.row.is_command
                                 ? "recipe"
                                 : "recipe (what differs from the defaults)");
        is_first = false;
        line.text = arena_printf(arena, "%s = %s", text_clean(arena, setting->key, 200),
                                 text_clean(arena, setting->value, 2000));
        add(lines, &line);
    }
}

void report_health(struct report_lines *lines, const struct report *report)
{
    struct arena *arena = lines->arena;
    for (int i = 0; i < report->health_count; i++) {
        const struct health_row *change = &report->health[i];
        if (i == 0)
            add_title(lines, "health");
        add_item(lines,
                 arena_printf(arena, "step %s: %s%s%s", format_count(arena, (double)change->step),
                              text_clean(arena, change->state, 200), change->why ? ": " : "",
                              change->why ? text_clean(arena, change->why, 1000) : ""));
        struct advice advice = advice_of(arena, report->run.row.number, change);
        const char *text = i == report->health_count - 1 ? advice_text(arena, &advice) : NULL;
        if (text)
            add(lines, &(struct report_line){ .kind = REPORT_TEXT, .label = "", .text = text });
    }
}

void report_notes(struct report_lines *lines, const struct report *report)
{
    struct arena *arena = lines->arena;
    for (int i = 0; i < report->note_count; i++) {
        const struct note_row *note = &report->notes[i];
        if (i == 0)
            add_title(lines, "notes");
        add_item(lines, arena_printf(arena, "%s%s%s", format_moment(arena, note->time),
                                     note->author ? " " : "",
                                     note->author ? text_clean(arena, note->author, 100) : ""));
        char *text = arena_strdup(arena, note->text), *line;
        while ((line = strsep(&text, "\n")))
            add(lines, &(struct report_line){ .kind = REPORT_TEXT,
                                              .label = "",
                                              .text = text_clean(arena, line, strlen(line)) });
    }
}
