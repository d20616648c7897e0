#include "run/plan.h"

static void describe(struct plan_network *out, const struct network *net, struct arena *arena)
{
    *out = (struct plan_network){ .layer_count = net->layer_count };
    out->layers = arena_alloc(arena, (size_t)net->layer_count, sizeof *out->layers);
    for (int i = 0; i < net->layer_count; i++) {
        struct layer_facts facts;
        network_layer_facts(net, i, &facts);
        double flop = 2 * facts.multiply_adds;
        out->layers[i] = (struct plan_layer){ .text = arena_strdup(arena, facts.text),
                                              .channels = facts.output.channels,
                                              .height = facts.output.height,
                                              .width = facts.output.width,
                                              .parameters = facts.parameters,
                                              .flop = flop };
        if (out->flop == 0)
            out->first_flop = flop;
        out->parameters += facts.parameters;
        out->flop += flop;
    }
}

/* A penalty's work on a batch, averaged over the updates that go without. */
static double penalty_flop(const struct plan_network *net, const struct recipe *recipe)
{
    double work[] = {
        [PENALTY_NONE] = 0,
        [PENALTY_R1] = 2 * net->first_flop + net->flop,
        [PENALTY_GRADIENT] = 4 * net->flop,
        [PENALTY_CLIP] = 0,
    };
    return work[recipe->training.penalty] / recipe->training.penalty_every;
}

static void count_work(struct plan *plan, const struct recipe *recipe)
{
    const struct plan_network *g = &plan->generator, *d = &plan->discriminator;
    double batch = recipe->training.batch;
    double update = g->flop + 2 * (3 * d->flop - d->first_flop) + penalty_flop(d, recipe);
    plan->d_flop = recipe->training.d_steps * batch * update;
    plan->g_flop = batch * (2 * d->flop + 2 * g->flop - g->first_flop);
    plan->step_flop = plan->d_flop + plan->g_flop;
}

static void count_memory(struct plan_memory *out, const struct game *game,
                         const struct recipe *recipe, int threads)
{
    static const int moments[] = {
        [OPTIMISER_ADAM] = 2, [OPTIMISER_RMSPROP] = 1, [OPTIMISER_SGD] = 1
    };
    const struct network *g = game->generator, *d = game->discriminator;
    int batch = recipe->training.batch, penalty = recipe->training.penalty;
    size_t block = (g->parameter_count + d->parameter_count) * sizeof(float);
    *out = (struct plan_memory){
        .parameters = network_bytes(g) + network_bytes(d) - block,
        .gradients = block,
        .moments = block * (size_t)moments[recipe->training.optimiser],
        .passes = tape_bytes(g, batch, false, threads) +
                  tape_bytes(d, 2 * batch, penalty == PENALTY_R1, threads) +
                  tape_bytes(d, batch, penalty == PENALTY_GRADIENT, threads),
    };
    if (recipe->training.average > 0)
        out->average = (g->parameter_count + g->buffer_count) * sizeof(float);
    if (recipe->training.noise > 0)
        out->passes += 2 * (size_t)batch * (size_t)shape_size(d->input) * sizeof(float);
    if (recipe->data.corruption != CORRUPTION_NONE) /* conditions, targets, what is made */
        out->passes += 12 * (size_t)batch * (size_t)shape_size(d->input) * sizeof(float);
    out->total = out->parameters + out->gradients + out->moments + out->average + out->passes;
}

int plan_init(struct plan *out, const struct recipe *recipe, const struct game_images *images,
              int threads)
{
    struct game game;
    *out = (struct plan){ .step_flop = 0 };
    int code = game_new(&game, recipe, images, NULL);
    if (code < 0)
        return code;
    describe(&out->generator, game.generator, &out->arena);
    describe(&out->discriminator, game.discriminator, &out->arena);
    count_work(out, recipe);
    count_memory(&out->memory, &game, recipe, threads);
    game_release(&game);
    return 0;
}

void plan_release(struct plan *plan)
{
    arena_release(&plan->arena);
    *plan = (struct plan){ .step_flop = 0 };
}
