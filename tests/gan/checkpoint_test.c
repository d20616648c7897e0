#define _GNU_SOURCE
#include "small.h"

#include "base/file.h"
#include "base/host.h"
#include "gan/generator.h"
#include "tamper.h"

enum { SHEET = 7 };

/* Games that together use all that a checkpoint must hold. */
static const char *const games[] = {
    "experiment.name=mlp",
    "training.average=0;training.schedule=cosine",
    "training.penalty=r1;training.penalty_every=2;" CONV_G ";" CONV_D,
    "training.objective=wasserstein;training.penalty=gradient;training.d_steps=2",
    "training.objective=wasserstein;training.penalty=clip;training.optimiser=rmsprop",
    "training.objective=least-squares;training.optimiser=sgd;training.schedule=linear;"
    "training.noise=0.2;training.clip=0.5",
    "training.smoothing=0.1;" LABEL_G ";" LABEL_D,
    "training.objective=hinge;" SPECTRAL_D,
    "training.objective=hinge;training.batch=13;" CONV_G
    ";discriminator.layers=flatten | dense 8 | norm | lrelu | dense 1;training.threads=2",
    "data.corruption=part;training.reconstruction=5;" PAIR_G ";" PAIR_D,
    "generator.layers=dense 12 spectral | norm | relu | dropout 0.2 | dense 64 spectral | tanh",
};

static void run(struct small_game *game, int steps, struct step_report *reports)
{
    for (int i = 0; i < steps; i++)
        reports[i] = small_step(game);
}

static void save(const struct small_game *game, const char *path)
{
    if (trainer_save(game->trainer, path) < 0)
        fail_msg("%s", error_text());
}

static void assert_same_file(const char *a, const char *b, const char *settings)
{
    char *data[2];
    size_t size[2];
    assert_return_code(file_read(a, 1 << 24, &data[0], &size[0]), 0);
    assert_return_code(file_read(b, 1 << 24, &data[1], &size[1]), 0);
    if (size[0] != size[1] || memcmp(data[0], data[1], size[0]) != 0)
        fail_msg("%s: the files differ", settings);
    free(data[0]);
    free(data[1]);
}

static void a_resumed_run_is_bit_for_bit_as_if_never_stopped(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct step_report straight[6], broken[6];
        struct small_game game;
        small_begin(&game, games[i]);
        run(&game, 6, straight);
        save(&game, "straight");
        small_end(&game);

        small_begin(&game, games[i]);
        run(&game, 3, broken);
        save(&game, "middle");
        small_end(&game);
        small_begin(&game, games[i]);
        if (trainer_load(game.trainer, "middle") < 0)
            fail_msg("%s: %s", games[i], error_text());
        assert_null(trainer_promise(game.trainer));
        assert_int_equal(trainer_step_number(game.trainer), 3);
        run(&game, 3, broken + 3);
        save(&game, "resumed");
        small_end(&game);

        assert_memory_equal(straight, broken, sizeof straight);
        assert_same_file("straight", "resumed", games[i]);
    }
}

static void a_checkpoint_saves_back_as_it_was(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct small_game game;
        struct step_report reports[4];
        small_begin(&game, games[i]);
        run(&game, 4, reports);
        save(&game, "first");
        small_end(&game);
        small_begin(&game, games[i]);
        assert_return_code(trainer_load(game.trainer, "first"), 0);
        save(&game, "second");
        small_end(&game);
        assert_same_file("first", "second", games[i]);
    }
}

static void saving_and_sampling_leave_training_alone(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct step_report quiet[5], busy[5];
        struct small_game game;
        uint8_t images[SHEET * SMALL_SIDE * SMALL_SIDE];
        small_begin(&game, games[i]);
        run(&game, 5, quiet);
        small_end(&game);
        small_begin(&game, games[i]);
        for (int step = 0; step < 5; step++) {
            trainer_sample(game.trainer, SHEET, images);
            save(&game, "busy");
            busy[step] = small_step(&game);
        }
        small_end(&game);
        if (memcmp(quiet, busy, sizeof quiet) != 0)
            fail_msg("%s: sampling or saving changes the run", games[i]);
    }
}

static void a_generator_draws_the_trainers_samples(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        uint8_t ours[SHEET * SMALL_SIDE * SMALL_SIDE], theirs[sizeof ours];
        struct step_report reports[3];
        struct small_game game;
        struct generator *generator;
        if (strstr(games[i], "corruption")) /* see pairs_test */
            continue;
        small_begin(&game, games[i]);
        run(&game, 3, reports);
        trainer_sample(game.trainer, SHEET, ours);
        save(&game, "drawn");
        if (generator_open(&generator, &game.recipe, "drawn") < 0)
            fail_msg("%s: %s", games[i], error_text());
        generator_draw_seeded(generator, (uint64_t)game.recipe.training.seed, -1, SHEET, theirs);
        for (int k = 0; k < ARRAY_SIZE(ours); k++) /* batches differ, and with them rounding */
            assert_in_range(theirs[k] - ours[k] + 1, 0, 2);
        assert_int_equal(generator_facts(generator).step, 3);
        assert_int_equal(generator_facts(generator).classes,
                         strstr(games[i], "embed") ? SMALL_CLASSES : 0);
        generator_close(generator);
        small_end(&game);
    }
}

/* --- what a reader in Python finds --- */

static void tensors_for_readers_are_those_of_nn_sequential(void **state)
{
    static const struct {
        const char *name;
        enum tensor_type type;
        int dimensions;
        int64_t shape[TENSOR_DIMENSIONS];
    } want[] = {
        { "generator.0.weight", TENSOR_F32, 2, { 12, 6 } },
        { "generator.1.weight", TENSOR_F32, 1, { 12 } },
        { "generator.1.bias", TENSOR_F32, 1, { 12 } },
        { "generator.1.running_mean", TENSOR_F32, 1, { 12 } },
        { "generator.1.running_var", TENSOR_F32, 1, { 12 } },
        { "generator.1.num_batches_tracked", TENSOR_I64, 0, { 0 } },
        { "generator.3.weight", TENSOR_F32, 2, { 64, 12 } },
        { "generator.3.bias", TENSOR_F32, 1, { 64 } },
        { "average.1.num_batches_tracked", TENSOR_I64, 0, { 0 } },
        { "average.3.bias", TENSOR_F32, 1, { 64 } },
        { "discriminator.1.weight", TENSOR_F32, 2, { 10, 64 } },
        { "discriminator.3.bias", TENSOR_F32, 1, { 1 } },
    };
    struct small_game game;
    struct tensor_file *file;
    int readers = 0;
    (void)state;
    small_begin(&game, "");
    small_step(&game);
    save(&game, "read");
    small_end(&game);
    assert_return_code(tensors_open(&file, "read"), 0);
    for (int i = 0; i < ARRAY_SIZE(want); i++) {
        const struct tensor *tensor = tensors_find(file, want[i].name);
        if (!tensor)
            fail_msg("there is no '%s'", want[i].name);
        assert_int_equal(tensor->type, want[i].type);
        assert_int_equal(tensor->dimensions, want[i].dimensions);
        for (int k = 0; k < want[i].dimensions; k++)
            assert_int_equal(tensor->shape[k], want[i].shape[k]);
    }
    for (int i = 0; i < tensors_count(file); i++)
        readers += strncmp(tensors_at(file, i)->name, "state.", 6) != 0;
    assert_int_equal(readers, 8 + 8 + 4);
    assert_string_equal(tensors_metadata(file, "format"), "pt");
    assert_string_equal(tensors_metadata(file, "gander.cpu"), host_cpu());
    assert_string_equal(tensors_metadata(file, "gander.threads"), "1");
    tensors_close(file);
}

/* --- what is refused --- */

static void refuse(struct small_game *game, const char *path, const char *words)
{
    struct step_report before, after;
    struct small_game twin;
    assert_int_equal(trainer_load(game->trainer, path), ERR_INVALID);
    if (!strstr(error_text(), words))
        fail_msg("'%s' does not say '%s'", error_text(), words);
    assert_int_equal(trainer_step_number(game->trainer), 0);
    assert_null(trainer_promise(game->trainer));
    small_begin(&twin, ""); /* what was refused has changed nothing */
    before = small_step(&twin);
    small_end(&twin);
    small_end(game);
    small_begin(game, "");
    assert_int_equal(trainer_load(game->trainer, path), ERR_INVALID);
    after = small_step(game);
    assert_memory_equal(&before, &after, sizeof before);
    small_end(game);
    small_begin(game, "");
}

static void save_small(const char *settings, const char *path)
{
    struct small_game game;
    small_begin(&game, settings);
    small_step(&game);
    save(&game, path);
    small_end(&game);
}

static void a_cut_checkpoint_is_refused(void **state)
{
    struct small_game game;
    char *data;
    size_t size;
    (void)state;
    save_small("", "whole");
    assert_return_code(file_read("whole", 1 << 24, &data, &size), 0);
    small_begin(&game, "");
    for (size_t left = 0; left < size; left += size / 7) {
        assert_return_code(file_replace("part", data, left), 0);
        assert_int_equal(trainer_load(game.trainer, "part"), ERR_INVALID);
        assert_non_null(strstr(error_text(), "'part'"));
    }
    assert_return_code(file_replace("part", data, size - 1), 0);
    refuse(&game, "part", "'part' is broken: tensor 'state.random.discriminator'");
    assert_int_equal(trainer_load(game.trainer, "nowhere"), ERR_NOT_FOUND);
    small_end(&game);
    free(data);
}

static void a_foreign_file_is_refused(void **state)
{
    static const float values[3] = { 1, 2, 3 };
    const struct tensor tensor = {
        .name = "weight", .type = TENSOR_F32, .dimensions = 1, .shape = { 3 }, .data = values
    };
    struct small_game game;
    struct generator *generator;
    (void)state;
    assert_return_code(tensors_write("foreign", &tensor, 1, NULL, 0), 0);
    small_begin(&game, "");
    refuse(&game, "foreign", "'foreign' is not a checkpoint");
    assert_int_equal(generator_open(&generator, &game.recipe, "foreign"), ERR_INVALID);
    small_end(&game);
}

static void another_recipe_is_refused_by_its_first_difference(void **state)
{
    static const struct {
        const char *settings, *words;
    } cases[] = {
        { "training.rate=0.02", "training.rate was '0.02' there and is '0.01'" },
        { "training.seed=6", "training.seed was '6' there and is '5'" },
        { "training.objective=hinge", "training.objective was 'hinge'" },
        { "generator.latent=7", "generator.latent was '7' there and is '6'" },
        { CONV_D, "discriminator.layers was 'conv 4 4/2" },
        { "training.average=0", "training.average" },
        { "training.batch=5;training.steps=7", "training.batch was '5'" },
    };
    struct small_game game;
    (void)state;
    small_begin(&game, "");
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        save_small(cases[i].settings, "other");
        refuse(&game, "other", cases[i].words);
    }
    small_end(&game);
}

static void what_does_not_touch_the_course_may_differ(void **state)
{
    struct small_game game;
    (void)state;
    save_small("experiment.name=other;training.steps=7;training.report_every=3;"
               "training.checkpoint_every=9;training.keep=2;samples.every=4;samples.count=5;"
               "training.evaluate_every=2",
               "other");
    small_begin(&game, "");
    assert_return_code(trainer_load(game.trainer, "other"), 0);
    assert_null(trainer_promise(game.trainer));
    small_end(&game);
}

static void other_images_are_refused(void **state)
{
    struct small_game game;
    (void)state;
    save_small("", "images");
    small_begin(&game, "");
    game.set.hash[0] = game.set.hash[0] == '0' ? '1' : '0';
    assert_int_equal(trainer_load(game.trainer, "images"), ERR_INVALID);
    assert_non_null(strstr(error_text(), "other images"));
    small_end(&game);
}

static void lying_state_is_refused(void **state)
{
    static const struct {
        const char *name;
        int byte;
        const char *words;
    } cases[] = {
        { "state.random.latents", 0, "'state.random.latents' is no random stream" },
        { "state.order.epoch", 0, "'state.order.epoch' is no random stream" },
        { "state.random.noise", -1, "has no tensor 'state.random.noise'" },
        { "state.generator.parameters", -1, "has no tensor 'state.generator.parameters'" },
        { "state.generator.second", -2, "'state.generator.second' has not the size" },
        { "state.average.buffers", -2, "'state.average.buffers' has not the size" },
        { "state.order.place", 0x7F, "counts that cannot be" },
        { "state.order.place", 0xFF, "counts that cannot be" },
        { "state.step", 0xFF, "counts that cannot be" },
        { "state.updates", 0, "counts that cannot be" },
        { "state.penalty", 0xFF, "counts that cannot be" },
        { "state.images", 0x7F, "images of another size" },
    };
    struct small_game game;
    (void)state;
    save_small("", "honest");
    small_begin(&game, "");
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        tamper("honest", "lying", cases[i].name, cases[i].byte);
        refuse(&game, "lying", cases[i].words);
    }
    small_end(&game);
}

static void a_generator_refuses_lying_facts(void **state)
{
    static const struct {
        const char *name;
        int byte;
    } cases[] = { { "state.images", 0x7F },
                  { "state.images", 0 },
                  { "state.step", -1 },
                  { "state.average.parameters", -2 } };
    struct recipe recipe;
    struct generator *generator;
    (void)state;
    save_small("", "honest");
    small_recipe(&recipe, "");
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        tamper("honest", "lying", cases[i].name, cases[i].byte);
        assert_int_equal(generator_open(&generator, &recipe, "lying"), ERR_INVALID);
        assert_non_null(strstr(error_text(), "lying"));
    }
    recipe_release(&recipe);
}

/* --- promises --- */

static void another_cpu_cannot_be_promised(void **state)
{
    struct small_game game;
    (void)state;
    save_small("", "here");
    tamper("here", "there", NULL, 0);
    small_begin(&game, "");
    assert_return_code(trainer_load(game.trainer, "there"), 0);
    assert_non_null(trainer_promise(game.trainer));
    assert_non_null(strstr(trainer_promise(game.trainer), "another CPU ('Z80?[2J', now '"));
    assert_null(strstr(trainer_promise(game.trainer), "build"));
    small_end(&game);
}

static void another_number_of_threads_cannot_be_promised(void **state)
{
    struct small_game game;
    (void)state;
    save_small("", "one");
    small_begin(&game, "training.threads=2");
    assert_return_code(trainer_load(game.trainer, "one"), 0);
    assert_non_null(strstr(trainer_promise(game.trainer), "threads ('1', now '2')"));
    small_step(&game);
    small_end(&game);
}

/* --- drawing --- */

static void an_image_depends_on_seed_and_place_only(void **state)
{
    enum { MANY = 150, PIXELS = SMALL_SIDE * SMALL_SIDE };
    static uint8_t many[MANY * PIXELS], few[MANY * PIXELS];
    struct recipe recipe;
    struct generator *generator;
    (void)state;
    save_small("generator.latent=5;training.threads=2", "drawn");
    small_recipe(&recipe, "generator.latent=5;training.threads=2");
    assert_return_code(generator_open(&generator, &recipe, "drawn"), 0);
    generator_draw_seeded(generator, 8, -1, MANY, many);
    for (int count = 1; count < MANY; count += 37) {
        generator_draw_seeded(generator, 8, -1, count, few);
        assert_memory_equal(few, many, (size_t)count * PIXELS);
    }
    generator_draw_seeded(generator, 9, -1, MANY, few);
    assert_memory_not_equal(few, many, sizeof few);
    assert_memory_not_equal(many, many + PIXELS, PIXELS);
    generator_close(generator);
    recipe_release(&recipe);
}

static void a_conditional_generator_draws_the_label_it_is_told(void **state)
{
    enum { PIXELS = SMALL_SIDE * SMALL_SIDE };
    static uint8_t turns[SMALL_CLASSES * PIXELS], ones[SMALL_CLASSES * PIXELS];
    float latents[2 * 6] = { 0 };
    static const int labels[2] = { 0, 2 };
    const char *settings = LABEL_G ";" LABEL_D;
    struct recipe recipe;
    struct generator *generator;
    (void)state;
    save_small(settings, "labelled");
    small_recipe(&recipe, settings);
    assert_return_code(generator_open(&generator, &recipe, "labelled"), 0);
    assert_int_equal(generator_facts(generator).classes, SMALL_CLASSES);
    assert_int_equal(generator_facts(generator).height, SMALL_SIDE);
    generator_draw_seeded(generator, 8, -1, SMALL_CLASSES, turns);
    generator_draw_seeded(generator, 8, 1, SMALL_CLASSES, ones);
    assert_memory_equal(turns + PIXELS, ones + PIXELS, PIXELS);
    assert_memory_not_equal(turns, ones, PIXELS);
    generator_draw(generator, latents, labels, 2, turns, NULL);
    assert_memory_not_equal(turns, turns + PIXELS, PIXELS);
    generator_close(generator);
    recipe_release(&recipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_resumed_run_is_bit_for_bit_as_if_never_stopped),
        IN_SCRATCH(a_checkpoint_saves_back_as_it_was),
        IN_SCRATCH(saving_and_sampling_leave_training_alone),
        IN_SCRATCH(a_generator_draws_the_trainers_samples),
        IN_SCRATCH(tensors_for_readers_are_those_of_nn_sequential),
        IN_SCRATCH(a_cut_checkpoint_is_refused),
        IN_SCRATCH(a_foreign_file_is_refused),
        IN_SCRATCH(another_recipe_is_refused_by_its_first_difference),
        IN_SCRATCH(what_does_not_touch_the_course_may_differ),
        IN_SCRATCH(other_images_are_refused),
        IN_SCRATCH(lying_state_is_refused),
        IN_SCRATCH(a_generator_refuses_lying_facts),
        IN_SCRATCH(another_cpu_cannot_be_promised),
        IN_SCRATCH(another_number_of_threads_cannot_be_promised),
        IN_SCRATCH(an_image_depends_on_seed_and_place_only),
        IN_SCRATCH(a_conditional_generator_draws_the_label_it_is_told),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
