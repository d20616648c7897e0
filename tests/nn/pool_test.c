/* Threads that share out a job: every range once, nobody past a barrier early. */
#define _GNU_SOURCE
#include "nn/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h" /* before cmocka's fail() */
#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED false
#endif

enum { MOST_THREADS = 9, COUNT = 4000 };

static struct pool *pool_of(int threads)
{
    struct pool *pool;
    if (pool_new(&pool, threads) < 0)
        fail_msg("%s", error_text());
    assert_int_equal(pool_threads(pool), threads);
    return pool;
}

/* --- ranges --- */

static void check_ranges(int threads, int count, int grain)
{
    int next = 0, least = count, most = 0;
    for (int t = 0; t < threads; t++) {
        struct team team = { .thread = t, .threads = threads };
        struct range range = team_range(&team, count, grain);
        assert_int_equal(range.begin, next);
        assert_true(range.end >= range.begin && range.end <= count);
        assert_true(range.begin % grain == 0 || range.begin == count);
        next = range.end;
        least = range.end - range.begin < least ? range.end - range.begin : least;
        most = range.end - range.begin > most ? range.end - range.begin : most;
    }
    assert_int_equal(next, count);
    assert_true(most - least < 2 * grain); /* shared out evenly, but for the last grain */
}

static void ranges_cover_everything_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 70; threads++)
        for (int count = 0; count <= 130; count++)
            for (int grain = 1; grain <= 64; grain *= 4)
                check_ranges(threads, count, grain);
}

static void ranges_of_huge_counts_do_not_overflow(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 64; threads++) {
        check_ranges(threads, INT32_MAX, 1);
        check_ranges(threads, INT32_MAX - 16, 16);
    }
}

/* --- jobs --- */

struct tally {
    atomic_int visits[COUNT];
    atomic_int threads[MOST_THREADS];
    int count, grain;
};

static void visit(const struct team *team, void *context)
{
    struct tally *tally = context;
    struct range mine = team_range(team, tally->count, tally->grain);
    atomic_fetch_add(&tally->threads[team->thread], 1);
    for (int i = mine.begin; i < mine.end; i++)
        atomic_fetch_add(&tally->visits[i], 1);
}

static void a_job_runs_once_on_every_thread(void **state)
{
    (void)state;
    for (int threads = 1; threads <= MOST_THREADS; threads++) {
        struct pool *pool = pool_of(threads);
        struct tally tally = { .count = COUNT, .grain = 16 };
        pool_run(pool, visit, &tally);
        for (int t = 0; t < MOST_THREADS; t++)
            assert_int_equal(tally.threads[t], t < threads);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(tally.visits[i], 1);
        pool_free(pool);
    }
}

struct chain { /* each job reads what the last one wrote */
    int values[MOST_THREADS];
    bool broken;
};

static void add_neighbour(const struct team *team, void *context)
{
    struct chain *chain = context;
    int before = chain->values[(team->thread + 1) % team->threads];
    team_barrier(team);
    chain->values[team->thread] = before + 1;
}

/* Neither caller nor helpers see another job's data; what one wrote, the next one reads. */
static void many_jobs_follow_one_another(void **state)
{
    enum { JOBS = 2000 };
    (void)state;
    for (int threads = 1; threads <= MOST_THREADS; threads += 2) {
        struct pool *pool = pool_of(threads);
        struct chain chain = { .broken = false };
        for (int i = 0; i < JOBS; i++)
            pool_run(pool, add_neighbour, &chain);
        for (int t = 0; t < threads; t++)
            assert_int_equal(chain.values[t], JOBS);
        pool_free(pool);
    }
}

/* --- barriers --- */

enum { ROUNDS = 500 };

struct rounds {
    int arrived[MOST_THREADS]; /* not atomic: barriers alone order them */
    atomic_int wrong;
};

static void go_round(const struct team *team, void *context)
{
    struct rounds *rounds = context;
    for (int round = 1; round <= ROUNDS; round++) {
        rounds->arrived[team->thread] = round;
        team_barrier(team);
        for (int t = 0; t < team->threads; t++)
            if (rounds->arrived[t] != round)
                atomic_fetch_add(&rounds->wrong, 1);
        team_barrier(team);
    }
}

static void nobody_passes_a_barrier_before_all_are_there(void **state)
{
    (void)state;
    for (int threads = 1; threads <= MOST_THREADS; threads += 2) {
        struct pool *pool = pool_of(threads);
        struct rounds rounds = { .wrong = 0 };
        pool_run(pool, go_round, &rounds);
        assert_int_equal(rounds.wrong, 0);
        pool_free(pool);
    }
}

/* One thread comes late, so that the others have stopped spinning and sleep. */
static void arrive_late(const struct team *team, void *context)
{
    atomic_int *count = context;
    for (int round = 0; round < 4; round++) {
        if (team->thread == round % team->threads)
            usleep(3000);
        atomic_fetch_add(count, 1);
        team_barrier(team);
        if (atomic_load(count) != (round + 1) * team->threads)
            atomic_store(count, -1000);
        team_barrier(team);
    }
}

static void sleepers_are_woken(void **state)
{
    (void)state;
    for (int threads = 2; threads <= 4; threads++) {
        struct pool *pool = pool_of(threads);
        atomic_int count = 0;
        for (int i = 0; i < 3; i++) {
            count = 0;
            usleep(3000); /* helpers sleep between jobs, too */
            pool_run(pool, arrive_late, &count);
            assert_int_equal(count, 4 * threads);
        }
        pool_free(pool);
    }
}

/* --- life --- */

static void pools_live_beside_one_another(void **state)
{
    struct pool *pools[3];
    (void)state;
    for (int i = 0; i < 3; i++)
        pools[i] = pool_of(i + 1);
    for (int round = 0; round < 100; round++)
        for (int i = 0; i < 3; i++) {
            struct tally tally = { .count = 100, .grain = 1 };
            pool_run(pools[i], visit, &tally);
            for (int k = 0; k < 100; k++)
                assert_int_equal(tally.visits[k], 1);
        }
    for (int i = 0; i < 3; i++)
        pool_free(pools[i]);
}

static void a_pool_that_never_worked_is_freed(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        pool_free(pool_of(1 + i % 5));
    pool_free(NULL);
}

/* Room for some stacks, but not for so many. */
static void a_system_without_more_threads_says_so(void **state)
{
    enum { WANTED = 4000 };
    struct rlimit before, tight;
    struct pool *pool;
    (void)state;
    if (SANITIZED)
        skip(); /* sanitizers reserve terabytes of addresses */
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)1 << 30;
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    int code = pool_new(&pool, WANTED);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(code, ERR_IO);
    assert_non_null(strstr(error_text(), "cannot start 4000 threads: "));
    assert_non_null(strstr(error_text(), "training.threads"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_cover_everything_once),
        cmocka_unit_test(ranges_of_huge_counts_do_not_overflow),
        cmocka_unit_test(a_job_runs_once_on_every_thread),
        cmocka_unit_test(many_jobs_follow_one_another),
        cmocka_unit_test(nobody_passes_a_barrier_before_all_are_there),
        cmocka_unit_test(sleepers_are_woken),
        cmocka_unit_test(pools_live_beside_one_another),
        cmocka_unit_test(a_pool_that_never_worked_is_freed),
        cmocka_unit_test(a_system_without_more_threads_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
