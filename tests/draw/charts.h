/* What the tests of charts share: charts as text, random charts. */
#ifndef GANDER_TESTS_DRAW_CHARTS_H
#define GANDER_TESTS_DRAW_CHARTS_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "draw/chart.h"
#include "testing.h"

static const enum chart_glyphs all_glyphs[] = { CHART_ASCII, CHART_HALF, CHART_QUADRANT,
                                                CHART_BRAILLE };

/* The chart as its characters, in a buffer that the next call overwrites. */
static inline const char *chart_drawn(const struct chart *chart, int columns, int rows,
                                      enum chart_glyphs glyphs)
{
    static char text[1 << 18];
    struct terminal terminal = { .utf8 = true, .columns = columns, .rows = rows };
    struct canvas canvas;
    canvas_init(&canvas, columns, rows);
    chart_draw(&canvas, canvas_bounds(&canvas), chart, glyphs);
    text[0] = '\0';
    FILE *stream = fmemopen(text, sizeof text, "w");
    canvas_print(&canvas, stream, &terminal);
    fclose(stream);
    canvas_release(&canvas);
    return text;
}

/* A chart of up to four series that own random data, good and bad. */
enum { RANDOM_SERIES = 4, RANDOM_POINTS = 60 };

struct random_chart {
    struct chart chart;
    struct chart_series series[RANDOM_SERIES];
    struct chart_reference references[2];
    struct chart_event events[3];
    double values[RANDOM_SERIES][4][RANDOM_POINTS]; /* x, mean, low, high */
};

static inline double random_value(struct random *random, int kind)
{
    static const double bad[] = { NAN,     INFINITY, -INFINITY, 0,       -0.0,   DBL_MAX,
                                  DBL_MIN, -DBL_MAX, 1e-320,    -1e-300, 1e-300, 1e300 };
    if (kind == 0)
        return bad[random_below(random, ARRAY_SIZE(bad))];
    if (kind == 1)
        return random_normal(random) * pow(10, (int)random_below(random, 600) - 300);
    if (kind == 2)
        return random_below(random, 12) == 0 ? bad[random_below(random, ARRAY_SIZE(bad))]
                                             : random_normal(random);
    return 5 + random_normal(random);
}

static inline struct chart_range random_range(struct random *random)
{
    if (random_below(random, 3) > 0)
        return (struct chart_range){ 0, 0 };
    int kind = (int)random_below(random, 4);
    return (struct chart_range){ random_value(random, kind), random_value(random, kind) };
}

static inline void random_series(struct random *random, struct random_chart *out, int index)
{
    static const char *const names[] = {
        "d_loss", NULL, "\033[2Jhostile\n",
        "損失",   "",   "a name that is longer than most legends are"
    };
    int x_kind = (int)random_below(random, 5), y_kind = (int)random_below(random, 4);
    double(*values)[RANDOM_POINTS] = out->values[index];
    for (int i = 0; i < RANDOM_POINTS; i++) {
        values[0][i] = x_kind == 4 ? i * 10 : random_value(random, x_kind);
        for (int part = 1; part < 4; part++)
            values[part][i] = random_value(random, y_kind);
    }
    out->series[index] = (struct chart_series){
        .name = names[random_below(random, ARRAY_SIZE(names))],
        .x = random_below(random, 4) > 0 ? values[0] : NULL,
        .mean = values[1],
        .low = random_below(random, 2) ? values[2] : NULL,
        .high = random_below(random, 2) ? values[3] : NULL,
        .count = (int)random_below(random, RANDOM_POINTS + 1),
        .look = (int)random_below(random, 20),
        .is_emphasised = random_below(random, 4) == 0,
        .is_faint = random_below(random, 4) == 0,
    };
}

static inline void random_chart(struct random *random, struct random_chart *out)
{
    for (int i = 0; i < RANDOM_SERIES; i++)
        random_series(random, out, i);
    for (int i = 0; i < 2; i++)
        out->references[i] =
            (struct chart_reference){ random_value(random, (int)random_below(random, 4)),
                                      random_below(random, 2) ? "r" : NULL };
    for (int i = 0; i < 3; i++)
        out->events[i] = (struct chart_event){ random_value(random, (int)random_below(random, 4)),
                                               (enum chart_event_kind)random_below(random, 4) };
    out->chart = (struct chart){
        .title = random_below(random, 2) ? "title" : NULL,
        .x_title = random_below(random, 2) ? "step" : NULL,
        .series = out->series,
        .series_count = (int)random_below(random, RANDOM_SERIES + 1),
        .references = out->references,
        .reference_count = (int)random_below(random, 3),
        .events = out->events,
        .event_count = (int)random_below(random, 4),
        .x = random_range(random),
        .y = random_range(random),
        .x_kind = (enum chart_x_kind)random_below(random, 3),
        .utc_offset = (int)random_below(random, 100000) - 50000,
        .y_scale = (enum chart_scale)random_below(random, 2),
        .ignores_outliers = random_below(random, 2),
        .hides_bands = random_below(random, 4) == 0,
        .legend = (enum chart_legend)random_below(random, 3),
        .has_cursor = random_below(random, 2),
        .cursor = random_value(random, (int)random_below(random, 4)),
    };
}

#endif
