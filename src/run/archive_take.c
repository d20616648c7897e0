/* From an archive that was read whole to runs of this store. */
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
#include "base/json.h"
#include "base/text.h"
#include "run/interrupt.h"

enum { FACTS_LIMIT = 1 << 22 };

/* The runs of one archive on their way in. */
struct taking {
    struct import *import;
    const struct store *store;
    const struct import_wish *wish;
    struct imported_run *runs; /* one for each of the index */
    struct origin_table here;
};

/* One of them. */
struct incoming {
    struct arena arena;
    const struct archived_run *archived;
    struct imported_run *out;
    const char *directory; /* where it is put together */
    struct json *json;     /* its run.json */
    struct run_facts facts;
    char snapshot[CODE_ID_SIZE]; /* of its code, here; "" for none */
};

/* --- a run that can be taken --- */

static int read_facts(struct incoming *run)
{
    char *text;
    size_t size;
    const char *path = path_join(&run->arena, run->directory, "run.json");
    if (!file_exists(path))
        return fail(ERR_INVALID, "it has no run.json");
    int error = file_read(path, FACTS_LIMIT, &text, &size);
    if (error)
        return error;
    error = json_parse(&run->json, text, size);
    free(text);
    if (error)
        return fail_prefix("its run.json");
    if (!json_is_object(run->json))
        return fail(ERR_INVALID, "its run.json is no object");
    return run_read_facts_in(&run->arena, &run->facts, run->directory, run->archived->number);
}

/* A5. It ended, as far as is known, when it was last heard of. */
static int end_story(struct taking *taking, struct incoming *run)
{
    struct worker_story story = { .size = 0 };
    struct line_writer writer;
    const struct archive_index *index = &taking->import->index;
    int error = worker_read(&run->arena, &story, run->directory, NULL, NULL);
    run->out->state = story.state;
    if (error || run_state_is_end(story.state))
        return error;
    const char *host = index->host ? arena_printf(&run->arena, " on '%s'",
                                                  text_clean(&run->arena, index->host, 100))
                                   : "";
    bool is_lost = run_state_is_end(run->archived->state);
    struct run_end end = {
        .state = RUN_LOST,
        .step = -1,
        .exit_status = -1,
        .reason = is_lost ? arena_printf(&run->arena, "it was lost when it was exported%s", host)
                          : arena_printf(&run->arena, "it was still %s%s when it was exported",
                                         run_state_name(run->archived->state), host),
    };
    run->out->state = RUN_LOST;
    error = worker_open(&writer, run->directory);
    if (error)
        return error;
    error = worker_put_end(&writer, story.seen > 0 ? story.seen : index->exported, &end);
    line_writer_close(&writer);
    return error;
}

static int prepare(struct taking *taking, struct incoming *run)
{
    int error = stage_check(taking->import, run->archived);
    if (!error)
        error = read_facts(run);
    if (!error)
        run->out->experiment = arena_strdup(&taking->import->arena, run->facts.experiment);
    if (!error)
        error = end_story(taking, run);
    for (int i = 0; archive_folders[i] && !error; i++)
        error = make_directories(path_join(&run->arena, run->directory, archive_folders[i]));
    return error;
}

/* --- its code --- */

static int take_code(struct taking *taking, struct incoming *run)
{
    const char *path = path_join(&run->arena, run->directory, ARCHIVE_CODE_NAME);
    const char *original = run->facts.code.snapshot;
    bool has_pack = file_exists(path);
    int error = 0;
    if (has_pack && !taking->wish->without_code) {
        error = original
                    ? code_unpack(taking->store, run->out->number, path, original, run->snapshot)
                    : fail(ERR_INVALID, "it has code, and does not say which");
        run->out->has_code = !error;
    }
    if (error)
        return fail_prefix("its code (--no-code leaves it out)");
    if (has_pack && unlink(path) != 0)
        return fail(ERR_IO, "cannot remove '%s': %s", path, strerror(errno));
    if (run->out->has_code)
        return 0;
    const char *why = has_pack                      ? "it was left out when the run was imported"
                      : run->archived->code_missing ? run->archived->code_missing
                                                    : "it was not in the archive";
    run->out->code_missing = text_clean(&taking->import->arena, why, strlen(why));
    return 0;
}

/* --- run.json --- */

static struct json *copy_of(const struct json *value)
{
    struct json *copy = NULL;
    char *text = json_text(value, 0);
    if (json_parse(&copy, text, strlen(text)) < 0)
        copy = json_new_object();
    free(text);
    return copy;
}

/* The run that it repeats, where that is here. */
static int64_t parent_here(const struct taking *taking, const struct incoming *run)
{
    const struct archive_index *index = &taking->import->index;
    int64_t parent = run->facts.parent;
    const struct archived_run *archived = index_find(index, parent);
    if (parent < 1 || parent >= run->archived->number)
        return 0;
    const struct imported_run *out = archived ? &taking->runs[archived - index->runs] : NULL;
    if (out && (out->number > 0 || out->already > 0))
        return out->number > 0 ? out->number : out->already;
    return origin_find(&taking->here, index->store, parent);
}

static struct json *origin_json(const struct taking *taking, const struct incoming *run)
{
    const struct archive_index *index = &taking->import->index;
    const struct json *before = json_member(run->json, "origin");
    struct json *origin = json_new_object();
    json_set_string(origin, "store", index->store);
    json_set_integer(origin, "number", run->archived->number);
    json_set_string(origin, "host", index->host);
    json_set_number(origin, "exported", index->exported);
    json_set_number(origin, "imported", (double)(int64_t)(taking->wish->now * 1000) / 1000);
    if (run->facts.parent > 0)
        json_set_integer(origin, "parent", run->facts.parent);
    if (run->facts.code.snapshot)
        json_set_string(origin, "snapshot", run->facts.code.snapshot);
    if (json_is_object(before))
        json_set(origin, "before", copy_of(before));
    return origin;
}

static void set_code(struct incoming *run)
{
    const struct json *before = json_member(run->json, "git");
    struct json *git = json_is_object(before) ? copy_of(before) : json_new_object();
    json_set_string(git, "snapshot", run->out->has_code ? run->snapshot : NULL);
    if (run->out->code_missing)
        json_set_string(git, "missing", run->out->code_missing);
    json_set(run->json, "git", git);
}

static int write_facts(const struct taking *taking, struct incoming *run)
{
    int64_t parent = parent_here(taking, run);
    json_set(run->json, "origin", origin_json(taking, run));
    json_set_integer(run->json, "number", run->out->number);
    if (parent > 0)
        json_set_integer(run->json, "parent", parent);
    else if (run->facts.parent != 0)
        json_set_string(run->json, "parent", NULL);
    set_code(run);
    char *text = json_text(run->json, 2);
    const char *lines = arena_printf(&run->arena, "%s\n", text);
    int error = strlen(lines) > FACTS_LIMIT
                    ? fail(ERR_INVALID, "its run.json is too long")
                    : file_replace(path_join(&run->arena, run->directory, "run.json"), lines,
                                   strlen(lines));
    free(text);
    return error;
}

/* --- taking it --- */

/* Its number is lost where it fails, which harms nobody (S1 of run/store.h). */
static int appear(struct taking *taking, struct incoming *run)
{
    const struct store *store = taking->store;
    int error = store_next_number(store, &run->out->number);
    if (error)
        return error;
    const char *place = store_run_directory(&run->arena, store, run->out->number);
    error = take_code(taking, run);
    if (!error)
        error = write_facts(taking, run);
    if (!error && rename(run->directory, place) != 0)
        error = fail(ERR_IO, "cannot make '%s': %s", place, strerror(errno));
    if (error) {
        const char *why = arena_strdup(&run->arena, error_text());
        code_unpin(store, NULL, run->out->number);
        run->out->number = 0;
        return fail(error, "%s", why);
    }
    return directory_sync(path_join(&run->arena, store->path, "runs"));
}

static int take_run(struct taking *taking, struct incoming *run)
{
    struct origin origin;
    origin_of(&origin, run->json, taking->import->index.store, run->archived->number);
    int64_t already = origin_find(&taking->here, origin.store, origin.number);
    run->out->already = already;
    if (already > 0 && !taking->wish->again)
        return fail(ERR_EXISTS, "it is here already as run %lld; take it again with --again",
                    (long long)already);
    int error = appear(taking, run);
    if (run->out->number > 0) {
        origin.here = run->out->number;
        origin_add(&taking->here, &origin);
    }
    return error;
}

static void note(struct taking *taking, struct imported_run *out, int error)
{
    if (error && !out->why)
        out->why = arena_strdup(&taking->import->arena, error_text());
}

/* All files of the store's file system are on disk then. */
static int sync_stage(const struct import *import)
{
    int fd = open(import->stage, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || syncfs(fd) != 0
                    ? fail(ERR_IO, "cannot write to '%s': %s", import->stage, strerror(errno))
                    : 0;
    if (fd >= 0)
        close(fd);
    return error;
}

/* With all of it staged: each run by itself, from here on. */
static int take_runs(struct taking *taking, struct incoming *incoming)
{
    const struct archive_index *index = &taking->import->index;
    for (int i = 0; i < index->count; i++) {
        struct incoming *run = &incoming[i];
        run->archived = &index->runs[i];
        run->out = &taking->runs[i];
        *run->out = (struct imported_run){ .original = run->archived->number,
                                           .experiment = run->archived->experiment,
                                           .state = run->archived->state };
        run->directory = arena_printf(&run->arena, "%s/%lld", taking->import->stage,
                                      (long long)run->archived->number);
        note(taking, run->out, prepare(taking, run));
    }
    int error = sync_stage(taking->import);
    if (!error)
        error = origin_table_read(&taking->here, taking->store);
    for (int i = 0; i < index->count && !error; i++) {
        struct imported_run *out = incoming[i].out;
        if (!out->why && interrupt_signal())
            note(taking, out, fail(ERR_CANCELLED, "interrupted"));
        else if (!out->why)
            note(taking, out, take_run(taking, &incoming[i]));
    }
    return error;
}

/* One import at a time: the next one finds what this one took. */
static int take_staged(struct taking *taking)
{
    int turn;
    int error = lock_take_patiently(
        path_join(&taking->import->arena, taking->store->path, "incoming/lock"), &turn);
    if (error)
        return error;
    int count = taking->import->index.count;
    struct incoming *incoming = xcalloc((size_t)count, sizeof *incoming);
    taking->runs = arena_alloc(&taking->import->arena, (size_t)count, sizeof *taking->runs);
    error = take_runs(taking, incoming);
    for (int i = 0; i < count; i++) {
        json_free(incoming[i].json);
        arena_release(&incoming[i].arena);
    }
    free(incoming);
    origin_table_release(&taking->here);
    close(turn);
    return error;
}

/* --- the stage --- */

/* Takes away what imports left that were killed: nobody holds its lock. */
static void clean(struct arena *arena, const char *place)
{
    char **names;
    int count = 0;
    if (list_directory(arena, place, "", &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++) {
        const char *stage = path_join(arena, place, names[i]);
        if (directory_exists(stage) && !lock_is_held(path_join(arena, stage, "lock")))
            remove_tree(place, names[i]);
    }
}

/* STORE/incoming/XXXXXX, with its lock held. Who makes one holds incoming/lock meanwhile, so that none
 * is taken away between being made and being locked. */
static int make_stage(struct import *import, const struct store *store, int *lock)
{
    struct arena *arena = &import->arena;
    const char *place = path_join(arena, store->path, "incoming");
    char *stage = arena_printf(arena, "%s/XXXXXX", place);
    int turn = -1;
    int error = make_directories(place);
    if (!error)
        error = lock_take_patiently(path_join(arena, place, "lock"), &turn);
    if (error)
        return error;
    clean(arena, place);
    if (!mkdtemp(stage))
        error = fail(ERR_IO, "cannot make '%s': %s", stage, strerror(errno));
    if (!error) {
        import->stage = stage;
        error = lock_take(path_join(arena, stage, "lock"), lock);
    }
    close(turn);
    return error;
}

int import_take(struct import *import, const struct store *store, const struct import_wish *wish,
                struct imported_run **runs, int *count)
{
    struct taking taking = { .import = import, .store = store, .wish = wish };
    int lock = -1;
    int error = make_stage(import, store, &lock);
    if (!error)
        error = stage_archive(import);
    if (error == ERR_INVALID)
        fail_prefix("'%s'", import->path);
    if (!error)
        error = take_staged(&taking);
    const char *why = error ? arena_strdup(&import->arena, error_text()) : NULL;
    if (import->stage)
        remove_tree(path_join(&import->arena, store->path, "incoming"), path_base(import->stage));
    if (lock >= 0)
        close(lock);
    if (error)
        return fail(error, "%s", why);
    *runs = taking.runs;
    *count = import->index.count;
    return 0;
}
