#define _GNU_SOURCE
#include "bench_keys.h"

#include <math.h>

#include "base/text.h"

/* A frame is written at one go: when nothing has come for FRAME_GAP_MS it is whole. What a thread
 * reads meanwhile follows sooner than QUIET_MS. */
enum { FRAME_GAP_MS = 3, QUIET_MS = 60, FIRST_QUIET_MS = 400 };
/* So long something is waited for at all: after a key, and from a program that starts slowly. */
enum { SILENT_MS = 1000, START_MS = 20000 };

static const char *const named[][2] = {
    { "Enter", "\r" },     { "Tab", "\t" },           { "BackTab", "\033[Z" },
    { "PgUp", "\033[5~" }, { "PgDn", "\033[6~" },     { "Space", " " },
    { "Esc", "\033" },     { "S-Left", "\033[1;2D" }, { "S-Right", "\033[1;2C" },
    { "Up", "\033OA" },    { "Down", "\033OB" },      { "^U", "\025" },
};

static const char *bytes_of(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(named); i++)
        if (strcmp(named[i][0], name) == 0)
            return named[i][1];
    return name;
}

/* Until nothing has come for so long; false if nothing came at all. */
static bool listen_until_quiet(struct pty *pty, double begun, int silent_ms, int quiet_ms,
                               double *frame, double *all)
{
    size_t before = pty->size;
    *frame = *all = NAN;
    while (!pty->is_ended) {
        bool has_come = pty->size > before;
        double since = monotonic_clock() - (has_come ? pty->heard : begun);
        int most = has_come ? quiet_ms : silent_ms,
            gap = isnan(*frame) && has_come ? FRAME_GAP_MS : most;
        if (since * 1000 >= gap && has_come && isnan(*frame))
            *frame = pty->heard - begun;
        if (since * 1000 >= most)
            break;
        pty_read(pty, 1 << 16, MAX(1, (int)(gap - since * 1000)));
    }
    if (pty->size == before)
        return false;
    *all = pty->heard - begun;
    return true;
}

/* Seconds of CPU that the screen's thread has used. */
static double work_of(const struct pty *pty)
{
    char path[PATH_MAX];
    unsigned long long used = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", pty->pid, pty->pid);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%llu", &used) != 1)
        used = 0;
    if (file)
        fclose(file);
    return (double)used / 1e9;
}

static void type_one(struct pty *pty, const char *key, struct timings *timings)
{
    double frame, all, before = work_of(pty), begun = monotonic_clock();
    pty_type(pty, bytes_of(key));
    bool has_come = listen_until_quiet(pty, begun, SILENT_MS, QUIET_MS, &frame, &all);
    if (!timings || timings->count == KEYS_MOST)
        return;
    timings->silent += !has_come;
    if (!has_come)
        return;
    timings->frame[timings->count] = frame;
    timings->work[timings->count] = work_of(pty) - before;
    timings->all[timings->count++] = all;
}

void keys_type(struct pty *pty, const char *keys, struct timings *timings)
{
    char name[32];
    for (int length; *keys; keys += length + (keys[length] == ' ')) {
        length = (int)strcspn(keys, " ");
        snprintf(name, sizeof name, "%.*s", length, keys);
        char *times = length > 1 ? strchr(name, '*') : NULL;
        int count = times ? (int)strtol(times + 1, NULL, 10) : 1;
        if (times)
            *times = '\0';
        for (int i = 0; i < count && !pty->is_ended; i++)
            type_one(pty, name, timings);
    }
}

void timings_add(struct timings *to, const struct timings *from)
{
    size_t count = (size_t)MIN(from->count, KEYS_MOST - to->count);
    memcpy(to->frame + to->count, from->frame, count * sizeof *to->frame);
    memcpy(to->all + to->count, from->all, count * sizeof *to->all);
    memcpy(to->work + to->count, from->work, count * sizeof *to->work);
    to->count += (int)count;
    to->silent += from->silent;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double keys_share(double *values, int count, double share)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return count ? values[MAX((int)ceil(share * count), 1) - 1] : NAN;
}

struct pty keys_start(const struct pty_wish *wish, double *frame, double *all)
{
    double begun = monotonic_clock();
    struct pty pty = pty_start(wish);
    listen_until_quiet(&pty, begun, START_MS, FIRST_QUIET_MS, frame, all);
    return pty;
}

/* --- what it holds --- */

static int64_t resident_of(pid_t pid)
{
    char path[PATH_MAX];
    long long size, pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%lld %lld", &size, &pages) != 2)
        pages = 0;
    if (file)
        fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

int64_t keys_resident(pid_t pid)
{
    char path[PATH_MAX];
    int child;
    int64_t bytes = resident_of(pid);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "r");
    while (file && fscanf(file, "%d", &child) == 1)
        bytes += keys_resident(child);
    if (file)
        fclose(file);
    return bytes;
}

bool keys_maps(pid_t pid, const char *library)
{
    char path[PATH_MAX], *text;
    size_t size;
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    if (file_read_start(path, 1 << 24, &text, &size) < 0)
        return false;
    bool holds = strcasestr(text, library) != NULL;
    free(text);
    return holds;
}
