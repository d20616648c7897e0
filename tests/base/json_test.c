#define _GNU_SOURCE
#include "base/json.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "testing.h"

static struct json *parsed(const char *text)
{
    struct json *value = NULL;
    if (json_parse(&value, text, strlen(text)) != 0)
        fail_msg("%s: %s", text, error_text());
    return value;
}

static void assert_refused(const char *text, const char *sentence)
{
    struct json *value = NULL;
    assert_int_equal(json_parse(&value, text, strlen(text)), ERR_INVALID);
    assert_null(value);
    assert_non_null(strstr(error_text(), sentence));
}

static void assert_text(const struct json *value, int indent, const char *expected)
{
    char *text = json_text(value, indent);
    assert_string_equal(text, expected);
    free(text);
}

static void members_and_items_are_found_by_name_and_place(void **state)
{
    double number;
    int64_t integer;
    bool truth;
    (void)state;
    struct json *value = parsed("{\"a\":[1,2.5,\"x\"],\"b\":{\"c\":true}}");
    const struct json *array = json_member(value, "a");
    assert_true(json_is_object(value));
    assert_true(json_is_array(array));
    assert_int_equal(json_length(value), 2);
    assert_int_equal(json_length(array), 3);
    assert_true(json_get_integer(json_item(array, 0), &integer));
    assert_int_equal(integer, 1);
    assert_true(json_get_number(json_item(array, 1), &number));
    assert_true(number == 2.5);
    assert_string_equal(json_get_string(json_item(array, 2)), "x");
    assert_true(json_get_bool(json_member(json_member(value, "b"), "c"), &truth));
    assert_true(truth);
    json_free(value);
}

static void what_is_absent_or_of_another_kind_is_told_apart(void **state)
{
    double number;
    int64_t integer;
    bool truth;
    (void)state;
    struct json *value = parsed("{\"s\":\"x\",\"n\":1.5,\"z\":null}");
    const struct json *text = json_member(value, "s"), *real = json_member(value, "n");
    assert_null(json_member(value, "none"));
    assert_null(json_member(text, "x"));
    assert_null(json_member(NULL, "x"));
    assert_null(json_item(value, 0));
    assert_null(json_item(NULL, 0));
    assert_int_equal(json_length(text), 0);
    assert_int_equal(json_length(NULL), 0);
    assert_false(json_is_object(NULL) || json_is_array(NULL) || json_is_array(text));
    assert_false(json_get_number(text, &number));
    assert_false(json_get_number(NULL, &number));
    assert_false(json_get_integer(real, &integer));
    assert_false(json_get_integer(NULL, &integer));
    assert_false(json_get_bool(real, &truth));
    assert_null(json_get_string(real));
    assert_null(json_get_string(json_member(value, "z")));
    json_free(value);
}

static void pythons_bare_words_are_read_as_numbers(void **state)
{
    double number;
    (void)state;
    struct json *value = parsed("{\"a\": NaN, \"b\":[Infinity,-Infinity ],\"c\":\"NaN\"}");
    assert_true(json_get_number(json_member(value, "a"), &number));
    assert_true(isnan(number));
    assert_true(json_get_number(json_item(json_member(value, "b"), 0), &number));
    assert_true(number == INFINITY);
    assert_true(json_get_number(json_item(json_member(value, "b"), 1), &number));
    assert_true(number == -INFINITY);
    assert_true(json_get_number(json_member(value, "c"), &number));
    assert_true(isnan(number));
    json_free(value);
}

static void bare_words_within_strings_stay_as_they_are(void **state)
{
    (void)state;
    struct json *value =
        parsed("{\"a\":\"a \\\"NaN\\\" \\\\\",\"NaN\":\"-Infinity, \\\\\\\"NaN\",\"n\":NaN}");
    assert_string_equal(json_get_string(json_member(value, "a")), "a \"NaN\" \\");
    assert_string_equal(json_get_string(json_member(value, "NaN")), "-Infinity, \\\"NaN");
    assert_string_equal(json_get_string(json_member(value, "n")), "NaN");
    json_free(value);
}

static void bare_words_are_values_only(void **state)
{
    (void)state;
    assert_refused("{NaN:1}", "line 1");
    assert_refused("{NaN : 1}", "line 1");
    assert_refused("[xNaN]", "line 1");
    assert_refused("[NaNx]", "line 1");
    assert_refused("[1 NaN]", "line 1");
    assert_refused("[-NaN]", "line 1");
    assert_refused("NaN:", "line 1");
    assert_refused("[\"NaN\\", "line 1");
}

static void what_does_not_parse_says_where(void **state)
{
    (void)state;
    assert_refused("", "line 1, column 0: ");
    assert_refused("{\"a\":1,\n \"b\":}", "line 2, column 6: unexpected token near '}'");
    assert_refused("{\"a\":1} x", "line 1, column 9: end of file expected near 'x'");
    assert_refused("{\"a\":1,\"a\":2}", "duplicate object key");
    assert_refused("[\"\xff\"]", "unable to decode byte 0xff");
    assert_refused("[1e400]", "real number overflow");
    assert_refused("[\"a", "premature end of input");
}

static void an_error_carries_no_control_characters(void **state)
{
    struct json *value;
    (void)state;
    const char text[] = "[\x1b]0;owned\x07 1]";
    assert_int_equal(json_parse(&value, text, strlen(text)), ERR_INVALID);
    for (const char *c = error_text(); *c; c++)
        assert_true(*c >= ' ');
}

static void depth_is_bounded(void **state)
{
    enum { DEPTH = 1000000 };
    char *text = xmalloc(DEPTH + 1);
    (void)state;
    memset(text, '[', DEPTH);
    text[DEPTH] = '\0';
    assert_refused(text, "maximum parsing depth reached");
    free(text);
}

static void whole_numbers_of_64_bits_are_exact(void **state)
{
    int64_t integer;
    double number;
    (void)state;
    struct json *value = parsed("[9223372036854775807,-9223372036854775808,120.0]");
    assert_true(json_get_integer(json_item(value, 0), &integer));
    assert_true(integer == INT64_MAX);
    assert_true(json_get_integer(json_item(value, 1), &integer));
    assert_true(integer == INT64_MIN);
    assert_true(json_get_integer(json_item(value, 2), &integer));
    assert_int_equal(integer, 120);
    json_free(value);
    value = parsed("[18446744073709551615,7]");
    assert_false(json_get_integer(json_item(value, 0), &integer));
    assert_true(json_get_number(json_item(value, 0), &number));
    assert_true(number == 0x1p64);
    assert_true(json_get_integer(json_item(value, 1), &integer));
    assert_int_equal(integer, 7);
    json_free(value);
}

struct seen {
    char keys[32];
};

static void note_key(void *context, const char *key, const struct json *value)
{
    struct seen *seen = context;
    int64_t integer;
    assert_true(json_get_integer(value, &integer));
    strncat(seen->keys, key, sizeof seen->keys - strlen(seen->keys) - 1);
}

static void members_keep_the_order_of_the_text(void **state)
{
    struct seen seen = { "" };
    (void)state;
    struct json *value = parsed("{\"z\":1,\"a\":2,\"m\":3}");
    json_each(value, note_key, &seen);
    assert_string_equal(seen.keys, "zam");
    assert_text(value, 0, "{\"z\":1,\"a\":2,\"m\":3}");
    json_each(NULL, note_key, &seen);
    assert_string_equal(seen.keys, "zam");
    json_free(value);
}

static void a_journal_line_is_written_as_the_design_shows_it(void **state)
{
    (void)state;
    struct json *line = json_new_object(), *metrics = json_new_object();
    json_set_number(line, "t", 1732370000.12);
    json_set_integer(line, "step", 120);
    json_set_number(metrics, "d_loss", 1.21);
    json_set_number(metrics, "g_loss", NAN);
    json_set(line, "metrics", metrics);
    json_set_bool(line, "ok", true);
    json_set_string(line, "why", NULL);
    assert_text(
        line, 0,
        "{\"t\":1732370000.12,\"step\":120,\"metrics\":{\"d_loss\":1.21,\"g_loss\":\"NaN\"},"
        "\"ok\":true,\"why\":null}");
    json_free(line);
}

static void indented_text_has_one_value_a_line(void **state)
{
    (void)state;
    struct json *value = json_new_object(), *array = json_new_array();
    json_push_integer(array, 1);
    json_push_number(array, -0.5);
    json_push_string(array, "x");
    json_push(array, json_new_array());
    json_set(value, "a", array);
    json_set(value, "b", json_new_object());
    assert_text(value, 2,
                "{\n  \"a\": [\n    1,\n    -0.5,\n    \"x\",\n    []\n  ],\n  \"b\": {}\n}");
    json_free(value);
}

static void setting_a_key_again_replaces_its_value(void **state)
{
    (void)state;
    struct json *value = json_new_object();
    json_set_integer(value, "a", 1);
    json_set_string(value, "a", "two");
    assert_text(value, 0, "{\"a\":\"two\"}");
    json_free(value);
}

static void numbers_are_short_and_read_back_equal(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        { 0.1, "[0.1]" },
        { 1.0 / 3, "[0.3333333333333333]" },
        { 0.1 + 0.2, "[0.30000000000000004]" },
        { 0.3f, "[0.30000001192092896]" },
        { 5, "[5.0]" },
        { -0.0, "[-0.0]" },
        { 1e22, "[1e22]" },
        { 2e-4, "[0.0002]" },
        { 1.7976931348623157e308, "[1.7976931348623157e308]" },
        { 4.9406564584124654e-324, "[4.94065645841247e-324]" },
        { INFINITY, "[\"Infinity\"]" },
        { -INFINITY, "[\"-Infinity\"]" },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct json *array = json_new_array();
        double number;
        json_push_number(array, cases[i].number);
        assert_text(array, 0, cases[i].text);
        json_free(array);
        array = parsed(cases[i].text);
        assert_true(json_get_number(json_item(array, 0), &number));
        assert_memory_equal(&number, &cases[i].number, sizeof number);
        json_free(array);
    }
}

static void bytes_that_are_not_utf8_become_question_marks(void **state)
{
    (void)state;
    struct json *value = json_new_object();
    json_set_string(value, "a", "caf\xe9 \xc3\xa9 \xff\xfe \xef\xbf\xbd");
    json_set_string(value, "k\x80", "\xe2\x82");
    assert_text(value, 0, "{\"a\":\"caf? \xc3\xa9 ?? \xef\xbf\xbd\",\"k?\":\"??\"}");
    json_free(value);
}

static void control_characters_are_escaped(void **state)
{
    (void)state;
    struct json *value = json_new_array();
    json_push_string(value, "\x1b[2J\n\"\\\x7f");
    json_push_string(value, "\xc2\x9b"
                            "2J \xe2\x80\xae \xc3\xa9");
    json_push_string(value, "\xc3\xa9");
    assert_text(value, 0,
                "[\"\\u001B[2J\\n\\\"\\\\\\u007F\",\"\\u009B2J \\u202E \\u00E9\",\"\xc3\xa9\"]");
    json_free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_items_are_found_by_name_and_place),
        cmocka_unit_test(what_is_absent_or_of_another_kind_is_told_apart),
        cmocka_unit_test(pythons_bare_words_are_read_as_numbers),
        cmocka_unit_test(bare_words_within_strings_stay_as_they_are),
        cmocka_unit_test(bare_words_are_values_only),
        cmocka_unit_test(what_does_not_parse_says_where),
        cmocka_unit_test(an_error_carries_no_control_characters),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(whole_numbers_of_64_bits_are_exact),
        cmocka_unit_test(members_keep_the_order_of_the_text),
        cmocka_unit_test(a_journal_line_is_written_as_the_design_shows_it),
        cmocka_unit_test(indented_text_has_one_value_a_line),
        cmocka_unit_test(setting_a_key_again_replaces_its_value),
        cmocka_unit_test(numbers_are_short_and_read_back_equal),
        cmocka_unit_test(bytes_that_are_not_utf8_become_question_marks),
        cmocka_unit_test(control_characters_are_escaped),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
