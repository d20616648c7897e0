/* What has come of sweeps. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "draw/scatter.h"
#include "draw/table.h"
#include "json_out.h"
#include "run/settings.h"
#include "show/swept.h"
#include "sweeps.h"

static const char *const standing_keys[] = { "missing", "working", "reached", "out", "broken" };

/* --- JSON --- */

static struct json *counts_json(const int *counts)
{
    struct json *object = json_new_object();
    for (int i = 0; i <= TRIAL_BROKEN; i++)
        json_set_integer(object, standing_keys[i], counts[i]);
    return object;
}

static struct json *point_json(const struct swept *swept, const struct swept_point *point)
{
    const struct sweep *sweep = &swept->sweep;
    struct json *object = json_new_object(), *values = json_new_object(), *runs = json_new_array();
    for (int i = 0; i < sweep->parameter_count; i++) {
        if (swept->parameters[i].is_number)
            json_set_number(values, sweep->parameters[i].key, strtod(point->values[i], NULL));
        else
            json_set_string(values, sweep->parameters[i].key, point->values[i]);
    }
    for (int i = 0; i < sweep->seed_count; i++)
        if (point->trials[i].run > 0)
            json_push_integer(runs, point->trials[i].run);
    json_set(object, "values", values);
    json_set(object, "runs", runs);
    json_set(object, "trials", counts_json(point->counts));
    if (point->rung >= 0)
        json_set_integer(object, "steps", sweep->rungs[point->rung]);
    json_set_integer(object, "count", point->spread.count);
    json_set_number(object, "mean", point->spread.mean);
    json_set_number(object, "deviation", point->spread.deviation);
    return object;
}

static struct json *swept_json(const struct swept *swept)
{
    const struct sweep *sweep = &swept->sweep;
    struct json *root = json_new_object(), *points = json_new_array(),
                *parameters = json_new_array();
    json_set_string(root, "name", sweep->name);
    json_set_string(root, "experiment", sweep->experiment);
    json_set_string(root, "state", swept_state(swept));
    json_set_string(root, "why", swept->conductor.why);
    json_set_number(root, "created", sweep->created);
    json_set_string(root, "goal", swept->goal_words);
    json_set(root, "trials", counts_json(swept->counts));
    for (int i = 0; i < sweep->parameter_count; i++) {
        struct json *object = json_new_object();
        json_set_string(object, "key", swept->parameters[i].key);
        json_set_number(object, "effect", swept->parameters[i].effect);
        json_push(parameters, object);
    }
    for (int i = 0; i < sweep->point_count; i++)
        json_push(points, point_json(swept, &swept->points[i]));
    json_set(root, "parameters", parameters);
    json_set(root, "points", points);
    return root;
}

/* --- for people --- */

static void print_head(struct arena *arena, const struct swept *swept)
{
    const struct sweep *sweep = &swept->sweep;
    const char *why = swept->conductor.why;
    printf("sweep %s: %s%s%s\n", sweep->name, swept_state(swept), why ? ": " : "",
           why ? text_clean(arena, why, 1000) : "");
    printf("%d points, %d seeds each: %d runs done, %d at work, %d gave up, %d broken off, %d "
           "missing\n",
           sweep->point_count, sweep->seed_count, swept->counts[TRIAL_REACHED],
           swept->counts[TRIAL_LIVE], swept->counts[TRIAL_OUT], swept->counts[TRIAL_BROKEN],
           swept->counts[TRIAL_MISSING]);
    if (swept->trials.strays > 0)
        printf("%d runs are of points that the plan has no longer\n", swept->trials.strays);
}

static const char *runs_text(struct arena *arena, const struct swept *swept,
                             const struct swept_point *point)
{
    const char *text = "";
    for (int i = 0; i < swept->sweep.seed_count; i++)
        if (point->trials[i].run > 0)
            text = arena_printf(arena, "%s%s%lld", text, *text ? " " : "",
                                (long long)point->trials[i].run);
    return text;
}

static void fill_row(struct arena *arena, const struct swept *swept, int place,
                     struct table_cell *row)
{
    const struct swept_point *point = &swept->points[place];
    int count = swept->sweep.parameter_count, at = 0;
    row[at++].text = arena_printf(arena, "%d", place + 1);
    for (int i = 0; i < count; i++)
        row[at++].text = point->values[i];
    if (swept->goal.metric)
        row[at++].text = swept_value(arena, swept, &point->spread);
    if (swept->sweep.rung_count > 1)
        row[at++].text =
            point->rung < 0 ? "" : format_count(arena, (double)swept->sweep.rungs[point->rung]);
    row[at++].text = swept_standing(arena, swept, point);
    row[at++].text = runs_text(arena, swept, point);
}

static void print_points(struct arena *arena, const struct swept *swept)
{
    enum { OTHERS = 5 };
    const struct sweep *sweep = &swept->sweep;
    int width = sweep->parameter_count + OTHERS, count = 0;
    struct terminal terminal;
    struct table_column *columns = arena_alloc(arena, (size_t)width, sizeof *columns);
    struct table_cell *cells =
        arena_alloc(arena, (size_t)width * (size_t)sweep->point_count + 1, sizeof *cells);
    columns[count++] = (struct table_column){ .title = "", .is_right = true };
    for (int i = 0; i < sweep->parameter_count; i++)
        columns[count++] = (struct table_column){ .title = sweep->parameters[i].key,
                                                  .is_right = swept->parameters[i].is_number,
                                                  .least = 8,
                                                  .most = 30 };
    if (swept->goal.metric)
        columns[count++] = (struct table_column){ .title = swept->goal_words, .is_right = true };
    if (sweep->rung_count > 1)
        columns[count++] = (struct table_column){ .title = "steps", .is_right = true, .rank = 1 };
    columns[count++] = (struct table_column){ .title = "runs" };
    columns[count++] = (struct table_column){ .title = "", .rank = 2, .least = 4, .most = 24 };
    for (int i = 0; i < sweep->point_count; i++)
        fill_row(arena, swept, i, cells + (size_t)i * (size_t)count);
    struct table table = { columns, count, cells, sweep->point_count };
    terminal_probe(&terminal, stdout);
    putchar('\n');
    table_print(stdout, &table, &terminal);
}

/* Of words: the mean of each. */
static void print_words(struct arena *arena, const struct swept *swept, int at)
{
    int count = swept->sweep.point_count;
    double *values = arena_alloc(arena, (size_t)count + 1, sizeof *values);
    for (int i = 0; i < count; i++) {
        bool is_first = true;
        int members = 0;
        for (int k = 0; k < count; k++) {
            if (strcmp(swept->points[i].values[at], swept->points[k].values[at]) != 0)
                continue;
            is_first = is_first && k >= i;
            values[members++] = swept->points[k].first;
        }
        struct spread spread = spread_of(values, members);
        if (is_first && spread.count > 0)
            printf("  %-30.60s %s\n", text_clean(arena, swept->points[i].values[at], 60),
                   swept_value(arena, swept, &spread));
    }
}

static void print_plot(struct arena *arena, const struct swept *swept, int at)
{
    enum { ROWS = 8, COLUMNS = 60 };
    const struct swept_parameter *parameter = &swept->parameters[at];
    int count = swept->sweep.point_count;
    struct terminal terminal;
    struct canvas canvas;
    double *goals = arena_alloc(arena, (size_t)count + 1, sizeof *goals);
    for (int i = 0; i < count; i++)
        goals[i] = swept->points[i].first;
    struct scatter scatter = { .x = parameter->numbers,
                               .y = goals,
                               .count = count,
                               .is_log = parameter->is_log,
                               .chosen = 0 };
    terminal_probe(&terminal, stdout);
    canvas_init(&canvas, MIN(COLUMNS, terminal.columns), ROWS);
    scatter_draw(&canvas, canvas_bounds(&canvas), &scatter, chart_glyphs_for(&terminal));
    canvas_print(&canvas, stdout, &terminal);
    canvas_release(&canvas);
}

static void print_parameters(struct arena *arena, const struct swept *swept)
{
    const char *first = swept->sweep.rung_count > 1
                            ? arena_printf(arena, " at %s steps",
                                           format_count(arena, (double)swept->sweep.rungs[0]))
                            : "";
    for (int i = 0; i < swept->sweep.parameter_count; i++) {
        const struct swept_parameter *parameter = &swept->parameters[i];
        if (isnan(parameter->effect))
            continue;
        printf("\n%s: %s %.2f with %s%s\n", text_clean(arena, parameter->key, 100),
               parameter->is_number ? "rank correlation" : "rank ratio", parameter->effect,
               text_clean(arena, swept->goal_words, 100), first);
        if (parameter->is_number)
            print_plot(arena, swept, i);
        else
            print_words(arena, swept, i);
    }
}

static int read(struct arguments *arguments, const struct store *store, const char *name,
                struct swept *swept)
{
    struct config config;
    int error = config_read_for(&config, store);
    *swept = (struct swept){ .points = NULL };
    if (!error)
        error =
            swept_read(swept, store, name, option_text(arguments, "goal"), &config, present_time());
    config_release(&config);
    return error;
}

enum exit_status sweep_show(struct arguments *arguments)
{
    struct store store;
    struct swept swept = { .points = NULL };
    struct arena *arena = &arguments->arena;
    enum exit_status status = STATUS_DONE;
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = read(arguments, &store, arguments->operands[1], &swept);
    if (error) {
        command_failed(arguments);
        status = error == ERR_NOT_FOUND ? STATUS_NO_RUN : STATUS_FAILED;
    } else if (option_given(arguments, "json")) {
        json_put_out(swept_json(&swept));
    } else {
        print_head(arena, &swept);
        print_points(arena, &swept);
        if (swept.goal.metric)
            print_parameters(arena, &swept);
        else
            printf("\nwhat is best is not said: --goal METRIC, min(METRIC) or max(METRIC)\n");
    }
    swept_release(&swept);
    store_release(&store);
    return status;
}

/* --- all of them --- */

struct listed {
    const char *name;
    struct swept swept;
    const char *broken; /* why it cannot be read; NULL: it can */
};

static struct json *listed_json(const struct listed *listed)
{
    struct json *object = json_new_object();
    json_set_string(object, "name", listed->name);
    if (listed->broken) {
        json_set_string(object, "broken", listed->broken);
        return object;
    }
    json_set_string(object, "experiment", listed->swept.sweep.experiment);
    json_set_string(object, "state", swept_state(&listed->swept));
    json_set_number(object, "created", listed->swept.sweep.created);
    json_set_integer(object, "points", listed->swept.sweep.point_count);
    json_set_integer(object, "seeds", listed->swept.sweep.seed_count);
    json_set(object, "trials", counts_json(listed->swept.counts));
    return object;
}

enum { LIST_COLUMNS = 6 };

static void fill_listed(struct arena *arena, const struct listed *listed, struct table_cell *row)
{
    const struct swept *swept = &listed->swept;
    row[0].text = listed->name;
    row[1].text = listed->broken ? "broken" : swept_state(swept);
    if (listed->broken) {
        row[5].text = listed->broken;
        return;
    }
    int best = swept_best(swept);
    row[2].text = format_age(arena, present_time() - swept->sweep.created);
    row[3].text = arena_printf(arena, "%d", swept->sweep.point_count);
    row[4].text =
        arena_printf(arena, "%d of %d", swept->counts[TRIAL_REACHED] + swept->counts[TRIAL_OUT],
                     swept->trials.count);
    if (best >= 0)
        row[5].text = arena_printf(arena, "%s %s", swept->goal_words,
                                   swept_value(arena, swept, &swept->points[best].spread));
}

static void print_list(struct arena *arena, const struct listed *all, int count)
{
    static const struct table_column columns[LIST_COLUMNS] = {
        { .title = "sweep" },
        { .title = "state" },
        { .title = "age", .is_right = true },
        { .title = "points", .is_right = true, .rank = 2 },
        { .title = "runs", .is_right = true, .rank = 1 },
        { .title = "best", .least = 10, .most = 60, .rank = 3 },
    };
    struct terminal terminal;
    struct table_cell *cells = arena_alloc(arena, (size_t)count * LIST_COLUMNS + 1, sizeof *cells);
    for (int i = 0; i < count; i++)
        fill_listed(arena, &all[i], cells + (size_t)i * LIST_COLUMNS);
    struct table table = { columns, LIST_COLUMNS, cells, count };
    terminal_probe(&terminal, stdout);
    table_print(stdout, &table, &terminal);
}

enum exit_status sweep_ls(struct arguments *arguments)
{
    struct store store;
    struct arena *arena = &arguments->arena;
    struct json *array = json_new_array();
    char **names;
    int count = 0;
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = sweep_list(arena, &store, &names, &count);
    struct listed *all = arena_alloc(arena, (size_t)count + 1, sizeof *all);
    for (int i = 0; i < count; i++) {
        all[i].name = names[i];
        if (read(arguments, &store, names[i], &all[i].swept) < 0)
            all[i].broken = arena_strdup(arena, error_text());
        json_push(array, listed_json(&all[i]));
    }
    enum exit_status status = error ? command_failed(arguments) : STATUS_DONE;
    if (!error && option_given(arguments, "json"))
        json_put_out(array);
    else
        json_free(array);
    if (!error && !option_given(arguments, "json"))
        print_list(arena, all, count);
    for (int i = 0; i < count; i++)
        swept_release(&all[i].swept);
    store_release(&store);
    return status;
}
