#define _GNU_SOURCE
#include "draw/live.h"

#include <locale.h>

#include "base/memory.h"
#include "base/random.h"
#include "screen.h"

/* A terminal of the size of the screen. */
static struct terminal terminal_of(const struct screen *screen, bool reflows)
{
    return (struct terminal){ .is_terminal = true,
                              .moves = true,
                              .utf8 = true,
                              .reflows = reflows,
                              .columns = screen->columns,
                              .rows = screen->rows };
}

/* Writes `bytes` on the screen, and frees them. */
static size_t deliver(struct screen *screen, char *bytes, size_t size)
{
    assert_int_equal(strlen(bytes), size);
    screen_feed(screen, bytes);
    free(bytes);
    return size;
}

/* Draws `count` lines that read "A0 …", `width` columns wide. */
static size_t update(struct live *live, struct screen *screen, bool reflows, char letter, int count,
                     int width)
{
    struct terminal terminal = terminal_of(screen, reflows);
    struct canvas canvas;
    size_t size;
    canvas_init(&canvas, width, count);
    for (int y = 0; y < count; y++) {
        canvas_fill(&canvas, (struct rect){ 0, y, width, 1 }, '.', (struct style){ 0 });
        canvas_printf(&canvas, (struct rect){ 0, y, width, 1 }, (struct style){ 0 }, "%c%d", letter,
                      y);
    }
    char *bytes = live_update(live, &canvas, &terminal, &size);
    canvas_release(&canvas);
    return deliver(screen, bytes, size);
}

static void print_above(struct live *live, struct screen *screen, bool reflows, const char *text)
{
    struct terminal terminal = terminal_of(screen, reflows);
    size_t size;
    char *bytes = live_print_above(live, text, &terminal, &size);
    deliver(screen, bytes, size);
}

static void end(struct live *live, struct screen *screen, bool reflows, bool keep)
{
    struct terminal terminal = terminal_of(screen, reflows);
    size_t size;
    char *bytes = live_end(live, keep, &terminal, &size);
    deliver(screen, bytes, size);
}

/* The block of `update` stands right above the cursor, and nothing below. */
static void assert_block(const struct screen *screen, char letter, int count, int width)
{
    int shown = MIN(count, screen->rows - 1), columns = MIN(width, screen->columns);
    assert_int_equal(screen->x, 0);
    assert_true(screen->y >= shown);
    for (int i = 0; i < shown; i++) {
        char head[16];
        int length = snprintf(head, sizeof head, "%c%d", letter, count - shown + i);
        const char *row = screen_row(screen, screen->y - shown + i);
        assert_memory_equal(row, head, (size_t)MIN(length, columns));
        assert_int_equal(strlen(row), columns);
    }
    for (int y = screen->y; y < screen->rows; y++)
        assert_string_equal(screen_row(screen, y), "");
}

static void live_rewrites_its_block_in_place(void **state)
{
    (void)state;
    struct screen screen;
    struct live live;
    screen_open(&screen, 40, 10);
    screen_feed(&screen, "$ gander run\n");
    live_init(&live);
    update(&live, &screen, true, 'A', 3, 20);
    assert_block(&screen, 'A', 3, 20);
    update(&live, &screen, true, 'B', 3, 10);
    assert_block(&screen, 'B', 3, 10);
    assert_string_equal(screen_row(&screen, 0), "$ gander run");
    assert_int_equal(screen.y, 4);
    live_release(&live);
}

static void live_grows_and_shrinks_at_the_bottom_of_the_screen(void **state)
{
    (void)state;
    struct screen screen;
    struct live live;
    screen_open(&screen, 40, 6);
    screen_feed(&screen, "one\ntwo\nthree\nfour\nfive\n");
    live_init(&live);
    for (int count = 1; count <= 5; count++) {
        update(&live, &screen, true, 'A', count, 20);
        assert_block(&screen, 'A', count, 20);
    }
    assert_int_equal(screen.scrolled, 5);
    update(&live, &screen, true, 'B', 2, 20);
    assert_block(&screen, 'B', 2, 20);
    live_release(&live);
}

static void live_sends_only_lines_that_changed(void **state)
{
    (void)state;
    struct screen screen;
    struct live live;
    screen_open(&screen, 80, 24);
    live_init(&live);
    size_t first = update(&live, &screen, true, 'A', 20, 60);
    size_t again = update(&live, &screen, true, 'A', 20, 60);
    assert_true(first > 20 * 60);
    assert_true(again < 100);
    assert_block(&screen, 'A', 20, 60);
    live_release(&live);
}

static void live_leaves_a_full_last_column_alone(void **state)
{
    (void)state;
    struct screen screen;
    struct live live;
    screen_open(&screen, 20, 8);
    live_init(&live);
    update(&live, &screen, true, 'A', 3, 20);
    assert_block(&screen, 'A', 3, 20);
    update(&live, &screen, true, 'B', 3, 33); /* wider than the screen: cut */
    assert_block(&screen, 'B', 3, 33);
    assert_true(screen.wraps);
    live_release(&live);
}

static void live_shows_the_lowest_lines_of_a_block_too_high(void **state)
{
    (void)state;
    struct screen screen;
    struct live live;
    screen_open(&screen, 30, 8);
    live_init(&live);
    for (int i = 0; i < 3; i++) {
        update(&live, &screen, true, (char)('A' + i), 20, 15);
        assert_block(&screen, (char)('A' + i), 20, 15);
    }
    assert_int_equal(screen.scrolled, 0);
    live_release(&live);
}

/* Above the block of `count` lines stands what stood there before it, "above", wrapped or cut as
 * the terminal did it, and nothing that an older block left. */
static void assert_no_remnant(const struct screen *screen, int count, bool reflows)
{
    char found[1024] = "";
    for (int y = 0; y < screen->y - count; y++)
        strncat(found, screen_row(screen, y), sizeof found - strlen(found) - 1);
    if (reflows)
        assert_string_equal(found, "above");
    else
        assert_memory_equal(found, "above", strlen(found));
}

static void live_survives_resizes(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 7, 1);
    for (int round = 0; round < 400; round++) {
        struct screen screen;
        struct live live;
        bool reflows = round % 2;
        int count = 0, width = 0;
        screen_open(&screen, 60, 30);
        live_init(&live);
        screen_feed(&screen, "above\n");
        for (int step = 0; step < 6; step++) {
            count = 1 + (int)random_below(&random, 9);
            width = 3 + (int)random_below(&random, 70);
            update(&live, &screen, reflows, (char)('A' + step), count, width);
            assert_block(&screen, (char)('A' + step), count, width);
            screen_resize(&screen, 4 + (int)random_below(&random, 100),
                          50 + (int)random_below(&random, 30), reflows);
        }
        update(&live, &screen, reflows, 'Z', count, width);
        assert_block(&screen, 'Z', count, width);
        if (screen.scrolled == 0)
            assert_no_remnant(&screen, count, reflows);
        live_release(&live);
    }
}

static void live_survives_a_screen_that_gets_lower_than_its_block(void **state)
{
    (void)state;
    for (int rows = 2; rows < 12; rows++) {
        struct screen screen;
        struct live live;
        screen_open(&screen, 40, 24);
        live_init(&live);
        update(&live, &screen, true, 'A', 12, 30);
        screen_resize(&screen, 40, rows, true);
        update(&live, &screen, true, 'B', 12, 30);
        assert_block(&screen, 'B', 12, 30);
        live_release(&live);
    }
}

static void live_prints_lines_above_that_stay(void **state)
{
    (void)state;
    struct screen screen;
    struct live live;
    screen_open(&screen, 30, 9);
    live_init(&live);
    print_above(&live, &screen, true, "before the block");
    update(&live, &screen, true, 'A', 3, 30);
    print_above(&live, &screen, true, "saved \033[31m checkpoint\nand more");
    assert_block(&screen, 'A', 3, 30);
    assert_string_equal(screen_row(&screen, 0), "before the block");
    assert_string_equal(screen_row(&screen, 1), "saved ?[31m checkpoint");
    assert_string_equal(screen_row(&screen, 2), "and more");
    print_above(&live, &screen, true, "a line that is longer than the screen is wide");
    assert_block(&screen, 'A', 3, 30);
    assert_string_equal(screen_row(&screen, screen.y - 4), " screen is wide");
    update(&live, &screen, true, 'B', 3, 10);
    assert_block(&screen, 'B', 3, 10);
    live_release(&live);
}

static void live_prints_above_after_a_resize(void **state)
{
    (void)state;
    struct screen screen;
    struct live live;
    screen_open(&screen, 60, 20);
    live_init(&live);
    update(&live, &screen, true, 'A', 3, 60);
    screen_resize(&screen, 25, 20, true);
    print_above(&live, &screen, true, "saved");
    update(&live, &screen, true, 'B', 3, 60);
    assert_block(&screen, 'B', 3, 60);
    assert_string_equal(screen_row(&screen, 0), "saved");
    assert_int_equal(screen.y, 4);
    live_release(&live);
}

static void live_restores_the_terminal_at_its_end(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct screen screen;
        struct live live;
        screen_open(&screen, 30, 9);
        screen_feed(&screen, "above\n");
        live_init(&live);
        update(&live, &screen, true, 'A', 3, 20);
        assert_false(screen.shows_cursor);
        end(&live, &screen, true, keep);
        assert_true(screen.shows_cursor && screen.wraps);
        assert_int_equal(screen.y, keep ? 4 : 1);
        assert_string_equal(screen_row(&screen, 0), "above");
        if (!keep)
            assert_string_equal(screen_row(&screen, 1), "");
        update(&live, &screen, true, 'B', 2, 20); /* and may begin again */
        assert_block(&screen, 'B', 2, 20);
        live_release(&live);
    }
}

static void live_writes_no_escape_where_there_is_no_terminal(void **state)
{
    (void)state;
    struct terminal file = { .utf8 = true, .columns = 80, .rows = 24 };
    struct canvas canvas;
    struct live live;
    size_t size;
    live_init(&live);
    canvas_init(&canvas, 10, 2);
    canvas_text(&canvas, canvas_bounds(&canvas), "hello", (struct style){ 0 });
    char *bytes = live_update(&live, &canvas, &file, &size);
    assert_int_equal(size, 0);
    free(bytes);
    bytes = live_print_above(&live, "step 100 – fine", &file, &size);
    assert_string_equal(bytes, "step 100 – fine\n");
    free(bytes);
    file.utf8 = false;
    bytes = live_print_above(&live, "step 200 – fine\n", &file, &size);
    assert_string_equal(bytes, "step 200 - fine\n");
    free(bytes);
    bytes = live_end(&live, true, &file, &size);
    assert_int_equal(size, 0);
    free(bytes);
    canvas_release(&canvas);
    live_release(&live);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_rewrites_its_block_in_place),
        cmocka_unit_test(live_grows_and_shrinks_at_the_bottom_of_the_screen),
        cmocka_unit_test(live_sends_only_lines_that_changed),
        cmocka_unit_test(live_leaves_a_full_last_column_alone),
        cmocka_unit_test(live_shows_the_lowest_lines_of_a_block_too_high),
        cmocka_unit_test(live_survives_resizes),
        cmocka_unit_test(live_survives_a_screen_that_gets_lower_than_its_block),
        cmocka_unit_test(live_prints_lines_above_that_stay),
        cmocka_unit_test(live_prints_above_after_a_resize),
        cmocka_unit_test(live_restores_the_terminal_at_its_end),
        cmocka_unit_test(live_writes_no_escape_where_there_is_no_terminal),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
