#define _GNU_SOURCE
#include "trained_measuring.h"

#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "learning.h"
#include "run/interrupt.h"

/* --- how long it will take --- */

enum { WARM_UP = 5, TIMED = 30 /* updates */ };

struct timing {
    double begun;
    double seconds; /* of the whole training; NaN: another process is at it */
};

static bool time_updates(void *context, const struct classifier_progress *progress)
{
    struct timing *timing = context;
    if (progress->done == WARM_UP)
        timing->begun = monotonic_clock();
    if (progress->done == WARM_UP + TIMED)
        timing->seconds = (monotonic_clock() - timing->begun) / TIMED * progress->updates;
    return progress->done > 0 && progress->done < WARM_UP + TIMED;
}

/* A training is begun and broken off for it. 0 if the classifier was there meanwhile after all. */
static int find_seconds(struct measuring **out, const struct store *store,
                        const struct measuring_wish *wish, struct pool *pool, double *seconds)
{
    struct timing timing = { .seconds = NAN };
    struct measuring_wish timed = *wish;
    timed.is_patient = true;
    timed.watch = time_updates;
    timed.context = &timing;
    int error = measuring_open(out, store, &timed, pool);
    *seconds = timing.seconds;
    return error;
}

/* --- asking --- */

static bool is_agreed(const char *source, double seconds)
{
    struct arena arena = { 0 };
    char answer[16];
    const char *what = isnan(seconds) ? "another process is training it: wait for it?"
                                      : arena_printf(&arena, "train it now, which takes about %s?",
                                                     format_duration(&arena, ceil(seconds)));
    fprintf(stderr, "the store has no classifier of %s yet: %s [Y/n] ",
            text_clean(&arena, source, 1000), what);
    fflush(stderr);
    bool is_yes = fgets(answer, sizeof answer, stdin) &&
                  (answer[0] == 'y' || answer[0] == 'Y' || answer[0] == '\n');
    arena_release(&arena);
    return is_yes && interrupt_signal() == 0;
}

/* --- doing it --- */

static int train(struct measuring **out, const struct store *store,
                 const struct measuring_wish *wish, struct pool *pool)
{
    struct learning learning;
    struct measuring_wish watched = *wish;
    learning_begin(&learning);
    watched.is_patient = true;
    watched.watch = learning_watch;
    watched.context = &learning;
    int error = measuring_open(out, store, &watched, pool);
    learning_end(&learning);
    return error;
}

int trained_measuring(struct measuring **out, const struct store *store,
                      struct measuring_wish *wish, bool trains, struct pool *pool)
{
    const char *source = wish->trained->source;
    double seconds;
    if (trains)
        return train(out, store, wish, pool);
    int error = measuring_open(out, store, wish, pool);
    if (error != ERR_NOT_FOUND)
        return error;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return fail(ERR_NOT_FOUND, "the store has no classifier of '%s' yet: --train trains one",
                    source);
    error = find_seconds(out, store, wish, pool, &seconds);
    if (error != ERR_CANCELLED)
        return error;
    if (!is_agreed(source, seconds))
        return fail(ERR_CANCELLED, "nothing was measured");
    return train(out, store, wish, pool);
}
