#include "gan/trainer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "gan/engine.h"
#include "nn/blas.h"
#include "streams.h"
#include "trainer_pairs.h"

static void player_init(struct player *player, struct network *net, const struct recipe *recipe,
                        double rate, enum stream weights, enum stream dropout)
{
    struct random random;
    uint64_t seed = (uint64_t)recipe->training.seed;
    player->net = net;
    player->rate = rate;
    random_seed(&player->dropout, seed, dropout);
    random_seed(&random, seed, weights);
    network_init(net, &random);
    optimiser_init(&player->optimiser, (enum optimiser_kind)recipe->training.optimiser,
                   net->parameter_count, (float)recipe->training.beta1,
                   (float)recipe->training.beta2);
    player->optimiser.network = net;
}

static void init_players(struct trainer *trainer)
{
    const struct recipe *recipe = trainer->recipe;
    double rate = recipe->training.rate, d_rate = recipe->training.d_rate;
    player_init(&trainer->generator, trainer->game.generator, recipe, rate,
                STREAM_GENERATOR_WEIGHTS, STREAM_GENERATOR_DROPOUT);
    player_init(&trainer->discriminator, trainer->game.discriminator, recipe,
                d_rate > 0 ? d_rate : rate, STREAM_DISCRIMINATOR_WEIGHTS,
                STREAM_DISCRIMINATOR_DROPOUT);
}

static void init_average(struct trainer *trainer)
{
    const struct network *net = trainer->generator.net;
    if (!(trainer->recipe->training.average > 0))
        return;
    trainer->average = float_block_new(net->parameter_count);
    trainer->average_buffers = float_block_new(net->buffer_count);
    memcpy(trainer->average, net->parameters, net->parameter_count * sizeof(float));
}

static void init_streams(struct trainer *trainer)
{
    uint64_t seed = (uint64_t)trainer->recipe->training.seed;
    order_init(&trainer->order, trainer->set->count, seed);
    random_seed(&trainer->latents, seed, STREAM_LATENTS);
    random_seed(&trainer->labels, seed, STREAM_LABELS);
    random_seed(&trainer->noise, seed, STREAM_NOISE);
    random_seed(&trainer->mixing, seed, STREAM_MIXING);
}

static void init_room(struct trainer *trainer)
{
    int n = trainer->batch, penalty = trainer->recipe->training.penalty;
    size_t rows = 2 * (size_t)n;
    trainer->fakes = tape_new(trainer->generator.net, n, false);
    trainer->both = tape_new(trainer->discriminator.net, 2 * n, penalty == PENALTY_R1);
    trainer->judged = tape_new(trainer->discriminator.net, n, penalty == PENALTY_GRADIENT);
    trainer->indices = xcalloc((size_t)n, sizeof *trainer->indices);
    trainer->image_labels = xcalloc(rows, sizeof *trainer->image_labels);
    trainer->slopes = float_block_new(rows);
    trainer->scales = float_block_new(rows);
    if (trainer->recipe->training.noise > 0)
        trainer->spare = float_block_new(rows * (size_t)trainer->pixels);
}

static int build(struct trainer *trainer)
{
    const struct recipe *recipe = trainer->recipe;
    const struct dataset *set = trainer->set;
    struct game_images images = { set->source, set->height, set->width,
                                  set->labels ? set->classes : 0 };
    int code = blas_load();
    if (code == 0)
        code = pool_new(&trainer->pool, engine_threads(recipe));
    if (code == 0)
        code = game_new(&trainer->game, recipe, &images, trainer->pool);
    if (code < 0)
        return code;
    trainer->batch = recipe->training.batch;
    trainer->pixels = set->height * set->width;
    trainer->classes = trainer->game.generator->uses_labels ? images.classes : 0;
    init_players(trainer);
    init_average(trainer);
    init_streams(trainer);
    init_room(trainer);
    pairs_init(trainer);
    spread_init(&trainer->spread, set, trainer->classes);
    return 0;
}

int trainer_new(struct trainer **out, const struct recipe *recipe, const struct dataset *set)
{
    struct trainer *trainer = xcalloc(1, sizeof *trainer);
    trainer->recipe = recipe;
    trainer->set = set;
    int code = build(trainer);
    if (code < 0) {
        trainer_free(trainer);
        return code;
    }
    *out = trainer;
    return 0;
}

void trainer_free(struct trainer *trainer)
{
    if (!trainer)
        return;
    free(trainer->promise);
    pairs_release(trainer);
    spread_release(&trainer->spread);
    float_block_free(trainer->spare);
    float_block_free(trainer->scales);
    float_block_free(trainer->slopes);
    free(trainer->image_labels);
    free(trainer->indices);
    tape_free(trainer->judged);
    tape_free(trainer->both);
    tape_free(trainer->fakes);
    order_release(&trainer->order);
    float_block_free(trainer->average_buffers);
    float_block_free(trainer->average);
    optimiser_release(&trainer->discriminator.optimiser);
    optimiser_release(&trainer->generator.optimiser);
    game_release(&trainer->game);
    pool_free(trainer->pool);
    free(trainer);
}

struct pool *trainer_pool(struct trainer *trainer)
{
    return trainer->pool;
}

bool trainer_is_conditional(const struct trainer *trainer)
{
    return trainer->classes > 0;
}

/* G is updated once a step, so that its optimiser's count is the trainer's. */
int64_t trainer_step_number(const struct trainer *trainer)
{
    return trainer->generator.optimiser.step;
}

const struct network *trainer_generator(const struct trainer *trainer)
{
    return trainer->generator.net;
}

const struct network *trainer_discriminator(const struct trainer *trainer)
{
    return trainer->discriminator.net;
}

struct drawing trainer_drawing(struct trainer *trainer)
{
    struct network *net = trainer->generator.net;
    struct drawing drawing = { .net = net,
                               .tape = trainer->fakes,
                               .batch = trainer->batch,
                               .labels = trainer->image_labels,
                               .classes = trainer->classes,
                               .parameters = net->parameters,
                               .buffers = net->buffers,
                               .conditions = trainer->pairs.conditions,
                               .estimates = trainer->pairs.estimates };
    if (!trainer->average)
        return drawing;
    memcpy(trainer->average_buffers, net->buffers, net->buffer_count * sizeof(float));
    drawing.parameters = trainer->average;
    drawing.buffers = trainer->average_buffers;
    drawing_estimate(&drawing);
    return drawing;
}

void trainer_show(struct trainer *trainer, const struct dataset *set)
{
    trainer->pairs.shown = set;
}

void trainer_sample(struct trainer *trainer, int count, uint8_t *images)
{
    if (has_pairs(trainer)) {
        pairs_sample(trainer, count, images);
        return;
    }
    struct drawing drawing = trainer_drawing(trainer);
    drawing_draw_seeded(&drawing, (uint64_t)trainer->recipe->training.seed, -1, count, images);
}

void trainer_make(struct trainer *trainer, int count, uint8_t *images, int *asked)
{
    if (has_pairs(trainer)) {
        pairs_make(trainer, count, images, asked);
        return;
    }
    trainer_sample(trainer, count, images);
    for (int i = 0; asked && i < count; i++)
        asked[i] = trainer->classes > 0 ? i % trainer->classes : 0;
}
