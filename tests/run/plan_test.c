/* Counts of a plan, held to the arithmetic of published and fixed networks. */
#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "base/file.h"
#include "gan/trainer.h"
#include "run/plan.h"

#define DENSE                                                                                      \
    "[experiment]\nname = dense\n[generator]\nlayers = dense 128 | lrelu 0.2"                      \
    " | dense 256 | norm | lrelu 0.2 | dense 512 | norm | lrelu 0.2"                               \
    " | dense 1024 | norm | lrelu 0.2 | dense 784 | tanh | reshape 1x28x28\n"                      \
    "[discriminator]\nlayers = flatten | dense 512 | lrelu 0.2 | dense 256 | lrelu 0.2"            \
    " | dense 1\n[training]\nbatch = 64\n"
#define CONVOLUTIONAL                                                                              \
    "[experiment]\nname = conv\n[generator]\nlayers = dense 6272 | reshape 128x7x7 | norm | relu"  \
    " | upconv 64 4/2 | norm | relu | upconv 1 4/2 | tanh\n"                                       \
    "[discriminator]\nlayers = conv 64 4/2 | lrelu 0.2 | conv 128 4/2 | lrelu 0.2 | flatten"       \
    " | dense 1\n[training]\nbatch = 64\n"

static const struct game_images digits = { "digits", 28, 28, 10 };

static struct plan plan_of(const char *text, const char *setting)
{
    struct recipe recipe;
    struct plan plan;
    if (recipe_parse(&recipe, text, strlen(text), "test", &setting, setting ? 1 : 0) < 0 ||
        plan_init(&plan, &recipe, &digits, 2) < 0)
        fail_msg("%s", error_text());
    recipe_release(&recipe);
    return plan;
}

static double step_flop(const char *text, const char *setting)
{
    struct plan plan = plan_of(text, setting);
    double flop = plan.step_flop;
    plan_release(&plan);
    return flop;
}

static void dense_networks_take_1_02_gflop_a_step(void **state)
{
    (void)state;
    struct plan plan = plan_of(DENSE, NULL);
    assert_true(plan.generator.flop == 2 * 1503744.0);
    assert_true(plan.discriminator.flop == 2 * 532736.0);
    assert_true(plan.d_flop == 498860032);
    assert_true(plan.g_flop == 519700480);
    assert_true(plan.step_flop == 1018560512);
    plan_release(&plan);
}

static void convolutional_networks_take_9_44_gflop_a_step(void **state)
{
    (void)state;
    struct plan plan = plan_of(CONVOLUTIONAL, NULL);
    assert_true(plan.generator.flop == 2 * 7250432.0);
    assert_true(plan.discriminator.flop == 2 * 6629504.0);
    assert_true(plan.step_flop == 9441116160);
    assert_int_equal(plan.generator.parameters, 759681);
    assert_int_equal(plan.discriminator.parameters, 138561);
    plan_release(&plan);
}

static void work_grows_with_the_batch_and_with_updates_of_d(void **state)
{
    (void)state;
    assert_true(step_flop(DENSE, "training.batch=128") == 2 * 1018560512.0);
    assert_true(step_flop(DENSE, "training.d_steps=3") == 1018560512.0 + 2 * 498860032.0);
}

static void penalties_cost_their_passes(void **state)
{
    (void)state;
    double d = 64 * 2 * 532736.0, first = 64 * 2 * 401408.0, plain = 1018560512;
    assert_true(step_flop(DENSE, "training.penalty=r1") == plain + d + 2 * first);
    assert_true(step_flop(DENSE, "training.penalty=gradient") == plain + 4 * d);
    assert_true(step_flop(DENSE, "training.penalty=clip") == plain);
    assert_true(step_flop(DENSE "penalty_every = 4\n", "training.penalty=gradient") == plain + d);
}

static void layers_are_listed_with_what_they_make(void **state)
{
    (void)state;
    struct plan plan = plan_of(CONVOLUTIONAL, NULL);
    const struct plan_layer *layers = plan.generator.layers;
    assert_int_equal(plan.generator.layer_count, 9);
    assert_string_equal(layers[4].text, "upconv 64 4/2");
    assert_int_equal(layers[4].channels, 64);
    assert_int_equal(layers[4].height, 14);
    assert_int_equal(layers[4].width, 14);
    assert_int_equal(layers[4].parameters, 128 * 64 * 4 * 4);
    assert_true(layers[4].flop == 2 * 6422528.0);
    assert_true(layers[3].flop == 0 && layers[3].parameters == 0);
    plan_release(&plan);
}

static void memory_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    struct plan plan = plan_of(DENSE, NULL);
    const struct plan_memory *memory = &plan.memory;
    size_t weights = plan.generator.parameters + plan.discriminator.parameters;
    assert_true(memory->gradients >= 4 * weights && memory->gradients < 4 * weights + 2000);
    assert_true(memory->parameters >= memory->gradients);
    assert_int_equal(memory->moments, 2 * memory->gradients);
    assert_true(memory->average >= 4 * plan.generator.parameters);
    assert_int_equal(memory->total, memory->parameters + memory->gradients + memory->moments +
                                        memory->average + memory->passes);
    struct plan lean = plan_of(DENSE "average = 0\n", "training.optimiser=sgd");
    assert_int_equal(lean.memory.average, 0);
    assert_int_equal(lean.memory.moments, memory->gradients);
    plan_release(&lean);
    plan_release(&plan);
}

static size_t resident_bytes(void)
{
    long size, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
    fclose(file);
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* Big blocks, so that what the trainer has besides does not count. */
static void memory_is_what_a_trainer_takes(void **state)
{
    (void)state;
    const char *text = CONVOLUTIONAL "penalty = r1\nthreads = 2\n", *setting = "training.batch=256";
    struct recipe recipe;
    struct trainer *trainer, *warm;
    struct dataset *set;
    assert_int_equal(recipe_parse(&recipe, text, strlen(text), "test", &setting, 1), 0);
    assert_int_equal(dataset_open(&set, "digits", DATASET_TRAIN, 300, 1), 0);
    recipe.training.batch = 2; /* loads the BLAS and what else comes once */
    assert_int_equal(trainer_new(&warm, &recipe, set), 0);
    recipe.training.batch = 256;
    struct plan plan;
    assert_int_equal(plan_init(&plan, &recipe, &digits, 2), 0);
    size_t before = resident_bytes();
    assert_int_equal(trainer_new(&trainer, &recipe, set), 0);
    double taken = (double)(resident_bytes() - before), planned = (double)plan.memory.total;
#ifndef __SANITIZE_ADDRESS__ /* whose own book-keeping is resident, too */
    assert_true(taken > 0.9 * planned && taken < 1.25 * planned);
#else
    assert_true(taken > 0.9 * planned);
#endif
    trainer_free(trainer);
    trainer_free(warm);
    plan_release(&plan);
    dataset_close(set);
    recipe_release(&recipe);
}

static void networks_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct recipe recipe;
    struct plan plan;
    assert_int_equal(recipe_parse(&recipe, DENSE, strlen(DENSE), "test", NULL, 0), 0);
    struct game_images wide = { "wide", 28, 32, 0 };
    assert_int_equal(plan_init(&plan, &recipe, &wide, 1), ERR_INVALID);
    assert_non_null(strstr(error_text(), "1x28x32"));
    assert_null(plan.arena.chunks);
    recipe_release(&recipe);
}

static void every_experiment_fits_the_digits(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    char **names;
    int count;
    assert_int_equal(list_directory(&arena, "experiments", ".ini", &names, &count), 0);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        struct recipe recipe;
        struct plan plan;
        if (recipe_read(&recipe, path_join(&arena, "experiments", names[i]), NULL, 0) < 0 ||
            plan_init(&plan, &recipe, &digits, 1) < 0)
            fail_msg("%s: %s", names[i], error_text());
        plan_release(&plan);
        recipe_release(&recipe);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_networks_take_1_02_gflop_a_step),
        cmocka_unit_test(convolutional_networks_take_9_44_gflop_a_step),
        cmocka_unit_test(work_grows_with_the_batch_and_with_updates_of_d),
        cmocka_unit_test(penalties_cost_their_passes),
        cmocka_unit_test(layers_are_listed_with_what_they_make),
        cmocka_unit_test(memory_is_the_sum_of_its_parts),
        cmocka_unit_test(memory_is_what_a_trainer_takes),
        cmocka_unit_test(networks_that_do_not_fit_are_refused),
        cmocka_unit_test(every_experiment_fits_the_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
