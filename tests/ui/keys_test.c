#define _GNU_SOURCE
#include "ui/keys.h"

#include <string.h>

#include "testing.h"

struct rig {
    struct input_reader reader;
    struct arena arena;
    double now;
};

static int open_rig(void **state)
{
    struct rig *rig = xcalloc(1, sizeof *rig);
    input_reader_init(&rig->reader);
    rig->now = 100;
    *state = rig;
    return 0;
}

static int close_rig(void **state)
{
    struct rig *rig = *state;
    input_reader_release(&rig->reader);
    arena_release(&rig->arena);
    free(rig);
    return 0;
}

static void feed(struct rig *rig, const char *bytes)
{
    input_feed(&rig->reader, bytes, (int)strlen(bytes), rig->now);
}

/* All that is there now, as text: "a Down <3,4 L> paste(x)". */
static const char *read_all(struct rig *rig)
{
    struct input input;
    char *text = arena_strdup(&rig->arena, "");
    while (input_next(&rig->reader, rig->now, &input)) {
        const char *one = "?";
        if (input.kind == INPUT_KEY)
            one = key_text(&rig->arena, input.key);
        else if (input.kind == INPUT_MOUSE)
            one = arena_printf(&rig->arena, "<%d,%d %d %d>", input.x, input.y, (int)input.button,
                               (int)input.motion);
        else if (input.kind == INPUT_CURSOR)
            one = arena_printf(&rig->arena, "at(%d,%d)", input.x, input.y);
        else
            one =
                arena_printf(&rig->arena, "%d(%s)", (int)input.kind, input.text ? input.text : "");
        text = arena_printf(&rig->arena, "%s%s%s", text, *text ? " " : "", one);
    }
    return text;
}

#define assert_reads(rig, bytes, expected)                                                         \
    do {                                                                                           \
        feed(rig, bytes);                                                                          \
        assert_string_equal(read_all(rig), expected);                                              \
    } while (0)

static void characters_are_keys(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "aZ é€", "a Z Space é €");
    assert_reads(rig, "\r\t\x7f\x01\x1a", "Enter Tab Backspace ^A ^Z");
}

static void sequences_are_keys_in_all_their_forms(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "\033[A\033OB\033[1;2C\033[1;2D", "Up Down S-Right S-Left");
    assert_reads(rig, "\033[5~\033[6~\033[3~\033[1~\033[4~\033[H\033OF",
                 "PgUp PgDn Del Home End Home End");
    assert_reads(rig, "\033[Z\033OP\033[15~\033[[A\033[24~", "BackTab F1 F5 F1 F12");
}

static void a_lone_escape_is_a_key_after_a_while(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "\033", "");
    int wait = input_wait_ms(&rig->reader, rig->now);
    assert_in_range(wait, 1, 50);
    rig->now += wait / 1000.0;
    assert_string_equal(read_all(rig), "Esc");
    assert_int_equal(input_wait_ms(&rig->reader, rig->now), -1);
}

static void a_sequence_that_the_line_tore_is_put_together(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "\033", "");
    rig->now += 0.02;
    assert_reads(rig, "[", "");
    rig->now += 0.5; /* nobody types ESC [ and waits */
    assert_string_equal(read_all(rig), "");
    assert_reads(rig, "A", "Up");
}

static void what_follows_a_slow_escape_is_no_text(void **state)
{
    struct rig *rig = *state;
    feed(rig, "\033");
    rig->now += 0.2;
    assert_string_equal(read_all(rig), "Esc");
    rig->now += 0.1;
    assert_reads(rig, "[B", "Down");
    rig->now += 5;
    assert_reads(rig, "[B", "[ B");
}

static void a_torn_character_is_put_together(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "\xe2\x82", "");
    assert_reads(rig, "\xac", "€");
    assert_reads(rig, "\xff\x80x", "\xef\xbf\xbd \xef\xbf\xbd x");
}

static void the_mouse_is_read(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "\033[<0;10;5M\033[<32;11;5M\033[<0;11;5m",
                 "<9,4 0 0> <10,4 0 1> <10,4 0 2>");
    assert_reads(rig, "\033[<64;1;1M\033[<65;1;1M", "<0,0 3 0> <0,0 4 0>");
    assert_reads(rig, "\033[<1M", "");
}

static void answers_are_no_keys_however_late(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "a\033[?62;4;22cb", "a 4(62;4;22) b");
    assert_reads(rig, "\033[12;34R", "at(33,11)");
    assert_reads(rig, "\033]11;rgb:ffff/ffff/dddd\033\\x", "6(rgb:ffff/ffff/dddd) x");
    assert_reads(rig, "\033]11;rgb:0000/0000/0000\007", "6(rgb:0000/0000/0000)");
    assert_reads(rig, "\033_Gi=31;OK\033\\", "5(OK)");
    assert_reads(rig, "\033[6;16;8t", "7()");
    assert_reads(rig, "\033[I\033[O", "");
    feed(rig, "\033]11;rgb:0000/");
    rig->now += 0.5;
    assert_string_equal(read_all(rig), "");
    assert_reads(rig, "0000/0000\007q", "6(rgb:0000/0000/0000) q");
}

static void pasted_text_is_not_typed(void **state)
{
    struct rig *rig = *state;
    assert_reads(rig, "\033[200~q\033[AZ\r\033[201~j", "2(q\033[AZ\r) j");
    assert_reads(rig, "\033[200~half", "");
    assert_reads(rig, " done\033[201~", "2(half done)");
}

static void garbage_ends(void **state)
{
    struct rig *rig = *state;
    char garbage[300];
    for (int i = 0; i < (int)sizeof garbage - 1; i++)
        garbage[i] = (char)(1 + i * 37 % 255);
    garbage[sizeof garbage - 1] = '\0';
    for (int i = 0; i < 300; i++) {
        feed(rig, garbage);
        read_all(rig);
        rig->now += 0.01;
    }
    rig->now += 20;
    read_all(rig);
    feed(rig, "\033\\");
    read_all(rig);
    rig->now += 2;
    read_all(rig);
    assert_reads(rig, "j", "j");
}

static void terminals_have_sequences_of_their_own(void **state)
{
    static const char *const own[][2] = { { "\033[7$", "S-Left" }, { "\033#u", "Up" }, { 0, 0 } };
    struct rig *rig = *state;
    rig->reader.sequences = own;
    assert_reads(rig, "\033[7$\033#u", "S-Left Up");
}

static void names_are_read_back(void **state)
{
    static const uint32_t keys[] = { 'j',          ' ',         KEY_ESCAPE, KEY_RETURN,
                                     KEY_ARROW_UP, KEY_F1 + 11, KEY_DELETE, 12,
                                     0x20AC,       '^',         KEY_RUBOUT };
    struct rig *rig = *state;
    for (int i = 0; i < ARRAY_SIZE(keys); i++)
        assert_int_equal(key_parse(key_text(&rig->arena, keys[i])), keys[i]);
    assert_int_equal(key_parse("F13"), 0);
    assert_int_equal(key_parse("Foo"), 0);
    assert_int_equal(key_parse(""), 0);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, open_rig, close_rig)

/* What is longer than the reader's room comes in parts, and none of it is typed. */
static void a_long_paste_is_not_typed(void **state)
{
    enum { LONG = 5 * INPUT_ROOM / 2 };
    struct rig *rig = *state;
    struct input input;
    size_t pasted = 0;
    char *text = xmalloc(LONG + 32);
    static const char begin[] = "\033[200~", end[] = "\033[201~q";
    memcpy(text, begin, strlen(begin));
    memset(text + strlen(begin), 'D', LONG);
    memcpy(text + strlen(begin) + LONG, end, strlen(end));
    int length = LONG + (int)(strlen(begin) + strlen(end));
    for (int at = 0; at < length;) {
        int count = MIN(MIN(length - at, 1000), INPUT_ROOM - rig->reader.count);
        input_feed(&rig->reader, text + at, count, rig->now);
        at += count;
        while (at < length && input_next(&rig->reader, rig->now, &input)) {
            assert_int_equal(input.kind, INPUT_PASTE);
            pasted += strlen(input.text);
        }
    }
    assert_true(input_next(&rig->reader, rig->now, &input));
    assert_int_equal(input.kind, INPUT_PASTE);
    pasted += strlen(input.text);
    assert_int_equal(pasted, LONG);
    assert_string_equal(read_all(rig), "q");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(characters_are_keys),
        WITH_RIG(sequences_are_keys_in_all_their_forms),
        WITH_RIG(a_lone_escape_is_a_key_after_a_while),
        WITH_RIG(a_sequence_that_the_line_tore_is_put_together),
        WITH_RIG(what_follows_a_slow_escape_is_no_text),
        WITH_RIG(a_torn_character_is_put_together),
        WITH_RIG(the_mouse_is_read),
        WITH_RIG(answers_are_no_keys_however_late),
        WITH_RIG(pasted_text_is_not_typed),
        WITH_RIG(a_long_paste_is_not_typed),
        WITH_RIG(garbage_ends),
        WITH_RIG(terminals_have_sequences_of_their_own),
        WITH_RIG(names_are_read_back),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
