/* make bench: how fast it is, beside limits and peers in the same run.
 *
 *     bench              all of it
 *     bench training     steps a second, beside sgemm and PyTorch
 *     bench runs         launching, listing, ingesting, charting, pinning, beside limits
 *     bench evaluation   what measuring samples costs a training
 *     bench dashboard    its first screen, its keys, what it holds and sends, beside limits and
 *                        W&B LEET, where GANDER_BENCH_WANDB names a python that has wandb
 *
 * Other words are how it asks itself for one figure in a process of its own. */
#define _GNU_SOURCE
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return count ? values[count / 2] : NAN;
}

double ask(const char *command)
{
    double value = NAN;
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return NAN;
    if (fscanf(pipe, "%lf", &value) != 1)
        value = NAN;
    return pclose(pipe) == 0 ? value : NAN;
}

const char *bench_python(void)
{
    const char *python = getenv("GANDER_TEST_PYTHON");
    return python ? python : "python3";
}

static const struct {
    const char *name;
    int (*print)(const char *self);
} parts[] = {
    { "runs", runs_print },
    { "dashboard", dashboard_print },
    { "training", training_print },
    { "evaluation", evaluation_print },
};

static int print_parts(const char *self, const char *name)
{
    int status = 0;
    for (int i = 0; i < ARRAY_SIZE(parts); i++) {
        if (name && strcmp(parts[i].name, name) != 0)
            continue;
        status = parts[i].print(self) || status;
        if (!name && i + 1 < ARRAY_SIZE(parts))
            printf("\n");
    }
    return status;
}

static bool is_part(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(parts); i++)
        if (strcmp(parts[i].name, name) == 0)
            return true;
    return false;
}

int main(int count, char **words)
{
    enum { WRONG_USAGE = 2 };
    if (count == 1 || (count == 2 && is_part(words[1])))
        return print_parts(words[0], count == 1 ? NULL : words[1]);
    int status = training_measure(count - 1, words + 1);
    if (status < 0)
        status = runs_measure(count - 1, words + 1);
    if (status < 0)
        status = evaluation_measure(count - 1, words + 1);
    return status < 0 ? WRONG_USAGE : status;
}
