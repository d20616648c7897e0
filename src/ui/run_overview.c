/* The first tab of a run: its losses, the equilibrium, the newest sheet, and who it is. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "run_view.h"

enum { FACT_LABEL = 9, WIDE = 120, GAUGE_ROWS = 7, GAP = 2 };

/* The left part has the chart above the facts, the right part gauge and sheet. */
struct parts {
    struct rect chart, facts, gauge, sheet;
};

static bool has_gauge(const struct run_view *run)
{
    return run->is_known && isfinite(run->known.gauge.real) && isfinite(run->known.gauge.fake);
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
    struct rect right = { body.x + left + GAP, body.y, body.width - left - GAP, body.height };
    return (struct parts){
        .chart = { body.x, body.y, left, chart },
        .facts = { body.x, body.y + chart, left, body.height - chart },
        .gauge = { right.x, right.y, right.width, gauge },
        .sheet = { right.x, right.y + gauge + 1, right.width, right.height - gauge - 1 },
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

static struct rect draw_fact(struct frame *frame, struct rect rest, const char *label,
                             const char *text)
{
    struct rect row = { rest.x + 1, rest.y, rest.width - 1, 1 };
    if (rest.height < 1)
        return rest;
    canvas_text(frame->canvas, row, label, look_style(frame->look, ROLE_DIM));
    row.x += FACT_LABEL, row.width -= FACT_LABEL;
    canvas_text(frame->canvas, row, text, (struct style){ 0 });
    return (struct rect){ rest.x, rest.y + 1, rest.width, rest.height - 1 };
}

/* Where there is room: the recipe's values that were changed, and how its health went. */
static void draw_values(const struct run_view *run, struct frame *frame, struct rect rest)
{
    struct report_lines lines = { .arena = frame->arena };
    report_health(&lines, &run->known.report);
    report_settings(&lines, &run->known.report, false);
    for (int i = 0; i < lines.count && rest.height > 0; i++) {
        const struct report_line *line = &lines.lines[i];
        bool is_title = line->kind == REPORT_TITLE;
        if (is_title && rest.height < 3)
            break;
        rest.y += is_title, rest.height -= is_title;
        canvas_text(frame->canvas,
                    (struct rect){ rest.x + 1, rest.y, rest.width - 1, MIN(rest.height, 1) },
                    is_title ? line->text : arena_printf(frame->arena, "  %s", line->text),
                    look_style(frame->look, is_title ? ROLE_TITLE : ROLE_TEXT));
        rest.y++, rest.height--;
    }
}

/* The newest note first, since somebody thought it worth writing. */
static void draw_facts(const struct run_view *run, struct frame *frame, struct rect rest)
{
    const struct report *report = &run->known.report;
    struct report_lines lines = { .arena = frame->arena };
    if (!run->is_known)
        return;
    report_head(&lines, report);
    for (int i = 0; i < lines.count; i++)
        if (strcmp(lines.lines[i].label, "tags") == 0)
            rest = draw_fact(frame, rest, "tags", lines.lines[i].text);
    if (report->note_count > 0) {
        const struct note_row *note = &report->notes[report->note_count - 1];
        char *text = arena_strndup(frame->arena, note->text, strcspn(note->text, "\n"));
        rest = draw_fact(frame, rest, "note", text);
    }
    for (int i = 0; i < lines.count; i++)
        if (!is_told_above(lines.lines[i].label) && strcmp(lines.lines[i].label, "tags") != 0)
            rest = draw_fact(frame, rest, lines.lines[i].label, lines.lines[i].text);
    draw_values(run, frame, rest);
}

void run_overview_draw(const struct run_view *run, struct frame *frame, struct rect body)
{
    struct parts parts = divide(run, body);
    draw_chart(run, frame, parts.chart);
    draw_facts(run, frame, parts.facts);
    if (has_gauge(run)) {
        gauge_draw(frame->canvas, parts.gauge, &run->known.gauge);
    } else {
        parts.sheet.height += parts.sheet.y - parts.gauge.y;
        parts.sheet.y = parts.gauge.y;
    }
    draw_sheet(run, frame, parts.sheet);
}
