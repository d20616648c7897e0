/* What is asked for: order, groups, filter, words to search for. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "record/metric.h"
#include "runs.h"
#include "show/filter_words.h"

/* --- lists to choose from --- */

struct choices {
    struct arena *arena;
    const char **items;
    int count, room;
};

static void add(struct choices *choices, const char *item)
{
    if (choices->count == choices->room) {
        int room = MAX(2 * choices->room, 128);
        const char **items = arena_alloc(choices->arena, (size_t)room, sizeof *items);
        if (choices->count > 0)
            memcpy(items, choices->items, (size_t)choices->count * sizeof *items);
        choices->items = items;
        choices->room = room;
    }
    choices->items[choices->count++] = arena_strdup(choices->arena, item);
}

static void add_metrics(struct choices *choices, struct index *index, bool with_bounds)
{
    char **names;
    int count = 0;
    if (catalogue_metric_names(index->places[0].catalogue, &index->arena, &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++) {
        enum direction direction = metric_direction(names[i], &index->config);
        add(choices, names[i]);
        if (with_bounds && direction != DIRECTION_LARGER)
            add(choices, arena_printf(choices->arena, "min(%s)", names[i]));
        if (with_bounds && direction != DIRECTION_SMALLER)
            add(choices, arena_printf(choices->arena, "max(%s)", names[i]));
    }
}

static void add_settings(struct choices *choices, const struct runs_names *names)
{
    for (int i = 0; i < names->count; i++)
        add(choices, names->settings[i]);
}

/* `is_more`: the list is open, and gets more. */
static void choose(struct view *view, struct choices *choices, bool is_more, const char *title,
                   const char *current, void (*chosen)(struct app *, struct view *, int))
{
    struct runs *runs = view->state;
    struct choice choice = { .title = title,
                             .items = choices->items,
                             .count = choices->count,
                             .view = view,
                             .chosen = chosen };
    for (int i = 0; i < choices->count; i++)
        if (strcmp(choices->items[i], current) == 0)
            choice.current = i;
    runs->choices = choices->items;
    if (is_more)
        app_choose_more(view->app, &choice);
    else
        app_choose(view->app, &choice);
}

/* --- order --- */

void runs_sort_by(struct view *view, const char *column)
{
    struct runs *runs = view->state;
    bool is_number = strcmp(column, "run") == 0;
    runs->is_ascending = run_first_order(is_number ? NULL : column,
                                         &app_index(view->app)->config) == ORDER_ASCENDING;
    runs_set(&runs->sort, is_number ? NULL : column);
    runs_reload(view);
}

static void chosen_sort(struct app *app, struct view *view, int index)
{
    struct runs *runs = view->state;
    (void)app;
    runs_sort_by(view, runs->choices[index]);
}

static const char sort_title[] = "sort by";

static void offer_sorts(struct view *view, struct arena *arena, bool is_more)
{
    struct runs *runs = view->state;
    struct choices choices = { .arena = arena };
    struct index *index = app_index(view->app);
    for (int i = 0; catalogue_sort_columns[i]; i++)
        add(&choices, catalogue_sort_columns[i]);
    add_metrics(&choices, index, true);
    add_settings(&choices, &runs->names);
    choose(view, &choices, is_more, sort_title, runs->sort ? runs->sort : "run", chosen_sort);
}

static void offer_more_sorts(struct view *view)
{
    struct arena *arena = app_choice_more(view->app, view, sort_title);
    if (arena)
        offer_sorts(view, arena, true);
}

void runs_ask_sort(struct view *view)
{
    offer_sorts(view, app_choice_arena(view->app), false);
    runs_names_load(view, offer_more_sorts);
}

/* --- groups --- */

static const char no_group[] = "(no groups)";

static void chosen_group(struct app *app, struct view *view, int index)
{
    struct runs *runs = view->state;
    (void)app;
    runs_set(&runs->group, index == 0 ? NULL : runs->choices[index]);
    runs_reload(view);
}

static const char group_title[] = "group by";

static void offer_groups(struct view *view, struct arena *arena, bool is_more)
{
    static const char *const usual[] = { "exp",  "commit", "state", "health", "tags", "branch",
                                         "data", "host",   "user",  "parent", "seed", "name" };
    struct runs *runs = view->state;
    struct choices choices = { .arena = arena };
    struct index *index = app_index(view->app);
    add(&choices, no_group);
    for (int i = 0; i < ARRAY_SIZE(usual); i++)
        add(&choices, usual[i]);
    add_settings(&choices, &runs->names);
    add_metrics(&choices, index, false);
    choose(view, &choices, is_more, group_title, runs->group ? runs->group : no_group,
           chosen_group);
}

static void offer_more_groups(struct view *view)
{
    struct arena *arena = app_choice_more(view->app, view, group_title);
    if (arena)
        offer_groups(view, arena, true);
}

void runs_ask_group(struct view *view)
{
    offer_groups(view, app_choice_arena(view->app), false);
    runs_names_load(view, offer_more_groups);
}

/* --- filter --- */

static bool is_filter(struct app *app, const char *text)
{
    struct arena arena = { 0 };
    const struct filter *filter;
    int error = filter_parse(&arena, text, app_now(app), &filter);
    arena_release(&arena);
    return error == 0;
}

static void end_trial(struct runs *runs)
{
    runs_set(&runs->trial, NULL);
    runs->is_trying = false;
}

static int take_filter(struct app *app, struct view *view, const char *text)
{
    struct runs *runs = view->state;
    if (!is_filter(app, text))
        return ERR_INVALID;
    end_trial(runs);
    runs_set(&runs->filter, text);
    runs_reload(view);
    return 0;
}

/* What is not a filter yet shows what the last one did that was. */
static void try_filter(struct app *app, struct view *view, const char *text)
{
    struct runs *runs = view->state;
    if (!is_filter(app, text))
        return;
    runs_set(&runs->trial, text);
    runs->is_trying = true;
    runs_reload(view);
}

static void cancel_filter(struct app *app, struct view *view)
{
    (void)app;
    end_trial(view->state);
    runs_reload(view);
}

static int complete_filter(struct job *job, const char *text, int *from, char ***words)
{
    struct arena *arena = &job->arena;
    struct filter_word *found;
    int count = filter_words_after(job->index.places[0].catalogue, arena, text, from, &found);
    *words = arena_alloc(arena, (size_t)count + 1, sizeof **words);
    for (int i = 0; i < count; i++)
        (*words)[i] = arena_strdup(arena, found[i].text);
    return count;
}

void runs_ask_filter(struct view *view)
{
    const struct runs *runs = view->state;
    app_prompt(view->app, &(struct prompt){ .label = " filter: ",
                                            .history = "filter",
                                            .text = runs->filter,
                                            .view = view,
                                            .take = take_filter,
                                            .look = try_filter,
                                            .complete = complete_filter,
                                            .cancel = cancel_filter });
}

/* --- words --- */

static bool has_text(const char *text, const char *wanted)
{
    return text && strcasestr(text, wanted);
}

static bool run_has(const struct run_row *row, const char *wanted)
{
    struct arena arena = { 0 };
    bool has = has_text(row->experiment, wanted) || has_text(row->name, wanted) ||
               has_text(run_state_word(row), wanted) || has_text(row->health, wanted) ||
               has_text(row->branch, wanted) || has_text(row->subject, wanted) ||
               has_text(row->command, wanted) || has_text(row->host, wanted) ||
               has_text(row->data, wanted) || has_text(row->reason, wanted) ||
               has_text(run_commit_word(&arena, row), wanted) ||
               has_text(arena_printf(&arena, "%lld", (long long)row->number), wanted);
    for (int i = 0; i < row->tag_count && !has; i++)
        has = has_text(row->tags[i], wanted);
    arena_release(&arena);
    return has;
}

/* The place in the list that the cursor is at. */
static int place_of_cursor(const struct runs *runs)
{
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    if (!line)
        return 0;
    return line->run >= 0 ? line->run : runs->list.groups[line->group].first;
}

static void go_to(struct runs *runs, int run)
{
    runs_unfold_run(runs, run);
    for (int i = 0; i < runs->line_count; i++)
        if (runs->lines[i].run == run)
            runs_move(runs, i);
}

/* From a place on, around the end; `by` is 1 or -1. */
static bool find_from(struct runs *runs, int from, int by)
{
    int count = runs->list.count;
    for (int i = 0; i < count; i++) {
        int at = ((from + by * i) % count + count) % count;
        if (run_has(&runs->list.runs[at].row, runs->searched)) {
            go_to(runs, at);
            return true;
        }
    }
    return false;
}

void runs_search(struct view *view, const char *text, int by)
{
    struct runs *runs = view->state;
    if (text)
        runs_set(&runs->searched, text);
    if (runs->searched && !find_from(runs, place_of_cursor(runs) + (text ? 0 : by), by))
        app_say(view->app, "no run here has '%.80s'", runs->searched);
}
