#include "testing.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset.h"
#include "run/grid.h"

enum { SIDE = 28, AREA = SIDE * SIDE };

/* How a program might draw its samples. */
struct style {
    int columns, rows, padding;
    bool is_framed;
    int scale; /* images are drawn so many times as large */
    uint8_t line;
};

/* `images` (columns * rows, SIDE, SIDE); the same one everywhere if `is_one`. */
static struct image draw(const struct style *style, const uint8_t *images, bool is_one)
{
    int side = SIDE * style->scale, step = side + style->padding;
    int frame = style->is_framed ? style->padding : 0;
    struct image sheet = {
        .width = style->columns * step - style->padding + 2 * frame,
        .height = style->rows * step - style->padding + 2 * frame,
    };
    size_t size = (size_t)sheet.width * (size_t)sheet.height;
    sheet.pixels = xcalloc(size, 1);
    memset(sheet.pixels, style->line, size);
    for (int i = 0; i < style->columns * style->rows; i++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++) {
                int column = frame + i % style->columns * step + x;
                int row = frame + i / style->columns * step + y;
                sheet.pixels[row * sheet.width + column] =
                    images[(is_one ? 0 : i) * AREA + y / style->scale * SIDE + x / style->scale];
            }
    return sheet;
}

static const struct style styles[] = {
    { 8, 8, 0, false, 1, 0 },   /* our own sheets */
    { 8, 8, 2, true, 1, 0 },    /* torchvision's make_grid */
    { 8, 8, 2, true, 1, 255 },  /* with pad_value 1 */
    { 5, 4, 1, false, 1, 128 }, /* lines between only */
    { 10, 10, 0, false, 2, 0 }, /* drawn twice as large */
    { 4, 4, 4, true, 2, 255 },  { 16, 2, 0, false, 1, 0 },
};

static struct dataset *digits;

static int open_digits(void **state)
{
    (void)state;
    return dataset_open(&digits, "digits", DATASET_TRAIN, 200, 1);
}

static int close_digits(void **state)
{
    (void)state;
    dataset_close(digits);
    return 0;
}

static void grids_of_many_programs_are_cut(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(styles); i++) {
        const struct style *style = &styles[i];
        for (int is_one = 0; is_one < 2; is_one++) {
            struct image sheet = draw(style, digits->pixels, is_one);
            struct grid grid;
            assert_true(grid_find(&grid, &sheet, 0, 0));
            assert_int_equal(grid.columns, style->columns);
            assert_int_equal(grid.rows, style->rows);
            assert_int_equal(grid.side, SIDE * style->scale);
            assert_int_equal(grid.padding, style->padding);
            struct grid told;
            assert_true(grid_find(&told, &sheet, style->columns, style->rows));
            assert_int_equal(told.side, grid.side);
            assert_int_equal(told.padding, grid.padding);
            image_release(&sheet);
        }
    }
}

static void diversity_is_that_of_digits_or_none(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(styles); i++) {
        struct image varied = draw(&styles[i], digits->pixels, false);
        struct image same = draw(&styles[i], digits->pixels, true);
        struct grid grid;
        assert_true(grid_find(&grid, &varied, 0, 0));
        double much = grid_diversity(&grid, &varied);
        if (!(much > 0.85 && much < 1.15))
            fail_msg("style %d: varied digits have %.3f", i, much);
        assert_true(grid_diversity(&grid, &same) < 1e-6);
        image_release(&varied);
        image_release(&same);
    }
}

static void what_is_no_grid_is_none(void **state)
{
    (void)state;
    struct style one = { 1, 1, 0, false, 1, 0 };
    struct image digit = draw(&one, digits->pixels, false);
    struct image grey = { 56, 56, xcalloc(56 * 56, 1) };
    struct grid grid;
    assert_false(grid_find(&grid, &digit, 0, 0));
    assert_false(grid_find(&grid, &grey, 0, 0));
    assert_true(grid_find(&grid, &grey, 2, 2));
    assert_true(isnan(grid_diversity(&grid, &grey)));
    assert_false(grid_find(&grid, &grey, 9, 9)); /* 56 pixels have no nine */
    image_release(&digit);
    image_release(&grey);
}

static void columns_and_rows_are_read(void **state)
{
    static const char *const bad[] = {
        "", "8", "8x", "x8", "0x8", "8x-1", "8x8x8", "8 8", "999x1"
    };
    int columns, rows;
    (void)state;
    assert_int_equal(grid_parse("8x10", &columns, &rows), 0);
    assert_int_equal(columns, 8);
    assert_int_equal(rows, 10);
    for (int i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(grid_parse(bad[i], &columns, &rows), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grids_of_many_programs_are_cut),
        cmocka_unit_test(diversity_is_that_of_digits_or_none),
        cmocka_unit_test(what_is_no_grid_is_none),
        cmocka_unit_test(columns_and_rows_are_read),
    };
    return cmocka_run_group_tests_name("grid", tests, open_digits, close_digits);
}
