#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "sweeps.h"

static const struct command_option options[] = {
    { 0, "name", "NAME", "Call the sweep NAME.", false },
    { 0, "seeds", "N", "Run each point with N seeds (1).", false },
    { 0, "random", "N", "Draw N points at random instead of all combinations.", false },
    { 0, "quasi", "N", "Take N points of a low-discrepancy (Sobol) sequence.", false },
    { 0, "draw", "N", "Seed of these draws (1).", false },
    { 0, "goal", "METRIC", "What is best: METRIC, min(METRIC) or max(METRIC).", false },
    { 'j', "jobs", "N", "Have N runs in hand at once (as many as slots).", false },
    { 0, "on", "WHERE", "Run it here (local), or as one job array of Slurm (slurm).", false },
    { 0, "halving", "N", "Of N points that have done a rung, let the best go on.", false },
    { 0, "least", "N", "Steps of the first rung, at least.", false },
    { 0, "give-up", "STATE",
      "Health for which a run gives up its slot (mode collapse); '' for none.", true },
    { 's', "set", "KEY=VALUE", "Set a value of the recipe for all points.", true },
    { 0, "steps", "N", "Of a command: what '{steps}' stands for.", false },
    { 0, "experiment", "EXPERIMENT", "Of a command: the experiment it belongs to.", false },
    { 'n', "dry-run", NULL, "Show the plan, and start nothing.", false },
    { 'y', "yes", NULL, "Start it, without a question.", false },
    { 0, "now", NULL, "Of stop: end the runs at once.", false },
    { 0, "json", NULL, "Of show and ls: print JSON.", false },
};

static const struct {
    const char *name;
    bool takes_sweep;
    enum exit_status (*run)(struct arguments *arguments);
} actions[] = {
    { "show", true, sweep_show }, { "ls", false, sweep_ls },    { "resume", true, sweep_resume },
    { "stop", true, sweep_stop }, { "wait", true, sweep_wait },
};

/* What is no file, and nearly an action, was meant as one. */
static bool is_like_action(const struct arguments *arguments)
{
    const char *word = arguments->operands[0], *names[ARRAY_SIZE(actions)];
    for (int i = 0; i < ARRAY_SIZE(actions); i++)
        names[i] = actions[i].name;
    const char *nearest = text_nearest(word, names, ARRAY_SIZE(actions), sizeof *names);
    if (arguments->rest || !nearest || file_exists(word))
        return false;
    fail(ERR_INVALID, "there is no recipe '%.60s' (did you mean 'sweep %s'?)", word, nearest);
    return true;
}

static enum exit_status run(struct arguments *arguments)
{
    for (int i = 0; i < ARRAY_SIZE(actions) && !arguments->rest; i++) {
        if (strcmp(arguments->operands[0], actions[i].name) != 0)
            continue;
        int wanted = 1 + actions[i].takes_sweep;
        if (arguments->operand_count == wanted)
            return actions[i].run(arguments);
        if (arguments->operand_count < wanted)
            fail(ERR_INVALID, "SWEEP is missing ('gander sweep ls' lists them)");
        else
            fail(ERR_INVALID, "unexpected '%.60s'", arguments->operands[wanted]);
        return command_misused(arguments);
    }
    if (is_like_action(arguments))
        return command_failed(arguments);
    if (arguments->operand_count < 2 && !arguments->rest) {
        fail(ERR_INVALID, "what is to be varied? KEY=V1,V2 or KEY=LOW..HIGH");
        return command_misused(arguments);
    }
    return sweep_begin(arguments);
}

const struct command command_sweep = {
    .name = "sweep",
    .summary = "Run a recipe or command at many points",
    .operands = "RECIPE|ACTION [KEY=VALUES|SWEEP]...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .takes_command = true,
    .details =
        "Vary values of RECIPE: KEY=V1,V2,V3 says which values KEY takes (a comma in a value is "
        "'\\,'), KEY=LOW..HIGH a range. Behind a range, ':log' makes its scale logarithmic, and "
        "':N' "
        "says how many values a grid has of it; without that, whole numbers on a log scale double "
        "from value to value, and others are 5, or all whole numbers up to 10 of them. Every "
        "combination is a point, or with --random and --quasi so many points of all that could "
        "be, drawn anew from each list and range. A point is run with --seeds seeds, from the "
        "recipe's own on.\n\n"
        "The plan is shown first, with the time that it takes by earlier runs. It is started on "
        "yes, or with --yes. Every run is one like any other, tagged 'sweep:NAME', all of one "
        "snapshot of the code. After '--' stands a command instead of a recipe, in which '{KEY}' "
        "stands for the value of KEY, '{seed}' for the seed and '{steps}' for --steps.\n\n"
        "A conductor in the background keeps --jobs runs in hand. The points that have "
        "been begun come first, all seeds of a point together. A run whose health becomes that "
        "of --give-up is stopped after a checkpoint and gives up its slot, and so does one that "
        "diverges: both "
        "are answers and are not run again. When the first five runs fail alike, no more are "
        "begun.\n\n"
        "With --halving N the points compete (asynchronous successive halving, Li et al. 2018): "
        "all are trained for a few steps, and whenever one is among the best 1/N of those that "
        "have done so, by the mean of the goal over its seeds, it goes on to N times as many "
        "steps, from its checkpoint, until the best have done all steps. A point of which a seed "
        "diverged, failed or gave up does not go on. Rungs end where the goal is measured: at "
        "multiples of training.evaluate_every or training.report_every. A command begins anew with "
        "more "
        "'{steps}'.\n\n"
        "With --on slurm the runs are tasks of one job array (of several where they are more than "
        "500), of which --jobs work at once; what goes on to the next rung is another one. While "
        "the controller does not answer, the conductor waits.\n\n"
        "The actions: show SWEEP, the best points with mean and spread over their seeds, what "
        "mattered, what works; ls, all sweeps; resume SWEEP, run what is missing, and what failed, "
        "was killed, stopped or lost, after whatever has happened; stop SWEEP, begin no more and "
        "stop its runs (--now: at once); wait SWEEP, sleep until it has nothing left to do, with "
        "status 0 "
        "when that is so. The plan, .gander/sweeps/NAME/sweep.json, may be edited at any time.",
    .run = run,
};
