#define _GNU_SOURCE
#include "diff_load.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run/rundir.h"

struct diff_wish {
    int64_t runs[2];
    enum diff_kind kind;
};

struct gathering {
    struct job *job;
    struct diff *diff;
    int line_room, file_room;
    struct arena scratch; /* of one line */
};

/* An array of the arena with room for one more. */
static void *grow(struct arena *arena, void *old, int count, int *room, size_t size)
{
    enum { FIRST_ROOM = 256 };
    if (count < *room)
        return old;
    int before = *room;
    *room = before ? 2 * before : FIRST_ROOM;
    void *more = arena_alloc(arena, (size_t)*room, size);
    if (before > 0)
        memcpy(more, old, (size_t)before * size);
    return more;
}

/* --- files --- */

static struct diff_file *last_file(const struct diff *diff)
{
    return diff->file_count > 0 ? &diff->files[diff->file_count - 1] : NULL;
}

/* The second path of "diff --git a/x b/x", which has no other end than that of the line. */
static const char *path_of(struct arena *arena, const char *line)
{
    const char *at = strstr(line, " b/");
    for (const char *next = at; next; next = strstr(next + 1, " b/"))
        at = next;
    if (!at)
        at = strstr(line, " \"b/"); /* quoted, since it holds a strange byte */
    return arena_strdup(arena, at ? at + 3 : line);
}

static void begin_file(struct gathering *gathering, const char *line)
{
    struct diff *diff = gathering->diff;
    struct arena *arena = &gathering->job->arena;
    diff->files =
        grow(arena, diff->files, diff->file_count, &gathering->file_room, sizeof *diff->files);
    diff->files[diff->file_count++] =
        (struct diff_file){ .path = path_of(arena, line),
                            .line = diff->count < DIFF_LINES ? diff->count : -1 };
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static void take_file_line(struct gathering *gathering, const char *line)
{
    struct arena *arena = &gathering->job->arena;
    if (begins_with(line, "diff --git "))
        begin_file(gathering, line);
    struct diff_file *file = last_file(gathering->diff);
    if (!file)
        return;
    file->is_new = file->is_new || begins_with(line, "new file");
    file->is_deleted = file->is_deleted || begins_with(line, "deleted file");
    file->is_binary = file->is_binary || begins_with(line, "Binary files");
    if (begins_with(line, "rename from "))
        file->path = arena_printf(arena, "%s -> %s", line + strlen("rename from "), file->path);
}

/* --- lines --- */

static const enum role roles[] = {
    [CODE_LINE_FILE] = ROLE_TITLE,      [CODE_LINE_HUNK] = ROLE_HUNK,
    [CODE_LINE_CONTEXT] = ROLE_TEXT,    [CODE_LINE_ADDED] = ROLE_ADDED,
    [CODE_LINE_REMOVED] = ROLE_REMOVED,
};

static int take_line(void *context, enum code_line_kind kind, const char *text, size_t length)
{
    enum { LONGEST = 4000 };
    struct gathering *gathering = context;
    struct diff *diff = gathering->diff;
    struct arena *arena = &gathering->job->arena;
    if (gathering->job->is_cancelled)
        return fail(ERR_CANCELLED, "cancelled");
    bool is_head = kind == CODE_LINE_FILE, is_kept = diff->count < DIFF_LINES;
    const char *line = NULL;
    if (is_head || is_kept) {
        struct arena *scratch = &gathering->scratch;
        line = text_code_line(scratch, arena_strndup(scratch, text, MIN(length, LONGEST)));
        line = arena_strdup(arena, line);
        arena_release(scratch);
    }
    if (is_head)
        take_file_line(gathering, line);
    struct diff_file *file = last_file(diff);
    if (file) {
        file->added += kind == CODE_LINE_ADDED;
        file->removed += kind == CODE_LINE_REMOVED;
    }
    if (!is_kept) {
        diff->left_out++;
        return 0;
    }
    diff->lines = grow(arena, diff->lines, diff->count, &gathering->line_room, sizeof *diff->lines);
    diff->lines[diff->count++] = (struct page_line){ line, roles[kind] };
    return 0;
}

/* --- loading --- */

/* Of a run as its run.json has it; a copy that stands for its commit. */
static int compare_with_commit(struct gathering *gathering, const struct code_of *run)
{
    struct code_state commit = *run->code;
    if (!commit.commit)
        return fail(ERR_NOT_FOUND, "run %lld was not started from a commit",
                    (long long)run->number);
    commit.snapshot = commit.commit;
    struct code_of before = { run->store, run->number, &commit };
    return code_diff(&before, run, take_line, gathering, NULL);
}

static int work(struct job *job)
{
    const struct diff_wish *wish = job->input;
    const struct store *store = &job->index.places[0].store;
    struct run_facts facts[2];
    struct code_of code[2];
    struct gathering gathering = { .job = job,
                                   .diff = arena_alloc(&job->arena, 1, sizeof(struct diff)) };
    int count = wish->kind == DIFF_RUNS ? 2 : 1, error = 0;
    job->result = gathering.diff;
    for (int i = 0; i < count && !error; i++) {
        error = run_read_facts(&job->arena, &facts[i], store, wish->runs[i]);
        code[i] = (struct code_of){ store, wish->runs[i], &facts[i].code };
        if (!error && !facts[i].code.snapshot && facts[i].code.missing)
            error = fail(ERR_NOT_FOUND, "the code of run %lld is not kept: %s",
                         (long long)wish->runs[i], facts[i].code.missing);
    }
    if (!error && wish->kind == DIFF_COMMIT)
        error = compare_with_commit(&gathering, &code[0]);
    else if (!error)
        error = code_diff(&code[0], count == 2 ? &code[1] : NULL, take_line, &gathering, NULL);
    return error;
}

void diff_load(struct view *view, const int64_t *runs, enum diff_kind kind,
               void (*done)(struct view *view, struct job *job))
{
    struct job *job = job_new(view->app, view, work, done);
    struct diff_wish *wish = arena_alloc(&job->arena, 1, sizeof *wish);
    *wish = (struct diff_wish){ { runs[0], kind == DIFF_RUNS ? runs[1] : 0 }, kind };
    job->input = wish;
    job->sign = "comparing code";
    job_start(job, LANE_WORK);
}

bool diff_take(struct diff *diff, struct job *job)
{
    diff_release(diff);
    if (job->error) {
        fail(job->error, "%s", job->message);
        return false;
    }
    *diff = *(struct diff *)job->result;
    diff->arena = job->arena;
    job->arena = (struct arena){ 0 };
    return true;
}

void diff_release(struct diff *diff)
{
    arena_release(&diff->arena);
    *diff = (struct diff){ .count = 0 };
}
