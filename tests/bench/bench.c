/* make bench: how fast it is, beside limits and peers in the same run.
 *
 *     bench              all of it
 *     bench training     steps a second, beside sgemm and PyTorch
 *     bench runs         launching, listing, ingesting, charting, pinning, beside limits
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

int main(int count, char **words)
{
    enum { WRONG_USAGE = 2 };
    bool is_all = count == 1, is_one = count == 2;
    bool with_training = is_all || (is_one && strcmp(words[1], "training") == 0);
    bool with_runs = is_all || (is_one && strcmp(words[1], "runs") == 0);
    if (with_training || with_runs) {
        int status = with_runs ? runs_print(words[0]) : 0;
        if (is_all)
            printf("\n");
        return (with_training ? training_print(words[0]) : 0) || status;
    }
    int status = training_measure(count - 1, words + 1);
    if (status < 0)
        status = runs_measure(count - 1, words + 1);
    return status < 0 ? WRONG_USAGE : status;
}
