#define _GNU_SOURCE
#include "show/curves.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "show/run_table.h"

enum { POINTS_A_COLUMN = 4 };

double run_worked_at(const struct attempt_row *attempts, int count, double time)
{
    int last = count - 1;
    while (last > 0 && attempts[last].time > time)
        last--;
    return last < 0 ? NAN : attempts[last].worked + time - attempts[last].time;
}

/* --- epochs --- */

/* A recipe value, or what the run journalled of its data; NaN: neither. */
static double setting_number(struct index *index, const struct listed_run *run, const char *key)
{
    struct setting_row *rows;
    int count = 0;
    catalogue_settings(run->place->catalogue, &index->arena, &run->row.number, 1, key, &rows,
                       &count);
    return count > 0 ? rows[0].number : NAN;
}

static double fact_number(struct index *index, const struct listed_run *run, const char *key)
{
    struct fact_row *rows;
    int count = 0;
    double number;
    catalogue_engine(run->place->catalogue, &index->arena, run->row.number, &rows, &count);
    for (int i = 0; i < count; i++)
        if (strcmp(rows[i].key, key) == 0 && rows[i].value &&
            parse_real(rows[i].value, &number) == 0)
            return number;
    return NAN;
}

/* Passes over the data that one step makes; NaN: not known. The images that training had count more
 * than those that the recipe asked for, of which 0 means all. */
static double epochs_per_step(struct index *index, const struct listed_run *run)
{
    double batch = setting_number(index, run, "training.batch");
    double d_steps = setting_number(index, run, "training.d_steps");
    double images = fact_number(index, run, "data.count");
    if (isnan(images))
        images = setting_number(index, run, "data.count");
    return batch > 0 && images > 0 ? batch * (d_steps > 0 ? d_steps : 1) / images : NAN;
}

/* Between two points on a straight line; beyond the ends as there. */
static double value_at(const struct series *series, double step)
{
    int low = 0, high = series->count - 1;
    if (step <= series->step[low])
        return series->high[low];
    if (step >= series->step[high])
        return series->high[high];
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (series->step[middle] <= step)
            low = middle;
        else
            high = middle;
    }
    double share = (step - series->step[low]) / (series->step[high] - series->step[low]);
    return series->high[low] + share * (series->high[high] - series->high[low]);
}

/* Epochs only grow: the largest of a bucket is the one at its step. */
static int place_by_metric(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    struct series epochs;
    const struct listed_run *run = curve->run;
    int error = catalogue_series(run->place->catalogue, &index->arena, run->row.number, "epoch",
                                 NAN, NAN, POINTS_A_COLUMN * wish->columns, &epochs);
    if (!error && epochs.count == 0)
        error =
            fail(ERR_NOT_FOUND,
                 "run %s does not tell its epochs: it has neither training.batch and data.count "
                 "nor a metric 'epoch'",
                 run_title(index, run));
    for (int i = 0; i < curve->series.count && !error; i++)
        curve->x[i] = value_at(&epochs, curve->series.step[i]);
    return error;
}

static int place_by_epoch(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    double epochs = epochs_per_step(index, curve->run);
    if (isnan(epochs))
        return place_by_metric(index, curve, wish);
    for (int i = 0; i < curve->series.count; i++)
        curve->x[i] = curve->series.step[i] * epochs;
    return 0;
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

int curve_place(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    const struct series *series = &curve->series;
    if (series->count == 0 || wish->by == CURVE_STEP || wish->by == CURVE_CLOCK) {
        curve->x = wish->by == CURVE_CLOCK ? series->time : series->step;
        return 0;
    }
    curve->x = arena_alloc(&index->arena, (size_t)series->count, sizeof *curve->x);
    return wish->by == CURVE_TIME ? place_by_time(index, curve)
                                  : place_by_epoch(index, curve, wish);
}

int curve_read(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    int error = catalogue_series(curve->run->place->catalogue, &index->arena,
                                 curve->run->row.number, curve->metric, wish->first, wish->last,
                                 POINTS_A_COLUMN * wish->columns, &curve->series);
    return error ? error : curve_place(index, curve, wish);
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
        [CURVE_EPOCH] = { "epoch", CHART_X_NUMBER },
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
