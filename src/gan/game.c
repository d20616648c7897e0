#include "gan/game.h"

#include <string.h>

#include "base/error.h"
#include "gan/corruption.h"

static int check_image(const struct network *generator, const struct game_images *images)
{
    struct shape made = generator->output;
    int pixels = images->height * images->width;
    bool image = made.channels == 1 && made.height == images->height && made.width == images->width;
    bool flat = made.channels == pixels && made.height == 1 && made.width == 1;
    if (image || flat)
        return 0;
    return fail(ERR_INVALID,
                "generator: it makes %dx%dx%d, and the images of '%s' are 1x%dx%d "
                "(change generator.layers so that its last shape is that, or %d values)",
                made.channels, made.height, made.width, images->source, images->height,
                images->width, pixels);
}

static int check_logit(const struct network *discriminator)
{
    struct layer_facts last;
    int values = shape_size(discriminator->output);
    if (values != 1)
        return fail(ERR_INVALID,
                    "discriminator: it ends in %d values for an image and must end in one logit "
                    "(add '| dense 1' to discriminator.layers)",
                    values);
    network_layer_facts(discriminator, discriminator->layer_count - 1, &last);
    if (strcmp(last.text, "sigmoid") == 0 || strcmp(last.text, "tanh") == 0)
        return fail(ERR_INVALID,
                    "discriminator: objectives take a logit: remove the last '%s' from "
                    "discriminator.layers",
                    last.text);
    return 0;
}

struct shape condition_shape(const struct recipe *recipe, int height, int width)
{
    bool has = recipe->data.corruption != CORRUPTION_NONE;
    return has ? (struct shape){ 1, height, width } : (struct shape){ 0, 0, 0 };
}

static int check_condition(const struct network *generator, const struct recipe *recipe)
{
    if (generator->uses_condition || recipe->data.corruption == CORRUPTION_NONE)
        return 0;
    return fail(ERR_INVALID,
                "generator: data.corruption is '%s', and no layer takes the image that it makes "
                "(add 'condition' to generator.layers)",
                corruption_name((enum corruption)recipe->data.corruption));
}

/* `key` is the list of `net`. */
static int check_labels(const struct network *net, const struct network *other, const char *key)
{
    if (net->uses_labels || !other->uses_labels)
        return 0;
    return fail(ERR_INVALID,
                "%s: it takes no labels and the other network does, so that nothing ties image to "
                "label (add 'join' or 'embed' to it)",
                key);
}

static int check_penalty(const struct network *discriminator, const struct recipe *recipe)
{
    enum penalty penalty = (enum penalty)recipe->training.penalty;
    if (penalty == PENALTY_R1 || penalty == PENALTY_GRADIENT)
        return network_check_penalty(discriminator);
    return 0;
}

static int make_generator(struct game *game, const struct recipe *recipe,
                          const struct game_images *images, struct pool *pool)
{
    struct shape latent = { recipe->generator.latent, 1, 1 };
    int code = network_new_conditioned(
        &game->generator, "generator", recipe->generator.layers, latent, images->classes,
        condition_shape(recipe, images->height, images->width), pool);
    if (code == 0)
        code = check_image(game->generator, images);
    if (code == 0)
        code = check_condition(game->generator, recipe);
    return code < 0 ? recipe_blame(recipe, "generator.layers") : 0;
}

static int make_discriminator(struct game *game, const struct recipe *recipe,
                              const struct game_images *images, struct pool *pool)
{
    static const char key[] = "discriminator.layers";
    struct shape image = { 1, images->height, images->width };
    int code = network_new_conditioned(
        &game->discriminator, "discriminator", recipe->discriminator.layers, image, images->classes,
        condition_shape(recipe, images->height, images->width), pool);
    if (code == 0)
        code = check_logit(game->discriminator);
    if (code == 0)
        code = check_labels(game->discriminator, game->generator, key);
    if (code == 0)
        code = check_penalty(game->discriminator, recipe);
    return code < 0 ? recipe_blame(recipe, key) : 0;
}

int game_new(struct game *out, const struct recipe *recipe, const struct game_images *images,
             struct pool *pool)
{
    static const char key[] = "generator.layers";
    struct game game = { NULL, NULL };
    int code =
        corruption_check((enum corruption)recipe->data.corruption, images->height, images->width);
    if (code < 0)
        return recipe_blame(recipe, "data.corruption");
    code = make_generator(&game, recipe, images, pool);
    if (code == 0)
        code = make_discriminator(&game, recipe, images, pool);
    if (code == 0 && check_labels(game.generator, game.discriminator, key) < 0)
        code = recipe_blame(recipe, key);
    if (code < 0) {
        game_release(&game);
        return code;
    }
    *out = game;
    return 0;
}

void game_release(struct game *game)
{
    network_free(game->generator);
    network_free(game->discriminator);
    *game = (struct game){ NULL, NULL };
}
