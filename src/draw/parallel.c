#include "draw/parallel.h"

#include <math.h>

#include "base/text.h"
#include "chart_parts.h"
#include "dots.h"

enum { LEVELS = 4 };

/* From the worst to the best; colours that people of any colour vision tell apart by their lightness. */
static struct style style_of(double goodness)
{
    static const int colours[LEVELS] = { 240, 67, 73, 220 };
    if (isnan(goodness))
        return (struct style){ .foreground = colour_fixed(238), .attributes = STYLE_DIM };
    int level = (int)(goodness * LEVELS);
    level = MAX(0, MIN(level, LEVELS - 1));
    return (struct style){ .foreground = colour_fixed(colours[level]),
                           .attributes = level == LEVELS - 1 ? STYLE_BOLD : 0 };
}

static int sparseness_of(double goodness)
{
    static const int apart[LEVELS] = { 4, 3, 2, 0 };
    int level = isnan(goodness) ? 0 : (int)(goodness * LEVELS);
    return apart[MAX(0, MIN(level, LEVELS - 1))];
}

/* The column of dots of an axis. */
static int axis_at(const struct dots *dots, const struct parallel *parallel, int axis)
{
    return parallel->axis_count < 2 ? 0 : axis * (dots->width - 1) / (parallel->axis_count - 1);
}

static int height_at(const struct dots *dots, double share)
{
    return (int)((1 - MAX(0, MIN(share, 1))) * (dots->height - 1) + 0.5);
}

static void draw_line(struct dots *dots, const struct parallel *parallel,
                      const struct parallel_line *line, struct style style)
{
    for (int i = 0; i + 1 < parallel->axis_count; i++)
        if (isfinite(line->shares[i]) && isfinite(line->shares[i + 1]))
            dots_line(dots, axis_at(dots, parallel, i), height_at(dots, line->shares[i]),
                      axis_at(dots, parallel, i + 1), height_at(dots, line->shares[i + 1]), style);
}

static double goodness_of(const struct parallel_line *line)
{
    return isnan(line->goodness) ? -1 : line->goodness;
}

/* Worse ones first, so that better ones lie above. */
static void draw_lines(struct dots *dots, const struct parallel *parallel)
{
    for (int level = -1; level < LEVELS; level++)
        for (int i = 0; i < parallel->line_count; i++) {
            const struct parallel_line *line = &parallel->lines[i];
            int own = (int)floor(goodness_of(line) * LEVELS);
            if (MAX(-1, MIN(own, LEVELS - 1)) != level || i == parallel->chosen)
                continue;
            dots->is_sparse = sparseness_of(line->goodness);
            draw_line(dots, parallel, line, style_of(line->goodness));
        }
    if (parallel->chosen >= 0 && parallel->chosen < parallel->line_count) {
        dots->is_sparse = 0;
        draw_line(dots, parallel, &parallel->lines[parallel->chosen],
                  (struct style){ .attributes = STYLE_BOLD });
    }
}

/* --- axes --- */

static int column_of(struct rect plot, const struct parallel *parallel, int axis)
{
    return plot.x +
           (parallel->axis_count < 2 ? 0 : axis * (plot.width - 1) / (parallel->axis_count - 1));
}

/* What stands at an axis: its title, its upper and its lower end. */
enum place { TITLE, HIGH, LOW };

static const char *label_of(const struct parallel *parallel, int axis, enum place place)
{
    const struct parallel_axis *of = &parallel->axes[axis];
    return place == TITLE ? of->title : place == HIGH ? of->high : of->low;
}

/* From the axis to the right, the last one's to its left: it shares the room between the last two
 * axes. */
static void draw_label(struct canvas *canvas, struct rect plot, const struct parallel *parallel,
                       int axis, enum place place)
{
    int count = parallel->axis_count, at = column_of(plot, parallel, axis);
    int room = count < 2 ? plot.width : (plot.width - 1) / (count - 1) - 1;
    int row = place == LOW ? plot.y + plot.height : place == HIGH ? plot.y - 1 : plot.y - 2;
    bool is_last = count > 1 && axis == count - 1;
    const char *text = label_of(parallel, axis, place);
    if (count > 1 && axis >= count - 2) {
        const char *beside = label_of(parallel, is_last ? axis - 1 : axis + 1, place);
        room -= MIN(text_columns(beside), room / 2);
    }
    int width = MIN(room, text_columns(text));
    canvas_text(canvas, (struct rect){ is_last ? at - width + 1 : at, row, width, 1 }, text,
                (struct style){ .attributes = place == TITLE ? STYLE_BOLD : 0 });
}

static void draw_axis(struct canvas *canvas, struct rect plot, const struct parallel *parallel,
                      int axis, enum chart_glyphs glyphs)
{
    int at = column_of(plot, parallel, axis);
    for (int y = 0; y < plot.height; y++)
        canvas_put(canvas, at, plot.y + y, chart_character(glyphs, 0x2502),
                   (struct style){ .attributes = STYLE_DIM });
    for (int place = TITLE; place <= LOW; place++)
        draw_label(canvas, plot, parallel, axis, (enum place)place);
}

static void mark_chosen(struct canvas *canvas, struct rect plot, const struct parallel *parallel,
                        const struct dots *dots, enum chart_glyphs glyphs)
{
    if (parallel->chosen < 0 || parallel->chosen >= parallel->line_count || dots->height < 1)
        return;
    const double *shares = parallel->lines[parallel->chosen].shares;
    for (int i = 0; i < parallel->axis_count; i++)
        if (isfinite(shares[i]))
            canvas_put(canvas, column_of(plot, parallel, i),
                       plot.y + height_at(dots, shares[i]) * plot.height / dots->height,
                       glyphs == CHART_ASCII ? 'O' : 0x25CF,
                       (struct style){ .attributes = STYLE_BOLD });
}

void parallel_draw(struct canvas *canvas, struct rect rect, const struct parallel *parallel,
                   enum chart_glyphs glyphs)
{
    enum { ABOVE = 2, BELOW = 1 };
    struct rect plot = { rect.x, rect.y + ABOVE, rect.width, rect.height - ABOVE - BELOW };
    struct dots dots;
    canvas_fill(canvas, rect, ' ', (struct style){ 0 });
    if (plot.width < 2 || plot.height < 1 || parallel->axis_count < 1)
        return;
    for (int i = 0; i < parallel->axis_count; i++)
        draw_axis(canvas, plot, parallel, i, glyphs);
    dots_init(&dots, plot, glyphs);
    draw_lines(&dots, parallel);
    dots_paint(&dots, canvas);
    mark_chosen(canvas, plot, parallel, &dots, glyphs);
    dots_release(&dots);
}
