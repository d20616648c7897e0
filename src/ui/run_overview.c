/* The first tab of a run: its losses, the equilibrium, the newest sheet, and who it is. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "draw/bars.h"
#include "run_view.h"

enum { FACT_LABEL = 9, WIDE = 120, GAUGE_ROWS = 7, GAP = 2, CLASS_ROWS = 6, LOW_CLASS_ROWS = 2 };

/* The left part has the chart above the facts, the right part gauge, classes and sheet. */
struct parts {
    struct rect chart, facts, gauge, classes, sheet;
};

static bool has_gauge(const struct run_view *run)
{
    return run->is_known && isfinite(run->known.gauge.real) && isfinite(run->known.gauge.fake);
}

static bool has_classes(const struct run_view *run)
{
    return run->is_known && run->known.evaluation.classes > 0;
}

/* A command that tells neither what D thinks nor draws samples has the left part only. */
static bool is_plain(const struct run_view *run)
{
    return run->head.run.row.is_command && !has_gauge(run) && run->known.sample < 0;
}

static struct parts divide(const struct run_view *run, struct rect body)
{
    int left = body.width >= WIDE ? body.width * 3 / 5 : (body.width - GAP) * 11 / 20;
    if (is_plain(run))
        left = body.width;
    int chart = MAX(body.height * 3 / 5, MIN(body.height, 8));
    int gauge = MIN(body.height >= 40   ? 2 * GAUGE_ROWS
                    : body.height >= 18 ? GAUGE_ROWS
                                        : 3,
                    body.height);
    int classes = !has_classes(run)   ? 0
                  : body.height >= 40 ? CLASS_ROWS
                  : body.height >= 18 ? LOW_CLASS_ROWS
                                      : 0;
    struct rect right = { body.x + left + GAP, body.y, body.width - left - GAP, body.height };
    if (!has_gauge(run))
        gauge = 0;
    int used = gauge + (gauge > 0) + classes + (classes > 0);
    return (struct parts){
        .chart = { body.x, body.y, left, chart },
        .facts = { body.x, body.y + chart, left, body.height - chart },
        .gauge = { right.x, right.y, right.width, gauge },
        .classes = { right.x, right.y + gauge + (gauge > 0), right.width, classes },
        .sheet = { right.x, right.y + used, right.width, right.height - used },
    };
}

struct rect run_overview_chart(const struct run_view *run, struct rect body)
{
    return divide(run, body).chart;
}

static void say(struct frame *frame, struct rect rect, const char *text)
{
    canvas_text(frame->canvas, (struct rect){ rect.x + 1, rect.y, rect.width - 1, 1 }, text,
                look_style(frame->look, ROLE_DIM));
}

/* --- parts --- */

static void draw_chart(const struct run_view *run, struct frame *frame, struct rect rect)
{
    const struct plot *plot = &run->losses;
    struct plot_look look = { .events = plot->events, .event_count = plot->event_count };
    if (plot->panel_count > 0)
        plot_draw(plot, 0, frame, rect, &look);
    else if (run->is_known && run->known.points == 0)
        say(frame, rect, run_head_is_live(&run->head) ? "no metrics yet" : "it has no metrics");
}

/* The state of its health above what D makes of both, where there is room for a title. */
static void draw_gauge(const struct run_view *run, struct frame *frame, struct rect rect)
{
    const char *health = run->head.run.row.health;
    if (health && rect.height >= GAUGE_ROWS) {
        int used = canvas_text(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 },
                               "equilibrium: ", look_style(frame->look, ROLE_TITLE));
        canvas_text(frame->canvas, (struct rect){ rect.x + used, rect.y, rect.width - used, 1 },
                    health,
                    look_style(frame->look, run_head_is_well(&run->head) ? ROLE_TEXT : ROLE_BAD));
        rect.y++, rect.height--;
    }
    gauge_draw(frame->canvas, rect, &run->known.gauge);
}

/* What a classifier reads in samples; the marks are even shares. */
static void draw_classes(const struct run_view *run, struct frame *frame, struct rect rect)
{
    const struct evaluation_row *evaluation = &run->known.evaluation;
    int count = evaluation->classes;
    const char **labels = arena_alloc(frame->arena, (size_t)count, sizeof *labels);
    double *marks = arena_alloc(frame->arena, (size_t)count, sizeof *marks);
    for (int i = 0; i < count; i++) {
        labels[i] = arena_printf(frame->arena, "%d", i);
        marks[i] = (double)evaluation->samples / count;
    }
    canvas_printf(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 },
                  look_style(frame->look, ROLE_TITLE), "classes of %s samples, step %s",
                  format_count(frame->arena, (double)evaluation->samples),
                  format_count(frame->arena, (double)evaluation->step));
    bars_draw(frame->canvas, (struct rect){ rect.x, rect.y + 1, rect.width, rect.height - 1 },
              &(struct bars){ .labels = labels,
                              .values = evaluation->counts,
                              .marks = marks,
                              .count = count,
                              .style = look_style(frame->look, ROLE_TEXT) });
}

static void draw_sheet(const struct run_view *run, struct frame *frame, struct rect rect)
{
    if (rect.height < 3)
        return;
    if (run->sheet.count == 0) {
        if (run->is_known && run->known.sample < 0)
            say(frame, rect, run_head_is_live(&run->head) ? "no samples yet" : "it has no samples");
        return;
    }
    canvas_printf(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 },
                  look_style(frame->look, ROLE_TITLE), "samples, step %s",
                  format_count(frame->arena, (double)run->sheet.step));
    sheet_draw(&run->sheet, frame,
               (struct rect){ rect.x, rect.y + 1, rect.width, rect.height - 1 });
}

/* What the head of the screen says already is left out. */
static bool is_told_above(const char *label)
{
    return strcmp(label, "state") == 0 || strcmp(label, "step") == 0 ||
           strcmp(label, "broken") == 0 || strcmp(label, "health") == 0;
}

static void add_fact(struct pages *pages, const char *label, const char *text)
{
    pages_printf(pages, ROLE_TEXT, " %-*s%s", FACT_LABEL, label, text);
}

/* Titles stand a row apart from what is above them. */
static void add_lines(struct pages *pages, const struct report_lines *lines)
{
    for (int i = 0; i < lines->count; i++) {
        const struct report_line *line = &lines->lines[i];
        if (line->kind == REPORT_TITLE)
            pages_add(pages, ROLE_TEXT, "");
        pages_printf(pages, line->kind == REPORT_TITLE ? ROLE_TITLE : ROLE_TEXT, "%s%s",
                     line->kind == REPORT_TITLE ? " " : "   ", line->text);
    }
}

/* The newest note first, since somebody thought it worth writing. */
static void add_facts(struct pages *pages, const struct report *report, struct arena *arena)
{
    struct report_lines lines = { .arena = arena };
    report_head(&lines, report);
    for (int i = 0; i < lines.count; i++)
        if (strcmp(lines.lines[i].label, "tags") == 0)
            add_fact(pages, "tags", lines.lines[i].text);
    if (report->note_count > 0) {
        const struct note_row *note = &report->notes[report->note_count - 1];
        add_fact(pages, "note", arena_strndup(arena, note->text, strcspn(note->text, "\n")));
    }
    for (int i = 0; i < lines.count; i++)
        if (!is_told_above(lines.lines[i].label) && strcmp(lines.lines[i].label, "tags") != 0)
            add_fact(pages, lines.lines[i].label, lines.lines[i].text);
}

/* How its health went, and the recipe's values that were changed. */
static void fill(struct pages *pages, const struct report *report)
{
    struct arena arena = { 0 };
    struct report_lines lines = { .arena = &arena };
    int first = pages->first, found = pages->found;
    pages_clear(pages);
    add_facts(pages, report, &arena);
    report_health(&lines, report);
    report_settings(&lines, report, false);
    add_lines(pages, &lines);
    pages->first = first;
    pages->found = MIN(found, pages->count - 1);
    arena_release(&arena);
}

void run_overview_update(struct run_view *run, struct rect body)
{
    struct rect facts = divide(run, body).facts;
    if (run->is_overview_stale)
        fill(&run->overview, &run->known.report);
    run->is_overview_stale = false;
    pages_resize(&run->overview, facts.width, facts.height);
}

void run_overview_draw(const struct run_view *run, struct frame *frame, struct rect body)
{
    struct parts parts = divide(run, body);
    draw_chart(run, frame, parts.chart);
    run_pages_draw(&run->overview, frame, parts.facts, FACT_LABEL);
    if (parts.gauge.height > 0)
        draw_gauge(run, frame, parts.gauge);
    if (parts.classes.height > 0)
        draw_classes(run, frame, parts.classes);
    draw_sheet(run, frame, parts.sheet);
}
