/* Home: the table of runs. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "runs.h"

enum {
    FIRST_RUNS = 100, /* read at once for the first screen */
    PAUSE_MS = 600,   /* between two looks at a list that changes by itself … */
    COST_SHARE = 10,  /* … or so many times what the last one took */
    OLD_S = 30        /* ages older than that are made anew when a key is pressed */
};

void runs_set(char **text, const char *to)
{
    char *copy = to && *to ? xstrdup(to) : NULL;
    free(*text);
    *text = copy;
}

void runs_reload(struct view *view)
{
    struct runs *runs = view->state;
    runs->needs_load = true;
}

/* --- loading --- */

static struct run_list_wish wish_of(const struct runs *runs)
{
    return (struct run_list_wish){ .filter = runs->is_trying ? runs->trial : runs->filter,
                                   .sort = runs->sort,
                                   .group = runs->group,
                                   .columns = runs->columns,
                                   .is_ascending = runs->is_ascending,
                                   .with_archived = runs->with_archived,
                                   .from_bin = runs->from_bin };
}

/* A metric to sort or group by may have gone with the last run that had it. */
static void say_refused(struct view *view)
{
    struct runs *runs = view->state;
    app_say_error(view->app);
    if (!runs->sort && !runs->group)
        return;
    runs_set(&runs->sort, NULL);
    runs_set(&runs->group, NULL);
    runs->is_ascending = false;
    runs_reload(view);
}

static void loaded(struct view *view, struct job *job)
{
    struct runs *runs = view->state;
    bool is_refused = job->error == ERR_INVALID;
    runs->cost = app_steady(view->app) - runs->loaded;
    if (!run_list_take(&runs->list, job)) {
        if (is_refused)
            say_refused(view);
        else
            app_say_error(view->app);
        return;
    }
    runs->has_read = true;
    runs_make_lines(runs);
    runs_move(runs, runs->cursor);
}

static void load(struct view *view, double steady)
{
    struct runs *runs = view->state;
    struct run_list_wish wish = wish_of(runs);
    runs->needs_load = runs->is_stale = false;
    runs->loaded = steady;
    run_list_load(view, &wish, loaded);
}

/* What is grouped is not worth showing before it is whole. */
static void read_first(struct view *view)
{
    struct runs *runs = view->state;
    struct run_list_wish wish = wish_of(runs);
    runs->has_begun = runs->needs_load = true;
    if (wish.group || run_list_read(view->app, &wish, FIRST_RUNS, &runs->list) < 0)
        return;
    runs->has_read = true;
    runs_make_lines(runs);
}

static double pause_of(const struct runs *runs)
{
    return MAX(PAUSE_MS / 1000.0, COST_SHARE * runs->cost);
}

static void load_if_due(struct view *view, const struct tick *tick)
{
    struct runs *runs = view->state;
    runs->is_stale = runs->is_stale || tick->is_new_data;
    bool has_waited = runs->list.count == 0 || tick->steady - runs->loaded >= pause_of(runs);
    bool is_due = runs->is_stale && has_waited && !job_is_pending(view, loaded);
    if (runs->needs_load || is_due)
        load(view, tick->steady);
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct runs *runs = view->state;
    if (!runs->has_begun)
        read_first(view);
    load_if_due(view, tick);
    runs_preview_update(view, tick);
    runs->rows = MAX(runs->place.height - 1, 1);
    runs_scroll(runs);
    return runs_table_update(view) ? REDRAW : IGNORED;
}

static double wakes(const struct view *view, double steady)
{
    const struct runs *runs = view->state;
    double preview = runs_preview_wakes(runs, steady), list = -1;
    if (runs->is_stale)
        list = MAX(runs->loaded + pause_of(runs) - steady, 0);
    return preview < 0 ? list : list < 0 ? preview : MIN(preview, list);
}

/* --- acting --- */

static enum reaction move(struct view *view, enum action action)
{
    struct runs *runs = view->state;
    int page = MAX(runs->rows - 1, 1), to = runs->cursor;
    switch (action) {
    case ACTION_UP:
        to--;
        break;
    case ACTION_DOWN:
        to++;
        break;
    case ACTION_PAGE_UP:
        to -= page;
        break;
    case ACTION_PAGE_DOWN:
        to += page;
        break;
    case ACTION_TOP:
        to = 0;
        break;
    case ACTION_BOTTOM:
        to = runs->line_count - 1;
        break;
    case ACTION_LEFT:
    case ACTION_FAR_LEFT:
        runs_table_scroll(runs, action == ACTION_LEFT ? -1 : -runs->table.column_count);
        return REDRAW;
    case ACTION_RIGHT:
    case ACTION_FAR_RIGHT:
        runs_table_scroll(runs, action == ACTION_RIGHT ? 1 : 10);
        return REDRAW;
    default:
        return IGNORED;
    }
    runs_move(runs, to);
    return REDRAW;
}

static enum reaction ask(struct view *view, enum action action)
{
    switch (action) {
    case ACTION_SORT:
        runs_ask_sort(view);
        return REDRAW;
    case ACTION_GROUP:
        runs_ask_group(view);
        return REDRAW;
    case ACTION_FILTER:
        runs_ask_filter(view);
        return REDRAW;
    case ACTION_COLUMNS:
        runs_pick_columns(view);
        return REDRAW;
    default:
        return IGNORED;
    }
}

/* What is listed in another way. */
static enum reaction turn(struct view *view, enum action action)
{
    struct runs *runs = view->state;
    switch (action) {
    case ACTION_REVERSE:
        runs->is_ascending = !runs->is_ascending;
        break;
    case ACTION_ARCHIVED:
        runs->with_archived = !runs->with_archived;
        app_say(view->app, "archived runs are %s", runs->with_archived ? "shown" : "hidden");
        break;
    case ACTION_BIN:
        runs->from_bin = !runs->from_bin;
        break;
    default:
        return IGNORED;
    }
    runs_reload(view);
    return REDRAW;
}

static enum reaction open_line(struct view *view)
{
    struct runs *runs = view->state;
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    if (!line)
        return IGNORED;
    if (line->run < 0)
        runs_fold(runs);
    else
        app_open(view->app, &view_run,
                 &(struct view_args){
                     .runs = &runs->list.runs[line->run].row.number, .run_count = 1, .step = -1 });
    return REDRAW;
}

static enum reaction act_on_line(struct view *view, enum action action)
{
    struct runs *runs = view->state;
    switch (action) {
    case ACTION_MARK:
        runs_toggle_mark(runs);
        runs_move(runs, runs->cursor + 1);
        return REDRAW;
    case ACTION_UNMARK_ALL:
        runs_unmark_all(runs);
        return REDRAW;
    case ACTION_FOLD:
        runs_fold(runs);
        return REDRAW;
    case ACTION_FOLD_ALL:
        runs_fold_all(runs);
        return REDRAW;
    case ACTION_PREVIEW:
        runs->preview.is_hidden = !runs->preview.is_hidden;
        return REDRAW;
    case ACTION_OPEN:
        return open_line(view);
    default:
        return IGNORED;
    }
}

static enum reaction act(struct view *view, enum action action)
{
    struct runs *runs = view->state;
    if (runs->picker.is_open)
        return runs_picker_act(view, action);
    if (app_now(view->app) - runs->list.now > OLD_S && runs->has_read) {
        runs->list.now = app_now(view->app);
        runs->table.is_stale = true;
    }
    enum reaction reaction = move(view, action);
    if (!reaction)
        reaction = ask(view, action);
    if (!reaction)
        reaction = turn(view, action);
    if (!reaction)
        reaction = act_on_line(view, action);
    return reaction;
}

static enum reaction key(struct view *view, const struct input *input)
{
    const struct runs *runs = view->state;
    bool is_picking = runs->picker.is_open && input->kind == INPUT_KEY;
    return is_picking ? runs_picker_key(view, input->key) : IGNORED;
}

static int meant(const struct view *view, struct arena *arena, int64_t **numbers)
{
    return runs_meant(view->state, arena, numbers);
}

/* Groups and marks are acted on where there are some. */
static bool offers(const struct view *view, enum action action)
{
    const struct runs *runs = view->state;
    if (action == ACTION_FOLD || action == ACTION_FOLD_ALL)
        return runs->group;
    return action != ACTION_UNMARK_ALL || runs->mark_count > 0;
}

/* --- around it --- */

static const char *order_of(const struct runs *runs, struct arena *arena)
{
    return runs->sort
               ? arena_printf(arena, "  by %s %s", runs->sort, runs->is_ascending ? "▲" : "▼")
               : "";
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct runs *runs = view->state;
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    const char *filter = runs->is_trying ? runs->trial : runs->filter;
    int marked = runs_marked_count(runs);
    int place = !line            ? 0
                : line->run >= 0 ? line->run + 1
                                 : runs->list.groups[line->group].first + 1;
    const char *marks = marked > 0 ? arena_printf(arena, "  %d marked", marked) : "";
    return arena_printf(arena, "%s%d of %s%s%s%s%s%s", runs->from_bin ? "BIN  " : "", place,
                        format_count(arena, (double)runs->list.total), marks, order_of(runs, arena),
                        runs->with_archived ? "  with archived" : "", filter ? "  filter: " : "",
                        filter ? filter : "");
}

static void keep_text(struct json *object, const char *key_, const char *text)
{
    if (text)
        json_set_string(object, key_, text);
}

static void keep(const struct view *view, struct json *object)
{
    const struct runs *runs = view->state;
    struct json *unlike = json_new_array();
    keep_text(object, "filter", runs->filter);
    keep_text(object, "sort", runs->sort);
    keep_text(object, "group", runs->group);
    keep_text(object, "columns", runs->columns);
    json_set_bool(object, "ascending", runs->is_ascending);
    json_set_bool(object, "archived", runs->with_archived);
    json_set_bool(object, "preview", !runs->preview.is_hidden);
    json_set_bool(object, "folded", runs->folds_all);
    for (int i = 0; i < runs->unlike_count; i++)
        json_push_string(unlike, runs->unlike[i]);
    json_set(object, "unlike", unlike);
    json_set_integer(object, "run", runs->at);
}

static bool kept_bool(const struct json *object, const char *name, bool fallback)
{
    bool is = fallback;
    json_get_bool(json_member(object, name), &is);
    return is;
}

static void restore(struct view *view, const struct json *object)
{
    struct runs *runs = view->state;
    const struct json *unlike = json_member(object, "unlike");
    runs_set(&runs->filter, json_get_string(json_member(object, "filter")));
    runs_set(&runs->sort, json_get_string(json_member(object, "sort")));
    runs_set(&runs->group, json_get_string(json_member(object, "group")));
    runs_set(&runs->columns, json_get_string(json_member(object, "columns")));
    runs->is_ascending = kept_bool(object, "ascending", false);
    runs->with_archived = kept_bool(object, "archived", false);
    runs->preview.is_hidden = !kept_bool(object, "preview", true);
    runs->folds_all = kept_bool(object, "folded", false);
    for (size_t i = 0; i < json_length(unlike); i++)
        runs_add_unlike(runs, json_get_string(json_item(unlike, i)));
    json_get_integer(json_member(object, "run"), &runs->at);
}

static void close(struct view *view)
{
    struct runs *runs = view->state;
    runs_preview_release(runs);
    runs_picker_release(runs);
    runs_names_release(runs);
    runs_table_release(runs);
    runs_lines_release(runs);
    run_list_release(&runs->list);
    free(runs->filter);
    free(runs->sort);
    free(runs->group);
    free(runs->columns);
    free(runs->trial);
    free(runs->searched);
}

const struct view_type view_runs = {
    .name = "runs",
    .title = "Runs",
    .place = IN_RUNS,
    .state_size = sizeof(struct runs),
    .update = update,
    .act = act,
    .key = key,
    .mouse = runs_mouse,
    .offers = offers,
    .search = runs_search,
    .draw = runs_draw,
    .runs = meant,
    .status = status,
    .keep = keep,
    .restore = restore,
    .wakes = wakes,
    .close = close,
};
