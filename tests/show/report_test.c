/* What is told of one run. */
#define _GNU_SOURCE
#include "base/error.h"
#include "run/made_store.h"
#include "show/report.h"

static struct index look;

static int leave(void **state)
{
    index_close(&look);
    look = (struct index){ 0 };
    return scratch_leave(state);
}

static void gather(struct report *report)
{
    struct index_run run;
    struct listed_run *listed;
    assert_int_equal(index_open_stores(&look, NULL, 0, INDEX_NOW, MADE_NOW), 0);
    assert_int_equal(index_resolve(&look, "1", &run), 0);
    assert_int_equal(index_list(&look, &run, 1, &listed), 0);
    assert_int_equal(report_gather(&look, listed, report), 0);
}

/* The text of the fact with a label; NULL. */
static const char *fact(const struct report_lines *lines, const char *label)
{
    for (int i = 0; i < lines->count; i++)
        if (lines->lines[i].kind == REPORT_FACT && strcmp(lines->lines[i].label, label) == 0)
            return lines->lines[i].text;
    return NULL;
}

static struct report_lines head_of(const char *engine)
{
    struct report report;
    struct report_lines lines = { .arena = &look.arena };
    made_store();
    made_run(1, "{\"experiment\":\"a\",\"data\":{\"source\":\"digits\"}}");
    made_append(1, "events.jsonl", engine);
    made_ended(1, "finished");
    gather(&report);
    report_head(&lines, &report);
    return lines;
}

static void an_engine_that_tells_all(void **state)
{
    (void)state;
    struct report_lines lines =
        head_of("{\"t\":1,\"step\":0,\"engine\":{\"blas\":\"OpenBLAS 0.3.21 NO_AFFINITY\","
                "\"kernel\":\"Zen\",\"cpu\":\"a CPU\",\"threads\":1},"
                "\"data\":{\"count\":60000,\"width\":28,\"height\":28}}\n");
    assert_string_equal(fact(&lines, "engine"), "OpenBLAS 0.3.21, Zen kernels, a CPU, 1 thread");
    assert_string_equal(fact(&lines, "data"), "digits: 60,000 images of 28x28");
}

static void an_engine_that_tells_little(void **state)
{
    (void)state;
    struct report_lines lines =
        head_of("{\"t\":1,\"step\":0,\"engine\":{\"blas\":\"Reference\",\"cpu\":\"a CPU\"},"
                "\"data\":{\"count\":12}}\n");
    assert_string_equal(fact(&lines, "engine"), "Reference, a CPU, ? threads");
    assert_string_equal(fact(&lines, "data"), "digits: 12 images");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_engine_that_tells_all, scratch_enter, leave),
        cmocka_unit_test_setup_teardown(an_engine_that_tells_little, scratch_enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
