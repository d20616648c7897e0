#define _GNU_SOURCE
#include "small.h"

#include "gan/generator.h"
#include "gan/judge.h"
#include "gan/objective.h"
#include "tamper.h"

enum { PIXELS = SMALL_SIDE * SMALL_SIDE, MANY = 150, BATCH = 4 };

static void train_and_save(struct small_game *game, const char *settings, int steps)
{
    small_begin(game, settings);
    for (int i = 0; i < steps; i++)
        small_step(game);
    if (trainer_save(game->trainer, "judged") < 0)
        fail_msg("%s", error_text());
}

static struct judge *open_judge(const struct small_game *game)
{
    struct judge *judge;
    if (judge_open(&judge, &game->recipe, "judged") < 0)
        fail_msg("%s", error_text());
    return judge;
}

static void make_images(float *images, int *labels, int count)
{
    struct random random;
    random_seed(&random, 11, 1);
    random_fill_uniform(&random, images, (size_t)count * PIXELS, -1, 1);
    for (int i = 0; i < count; i++)
        labels[i] = i * 7 % SMALL_CLASSES;
}

/* What the trainer's own discriminator says of them, one by one. */
static void ask_trainer(const struct small_game *game, const float *images, const int *labels,
                        int count, float *logits)
{
    struct network *net =
        (struct network *)(uintptr_t)trainer_discriminator(game->trainer); /* to read only */
    struct tape *tape = tape_new(net, 1, false);
    network_prepare(net, net->parameters, net->buffers, false);
    for (int i = 0; i < count; i++) {
        memcpy(tape_input(tape), images + (size_t)i * PIXELS, PIXELS * sizeof *images);
        network_forward(net, tape,
                        &(struct pass){ .images = 1,
                                        .mode = PASS_SAMPLE,
                                        .labels = net->uses_labels ? labels + i : NULL });
        logits[i] = tape_output(tape)[0];
    }
    tape_free(tape);
}

static void a_judge_answers_as_the_trainers_discriminator(void **state)
{
    static const char *const games[] = {
        "experiment.name=mlp",
        MLP_NORM_D,
        CONV_G ";" CONV_D,
        LABEL_G ";" LABEL_D,
        "training.objective=hinge;" SPECTRAL_D,
    };
    static float images[MANY * PIXELS], ours[MANY], theirs[MANY];
    int labels[MANY];
    (void)state;
    make_images(images, labels, MANY);
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct small_game game;
        train_and_save(&game, games[i], 5);
        struct judge *judge = open_judge(&game);
        judge_images(judge, images, labels, MANY, ours);
        ask_trainer(&game, images, labels, MANY, theirs);
        for (int k = 0; k < MANY; k++)
            if (!(fabsf(ours[k] - theirs[k]) < 1e-5F))
                fail_msg("%s: image %d: %g, not %g", games[i], k, (double)ours[k],
                         (double)theirs[k]);
        assert_true(ours[0] != ours[1]);
        judge_close(judge);
        small_end(&game);
    }
}

/* The latents and labels that the next step will take, as the checkpoint's streams have them. */
static void next_fakes(float *latents, size_t count, int *labels)
{
    struct tensor_file *file;
    struct random stream;
    assert_return_code(tensors_open(&file, "judged"), 0);
    memcpy(&stream, tensors_find(file, "state.random.latents")->data, sizeof stream);
    random_fill_normal(&stream, latents, count);
    memcpy(&stream, tensors_find(file, "state.random.labels")->data, sizeof stream);
    for (int i = 0; i < BATCH; i++)
        labels[i] = (int)random_below(&stream, SMALL_CLASSES);
    tensors_close(file);
}

static double probability_of_fakes(const struct small_game *game)
{
    float latents[BATCH * 6], pixels[BATCH * PIXELS], logits[BATCH];
    uint8_t bytes[BATCH * PIXELS];
    int labels[BATCH];
    double sum = 0;
    struct generator *generator;
    struct judge *judge = open_judge(game);
    assert_return_code(generator_open(&generator, &game->recipe, "judged"), 0);
    next_fakes(latents, ARRAY_SIZE(latents), labels);
    generator_draw(generator, latents, labels, BATCH, bytes, pixels);
    for (int i = 0; i < BATCH * PIXELS; i++)
        assert_true(fabsf((pixels[i] + 1) * 127.5F - (float)bytes[i]) <= 0.501F);
    judge_images(judge, pixels, labels, BATCH, logits);
    for (int i = 0; i < BATCH; i++)
        sum += sigmoid((double)logits[i]);
    generator_close(generator);
    judge_close(judge);
    return sum / BATCH;
}

/* The next step judges its fakes before it teaches anybody. */
static void the_next_step_reports_the_judges_verdict(void **state)
{
    static const char *const games[] = {
        "training.average=0;generator.layers=dense 12 | relu | dense 64 | tanh",
        "training.average=0;generator.layers=dense 12 | relu | dense 64 | tanh;" CONV_D,
        "training.average=0;" LABEL_G ";discriminator.layers=flatten | join | dense 8 | lrelu | "
        "dense 1",
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct small_game game;
        train_and_save(&game, games[i], 3);
        double ours = probability_of_fakes(&game), theirs = small_step(&game).d_fake;
        if (!(fabs(ours - theirs) < 1e-5))
            fail_msg("%s: %g, not %g", games[i], ours, theirs);
        small_end(&game);
    }
}

static void what_is_no_discriminator_is_refused(void **state)
{
    static const struct {
        const char *name;
        int byte;
    } cases[] = { { "state.discriminator.parameters", -1 },
                  { "state.discriminator.parameters", -2 },
                  { "state.images", 0x7F },
                  { "state.images", -1 } };
    struct small_game game;
    struct judge *judge;
    (void)state;
    train_and_save(&game, "", 1);
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        tamper("judged", "lying", cases[i].name, cases[i].byte);
        assert_int_equal(judge_open(&judge, &game.recipe, "lying"), ERR_INVALID);
        assert_non_null(strstr(error_text(), "lying"));
    }
    assert_int_equal(judge_open(&judge, &game.recipe, "missing"), ERR_NOT_FOUND);
    small_end(&game);
}

static void an_undecided_logit_is_where_real_and_fake_are_alike(void **state)
{
    static const enum objective with_labels[] = { OBJECTIVE_MINIMAX, OBJECTIVE_NON_SATURATING };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(with_labels); i++)
        assert_true(fabs(sigmoid(objective_undecided(with_labels[i], 0.2)) - 0.4) < 1e-12);
    assert_true(fabs(objective_undecided(OBJECTIVE_LEAST_SQUARES, 0) - 0.5) < 1e-12);
    assert_true(objective_undecided(OBJECTIVE_HINGE, 0) == 0);
    assert_true(isnan(objective_undecided(OBJECTIVE_WASSERSTEIN, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_judge_answers_as_the_trainers_discriminator),
        IN_SCRATCH(the_next_step_reports_the_judges_verdict),
        IN_SCRATCH(what_is_no_discriminator_is_refused),
        cmocka_unit_test(an_undecided_logit_is_where_real_and_fake_are_alike),
    };
    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
