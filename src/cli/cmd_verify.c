/* A run once more, and whether the numbers are the same. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "json_out.h"
#include "open_run.h"
#include "outcome.h"
#include "run/again.h"
#include "run/journal.h"
#include "run/notes.h"
#include "run/resolve.h"
#include "run/same.h"

static const struct command_option options[] = {
    { 0, "with", "RUN", "Compare with RUN, which is there already, and run nothing.", false },
    { 0, "json", NULL, "Print a JSON object.", false },
};

/* How the run stood when it ended. */
static int look(const struct open_run *place, struct arena *arena, struct worker_story *story,
                struct run_status *status)
{
    *story = (struct worker_story){ .size = 0 };
    int error = worker_look(arena, story, place->directory, wall_clock(), status);
    if (error || run_state_is_end(status->state))
        return error;
    return fail(ERR_BUSY, "run %lld is %s: it can be verified when it has ended",
                (long long)place->number, run_state_name(status->state));
}

/* A recipe is trained by this program; a command needs its code. */
static int prepare(struct open_run *place, const struct run_facts *facts, int64_t until,
                   struct repeat *repeat)
{
    const char *setting =
        arena_printf(&place->arena, "training.until=%lld", (long long)MAX(until, 0));
    repeat->launch.at_parent = facts->code.snapshot != NULL;
    if (facts->command && !facts->code.snapshot)
        return fail(ERR_NOT_FOUND, "the code of run %lld is not pinned: it cannot be run again",
                    (long long)place->number);
    return repeat_prepare(repeat, &place->store, place->number, &setting, facts->command ? 0 : 1);
}

static int wait_for_end(const struct store *store, int64_t run, struct arena *arena,
                        struct worker_story *story, struct run_status *status)
{
    enum { AGAIN_MS = 200 };
    const char *directory = store_run_directory(arena, store, run);
    const char *lock = path_join(arena, directory, "lock");
    for (;;) {
        *story = (struct worker_story){ .size = 0 };
        int error = worker_look(arena, story, directory, wall_clock(), status);
        if (error || run_state_is_end(status->state))
            return error;
        error = lock_is_held(lock) ? lock_wait(lock) : 0;
        if (error)
            return error;
        if (!lock_is_held(lock) && !run_state_is_end(status->state))
            pause_ms(AGAIN_MS);
    }
}

/* Runs it again; *number is the new run. */
static int run_again(struct arguments *arguments, struct open_run *place,
                     const struct run_facts *facts, int64_t until, int64_t *number)
{
    struct repeat repeat = { .launch = { .argv =
                                             (const char *const *)(uintptr_t)arguments->argv } };
    struct launched launched = { .number = 0 };
    struct worker_story story;
    struct run_status status;
    int error = prepare(place, facts, until, &repeat);
    if (!error)
        error = launch_check(&launched, &repeat.launch);
    if (!error)
        error = launch_run(&launched, &place->store, &repeat.launch);
    *number = launched.number;
    if (!error) {
        notes_put(&place->store, *number, NOTES_TAG, "verify", wall_clock());
        fprintf(stderr, "running it again as run %lld\n", (long long)*number);
        error = wait_for_end(&place->store, *number, &place->arena, &story, &status);
    }
    arena_release(&launched.arena);
    repeat_release(&repeat);
    return error;
}

static void print_same(struct arena *arena, const struct same *same, int64_t run, int64_t other,
                       const struct run_facts *facts)
{
    const char *values = format_count(arena, (double)same->values);
    const char *samples = format_count(arena, (double)same->samples);
    if (same->is_same) {
        printf("runs %lld and %lld are the same, bit for bit: %s values, %s samples\n",
               (long long)run, (long long)other, values, samples);
        return;
    }
    printf("runs %lld and %lld part at step %s", (long long)run, (long long)other,
           format_count(arena, (double)same->step));
    if (same->what)
        printf(": %s%s%s%s%s", text_clean(arena, same->what, 200), *same->a ? " is " : "",
               text_clean(arena, same->a, 60), *same->a ? " and " : "",
               text_clean(arena, same->b, 60));
    printf("; %s values and %s samples before it are the same\n", values, samples);
    if (!facts->command && facts->build && strcmp(facts->build, build_id()) != 0)
        printf("run %lld was made by another build of gander, which trained it\n", (long long)run);
}

static void print_json(const struct same *same, int64_t run, int64_t other)
{
    struct json *root = json_new_object();
    json_set_integer(root, "run", run);
    json_set_integer(root, "other", other);
    json_set_bool(root, "same", same->is_same);
    json_set_integer(root, "values", same->values);
    json_set_integer(root, "samples", same->samples);
    if (!same->is_same) {
        json_set_integer(root, "step", same->step);
        json_set_string(root, "what", same->what);
        json_set_string(root, "a", same->a);
        json_set_string(root, "b", same->b);
    }
    json_put_out(root);
}

static int verify(struct arguments *arguments, struct open_run *place, struct same *same)
{
    struct arena *arena = &place->arena;
    const char *with = option_text(arguments, "with");
    struct run_facts facts;
    struct worker_story story;
    struct run_status status;
    int64_t other = 0;
    int error = run_read_facts(arena, &facts, &place->store, place->number);
    if (!error)
        error = look(place, arena, &story, &status);
    bool is_part = !error && status.state != RUN_FINISHED && !facts.command;
    int64_t until = is_part ? story.end.step : 0;
    if (!error)
        error = with ? run_resolve(&place->store, with, &other)
                     : run_again(arguments, place, &facts, until, &other);
    if (!error)
        error = same_runs(arena, same, &place->store, place->number, other, until);
    if (error)
        return error;
    if (option_given(arguments, "json"))
        print_json(same, place->number, other);
    else
        print_same(arena, same, place->number, other, &facts);
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct same same = { .is_same = false };
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    if (verify(arguments, &place, &same) < 0)
        status = command_failed(arguments);
    else
        status = same.is_same ? STATUS_DONE : STATUS_FAILED;
    close_run(&place);
    return status;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "Run it again: are the numbers the same?",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Run RUN again with the code of its snapshot, up to the step at which it ended, and say "
        "whether metrics and samples are the same, bit for bit, or at which step the two runs part "
        "and in "
        "what. Rates, times and the use of the machine are not compared. The new run stays, tagged "
        "'verify'.\n\n"
        "The exit status is 0 when they are the same and 1 when they are not. The built-in "
        "training "
        "gives the same numbers on the same CPU model, threads and build of gander; its code is "
        "gander itself, not the work tree.",
    .run = run,
};
