/* A run's discriminator set up to judge images: what the two faces of discriminate share. */
#ifndef GANDER_CLI_JUDGING_H
#define GANDER_CLI_JUDGING_H

#include "chosen_checkpoint.h"
#include "data/dataset.h"
#include "gan/classifier.h"
#include "gan/judge.h"
#include "nn/pool.h"
#include "open_run.h"
#include "record/recipe.h"

enum { SNAPSHOT_LIMIT = 16 };

struct snapshot {
    int64_t step;
    char *path; /* of the checkpoint */
    struct judge *judge;
};

struct judging {
    struct open_run place;
    struct recipe recipe;
    struct snapshot snapshots[SNAPSHOT_LIMIT]; /* the newest first */
    int snapshot_count;
    struct judge_facts facts;
    struct dataset *test;  /* held-out real images */
    struct dataset *train; /* NULL until it is asked for */
    struct pool *pool;
    struct classifier *classifier; /* NULL: none */
};

/* `snapshots`: of how many checkpoints, the chosen one and those before it. STATUS_DONE, or what the
 * command ends with, the sentence printed. Release it after STATUS_DONE only. */
enum exit_status judging_open(struct judging *out, const struct arguments *arguments,
                              const struct checkpoint_choice *choice, int snapshots);
void judging_close(struct judging *judging);

/* Opens the training images, once. */
int judging_open_train(struct judging *judging);

/* Fetches the classifier of the data where the store has it, or, if `trains`, in any case. None at
 * all is no error unless it should have been trained. */
int judging_open_classifier(struct judging *judging, bool trains);

/* What a conditional discriminator is told of images whose classes nobody knows: `label` of all where
 * that is not -1, else what the classifier reads. NULL where it takes no labels; else owned by the
 * caller. ERR_INVALID where there is nothing to tell it. */
int judging_labels(struct judging *judging, const uint8_t *images, int count, int64_t label,
                   int **out);

/* Labels of a set's first images, malloc'ed; NULL where D takes none. */
int *judging_set_labels(const struct judging *judging, const struct dataset *set, int count);

/* Logits (count) of images, the mean over the snapshots; labels (count) as D wants them. */
void judging_logits(struct judging *judging, const uint8_t *images, const int *labels, int count,
                    float *logits);

/* The objective makes the logit a probability. */
bool judging_is_probability(const struct judging *judging);

#endif
