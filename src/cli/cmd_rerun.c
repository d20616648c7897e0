#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "launching.h"
#include "open_run.h"
#include "run/again.h"
#include "show/advice.h"
#include "watch.h"

static const struct command_option options[] = {
    LAUNCH_OPTIONS,
    { 0, "at", NULL, "With the code of that run, in a checkout of it, not as it is now.", false },
    { 0, "advice", NULL,
      "With the first remedy that the health of that run comes with; 'show' has them all.", false },
    PICTURE_MODE_OPTION,
};

/* Puts the remedy in front of the settings, which may say otherwise. */
static int add_advice(struct open_run *place, struct arena *arena, const char *const **settings,
                      int *count)
{
    struct advice advice;
    struct catalogue *catalogue;
    int error = catalogue_open(&catalogue, &place->store);
    if (error)
        return error;
    error = catalogue_refresh(catalogue, wall_clock());
    if (!error)
        error = advice_read(&advice, catalogue, arena, place->number);
    catalogue_close(catalogue);
    if (error)
        return error;
    if (advice.count == 0)
        return fail(ERR_NOT_FOUND, "run %lld: its health%s%s%s advises no values",
                    (long long)place->number, advice.state ? ", '" : "",
                    advice.state ? advice.state : "", advice.state ? "'," : "");
    const char **all = arena_alloc(arena, (size_t)*count + 1, sizeof *all);
    all[0] = advice.settings[0];
    for (int i = 0; i < *count; i++)
        all[i + 1] = (*settings)[i];
    *settings = all;
    ++*count;
    fprintf(stderr, "note: it was '%s': with %s\n", advice.state, advice.settings[0]);
    return 0;
}

static enum exit_status rerun(struct arguments *arguments, struct open_run *place,
                              struct repeat *repeat, enum picture_mode mode)
{
    int setting_count;
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    if (option_given(arguments, "advice") &&
        add_advice(place, &arguments->arena, &settings, &setting_count) < 0)
        return command_failed(arguments);
    repeat->launch.at_parent = option_given(arguments, "at");
    if (repeat_prepare(repeat, &place->store, place->number, settings, setting_count) < 0)
        return command_failed(arguments);
    return launch_and_watch(arguments, &place->store, &repeat->launch, mode);
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct repeat repeat = { .launch = { .recipe = NULL } };
    enum picture_mode mode;
    if (option_picture_mode(arguments, &mode) < 0 || option_launch(arguments, &repeat.launch) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    status = rerun(arguments, &place, &repeat, mode);
    repeat_release(&repeat);
    close_run(&place);
    return status;
}

const struct command command_rerun = {
    .name = "rerun",
    .summary = "Start a run like an earlier one",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Start a new run with the same recipe, seed included, or with the same command in the same "
        "directory. -s varies it: of a command, -s lr=1e-4 replaces the value of --lr, or adds "
        "it.\n\n"
        "The code is that of the work tree now, and pinned as usual. With --at it is the code that "
        "RUN was made with: a command starts in a checkout of it, beside which what it lacks "
        "(data, "
        "mostly) is linked from the work tree as code.link in config.ini says. The new run goes "
        "into the store of the old one.\n\n"
        "With --advice one value is changed as the health of RUN advises: the first remedy, unless "
        "-s says otherwise.",
    .run = run,
};
