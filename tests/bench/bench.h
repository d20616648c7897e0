/* What the parts of the benchmark share; bench.c is its main. */
#ifndef GANDER_TESTS_BENCH_H
#define GANDER_TESTS_BENCH_H

#include "base/base.h"

double median(double *values, int count); /* sorts them; NaN of none */

/* The number that a command of the shell prints; NaN if it fails. */
double ask(const char *command);

/* $GANDER_TEST_PYTHON, or python3. */
const char *bench_python(void);

/* --- bench_training.c: steps a second, beside sgemm and PyTorch --- */

/* One figure, in a process of its own: "sgemm THREADS" or "step CASE THREADS". -1 if the words are
 * none of these, else an exit status. */
int training_measure(int count, char **words);
int training_print(const char *self);

/* --- bench_runs.c: launching, listing, ingesting, charting, pinning, beside limits --- */

/* "snapshot DIRECTORY": in a process of its own. As above. */
int runs_measure(int count, char **words);
int runs_print(const char *self);

/* --- bench_evaluation.c: the share of a training that evaluations take --- */

/* "evaluate RECIPE THREADS": three figures, in a process of its own. As above. */
int evaluation_measure(int count, char **words);
int evaluation_print(const char *self);

/* --- bench_store.c: what is measured, in a directory --- */

/* A store of runs that have ended, each with `lines` reports of METRICS_A_LINE metrics. */
enum { METRICS_A_LINE = 8 };
int make_store(const char *path, int runs, int lines);

/* A git repository with so many small files, committed; ERR_NOT_FOUND without git. */
int make_repository(const char *path, int files);

#endif
