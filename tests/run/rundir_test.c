#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/host.h"
#include "base/json.h"
#include "base/tensors.h"
#include "run/resolve.h"
#include "run/rundir.h"
#include "testing.h"

static struct store store;
static struct arena arena;
static struct recipe recipe;

static const char recipe_ini[] = "[experiment]\nname = digits\n"
                                 "[generator]\nlayers = dense 784 | reshape 1x28x28 | tanh\n"
                                 "[discriminator]\nlayers = flatten | dense 1\n";

static int enter(void **state)
{
    unsetenv("GANDER_DIR");
    if (scratch_enter(state) < 0 ||
        recipe_parse(&recipe, recipe_ini, strlen(recipe_ini), "test", NULL, 0) < 0)
        return -1;
    return store_open(&store, NULL, STORE_MAKE);
}

static int leave(void **state)
{
    store_release(&store);
    arena_release(&arena);
    recipe_release(&recipe);
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static int64_t create(const char *experiment, const char *name)
{
    static const char *const argv[] = { "gander", NULL };
    struct recipe other = recipe;
    struct code_state code = { .top = store.top, .commit = COMMIT };
    int64_t number;
    int lock;
    other.experiment.name = arena_strdup(&arena, experiment);
    struct run_birth birth = { .recipe = &other,
                               .experiment = experiment,
                               .name = name,
                               .argv = argv,
                               .cwd = store.top,
                               .created = 1732370000.5,
                               .data_source = "digits",
                               .parent = 7,
                               .seed = 5,
                               .threads = 2,
                               .code = &code };
    assert_int_equal(store_next_number(&store, &number), 0);
    assert_int_equal(run_create(&store, number, &birth, &lock), 0);
    close(lock);
    return number;
}

static struct json *read_json(const char *path)
{
    char *text;
    size_t size;
    struct json *root;
    assert_int_equal(file_read(path, 1 << 20, &text, &size), 0);
    assert_int_equal(json_parse(&root, text, size), 0);
    free(text);
    return root;
}

static const char *string(const struct json *root, const char *key)
{
    return json_get_string(json_member(root, key));
}

static void new_run_says_what_it_is(void **state)
{
    (void)state;
    int64_t number = create("digits", "first");
    double value;
    assert_int_equal(number, 1);
    struct json *root = read_json(".gander/runs/1/run.json");
    assert_string_equal(string(root, "experiment"), "digits");
    assert_string_equal(string(root, "name"), "first");
    assert_string_equal(string(root, "cwd"), ".");
    assert_string_equal(json_get_string(json_item(json_member(root, "argv"), 0)), "gander");
    assert_true(json_get_number(json_member(root, "created"), &value) && value == 1732370000.5);
    assert_int_equal(strlen(string(root, "recipe_hash")), HASH_TEXT_SIZE - 1);
    assert_true(strlen(string(json_member(root, "made_by"), "cpu")) > 0);
    assert_string_equal(string(json_member(root, "data"), "source"), "digits");
    json_free(root);
    assert_true(directory_exists(".gander/runs/1/samples"));
    assert_true(directory_exists(".gander/runs/1/checkpoints"));
}

static void facts_read_back_equal(void **state)
{
    (void)state;
    struct run_facts facts;
    create("digits", "first");
    assert_int_equal(run_read_facts(&arena, &facts, &store, 1), 0);
    assert_string_equal(facts.experiment, "digits");
    assert_string_equal(facts.name, "first");
    assert_string_equal(facts.argv[0], "gander");
    assert_null(facts.argv[1]);
    assert_null(facts.command);
    assert_string_equal(facts.cwd, store.top); /* written as ".", in case all of it moves */
    assert_string_equal(facts.host, host_name());
    assert_string_equal(facts.data_source, "digits");
    assert_true(facts.created == 1732370000.5);
    assert_int_equal(facts.parent, 7);
    assert_int_equal(facts.seed, 5);
    assert_int_equal(facts.threads, 2);
    assert_int_equal(facts.slots, 0);
    assert_string_equal(facts.code.commit, COMMIT);
}

/* A directory that is there is whole, and its lock is held from its first moment on. */
static void new_run_is_locked_by_who_makes_it(void **state)
{
    (void)state;
    static const char *const words[] = { "true", NULL };
    struct code_state code = { .missing = "no git" };
    struct run_birth birth = { .command = words,
                               .experiment = "x",
                               .argv = words,
                               .cwd = "/somewhere",
                               .seed = -1,
                               .code = &code };
    struct run_facts facts;
    int lock;
    assert_int_equal(run_create(&store, 3, &birth, &lock), 0);
    assert_true(lock_is_held(".gander/runs/3/lock"));
    close(lock);
    assert_false(lock_is_held(".gander/runs/3/lock"));
    assert_false(file_exists(".gander/runs/3/recipe.ini"));
    assert_int_equal(run_read_facts(&arena, &facts, &store, 3), 0);
    assert_string_equal(facts.command[0], "true");
    assert_string_equal(facts.cwd, "/somewhere");
    assert_int_equal(facts.seed, -1);
}

static void recipe_of_a_run_reads_back_equal(void **state)
{
    (void)state;
    struct recipe again;
    create("digits", NULL);
    assert_int_equal(recipe_read(&again, ".gander/runs/1/recipe.ini", NULL, 0), 0);
    assert_string_equal(recipe_text(&arena, &again), recipe_text(&arena, &recipe));
    recipe_release(&again);
}

static void run_that_does_not_appear_leaves_no_trace(void **state)
{
    (void)state;
    struct run_unborn unborn;
    assert_int_equal(run_prepare(&unborn, &store, 1), 0);
    assert_true(lock_is_held(".gander/runs/.new-1/lock"));
    assert_int_equal(file_create(".gander/runs/.new-1/samples/0.png", "x", 1, false), 0);
    run_unborn_release(&unborn);
    assert_false(directory_exists(".gander/runs/.new-1"));
    assert_false(directory_exists(".gander/runs/1"));
}

static void assert_resolves(const char *text, int64_t expected)
{
    int64_t number = 0;
    if (run_resolve(&store, text, &number) < 0)
        print_error("'%s': %s\n", text, error_text());
    assert_int_equal(number, expected);
}

static void assert_refused(const char *text, int code, const char *sentence)
{
    int64_t number;
    assert_int_equal(run_resolve(&store, text, &number), code);
    assert_non_null(strstr(error_text(), sentence));
}

static void runs_are_named_in_four_ways(void **state)
{
    (void)state;
    create("digits", "baseline");
    create("dcgan", "wide");
    create("digits", NULL);
    create("dcgan", "wide");
    assert_resolves("2", 2);
    assert_resolves("@", 4);
    assert_resolves("baseline", 1);
    assert_resolves("exp:digits@", 3);
    assert_resolves("exp:dcgan@", 4);
    assert_refused("wide", ERR_INVALID, "2 runs are called 'wide'; the newest is 4");
    assert_refused("narrow", ERR_NOT_FOUND, "no run is called 'narrow'");
    assert_refused("5", ERR_NOT_FOUND, "there is no run 5");
    assert_refused("99999999999999999999", ERR_NOT_FOUND, "there is no run");
    assert_refused("exp:mlp@", ERR_NOT_FOUND, "no run of experiment 'mlp'");
    assert_refused("", ERR_NOT_FOUND, "no run is called ''");
    assert_refused("../1", ERR_NOT_FOUND, "no run is called '../1'");
}

static void newest_of_no_runs_is_not_found(void **state)
{
    (void)state;
    assert_refused("@", ERR_NOT_FOUND, "there are no runs");
}

static void run_with_a_broken_file_hinders_no_other(void **state)
{
    (void)state;
    create("digits", "good");
    create("digits", "bad");
    assert_int_equal(file_replace(".gander/runs/2/run.json", "{\"na", 5), 0);
    assert_resolves("good", 1);
    struct run_facts facts;
    assert_int_equal(run_read_facts(&arena, &facts, &store, 2), ERR_INVALID);
    assert_non_null(strstr(error_text(), "run.json"));
}

static void names_cannot_be_taken_for_something_else(void **state)
{
    (void)state;
    assert_int_equal(run_name_check("wide-2.b_C"), 0);
    assert_int_equal(run_name_check("42"), ERR_INVALID);
    assert_int_equal(run_name_check(""), ERR_INVALID);
    assert_int_equal(run_name_check("@"), ERR_INVALID);
    assert_int_equal(run_name_check("exp:x"), ERR_INVALID);
    assert_int_equal(run_name_check("a b"), ERR_INVALID);
    assert_int_equal(run_name_check("a\x1b[2J"), ERR_INVALID);
    assert_int_equal(run_name_check("a/b"), ERR_INVALID);
}

static const char *put_checkpoint(int64_t step)
{
    static const float weights[] = { 1, 2, 3, 4 };
    const struct tensor tensor = {
        .name = "w", .type = TENSOR_F32, .dimensions = 1, .shape = { 4 }, .data = weights
    };
    const char *path = run_checkpoint_path(&arena, ".gander/runs/1", step);
    assert_int_equal(tensors_write(path, &tensor, 1, NULL, 0), 0);
    return path;
}

static void newest_checkpoint_is_the_newest_that_is_whole(void **state)
{
    (void)state;
    struct run_file found;
    const char *const *skipped;
    create("digits", NULL);
    assert_int_equal(run_newest_checkpoint(&arena, ".gander/runs/1", -1, &found, &skipped),
                     ERR_NOT_FOUND);
    put_checkpoint(100);
    put_checkpoint(200);
    assert_int_equal(truncate(put_checkpoint(300), 70), 0);
    assert_int_equal(file_replace(run_checkpoint_path(&arena, ".gander/runs/1", 400), "x", 1), 0);
    assert_int_equal(run_newest_checkpoint(&arena, ".gander/runs/1", -1, &found, &skipped), 0);
    assert_int_equal(found.step, 200);
    assert_non_null(strstr(skipped[0], "00000400"));
    assert_non_null(strstr(skipped[1], "00000300"));
    assert_null(skipped[2]);
    assert_int_equal(run_newest_checkpoint(&arena, ".gander/runs/1", 100, &found, &skipped), 0);
    assert_int_equal(found.step, 100);
    assert_int_equal(run_newest_checkpoint(&arena, ".gander/runs/1", 150, &found, &skipped),
                     ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(), "no checkpoint of step 150"));
}

static void pruning_keeps_the_newest_up_to_the_step(void **state)
{
    (void)state;
    struct run_file *files;
    int count;
    create("digits", NULL);
    for (int64_t step = 100; step <= 500; step += 100)
        put_checkpoint(step);
    run_prune_checkpoints(".gander/runs/1", 400, 2, 100);
    assert_int_equal(run_list_checkpoints(&arena, ".gander/runs/1", &files, &count), 0);
    assert_int_equal(count, 4);
    assert_int_equal(files[0].step, 100); /* the best */
    assert_int_equal(files[1].step, 300);
    assert_int_equal(files[2].step, 400);
    assert_int_equal(files[3].step, 500);
    run_prune_checkpoints(".gander/runs/1", 400, 2, -1);
    assert_int_equal(run_list_checkpoints(&arena, ".gander/runs/1", &files, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(files[0].step, 300);
}

static void best_checkpoint_is_the_nearest_that_is_whole(void **state)
{
    (void)state;
    static const char events[] = "{\"t\":2,\"step\":100,\"metrics\":{\"frechet\":9}}\n"
                                 "{\"t\":2,\"step\":150,\"metrics\":{\"frechet\":0.5}}\n"
                                 "{\"t\":3,\"step\":200,\"metrics\":{\"frechet\":3}}\n"
                                 "{\"t\":4,\"step\":300,\"metrics\":{\"frechet\":2}}\n"
                                 "{\"t\":5,\"step\":400,\"metrics\":{\"frechet\":\"NaN\"}}\n"
                                 "{\"t\":6,\"step\":500,\"metrics\":{\"frechet\":1}}\n";
    static const char later[] = "{\"t\":10,\"step\":600,\"metrics\":{\"frechet\":7}}\n";
    struct run_best best;
    create("digits", NULL);
    assert_int_equal(run_best_checkpoint(&arena, ".gander/runs/1", &best), ERR_NOT_FOUND);
    for (int64_t step = 100; step <= 600; step += 100)
        put_checkpoint(step);
    assert_int_equal(run_best_checkpoint(&arena, ".gander/runs/1", &best), ERR_NOT_FOUND);
    char *lines = arena_printf(&arena, "%s%s", events, later);
    assert_int_equal(file_replace(".gander/runs/1/events.jsonl", lines, strlen(lines)), 0);
    lines =
        arena_printf(&arena,
                     "{\"t\":1,\"state\":\"running\",\"pid\":1,\"from_step\":0,\"events\":0}\n"
                     "{\"t\":9,\"state\":\"running\",\"pid\":1,\"from_step\":400,\"events\":%zu}\n",
                     strlen(events));
    assert_int_equal(file_replace(".gander/runs/1/worker.jsonl", lines, strlen(lines)), 0);
    assert_int_equal(run_best_checkpoint(&arena, ".gander/runs/1", &best), 0);
    assert_int_equal(best.file.step, 300); /* 500 is of an attempt that was broken off */
    assert_true(best.frechet == 2);
    assert_int_equal(truncate(best.file.path, 70), 0);
    assert_int_equal(run_best_checkpoint(&arena, ".gander/runs/1", &best), 0);
    assert_int_equal(best.file.step, 200);
}

static void samples_are_listed_by_the_step_in_their_names(void **state)
{
    (void)state;
    static const char *const names[] = { "fake_2000.png", "00000100.png", "epoch3-step00030.png",
                                         "cover.png", "00000200.png.tmp-abcdef" };
    struct run_file *files;
    int count;
    create("digits", NULL);
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        assert_int_equal(
            file_replace(arena_printf(&arena, ".gander/runs/1/samples/%s", names[i]), "x", 1), 0);
    assert_int_equal(run_list_samples(&arena, ".gander/runs/1", &files, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(files[0].step, 30);
    assert_int_equal(files[1].step, 100);
    assert_int_equal(files[2].step, 2000);
    run_remove_leftovers(".gander/runs/1");
    assert_false(file_exists(".gander/runs/1/samples/00000200.png.tmp-abcdef"));
    assert_true(file_exists(".gander/runs/1/samples/00000100.png"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(new_run_says_what_it_is),
        IN_STORE(facts_read_back_equal),
        IN_STORE(new_run_is_locked_by_who_makes_it),
        IN_STORE(recipe_of_a_run_reads_back_equal),
        IN_STORE(run_that_does_not_appear_leaves_no_trace),
        IN_STORE(runs_are_named_in_four_ways),
        IN_STORE(newest_of_no_runs_is_not_found),
        IN_STORE(run_with_a_broken_file_hinders_no_other),
        IN_STORE(names_cannot_be_taken_for_something_else),
        IN_STORE(newest_checkpoint_is_the_newest_that_is_whole),
        IN_STORE(pruning_keeps_the_newest_up_to_the_step),
        IN_STORE(best_checkpoint_is_the_nearest_that_is_whole),
        IN_STORE(samples_are_listed_by_the_step_in_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
