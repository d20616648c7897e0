/* What the sources of charts share: axes and their ticks, the frame around the curves, the dots
 * that the curves are made of. */
#ifndef GANDER_DRAW_CHART_PARTS_H
#define GANDER_DRAW_CHART_PARTS_H

#include "base/base.h"
#include "draw/chart.h"

enum { CHART_LABEL_SIZE = 48, CHART_TICKS = 64, CHART_SIDE = 4096, CHART_SERIES = 1000 };

/* --- axes --- */

/* Maps values to shares of the axis: 0 at low, 1 at high, beyond that outside. */
struct axis {
    double low, high; /* low < high */
    bool is_log;
    double origin, factor; /* share = (half the value, or its logarithm, - origin) * factor */
};

void axis_init(struct axis *axis, double low, double high, bool is_log);
double axis_share(const struct axis *axis, double value); /* NaN if it has no logarithm */
double axis_value(const struct axis *axis, double share);

/* The cell of `cells`, each of `dots` dots, that a value is in, from the low end; -1 outside. */
int axis_cell(const struct axis *axis, double value, int cells, int dots);

/* The dot of `dots` at a share, from the low end; beyond them for a share outside 0 … 1. */
int axis_dot(double share, int dots);

/* The part of x that the chart shows. */
void axis_init_x(struct axis *axis, const struct chart *chart);

/* The same for y, its ends rounded to what ticks on `rows` rows are multiples of. */
void axis_init_y(struct axis *axis, const struct chart *chart, const struct axis *x, int rows);

static inline double series_x(const struct chart_series *series, int i)
{
    return series->x ? series->x[i] : i;
}

/* --- ticks --- */

struct tick {
    double value;
    int at;    /* its cell along the axis, from the left or the top of the plot */
    int start; /* the column where its label begins, from the left of the plot */
    char label[CHART_LABEL_SIZE];
};

struct ticks {
    int count;
    struct tick list[CHART_TICKS]; /* ascending */
};

/* 1, 2 or 5 times a power of ten. */
struct step {
    int mantissa, exponent;
};

struct step step_at_least(double size); /* size > 0 */
struct step step_next(struct step step);
double step_times(struct step step, double count);
int ticks_apart(int rows); /* the rows from one tick to the next, at least */

void ticks_find_y(struct ticks *ticks, const struct axis *axis, int rows, int down);
int ticks_columns(const struct ticks *ticks); /* of the widest label */

/* `before`: columns that a label may take to the left of the plot. */
void ticks_find_x(struct ticks *ticks, const struct axis *axis, const struct chart *chart,
                  int columns, int across, int before);

/* Multiples of `step`; false if there are too many. */
bool ticks_fill(struct ticks *ticks, const struct axis *axis, struct step step);
void ticks_label(struct ticks *ticks, int exponent, int most_columns);

/* Level 0 is the finest that could do, each higher one is coarser. False if there are too many. */
bool ticks_fill_time(struct ticks *ticks, const struct axis *axis, const struct chart *chart,
                     double finest, int level);
bool chart_is_time(const struct chart *chart, const struct axis *axis);

/* --- numbers --- */

void chart_write_fixed(char out[CHART_LABEL_SIZE], double value, int decimals); /* |value| < 1e15 */
void chart_write_scientific(char out[CHART_LABEL_SIZE], double value, int decimals);
void chart_write_value(char out[CHART_LABEL_SIZE], double value);
void chart_write_x(char out[CHART_LABEL_SIZE], const struct chart *chart, double x);
void chart_write_duration(char out[CHART_LABEL_SIZE], double seconds, double step);
void chart_write_clock(char out[CHART_LABEL_SIZE], double local_seconds);

/* --- the legend --- */

enum { CHART_ENTRIES = 32 };

struct legend_entry {
    const char *name;
    int look, name_columns, value_columns;
    bool is_emphasised;
    char value[CHART_LABEL_SIZE];
};

struct legend {
    int count;
    bool has_markers;
    bool is_cut; /* there are more series than entries */
    struct legend_entry entries[CHART_ENTRIES];
};

void legend_init(struct legend *legend, const struct chart *chart);
int legend_columns(const struct legend *legend); /* in one line */
int legend_lines(const struct legend *legend, int columns, int most_lines);
void legend_draw(const struct legend *legend, enum chart_glyphs glyphs, struct canvas *canvas,
                 struct rect rect);

/* --- the frame --- */

struct frame {
    struct chart chart; /* the caller's, with no more series than can be drawn */
    enum chart_glyphs glyphs;
    struct rect all, plot;
    struct rect title, x_title, legend_place, cursor_label; /* empty: left out */
    bool has_x_axis, has_y_axis;                            /* the line with its labels */
    int across, down;                                       /* dots of a cell */
    struct axis x, y;
    struct ticks x_ticks, y_ticks;
    struct legend legend;
};

void chart_frame_init(struct frame *frame, const struct chart *chart, struct rect rect,
                      enum chart_glyphs glyphs);
int chart_frame_row(const struct frame *frame, double y); /* on the canvas; -1 outside */
int chart_frame_column(const struct frame *frame, double x);
void chart_frame_draw(const struct frame *frame, struct canvas *canvas); /* all but the curves */

/* --- the curves --- */

struct raster_cell {
    uint8_t line, faint, band;        /* dots of curves, and of what is behind them */
    int16_t line_series, back_series; /* whose the uppermost is */
};

/* What a column of cells has to say besides dots: whose it is, as a series' index + 1, or 0. */
struct raster_column {
    int16_t missing, above, below;
};

struct raster {
    const struct frame *frame;
    int columns, rows, width, height; /* in cells, in dots */
    struct raster_cell *cells;        /* (rows, columns) */
    struct raster_column *marks;      /* (columns) */
    int16_t *heights;                 /* (series, columns) the row of the curve; -1: not there */
    int16_t *ends;                    /* (series) the column where a curve ends; -1: nowhere */
};

void raster_init(struct raster *raster, const struct frame *frame);
void raster_release(struct raster *raster);
void raster_draw_series(struct raster *raster, int index);
void raster_paint(const struct raster *raster, struct canvas *canvas);

/* Dots as a character: bit row * across + column. */
uint32_t chart_glyph_of_dots(enum chart_glyphs glyphs, unsigned dots);
int chart_glyph_across(enum chart_glyphs glyphs);
int chart_glyph_down(enum chart_glyphs glyphs);
uint32_t chart_glyph_of_event(enum chart_event_kind kind, enum chart_glyphs glyphs);

/* The curves that are not faint. */
int chart_curves(const struct chart *chart);
int chart_look(const struct chart *chart, int index);
struct style chart_faint_style(int look);
uint32_t chart_character(enum chart_glyphs glyphs, uint32_t character); /* ASCII where it must be */

#endif
