#define _GNU_SOURCE
#include "show/curves.h"

#include <math.h>
#include <string.h>

#include "show/run_table.h"

enum { POINTS_A_COLUMN = 4 };

double run_worked_at(const struct attempt_row *attempts, int count, double time)
{
    int last = count - 1;
    while (last > 0 && attempts[last].time > time)
        last--;
    return last < 0 ? NAN : attempts[last].worked + time - attempts[last].time;
}

/* --- reading --- */

static int place_by_time(struct index *index, struct curve *curve)
{
    struct attempt_row *attempts = NULL;
    int attempt_count = 0;
    int error = catalogue_attempts(curve->run->place->catalogue, &index->arena,
                                   curve->run->row.number, &attempts, &attempt_count);
    for (int i = 0; i < curve->series.count; i++)
        curve->x[i] = run_worked_at(attempts, attempt_count, curve->series.time[i]);
    return error;
}

static int place_on_axis(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    const struct series *series = &curve->series;
    if (series->count == 0 || wish->by == CURVE_STEP || wish->by == CURVE_CLOCK) {
        curve->x = wish->by == CURVE_CLOCK ? series->time : series->step;
        return 0;
    }
    curve->x = arena_alloc(&index->arena, (size_t)series->count, sizeof *curve->x);
    return place_by_time(index, curve);
}

int curve_read(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    int error = catalogue_series(curve->run->place->catalogue, &index->arena,
                                 curve->run->row.number, curve->metric, wish->first, wish->last,
                                 POINTS_A_COLUMN * wish->columns, &curve->series);
    return error ? error : place_on_axis(index, curve, wish);
}

/* --- charts --- */

/* One of two series where it is smoothed: the raw one is faint behind it. */
static int add_series(struct arena *arena, struct chart_series *out, const struct curve *curve,
                      const struct curve_wish *wish)
{
    const struct series *from = &curve->series;
    struct chart_series series = { .name = curve->name,
                                   .x = curve->x,
                                   .mean = from->mean,
                                   .low = from->low,
                                   .high = from->high,
                                   .count = from->count,
                                   .look = curve->look };
    out[0] = series;
    if (wish->smooth <= 0)
        return 1;
    double *smooth = arena_alloc(arena, (size_t)from->count, sizeof *smooth);
    chart_smooth(from->mean, from->count, wish->smooth, smooth);
    out[0].is_faint = true;
    out[0].name = NULL;
    out[0].low = out[0].high = NULL;
    out[1] = series;
    out[1].mean = smooth;
    out[1].low = out[1].high = NULL;
    return 2;
}

void curves_chart(struct arena *arena, const char *title, const struct curve *curves, int count,
                  const struct curve_wish *wish, struct chart *out)
{
    static const struct {
        const char *title;
        enum chart_x_kind kind;
    } axes[] = {
        [CURVE_STEP] = { "step", CHART_X_NUMBER },
        [CURVE_TIME] = { "time", CHART_X_DURATION },
        [CURVE_CLOCK] = { NULL, CHART_X_CLOCK },
    };
    int series_count = 0;
    struct chart_series *series = arena_alloc(arena, 2 * (size_t)count + 1, sizeof *series);
    for (int i = 0; i < count; i++)
        if (curves[i].series.count > 0)
            series_count += add_series(arena, &series[series_count], &curves[i], wish);
    *out = (struct chart){ .title = title,
                           .x_title = axes[wish->by].title,
                           .series = series,
                           .series_count = series_count,
                           .x_kind = axes[wish->by].kind,
                           .utc_offset = wish->utc_offset,
                           .y_scale = wish->is_log ? CHART_LOG : CHART_LINEAR,
                           .ignores_outliers = wish->hides_outliers };
}

/* --- which --- */

const char **curve_usual_metrics(struct index *index, const struct listed_run *runs, int run_count,
                                 int most, int *count)
{
    enum { CHIEFS = 32 };
    int chief_count;
    const char **chiefs = run_chief_metrics(index, runs, run_count, CHIEFS, &chief_count);
    const char **usual = arena_alloc(&index->arena, (size_t)most + 1, sizeof *usual);
    *count = 0;
    for (int i = 0; i < chief_count && *count < most; i++)
        if (strcasestr(chiefs[i], "loss"))
            usual[(*count)++] = chiefs[i];
    if (*count == 0 && chief_count > 0)
        usual[(*count)++] = chiefs[0];
    return usual;
}
