#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "run/interrupt.h"
#include "run/launch.h"
#include "run/resolve.h"
#include "run/rundir.h"
#include "watch.h"

enum { SLOTS_LIMIT = 1024 };

static const struct command_option options[] = {
    { 'f', "foreground", NULL, "Stay, watch it, and stop it with ^C.", false },
    { 's', "set", "KEY=VALUE", "Set a value of the recipe, as in -s training.steps=5000.", true },
    { 0, "name", "NAME", "Call the run NAME.", false },
    { 0, "experiment", "NAME", "Of a command: the experiment it belongs to.", false },
    { 0, "data", "SOURCE", "Of a command: the data it trains on, as data.source has it.", false },
    { 0, "slots", "N", "Begin only while fewer than N runs work.", false },
    PICTURE_MODE_OPTION,
};

/* "run 1: digits, 10,000 steps on 60,000 images of 28x28, 2 threads" */
static void print_heading(const struct launch *launch, const struct launched *launched)
{
    struct arena arena = { 0 };
    if (launch->recipe) {
        printf("run %lld: %s, %s steps on %s images of %dx%d, %d thread%s\n",
               (long long)launched->number, launch->recipe->experiment.name,
               format_count(&arena, launched->steps), format_count(&arena, launched->data_count),
               launched->width, launched->height, launched->threads,
               launched->threads == 1 ? "" : "s");
    } else {
        const char *words = "";
        for (int i = 0; launch->command[i]; i++)
            words = arena_printf(&arena, "%s %s", words, launch->command[i]);
        printf("run %lld:%s\n", (long long)launched->number, text_clean(&arena, words, 200));
    }
    fflush(stdout);
    arena_release(&arena);
}

static void print_remarks(const struct launched *launched)
{
    struct arena arena = { 0 };
    for (const char *const *remark = launched->remarks; *remark; remark++)
        fprintf(stderr, "note: %s\n", text_clean(&arena, *remark, 1000));
    arena_release(&arena);
}

/* What is to be read by a script is the number alone. */
static void print_number(const struct launched *launched, const struct launch *launch)
{
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    if (!terminal.is_terminal) {
        printf("%lld\n", (long long)launched->number);
        return;
    }
    print_heading(launch, launched);
    printf("watch   gander watch %lld\nstop    gander stop %lld\n", (long long)launched->number,
           (long long)launched->number);
}

static enum exit_status launch_and_watch(struct arguments *arguments, struct launch *launch,
                                         enum picture_mode mode)
{
    struct store store = { 0 };
    struct launched launched;
    bool stays = option_given(arguments, "foreground");
    int status = STATUS_DONE;
    if (stays)
        interrupt_catch(INTERRUPT_IS_NOTED);
    int error = launch_check(&launched, launch);
    if (!error)
        error = store_open(&store, option_text(arguments, "store"), STORE_MAKE);
    if (!error)
        error = launch_run(&launched, &store, launch);
    if (error) {
        status = command_failed(arguments);
    } else if (stays) {
        print_heading(launch, &launched);
        print_remarks(&launched);
        status = watch_run(&(struct watch_wish){ .arguments = arguments,
                                                 .store = &store,
                                                 .number = launched.number,
                                                 .mode = mode,
                                                 .owns_run = true });
    } else {
        print_number(&launched, launch);
        print_remarks(&launched);
    }
    arena_release(&launched.arena);
    store_release(&store);
    return (enum exit_status)status;
}

static int read_launch(struct arguments *arguments, struct launch *launch)
{
    int64_t slots = 0;
    const char *name = option_text(arguments, "name"),
               *experiment = option_text(arguments, "experiment");
    if (option_integer(arguments, "slots", 1, SLOTS_LIMIT, &slots) < 0 ||
        (name && run_name_check(name) < 0) || (experiment && run_name_check(experiment) < 0))
        return ERR_INVALID;
    *launch = (struct launch){ .name = name,
                               .command = arguments->rest,
                               .experiment = experiment,
                               .data = option_text(arguments, "data"),
                               .argv = (const char *const *)(uintptr_t)arguments->argv,
                               .slots = (int)slots };
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
        return launch_and_watch(arguments, &launch, mode);
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    if (recipe_read(&recipe, arguments->operands[0], settings, setting_count) < 0)
        return command_failed(arguments);
    launch.recipe = &recipe;
    enum exit_status status = launch_and_watch(arguments, &launch, mode);
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
