/* Where the parts of a chart are, and the drawing of all but its curves. */
#include <string.h>

#include "base/text.h"
#include "chart_parts.h"

static const struct style quiet = { .attributes = STYLE_DIM };

static bool has_text(const char *text)
{
    return text && *text;
}

/* The title above the legend, or both in one line where they fit; or the legend below all. Takes
 * lines off `free`, the part that is left for the plot. */
static void place_head(struct frame *frame, struct rect *free)
{
    enum { ROOM_FOR_ONE = 5, ROOM_FOR_BOTH = 9, ROWS_A_LINE = 4, GAP = 3 };
    const struct chart *chart = &frame->chart;
    bool is_above = chart->legend == CHART_LEGEND_ABOVE;
    int columns = legend_columns(&frame->legend);
    int title = has_text(chart->title) ? text_columns(chart->title) : 0;
    if (free->height < ROOM_FOR_ONE || (columns == 0 && title == 0))
        return;
    int most = MAX(free->height / ROWS_A_LINE, 1);
    int lines = legend_lines(&frame->legend, free->width, most);
    struct rect line = { free->x, free->y, free->width, 1 };
    bool is_shared = is_above && title > 0 && lines > 0 && title + GAP + columns <= free->width;
    bool has_title = title > 0 && (lines == 0 || is_shared || free->height >= ROOM_FOR_BOTH);
    if (has_title) {
        frame->title = line;
        free->y++, free->height--;
    }
    if (is_shared) {
        frame->title.width -= columns + GAP;
        frame->legend_place = (struct rect){ line.x + line.width - columns, line.y, columns, 1 };
    } else if (lines > 0) {
        free->height -= lines;
        int y = is_above ? free->y : frame->all.y + frame->all.height - lines;
        frame->legend_place = (struct rect){ free->x, y, free->width, lines };
        free->y += is_above ? lines : 0;
    }
}

static bool has_points(const struct chart *chart)
{
    for (int i = 0; i < chart->series_count; i++)
        if (chart->series[i].count > 0)
            return true;
    return false;
}

/* The labels of the y axis on the left, the plot on the right. */
static void place_columns(struct frame *frame)
{
    enum { NARROWEST_PLOT = 12, WIDE = 40 };
    int gap = frame->all.width >= WIDE ? 2 : 1; /* the axis, and a space before it */
    int columns = ticks_columns(&frame->y_ticks) + gap;
    frame->has_y_axis = frame->plot.height >= 2 && frame->plot.width - columns >= NARROWEST_PLOT;
    if (!frame->has_y_axis)
        return;
    frame->plot.x += columns;
    frame->plot.width -= columns;
}

/* The title in its own row, in the corner or at the right end of the labels, and the label of the
 * cursor. Returns the columns to the left of the plot that labels may take. */
static int place_below(struct frame *frame, bool has_title_row)
{
    const struct chart *chart = &frame->chart;
    const struct rect *plot = &frame->plot;
    int y = plot->y + plot->height + 1, before = plot->x - frame->all.x;
    int title = has_text(chart->x_title) ? text_columns(chart->x_title) : 0;
    int cursor = chart->has_cursor ? chart_frame_column(frame, chart->cursor) : -1;
    if (cursor >= 0) {
        char label[CHART_LABEL_SIZE];
        chart_write_x(label, chart, chart->cursor);
        int columns = (int)strlen(label) + 2, right = frame->all.x + frame->all.width - columns;
        struct rect place = { MAX(MIN(cursor - columns / 2, right), frame->all.x), y, columns, 1 };
        frame->cursor_label = rect_intersect(place, frame->all);
    }
    if (has_title_row)
        frame->x_title = (struct rect){ plot->x, y + 1, plot->width, 1 };
    if (has_title_row || title == 0 || (title >= before && title >= plot->width / 3))
        return before;
    bool is_in_corner = title < before;
    int x = is_in_corner ? frame->all.x : plot->x + plot->width - title;
    frame->x_title = (struct rect){ x, y, title, 1 };
    return is_in_corner ? 0 : before;
}

void chart_frame_init(struct frame *frame, const struct chart *chart, struct rect rect,
                      enum chart_glyphs glyphs)
{
    enum { ROOM_FOR_X_AXIS = 5, ROOM_FOR_X_TITLE = 16, NARROWEST_X_AXIS = 8, X_AXIS_ROWS = 2 };
    *frame = (struct frame){
        .chart = *chart,
        .glyphs = glyphs,
        .all = { rect.x, rect.y, MIN(MAX(rect.width, 0), CHART_SIDE),
                 MIN(MAX(rect.height, 0), CHART_SIDE) },
        .across = chart_glyph_across(glyphs),
        .down = chart_glyph_down(glyphs),
    };
    frame->chart.series_count = MIN(chart->series_count, CHART_SERIES);
    chart = &frame->chart;
    struct rect free = frame->all;
    frame->has_x_axis = free.height >= ROOM_FOR_X_AXIS && free.width >= NARROWEST_X_AXIS;
    bool has_title_row =
        frame->has_x_axis && has_text(chart->x_title) && free.height >= ROOM_FOR_X_TITLE;
    free.height -= (frame->has_x_axis ? X_AXIS_ROWS : 0) + has_title_row;
    legend_init(&frame->legend, chart);
    place_head(frame, &free);
    frame->plot = free;

    axis_init_x(&frame->x, chart);
    axis_init_y(&frame->y, chart, &frame->x, frame->plot.height);
    if (has_points(chart))
        ticks_find_y(&frame->y_ticks, &frame->y, frame->plot.height, frame->down);
    place_columns(frame);
    int before = frame->has_x_axis ? place_below(frame, has_title_row) : 0;
    if (has_points(chart))
        ticks_find_x(&frame->x_ticks, &frame->x, chart, frame->plot.width, frame->across, before);
}

/* --- queries --- */

int chart_frame_row(const struct frame *frame, double y)
{
    const struct rect *plot = &frame->plot;
    int cell = axis_cell(&frame->y, y, plot->height, frame->down);
    return cell < 0 ? -1 : plot->y + plot->height - 1 - cell;
}

int chart_frame_column(const struct frame *frame, double x)
{
    int cell = axis_cell(&frame->x, x, frame->plot.width, frame->across);
    return cell < 0 ? -1 : frame->plot.x + cell;
}

/* --- drawing --- */

static void draw_y_axis(const struct frame *frame, struct canvas *canvas)
{
    const struct rect *plot = &frame->plot;
    int x = plot->x - 1;
    uint32_t line = chart_character(frame->glyphs, 0x2502);
    uint32_t mark = chart_character(frame->glyphs, 0x2524);
    canvas_fill(canvas, (struct rect){ x, plot->y, 1, plot->height }, line, quiet);
    for (int i = 0; i < frame->y_ticks.count; i++) {
        const struct tick *tick = &frame->y_ticks.list[i];
        int columns = (int)strlen(tick->label), room = ticks_columns(&frame->y_ticks);
        struct rect place = { frame->all.x + room - columns, plot->y + tick->at, columns, 1 };
        canvas_text(canvas, place, tick->label, (struct style){ 0 });
        canvas_put(canvas, x, place.y, mark, quiet);
    }
}

static void draw_events(const struct frame *frame, struct canvas *canvas)
{
    static const struct style styles[] = {
        [CHART_HEALTH] = { .attributes = STYLE_BOLD },
        [CHART_RESUME] = { .attributes = STYLE_BOLD },
    };
    const struct chart *chart = &frame->chart;
    int y = frame->plot.y + frame->plot.height;
    for (int kind = CHART_MARK; kind <= CHART_HEALTH; kind++) {
        for (int i = 0; i < chart->event_count; i++) {
            int x = chart_frame_column(frame, chart->events[i].x);
            if ((int)chart->events[i].kind == kind && x >= 0)
                canvas_put(canvas, x, y, chart_glyph_of_event(chart->events[i].kind, frame->glyphs),
                           styles[kind]);
        }
    }
}

/* Whether a label would touch what else stands in its row. */
static bool is_in_the_way(struct rect label, struct rect other)
{
    label.x--, label.width += 2;
    return rect_intersect(label, other).width > 0;
}

static void draw_x_axis(const struct frame *frame, struct canvas *canvas)
{
    const struct rect *plot = &frame->plot;
    int y = plot->y + plot->height;
    canvas_fill(canvas, (struct rect){ plot->x, y, plot->width, 1 },
                chart_character(frame->glyphs, 0x2500), quiet);
    if (frame->has_y_axis)
        canvas_put(canvas, plot->x - 1, y, chart_character(frame->glyphs, 0x2514), quiet);
    for (int i = 0; i < frame->x_ticks.count; i++) {
        const struct tick *tick = &frame->x_ticks.list[i];
        struct rect label = { plot->x + tick->start, y + 1, (int)strlen(tick->label), 1 };
        canvas_put(canvas, plot->x + tick->at, y, chart_character(frame->glyphs, 0x252C), quiet);
        if (!is_in_the_way(label, frame->x_title) && !is_in_the_way(label, frame->cursor_label))
            canvas_text(canvas, label, tick->label, (struct style){ 0 });
    }
}

/* Centred in its own row, else where it was put. */
static void draw_x_title(const struct frame *frame, struct canvas *canvas)
{
    struct rect place = frame->x_title;
    int columns = place.width > 0 ? text_columns(frame->chart.x_title) : 0;
    if (columns < place.width) {
        place.x += (place.width - columns) / 2;
        place.width -= (place.width - columns) / 2;
    }
    if (place.width > 0)
        canvas_text(canvas, place, frame->chart.x_title, quiet);
}

void chart_frame_draw(const struct frame *frame, struct canvas *canvas)
{
    static const struct style bold = { .attributes = STYLE_BOLD };
    canvas_fill(canvas, frame->all, ' ', (struct style){ 0 });
    if (frame->title.width > 0)
        canvas_text(canvas, frame->title, frame->chart.title, bold);
    if (frame->legend_place.width > 0)
        legend_draw(&frame->legend, frame->glyphs, canvas, frame->legend_place);
    if (frame->has_y_axis)
        draw_y_axis(frame, canvas);
    if (!frame->has_x_axis)
        return;
    draw_x_axis(frame, canvas);
    draw_events(frame, canvas);
    draw_x_title(frame, canvas);
}
