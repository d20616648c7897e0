/* A sweep: its points from the best on, and what they are made of. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "run/rundir.h"
#include "sweep_state.h"

static int open(struct view *view, const struct view_args *args)
{
    struct sweep_state *state = view->state;
    struct arena arena = { 0 };
    struct run_facts facts;
    if (args->run_count < 1)
        return fail(ERR_NOT_FOUND, "there is no run here");
    int error = run_read_facts(&arena, &facts, app_store(view->app), args->runs[0]);
    if (!error && !facts.place.id)
        error = fail(ERR_NOT_FOUND, "run %lld is of no sweep", (long long)args->runs[0]);
    if (!error)
        state->name = xstrdup(facts.place.name);
    arena_release(&arena);
    state->wanted = args->runs[0];
    state->needs_load = true;
    return error;
}

/* --- reading --- */

static int read_sweep(struct job *job)
{
    struct index *index = &job->index;
    struct swept *swept = arena_alloc(&job->arena, 1, sizeof *swept);
    job->result = swept;
    return swept_read(swept, &index->places[0].store, job->input, NULL, &index->config, index->now);
}

/* The same point as before, though it may have gone up or down. */
static int find_cursor(const struct sweep_state *state, int point)
{
    const struct swept *swept = &state->swept;
    for (int i = 0; i < swept->sweep.point_count; i++) {
        for (int k = 0; k < swept->sweep.seed_count && state->wanted > 0; k++)
            if (swept->points[i].trials[k].run == state->wanted)
                return i;
        if (state->wanted <= 0 && swept->points[i].point == point)
            return i;
    }
    return 0;
}

static void scroll(struct sweep_state *state)
{
    int count = state->is_loaded ? state->swept.sweep.point_count : 0;
    state->cursor = MAX(0, MIN(state->cursor, count - 1));
    state->first = MIN(state->first, state->cursor);
    state->first = MAX(state->first, state->cursor - state->rows + 1);
    state->first = MAX(0, MIN(state->first, count - state->rows));
}

static void take_sweep(struct view *view, struct job *job)
{
    struct sweep_state *state = view->state;
    struct swept *read = job->result;
    state->is_new = true;
    if (job->error) {
        snprintf(state->why, sizeof state->why, "%s", job->message);
        swept_release(read);
        return;
    }
    int point = state->is_loaded ? state->swept.points[state->cursor].point : 0;
    swept_release(&state->swept);
    state->swept = *read;
    state->is_loaded = true;
    state->why[0] = '\0';
    state->cursor = find_cursor(state, point);
    state->wanted = 0;
    sweep_make(state);
}

static void load(struct view *view)
{
    struct sweep_state *state = view->state;
    struct job *job = job_new(view->app, view, read_sweep, take_sweep);
    job->input = arena_strdup(&job->arena, state->name);
    state->needs_load = false;
    job_start(job, LANE_READ);
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct sweep_state *state = view->state;
    state->needs_load = state->needs_load || tick->is_new_data;
    if (state->needs_load && !job_is_pending(view, take_sweep))
        load(view);
    state->rows = sweep_rows(tick->rect, state);
    scroll(state);
    bool is_changed = state->is_new || tick->is_new_size;
    state->is_new = false;
    return is_changed ? REDRAW : IGNORED;
}

/* --- acting --- */

static enum reaction move(struct sweep_state *state, int by)
{
    state->cursor += by;
    scroll(state);
    return REDRAW;
}

static int runs(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct sweep_state *state = view->state;
    const struct swept *swept = &state->swept;
    int count = 0;
    *numbers = arena_alloc(arena, (size_t)MAX(swept->sweep.seed_count, 1), sizeof **numbers);
    for (int i = 0; state->is_loaded && i < swept->sweep.seed_count; i++)
        if (swept->points[state->cursor].trials[i].run > 0)
            (*numbers)[count++] = swept->points[state->cursor].trials[i].run;
    return count;
}

static enum reaction open_run(struct view *view)
{
    struct arena arena = { 0 };
    int64_t *numbers;
    if (runs(view, &arena, &numbers) == 0)
        app_say(view->app, "this point has no run yet");
    else
        app_open(view->app, &view_run, &(struct view_args){ numbers, 1, NULL, -1, NULL });
    arena_release(&arena);
    return HANDLED;
}

static enum reaction act(struct view *view, enum action action)
{
    struct sweep_state *state = view->state;
    int count = state->is_loaded ? state->swept.sweep.point_count : 0;
    switch (action) {
    case ACTION_UP:
        return move(state, -1);
    case ACTION_DOWN:
        return move(state, 1);
    case ACTION_PAGE_UP:
        return move(state, -state->rows);
    case ACTION_PAGE_DOWN:
        return move(state, state->rows);
    case ACTION_TOP:
        return move(state, -count);
    case ACTION_BOTTOM:
        return move(state, count);
    case ACTION_OPEN:
        return open_run(view);
    default:
        return IGNORED;
    }
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    sweep_draw(view->state, frame, rect);
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct sweep_state *state = view->state;
    return state->is_loaded ? arena_printf(arena, "point %d of %d", state->cursor + 1,
                                           state->swept.sweep.point_count)
                            : NULL;
}

static void close(struct view *view)
{
    struct sweep_state *state = view->state;
    swept_release(&state->swept);
    arena_release(&state->arena);
    free(state->name);
}

const struct view_type view_sweep = {
    .name = "sweep",
    .title = "Sweep",
    .place = IN_SWEEP,
    .state_size = sizeof(struct sweep_state),
    .open = open,
    .update = update,
    .act = act,
    .draw = draw,
    .runs = runs,
    .status = status,
    .close = close,
};
