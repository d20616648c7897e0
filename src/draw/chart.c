#include "draw/chart.h"

#include <math.h>

#include "chart_parts.h"

static struct chart_layout layout_of(const struct frame *frame)
{
    return (struct chart_layout){
        .plot = frame->plot,
        .across = frame->across,
        .down = frame->down,
        .x = { frame->x.low, frame->x.high },
        .y = { frame->y.low, frame->y.high },
        .y_scale = frame->chart.y_scale,
    };
}

struct chart_layout chart_layout(const struct chart *chart, struct rect rect,
                                 enum chart_glyphs glyphs)
{
    struct frame frame;
    chart_frame_init(&frame, chart, rect, glyphs);
    return layout_of(&frame);
}

/* Faint ones first, emphasised ones last. */
static int layer_of(const struct chart_series *series)
{
    return series->is_faint ? 0 : series->is_emphasised ? 2 : 1;
}

struct chart_layout chart_draw(struct canvas *canvas, struct rect rect, const struct chart *chart,
                               enum chart_glyphs glyphs)
{
    enum { LAYERS = 3 };
    struct frame frame;
    struct raster raster;
    chart_frame_init(&frame, chart, rect, glyphs);
    chart_frame_draw(&frame, canvas);
    raster_init(&raster, &frame);
    for (int layer = 0; layer < LAYERS; layer++)
        for (int i = 0; i < chart->series_count && raster.width * raster.height > 0; i++)
            if (layer_of(&chart->series[i]) == layer)
                raster_draw_series(&raster, i);
    raster_paint(&raster, canvas);
    raster_release(&raster);
    return layout_of(&frame);
}

/* --- between cells and values --- */

static struct axis x_axis_of(const struct chart_layout *layout)
{
    struct axis axis;
    axis_init(&axis, layout->x.low, layout->x.high, false);
    return axis;
}

static struct axis y_axis_of(const struct chart_layout *layout)
{
    struct axis axis;
    axis_init(&axis, layout->y.low, layout->y.high, layout->y_scale == CHART_LOG);
    return axis;
}

/* The share of an axis of `cells` in the middle of a cell, counted from its low end. */
static double share_of_cell(int cell, int cells, int dots)
{
    return (cell * (double)dots + (dots - 1) / 2.0) / MAX(cells * dots - 1, 1);
}

double chart_x_at_column(const struct chart_layout *layout, int column)
{
    struct axis axis = x_axis_of(layout);
    return axis_value(&axis,
                      share_of_cell(column - layout->plot.x, layout->plot.width, layout->across));
}

double chart_y_at_row(const struct chart_layout *layout, int row)
{
    struct axis axis = y_axis_of(layout);
    int from_below = layout->plot.y + layout->plot.height - 1 - row;
    return axis_value(&axis, share_of_cell(from_below, layout->plot.height, layout->down));
}

int chart_column_of_x(const struct chart_layout *layout, double x)
{
    struct axis axis = x_axis_of(layout);
    int cell = axis_cell(&axis, x, layout->plot.width, layout->across);
    return cell < 0 ? -1 : layout->plot.x + cell;
}

int chart_row_of_y(const struct chart_layout *layout, double y)
{
    struct axis axis = y_axis_of(layout);
    int cell = axis_cell(&axis, y, layout->plot.height, layout->down);
    return cell < 0 ? -1 : layout->plot.y + layout->plot.height - 1 - cell;
}

/* --- values --- */

int chart_nearest(const struct chart_series *series, double x)
{
    double least = INFINITY;
    int nearest = -1;
    for (int i = 0; i < series->count; i++) {
        double distance = fabs(series_x(series, i) - x);
        if (distance <= least && isfinite(series_x(series, i)))
            least = distance, nearest = i;
    }
    return nearest;
}

char *chart_y_text(struct arena *arena, double y)
{
    char text[CHART_LABEL_SIZE];
    chart_write_value(text, y);
    return arena_strdup(arena, text);
}

char *chart_x_text(struct arena *arena, const struct chart *chart, double x)
{
    char text[CHART_LABEL_SIZE];
    chart_write_x(text, chart, x);
    return arena_strdup(arena, text);
}

void chart_smooth(const double *values, int count, double weight, double *out)
{
    double smoothed = 0, remaining = 1; /* weight^n */
    int found = 0;
    weight = fmin(fmax(weight, 0), 1);
    for (int i = 0; i < count; i++) {
        if (!isfinite(values[i])) {
            out[i] = values[i];
            continue;
        }
        found++;
        if (weight == 1) {
            smoothed += values[i] / found - smoothed / found;
            out[i] = smoothed;
            continue;
        }
        remaining *= weight;
        smoothed = smoothed * weight + values[i] * (1 - weight);
        out[i] = smoothed / (1 - remaining);
    }
}
