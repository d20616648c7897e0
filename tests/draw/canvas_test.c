#define _GNU_SOURCE
#include "draw/canvas.h"

#include <locale.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "testing.h"

static const struct style plain;

static struct terminal terminal_with(enum colour_depth colours, bool utf8)
{
    return (struct terminal){ .utf8 = utf8, .colours = colours, .columns = 80, .rows = 24 };
}

/* What canvas_print writes, in a buffer that the next call overwrites. */
static const char *printed(const struct canvas *canvas, enum colour_depth colours, bool utf8)
{
    static char text[1 << 16];
    struct terminal terminal = terminal_with(colours, utf8);
    text[0] = '\0'; /* the stream writes none if it got nothing */
    FILE *stream = fmemopen(text, sizeof text, "w");
    canvas_print(canvas, stream, &terminal);
    fclose(stream);
    return text;
}

static struct style coloured(uint32_t foreground, uint32_t background)
{
    return (struct style){ foreground, background, 0 };
}

static void canvas_clips_whatever_is_outside(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, 4, 2);
    canvas_fill(&canvas, (struct rect){ -1000, -5, 1002, 6 }, 'a', plain);
    canvas_fill(&canvas, (struct rect){ 3, 1, INT_MAX, INT_MAX }, 'b', plain);
    canvas_fill(&canvas, (struct rect){ 0, 0, -3, 2 }, 'c', plain);
    canvas_fill(&canvas, (struct rect){ INT_MAX, INT_MAX, INT_MAX, INT_MAX }, 'c', plain);
    canvas_put(&canvas, 4, 0, 'd', plain);
    canvas_put(&canvas, -1, 1, 'd', plain);
    canvas_put(&canvas, 0, INT_MIN, 'd', plain);
    canvas_text(&canvas, (struct rect){ 2, 2, 5, 1 }, "below", plain);
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), "aa\n   b\n");
    assert_null(canvas_at(&canvas, 4, 0));
    canvas_release(&canvas);
}

static void canvas_of_no_size_prints_nothing(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, -3, 0);
    canvas_put(&canvas, 0, 0, 'x', plain);
    assert_string_equal(printed(&canvas, COLOUR_TRUE, true), "");
    canvas_release(&canvas);
}

static void canvas_text_marks_what_was_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int width, columns;
        const char *shown;
    } cases[] = {
        { "hello", 5, 5, "hello" },   { "hello!", 5, 5, "hell…" }, { "", 5, 0, "" },
        { "hello", 0, 0, "" },        { "héllo", 3, 3, "hé…" },    { "数字", 4, 4, "数字" },
        { "数字", 3, 3, "数…" },      { "a数字", 4, 4, "a数…" },   { "数", 1, 1, "…" },
        { "e\xCC\x81t", 2, 2, "et" }, /* a combining accent is left out */
        { "ab\xCC\x81", 2, 2, "ab" }, { "ab", 1, 1, "…" },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct canvas canvas;
        char expected[64];
        canvas_init(&canvas, 8, 1);
        assert_int_equal(
            canvas_text(&canvas, (struct rect){ 0, 0, cases[i].width, 1 }, cases[i].text, plain),
            cases[i].columns);
        snprintf(expected, sizeof expected, "%s\n", cases[i].shown);
        assert_string_equal(printed(&canvas, COLOUR_NONE, true), expected);
        canvas_release(&canvas);
    }
}

static void canvas_lets_no_text_move_the_cursor(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, 40, 1);
    canvas_text(&canvas, canvas_bounds(&canvas),
                "a\033[2Jb\rc\nd\te\x7F\xC2\x9B"
                "f\xFFg\xE2\x80\xAEh\xE2\x80\xA8i",
                plain);
    assert_string_equal(printed(&canvas, COLOUR_TRUE, true), "a?[2Jb?c?d?e??f?g?h?i\n");
    canvas_release(&canvas);
}

static void canvas_breaks_a_wide_character_that_is_half_overwritten(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, 6, 1);
    canvas_text(&canvas, canvas_bounds(&canvas), "数字数", plain);
    canvas_put(&canvas, 1, 0, 'x', plain);
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), " x字数\n");
    canvas_put(&canvas, 2, 0, 'y', plain);
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), " xy 数\n");
    canvas_put(&canvas, 3, 0, 0x6570, plain); /* over a blank and a wide one's left half */
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), " xy数\n");
    canvas_put(&canvas, 5, 0, 0x6570, plain); /* its right half would be outside */
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), " xy数\n");
    canvas_release(&canvas);
}

static void canvas_copies_a_part(void **state)
{
    (void)state;
    struct canvas from, to;
    canvas_init(&from, 6, 2);
    canvas_init(&to, 5, 2);
    canvas_text(&from, canvas_bounds(&from), "a数字b", plain);
    canvas_text(&from, (struct rect){ 0, 1, 6, 1 }, "123456", plain);
    canvas_copy(&to, 0, 0, &from, (struct rect){ 2, 0, 2, 2 }); /* both wide ones are cut */
    assert_string_equal(printed(&to, COLOUR_NONE, true), "\n34\n");
    canvas_copy(&to, 1, 0, &from, (struct rect){ -1, 0, 100, 1 });
    assert_string_equal(printed(&to, COLOUR_NONE, true), "  a数\n34\n");
    canvas_release(&from);
    canvas_release(&to);
}

static void canvas_draws_frames(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, 5, 3);
    canvas_frame(&canvas, canvas_bounds(&canvas), plain);
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), "┌───┐\n│   │\n└───┘\n");
    assert_string_equal(printed(&canvas, COLOUR_NONE, false), "+---+\n|   |\n+---+\n");
    canvas_release(&canvas);
}

static void canvas_prints_few_escapes_and_resets_each_line(void **state)
{
    (void)state;
    struct canvas canvas;
    struct style bold = { colour_ansi(1), COLOUR_DEFAULT, STYLE_BOLD };
    canvas_init(&canvas, 8, 3);
    canvas_text(&canvas, (struct rect){ 0, 0, 2, 1 }, "ab", coloured(colour_ansi(2), 0));
    canvas_text(&canvas, (struct rect){ 3, 0, 2, 1 }, "cd", coloured(colour_ansi(2), 0));
    canvas_text(&canvas, (struct rect){ 0, 1, 2, 1 }, "ef", bold);
    canvas_text(&canvas, (struct rect){ 2, 1, 2, 1 }, "gh", coloured(colour_ansi(1), 0));
    canvas_fill(&canvas, (struct rect){ 0, 2, 2, 1 }, ' ', coloured(0, colour_ansi(12)));
    assert_string_equal(printed(&canvas, COLOUR_16, true), "\033[32mab cd\033[m\n"
                                                           "\033[1;31mef\033[0;31mgh\033[m\n"
                                                           "\033[104m  \033[m\n");
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), "ab cd\nefgh\n\n");
    canvas_release(&canvas);
}

static void canvas_reduces_colours_to_what_is_there(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, 1, 1);
    canvas_put(&canvas, 0, 0, 'x', coloured(colour_rgb(255, 0, 0), colour_grey(59)));
    assert_string_equal(printed(&canvas, COLOUR_TRUE, true),
                        "\033[38;2;255;0;0;48;2;59;59;59mx\033[m\n");
    assert_string_equal(printed(&canvas, COLOUR_256, true), "\033[38;5;196;48;5;237mx\033[m\n");
    assert_string_equal(printed(&canvas, COLOUR_16, true), "\033[31;100mx\033[m\n");
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), "x\n");
    canvas_release(&canvas);
}

static void canvas_shows_half_blocks_without_colour(void **state)
{
    (void)state;
    struct canvas canvas;
    uint32_t black = colour_grey(0), white = colour_grey(255);
    canvas_init(&canvas, 4, 1);
    canvas_put(&canvas, 0, 0, 0x2580, coloured(white, black));
    canvas_put(&canvas, 1, 0, 0x2580, coloured(black, white));
    canvas_put(&canvas, 2, 0, 0x2580, coloured(white, white));
    canvas_put(&canvas, 3, 0, 0x2580, coloured(black, black));
    assert_string_equal(printed(&canvas, COLOUR_NONE, true), "▀▄█\n");
    canvas_release(&canvas);
}

static void canvas_prints_nothing_that_a_plain_terminal_cannot_show(void **state)
{
    (void)state;
    struct random random;
    struct canvas canvas;
    random_seed(&random, 3, 1);
    canvas_init(&canvas, 60, 20);
    for (int i = 0; i < 20000; i++) {
        struct style style = { colour_ansi((int)random_below(&random, 16)),
                               colour_fixed((int)random_below(&random, 256)),
                               random_below(&random, 32) };
        uint32_t top = i % 2 ? 0x3000 : 0x110000;
        canvas_put(&canvas, (int)random_below(&random, 64) - 2, (int)random_below(&random, 24) - 2,
                   random_below(&random, top), style);
    }
    for (const char *at = printed(&canvas, COLOUR_NONE, false); *at; at++)
        assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7F));
    const char *at = printed(&canvas, COLOUR_TRUE, true);
    for (int columns = 0; *at;) {
        uint32_t character = text_next(&at);
        assert_int_not_equal(character, 0xFFFD);
        if (character == '\033')
            at += strcspn(at, "m") + 1;
        columns = character == '\n' ? 0 : columns + (character != '\033');
        assert_true(columns <= 60);
    }
    canvas_release(&canvas);
}

static void colour_greys_are_the_nearest_of_the_fixed_ones(void **state)
{
    (void)state;
    static const int cube[] = { 0, 95, 135, 175, 215, 255 };
    for (int level = 0; level < 256; level++) {
        int index = (int)(colour_reduce(colour_grey((uint8_t)level), COLOUR_256) & 255);
        int nearest = 255;
        for (int i = 0; i < 24; i++)
            nearest = MIN(nearest, abs(8 + 10 * i - level));
        for (int i = 0; i < ARRAY_SIZE(cube); i++)
            nearest = MIN(nearest, abs(cube[i] - level));
        int step = (index - 16) / 43; /* 43 = 36 + 6 + 1: the greys of the cube */
        assert_true(index >= 232 || (index - 16) % 43 == 0);
        int chosen = index >= 232 ? 8 + 10 * (index - 232) : cube[step];
        assert_int_equal(abs(chosen - level), nearest);
    }
}

static void colour_keeps_what_the_theme_defines(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++) {
        assert_int_equal(colour_reduce(colour_ansi(i), COLOUR_16), colour_ansi(i));
        assert_int_equal(colour_reduce(colour_ansi(i), COLOUR_TRUE), colour_ansi(i));
        assert_int_equal(colour_reduce(colour_ansi(i), COLOUR_NONE), COLOUR_DEFAULT);
        assert_int_equal(colour_luma(colour_ansi(i)), -1);
    }
    assert_int_equal(colour_reduce(COLOUR_DEFAULT, COLOUR_16), COLOUR_DEFAULT);
    assert_int_equal(colour_luma(colour_grey(77)), 77);
}

/* What pictures and gauges are made of says something in ASCII, too. */
static void canvas_has_ascii_for_what_is_drawn(void **state)
{
    (void)state;
    static const uint32_t characters[] = { 0x2580, 0x2584, 0x258C, 0x2590, 0x250A,
                                           0x25C9, 0x25CB, 0x25CF, 0xB7 };
    for (int i = 0; i < ARRAY_SIZE(characters); i++)
        assert_true(canvas_ascii(characters[i]) != '?');
    for (uint32_t character = 0x1FB00; character <= 0x1FB3B; character++)
        assert_non_null(strchr("\"-*_:=#", canvas_ascii(character)));
    assert_int_equal(canvas_ascii(0x1FB00), '"'); /* the upper left dot alone */
    assert_int_equal(canvas_ascii(0x1FB02), '"'); /* both upper ones */
    assert_int_equal(canvas_ascii(0x1FB2D), '_'); /* both lower ones */
    assert_int_equal(canvas_ascii(0x1FB3B), '#'); /* all but the upper left */
    assert_int_equal(canvas_ascii(0x1FB3C), '?'); /* no sextant any more */
}

static void add_pixels(struct canvas *canvas, struct rect cells, uint8_t grey)
{
    uint8_t pixels[2 * 3];
    memset(pixels, grey, sizeof pixels);
    canvas_add_pixels(canvas, cells, pixels, 2, 3, false);
}

static void canvas_keeps_pixels_for_cells_that_are_there(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, 10, 5);
    add_pixels(&canvas, (struct rect){ 0, 0, 10, 5 }, 7);
    assert_int_equal(canvas.pixels_count, 1);
    assert_int_equal(canvas.pixels[0].width, 3);
    assert_int_equal(canvas.pixels[0].height, 2);
    assert_int_equal(canvas.pixels[0].pixels[5], 7);
    add_pixels(&canvas, (struct rect){ -1, 0, 3, 2 }, 7);
    add_pixels(&canvas, (struct rect){ 8, 0, 3, 2 }, 7);
    add_pixels(&canvas, (struct rect){ 2, 4, 3, 2 }, 7);
    add_pixels(&canvas, (struct rect){ 2, 2, 0, 2 }, 7);
    canvas_add_pixels(&canvas, (struct rect){ 2, 2, 2, 2 }, NULL, 0, 0, false);
    assert_int_equal(canvas.pixels_count, 1);
    canvas_release(&canvas);
    assert_null(canvas.pixels);
}

static void canvas_fill_takes_away_the_pixels_that_it_touches(void **state)
{
    (void)state;
    struct canvas canvas;
    canvas_init(&canvas, 10, 5);
    for (int x = 0; x < 9; x += 3)
        add_pixels(&canvas, (struct rect){ x, 1, 3, 2 }, (uint8_t)x);
    canvas_fill(&canvas, (struct rect){ 4, 2, 1, 1 }, ' ', (struct style){ 0 });
    assert_int_equal(canvas.pixels_count, 2);
    assert_int_equal(canvas.pixels[1].cells.x, 6);
    canvas_fill(&canvas, (struct rect){ 0, 3, 10, 2 }, ' ', (struct style){ 0 });
    assert_int_equal(canvas.pixels_count, 2);
    canvas_clear_pixels(&canvas, canvas_bounds(&canvas));
    assert_int_equal(canvas.pixels_count, 0);
    canvas_release(&canvas);
}

static void canvas_copies_pixels_that_are_wholly_inside(void **state)
{
    (void)state;
    struct canvas from, to;
    canvas_init(&from, 10, 5);
    canvas_init(&to, 8, 8);
    add_pixels(&from, (struct rect){ 0, 0, 3, 2 }, 1);
    add_pixels(&from, (struct rect){ 4, 1, 3, 2 }, 2);
    add_pixels(&to, (struct rect){ 2, 2, 2, 2 }, 3); /* is overwritten */
    add_pixels(&to, (struct rect){ 0, 0, 8, 1 }, 4);
    canvas_copy(&to, 1, 2, &from, (struct rect){ 1, 0, 7, 4 });
    assert_int_equal(to.pixels_count, 2);
    assert_int_equal(to.pixels[0].pixels[0], 4);
    assert_int_equal(to.pixels[1].pixels[0], 2);
    assert_memory_equal(&to.pixels[1].cells, (&(struct rect){ 4, 3, 3, 2 }), sizeof(struct rect));
    canvas_copy(&to, 5, 2, &from, canvas_bounds(&from)); /* the right one would stand out */
    assert_int_equal(to.pixels_count, 2);
    assert_int_equal(to.pixels[1].pixels[0], 1);
    canvas_release(&from);
    canvas_release(&to);
}

static void canvas_adds_a_style_and_a_reversed_one_replaces(void **state)
{
    struct canvas canvas;
    struct style red = { .foreground = colour_ansi(1), .attributes = STYLE_BOLD };
    (void)state;
    canvas_init(&canvas, 3, 1);
    canvas_text(&canvas, canvas_bounds(&canvas), "abc", red);
    canvas_restyle(&canvas, (struct rect){ 0, 0, 1, 1 },
                   (struct style){ .attributes = STYLE_UNDERLINE });
    canvas_restyle(&canvas, (struct rect){ 1, 0, 1, 1 },
                   (struct style){ .attributes = STYLE_REVERSE });
    assert_int_equal(canvas_at(&canvas, 0, 0)->style.attributes, STYLE_BOLD | STYLE_UNDERLINE);
    assert_int_equal(canvas_at(&canvas, 0, 0)->style.foreground, colour_ansi(1));
    assert_int_equal(canvas_at(&canvas, 1, 0)->style.attributes, STYLE_REVERSE);
    assert_int_equal(canvas_at(&canvas, 1, 0)->style.foreground, COLOUR_DEFAULT);
    assert_int_equal(canvas_at(&canvas, 2, 0)->style.attributes, STYLE_BOLD);
    canvas_release(&canvas);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(canvas_clips_whatever_is_outside),
        cmocka_unit_test(canvas_of_no_size_prints_nothing),
        cmocka_unit_test(canvas_text_marks_what_was_cut),
        cmocka_unit_test(canvas_lets_no_text_move_the_cursor),
        cmocka_unit_test(canvas_breaks_a_wide_character_that_is_half_overwritten),
        cmocka_unit_test(canvas_copies_a_part),
        cmocka_unit_test(canvas_draws_frames),
        cmocka_unit_test(canvas_prints_few_escapes_and_resets_each_line),
        cmocka_unit_test(canvas_reduces_colours_to_what_is_there),
        cmocka_unit_test(canvas_shows_half_blocks_without_colour),
        cmocka_unit_test(canvas_prints_nothing_that_a_plain_terminal_cannot_show),
        cmocka_unit_test(colour_greys_are_the_nearest_of_the_fixed_ones),
        cmocka_unit_test(colour_keeps_what_the_theme_defines),
        cmocka_unit_test(canvas_has_ascii_for_what_is_drawn),
        cmocka_unit_test(canvas_keeps_pixels_for_cells_that_are_there),
        cmocka_unit_test(canvas_fill_takes_away_the_pixels_that_it_touches),
        cmocka_unit_test(canvas_copies_pixels_that_are_wholly_inside),
        cmocka_unit_test(canvas_adds_a_style_and_a_reversed_one_replaces),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
