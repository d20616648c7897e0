#define _GNU_SOURCE
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "print_curves.h"
#include "json_out.h"
#include "stores.h"

static const struct command_option options[] = {
    { 'm', "metric", "METRIC", "Draw this metric; repeat it for more.", true },
    CURVE_OPTIONS,
    { 0, "rows", "N", "Make a chart N lines high.", false },
    { 0, "json", NULL, "Print the points instead: [step, t, mean, low, high].", false },
};

struct plot {
    struct index *index;
    struct chart_wish wish;
    struct listed_run *runs;
    int run_count;
    const char *const *metrics;
    int metric_count;
    struct curve *curves; /* (metric_count, run_count) */
};

/* --- what there is --- */

static int fail_no_metric(const struct plot *plot, const char *name)
{
    char **names;
    int count = 0;
    for (int i = 0; i < plot->index->count; i++) {
        struct index_place *place = &plot->index->places[i];
        if (!place->catalogue ||
            catalogue_metric_names(place->catalogue, &plot->index->arena, &names, &count) < 0)
            continue;
        const char *nearest = text_nearest(name, (const char *const *)names, count, sizeof *names);
        if (nearest && strcmp(nearest, name) != 0)
            return fail(ERR_NOT_FOUND, "no metric '%.80s' here (did you mean '%s'?)", name,
                        text_clean(&plot->index->arena, nearest, 80));
    }
    return fail(ERR_NOT_FOUND, "no metric '%.80s' here", name);
}

static int read_curves(struct plot *plot)
{
    plot->curves =
        arena_alloc(&plot->index->arena, (size_t)plot->metric_count * (size_t)plot->run_count,
                    sizeof *plot->curves);
    for (int m = 0; m < plot->metric_count; m++) {
        int64_t points = 0;
        for (int r = 0; r < plot->run_count; r++) {
            struct curve *curve = &plot->curves[m * plot->run_count + r];
            curve->run = &plot->runs[r];
            curve->metric = plot->metrics[m];
            int error = curve_read(plot->index, curve, &plot->wish.curves);
            if (error)
                return error;
            points += curve->series.count;
        }
        if (points == 0)
            return fail_no_metric(plot, plot->metrics[m]);
    }
    return 0;
}

/* --- charts --- */

/* All metrics of the one run overlaid. */
static void draw_run(struct plot *plot)
{
    const char *title =
        arena_printf(&plot->index->arena, "%s, run %s", plot->runs[0].row.experiment,
                     run_long_title(plot->index, &plot->runs[0]));
    for (int m = 0; m < plot->metric_count; m++) {
        plot->curves[m].name = plot->metrics[m];
        plot->curves[m].look = m + 1;
    }
    curves_print(plot->index, title, plot->curves, plot->metric_count, &plot->wish);
}

/* A chart of each metric, with all runs overlaid. */
static void draw_runs(struct plot *plot)
{
    for (int m = 0; m < plot->metric_count; m++) {
        struct curve *curves = &plot->curves[m * plot->run_count];
        for (int r = 0; r < plot->run_count; r++) {
            curves[r].name = run_long_title(plot->index, &plot->runs[r]);
            curves[r].look = r + 1;
        }
        if (m > 0)
            putchar('\n');
        curves_print(plot->index, plot->metrics[m], curves, plot->run_count, &plot->wish);
    }
}

/* --- JSON --- */

static struct json *points_json(const struct series *series)
{
    struct json *points = json_new_array();
    for (int i = 0; i < series->count; i++) {
        const double values[] = { series->time[i], series->mean[i], series->low[i],
                                  series->high[i] };
        struct json *point = json_new_array();
        json_push_integer(point, (int64_t)series->step[i]);
        for (int k = 0; k < ARRAY_SIZE(values); k++)
            json_push_number(point, values[k]);
        json_push(points, point);
    }
    return points;
}

static void print_json(const struct plot *plot)
{
    struct json *list = json_new_array();
    for (int i = 0; i < plot->metric_count * plot->run_count; i++) {
        const struct curve *curve = &plot->curves[i];
        struct json *object = json_new_object();
        json_set_integer(object, "run", curve->run->row.number);
        json_set_string(object, "store", curve->run->place->store.path);
        json_set_string(object, "metric", curve->metric);
        json_set(object, "points", points_json(&curve->series));
        json_push(list, object);
    }
    json_put_out(list);
}

static int plot_runs(struct arguments *arguments, struct plot *plot)
{
    int error = read_curves(plot);
    if (error)
        return error;
    if (option_given(arguments, "json"))
        print_json(plot);
    else if (plot->run_count == 1)
        draw_run(plot);
    else
        draw_runs(plot);
    return 0;
}

static int choose_metrics(struct arguments *arguments, struct plot *plot)
{
    enum { LOSSES = 2 };
    plot->metrics = option_texts(arguments, "metric", &plot->metric_count);
    if (plot->metric_count == 0)
        plot->metrics = curve_usual_metrics(plot->index, plot->runs, plot->run_count,
                                            plot->run_count == 1 ? LOSSES : 1, &plot->metric_count);
    return plot->metric_count > 0 ? 0 : fail(ERR_NOT_FOUND, "no metrics yet");
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct plot plot = { .index = &index };
    struct index_run *runs;
    int64_t rows = 0;
    if (option_curves(arguments, &plot.wish) < 0 ||
        option_integer(arguments, "rows", 4, 1000, &rows) < 0)
        return command_misused(arguments);
    if (rows > 0)
        plot.wish.rows = (int)rows;
    enum exit_status status = index_open_runs(&index, arguments, &runs, &plot.run_count);
    if (status != STATUS_DONE)
        return status;
    int error = index_list(&index, runs, plot.run_count, &plot.runs);
    if (!error)
        error = choose_metrics(arguments, &plot);
    if (!error)
        error = plot_runs(arguments, &plot);
    if (error)
        status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_plot = {
    .name = "plot",
    .summary = "Draw metrics as a chart of text",
    .operands = "RUN...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_stores = true,
    .details =
        "Draw curves as a chart of characters: of one run its losses, or the metrics that are "
        "named, on one chart; of several runs a chart for each metric with all runs overlaid. A "
        "point of a long run stands for many values: the curve is their mean, the band behind it "
        "their range.",
    .run = run,
};
