/* Plans of sweeps: what is typed, what points come of it, and plans that somebody has edited. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "../../src/run/sweep_parts.h"
#include "base/file.h"
#include "run/made_store.h"
#include "run/sweep.h"

static const char recipe_words[] = "[experiment]\nname = tiny\n[generator]\nlatent = 8\n"
                                   "layers = dense 784 | tanh | reshape 1x28x28\n"
                                   "[discriminator]\nlayers = flatten | dense 1\n"
                                   "[training]\nsteps = 900\nreport_every = 10\n";

static const int64_t three_seeds[] = { 1, 2, 3 };

/* A sweep of the recipe over these words, completed; the result in *error. */
static void complete(struct sweep *sweep, const char *const *words, int *error)
{
    int count = 0;
    struct sweep_parameter *parameters =
        arena_alloc(&sweep->arena, SWEEP_PARAMETERS, sizeof *parameters);
    for (; words[count]; count++)
        assert_int_equal(sweep_parse(&sweep->arena, words[count], &parameters[count]), 0);
    if (!sweep->command) {
        assert_int_equal(
            recipe_parse(&sweep->recipe, recipe_words, strlen(recipe_words), "tiny.ini", NULL, 0),
            0);
        sweep->has_recipe = true;
    }
    sweep->name = "s";
    sweep->experiment = "tiny";
    sweep->parameters = parameters;
    sweep->parameter_count = count;
    sweep->seeds = three_seeds;
    sweep->seed_count = 3;
    *error = sweep_complete(sweep);
}

/* "0.0001 32, 0.0001 64" … */
static const char *points_text(struct sweep *sweep)
{
    const char *text = "";
    for (int i = 0; i < sweep->point_count; i++)
        for (int p = 0; p < sweep->parameter_count; p++)
            text = arena_printf(&sweep->arena, "%s%s%s", text,
                                p > 0   ? " "
                                : i > 0 ? ", "
                                        : "",
                                sweep->points[i].values[p]);
    return text;
}

#define assert_points(sweep, expected, ...)                                                        \
    do {                                                                                           \
        int how;                                                                                   \
        complete(&(sweep), (const char *const[]){ __VA_ARGS__, NULL }, &how);                      \
        if (how)                                                                                   \
            print_error("%s\n", error_text());                                                     \
        assert_int_equal(how, 0);                                                                  \
        assert_string_equal(points_text(&(sweep)), expected);                                      \
        sweep_release(&(sweep));                                                                   \
    } while (0)

#define assert_refused(sweep, sentence, ...)                                                       \
    do {                                                                                           \
        int how;                                                                                   \
        complete(&(sweep), (const char *const[]){ __VA_ARGS__, NULL }, &how);                      \
        assert_int_equal(how, ERR_INVALID);                                                        \
        if (!strstr(error_text(), sentence))                                                       \
            print_error("%s\n", error_text());                                                     \
        assert_non_null(strstr(error_text(), sentence));                                           \
        sweep_release(&(sweep));                                                                   \
    } while (0)

static double number(const char *text)
{
    return strtod(text, NULL);
}

/* --- grids --- */

static void a_grid_has_every_pair(void **state)
{
    (void)state;
    struct sweep sweep = { .search = SWEEP_GRID };
    assert_points(sweep, "0.0001 16, 0.0001 32, 0.0002 16, 0.0002 32", "training.rate=1e-4,2e-4",
                  "generator.latent=16,32");
}

static void a_range_has_as_many_values_as_it_says(void **state)
{
    (void)state;
    struct sweep sweep = { .search = SWEEP_GRID };
    assert_points(sweep, "1e-05, 0.0001, 0.001", "training.rate=1e-5..1e-3:log:3");
    assert_points(sweep, "0, 0.25, 0.5", "training.smoothing=0..0.5:3");
    assert_points(sweep, "0, 0.225, 0.45, 0.675, 0.9", "training.beta1=0..0.9");
    assert_points(sweep, "4, 5, 6", "generator.latent=4..6");
    assert_points(sweep, "8, 19, 30", "generator.latent=8..30:3");
}

static void whole_numbers_on_a_log_scale_double(void **state)
{
    (void)state;
    struct sweep sweep = { .search = SWEEP_GRID };
    assert_points(sweep, "32, 64, 128", "generator.latent=32..128:log");
    assert_points(sweep, "32, 64, 100", "generator.latent=32..100:log");
    assert_points(sweep, "10, 100, 1000", "generator.latent=10..1000:3:log");
}

static void a_backslash_keeps_a_comma(void **state)
{
    (void)state;
    struct sweep sweep = { .search = SWEEP_GRID };
    assert_points(sweep, "a,b, c", "training.stop_when=a\\,b,c");
}

static void a_command_is_told_its_values(void **state)
{
    (void)state;
    static const char *const words[] = { "t",   "--lr={lr}", "-d{depth}x{lr}", "{seed}", "{steps}",
                                         "{x}", NULL };
    struct sweep sweep = { .search = SWEEP_GRID, .command = words };
    int error;
    complete(&sweep, (const char *const[]){ "lr=0.1,0.2", "depth=1..2", NULL }, &error);
    assert_int_equal(error, 0);
    const char *const *said = sweep_command(&sweep.arena, &sweep, 2, 7, 500);
    static const char *const expected[] = { "t", "--lr=0.2", "-d1x0.2", "7", "500", "{x}" };
    for (int i = 0; i < 6; i++)
        assert_string_equal(said[i], expected[i]);
    assert_null(said[6]);
    sweep_release(&sweep);
}

/* --- draws --- */

static void the_first_points_of_a_longer_search_are_those_of_a_shorter(void **state)
{
    (void)state;
    static const char *const words[] = { "training.rate=1e-5..1e-2:log", "generator.latent=4..64",
                                         "training.objective=hinge,least-squares", NULL };
    for (int search = SWEEP_RANDOM; search <= SWEEP_QUASI; search++) {
        struct sweep few = { .search = (enum sweep_search)search, .wanted = 8, .draw = 3 };
        struct sweep many = { .search = (enum sweep_search)search, .wanted = 40, .draw = 3 };
        int error;
        complete(&few, words, &error);
        assert_int_equal(error, 0);
        complete(&many, words, &error);
        assert_int_equal(error, 0);
        assert_int_equal(few.point_count, 8);
        assert_int_equal(many.point_count, 40);
        for (int i = 0; i < 8; i++)
            for (int p = 0; p < 3; p++)
                assert_string_equal(few.points[i].values[p], many.points[i].values[p]);
        double lowest = INFINITY, highest = 0;
        for (int i = 0; i < 40; i++) {
            lowest = fmin(lowest, number(many.points[i].values[0]));
            highest = fmax(highest, number(many.points[i].values[0]));
        }
        assert_true(lowest >= 1e-5 && lowest < 5e-5); /* as many in each decade */
        assert_true(highest <= 1e-2 && highest > 2e-3);
        sweep_release(&few);
        sweep_release(&many);
    }
}

static void no_point_comes_twice(void **state)
{
    (void)state;
    struct sweep sweep = { .search = SWEEP_RANDOM, .wanted = 50, .draw = 1 };
    int error;
    complete(&sweep, (const char *const[]){ "generator.latent=1..3", "training.batch=8,16", NULL },
             &error);
    assert_int_equal(error, 0);
    assert_int_equal(sweep.point_count, 6); /* there are no more */
    sweep_release(&sweep);
}

/* As scipy.stats.qmc.Sobol(21, scramble=False) has it; there the points stand in the order of Gray
 * code: its 45th is the one of index 59. The shift is taken away by what it makes of point 0. */
static void the_sequence_is_that_of_sobol(void **state)
{
    (void)state;
    static const double expected[SWEEP_PARAMETERS] = {
        0.859375, 0.953125, 0.390625, 0.609375, 0.328125, 0.109375, 0.359375,
        0.234375, 0.421875, 0.484375, 0.703125, 0.015625, 0.390625, 0.171875,
        0.796875, 0.546875, 0.109375, 0.734375, 0.984375, 0.453125, 0.765625,
    };
    double zero[SWEEP_PARAMETERS], point[SWEEP_PARAMETERS];
    sobol_point(zero, SWEEP_PARAMETERS, 0, 5);
    sobol_point(point, SWEEP_PARAMETERS, 59, 5);
    for (int i = 0; i < SWEEP_PARAMETERS; i++) {
        uint32_t plain = (uint32_t)(point[i] * 4294967296.0) ^ (uint32_t)(zero[i] * 4294967296.0);
        assert_true(plain / 4294967296.0 == expected[i]);
    }
}

static void each_of_64_points_has_a_64th_of_every_axis_to_itself(void **state)
{
    (void)state;
    uint64_t seen[SWEEP_PARAMETERS] = { 0 };
    for (uint32_t i = 0; i < 64; i++) {
        double point[SWEEP_PARAMETERS];
        sobol_point(point, SWEEP_PARAMETERS, i, 11);
        for (int d = 0; d < SWEEP_PARAMETERS; d++)
            seen[d] |= UINT64_C(1) << (int)(point[d] * 64);
    }
    for (int d = 0; d < SWEEP_PARAMETERS; d++)
        assert_true(seen[d] == UINT64_MAX);
}

/* --- rungs --- */

static void rungs_end_where_the_goal_is_measured(void **state)
{
    (void)state;
    struct sweep sweep = {
        .search = SWEEP_RANDOM, .wanted = 27, .halving = 3, .goal = "min(d_loss)"
    };
    int error;
    complete(&sweep, (const char *const[]){ "training.rate=1e-5..1e-3:log", NULL }, &error);
    assert_int_equal(error, 0);
    assert_int_equal(sweep.rung_count, 4);
    static const int64_t steps[] = { 40, 100, 300, 900 };
    for (int i = 0; i < 4; i++)
        assert_int_equal(sweep.rungs[i], steps[i]);
    sweep.least = 60;
    assert_int_equal(sweep_complete(&sweep), 0);
    assert_int_equal(sweep.rung_count, 3);
    assert_int_equal(sweep.rungs[0], 100);
    sweep_release(&sweep);
}

/* --- what is refused --- */

static void what_cannot_be_varied_is_said(void **state)
{
    (void)state;
    struct sweep sweep = { .search = SWEEP_GRID };
    assert_refused(sweep, "unknown parameter 'training.rat' (did you mean 'training.rate'?)",
                   "training.rat=1,2");
    assert_refused(sweep, "--seeds", "training.seed=1,2");
    assert_refused(sweep, "comes twice", "training.rate=1,2", "training.rate=3,4");
    assert_refused(sweep, "has the value '0.1' twice", "training.rate=0.1,1e-1");
    assert_refused(sweep, "setting 'training.rate=no'", "training.rate=no,1");
    assert_refused(sweep, "is no range", "training.rate=1e-3..1e-4");
    assert_refused(sweep, "above 0", "training.smoothing=0..0.5:log");
    assert_refused(sweep, "takes words", "generator.layers=1..2");
    assert_refused(sweep, "setting 'training.smoothing=5'", "training.smoothing=0.1..5");
    assert_refused(sweep, "more than the 10000", "training.rate=1e-5..1e-1:1000",
                   "generator.latent=1..100:100");
    struct sweep commanded = { .command = (const char *const[]){ "t", "{lr}", NULL } };
    assert_refused(commanded, "no word of the command holds '{rate}'", "rate=1,2");
}

static void words_that_are_no_parameters_are_said(void **state)
{
    (void)state;
    static const char *const words[] = { "training.rate", "=1",       "training.rate=",
                                         "a=1..2:logs",   "a=1..2:1", "a=1..2:" };
    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        struct arena arena = { 0 };
        struct sweep_parameter parameter;
        assert_int_equal(sweep_parse(&arena, words[i], &parameter), ERR_INVALID);
        arena_release(&arena);
    }
}

/* --- on disk --- */

static struct store store;

static int enter(void **state)
{
    unsetenv("GANDER_DIR");
    return scratch_enter(state) < 0 ? -1 : store_open(&store, NULL, STORE_MAKE);
}

static int leave(void **state)
{
    store_release(&store);
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void create(const char *name)
{
    static const char *const give_up[] = { "mode collapse", NULL };
    struct sweep sweep = { .search = SWEEP_QUASI,
                           .wanted = 5,
                           .draw = 9,
                           .goal = "min(d_loss)",
                           .breaker = 5,
                           .halving = 2,
                           .give_up = give_up,
                           .cwd = "/work" };
    int error;
    complete(&sweep,
             (const char *const[]){ "training.rate=1e-5..1e-3:log", "generator.latent=4,8", NULL },
             &error);
    assert_int_equal(error, 0);
    sweep.name = name;
    assert_int_equal(sweep_create(&sweep, &store), 0);
    sweep_release(&sweep);
}

static void a_plan_reads_back_as_it_was(void **state)
{
    (void)state;
    struct sweep sweep;
    create("rates");
    create("other");
    assert_int_equal(sweep_read(&sweep, &store, "rates"), 0);
    assert_int_equal(sweep.point_count, 5);
    assert_int_equal(sweep.search, SWEEP_QUASI);
    assert_int_equal(sweep.seeds[2], 3);
    assert_string_equal(sweep.goal, "min(d_loss)");
    assert_string_equal(sweep.give_up[0], "mode collapse");
    assert_int_equal(sweep.breaker, 5);
    assert_true(sweep.parameters[0].is_log);
    struct recipe recipe;
    assert_int_equal(sweep_recipe(&recipe, &sweep, 1, 7), 0);
    assert_int_equal(recipe.training.seed, 7);
    assert_true(recipe.training.rate == number(sweep.points[1].values[0]));
    recipe_release(&recipe);
    char **names;
    int count;
    assert_int_equal(sweep_list(&sweep.arena, &store, &names, &count), 0);
    assert_int_equal(count, 2);
    assert_string_equal(names[1], "rates");
    assert_string_equal(sweep_free_name(&sweep.arena, &store, "tiny"), "tiny-1");
    sweep_release(&sweep);
    assert_int_equal(sweep_read(&sweep, &store, "rate"), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(), "did you mean 'rates'?"));
    sweep_release(&sweep);
}

static void the_base_is_what_neither_varies_nor_may_change(void **state)
{
    (void)state;
    struct sweep sweep;
    create("rates");
    assert_int_equal(sweep_read(&sweep, &store, "rates"), 0);
    const char *base = sweep_base(&sweep.arena, &sweep);
    sweep.recipe.training.rate = 5;
    sweep.recipe.training.steps = 5000;
    sweep.recipe.training.seed = 8;
    assert_string_equal(sweep_base(&sweep.arena, &sweep), base);
    sweep.recipe.training.batch = 13;
    assert_string_not_equal(sweep_base(&sweep.arena, &sweep), base);
    sweep_release(&sweep);
}

/* sed of the plan, then a look at it. */
static void edit(const char *from, const char *to, int expected, const char *sentence)
{
    static const char path[] = ".gander/sweeps/rates/sweep.json";
    struct sweep sweep;
    char *text = NULL;
    size_t size;
    assert_int_equal(file_read(path, 1 << 20, &text, &size), 0);
    assert_non_null(strstr(text, from));
    size_t before = (size_t)(strstr(text, from) - text);
    char *edited = xasprintf("%.*s%s%s", (int)before, text, to, text + before + strlen(from));
    made_write(path, edited);
    int error = sweep_read(&sweep, &store, "rates");
    if (error != expected || (error && !strstr(error_text(), sentence)))
        print_error("%s -> %s: %d, %s\n", from, to, error, error ? error_text() : "");
    assert_int_equal(error, expected);
    if (error) {
        assert_non_null(strstr(error_text(), sentence));
        assert_non_null(strstr(error_text(), "sweep.json"));
    }
    sweep_release(&sweep);
    made_write(path, text);
    free(edited);
    free(text);
}

static void edited_plans_hold_or_are_refused(void **state)
{
    (void)state;
    create("rates");
    edit("\"points\": 5", "\"points\": 7", 0, "");
    edit("\"4\"", "4", 0, "");
    edit("\"values\": [\n        \"4\"", "\"values\": [\n        5, 6, 7, \"4\"", 0, "");
    edit("\"points\": 5", "\"points\": 1000000", ERR_INVALID, "more than the 10000");
    edit("\"points\": 5", "\"points\": -1", ERR_INVALID, "'points'");
    edit("\"quasi\"", "\"best\"", ERR_INVALID, "'search'");
    edit("\"low\"", "\"lo\"", ERR_INVALID, "'low'");
    edit("\"log\"", "\"cubic\"", ERR_INVALID, "'scale'");
    edit("\"training.rate\"", "\"training.rat\"", ERR_INVALID, "did you mean 'training.rate'?");
    edit("\"training.rate\"", "17", ERR_INVALID, "no 'key'");
    edit("[\n    1,", "[\n    1, 1,", ERR_INVALID, "seed 1 comes twice");
    edit("[\n    1,", "[\n    -1,", ERR_INVALID, "out of range");
    edit("[\n    1,", "[\n    \"one\",", ERR_INVALID, "'seeds'");
    edit("\"jobs\": 0", "\"jobs\": 1e99", ERR_INVALID, "'jobs'");
    edit("\"halving\": 2", "\"halving\": 1", ERR_INVALID, "halving");
    edit("\"mode collapse\"", "[]", ERR_INVALID, "'give_up'");
    edit("\"min(d_loss)\"", "null", ERR_INVALID, "goal");
    edit("\"/work\"", "\"work\"", ERR_INVALID, "'cwd'");
    edit("\"id\"", "\"ids\"", ERR_INVALID, "'id'");
    edit("{", "[", ERR_INVALID, "");
    edit("\"parameters\"", "\"command\": [], \"parameters\"", ERR_INVALID, "'command'");
}

static void goals_have_a_direction(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct sweep_goal goal;
    assert_int_equal(sweep_goal_parse(&arena, "frechet", NULL, &goal), 0);
    assert_true(goal.is_smaller_better);
    assert_true(sweep_goal_value(&goal, 3, 1, 9) == 3);
    assert_int_equal(sweep_goal_parse(&arena, "max(score)", NULL, &goal), 0);
    assert_false(goal.is_smaller_better);
    assert_true(sweep_goal_value(&goal, 3, 1, 9) == 9);
    assert_string_equal(goal.metric, "score");
    assert_int_equal(sweep_goal_parse(&arena, "d_loss", NULL, &goal), ERR_INVALID);
    assert_non_null(strstr(error_text(), "min(d_loss)"));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_has_every_pair),
        cmocka_unit_test(a_range_has_as_many_values_as_it_says),
        cmocka_unit_test(whole_numbers_on_a_log_scale_double),
        cmocka_unit_test(a_backslash_keeps_a_comma),
        cmocka_unit_test(a_command_is_told_its_values),
        cmocka_unit_test(the_first_points_of_a_longer_search_are_those_of_a_shorter),
        cmocka_unit_test(no_point_comes_twice),
        cmocka_unit_test(the_sequence_is_that_of_sobol),
        cmocka_unit_test(each_of_64_points_has_a_64th_of_every_axis_to_itself),
        cmocka_unit_test(rungs_end_where_the_goal_is_measured),
        cmocka_unit_test(what_cannot_be_varied_is_said),
        cmocka_unit_test(words_that_are_no_parameters_are_said),
        IN_STORE(a_plan_reads_back_as_it_was),
        IN_STORE(the_base_is_what_neither_varies_nor_may_change),
        IN_STORE(edited_plans_hold_or_are_refused),
        cmocka_unit_test(goals_have_a_direction),
    };
    return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
