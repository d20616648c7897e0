/* What a recipe is thought to cost, and by which run its time is told. */
#define _GNU_SOURCE
#include "run/estimate.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "program.h"

/* To a good end; it may remark on something. */
#define run_program(...)                                                                           \
    do {                                                                                           \
        struct program program_ = program_start(__VA_ARGS__);                                      \
        program_expect(&program_, 0, "");                                                          \
    } while (0)

static struct recipe tiny_with(const char *setting)
{
    struct recipe recipe;
    assert_int_equal(recipe_read(&recipe, "tiny.ini", &setting, setting ? 1 : 0), 0);
    return recipe;
}

static void images_that_are_not_here_are_assumed(void **state)
{
    struct recipe recipe = tiny_with("data.source=mnist");
    struct estimate estimate;
    (void)state;
    setenv("XDG_DATA_HOME", scratch_path, 1);
    assert_int_equal(estimate_make(&estimate, &recipe, NULL, NULL, 0), 0);
    assert_non_null(estimate.images.missing);
    assert_int_equal(estimate.images.size.height, 28);
    assert_int_equal(estimate.plan.generator.layer_count, 6);
    assert_true(isnan(estimate.step_seconds));
    estimate_release(&estimate);
    recipe_release(&recipe);
    unsetenv("XDG_DATA_HOME");
}

static void networks_that_do_not_fit_are_blamed(void **state)
{
    struct recipe recipe = tiny_with("generator.layers=dense 12");
    struct estimate estimate;
    (void)state;
    assert_int_equal(estimate_make(&estimate, &recipe, NULL, NULL, 0), ERR_INVALID);
    assert_non_null(strstr(error_text(), "setting 'generator.layers=dense 12'"));
    estimate_release(&estimate);
    recipe_release(&recipe);
}

static void assert_time(const struct store *store, struct catalogue *catalogue, const char *setting,
                        bool is_same, double steps_of_run)
{
    struct recipe recipe = tiny_with(setting);
    struct estimate estimate;
    assert_int_equal(estimate_make(&estimate, &recipe, store, catalogue, wall_clock()), 0);
    assert_int_equal(estimate.by_run, 1);
    assert_int_equal(estimate.is_same, is_same);
    if (is_same)
        assert_true(fabs(estimate.step_seconds - steps_of_run) < 1e-9);
    else
        assert_true(estimate.step_seconds > 1.2 * steps_of_run);
    estimate_release(&estimate);
    recipe_release(&recipe);
}

/* Another seed costs the same; twice the batch is scaled by its work. */
static void time_is_told_by_earlier_runs(void **state)
{
    struct store store;
    struct catalogue *catalogue;
    struct arena arena = { 0 };
    struct run_row row;
    (void)state;
    run_program("run", "-f", "-s", "training.steps=1500", "tiny.ini");
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    assert_int_equal(catalogue_open(&catalogue, &store), 0);
    assert_int_equal(catalogue_refresh(catalogue, wall_clock()), 0);
    assert_int_equal(catalogue_run(catalogue, &arena, 1, wall_clock(), &row), 0);
    double pace = row.took / (double)row.step;
    assert_time(&store, catalogue, "training.seed=9", true, pace);
    assert_time(&store, catalogue, "training.batch=32", false, pace);
    catalogue_close(catalogue);
    store_release(&store);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(images_that_are_not_here_are_assumed),
        IN_PROGRAM_SCRATCH(networks_that_do_not_fit_are_blamed),
        IN_PROGRAM_SCRATCH(time_is_told_by_earlier_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
