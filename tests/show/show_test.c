/* What people see of runs, as values: signs, columns, curves and charts. */
#define _GNU_SOURCE
#include <math.h>

#include "base/error.h"
#include "base/text.h"
#include "run/made_store.h"
#include "show/beside.h"
#include "show/curves.h"
#include "show/run_table.h"

static struct index look;

static void add_points(int64_t run, const char *metric, int count)
{
    for (int i = 1; i <= count; i++) {
        char *line = xasprintf("{\"t\":%.0f,\"step\":%d,\"metrics\":{\"%s\":%d}}\n",
                               MADE_NOW - 1000 + i, 10 * i, metric, i);
        made_append(run, "events.jsonl", line);
        free(line);
    }
}

static int enter(void **state)
{
    if (scratch_enter(state) < 0)
        return -1;
    made_store();
    for (int run = 1; run <= 4; run++) {
        made_run(run, "{\"experiment\":\"a\"}");
        add_points(run, "d_loss", 8);
        made_ended(run, "finished");
    }
    look = (struct index){ 0 };
    return 0;
}

static int leave(void **state)
{
    index_close(&look);
    look = (struct index){ 0 };
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

/* All runs of the first store. */
static struct listed_run *list_runs(int *count)
{
    struct index_run *runs;
    struct listed_run *listed;
    assert_int_equal(index_open_stores(&look, NULL, 0, INDEX_NOW, MADE_NOW), 0);
    const char *const words[] = { "3", "1..4" };
    assert_int_equal(index_resolve_words(&look, words, ARRAY_SIZE(words), &runs, count), 0);
    assert_int_equal(index_list(&look, runs, *count, &listed), 0);
    return listed;
}

/* --- signs --- */

static void signs_differ_in_unicode_and_in_ascii(void **state)
{
    (void)state;
    struct run_row rows[RUN_STATES + 2] = { [RUN_STATES] = { .is_orphan = true },
                                            [RUN_STATES + 1] = { .is_stalled = true } };
    for (int i = 0; i < RUN_STATES; i++)
        rows[i].state = (enum run_state)i;
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[5];
        uint32_t sign = run_state_sign(&rows[i]);
        text_encode(sign, text);
        assert_int_equal(text_columns(text), 1);
        assert_int_not_equal(canvas_ascii(sign), '?');
        assert_int_not_equal(canvas_ascii(sign), ' ');
        for (int k = 0; k < i; k++) {
            assert_int_not_equal(sign, run_state_sign(&rows[k]));
            assert_int_not_equal(canvas_ascii(sign), canvas_ascii(run_state_sign(&rows[k])));
        }
    }
}

static void time_left_follows_the_mean_pace(void **state)
{
    (void)state;
    struct listed_run run = { .row = {
                                  .state = RUN_RUNNING, .took = 60, .step = 100, .steps = 300 } };
    assert_string_equal(run_value(&look, &run, "left"), "2:00");
    assert_string_equal(run_value(&look, &run, "sign"), "►");
    run.row.steps = 0;
    assert_null(run_value(&look, &run, "left"));
    run.row.steps = 300;
    run.row.step = 0;
    assert_null(run_value(&look, &run, "left"));
    run.row.step = 100;
    run.row.state = RUN_PAUSED;
    assert_null(run_value(&look, &run, "left"));
}

/* --- index and tables --- */

static void words_mean_each_run_once(void **state)
{
    (void)state;
    int count;
    const struct listed_run *runs = list_runs(&count);
    assert_int_equal(count, 4);
    assert_int_equal(runs[0].row.number, 3);
    assert_int_equal(runs[1].row.number, 1);
    assert_int_equal(runs[3].row.number, 4);
}

static void several_stores_are_told_apart(void **state)
{
    (void)state;
    struct index_run run;
    made_store_at("other");
    const char *const directories[] = { "other", ".gander" };
    assert_int_equal(index_open_stores(&look, directories, 2, INDEX_LATER, MADE_NOW), 0);
    assert_null(look.places[1].catalogue);
    assert_int_equal(index_resolve(&look, "2:4", &run), 0);
    assert_ptr_equal(run.place, &look.places[1]);
    assert_string_equal(run.title, "2:4");
    assert_int_equal(index_resolve(&look, "3:4", &run), ERR_NOT_FOUND);
}

static void count_remark(const void *context, const char *sentence)
{
    assert_non_null(sentence);
    int *const *heard = context;
    ++**heard;
}

static void remarks_of_a_catalogue_are_heard(void **state)
{
    (void)state;
    int heard = 0;
    int *place = &heard;
    assert_int_equal(index_open_stores(&look, NULL, 0, INDEX_NOW, MADE_NOW), 0);
    char *path = xstrdup(catalogue_path(look.places[0].catalogue));
    index_close(&look);
    made_write(path, "this is no catalogue, and long enough to be seen as one that is damaged");
    free(path);
    look = (struct index){ .remark = count_remark, .context = &place };
    assert_int_equal(index_open_stores(&look, NULL, 0, INDEX_NOW, MADE_NOW), 0);
    assert_int_equal(heard, 1);
}

static void a_store_that_is_not_there_leaves_nothing_open(void **state)
{
    (void)state;
    const char *const directories[] = { ".gander", "nowhere" };
    assert_true(index_open_stores(&look, directories, 2, INDEX_NOW, MADE_NOW) < 0);
    assert_null(look.arena.chunks);
}

static void a_copy_keeps_what_it_made_in_its_own_arena(void **state)
{
    (void)state;
    int count, column_count;
    struct run_column *columns;
    struct listed_run *runs = list_runs(&count);
    struct index copy = look;
    copy.arena = (struct arena){ 0 };
    const struct arena_chunk *before = look.arena.chunks;
    assert_int_equal(
        run_columns_choose(&copy, "run,sign,d_loss", runs, count, &columns, &column_count), 0);
    struct table table = run_table_make(&copy, columns, column_count, runs + 1, 2, true);
    assert_int_equal(table.row_count, 2);
    assert_string_equal(table.cells[0].text, "1");
    assert_string_equal(table.cells[1].text, "✓");
    assert_string_equal(table.cells[3].text, "2");
    assert_string_equal(table.cells[5].text, "8");
    assert_ptr_equal(look.arena.chunks, before);
    arena_release(&copy.arena);
}

/* --- curves --- */

static struct curve read_curve(struct listed_run *run, const char *metric, enum curve_axis by)
{
    struct curve curve = { .run = run, .metric = metric, .name = metric };
    struct curve_wish wish = { .by = by, .first = NAN, .last = NAN, .columns = 80 };
    assert_int_equal(curve_read(&look, &curve, &wish), 0);
    return curve;
}

static void smoothed_curves_have_the_raw_ones_behind(void **state)
{
    (void)state;
    int count;
    struct chart chart;
    struct listed_run *runs = list_runs(&count);
    struct curve curves[] = { read_curve(&runs[0], "nothing", CURVE_STEP),
                              read_curve(&runs[0], "d_loss", CURVE_STEP) };
    struct curve_wish wish = { .is_log = true };
    curves_chart(&look.arena, "title", curves, 2, &wish, &chart);
    assert_int_equal(chart.series_count, 1);
    assert_string_equal(chart.series[0].name, "d_loss");
    assert_int_equal(chart.y_scale, CHART_LOG);
    assert_string_equal(chart.x_title, "step");
    wish.smooth = 0.5;
    curves_chart(&look.arena, "title", curves, 2, &wish, &chart);
    assert_int_equal(chart.series_count, 2);
    assert_true(chart.series[0].is_faint && !chart.series[0].name);
    assert_ptr_equal(chart.series[0].mean, curves[1].series.mean);
    assert_true(!chart.series[1].is_faint && chart.series[1].mean[7] < 8);
    curves_chart(&look.arena, "title", curves, 1, &wish, &chart);
    assert_int_equal(chart.series_count, 0);
}

static void epochs_come_from_the_recipe_and_the_images(void **state)
{
    (void)state;
    int count;
    made_append(
        1, "events.jsonl",
        "{\"data\":{\"count\":640}}\n{\"config\":{\"training\":{\"batch\":32,\"d_steps\":2},"
        "\"data\":{\"count\":0}}}\n");
    made_append(2, "events.jsonl",
                "{\"config\":{\"training\":{\"batch\":64},\"data\":{\"count\":128}}}\n");
    struct listed_run *runs = list_runs(&count);
    struct curve curve = read_curve(&runs[1], "d_loss", CURVE_EPOCH);
    assert_int_equal(curve.series.count, 8);
    assert_true(fabs(curve.x[0] - 1) < 1e-12 && fabs(curve.x[7] - 8) < 1e-12);
    curve = read_curve(&runs[2], "d_loss", CURVE_EPOCH);
    assert_true(fabs(curve.x[7] - 40) < 1e-12);
}

static void epochs_may_be_journalled(void **state)
{
    (void)state;
    int count;
    made_append(1, "events.jsonl",
                "{\"step\":20,\"metrics\":{\"epoch\":1}}\n"
                "{\"step\":60,\"metrics\":{\"epoch\":3}}\n");
    struct listed_run *runs = list_runs(&count);
    struct curve curve = read_curve(&runs[1], "d_loss", CURVE_EPOCH);
    static const double expected[] = { 1, 1, 1.5, 2, 2.5, 3, 3, 3 };
    for (int i = 0; i < ARRAY_SIZE(expected); i++)
        assert_true(fabs(curve.x[i] - expected[i]) < 1e-12);
}

static void epochs_that_nobody_tells_are_an_error(void **state)
{
    (void)state;
    int count;
    struct listed_run *runs = list_runs(&count);
    struct curve curve = { .run = &runs[1], .metric = "d_loss" };
    struct curve_wish wish = { .by = CURVE_EPOCH, .first = NAN, .last = NAN, .columns = 80 };
    assert_int_equal(curve_read(&look, &curve, &wish), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(), "run 1 does not tell its epochs"));
    curve.metric = "nothing";
    assert_int_equal(curve_read(&look, &curve, &wish), 0);
    assert_int_equal(curve.series.count, 0);
}

/* --- beside --- */

static void what_differs_is_marked(void **state)
{
    (void)state;
    int count, setting_count, metric_count;
    struct beside_setting *settings;
    struct beside_metric *metrics;
    made_append(1, "events.jsonl", "{\"config\":{\"a\":1,\"b\":2}}\n");
    made_append(2, "events.jsonl", "{\"config\":{\"a\":1,\"b\":3}}\n");
    made_append(2, "events.jsonl", "{\"step\":5,\"metrics\":{\"frechet\":7}}\n");
    made_append(1, "events.jsonl", "{\"step\":5,\"metrics\":{\"frechet\":9}}\n");
    struct listed_run *runs = list_runs(&count);
    struct beside beside = { .index = &look, .runs = runs + 1, .count = 2 };
    assert_int_equal(beside_settings(&beside, &settings, &setting_count), 0);
    assert_int_equal(setting_count, 2);
    assert_false(settings[0].differs);
    assert_true(settings[1].differs);
    assert_string_equal(settings[1].values[1], "3");
    assert_int_equal(beside_metrics(&beside, &metrics, &metric_count), 0);
    for (int i = 0; i < metric_count; i++)
        if (strcmp(metrics[i].name, "frechet") == 0) {
            assert_int_equal(metrics[i].best, 1);
            assert_true(beside_best(&metrics[i], 0) == 9);
            return;
        }
    fail_msg("no frechet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_differ_in_unicode_and_in_ascii),
        IN_STORE(time_left_follows_the_mean_pace),
        IN_STORE(words_mean_each_run_once),
        IN_STORE(several_stores_are_told_apart),
        IN_STORE(remarks_of_a_catalogue_are_heard),
        IN_STORE(a_store_that_is_not_there_leaves_nothing_open),
        IN_STORE(a_copy_keeps_what_it_made_in_its_own_arena),
        IN_STORE(smoothed_curves_have_the_raw_ones_behind),
        IN_STORE(epochs_come_from_the_recipe_and_the_images),
        IN_STORE(epochs_may_be_journalled),
        IN_STORE(epochs_that_nobody_tells_are_an_error),
        IN_STORE(what_differs_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
