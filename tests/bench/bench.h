/* What the parts of the benchmark share; bench.c is its main. */
#ifndef GANDER_TESTS_BENCH_H
#define GANDER_TESTS_BENCH_H

#include "base/base.h"
#include "base/memory.h"

double median(double *values, int count); /* sorts them; NaN of none */

/* The number that a command of the shell prints; NaN if it fails. */
double ask(const char *command);

/* $GANDER_TEST_PYTHON, or python3. */
const char *bench_python(void);

/* --- bench_scratch.c: a directory in which all of it happens --- */

struct bench {
    struct arena arena;
    const char *self, *program; /* this program, and gander */
    char *scratch;              /* the home, too */
    const char *directory;      /* where a gander is started; NULL: there */
    int null;                   /* /dev/null */
};

/* Of nothing that the user has set or stored. Below 0: no directory can be made. */
int bench_open(struct bench *bench, const char *self);
void bench_close(struct bench *bench); /* with all that lies in the directory */
const char *bench_inside(struct bench *bench, const char *name);

/* Seconds that a gander takes which is started there; NaN where it fails. The words end with a
 * NULL. */
double bench_gander(struct bench *bench, const char *const *words);
#define gander(bench, ...) bench_gander(bench, (const char *const[]){ __VA_ARGS__, NULL })

/* --- bench_training.c: steps a second, beside sgemm and PyTorch --- */

/* One figure, in a process of its own: "sgemm THREADS" or "step CASE THREADS". -1 if the words are
 * none of these, else an exit status. */
int training_measure(int count, char **words);
int training_print(const char *self);

/* --- bench_runs.c: launching, listing, ingesting, charting, pinning, beside limits --- */

/* "snapshot DIRECTORY": in a process of its own. As above. */
int runs_measure(int count, char **words);
int runs_print(const char *self);

/* --- bench_dashboard.c: the dashboard in a pseudo-terminal, beside limits --- */

int dashboard_print(const char *self);

/* --- bench_leet.c: W&B LEET in the same, where GANDER_BENCH_WANDB names a python that has wandb --- */

void leet_print(struct bench *bench);

/* --- bench_evaluation.c: the share of a training that evaluations take --- */

/* "evaluate RECIPE THREADS": three figures, in a process of its own. As above. */
int evaluation_measure(int count, char **words);
int evaluation_print(const char *self);

/* --- bench_store.c: what is measured, in a directory --- */

/* A store of runs that have ended, each with `lines` reports of METRICS_A_LINE metrics at
 * most. */
enum { METRICS_A_LINE = 8 };
int make_store(const char *path, int runs, int lines, int metrics);
/* One more in a store that was made so, with the next number. */
int make_one_run(const char *path, int number, int lines, int metrics);

/* A git repository with so many small files, committed; ERR_NOT_FOUND without git. */
int make_repository(const char *path, int files);

#endif
