#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "bench.h"

/* Nothing of the user's: neither settings nor stores. */
static void clear_environment(const struct bench *bench)
{
    static const char *const names[] = { "GANDER_DIR",     "GANDER_CATALOGUE", "GANDER_SLOTS",
                                         "GANDER_NOW",     "XDG_CONFIG_HOME",  "XDG_CACHE_HOME",
                                         "XDG_STATE_HOME", "NO_COLOR",         "TMUX" };
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        unsetenv(names[i]);
    setenv("HOME", bench->scratch, 1);
    setenv("GANDER_TEST_PROGRAM", bench->program, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
}

int bench_open(struct bench *bench, const char *self)
{
    const char *root = getenv("TMPDIR"), *program = getenv("GANDER_TEST_PROGRAM");
    *bench = (struct bench){ .null = open("/dev/null", O_WRONLY | O_CLOEXEC) };
    bench->self = path_absolute(&bench->arena, self);
    bench->program = path_absolute(&bench->arena, program ? program : "build/gander");
    bench->scratch =
        arena_printf(&bench->arena, "%s/gander-bench-XXXXXX", root && *root ? root : "/tmp");
    if (!mkdtemp(bench->scratch) || bench->null < 0)
        return -1;
    clear_environment(bench);
    return 0;
}

void bench_close(struct bench *bench)
{
    *strrchr(bench->scratch, '/') = '\0';
    remove_tree(bench->scratch, bench->scratch + strlen(bench->scratch) + 1);
    close(bench->null);
    arena_release(&bench->arena);
}

const char *bench_inside(struct bench *bench, const char *name)
{
    return path_join(&bench->arena, bench->scratch, name);
}

double bench_gander(struct bench *bench, const char *const *words)
{
    enum { WORDS = 16 };
    const char *argv[WORDS + 2] = { "gander" };
    for (int i = 0; i < WORDS && words[i]; i++)
        argv[i + 1] = words[i];
    struct process what = { .argv = argv,
                            .program = bench->program,
                            .directory = bench->directory ? bench->directory : bench->scratch,
                            .output = bench->null };
    struct process_result result;
    double begin = monotonic_clock();
    bool is_done = process_run(&result, &what) == 0 && process_succeeded(&result);
    return is_done ? monotonic_clock() - begin : NAN;
}
