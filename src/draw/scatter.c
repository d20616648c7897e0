#include "draw/scatter.h"

#include <math.h>

#include "base/text.h"
#include "chart_parts.h"
#include "dots.h"

struct reach {
    double low, high;
};

static bool has_place(const struct scatter *scatter, int i)
{
    return isfinite(scatter->x[i]) && isfinite(scatter->y[i]) &&
           (!scatter->is_log || scatter->x[i] > 0);
}

static struct reach reach_of(const struct scatter *scatter, const double *values)
{
    struct reach reach = { NAN, NAN };
    for (int i = 0; i < scatter->count; i++)
        if (has_place(scatter, i)) {
            reach.low = fmin(reach.low, values[i]);
            reach.high = fmax(reach.high, values[i]);
        }
    return reach;
}

/* 0 … 1; in the middle where all are the same. */
static double share_of(const struct reach *reach, double value, bool is_log)
{
    double low = is_log ? log(reach->low) : reach->low;
    double high = is_log ? log(reach->high) : reach->high;
    double at = is_log ? log(value) : value;
    return high > low ? (at - low) / (high - low) : 0.5;
}

static void draw_axes(struct canvas *canvas, struct rect plot, enum chart_glyphs glyphs)
{
    struct style dim = { .attributes = STYLE_DIM };
    for (int y = 0; y < plot.height; y++)
        canvas_put(canvas, plot.x - 1, plot.y + y, chart_character(glyphs, 0x2502), dim);
    canvas_put(canvas, plot.x - 1, plot.y + plot.height, chart_character(glyphs, 0x2514), dim);
    for (int x = 0; x < plot.width; x++)
        canvas_put(canvas, plot.x + x, plot.y + plot.height, chart_character(glyphs, 0x2500), dim);
}

static void draw_labels(struct canvas *canvas, struct rect rect, struct rect plot,
                        const struct reach *x, const struct reach *y)
{
    struct arena arena = { 0 };
    struct style plain = { 0 };
    const char *low = chart_y_text(&arena, x->low), *high = chart_y_text(&arena, x->high);
    const char *top = chart_y_text(&arena, y->high), *bottom = chart_y_text(&arena, y->low);
    int row = plot.y + plot.height + 1, width = plot.x - 2 - rect.x;
    canvas_text(canvas, (struct rect){ rect.x + width - text_columns(top), plot.y, width, 1 }, top,
                plain);
    if (y->high > y->low)
        canvas_text(canvas,
                    (struct rect){ rect.x + width - text_columns(bottom), plot.y + plot.height - 1,
                                   width, 1 },
                    bottom, plain);
    canvas_text(canvas, (struct rect){ plot.x, row, plot.width, 1 }, low, plain);
    int at = plot.x + plot.width - text_columns(high);
    if (x->high > x->low && at > plot.x + text_columns(low))
        canvas_text(canvas, (struct rect){ at, row, text_columns(high), 1 }, high, plain);
    arena_release(&arena);
}

static void draw_points(struct canvas *canvas, struct rect plot, const struct scatter *scatter,
                        const struct reach *x, const struct reach *y, enum chart_glyphs glyphs)
{
    struct dots dots;
    int chosen_x = -1, chosen_y = -1;
    dots_init(&dots, plot, glyphs);
    for (int i = 0; i < scatter->count; i++) {
        if (!has_place(scatter, i))
            continue;
        double right = share_of(x, scatter->x[i], scatter->is_log);
        double up = share_of(y, scatter->y[i], false);
        int at_x = (int)(right * (dots.width - 1) + 0.5);
        int at_y = (int)((1 - up) * (dots.height - 1) + 0.5);
        dots_put(&dots, at_x, at_y, scatter->style);
        if (glyphs == CHART_BRAILLE) /* one dot of eight is hardly seen */
            dots_put(&dots, at_x ^ 1, at_y, scatter->style);
        if (i == scatter->chosen) {
            chosen_x = plot.x + at_x * plot.width / MAX(dots.width, 1);
            chosen_y = plot.y + at_y * plot.height / MAX(dots.height, 1);
        }
    }
    dots_paint(&dots, canvas);
    dots_release(&dots);
    if (chosen_x >= 0)
        canvas_put(canvas, chosen_x, chosen_y, glyphs == CHART_ASCII ? 'O' : 0x25CF,
                   (struct style){ .attributes = STYLE_BOLD });
}

void scatter_draw(struct canvas *canvas, struct rect rect, const struct scatter *scatter,
                  enum chart_glyphs glyphs)
{
    enum { LABELS = 9, BELOW = 2 };
    struct rect plot = { rect.x + LABELS, rect.y + (scatter->title != NULL), rect.width - LABELS,
                         rect.height - BELOW - (scatter->title != NULL) };
    struct reach x = reach_of(scatter, scatter->x), y = reach_of(scatter, scatter->y);
    canvas_fill(canvas, rect, ' ', (struct style){ 0 });
    if (scatter->title)
        canvas_text(canvas, (struct rect){ rect.x, rect.y, rect.width, 1 }, scatter->title,
                    (struct style){ .attributes = STYLE_BOLD });
    if (plot.width < 2 || plot.height < 1)
        return;
    draw_axes(canvas, plot, glyphs);
    if (isnan(x.low))
        return;
    draw_labels(canvas, rect, plot, &x, &y);
    draw_points(canvas, plot, scatter, &x, &y, glyphs);
}
