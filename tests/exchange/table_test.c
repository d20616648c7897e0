/* Tables of numbers come in from what other programs write, and go out to them. */
#define _GNU_SOURCE
#include "exchange/table.h"

#include <string.h>

#include "base/file.h"
#include "run/journal.h"
#include "run/rundir.h"
#include "testing.h"

static struct arena arena;
static struct store store;
static struct taken_run *runs;
static int count;

static const struct take_wish plain = { .now = 1796000000 };

static int enter(void **state)
{
    int code = scratch_enter(state);
    unsetenv("GANDER_DIR");
    return code || store_open(&store, ".gander", STORE_MAKE);
}

static int leave(void **state)
{
    store_release(&store);
    arena_release(&arena);
    return scratch_leave(state);
}

static void take(const char *name, const char *text)
{
    assert_int_equal(file_replace(name, text, strlen(text)), 0);
    assert_int_equal(csv_import(&arena, &store, name, &plain, &runs, &count), 0);
}

static const char *events_of(int64_t run)
{
    char *text;
    size_t size;
    const char *path = arena_printf(&arena, ".gander/runs/%lld/events.jsonl", (long long)run);
    assert_int_equal(file_read(path, 1 << 20, &text, &size), 0);
    const char *copy = arena_strdup(&arena, text);
    free(text);
    return copy;
}

static int keep(void *context, const void *data, size_t size)
{
    const char **text = context;
    *text = arena_printf(&arena, "%s%.*s", *text, (int)size, (const char *)data);
    return 0;
}

typedef int table_writer(const struct outlet *outlet, const struct table_run *shown,
                         int shown_count, const struct table_wish *wish);

static int write_with(table_writer *writer, int shown_count, const struct table_wish *wish,
                      const char **text)
{
    struct catalogue *catalogue;
    struct table_run shown[] = { { &store, NULL, 1, "1" }, { &store, NULL, 2, "2" } };
    *text = "";
    assert_int_equal(catalogue_open(&catalogue, &store), 0);
    assert_int_equal(catalogue_refresh(catalogue, 1796000000), 0);
    shown[0].catalogue = shown[1].catalogue = catalogue;
    int error = writer(&(struct outlet){ keep, text }, shown, shown_count, wish);
    catalogue_close(catalogue);
    return error;
}

static const char *written(table_writer *writer, int shown_count)
{
    const char *text;
    assert_int_equal(write_with(writer, shown_count, &(struct table_wish){ .now = 1 }, &text), 0);
    return text;
}

/* --- in --- */

static void table_becomes_a_run(void **state)
{
    (void)state;
    struct run_facts facts;
    take("my gan.csv", "step,time,d_loss,g loss\n10,1732370000.5,1.25,0.5\n20,1732370001,,NaN\n");
    assert_int_equal(count, 1);
    assert_int_equal(runs[0].number, 1);
    assert_int_equal(runs[0].rows, 2);
    assert_int_equal(runs[0].numbers, 3);
    assert_string_equal(
        events_of(1),
        "{\"t\":1732370000.5,\"step\":10,\"metrics\":{\"d_loss\":1.25,\"g loss\":0.5}}\n"
        "{\"t\":1732370001.0,\"step\":20,\"metrics\":{\"g loss\":\"NaN\"}}\n");
    assert_int_equal(run_read_facts(&arena, &facts, &store, 1), 0);
    assert_string_equal(facts.experiment, "my-gan");
    assert_string_equal(facts.origin.format, "csv");
}

/* A byte order mark, semicolons, decimal commas, quotes, blank lines and \r\n. */
static void spreadsheets_of_other_countries_are_read(void **state)
{
    (void)state;
    take("a.csv", "\xef\xbb\xbfStep;\"loss; \"\"all\"\"\";note\r\n1;0,5;good\r\n\r\n2;1e-3;\r\n");
    assert_string_equal(events_of(1), "{\"step\":1,\"metrics\":{\"loss; \\\"all\\\"\":0.5}}\n"
                                      "{\"step\":2,\"metrics\":{\"loss; \\\"all\\\"\":0.001}}\n");
    assert_int_equal(runs[0].skipped, 1);
}

static void columns_are_found_by_what_tools_call_them(void **state)
{
    (void)state;
    take("run-x-tag-loss_D.csv", "Wall time,Step,Value\n1732370000.5,7,0.25\n");
    assert_string_equal(events_of(1),
                        "{\"t\":1732370000.5,\"step\":7,\"metrics\":{\"loss_D\":0.25}}\n");
    take("epochs.csv", "epoch\tacc\n1\t0.5\n2\t0.75\n");
    assert_string_equal(events_of(2), "{\"step\":1,\"metrics\":{\"epoch\":1.0,\"acc\":0.5}}\n"
                                      "{\"step\":2,\"metrics\":{\"epoch\":2.0,\"acc\":0.75}}\n");
    take("long.csv", "step,metric,value\n3,a,1\n3,b,2\n4,a,3\n");
    assert_string_equal(events_of(3), "{\"step\":3,\"metrics\":{\"a\":1.0,\"b\":2.0}}\n"
                                      "{\"step\":4,\"metrics\":{\"a\":3.0}}\n");
    take("bare.csv", "loss\n5\n6\n");
    assert_string_equal(events_of(4), "{\"step\":0,\"metrics\":{\"loss\":5.0}}\n"
                                      "{\"step\":1,\"metrics\":{\"loss\":6.0}}\n");
}

static void column_of_runs_makes_several(void **state)
{
    (void)state;
    struct run_facts facts;
    take("two.csv", "run,step,loss\nslow,1,1\nfast,1,2\nslow,2,3\n");
    assert_int_equal(count, 2);
    assert_string_equal(events_of(1), "{\"step\":1,\"metrics\":{\"loss\":1.0}}\n"
                                      "{\"step\":2,\"metrics\":{\"loss\":3.0}}\n");
    assert_string_equal(events_of(2), "{\"step\":1,\"metrics\":{\"loss\":2.0}}\n");
    assert_int_equal(run_read_facts(&arena, &facts, &store, 2), 0);
    assert_string_equal(facts.name, "two-fast");
    assert_int_equal(csv_import(&arena, &store, "two.csv", &plain, &runs, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(runs[0].already, 2);
}

static void assert_refused(const char *text, const char *why)
{
    assert_int_equal(file_replace("bad.csv", text, strlen(text)), 0);
    int error = csv_import(&arena, &store, "bad.csv", &plain, &runs, &count);
    assert_non_null(strstr(error ? error_text() : runs[0].why, why));
    assert_false(directory_exists(".gander/runs/1"));
}

static void what_is_no_table_is_refused_with_a_reason(void **state)
{
    (void)state;
    assert_refused("", "it is empty");
    assert_refused("1,2\n3,4\n", "its first line has no names of columns");
    assert_refused("step,note\n1,x\n", "there are no numbers in it");
    assert_refused("step,loss\n", "there are no numbers in it");
    char *long_row = arena_alloc(&arena, 5 << 20, 1);
    memset(long_row, 'x', (5 << 20) - 1);
    assert_refused(long_row, "row 1 is longer than 4194304 bytes");
    memset(long_row, ',', 5000);
    long_row[5000] = '\0';
    assert_refused(long_row, "row 1 has more than 4096 fields");
}

/* --- out --- */

static void made_run(int64_t run, const char *facts, const char *events, const char *worker)
{
    const char *place = arena_printf(&arena, ".gander/runs/%lld/", (long long)run);
    const char *names[] = { "run.json", "events.jsonl", "worker.jsonl" };
    const char *texts[] = { facts, events, worker };
    assert_int_equal(make_directories(place), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            file_replace(arena_printf(&arena, "%s%s", place, names[i]), texts[i], strlen(texts[i])),
            0);
}

/* Run 1 went back to step 1 once; its losses are hard to write down. */
static void made_runs(void)
{
    made_run(1, "{\"experiment\":\"a_1\",\"command\":[\"x\",\"--lr\",\"0.1\"]}",
             "{\"t\":1,\"step\":1,\"metrics\":{\"fid\":0.1}}\n"
             "{\"t\":2,\"step\":2,\"metrics\":{\"fid\":99}}\n"
             "{\"t\":3,\"step\":2,\"metrics\":{\"fid\":7.0000000000000009,\"odd,\\\"name\":\"-"
             "Infinity\"}}\n"
             "{\"t\":4,\"step\":2,\"metrics\":{\"loss\":\"NaN\"}}\n",
             "{\"t\":1,\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
             "{\"t\":1.5,\"step\":1,\"use\":{\"cpu\":50}}\n"
             "{\"t\":2,\"state\":\"running\",\"from_step\":1,\"events\":75}\n"
             "{\"t\":5,\"state\":\"finished\",\"step\":2}\n");
    made_run(2, "{\"experiment\":\"b|2\",\"command\":[\"x\",\"--lr\",\"0.2\"]}",
             "{\"t\":1,\"step\":5,\"metrics\":{\"fid\":3}}\n",
             "{\"t\":1,\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
             "{\"t\":5,\"state\":\"finished\",\"step\":5}\n");
}

static void rows_are_what_counts_and_read_back_exactly(void **state)
{
    (void)state;
    made_runs();
    const char *text = written(table_csv, 2);
    assert_string_equal(text, "run,step,time,fid,\"odd,\"\"name\",loss\n"
                              "1,1,1,0.1,,\n"
                              "1,2,4,7.000000000000001,-inf,NaN\n"
                              "2,5,1,3,,\n");
    assert_string_equal(
        written(table_jsonl, 2),
        "{\"run\":1,\"experiment\":\"a_1\",\"t\":1.0,\"step\":1,\"metrics\":{\"fid\":0.1}}\n"
        "{\"run\":1,\"experiment\":\"a_1\",\"t\":3.0,\"step\":2,\"metrics\":{\"fid\":7."
        "000000000000001,"
        "\"odd,\\\"name\":\"-Infinity\"}}\n"
        "{\"run\":1,\"experiment\":\"a_1\",\"t\":4.0,\"step\":2,\"metrics\":{\"loss\":\"NaN\"}}\n"
        "{\"run\":2,\"experiment\":\"b|2\",\"t\":1.0,\"step\":5,\"metrics\":{\"fid\":3.0}}\n");
}

static void what_csv_writes_comes_back_the_same(void **state)
{
    (void)state;
    made_runs();
    const char *before = written(table_csv, 1);
    take("out.csv", before);
    assert_int_equal(runs[0].number, 3);
    assert_int_equal(rename(".gander/runs/3", ".gander/runs/1.new"), 0);
    assert_int_equal(remove_tree(".gander/runs", "1"), 0);
    assert_int_equal(rename(".gander/runs/1.new", ".gander/runs/1"), 0);
    /* moments of 1970 are none */
    const char *after = written(table_csv, 1);
    assert_string_equal(after, "step,time,fid,\"odd,\"\"name\",loss\n1,,0.1,,\n"
                               "2,,7.000000000000001,-inf,NaN\n");
}

static void metrics_that_are_named_are_the_columns(void **state)
{
    (void)state;
    static const char *const names[] = { "loss", "use.cpu" }, *const none[] = { "nix" };
    const char *text;
    made_runs();
    assert_int_equal(write_with(table_csv, 1,
                                &(struct table_wish){ .metrics = names, .metric_count = 2 }, &text),
                     0);
    assert_string_equal(text, "step,time,loss,use.cpu\n1,1.5,,50\n2,4,NaN,\n");
    assert_int_equal(
        write_with(table_csv, 2, &(struct table_wish){ .metrics = none, .metric_count = 1 }, &text),
        ERR_NOT_FOUND);
    assert_string_equal(error_text(), "no run has a metric 'nix'");
}

static void tables_for_people_have_the_best_and_what_differs(void **state)
{
    (void)state;
    static const char *const names[] = { "fid", "min(fid)" };
    const struct table_wish wish = { .metrics = names, .metric_count = 2, .now = 1 };
    const char *text;
    made_runs();
    assert_int_equal(write_with(table_markdown, 2, &wish, &text), 0);
    assert_string_equal(text, "| run | experiment | step | lr | fid | min(fid) |\n"
                              "| --: | --- | --: | --- | --: | --: |\n"
                              "| 1 | a\\_1 | 2 | 0.1 | 7 | **0.1** |\n"
                              "| 2 | b\\|2 | 5 | 0.2 | **3** | 3 |\n");
    assert_int_equal(write_with(table_latex, 2, &wish, &text), 0);
    assert_string_equal(text, "\\begin{tabular}{rlrlrr}\n  \\hline\n"
                              "  run & experiment & step & lr & fid & min(fid) \\\\\n  \\hline\n"
                              "  1 & a\\_1 & 2 & 0.1 & 7 & \\textbf{0.1} \\\\\n"
                              "  2 & b\\textbar{}2 & 5 & 0.2 & \\textbf{3} & 3 \\\\\n"
                              "  \\hline\n\\end{tabular}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(table_becomes_a_run),
        TEST(spreadsheets_of_other_countries_are_read),
        TEST(columns_are_found_by_what_tools_call_them),
        TEST(column_of_runs_makes_several),
        TEST(what_is_no_table_is_refused_with_a_reason),
        TEST(rows_are_what_counts_and_read_back_exactly),
        TEST(what_csv_writes_comes_back_the_same),
        TEST(metrics_that_are_named_are_the_columns),
        TEST(tables_for_people_have_the_best_and_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
