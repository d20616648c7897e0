/* A run once more: going on with it, or a new run like it.
 *
 *     struct repeat repeat = { .launch = { .argv = argv } };      with what is wanted of the new run
 *     repeat_prepare(&repeat, &store, 12, settings, setting_count);
 *     launch_check(&launched, &repeat.launch);
 *     launch_run(&launched, &store, &repeat.launch);
 *     repeat_release(&repeat); */
#ifndef GANDER_RUN_AGAIN_H
#define GANDER_RUN_AGAIN_H

#include "record/recipe.h"
#include "run/launch.h"

/* Lets a paused run go on; else launch_again. ERR_BUSY for settings to a paused run. */
int run_go_on(const struct store *store, int64_t number, const char *const *settings,
              int setting_count, enum launch_place on);

struct repeat {
    struct launch launch; /* all that it borrows lives here */
    struct recipe recipe; /* of a run that has one */
    struct arena arena;
};

/* The same recipe, with what was changed when the run went on, or the same command in the same
 * directory; `settings` vary it. Release it in any case. */
int repeat_prepare(struct repeat *out, const struct store *store, int64_t number,
                   const char *const *settings, int setting_count);
void repeat_release(struct repeat *repeat);

#endif
