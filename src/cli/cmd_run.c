#include "base/error.h"
#include "launching.h"
#include "run/resolve.h"
#include "watch.h"

static const struct command_option options[] = {
    LAUNCH_OPTIONS,
    { 0, "experiment", "EXPERIMENT", "Of a command: the experiment it belongs to.", false },
    { 0, "data", "SOURCE", "Of a command: the data it trains on, as data.source has it.", false },
    { 0, "tensorboard", "DIR", "Of a command: journal the event files that it writes in DIR.",
      false },
    PICTURE_MODE_OPTION,
};

static int read_launch(struct arguments *arguments, struct launch *launch)
{
    const char *experiment = option_text(arguments, "experiment");
    if (option_launch(arguments, launch) < 0 || (experiment && run_name_check(experiment) < 0))
        return ERR_INVALID;
    launch->command = arguments->rest;
    launch->experiment = experiment;
    launch->data = option_text(arguments, "data");
    launch->tensorboard = option_text(arguments, "tensorboard");
    return 0;
}

static int check_operands(struct arguments *arguments, const struct launch *launch)
{
    int settings;
    option_texts(arguments, "set", &settings);
    if (launch->command && !launch->command[0])
        return fail(ERR_INVALID, "a command is missing after '--'");
    if (launch->command && settings > 0)
        return fail(ERR_INVALID, "option '--set' sets values of a recipe; a command takes its own");
    if (!launch->command && arguments->operand_count != 1)
        return arguments->operand_count == 0
                   ? fail(ERR_INVALID, "RECIPE is missing (a command stands after '--')")
                   : fail(ERR_INVALID, "unexpected '%.60s' (a command stands after '--')",
                          arguments->operands[1]);
    if (!launch->command && launch->tensorboard)
        return fail(ERR_INVALID,
                    "option '--tensorboard' is for commands: a recipe journals itself");
    if (!launch->command && (launch->experiment || launch->data))
        return fail(ERR_INVALID, "options '--experiment' and '--data' are for commands: a recipe "
                                 "says both itself");
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct recipe recipe;
    struct launch launch;
    enum picture_mode mode;
    int setting_count;
    if (option_picture_mode(arguments, &mode) < 0 || read_launch(arguments, &launch) < 0)
        return command_misused(arguments);
    if (check_operands(arguments, &launch) < 0)
        return command_misused(arguments);
    if (launch.command)
        return launch_and_watch(arguments, NULL, &launch, mode);
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    if (recipe_read(&recipe, arguments->operands[0], settings, setting_count) < 0)
        return command_failed(arguments);
    launch.recipe = &recipe;
    enum exit_status status = launch_and_watch(arguments, NULL, &launch, mode);
    recipe_release(&recipe);
    return status;
}

const struct command command_run = {
    .name = "run",
    .summary = "Train a recipe, or run any command, in the background",
    .operands = "[RECIPE]",
    .takes_command = true,
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Start a new run and return at once: its worker goes on in the background, also when the "
        "connection breaks. Standard output gets the run's number. The number is the next of the "
        "store; the run's directory holds run.json, recipe.ini, the journal (events.jsonl and "
        "worker.jsonl), log.txt, samples as PNG and checkpoints as safetensors.\n\n"
        "After '--' stands a command of any kind. It finds GANDER_RUN, GANDER_JOURNAL, "
        "GANDER_SAMPLES and GANDER_CHECKPOINTS in its environment; JSON lines that it appends to "
        "the "
        "journal and images that it saves are metrics and samples, as gander-journal(5) says, and "
        "its --key value arguments are listed like the values of a recipe.\n\n"
        "A command that writes event files for TensorBoard needs none of that: with --tensorboard "
        "DIR "
        "its worker follows the files in DIR and below (what lay there before is left alone), "
        "every "
        "5 seconds and once more at the end, and scalars and images become metrics and samples. It "
        "shows them as soon as they are on disk: PyTorch's SummaryWriter keeps them back for two "
        "minutes unless flush_secs or flush() says otherwise.\n\n"
        "The code is pinned first: the work tree as it is becomes a commit that no branch holds, "
        "so "
        "that 'gander diff' and 'gander checkout' know it later.\n\n"
        "At most as many runs work at once as --slots, GANDER_SLOTS or slots in config.ini say, by "
        "default as many as the cores have room for; others are queued and start by themselves.\n\n"
        "With -f it stays and shows on a terminal how samples grow above a progress bar and the "
        "losses; elsewhere it prints the log. ^C and SIGTERM stop the run, after a checkpoint; a "
        "second one stops it at once. When the connection breaks, the run goes on. The exit status "
        "is the run's: 0 when it finished, the command's own when it failed, 128 and the signal "
        "when one killed it, 130 after ^C.",
    .run = run,
};
