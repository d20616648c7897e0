#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bisect.h"
#include "launching.h"
#include "run/interrupt.h"
#include "run/settings.h"

static const struct command_option options[] = {
    { 0, "good", "RUN", "The run of before.", false },
    { 0, "bad", "RUN", "The run that is worse.", false },
    { 0, "goal", "METRIC", "What got worse: METRIC, min(METRIC) or max(METRIC) (frechet).", false },
    { 0, "seeds", "N", "Run a commit with up to N seeds (3).", false },
    { 0, "build", "COMMAND", "Build each checkout by this command of the shell.", false },
    { 'j', "jobs", "N", "Have at most N runs work at once (as many as slots).", false },
    { 0, "on", "WHERE", "Run it here (local) or as jobs of Slurm (slurm).", false },
};

static void print_plan(const struct bisect *bisect)
{
    struct arena *arena = bisect->arena;
    int steps = (int)ceil(log2(bisect->count + 1.0));
    printf("bisect %s: %d commit%s between runs %lld and %lld, about %d to test\n",
           bisect->plan.name, bisect->count, bisect->count == 1 ? "" : "s",
           (long long)bisect->plan.good, (long long)bisect->plan.bad, MAX(steps - 1, 0));
    printf("goal     %s, the %s the better; %d seeds from %lld on\n",
           text_clean(arena, bisect->plan.goal, 100),
           bisect->goal.is_smaller_better ? "smaller" : "larger", bisect->plan.seeds,
           (long long)bisect->first_seed);
    if (bisect->good.code.is_dirty)
        printf("note: run %lld had changes that were not committed; its commit stands for it\n",
               (long long)bisect->plan.good);
    if (!bisect->template)
        printf("note: of the built-in trainer the recipe can have got worse, or the build of "
               "gander; this one trains all\n");
    fflush(stdout);
}

static int prepare(struct bisect *bisect)
{
    struct arguments *arguments = bisect->arguments;
    bool is_resume = arguments->operand_count > 0;
    int error = store_open(&bisect->store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = config_read_for(&bisect->config, &bisect->store);
    if (!error)
        error = is_resume ? bisect_read_plan(bisect, arguments->operands[1])
                          : bisect_read_options(bisect);
    if (!error)
        error = sweep_goal_parse(bisect->arena, bisect->plan.goal, &bisect->config, &bisect->goal);
    if (!error)
        error = bisect_prepare(bisect);
    return error ? error : bisect_take(bisect);
}

/* What it has launched goes on, and is found again. */
static void die_if_interrupted(const struct bisect *bisect)
{
    if (!interrupt_signal())
        return;
    if (bisect->directory)
        fprintf(stderr,
                "bisect %s was interrupted, its runs go on ('gander bisect resume %s' goes on, "
                "too)\n",
                bisect->plan.name, bisect->plan.name);
    interrupt_die(interrupt_signal());
}

static int bisect(struct bisect *bisect)
{
    int error = prepare(bisect);
    if (error)
        return error;
    interrupt_catch(INTERRUPT_DIES);
    print_plan(bisect);
    error = bisect_work(bisect);
    die_if_interrupted(bisect);
    if (!error)
        error = bisect_keep_result(bisect);
    return error ? error : bisect_tell(bisect);
}

static int check_words(const struct arguments *arguments)
{
    if (arguments->operand_count == 0)
        return 0;
    if (strcmp(arguments->operands[0], "resume") != 0)
        return fail(ERR_INVALID, "unexpected '%.60s'", arguments->operands[0]);
    if (arguments->operand_count == 1)
        return fail(ERR_INVALID, "which bisect goes on? NAME is missing");
    if (arguments->operand_count > 2)
        return fail(ERR_INVALID, "unexpected '%.60s'", arguments->operands[2]);
    return option_given(arguments, "good") || option_given(arguments, "bad")
               ? fail(ERR_INVALID, "a bisect that goes on has its runs already")
               : 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct bisect state = { .arguments = arguments, .arena = &arguments->arena, .lock = -1 };
    enum exit_status status = STATUS_DONE;
    if (check_words(arguments) < 0 || option_place(arguments, &state.on) < 0)
        return command_misused(arguments);
    int error = bisect(&state);
    if (error) {
        command_failed(arguments);
        status = error == ERR_NOT_FOUND && !state.directory ? STATUS_NO_RUN : STATUS_FAILED;
    } else if (hunt_suspect_count(&state.hunt) != 1) {
        status = STATUS_FAILED;
    }
    bisect_free_runs(&state);
    config_release(&state.config);
    if (state.lock >= 0)
        close(state.lock);
    store_release(&state.store);
    return status;
}

const struct command command_bisect = {
    .name = "bisect",
    .summary = "Find the commit that made a measure worse",
    .operands = "[ACTION] [BISECT]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .takes_command = true,
    .details =
        "Between the commits of a good and of a bad run, find the one that made the goal worse. "
        "Each commit that is tested is run as a run like any other, in a checkout of its code, "
        "tagged 'bisect:NAME': by the command of the two runs or the one after '--', or by the "
        "recipe as it is in that commit. With --build it is built there first; what does not "
        "build, or exits with status 125, is skipped, and its neighbours are tested instead. The "
        "checkout is removed when the run has ended; its journal, log and samples stay. Runs "
        "that are there already with the same code, command or recipe, seed and build are used "
        "and not repeated.\n\n"
        "A command finds its seed in GANDER_SEED; '{seed}' in the command, or the value of its "
        "--seed, is replaced by it. Both ends are run with all seeds, and the bad one must be "
        "worse than the good one beyond what seeds explain. Any other commit is run with one seed "
        "first and with the others only where that one is not enough to be sure at 99 to 1, by "
        "predictive t distributions around both ends; all of its seeds through, it is bad when "
        "it is worse than the good end beyond its seeds and by a quarter of the way to the bad "
        "one. At the end the commit before and the one that is blamed have all "
        "seeds.\n\n"
        "The commit is printed with its author, the measure before and with it, curves, and its "
        "diff. Where commits that could not be tested lie in between, they are named with it, and "
        "the exit status is 1. Of a recipe the build of gander that runs bisect trains all: only "
        "a recipe that changed can be found.\n\n"
        "A bisect that was broken off, by whatever, goes on when the same command line is given "
        "again, or by 'gander bisect resume NAME'. Its runs are its memory: a run that was removed "
        "is run again.",
    .run = run,
};
