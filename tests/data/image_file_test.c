/* Images that people bring: read, inverted, laid out; and written. */
#define _GNU_SOURCE
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/image.h"
#include "base/memory.h"
#include "data/image_file.h"

enum { SIDE = 28, AREA = SIDE * SIDE };

static void write_png(const char *path, const uint8_t *pixels, int height, int width)
{
    uint8_t *copy = xcalloc((size_t)height * (size_t)width, 1);
    memcpy(copy, pixels, (size_t)height * (size_t)width);
    struct image image = { .width = width, .height = height, .pixels = copy };
    assert_return_code(image_write_png(&image, path), 0);
    free(copy);
}

static void read_back(struct image_pile *pile, const char *path)
{
    if (image_file_read(pile, path) < 0)
        fail_msg("%s", error_text());
}

static void png_and_idx_are_told_by_what_is_in_them(void **state)
{
    uint8_t pixels[3 * 4 * 5];
    struct image_pile pile;
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(pixels); i++)
        pixels[i] = (uint8_t)(i * 3);
    write_png("image", pixels, 4, 5);
    read_back(&pile, "image");
    assert_int_equal(pile.count, 1);
    assert_int_equal(pile.height, 4);
    assert_int_equal(pile.width, 5);
    assert_memory_equal(pile.pixels, pixels, 4 * 5);
    image_pile_release(&pile);
    assert_return_code(image_file_write_idx("images.png", pixels, 3, 4, 5), 0);
    read_back(&pile, "images.png");
    assert_int_equal(pile.count, 3);
    assert_memory_equal(pile.pixels, pixels, sizeof pixels);
    image_pile_release(&pile);
    assert_return_code(image_file_write_idx("labels", pixels, 7, 0, 0), 0);
    assert_int_equal(image_file_read(&pile, "labels"), ERR_INVALID);
    assert_return_code(file_replace("text", "hello", 5), 0);
    assert_int_equal(image_file_read(&pile, "text"), ERR_INVALID);
    assert_non_null(strstr(error_text(), "'text' is neither a PNG nor an IDX file"));
    assert_int_equal(image_file_read(&pile, "absent"), ERR_NOT_FOUND);
}

/* A bar of ink, `across` x `down`, its first pixel at (left, top). */
static void draw_bar(uint8_t *pixels, int height, int width, int left, int top, int across,
                     int down, uint8_t ink, uint8_t ground)
{
    for (int i = 0; i < height * width; i++) {
        int y = i / width, x = i % width;
        bool inside = x >= left && x < left + across && y >= top && y < top + down;
        pixels[i] = inside ? ink : ground;
    }
}

static void dark_ink_on_light_is_inverted(void **state)
{
    uint8_t pixels[2 * AREA];
    struct image_pile pile = { 2, SIDE, SIDE, pixels };
    (void)state;
    draw_bar(pixels, SIDE, SIDE, 10, 5, 6, 18, 20, 250);
    draw_bar(pixels + AREA, SIDE, SIDE, 10, 5, 6, 18, 235, 5);
    image_pile_lighten(&pile);
    assert_memory_equal(pixels, pixels + AREA, AREA);
}

static void an_image_of_the_size_stays_as_it_is(void **state)
{
    uint8_t from[AREA], to[AREA];
    (void)state;
    draw_bar(from, SIDE, SIDE, 1, 1, 3, 4, 200, 0);
    image_lay_out(from, SIDE, SIDE, to, SIDE, SIDE);
    assert_memory_equal(from, to, AREA);
}

/* Rows and columns that hold ink. */
static void find_extent(const uint8_t *pixels, int *top, int *bottom, int *left, int *right)
{
    *top = *left = SIDE;
    *bottom = *right = -1;
    for (int i = 0; i < AREA; i++)
        if (pixels[i] > 60) {
            *top = MIN(*top, i / SIDE);
            *bottom = MAX(*bottom, i / SIDE);
            *left = MIN(*left, i % SIDE);
            *right = MAX(*right, i % SIDE);
        }
}

static void other_sizes_are_scaled_to_twenty_pixels_in_the_middle(void **state)
{
    static const struct {
        int height, width, left, top, across, down, rows, columns;
    } cases[] = {
        { 200, 100, 30, 20, 40, 160, 20, 5 }, { 56, 56, 3, 20, 50, 25, 10, 20 },
        { 9, 9, 4, 1, 1, 4, 20, 5 },          { 1000, 1400, 1300, 10, 90, 90, 20, 20 },
        { 32, 32, 10, 6, 10, 20, 20, 10 },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        uint8_t *from = xcalloc((size_t)cases[i].height * (size_t)cases[i].width, 1), to[AREA];
        int top, bottom, left, right;
        draw_bar(from, cases[i].height, cases[i].width, cases[i].left, cases[i].top,
                 cases[i].across, cases[i].down, 255, 0);
        image_lay_out(from, cases[i].height, cases[i].width, to, SIDE, SIDE);
        find_extent(to, &top, &bottom, &left, &right);
        assert_int_equal(bottom - top + 1, cases[i].rows);
        assert_int_equal(right - left + 1, cases[i].columns);
        assert_in_range(top + bottom + 1, SIDE - 1, SIDE + 1);
        assert_in_range(left + right + 1, SIDE - 1, SIDE + 1);
        free(from);
    }
}

static void the_centre_of_mass_is_in_the_middle(void **state)
{
    uint8_t from[60 * 60], to[AREA];
    double mass = 0, down = 0, across = 0;
    (void)state;
    for (int i = 0; i < 60 * 60; i++) /* an L: most ink at the left and below */
        from[i] = (i % 60 >= 5 && i % 60 < 15 && i / 60 < 50) ||
                          (i / 60 >= 40 && i / 60 < 50 && i % 60 >= 5 && i % 60 < 35)
                      ? 255
                      : 0;
    image_lay_out(from, 60, 60, to, SIDE, SIDE);
    for (int i = 0; i < AREA; i++) {
        mass += to[i];
        down += to[i] * (i / SIDE + 0.5);
        across += to[i] * (i % SIDE + 0.5);
    }
    assert_true(down / mass > 13.4 && down / mass < 14.6);
    assert_true(across / mass > 13.4 && across / mass < 14.6);
}

static void an_image_without_ink_stays_black(void **state)
{
    uint8_t from[10 * 10] = { 0 }, to[AREA];
    (void)state;
    image_lay_out(from, 10, 10, to, SIDE, SIDE);
    for (int i = 0; i < AREA; i++)
        assert_int_equal(to[i], 0);
}

static void names_ask_for_idx(void **state)
{
    (void)state;
    assert_true(image_file_is_idx("a/t10k-images-idx3-ubyte"));
    assert_true(image_file_is_idx("made.idx"));
    assert_false(image_file_is_idx("made.png"));
    assert_false(image_file_is_idx(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(png_and_idx_are_told_by_what_is_in_them),
        cmocka_unit_test(dark_ink_on_light_is_inverted),
        cmocka_unit_test(an_image_of_the_size_stays_as_it_is),
        cmocka_unit_test(other_sizes_are_scaled_to_twenty_pixels_in_the_middle),
        cmocka_unit_test(the_centre_of_mass_is_in_the_middle),
        cmocka_unit_test(an_image_without_ink_stays_black),
        cmocka_unit_test(names_ask_for_idx),
    };
    return cmocka_run_group_tests_name("image files", tests, NULL, NULL);
}
