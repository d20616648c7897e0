#define _GNU_SOURCE
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
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
    if (event->is_superseded)
        return 0;
    assert_true(seen->count < SEEN_LIMIT);
    seen->steps[seen->count] = event->step;
    seen->losses[seen->count] = -1;
    for (int i = 0; i < event->metric_count; i++)
        if (strcmp(event->metrics[i].name, "d_loss") == 0)
            seen->losses[seen->count] = event->metrics[i].value;
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
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    struct seen seen = { .count = 0 };
    write_file("events.jsonl", events);
    write_file("worker.jsonl", worker);
    assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0);
    assert_int_equal(events_read(".", &story, &place, 0, note, &seen), 0);
    if (counts)
        *counts = place.counts;
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
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.steps[0], 3);
    assert_true(isnan(seen.losses[0]));
    assert_int_equal(seen.steps[1], 6);
    assert_int_equal(counts.bad, 4);
    assert_int_equal(counts.read, 2);
}

static void reader_passes_lines_longer_than_it_can_hold(void **state)
{
    (void)state;
    enum { LONG = 9 << 20 };
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
    struct worker_story story = { .size = 0 };
    const char *settings[] = { "training.steps=600" };
    assert_int_equal(worker_open(&writer, "."), 0);
    for (int i = 0; i < 3; i++) {
        struct worker_identity self = { .pid = 4240 + i, .host = "rho", .settings = settings };
        self.setting_count = i / 2;
        assert_int_equal(worker_put_queued(&writer, 9 + i, &self, NULL), 0);
        assert_int_equal(worker_put_attempt(&writer, &self,
                                            &(struct attempt){ .time = 10 + i,
                                                               .pid = 5000 + i,
                                                               .from_step = 100 * i,
                                                               .events = 1000 * i }),
                         0);
        assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0); /* piece by piece */
    }
    struct run_end end = { RUN_FAILED, 250, 3, 0, "disk full" };
    assert_int_equal(worker_put_end(&writer, 20, &end), 0);
    line_writer_close(&writer);

    assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0);
    assert_int_equal(story.attempt_count, 3);
    assert_int_equal(story.attempts[0].pid, 5000);
    assert_int_equal(story.attempts[1].from_step, 100);
    assert_int_equal(story.attempts[2].events, 2000);
    assert_int_equal(story.worker.pid, 4242);
    assert_int_equal(story.worker.setting_count, 1);
    assert_string_equal(story.worker.settings[0], "training.steps=600");
    assert_string_equal(story.worker.host, "rho");
    assert_int_equal(story.state, RUN_FAILED);
    assert_int_equal(story.end.step, 250);
    assert_int_equal(story.end.exit_status, 3);
    assert_string_equal(story.end.reason, "disk full");
    assert_int_equal(story.size, file_size("worker.jsonl"));
    arena_release(&arena);
}

static void time_worked_leaves_out_queue_and_pauses(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    write_file("worker.jsonl", "{\"t\":100,\"state\":\"queued\",\"worker\":1,\"host\":\"rho\"}\n"
                               "{\"t\":110,\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
                               "{\"t\":112,\"state\":\"paused\"}\n"
                               "{\"t\":150,\"state\":\"running\"}\n"
                               "{\"t\":155,\"state\":\"stopped\"}\n"
                               "{\"t\":200,\"state\":\"running\",\"from_step\":9,\"events\":0}\n");
    assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0);
    assert_true(story.queued == 100);
    assert_true(story.worked == 2 + 5);
    assert_true(story.working_since == 200);
    assert_int_equal(story.attempt_count, 2); /* going on is no attempt */
    assert_int_equal(story.end.step, -1);
    arena_release(&arena);
}

static void note_use(void *context, const struct use_line *use)
{
    double cpu = -1;
    json_get_number(json_member(use->values, "cpu"), &cpu);
    assert_true(cpu == 187.5);
    assert_int_equal(use->step, 320);
    ++*(int *)context;
}

static void lines_about_resources_are_no_states(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct line_writer writer;
    const struct metric use = { "cpu", 187.5 };
    int seen = 0;
    assert_int_equal(worker_open(&writer, "."), 0);
    assert_int_equal(worker_put_state(&writer, 5, RUN_PAUSED), 0);
    assert_int_equal(worker_put_use(&writer, 10, 320, &use, 1), 0);
    line_writer_close(&writer);
    assert_int_equal(worker_read(&arena, &story, ".", note_use, &seen), 0);
    assert_int_equal(seen, 1);
    assert_int_equal(story.state, RUN_PAUSED);
    assert_int_equal(story.bad_lines, 0);
    arena_release(&arena);
}

static void story_begins_again_when_its_file_does(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    write_file("worker.jsonl", "{\"t\":1,\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
                               "{\"t\":2,\"state\":\"stopped\"}\n");
    assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0);
    write_file("worker.jsonl", "{\"t\":3,\"state\":\"queued\"}\n");
    assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0);
    assert_int_equal(story.state, RUN_QUEUED);
    assert_int_equal(story.attempt_count, 0);
    arena_release(&arena);
}

static void steps_that_are_not_said_follow_one_another(void **state)
{
    (void)state;
    struct seen seen = read_events("{\"metrics\":{\"d_loss\":0.5}}\n"
                                   "{\"metrics\":{\"d_loss\":0.4}}\n"
                                   "{\"sample\":\"a.png\"}\n"
                                   "{\"step\":10,\"metrics\":{\"d_loss\":0.3}}\n"
                                   "{\"config\":{\"lr\":1}}\n"
                                   "{\"metrics\":{\"d_loss\":0.2}}\n",
                                   "", NULL);
    static const int64_t expected[] = { 1, 2, 2, 10, 10, 11 };
    assert_int_equal(seen.count, 6);
    for (int i = 0; i < 6; i++)
        assert_int_equal(seen.steps[i], expected[i]);
}

static void reading_goes_on_where_it_stopped(void **state)
{
    (void)state;
    struct worker_story story = { .attempt_count = 0 };
    struct events_place place = { .offset = 0 };
    struct seen seen = { .count = 0 };
    write_file("events.jsonl", "{\"step\":1}\n{\"step\":2}\n{\"st");
    assert_int_equal(events_read(".", &story, &place, 1, note, &seen), 0); /* a line at a time */
    assert_int_equal(seen.count, 1);
    assert_int_equal(events_read(".", &story, &place, 0, note, &seen), 0);
    assert_int_equal(seen.count, 2);
    assert_int_equal(place.offset, strlen("{\"step\":1}\n{\"step\":2}\n"));
    FILE *file = fopen("events.jsonl", "a");
    fputs("ep\":3}\n{\"metrics\":{\"d_loss\":1}}\n", file);
    fclose(file);
    assert_int_equal(events_read(".", &story, &place, 0, note, &seen), 0);
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.steps[2], 3);
    assert_int_equal(seen.steps[3], 4);
    assert_int_equal(place.counts.read, 4);
}

static void missing_journal_is_an_empty_one(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    struct seen seen = { .count = 0 };
    assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0);
    assert_int_equal(story.state, RUN_QUEUED);
    assert_int_equal(events_read(".", &story, &place, 0, note, &seen), 0);
    assert_int_equal(seen.count, 0);
    arena_release(&arena);
}

static struct run_status status_of(const char *worker, double now)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    write_file("worker.jsonl", worker);
    assert_int_equal(worker_read(&arena, &story, ".", NULL, NULL), 0);
    struct run_status status = worker_status(&story, ".", now);
    arena_release(&arena);
    return status;
}

static void run_is_lost_only_when_neither_lock_is_held(void **state)
{
    (void)state;
    static const char running[] = "{\"state\":\"running\",\"from_step\":0,\"events\":0}\n";
    int worker_lock, command_lock;
    assert_int_equal(status_of(running, 0).state, RUN_LOST);
    assert_int_equal(lock_take("lock", &worker_lock), 0);
    assert_int_equal(lock_take("command.lock", &command_lock), 0);
    assert_int_equal(status_of(running, 0).state, RUN_RUNNING);
    assert_false(status_of(running, 0).is_orphan);
    close(worker_lock);
    assert_int_equal(status_of(running, 0).state, RUN_RUNNING);
    assert_true(status_of(running, 0).is_orphan);
    close(command_lock);
    assert_int_equal(status_of(running, 0).state, RUN_LOST);
    assert_int_equal(status_of("{\"state\":\"queued\"}\n", 0).state, RUN_LOST);
    assert_int_equal(status_of("{\"state\":\"failed\"}\n", 0).state, RUN_FAILED);
}

/* Locks of another host may not be seen; a heartbeat is. */
static void run_of_another_host_is_lost_when_its_heart_stands_still(void **state)
{
    (void)state;
    static const char running[] =
        "{\"state\":\"running\",\"host\":\"elsewhere\",\"from_step\":0,\"events\":0}\n";
    double now = wall_clock();
    assert_int_equal(status_of(running, now).state, RUN_RUNNING);
    assert_int_equal(status_of(running, now + 59).state, RUN_RUNNING);
    assert_int_equal(status_of(running, now + 62).state, RUN_LOST);
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
    struct events_place place = { .offset = 0 };
    write_file("events.jsonl", first_attempt);
    assert_int_equal(events_read(".", &story, &place, 0, stop_at_second, &calls), ERR_CANCELLED);
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
        IN_SCRATCH(time_worked_leaves_out_queue_and_pauses),
        IN_SCRATCH(lines_about_resources_are_no_states),
        IN_SCRATCH(story_begins_again_when_its_file_does),
        IN_SCRATCH(steps_that_are_not_said_follow_one_another),
        IN_SCRATCH(reading_goes_on_where_it_stopped),
        IN_SCRATCH(missing_journal_is_an_empty_one),
        IN_SCRATCH(run_is_lost_only_when_neither_lock_is_held),
        IN_SCRATCH(run_of_another_host_is_lost_when_its_heart_stands_still),
        IN_SCRATCH(visitor_may_end_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
