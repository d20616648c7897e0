/* A team of threads that share out the work of a network pass.
 *
 * Work is split by static ranges that depend on nothing but sizes and the number of threads, so
 * that results are the same bit for bit. Between two jobs the helpers spin for some microseconds,
 * then sleep: they never fight another pool for a core. A pool of one thread starts none. BLAS
 * itself is kept at one thread. */
#ifndef GANDER_NN_POOL_H
#define GANDER_NN_POOL_H

#include "base/base.h"

struct pool;

struct team { /* what a thread knows inside a job */
    struct pool *pool;
    int thread, threads;
};

/* `threads` >= 1. 0, or ERR_IO when the system gives no more threads. */
int pool_new(struct pool **out, int threads);
void pool_free(struct pool *pool);
int pool_threads(const struct pool *pool);

/* Runs `job` on every thread of the pool at once, the caller being thread 0; returns when all are
 * done. */
void pool_run(struct pool *pool, void (*job)(const struct team *team, void *context),
              void *context);

/* Inside a job: nobody goes on before all are here. */
void team_barrier(const struct team *team);

/* The part of [0, count) that is this thread's, its borders at multiples of `grain`. */
struct range {
    int begin, end;
};
struct range team_range(const struct team *team, int count, int grain);

#endif
