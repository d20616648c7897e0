#include "trainer_pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "gan/corruption.h"
#include "streams.h"

static enum corruption corruption_of(const struct trainer *trainer)
{
    return (enum corruption)trainer->recipe->data.corruption;
}

bool has_pairs(const struct trainer *trainer)
{
    return corruption_of(trainer) != CORRUPTION_NONE;
}

static void corrupt(const struct trainer *trainer, const float *image, int choice, float *condition,
                    float *made)
{
    corruption_apply(corruption_choice(corruption_of(trainer), choice), image, trainer->set->height,
                     trainer->set->width, condition, made);
}

/* The conditions that norm statistics are estimated with: of the first images, corrupted in turn. */
static void fill_estimates(struct trainer *trainer)
{
    size_t pixels = (size_t)trainer->pixels;
    float *image = float_block_new(pixels);
    for (int i = 0; i < DRAWING_ESTIMATES * trainer->batch; i++) {
        uint32_t index = (uint32_t)(i % trainer->set->count);
        dataset_batch(trainer->set, &index, 1, image, NULL);
        corrupt(trainer, image, i, trainer->pairs.estimates + (size_t)i * pixels, NULL);
    }
    float_block_free(image);
}

void pairs_init(struct trainer *trainer)
{
    struct pairs *pairs = &trainer->pairs;
    size_t images = (size_t)trainer->batch * (size_t)trainer->pixels;
    if (!has_pairs(trainer))
        return;
    pairs->targets = float_block_new(images);
    pairs->made = float_block_new(images);
    pairs->conditions = float_block_new(2 * images);
    pairs->estimates = float_block_new(DRAWING_ESTIMATES * images);
    pairs->shown = trainer->set;
    random_seed(&pairs->corruption, (uint64_t)trainer->recipe->training.seed, STREAM_CORRUPTION);
    fill_estimates(trainer);
}

void pairs_release(struct trainer *trainer)
{
    float_block_free(trainer->pairs.estimates);
    float_block_free(trainer->pairs.conditions);
    float_block_free(trainer->pairs.made);
    float_block_free(trainer->pairs.targets);
}

const float *conditions_from(const struct trainer *trainer, int row)
{
    return has_pairs(trainer) ? trainer->pairs.conditions + (size_t)row * (size_t)trainer->pixels
                              : NULL;
}

void pairs_take(struct trainer *trainer, const float *real)
{
    struct pairs *pairs = &trainer->pairs;
    size_t pixels = (size_t)trainer->pixels, images = (size_t)trainer->batch * pixels;
    uint32_t choices = (uint32_t)corruption_choices(corruption_of(trainer));
    memcpy(pairs->targets, real, images * sizeof *real);
    for (size_t at = 0; at < images; at += pixels)
        corrupt(trainer, real + at, (int)random_below(&pairs->corruption, choices),
                pairs->conditions + at, pairs->made + at);
    memcpy(pairs->conditions + images, pairs->conditions, images * sizeof *real);
}

void pairs_restore(const struct trainer *trainer, float *fakes)
{
    const struct pairs *pairs = &trainer->pairs;
    corruption_restore(fakes, pairs->targets, pairs->made,
                       (size_t)trainer->batch * (size_t)trainer->pixels);
}

double pairs_reconstruct(const struct trainer *trainer, const float *fakes, float *gradient)
{
    const struct pairs *pairs = &trainer->pairs;
    int images = trainer->batch * trainer->pixels;
    double sum = 0, count = 0;
    for (int i = 0; i < images; i++)
        count += (double)pairs->made[i];
    float slope = (float)(trainer->recipe->training.reconstruction / fmax(count, 1));
    for (int i = 0; i < images; i++) {
        float off = pairs->made[i] * (fakes[i] - pairs->targets[i]);
        sum += (double)fabsf(off);
        gradient[i] = pairs->made[i] * gradient[i] + (off > 0 ? slope : off < 0 ? -slope : 0);
    }
    return sum / fmax(count, 1);
}

/* --- samples --- */

struct shown { /* images, what G gets of them, and what it makes of that */
    int count;
    float *images, *conditions, *made, *drawn, *latents;
    int *labels;
};

static void shown_init(struct shown *shown, struct trainer *trainer, int count)
{
    size_t images = (size_t)count * (size_t)trainer->pixels;
    size_t latent = (size_t)shape_size(trainer->generator.net->input);
    *shown = (struct shown){ .count = count,
                             .images = float_block_new(images),
                             .conditions = float_block_new(images),
                             .made = float_block_new(images),
                             .drawn = float_block_new(images),
                             .latents = float_block_new((size_t)count * latent),
                             .labels = xcalloc((size_t)count, sizeof *shown->labels) };
    struct random random;
    random_seed(&random, (uint64_t)trainer->recipe->training.seed, STREAM_SAMPLES);
    for (int i = 0; i < count; i++) {
        size_t at = (size_t)i * (size_t)trainer->pixels;
        uint32_t index = (uint32_t)(i % trainer->pairs.shown->count);
        dataset_batch(trainer->pairs.shown, &index, 1, shown->images + at, &shown->labels[i]);
        corrupt(trainer, shown->images + at, i, shown->conditions + at, shown->made + at);
        random_fill_normal(&random, shown->latents + (size_t)i * latent, latent);
    }
}

static void shown_release(struct shown *shown)
{
    free(shown->labels);
    float_block_free(shown->latents);
    float_block_free(shown->drawn);
    float_block_free(shown->made);
    float_block_free(shown->conditions);
    float_block_free(shown->images);
}

static void shown_draw(struct shown *shown, struct trainer *trainer, int count)
{
    struct drawing drawing = trainer_drawing(trainer);
    shown_init(shown, trainer, count);
    drawing_draw(&drawing,
                 &(struct generator_input){ shown->latents, shown->labels, shown->conditions },
                 count, NULL, shown->drawn);
    corruption_restore(shown->drawn, shown->images, shown->made,
                       (size_t)count * (size_t)trainer->pixels);
}

void pairs_sample(struct trainer *trainer, int count, uint8_t *images)
{
    enum { PARTS = SAMPLE_PARTS };
    struct shown shown;
    size_t pixels = (size_t)trainer->pixels;
    shown_draw(&shown, trainer, (count + PARTS - 1) / PARTS);
    const float *const parts[PARTS] = { shown.conditions, shown.drawn, shown.images };
    for (int i = 0; i < count; i++)
        pixels_to_bytes(parts[i % PARTS] + (size_t)(i / PARTS) * pixels,
                        images + (size_t)i * pixels, pixels);
    shown_release(&shown);
}

void pairs_make(struct trainer *trainer, int count, uint8_t *images, int *asked)
{
    struct shown shown;
    shown_draw(&shown, trainer, count);
    pixels_to_bytes(shown.drawn, images, (size_t)count * (size_t)trainer->pixels);
    if (asked)
        memcpy(asked, shown.labels, (size_t)count * sizeof *asked);
    shown_release(&shown);
}
