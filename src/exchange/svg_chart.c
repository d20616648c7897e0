#define _GNU_SOURCE
#include "svg_chart.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"

/* In units of the picture, which the page makes as wide as it likes. */
enum { WIDTH = 420, HEIGHT = 220, LEFT = 56, RIGHT = 10, TOP = 8, BOTTOM = 22, TICKS = 5 };

struct frame {
    double low_x, high_x, low_y, high_y;
};

/* --- what is drawn where --- */

static void widen(double *low, double *high)
{
    if (*low < *high)
        return;
    double more = *low == 0 ? 1 : fabs(*low) / 10;
    *low -= more;
    *high += more;
}

/* False where there is nothing to draw. */
static bool find_frame(const struct svg_curve *curves, int count, struct frame *out)
{
    *out = (struct frame){ INFINITY, -INFINITY, INFINITY, -INFINITY };
    for (int c = 0; c < count; c++) {
        const struct series *series = &curves[c].series;
        for (int i = 0; i < series->count; i++) {
            if (!isfinite(series->low[i]) || !isfinite(series->high[i]))
                continue;
            out->low_x = fmin(out->low_x, series->step[i]);
            out->high_x = fmax(out->high_x, series->step[i]);
            out->low_y = fmin(out->low_y, series->low[i]);
            out->high_y = fmax(out->high_y, series->high[i]);
        }
    }
    if (!isfinite(out->high_y - out->low_y) || !isfinite(out->low_x))
        return false;
    widen(&out->low_x, &out->high_x);
    widen(&out->low_y, &out->high_y);
    double margin = (out->high_y - out->low_y) / 25;
    out->low_y -= margin;
    out->high_y += margin;
    return isfinite(out->high_y - out->low_y);
}

static double place_x(const struct frame *frame, double step)
{
    return LEFT + (step - frame->low_x) / (frame->high_x - frame->low_x) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const struct frame *frame, double value)
{
    return TOP + (frame->high_y - value) / (frame->high_y - frame->low_y) * (HEIGHT - TOP - BOTTOM);
}

/* --- axes --- */

/* 1, 2 or 5 times a power of ten, so that at most TICKS fit. */
static double tick_step(double low, double high)
{
    double least = (high - low) / TICKS, power = pow(10, floor(log10(least)));
    double factor = least / power;
    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

static const char *tick_text(struct arena *arena, double value, double step)
{
    if (fabs(value) < step / 1000)
        return "0";
    double size = fabs(value);
    if (size >= 1e4 && size < 1e15 && step >= 1)
        return size >= 1e6 ? arena_printf(arena, "%gM", value / 1e6)
                           : arena_printf(arena, "%gk", value / 1e3);
    return arena_printf(arena, "%.6g", value);
}

static void put_axes(struct html *html, const struct frame *frame)
{
    enum { MOST = 2 * TICKS }; /* counted: a step that is small beside its place adds nothing */
    double step = tick_step(frame->low_y, frame->high_y), first = ceil(frame->low_y / step) * step;
    for (int i = 0; i < MOST && first + i * step <= frame->high_y; i++)
        html_print(html,
                   "<path class=\"g\" d=\"M%d %.1fH%d\"/>"
                   "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                   LEFT, place_y(frame, first + i * step), WIDTH - RIGHT, LEFT - 5,
                   place_y(frame, first + i * step) + 4,
                   tick_text(&html->arena, first + i * step, step));
    step = tick_step(frame->low_x, frame->high_x);
    first = ceil(frame->low_x / step) * step;
    for (int i = 0; i < MOST && first + i * step <= frame->high_x; i++)
        html_print(html, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                   place_x(frame, first + i * step), HEIGHT - 6,
                   tick_text(&html->arena, first + i * step, step));
    html_print(html, "<path class=\"a\" d=\"M%d %dV%dH%d\"/>", LEFT, TOP, HEIGHT - BOTTOM,
               WIDTH - RIGHT);
}

/* --- curves --- */

/* Points that lie together become one: the mean of their means, the smallest, the largest. */
struct point {
    double x, mean, low, high; /* mean NaN: none of them is finite */
};

static int thin(struct arena *arena, const struct series *series, struct point **out)
{
    int each = (series->count + SVG_POINTS - 1) / SVG_POINTS, count = 0;
    struct point *points = arena_alloc(arena, (size_t)series->count + 1, sizeof *points);
    for (int i = 0; i < series->count; i += each) {
        struct point point = { 0, 0, INFINITY, -INFINITY };
        int end = MIN(i + each, series->count), finite = 0;
        for (int k = i; k < end; k++) {
            if (!isfinite(series->mean[k]))
                continue;
            point.mean += series->mean[k];
            point.low = fmin(point.low, series->low[k]);
            point.high = fmax(point.high, series->high[k]);
            finite++;
        }
        point.x = series->step[end - 1];
        point.mean = finite > 0 ? point.mean / finite : NAN;
        points[count++] = point;
    }
    *out = points;
    return count;
}

/* One stretch without a gap, as line and band. */
static void put_stretch(struct html *html, const struct frame *frame, const struct point *points,
                        int count, int colour)
{
    html_print(html, "<path class=\"b c%d\" d=\"M", colour);
    for (int i = 0; i < count; i++)
        html_print(html, "%.1f %.1f ", place_x(frame, points[i].x), place_y(frame, points[i].high));
    for (int i = count - 1; i >= 0; i--)
        html_print(html, "%.1f %.1f ", place_x(frame, points[i].x), place_y(frame, points[i].low));
    html_print(html, "Z\"/><path class=\"l c%d\" d=\"M", colour);
    for (int i = 0; i < count; i++)
        html_print(html, "%.1f %.1f ", place_x(frame, points[i].x), place_y(frame, points[i].mean));
    if (count == 1) /* a line of no length with round ends is a dot */
        html_print(html, "h0");
    html_print(html, "\"/>");
}

static void put_curve(struct html *html, const struct frame *frame, const struct svg_curve *curve)
{
    struct arena arena = { 0 };
    struct point *points;
    int count = thin(&arena, &curve->series, &points);
    html_print(html, "<g><title>");
    html_text(html, curve->title);
    html_print(html, "</title>");
    for (int i = 0; i < count;) {
        int end = i;
        while (end < count && !isnan(points[end].mean))
            end++;
        if (end > i)
            put_stretch(html, frame, points + i, end - i, curve->colour);
        i = MAX(end, i + 1);
    }
    html_print(html, "</g>\n");
    arena_release(&arena);
}

void svg_chart(struct html *html, const char *title, const struct svg_curve *curves, int count)
{
    struct frame frame;
    if (!find_frame(curves, count, &frame))
        return;
    html_print(html, "<figure><figcaption>");
    html_text(html, title);
    html_print(html, "</figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH,
               HEIGHT);
    html_text(html, title);
    html_print(html, "\">");
    put_axes(html, &frame);
    for (int i = 0; i < count; i++)
        if (curves[i].series.count > 0)
            put_curve(html, &frame, &curves[i]);
    html_print(html, "</svg></figure>\n");
}
