#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "import_format.h"
#include "json_out.h"
#include "run/archive.h"
#include "run/interrupt.h"

static const struct command_option options[] = {
    { 0, "format", "SORT", "What FILE is: archive, tensorboard or csv.", false },
    { 0, "experiment", "EXPERIMENT", "Of tensorboard and csv: the experiment they belong to.",
      false },
    { 0, "name", "NAME", "Of tensorboard and csv: call the run NAME.", false },
    { 0, "join", NULL, "Of tensorboard: make one run of all that is below DIR.", false },
    { 0, "again", NULL, "Take runs that are here already once more.", false },
    { 0, "no-code", NULL, "Leave the pinned code out, and do not look at it.", false },
    { 0, "json", NULL, "Print what was taken as JSON.", false },
};

/* What the archives of one command come to. */
struct importing {
    struct arguments *arguments;
    struct store store; /* made when the first archive is found to be one */
    bool has_store;
    struct json *taken, *refused; /* NULL: not for JSON */
    bool is_for_people;
};

static int open_store(struct importing *importing)
{
    if (importing->has_store)
        return 0;
    int error =
        store_open(&importing->store, option_text(importing->arguments, "store"), STORE_MAKE);
    importing->has_store = true; /* to be released in any case */
    return error;
}

static void print_refused(struct importing *importing, const char *file,
                          const struct imported_run *run)
{
    struct arena *arena = &importing->arguments->arena;
    fflush(stdout);
    fprintf(stderr, "gander import: run %lld of '%s' is not taken: %s\n", (long long)run->original,
            text_clean(arena, file, 500), text_clean(arena, run->why, 2000));
    if (!importing->refused)
        return;
    struct json *object = json_new_object();
    json_set_string(object, "file", file);
    json_set_integer(object, "original", run->original);
    json_set_string(object, "why", run->why);
    if (run->already > 0)
        json_set_integer(object, "already", run->already);
    json_push(importing->refused, object);
}

/* To a script, the number alone, as 'gander run' prints it. */
static void print_taken(struct importing *importing, const char *file,
                        const struct imported_run *run)
{
    struct arena *arena = &importing->arguments->arena;
    long long number = (long long)run->number;
    if (importing->taken) {
        struct json *object = json_new_object();
        json_set_integer(object, "number", run->number);
        json_set_string(object, "file", file);
        json_set_integer(object, "original", run->original);
        json_set_string(object, "experiment", run->experiment);
        json_set_string(object, "state", run_state_name(run->state));
        json_set_bool(object, "code", run->has_code);
        json_set_string(object, "code_missing", run->code_missing);
        json_push(importing->taken, object);
    } else if (importing->is_for_people) {
        printf("run %lld: %s, %s; it was run %lld of '%s'\n", number,
               text_clean(arena, run->experiment, 200), run_state_name(run->state),
               (long long)run->original, text_clean(arena, file, 500));
    } else {
        printf("%lld\n", number);
    }
    fflush(stdout);
    if (run->already > 0)
        fprintf(stderr, "note: run %lld was here already as run %lld\n", number,
                (long long)run->already);
    if (run->code_missing)
        fprintf(stderr, "note: run %lld comes without its code: %s\n", number,
                text_clean(arena, run->code_missing, 2000));
}

static enum exit_status take_file(struct importing *importing, const char *file)
{
    struct import *import;
    struct imported_run *runs;
    int count = 0;
    enum exit_status status = STATUS_DONE;
    const struct import_wish wish = { .again = option_given(importing->arguments, "again"),
                                      .without_code = option_given(importing->arguments, "no-code"),
                                      .now = wall_clock() };
    if (import_open(&import, file) < 0)
        return command_failed(importing->arguments);
    if (open_store(importing) < 0 ||
        import_take(import, &importing->store, &wish, &runs, &count) < 0)
        status = command_failed(importing->arguments);
    for (int i = 0; i < count; i++) {
        if (runs[i].number > 0)
            print_taken(importing, file, &runs[i]);
        else
            print_refused(importing, file, &runs[i]);
        if (runs[i].why)
            status = STATUS_FAILED;
    }
    import_close(import);
    return status;
}

static void print_json(struct importing *importing)
{
    struct json *root = json_new_object();
    json_set(root, "runs", importing->taken);
    json_set(root, "refused", importing->refused);
    json_put_out(root);
}

static enum exit_status run(struct arguments *arguments)
{
    struct importing importing = { .arguments = arguments, .is_for_people = isatty(STDOUT_FILENO) };
    enum exit_status status = STATUS_DONE;
    bool is_json = option_given(arguments, "json");
    enum import_format format;
    if (option_import_format(arguments, &format) < 0)
        return command_misused(arguments);
    if (format != IMPORT_ARCHIVE)
        return import_in_format(arguments, format);
    if (is_json) {
        importing.taken = json_new_array();
        importing.refused = json_new_array();
    }
    interrupt_catch(INTERRUPT_DIES);
    for (int i = 0; i < arguments->operand_count && !interrupt_signal(); i++) {
        enum exit_status one = take_file(&importing, arguments->operands[i]);
        if (one != STATUS_DONE)
            status = one;
    }
    if (is_json)
        print_json(&importing);
    store_release(&importing.store);
    if (status != STATUS_DONE && interrupt_signal())
        interrupt_die(interrupt_signal());
    return status;
}

const struct command command_import = {
    .name = "import",
    .summary = "Take in runs from another machine, or of other tools",
    .operands = "FILE...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Take in what 'gander export' packed; - is standard input. Each run gets the next number "
        "of "
        "this store, is taken whole or not at all, and can be shown, compared, resumed and rerun "
        "like any other; its run.json says where it came from. Its code is kept in code.git in "
        "the store, for diff, checkout and rerun --at. A run that had not ended when it was packed "
        "is lost here; resume makes it go on, from its newest checkpoint.\n\n"
        "A run that is here already, whether it came or never left, is not taken twice unless "
        "--again says so.\n\n"
        "With --format tensorboard, FILE is a directory with event files of TensorBoard, or one of "
        "them. Scalars and images become metrics and samples of a run that has finished. What "
        "TensorBoard shows as a run is a run here, named after its directory; what lies below a "
        "directory with event files belongs to its run, as do 'train' and 'validation' beside each "
        "other, with the name of the directory before that of the metric; --join makes one run of "
        "all. Histograms, text and graphs are left out, and so is what a restart or a later file "
        "of "
        "the same directory has made void. What cannot be read is counted and told.\n\n"
        "With --format csv, FILE (- is standard input) begins with a line of names. A column "
        "'step' "
        "(or 'global_step', 'iteration', 'epoch') is the step, 'time' or 'wall time' seconds since "
        "1970, 'run' makes several runs; rows with 'metric' and 'value' name theirs; all other "
        "columns are metrics. This is what 'gander export --format csv' writes, and what "
        "TensorBoard lets one download.\n\n"
        "Nothing of an archive is run, and nothing of it is trusted: what is in it is checked "
        "before any of it counts. What resume starts is the command that the run names.",
    .run = run,
};
