/* Steps per second of the real trainer, beside what sgemm and PyTorch reach just then.
 *
 * Each figure is taken by a process of its own (`bench sgemm 2`, `bench step dense 1`), so that no
 * pool of threads disturbs another; they take turns, and medians are printed, so that a noisy
 * neighbour meets all alike. The peer is tests/bench/peer.py under $GANDER_TEST_PYTHON (python3);
 * where it cannot import torch, its columns say "not measured". */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "bench.h"
#include "data/dataset.h"
#include "gan/trainer.h"
#include "nn/blas.h"
#include "nn/pool.h"
#include "record/recipe.h"
#include "run/plan.h"

enum { ROUNDS = 3, BATCH = 64, IMAGES = 6400 };

#define CASE(g, d)                                                                                 \
    "[experiment]\nname = bench\n[data]\nsource = digits\n[generator]\nlayers = " g                \
    "\n[discriminator]\nlayers = " d                                                               \
    "\n[training]\nobjective = non-saturating\npenalty = none\nrate = 0.0001\nbatch = 64\nsteps "  \
    "= 1000000\naverage = 0.999\n"

static const struct bench_case {
    const char *name;
    const char *recipe; /* NULL: experiments/digits.ini */
} cases[] = {
    { "dense", CASE("dense 128 | lrelu | dense 256 | norm | lrelu | dense 512 | norm | lrelu | "
                    "dense 1024 | norm | lrelu | dense 784 "
                    "| tanh | reshape 1x28x28",
                    "flatten | dense 512 | lrelu | dense 256 | lrelu | dense 1") },
    { "convolutional", CASE("dense 6272 | reshape 128x7x7 | norm | relu | upconv 64 4/2 | norm | "
                            "relu | upconv 1 4/2 | tanh",
                            "conv 64 4/2 | lrelu | conv 128 4/2 | lrelu | flatten | dense 1") },
    { "digits", NULL },
};

/* --- in a process of its own --- */

static int read_case(struct recipe *recipe, const struct bench_case *which, int threads)
{
    char setting[40];
    const char *settings[] = { setting };
    snprintf(setting, sizeof setting, "training.threads=%d", threads);
    return which->recipe ? recipe_parse(recipe, which->recipe, strlen(which->recipe), which->name,
                                        settings, 1)
                         : recipe_read(recipe, "experiments/digits.ini", settings, 1);
}

/* Seconds a step, the median of some batches of steps. */
static int time_steps(struct trainer *trainer, double *seconds)
{
    enum { BATCHES = 7 };
    double times[BATCHES];
    struct step_report report;
    int code = 0, steps = 1;
    for (double begin = monotonic_clock(); code == 0 && monotonic_clock() - begin < 0.5;
         steps++) /* warms up, and finds how many are half a second */
        code = trainer_step(trainer, &report, false);
    for (int i = 0; i < BATCHES && code == 0; i++) {
        double begin = monotonic_clock();
        for (int k = 0; k < steps && code == 0; k++)
            code = trainer_step(trainer, &report, false);
        times[i] = (monotonic_clock() - begin) / steps;
    }
    *seconds = median(times, BATCHES);
    return code;
}

static int measure_step(const struct bench_case *which, int threads)
{
    struct recipe recipe;
    struct dataset *set;
    struct trainer *trainer;
    double seconds;
    if (read_case(&recipe, which, threads) < 0 ||
        dataset_open(&set, "digits", DATASET_TRAIN, IMAGES, 1) < 0 ||
        trainer_new(&trainer, &recipe, set) < 0 || time_steps(trainer, &seconds) < 0) {
        fprintf(stderr, "bench: %s\n", error_text());
        return 1;
    }
    printf("%.9g\n", seconds);
    return 0;
}

struct product { /* of 2048 cubed, its columns shared out */
    float *a, *b, *c;
};

enum { SIDE = 2048 };

static void multiply(const struct team *team, void *context)
{
    struct product *p = context;
    struct range n = team_range(team, SIDE, 64);
    blas_sgemm(false, false, SIDE, n.end - n.begin, SIDE, 1, p->a, SIDE, p->b + n.begin, SIDE, 0,
               p->c + n.begin, SIDE);
}

static int measure_sgemm(int threads)
{
    enum { REPEATS = 5 };
    struct pool *pool;
    double times[REPEATS];
    size_t count = (size_t)SIDE * SIDE;
    struct product p = { float_block_new(count), float_block_new(count), float_block_new(count) };
    if (blas_load() < 0 || pool_new(&pool, threads) < 0)
        return 1;
    for (size_t i = 0; i < count; i++)
        p.a[i] = p.b[i] = (float)(i % 7) * 0.1f;
    pool_run(pool, multiply, &p);
    for (int i = 0; i < REPEATS; i++) {
        double begin = monotonic_clock();
        pool_run(pool, multiply, &p);
        times[i] = monotonic_clock() - begin;
    }
    printf("%.9g\n", median(times, REPEATS));
    return 0;
}

/* --- all of them --- */

static double ask_self(const char *self, const char *what, int threads)
{
    char command[512];
    snprintf(command, sizeof command, "'%s' %s %d", self, what, threads);
    return ask(command);
}

static double ask_peer(const char *name, int threads, const char *mode)
{
    char command[512];
    snprintf(command, sizeof command, "'%s' tests/bench/peer.py %s %d %s 2>/dev/null",
             bench_python(), name, threads, mode);
    return ask(command);
}

static double step_gflop(const struct bench_case *which)
{
    struct recipe recipe;
    struct plan plan;
    struct game_images images = { .height = 28, .width = 28 };
    if (read_case(&recipe, which, 1) < 0 || plan_init(&plan, &recipe, &images, 1) < 0)
        return NAN;
    double gflop = plan.step_flop * 1e-9;
    plan_release(&plan);
    recipe_release(&recipe);
    return gflop;
}

static void print_peer(double seconds, double ours)
{
    if (isnan(seconds))
        printf("  %14s", "not measured");
    else
        printf("  %7.2f %5.2fx", 1 / seconds, seconds / ours);
}

static void print_case(const char *self, const struct bench_case *which, int threads)
{
    double ours[ROUNDS], peak[ROUNDS], gflop = step_gflop(which), sgemm = 2e-9 * SIDE * SIDE * SIDE;
    char what[64];
    snprintf(what, sizeof what, "step %s", which->name);
    for (int i = 0; i < ROUNDS; i++) {
        peak[i] = sgemm / ask_self(self, "sgemm", threads);
        ours[i] = ask_self(self, what, threads);
    }
    double seconds = median(ours, ROUNDS), reached = median(peak, ROUNDS);
    printf("%-14s %d %9.2f %8.1f %8.1f %5.0f %%", which->name, threads, 1 / seconds,
           gflop / seconds, reached, 100 * gflop / seconds / reached);
    print_peer(ask_peer(which->name, threads, "eager"), seconds);
    print_peer(ask_peer(which->name, threads, "compile"), seconds);
    printf("\n");
    fflush(stdout);
}

int training_print(const char *self)
{
    if (blas_load() < 0)
        return 1;
    printf("batch %d; OpenBLAS kernel %s; steps/s, and how many times PyTorch's\n\n", BATCH,
           blas_kernel());
    printf("%-14s %s %9s %8s %8s %7s  %14s  %14s\n", "", "T", "steps/s", "GFLOP/s", "sgemm",
           "share", "torch eager", "torch compile");
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        for (int threads = 1; threads <= 2; threads++)
            print_case(self, &cases[i], threads);
    return 0;
}

int training_measure(int count, char **words)
{
    unsetenv("OPENBLAS_CORETYPE"); /* the peak is that of the best kernel, not of one that the
                                      machine was given */
    if (count == 2 && strcmp(words[0], "sgemm") == 0)
        return measure_sgemm((int)strtol(words[1], NULL, 10));
    for (int i = 0; i < ARRAY_SIZE(cases) && count == 3 && strcmp(words[0], "step") == 0; i++)
        if (strcmp(words[1], cases[i].name) == 0)
            return measure_step(&cases[i], (int)strtol(words[2], NULL, 10));
    return -1;
}
