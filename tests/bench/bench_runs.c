/* Launching, listing, ingesting, charting and pinning, each beside the limit that it has to keep.
 *
 * What a user types is timed from its start to its end, as a process, with its output thrown away;
 * medians of several times are printed, and the best, which a noisy neighbour spoils less. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "bench.h"
#include "run/code.h"
#include "run/journal.h"

enum { RUNS = 10000, LINES_A_RUN = 5, LONG_LINES = 125000, FILES = 20000 };
enum { OFTEN = 11, SELDOM = 5, WAITING = 50 };

static const char recipe[] = "[experiment]\nname = bench\n[data]\nsource = digits\ncount = 100\n"
                             "[generator]\nlatent = 4\nlayers = dense 784 | reshape 1x28x28\n"
                             "[discriminator]\nlayers = flatten | dense 1\n"
                             "[training]\nbatch = 4\nsteps = 1\nthreads = 1\n";

static void print_line(const char *what, double *seconds, int count, double limit)
{
    double middle = median(seconds, count);
    if (isnan(middle)) {
        printf("%-46s not measured\n", what);
    } else {
        printf("%-46s %8.1f ms %8.1f ms", what, 1e3 * middle, 1e3 * seconds[0]);
        if (limit > 0)
            printf(" %6.0f ms %4.0f %%%s", 1e3 * limit, 100 * middle / limit,
                   middle > limit ? "  OVER" : "");
        printf("\n");
    }
    fflush(stdout);
}

/* --- what is timed --- */

static void print_launch(struct bench *bench)
{
    double seconds[OFTEN];
    const char *store = bench_inside(bench, "launch"), *file = bench_inside(bench, "tiny.ini");
    if (file_replace(file, recipe, strlen(recipe)) < 0)
        return;
    for (int i = 0; i < OFTEN; i++) {
        seconds[i] = gander(bench, "run", "--store", store, file);
        gander(bench, "wait", "--store", store, "@");
    }
    print_line("gander run, until it returns", seconds, OFTEN, 0.1);
}

static void print_list(struct bench *bench)
{
    double first, seconds[OFTEN];
    const char *store = bench_inside(bench, "many");
    if (make_store(store, RUNS, LINES_A_RUN, METRICS_A_LINE) < 0)
        return;
    first = gander(bench, "ls", "--store", store);
    for (int i = 0; i < OFTEN; i++)
        seconds[i] = gander(bench, "ls", "--store", store);
    print_line("gander ls of 10,000 runs, all lines", seconds, OFTEN, 0.1);
    for (int i = 0; i < OFTEN; i++)
        seconds[i] = gander(bench, "ls", "--store", store, "--limit", "20", "--sort", "d_loss",
                            "exp:dcgan g_loss<0.5");
    print_line("gander ls of them, filtered and sorted", seconds, OFTEN, 0.1);
    print_line("gander ls of them, the very first time", &first, 1, 0);
}

static void forget_catalogue(const char *store)
{
    static const char *const names[] = { "catalogue.db", "catalogue.db-wal", "catalogue.db-shm" };
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        remove_tree(store, names[i]);
}

static void print_long_run(struct bench *bench)
{
    double seconds[OFTEN], peer[SELDOM];
    const char *store = bench_inside(bench, "long");
    const char *command = arena_printf(
        &bench->arena, "'%s' tests/bench/peer_journal.py '%s/runs/1/events.jsonl' 2>/dev/null",
        bench_python(), store);
    if (make_store(store, 1, LONG_LINES, METRICS_A_LINE) < 0)
        return;
    for (int i = 0; i < SELDOM; i++) {
        forget_catalogue(store);
        seconds[i] = gander(bench, "ls", "--store", store);
        peer[i] = ask(command);
    }
    print_line("1,000,000 metric values, until they are listed", seconds, SELDOM, 1.5);
    print_line("  the same lines read by Python's json", peer, SELDOM, 0);
    for (int i = 0; i < OFTEN; i++)
        seconds[i] = gander(bench, "plot", "1", "--metric", "d_loss", "--store", store);
    print_line("gander plot of 125,000 points of them", seconds, OFTEN, 0.02);
}

static void print_snapshot(struct bench *bench)
{
    double seconds[SELDOM];
    const char *top = bench_inside(bench, "repository");
    const char *command = arena_printf(&bench->arena, "'%s' snapshot '%s'", bench->self, top);
    int error = make_repository(top, FILES);
    if (error)
        printf("%-46s not measured (%s)\n", "snapshot", error_text());
    for (int i = 0; i < SELDOM && !error; i++)
        seconds[i] = ask(command);
    if (!error)
        print_line("snapshot of 20,000 files, nothing changed", seconds, SELDOM, 0.2);
}

/* --- workers that wait --- */

/* Seconds of CPU that a process has used; 0 for one that is gone. */
static double cpu_of(int64_t pid)
{
    char path[64], text[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *end = strrchr(text, ')'); /* of the name */
    if (!end || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                       &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double cpu_of_workers(struct bench *bench, const char *store)
{
    double seconds = 0;
    for (int run = 2; run <= WAITING + 1; run++) {
        struct worker_story story = { .size = 0 };
        const char *directory = arena_printf(&bench->arena, "%s/runs/%d", store, run);
        if (worker_read(&bench->arena, &story, directory, NULL, NULL) == 0)
            seconds += cpu_of(story.worker.pid);
    }
    return seconds;
}

static void print_waiting(struct bench *bench)
{
    enum { WATCHED_MS = 5000, SETTLING_MS = 500 };
    const char *store = bench_inside(bench, "queue"),
               *range = arena_printf(&bench->arena, "2..%d", WAITING + 1);
    gander(bench, "run", "--store", store, "--slots", "1", "--", "sleep", "300");
    for (int i = 0; i < WAITING; i++)
        gander(bench, "run", "--store", store, "--slots", "1", "--", "true");
    pause_ms(SETTLING_MS);
    double before = cpu_of_workers(bench, store);
    pause_ms(WATCHED_MS);
    double used = cpu_of_workers(bench, store) - before;
    printf("%-46s %8.1f ms of CPU in %d s\n", "50 runs that wait for a slot", 1e3 * used,
           WATCHED_MS / 1000);
    gander(bench, "stop", "--now", "--store", store, range);
    gander(bench, "stop", "--now", "--store", store, "1");
}

/* --- all of it --- */

/* In a process of its own: the first one fills the index that makes the others cheap. */
static int measure_snapshot(const char *top)
{
    struct arena arena = { 0 };
    struct store store;
    struct code_state code;
    double seconds = NAN;
    if (chdir(top) != 0 || store_open(&store, NULL, STORE_MAKE) < 0)
        return 1;
    for (int number = 1; number <= 2; number++) {
        double begin = monotonic_clock();
        code_snapshot(&arena, &code, &store, top, "bench");
        if (!code.snapshot || code_pin(&store, &code, number) < 0)
            return 1;
        seconds = monotonic_clock() - begin;
    }
    printf("%.9g\n", seconds);
    store_release(&store);
    arena_release(&arena);
    return 0;
}

int runs_measure(int count, char **words)
{
    return count == 2 && strcmp(words[0], "snapshot") == 0 ? measure_snapshot(words[1]) : -1;
}

int runs_print(const char *self)
{
    struct bench bench;
    if (bench_open(&bench, self) < 0)
        return 1;
    printf("%-46s %11s %11s %9s\n", "", "median", "best", "limit");
    print_launch(&bench);
    print_list(&bench);
    print_long_run(&bench);
    print_snapshot(&bench);
    print_waiting(&bench);
    bench_close(&bench);
    return 0;
}
