/* Small games for the trainer's tests: a recipe from a few settings, and images made of noise,
 * whose pixels share no value (where many do, a small change of a weight flips many units at once
 * and spoils finite differences). */
#ifndef GANDER_TESTS_GAN_SMALL_H
#define GANDER_TESTS_GAN_SMALL_H

#include "testing.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "gan/trainer.h"

enum { SMALL_SIDE = 8, SMALL_COUNT = 10, SMALL_CLASSES = 3, SETTING_LIMIT = 16 };

static const char small_text[] =
    "[experiment]\nname = small\n"
    "[generator]\nlatent = 6\nlayers = dense 12 | norm | relu | dense 64 | tanh | reshape 1x8x8\n"
    "[discriminator]\nlayers = flatten | dense 10 | lrelu 0.2 | dense 1\n"
    "[training]\nbatch = 4\nsteps = 100\nthreads = 1\naverage = 0.9\nrate = 0.01\nseed = 5\n";

#define MLP_NORM_D "discriminator.layers=flatten | dense 10 | norm | lrelu 0.2 | dense 1"
#define CONV_G                                                                                     \
    "generator.layers=dense 32 | reshape 8x2x2 | norm | relu | upconv 4 4/2 | norm | relu | "      \
    "upconv 1 4/2 | tanh"
#define CONV_D                                                                                     \
    "discriminator.layers=conv 4 4/2 | lrelu 0.2 | conv 6 4/2 | lrelu 0.2 | flatten | dense 5 | "  \
    "lrelu 0.2 | dense 1"
#define SPECTRAL_D                                                                                 \
    "discriminator.layers=conv 4 4/2 spectral | lrelu 0.1 | flatten | dense 1 spectral"
#define LABEL_G "generator.layers=embed 3 | dense 12 | relu | dense 64 | tanh"
#define LABEL_D                                                                                    \
    "discriminator.layers=join | conv 4 4/2 | lrelu 0.2 | dropout 0.3 | flatten | dense 1"

#define PAIR_G                                                                                     \
    "generator.layers=condition | dense 12 | relu | dense 16 | reshape 4x2x2 | condition | "       \
    "upconv 3 4/2 | norm | relu | upconv 2 4/2 | condition | conv 1 3/1 | tanh"
#define PAIR_D                                                                                     \
    "discriminator.layers=condition | conv 4 4/2 | lrelu 0.2 | condition | flatten | dense 5 | "   \
    "lrelu 0.2 | dense 1"

/* `settings` separated by ';', over small_text. */
static inline void small_recipe(struct recipe *recipe, const char *settings)
{
    const char *list[SETTING_LIMIT];
    int count = 0;
    char *text = xstrdup(settings);
    for (char *at = text; at && *at; count++) {
        assert_true(count < SETTING_LIMIT);
        list[count] = at;
        at = strchr(at, ';');
        if (at)
            *at++ = '\0';
    }
    if (recipe_parse(recipe, small_text, strlen(small_text), "small", list, count) < 0)
        fail_msg("%s", error_text());
    free(text);
}

static inline struct dataset small_set(uint64_t seed)
{
    enum { BYTES = SMALL_COUNT * SMALL_SIDE * SMALL_SIDE };
    struct dataset set = { .count = SMALL_COUNT,
                           .height = SMALL_SIDE,
                           .width = SMALL_SIDE,
                           .classes = SMALL_CLASSES,
                           .source = xstrdup("small"),
                           .pixels = xcalloc(BYTES, 1),
                           .labels = xcalloc(SMALL_COUNT, 1) };
    struct random random;
    random_seed(&random, seed, 99);
    for (int i = 0; i < BYTES; i++)
        set.pixels[i] = (uint8_t)random_below(&random, 256);
    for (int i = 0; i < SMALL_COUNT; i++)
        set.labels[i] = (uint8_t)(i % SMALL_CLASSES);
    hash_of(set.pixels, BYTES, set.hash);
    return set;
}

static inline void small_set_release(struct dataset *set)
{
    free(set->labels);
    free(set->pixels);
    free(set->source);
}

struct small_game {
    struct recipe recipe;
    struct dataset set;
    struct trainer *trainer;
};

static inline void small_begin(struct small_game *game, const char *settings)
{
    small_recipe(&game->recipe, settings);
    game->set = small_set(3);
    if (trainer_new(&game->trainer, &game->recipe, &game->set) < 0)
        fail_msg("%s", error_text());
}

static inline void small_end(struct small_game *game)
{
    trainer_free(game->trainer);
    small_set_release(&game->set);
    recipe_release(&game->recipe);
}

static inline struct step_report small_step(struct small_game *game)
{
    struct step_report report;
    if (trainer_step(game->trainer, &report, true) < 0)
        fail_msg("%s", error_text());
    return report;
}

#endif
