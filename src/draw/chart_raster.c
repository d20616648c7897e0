/* Curves as dots: points gathered by columns of dots, columns joined by lines. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "chart_parts.h"

void raster_init(struct raster *raster, const struct frame *frame)
{
    const struct rect *plot = &frame->plot;
    size_t columns = (size_t)MAX(plot->width, 0), rows = (size_t)MAX(plot->height, 0);
    size_t series = (size_t)MAX(frame->chart.series_count, 0);
    *raster = (struct raster){
        .frame = frame,
        .columns = (int)columns,
        .rows = (int)rows,
        .width = (int)columns * frame->across,
        .height = (int)rows * frame->down,
        .cells = xcalloc(MAX(columns * rows, 1), sizeof *raster->cells),
        .marks = xcalloc(MAX(columns, 1), sizeof *raster->marks),
        .heights = xcalloc(MAX(columns * series, 1), sizeof *raster->heights),
        .ends = xcalloc(MAX(series, 1), sizeof *raster->ends),
    };
    for (size_t i = 0; i < columns * series; i++)
        raster->heights[i] = -1;
    for (size_t i = 0; i < series; i++)
        raster->ends[i] = -1;
}

void raster_release(struct raster *raster)
{
    free(raster->cells);
    free(raster->marks);
    free(raster->heights);
    free(raster->ends);
    *raster = (struct raster){ 0 };
}

struct point { /* in dots, from the top left; may be outside */
    double x, y;
    double low, high; /* of the band; high is above, and so the smaller */
};

/* What draws one series from left to right. */
struct pen {
    struct raster *raster;
    int series;
    bool is_faint, has_band;
    bool is_down;  /* the next point is joined to the last one */
    bool is_alone; /* the last point is joined to none */
    struct point last;
    int dots; /* drawn so far */
};

static struct raster_cell *cell_of(const struct raster *raster, int x, int y, unsigned *bit)
{
    int across = raster->frame->across, down = raster->frame->down;
    *bit = 1u << (y % down * across + x % across);
    return &raster->cells[(size_t)(y / down) * (size_t)raster->columns + (size_t)(x / across)];
}

static void put_dot(struct pen *pen, int x, int y)
{
    struct raster *raster = pen->raster;
    unsigned bit;
    if (x < 0 || y < 0 || x >= raster->width || y >= raster->height)
        return;
    struct raster_cell *cell = cell_of(raster, x, y, &bit);
    pen->dots++;
    if (pen->is_faint && pen->dots % 2)
        return;
    if (pen->is_faint) {
        cell->faint |= (uint8_t)bit;
        cell->back_series = (int16_t)pen->series;
        return;
    }
    int column = x / raster->frame->across;
    cell->line |= (uint8_t)bit;
    cell->line_series = (int16_t)pen->series;
    raster->heights[(size_t)pen->series * (size_t)raster->columns + (size_t)column] =
        (int16_t)(y / raster->frame->down);
    raster->ends[pen->series] = (int16_t)column;
}

/* Bresenham 1965, of ends that are at most one dot outside. */
static void draw_line(struct pen *pen, int x, int y, int end_x, int end_y)
{
    int across = abs(end_x - x), down = abs(end_y - y);
    int step_x = x < end_x ? 1 : -1, step_y = y < end_y ? 1 : -1, error = across - down;
    for (;;) {
        put_dot(pen, x, y);
        if (x == end_x && y == end_y)
            return;
        int twice = 2 * error;
        if (twice > -down)
            error -= down, x += step_x;
        if (twice < across)
            error += across, y += step_y;
    }
}

/* Cuts the part of a segment, from share t[0] to t[1] of it, where `start` + t * `change` is within
 * low … high. False if nothing is left. (Liang & Barsky 1984.) */
static bool clip(double t[2], double start, double change, double low, double high)
{
    if (change == 0)
        return start >= low && start <= high;
    double enter = ((change > 0 ? low : high) - start) / change;
    double leave = ((change > 0 ? high : low) - start) / change;
    t[0] = fmax(t[0], enter);
    t[1] = fmin(t[1], leave);
    return t[0] <= t[1];
}

static int nearest_dot(double place)
{
    return (int)floor(place + 0.5);
}

static void join(struct pen *pen, const struct point *from, const struct point *to)
{
    double t[2] = { 0, 1 }, x = to->x - from->x, y = to->y - from->y;
    if (!clip(t, from->x, x, -1, pen->raster->width) ||
        !clip(t, from->y, y, -1, pen->raster->height))
        return;
    draw_line(pen, nearest_dot(from->x + t[0] * x), nearest_dot(from->y + t[0] * y),
              nearest_dot(from->x + t[1] * x), nearest_dot(from->y + t[1] * y));
}

/* One column of the band, in braille every fourth dot of it. */
static void fill_column(struct pen *pen, int x, double high, double low)
{
    struct raster *raster = pen->raster;
    if (x < 0 || x >= raster->width)
        return;
    int top = nearest_dot(fmax(high, 0)), bottom = nearest_dot(fmin(low, raster->height - 1));
    int apart = raster->frame->glyphs == CHART_BRAILLE ? 4 : 1;
    if (bottom <= top)
        return;
    for (int y = top + (apart - (top + x % 2 * 2) % apart) % apart; y <= bottom; y += apart) {
        unsigned bit;
        struct raster_cell *cell = cell_of(raster, x, y, &bit);
        cell->band |= (uint8_t)bit;
        cell->back_series = (int16_t)pen->series;
    }
}

static void fill_between(struct pen *pen, const struct point *from, const struct point *to)
{
    int first = nearest_dot(fmax(from->x, 0)) + 1;
    int last = nearest_dot(fmin(to->x, pen->raster->width - 1));
    for (int x = first; x < last; x++) {
        double share = (x - from->x) / (to->x - from->x);
        fill_column(pen, x, from->high + share * (to->high - from->high),
                    from->low + share * (to->low - from->low));
    }
}

/* Ends a stretch of the curve. One dot alone would hardly be seen: its neighbours in the cell are
 * drawn, too. */
static void lift(struct pen *pen)
{
    int x = nearest_dot(pen->last.x), y = nearest_dot(pen->last.y);
    if (pen->is_down && pen->is_alone && x >= 0 && y >= 0) {
        int beside = pen->raster->frame->across > 1 ? x ^ 1 : x;
        put_dot(pen, x, y ^ 1);
        put_dot(pen, beside, y);
        put_dot(pen, beside, y ^ 1);
    }
    pen->is_down = false;
}

static void draw_point(struct pen *pen, const struct point *point)
{
    const struct point *from = pen->is_down ? &pen->last : point;
    if (pen->has_band && pen->is_down)
        fill_between(pen, from, point);
    if (pen->has_band)
        fill_column(pen, nearest_dot(point->x), point->high, point->low);
    join(pen, from, point);
    pen->is_alone = !pen->is_down;
    pen->last = *point;
    pen->is_down = true;
}

/* --- points to columns --- */

/* The points that share a column of dots. */
struct bucket {
    int column; /* -1 and raster.width: outside */
    double x;   /* in dots; of a column its middle, outside that of a point */
    int count;
    double sum, low, high;
    bool has_points; /* with a value or without */
};

static void bucket_add(struct bucket *bucket, double value, double low, double high)
{
    bucket->count++;
    bucket->sum += value;
    if (low < bucket->low)
        bucket->low = low;
    if (high > bucket->high)
        bucket->high = high;
}

static double height_of(const struct pen *pen, double value)
{
    return (1 - axis_share(&pen->raster->frame->y, value)) * (pen->raster->height - 1);
}

static void mark(int16_t *place, int series)
{
    *place = (int16_t)(series + 1);
}

static struct raster_column *marks_of(const struct pen *pen, int column)
{
    bool is_inside = column >= 0 && column < pen->raster->width;
    return is_inside ? &pen->raster->marks[column / pen->raster->frame->across] : NULL;
}

static void flush(struct pen *pen, struct bucket *bucket)
{
    if (bucket->count == 0) {
        if (bucket->has_points)
            lift(pen);
        return;
    }
    const struct axis *axis = &pen->raster->frame->y;
    double mean = bucket->sum / bucket->count;
    if (!isfinite(mean)) /* the sum overflowed */
        mean = bucket->low / 2 + bucket->high / 2;
    if (axis->is_log && mean <= 0) /* it underflowed */
        mean = bucket->high;
    struct point point = { bucket->x, height_of(pen, mean), 0, 0 };
    if (pen->has_band) {
        point.low = height_of(pen, axis->is_log ? fmax(bucket->low, axis->low) : bucket->low);
        point.high = height_of(pen, bucket->high);
    }
    struct raster_column *marks = marks_of(pen, bucket->column);
    if (marks && nearest_dot(point.y) < 0)
        mark(&marks->above, pen->series);
    if (marks && nearest_dot(point.y) >= pen->raster->height)
        mark(&marks->below, pen->series);
    draw_point(pen, &point);
}

/* Says where a point is that has no place; false if it has one. */
static bool mark_missing(struct pen *pen, const struct bucket *bucket, double value)
{
    bool is_below = pen->raster->frame->y.is_log ? value <= 0 : value == -INFINITY;
    if (isfinite(value) && !is_below)
        return false;
    struct raster_column *marks = marks_of(pen, bucket->column);
    if (marks)
        mark(isnan(value) ? &marks->missing
             : is_below   ? &marks->below
                          : &marks->above,
             pen->series);
    return true;
}

static void add_value(struct bucket *bucket, const struct chart_series *series, int i)
{
    double value = series->mean[i];
    double low = series->low ? series->low[i] : value;
    double high = series->high ? series->high[i] : value;
    bucket_add(bucket, value, low < value && low > -INFINITY ? low : value,
               high > value && high < INFINITY ? high : value);
}

static void take_point(struct pen *pen, struct bucket *bucket, const struct chart_series *series,
                       int i)
{
    bucket->has_points = true;
    if (!mark_missing(pen, bucket, series->mean[i]))
        add_value(bucket, series, i);
}

static int count_returns(const struct chart_series *series)
{
    int count = 0;
    for (int i = 1; series->x && i < series->count; i++)
        count += series->x[i] < series->x[i - 1];
    return count;
}

/* Where an x is, in dots: axis_share in line, since each point asks. */
static double place_of(const struct axis *axis, double x, int width)
{
    static const double far = 1 << 16;
    double share = (x / 2 - axis->origin) * axis->factor;
    return (share < -far ? -far : share > far ? far : share) * (width - 1);
}

/* -1 and `width` outside. */
static int column_of(double place, int width)
{
    return place < -0.5 ? -1 : place < width - 0.5 ? (int)(place + 0.5) : width;
}

static struct bucket bucket_at(double place, int column, int width)
{
    bool is_inside = column >= 0 && column < width;
    return (struct bucket){ column, is_inside ? column : place, 0, 0, INFINITY, -INFINITY, false };
}

/* Takes the points from `i` on that go on in the bucket's column, which is in the plot, and have a
 * place; returns the first that does not. Long series are nearly all of these. */
static int take_run(const struct pen *pen, struct bucket *bucket, const struct chart_series *series,
                    int i, double *last_x)
{
    const struct axis axis = pen->raster->frame->x;
    int width = pen->raster->width;
    bool is_log = pen->raster->frame->y.is_log;
    struct bucket run = *bucket;
    for (; i < series->count; i++) {
        double x = series_x(series, i), value = series->mean[i];
        bool goes_on = x >= *last_x && column_of(place_of(&axis, x, width), width) == run.column;
        if (!goes_on || !isfinite(value) || (is_log && value <= 0))
            break;
        add_value(&run, series, i);
        *last_x = x;
    }
    *bucket = run;
    return i;
}

/* To the left of the plot only the last point matters, to its right only the first: they say where
 * the curve enters and leaves. */
static void draw_points(struct pen *pen, const struct chart_series *series, bool is_scatter)
{
    const struct axis *axis = &pen->raster->frame->x;
    int width = pen->raster->width;
    double last_x = -INFINITY;
    struct bucket bucket = bucket_at(-1, -1, width);
    for (int i = 0; i < series->count; i++) {
        double x = series_x(series, i), place = place_of(axis, x, width);
        if (!isfinite(x))
            continue;
        int column = column_of(place, width);
        bool goes_back = x < last_x, is_same = column == bucket.column && !goes_back;
        last_x = x;
        if (is_same && column == width)
            continue;
        if (!is_same) {
            flush(pen, &bucket);
            if (is_scatter)
                pen->is_down = false;
            if (goes_back)
                lift(pen);
        }
        if (!is_same || column < 0)
            bucket = bucket_at(place, column, width);
        take_point(pen, &bucket, series, i);
        if (column >= 0 && column < width)
            i = take_run(pen, &bucket, series, i + 1, &last_x) - 1;
    }
    flush(pen, &bucket);
    lift(pen);
}

void raster_draw_series(struct raster *raster, int index)
{
    const struct chart_series *series = &raster->frame->chart.series[index];
    struct pen pen = {
        .raster = raster,
        .series = index,
        .is_faint = series->is_faint,
        .has_band = !raster->frame->chart.hides_bands,
    };
    /* in no order lines say nothing */
    draw_points(&pen, series, count_returns(series) > raster->width);
}
