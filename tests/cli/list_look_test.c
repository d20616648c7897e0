/* 'gander ls', whole screens of it. */
#define _GNU_SOURCE
#include <math.h>

#include "cli/small_store.h"

static void list_is_narrow_and_has_what_is_worth_its_room(void **state)
{
    (void)state;
    assert_screen(
        "run state    exp   name commit   age took step D loss G loss Fréchet curve\n"
        "  5 stopped  sh                   1m 1:00    2\n"
        "  4 finished dcgan               15m 1:30   80      1      8         ██▃▅▃▂▂▁▁▁\n"
        "  3 failed   dcgan               30m 1:00    1    NaN\n"
        "  2 finished mlp   best 1234567*  1h 1:00   80   0.25      2      20 ██▄▂▂▁▁▁▁▁\n"
        "  1 finished mlp        1234567   2d 1:00   80  0.125      1      40 ██▄▂▂▁▁▁▁▁\n",
        "ls");
    assert_screen(
        "run state    exp   name commit   age took step D loss G loss Fréchet curve\n"
        "  6 finished mlp                 50s 1:00    0\n"
        "  5 stopped  sh                   1m 1:00    2\n"
        "  4 finished dcgan               15m 1:30   80      1      8         ██▃▅▃▂▂▁▁▁\n"
        "  3 failed   dcgan               30m 1:00    1    NaN\n"
        "  2 finished mlp   best 1234567*  1h 1:00   80   0.25      2      20 ██▄▂▂▁▁▁▁▁\n"
        "  1 finished mlp        1234567   2d 1:00   80  0.125      1      40 ██▄▂▂▁▁▁▁▁\n",
        "ls", "-a");
    assert_screen("run state    exp   age took step D loss G loss loss best curve\n"
                  "  5 stopped  sh     1m 1:00    2                  2    2\n"
                  "  4 finished dcgan 15m 1:30   80      1      8           ██▃▅▃▂▂▁▁▁\n",
                  "ls", "-n", "2");
}

static void columns_are_those_that_were_asked_for(void **state)
{
    (void)state;
    assert_screen(
        "run user branch data   command        reason        parent seed created\n"
        "  5                    sh -c work --…                           2026-11-30 00:52\n"
        "  4                                                             2026-11-30 00:38\n"
        "  3                                   exit status 3             2026-11-30 00:23\n"
        "  2 ada  main   digits gander rerun 1                    1    2 2026-11-29 23:53\n"
        "  1 ada  main   digits gander run ml…                         1 2026-11-28 00:53\n",
        "ls", "-c", "run,user,branch,data,command,reason,parent,seed,created");
    assert_screen(
        "run max G loss min Fréchet curve      training.rate tags notes host  done\n"
        "  5\n"
        "  4          8             ██▃▅▃▂▂▁▁▁\n"
        "  3                                                            sigma\n"
        "  2          2          10 ██▄▂▂▁▁▁▁▁ 0.0002                   rho\n"
        "  1          1          40 ██▄▂▂▁▁▁▁▁ 0.0001        good     1 rho\n",
        "ls", "-c",
        "run,max(g_loss),min(frechet),spark(d_loss),training.rate,tags,notes,host,progress");
    assert_screen("run name commit   age took state    exp   step health        D loss\n"
                  "  5                1m 1:00 stopped  sh       2\n"
                  "  4               15m 1:30 finished dcgan   80                    1\n"
                  "  3               30m 1:00 failed   dcgan    1 mode collapse    NaN\n"
                  "  2 best 1234567*  1h 1:00 finished mlp     80                 0.25\n"
                  "  1      1234567   2d 1:00 finished mlp     80                0.125\n",
                  "ls", "-c", "run,name,commit,age,took,state,exp,step,health,d_loss");
}

static void groups_have_a_table_each(void **state)
{
    (void)state;
    assert_screen(
        "training.rate = none (3 runs)\n"
        "run state    exp   age took step health       D loss G loss loss best curve\n"
        "  5 stopped  sh     1m 1:00    2                               2    2\n"
        "  4 finished dcgan 15m 1:30   80                   1      8           ██▃▅▃▂▂▁▁▁\n"
        "  3 failed   dcgan 30m 1:00    1 mode collap…    NaN\n"
        "\n"
        "training.rate = 0.0002 (1 run)\n"
        "run state    exp name commit   age took step D loss G loss Fréchet curve\n"
        "  2 finished mlp best 1234567*  1h 1:00   80   0.25      2      20 ██▄▂▂▁▁▁▁▁\n"
        "\n"
        "training.rate = 0.0001 (1 run)\n"
        "run state    exp commit  age took step D loss G loss Fréchet best curve\n"
        "  1 finished mlp 1234567  2d 1:00   80  0.125      1      40   40 ██▄▂▂▁▁▁▁▁\n",
        "ls", "-g", "training.rate");
    assert_screen("exp = sh (1 run)\n"
                  "run state\n"
                  "  5 stopped\n"
                  "\n"
                  "exp = dcgan (2 runs)\n"
                  "run state\n"
                  "  4 finished\n"
                  "  3 failed\n"
                  "\n"
                  "exp = mlp (2 runs)\n"
                  "run state\n"
                  "  2 finished\n"
                  "  1 finished\n",
                  "ls", "-g", "exp", "-c", "run,state");
}

/* --- orders --- */

/* "6 5 4": what 'ls -c run' prints. */
static char *order_of(const char *sort, bool is_reversed)
{
    struct launch launch = { .words = { "ls", "-a", "-c", "run", "-s", sort,
                                        is_reversed ? "-r" : NULL } };
    char *text = program_output_of(&launch), *out = text;
    for (const char *at = strchr(text, '\n') + 1; *at; at++)
        if (*at != ' ')
            *out++ = *at == '\n' ? ' ' : *at;
    out[-1] = '\0';
    return text;
}

static void every_column_metric_and_value_sorts(void **state)
{
    (void)state;
    static const struct {
        const char *sort, *order, *reversed; /* without a value they come last both ways */
    } orders[] = {
        { "run", "6 5 4 3 2 1", "1 2 3 4 5 6" },
        { "state", "3 6 4 2 1 5", "5 6 4 2 1 3" },
        { "exp", "4 3 6 2 1 5", "5 6 2 1 4 3" },
        { "name", "2 6 5 4 3 1", "2 6 5 4 3 1" },
        { "commit", "2 1 6 5 4 3", "2 1 6 5 4 3" },
        { "created", "6 5 4 3 2 1", "1 2 3 4 5 6" },
        { "age", "6 5 4 3 2 1", "1 2 3 4 5 6" },
        { "took", "4 6 5 3 2 1", "6 5 3 2 1 4" },
        { "step", "4 2 1 5 3 6", "6 3 5 4 2 1" },
        { "health", "3 6 5 4 2 1", "3 6 5 4 2 1" },
        { "host", "2 1 3 6 5 4", "3 2 1 6 5 4" },
        { "data", "2 1 6 5 4 3", "2 1 6 5 4 3" },
        { "branch", "2 1 6 5 4 3", "2 1 6 5 4 3" },
        { "seed", "1 2 6 5 4 3", "2 1 6 5 4 3" },
        { "parent", "2 6 5 4 3 1", "2 6 5 4 3 1" },
        { "user", "2 1 6 5 4 3", "2 1 6 5 4 3" },
        { "command", "2 1 5 6 4 3", "5 1 2 6 4 3" },
        { "reason", "3 6 5 4 2 1", "3 6 5 4 2 1" },
        { "changes", "2 6 5 4 3 1", "6 5 4 3 1 2" },
        { "progress", "6 5 4 3 2 1", "6 5 4 3 2 1" },
        { "tags", "1 6 5 4 3 2", "1 6 5 4 3 2" },
        { "notes", "1 6 5 4 3 2", "6 5 4 3 2 1" },
        { "frechet", "2 1 6 5 4 3", "1 2 6 5 4 3" },
        { "min(d_loss)", "4 2 1 6 5 3", "1 2 4 6 5 3" },
        { "max(g_loss)", "4 2 1 6 5 3", "1 2 4 6 5 3" },
        { "d_loss", "4 2 1 6 5 3", "1 2 4 6 5 3" },
        { "training.rate", "2 1 6 5 4 3", "1 2 6 5 4 3" },
        { "lr", "5 6 4 3 2 1", "5 6 4 3 2 1" },
    };
    for (const char *const *column = catalogue_sort_columns; *column; column++) {
        bool is_known = false;
        for (int i = 0; i < ARRAY_SIZE(orders); i++)
            is_known = is_known || strcmp(orders[i].sort, *column) == 0;
        assert_true(is_known);
    }
    for (int i = 0; i < ARRAY_SIZE(orders); i++) {
        char *order = order_of(orders[i].sort, false), *reversed = order_of(orders[i].sort, true);
        if (strcmp(order, orders[i].order) != 0 || strcmp(reversed, orders[i].reversed) != 0)
            fail_msg("%s: %s, reversed %s", orders[i].sort, order, reversed);
        free(order);
        free(reversed);
    }
}

static void names_that_are_none_are_refused_with_a_suggestion(void **state)
{
    (void)state;
    struct program program = program_start("ls", "-s", "frechte");
    program_expect(&program, 1, "(did you mean 'frechet'?)");
    program = program_start("ls", "-c", "run,stat");
    program_expect(&program, 1, "(did you mean 'state'?)");
    program = program_start("ls", "-g", "trainin.rate");
    program_expect(&program, 1, "(did you mean 'training.rate'?)");
    program = program_start("ls", "-n", "x");
    program_expect(&program, 2, "Try 'gander ls --help'");
}

/* --- the bin, JSON, several stores --- */

static void removed_runs_are_in_the_bin_until_they_are_put_back(void **state)
{
    (void)state;
    free(program_output("rm", "2..3"));
    assert_screen("run\n  5\n  4\n  1\n", "ls", "-c", "run");
    assert_screen("run\n  3\n  2\n", "ls", "--bin", "-c", "run");
    struct program program = program_start("show", "9");
    program_expect(&program, 3, "there is no run 9");
    assert_screen("run 3 is back\n", "rm", "--undo", "3");
    assert_screen("run\n  5\n  4\n  3\n  1\n", "ls", "-c", "run");
    program = program_start("rm", "--undo", "3");
    program_expect(&program, 3, "");
}

static const struct json *member(const struct json *list, size_t index, const char *key)
{
    const struct json *value = json_member(json_item(list, index), key);
    assert_non_null(value);
    return value;
}

static void json_has_the_fixed_names(void **state)
{
    (void)state;
    static const char *const names[] = { "number", "experiment", "name",  "state",
                                         "health", "commit",     "dirty", "created",
                                         "step",   "metrics",    "tags" };
    char *text = program_output("ls", "--json", "-s", "frechet");
    struct json *list;
    double number;
    assert_int_equal(json_parse(&list, text, strlen(text)), 0);
    assert_int_equal(json_length(list), 5);
    for (size_t i = 0; i < 5; i++)
        for (int k = 0; k < ARRAY_SIZE(names); k++)
            member(list, i, names[k]);
    assert_true(json_get_number(member(list, 0, "number"), &number) && number == 2);
    assert_string_equal(json_get_string(member(list, 0, "name")), "best");
    assert_true(json_get_number(json_member(member(list, 0, "metrics"), "frechet"), &number) &&
                number == 20);
    assert_true(json_get_number(json_member(member(list, 0, "min"), "frechet"), &number) &&
                number == 10);
    assert_string_equal(json_get_string(json_item(member(list, 1, "tags"), 0)), "good");
    json_free(list);
    free(text);
    text = program_output("ls", "--json", "exp:nothing");
    assert_string_equal(text, "[]\n");
    free(text);
}

static void several_stores_make_one_list(void **state)
{
    (void)state;
    made_store_at("other/.gander");
    assert_int_equal(make_directories("other/.gander/runs/1"), 0);
    made_write("other/.gander/runs/1/run.json", "{\"experiment\":\"far\",\"created\":1795999000}");
    assert_screen("run exp\n  5 sh\n  4 dcgan\n  1 far\n  3 dcgan\n  2 mlp\n  1 mlp\n", "ls", "-c",
                  "run,exp", "--store", ".gander", "--store", "other/.gander");
    assert_screen("store run\nother   1\n", "ls", "-c", "store,run", "--store", ".gander",
                  "--store", "other/.gander", "exp:far");
    /* one of them knows the metric */
    assert_screen("run exp\n  2 mlp\n  1 mlp\n", "ls", "-n", "2", "-s", "frechet", "-c", "run,exp",
                  "--store", "other/.gander", "--store", ".gander");
}

static void list_outlives_its_catalogue(void **state)
{
    (void)state;
    char *before = program_output("ls", "-a");
    assert_int_equal(unlink(".gander/catalogue.db"), 0);
    char *after = program_output("ls", "-a");
    assert_string_equal(before, after);
    free(after);
    free(program_output("reindex"));
    after = program_output("ls", "-a");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SMALL_STORE(list_is_narrow_and_has_what_is_worth_its_room),
        IN_SMALL_STORE(columns_are_those_that_were_asked_for),
        IN_SMALL_STORE(groups_have_a_table_each),
        IN_SMALL_STORE(every_column_metric_and_value_sorts),
        IN_SMALL_STORE(names_that_are_none_are_refused_with_a_suggestion),
        IN_SMALL_STORE(removed_runs_are_in_the_bin_until_they_are_put_back),
        IN_SMALL_STORE(json_has_the_fixed_names),
        IN_SMALL_STORE(several_stores_make_one_list),
        IN_SMALL_STORE(list_outlives_its_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
