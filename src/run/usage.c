#define _GNU_SOURCE
#include "run/usage.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"

enum { PROCESS_LIMIT = 4096, GPU_FAILURES = 3, GPU_PATIENCE = 4, TEXT_LIMIT = 1 << 16 };

struct gpu_answer {
    double use, memory; /* NaN: unknown */
};

struct usage {
    int64_t root;
    double seconds, cpu_seconds; /* of the last call; seconds < 0 before it */
    pid_t asking;                /* nvidia-smi; 0: nobody is asked */
    int answer_fd;
    int looks;        /* how often its answer was looked for in vain */
    int gpu_failures; /* in a row */
    struct gpu_answer gpu;
};

struct usage *usage_new(int64_t pid)
{
    struct usage *usage = xcalloc(1, sizeof *usage);
    *usage = (struct usage){ .root = pid, .seconds = -1, .gpu = { NAN, NAN } };
    if (!process_exists("nvidia-smi"))
        usage->gpu_failures = GPU_FAILURES;
    return usage;
}

void usage_free(struct usage *usage)
{
    if (!usage)
        return;
    if (usage->asking > 0) {
        kill(usage->asking, SIGKILL);
        waitpid(usage->asking, NULL, 0);
        close(usage->answer_fd);
    }
    free(usage);
}

/* The text of a small file of /proc or /sys; NULL where there is none. Free it. */
static char *read_text(const char *path)
{
    char *text;
    size_t size;
    return file_read(path, TEXT_LIMIT, &text, &size) == 0 ? text : NULL;
}

/* --- processes --- */

struct use {
    double cpu_seconds, memory_bytes;
};

static struct use process_use(int64_t pid)
{
    char path[64];
    struct use use = { 0 };
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    char *text = read_text(path);
    /* the name stands in parentheses and may hold any; see proc(5) for the numbers after it */
    const char *rest = text ? strrchr(text, ')') : NULL;
    unsigned long long user, system;
    long long waited_user, waited_system, pages;
    if (rest && sscanf(rest,
                       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld "
                       "%*d %*d %*d %*d %*u %*u %lld",
                       &user, &system, &waited_user, &waited_system, &pages) == 5) {
        use.cpu_seconds =
            (double)((long long)user + (long long)system + waited_user + waited_system) /
            (double)sysconf(_SC_CLK_TCK);
        use.memory_bytes = (double)pages * (double)sysconf(_SC_PAGESIZE);
    }
    free(text);
    return use;
}

/* Puts the children of one thread behind the others; returns the new count. */
static int add_children(int64_t *pids, int count, int64_t pid, const char *thread)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/%lld/task/%s/children", (long long)pid, thread);
    char *text = read_text(path), *next = text;
    while (next && count < PROCESS_LIMIT) {
        char *end;
        long long child = strtoll(next, &end, 10);
        if (end == next)
            break;
        pids[count++] = child;
        next = end;
    }
    free(text);
    return count;
}

static struct use tree_use(int64_t root)
{
    struct use all = { 0 };
    int64_t *pids = xcalloc(PROCESS_LIMIT, sizeof *pids);
    int count = 1;
    pids[0] = root;
    for (int i = 0; i < count; i++) {
        struct arena arena = { 0 };
        struct use one = process_use(pids[i]);
        char **threads;
        int thread_count = 0;
        all.cpu_seconds += one.cpu_seconds;
        all.memory_bytes += one.memory_bytes;
        if (list_directory(&arena, arena_printf(&arena, "/proc/%lld/task", (long long)pids[i]), "",
                           &threads, &thread_count) == 0)
            for (int t = 0; t < thread_count; t++)
                count = add_children(pids, count, pids[i], threads[t]);
        arena_release(&arena);
    }
    free(pids);
    return all;
}

/* --- GPUs --- */

/* Lines of "37, 1024": percent, and MiB in use. What a GPU cannot tell is "[N/A]". */
static bool read_gpu_answer(const char *text, struct gpu_answer *out)
{
    double use, memory, uses = 0, memories = 0;
    int count = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (sscanf(line, " %lf , %lf", &use, &memory) == 2 && use >= 0 && use <= 100 &&
            memory >= 0 && memory < 1e9) {
            uses += use;
            memories += memory;
            count++;
        }
    if (count == 0)
        return false;
    *out = (struct gpu_answer){ uses / count, memories * 1024 * 1024 };
    return true;
}

static void ask_gpu(struct usage *usage)
{
    const char *argv[] = { "nvidia-smi", "--query-gpu=utilization.gpu,memory.used",
                           "--format=csv,noheader,nounits", NULL, NULL };
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    struct arena arena = { 0 };
    if (visible && *visible)
        argv[3] = arena_printf(&arena, "--id=%s", visible);
    usage->looks = 0;
    usage->answer_fd = memfd_create("nvidia-smi", MFD_CLOEXEC);
    if (usage->answer_fd >= 0 &&
        process_start(&usage->asking,
                      &(struct process){ .argv = argv, .output = usage->answer_fd }) < 0) {
        usage->asking = 0;
        close(usage->answer_fd);
        usage->gpu_failures = GPU_FAILURES;
    }
    arena_release(&arena);
}

static void hear_gpu(struct usage *usage)
{
    char text[4096];
    int status;
    if (usage->asking == 0)
        return;
    if (waitpid(usage->asking, &status, WNOHANG) == 0) {
        /* what it said before is old by now; it may hang for as long as the driver does */
        if (++usage->looks == GPU_PATIENCE) {
            usage->gpu = (struct gpu_answer){ NAN, NAN };
            kill(usage->asking, SIGKILL);
        }
        return;
    }
    ssize_t length = pread(usage->answer_fd, text, sizeof text - 1, 0);
    text[MAX(length, 0)] = '\0';
    close(usage->answer_fd);
    usage->asking = 0;
    bool is_answer =
        WIFEXITED(status) && WEXITSTATUS(status) == 0 && read_gpu_answer(text, &usage->gpu);
    if (!is_answer)
        usage->gpu = (struct gpu_answer){ NAN, NAN };
    usage->gpu_failures = is_answer ? 0 : usage->gpu_failures + 1;
}

int usage_sample(struct usage *usage, double seconds, struct metric values[USAGE_VALUES])
{
    struct use now = tree_use(usage->root);
    int count = 0;
    double elapsed = seconds - usage->seconds;
    if (usage->seconds >= 0 && elapsed > 0) {
        double share = (now.cpu_seconds - usage->cpu_seconds) / elapsed;
        values[count++] = (struct metric){ "cpu", round(MAX(share, 0) * 1000) / 10 };
    }
    usage->seconds = seconds;
    usage->cpu_seconds = now.cpu_seconds;
    values[count++] = (struct metric){ "memory", now.memory_bytes };
    hear_gpu(usage);
    if (usage->asking == 0 && usage->gpu_failures < GPU_FAILURES)
        ask_gpu(usage);
    if (isfinite(usage->gpu.use)) {
        values[count++] = (struct metric){ "gpu", round(usage->gpu.use * 10) / 10 };
        values[count++] = (struct metric){ "gpu_memory", usage->gpu.memory };
    }
    return count;
}

/* --- killed for want of memory --- */

/* The number that follows `key` at the start of a line; -1. */
static int64_t find_count(const char *path, const char *key)
{
    char *text = read_text(path);
    size_t length = strlen(key);
    int64_t found = -1;
    for (const char *line = text; line && *line && found < 0;) {
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            found = strtoll(line + length, NULL, 10);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    free(text);
    return found;
}

/* "N:memory:/path" of the first version, "0::/path" of the second. */
static int64_t group_kills(void)
{
    static const struct {
        const char *key, *root, *file;
    } versions[] = { { ":memory:", "/sys/fs/cgroup/memory", "memory.oom_control" },
                     { "0::", "/sys/fs/cgroup", "memory.events" } };
    struct arena arena = { 0 };
    char *text = read_text("/proc/self/cgroup");
    int64_t kills = -1;
    for (int i = 0; text && kills < 0 && i < ARRAY_SIZE(versions); i++) {
        const char *at = strstr(text, versions[i].key);
        if (!at)
            continue;
        at += strlen(versions[i].key);
        const char *path = arena_printf(&arena, "%s%.*s/%s", versions[i].root,
                                        (int)strcspn(at, "\n"), at, versions[i].file);
        kills = find_count(path, "oom_kill");
    }
    free(text);
    arena_release(&arena);
    return kills;
}

struct memory_kills usage_memory_kills(void)
{
    return (struct memory_kills){ .in_group = group_kills(),
                                  .in_all = find_count("/proc/vmstat", "oom_kill") };
}
