/* make bench: how fast it is, beside limits and peers in the same run.
 *
 *     bench              all of it
 *     bench training     steps a second, beside sgemm and PyTorch
 *     bench runs         launching, listing, ingesting, charting, pinning, beside limits
 *     bench evaluation   what measuring samples costs a training
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
    int (*measure)(int count, char **words);
} parts[] = {
    { "runs", runs_print, runs_measure },
    { "training", training_print, training_measure },
    { "evaluation", evaluation_print, evaluation_measure },
};

static int print_all(const char *self)
{
    int status = 0;
    for (int i = 0; i < ARRAY_SIZE(parts); i++) {
        if (i > 0)
            printf("\n");
        status |= parts[i].print(self);
    }
    return status;
}

int main(int count, char **words)
{
    enum { WRONG_USAGE = 2 };
    int status = -1;
    if (count == 1)
        return print_all(words[0]);
    for (int i = 0; i < ARRAY_SIZE(parts) && count == 2; i++)
        if (strcmp(words[1], parts[i].name) == 0)
            return parts[i].print(words[0]);
    for (int i = 0; i < ARRAY_SIZE(parts) && status < 0; i++)
        status = parts[i].measure(count - 1, words + 1);
    return status < 0 ? WRONG_USAGE : status;
}
