/* Opening the catalogue, and bringing it up to date. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "catalogue_parts.h"
#include "run/settings.h"
#include "run/slurm.h"
#include "sql_schema.h"

/* --- where it lies --- */

/* With the machine's name where other machines may see the directory, since two of them must not
 * write one file. */
static char *cache_path(struct arena *arena, const struct store *store)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    const char *directory = NULL;
    if (cache && cache[0] == '/')
        directory = path_join(arena, cache, "gander");
    else if (home && home[0] == '/')
        directory = path_join(arena, home, ".cache/gander");
    if (!directory || make_directories(directory) < 0)
        return NULL;
    const char *host = is_shared_file_system(directory) ? host_name() : NULL;
    return arena_printf(arena, "%s/%s%s%s.db", directory, store->id, host ? "-" : "",
                        host ? host : "");
}

static bool is_cache_wanted(const struct store *store)
{
    struct config config;
    const char *said = getenv("GANDER_CATALOGUE");
    if (said && *said)
        return strcmp(said, "cache") == 0;
    bool is_wanted = config_read_for(&config, store) == 0 && config.catalogue == CATALOGUE_CACHE;
    config_release(&config);
    return is_wanted;
}

/* Somebody else's store is left as it is, even where we could write into it (root). */
static bool is_ours_to_write(const struct store *store)
{
    struct stat status;
    return stat(store->path, &status) == 0 && status.st_uid == geteuid() &&
           access(store->path, W_OK) == 0;
}

static char *choose_path(struct arena *arena, const struct store *store)
{
    char *inside = path_join(arena, store->path, "catalogue.db");
    bool is_inside =
        !is_cache_wanted(store) && is_ours_to_write(store) && !is_shared_file_system(store->path);
    char *path = is_inside ? inside : cache_path(arena, store);
    return path ? path : arena_strdup(arena, ":memory:");
}

/* --- opening --- */

static int set_up(struct sql *db, bool is_on_disk)
{
    static const char always[] = "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
                                 "PRAGMA cache_size = -1000; PRAGMA synchronous = NORMAL;";
    int error = sql_run(db, always);
    if (error || !is_on_disk)
        return error;
    /* where the file system cannot do it, SQLite keeps the journal that it has */
    sql_run(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000;");
    enum sql_problem problem = sql_problem(db);
    if (problem != SQL_CORRUPT)
        sql_clear(db);
    return sql_error(db);
}

/* Reads a row of each table that matters, so that damage is met here. */
static int check(struct sql *db, const struct store *store)
{
    struct sql_query *query = sql_query(db, "SELECT id FROM store");
    bool is_known = sql_step(query);
    bool is_other = is_known && strcmp(sql_text(query, 0), store->id) != 0;
    sql_done(query);
    sql_do(sql_query(db, "SELECT step, settled FROM run LIMIT 1"));
    if (sql_error(db))
        return sql_error(db);
    if (is_other)
        return fail(ERR_INVALID, "the catalogue is that of another store");
    if (is_known)
        return 0;
    int error = sql_begin(db);
    if (error)
        return error;
    query = sql_query(db, "INSERT INTO store(id) SELECT ?1 WHERE NOT EXISTS(SELECT 1 FROM store)");
    sql_bind_text(query, 1, store->id);
    sql_do(query);
    return sql_end(db, 0);
}

/* Readable by its owner only, since a store may be private and the cache directory not. */
static int make_private_file(const char *path)
{
    struct stat status;
    /* one that is there is not opened: to close it would drop locks that SQLite holds on it */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd); /* else SQLite says what is wrong */
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode)
               ? fail(ERR_INVALID, "'%s' is a directory", path)
               : 0;
}

/* ERR_INVALID for one that has to be set aside. */
static int open_at(struct catalogue *catalogue, const char *path)
{
    struct stat status;
    bool is_newer = false, is_on_disk = strcmp(path, ":memory:") != 0;
    catalogue->path = path;
    int error = is_on_disk ? make_private_file(path) : 0;
    if (!error)
        error = sql_open(&catalogue->db, path, false);
    if (!error)
        error = set_up(catalogue->db, is_on_disk);
    if (!error)
        error = schema_migrate(catalogue->db, &is_newer);
    if (!error && is_newer)
        error = fail(ERR_INVALID, "the catalogue was made by a later version of gander");
    if (!error)
        error = check(catalogue->db, catalogue->store);
    if (!error && is_on_disk && stat(path, &status) == 0) {
        catalogue->device = (int64_t)status.st_dev;
        catalogue->file = (int64_t)status.st_ino;
    }
    if (error) {
        sql_close(catalogue->db);
        catalogue->db = NULL;
    }
    return error;
}

/* Is the file at its path another one than the one that was opened, or none? */
static bool is_replaced(const struct catalogue *catalogue)
{
    struct stat status;
    if (catalogue->file == 0)
        return false;
    return stat(catalogue->path, &status) != 0 || (int64_t)status.st_dev != catalogue->device ||
           (int64_t)status.st_ino != catalogue->file;
}

/* Renames it, with what SQLite keeps beside it. The moment is part of the name, so that nothing is
 * written over. */
static int set_aside(struct catalogue *catalogue, const char *path, const char *why)
{
    static const char *const endings[] = { "", "-wal", "-shm" };
    struct arena *arena = &catalogue->arena;
    const char *aside = arena_printf(arena, "%s.aside-%.0f", path, wall_clock());
    if (rename(path, aside) != 0 && errno != ENOENT)
        return fail(ERR_IO, "%s, and cannot be set aside: %s", why, strerror(errno));
    for (int i = 1; i < ARRAY_SIZE(endings); i++)
        rename(arena_printf(arena, "%s%s", path, endings[i]),
               arena_printf(arena, "%s%s", aside, endings[i]));
    catalogue->remark = arena_printf(arena, "%s: set aside as '%s', and made again", why, aside);
    return 0;
}

/* -1 where no lock can be had: no catalogue will be made there either, or whoever holds it has been
 * stopped by ^Z and must not stop everybody. */
static int lock_for_opening(struct catalogue *catalogue, const char *path)
{
    enum { PATIENCE_MS = 3000 };
    const char *name = arena_printf(&catalogue->arena, "%s.lock", path);
    int lock = -1;
    for (int i = 0; i < PATIENCE_MS && lock_take(name, &lock) == ERR_BUSY; i++)
        pause_ms(1);
    return lock;
}

/* One at a time opens a catalogue or sets it aside, so that nobody opens what is half renamed.
 * `damage` (or NULL) is what was found in the one that is open: it is set aside unless somebody else
 * has done so. */
static int open_alone(struct catalogue *catalogue, const char *path, const char *damage)
{
    int lock = strcmp(path, ":memory:") != 0 ? lock_for_opening(catalogue, path) : -1, error = 0;
    if (damage && !is_replaced(catalogue))
        error = set_aside(catalogue, path, damage);
    if (!error)
        error = open_at(catalogue, path);
    if (error == ERR_INVALID) {
        error = set_aside(catalogue, path, arena_strdup(&catalogue->arena, error_text()));
        if (!error)
            error = open_at(catalogue, path);
    }
    if (lock >= 0)
        close(lock);
    return error;
}

static int open_in_memory(struct catalogue *catalogue, const char *why)
{
    catalogue->remark = arena_printf(&catalogue->arena, "%s; indexing in memory this time", why);
    catalogue->file = 0;
    return open_at(catalogue, ":memory:");
}

static int open_somewhere(struct catalogue *catalogue, const char *damage)
{
    int error = open_alone(catalogue, choose_path(&catalogue->arena, catalogue->store), damage);
    if (!error)
        return 0;
    /* a full disk, no rights: it can be done without */
    return open_in_memory(catalogue, arena_strdup(&catalogue->arena, error_text()));
}

int catalogue_open(struct catalogue **out, const struct store *store)
{
    struct catalogue *catalogue = xcalloc(1, sizeof *catalogue);
    catalogue->store = store;
    int error = open_somewhere(catalogue, NULL);
    if (error)
        catalogue_close(catalogue);
    else
        *out = catalogue;
    return error;
}

void catalogue_close(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    sql_close(catalogue->db);
    arena_release(&catalogue->arena);
    free(catalogue);
}

const char *catalogue_path(const struct catalogue *catalogue)
{
    return catalogue->path;
}

const char *catalogue_remark(const struct catalogue *catalogue)
{
    return catalogue->remark;
}

/* --- looking at the store --- */

/* Runs as the catalogue has them, by number. */
struct known_run {
    int64_t number;
    bool is_binned, is_settled;
};

static int list_known(struct catalogue *catalogue, struct known_run **runs, int *count)
{
    struct sql_query *query =
        sql_query(catalogue->db, "SELECT number, place, settled FROM run INDEXED BY run_by_place"
                                 " ORDER BY place, number");
    int room = 0;
    *runs = NULL;
    *count = 0;
    while (sql_step(query)) {
        if (*count == room) {
            room = room ? 2 * room : 1024;
            *runs = xrealloc(*runs, (size_t)room, sizeof **runs);
        }
        (*runs)[(*count)++] = (struct known_run){ .number = sql_integer(query, 0),
                                                  .is_binned = sql_text(query, 1)[0] == 'b',
                                                  .is_settled = sql_integer(query, 2) };
    }
    return sql_done(query);
}

/* What has to be done, gathered before any of it is. */
struct work {
    int64_t *gone; /* runs that are nowhere any more */
    int gone_count;
    struct {
        int64_t number;
        bool is_binned;
    } * looks; /* runs to look at */
    int look_count;
};

static void work_release(struct work *work)
{
    free(work->gone);
    free(work->looks);
}

/* Both lists ascend; what is in neither place is gone, unless the other place has it. */
static void compare_place(struct work *work, const int64_t *numbers, int number_count,
                          const struct known_run *known, int known_count, bool is_binned)
{
    int i = 0, j = 0;
    while (i < number_count || j < known_count) {
        bool is_there = i < number_count && (j == known_count || numbers[i] <= known[j].number);
        bool is_known = j < known_count && (i == number_count || known[j].number <= numbers[i]);
        if (is_there && !(is_known && known[j].is_settled)) {
            work->looks[work->look_count].number = numbers[i];
            work->looks[work->look_count++].is_binned = is_binned;
        }
        if (is_known && !is_there)
            work->gone[work->gone_count++] = known[j].number;
        i += is_there;
        j += is_known;
    }
}

static int compare_store(struct catalogue *catalogue, struct work *work)
{
    struct known_run *known = NULL;
    int64_t *runs = NULL, *binned = NULL;
    int known_count, run_count = 0, binned_count = 0, bin_known = 0;
    int error = list_known(catalogue, &known, &known_count);
    if (!error)
        error = store_runs(catalogue->store, &runs, &run_count);
    if (!error)
        error = store_binned(catalogue->store, &binned, &binned_count);
    if (!error) {
        while (bin_known < known_count && known[bin_known].is_binned)
            bin_known++;
        size_t most = (size_t)known_count + (size_t)run_count + (size_t)binned_count + 1;
        work->gone = xcalloc(most, sizeof *work->gone);
        work->looks = xcalloc(most, sizeof *work->looks);
        compare_place(work, binned, binned_count, known, bin_known, true);
        compare_place(work, runs, run_count, known + bin_known, known_count - bin_known, false);
    }
    free(known);
    free(runs);
    free(binned);
    return error;
}

/* Runs that STORE/changes names since the last look are settled no more. */
static int take_changes(struct catalogue *catalogue)
{
    struct sql *db = catalogue->db;
    struct arena arena = { 0 };
    const char *path = path_join(&arena, catalogue->store->path, "changes");
    struct sql_query *query = sql_query(db, "SELECT changes FROM store");
    int64_t known = sql_step(query) ? sql_integer(query, 0) : 0, size = file_size(path);
    int error = sql_done(query);
    char *text = NULL;
    size_t length = 0;
    if (error || size == known)
        goto out;
    if ((error = file_read(path, SIZE_MAX, &text, &length)) < 0 || (error = sql_begin(db)) < 0)
        goto out;
    if (size < known) { /* it was made anew: then anything may have changed */
        sql_do(sql_query(db, "UPDATE run SET settled = 0"));
        known = 0;
    }
    const char *next = text + MIN((size_t)known, length), *end;
    for (; (end = strchr(next, '\n')); next = end + 1) {
        query = sql_query(db, "UPDATE run SET settled = 0 WHERE number = ?");
        sql_bind_integer(query, 1, strtoll(next, NULL, 10));
        sql_do(query);
    }
    query = sql_query(db, "UPDATE store SET changes = ?");
    sql_bind_integer(query, 1, next - text);
    sql_do(query);
    error = sql_end(db, 0);
out:
    free(text);
    arena_release(&arena);
    return error;
}

static bool is_somewhere(const struct catalogue *catalogue, int64_t number)
{
    struct arena arena = { 0 };
    bool is_there = directory_exists(store_run_directory(&arena, catalogue->store, number)) ||
                    directory_exists(arena_printf(&arena, "%s/bin/%lld", catalogue->store->path,
                                                  (long long)number));
    arena_release(&arena);
    return is_there;
}

static int forget_gone(struct catalogue *catalogue, const struct work *work)
{
    int error = 0;
    for (int i = 0; i < work->gone_count && !error; i++) {
        if (is_somewhere(catalogue, work->gone[i]))
            continue; /* between runs and bin */
        error = sql_begin(catalogue->db);
        if (error)
            break;
        struct sql_query *query = sql_query(catalogue->db, "DELETE FROM run WHERE number = ?");
        sql_bind_integer(query, 1, work->gone[i]);
        sql_do(query);
        error = sql_end(catalogue->db, 0);
    }
    return error;
}

static int refresh(struct catalogue *catalogue, double now)
{
    struct work work = { .gone = NULL };
    int error = take_changes(catalogue);
    if (!error)
        error = compare_store(catalogue, &work);
    if (!error)
        error = forget_gone(catalogue, &work);
    sql_join_begin(catalogue->db);
    for (int i = 0; i < work.look_count && !error; i++) {
        error = ingest_run(catalogue, work.looks[i].number,
                           work.looks[i].is_binned ? "bin" : "runs", now);
        if (error == ERR_IO && !is_somewhere(catalogue, work.looks[i].number))
            error = 0; /* removed under our eyes */
    }
    int last = sql_join_end(catalogue->db);
    error = error ? error : last;
    work_release(&work);
    return error;
}

static int reopen(struct catalogue *catalogue, const char *damage)
{
    sql_close(catalogue->db);
    catalogue->db = NULL;
    return open_somewhere(catalogue, damage);
}

int catalogue_refresh(struct catalogue *catalogue, double now)
{
    slurm_settle(catalogue->store);
    int error = is_replaced(catalogue) ? reopen(catalogue, NULL) : 0;
    if (!error)
        error = refresh(catalogue, now);
    if (!error || sql_problem(catalogue->db) == SQL_FINE)
        return error;
    /* damage that was not met at opening, or a disk that has become full: what can be read again is
     * read again, elsewhere if need be */
    char *why = arena_strdup(&catalogue->arena, error_text());
    if (sql_problem(catalogue->db) == SQL_CORRUPT || is_replaced(catalogue)) {
        error = reopen(catalogue, why);
    } else {
        sql_close(catalogue->db);
        catalogue->db = NULL;
        error = open_in_memory(catalogue, why);
    }
    return error ? error : refresh(catalogue, now);
}

int catalogue_follow(struct catalogue *catalogue, double now)
{
    if (catalogue->file == 0)
        return catalogue_refresh(catalogue, now);
    return is_replaced(catalogue) ? reopen(catalogue, NULL) : 0;
}

/* All of it anew beside the present one, which is then replaced at once: so whoever looks meanwhile
 * finds all runs. */
static int rebuild_beside(struct catalogue *catalogue, double now)
{
    static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
    struct arena *arena = &catalogue->arena;
    const char *path = arena_printf(arena, "%s.new-%lld", catalogue->path, (long long)getpid());
    struct catalogue fresh = { .store = catalogue->store };
    for (int i = 0; i < ARRAY_SIZE(endings); i++) /* of one that was killed, and had our pid */
        unlink(arena_printf(arena, "%s%s", path, endings[i]));
    int error = open_at(&fresh, path);
    if (!error)
        error = refresh(&fresh, now);
    if (!error)
        error = sql_copy_all(catalogue->db, fresh.db);
    sql_close(fresh.db);
    arena_release(&fresh.arena);
    for (int i = 0; i < ARRAY_SIZE(endings); i++)
        unlink(arena_printf(arena, "%s%s", path, endings[i]));
    return error;
}

int catalogue_rebuild(struct catalogue *catalogue, double now)
{
    int error = 0;
    if (catalogue->file != 0) {
        error = is_replaced(catalogue) ? reopen(catalogue, NULL) : 0;
        if (!error)
            error = rebuild_beside(catalogue, now);
        if (error == ERR_INVALID && sql_problem(catalogue->db) == SQL_CORRUPT)
            error = reopen(catalogue, arena_strdup(&catalogue->arena, error_text()));
    }
    return error ? error : catalogue_refresh(catalogue, now);
}

int catalogue_unsettled(struct catalogue *catalogue, struct arena *arena, int64_t **numbers,
                        int *count)
{
    sql_clear(catalogue->db);
    struct sql_query *query =
        sql_query(catalogue->db, "SELECT number, count(*) OVER () FROM run INDEXED BY run_by_place"
                                 " WHERE place = 'runs' AND settled = 0 ORDER BY number");
    *numbers = NULL;
    *count = 0;
    while (sql_step(query)) {
        if (!*numbers)
            *numbers = arena_alloc(arena, (size_t)sql_integer(query, 1), sizeof **numbers);
        (*numbers)[(*count)++] = sql_integer(query, 0);
    }
    return sql_done(query);
}
