#define _GNU_SOURCE
#include "nn/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* One meeting point serves start, end and barriers: whoever comes last opens the next phase.
 * Waiting spins first, since most waits inside a step are shorter than a sleep and a wake-up take.
 */
struct pool {
    int threads, spins;
    pthread_t *helpers; /* threads - 1 */
    int started;
    void (*job)(const struct team *team, void *context); /* NULL: go home */
    void *context;
    atomic_int arrived;
    atomic_uint phase;
    atomic_int sleepers;
    pthread_mutex_t mutex;
    pthread_cond_t opened;
};

enum { SPINS = 4000 }; /* some 50 to 100 microseconds */

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wait_for_phase(struct pool *pool, unsigned old)
{
    for (int i = 0; i < pool->spins; i++) {
        if (atomic_load_explicit(&pool->phase, memory_order_acquire) != old)
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (atomic_load(&pool->phase) == old)
        pthread_cond_wait(&pool->opened, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void meet(struct pool *pool)
{
    unsigned old = atomic_load(&pool->phase);
    int here = atomic_fetch_add(&pool->arrived, 1) + 1;
    if (here < pool->threads) {
        wait_for_phase(pool, old);
        return;
    }
    atomic_store(&pool->arrived, 0);
    atomic_store(&pool->phase, old + 1);
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->opened);
    pthread_mutex_unlock(&pool->mutex);
}

struct helper_start {
    struct pool *pool;
    int thread;
};

static void *helper_main(void *start)
{
    struct helper_start mine = *(struct helper_start *)start;
    free(start);
    struct team team = { .pool = mine.pool, .thread = mine.thread, .threads = mine.pool->threads };
    for (;;) {
        meet(mine.pool);
        if (!mine.pool->job)
            return NULL;
        mine.pool->job(&team, mine.pool->context);
        meet(mine.pool);
    }
}

static int usable_cores(void)
{
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

/* Lets the helpers that did start go: their count is then the whole team, so that they meet. */
static void dismiss(struct pool *pool)
{
    if (pool->started > 0) {
        pool->job = NULL;
        meet(pool);
    }
    for (int i = 0; i < pool->started; i++)
        pthread_join(pool->helpers[i], NULL);
}

int pool_new(struct pool **out, int threads)
{
    int code = 0;
    struct pool *pool = xcalloc(1, sizeof *pool);

    pool->spins = threads <= usable_cores() ? SPINS : 0;
    pool->helpers = xcalloc((size_t)threads, sizeof *pool->helpers);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->opened, NULL);
    pool->threads = threads;
    for (; pool->started < threads - 1 && !code; pool->started += !code) {
        struct helper_start *start = xmalloc(sizeof *start);
        *start = (struct helper_start){ .pool = pool, .thread = pool->started + 1 };
        code = pthread_create(&pool->helpers[pool->started], NULL, helper_main, start);
        if (code)
            free(start);
    }
    if (code) {
        pool->threads = pool->started + 1;
        pool_free(pool);
        return fail(ERR_IO, "cannot start %d threads: %s (try training.threads = 1)", threads,
                    strerror(code));
    }
    *out = pool;
    return 0;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    dismiss(pool);
    pthread_cond_destroy(&pool->opened);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->helpers);
    free(pool);
}

int pool_threads(const struct pool *pool)
{
    return pool->threads;
}

void pool_run(struct pool *pool, void (*job)(const struct team *team, void *context), void *context)
{
    struct team team = { .pool = pool, .thread = 0, .threads = pool->threads };
    pool->job = job;
    pool->context = context;
    team_barrier(&team);
    job(&team, context);
    team_barrier(&team);
}

void team_barrier(const struct team *team)
{
    if (team->threads > 1)
        meet(team->pool);
}

struct range team_range(const struct team *team, int count, int grain)
{
    int64_t grains = ((int64_t)count + grain - 1) / grain;
    int begin = (int)(grains * team->thread / team->threads) * grain;
    int end = (int)(grains * (team->thread + 1) / team->threads) * grain;
    return (struct range){ MIN(begin, count), MIN(end, count) };
}
