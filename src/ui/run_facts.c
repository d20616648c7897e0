/* The page with all that is known of a run. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "draw/sparkline.h"
#include "record/metric.h"
#include "run_view.h"

enum { LABEL = 10, INDENT = 2 };

/* --- lines --- */

static void add_fact(struct pages *pages, enum role role, const char *label, const char *text)
{
    pages_add_folded(pages, role, label, LABEL, LABEL, text);
}

static void add_title(struct pages *pages, const char *text)
{
    pages_add(pages, ROLE_TEXT, "");
    pages_printf(pages, ROLE_TITLE, " %s", text);
}

static void add_item(struct pages *pages, enum role role, const char *text)
{
    pages_add_folded(pages, role, "", INDENT, 2 * INDENT, text);
}

static void add_line(struct pages *pages, const struct report_line *line)
{
    switch (line->kind) {
    case REPORT_FACT:
        add_fact(pages, strcmp(line->label, "broken") == 0 ? ROLE_BAD : ROLE_TEXT, line->label,
                 line->text);
        break;
    case REPORT_TITLE:
        add_title(pages, line->text);
        break;
    case REPORT_ITEM:
        pages_add_folded(pages, ROLE_TEXT, line->is_changed ? "*" : "", INDENT, 2 * INDENT,
                         line->text);
        break;
    case REPORT_TEXT:
        pages_add_folded(pages, ROLE_TEXT, "", 2 * INDENT, 2 * INDENT, line->text);
        break;
    }
}

static void add_report(struct pages *pages, struct report_lines *lines)
{
    for (int i = 0; i < lines->count; i++)
        add_line(pages, &lines->lines[i]);
    lines->count = 0;
}

/* --- parts --- */

/* What the head leaves out: who launched it, with what, and how often. */
static void add_more(struct pages *pages, const struct report *report, struct arena *arena)
{
    const struct run_facts *facts = &report->facts;
    const struct run_row *row = &report->run.row;
    if (row->seed >= 0)
        add_fact(pages, ROLE_TEXT, "seed", arena_printf(arena, "%lld", (long long)row->seed));
    if (row->exit_status >= 0)
        add_fact(pages, ROLE_TEXT, "exit", arena_printf(arena, "%d", row->exit_status));
    if (row->signal > 0)
        add_fact(pages, ROLE_TEXT, "signal",
                 arena_printf(arena, "%d (%s)", row->signal, strsignal(row->signal)));
    if (facts->version && *facts->version)
        add_fact(pages, ROLE_TEXT, "gander",
                 text_clean(arena,
                            arena_printf(arena, "%s%s%s", facts->version,
                                         facts->build && *facts->build ? " " : "",
                                         facts->build ? facts->build : ""),
                            200));
    if (row->commit)
        add_fact(pages, ROLE_TEXT, "commit", text_clean(arena, row->commit, 100));
    add_fact(pages, ROLE_TEXT, "journal",
             arena_printf(arena, "%s lines, %s superseded, %s bad",
                          format_count(arena, (double)report->journal.lines),
                          format_count(arena, (double)report->journal.superseded),
                          format_count(arena, (double)report->journal.bad)));
}

static void add_attempts(struct pages *pages, const struct report *report, struct arena *arena)
{
    if (report->attempt_count < 2)
        return;
    add_title(pages, "attempts");
    for (int i = 0; i < report->attempt_count; i++) {
        const struct attempt_row *attempt = &report->attempts[i];
        add_item(pages, ROLE_TEXT,
                 arena_printf(arena, "%s  from step %s, after %s of work",
                              format_moment(arena, attempt->time),
                              format_count(arena, (double)attempt->from_step),
                              format_duration(arena, attempt->worked)));
    }
}

static void add_changes(struct pages *pages, const struct run_view *run, struct arena *arena)
{
    const struct diff *changes = &run->changes;
    if (!run->are_changes_asked)
        return;
    add_title(pages, "changed files, not committed (d shows how)");
    if (!run->are_changes_known)
        add_item(pages, ROLE_DIM, "looking");
    else if (run->no_changes[0])
        add_item(pages, ROLE_WARNING, run->no_changes);
    for (int i = 0; i < changes->file_count; i++) {
        const struct diff_file *file = &changes->files[i];
        add_item(pages, ROLE_LINK,
                 arena_printf(arena, "%s  +%d -%d%s", file->path, file->added, file->removed,
                              file->is_new       ? "  new"
                              : file->is_deleted ? "  gone"
                                                 : ""));
    }
}

static const char *column_text(struct arena *arena, const struct run_metric *metric, int column)
{
    switch (column) {
    case 0:
        return text_clean(arena, metric->name, 100);
    case 1:
        return metric_format(arena, metric->name, metric->last);
    case 2:
        return metric_format(arena, metric->name, metric->low);
    case 3:
        return format_count(arena, (double)metric->low_step);
    case 4:
        return metric_format(arena, metric->name, metric->high);
    default:
        return format_count(arena, (double)metric->high_step);
    }
}

enum { METRIC_TEXTS = 6, CURVE_LEAST = 8, CURVE_MOST = 24 };

static const char *const metric_heads[METRIC_TEXTS] = {
    "metrics", "last", "min", "at", "max", "at"
};

/* One row, its texts as wide as `widths` says, the first one to the left. */
static const char *metric_row_text(struct arena *arena, const char *const *texts, const int *widths)
{
    const char *row = "";
    for (int i = 0; i < METRIC_TEXTS; i++) {
        int pad = MAX(widths[i] - text_columns(texts[i]), 0);
        row = arena_printf(arena, "%s%*s%s%*s ", row, i > 0 ? pad : 0, "", texts[i],
                           i > 0 ? 0 : pad, "");
    }
    return row;
}

static void add_metrics(struct pages *pages, const struct report *report, struct arena *arena,
                        bool utf8)
{
    int widths[METRIC_TEXTS] = { 0 }, used = 2 * INDENT, count = report->metric_count;
    if (count == 0)
        return;
    const char *(*texts)[METRIC_TEXTS] = arena_alloc(arena, (size_t)count, sizeof *texts);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < METRIC_TEXTS; j++)
            texts[i][j] = column_text(arena, &report->metrics[i], j);
    for (int j = 0; j < METRIC_TEXTS; j++) {
        widths[j] = (int)strlen(metric_heads[j]);
        for (int i = 0; i < count; i++)
            widths[j] = MAX(widths[j], text_columns(texts[i][j]));
        widths[j] += j == 0 ? INDENT : 0;
        used += widths[j] + 1;
    }
    int curve = MIN(pages->columns - used, CURVE_MOST);
    add_title(pages, metric_row_text(arena, metric_heads, widths));
    widths[0] -= INDENT;
    for (int i = 0; i < count; i++) {
        const struct run_metric *metric = &report->metrics[i];
        const char *spark = curve >= CURVE_LEAST ? sparkline_text(arena, metric->spark,
                                                                  metric->spark_count, curve, utf8)
                                                 : "";
        pages_printf(pages, ROLE_TEXT, " %*s%s%s", INDENT, "",
                     metric_row_text(arena, texts[i], widths), spark);
    }
}

static void add_engine(struct pages *pages, const struct report *report, struct arena *arena)
{
    if (report->engine_count > 0)
        add_title(pages, "machine and data");
    for (int i = 0; i < report->engine_count; i++) {
        const struct fact_row *fact = &report->engine[i];
        add_item(pages, ROLE_TEXT,
                 arena_printf(arena, "%s = %s", text_clean(arena, fact->key, 200),
                              text_clean(arena, fact->value, 2000)));
    }
}

void run_facts_fill(struct view *view, int columns)
{
    struct run_view *run = view->state;
    struct pages *pages = &run->facts;
    const struct report *report = &run->known.report;
    struct arena arena = { 0 };
    struct report_lines lines = { .arena = &arena };
    int first = pages->first, found = pages->found;
    pages_clear(pages);
    pages->columns = columns;
    report_head(&lines, report);
    add_report(pages, &lines);
    add_more(pages, report, &arena);
    report_notes(&lines, report);
    report_health(&lines, report);
    add_report(pages, &lines);
    add_attempts(pages, report, &arena);
    add_changes(pages, run, &arena);
    add_metrics(pages, report, &arena, app_look(view->app)->terminal.utf8);
    report_settings(&lines, report, true); /* those that were changed are marked */
    add_report(pages, &lines);
    add_engine(pages, report, &arena);
    pages->first = first;
    pages->found = MIN(found, pages->count - 1);
    pages_resize(pages, columns, pages->rows);
    arena_release(&arena);
}

void run_pages_draw(const struct pages *pages, struct frame *frame, struct rect body, int label)
{
    pages_draw(pages, frame, body);
    for (int i = 0; i < body.height && pages->first + i < pages->count; i++) {
        const char *text = pages->lines[pages->first + i].text;
        bool has_label = pages->column == 0 && text[0] == ' ' && text[1] != ' ' && text[1] != '\0';
        if (has_label && pages->lines[pages->first + i].role == ROLE_TEXT)
            canvas_restyle(frame->canvas, (struct rect){ body.x, body.y + i, label + 1, 1 },
                           look_style(frame->look, ROLE_DIM));
    }
}

void run_facts_draw(const struct run_view *run, struct frame *frame, struct rect body)
{
    run_pages_draw(&run->facts, frame, body, LABEL);
}
