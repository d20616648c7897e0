/* What a training uses: of processes as /proc has it, of GPUs as nvidia-smi says, whatever that is. */
#define _GNU_SOURCE
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "run/usage.h"
#include "testing.h"

static char *old_path;

static int enter(void **state)
{
    if (scratch_enter(state) < 0)
        return -1;
    old_path = xstrdup(getenv("PATH"));
    char *path = xasprintf("%s:%s", scratch_path, old_path);
    setenv("PATH", path, 1);
    free(path);
    return 0;
}

static int leave(void **state)
{
    setenv("PATH", old_path, 1);
    free(old_path);
    return scratch_leave(state);
}

static void be_nvidia_smi(const char *script)
{
    char *text = xasprintf("#!/bin/sh\n%s\n", script);
    assert_int_equal(file_replace("nvidia-smi", text, strlen(text)), 0);
    assert_int_equal(chmod("nvidia-smi", 0755), 0);
    free(text);
}

static double value_of(const struct metric *values, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(values[i].name, name) == 0)
            return values[i].value;
    return NAN;
}

/* Looks until it has been told of GPUs, or a second is over. */
static void look_for_gpu(struct usage *usage, double *gpu, double *memory)
{
    struct metric values[USAGE_VALUES];
    *gpu = *memory = NAN;
    double deadline = monotonic_clock() + 1;
    for (int i = 0; i < 3 || (isnan(*gpu) && monotonic_clock() < deadline); i++) {
        int count = usage_sample(usage, i, values);
        *gpu = value_of(values, count, "gpu");
        *memory = value_of(values, count, "gpu_memory");
        pause_ms(isnan(*gpu) ? 10 : 0);
    }
}

static void answers_of_gpus_are_taken_or_left(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        double gpu, megabytes; /* NaN: none */
    } cases[] = {
        { "echo '37, 1024'", 37, 1024 },
        { "echo '10, 1'; echo '30, 2'", 20, 3 },
        { "echo '[N/A], [N/A]'; echo '30, 2'", 30, 2 },
        { "echo 'nan, nan'; echo '-5, 3'; echo '500, 1'; echo '5, inf'", NAN, NAN },
        { "echo 'NVIDIA-SMI has failed: no driver'; exit 9", NAN, NAN },
        { "echo '37, 1024'; exit 1", NAN, NAN },
        { "printf '\\033[2J\\000\\377%%n, ,,'", NAN, NAN },
        { "head -c 300000 /dev/zero | tr '\\000' 9", NAN, NAN },
        { "true", NAN, NAN },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        double gpu, memory;
        be_nvidia_smi(cases[i].script);
        struct usage *usage = usage_new(getpid());
        look_for_gpu(usage, &gpu, &memory);
        usage_free(usage);
        assert_true(isnan(cases[i].gpu) ? isnan(gpu) : gpu == cases[i].gpu);
        assert_true(isnan(cases[i].gpu) ? isnan(memory)
                                        : memory == cases[i].megabytes * 1024 * 1024);
    }
}

/* The second time it hangs: what it said the first time is not said for ever. */
static void gpu_that_hangs_is_not_believed(void **state)
{
    (void)state;
    struct metric values[USAGE_VALUES];
    double gpu, memory;
    be_nvidia_smi("[ -e again ] && exec sleep 1000; touch again; echo '50, 1'");
    struct usage *usage = usage_new(getpid());
    look_for_gpu(usage, &gpu, &memory);
    assert_true(gpu == 50);
    double begun = monotonic_clock();
    for (int i = 0; i < 12; i++) {
        int count = usage_sample(usage, 10 + i, values);
        gpu = value_of(values, count, "gpu");
        pause_ms(2);
    }
    assert_true(isnan(gpu));
    assert_true(monotonic_clock() - begun < 1);
    usage_free(usage);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left */
}

static void descendants_are_counted(void **state)
{
    (void)state;
    struct metric values[USAGE_VALUES];
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0)
            for (;;)
                ;
        for (;;)
            pause();
    }
    struct usage *usage = usage_new(child);
    double begun = monotonic_clock(), cpu = 0;
    usage_sample(usage, begun, values);
    while (cpu < 5 && monotonic_clock() < begun + 20) {
        pause_ms(300);
        int count = usage_sample(usage, monotonic_clock(), values);
        cpu = value_of(values, count, "cpu");
    }
    assert_true(cpu >= 5 && cpu < 150);
    usage_free(usage);
    char *children = xasprintf("/proc/%d/task/%d/children", (int)child, (int)child), *text;
    size_t size;
    if (file_read(children, 4096, &text, &size) == 0) {
        kill((pid_t)strtol(text, NULL, 10), SIGKILL);
        free(text);
    }
    free(children);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_of_gpus_are_taken_or_left, enter, leave),
        cmocka_unit_test_setup_teardown(gpu_that_hangs_is_not_believed, enter, leave),
        cmocka_unit_test_setup_teardown(descendants_are_counted, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
