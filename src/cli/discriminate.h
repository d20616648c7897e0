/* The two faces of discriminate: some images one by one, and kinds of images as a whole. */
#ifndef GANDER_CLI_DISCRIMINATE_H
#define GANDER_CLI_DISCRIMINATE_H

#include "data/given.h"
#include "judging.h"

struct discriminate_wish {
    int64_t label; /* that D is told; -1: not given */
    int64_t count; /* of images; -1: the usual */
    bool is_json;
    const char *const *paths; /* of images */
    int path_count;
    const char *const *against; /* operands RUN, for --roc */
    int against_count;
};

/* "run 3 (digits, step 10,000)", in the arena of the judging. */
char *discriminate_title(struct judging *judging);

/* How real each image is found, beside the test images. */
int discriminate_images(struct judging *judging, const struct discriminate_wish *wish);

/* How well the test images are told from others. */
int discriminate_roc(struct judging *judging, const struct discriminate_wish *wish);

#endif
