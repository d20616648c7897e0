/* The advice that a run's health comes with goes into the form of the next run, one remedy at a
 * time. */
#include <string.h>

#include "launch_state.h"
#include "show/advice.h"

/* The row of the form that "training.d_rate=0.0001" is of; -1: none. */
static int row_of(const char *setting)
{
    for (int row = LAUNCH_FIELDS; row < LAUNCH_ROWS; row++) {
        const char *key = launch_field(row)->key;
        size_t length = strlen(key);
        if (strncmp(key, setting, length) == 0 && setting[length] == '=')
            return row;
    }
    return -1;
}

static void take_back(struct launch_state *state)
{
    if (state->advice.row >= LAUNCH_FIELDS)
        form_reset(&state->form, state->advice.row - LAUNCH_FIELDS);
    state->advice.row = -1;
    launch_changed(state);
}

/* Why there is none; NULL if there is some. */
static const char *lacks(struct arena *arena, const struct launch_state *state,
                         const struct advice *advice)
{
    long long run = (long long)state->form.parent;
    if (run == 0)
        return "only a run's health comes with advice: ^O copies a run";
    if (!advice->state)
        return arena_printf(arena, "nothing is known of the health of run %lld", run);
    if (advice->count == 0)
        return arena_printf(arena, "run %lld is '%s': there is nothing to advise", run,
                            advice->state);
    return NULL;
}

/* The next remedy, in place of the one before. */
static void take(struct view *view, const struct advice *advice)
{
    struct launch_state *state = view->state;
    struct launch_advice *taken = &state->advice;
    const char *setting = advice->settings[taken->next];
    int row = row_of(setting);
    bool is_last = taken->next == advice->count - 1;
    if (row < 0 || !form_apply(&state->form, setting)) {
        app_say(view->app, "this form has no '%s'", setting);
        taken->next++;
        return;
    }
    taken->row = state->row = row;
    taken->next++;
    snprintf(taken->why, sizeof taken->why, "Advised, since run %lld is '%s': %s.",
             (long long)advice->run, advice->state, advice->why ? advice->why : "");
    launch_changed(state);
    app_say(view->app, "%s: %s (remedy %d of %d%s)", advice->state, setting, taken->next,
            advice->count, is_last ? "" : "; again for the next");
}

void launch_take_advice(struct view *view)
{
    struct launch_state *state = view->state;
    struct arena arena = { 0 };
    struct advice advice = { .run = 0 };
    int error = 0;
    if (state->form.parent > 0)
        error = advice_read(&advice, app_index(view->app)->places[0].catalogue, &arena,
                            state->form.parent);
    const char *why_not = error ? NULL : lacks(&arena, state, &advice);
    take_back(state);
    if (error) {
        app_say_error(view->app);
    } else if (why_not) {
        app_say(view->app, "%s", why_not);
    } else if (state->advice.next >= advice.count) {
        state->advice.next = 0;
        app_say(view->app, "that was all advice: the value is as it was");
    } else {
        take(view, &advice);
    }
    arena_release(&arena);
}
