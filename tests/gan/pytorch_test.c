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

/* What PyTorch is to draw as well: latents and labels, images and D's logits for them. */
static void write_drawn(struct small_game *game, const char *path)
{
    struct trainer *trainer = game->trainer;
    struct drawing drawing = trainer_drawing(trainer);
    struct network *g = trainer->generator.net, *d = trainer->discriminator.net;
    int n = trainer->batch, latent = shape_size(g->input), pixels = trainer->pixels;
    struct random random;
    int64_t labels[8];
    assert_in_range(n, 1, ARRAY_SIZE(labels));
    random_seed(&random, 4, 4);
    random_fill_normal(&random, tape_input(drawing.tape), (size_t)(n * latent));
    for (int i = 0; i < n; i++)
        labels[i] = drawing.labels[i] = (i * 2) % SMALL_CLASSES;
    struct pass pass = { .images = n,
                         .mode = PASS_SAMPLE,
                         .labels = drawing.labels,
                         .parameters = drawing.parameters,
                         .buffers = drawing.buffers };
    network_prepare(g, drawing.parameters, drawing.buffers, false);
    network_forward(g, drawing.tape, &pass);
    memcpy(tape_input(trainer->judged), tape_output(drawing.tape),
           (size_t)(n * pixels) * sizeof(float));
    pass.parameters = NULL;
    pass.buffers = NULL;
    network_prepare(d, d->parameters, d->buffers, false);
    network_forward(d, trainer->judged, &pass);
    const struct tensor tensors[] = {
        { "latents", TENSOR_F32, 2, { n, latent }, tape_input(drawing.tape) },
        { "images", TENSOR_F32, 2, { n, pixels }, tape_output(drawing.tape) },
        { "logits", TENSOR_F32, 1, { n }, tape_output(trainer->judged) },
        { "labels", TENSOR_I64, 1, { n }, labels },
    };
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
