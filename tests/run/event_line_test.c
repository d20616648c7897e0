/* Events are read in two ways, a quick one and one through a JSON library. Whatever the quick one
 * takes, the other one reads alike. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "../../src/run/event_line.h"
#include "base/random.h"
#include "testing.h"

/* Reads a copy of `text` in the quick way, or not at all. */
static bool read_quick(struct event_line *out, char *copy, const char *text)
{
    snprintf(copy, 4096, "%s", text);
    return event_line_read_quick(out, copy, strlen(copy));
}

/* A member that the quick way does not know sends the line the other way, and changes nothing. */
static bool read_slow(struct event_line *out, char *copy, const char *text)
{
    int64_t bad = 0;
    snprintf(copy, 4096, "{\"other\":0,%s", text + 1);
    struct line line = { .text = copy, .length = strlen(copy) };
    return event_line_read(out, &line, &bad);
}

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void assert_alike(const char *text)
{
    static struct event_line quick, slow;
    char quick_copy[4096], slow_copy[4096];
    if (!read_quick(&quick, quick_copy, text)) {
        assert_string_equal(quick_copy, text); /* left as it was for the other way */
        return;
    }
    if (!read_slow(&slow, slow_copy, text))
        fail_msg("only the quick way takes '%s'", text);
    assert_true(is_same(quick.event.time, slow.event.time));
    assert_int_equal(quick.event.step, slow.event.step);
    assert_int_equal(quick.has_step, slow.has_step);
    assert_int_equal(quick.event.metric_count, slow.event.metric_count);
    for (int i = 0; i < quick.event.metric_count; i++) {
        assert_string_equal(quick.event.metrics[i].name, slow.event.metrics[i].name);
        assert_true(is_same(quick.event.metrics[i].value, slow.event.metrics[i].value));
    }
    event_line_release(&slow);
}

static const char *const lines[] = {
    "{\"t\":1732370000.123,\"step\":120,\"metrics\":{\"d_loss\":1.21,\"g_loss\":0.93}}",
    "{ \"step\" : 120 , \"metrics\" : { \"a\" : 1 , \"b\" : -2.5e-3 } , \"t\" : 7 }\r",
    "{\"metrics\":{}}",
    "{\"metrics\":{\"a\":\"NaN\",\"b\":\"Infinity\",\"c\":\"-Infinity\"}}",
    "{\"metrics\":{\"a\":0,\"b\":-0.0,\"c\":1e22,\"d\":1e-22,\"e\":123456789012345}}",
    "{\"metrics\":{\"a\":0.1,\"b\":2.2250738585072014e-308,\"c\":1.7976931348623157e308}}",
    "{\"metrics\":{\"a\":9007199254740993,\"b\":0.30000000000000004,\"c\":5e-324}}",
    "{\"metrics\":{\"a b/c.d-e\":1}}",
};

static void both_ways_agree_on_usual_lines(void **state)
{
    (void)state;
    static struct event_line quick;
    char copy[4096];
    for (int i = 0; i < ARRAY_SIZE(lines); i++) {
        assert_true(read_quick(&quick, copy, lines[i]));
        assert_alike(lines[i]);
    }
}

/* What is not for the quick way: mistakes, and what it does not know. */
static const char *const others[] = {
    "",
    "{}",
    "[]",
    "{\"step\":1}",
    "{\"metrics\":{\"a\":1}",
    "{\"metrics\":{\"a\":1}}x",
    "{\"metrics\":{\"a\":1},}",
    "{\"metrics\":{\"a\":1,}}",
    "{\"metrics\":{\"a\":01}}",
    "{\"metrics\":{\"a\":1.}}",
    "{\"metrics\":{\"a\":.5}}",
    "{\"metrics\":{\"a\":+1}}",
    "{\"metrics\":{\"a\":1e}}",
    "{\"metrics\":{\"a\":1e999}}",
    "{\"metrics\":{\"a\":NaN}}",
    "{\"metrics\":{\"a\":\"nan\"}}",
    "{\"metrics\":{\"a\":true}}",
    "{\"metrics\":{\"a\":{\"b\":1}}}",
    "{\"metrics\":{\"a\":1,\"a\":2}}",
    "{\"metrics\":{\"a\\n\":1}}",
    "{\"metrics\":{\"\xC3\xA4\":1}}",
    "{\"metrics\":{\"a\":1},\"metrics\":{\"b\":1}}",
    "{\"metrics\":{\"a\":1},\"step\":-1}",
    "{\"metrics\":{\"a\":1},\"step\":1.5}",
    "{\"metrics\":{\"a\":1},\"step\":1e3}",
    "{\"metrics\":{\"a\":1},\"step\":007}",
    "{\"metrics\":{\"a\":1},\"step\":1234567890123456789}",
    "{\"metrics\":{\"a\":1},\"x\":1}",
};

static void quick_way_leaves_to_the_other_what_it_does_not_know(void **state)
{
    (void)state;
    static struct event_line quick;
    char copy[4096];
    for (int i = 0; i < ARRAY_SIZE(others); i++) {
        if (read_quick(&quick, copy, others[i]))
            fail_msg("took '%s'", others[i]);
        assert_string_equal(copy, others[i]);
    }
}

/* Usual lines with a few bytes changed: most are broken, some are not. */
static void both_ways_agree_on_damaged_lines(void **state)
{
    (void)state;
    static const char bytes[] = "{}[]\",:.-+eE0123456789 \\ntsmaNI\t\x80";
    struct random random;
    random_seed(&random, 1, 0);
    for (int round = 0; round < 200000; round++) {
        char text[4096];
        const char *from = lines[random_below(&random, ARRAY_SIZE(lines))];
        snprintf(text, sizeof text, "%s", from);
        for (uint32_t changes = 1 + random_below(&random, 2); changes > 0; changes--)
            text[random_below(&random, (uint32_t)strlen(from))] =
                bytes[random_below(&random, sizeof bytes - 1)];
        if (text[0] == '{')
            assert_alike(text);
    }
}

static void numbers_of_any_length_are_read_exactly(void **state)
{
    (void)state;
    static struct event_line quick;
    struct random random;
    random_seed(&random, 2, 0);
    for (int round = 0; round < 100000; round++) {
        char text[256], copy[4096];
        uint64_t bits = random_next(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        if (round % 2)
            value = random_normal(&random);
        int digits = 1 + (int)random_below(&random, 17);
        snprintf(text, sizeof text, "{\"metrics\":{\"a\":%.*g}}", digits, value);
        if (!read_quick(&quick, copy, text))
            continue; /* 1e+999 and the like */
        double expected = strtod(text + strlen("{\"metrics\":{\"a\":"), NULL);
        assert_true(quick.event.metrics[0].value == expected);
    }
}

static bool read_whole(struct event_line *out, char *text, int64_t *bad)
{
    struct line line = { .text = text, .length = strlen(text) };
    return event_line_read(out, &line, bad);
}

static void metrics_in_metrics_are_joined_by_dots(void **state)
{
    (void)state;
    struct event_line *line = xcalloc(1, sizeof *line);
    char text[] = "{\"step\":3,\"metrics\":{\"loss\":{\"d\":1,\"g\":{\"adv\":2,\"l1\":\"NaN\"}},"
                  "\"word\":\"x\",\"flag\":true,\"lr\":1e-4}}";
    int64_t bad = 0;
    assert_true(read_whole(line, text, &bad));
    const struct event *event = &line->event;
    assert_int_equal(event->metric_count, 4);
    assert_string_equal(event->metrics[0].name, "loss.d");
    assert_string_equal(event->metrics[1].name, "loss.g.adv");
    assert_string_equal(event->metrics[2].name, "loss.g.l1");
    assert_string_equal(event->metrics[2].text, "NaN");
    assert_string_equal(event->metrics[3].text, "0.0001");
    event_line_release(line);
    free(line);
}

static void many_metrics_of_one_line_are_all_read(void **state)
{
    (void)state;
    enum { MANY = 10000 };
    struct event_line *line = xcalloc(1, sizeof *line);
    char *text = xcalloc(MANY, 32), *end = text;
    int64_t bad = 0;
    end += snprintf(end, 32, "{\"metrics\":{");
    for (int i = 0; i < MANY; i++)
        end += snprintf(end, 32, "%s\"m%d\":%d", i > 0 ? "," : "", i, i);
    snprintf(end, 32, "}}");
    assert_true(read_whole(line, text, &bad));
    assert_int_equal(line->event.metric_count, MANY);
    assert_string_equal(line->event.metrics[MANY - 1].name, "m9999");
    assert_true(line->event.metrics[MANY - 1].value == 9999);
    event_line_release(line);
    free(line);
    free(text);
}

static void deep_nesting_ends(void **state)
{
    (void)state;
    struct event_line *line = xcalloc(1, sizeof *line);
    char text[4096], *end = text;
    int64_t bad = 0;
    end += snprintf(end, 64, "{\"metrics\":");
    for (int i = 0; i < 100; i++)
        end += snprintf(end, 8, "{\"a\":");
    end += snprintf(end, 8, "1");
    for (int i = 0; i < 101; i++)
        end += snprintf(end, 8, "}");
    assert_true(read_whole(line, text, &bad));
    assert_int_equal(line->event.metric_count, 0);
    event_line_release(line);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_agree_on_usual_lines),
        cmocka_unit_test(quick_way_leaves_to_the_other_what_it_does_not_know),
        cmocka_unit_test(both_ways_agree_on_damaged_lines),
        cmocka_unit_test(numbers_of_any_length_are_read_exactly),
        cmocka_unit_test(metrics_in_metrics_are_joined_by_dots),
        cmocka_unit_test(many_metrics_of_one_line_are_all_read),
        cmocka_unit_test(deep_nesting_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
