/* Dots, marks and lines as cells of the canvas. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chart_parts.h"

static const struct style quiet = { .attributes = STYLE_DIM };

static struct style style_of(const struct raster *raster, int series, uint32_t attributes)
{
    struct style style = chart_style(chart_look(&raster->frame->chart, series));
    style.attributes = attributes;
    return style;
}

static uint32_t marker_of(const struct raster *raster, int series)
{
    return chart_marker(chart_look(&raster->frame->chart, series), raster->frame->glyphs);
}

static bool is_blank(const struct canvas *canvas, int x, int y)
{
    const struct cell *cell = canvas_at(canvas, x, y);
    return cell && cell->character == ' ';
}

static void paint_references(const struct raster *raster, struct canvas *canvas)
{
    const struct frame *frame = raster->frame;
    bool is_plain = frame->glyphs == CHART_ASCII || frame->glyphs == CHART_HALF;
    for (int i = 0; i < frame->chart.reference_count; i++) {
        int y = chart_frame_row(frame, frame->chart.references[i].y);
        for (int x = 0; x < raster->columns && y >= 0; x++)
            if (!is_plain || x % 2)
                canvas_put(canvas, frame->plot.x + x, y, is_plain ? '-' : 0x2504, quiet);
    }
}

static void paint_cursor(const struct raster *raster, struct canvas *canvas)
{
    const struct rect *plot = &raster->frame->plot;
    int x = raster->frame->chart.has_cursor
                ? chart_frame_column(raster->frame, raster->frame->chart.cursor)
                : -1;
    if (x >= 0)
        canvas_fill(canvas, (struct rect){ x, plot->y, 1, plot->height },
                    chart_character(raster->frame->glyphs, 0x2502), (struct style){ 0 });
}

/* Whether the band takes enough of a cell for a character that stands for all of it. */
static bool is_covered(const struct frame *frame, unsigned dots)
{
    int count = 0;
    for (; dots; dots &= dots - 1)
        count++;
    return 2 * count > frame->across * frame->down;
}

/* What is behind the curves in a cell: ' ' if nothing. */
static uint32_t back_of(const struct frame *frame, const struct raster_cell *cell)
{
    enum { SHADE = 0x2591 };
    bool is_ascii = frame->glyphs == CHART_ASCII;
    unsigned both = cell->faint | cell->band;
    if (frame->glyphs == CHART_BRAILLE)
        return both ? chart_glyph_of_dots(frame->glyphs, both) : ' ';
    if (cell->faint)
        return is_ascii ? '.' : chart_glyph_of_dots(frame->glyphs, cell->faint);
    return !is_covered(frame, cell->band) ? ' ' : is_ascii ? ':' : SHADE;
}

static void paint_back(const struct raster *raster, struct canvas *canvas)
{
    const struct frame *frame = raster->frame;
    for (int i = 0; i < raster->rows * raster->columns; i++) {
        const struct raster_cell *cell = &raster->cells[i];
        uint32_t character = back_of(frame, cell);
        if (character != ' ')
            canvas_put(canvas, frame->plot.x + i % raster->columns,
                       frame->plot.y + i / raster->columns, character,
                       chart_faint_style(chart_look(&frame->chart, cell->back_series)));
    }
}

static void paint_lines(const struct raster *raster, struct canvas *canvas)
{
    const struct frame *frame = raster->frame;
    bool is_marker = frame->glyphs == CHART_ASCII && chart_curves(&frame->chart) > 1;
    for (int i = 0; i < raster->rows * raster->columns; i++) {
        const struct raster_cell *cell = &raster->cells[i];
        if (cell->line)
            canvas_put(canvas, frame->plot.x + i % raster->columns,
                       frame->plot.y + i / raster->columns,
                       is_marker ? marker_of(raster, cell->line_series)
                                 : chart_glyph_of_dots(frame->glyphs, cell->line),
                       style_of(raster, cell->line_series, 0));
    }
}

/* In blank cells above the line, from the right. */
static void paint_reference_labels(const struct raster *raster, struct canvas *canvas)
{
    const struct rect *plot = &raster->frame->plot;
    for (int i = 0; i < raster->frame->chart.reference_count; i++) {
        const struct chart_reference *reference = &raster->frame->chart.references[i];
        int y = chart_frame_row(raster->frame, reference->y);
        int columns = reference->label ? text_columns(reference->label) : 0;
        if (columns == 0 || columns >= plot->width || y <= plot->y)
            continue;
        for (int x = plot->x + plot->width - columns; x >= plot->x; x--) {
            int free = 0;
            while (free < columns && is_blank(canvas, x + free, y - 1))
                free++;
            if (free < columns)
                continue;
            canvas_text(canvas, (struct rect){ x, y - 1, columns, 1 }, reference->label, quiet);
            break;
        }
    }
}

static void paint_marks(const struct raster *raster, struct canvas *canvas)
{
    const struct rect *plot = &raster->frame->plot;
    enum chart_glyphs glyphs = raster->frame->glyphs;
    int bottom = plot->y + plot->height - 1;
    for (int column = 0; column < raster->columns && raster->rows > 0; column++) {
        const struct raster_column *marks = &raster->marks[column];
        int x = plot->x + column;
        if (marks->above && is_blank(canvas, x, plot->y))
            canvas_put(canvas, x, plot->y, chart_character(glyphs, 0x2191),
                       style_of(raster, marks->above - 1, 0));
        if (marks->missing)
            canvas_put(canvas, x, bottom, chart_character(glyphs, 0xD7),
                       style_of(raster, marks->missing - 1, 0));
        else if (marks->below && is_blank(canvas, x, bottom))
            canvas_put(canvas, x, bottom, chart_character(glyphs, 0x2193),
                       style_of(raster, marks->below - 1, 0));
    }
}

static void paint_marker(const struct raster *raster, struct canvas *canvas, int series, int column)
{
    int16_t row = raster->heights[(size_t)series * (size_t)raster->columns + (size_t)column];
    if (row >= 0)
        canvas_put(canvas, raster->frame->plot.x + column, raster->frame->plot.y + row,
                   marker_of(raster, series), style_of(raster, series, 0));
}

/* On each of several curves, at other columns than on the others, and at its end. Also on one that
 * is a single dot. */
static void paint_markers(const struct raster *raster, struct canvas *canvas)
{
    enum { PERIOD = 24, APART = 4 };
    const struct chart *chart = &raster->frame->chart;
    int curves = chart_curves(chart), order = 0;
    for (int i = 0; i < chart->series_count; i++) {
        if (chart->series[i].is_faint)
            continue;
        int first = (PERIOD / 2 + order++ * PERIOD / curves) % PERIOD, end = raster->ends[i];
        for (int x = first; curves > 1 && x < raster->columns; x += PERIOD)
            if (abs(x - end) >= APART)
                paint_marker(raster, canvas, i, x);
        if (end >= 0 && (curves > 1 || chart->series[i].count == 1))
            paint_marker(raster, canvas, i, end);
    }
}

/* The curves' points nearest to the cursor, and its x below. */
static void paint_at_cursor(const struct raster *raster, struct canvas *canvas)
{
    const struct frame *frame = raster->frame;
    const struct chart *chart = &frame->chart;
    int x = chart->has_cursor ? chart_frame_column(frame, chart->cursor) : -1;
    if (x < 0)
        return;
    for (int i = 0; i < chart->series_count; i++) {
        int at = chart->series[i].is_faint ? -1 : chart_nearest(&chart->series[i], chart->cursor);
        int column = at >= 0 ? chart_frame_column(frame, series_x(&chart->series[i], at)) : -1;
        int row = column >= 0 ? chart_frame_row(frame, chart->series[i].mean[at]) : -1;
        if (row >= 0)
            canvas_put(canvas, column, row, marker_of(raster, i),
                       style_of(raster, i, STYLE_REVERSE));
    }
    char label[CHART_LABEL_SIZE];
    chart_write_x(label, chart, chart->cursor);
    canvas_printf(canvas, frame->cursor_label, (struct style){ .attributes = STYLE_REVERSE },
                  " %s ", label);
}

static void paint_nothing(const struct raster *raster, struct canvas *canvas)
{
    static const char text[] = "no data";
    const struct rect *plot = &raster->frame->plot;
    int columns = (int)strlen(text);
    for (int i = 0; i < raster->frame->chart.series_count; i++)
        if (raster->frame->chart.series[i].count > 0)
            return;
    if (plot->width >= columns && plot->height > 0)
        canvas_text(canvas,
                    (struct rect){ plot->x + (plot->width - columns) / 2,
                                   plot->y + plot->height / 2, columns, 1 },
                    text, quiet);
}

void raster_paint(const struct raster *raster, struct canvas *canvas)
{
    paint_back(raster, canvas);
    paint_references(raster, canvas);
    paint_cursor(raster, canvas);
    paint_lines(raster, canvas);
    paint_reference_labels(raster, canvas);
    paint_markers(raster, canvas);
    paint_marks(raster, canvas);
    paint_at_cursor(raster, canvas);
    paint_nothing(raster, canvas);
}
