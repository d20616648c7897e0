/* The store that a dashboard in a pseudo-terminal shows: runs that have ended, and one that lives as
 * long as the test holds its lock. */
#ifndef GANDER_TESTS_SHOWN_H
#define GANDER_TESTS_SHOWN_H

#include "program.h"
#include "run/made_store.h"

static inline void shown_line(int64_t run, int step, double loss)
{
    char *line = xasprintf("{\"t\":%.3f,\"step\":%d,\"metrics\":{\"d_loss\":%.4f,\"g_loss\":%.4f,"
                           "\"d_real\":%.4f,\"d_fake\":0.25}}\n",
                           wall_clock(), step, loss, 2 - loss, loss / 2);
    made_append(run, "events.jsonl", line);
    free(line);
}

static inline void shown_begin(int64_t run, double ago)
{
    char host[256];
    assert_int_equal(gethostname(host, sizeof host), 0);
    char *facts = xasprintf("{\"number\":%lld,\"experiment\":\"shown\",\"created\":%.0f,\"host\":"
                            "\"%s\",\"seed\":%lld,\"command\":[\"true\"]}",
                            (long long)run, wall_clock() - ago, host, (long long)run);
    made_run(run, facts);
    char *line =
        xasprintf("{\"t\":%.0f,\"state\":\"running\",\"pid\":1,\"worker\":1,\"host\":\"%s\","
                  "\"from_step\":0,\"events\":0}\n",
                  wall_clock() - ago, host);
    made_append(run, "worker.jsonl", line);
    free(line);
    free(facts);
}

static inline void shown_ended(int64_t run)
{
    shown_begin(run, 3600);
    for (int step = 10; step <= 400; step += 10)
        shown_line(run, step, 1 + 0.3 * (step / 10 % 3) + 0.01 * (double)run);
    char *line = xasprintf("{\"t\":%.0f,\"state\":\"finished\",\"step\":400,\"exit\":0}\n",
                           wall_clock() - 1800);
    made_append(run, "worker.jsonl", line);
    made_append(run, "log.txt", "one\ntwo\nthree\n");
    free(line);
}

/* A run that this process holds; close the descriptor, and it is lost. */
static inline int shown_live(int64_t run)
{
    int lock;
    shown_begin(run, 60);
    for (int step = 10; step <= 100; step += 10)
        shown_line(run, step, 1);
    assert_int_equal(lock_take(made_path(run, "lock"), &lock), 0);
    return lock;
}

static inline void shown_store(int runs)
{
    made_store();
    for (int run = 1; run <= runs; run++)
        shown_ended(run);
}

#endif
