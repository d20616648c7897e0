/* What is left of a frame of curses looks like the whole, and costs less. */
#define _GNU_SOURCE
#include <stdio.h>

#include "../../src/ui/screen_output.h"
#include "base/random.h"
#include "testing.h"
#include "ui/cells.h"

enum { COLUMNS = 40, ROWS = 10, ROOM = 1 << 16 };

struct bench {
    struct screen_output output;
    struct cells *plain, *thrifty;
    size_t given, sent;
};

static void start(struct bench *bench)
{
    *bench =
        (struct bench){ .plain = cells_new(COLUMNS, ROWS), .thrifty = cells_new(COLUMNS, ROWS) };
    screen_output_init(&bench->output);
}

static void finish(struct bench *bench)
{
    assert_int_equal(bench->plain->unknown, 0);
    assert_int_equal(bench->thrifty->unknown, 0);
    cells_free(bench->plain);
    cells_free(bench->thrifty);
    screen_output_release(&bench->output);
}

/* The frame, as it is and as it is sent, on two terminals that then look the same. */
static void show(struct bench *bench, const char *frame)
{
    screen_output_frame(&bench->output, frame, strlen(frame));
    cells_feed(bench->plain, frame, strlen(frame));
    cells_feed(bench->thrifty, bench->output.bytes, bench->output.size);
    for (int i = 0; i < COLUMNS * ROWS; i++)
        if (!cells_look_same(&bench->plain->shown[i], &bench->thrifty->shown[i]))
            fail_msg("cell %d differs; of\n%s\nwas left\n%.*s", i, frame, (int)bench->output.size,
                     bench->output.bytes);
    assert_int_equal(bench->plain->x, bench->thrifty->x);
    assert_int_equal(bench->plain->y, bench->thrifty->y);
    bench->given += strlen(frame);
    bench->sent += bench->output.size;
}

static void assert_sent(struct bench *bench, const char *frame, const char *sent)
{
    show(bench, frame);
    assert_int_equal(bench->output.size, strlen(sent));
    assert_memory_equal(bench->output.bytes, sent, strlen(sent));
}

#define UPPER "\xe2\x96\x80"
#define LOWER "\xe2\x96\x84"

static void a_colour_is_sent_when_it_changes(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench);
    assert_sent(&bench,
                "\033[38;5;240m\033[48;5;16mab\033[38;5;240m\033[48;5;17mc\033[39;49m\033(B\033[m",
                "\033[38;5;240;48;5;16mab\033[48;5;17mc\033[39;49m");
    assert_sent(&bench, "\033[38;2;1;2;3m\033[91;1mx\033(B\033[m", "\033[1;91mx\033[0m");
    assert_sent(&bench, "\033[38:2::1:2:3m\033[104my\033[m", "\033[38:2::1:2:3;104my\033[39;49m");
    finish(&bench);
}

static void a_blank_needs_no_foreground(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench);
    assert_sent(&bench, "\033[38;5;240m\033[48;5;16m  \033[5X\033[m",
                "\033[48;5;16m  \033[5X\033[49m");
    assert_sent(&bench, "\033[1;38;5;240m \033[m", " ");
    assert_sent(&bench, "\033[4;38;5;240m \033[m", "\033[4;38;5;240m \033[0m");
    finish(&bench);
}

static void a_half_block_turns_where_that_is_shorter(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench);
    assert_sent(&bench,
                "\033[38;5;240m\033[48;5;16m" UPPER "\033[38;5;16m\033[48;5;240m" UPPER
                "\033[38;5;250m\033[48;5;240m" LOWER "\033[m",
                "\033[38;5;240;48;5;16m" UPPER LOWER "\033[48;5;250m" UPPER "\033[39;49m");
    /* what the terminal calls its own is not the same in front and behind */
    assert_sent(&bench, "\033[38;5;240m" UPPER "\033[39;48;5;240m" UPPER "\033[m",
                "\033[38;5;240m" UPPER "\033[39;48;5;240m" UPPER "\033[49m");
    /* reversed ones stay as they are */
    assert_sent(&bench, "\033[7;38;5;1;48;5;2m" UPPER "\033[38;5;2;48;5;1m" UPPER "\033[m",
                "\033[7;38;5;1;48;5;2m" UPPER "\033[38;5;2;48;5;1m" UPPER "\033[0m");
    finish(&bench);
}

static void what_is_not_known_passes_with_its_colours(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench);
    screen_output_frame(&bench.output, "\033[38;5;9m\033[12;3$zx\033[m", 21);
    assert_int_equal(bench.output.size, strlen("\033[38;5;9m\033[12;3$zx\033[39m"));
    screen_output_frame(&bench.output, "\033[38;5", 6); /* torn */
    assert_int_equal(bench.output.size, 6);
    finish(&bench);
}

/* --- anything that curses may write --- */

static int below(struct random *random, int most)
{
    return (int)(random_uniform(random) * most);
}

static void add_colour(struct random *random, char *text, char ground)
{
    static const int greys[] = { 16, 231, 240, 247 };
    size_t used = strlen(text);
    switch (below(random, 4)) {
    case 0:
        snprintf(text + used, ROOM - used, "\033[%c9m", ground);
        break;
    case 1:
        snprintf(text + used, ROOM - used, "\033[%c%dm", ground, below(random, 8));
        break;
    default:
        snprintf(text + used, ROOM - used, "\033[%c8;5;%dm", ground, greys[below(random, 4)]);
    }
}

static void add_anything(struct random *random, char *text)
{
    static const char *const things[] = {
        "a",           "é",        " ",       " ",       "  ",
        UPPER,         UPPER,      LOWER,     LOWER,     "\033(B\033[m",
        "\033[39;49m", "\033[1m",  "\033[2m", "\033[7m", "\033[4m",
        "\033[22m",    "\033[27m", "\033[K",  "\033[3X", "\033[2P",
        "\033[2@",     "x\033[4b", "\033[J",  "\033[3C", "\r",
        "\b"
    };
    size_t used = strlen(text);
    int what = below(random, ARRAY_SIZE(things) + 12);
    if (what < ARRAY_SIZE(things))
        snprintf(text + used, ROOM - used, "%s", things[what]);
    else if (what < ARRAY_SIZE(things) + 2)
        snprintf(text + used, ROOM - used, "\033[%d;%dH", 1 + below(random, ROWS),
                 1 + below(random, COLUMNS - 8));
    else
        add_colour(random, text, what % 2 ? '3' : '4');
}

static void a_frame_looks_as_it_did_and_is_shorter(void **state)
{
    enum { FRAMES = 400, THINGS = 120 };
    static char text[ROOM];
    struct random random;
    struct bench bench;
    (void)state;
    random_seed(&random, 7, 0);
    start(&bench);
    for (int frame = 0; frame < FRAMES; frame++) {
        text[0] = '\0';
        for (int i = 0; i < THINGS; i++)
            add_anything(&random, text);
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "\033(B\033[m");
        show(&bench, text);
    }
    assert_true(bench.sent < bench.given * 3 / 4);
    finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_colour_is_sent_when_it_changes),
        cmocka_unit_test(a_blank_needs_no_foreground),
        cmocka_unit_test(a_half_block_turns_where_that_is_shorter),
        cmocka_unit_test(what_is_not_known_passes_with_its_colours),
        cmocka_unit_test(a_frame_looks_as_it_did_and_is_shorter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
