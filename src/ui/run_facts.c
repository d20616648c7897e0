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

/* --- lines that fit --- */

/* As much of a text as fits: up to a blank, else in the middle of a word. */
static size_t fitting(const char *text, int columns)
{
    const char *at = text;
    size_t best = 0, hard = 0;
    for (int used = 0; *at && used <= columns;) {
        const char *before = at;
        char one[5];
        if (*at == ' ' && at > text)
            best = (size_t)(at - text);
        text_encode(text_next(&at), one);
        used += text_columns(one);
        if (used <= columns)
            hard = (size_t)(at - text);
        else if (!best)
            return MAX(hard, (size_t)(at - before));
    }
    return *at || hard < strlen(text) ? best ? best : hard : strlen(text);
}

static void add_folded(struct pages *pages, enum role role, const char *head, int indent,
                       const char *text)
{
    struct arena arena = { 0 };
    int columns = MAX(pages->columns - indent - 2, LABEL);
    do {
        size_t length = fitting(text, columns);
        pages_printf(pages, role, " %-*s%.*s", indent, head, (int)length, text);
        text += length;
        text += strspn(text, " ");
        head = "";
    } while (*text);
    arena_release(&arena);
}

static void add_title(struct pages *pages, const char *text)
{
    pages_add(pages, ROLE_TEXT, "");
    pages_printf(pages, ROLE_TITLE, " %s", text);
}

static void add_item(struct pages *pages, enum role role, const char *text)
{
    add_folded(pages, role, "", INDENT, text);
}

static void add_line(struct pages *pages, const struct report_line *line)
{
    switch (line->kind) {
    case REPORT_FACT:
        add_folded(pages, strcmp(line->label, "broken") == 0 ? ROLE_BAD : ROLE_TEXT, line->label,
                   LABEL, line->text);
        break;
    case REPORT_TITLE:
        add_title(pages, line->text);
        break;
    case REPORT_ITEM:
        add_item(pages, line->is_default ? ROLE_DIM : ROLE_TEXT, line->text);
        break;
    case REPORT_TEXT:
        add_folded(pages, ROLE_TEXT, "", 2 * INDENT, line->text);
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
        add_folded(pages, ROLE_TEXT, "seed", LABEL,
                   arena_printf(arena, "%lld", (long long)row->seed));
    if (row->exit_status >= 0)
        add_folded(pages, ROLE_TEXT, "exit", LABEL, arena_printf(arena, "%d", row->exit_status));
    if (row->signal > 0)
        add_folded(pages, ROLE_TEXT, "signal", LABEL,
                   arena_printf(arena, "%d (%s)", row->signal, strsignal(row->signal)));
    if (facts->version && *facts->version)
        add_folded(pages, ROLE_TEXT, "gander", LABEL,
                   text_clean(arena,
                              arena_printf(arena, "%s%s%s", facts->version,
                                           facts->build && *facts->build ? " " : "",
                                           facts->build ? facts->build : ""),
                              200));
    if (row->commit)
        add_folded(pages, ROLE_TEXT, "commit", LABEL, text_clean(arena, row->commit, 100));
    add_folded(pages, ROLE_TEXT, "journal", LABEL,
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

static const char *range_text(struct arena *arena, const struct run_metric *metric)
{
    if (isnan(metric->low))
        return "";
    return arena_printf(arena, "%9s at %-9s %9s at %-9s",
                        metric_format(arena, metric->name, metric->low),
                        format_count(arena, (double)metric->low_step),
                        metric_format(arena, metric->name, metric->high),
                        format_count(arena, (double)metric->high_step));
}

static void add_metrics(struct pages *pages, const struct report *report, struct arena *arena,
                        bool utf8)
{
    enum { NAME_MOST = 24, BESIDE = 60, CURVE = 24 };
    int columns = 6, curve = MIN(pages->columns - BESIDE - 10, CURVE);
    if (report->metric_count == 0)
        return;
    for (int i = 0; i < report->metric_count; i++)
        columns = MAX(columns, MIN(text_columns(report->metrics[i].name), NAME_MOST));
    add_title(pages, arena_printf(arena, "%-*s %9s %9s    %-9s %9s", columns + INDENT, "metrics",
                                  "last", "min", "", "max"));
    for (int i = 0; i < report->metric_count; i++) {
        const struct run_metric *metric = &report->metrics[i];
        const char *name = text_clean(arena, metric->name, 200);
        int pad = MAX(columns - text_columns(name), 0);
        const char *spark =
            curve >= 8 ? sparkline_text(arena, metric->spark, metric->spark_count, curve, utf8)
                       : "";
        pages_printf(pages, ROLE_TEXT, "   %s%*s %9s %s %s", name, pad, "",
                     metric_format(arena, metric->name, metric->last), range_text(arena, metric),
                     spark);
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
    int first = pages->first;
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
    report_settings(&lines, report, true);
    add_report(pages, &lines);
    add_engine(pages, report, &arena);
    pages->first = first;
    pages_resize(pages, columns, pages->rows);
    arena_release(&arena);
}

/* Labels stand back behind what they label. */
void run_facts_draw(const struct run_view *run, struct frame *frame, struct rect body)
{
    const struct pages *pages = &run->facts;
    pages_draw(pages, frame, body);
    for (int i = 0; i < body.height && pages->first + i < pages->count; i++) {
        const char *text = pages->lines[pages->first + i].text;
        bool has_label = pages->column == 0 && text[0] == ' ' && text[1] != ' ' && text[1] != '\0';
        if (has_label && pages->lines[pages->first + i].role == ROLE_TEXT)
            canvas_restyle(frame->canvas, (struct rect){ body.x, body.y + i, LABEL + 1, 1 },
                           look_style(frame->look, ROLE_DIM));
    }
}
