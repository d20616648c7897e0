#include "launching.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run/interrupt.h"
#include "run/resolve.h"
#include "run/slurm.h"
#include "watch.h"

int option_place(const struct arguments *arguments, enum launch_place *out)
{
    static const char *const words[] = { [LAUNCH_LOCAL] = "local", [LAUNCH_SLURM] = "slurm" };
    const char *text = option_text(arguments, "on");
    *out = LAUNCH_AS_CONFIGURED;
    for (int i = LAUNCH_LOCAL; text && i <= LAUNCH_SLURM; i++)
        if (strcmp(text, words[i]) == 0)
            *out = (enum launch_place)i;
    if (text && *out == LAUNCH_AS_CONFIGURED)
        return fail(ERR_INVALID, "option '--on': must be local or slurm, not '%.40s'", text);
    return *out == LAUNCH_SLURM ? slurm_check() : 0;
}

int option_launch(const struct arguments *arguments, struct launch *launch)
{
    int64_t slots = 0;
    enum launch_place on;
    const char *name = option_text(arguments, "name");
    if (option_integer(arguments, "slots", 1, SLOTS_LIMIT, &slots) < 0 ||
        (name && run_name_check(name) < 0) || option_place(arguments, &on) < 0)
        return ERR_INVALID;
    *launch = (struct launch){ .name = name,
                               .argv = (const char *const *)(uintptr_t)arguments->argv,
                               .on = on,
                               .slots = (int)slots };
    return 0;
}

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
        fflush(stdout); /* before remarks, where both go to one place */
        return;
    }
    print_heading(launch, launched);
    printf("watch   gander watch %lld\nstop    gander stop %lld\n", (long long)launched->number,
           (long long)launched->number);
}

static int start(struct arguments *arguments, struct store *made, const struct store **store,
                 const struct launch *launch, struct launched *launched)
{
    int error = launch_check(launched, launch);
    if (!error && !*store) {
        error = store_open(made, option_text(arguments, "store"), STORE_MAKE);
        *store = made;
    }
    return error ? error : launch_run(launched, *store, launch);
}

enum exit_status launch_and_watch(struct arguments *arguments, const struct store *store,
                                  const struct launch *launch, enum picture_mode mode)
{
    struct store made = { 0 };
    struct launched launched;
    bool stays = option_given(arguments, "foreground");
    int status = STATUS_DONE;
    if (stays)
        interrupt_catch(INTERRUPT_IS_NOTED);
    if (start(arguments, &made, &store, launch, &launched) < 0) {
        status = command_failed(arguments);
    } else if (stays) {
        print_heading(launch, &launched);
        print_remarks(&launched);
        status = watch_run(&(struct watch_wish){ .arguments = arguments,
                                                 .store = store,
                                                 .number = launched.number,
                                                 .mode = mode,
                                                 .owns_run = true });
    } else {
        print_number(&launched, launch);
        print_remarks(&launched);
    }
    arena_release(&launched.arena);
    store_release(&made);
    return (enum exit_status)status;
}
