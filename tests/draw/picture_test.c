#define _GNU_SOURCE
#include "draw/picture.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "testing.h"

static const enum picture_mode modes[] = { PICTURE_ASCII, PICTURE_HALF, PICTURE_SEXTANT,
                                           PICTURE_BRAILLE, PICTURE_PIXELS };

/* A picture from rows of characters: ' ' is black, '.' dark, '+' bright, '#' white. */
static uint8_t *picture_of(const char *const *rows, int height, int width)
{
    uint8_t *pixels = xcalloc((size_t)height * (size_t)width, 1);
    for (int i = 0; i < height * width; i++) {
        char c = rows[i / width][i % width];
        pixels[i] = c == '#' ? 255 : c == '+' ? 170 : c == '.' ? 85 : 0;
    }
    return pixels;
}

/* What the cells of the canvas say without colours, in a buffer that the next call overwrites. */
static const char *printed(const struct canvas *canvas, enum colour_depth colours)
{
    static char text[1 << 16];
    struct terminal terminal = { .utf8 = true, .colours = colours, .columns = 80, .rows = 24 };
    text[0] = '\0';
    FILE *stream = fmemopen(text, sizeof text, "w");
    canvas_print(canvas, stream, &terminal);
    fclose(stream);
    return text;
}

static const char *const ring[] = {
    "            ", "    ####    ", "   ######   ", "  ###..###  ", "  ##    ##  ", "  ##    ##  ",
    "  ##    ##  ", "  ##    ##  ", "  ###..###  ", "   ######   ", "    ####    ", "            ",
};

static const char *drawn(enum picture_mode mode, int columns, int rows)
{
    struct canvas canvas;
    uint8_t *pixels = picture_of(ring, 12, 12);
    canvas_init(&canvas, columns, rows);
    picture_draw(&canvas, canvas_bounds(&canvas), pixels, 12, 12, mode);
    const char *text = printed(&canvas, COLOUR_NONE);
    canvas_release(&canvas);
    free(pixels);
    return text;
}

static void picture_draws_ascii(void **state)
{
    (void)state;
    assert_string_equal(drawn(PICTURE_ASCII, 12, 6), "   _gggg_\n"
                                                     "  g@BMMB@g\n"
                                                     "  @B    @B\n"
                                                     "  @B_  _@B\n"
                                                     "  MB@g@@BM\n"
                                                     "    MMMM\n");
    assert_string_equal(drawn(PICTURE_ASCII, 20, 10), "      ________\n"
                                                      "     gg@@@@@@gg\n"
                                                      "   gg@@@BMMM@@@gp\n"
                                                      "   @@@BP^''^TB@@B\n"
                                                      "   @@@B      @@@B\n"
                                                      "   @@@B      @@@B\n"
                                                      "   @@@@g____g@@@B\n"
                                                      "   PMB@@@g@@@@BMP\n"
                                                      "     TMBBBBBBRT\n"
                                                      "       ^^^^^^\n");
}

static void picture_draws_half_blocks(void **state)
{
    (void)state;
    assert_string_equal(drawn(PICTURE_HALF, 12, 6), "    ▄▄▄▄\n"
                                                    "  ▄██▀▀██▄\n"
                                                    "  ██    ██\n"
                                                    "  ██    ██\n"
                                                    "  ▀██▄▄██▀\n"
                                                    "    ▀▀▀▀\n");
}

static void picture_draws_braille(void **state)
{
    (void)state;
    assert_string_equal(drawn(PICTURE_BRAILLE, 6, 3), " ⣠⡶⢶⣄\n"
                                                      " ⣿  ⣿\n"
                                                      " ⠙⠷⠾⠋\n");
    assert_string_equal(drawn(PICTURE_BRAILLE, 12, 6), "    ⣤⣤⣤⣤\n"
                                                       "  ⣤⣿⣿⠟⠻⣿⣿⣤\n"
                                                       "  ⣿⣿    ⣿⣿\n"
                                                       "  ⣿⣿    ⣿⣿\n"
                                                       "  ⠛⣿⣿⣦⣴⣿⣿⠛\n"
                                                       "    ⠛⠛⠛⠛\n");
}

static void picture_draws_sextants(void **state)
{
    (void)state;
    assert_string_equal(drawn(PICTURE_SEXTANT, 12, 6), "    🬵🬹🬹🬱\n"
                                                       "  🬵██🬎🬎██🬱\n"
                                                       "  ██    ██\n"
                                                       "  ██    ██\n"
                                                       "  🬊██🬹🬹██🬆\n"
                                                       "    🬊🬎🬎🬆\n");
}

/* One cell from its six dots. */
static struct cell sextant_of(const uint8_t dots[6])
{
    struct canvas canvas;
    uint8_t pixels[12 * 6];
    for (int i = 0; i < ARRAY_SIZE(pixels); i++)
        pixels[i] = dots[i / 6 / 4 * 2 + i % 6 / 3];
    canvas_init(&canvas, 1, 1);
    picture_draw(&canvas, canvas_bounds(&canvas), pixels, 12, 6, PICTURE_SEXTANT);
    struct cell cell = *canvas_at(&canvas, 0, 0);
    canvas_release(&canvas);
    return cell;
}

static void picture_sextants_are_exact_in_two_greys(void **state)
{
    (void)state;
    uint32_t next = 0x1FB00; /* in the order of their dots, but for the two that are half blocks */
    for (unsigned bits = 1; bits < 63; bits++) {
        uint8_t dots[6];
        for (int i = 0; i < 6; i++)
            dots[i] = bits >> i & 1 ? 250 : 40;
        struct cell cell = sextant_of(dots);
        uint32_t expected = bits == 0x15 ? 0x258C : bits == 0x2A ? 0x2590 : next++;
        assert_int_equal(cell.character, expected);
        assert_int_equal(colour_luma(cell.style.foreground), 250);
        assert_int_equal(colour_luma(cell.style.background), 40);
    }
    assert_int_equal(next, 0x1FB3C);
    struct cell cell = sextant_of((uint8_t[6]){ 99, 99, 99, 99, 99, 99 });
    assert_int_equal(colour_luma(cell.style.foreground), 99);
    assert_int_equal(colour_luma(cell.style.background), 99);
}

static double squared_error(const uint8_t dots[6], unsigned bits)
{
    double sum[2] = { 0 }, square = 0;
    int count[2] = { 0 };
    for (int i = 0; i < 6; i++) {
        sum[bits >> i & 1] += dots[i];
        count[bits >> i & 1]++;
        square += dots[i] * dots[i];
    }
    return square - sum[0] * sum[0] / count[0] - sum[1] * sum[1] / count[1];
}

static void picture_sextants_have_the_two_greys_that_fit_best(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 8, 1);
    for (int round = 0; round < 200; round++) {
        uint8_t dots[6];
        double least = INFINITY, error = 0;
        for (int i = 0; i < 6; i++)
            dots[i] = (uint8_t)random_below(&random, 256);
        for (unsigned bits = 1; bits < 63; bits++)
            least = fmin(least, squared_error(dots, bits));
        struct cell cell = sextant_of(dots);
        int light = colour_luma(cell.style.foreground), dark = colour_luma(cell.style.background);
        for (int i = 0; i < 6; i++) {
            int by = abs(dots[i] - light) < abs(dots[i] - dark) ? dots[i] - light : dots[i] - dark;
            error += by * by;
        }
        assert_true(light > dark);
        assert_true(error <= least + 6 * 6); /* means are rounded */
    }
}

/* Draws 4 x 8 pixels into one cell, one pixel a point. */
static char ascii_of(const char *const rows[8])
{
    struct canvas canvas;
    uint8_t *pixels = picture_of(rows, 8, 4);
    canvas_init(&canvas, 1, 1);
    picture_draw(&canvas, canvas_bounds(&canvas), pixels, 8, 4, PICTURE_ASCII);
    char character = (char)canvas_at(&canvas, 0, 0)->character;
    canvas_release(&canvas);
    free(pixels);
    return character;
}

static void picture_chooses_characters_by_shape(void **state)
{
    (void)state;
    static const struct {
        char character;
        const char *rows[8];
    } cases[] = {
        { ' ', { "    ", "    ", "    ", "    ", "    ", "    ", "    ", "    " } },
        { '/', { "    ", "   #", "  # ", "  # ", " #  ", " #  ", "#   ", "    " } },
        { '\\', { "    ", "#   ", " #  ", " #  ", "  # ", "  # ", "   #", "    " } },
        { '|', { " .. ", " .. ", " .. ", " .. ", " .. ", " .. ", " .. ", " .. " } },
        { '-', { "    ", "    ", "    ", "    ", " ++ ", "    ", "    ", "    " } },
        { '_', { "    ", "    ", "    ", "    ", "    ", "    ", "    ", "####" } },
        { '.', { "    ", "    ", "    ", "    ", "    ", " .. ", "    ", "    " } },
        { '=', { "    ", "    ", "    ", "++++", "....", "....", "    ", "    " } },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(ascii_of(cases[i].rows), cases[i].character);
}

static void picture_half_blocks_are_exact_at_a_pixel_a_point(void **state)
{
    (void)state;
    struct random random;
    uint8_t pixels[10 * 7];
    struct canvas canvas;
    random_seed(&random, 5, 1);
    for (int i = 0; i < ARRAY_SIZE(pixels); i++)
        pixels[i] = (uint8_t)random_below(&random, 256);
    canvas_init(&canvas, 7, 5);
    picture_draw(&canvas, canvas_bounds(&canvas), pixels, 10, 7, PICTURE_HALF);
    for (int i = 0; i < ARRAY_SIZE(pixels); i++) {
        int x = i % 7, y = i / 7;
        const struct style *style = &canvas_at(&canvas, x, y / 2)->style;
        assert_int_equal(colour_luma(y % 2 ? style->background : style->foreground), pixels[i]);
    }
    canvas_release(&canvas);
}

static void picture_has_24_greys_on_black_whatever_the_terminal(void **state)
{
    (void)state;
    static const uint8_t pixels[] = { 0, 128, 255, 0, 8, 255 };
    struct canvas canvas;
    canvas_init(&canvas, 3, 1);
    picture_draw(&canvas, canvas_bounds(&canvas), pixels, 2, 3, PICTURE_HALF);
    assert_string_equal(printed(&canvas, COLOUR_256),
                        "\033[48;5;16m \033[38;5;244;48;5;232m▀\033[48;5;231m \033[m\n");
    canvas_release(&canvas);
}

static void picture_of_one_grey_stays_that_at_any_size(void **state)
{
    (void)state;
    for (int size = 1; size < 50; size += 3) {
        uint8_t pixels[50 * 50];
        struct canvas canvas;
        memset(pixels, 100, sizeof pixels);
        canvas_init(&canvas, 24, 12);
        picture_draw(&canvas, canvas_bounds(&canvas), pixels, size, size, PICTURE_HALF);
        for (int x = 0; x < 24; x++) {
            const struct style *style = &canvas_at(&canvas, x, x / 2)->style;
            assert_true(abs(colour_luma(style->foreground) - 100) <= 1);
            assert_true(abs(colour_luma(style->background) - 100) <= 1);
        }
        canvas_release(&canvas);
    }
}

/* The brightest point, and the mean, of a picture in half blocks. */
static int peak_of(const struct canvas *canvas)
{
    int peak = 0;
    for (int i = 0; i < canvas->width * canvas->height; i++)
        peak = MAX(peak, MAX(colour_luma(canvas->cells[i].style.foreground),
                             colour_luma(canvas->cells[i].style.background)));
    return peak;
}

static void picture_keeps_its_contrast_when_it_shrinks(void **state)
{
    (void)state;
    uint8_t pixels[28 * 28] = { 0 };
    for (int y = 4; y < 24; y++)
        pixels[y * 28 + 14] = 200; /* a stroke one pixel wide */
    for (int columns = 5; columns <= 27; columns++) {
        struct canvas canvas;
        canvas_init(&canvas, columns, columns);
        picture_draw(&canvas, canvas_bounds(&canvas), pixels, 28, 28, PICTURE_HALF);
        assert_true(abs(peak_of(&canvas) - 200) <= 1);
        canvas_release(&canvas);
    }
}

static void picture_keeps_to_its_rectangle(void **state)
{
    (void)state;
    struct random random;
    uint8_t pixels[64 * 64];
    random_seed(&random, 2, 1);
    memset(pixels, 255, sizeof pixels);
    for (int round = 0; round < 2000; round++) {
        struct canvas canvas;
        struct rect rect = { (int)random_below(&random, 30) - 5, (int)random_below(&random, 20) - 5,
                             (int)random_below(&random, 20), (int)random_below(&random, 12) };
        canvas_init(&canvas, 30, 20);
        picture_draw(&canvas, rect, pixels, 1 + (int)random_below(&random, 64),
                     1 + (int)random_below(&random, 64), modes[round % ARRAY_SIZE(modes)]);
        for (int i = 0; i < 30 * 20; i++) {
            int x = i % 30 - rect.x, y = i / 30 - rect.y;
            bool is_inside = x >= 0 && y >= 0 && x < rect.width && y < rect.height;
            assert_true(is_inside || canvas.cells[i].style.background == COLOUR_DEFAULT);
        }
        canvas_release(&canvas);
    }
}

/* Columns and lines of what picture_print_sheet writes to a file. */
static int print_and_measure(const struct picture_sheet *sheet, int columns, int rows,
                             enum picture_mode mode)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    int lines = picture_print_sheet(stream, sheet, columns, rows, mode);
    fclose(stream);
    int found = 0;
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1, found++) {
        *end = '\0';
        assert_null(strchr(line, '\033'));
        assert_true(text_columns(line) <= columns);
    }
    assert_int_equal(found, lines);
    free(text);
    return lines;
}

static void assert_layout_fits(const struct picture_layout *layout,
                               const struct picture_sheet *sheet, int columns, int rows)
{
    int pitch = layout->rows + (sheet->labels ? 1 : 0);
    assert_true(layout->shown >= 1 && layout->shown <= sheet->count);
    assert_true(layout->columns >= 1 && layout->rows >= 1);
    assert_true(layout->width <= columns && (rows == 0 || layout->height <= rows));
    assert_int_equal(layout->width, layout->across * (layout->columns + layout->gap) - layout->gap);
    assert_int_equal(layout->height, layout->down * pitch);
    assert_true(layout->shown <= layout->across * layout->down);
    assert_true(layout->shown > layout->across * (layout->down - 1)); /* no empty row */
    assert_true(rows > 0 || layout->shown == sheet->count);
}

static void sheet_is_never_wider_or_higher_than_promised(void **state)
{
    (void)state;
    enum { MOST = 100 };
    static uint8_t images[MOST * 64 * 64];
    const char *labels[MOST];
    struct random random;
    random_seed(&random, 11, 1);
    for (int i = 0; i < ARRAY_SIZE(images); i++)
        images[i] = (uint8_t)random_below(&random, 256);
    for (int i = 0; i < MOST; i++)
        labels[i] = i % 3 ? "a long label" : NULL;
    for (int round = 0; round < 20000; round++) {
        enum picture_mode mode = modes[random_below(&random, ARRAY_SIZE(modes))];
        struct picture_sheet sheet = { images,
                                       1 + (int)random_below(&random, MOST),
                                       1 + (int)random_below(&random, 64),
                                       1 + (int)random_below(&random, 64),
                                       random_below(&random, 4) ? NULL : labels,
                                       (int)random_below(&random, 5) };
        int columns = 20 + (int)random_below(&random, 181);
        int rows = (int)random_below(&random, 60) + (random_below(&random, 5) > 0);
        struct picture_layout layout = picture_sheet_layout(&sheet, columns, rows, mode);
        if (sheet.labels && rows == 1)
            assert_int_equal(layout.shown, 0); /* no room for a picture above its label */
        else
            assert_layout_fits(&layout, &sheet, columns, rows);
        if (round % 100 == 0)
            assert_int_equal(print_and_measure(&sheet, columns, rows, mode), layout.height);
    }
}

static struct picture_layout lay_out(int count, int columns, int rows, enum picture_mode mode)
{
    struct picture_sheet sheet = { NULL, count, 28, 28, NULL, 0 };
    return picture_sheet_layout(&sheet, columns, rows, mode);
}

static void sheet_chooses_a_size(void **state)
{
    (void)state;
    static const struct {
        int count, columns, rows;
        enum picture_mode mode;
        int shown, across, image_columns, image_rows;
    } cases[] = {
        { 1, 80, 24, PICTURE_HALF, 1, 1, 48, 24 },  /* as large as it fits */
        { 1, 300, 90, PICTURE_HALF, 1, 1, 56, 28 }, /* two cells a pixel at most */
        { 1, 300, 90, PICTURE_BRAILLE, 1, 1, 28, 14 },
        { 2, 80, 24, PICTURE_HALF, 2, 2, 39, 20 },
        { 16, 80, 24, PICTURE_HALF, 16, 6, 12, 6 },
        { 64, 80, 0, PICTURE_HALF, 64, 8, 10, 5 },  /* eight by eight, however high */
        { 64, 80, 40, PICTURE_HALF, 64, 8, 10, 5 }, /* the same, just high enough */
        { 64, 80, 24, PICTURE_HALF, 32, 8, 10, 5 }, /* what stays legible */
        { 64, 160, 49, PICTURE_HALF, 64, 10, 14, 7 },
        { 64, 80, 24, PICTURE_BRAILLE, 64, 11, 7, 4 },
        { 16, 5, 3, PICTURE_ASCII, 1, 1, 5, 3 }, /* one, however small */
        { 4, 80, 0, PICTURE_ASCII, 4, 2, 39, 20 },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct picture_layout layout =
            lay_out(cases[i].count, cases[i].columns, cases[i].rows, cases[i].mode);
        int found[] = { layout.shown, layout.across, layout.columns, layout.rows };
        if (memcmp(found, &cases[i].shown, sizeof found) != 0)
            fail_msg("case %d: %d shown, %d across, %d x %d", i, layout.shown, layout.across,
                     layout.columns, layout.rows);
    }
}

static void sheet_of_nothing_is_nothing(void **state)
{
    (void)state;
    static const struct picture_layout nothing;
    struct picture_layout layouts[] = { lay_out(0, 80, 24, PICTURE_HALF),
                                        lay_out(4, 0, 24, PICTURE_HALF),
                                        lay_out(4, 80, -1, PICTURE_HALF) };
    for (int i = 0; i < ARRAY_SIZE(layouts); i++)
        assert_memory_equal(&layouts[i], &nothing, sizeof nothing);
    assert_int_equal(picture_print_sheet(stdout,
                                         &(struct picture_sheet){ .height = 28, .width = 28 }, 80,
                                         24, PICTURE_HALF),
                     0);
}

static void sheet_keeps_groups_in_a_row(void **state)
{
    (void)state;
    for (int count = 3; count <= 81; count += 3)
        for (int columns = 30; columns <= 200; columns++)
            for (int rows = 0; rows <= 60; rows += 5) {
                struct picture_sheet sheet = { NULL, count, 28, 28, NULL, 3 };
                struct picture_layout layout =
                    picture_sheet_layout(&sheet, columns, rows, PICTURE_HALF);
                if (layout.across % 3 != 0)
                    fail_msg("%d images in %d columns: %d across", count, columns, layout.across);
            }
    struct picture_sheet sheet = { NULL, 3, 28, 28, NULL, 3 };
    assert_int_equal(picture_sheet_layout(&sheet, 80, 0, PICTURE_HALF).across, 3);
    assert_int_equal(picture_sheet_layout(&sheet, 2, 10, PICTURE_HALF).across, 1);
}

static void sheet_puts_labels_below_its_images(void **state)
{
    (void)state;
    static const char *const labels[] = { "one", "two", "a label too long for twelve" };
    uint8_t images[3 * 24 * 24] = { 0 };
    struct picture_sheet sheet = { images, 3, 24, 24, labels, 0 };
    struct canvas canvas;
    canvas_init(&canvas, 38, 7);
    struct picture_layout layout =
        picture_sheet_draw(&canvas, canvas_bounds(&canvas), &sheet, PICTURE_HALF);
    assert_int_equal(layout.shown, 3);
    assert_string_equal(printed(&canvas, COLOUR_NONE),
                        "\n\n\n\n\n\none          two          a label too…\n");
    canvas_release(&canvas);
}

/* As a screen would show them: black cells, and the image as it is for them. */
static void picture_records_pixels(void **state)
{
    (void)state;
    struct canvas canvas;
    uint8_t *pixels = picture_of(ring, 12, 12);
    canvas_init(&canvas, 20, 6);
    picture_draw(&canvas, canvas_bounds(&canvas), pixels, 12, 12, PICTURE_PIXELS);
    assert_int_equal(canvas.pixels_count, 1);
    const struct canvas_pixels *picture = &canvas.pixels[0];
    assert_memory_equal(&picture->cells, (&(struct rect){ 4, 0, 12, 6 }), sizeof(struct rect));
    assert_int_equal(picture->width, 12);
    assert_int_equal(picture->height, 12);
    assert_memory_equal(picture->pixels, pixels, 12 * 12);
    for (int x = 0; x < 20; x++) {
        const struct cell *cell = canvas_at(&canvas, x, 3);
        assert_int_equal(cell->character, ' ');
        assert_int_equal(colour_luma(cell->style.background), x >= 4 && x < 16 ? 0 : -1);
    }
    assert_string_equal(printed(&canvas, COLOUR_NONE), "\n\n\n\n\n\n");
    canvas_release(&canvas);
    free(pixels);
}

static void sheet_records_pixels_of_each_image(void **state)
{
    (void)state;
    static uint8_t images[64 * 28 * 28];
    struct picture_sheet sheet = { images, 64, 28, 28, NULL, 0 };
    struct canvas canvas;
    for (int i = 0; i < 64; i++)
        images[i * 28 * 28] = (uint8_t)i;
    canvas_init(&canvas, 80, 24);
    struct picture_layout layout =
        picture_sheet_draw(&canvas, canvas_bounds(&canvas), &sheet, PICTURE_PIXELS);
    assert_int_equal(layout.shown, 64); /* pixels can be told apart where half blocks cannot */
    assert_int_equal(canvas.pixels_count, 64);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(canvas.pixels[i].pixels[0], i);
        assert_int_equal(canvas.pixels[i].cells.x,
                         i % layout.across * (layout.columns + layout.gap));
        assert_int_equal(canvas.pixels[i].cells.y, i / layout.across * layout.rows);
    }
    canvas_release(&canvas);
}

static void difference_is_signed(void **state)
{
    (void)state;
    static const uint8_t a[] = { 0, 255, 7, 100 }, b[] = { 255, 0, 7, 90 };
    static const int16_t expected[] = { -255, 255, 0, 10 };
    int16_t found[4];
    picture_difference(a, b, 4, found);
    assert_memory_equal(found, expected, sizeof found);
}

/* Two pixels a cell: the left half is above 0, the middle is 0, the right half below. */
static void difference_tells_its_sign_by_colour(void **state)
{
    (void)state;
    static const int16_t difference[] = { 255, 0, -255, 120, 0, -120, 10, 0, -10, 0, 0, 0 };
    for (int i = 0; i < ARRAY_SIZE(modes); i++) {
        struct canvas canvas;
        if (modes[i] == PICTURE_ASCII || modes[i] == PICTURE_BRAILLE || modes[i] == PICTURE_PIXELS)
            continue;
        canvas_init(&canvas, 3, 2);
        picture_draw_signed(&canvas, canvas_bounds(&canvas), difference, 4, 3, modes[i]);
        for (int y = 0; y < 3; y++) {
            uint32_t colours[3];
            for (int x = 0; x < 3; x++) {
                const struct style *style = &canvas_at(&canvas, x, y / 2)->style;
                colours[x] = y % 2 ? style->background : style->foreground;
            }
            assert_true((colours[0] >> 16 & 255) > (colours[0] & 255)); /* red above blue */
            assert_true((colours[2] >> 16 & 255) < (colours[2] & 255));
            assert_int_equal(colours[1], colour_grey(0));
        }
        assert_int_equal(canvas.pixels_count, 0);
        canvas_release(&canvas);
    }
}

static void difference_is_recorded_as_pixels(void **state)
{
    (void)state;
    static const int16_t difference[] = { 255, 0, -255, 2, -2, 1 };
    struct canvas canvas;
    canvas_init(&canvas, 6, 2);
    picture_draw_signed(&canvas, canvas_bounds(&canvas), difference, 2, 3, PICTURE_PIXELS);
    assert_int_equal(canvas.pixels_count, 1);
    assert_true(canvas.pixels[0].is_signed);
    assert_memory_equal(canvas.pixels[0].pixels, ((const uint8_t[]){ 255, 128, 1, 129, 127, 128 }),
                        6);
    canvas_release(&canvas);
}

static void difference_tells_its_sign_without_colour(void **state)
{
    (void)state;
    int16_t difference[8 * 8];
    struct canvas canvas;
    for (int i = 0; i < 64; i++)
        difference[i] = (int16_t)((i % 8 - 4) * 60);
    canvas_init(&canvas, 10, 4);
    picture_draw_signed(&canvas, canvas_bounds(&canvas), difference, 8, 8, PICTURE_ASCII);
    assert_string_equal(printed(&canvas, COLOUR_NONE),
                        " ===- +##\n ===- +##\n ===- +##\n ===- +##\n");
    canvas_release(&canvas);
}

static void difference_keeps_to_its_rectangle(void **state)
{
    (void)state;
    struct random random;
    int16_t difference[64 * 64];
    random_seed(&random, 2, 1);
    for (int i = 0; i < 64 * 64; i++)
        difference[i] = (int16_t)random_below(&random, 65536); /* also what no images give */
    for (int round = 0; round < 1000; round++) {
        struct canvas canvas;
        struct rect rect = { (int)random_below(&random, 30) - 5, (int)random_below(&random, 20) - 5,
                             (int)random_below(&random, 20), (int)random_below(&random, 12) };
        canvas_init(&canvas, 30, 20);
        picture_draw_signed(&canvas, rect, difference, 1 + (int)random_below(&random, 64),
                            1 + (int)random_below(&random, 64), modes[round % ARRAY_SIZE(modes)]);
        for (int i = 0; i < 30 * 20; i++) {
            int x = i % 30 - rect.x, y = i / 30 - rect.y;
            bool is_inside = x >= 0 && y >= 0 && x < rect.width && y < rect.height;
            assert_true(is_inside || canvas.cells[i].style.background == COLOUR_DEFAULT);
        }
        canvas_release(&canvas);
    }
}

static void picture_modes_have_names(void **state)
{
    (void)state;
    for (int i = 0; picture_mode_names()[i]; i++) {
        enum picture_mode mode;
        assert_int_equal(picture_mode_parse(&mode, picture_mode_names()[i]), 0);
        assert_int_equal(mode, i);
    }
    enum picture_mode mode = PICTURE_HALF;
    assert_int_equal(picture_mode_parse(&mode, "asci"), ERR_INVALID);
    assert_non_null(strstr(error_text(), "did you mean 'ascii'"));
    assert_int_equal(picture_mode_parse(&mode, "oil"), ERR_INVALID);
    assert_non_null(strstr(error_text(), "braille"));
    assert_int_equal(picture_mode_parse(&mode, "pixels"), ERR_INVALID); /* not on a stream */
    assert_string_equal(picture_mode_name(PICTURE_PIXELS), "pixels");
    assert_int_equal(mode, PICTURE_HALF);
}

static void picture_mode_is_the_best_that_the_terminal_shows(void **state)
{
    (void)state;
    static const struct {
        struct terminal terminal;
        enum picture_mode mode;
    } cases[] = {
        { { .is_terminal = true, .utf8 = true, .braille = true, .colours = COLOUR_TRUE },
          PICTURE_HALF },
        { { .is_terminal = true, .utf8 = true, .braille = true, .colours = COLOUR_256 },
          PICTURE_HALF },
        { { .is_terminal = true, .utf8 = true, .braille = true, .colours = COLOUR_16 },
          PICTURE_BRAILLE },
        { { .is_terminal = true, .utf8 = true, .colours = COLOUR_16 },
          PICTURE_ASCII }, /* console */
        { { .is_terminal = true, .utf8 = true, .braille = true }, PICTURE_BRAILLE },
        { { .is_terminal = true, .colours = COLOUR_256 }, PICTURE_ASCII },
        { { .utf8 = true, .braille = true }, PICTURE_ASCII }, /* a file */
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(picture_mode_for(&cases[i].terminal), cases[i].mode);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(picture_draws_ascii),
        cmocka_unit_test(picture_draws_half_blocks),
        cmocka_unit_test(picture_draws_braille),
        cmocka_unit_test(picture_draws_sextants),
        cmocka_unit_test(picture_sextants_have_the_two_greys_that_fit_best),
        cmocka_unit_test(picture_sextants_are_exact_in_two_greys),
        cmocka_unit_test(picture_chooses_characters_by_shape),
        cmocka_unit_test(picture_half_blocks_are_exact_at_a_pixel_a_point),
        cmocka_unit_test(picture_has_24_greys_on_black_whatever_the_terminal),
        cmocka_unit_test(picture_of_one_grey_stays_that_at_any_size),
        cmocka_unit_test(picture_keeps_its_contrast_when_it_shrinks),
        cmocka_unit_test(picture_keeps_to_its_rectangle),
        cmocka_unit_test(sheet_is_never_wider_or_higher_than_promised),
        cmocka_unit_test(sheet_chooses_a_size),
        cmocka_unit_test(sheet_of_nothing_is_nothing),
        cmocka_unit_test(sheet_keeps_groups_in_a_row),
        cmocka_unit_test(sheet_puts_labels_below_its_images),
        cmocka_unit_test(picture_records_pixels),
        cmocka_unit_test(sheet_records_pixels_of_each_image),
        cmocka_unit_test(difference_is_signed),
        cmocka_unit_test(difference_tells_its_sign_by_colour),
        cmocka_unit_test(difference_is_recorded_as_pixels),
        cmocka_unit_test(difference_tells_its_sign_without_colour),
        cmocka_unit_test(difference_keeps_to_its_rectangle),
        cmocka_unit_test(picture_modes_have_names),
        cmocka_unit_test(picture_mode_is_the_best_that_the_terminal_shows),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
