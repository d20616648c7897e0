/* Completing and upscaling images: what the two commands share. A run's generator, the images that
 * it is to work on, and what is drawn, written or printed of the outcome. */
#ifndef GANDER_CLI_RESTORE_H
#define GANDER_CLI_RESTORE_H

#include "chosen_checkpoint.h"
#include "cli/command.h"
#include "draw/picture.h"
#include "gan/corruption.h"
#include "gan/generator.h"
#include "gan/restoration.h"
#include "record/recipe.h"

/* N images of H x W pixels from -1 to 1; arrays are in the arena of the run. */
struct restore {
    struct arguments *arguments;
    struct open_run run;
    struct recipe recipe;
    struct run_file checkpoint;
    struct generator *generator;
    struct generator_facts facts;
    size_t area;
    int count;              /* N */
    float *images;          /* (N, H, W) real ones; of small ones their pixels, blown up */
    int *labels;            /* (N); NULL: not known */
    enum corruption *plain; /* (N) what is done to each */
    bool *is_small;         /* (N) it came with so few pixels: there is nothing to compare with */
    float *conditions, *made, *restored; /* (N, H, W), see gan/corruption.h */
};

/* --measure, --output, --beside, --json and IMAGE, where they do not go together: ERR_INVALID. */
int restore_check_options(const struct arguments *arguments);

/* Opens run, recipe, checkpoint and generator. STATUS_DONE, or what the
 * command ends with, the sentence printed; restore_close in any case. */
enum exit_status restore_open(struct restore *restore, struct arguments *arguments,
                              const struct checkpoint_choice *choice);
void restore_close(struct restore *restore);

/* The images of the files that are named, else the first test images of the run's data; at most
 * `count` of them. A file of images that are 2 or 4 times smaller than the generator's, if
 * `corruption` shrinks by that, is blown up; all others are made as those of the data
 * (data/given.h), which is told on stderr. `plain` gets the choices of `corruption` in turn, or what
 * suits small ones. */
int restore_take(struct restore *restore, enum corruption corruption, int count);

/* Fills conditions and made; then restored, by the generator, from the latents of `seed`. What is not
 * hidden is copied through. */
void restore_corrupt(struct restore *restore);
void restore_generate(struct restore *restore, uint64_t seed);

/* Images of a sheet that belong together. `pixels` (N, H, W). */
struct restore_part {
    const char *name;
    const float *pixels;
};

/* Draws all parts of each image; or, with --output, writes what was restored, with --beside all
 * parts. */
int restore_show(struct restore *restore, const struct restore_part *parts, int part_count,
                 enum picture_mode mode);

/* A table, or JSON, of what a classifier reads in each part and how far it is off. The parts' names
 * are its lines; `what` is for its heading: "1,000 test images, half of each hidden". */
int restore_measure(struct restore *restore, const struct restore_part *parts, int part_count,
                    const char *what, bool is_json);

/* The training images of the run, for what is compared with. The caller closes it. */
int restore_training_set(struct dataset **out, const struct restore *restore);

/* A copy of the conditions' images, for a method that works in place. In the arena. */
float *restore_copy(struct restore *restore, const float *images);

#endif
