#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "record/ini.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* The entries as lines "LINE SECTION KEY=VALUE", or "LINE [SECTION]" for a header. */
static const char *entries_of(const char *text, size_t size)
{
    struct ini_entry *entries;
    int count;
    if (ini_read(&arena, "settings 'a.ini'", text, size, &entries, &count) < 0)
        return error_text();
    const char *list = "";
    for (int i = 0; i < count; i++)
        list = entries[i].key
                   ? arena_printf(&arena, "%s%d %s %s=%s\n", list, entries[i].line,
                                  entries[i].section, entries[i].key, entries[i].value)
                   : arena_printf(&arena, "%s%d [%s]\n", list, entries[i].line, entries[i].section);
    return list;
}

static void assert_entries(const char *text, const char *expected)
{
    assert_string_equal(entries_of(text, strlen(text)), expected);
}

static void entries_come_in_order_with_their_lines(void **state)
{
    (void)state;
    assert_entries("", "");
    assert_entries("a=1", "1  a=1\n");
    assert_entries("[one]\na = 1\n\nb: 2\n[two]\na =\n[one]\na = 3 = 4\n",
                   "1 [one]\n2 one a=1\n4 one b=2\n5 [two]\n6 two a=\n7 [one]\n8 one a=3 = 4\n");
}

static void comments_blanks_and_line_ends_do_not_count(void **state)
{
    (void)state;
    assert_entries("\xEF\xBB\xBF# first line\r\n[ one ] ; why\r\n\r\n"
                   "\t a\t=  tiny word \t # inline\r\n;\r\n  ; c = 3\r\n  b=a;b#c\r\nd =#e # f",
                   "2 [one]\n4 one a=tiny word\n7 one b=a;b#c\n8 one d=#e\n");
}

static void an_indented_line_continues_the_value_above(void **state)
{
    (void)state;
    assert_entries("[one]\na =\n    dense 1568 # to a small image\n"
                   "    # comments may stand between\n\n"
                   "\t| reshape 32x7x7\n    | [tanh]\n    b = 64\n",
                   "1 [one]\n2 one a=dense 1568 | reshape 32x7x7 | [tanh]\n8 one b=64\n");
    assert_entries("a = 1\n[one]\n  b\n",
                   "settings 'a.ini' line 3: 'b' is neither '[section]' nor 'key = value'");
}

static void quotes_keep_what_would_begin_a_comment(void **state)
{
    (void)state;
    assert_entries("a = \"x ; y # z\"\n", "1  a=\"x ; y # z\"\n");
    assert_entries("a = \"x ; y\" ; why\nb: \"; #\"  # \"so\"\n", "1  a=\"x ; y\"\n2  b=\"; #\"\n");
    assert_entries("[s]\n\ta = \" x\ty \"\n", "1 [s]\n2 s a=\" x y \"\n");
    assert_entries("a = \"x \\\" ; \\\\\" ; y\"\n", "1  a=\"x \\\" ; \\\\\"\n");
    assert_entries("a = \"[x] = ; y\"\nb=1\n", "1  a=\"[x] = ; y\"\n2  b=1\n");
}

static void quotes_that_are_not_around_the_whole_keep_nothing(void **state)
{
    (void)state;
    assert_entries("a = \"x\" y ; z\"\n", "1  a=\"x\" y\n");
    assert_entries("a = y \"x ; z\"\n", "1  a=y \"x\n");
    assert_entries("a = \"x ; y\n", "1  a=\"x\n");
    assert_entries("a = x\n  b: \"y ; z\"\n", "1  a=x b: \"y\n");
    assert_entries("a ; = \"y\"\n",
                   "settings 'a.ini' line 1: 'a' is neither '[section]' nor 'key = value'");
    assert_entries("= \"y z\"\n", "settings 'a.ini' line 1: '= \"y z\"' has no key before its '='");
    assert_entries("[s] = \"y z\"\n", "settings 'a.ini' line 1: '[s] = \"y z\"' is not a section "
                                      "header: write '[section]' on a line of its own");
}

static void long_quotes_are_read_whole(void **state)
{
    (void)state;
    for (int before = 150; before < 400; before++) {
        char text[900], expected[900];
        snprintf(text, sizeof text, "a = \"%0*d ; # %0*d\" ; b", before, 1, 200, 2);
        snprintf(expected, sizeof expected, "1  a=\"%0*d ; # %0*d\"\n", before, 1, 200, 2);
        assert_entries(text, expected);
    }
}

static void unquoting_takes_one_pair_of_quotes_away(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "\"a ; b\"", "a ; b" }, { "\"\"", "" },
        { "\" a \"", " a " },     { "\"a \\\"b\\\" \\\\ \\n\"", "a \"b\" \\ \\n" },
        { "plain", "plain" },     { "", "" },
        { "\"a\" b", "\"a\" b" }, { "\"a\" \"b\"", "\"a\" \"b\"" },
        { "\"", "\"" },           { "\"a\\\"", "\"a\\\"" },
        { "a \"b\"", "a \"b\"" },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(ini_unquote(&arena, cases[i][0]), cases[i][1]);
}

/* As entries_of would write it: without comment, and closing blanks. */
static void cut(char *value)
{
    for (size_t i = 1; value[i]; i++)
        if (strchr(";#", value[i]) && value[i - 1] == ' ')
            value[i] = '\0';
    for (size_t length = strlen(value); length > 0 && value[length - 1] == ' ';)
        value[--length] = '\0';
}

/* Lengths around and beyond inih's 200 bytes a line put its seams at blanks, inside of words, and
 * before each character that means something at the start of a line. */
static void long_values_are_read_whole(void **state)
{
    (void)state;
    static const char *const units[] = { "a", "ab ", "; ", "x;", "[y]=z:", "# ", "| dense 12 " };
    for (int unit = 0; unit < ARRAY_SIZE(units); unit++) {
        for (int length = 150; length < 900; length += 7) {
            char value[1000] = "/", text[1100], expected[1100];
            for (size_t used = 1; used < (size_t)length; used += strlen(units[unit]))
                snprintf(value + used, sizeof value - used, "%s", units[unit]);
            snprintf(text, sizeof text, "[s]\na = %s\nb=7\n", value);
            cut(value);
            snprintf(expected, sizeof expected, "1 [s]\n2 s a=%s\n3 s b=7\n", value);
            assert_entries(text, expected);
        }
    }
}

static void blanks_at_the_seams_of_a_long_value_stay(void **state)
{
    (void)state;
    for (int before = 150; before < 250; before++) {
        char text[700], expected[700];
        snprintf(text, sizeof text, "a = %0*d   %0*d", before, 1, 200, 2);
        snprintf(expected, sizeof expected, "1  a=%0*d   %0*d\n", before, 1, 200, 2);
        assert_entries(text, expected);
    }
}

static void a_long_comment_is_no_value(void **state)
{
    (void)state;
    char text[2000], filler[600];
    memset(filler, 'c', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    snprintf(text, sizeof text, "a = 1 ; %s\n# %s\n   ; %s\n", filler, filler, filler);
    assert_entries(text, "1  a=1\n");
}

static void lines_that_are_neither_are_refused_with_their_number(void **state)
{
    (void)state;
    assert_entries("\n\n[one]\n\nname tiny\n[two]\n",
                   "settings 'a.ini' line 5: 'name tiny' is neither '[section]' nor 'key = value'");
    assert_entries("[one]\nname tiny",
                   "settings 'a.ini' line 2: 'name tiny' is neither '[section]' nor 'key = value'");
    assert_entries("[one]\n= tiny\n",
                   "settings 'a.ini' line 2: '= tiny' has no key before its '='");
}

static void headers_stand_alone_and_are_whole(void **state)
{
    (void)state;
    static const char *const bad[] = { "[one", "[one] a = 1", "[one]]", "[one][two]" };
    for (int i = 0; i < ARRAY_SIZE(bad); i++)
        assert_entries(bad[i], arena_printf(&arena,
                                            "settings 'a.ini' line 1: '%s' is not a section "
                                            "header: write '[section]' on a line of its own",
                                            bad[i]));
    assert_entries("[]", "settings 'a.ini' line 1: '[]' is not a section's name");
    assert_entries("[  ]", "settings 'a.ini' line 1: '[  ]' is not a section's name");
}

/* inih would cut names of 50 bytes and more. */
static void a_section_s_name_is_never_cut(void **state)
{
    (void)state;
    for (int length = 1; length < 300; length++) {
        char text[400];
        snprintf(text, sizeof text, "[%0*d]\na=1\n", length, 0);
        const char *result = entries_of(text, strlen(text));
        if (length <= 40)
            assert_string_equal(
                result, arena_printf(&arena, "1 [%0*d]\n2 %0*d a=1\n", length, 0, length, 0));
        else
            assert_non_null(strstr(result, "is not a section's name"));
    }
}

static void an_endless_word_is_refused_in_a_short_sentence(void **state)
{
    (void)state;
    static char text[60000];
    memset(text, 'a', sizeof text - 1);
    const char *sentence = entries_of(text, strlen(text));
    assert_non_null(strstr(sentence, "is neither '[section]' nor 'key = value'"));
    assert_true(strlen(sentence) < 200);
}

static void bytes_that_are_not_text_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *place;
    } cases[] = {
        { "[one]\na = a\0b\n", 13, "line 2: byte 6 (0x00)" },
        { "[one]\na = \x1b[2Jtiny\n", 18, "line 2: byte 5 (0x1B)" },
        { "[one]\na = caf\xE9\n", 14, "line 2: byte 8 (0xE9)" },
        { "[one]\ra = old\r", 14, "line 1: byte 6 (0x0D)" },
        { "a = \xE2\x80\xAE!", 8, "line 1: byte 5 (0xE2)" },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(entries_of(cases[i].text, cases[i].size),
                            arena_printf(&arena,
                                         "settings 'a.ini' %s is not text: a control character, "
                                         "or not UTF-8",
                                         cases[i].place));
    assert_entries("a = caf\xC3\xA9", "1  a=caf\xC3\xA9\n");
}

#define RELEASED(test) cmocka_unit_test_teardown(test, release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RELEASED(entries_come_in_order_with_their_lines),
        RELEASED(comments_blanks_and_line_ends_do_not_count),
        RELEASED(an_indented_line_continues_the_value_above),
        RELEASED(quotes_keep_what_would_begin_a_comment),
        RELEASED(quotes_that_are_not_around_the_whole_keep_nothing),
        RELEASED(long_quotes_are_read_whole),
        RELEASED(unquoting_takes_one_pair_of_quotes_away),
        RELEASED(long_values_are_read_whole),
        RELEASED(blanks_at_the_seams_of_a_long_value_stay),
        RELEASED(a_long_comment_is_no_value),
        RELEASED(lines_that_are_neither_are_refused_with_their_number),
        RELEASED(headers_stand_alone_and_are_whole),
        RELEASED(a_section_s_name_is_never_cut),
        RELEASED(an_endless_word_is_refused_in_a_short_sentence),
        RELEASED(bytes_that_are_not_text_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
