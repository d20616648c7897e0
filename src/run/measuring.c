#define _GNU_SOURCE
#include "run/measuring.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

enum { USUAL_SEED = 1, HASH_SHOWN = 16 };

struct measuring {
    struct classifier *classifier;
    struct evaluator *evaluator;
    char *data;
    int test_images;
    double test_accuracy;
};

static char *classifier_path(struct arena *arena, const struct store *store, const char *hash,
                             uint64_t seed)
{
    char *folder = path_join(arena, store->path, "classifiers");
    char *name = seed == USUAL_SEED ? arena_printf(arena, "%.*s-%d.safetensors", HASH_SHOWN, hash,
                                                   CLASSIFIER_VERSION)
                                    : arena_printf(arena, "%.*s-%d-seed%" PRIu64 ".safetensors",
                                                   HASH_SHOWN, hash, CLASSIFIER_VERSION, seed);
    return path_join(arena, folder, name);
}

/* One that is there, whole, and of these data. */
static bool take_kept(struct classifier **out, const char *path, const struct dataset *set,
                      uint64_t seed, struct pool *pool)
{
    if (classifier_open(out, path, pool) < 0)
        return false;
    struct classifier_facts facts = classifier_facts(*out);
    if (strcmp(facts.data, set->hash) == 0 && facts.seed == seed && facts.height == set->height &&
        facts.width == set->width && facts.classes == set->classes)
        return true;
    classifier_free(*out);
    return false;
}

/* -1 where the store takes no files: it is trained, and not kept. The lock is asked for again and
 * again, since a signal would not end the wait for it: handlers restart system calls. */
static int take_turn(struct arena *arena, const char *path, const struct measuring_wish *wish,
                     int *lock)
{
    enum { PAUSE_MS = 50 };
    const struct classifier_progress waiting = { .updates = 1 };
    const char *lock_path = arena_printf(arena, "%s.lock", path);
    *lock = -1;
    while (lock_take(lock_path, lock) == ERR_BUSY) {
        if (wish->watch && !wish->watch(wish->context, &waiting))
            return fail(ERR_CANCELLED, "the wait for a classifier was broken off");
        pause_ms(PAUSE_MS);
    }
    return 0;
}

static int train_and_keep(struct classifier **out, const char *path, const struct dataset *set,
                          const struct measuring_wish *wish, struct pool *pool)
{
    int code = classifier_train(out, set, wish->seed, pool, wish->watch, wish->context);
    if (code == 0)
        classifier_save(*out, path); /* a full disk costs no more than doing it again */
    return code;
}

int measuring_open_classifier(struct classifier **out, const struct store *store,
                              const struct dataset *set, const struct measuring_wish *wish,
                              struct pool *pool)
{
    struct arena arena = { 0 };
    const char *path = classifier_path(&arena, store, set->hash, wish->seed);
    int lock = -1, code = classifier_check(set);
    if (code == 0 && !take_kept(out, path, set, wish->seed, pool)) {
        if (!wish->is_patient)
            code = fail(ERR_NOT_FOUND, "the store has no classifier of '%s' yet", set->source);
        else
            make_directories(path_join(&arena, store->path, "classifiers"));
        if (code == 0)
            code = take_turn(&arena, path, wish, &lock);
        if (code == 0 && !take_kept(out, path, set, wish->seed, pool))
            code = train_and_keep(out, path, set, wish, pool);
        if (lock >= 0)
            close(lock);
    }
    arena_release(&arena);
    return code;
}

static bool is_built_in(const struct dataset *set)
{
    return strcmp(set->source, "digits") == 0;
}

struct sets {
    struct dataset *learned, *test; /* `learned` NULL: what the generator learns from */
};

static int open_sets(struct sets *sets, const struct dataset *trained)
{
    int code = 0;
    if (is_built_in(trained))
        code = dataset_open(&sets->learned, trained->source, DATASET_TRAIN, trained->count,
                            USUAL_SEED);
    if (code == 0)
        code = dataset_open(&sets->test, trained->source, DATASET_TEST, 0, USUAL_SEED);
    return code;
}

static int prepare(struct measuring *measuring, const struct store *store,
                   const struct measuring_wish *wish, const struct sets *sets, struct pool *pool)
{
    const struct dataset *learned = sets->learned ? sets->learned : wish->trained;
    int code = measuring_open_classifier(&measuring->classifier, store, learned, wish, pool);
    if (code < 0)
        return code;
    measuring->data = xstrdup(learned->source);
    measuring->test_images = sets->test->count;
    measuring->test_accuracy = NAN;
    code = evaluator_new(&measuring->evaluator,
                         &(struct evaluation_sets){ .classifier = measuring->classifier,
                                                    .learned = learned,
                                                    .test = sets->test,
                                                    .trained = wish->trained },
                         wish->reference, wish->samples, wish->nearest, pool);
    if (code == 0 && wish->reference == REFERENCE_TEST)
        measuring->test_accuracy = classifier_accuracy(measuring->classifier, sets->test);
    return code;
}

int measuring_open(struct measuring **out, const struct store *store,
                   const struct measuring_wish *wish, struct pool *pool)
{
    struct measuring *measuring = xcalloc(1, sizeof *measuring);
    struct sets sets = { NULL, NULL };
    int code = open_sets(&sets, wish->trained);
    if (code == 0)
        code = prepare(measuring, store, wish, &sets, pool);
    dataset_close(sets.learned);
    dataset_close(sets.test);
    if (code < 0)
        measuring_free(measuring);
    else
        *out = measuring;
    return code;
}

void measuring_free(struct measuring *measuring)
{
    if (!measuring)
        return;
    evaluator_free(measuring->evaluator);
    classifier_free(measuring->classifier);
    free(measuring->data);
    free(measuring);
}

struct measuring_facts measuring_facts(const struct measuring *measuring)
{
    return (struct measuring_facts){ classifier_facts(measuring->classifier), measuring->data,
                                     measuring->test_images, measuring->test_accuracy };
}

struct evaluator *measuring_evaluator(struct measuring *measuring)
{
    return measuring->evaluator;
}

int measuring_open_usual_classifier(struct classifier **out, const struct store *store,
                                    const struct dataset *trained,
                                    const struct measuring_wish *wish, struct pool *pool)
{
    struct dataset *learned = NULL;
    int code = 0;
    if (is_built_in(trained))
        code = dataset_open(&learned, trained->source, DATASET_TRAIN, trained->count, USUAL_SEED);
    if (code == 0)
        code = measuring_open_classifier(out, store, learned ? learned : trained, wish, pool);
    dataset_close(learned);
    return code;
}
