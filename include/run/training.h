/* The worker that trains in the foreground: one recipe, one run directory, to its end.
 *
 *     if (training_begin(&training, &recipe, &(struct training_start){ … }) < 0) return …;
 *     error = training_run(training, watch, context, &outcome);
 *     training_free(training);
 *
 * Nothing is printed here: `watch` is told of every step. Everything that can be refused (recipe,
 * networks, data, memory) is refused before the run has a directory.
 *
 * T1. At a step: metrics, then the sample, then the checkpoint (J5), each only where due.
 * T2. A checkpoint of step S together with the recipe gives the same journal from S on as the run
 *     that wrote it, times and rates apart.
 * T3. Before "running" is said both locks are held (rule 2 of the design), and until the end is
 *     said.
 */
#ifndef GANDER_RUN_TRAINING_H
#define GANDER_RUN_TRAINING_H

#include "base/base.h"
#include "gan/trainer.h"
#include "record/recipe.h"
#include "run/journal.h"
#include "run/store.h"

struct training;

/* What a new run needs besides its recipe. */
struct training_start {
    const char *store; /* --store, or NULL */
    const char *name;  /* or NULL */
    int argc;
    char **argv;
};

/* Opens the data, builds the networks, and then makes the run. `recipe` is borrowed. */
int training_begin(struct training **out, const struct recipe *recipe,
                   const struct training_start *start);

/* Goes on with a run from its newest whole checkpoint; from the beginning where it has none.
 * `settings` ("training.steps=6000") are added to those of earlier attempts; only those that change
 * no bit of the steps already done are taken. ERR_BUSY when it is working, ERR_EXISTS when it has
 * done all its steps. */
int training_resume(struct training **out, struct store *store, int64_t number,
                    const char *const *settings, int setting_count);

void training_free(struct training *training);

struct training_facts {
    int64_t number;
    const char *directory;
    const struct recipe *recipe;
    int64_t from_step, steps;
    int sample_count, height, width; /* of the images on a sheet, pixels */
    int threads;
    int data_count;             /* training images */
    const char *const *remarks; /* sentences for the user, NULL-terminated: broken checkpoints … */
};
struct training_facts training_facts(const struct training *training);

enum training_moment {
    TRAINING_STEPPED,  /* one more step; `report` */
    TRAINING_REPORTED, /* it was journalled, rates included */
    TRAINING_SAMPLED,  /* `images` were drawn and written */
    TRAINING_SAVED,    /* a checkpoint was written */
};

struct training_news {
    enum training_moment moment;
    int64_t step;
    const struct step_report *report; /* of the last step; all zero before the first */
    double images_per_second; /* real images through D, of training time; 0: not yet known */
    const uint8_t *images;    /* (sample_count, height, width) of the newest sheet, or NULL */
};

struct training_outcome {
    enum run_state state; /* finished, stopped, diverged, failed */
    int64_t step;
    double seconds;     /* from begin to end, of this attempt */
    int signal;         /* that stopped it, or 0 */
    int64_t checkpoint; /* step of the newest that is whole; -1: there is none */
};

/* Trains until the last step, a signal (run/interrupt.h, which the caller lets catch), a loss that
 * is not finite, or an error. 0 when it finished or was stopped; else negative with a sentence.
 * *outcome is filled in any case. */
int training_run(struct training *training,
                 void (*watch)(void *context, const struct training_news *news), void *context,
                 struct training_outcome *outcome);

#endif
