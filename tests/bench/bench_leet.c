/* W&B LEET on as many runs and points, beside the dashboard. GANDER_BENCH_WANDB names a python that has
 * wandb; `wandb leet` is started as a person would, and memory is that of all its processes. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>

#include "base/process.h"
#include "bench.h"
#include "bench_dashboard.h"
#include "bench_keys.h"

enum { RUNS = 1000, LINES_A_RUN = 125, STARTS = 5, LIVE_SECONDS = 30 };

static struct pty open_leet(const char *python, const char *folder, double *frame, double *all)
{
    struct pty_wish wish = {
        .columns = WIDE, .rows = HIGH, .program = python, .words = { "-m", "wandb", "leet", folder }
    };
    return keys_start(&wish, frame, all);
}

static void close_leet(struct pty *pty)
{
    pty_type(pty, "\003");
    for (double begun = monotonic_clock(); !pty->is_ended && monotonic_clock() - begun < 3;)
        pty_read(pty, 1 << 16, 20);
    kill(pty->pid, SIGKILL);
    waitpid(pty->pid, NULL, 0);
    close(pty->master);
    pty_release(pty);
}

static void print_live(struct bench *bench, const char *python, const char *directory,
                       struct pty *pty)
{
    pid_t pid;
    const char *seconds = arena_printf(&bench->arena, "%d", LIVE_SECONDS);
    const char *argv[] = { python, "tests/bench/leet_runs.py", directory, seconds, NULL };
    if (process_start(&pid, &(struct process){ .argv = argv }) < 0)
        return;
    keys_type(pty, "Down Down", NULL);
    pty_listen(pty, 1000 * LIVE_SECONDS / 2);
    dashboard_print_sent(pty, "LEET: bytes a second beside a live run", NAN);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

static bool make_runs(struct bench *bench, const char *python, const char *directory)
{
    const char *argv[] = { python,
                           "tests/bench/leet_runs.py",
                           directory,
                           arena_printf(&bench->arena, "%d", RUNS),
                           arena_printf(&bench->arena, "%d", LINES_A_RUN),
                           arena_printf(&bench->arena, "%d", METRICS_A_LINE),
                           NULL };
    struct process_result result;
    bool is_made =
        process_run(&result, &(struct process){ .argv = argv, .output = bench->null }) == 0;
    return is_made && process_succeeded(&result);
}

void leet_print(struct bench *bench)
{
    static struct timings timings;
    double frame[STARTS], all[STARTS];
    const char *python = getenv("GANDER_BENCH_WANDB");
    const char *directory = bench_inside(bench, "leet");
    const char *folder = path_join(&bench->arena, directory, "wandb");
    setenv("WANDB_MODE", "offline", 1);
    if (!python || !make_runs(bench, python, directory)) {
        printf("LEET: not measured (%s)\n",
               python ? "the runs for it cannot be made"
                      : "GANDER_BENCH_WANDB names no python that has wandb");
        return;
    }
    for (int i = 0; i < STARTS; i++) {
        struct pty pty = open_leet(python, folder, &frame[i], &all[i]);
        close_leet(&pty);
    }
    printf("LEET: first screen of 1,000 runs, whole      %7.0f ms\n",
           1e3 * keys_share(all, STARTS, 0.5));
    struct pty pty = open_leet(python, folder, &frame[0], &all[0]);
    pty_settle_for(&pty, 3000);
    keys_type(&pty, "Down*30 Up*10 Down*20", &timings);
    dashboard_print_times("LEET: key to the end of its frame", timings.frame, timings.count, 0);
    dashboard_print_sent(&pty, "LEET: bytes a second when idle", NAN);
    print_live(bench, python, directory, &pty);
    printf("LEET: memory                                 %7.0f MB\n",
           (double)keys_resident(pty.pid) / 1e6);
    close_leet(&pty);
}
