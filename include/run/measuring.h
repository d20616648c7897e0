/* What the samples of a run are measured with: the classifier of its data, out of the store.
 *
 *     .gander/classifiers/d8b6…-1.safetensors     of the data with that hash, of version 1
 *
 * Whoever first needs it trains it, under a lock, with the threads it has; others wait for it. Seeds
 * of a recipe draw other built-in digits; all are measured with the classifier, and beside the images,
 * of seed 1, so that they can be compared. */
#ifndef GANDER_RUN_MEASURING_H
#define GANDER_RUN_MEASURING_H

#include "base/base.h"
#include "gan/evaluation.h"
#include "run/store.h"

struct measuring;
struct pool;

struct measuring_wish {
    const struct dataset *trained;       /* what the generator learns from; must outlive it */
    enum evaluation_reference reference; /* of gan/evaluation.h, as … */
    int samples, nearest;                /* … these are */
    uint64_t seed;           /* of the classifier; 1 as a rule. Others are kept beside it */
    bool is_patient;         /* train a classifier where there is none, else ERR_NOT_FOUND */
    classifier_watch *watch; /* while one is trained, `done` 0 as long as another process does that;
                                or NULL */
    void *context;
};

/* ERR_NOT_FOUND where a classifier would have to be trained and the wish is not patient; ERR_INVALID
 * for data without labels; ERR_CANCELLED when `watch` broke it off. A store that cannot be written gets the classifier trained
 * anew each time. */
int measuring_open(struct measuring **out, const struct store *store,
                   const struct measuring_wish *wish, struct pool *pool);
void measuring_free(struct measuring *measuring);

struct measuring_facts {
    struct classifier_facts classifier;
    const char *data;     /* what it learned from */
    int test_images;      /* there are */
    double test_accuracy; /* share of them that it reads rightly; NaN unless REFERENCE_TEST */
};
struct measuring_facts measuring_facts(const struct measuring *measuring);
struct evaluator *measuring_evaluator(struct measuring *measuring);

/* The classifier alone, of the wish's seed and patience. `set`: the training set that it is of. */
int measuring_open_classifier(struct classifier **out, const struct store *store,
                              const struct dataset *set, const struct measuring_wish *wish,
                              struct pool *pool);

/* The classifier that samples of a generator of these data are measured with: of the set itself, or,
 * of built-in digits, of those of seed 1. */
int measuring_open_usual_classifier(struct classifier **out, const struct store *store,
                                    const struct dataset *trained,
                                    const struct measuring_wish *wish, struct pool *pool);

#endif
