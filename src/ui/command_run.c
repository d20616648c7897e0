/* Running gander's commands: beside the screen, what they print in a view, or with the terminal. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/process.h"
#include "base/text.h"
#include "view_output.h"

enum { OUTPUT_LIMIT = 4 << 20 /* bytes */, ENVIRONMENT = 4 };

/* Commands find the store of the dashboard, and how wide its screen is; `columns` 0: that they shall not
 * know. */
static void fill_environment(const struct store *store, int columns, struct arena *arena,
                             const char *environment[ENVIRONMENT])
{
    environment[0] = arena_printf(arena, "GANDER_DIR=%s", path_absolute(arena, store->path));
    environment[1] = "CLICOLOR_FORCE=0";
    environment[2] = columns > 0 ? arena_printf(arena, "COLUMNS=%d", columns) : NULL;
    environment[3] = NULL;
}

static const char **with_program(struct arena *arena, const char *const *words)
{
    int count = 0;
    while (words[count])
        count++;
    const char **all = arena_alloc(arena, (size_t)count + 2, sizeof *all);
    all[0] = "gander";
    for (int i = 0; i < count; i++)
        all[i + 1] = arena_strdup(arena, words[i]);
    return all;
}

/* --- beside the screen --- */

struct running {
    const char **words; /* "gander" before them */
    const char *environment[ENVIRONMENT];
    struct command_output output;
};

static bool is_unwanted(void *context)
{
    const struct job *job = context;
    return job->is_cancelled;
}

static int run(struct job *job)
{
    struct running *running = job->input;
    struct process_result result;
    int error = process_run(&result, &(struct process){ .argv = running->words,
                                                        .program = program_path(),
                                                        .environment = running->environment,
                                                        .limit = OUTPUT_LIMIT,
                                                        .is_unwanted = is_unwanted,
                                                        .context = job });
    if (error)
        return error;
    running->output.text = arena_strdup(&job->arena, result.output);
    running->output.status = result.status;
    running->output.is_cut = result.size == OUTPUT_LIMIT;
    free(result.output);
    return 0;
}

/* A launch that was begun is finished, whatever becomes of the dashboard. */
static bool launches(const char *command)
{
    static const char *const names[] = { "run", "rerun", "resume" };
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(command, names[i]) == 0)
            return true;
    return false;
}

/* A mistake without "Try 'gander help'."; a launch whose number alone was printed, as where a script
 * reads it, in words, with a note if there is one; else the only line. "" where nothing was printed,
 * NULL for several lines. */
static const char *only_line(struct arena *arena, const char *command,
                             const struct command_output *output)
{
    int64_t number;
    size_t length = strcspn(output->text, "\n");
    const char *line = text_log_line(arena, arena_strndup(arena, output->text, length));
    const char *rest = output->text + length + (output->text[length] == '\n');
    const char *second = text_log_line(arena, arena_strndup(arena, rest, strcspn(rest, "\n")));
    bool has_third = rest[strcspn(rest, "\n")] && rest[strcspn(rest, "\n") + 1];
    bool is_launch = output->status == 0 && launches(command) && parse_integer(line, &number) == 0;
    if (has_third)
        return NULL;
    if (is_launch)
        return arena_printf(arena, "run %lld starts%s%s", (long long)number, *second ? "; " : "",
                            second);
    bool is_mistake = output->status != 0 && strncmp(second, "Try 'gander", 11) == 0;
    return !*second || is_mistake ? line : NULL;
}

static void show(struct app *app, const struct running *running, struct arena *arena)
{
    const struct command_output *output = &running->output;
    const char *line = only_line(arena, running->words[1], output);
    if (!line) {
        app_open(app, &view_output, &(struct view_args){ .extra = output, .step = -1 });
    } else if (output->status != 0) {
        fail(ERR_INVALID, "%s",
             *line ? line
                   : arena_printf(arena, "%s: %s", output->command,
                                  process_status_text(output->status)));
        app_say_error(app);
    } else {
        app_say(app, "%s%s", *line ? line : output->command, *line ? "" : ": done");
    }
}

static void ended(struct view *view, struct job *job)
{
    (void)view;
    if (job->error) {
        fail(job->error, "%s", job->message);
        app_say_error(job->app);
    } else {
        show(job->app, job->input, &job->arena);
    }
    app_look_now(job->app);
}

static char *join(struct arena *arena, const char *const *words)
{
    char *line = arena_strdup(arena, "");
    for (int i = 0; words[i]; i++)
        line = arena_printf(arena, "%s%s%s", line, i > 0 ? " " : "", words[i]);
    return line;
}

void app_run_command(struct app *app, const char *const *words, const char *sign)
{
    struct job *job = job_new(app, NULL, run, ended);
    struct running *running = arena_alloc(&job->arena, 1, sizeof *running);
    running->words = with_program(&job->arena, words);
    fill_environment(app_store(app), app->canvas.width, &job->arena, running->environment);
    running->output.command = join(&job->arena, running->words);
    job->input = running;
    job->sign = sign ? arena_strdup(&job->arena, sign) : NULL;
    job->outlives_view = launches(words[0]);
    job_start(job, LANE_COMMAND);
}

/* --- with the terminal --- */

/* While somebody else has the terminal its ^C and ^Z are theirs; we stop with them. */
static void leave_signals(struct sigaction before[3])
{
    static const struct sigaction ignored = { .sa_handler = SIG_IGN },
                                  usual = { .sa_handler = SIG_DFL };
    sigaction(SIGINT, &ignored, &before[0]);
    sigaction(SIGQUIT, &ignored, &before[1]);
    sigaction(SIGTSTP, &usual, &before[2]);
}

static void take_signals_back(const struct sigaction before[3])
{
    sigaction(SIGINT, &before[0], NULL);
    sigaction(SIGQUIT, &before[1], NULL);
    sigaction(SIGTSTP, &before[2], NULL);
}

static void put_out(const char *text)
{
    ssize_t written = write(STDOUT_FILENO, text, strlen(text));
    (void)written; /* a terminal that is gone is found out by who reads keys */
}

static void wait_for_enter(int status)
{
    struct arena arena = { 0 };
    char letter;
    const char *how = status == 0 ? "" : process_status_text(status);
    put_out(arena_printf(&arena, "\n[%s%spress Enter to return]", how, *how ? "; " : ""));
    while (read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n')
        ;
    arena_release(&arena);
}

static int run_in_terminal(struct app *app, const struct process *process, bool asks)
{
    struct process_result result;
    struct sigaction before[3];
    if (!app->screen)
        return 0;
    screen_suspend(app->screen);
    leave_signals(before);
    int error = process_run(&result, process);
    if (!error && (asks || result.status != 0))
        wait_for_enter(result.status);
    take_signals_back(before);
    screen_resume(app->screen);
    app->is_frame_pending = false;
    app->needs_draw = true;
    if (!error)
        return result.status;
    app_say_error(app);
    return W_EXITCODE(127, 0);
}

int app_run_in_terminal(struct app *app, const char *const *argv)
{
    return run_in_terminal(app, &(struct process){ .argv = argv, .keeps_terminal = true }, false);
}

int command_in_terminal(struct app *app, const char *const *words, bool asks)
{
    struct arena arena = { 0 };
    const char *environment[ENVIRONMENT];
    fill_environment(app_store(app), 0, &arena, environment); /* the terminal says it */
    struct process process = { .argv = with_program(&arena, words),
                               .program = program_path(),
                               .environment = environment,
                               .keeps_terminal = true };
    int status = run_in_terminal(app, &process, asks);
    arena_release(&arena);
    return status;
}

int run_candidates(struct job *job, const char *const *words, char **out)
{
    enum { LONGEST_MS = 2000 };
    const char *environment[ENVIRONMENT];
    struct process_result result;
    fill_environment(&job->index.places[0].store, 0, &job->arena, environment);
    int error = process_run(&result, &(struct process){ .argv = words,
                                                        .program = program_path(),
                                                        .environment = environment,
                                                        .limit = 1 << 18,
                                                        .timeout_ms = LONGEST_MS,
                                                        .is_unwanted = is_unwanted,
                                                        .context = job });
    if (error)
        return error;
    *out = arena_strdup(&job->arena, result.output);
    free(result.output);
    return 0;
}
