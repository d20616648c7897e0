/* What a training holds while it works; shared by its opening and its loop. */
#ifndef GANDER_RUN_TRAINING_STATE_H
#define GANDER_RUN_TRAINING_STATE_H

#include "base/file.h"
#include "base/memory.h"
#include "run/training.h"

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
    bool has_sample, has_checkpoint; /* journalled at from_step already */
    const char **remarks;
    uint8_t *images; /* of the newest sheet */
    struct step_report report;
    double timed_seconds;
    int64_t timed_steps; /* since the last report */
    double images_per_second;
    void (*watch)(void *context, const struct training_news *news);
    void *context;
};

#endif
