#define _GNU_SOURCE
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "testing.h"

struct field {
    int number;
    const char *name;
};

static const struct field fields[] = {
    { 1, "objective" }, { 2, "penalty" }, { 3, NULL }, { 4, "rate" }, { 5, "d_rate" },
};

static const char *nearest(const char *word)
{
    return text_nearest(word, &fields[0].name, ARRAY_SIZE(fields), sizeof fields[0]);
}

static void typos_find_what_was_meant(void **state)
{
    (void)state;
    assert_string_equal(nearest("obejctive"), "objective");
    assert_string_equal(nearest("Objectve"), "objective");
    assert_string_equal(nearest("rat"), "rate");
    assert_string_equal(nearest("d-rate"), "d_rate");
    assert_string_equal(nearest("penatly"), "penalty");
    assert_string_equal(nearest("rate"), "rate");
}

static void words_far_from_all_find_nothing(void **state)
{
    char endless[1000];
    (void)state;
    memset(endless, 'a', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    assert_null(nearest("momentum"));
    assert_null(nearest("xy"));
    assert_null(nearest(""));
    assert_null(nearest(endless));
    assert_null(text_nearest("rate", &fields[0].name, 0, sizeof fields[0]));
}

static void assert_cleaned(const char *text, const char *expected)
{
    struct arena arena = { 0 };
    assert_string_equal(text_clean(&arena, text, 1000), expected);
    arena_release(&arena);
}

static void cleaning_takes_the_teeth_out_of_escape_sequences(void **state)
{
    (void)state;
    assert_cleaned("plain caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa6\xa2",
                   "plain caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa6\xa2");
    assert_cleaned("\x1b[2J\x07\r\n\t\x7f", "?[2J?????");
    assert_cleaned("\xc2\x9b"
                   "2J",
                   "?2J");
    assert_cleaned("a\xe2\x80\xae"
                   "b\xe2\x81\xa6"
                   "c\xe2\x80\xa8",
                   "a?b?c?");
    assert_cleaned("\xff\xc0\x80", "???");
}

static void cleaning_reads_no_more_than_its_limit(void **state)
{
    const char open_end[4] = { 'a', 'b', '\xc3', '\xa9' };
    struct arena arena = { 0 };
    (void)state;
    assert_string_equal(text_clean(&arena, open_end, 4), "ab\xc3\xa9");
    assert_string_equal(text_clean(&arena, open_end, 3), "ab?");
    assert_string_equal(text_clean(&arena, open_end, 0), "");
    arena_release(&arena);
}

static void every_character_survives_encoding(void **state)
{
    (void)state;
    for (uint32_t character = 1; character <= 0x10FFFF; character++) {
        char bytes[5];
        const char *rest = bytes;
        if (character >= 0xD800 && character < 0xE000)
            continue;
        int length = text_encode(character, bytes);
        if (text_next(&rest) != character || rest != bytes + length || *rest != '\0')
            fail_msg("U+%04X", (unsigned)character);
    }
}

/* Each is refused a byte at a time, and nothing behind the closing zero is read. */
static void bytes_that_are_not_utf8_are_replaced_one_by_one(void **state)
{
    static const char *const bad[] = {
        "\x80",             /* a tail without a lead */
        "\xc3",             /* cut short */
        "\xe2\x82",         /* cut short */
        "\xf0\x9f\xa6",     /* cut short */
        "\xc0\xaf",         /* '/' in two bytes */
        "\xe0\x80\xaf",     /* '/' in three bytes */
        "\xf0\x80\x80\xaf", /* '/' in four bytes */
        "\xed\xa0\x80",     /* half of a surrogate pair */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80", /* beyond U+10FFFF */
        "\xfe\xff",         /* never in UTF-8 */
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        const char *rest = bad[i];
        for (size_t j = 0; j < strlen(bad[i]); j++) {
            assert_int_equal(text_next(&rest), 0xFFFD);
            assert_ptr_equal(rest, bad[i] + j + 1);
        }
        assert_int_equal(text_next(&rest), 0);
        assert_ptr_equal(rest, bad[i] + strlen(bad[i]));
    }
}

static void columns_are_those_of_the_terminal(void **state)
{
    (void)state;
    assert_int_equal(text_columns(""), 0);
    assert_int_equal(text_columns("caf\xc3\xa9"), 4);
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    assert_int_equal(text_columns("caf\xc3\xa9"), 4);
    assert_int_equal(text_columns("cafe\xcc\x81"), 4);
    assert_int_equal(text_columns("\xe9\xb5\x9d\xe9\xb3\xa5"), 4);
    setlocale(LC_CTYPE, "C");
}

static void durations_bytes_and_counts_read_well(void **state)
{
    static const struct {
        char *(*format)(struct arena *arena, double value);
        double value;
        const char *text;
    } cases[] = {
        { format_duration, 0, "0.0 s" },
        { format_duration, 9.94, "9.9 s" },
        { format_duration, 9.96, "10 s" },
        { format_duration, 48.2, "48 s" },
        { format_duration, 59.6, "1:00" },
        { format_duration, 187, "3:07" },
        { format_duration, 3599.7, "1:00:00" },
        { format_duration, 8109, "2:15:09" },
        { format_duration, 86400, "1 d 0 h" },
        { format_duration, 3 * 86400 + 4 * 3600 + 59, "3 d 4 h" },
        { format_duration, -1, "?" },
        { format_duration, NAN, "?" },
        { format_duration, INFINITY, "?" },
        { format_bytes, 0, "0 B" },
        { format_bytes, 812, "812 B" },
        { format_bytes, 999.6, "1.0 kB" },
        { format_bytes, 1.44e6, "1.4 MB" },
        { format_bytes, 99.6e6, "100 MB" },
        { format_bytes, 7e18, "7000 PB" },
        { format_count, 0, "0" },
        { format_count, 999, "999" },
        { format_count, 1024, "1,024" },
        { format_count, -1234567, "-1,234,567" },
        { format_count, -123, "-123" },
        { format_count, 1e15, "1,000,000,000,000,000" },
    };
    struct arena arena = { 0 };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(cases[i].format(&arena, cases[i].value), cases[i].text);
    size_t digits = 309;
    assert_int_equal(strlen(format_count(&arena, 1.7e308)), digits + (digits - 1) / 3);
    arena_release(&arena);
}

static void numbers_are_the_whole_text_or_nothing(void **state)
{
    static const char *const no_numbers[] = {
        "", " 1", "1 ", "1x", "x", "--1", "1e999", "-1e999", "nan", "inf", "1,5", "1.5.2",
    };
    static const char *const no_integers[] = {
        "", " 1", "1 ", "1.0", "1e3", "0x10", "9223372036854775808", "-9223372036854775809", "+-1",
    };
    double real = 7;
    int64_t integer = 7;
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(no_numbers); i++)
        assert_int_equal(parse_real(no_numbers[i], &real), ERR_INVALID);
    for (int i = 0; i < ARRAY_SIZE(no_integers); i++)
        assert_int_equal(parse_integer(no_integers[i], &integer), ERR_INVALID);
    assert_string_equal(error_text(), "'+-1' is not a whole number");
    assert_true(real == 7);
    assert_int_equal(integer, 7);
}

static void numbers_keep_their_value(void **state)
{
    double real;
    int64_t integer;
    (void)state;
    assert_int_equal(parse_real("-2.5e-4", &real), 0);
    assert_true(real == -2.5e-4);
    assert_int_equal(parse_real("1e-400", &real), 0);
    assert_true(real == 0);
    assert_int_equal(parse_integer("-9223372036854775808", &integer), 0);
    assert_true(integer == INT64_MIN);
    assert_int_equal(parse_integer("9223372036854775807", &integer), 0);
    assert_true(integer == INT64_MAX);
    assert_int_equal(parse_integer("007", &integer), 0);
    assert_int_equal(integer, 7);
}

static void reals_are_short_and_exact(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 60000, "60000" },
        { 1000, "1000" },
        { -5, "-5" },
        { 0, "0" },
        { 0.1, "0.1" },
        { 1e-4, "0.0001" },
        { 2e-5, "2e-05" },
        { 1e20, "1e+20" },
        { 1.0 / 3, "0.3333333333333333" },
        { 1234567.5, "1234567.5" },
    };
    struct arena arena = { 0 };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        double again;
        assert_string_equal(format_real(&arena, cases[i].value), cases[i].text);
        assert_int_equal(parse_real(cases[i].text, &again), 0);
        assert_true(again == cases[i].value);
    }
    arena_release(&arena);
}

/* The lines that a text is folded to, with a bar between two. */
static char *folded(struct arena *arena, const char *text, int columns)
{
    char *lines = arena_strdup(arena, "");
    while (*text) {
        const char *next;
        int length = (int)text_fitting(text, columns, &next);
        assert_true(length > 0);
        lines = arena_printf(arena, "%s%s%.*s", lines, *lines ? "|" : "", length, text);
        text = next;
    }
    return lines;
}

static void text_is_folded_at_blanks(void **state)
{
    struct arena arena = { 0 };
    (void)state;
    assert_string_equal(folded(&arena, "one two three", 80), "one two three");
    assert_string_equal(folded(&arena, "one two three", 7), "one two|three");
    assert_string_equal(folded(&arena, "one  two three", 8), "one  two|three");
    assert_string_equal(folded(&arena, "incomprehensible", 6), "incomp|rehens|ible");
    assert_string_equal(folded(&arena, "a incomprehensible", 6), "a|incomp|rehens|ible");
    assert_string_equal(folded(&arena, "\u00e9t\u00e9 \u6f22\u5b57", 4),
                        "\u00e9t\u00e9|\u6f22\u5b57");
    assert_string_equal(folded(&arena, "\u6f22\u5b57", 1), "\u6f22|\u5b57");
    assert_string_equal(folded(&arena, "abc", 0), "a|b|c");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_are_short_and_exact),
        cmocka_unit_test(typos_find_what_was_meant),
        cmocka_unit_test(words_far_from_all_find_nothing),
        cmocka_unit_test(cleaning_takes_the_teeth_out_of_escape_sequences),
        cmocka_unit_test(cleaning_reads_no_more_than_its_limit),
        cmocka_unit_test(every_character_survives_encoding),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced_one_by_one),
        cmocka_unit_test(columns_are_those_of_the_terminal),
        cmocka_unit_test(durations_bytes_and_counts_read_well),
        cmocka_unit_test(numbers_are_the_whole_text_or_nothing),
        cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(text_is_folded_at_blanks),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
