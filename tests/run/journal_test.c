#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "run/journal.h"
#include "testing.h"

enum { SEEN_LIMIT = 64 };

struct seen {
    int64_t steps[SEEN_LIMIT];
    double losses[SEEN_LIMIT];
    int count;
};

static int note(void *context, const struct event *event)
{
    struct seen *seen = context;
    assert_true(seen->count < SEEN_LIMIT);
    seen->steps[seen->count] = event->step;
    seen->losses[seen->count] = -1;
    json_get_number(json_member(event->metrics, "d_loss"), &seen->losses[seen->count]);
    seen->count++;
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static struct seen read_events(const char *events, const char *worker, struct event_counts *counts)
{
    struct arena arena = { 0 };
    struct worker_story story;
    struct seen seen = { .count = 0 };
    write_file("events.jsonl", events);
    write_file("worker.jsonl", worker);
    assert_int_equal(worker_read(&arena, &story, "."), 0);
    assert_int_equal(events_read(".", &story, note, &seen, counts), 0);
    arena_release(&arena);
    return seen;
}

static void journal_reads_back_what_was_put(void **state)
{
    (void)state;
    struct line_writer writer;
    const struct metric metrics[] = { { "d_loss", 1.0 / 3 }, { "g_loss", NAN } };
    assert_int_equal(events_open(&writer, "."), 0);
    assert_int_equal(events_put_metrics(&writer, 1732370000.1239, 120, metrics, 2), 0);
    assert_int_equal(events_put_file(&writer, 1732370001, 200, "sample", "samples/2.png"), 0);
    line_writer_close(&writer);

    char *text;
    size_t size;
    assert_int_equal(file_read("events.jsonl", 4096, &text, &size), 0);
    assert_non_null(
        strstr(text, "{\"t\":1732370000.123,\"step\":120,\"metrics\":{\"d_loss\":0.333"));
    assert_non_null(strstr(text, ",\"g_loss\":\"NaN\"}}\n"));
    assert_non_null(strstr(text, ",\"step\":200,\"sample\":\"samples/2.png\"}\n"));
    struct seen seen = read_events(text, "", NULL);
    free(text);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.steps[0], 120);
    assert_true(seen.losses[0] == 1.0 / 3);
}

static void journal_ignores_a_torn_last_line(void **state)
{
    (void)state;
    struct event_counts counts;
    struct seen seen = read_events("{\"step\":1,\"metrics\":{\"d_loss\":0.5}}\n"
                                   "{\"step\":2,\"metrics\":{\"d_loss\":0.4}}",
                                   "", &counts);
    assert_int_equal(seen.count, 1);
    assert_int_equal(counts.bad, 0);
}

static void writer_leaves_a_torn_line_behind_and_goes_on(void **state)
{
    (void)state;
    struct line_writer writer;
    const struct metric loss = { "d_loss", 0.25 };
    write_file("events.jsonl", "{\"step\":1}\n{\"step\":2,\"met");
    assert_int_equal(events_open(&writer, "."), 0);
    assert_int_equal(events_put_metrics(&writer, 1, 2, &loss, 1), 0);
    line_writer_close(&writer);

    char *text;
    size_t size;
    struct event_counts counts;
    assert_int_equal(file_read("events.jsonl", 4096, &text, &size), 0);
    struct seen seen = read_events(text, "", &counts);
    free(text);
    assert_int_equal(seen.count, 2);
    assert_true(seen.losses[1] == 0.25);
    assert_int_equal(counts.bad, 1);
}

static void reader_skips_and_counts_bad_lines(void **state)
{
    (void)state;
    struct event_counts counts;
    struct seen seen = read_events("garbage\n"
                                   "[1,2]\n"
                                   "\n"
                                   "{\"step\":3,\"metrics\":{\"d_loss\":NaN}}\n"
                                   "{\"step\":4,\"metrics\":7}\n"
                                   "{\"step\":5,\"metrics\":{\"d_loss\":\n"
                                   "{\"step\":6}\n",
                                   "", &counts);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.steps[0], 3);
    assert_true(isnan(seen.losses[0]));
    assert_int_equal(seen.steps[1], 4);
    assert_int_equal(seen.steps[2], 6);
    assert_int_equal(counts.bad, 3);
    assert_int_equal(counts.read, 3);
}

static void reader_passes_lines_longer_than_it_can_hold(void **state)
{
    (void)state;
    enum { LONG = 3 << 20 };
    static const char head[] = "{\"step\":1}\n{\"step\":2", tail[] = "}\n{\"step\":3}\n";
    struct event_counts counts;
    char *text = xmalloc(LONG + sizeof tail);
    memset(text, ' ', LONG);
    memcpy(text, head, strlen(head));
    memcpy(text + LONG, tail, sizeof tail);
    struct seen seen = read_events(text, "", &counts);
    free(text);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.steps[1], 3);
    assert_int_equal(counts.bad, 1);
}

static void reader_gives_lines_that_straddle_its_chunks(void **state)
{
    (void)state;
    enum { LINES = 60, PADDING = 5000 };
    char *text = xcalloc(LINES, PADDING + 40), *end = text;
    for (int i = 0; i < LINES; i++)
        end += snprintf(end, PADDING + 40, "{\"step\":%d,\"pad\":\"%*s\"}\n", i, PADDING, "");
    struct event_counts counts;
    struct seen seen = read_events(text, "", &counts);
    free(text);
    assert_int_equal(seen.count, LINES);
    for (int i = 0; i < LINES; i++)
        assert_int_equal(seen.steps[i], i);
    assert_int_equal(counts.bad, 0);
}

static const char first_attempt[] =
    "{\"step\":100}\n{\"step\":200}\n{\"step\":300}\n{\"step\":400}\n";

static void later_steps_of_a_broken_attempt_are_superseded(void **state)
{
    (void)state;
    char events[300], worker[300];
    struct event_counts counts;
    snprintf(events, sizeof events, "%s{\"step\":300}\n{\"step\":400}\n{\"step\":500}\n",
             first_attempt);
    snprintf(worker, sizeof worker,
             "{\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
             "{\"state\":\"running\",\"from_step\":200,\"events\":%zu}\n",
             strlen(first_attempt));
    struct seen seen = read_events(events, worker, &counts);
    assert_int_equal(seen.count, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(seen.steps[i], 100 * (i + 1));
    assert_int_equal(counts.superseded, 2);
}

static void third_attempt_supersedes_both_before_it(void **state)
{
    (void)state;
    static const char second_attempt[] = "{\"step\":300}\n";
    char events[300], worker[400];
    snprintf(events, sizeof events, "%s%s{\"step\":200}\n", first_attempt, second_attempt);
    snprintf(worker, sizeof worker,
             "{\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
             "{\"state\":\"running\",\"from_step\":200,\"events\":%zu}\n"
             "{\"state\":\"running\",\"from_step\":100,\"events\":%zu}\n",
             strlen(first_attempt), strlen(first_attempt) + strlen(second_attempt));
    struct seen seen = read_events(events, worker, NULL);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.steps[0], 100);
    assert_int_equal(seen.steps[1], 200);
}

static void worker_story_holds_attempts_and_end(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct line_writer writer;
    struct worker_story story;
    const char *settings[] = { "training.steps=600" };
    assert_int_equal(worker_open(&writer, "."), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(worker_put_attempt(&writer, &(struct attempt){ .time = 10 + i,
                                                                        .pid = 4242,
                                                                        .host = "rho",
                                                                        .from_step = 100 * i,
                                                                        .events = 1000 * i,
                                                                        .settings = settings,
                                                                        .setting_count = i / 2 }),
                         0);
    assert_int_equal(worker_put_state(&writer, 20, RUN_FAILED, 250, "disk full"), 0);
    line_writer_close(&writer);

    assert_int_equal(worker_read(&arena, &story, "."), 0);
    assert_int_equal(story.attempt_count, 3);
    assert_int_equal(story.attempts[1].from_step, 100);
    assert_int_equal(story.attempts[1].setting_count, 0);
    assert_int_equal(story.attempts[2].events, 2000);
    assert_string_equal(story.attempts[2].settings[0], "training.steps=600");
    assert_string_equal(story.attempts[2].host, "rho");
    assert_int_equal(story.state, RUN_FAILED);
    assert_int_equal(story.step, 250);
    assert_string_equal(story.reason, "disk full");
    arena_release(&arena);
}

static void missing_journal_is_an_empty_one(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct worker_story story;
    struct seen seen = { .count = 0 };
    assert_int_equal(worker_read(&arena, &story, "."), 0);
    assert_int_equal(story.state, RUN_QUEUED);
    assert_int_equal(events_read(".", &story, note, &seen, NULL), 0);
    assert_int_equal(seen.count, 0);
    arena_release(&arena);
}

static void run_is_lost_only_when_neither_lock_is_held(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct worker_story story;
    int worker_lock, command_lock;
    write_file("worker.jsonl", "{\"state\":\"running\",\"from_step\":0,\"events\":0}\n");
    assert_int_equal(worker_read(&arena, &story, "."), 0);
    assert_int_equal(worker_state_now(&story, "."), RUN_LOST);
    assert_int_equal(lock_take("lock", &worker_lock), 0);
    assert_int_equal(lock_take("command.lock", &command_lock), 0);
    assert_int_equal(worker_state_now(&story, "."), RUN_RUNNING);
    close(worker_lock);
    assert_int_equal(worker_state_now(&story, "."), RUN_RUNNING);
    close(command_lock);
    assert_int_equal(worker_state_now(&story, "."), RUN_LOST);
    arena_release(&arena);
}

static int stop_at_second(void *context, const struct event *event)
{
    (void)event;
    return ++*(int *)context == 2 ? ERR_CANCELLED : 0;
}

static void visitor_may_end_the_reading(void **state)
{
    (void)state;
    int calls = 0;
    struct worker_story story = { .attempt_count = 0 };
    write_file("events.jsonl", first_attempt);
    assert_int_equal(events_read(".", &story, stop_at_second, &calls, NULL), ERR_CANCELLED);
    assert_int_equal(calls, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(journal_reads_back_what_was_put),
        IN_SCRATCH(journal_ignores_a_torn_last_line),
        IN_SCRATCH(writer_leaves_a_torn_line_behind_and_goes_on),
        IN_SCRATCH(reader_skips_and_counts_bad_lines),
        IN_SCRATCH(reader_passes_lines_longer_than_it_can_hold),
        IN_SCRATCH(reader_gives_lines_that_straddle_its_chunks),
        IN_SCRATCH(later_steps_of_a_broken_attempt_are_superseded),
        IN_SCRATCH(third_attempt_supersedes_both_before_it),
        IN_SCRATCH(worker_story_holds_attempts_and_end),
        IN_SCRATCH(missing_journal_is_an_empty_one),
        IN_SCRATCH(run_is_lost_only_when_neither_lock_is_held),
        IN_SCRATCH(visitor_may_end_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
