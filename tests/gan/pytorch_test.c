/* Checkpoints in Python's hands: strict state dicts of the same networks, which draw the same
 * images. Needs a Python with torch and safetensors ($GANDER_TEST_PYTHON, or python3). */
#define _GNU_SOURCE
#include "small.h"

#include <sys/wait.h>

#include "../../src/gan/trainer_state.h"
#include "base/tensors.h"

static const char *const games[] = {
    "training.average=0.9",
    "training.average=0",
    "training.penalty=r1;" CONV_G ";" CONV_D,
    LABEL_G ";" LABEL_D,
    "training.objective=hinge;" SPECTRAL_D ";training.d_steps=2;" CONV_G,
    MLP_NORM_D ";generator.layers=dense 12 spectral | norm | relu | dense 64 spectral | tanh",
    "discriminator.layers=conv 3 3/2 | lrelu | pool max 2 | stddev | flatten | dense 1;"
    "generator.layers=dense 16 | layernorm | relu | reshape 4x2x2 | upsample 2 | conv 4 3/1 | "
    "norm | relu | dropout 0.2 | upconv 1 3/2 | sigmoid",
    "discriminator.layers=conv 4 5/2/1 | lrelu 0.3 | pool average 3 | join | flatten | dense 1;"
    "generator.layers=join | dense 36 | reshape 4x3x3 | norm | relu | upconv 1 4/2/0 | tanh",
};

static const char *python(void)
{
    const char *chosen = getenv("GANDER_TEST_PYTHON");
    return chosen && *chosen ? chosen : "python3";
}

static int run(char *command)
{
    int status = system(command); /* NOLINT(cert-env33-c): a test's own words */
    free(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void need_torch(void)
{
    if (run(xasprintf("'%s' -c 'import torch, safetensors' 2>/dev/null", python())) != 0)
        skip();
}

enum { IMAGES = 4, LATENT = 6, PIXELS = SMALL_SIDE * SMALL_SIDE };

/* What PyTorch is to make as well, of latents and labels. */
struct drawn {
    float latents[IMAGES * LATENT];
    int64_t labels[IMAGES];
    float images[IMAGES * PIXELS]; /* by the average, or by the generator where there is none */
    float raw[IMAGES * PIXELS];    /* by the generator */
    float logits[IMAGES];          /* of the images */
};

static void forward(const struct drawing *drawing, const float *input, float *output)
{
    struct network *net = drawing->net;
    memcpy(tape_input(drawing->tape), input,
           (size_t)(IMAGES * shape_size(net->input)) * sizeof *input);
    network_prepare(net, drawing->parameters, drawing->buffers, false);
    network_forward(net, drawing->tape,
                    &(struct pass){ .images = IMAGES,
                                    .mode = PASS_SAMPLE,
                                    .labels = drawing->labels,
                                    .parameters = drawing->parameters,
                                    .buffers = drawing->buffers });
    memcpy(output, tape_output(drawing->tape),
           (size_t)(IMAGES * shape_size(net->output)) * sizeof *output);
}

static void draw(struct trainer *trainer, struct drawn *drawn)
{
    struct drawing average = trainer_drawing(trainer), raw = average, judge = average;
    struct network *g = trainer->generator.net, *d = trainer->discriminator.net;
    struct random random;
    assert_int_equal(trainer->batch, IMAGES);
    random_seed(&random, 4, 4);
    random_fill_normal(&random, drawn->latents, IMAGES * LATENT);
    for (int i = 0; i < IMAGES; i++)
        drawn->labels[i] = average.labels[i] = (i * 2) % SMALL_CLASSES;
    raw.parameters = g->parameters;
    raw.buffers = g->buffers;
    judge.net = d;
    judge.tape = trainer->judged;
    judge.parameters = d->parameters;
    judge.buffers = d->buffers;
    forward(&average, drawn->latents, drawn->images);
    forward(&raw, drawn->latents, drawn->raw);
    forward(&judge, drawn->images, drawn->logits);
}

static void write_drawn(struct small_game *game, const char *path)
{
    static struct drawn drawn;
    const struct tensor tensors[] = {
        { "latents", TENSOR_F32, 2, { IMAGES, LATENT }, drawn.latents },
        { "labels", TENSOR_I64, 1, { IMAGES }, drawn.labels },
        { "images", TENSOR_F32, 2, { IMAGES, PIXELS }, drawn.images },
        { "raw", TENSOR_F32, 2, { IMAGES, PIXELS }, drawn.raw },
        { "logits", TENSOR_F32, 1, { IMAGES }, drawn.logits },
    };
    draw(game->trainer, &drawn);
    assert_return_code(tensors_write(path, tensors, ARRAY_SIZE(tensors), NULL, 0), 0);
}

static void pytorch_loads_checkpoints_strictly_and_draws_the_same_images(void **state)
{
    char *command =
        xasprintf("PYTHONDONTWRITEBYTECODE=1 '%s' '%s/tests/pytorch/load_checkpoint.py'", python(),
                  scratch_home);
    (void)state;
    need_torch();
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct small_game game;
        char saved[32], drawn[32];
        snprintf(saved, sizeof saved, "%d.safetensors", i);
        snprintf(drawn, sizeof drawn, "%d.drawn", i);
        small_begin(&game, games[i]);
        for (int step = 0; step < 12; step++)
            small_step(&game);
        assert_return_code(trainer_save(game.trainer, saved), 0);
        write_drawn(&game, drawn);
        small_end(&game);
        char *longer = xasprintf("%s %s %s", command, saved, drawn);
        free(command);
        command = longer;
    }
    int status = run(xasprintf("%s >said 2>&1", command));
    if (status != 0)
        run(xstrdup("cat said"));
    assert_int_equal(status, 0);
    free(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(pytorch_loads_checkpoints_strictly_and_draws_the_same_images),
    };
    return cmocka_run_group_tests_name("PyTorch", tests, NULL, NULL);
}
