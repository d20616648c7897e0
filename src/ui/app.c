#define _GNU_SOURCE
#include "ui/app.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app_state.h"
#include "base/error.h"
#include "base/text.h"

/* --- what views may ask --- */

struct index *app_index(struct app *app)
{
    return &app->reading;
}

const struct store *app_store(const struct app *app)
{
    return &app->index.places[0].store;
}

const struct look *app_look(const struct app *app)
{
    return &app->look;
}

double app_now(const struct app *app)
{
    return app->now;
}

double app_steady(const struct app *app)
{
    return app->steady;
}

bool app_may_animate(const struct app *app)
{
    return !app->is_frame_pending;
}

bool app_is_reading(const struct app *app)
{
    return watcher_is_first(app);
}

bool app_is_played(const struct app *app)
{
    return app->wish.keys != NULL;
}

void app_wake(struct app *app)
{
    ssize_t written = write(app->wake[1], "", 1); /* a full pipe wakes as well */
    (void)written;
}

void app_share_step(struct app *app, int64_t step)
{
    app->shared_step = step;
}

int64_t app_shared_step(struct app *app)
{
    int64_t step = app->shared_step;
    app->shared_step = -1;
    return step;
}

void app_look_now(struct app *app)
{
    if (app->screen)
        watcher_look_now(app);
    else if (catalogue_refresh(app->index.places[0].catalogue, app->now) == 0)
        app->data_version++;
}

void app_next_pictures(struct app *app)
{
    int at = 0;
    while (at < app->picture_mode_count && app->picture_modes[at] != app->look.pictures)
        at++;
    app->look.pictures = app->picture_modes[(at + 1) % app->picture_mode_count];
    const char *name = picture_mode_name(app->look.pictures);
    json_set_string(app->memory, "pictures", name);
    app_say(app, "pictures: %s", name);
}

void app_recall_pictures(struct app *app)
{
    const char *name = json_get_string(json_member(app->memory, "pictures"));
    for (int i = 0; i < app->picture_mode_count && name; i++)
        if (strcmp(picture_mode_name(app->picture_modes[i]), name) == 0)
            app->look.pictures = app->picture_modes[i];
}

_Static_assert((int)PICTURES_PIXELS == (int)PICTURE_PIXELS, "settings name the picture modes");

bool app_wants_pictures(struct app *app, enum picture_mode mode)
{
    int wanted = app->index.config.dashboard.pictures;
    if (wanted != PICTURES_AUTO && wanted != (int)mode)
        return false;
    for (int i = 0; i < app->picture_mode_count; i++)
        if (app->picture_modes[i] == mode)
            return true;
    return false;
}

void app_set_pictures(struct app *app)
{
    enum picture_mode wanted = (enum picture_mode)app->index.config.dashboard.pictures;
    if (wanted != PICTURE_AUTO && app_wants_pictures(app, wanted))
        app->look.pictures = wanted;
}

static void say(struct app *app, bool is_error, const char *text)
{
    snprintf(app->message.text, sizeof app->message.text, "%s", text);
    app->message.is_error = is_error;
    app->needs_draw = true;
}

void app_say(struct app *app, const char *format, ...)
{
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say(app, false, text);
}

void app_say_error(struct app *app)
{
    say(app, true, error_text());
}

void app_ask(struct app *app, const char *question, void (*yes)(struct app *app, void *context),
             void *context)
{
    snprintf(app->question.text, sizeof app->question.text, "%s", question);
    app->question.yes = yes;
    app->question.context = context;
    app->needs_draw = true;
}

/* --- the stack of views --- */

static struct tick tick_of(struct app *app, const struct view *view)
{
    int height = MAX(app->canvas.height - 2, 0); /* header and foot */
    struct rect rect = { 0, 1, app->canvas.width, height };
    return (struct tick){ .rect = rect,
                          .now = app->now,
                          .steady = app->steady,
                          .is_new_size =
                              rect.width != view->rect.width || rect.height != view->rect.height,
                          .is_new_data = view->seen != app->data_version };
}

/* What was asked for the view goes with it. */
static void forget_questions(struct app *app, const struct view *view)
{
    if (app->typing.prompt.view == view)
        typing_end(app);
    if (app->choosing.choice.view == view)
        choosing_end(app);
    if (app->question.context == view)
        app->question = (struct question){ .yes = NULL };
}

static void free_view(struct view *view)
{
    jobs_forget(view->app, view);
    forget_questions(view->app, view);
    if (view->type->close)
        view->type->close(view);
    free(view->state);
    free(view);
}

void app_open(struct app *app, const struct view_type *type, const struct view_args *args)
{
    static const struct view_args nothing = { .step = -1 };
    struct view *view = xcalloc(1, sizeof *view);
    view->type = type;
    view->app = app;
    view->state = xcalloc(1, MAX(type->state_size, 1));
    if (type->open && type->open(view, args ? args : &nothing) < 0) {
        app_say_error(app);
        free_view(view);
        return;
    }
    memory_restore(app, view);
    view->below = app->top;
    app->top = view;
    app->needs_draw = true;
}

static const struct view_type *view_called(const char *name)
{
    static const struct view_type *const types[] = { &view_run,  &view_curves,  &view_samples,
                                                     &view_walk, &view_compare, &view_launch,
                                                     &view_log,  &view_diff,    &view_sweep };
    for (int i = 0; name && i < ARRAY_SIZE(types); i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

/* A run that has just been started is not in the catalogue yet. */
static void find_wished_run(struct app *app)
{
    struct arena arena = { 0 };
    struct run_row row;
    struct catalogue *catalogue = app->index.places[0].catalogue;
    if (app->wish.run > 0 &&
        catalogue_run(catalogue, &arena, app->wish.run, app->now, &row) == ERR_NOT_FOUND)
        catalogue_refresh(catalogue, app->now);
    arena_release(&arena);
}

void app_begin(struct app *app)
{
    const struct view_type *type = view_called(app->wish.view);
    const char *remark = catalogue_remark(app->index.places[0].catalogue);
    find_wished_run(app);
    app_open(app, &view_runs, NULL);
    if (remark)
        app_say(app, "%s", remark);
    if (app->top && type)
        app_open(app, type,
                 &(struct view_args){ .runs = &app->wish.run,
                                      .run_count = app->wish.run > 0,
                                      .step = app->wish.step });
}

void app_close_top(struct app *app)
{
    struct view *view = app->top;
    memory_keep(app, view);
    app->top = view->below;
    free_view(view);
    app->needs_draw = true;
    if (!app->top)
        app->is_over = true;
}

void app_leave(struct app *app)
{
    while (app->top)
        app_close_top(app);
    app->is_over = true;
}

static void take_news(struct app *app)
{
    const char *error = watcher_error(app);
    app->data_version++;
    catalogue_follow(app->index.places[0].catalogue, app->now);
    if (error)
        say(app, true, error);
}

bool app_update(struct app *app)
{
    bool is_changed = false;
    if (jobs_collect(app))
        is_changed = true;
    if (watcher_collect(app))
        take_news(app);
    bool shows_sign = watcher_is_first(app) || jobs_sign(app);
    if (shows_sign != app->shows_sign)
        is_changed = true;
    app->shows_sign = shows_sign;
    if (!app->top)
        return false;
    struct view *view = app->top;
    struct tick tick = tick_of(app, view);
    arena_release(&app->reading.arena);
    app->reading.now = app->now;
    view->rect = tick.rect;
    view->seen = app->data_version;
    enum reaction reaction = view->type->update ? view->type->update(view, &tick) : IGNORED;
    is_changed = is_changed || (reaction & REDRAW) || tick.is_new_size;
    app->needs_draw = app->needs_draw || is_changed;
    return app->needs_draw;
}

/* --- what is done --- */

int app_runs(struct app *app, struct arena *arena, int64_t **numbers)
{
    struct view *view = app->top;
    int count = view && view->type->runs ? view->type->runs(view, arena, numbers) : 0;
    if (count == 0)
        app_say(app, "there is no run here");
    return count;
}

static const struct view_type *view_for(enum action action)
{
    switch (action) {
    case ACTION_CURVES:
        return &view_curves;
    case ACTION_SAMPLES:
        return &view_samples;
    case ACTION_WALK:
        return &view_walk;
    case ACTION_RESTORE:
        return &view_restore;
    case ACTION_COMPARE:
        return &view_compare;
    case ACTION_SWEEP:
        return &view_sweep;
    case ACTION_DIFF:
        return &view_diff;
    case ACTION_LOG:
        return &view_log;
    case ACTION_LAUNCH:
        return &view_launch;
    case ACTION_HELP:
        return &view_help;
    default:
        return NULL;
    }
}

static void open_for(struct app *app, const struct view_type *type, bool needs_run)
{
    struct arena arena = { 0 };
    int64_t *numbers = NULL;
    struct view *view = app->top;
    int count = view && view->type->runs ? view->type->runs(view, &arena, &numbers) : 0;
    if (needs_run && count == 0) {
        app_say(app, "there is no run here");
    } else {
        if (needs_run && count > VIEW_RUNS_LIMIT)
            app_say(app, "the first %d of %d runs", VIEW_RUNS_LIMIT, count);
        app_open(app, type,
                 &(struct view_args){ .runs = numbers,
                                      .run_count = MIN(count, VIEW_RUNS_LIMIT),
                                      .text = view ? view->type->name : NULL,
                                      .step = -1 });
    }
    arena_release(&arena);
}

static void react(struct app *app, enum reaction reaction)
{
    if (reaction & QUIT)
        app->is_over = true;
    else if (reaction & CLOSE_VIEW)
        app_close_top(app);
    if (reaction & REDRAW)
        app->needs_draw = true;
}

static void leave(struct app *app, void *context)
{
    (void)context;
    app->is_over = true;
}

/* Work of no view goes on meanwhile, but not without the dashboard. */
static void go_back(struct app *app)
{
    const char *sign = app->top->below ? NULL : jobs_lost_sign(app);
    struct arena arena = { 0 };
    if (sign)
        app_ask(app, arena_printf(&arena, "leave, and give up what is not done yet (%s)?", sign),
                leave, NULL);
    else
        app_close_top(app);
    arena_release(&arena);
}

static void suspend(struct app *app)
{
    if (app->screen) {
        app->signal = -1; /* the loop does it, between two screens */
    }
}

bool view_offers(const struct view *view, enum action action)
{
    return !view->type->offers || view->type->offers(view, action);
}

static void act_for_all(struct app *app, enum action action)
{
    const struct view_type *type = view_for(action);
    if (type) {
        open_for(app, type, action_row(action)->where & NEEDS_RUN);
        return;
    }
    switch (action) {
    case ACTION_BACK:
        go_back(app);
        break;
    case ACTION_QUIT:
        app->is_over = true;
        break;
    case ACTION_REDRAW:
        if (app->screen)
            screen_redraw(app->screen);
        app->needs_draw = true;
        break;
    case ACTION_SUSPEND:
        suspend(app);
        break;
    case ACTION_PICTURES:
        app_next_pictures(app);
        break;
    case ACTION_SEARCH:
    case ACTION_NEXT:
    case ACTION_PREVIOUS:
        react(app, search_act(app, action));
        break;
    default:
        react(app, acts_do(app, action));
    }
}

static void act(struct app *app, enum action action)
{
    struct view *view = app->top;
    if (action == ACTION_CANCEL && jobs_cancel_slow(app)) {
        app_say(app, "cancelled");
        return;
    }
    if (action == ACTION_CANCEL)
        action = ACTION_BACK;
    enum reaction reaction = view->type->act ? view->type->act(view, action) : IGNORED;
    if (reaction == IGNORED)
        act_for_all(app, action);
    else
        react(app, reaction);
}

enum action app_action_of(const struct app *app, uint32_t key, unsigned place)
{
    for (int i = 0; i < app->binding_count; i++)
        if (app->bindings[i].key == key && (action_row(app->bindings[i].action)->where & place))
            return app->bindings[i].action;
    return ACTION_NONE;
}

static void answer(struct app *app, const struct input *input)
{
    struct question question = app->question;
    app->question.text[0] = '\0';
    app->needs_draw = true;
    if (input->key == 'y' || input->key == 'Y')
        question.yes(app, question.context);
    else
        app_say(app, "nothing was changed");
}

static void press(struct app *app, const struct input *input)
{
    struct view *view = app->top;
    enum reaction reaction = view->type->key ? view->type->key(view, input) : IGNORED;
    if (reaction != IGNORED) {
        react(app, reaction);
        return;
    }
    enum action action = app_action_of(app, input->key, view->type->place);
    if (action != ACTION_NONE)
        act(app, action);
}

static void click(struct app *app, const struct input *input)
{
    struct view *view = app->top;
    enum reaction reaction = IGNORED;
    if (view->type->mouse)
        reaction = view->type->mouse(view, input);
    if (reaction == IGNORED && input->button == MOUSE_WHEEL_UP)
        act(app, ACTION_UP);
    else if (reaction == IGNORED && input->button == MOUSE_WHEEL_DOWN)
        act(app, ACTION_DOWN);
    else
        react(app, reaction);
}

void app_input(struct app *app, const struct input *input)
{
    bool is_key = input->kind == INPUT_KEY, is_mouse = input->kind == INPUT_MOUSE;
    if (!app->top || !(is_key || is_mouse || input->kind == INPUT_PASTE))
        return;
    if (is_key && app->message.text[0]) {
        app->message.text[0] = '\0';
        app->needs_draw = true;
    }
    if (app->question.text[0]) {
        if (is_key)
            answer(app, input);
    } else if (app->choosing.choice.items) {
        choosing_input(app, input);
    } else if (app->typing.line) {
        typing_input(app, input);
    } else if (is_mouse) {
        click(app, input);
    } else if (is_key) {
        press(app, input);
    } else if (app->top->type->key) {
        react(app, app->top->type->key(app->top, input));
    }
}
