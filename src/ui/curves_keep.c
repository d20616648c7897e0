/* What is remembered of the curves view. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "curves_load.h"

const char *const curves_axis_names[AXIS_COUNT] = { "step",  "epoch", "time",
                                                    "clock", "run",   "commit" };

/* "1 2 3": the part that is shown means something for the same runs only. */
static const char *runs_word(const struct curves *curves, struct arena *arena)
{
    const char *word = "";
    for (int i = 0; i < curves->run_count; i++)
        word = arena_printf(arena, "%s %lld", word, (long long)curves->runs[i]);
    return word;
}

void curves_keep(const struct view *view, struct json *object)
{
    const struct curves *curves = view->state;
    struct arena arena = { 0 };
    json_set_string(object, "axis", curves_axis_names[curves->wanted_axis]);
    json_set_integer(object, "smoothing", curves->smoothing);
    json_set_bool(object, "log", curves->is_log);
    json_set_bool(object, "outliers", curves->shows_outliers);
    json_set_bool(object, "no_bands", curves->hides_bands);
    json_set_bool(object, "folds", curves->folds);
    if (curves->names.count > 0)
        json_set_string(object, "metric", curves_metric_word(curves, curves->metric));
    json_set_string(object, "runs", runs_word(curves, &arena));
    if (curves_is_zoomed(curves)) {
        json_set_number(object, "low", curves->shown.low);
        json_set_number(object, "high", curves->shown.high);
    }
    if (curves->has_cursor)
        json_set_number(object, "cursor", curves->cursor);
    struct json *hidden = json_new_array();
    for (int i = 0; i < curves->hidden_count; i++)
        json_push_integer(hidden, (int64_t)curves->hidden[i]);
    json_set(object, "hidden", hidden);
    arena_release(&arena);
}

static void restore_place(struct curves *curves, const struct json *object)
{
    double low, high;
    if (json_get_number(json_member(object, "low"), &low) &&
        json_get_number(json_member(object, "high"), &high) && low < high) {
        curves->shown = (struct chart_range){ low, high };
        curves->needs_part = true;
    }
    curves->has_cursor = json_get_number(json_member(object, "cursor"), &curves->cursor);
    const struct json *hidden = json_member(object, "hidden");
    for (size_t i = 0; i < json_length(hidden) && i < VIEW_RUNS_LIMIT; i++) {
        int64_t key;
        if (json_get_integer(json_item(hidden, i), &key))
            curves->hidden[curves->hidden_count++] = (uint64_t)key;
    }
}

static void restore_bool(const struct json *object, const char *key, bool *out)
{
    bool truth;
    if (json_get_bool(json_member(object, key), &truth))
        *out = truth;
}

void curves_restore(struct view *view, const struct json *object)
{
    struct curves *curves = view->state;
    struct arena arena = { 0 };
    int64_t smoothing = 0;
    const char *axis = json_get_string(json_member(object, "axis"));
    const char *metric = json_get_string(json_member(object, "metric"));
    const char *runs = json_get_string(json_member(object, "runs"));
    for (int i = 0; i < AXIS_COUNT; i++)
        if (axis && strcmp(axis, curves_axis_names[i]) == 0)
            curves->axis = curves->wanted_axis = i;
    if (json_get_integer(json_member(object, "smoothing"), &smoothing))
        curves->smoothing = (int)MAX(0, MIN(smoothing, plot_weight_count() - 1));
    restore_bool(object, "log", &curves->is_log);
    restore_bool(object, "outliers", &curves->shows_outliers);
    restore_bool(object, "no_bands", &curves->hides_bands);
    restore_bool(object, "folds", &curves->folds);
    if (metric)
        curves->remembered = xstrdup(metric);
    if (runs && strcmp(runs, runs_word(curves, &arena)) == 0)
        restore_place(curves, object);
    arena_release(&arena);
}
