/* The training has ended: how, and who is to be told. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/process.h"
#include "worker_state.h"

enum { WORDS_SIZE = 8192, HOOK_LIMIT_MS = 60000 };

void worker_send_end(int words, const struct run_end *end)
{
    struct json *line = json_new_object();
    json_set_string(line, "state", run_state_name(end->state));
    json_set_integer(line, "step", end->step);
    json_set_string(line, "reason", end->reason);
    char *text = json_text(line, 0);
    ssize_t written =
        write(words, text, strlen(text)); /* fits into any pipe: whole or not at all */
    (void)written;                        /* a worker that is gone hears nothing */
    free(text);
    json_free(line);
}

/* What the built-in training has said of its end; false if nothing. */
static bool hear_end(struct worker *worker, struct run_end *end)
{
    char text[WORDS_SIZE];
    struct json *line = NULL;
    ssize_t length = worker->words >= 0 ? read(worker->words, text, sizeof text) : -1;
    bool is_said = length > 0 && json_parse(&line, text, (size_t)length) == 0 &&
                   run_state_parse(json_get_string(json_member(line, "state")), &end->state);
    if (is_said) {
        const char *reason = json_get_string(json_member(line, "reason"));
        json_get_integer(json_member(line, "step"), &end->step);
        end->reason = reason ? arena_strdup(&worker->arena, reason) : NULL;
    }
    json_free(line);
    return is_said;
}

/* Only the kernel knows, and it counts. What it counts on the whole machine may be somebody else's. */
static bool was_memory_short(const struct worker *worker)
{
    struct memory_kills now = usage_memory_kills();
    const struct memory_kills *before = &worker->kills_before;
    bool knows_group = now.in_group >= 0 && before->in_group >= 0;
    return knows_group ? now.in_group > before->in_group
                       : before->in_all >= 0 && now.in_all > before->in_all;
}

static void judge_status(struct worker *worker, struct run_end *end)
{
    struct arena *arena = &worker->arena;
    if (WIFSIGNALED(worker->status)) {
        end->state = RUN_KILLED;
        end->signal = WTERMSIG(worker->status);
        end->reason = arena_strdup(arena, process_status_text(worker->status));
        if (end->signal == SIGKILL && was_memory_short(worker))
            end->reason =
                arena_strdup(arena, "killed by SIGKILL: out of memory, as the kernel counts");
    } else if (end->exit_status != 0) {
        end->state = RUN_FAILED;
        end->reason = arena_strdup(arena, process_status_text(worker->status));
    }
}

struct run_end worker_judge(struct worker *worker)
{
    struct run_end end = { .state = RUN_FINISHED, .step = worker->place.step, .exit_status = -1 };
    if (WIFEXITED(worker->status))
        end.exit_status = WEXITSTATUS(worker->status);
    bool is_said = hear_end(worker, &end);
    if (!is_said)
        judge_status(worker, &end);
    /* who is asked, and ends well, has stopped; only the built-in training says that it had come to
     * its end anyway */
    bool is_obeyed = worker_is_to_stop() && !(is_said && end.state != RUN_STOPPED);
    if (is_obeyed) {
        end.state = RUN_STOPPED;
        end.reason = worker_is_to_stop_now()   ? "asked to stop at once"
                     : worker_is_out_of_time() ? "the time limit of its Slurm job is near"
                                               : "asked to stop";
    }
    return end;
}

int worker_put_last(struct worker *worker, const struct run_end *end)
{
    const char *reserve = path_join(&worker->arena, worker->directory, RUN_RESERVE_NAME);
    double now = wall_clock();
    int error = worker_put_end(&worker->journal, now, end);
    unlink(reserve);
    return error ? worker_put_end(&worker->journal, now, end) : 0;
}

/* How a command of config.ini is run; in the arena. */
static struct process hook(struct arena *arena, const struct worker *worker, const char *command,
                           const char *state, const char *why)
{
    const struct run_facts *facts = &worker->facts;
    const char **argv = arena_alloc(arena, 4, sizeof *argv);
    const char **variables = arena_alloc(arena, 8, sizeof *variables);
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = command;
    variables[0] = arena_printf(arena, "GANDER_RUN=%lld", (long long)worker->number);
    variables[1] = arena_printf(arena, "GANDER_DIR=%s", worker->store->path);
    variables[2] = arena_printf(arena, "GANDER_EXPERIMENT=%s", facts->experiment);
    variables[3] = arena_printf(arena, "GANDER_NAME=%s", facts->name ? facts->name : "");
    variables[4] = arena_printf(arena, "GANDER_STEP=%lld", (long long)worker->place.step);
    variables[5] = arena_printf(arena, "GANDER_STATE=%s", state);
    variables[6] = arena_printf(arena, "GANDER_REASON=%s", why ? why : "");
    return (struct process){
        .argv = argv,
        .program = "/bin/sh",
        .directory = facts->cwd && directory_exists(facts->cwd) ? facts->cwd : NULL,
        .environment = variables,
        .output = STDOUT_FILENO,
    };
}

void worker_tell_end(struct worker *worker, const struct run_end *end)
{
    const char *command = worker->config.on_end;
    if (!command || !*command)
        return;
    struct process_result result;
    struct process what =
        hook(&worker->arena, worker, command, run_state_name(end->state), end->reason);
    what.timeout_ms = HOOK_LIMIT_MS;
    if (process_run(&result, &what) < 0)
        worker_log("on_end: %s", error_text());
    else if (result.is_out_of_time)
        worker_log("on_end: took longer than %d s and was killed", HOOK_LIMIT_MS / 1000);
    else if (!process_succeeded(&result))
        worker_log("on_end: %s", process_status_text(result.status));
}

void worker_tell_health(struct worker *worker, const char *health, const char *why)
{
    const char *command = worker->config.on_health;
    if (!command || !*command)
        return;
    struct arena arena = { 0 };
    pid_t pid;
    struct process what = hook(&arena, worker, command, health, why);
    what.is_detached = true;
    if (process_start(&pid, &what) < 0)
        worker_log("on_health: %s", error_text());
    arena_release(&arena);
}
