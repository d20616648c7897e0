/* Images that somebody hands in, made as those of a data set are.
 *
 *     struct frame frame = frame_of(set);
 *     given_read(&given, "seven.png", &frame);
 *
 * A file is a PNG, of one image, or IDX images, gzipped or not. Images of the set's own size stay as
 * they are. Of others the ink is taken: what stands out from the background, cut from its paper,
 * scaled so that its longer side is that of the ink in the set's images, and put with its centre of
 * mass where theirs is, much as MNIST was made (LeCun et al. 1998, section III A), but never over the
 * edge.
 * Ink that is dark where the set's is light, or light where it is dark, is inverted, whatever the
 * size. */
#ifndef GANDER_DATA_GIVEN_H
#define GANDER_DATA_GIVEN_H

#include "base/base.h"
#include "data/dataset.h"

enum { GIVEN_SIDE_LIMIT = 4096 /* pixels of a PNG */ };

/* What is common to images of a set. */
struct frame {
    int height, width;     /* pixels */
    int ink;               /* pixels: the median of the longer side of the box around the ink */
    double down, across;   /* pixels from the top left: where its centre of mass is, on average */
    bool is_dark_on_light; /* the background is white, as most edges have it */
};
struct frame frame_of(const struct dataset *set);

struct given {
    int count;
    uint8_t *pixels;   /* (count, height, width) of the frame; owned */
    int height, width; /* as they were in the file, pixels */
    bool is_idx, is_inverted, is_resized;
};

/* ERR_INVALID says what is wrong with the file; one without any ink is fine. `count`: at most so many
 * images, 0 for all. */
int given_read(struct given *out, const char *path, const struct frame *frame, int count);
void given_release(struct given *given);

/* "120x90 pixels, dark on light: inverted, its ink scaled to 20 pixels"; NULL where nothing was done
 * to it. */
char *given_note(struct arena *arena, const struct given *given, const struct frame *frame);

#endif
