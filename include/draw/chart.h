/* Line charts.
 *
 *     struct chart chart = {
 *         .title = "digits, run 42",
 *         .series = (struct chart_series[]){
 *             { .name = "d_loss", .x = steps, .mean = d_loss, .count = n },
 *             { .name = "g_loss", .x = steps, .mean = g_loss, .low = lows, .high = highs, .count = n },
 *         },
 *         .series_count = 2,
 *         .x_title = "step",
 *     };
 *     chart_draw(&canvas, canvas_bounds(&canvas), &chart, chart_glyphs_for(&terminal));
 *
 * What is left out of a descriptor is zero, and zero means: as it suits. Everything is drawn inside
 * the rectangle, which is cleared first. Where it is small the chart gives up the legend's values,
 * the title, the legend and the axes, one after another; the curves stay.
 *
 * A curve goes through the mean of the points that share a column (of dots: a cell has two by four
 * in braille). The range of these points, and of the buckets they stand for, is a faint band around
 * it. Points need not be in order: where x goes back the curve begins anew, and where it does so
 * again and again they are not joined.
 *
 * What cannot be drawn is said: '×' on the lowest row for NaN, which also breaks the curve, arrows
 * at the upper and lower edge for points beyond them (infinite ones, and on a logarithmic axis those
 * that have no logarithm). Points without a finite x are left out.
 *
 * Colour never tells alone: each series has a marker, which its curve carries at its end and every
 * so often; in ASCII, where there are several series, the curve is made of it. Bands and faint
 * curves are dotted. */
#ifndef GANDER_DRAW_CHART_H
#define GANDER_DRAW_CHART_H

#include "base/base.h"
#include "base/memory.h"
#include "draw/canvas.h"
#include "draw/terminal.h"

enum chart_glyphs {
    CHART_AUTO,
    CHART_ASCII,    /* a single curve by its shape, _.-'/\| ; several by their markers */
    CHART_HALF,     /* one by two dots a cell: ▀▄█, which the Linux console has */
    CHART_QUADRANT, /* two by two: ▖▚▙ */
    CHART_BRAILLE   /* two by four */
};

/* From a word ("auto", "ascii", "half", "quadrant", "braille"); ERR_INVALID suggests the nearest. */
int chart_glyphs_parse(enum chart_glyphs *out, const char *word);
const char *const *chart_glyphs_names(void); /* NULL-terminated, in the order of the enum */

/* Braille where UTF-8 arrives and a person looks, half blocks if the font lacks it, else ASCII.
 * Never CHART_AUTO. */
enum chart_glyphs chart_glyphs_for(const struct terminal *terminal);

/* Which part of an axis is shown. { 0, 0 }: all that there is; NaN: that end as far as need be. */
struct chart_range {
    double low, high;
};

struct chart_series {
    const char *name;         /* in the legend; NULL: not there */
    const double *x;          /* (count); NULL: 0, 1, 2 … */
    const double *mean;       /* (count) values, or the means of buckets; NaN is a gap */
    const double *low, *high; /* (count) the range of each bucket; NULL: values */
    int count;
    int look; /* 1 …: colour and marker, its own wherever it is drawn; 0: by its place */
    bool is_emphasised; /* drawn above the others */
    bool is_faint; /* behind the others, no marker: the raw values of a curve of the same look */
};

struct chart_reference { /* a horizontal line; it is in the automatic range */
    double y;
    const char *label; /* or NULL */
};

enum chart_event_kind { CHART_MARK, CHART_CHECKPOINT, CHART_RESUME, CHART_HEALTH };

struct chart_event { /* a sign on the x axis: ╵ ◊ ► ! in the order of the kinds */
    double x;
    enum chart_event_kind kind; /* the higher one shows where they share a column */
};

enum chart_x_kind {
    CHART_X_NUMBER,
    CHART_X_DURATION, /* seconds: "0:30", "1:30", "2 h" */
    CHART_X_CLOCK     /* seconds since 1970: "14:30", "24 Nov" */
};
enum chart_scale { CHART_LINEAR, CHART_LOG };
enum chart_legend { CHART_LEGEND_ABOVE, CHART_LEGEND_BELOW, CHART_LEGEND_NONE };

struct chart {
    const char *title, *x_title; /* or NULL */
    const struct chart_series *series;
    int series_count; /* no more than 1,000 are drawn */
    const struct chart_reference *references;
    int reference_count;
    const struct chart_event *events;
    int event_count;

    struct chart_range x, y;
    enum chart_x_kind x_kind;
    int utc_offset; /* of CHART_X_CLOCK: seconds east of Greenwich */
    enum chart_scale y_scale;
    bool ignores_outliers; /* the automatic y range is the middle 99 %, of more than 16 values */
    bool hides_bands;      /* the curves alone */

    enum chart_legend legend; /* names with the last values, or those at the cursor */
    bool has_cursor;
    double cursor; /* an x: a vertical line, its x below, the curves' points near it marked */
};

/* Where things are. */
struct chart_layout {
    struct rect plot;         /* the cells of the curves; empty if the rectangle is */
    int across, down;         /* dots of a cell */
    struct chart_range x, y;  /* what the outermost dots stand for; low < high */
    enum chart_scale y_scale; /* as the chart's */
};

/* What chart_draw would do. */
struct chart_layout chart_layout(const struct chart *chart, struct rect rect,
                                 enum chart_glyphs glyphs);

/* `glyphs` is not AUTO. */
struct chart_layout chart_draw(struct canvas *canvas, struct rect rect, const struct chart *chart,
                               enum chart_glyphs glyphs);

/* Between cells of the canvas and values. A cell's value is that of its middle; columns and rows
 * outside the plot have theirs too. The column or row of a value that is not shown is -1. */
double chart_x_at_column(const struct chart_layout *layout, int column);
double chart_y_at_row(const struct chart_layout *layout, int row);
int chart_column_of_x(const struct chart_layout *layout, double x);
int chart_row_of_y(const struct chart_layout *layout, double y);

/* The index of the point whose x is nearest, the latest of several; -1 if there is none. */
int chart_nearest(const struct chart_series *series, double x);

/* Numbers as the chart writes them: values with four digits ("0.8512", "12,345", "1.23e-5"), an x
 * as its kind demands ("12,000", "1:30:05", "24 Nov 14:03:20"). */
char *chart_y_text(struct arena *arena, double y);
char *chart_x_text(struct arena *arena, const struct chart *chart, double x);

/* How series of a look (1 …) are drawn: for lists and tables beside a chart. */
struct style chart_style(int look);
uint32_t chart_marker(int look, enum chart_glyphs glyphs);

/* Exponential smoothing without the bias towards zero (as Adam's moments: Kingma & Ba 2015, section
 * 3): s = w s + (1 - w) v, divided by 1 - w^n. `weight` 0 leaves the values as they are, 1 gives the
 * mean of all so far. Values that are not finite stay where they are and count for nothing. `out`
 * may be `values`. */
void chart_smooth(const double *values, int count, double weight, double *out);

#endif
