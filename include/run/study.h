/* A study of what made images are worth to a classifier that has few real ones.
 *
 * For each size and each seed: so many labelled training images are drawn, the classes evenly; the
 * GAN of a conditional recipe is trained anew on just these; then the classifier's network
 * (gan/classifier.h) is trained five times with the same number of updates, and reads the test images:
 *
 *     real     the images as they are
 *     moved    the same, each time shifted by up to 2 pixels and turned by up to 15 degrees
 *     made     half of every batch real images as they are, half images that the GAN made
 *     both     made, and all of them moved
 *     alone    made images only, as they are: Ravuri & Vinyals 2019 call it the classification
 *              accuracy score
 *
 * The GANs are trained in memory and not as runs: what each learns from is a draw of its own that no
 * data.source names. What a cell (a size and a seed) gave is kept at once, a line of
 *
 *     STORE/studies/HASH.jsonl      {"size":100,"seed":1,"accuracy":{"real":0.82,…},…}
 *
 * with the hash of recipe, data and schedule, so that a study that was broken off, or is wanted with
 * more sizes or seeds, goes on from what is there. A GAN in the middle of its training is kept beside
 * it when the study is broken off. */
#ifndef GANDER_RUN_STUDY_H
#define GANDER_RUN_STUDY_H

#include "base/base.h"
#include "record/recipe.h"
#include "run/store.h"

enum study_way { STUDY_REAL, STUDY_MOVED, STUDY_MADE, STUDY_BOTH, STUDY_ALONE };
enum {
    STUDY_WAYS = STUDY_ALONE + 1,
    STUDY_SHIFT = 2,  /* pixels */
    STUDY_TURN = 15,  /* degrees */
    STUDY_LIMIT = 100 /* sizes, and seeds */
};
const char *study_way_name(enum study_way way); /* "real" … */

struct study_wish {
    const int *sizes; /* images, ascending */
    int size_count;
    int seeds;   /* 1, 2, … */
    int updates; /* of each classifier */
    int made;    /* images by each GAN */
};

struct study_cell {
    bool is_done;
    double accuracy[STUDY_WAYS]; /* share of the test images */
    double d_loss, g_loss;       /* of the GAN's last step */
    double seconds;              /* it took, all in all; of its last attempt */
};

struct study;

/* `recipe` and `store` must outlive it. ERR_INVALID for a recipe that is not conditional, or sizes
 * that the data do not have; ERR_BUSY while another process is at the same study. */
int study_open(struct study **out, const struct store *store, const struct recipe *recipe,
               const struct study_wish *wish);
void study_close(struct study *study);

struct study_facts {
    const char *data; /* source */
    int train_images, test_images, classes, threads;
    int cells, done; /* of them kept already */
};
struct study_facts study_facts(const struct study *study);
struct study_cell study_cell(const struct study *study, int size_index, int seed);

/* Seconds that the cells which are not done will take, by some steps of each kind, done now. */
int study_estimate(struct study *study, double *seconds);

/* `share` of all the work, kept cells included, from 0 to 1. False breaks it off. */
struct study_progress {
    int size, seed;   /* the cell that is worked at */
    const char *what; /* "GAN", or the way of a classifier */
    double share;
    const struct study_cell *done; /* the cell is done; else NULL */
};
typedef bool study_watch(void *context, const struct study_progress *progress);

/* Works until all cells are done: seed 1 of all sizes, then seed 2 … ERR_CANCELLED when `watch` said
 * so; ERR_INVALID for a GAN that diverged. Cells that are done stay. */
int study_run(struct study *study, study_watch *watch, void *context);

#endif
