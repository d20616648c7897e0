/* What of a run travels: its files, and how much of each (A1). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_parts.h"
#include "base/error.h"
#include "base/file.h"

enum { ATTEMPTS = 10, HELD_LIMIT = 200 };

/* A cut in the making. */
struct cutting {
    struct arena *arena;
    struct cut *cut;
    const char *directory;
    struct worker_story story;
    bool works; /* it writes meanwhile */
    int held;
    const char *left_out; /* the first of what cannot travel … */
    int left_out_count;   /* … and how many there are */
};

int cut_add(struct arena *arena, struct cut *cut, const char *name, const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return fail(code_of_errno(errno), "cannot read '%s': %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(ERR_INVALID, "'%s' is no regular file", path);
    if (cut->count == cut->room) {
        cut->room = cut->room ? 2 * cut->room : 64;
        cut->files = xrealloc(cut->files, (size_t)cut->room, sizeof *cut->files);
    }
    cut->files[cut->count++] = (struct cut_file){ .name = arena_strdup(arena, name),
                                                  .path = arena_strdup(arena, path),
                                                  .size = status.st_size,
                                                  .modified = status.st_mtim,
                                                  .fd = -1 };
    return 0;
}

/* Up to and with the last newline before `size`. */
static int64_t whole_lines(const char *path, int64_t size)
{
    enum { CHUNK = 1 << 16 };
    char *bytes = xmalloc(CHUNK);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t end = fd < 0 ? 0 : size;
    while (end > 0) {
        size_t length = (size_t)MIN(end, CHUNK);
        if (pread(fd, bytes, length, (off_t)(end - (int64_t)length)) != (ssize_t)length) {
            end = 0;
            break;
        }
        const char *newline = memrchr(bytes, '\n', length);
        end -= (int64_t)length;
        if (newline) {
            end += newline + 1 - bytes;
            break;
        }
    }
    if (fd >= 0)
        close(fd);
    free(bytes);
    return end;
}

/* --- its files --- */

/* A file of the run's own directory; of a journal that grows, whole lines. `least` bytes of it count
 * already for others. */
static int add_plain(struct cutting *cutting, const char *name, int64_t least)
{
    const char *path = path_join(cutting->arena, cutting->directory, name);
    int error = cut_add(cutting->arena, cutting->cut, name, path);
    if (error)
        return error == ERR_NOT_FOUND ? 0 : error;
    struct cut_file *file = &cutting->cut->files[cutting->cut->count - 1];
    if (cutting->works && strstr(name, ".jsonl"))
        file->size = MIN(file->size, MAX(least, whole_lines(path, file->size)));
    return 0;
}

static void leave_out(struct cutting *cutting, const char *name)
{
    if (cutting->left_out_count++ == 0)
        cutting->left_out = name;
}

static int walk(struct cutting *cutting, const char *folder, const char *wanted);

static int walk_one(struct cutting *cutting, const char *name, const char *wanted)
{
    struct stat status;
    struct arena *arena = cutting->arena;
    const char *path = path_join(arena, cutting->directory, name);
    bool is_half_written = strstr(name, ".tmp-");
    if (is_half_written || lstat(path, &status) != 0)
        return 0;
    if (S_ISDIR(status.st_mode) && archive_knows(path_join(arena, name, "x")))
        return walk(cutting, name, wanted && strcmp(wanted, name) == 0 ? NULL : wanted);
    if (wanted && strcmp(wanted, name) != 0)
        return 0;
    if (!S_ISREG(status.st_mode) || !archive_knows(name)) {
        leave_out(cutting, name);
        return 0;
    }
    int error = cut_add(arena, cutting->cut, name, path);
    if (error)
        return error == ERR_NOT_FOUND ? 0 : error;
    if (cutting->works && cutting->held < HELD_LIMIT) {
        cutting->cut->files[cutting->cut->count - 1].fd = open(path, O_RDONLY | O_CLOEXEC);
        cutting->held++;
    }
    return 0;
}

/* `wanted`: only that file or what is in that folder; NULL: all. */
static int walk(struct cutting *cutting, const char *folder, const char *wanted)
{
    char **names;
    int count = 0;
    int error = list_directory(
        cutting->arena, path_join(cutting->arena, cutting->directory, folder), "", &names, &count);
    if (error)
        return error == ERR_NOT_FOUND ? 0 : error;
    for (int i = 0; i < count && !error; i++)
        error = walk_one(cutting, path_join(cutting->arena, folder, names[i]), wanted);
    return error;
}

/* The checkpoint that the run would go on from, "checkpoints/…"; "" for none. */
static const char *newest_checkpoint(struct cutting *cutting)
{
    struct run_file newest;
    int64_t step;
    size_t length = strlen(cutting->directory);
    const char *path = NULL;
    if (cutting->cut->facts.command)
        path = run_newest_foreign_checkpoint(cutting->arena, cutting->directory, &step);
    else if (run_newest_checkpoint(cutting->arena, cutting->directory, -1, &newest, NULL) == 0)
        path = newest.path;
    bool is_inside = path && strncmp(path, cutting->directory, length) == 0 && path[length] == '/';
    return is_inside ? path + length + 1 : "";
}

/* In this order: what a file refers to is cut after it, and so is there. */
static int cut_files(struct cutting *cutting, enum archive_checkpoints checkpoints)
{
    const struct worker_story *story = &cutting->story;
    int64_t begun = story->attempt_count > 0 ? story->attempts[story->attempt_count - 1].events : 0;
    const char *wanted = checkpoints == ARCHIVE_NEWEST ? newest_checkpoint(cutting) : NULL;
    int error = 0;
    for (int i = 0; archive_files[i] && !error; i++) {
        bool is_events = strcmp(archive_files[i], "events.jsonl") == 0;
        if (is_events && checkpoints != ARCHIVE_NONE)
            error = walk(cutting, "checkpoints", wanted);
        if (!error)
            error = add_plain(cutting, archive_files[i], is_events ? begun : 0);
    }
    return error ? error : walk(cutting, "samples", NULL);
}

/* --- a moment --- */

static void forget_files(struct cut *cut)
{
    for (int i = 0; i < cut->count; i++)
        if (cut->files[i].fd >= 0)
            close(cut->files[i].fd);
    free(cut->files);
    cut->files = NULL;
    cut->count = cut->room = 0;
}

/* Cuts, and tells whether another attempt began meanwhile: its journals would not fit. */
static int cut_once(struct cutting *cutting, const struct archive_wish *wish, bool *is_torn)
{
    struct cut *cut = cutting->cut;
    struct run_status status;
    int error =
        worker_look(cutting->arena, &cutting->story, cutting->directory, wish->now, &status);
    if (error)
        return error;
    int attempts = cutting->story.attempt_count;
    cutting->works = cut->run.works = !run_state_is_end(status.state);
    cut->run.state = status.state;
    cutting->held = cutting->left_out_count = 0;
    error = cut_files(cutting, wish->checkpoints);
    if (!error)
        error = worker_read(cutting->arena, &cutting->story, cutting->directory, NULL, NULL);
    *is_torn = cutting->story.attempt_count != attempts;
    return error;
}

static void say_left_out(const struct cutting *cutting, const struct archive_wish *wish)
{
    int count = cutting->left_out_count;
    if (count == 0)
        return;
    wish->say(
        wish->context,
        arena_printf(
            cutting->arena, "run %lld: '%s'%s not packed: only plain files with plain names are",
            (long long)cutting->cut->run.number, cutting->left_out,
            count == 1 ? " is" : arena_printf(cutting->arena, " and %d more are", count - 1)));
}

int cut_open(struct arena *arena, struct cut *out, const struct store *store, int64_t number,
             const struct archive_wish *wish)
{
    *out = (struct cut){ .run = { .number = number } };
    struct cutting cutting = { .arena = arena,
                               .cut = out,
                               .directory = store_run_directory(arena, store, number) };
    int error = run_read_facts(arena, &out->facts, store, number);
    bool is_torn = true;
    out->run.experiment = out->facts.experiment;
    for (int i = 0; i < ATTEMPTS && is_torn && !error; i++) {
        forget_files(out);
        error = cut_once(&cutting, wish, &is_torn);
    }
    if (!error && is_torn)
        error = fail(ERR_BUSY, "run %lld is started again and again: try later", (long long)number);
    if (!error)
        say_left_out(&cutting, wish);
    return error;
}

void cut_close(struct cut *cut)
{
    forget_files(cut);
}
