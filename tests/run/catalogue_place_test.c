/* Where the catalogue lies, and what happens to one that is damaged or cannot be written. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "made_store.h"

#define CATALOGUE ".gander/catalogue.db"

static struct store store;
static struct catalogue *catalogue;

static int enter(void **state)
{
    unsetenv("GANDER_CATALOGUE");
    unsetenv("XDG_CACHE_HOME");
    if (scratch_enter(state) < 0)
        return -1;
    made_store();
    for (int run = 1; run <= 3; run++) {
        made_run(run, "{\"experiment\":\"a\",\"created\":1795000000}");
        made_append(run, "events.jsonl", "{\"step\":1,\"metrics\":{\"a\":1}}\n");
        made_ended(run, "finished");
    }
    return store_open(&store, NULL, STORE_FIND);
}

static void close_catalogue(void)
{
    catalogue_close(catalogue);
    catalogue = NULL;
}

static int leave(void **state)
{
    close_catalogue();
    store_release(&store);
    unsetenv("GANDER_CATALOGUE");
    unsetenv("XDG_CACHE_HOME");
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void look(void)
{
    if (!catalogue)
        assert_int_equal(catalogue_open(&catalogue, &store), 0);
    assert_int_equal(catalogue_refresh(catalogue, MADE_NOW), 0);
}

static int count_runs(void)
{
    struct arena arena = { 0 };
    struct run_row *rows;
    int count;
    assert_int_equal(catalogue_list(catalogue, &arena, &(struct catalogue_query){ .limit = 0 },
                                    MADE_NOW, &rows, &count, NULL),
                     0);
    arena_release(&arena);
    return count;
}

/* What look() found was set aside with a sentence that holds `why`, and everything is there again. */
static void assert_made_again(const char *why)
{
    struct arena arena = { 0 };
    char **names;
    int count, aside = 0;
    look();
    assert_int_equal(count_runs(), 3);
    assert_non_null(catalogue_remark(catalogue));
    assert_non_null(strstr(catalogue_remark(catalogue), why));
    assert_non_null(strstr(catalogue_remark(catalogue), "set aside as"));
    assert_int_equal(list_directory(&arena, ".gander", "", &names, &count), 0);
    for (int i = 0; i < count; i++)
        aside += strncmp(names[i], "catalogue.db.aside-", 19) == 0 && !strstr(names[i], "-wal") &&
                 !strstr(names[i], "-shm");
    assert_int_equal(aside, 1);
    close_catalogue();
    look(); /* and the next look finds nothing wrong */
    assert_null(catalogue_remark(catalogue));
    assert_int_equal(count_runs(), 3);
    arena_release(&arena);
}

static void catalogue_is_strict_and_says_its_version(void **state)
{
    (void)state;
    look();
    close_catalogue();
    assert_true(made_number(CATALOGUE, "SELECT user_version FROM pragma_user_version") > 0);
    assert_int_equal(made_number(CATALOGUE, "SELECT count(*) FROM pragma_table_list WHERE"
                                            " schema = 'main' AND type = 'table' AND NOT strict"
                                            " AND name NOT LIKE 'sqlite_%'"),
                     0);
    assert_int_equal(made_number(CATALOGUE, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(made_number(CATALOGUE, "SELECT count(*) FROM pragma_integrity_check"
                                            " WHERE integrity_check <> 'ok'"),
                     0);
    assert_int_equal(made_number(CATALOGUE, "SELECT count(*) FROM points WHERE metric = 'a'"), 3);
}

static void catalogue_that_is_removed_is_made_again(void **state)
{
    (void)state;
    look();
    char *before = made_dump(CATALOGUE);
    close_catalogue();
    assert_int_equal(unlink(CATALOGUE), 0);
    look();
    assert_null(catalogue_remark(catalogue));
    char *after = made_dump(CATALOGUE);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void reader_sees_that_its_catalogue_was_removed(void **state)
{
    (void)state;
    look();
    assert_int_equal(unlink(CATALOGUE), 0);
    look();
    assert_true(file_exists(CATALOGUE));
    assert_int_equal(count_runs(), 3);
}

static void rebuilding_gives_the_same_rows(void **state)
{
    (void)state;
    look();
    char *before = made_dump(CATALOGUE);
    assert_int_equal(catalogue_rebuild(catalogue, MADE_NOW), 0);
    char *after = made_dump(CATALOGUE);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void file_that_is_no_database_is_set_aside(void **state)
{
    (void)state;
    char *garbage = xmalloc(9001);
    memset(garbage, 'x', 9000);
    garbage[9000] = '\0';
    made_write(CATALOGUE, garbage);
    free(garbage);
    assert_made_again("not a database");
}

static void empty_file_is_filled(void **state)
{
    (void)state;
    made_write(CATALOGUE, "");
    look();
    assert_int_equal(count_runs(), 3);
}

static void truncated_file_is_set_aside(void **state)
{
    (void)state;
    look();
    close_catalogue();
    assert_true(file_size(CATALOGUE) > 8192);
    assert_int_equal(truncate(CATALOGUE, file_size(CATALOGUE) / 2), 0);
    assert_made_again("malformed");
}

/* Damage in the middle, that opening does not meet. */
static void damaged_pages_are_set_aside(void **state)
{
    (void)state;
    look();
    close_catalogue();
    int64_t size = file_size(CATALOGUE);
    int fd = open(CATALOGUE, O_WRONLY);
    char *garbage = xmalloc(4096);
    memset(garbage, 0xA5, 4096);
    for (int64_t at = 4096; at + 4096 <= size; at += 4096)
        assert_int_equal(pwrite(fd, garbage, 4096, at), 4096);
    close(fd);
    free(garbage);
    assert_made_again("malformed");
}

static void later_version_is_set_aside(void **state)
{
    (void)state;
    struct sql *db;
    look();
    close_catalogue();
    assert_int_equal(sql_open(&db, CATALOGUE, false), 0);
    assert_int_equal(sql_run(db, "PRAGMA user_version = 999"), 0);
    sql_close(db);
    assert_made_again("later version");
}

static void catalogue_of_another_store_is_set_aside(void **state)
{
    (void)state;
    struct sql *db;
    look();
    close_catalogue();
    assert_int_equal(sql_open(&db, CATALOGUE, false), 0);
    assert_int_equal(sql_run(db, "UPDATE store SET id = 'x'"), 0);
    sql_close(db);
    assert_made_again("another store");
}

static void directory_in_its_place_is_set_aside(void **state)
{
    (void)state;
    assert_int_equal(make_directories(CATALOGUE "/inside"), 0);
    assert_made_again("");
}

static void older_version_is_brought_up_to_date(void **state)
{
    (void)state;
    struct sql *db;
    look();
    char *before = made_dump(CATALOGUE);
    close_catalogue();
    assert_int_equal(sql_open(&db, CATALOGUE, false), 0); /* version 2 had fewer */
    assert_int_equal(sql_run(db, "DROP VIEW points; DROP TABLE evaluation;"
                                 " ALTER TABLE health DROP COLUMN worker; PRAGMA user_version = 2"),
                     0);
    sql_close(db);
    look();
    assert_null(catalogue_remark(catalogue));
    assert_int_equal(made_number(CATALOGUE, "SELECT count(*) FROM points WHERE metric = 'a'"), 3);
    char *after = made_dump(CATALOGUE);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void cache_is_used_when_asked_for(void **state)
{
    (void)state;
    char *cache = xasprintf("%s/cache", scratch_path);
    setenv("GANDER_CATALOGUE", "cache", 1);
    setenv("XDG_CACHE_HOME", cache, 1);
    look();
    assert_int_equal(count_runs(), 3);
    assert_false(file_exists(CATALOGUE));
    assert_memory_equal(catalogue_path(catalogue), cache, strlen(cache));
    assert_true(file_exists(catalogue_path(catalogue)));
    free(cache);
}

static void settings_of_the_store_may_ask_for_the_cache(void **state)
{
    (void)state;
    char *cache = xasprintf("%s/cache", scratch_path);
    setenv("XDG_CACHE_HOME", cache, 1);
    made_write(".gander/config.ini", "catalogue = cache\n");
    look();
    assert_false(file_exists(CATALOGUE));
    assert_true(file_exists(catalogue_path(catalogue)));
    free(cache);
}

static void memory_does_where_nothing_can_be_written(void **state)
{
    (void)state;
    made_write("file", "");
    setenv("GANDER_CATALOGUE", "cache", 1);
    setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
    look();
    assert_string_equal(catalogue_path(catalogue), ":memory:");
    assert_int_equal(count_runs(), 3);
    look();
    assert_int_equal(count_runs(), 3);
}

/* In a child with mounts of its own, the store is read-only. */
static void look_at_read_only_store(const char *cache)
{
    enum { UNABLE = 77 };
    struct store own;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(".gander", ".gander", NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, ".gander", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        _exit(UNABLE);
    setenv("XDG_CACHE_HOME", cache, 1);
    if (store_open(&own, ".gander", STORE_FIND) < 0 || catalogue_open(&catalogue, &own) < 0 ||
        catalogue_refresh(catalogue, MADE_NOW) < 0)
        _exit(1);
    bool is_fine = count_runs() == 3 && (strncmp(catalogue_path(catalogue), cache, strlen(cache)) ==
                                         0) == (strcmp(cache, "/proc/nowhere") != 0);
    _exit(is_fine ? 0 : 2);
}

static void read_only_store_is_indexed_elsewhere(void **state)
{
    (void)state;
    char *cache = xasprintf("%s/cache", scratch_path);
    const char *const caches[] = { cache, "/proc/nowhere" };
    int status = 0;
    for (int i = 0; i < ARRAY_SIZE(caches) && status == 0; i++) {
        pid_t child = fork();
        if (child == 0)
            look_at_read_only_store(caches[i]);
        assert_int_equal(waitpid(child, &status, 0), child);
        status = WEXITSTATUS(status);
    }
    free(cache);
    if (status == 77)
        skip(); /* nobody may mount here */
    assert_int_equal(status, 0);
    assert_false(file_exists(CATALOGUE));
}

static void store_of_somebody_else_is_indexed_elsewhere(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    if (geteuid() != 0)
        skip(); /* only root gives files away */
    char *cache = xasprintf("%s/cache", scratch_path);
    setenv("XDG_CACHE_HOME", cache, 1);
    assert_int_equal(chown(".gander", NOBODY, NOBODY), 0);
    look();
    assert_int_equal(count_runs(), 3);
    assert_false(file_exists(CATALOGUE));
    assert_memory_equal(catalogue_path(catalogue), cache, strlen(cache));
    free(cache);
}

static void lock_that_is_never_given_back_stops_nobody(void **state)
{
    (void)state;
    int lock;
    assert_int_equal(lock_take(CATALOGUE ".lock", &lock), 0);
    look();
    assert_int_equal(count_runs(), 3);
    assert_true(file_exists(CATALOGUE));
    close(lock);
}

/* Nobody but the owner sees what is in it. */
static void catalogue_is_private(void **state)
{
    (void)state;
    struct stat status;
    char *cache = xasprintf("%s/cache", scratch_path);
    setenv("GANDER_CATALOGUE", "cache", 1);
    setenv("XDG_CACHE_HOME", cache, 1);
    mode_t mask = umask(022);
    look();
    umask(mask);
    assert_int_equal(stat(catalogue_path(catalogue), &status), 0);
    assert_int_equal(status.st_mode & 077, 0);
    free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(catalogue_is_strict_and_says_its_version),
        IN_STORE(catalogue_that_is_removed_is_made_again),
        IN_STORE(reader_sees_that_its_catalogue_was_removed),
        IN_STORE(rebuilding_gives_the_same_rows),
        IN_STORE(file_that_is_no_database_is_set_aside),
        IN_STORE(empty_file_is_filled),
        IN_STORE(truncated_file_is_set_aside),
        IN_STORE(damaged_pages_are_set_aside),
        IN_STORE(later_version_is_set_aside),
        IN_STORE(catalogue_of_another_store_is_set_aside),
        IN_STORE(directory_in_its_place_is_set_aside),
        IN_STORE(older_version_is_brought_up_to_date),
        IN_STORE(cache_is_used_when_asked_for),
        IN_STORE(settings_of_the_store_may_ask_for_the_cache),
        IN_STORE(memory_does_where_nothing_can_be_written),
        IN_STORE(read_only_store_is_indexed_elsewhere),
        IN_STORE(store_of_somebody_else_is_indexed_elsewhere),
        IN_STORE(lock_that_is_never_given_back_stops_nobody),
        IN_STORE(catalogue_is_private),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
