/* Which bytes make pictures in pixels stand where a canvas has them. */
#define _GNU_SOURCE
#include <string.h>

#include "../../src/ui/screen_pixels.h"
#include "base/memory.h"
#include "testing.h"

enum { WIDTH = 40, HEIGHT = 12, SIDE = 8 };

static const struct rect left = { 2, 1, 8, 4 }, right = { 20, 1, 8, 4 };

struct bench {
    struct screen_pixels pixels;
    struct canvas canvas;
    int rows[HEIGHT];
    int64_t cells;
};

static void start(struct bench *bench, enum pixel_protocol protocol)
{
    *bench = (struct bench){ .cells = 0 };
    canvas_init(&bench->canvas, WIDTH, HEIGHT);
    screen_pixels_set(&bench->pixels, protocol, 10, 20);
}

static void finish(struct bench *bench)
{
    canvas_release(&bench->canvas);
    screen_pixels_release(&bench->pixels);
}

static void add(struct bench *bench, struct rect cells, int grey)
{
    uint8_t image[SIDE * SIDE];
    memset(image, grey, sizeof image);
    canvas_add_pixels(&bench->canvas, cells, image, SIDE, SIDE, false);
}

/* As a screen does it when nothing is written in its cells; "" where nothing is sent. */
static char *update(struct bench *bench)
{
    size_t size = 0;
    for (int y = 0; y < HEIGHT; y++)
        bench->rows[y] = WIDTH;
    screen_pixels_uncover(&bench->pixels, &bench->canvas, bench->rows);
    char *bytes =
        screen_pixels_update(&bench->pixels, &bench->canvas, bench->rows, &size, &bench->cells);
    if (!bytes)
        return xstrdup("");
    assert_int_equal(strlen(bytes), size);
    assert_null(memchr(bytes, '\n', size)); /* which would scroll */
    assert_memory_equal(bytes, "\0337", 2);
    assert_memory_equal(bytes + size - 2, "\0338", 2);
    return bytes;
}

static int count_of(const char *bytes, const char *word)
{
    int count = 0;
    for (const char *at = bytes; (at = strstr(at, word)); at += strlen(word))
        count++;
    return count;
}

static void expect_update(struct bench *bench, const char *word, int count)
{
    char *bytes = update(bench);
    assert_int_equal(count_of(bytes, word), count);
    if (count == 0)
        assert_string_equal(bytes, "");
    free(bytes);
}

static void a_picture_is_sent_once(void **state)
{
    static const enum pixel_protocol protocols[] = { PIXELS_SIXEL, PIXELS_KITTY };
    static const char *const words[] = { "\033P", "a=T" };
    struct bench bench;
    (void)state;
    for (int i = 0; i < 2; i++) {
        start(&bench, protocols[i]);
        add(&bench, left, 100);
        add(&bench, right, 200);
        expect_update(&bench, words[i], 2);
        assert_int_equal(bench.cells, 2 * left.width * left.height);
        expect_update(&bench, words[i], 0);
        finish(&bench);
    }
}

static void it_is_sent_to_its_place(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_SIXEL);
    add(&bench, right, 100);
    expect_update(&bench, "\033[2;21H\033P", 1);
    finish(&bench);
}

static void only_what_has_changed_is_sent_again(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_SIXEL);
    add(&bench, left, 100);
    add(&bench, right, 200);
    expect_update(&bench, "\033P", 2);
    canvas_clear_pixels(&bench.canvas, right);
    add(&bench, right, 201);
    expect_update(&bench, "\033[2;21H\033P", 1);
    assert_int_equal(bench.cells, right.width * right.height);
    finish(&bench);
}

static void kitty_exchanges_a_picture_under_its_id(void **state)
{
    struct bench bench;
    char word[32];
    (void)state;
    start(&bench, PIXELS_KITTY);
    add(&bench, left, 100);
    expect_update(&bench, "a=T", 1);
    snprintf(word, sizeof word, "i=%u,", bench.pixels.sent[0].id);
    canvas_clear_pixels(&bench.canvas, left);
    add(&bench, left, 101);
    expect_update(&bench, word, 1);
    finish(&bench);
}

static void sixels_that_go_are_covered_with_their_cells(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_SIXEL);
    add(&bench, left, 100);
    expect_update(&bench, "\033P", 1);
    canvas_clear_pixels(&bench.canvas, left);
    expect_update(&bench, "\033P", 0);
    for (int y = 0; y < HEIGHT; y++)
        assert_int_equal(bench.rows[y], y >= left.y && y < left.y + left.height ? 0 : WIDTH);
    finish(&bench);
}

/* The rows of one that goes are sent whole, which takes those beside it away. */
static void sixels_beside_one_that_goes_are_sent_again(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_SIXEL);
    add(&bench, left, 100);
    add(&bench, right, 200);
    expect_update(&bench, "\033P", 2);
    canvas_clear_pixels(&bench.canvas, left);
    expect_update(&bench, "\033[2;21H\033P", 1);
    finish(&bench);
}

static void kitty_takes_those_that_go_away_by_id(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_KITTY);
    add(&bench, left, 100);
    add(&bench, right, 200);
    expect_update(&bench, "a=T", 2);
    canvas_clear_pixels(&bench.canvas, left);
    expect_update(&bench, "a=d,d=I", 1);
    char *last = screen_pixels_leave(&bench.pixels);
    assert_int_equal(count_of(last, "a=d,d=I"), 1);
    free(last);
    assert_null(screen_pixels_leave(&bench.pixels));
    finish(&bench);
}

static void written_over(struct bench *bench, int y, int column, int expected)
{
    size_t size;
    for (int row = 0; row < HEIGHT; row++)
        bench->rows[row] = row == y ? column : WIDTH;
    char *bytes =
        screen_pixels_update(&bench->pixels, &bench->canvas, bench->rows, &size, &bench->cells);
    assert_int_equal(bytes ? count_of(bytes, "\033P") : 0, expected);
    free(bytes);
}

static void sixels_that_were_written_over_are_sent_again(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_SIXEL);
    add(&bench, left, 100);
    expect_update(&bench, "\033P", 1);
    written_over(&bench, left.y, left.x + left.width, 0);
    written_over(&bench, left.y + left.height, 0, 0);
    written_over(&bench, left.y, left.x + left.width - 1, 1);
    written_over(&bench, left.y + left.height - 1, 0, 1);
    finish(&bench);
}

/* There terminals scroll. */
static void no_sixels_touch_the_last_row(void **state)
{
    static const struct rect low = { 0, HEIGHT - 4, 8, 4 };
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_SIXEL);
    add(&bench, low, 100);
    expect_update(&bench, "\033P", 0);
    finish(&bench);
    start(&bench, PIXELS_KITTY);
    add(&bench, low, 100);
    expect_update(&bench, "a=T", 1);
    finish(&bench);
}

static void all_is_sent_again_when_all_is_forgotten(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, PIXELS_SIXEL);
    add(&bench, left, 100);
    expect_update(&bench, "\033P", 1);
    screen_pixels_forget(&bench.pixels);
    expect_update(&bench, "\033P", 1);
    screen_pixels_set(&bench.pixels, PIXELS_NONE, 0, 0);
    expect_update(&bench, "\033P", 0);
    finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_is_sent_once),
        cmocka_unit_test(it_is_sent_to_its_place),
        cmocka_unit_test(only_what_has_changed_is_sent_again),
        cmocka_unit_test(kitty_exchanges_a_picture_under_its_id),
        cmocka_unit_test(sixels_that_go_are_covered_with_their_cells),
        cmocka_unit_test(sixels_beside_one_that_goes_are_sent_again),
        cmocka_unit_test(kitty_takes_those_that_go_away_by_id),
        cmocka_unit_test(sixels_that_were_written_over_are_sent_again),
        cmocka_unit_test(no_sixels_touch_the_last_row),
        cmocka_unit_test(all_is_sent_again_when_all_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
