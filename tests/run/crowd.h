/* Many who look at and write to one store at once, for a while. */
#ifndef GANDER_TESTS_CROWD_H
#define GANDER_TESTS_CROWD_H

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/json.h"
#include "made_store.h"
#include "run/journal.h"
#include "run/notes.h"

enum { CROWD_READERS = 8, CROWD_WRITERS = 4, CROWD_TAGS = 20 };

/* A training: lines as fast as they come, now and then a note, then the end; its run is `run`. Ends
 * with status 0. */
static inline void crowd_write(const struct store *store, int64_t run, int lines, double seconds)
{
    struct line_writer events, worker;
    struct worker_identity self = { .pid = getpid() };
    int lock = -1, failed = 0;
    double begun = monotonic_clock();
    failed |= lock_take(made_path(run, "lock"), &lock) < 0;
    failed |= worker_open(&worker, made_path(run, "")) < 0;
    failed |= worker_put_attempt(&worker, &self, &(struct attempt){ .time = 1, .pid = 1 }) < 0;
    failed |= events_open(&events, made_path(run, "")) < 0;
    for (int i = 1; i <= lines && !failed; i++) {
        struct metric metrics[] = { { "a", i }, { "b", 0.5 }, { "c", -i } };
        failed |= events_put_metrics(&events, i, i, metrics, ARRAY_SIZE(metrics)) < 0;
        if (i % MAX(lines / CROWD_TAGS, 1) == 0) {
            char *note = xasprintf("note %d", i);
            failed |= notes_put(store, run, NOTES_NOTE, note, i) < 0;
            free(note);
        }
        while (!failed && (monotonic_clock() - begun) * lines < seconds * i)
            pause_ms(1);
    }
    failed |= worker_put_end(
                  &worker, 2,
                  &(struct run_end){ .state = RUN_FINISHED, .step = lines, .exit_status = 0 }) < 0;
    if (failed)
        fprintf(stderr, "a writer: %s\n", error_text());
    _exit(failed);
}

/* Looks in every way until it is killed, or ends with status 1 and a sentence on stderr. */
static inline void crowd_read(const struct store *store, int way)
{
    for (int look = 0;; look++) {
        struct catalogue *catalogue;
        struct arena arena = { 0 };
        struct run_row *rows;
        struct series series;
        int count = 0, error = catalogue_open(&catalogue, store);
        if (!error)
            error = way < 2 && look % 2 == 1 ? catalogue_rebuild(catalogue, wall_clock())
                                             : catalogue_refresh(catalogue, wall_clock());
        if (!error)
            error = catalogue_list(catalogue, &arena, &(struct catalogue_query){ .sort = NULL },
                                   wall_clock(), &rows, &count, NULL);
        if (!error)
            error = catalogue_series(catalogue, &arena, 1 + look % CROWD_WRITERS, "a", NAN, NAN,
                                     300, &series);
        if (error || catalogue_remark(catalogue) || count != CROWD_WRITERS) {
            fprintf(stderr, "reader %d: error %d, %d runs: %s\n", way, error, count,
                    error ? error_text() : catalogue_remark(catalogue));
            _exit(1);
        }
        catalogue_close(catalogue);
        arena_release(&arena);
    }
}

/* Everything is there at the end, once. */
static inline void crowd_check(const struct store *store, int lines)
{
    struct catalogue *catalogue;
    assert_int_equal(catalogue_open(&catalogue, store), 0);
    assert_int_equal(catalogue_refresh(catalogue, wall_clock()), 0);
    for (int64_t run = 1; run <= CROWD_WRITERS; run++) {
        struct arena arena = { 0 };
        struct run_metric *metrics;
        struct run_row row;
        int count;
        assert_int_equal(catalogue_run(catalogue, &arena, run, wall_clock(), &row), 0);
        assert_int_equal(row.state, RUN_FINISHED);
        assert_int_equal(row.note_count, lines / MAX(lines / CROWD_TAGS, 1));
        assert_int_equal(catalogue_metrics(catalogue, &arena, &run, 1, NULL, &metrics, &count), 0);
        assert_int_equal(count, 3);
        for (int i = 0; i < count; i++)
            assert_int_equal(metrics[i].points, lines);
        arena_release(&arena);
    }
    assert_int_equal(made_number(catalogue_path(catalogue), "SELECT count(*) FROM points"),
                     (int64_t)3 * lines * CROWD_WRITERS);
    catalogue_close(catalogue);
}

static inline void crowd(int lines, double seconds)
{
    struct store store;
    pid_t readers[CROWD_READERS], writers[CROWD_WRITERS];
    int status;
    made_store();
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    for (int run = 1; run <= CROWD_WRITERS; run++)
        made_run(run, "{\"experiment\":\"a\"}");
    for (int i = 0; i < CROWD_WRITERS; i++)
        if ((writers[i] = fork()) == 0)
            crowd_write(&store, i + 1, lines, seconds);
    for (int i = 0; i < CROWD_READERS; i++)
        if ((readers[i] = fork()) == 0)
            crowd_read(&store, i);
    int failed = 0;
    for (int i = 0; i < CROWD_WRITERS; i++) {
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        failed += status != 0;
    }
    for (int i = 0; i < CROWD_READERS; i++) {
        kill(readers[i], SIGKILL);
        assert_int_equal(waitpid(readers[i], &status, 0), readers[i]);
        failed += !WIFSIGNALED(status);
    }
    assert_int_equal(failed, 0);
    crowd_check(&store, lines);
    store_release(&store);
}

#endif
