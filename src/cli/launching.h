/* What run and rerun share: launch a run, say so, and watch it where that is wanted. */
#ifndef GANDER_CLI_LAUNCHING_H
#define GANDER_CLI_LAUNCHING_H

#include "cli/command.h"
#include "draw/picture.h"
#include "run/launch.h"

enum { SLOTS_LIMIT = 1024 };

#define LAUNCH_OPTIONS                                                                             \
    { 'f', "foreground", NULL, "Stay, watch it, and stop it with ^C.", false },                    \
        { 's', "set", "KEY=VALUE", "Set a value of the recipe, as in -s training.steps=5000.",     \
          true },                                                                                  \
        { 0, "on", "WHERE", "Run it here (local) or as a job of Slurm (slurm).", false },          \
        { 0, "name", "NAME", "Call the run NAME.", false },                                        \
    {                                                                                              \
        0, "slots", "N", "Begin only while fewer than N runs work.", false                         \
    }

/* --on */
int option_place(const struct arguments *arguments, enum launch_place *out);

/* Name, slots and what was typed, from these options. */
int option_launch(const struct arguments *arguments, struct launch *launch);

/* In `store`, or where that is NULL in that of --store, made if need be. */
enum exit_status launch_and_watch(struct arguments *arguments, const struct store *store,
                                  const struct launch *launch, enum picture_mode mode);

#endif
