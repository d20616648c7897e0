/* The built-in training: one attempt at one run, from a checkpoint or from the beginning.
 *
 *     if (training_open(&training, &store, number) < 0) return …;
 *     error = training_run(training, watch, context, &outcome);
 *     training_free(training);
 *
 * It is a command like any other, `gander train RUN`, which a worker starts and sees end. It writes
 * events.jsonl, samples and checkpoints, and nothing else; what it goes on from and with which
 * settings stands in worker.jsonl. Nothing is printed here: `watch` is told of every step.
 *
 * T1. At a step: metrics, then the sample, then the evaluation, then the checkpoint (J5), each only
 *     where due; a checkpoint is due, too, at the best evaluation so far, and is kept until a better.
 * T2. A checkpoint of step S together with the recipe gives the same journal from S on as the run
 *     that wrote it, times and rates apart.
 */
#ifndef GANDER_RUN_TRAINING_H
#define GANDER_RUN_TRAINING_H

#include "base/base.h"
#include "gan/trainer.h"
#include "record/recipe.h"
#include "run/journal.h"
#include "run/store.h"

struct training;

/* Opens the data, builds the networks, loads the checkpoint of the attempt, and journals what it
 * works with. The store must outlive it. */
int training_open(struct training **out, const struct store *store, int64_t number);
void training_free(struct training *training);

/* May these values of a recipe be changed when a run goes on? Only what changes no bit of the steps
 * already done. ERR_INVALID names the first that may not. */
int training_check_settings(const char *const *settings, int count);
bool training_may_change(const char *key);

struct training_facts {
    int64_t number;
    const struct recipe *recipe;
    int64_t from_step, steps;
    int height, width; /* of the images, pixels */
    int threads;
    int data_count;             /* training images */
    const char *const *remarks; /* sentences for the log, NULL-terminated */
};
struct training_facts training_facts(const struct training *training);

enum training_moment {
    TRAINING_STEPPED,  /* one more step; `report` */
    TRAINING_REPORTED, /* it was journalled, rates included */
    TRAINING_LEARNS,   /* to measure: a classifier is trained, of which `share` is done; 0: by
                        * another run, which is waited for */
    TRAINING_REMARKS,  /* `remark`, for the log */
};

struct training_news {
    enum training_moment moment;
    int64_t step;
    const struct step_report *report; /* of the last step */
    const char *remark;               /* a sentence */
    double share;                     /* from 0 to 1 */
    double images_per_second; /* real images through D, of training time; 0: not yet known */
};

/* Trains until the last step, a signal (run/interrupt.h, which the caller lets catch), a loss that
 * is not finite, or an error. 0 when it finished or was stopped; else negative with a sentence.
 * `end` is filled in any case; its reason lives as long as the training. */
int training_run(struct training *training,
                 void (*watch)(void *context, const struct training_news *news), void *context,
                 struct run_end *end);

#endif
