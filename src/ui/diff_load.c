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

static void add_line(struct gathering *gathering, const char *text, enum role role)
{
    struct diff *diff = gathering->diff;
    diff->lines = grow(&gathering->job->arena, diff->lines, diff->count, &gathering->line_room,
                       sizeof *diff->lines);
    diff->lines[diff->count++] = (struct page_line){ text, role };
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* "dir/\303\274.txt" in quotes, as git writes a path with strange bytes; made harmless. */
static const char *unquoted(struct arena *arena, const char *text)
{
    size_t length = strlen(text), used = 0;
    char *out = arena_alloc(arena, length + 1, 1);
    if (length < 2 || text[0] != '"' || text[length - 1] != '"')
        return arena_strdup(arena, text);
    for (const char *at = text + 1; at < text + length - 1; at++) {
        bool is_octal = at[0] == '\\' && strspn(at + 1, "01234567") >= 3;
        if (is_octal)
            out[used++] = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
        else
            out[used++] = at[0] == '\\' ? at[1] : at[0];
        at += is_octal ? 3 : at[0] == '\\';
    }
    return text_code_line(arena, out);
}

/* Of "diff --git a/x b/x", whose two paths are the same: the second half. (Where they are not, other
 * lines tell them.) */
static const char *path_of(struct arena *arena, const char *line)
{
    const char *paths = line + strlen("diff --git ");
    const char *second = paths + strlen(paths) / 2 + 1;
    if (strlen(paths) < 5 || second[-1] != ' ')
        return arena_strdup(arena, paths);
    const char *path = unquoted(arena, second);
    return begins_with(path, "b/") ? path + 2 : path;
}

/* Says at the end of a file what of it is not there. */
static void end_file(struct gathering *gathering)
{
    struct diff_file *file = last_file(gathering->diff);
    if (!file || file->left_out == 0)
        return;
    struct arena *arena = &gathering->job->arena;
    const char *text = arena_printf(arena, " %s more lines of this file are left out",
                                    format_count(arena, (double)file->left_out));
    add_line(gathering, text, ROLE_WARNING);
}

static void begin_file(struct gathering *gathering, const char *line)
{
    struct diff *diff = gathering->diff;
    struct arena *arena = &gathering->job->arena;
    end_file(gathering);
    diff->files =
        grow(arena, diff->files, diff->file_count, &gathering->file_room, sizeof *diff->files);
    diff->files[diff->file_count++] =
        (struct diff_file){ .path = path_of(arena, line),
                            .line = diff->count < DIFF_LINES ? diff->count : -1 };
}

static void take_file_line(struct gathering *gathering, const char *line)
{
    struct arena *arena = &gathering->job->arena;
    const char *from = "rename from ", *to = "rename to ";
    if (begins_with(line, "diff --git "))
        begin_file(gathering, line);
    struct diff_file *file = last_file(gathering->diff);
    if (!file)
        return;
    file->is_new = file->is_new || begins_with(line, "new file");
    file->is_deleted = file->is_deleted || begins_with(line, "deleted file");
    file->is_binary = file->is_binary || begins_with(line, "Binary files");
    if (begins_with(line, from))
        file->path = unquoted(arena, line + strlen(from));
    else if (begins_with(line, to))
        file->path =
            arena_printf(arena, "%s -> %s", file->path, unquoted(arena, line + strlen(to)));
}

/* --- lines --- */

static const enum role roles[] = {
    [CODE_LINE_FILE] = ROLE_TITLE,      [CODE_LINE_HUNK] = ROLE_HUNK,
    [CODE_LINE_CONTEXT] = ROLE_TEXT,    [CODE_LINE_ADDED] = ROLE_ADDED,
    [CODE_LINE_REMOVED] = ROLE_REMOVED,
};

static void count_line(struct diff *diff, enum code_line_kind kind, bool is_kept)
{
    struct diff_file *file = last_file(diff);
    if (!file)
        return;
    file->added += kind == CODE_LINE_ADDED;
    file->removed += kind == CODE_LINE_REMOVED;
    file->kept += is_kept;
    file->left_out += !is_kept;
    diff->left_out += !is_kept;
}

static int take_line(void *context, enum code_line_kind kind, const char *text, size_t length)
{
    enum { LONGEST = 4000 };
    struct gathering *gathering = context;
    struct diff *diff = gathering->diff;
    struct arena *arena = &gathering->job->arena;
    if (gathering->job->is_cancelled)
        return fail(ERR_CANCELLED, "cancelled");
    bool is_head = kind == CODE_LINE_FILE;
    struct diff_file *file = last_file(diff);
    bool is_kept = diff->count < DIFF_LINES && (is_head || !file || file->kept < DIFF_FILE_LINES);
    const char *line = NULL;
    if (is_head || is_kept) {
        struct arena *scratch = &gathering->scratch;
        line = text_code_line(scratch, arena_strndup(scratch, text, MIN(length, LONGEST)));
        line = arena_strdup(arena, line);
        arena_release(scratch);
    }
    if (is_head)
        take_file_line(gathering, line);
    count_line(diff, kind, is_kept);
    if (is_kept)
        add_line(gathering, line, roles[kind]);
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

/* Also of a run in the bin. */
static int read_code(struct job *job, int64_t number, struct run_facts *facts, struct code_of *out)
{
    struct index_place *place = &job->index.places[0];
    struct listed_run run = { .place = place };
    int error = catalogue_run(place->catalogue, &job->arena, number, job->index.now, &run.row);
    if (!error)
        error = run_read_facts_in(&job->arena, facts, run_place(&job->arena, &run), number);
    if (error)
        return error;
    *out = (struct code_of){ &place->store, number, &facts->code };
    return facts->code.snapshot || !facts->code.missing
               ? 0
               : fail(ERR_NOT_FOUND, "the code of run %lld is not kept: %s", (long long)number,
                      facts->code.missing);
}

static int work(struct job *job)
{
    const struct diff_wish *wish = job->input;
    struct run_facts facts[2];
    struct code_of code[2];
    struct gathering gathering = { .job = job,
                                   .diff = arena_alloc(&job->arena, 1, sizeof(struct diff)) };
    int count = wish->kind == DIFF_RUNS ? 2 : 1, error = 0;
    job->result = gathering.diff;
    for (int i = 0; i < count && !error; i++)
        error = read_code(job, wish->runs[i], &facts[i], &code[i]);
    if (!error && wish->kind == DIFF_COMMIT)
        error = compare_with_commit(&gathering, &code[0]);
    else if (!error)
        error = code_diff(&code[0], count == 2 ? &code[1] : NULL, take_line, &gathering, NULL);
    end_file(&gathering);
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
