/* Checkpoints in Python's hands: strict state dicts of the same networks, which draw the same
 * images. Needs a Python with torch and safetensors ($GANDER_TEST_PYTHON, or python3). */
#define _GNU_SOURCE
#include "small.h"

#include <sys/wait.h>

#include "../../src/gan/trainer_state.h"
#include "base/file.h"
#include "base/tensors.h"

enum { ARGUMENT_LIMIT = 32 };

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

/* Runs the program with what it says going to a file; its status, or -1. */
static int run(const char *const *arguments, const char *said)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        char *list[ARGUMENT_LIMIT] = { NULL };
        for (int i = 0; arguments[i]; i++)
            list[i] = xstrdup(arguments[i]);
        if (!freopen(said, "w", stdout) || dup2(fileno(stdout), STDERR_FILENO) < 0)
            _exit(126);
        execvp(list[0], list);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void need_torch(void)
{
    const char *const probe[] = { python(), "-c", "import torch, safetensors", NULL };
    if (run(probe, "said") != 0)
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

static void play(const char *settings, const char *checkpoint, const char *drawn)
{
    struct small_game game;
    small_begin(&game, settings);
    for (int step = 0; step < 12; step++)
        small_step(&game);
    assert_return_code(trainer_save(game.trainer, checkpoint), 0);
    write_drawn(&game, drawn);
    small_end(&game);
}

static void pytorch_loads_checkpoints_strictly_and_draws_the_same_images(void **state)
{
    static char names[2 * ARRAY_SIZE(games)][32];
    char script[PATH_MAX + 64];
    const char *arguments[ARGUMENT_LIMIT] = { python(), "-B", script };
    char *said;
    size_t size;
    (void)state;
    need_torch();
    snprintf(script, sizeof script, "%s/tests/pytorch/load_checkpoint.py", scratch_home);
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        snprintf(names[2 * i], sizeof names[0], "%d.safetensors", i);
        snprintf(names[2 * i + 1], sizeof names[0], "%d.drawn", i);
        play(games[i], names[2 * i], names[2 * i + 1]);
        arguments[3 + 2 * i] = names[2 * i];
        arguments[4 + 2 * i] = names[2 * i + 1];
    }
    int status = run(arguments, "said");
    assert_return_code(file_read("said", 1 << 20, &said, &size), 0);
    if (status != 0)
        fail_msg("%s", said);
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(pytorch_loads_checkpoints_strictly_and_draws_the_same_images),
    };
    return cmocka_run_group_tests_name("PyTorch", tests, NULL, NULL);
}
