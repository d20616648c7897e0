/* Choosing columns: a list over the table, the chosen ones first, in their order. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "app_state.h"
#include "base/error.h"
#include "base/text.h"
#include "record/metric.h"
#include "record/recipe.h"
#include "runs.h"

/* --- the list --- */

static int find_name(const struct runs_picker *picker, const char *name)
{
    for (int i = 0; i < picker->count; i++)
        if (strcmp(picker->names[i], name) == 0)
            return i;
    return -1;
}

static void insert(struct runs_picker *picker, int at, const char *name, bool is_on)
{
    size_t count = (size_t)picker->count + 1, behind = (size_t)(picker->count - at);
    picker->names = xrealloc(picker->names, count, sizeof *picker->names);
    picker->is_on = xrealloc(picker->is_on, count, sizeof *picker->is_on);
    memmove(picker->names + at + 1, picker->names + at, behind * sizeof *picker->names);
    memmove(picker->is_on + at + 1, picker->is_on + at, behind * sizeof *picker->is_on);
    picker->names[at] = xstrdup(name);
    picker->is_on[at] = is_on;
    picker->count++;
}

static void offer(struct runs_picker *picker, const char *name)
{
    if (find_name(picker, name) < 0)
        insert(picker, picker->count, name, false);
}

static void forget(struct runs_picker *picker)
{
    for (int i = 0; i < picker->count; i++)
        free(picker->names[i]);
    picker->count = picker->cursor = 0;
}

static void offer_metric(struct runs_picker *picker, struct index *index, const char *name)
{
    enum direction direction = metric_direction(name, &index->config);
    offer(picker, name);
    if (direction != DIRECTION_NONE)
        offer(picker, arena_printf(&index->arena, "%s(%s)",
                                   direction == DIRECTION_SMALLER ? "min" : "max", name));
    offer(picker, arena_printf(&index->arena, "spark(%s)", name));
}

static void offer_settings(struct runs_picker *picker, const struct runs_names *names)
{
    for (int i = 0; i < names->count; i++)
        offer(picker, names->settings[i]);
}

static void offer_all(struct runs_picker *picker, struct index *index,
                      const struct runs_names *known)
{
    enum { MOST_METRICS = 500 };
    struct catalogue *catalogue = index->places[0].catalogue;
    char **names;
    int count = 0;
    for (int i = 0; run_column_name(i); i++)
        if (strcmp(run_column_name(i), "store") != 0)
            offer(picker, run_column_name(i));
    if (catalogue_metric_names(catalogue, &index->arena, &names, &count) == 0)
        for (int i = 0; i < MIN(count, MOST_METRICS); i++)
            offer_metric(picker, index, names[i]);
    offer_settings(picker, known);
}

static void fill(struct view *view)
{
    struct runs *runs = view->state;
    struct runs_picker *picker = &runs->picker;
    struct index *index = app_index(view->app);
    forget(picker);
    for (int i = 0; i < runs->list.column_count; i++)
        insert(picker, i, run_column_text(&index->arena, runs->list.columns, i), true);
    offer_all(picker, index, &runs->names);
}

static void offer_more(struct view *view)
{
    struct runs *runs = view->state;
    if (runs->picker.is_open)
        offer_settings(&runs->picker, &runs->names);
}

void runs_pick_columns(struct view *view)
{
    struct runs *runs = view->state;
    fill(view);
    runs->picker.is_open = true;
    runs_names_load(view, offer_more);
}

/* --- what is done to it --- */

static void swap(struct runs_picker *picker, int a, int b)
{
    char *name = picker->names[a];
    bool is_on = picker->is_on[a];
    picker->names[a] = picker->names[b];
    picker->is_on[a] = picker->is_on[b];
    picker->names[b] = name;
    picker->is_on[b] = is_on;
}

static void move_column(struct runs_picker *picker, int by)
{
    int to = picker->cursor + by;
    if (to < 0 || to >= picker->count)
        return;
    swap(picker, picker->cursor, to);
    picker->cursor = to;
}

static void accept(struct view *view)
{
    struct runs *runs = view->state;
    struct runs_picker *picker = &runs->picker;
    struct arena arena = { 0 };
    const char *columns = "";
    for (int i = 0; i < picker->count; i++)
        if (picker->is_on[i])
            columns =
                arena_printf(&arena, "%s%s%s", columns, *columns ? "," : "", picker->names[i]);
    runs_set(&runs->columns, columns);
    arena_release(&arena);
    picker->is_open = false;
    runs_reload(view);
}

static void take_usual(struct view *view)
{
    struct runs *runs = view->state;
    runs_set(&runs->columns, NULL);
    runs->picker.is_open = false;
    runs_reload(view);
}

/* --- a name that is typed --- */

static int take_name(struct app *app, struct view *view, const char *text)
{
    struct runs *runs = view->state;
    struct runs_picker *picker = &runs->picker;
    struct run_column *columns;
    int count;
    if (!*text)
        return 0;
    int error = run_columns_choose(app_index(app), text, NULL, 0, &columns, &count);
    if (error)
        return error;
    int at = find_name(picker, text);
    if (at < 0)
        insert(picker, at = MIN(picker->cursor, picker->count), text, true);
    picker->is_on[at] = true;
    picker->cursor = at;
    return 0;
}

/* On a thread: what the view has loaded is not its own. */
static int complete_name(struct job *job, const char *text, int *from, char ***words)
{
    const struct runs_names none = { .count = 0 };
    struct arena *arena = &job->arena;
    struct runs_picker all = { .count = 0 };
    char **settings;
    int count = 0, setting_count = 0;
    offer_all(&all, &job->index, &none);
    if (catalogue_setting_names(job->index.places[0].catalogue, arena, &settings, &setting_count) ==
        0)
        for (int i = 0; i < setting_count; i++)
            offer(&all, settings[i]);
    *words = arena_alloc(arena, (size_t)all.count + 1, sizeof **words);
    *from = 0;
    for (int i = 0; i < all.count; i++)
        if (strncmp(all.names[i], text, strlen(text)) == 0)
            (*words)[count++] = arena_strdup(arena, all.names[i]);
    forget(&all);
    free(all.names);
    free(all.is_on);
    return count;
}

static void ask_name(struct view *view)
{
    app_prompt(view->app, &(struct prompt){ .label = " column: ",
                                            .history = "column",
                                            .view = view,
                                            .take = take_name,
                                            .complete = complete_name });
}

/* --- keys --- */

enum reaction runs_picker_key(struct view *view, uint32_t key)
{
    struct runs *runs = view->state;
    struct runs_picker *picker = &runs->picker;
    switch (key) {
    case 'J':
    case '+':
    case KEY_SHIFT_DOWN:
        move_column(picker, 1);
        return REDRAW;
    case 'K':
    case '-':
    case KEY_SHIFT_UP:
        move_column(picker, -1);
        return REDRAW;
    case 'i':
        ask_name(view);
        return REDRAW;
    case 'u':
        take_usual(view);
        return REDRAW;
    default:
        return IGNORED;
    }
}

static void go(struct runs_picker *picker, int by)
{
    picker->cursor = MAX(0, MIN(picker->cursor + by, picker->count - 1));
}

enum reaction runs_picker_act(struct view *view, enum action action)
{
    enum { PAGE = 10 };
    struct runs *runs = view->state;
    struct runs_picker *picker = &runs->picker;
    switch (action) {
    case ACTION_UP:
    case ACTION_DOWN:
        go(picker, action == ACTION_UP ? -1 : 1);
        return REDRAW;
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        go(picker, action == ACTION_PAGE_UP ? -PAGE : PAGE);
        return REDRAW;
    case ACTION_TOP:
    case ACTION_BOTTOM:
        go(picker, action == ACTION_TOP ? -picker->count : picker->count);
        return REDRAW;
    case ACTION_MARK:
        picker->is_on[picker->cursor] = !picker->is_on[picker->cursor];
        go(picker, 1);
        return REDRAW;
    case ACTION_SEARCH:
        ask_name(view);
        return REDRAW;
    case ACTION_OPEN:
        accept(view);
        return REDRAW;
    case ACTION_BACK:
    case ACTION_COLUMNS:
        picker->is_open = false;
        return REDRAW;
    case ACTION_QUIT:
    case ACTION_REDRAW:
    case ACTION_SUSPEND:
        return IGNORED;
    default:
        return HANDLED;
    }
}

/* --- drawing --- */

static const char *help_of(const char *name)
{
    const struct metric_row *metric = metric_find(name);
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, name) == 0)
            return fields[i].help;
    return metric ? metric->help : "";
}

static void draw_name(const struct runs_picker *picker, struct frame *frame, struct rect line,
                      int i)
{
    enum { NAME = 24 };
    bool is_cursor = i == picker->cursor;
    canvas_printf(frame->canvas, (struct rect){ line.x, line.y, line.width, 1 },
                  look_style(frame->look, picker->is_on[i] ? ROLE_MARKED : ROLE_TEXT), "%s %s %s",
                  is_cursor ? ">" : " ", picker->is_on[i] ? "[x]" : "[ ]", picker->names[i]);
    int used = MAX(text_columns(picker->names[i]) + 7, NAME);
    if (line.width > used)
        canvas_text(frame->canvas, (struct rect){ line.x + used, line.y, line.width - used, 1 },
                    help_of(picker->names[i]), look_style(frame->look, ROLE_DIM));
    if (is_cursor)
        canvas_restyle(frame->canvas, line, look_style(frame->look, ROLE_CURSOR));
}

void runs_picker_draw(const struct runs *runs, struct frame *frame, struct rect rect)
{
    enum { WIDTH = 72 };
    const struct runs_picker *picker = &runs->picker;
    int width = MIN(WIDTH, rect.width - 2), height = MIN(picker->count + 2, rect.height - 2);
    struct rect box = { rect.x + (rect.width - width) / 2, rect.y + (rect.height - height) / 2,
                        width, height };
    int shown = height - 2;
    int first = MAX(0, MIN(picker->cursor - shown / 2, picker->count - shown));
    canvas_fill(frame->canvas, box, ' ', (struct style){ 0 });
    canvas_frame(frame->canvas, box, look_style(frame->look, ROLE_FRAME));
    canvas_text(frame->canvas, (struct rect){ box.x + 2, box.y, width - 4, 1 }, " columns ",
                look_style(frame->look, ROLE_TITLE));
    canvas_text(frame->canvas, (struct rect){ box.x + 2, box.y + height - 1, width - 4, 1 },
                " Space shows, J K move, i adds by name, u usual, Enter done, q not ",
                look_style(frame->look, ROLE_KEY));
    for (int i = 0; i < shown && first + i < picker->count; i++)
        draw_name(picker, frame, (struct rect){ box.x + 1, box.y + 1 + i, width - 2, 1 },
                  first + i);
}

void runs_picker_release(struct runs *runs)
{
    forget(&runs->picker);
    free(runs->picker.names);
    free(runs->picker.is_on);
}
