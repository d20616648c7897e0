#include "gan/generator.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/engine.h"
#include "gan/game.h"
#include "checkpoint.h"
#include "nn/blas.h"

enum { BATCH = GENERATOR_BATCH };

struct generator {
    struct pool *pool;
    struct network *net;
    struct drawing drawing;
    struct generator_facts facts;
};

static int read_facts(struct generator_facts *facts, const struct tensor_file *file,
                      const struct recipe *recipe, const char *path)
{
    int images[3];
    int64_t step;
    int code = checkpoint_images(file, path, images);
    if (code == 0)
        code =
            checkpoint_copy(file, path, (struct state_entry){ STATE_STEP, TENSOR_I64, 1, &step });
    if (code < 0)
        return code;
    *facts = (struct generator_facts){ .latent = recipe->generator.latent,
                                       .height = images[0],
                                       .width = images[1],
                                       .classes = images[2],
                                       .corruption = (enum corruption)recipe->data.corruption,
                                       .step = step,
                                       .is_averaged = tensors_find(file, STATE_AVERAGE) };
    return 0;
}

static int build(struct generator *generator, const struct recipe *recipe)
{
    const struct generator_facts *facts = &generator->facts;
    int code = blas_load();
    if (code == 0)
        code = pool_new(&generator->pool, engine_threads(recipe));
    if (code == 0)
        code = network_new_conditioned(&generator->net, "generator", recipe->generator.layers,
                                       (struct shape){ facts->latent, 1, 1 }, facts->classes,
                                       condition_shape(recipe, facts->height, facts->width),
                                       generator->pool);
    if (code == 0 && shape_size(generator->net->output) != facts->height * facts->width)
        code = fail(ERR_INVALID, "generator: it does not make images of %dx%d", facts->height,
                    facts->width);
    return code;
}

/* The average where there is one. */
static int read_weights(struct network *net, bool average, const struct tensor_file *file,
                        const char *path)
{
    const char *parameters = average ? STATE_AVERAGE : STATE_GENERATOR;
    const char *buffers = average ? STATE_AVERAGE_BUFFERS : STATE_GENERATOR_BUFFERS;
    int code = checkpoint_copy(
        file, path,
        (struct state_entry){ parameters, TENSOR_F32, net->parameter_count, net->parameters });
    if (code == 0)
        code = checkpoint_copy(
            file, path,
            (struct state_entry){ buffers, TENSOR_F32, net->buffer_count, net->buffers });
    return code;
}

static void make_drawing(struct generator *generator)
{
    struct network *net = generator->net;
    generator->drawing = (struct drawing){ .net = net,
                                           .tape = tape_new(net, BATCH, false),
                                           .batch = BATCH,
                                           .labels = xcalloc(BATCH, sizeof(int)),
                                           .classes = generator->facts.classes,
                                           .parameters = net->parameters,
                                           .buffers = net->buffers };
    if (net->uses_condition)
        generator->drawing.conditions = float_block_new(BATCH * (size_t)shape_size(net->condition));
}

static int open_from(struct generator *generator, const struct recipe *recipe,
                     const struct tensor_file *file, const char *path, bool raw)
{
    int code = read_facts(&generator->facts, file, recipe, path);
    generator->facts.is_averaged = generator->facts.is_averaged && !raw;
    if (code == 0)
        code = build(generator, recipe);
    if (code == 0)
        code = read_weights(generator->net, generator->facts.is_averaged, file, path);
    if (code == 0)
        make_drawing(generator);
    return code;
}

static int open_checkpoint(struct generator **out, const struct recipe *recipe,
                           const char *checkpoint, bool raw)
{
    struct tensor_file *file;
    struct recipe there;
    int code = checkpoint_open(&file, &there, checkpoint);
    if (code < 0)
        return code;
    struct generator *generator = xcalloc(1, sizeof *generator);
    code = checkpoint_compare(&there, recipe, checkpoint);
    if (code == 0)
        code = open_from(generator, recipe, file, checkpoint, raw);
    recipe_release(&there);
    tensors_close(file);
    if (code < 0) {
        generator_close(generator);
        return code;
    }
    *out = generator;
    return 0;
}

int generator_open(struct generator **out, const struct recipe *recipe, const char *checkpoint)
{
    return open_checkpoint(out, recipe, checkpoint, false);
}

int generator_open_raw(struct generator **out, const struct recipe *recipe, const char *checkpoint)
{
    return open_checkpoint(out, recipe, checkpoint, true);
}

struct network *generator_network(const struct generator *generator)
{
    return generator->net;
}

void generator_close(struct generator *generator)
{
    if (!generator)
        return;
    free(generator->drawing.labels);
    float_block_free(generator->drawing.conditions);
    tape_free(generator->drawing.tape);
    network_free(generator->net);
    pool_free(generator->pool);
    free(generator);
}

struct generator_facts generator_facts(const struct generator *generator)
{
    return generator->facts;
}

void generator_draw(struct generator *generator, const float *latents, const int *labels, int count,
                    uint8_t *images, float *pixels)
{
    generator_draw_from(generator, &(struct generator_input){ latents, labels, NULL }, count,
                        images, pixels);
}

void generator_draw_from(struct generator *generator, const struct generator_input *input,
                         int count, uint8_t *images, float *pixels)
{
    drawing_draw(&generator->drawing, input, count, images, pixels);
}

void generator_backward(struct generator *generator, const float *d_pixels, int count,
                        float *d_latents)
{
    struct network *net = generator->net;
    struct tape *tape = generator->drawing.tape;
    size_t area = (size_t)shape_size(net->output), latent = (size_t)shape_size(net->input);
    float *gradient = tape_output_gradient(tape);
    memset(gradient, 0, BATCH * area * sizeof *gradient);
    memcpy(gradient, d_pixels, (size_t)count * area * sizeof *gradient);
    network_backward(net, tape, GRADIENT_INPUT);
    memcpy(d_latents, tape_input_gradient(tape), (size_t)count * latent * sizeof *d_latents);
}

void generator_draw_seeded(struct generator *generator, uint64_t seed, int label, int count,
                           uint8_t *images)
{
    drawing_draw_seeded(&generator->drawing, seed, label, count, images);
}
