/* Whatever way a journal came to be, and however it was read, the catalogue holds each point once. */
#define _GNU_SOURCE
#include <math.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/random.h"
#include "made_store.h"

#define CATALOGUE ".gander/catalogue.db"

static struct store store;
static struct catalogue *catalogue;

static int enter(void **state)
{
    unsetenv("GANDER_CATALOGUE");
    if (scratch_enter(state) < 0)
        return -1;
    made_store();
    return store_open(&store, NULL, STORE_FIND);
}

static int leave(void **state)
{
    catalogue_close(catalogue);
    catalogue = NULL;
    store_release(&store);
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void look(void)
{
    if (!catalogue)
        assert_int_equal(catalogue_open(&catalogue, &store), 0);
    assert_int_equal(catalogue_refresh(catalogue, MADE_NOW), 0);
    assert_null(catalogue_remark(catalogue));
}

/* What somebody sees who reads all for the first time. */
static char *dump_afresh(void)
{
    struct catalogue *fresh;
    char *cache = xasprintf("%s/afresh", scratch_path), *path;
    setenv("GANDER_CATALOGUE", "cache", 1);
    setenv("XDG_CACHE_HOME", cache, 1);
    assert_int_equal(catalogue_open(&fresh, &store), 0);
    assert_int_equal(catalogue_refresh(fresh, MADE_NOW), 0);
    path = xstrdup(catalogue_path(fresh));
    catalogue_close(fresh);
    char *text = made_dump(path);
    assert_int_equal(unlink(path), 0);
    unsetenv("GANDER_CATALOGUE");
    unsetenv("XDG_CACHE_HOME");
    free(path);
    free(cache);
    return text;
}

static void assert_same_text(const char *text, const char *expected)
{
    size_t i = 0;
    while (text[i] && text[i] == expected[i])
        i++;
    if (text[i] == expected[i])
        return;
    while (i > 0 && text[i - 1] != '\n')
        i--;
    print_error("differs at:\n%.600s\n--- and not:\n%.600s\n", text + i, expected + i);
    fail();
}

static void assert_as_afresh(void)
{
    char *text = made_dump(CATALOGUE), *expected = dump_afresh();
    assert_same_text(text, expected);
    free(text);
    free(expected);
}

/* --- at every byte --- */

/* Of everything one: what has no step, what is no line, what is not finite; longer than a block. */
static char *make_events(int from, int to)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    for (int i = from; i < to; i++)
        fprintf(stream, "{\"t\":%d.5,\"step\":%d,\"metrics\":{\"d_loss\":%g,\"g\":%s}}\n", 100 + i,
                i, 1.0 / (i + 1),
                i % 5 == 0   ? "\"NaN\""
                : i % 7 == 0 ? "-Infinity"
                             : "0.1");
    fprintf(stream,
            "{\"config\":{\"lr\":1e-4,\"deep\":{\"er\":\"x\"}}}\n"
            "{\"metrics\":{\"d_loss\":7}}\nno line\n\n"
            "{\"t\":1,\"step\":%d,\"sample\":\"samples/%08d.png\"}\n"
            "{\"step\":%d,\"checkpoint\":\"checkpoints/%08d.safetensors\"}\n"
            "{\"step\":%d,\"health\":\"balanced\",\"why\":\"so\",\"advice\":{\"a\":1}}\n"
            "{\"step\":%d,\"engine\":{\"cpu\":\"x\"},\"data\":{\"count\":5}}\n",
            to, to, to, to, to, to);
    fclose(stream);
    return text;
}

/* Appends byte by byte and looks after each; now and then somebody else looks for the first time. */
static void append_slowly(const char *name, const char *text)
{
    enum { COMPARE_EVERY = 61 };
    for (int i = 0; text[i]; i++) {
        made_append_bytes(1, name, &text[i], 1);
        look();
        if (i % COMPARE_EVERY == 0 || !text[i + 1])
            assert_as_afresh();
    }
}

static void journal_may_be_read_from_every_byte_on(void **state)
{
    (void)state;
    int lock;
    char *first = make_events(0, 10), *second = make_events(4, 38);
    char *resumed = xasprintf("{\"t\":200,\"state\":\"running\",\"pid\":2,\"worker\":2,"
                              "\"from_step\":4,\"events\":%zu}\n",
                              strlen(first));
    made_run(1, "{\"experiment\":\"a\"}");
    assert_int_equal(lock_take(made_path(1, "lock"), &lock), 0);
    append_slowly("worker.jsonl", "{\"t\":100,\"state\":\"running\",\"pid\":1,\"worker\":1,"
                                  "\"from_step\":0,\"events\":0}\n"
                                  "{\"t\":101,\"step\":1,\"use\":{\"cpu\":50,\"memory\":7}}\n");
    append_slowly("events.jsonl", first);
    append_slowly("worker.jsonl", resumed);
    append_slowly("events.jsonl", second);
    append_slowly("notes.jsonl",
                  "{\"t\":1,\"by\":\"me\",\"tag\":\"good\"}\n{\"t\":2,\"note\":\"x\"}\n"
                  "{\"t\":3,\"name\":\"best\"}\n");
    append_slowly("worker.jsonl", "{\"t\":300,\"state\":\"finished\",\"step\":38,\"exit\":0}\n");
    close(lock);
    look();
    assert_as_afresh();
    free(first);
    free(second);
    free(resumed);
}

/* --- superseded attempts --- */

static int64_t points_of(const char *metric, double *last)
{
    struct arena arena = { 0 };
    struct run_metric *rows;
    int64_t run = 1, points = 0;
    int count;
    assert_int_equal(catalogue_metrics(catalogue, &arena, &run, 1, metric, &rows, &count), 0);
    if (count == 1) {
        points = rows[0].points;
        *last = rows[0].last;
    }
    arena_release(&arena);
    return points;
}

static void superseded_steps_are_neither_listed_nor_charted(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct series series;
    struct file_row *files;
    double last = 0;
    int count;
    made_run(1, "{\"experiment\":\"a\"}");
    made_append(1, "worker.jsonl",
                "{\"t\":1,\"state\":\"running\",\"from_step\":0,\"events\":0}\n");
    made_append(
        1, "events.jsonl",
        "{\"step\":1,\"metrics\":{\"a\":1}}\n{\"step\":2,\"metrics\":{\"a\":2,\"gone\":1}}\n"
        "{\"step\":2,\"sample\":\"samples/00000002.png\"}\n"
        "{\"step\":3,\"metrics\":{\"a\":3}}\n");
    look();
    assert_int_equal(points_of("a", &last), 3);
    char *resumed = xasprintf("{\"t\":9,\"state\":\"running\",\"from_step\":1,\"events\":%lld}\n",
                              (long long)file_size(made_path(1, "events.jsonl")));
    made_append(1, "worker.jsonl", resumed);
    made_append(1, "events.jsonl", "{\"step\":2,\"metrics\":{\"a\":20}}\n");
    assert_int_equal(store_tell_change(&store, 1), 0);
    look();
    assert_int_equal(points_of("a", &last), 2);
    assert_true(last == 20);
    assert_int_equal(points_of("gone", &last), 0);
    assert_int_equal(catalogue_series(catalogue, &arena, 1, "a", NAN, NAN, 100, &series), 0);
    assert_int_equal(series.count, 2);
    assert_true(series.mean[0] == 1 && series.mean[1] == 20);
    assert_int_equal(catalogue_files(catalogue, &arena, 1, "sample", &files, &count), 0);
    assert_int_equal(count, 0);
    assert_as_afresh();
    free(resumed);
    arena_release(&arena);
}

/* --- journals that do not only grow --- */

static void journals_that_shrink_or_are_replaced_are_read_anew(void **state)
{
    (void)state;
    int lock;
    double last = 0;
    made_run(1, "{\"experiment\":\"a\"}");
    assert_int_equal(lock_take(made_path(1, "lock"), &lock), 0);
    made_append(1, "worker.jsonl",
                "{\"t\":1,\"state\":\"running\",\"from_step\":0,\"events\":0}\n");
    made_append(1, "events.jsonl",
                "{\"step\":1,\"metrics\":{\"a\":1}}\n"
                "{\"step\":2,\"metrics\":{\"a\":2}}\n");
    look();
    assert_int_equal(points_of("a", &last), 2);
    made_write(made_path(1, "events.jsonl"), "{\"step\":1,\"metrics\":{\"b\":5}}\n");
    look();
    assert_int_equal(points_of("a", &last), 0);
    assert_int_equal(points_of("b", &last), 1);
    assert_as_afresh();
    made_write(made_path(1, "worker.jsonl"), "{\"t\":1,\"state\":\"queued\"}\n");
    look();
    assert_as_afresh();
    assert_int_equal(unlink(made_path(1, "events.jsonl")), 0);
    look();
    assert_int_equal(points_of("b", &last), 0);
    assert_as_afresh();
    close(lock);
}

/* --- runs that have ended --- */

static void ended_runs_are_read_again_when_changes_names_them_only(void **state)
{
    (void)state;
    double last = 0;
    made_run(1, "{\"experiment\":\"a\"}");
    made_append(1, "events.jsonl", "{\"step\":1,\"metrics\":{\"a\":1}}\n");
    made_ended(1, "finished");
    look();
    assert_int_equal(made_number(CATALOGUE, "SELECT settled FROM run"), 1);
    made_append(1, "events.jsonl", "{\"step\":2,\"metrics\":{\"a\":2}}\n");
    look();
    assert_int_equal(points_of("a", &last), 1);
    assert_int_equal(store_tell_change(&store, 1), 0);
    look();
    assert_int_equal(points_of("a", &last), 2);
    made_append(1, "events.jsonl", "{\"step\":3,\"metrics\":{\"a\":3}}\n");
    made_write(".gander/changes", ""); /* made anew: anything may have changed */
    look();
    assert_int_equal(points_of("a", &last), 3);
}

static void runs_that_are_gone_are_forgotten(void **state)
{
    (void)state;
    for (int run = 1; run <= 3; run++) {
        made_run(run, "{\"experiment\":\"a\"}");
        made_append(run, "events.jsonl", "{\"step\":1,\"metrics\":{\"a\":1}}\n");
        made_ended(run, "finished");
    }
    look();
    assert_int_equal(rename(".gander/runs/2", "elsewhere"), 0);
    look();
    assert_int_equal(made_number(CATALOGUE, "SELECT count(*) FROM run"), 2);
    assert_int_equal(made_number(CATALOGUE, "SELECT count(*) FROM block"), 2);
    assert_as_afresh();
    assert_int_equal(rename("elsewhere", ".gander/runs/2"), 0);
    look();
    assert_as_afresh();
}

/* --- what is new of a few --- */

static uint64_t mark_of(int64_t run)
{
    look();
    return catalogue_mark(catalogue, &run, 1);
}

static void a_mark_changes_with_what_is_new_of_its_runs_alone(void **state)
{
    static const int64_t both[] = { 1, 2 };
    (void)state;
    int lock;
    for (int run = 1; run <= 2; run++) {
        made_run(run, "{\"experiment\":\"a\"}");
        made_append(run, "events.jsonl", "{\"step\":1,\"metrics\":{\"a\":1}}\n");
    }
    made_ended(1, "finished");
    made_append(2, "worker.jsonl",
                "{\"t\":1,\"state\":\"running\",\"pid\":1,\"worker\":1,"
                "\"from_step\":0,\"events\":0}\n");
    assert_int_equal(lock_take(made_path(2, "lock"), &lock), 0);
    uint64_t first = mark_of(1), second = mark_of(2), together;
    together = catalogue_mark(catalogue, both, 2);
    assert_true(first != 0 && second != 0 && first != second);
    made_append(2, "events.jsonl", "{\"step\":2,\"metrics\":{\"a\":1}}\n");
    assert_true(mark_of(1) == first);
    assert_true(mark_of(2) != second);
    assert_true(catalogue_mark(catalogue, both, 2) != together);
    second = mark_of(2);
    assert_true(mark_of(2) == second); /* nothing is new */
    made_append(2, "notes.jsonl", "{\"t\":1,\"tag\":\"x\"}\n");
    assert_true(mark_of(2) != second);
    second = mark_of(2);
    close(lock); /* it is lost */
    assert_true(mark_of(2) != second);
    assert_int_equal(make_directories(".gander/bin"), 0);
    assert_int_equal(rename(".gander/runs/1", ".gander/bin/1"), 0);
    assert_true(mark_of(1) != first);
}

/* --- kill -9 of a reader --- */

static void write_big_journal(int lines)
{
    FILE *stream = fopen(made_path(1, "events.jsonl"), "a");
    assert_non_null(stream);
    for (int i = 1; i <= lines; i++)
        fprintf(stream, "{\"t\":%d,\"step\":%d,\"metrics\":{\"a\":%d,\"b\":0.25,\"c\":0.125}}\n", i,
                i, i);
    fclose(stream);
}

static void look_until_killed(void)
{
    struct catalogue *own;
    for (;;)
        if (catalogue_open(&own, &store) < 0 || catalogue_refresh(own, MADE_NOW) < 0)
            _exit(1);
        else
            catalogue_close(own);
}

static int64_t bytes_taken_in(void)
{
    return file_size(CATALOGUE) > 0
               ? made_number(CATALOGUE, "SELECT coalesce(max(events_size), 0)"
                                        " FROM run LEFT JOIN reading ON run = number")
               : 0;
}

static void reader_that_is_killed_leaves_each_point_once(void **state)
{
    (void)state;
    enum { LINES = 150000, KILLS = 25, LONGEST_MS = 60 };
    struct random random;
    int lines = getenv("GANDER_TEST_SMALL") ? LINES / 5 : LINES;
    double last = 0;
    made_run(1, "{\"experiment\":\"a\"}");
    made_ended(1, "finished");
    write_big_journal(lines);
    random_seed(&random, 7, 0);
    for (int i = 0; i < KILLS; i++) {
        int status;
        pid_t reader = fork();
        if (reader == 0)
            look_until_killed();
        pause_ms(1 + (int)random_below(&random, LONGEST_MS));
        kill(reader, SIGKILL);
        assert_int_equal(waitpid(reader, &status, 0), reader);
        assert_true(WIFSIGNALED(status));
    }
    look();
    assert_int_equal(points_of("a", &last), lines);
    assert_true(last == lines);
    assert_int_equal(bytes_taken_in(), file_size(made_path(1, "events.jsonl")));
    assert_as_afresh();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(journal_may_be_read_from_every_byte_on),
        IN_STORE(superseded_steps_are_neither_listed_nor_charted),
        IN_STORE(journals_that_shrink_or_are_replaced_are_read_anew),
        IN_STORE(ended_runs_are_read_again_when_changes_names_them_only),
        IN_STORE(runs_that_are_gone_are_forgotten),
        IN_STORE(a_mark_changes_with_what_is_new_of_its_runs_alone),
        IN_STORE(reader_that_is_killed_leaves_each_point_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
