/* Health of a built-in training: what it reports goes to gan/health.h, what that says into the
 * journal. */
#ifndef GANDER_RUN_TRAINING_HEALTH_H
#define GANDER_RUN_TRAINING_HEALTH_H

#include "training_state.h"

/* What is needed to judge; before the journal is read. */
void training_health_open(struct training *training);
void training_health_close(struct training *training);

/* An event of the journal up to the step that the attempt goes on from: it is judged as it was when
 * it was written, and nothing is journalled again. */
void training_health_replay(struct training *training, const struct event *event);

/* Journals a new verdict on the report that was just journalled. *stops becomes a sentence when
 * training.stop_when says so, else NULL; it lives as long as the training. */
int training_health_report(struct training *training, const char **stops);

/* The samples were evaluated at the step of the last report. */
void training_health_evaluate(struct training *training, const struct evaluation *evaluation);

#endif
