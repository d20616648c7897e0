/* What a training holds while it works; shared by its opening and its loop. */
#ifndef GANDER_RUN_TRAINING_STATE_H
#define GANDER_RUN_TRAINING_STATE_H

#include "base/file.h"
#include "base/memory.h"
#include "gan/health.h"
#include "run/measuring.h"
#include "run/training.h"

enum { TRAINING_SAMPLES = 2000 }; /* that an evaluation measures */

struct training {
    struct arena arena; /* owns strings and remarks */
    struct recipe recipe;
    struct dataset *set;
    struct dataset *shown; /* test images that samples are made of; NULL: none are */
    struct trainer *trainer;
    int64_t number;
    char *directory;
    struct line_writer events;
    int64_t from_step;
    bool has_sample, has_checkpoint, has_evaluation; /* journalled at from_step already */
    const struct store *store;                       /* borrowed */
    struct measuring *measuring;                     /* NULL until it is first needed … */
    bool cannot_measure;                             /* … or for good */
    bool is_cut;                                     /* a signal came while that was got ready */
    uint8_t *measured;                               /* room for the samples that are measured */
    int *asked;        /* their classes, where the generator is conditional */
    int64_t best_step; /* of the evaluation with the smallest frechet; -1: none */
    double best_frechet;
    const char **remarks;
    uint8_t *images; /* of the newest sheet */
    struct step_report report;
    struct health *health;
    unsigned stops;          /* bits of training.stop_when, see record/health.h */
    bool had_no_progress;    /* at the last report: only what begins now ends the run */
    const char *stop_reason; /* NULL: it goes on */
    const char *remark;      /* of the news that is told now, and … */
    double share;            /* … how far something is */
    double timed_seconds;
    int64_t timed_steps; /* since the last report */
    double images_per_second;
    void (*watch)(void *context, const struct training_news *news);
    void *context;
};

/* Measures the samples of this step and journals what comes out; the first time it gets what is
 * needed for that, which may train a classifier. Where nothing can be measured, that is told once, in
 * the log. A signal while it gets ready sets is_cut: then the evaluation is still to be done. */
int training_evaluate(struct training *training);
void training_note_evaluation(struct training *training, int64_t step, double frechet);

void training_tell(struct training *training, enum training_moment moment);

#endif
