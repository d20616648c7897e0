#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
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

/* What the journal says of each file. */
struct mention {
    const struct run_file *files;
    int count;
    bool *mentioned, *live; /* (count): in any line, in a line that counts */
    bool *now;              /* the one that is being filled */
};

static int note_sample(void *context, const struct event *event)
{
    struct mention *mention = context;
    const struct run_file key = { .step = event->step };
    const struct run_file *file =
        event->sample
            ? bsearch(&key, mention->files, (size_t)mention->count, sizeof key, compare_steps)
            : NULL;
    if (file)
        mention->now[file - mention->files] = true;
    return 0;
}

static int find_mentions(struct arena *arena, const char *directory, struct mention *mention)
{
    struct worker_story story, everything = { .attempt_count = 0 };
    int error = worker_read(arena, &story, directory);
    mention->now = mention->mentioned;
    if (!error)
        error = events_read(directory, &everything, note_sample, mention, NULL);
    mention->now = mention->live;
    return error ? error : events_read(directory, &story, note_sample, mention, NULL);
}

int run_list_samples(struct arena *arena, const char *directory, struct run_file **files,
                     int *count)
{
    int error =
        list_files(arena, path_join(arena, directory, "samples"), SAMPLE_SUFFIX, files, count);
    if (error)
        return error;
    struct mention mention = { .files = *files, .count = *count };
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

static bool is_whole(const char *path)
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
        if (is_whole(files[i].path)) {
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

void run_prune_checkpoints(const char *directory, int64_t step, int keep)
{
    struct arena arena = { 0 };
    struct run_file *files;
    int count;
    if (run_list_checkpoints(&arena, directory, &files, &count) == 0)
        for (int i = count - 1; i >= 0; i--)
            if (files[i].step <= step && keep-- <= 0)
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
