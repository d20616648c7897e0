#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/tensors.h"
#include "base/text.h"
#include "run/journal.h"
#include "run/rundir.h"

#define SAMPLE_SUFFIX ".png"
#define CHECKPOINT_SUFFIX ".safetensors"

char *run_sample_path(struct arena *arena, const char *directory, int64_t step)
{
    return arena_printf(arena, "%s/samples/%08lld" SAMPLE_SUFFIX, directory, (long long)step);
}

char *run_checkpoint_path(struct arena *arena, const char *directory, int64_t step)
{
    return arena_printf(arena, "%s/checkpoints/%08lld" CHECKPOINT_SUFFIX, directory,
                        (long long)step);
}

/* The step in a name: its last number. -1 if there is none. */
static int64_t step_of(struct arena *arena, const char *name, const char *suffix)
{
    size_t end = strlen(name) - strlen(suffix);
    while (end > 0 && (name[end - 1] < '0' || name[end - 1] > '9'))
        end--;
    size_t start = end;
    while (start > 0 && name[start - 1] >= '0' && name[start - 1] <= '9')
        start--;
    int64_t step;
    const char *digits = arena_strndup(arena, name + start, end - start);
    return *digits && parse_integer(digits, &step) == 0 ? step : -1;
}

static int compare_steps(const void *a, const void *b)
{
    int64_t left = ((const struct run_file *)a)->step, right = ((const struct run_file *)b)->step;
    return (left > right) - (left < right);
}

static int list_files(struct arena *arena, const char *folder, const char *suffix,
                      struct run_file **files, int *count)
{
    char **names;
    int name_count = 0;
    *files = NULL;
    *count = 0;
    int error = list_directory(arena, folder, suffix, &names, &name_count);
    if (error)
        return error == ERR_NOT_FOUND ? 0 : error;
    *files = arena_alloc(arena, (size_t)name_count, sizeof **files);
    for (int i = 0; i < name_count; i++) {
        int64_t step = step_of(arena, names[i], suffix);
        if (step >= 0)
            (*files)[(*count)++] = (struct run_file){ step, path_join(arena, folder, names[i]) };
    }
    qsort(*files, (size_t)*count, sizeof **files, compare_steps);
    return 0;
}

int run_list_step_files(struct arena *arena, const char *folder, struct run_file **files,
                        int *count)
{
    int error = list_files(arena, folder, "", files, count);
    int kept = 0;
    for (int i = 0; i < *count; i++)
        if (!strstr(path_base((*files)[i].path), ".tmp-"))
            (*files)[kept++] = (*files)[i];
    *count = kept;
    return error;
}

/* What the journal says of each file. */
struct mention {
    const char *directory;
    const struct run_file *files; /* by the step in their names */
    int count;
    bool *mentioned, *live; /* (count): in any line, in a line that counts */
};

/* The file that a line names; -1 if there is none. */
static int find_file(struct arena *arena, const struct mention *mention, const char *sample)
{
    const char *path = path_join(arena, mention->directory, sample);
    int64_t step =
        strlen(sample) > strlen(SAMPLE_SUFFIX) ? step_of(arena, sample, SAMPLE_SUFFIX) : -1;
    int low = 0, high = mention->count;
    while (low < high) { /* the first of its step */
        int middle = low + (high - low) / 2;
        if (mention->files[middle].step < step)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < mention->count && mention->files[low].step == step; low++)
        if (strcmp(mention->files[low].path, path) == 0)
            return low;
    return -1;
}

static int note_sample(void *context, const struct event *event)
{
    struct mention *mention = context;
    struct arena arena = { 0 };
    int file = event->sample ? find_file(&arena, mention, event->sample) : -1;
    arena_release(&arena);
    if (file < 0)
        return 0;
    mention->mentioned[file] = true;
    mention->live[file] = mention->live[file] || !event->is_superseded;
    return 0;
}

static int find_mentions(struct arena *arena, const char *directory, struct mention *mention)
{
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    int error = worker_read(arena, &story, directory, NULL, NULL);
    return error ? error : events_read(directory, &story, &place, 0, note_sample, mention);
}

int run_newest_sample(struct arena *arena, const char *directory, struct run_file *out)
{
    struct run_file *files;
    int count;
    int error =
        list_files(arena, path_join(arena, directory, "samples"), SAMPLE_SUFFIX, &files, &count);
    if (error)
        return error;
    if (count == 0)
        return ERR_NOT_FOUND;
    *out = files[count - 1];
    return 0;
}

int run_list_samples(struct arena *arena, const char *directory, struct run_file **files,
                     int *count)
{
    int error =
        list_files(arena, path_join(arena, directory, "samples"), SAMPLE_SUFFIX, files, count);
    if (error)
        return error;
    struct mention mention = { directory, *files, *count, NULL, NULL };
    mention.mentioned = arena_alloc(arena, (size_t)*count, sizeof(bool));
    mention.live = arena_alloc(arena, (size_t)*count, sizeof(bool));
    error = find_mentions(arena, directory, &mention);
    int kept = 0;
    for (int i = 0; i < *count; i++)
        if (mention.live[i] || !mention.mentioned[i])
            (*files)[kept++] = (*files)[i];
    *count = kept;
    return error;
}

int run_list_checkpoints(struct arena *arena, const char *directory, struct run_file **files,
                         int *count)
{
    return list_files(arena, path_join(arena, directory, "checkpoints"), CHECKPOINT_SUFFIX, files,
                      count);
}

bool run_checkpoint_is_whole(const char *path)
{
    struct tensor_file *file;
    if (tensors_open(&file, path) < 0)
        return false;
    tensors_close(file);
    return true;
}

int run_newest_checkpoint(struct arena *arena, const char *directory, int64_t step,
                          struct run_file *out, const char *const **skipped)
{
    struct run_file *files;
    int count, bad = 0;
    int error = run_list_checkpoints(arena, directory, &files, &count);
    if (error)
        return error;
    const char **sentences = arena_alloc(arena, (size_t)count + 1, sizeof *sentences);
    if (skipped)
        *skipped = sentences;
    for (int i = count - 1; i >= 0; i--) {
        if (step >= 0 && files[i].step != step)
            continue;
        if (run_checkpoint_is_whole(files[i].path)) {
            *out = files[i];
            return 0;
        }
        sentences[bad++] = arena_strdup(arena, error_text());
    }
    if (bad > 0)
        return fail(ERR_NOT_FOUND, "no checkpoint in '%s/checkpoints' is whole (%s)", directory,
                    arena_strdup(arena, sentences[0]));
    if (step >= 0 && count > 0)
        return fail(ERR_NOT_FOUND, "no checkpoint of step %lld in '%s/checkpoints' (newest: %lld)",
                    (long long)step, directory, (long long)files[count - 1].step);
    return fail(ERR_NOT_FOUND, "no checkpoint in '%s/checkpoints' yet", directory);
}

/* The newest journalled checkpoint of a command that is still there. */
struct newest {
    struct arena *arena;
    const char *directory;
    char *path;
    int64_t step;
};

static int note_checkpoint(void *context, const struct event *event)
{
    struct newest *newest = context;
    if (!event->checkpoint || event->is_superseded)
        return 0;
    char *path = path_join(newest->arena, newest->directory, event->checkpoint);
    if (access(path, R_OK) == 0) {
        newest->path = path;
        newest->step = event->step;
    }
    return 0;
}

/* Hidden names and "x.tmp", "x.part" are left out: somebody is writing them, or was killed then. */
static bool is_half_written(const char *name)
{
    static const char *const endings[] = { ".tmp", ".part", ".partial" };
    size_t length = strlen(name);
    for (int i = 0; i < ARRAY_SIZE(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length >= ending && strcmp(name + length - ending, endings[i]) == 0)
            return true;
    }
    return strstr(name, ".tmp-");
}

static void find_newest_file(struct newest *newest)
{
    const char *folder = path_join(newest->arena, newest->directory, "checkpoints");
    char **names;
    int count = 0;
    struct timespec time = { 0 };
    if (list_directory(newest->arena, folder, "", &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++) {
        struct stat status;
        char *path = path_join(newest->arena, folder, names[i]);
        if (is_half_written(names[i]) || stat(path, &status) != 0)
            continue;
        bool is_newer =
            status.st_mtim.tv_sec > time.tv_sec ||
            (status.st_mtim.tv_sec == time.tv_sec && status.st_mtim.tv_nsec >= time.tv_nsec);
        if (newest->path && !is_newer)
            continue;
        time = status.st_mtim;
        newest->path = path;
        newest->step = step_of(newest->arena, names[i], "");
    }
}

char *run_newest_foreign_checkpoint(struct arena *arena, const char *directory, int64_t *step)
{
    struct newest newest = { .arena = arena, .directory = directory, .step = -1 };
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    if (worker_read(arena, &story, directory, NULL, NULL) == 0)
        events_read(directory, &story, &place, 0, note_checkpoint, &newest);
    if (!newest.path)
        find_newest_file(&newest);
    *step = newest.step;
    return newest.path;
}

void run_prune_checkpoints(const char *directory, int64_t step, int keep, int64_t best)
{
    struct arena arena = { 0 };
    struct run_file *files;
    int count;
    if (run_list_checkpoints(&arena, directory, &files, &count) == 0)
        for (int i = count - 1; i >= 0; i--)
            if (files[i].step <= step && keep-- <= 0 && files[i].step != best)
                unlink(files[i].path);
    arena_release(&arena);
}

/* "NAME.tmp-XXXXXX" is what file_replace writes before it renames. */
static void remove_temporaries(const char *folder)
{
    struct arena arena = { 0 };
    char **names;
    int count = 0;
    if (list_directory(&arena, folder, "", &names, &count) == 0)
        for (int i = 0; i < count; i++)
            if (strstr(names[i], ".tmp-"))
                unlink(path_join(&arena, folder, names[i]));
    arena_release(&arena);
}

void run_remove_leftovers(const char *directory)
{
    static const char *const folders[] = { "", "samples", "checkpoints" };
    struct arena arena = { 0 };
    for (int i = 0; i < ARRAY_SIZE(folders); i++)
        remove_temporaries(*folders[i] ? path_join(&arena, directory, folders[i]) : directory);
    arena_release(&arena);
}
