/* Event files are followed while they grow: what is in them is journalled, and once only. */
#define _GNU_SOURCE
#include "exchange/follow.h"

#include <string.h>

#include "event_files.h"

#define EVENTS "run/events.jsonl"
#define FILE_A "logs/Nov30_12-00-00_ada/events.out.tfevents.1.a"
#define FILE_B "logs/Nov30_13-00-00_ada/events.out.tfevents.2.b"

static void *feed;
static char *root;

static int enter(void **state)
{
    int code = scratch_enter(state);
    root = xasprintf("%s/logs", scratch_path);
    return code || make_directories("run/samples");
}

static int leave(void **state)
{
    free(root);
    return scratch_leave(state);
}

static void begin(bool is_first)
{
    assert_int_equal(tensorboard_feed.begin(&feed, "run", root, is_first), 0);
}

static void look(void)
{
    bool has_more = true;
    assert_int_equal(tensorboard_feed.look(feed, &has_more), 0);
    assert_false(has_more);
}

static void end_with(const char *words, const char *rest)
{
    char *text = tensorboard_feed.tell(feed);
    char *wanted = xasprintf("journalled %s in '%s'%s", words, root, rest);
    assert_string_equal(text, wanted);
    free(text);
    free(wanted);
    tensorboard_feed.release(feed);
}

static void end(const char *words)
{
    end_with(words, "");
}

static void assert_journal(const char *wanted)
{
    char *text;
    size_t size;
    assert_int_equal(file_read(EVENTS, 1 << 20, &text, &size), 0);
    assert_string_equal(text, wanted);
    free(text);
}

static void put(const char *path, int64_t step, const char *tag, double value)
{
    char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    assert_int_equal(make_directories(folder), 0);
    put_scalar(path, 100 + (double)step, step, tag, value);
    free(folder);
}

#define LINE_1 "{\"t\":101.0,\"step\":1,\"metrics\":{\"loss\":1.0}}\n"
#define LINE_2 "{\"t\":102.0,\"step\":2,\"metrics\":{\"loss\":2.0}}\n"
#define LINE_3 "{\"t\":103.0,\"step\":3,\"metrics\":{\"loss\":3.0}}\n"
#define MARK(file, offset) "{\"tensorboard\":{\"" file "\":" offset "}}\n"
#define NAME_A "Nov30_12-00-00_ada/events.out.tfevents.1.a"
#define NAME_B "Nov30_13-00-00_ada/events.out.tfevents.2.b"

static void what_is_new_is_journalled_with_how_far_it_went(void **state)
{
    (void)state;
    begin(true);
    look(); /* there is not even a directory yet */
    put(FILE_A, 1, "loss", 1);
    look();
    look();
    put(FILE_A, 2, "loss", 2);
    look();
    end("2 scalars and 0 images of 1 event file");
    int64_t half = file_size(FILE_A) / 2;
    char *wanted = xasprintf(LINE_1 MARK(NAME_A, "%lld") LINE_2 MARK(NAME_A, "%lld"),
                             (long long)half, (long long)(2 * half));
    assert_journal(wanted);
    free(wanted);
}

static void torn_record_is_waited_for(void **state)
{
    (void)state;
    put(FILE_A, 1, "loss", 1);
    int64_t whole = file_size(FILE_A);
    char *bytes;
    size_t size;
    begin(true); /* and so it is not ours */
    put(FILE_B, 1, "loss", 1);
    put(FILE_B, 2, "loss", 2);
    assert_int_equal(file_read(FILE_B, 1 << 20, &bytes, &size), 0);
    assert_int_equal(truncate(FILE_B, 2 * whole - 3), 0);
    look();
    FILE *file = fopen(FILE_B, "ab");
    fwrite(bytes + 2 * whole - 3, 1, 3, file);
    fclose(file);
    free(bytes);
    look();
    end("2 scalars and 0 images of 1 event file");
    char *wanted =
        xasprintf(MARK(NAME_A, "null") LINE_1 MARK(NAME_B, "%lld") LINE_2 MARK(NAME_B, "%lld"),
                  (long long)whole, (long long)(2 * whole));
    assert_journal(wanted);
    free(wanted);
}

/* A worker was killed: the next attempt goes on where its journal says, and takes in what the
 * training wrote alone as part of the attempt before. */
static void next_attempt_goes_on_where_the_last_one_was(void **state)
{
    (void)state;
    begin(true);
    put(FILE_A, 1, "loss", 1);
    look();
    tensorboard_feed.release(feed);
    put(FILE_A, 2, "loss", 2);
    begin(false);
    int64_t half = file_size(FILE_A) / 2;
    char *before = xasprintf(LINE_1 MARK(NAME_A, "%lld") LINE_2 MARK(NAME_A, "%lld"),
                             (long long)half, (long long)(2 * half));
    assert_journal(before);
    /* a new directory of the same training: its tags are called as before */
    put(FILE_B, 3, "loss", 3);
    look();
    char *after = xasprintf("%s" LINE_3 MARK(NAME_B, "%lld"), before, (long long)half);
    assert_journal(after);
    end("1 scalar and 0 images of 1 event file");
    free(before);
    free(after);
}

/* What is journalled of a batch and how far it went are one write: a journal that was cut between
 * them makes the batch come again, and nothing come twice. */
static void batch_without_its_mark_was_not_written(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    begin(true);
    for (int step = 1; step <= MANY; step++)
        put(FILE_A, step, "a rather long name of a metric that fills batches", step);
    look();
    tensorboard_feed.release(feed);
    char *text;
    size_t size;
    assert_int_equal(file_read(EVENTS, 1 << 22, &text, &size), 0);
    int lines = 0, marks = 0, batch = 0;
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
        bool is_mark = strncmp(line, "{\"tensorboard\"", 14) == 0;
        lines += !is_mark;
        marks += is_mark;
        batch = is_mark ? 0 : batch + (int)(strchr(line, '\n') - line);
        assert_in_range(batch, 0, 1 << 16);
    }
    assert_int_equal(lines, MANY);
    assert_true(marks > 3);
    assert_int_equal(batch, 0);
    free(text);
}

static void damage_is_told_and_ends_the_file_alone(void **state)
{
    (void)state;
    begin(true);
    put(FILE_A, 1, "loss", 1);
    FILE *file = fopen(FILE_A, "ab");
    fwrite("this is no record at all", 1, 24, file);
    fclose(file);
    put(FILE_B, 1, "other", 2);
    put_record(FILE_B, "no event", 8);
    look();
    look();
    end_with("2 scalars and 0 images of 2 event files",
             "; 1 damaged record passed over; 1 file damaged: what follows in it cannot be told");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_new_is_journalled_with_how_far_it_went),
        TEST(torn_record_is_waited_for),
        TEST(next_attempt_goes_on_where_the_last_one_was),
        TEST(batch_without_its_mark_was_not_written),
        TEST(damage_is_told_and_ends_the_file_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
