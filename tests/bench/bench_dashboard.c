/* The dashboard as a person has it: the program in a pseudo-terminal that answers at once, with keys
 * that are typed and bytes that are counted, each figure beside the limit that it has to keep.
 *
 * The stores are made for it: 1,000 runs; and 10,000 runs with ten million points, beside one of a
 * million points in one curve, and one that the program itself trains, with noisy sheets of samples, a
 * log and a work tree that has changed. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "base/process.h"
#include "bench.h"

#include "bench_dashboard.h"
#include "ui/cells.h"

enum { FEW = 1000, MANY = 10000, LINES_A_RUN = 125, LONG_LINES = 1000000, FILES = 300 };
enum { STARTS = 11 };
static const double KEY_MS = 7;

/* --- lines of the table --- */

static void print_head(void)
{
    printf("%-46s %10s %10s %10s\n", "", "median", "p99", "limit");
}

static const char *verdict(double value, double limit)
{
    return value > limit ? "  OVER" : "";
}

/* The limit is for the 99th percentile; in milliseconds. */
void dashboard_print_times(const char *what, double *seconds, int count, double limit_ms)
{
    double middle = 1e3 * keys_share(seconds, count, 0.5),
           late = 1e3 * keys_share(seconds, count, 0.99);
    printf("%-46s %7.1f ms %7.1f ms", what, middle, late);
    if (limit_ms > 0)
        printf(" %7.0f ms %4.0f %%%s", limit_ms, 100 * late / limit_ms, verdict(late, limit_ms));
    printf("\n");
    fflush(stdout);
}

static void print_one(const char *what, double value, const char *unit, double limit)
{
    printf("%-46s %7.*f %-13s", what, value < 10 && value > 0 ? 2 : 0, value, unit);
    if (limit >= 0)
        printf(" %7.5g %-2s", limit, unit);
    if (limit > 0)
        printf(" %4.0f %%", 100 * value / limit);
    if (limit >= 0)
        printf("%s", verdict(value, limit));
    printf("\n");
    fflush(stdout);
}

/* --- what is shown --- */

/* Some ten million values as text, and the catalogue of them. */
static bool has_room(const struct bench *bench)
{
    const double needed = 4e9;
    struct statvfs disk;
    return statvfs(bench->scratch, &disk) == 0 &&
           (double)disk.f_bavail * (double)disk.f_frsize > needed;
}

/* Its work tree has changed since the commit, so that there is a diff to be shown. */
static int change_files(const char *top)
{
    static const char *const argv[] = {
        "sh", "-c", "for f in part*/*7.py; do sed -i 's/^value_[1-9] =.*/& + 1/' \"$f\"; done", NULL
    };
    struct process_result result;
    int error = process_run(&result, &(struct process){ .argv = argv, .directory = top });
    if (!error)
        free(result.output);
    return error;
}

static int make_many(const char *top, const char *store)
{
    int error = make_repository(top, FILES);
    if (!error)
        error = change_files(top);
    if (!error)
        error = make_store(store, MANY, LINES_A_RUN, METRICS_A_LINE);
    return error ? error : make_one_run(store, MANY + 1, LONG_LINES, 1);
}

/* Two runs that the program trains, the second one shorter: to be compared. */
static bool train(struct bench *bench, const char *top, const char *store, const char *recipe)
{
    bench->directory = top;
    double first = gander(bench, "run", "-f", "--store", store, "-s", "training.steps=500", recipe);
    double second =
        gander(bench, "run", "-f", "--store", store, "-s", "training.steps=3000", recipe);
    bench->directory = NULL;
    return !isnan(first) && !isnan(second);
}

/* --- time to the first screen --- */

static struct pty_wish wish_of(const char *store, int columns, int rows)
{
    return (struct pty_wish){ .columns = columns,
                              .rows = rows,
                              .words = { "dashboard", "--store", store } };
}

/* Nothing is remembered of the last one. */
static struct pty open_anew(struct bench *bench, const char *store, int columns, int rows,
                            double *frame, double *all)
{
    struct pty_wish wish = wish_of(store, columns, rows);
    remove_tree(bench->scratch, ".local");
    return keys_start(&wish, frame, all);
}

static void print_first(struct bench *bench, const char *what, const char *store, double limit_ms)
{
    double frame[STARTS], all[STARTS], work[STARTS];
    gander(bench, "ls", "--store", store);
    for (int i = 0; i < STARTS; i++) {
        struct pty pty = open_anew(bench, store, WIDE, HIGH, &frame[i], &all[i]);
        work[i] = pty_cpu(&pty);
        pty_quit(&pty);
    }
    double first = 1e3 * keys_share(frame, STARTS, 0.5);
    double whole = 1e3 * keys_share(all, STARTS, 0.5), best = 1e3 * all[0];
    printf("first screen of %-30s %7.1f ms %10s\n", what, first, "");
    printf("%-46s %7.1f ms %10s %7.0f ms %4.0f %%%s  (best %.1f ms, %.1f ms of CPU)\n",
           "  with all that it has to show", whole, "", limit_ms, 100 * whole / limit_ms,
           verdict(whole, limit_ms), best, 1e3 * median(work, STARTS));
    fflush(stdout);
}

/* --- keys --- */

struct scene {
    const char *name;
    const char *enter, *keys, *leave; /* the first and last are not timed */
};

static const struct scene scenes[] = {
    { "Runs: up, down, pages, ends", "g", "j*24 k*12 PgDn*8 PgUp*6 G k*12 PgUp*6 g l*4 h*4 P j*4 P",
      "g" },
    { "Runs: sort, filter, group, search, mark", "g",
      "o j*3 Enter j*4 O o k*3 Enter O f e x p : d c g a n Enter j*4 f ^U Enter / d c g a n Enter "
      "n*4 "
      "Space*4 U b Esc",
      "g" },
    { "Run: tabs", "g Enter 1", "Tab*20 BackTab*10 1 2 3 4 5 3 1 3 2 3 5 4 3", "1 q" },
    { "Run: grid of curves", "g Enter 2", "l*3 j*2 h*2 k Enter l*3 y*2 ]*3 [*3 ** x*2 q PgDn",
      "1 q" },
    { "Curves of a run: cursor, zoom, smoothing", "g c",
      "l*20 h*10 S-Right*5 S-Left*5 +*5 >*5 <*5 -*3 0 ]*4 [*4 y*2 **2 b*2 x*4 n*3 N*3 Tab j k",
      "q" },
    { "Samples: scrub, difference, one, more, fewer", "g S",
      "h*11 l*11 ~*2 h*4 l*4 Enter h*4 l*4 q [*3 h*4 ]*3 x*2", "q" },
    { "Compare two runs", "g Space*2 =", "a j*6 k*6 Tab*8 a 1 2 3 4 1", "q q U" },
    { "Log", "g Enter L", "k*12 j*5 PgUp PgDn g j*5 G k*5 / s t e p Enter n*3", "q q" },
    { "Diff", "g d", "j*15 k*5 PgDn*10 PgUp*4 G g ]*5 [*3", "q" },
    { "Launch: the form", "g i Enter", "j*10 k*5 Tab*2 BackTab*2", "Esc" },
    { "Help", "g ?", "j*10 k*5 PgDn*5 G g / s o r t Enter n", "q" },
};

/* Each scene is played several times: of the 99th percentiles the median is told, so that a
 * neighbour's burst is not. */
static void print_scene(struct pty *pty, const struct scene *scene, struct timings *all)
{
    enum { TIMES = 3 };
    static struct timings timings;
    double middle[TIMES], late[TIMES], work[TIMES];
    int silent = 0;
    for (int i = 0; i < TIMES; i++) {
        timings.count = timings.silent = 0;
        keys_type(pty, scene->enter, NULL);
        keys_type(pty, scene->keys, &timings);
        keys_type(pty, scene->leave, NULL);
        timings_add(all, &timings);
        middle[i] = keys_share(timings.frame, timings.count, 0.5);
        late[i] = keys_share(timings.frame, timings.count, 0.99);
        work[i] = keys_share(timings.work, timings.count, 0.99);
        silent = timings.silent;
    }
    double p99 = 1e3 * median(late, TIMES);
    printf("%-46s %7.1f ms %7.1f ms %7.0f ms %4.0f %%%s", scene->name, 1e3 * median(middle, TIMES),
           p99, KEY_MS, 100 * p99 / KEY_MS, verdict(p99, KEY_MS));
    printf("  (%d keys, %.1f ms of CPU%s)\n", timings.count, 1e3 * median(work, TIMES),
           silent > timings.count / 5 ? ", MANY SILENT" : "");
    fflush(stdout);
}

static void print_keys(struct pty *pty)
{
    static struct timings all;
    all.count = 0;
    for (int i = 0; i < ARRAY_SIZE(scenes); i++)
        print_scene(pty, &scenes[i], &all);
    dashboard_print_times("all keys, to the end of their frames", all.frame, all.count, KEY_MS);
    dashboard_print_times("  with what threads read for them", all.all, all.count, 0);
    dashboard_print_times("  CPU of the screen's thread for all of it", all.work, all.count, 0);
}

/* --- what it holds, and what it sends --- */

static void print_chart(struct pty *pty)
{
    static struct timings timings;
    timings.count = 0;
    keys_type(pty, "g j*2 c", NULL);
    keys_type(pty, "y*6 **6 b*6 ]*3 [*3 +*3 -*3 0 y **2 ]*2", &timings);
    dashboard_print_times("a chart of a million points: log, outliers, band", timings.all,
                          timings.count, 20);
    dashboard_print_times("  CPU of the screen's thread", timings.work, timings.count, 0);
    keys_type(pty, "q g", NULL);
}

static void print_held(struct pty *pty)
{
    print_one("memory after all that", (double)keys_resident(pty->pid) / 1e6, "MB", 40);
    print_one("libraries of OpenBLAS in it", keys_maps(pty->pid, "openblas"), "", 0);
}

void dashboard_print_sent(struct pty *pty, const char *what, double limit)
{
    enum { SECONDS = 10 };
    double before = pty_cpu(pty);
    size_t bytes = pty_listen(pty, 1000 * SECONDS);
    double used = pty_cpu(pty) - before;
    print_one(what, (double)bytes / SECONDS, "B/s", limit);
    if (!isnan(limit)) /* else it is another program's, with processes of its own */
        print_one("  CPU meanwhile, of one core", 100 * used / SECONDS, "%",
                  limit == 0 ? 0.1 : NAN);
}

/* The cursor is on another run than the one that is trained meanwhile. */
static void print_live(struct bench *bench, const char *store, struct pty *pty)
{
    const char *recipe = path_absolute(&bench->arena, "experiments/digits.ini");
    gander(bench, "run", "--store", store, "-s", "training.threads=1", recipe);
    pty_settle_for(pty, 1500);
    keys_type(pty, "g j*5", NULL);
    pty_listen(pty, 5000);
    dashboard_print_sent(pty, "bytes a second beside a live run", 300);
    gander(bench, "stop", "--now", "--store", store, "@");
}

/* A step of the sample scrubber over a sheet of noisy digits. */
static void print_scrubbing(struct bench *bench, const char *store)
{
    enum { STEPS = 11, COLUMNS = 80, ROWS = 24 };
    double frame, all, bytes[STEPS], changed[STEPS], sent = 0, cells_sent = 0;
    struct pty pty = open_anew(bench, store, COLUMNS, ROWS, &frame, &all);
    struct cells *cells = cells_new(COLUMNS, ROWS);
    keys_type(&pty, "g S", NULL);
    pty_settle_for(&pty, 1000);
    keys_type(&pty, "h*11", NULL);
    size_t fed = 0;
    for (int i = 0; i < STEPS; i++) {
        cells_feed(cells, pty.bytes + fed, pty.size - fed);
        cells_note(cells);
        fed = pty.size;
        keys_type(&pty, "l", NULL);
        cells_feed(cells, pty.bytes + fed, pty.size - fed);
        bytes[i] = (double)(pty.size - fed);
        changed[i] = cells_changed(cells);
        sent += bytes[i];
        cells_sent += changed[i];
        fed = pty.size;
    }
    if (cells->unknown > 0)
        printf("%d sequences are unknown\n", cells->unknown);
    print_one("a step of the scrubber at 80x24, median", keys_share(bytes, STEPS, 0.5), "B", 2000);
    print_one("  cells that it changes, median", keys_share(changed, STEPS, 0.5), "", -1);
    print_one("  bytes a changed cell, of all steps", sent / cells_sent, "B", 20);
    cells_free(cells);
    pty_quit(&pty);
}

/* --- all of it --- */

static void print_all(struct bench *bench, const char *few, const char *many)
{
    double frame, all;
    print_head();
    print_first(bench, "1,000 runs", few, 50);
    print_first(bench, "10,000 runs, 10 million points", many, 150);
    struct pty pty = open_anew(bench, many, WIDE, HIGH, &frame, &all);
    print_keys(&pty);
    print_chart(&pty);
    print_held(&pty);
    pty_settle_for(&pty, 2000);
    dashboard_print_sent(&pty, "bytes a second when idle", 0);
    print_scrubbing(bench, many); /* the newest run is still the one with noisy samples */
    print_live(bench, many, &pty);
    pty_quit(&pty);
    leet_print(bench);
}

int dashboard_print(const char *self)
{
    struct bench bench;
    if (bench_open(&bench, self) < 0)
        return 1;
    const char *few = bench_inside(&bench, "few"), *top = bench_inside(&bench, "work");
    const char *many = path_join(&bench.arena, top, ".gander");
    const char *recipe = path_absolute(&bench.arena, "experiments/mlp.ini");
    double begun = monotonic_clock();
    if (!has_room(&bench))
        printf("the dashboard: not measured (there is no room for ten million points in '%s')\n",
               bench.scratch);
    else if (make_store(few, FEW, LINES_A_RUN, METRICS_A_LINE) < 0 || make_many(top, many) < 0 ||
             !train(&bench, top, many, recipe))
        printf("the dashboard: not measured (%s)\n", error_text());
    else {
        gander(&bench, "ls", "--store", many);
        printf("stores of 1,000 and 10,003 runs, made in %.0f s\n", monotonic_clock() - begun);
        print_all(&bench, few, many);
    }
    bench_close(&bench);
    return 0;
}
