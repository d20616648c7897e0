#define _GNU_SOURCE
#include "draw/pixels.h"

#include <string.h>

#include "base/image.h"
#include "base/memory.h"
#include "base/random.h"
#include "testing.h"

enum { MOST = 1 << 13 };

/* --- a terminal that knows sixel --- */

struct decoded {
    int width, height; /* as declared */
    int *pixels;       /* (height, width) percent; -1: not set */
};

static int number(const char **at)
{
    char *end;
    long value = strtol(*at, &end, 10);
    assert_true(end > *at && value >= 0 && value <= MOST);
    *at = end;
    return (int)value;
}

static const char *after(const char *text, const char *start)
{
    assert_true(strncmp(text, start, strlen(start)) == 0);
    return text + strlen(start);
}

static void set_sixel(struct decoded *out, int x, int top, int bits, int grey)
{
    assert_in_range(bits, 0, 63);
    assert_true(x < out->width);
    for (int row = 0; row < 6; row++) {
        if (!(bits >> row & 1))
            continue;
        assert_true(top + row < out->height);
        assert_int_equal(out->pixels[(top + row) * out->width + x], -1); /* each is set once */
        out->pixels[(top + row) * out->width + x] = grey;
    }
}

/* After '#'. */
static void take_colour(const char **at, int palette[256], int *colour)
{
    *colour = number(at);
    assert_in_range(*colour, 0, 63);
    if (**at != ';')
        return;
    assert_int_equal(palette[*colour], -1); /* declared once */
    *at = after(*at, ";2;");
    palette[*colour] = number(at);
    for (int i = 0; i < 2; i++) {
        *at = after(*at, ";");
        assert_int_equal(number(at), palette[*colour]);
    }
    assert_in_range(palette[*colour], 0, 100);
}

static void decode_sixel(struct decoded *out, const char *text, size_t size)
{
    int palette[256], colour = 0, x = 0, top = 0;
    assert_int_equal(strlen(text), size);
    const char *at = after(text, "\033P0;1;0q\"1;1;");
    out->width = number(&at);
    at = after(at, ";");
    out->height = number(&at);
    out->pixels = xcalloc((size_t)out->width * (size_t)out->height, sizeof *out->pixels);
    memset(palette, -1, sizeof palette);
    memset(out->pixels, -1, (size_t)out->width * (size_t)out->height * sizeof *out->pixels);
    while (*at != '\033') {
        int length = 1;
        char c = *at++;
        if (c == '#') {
            take_colour(&at, palette, &colour);
            continue;
        }
        if (c == '$' || c == '-') {
            x = 0;
            top += c == '-' ? 6 : 0;
            assert_true(c != '-' || *at != '\033'); /* no line feed at the end */
            continue;
        }
        if (c == '!') {
            length = number(&at);
            c = *at++;
        }
        assert_true(palette[colour] >= 0);
        for (; length > 0; length--)
            set_sixel(out, x++, top, c - '?', palette[colour]);
    }
    assert_string_equal(at, "\033\\");
}

/* --- one that knows Kitty's protocol --- */

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;
    assert_true(found || c == '=');
    return found ? (int)(found - digits) : 0;
}

static size_t decode_base64(uint8_t *out, const char *text, size_t length)
{
    size_t count = 0;
    assert_int_equal(length % 4, 0);
    for (size_t i = 0; i < length; i += 4) {
        int bits = digit_of(text[i]) << 18 | digit_of(text[i + 1]) << 12 |
                   digit_of(text[i + 2]) << 6 | digit_of(text[i + 3]);
        int bytes = text[i + 2] == '=' ? 1 : text[i + 3] == '=' ? 2 : 3;
        for (int j = 0; j < bytes; j++)
            out[count++] = (uint8_t)(bits >> (16 - 8 * j));
    }
    return count;
}

/* The image, and the keys of the first piece in `keys`; free the pixels. */
static struct image decode_kitty(const char *text, size_t size, char keys[256])
{
    struct image image;
    uint8_t *png = xmalloc(size + 1);
    size_t length = 0;
    assert_int_equal(strlen(text), size);
    keys[0] = '\0';
    for (const char *at = text; *at;) {
        const char *payload = strchr(at, ';') + 1, *end = strchr(payload, '\033');
        bool is_last = end[2] == '\0';
        at = after(at, "\033_G");
        if (!*keys)
            snprintf(keys, 256, "%.*s", (int)(payload - at - 1), at);
        else
            assert_int_equal(payload - at, strlen("q=2,m=1;"));
        assert_int_equal(payload[-2], is_last ? '0' : '1');
        assert_true(end - payload <= 4096 && (is_last || end - payload == 4096));
        length += decode_base64(png + length, payload, (size_t)(end - payload));
        at = after(end, "\033\\");
    }
    assert_int_equal(image_decode_png(&image, png, length, MOST, "payload"), 0);
    free(png);
    return image;
}

/* --- tests --- */

static struct canvas_pixels noise(int columns, int rows, int height, int width)
{
    struct random random;
    struct canvas_pixels picture = { { 3, 4, columns, rows }, width, height, NULL, false };
    random_seed(&random, 3, 1);
    picture.pixels = xmalloc((size_t)height * (size_t)width);
    for (int i = 0; i < height * width; i++)
        picture.pixels[i] = (uint8_t)random_below(&random, 256);
    return picture;
}

static void sixel_decodes_to_the_picture(void **state)
{
    (void)state;
    struct canvas_pixels picture = noise(6, 3, 12, 12); /* 48 x 48 pixels, four by four each */
    struct decoded decoded;
    size_t size;
    char *text = pixels_sixel(&picture, 8, 16, &size);
    decode_sixel(&decoded, text, size);
    assert_int_equal(decoded.width, 48);
    assert_int_equal(decoded.height, 48);
    for (int i = 0; i < 48 * 48; i++) {
        int grey = picture.pixels[i / 48 / 4 * 12 + i % 48 / 4];
        assert_true(abs(decoded.pixels[i] * 255 - grey * 100) <= 325); /* half a level, half a % */
    }
    free(decoded.pixels);
    free(picture.pixels);
    free(text);
}

static void sixel_codes_runs(void **state)
{
    (void)state;
    uint8_t pixels[2] = { 0, 255 };
    struct canvas_pixels picture = { { 0, 0, 2, 1 }, 2, 1, pixels, false };
    size_t size;
    char *text = pixels_sixel(&picture, 6, 6, &size);
    assert_string_equal(text, "\033P0;1;0q\"1;1;12;6#0;2;0;0;0#63;2;100;100;100"
                              "#0!6~$#63!6?!6~\033\\");
    free(text);
}

static void sixel_stays_within_its_cells(void **state)
{
    (void)state;
    for (int cell = -1; cell < 40; cell++) {
        struct canvas_pixels picture = noise(5, 3, 7, 3); /* black beside it */
        struct decoded decoded;
        size_t size;
        int high = MAX(3 * cell, 3);
        char *text = pixels_sixel(&picture, cell / 2, cell, &size);
        decode_sixel(&decoded, text, size);
        assert_int_equal(decoded.width, 5 * MAX(cell / 2, 1));
        assert_int_equal(decoded.height, high > 6 ? high / 6 * 6 : high);
        for (int i = 0; i < decoded.width * decoded.height; i++)
            assert_true(decoded.pixels[i] >= 0);
        free(decoded.pixels);
        free(picture.pixels);
        free(text);
    }
}

static void kitty_decodes_to_the_picture(void **state)
{
    (void)state;
    struct canvas_pixels picture = noise(64, 32, 64, 64);
    size_t size;
    char keys[256], *text = pixels_kitty(&picture, 8, 16, 4711, &size);
    struct image image = decode_kitty(text, size, keys);
    assert_true(size > 4096); /* several pieces */
    assert_string_equal(keys, "a=T,f=100,i=4711,p=1,c=64,r=32,C=1,q=2,m=1");
    assert_int_equal(image.width, 64 * 8);
    assert_int_equal(image.height, 32 * 16);
    for (int i = 0; i < image.width * image.height; i++)
        assert_int_equal(image.pixels[i],
                         picture.pixels[i / image.width / 8 * 64 + i % image.width / 8]);
    image_release(&image);
    free(picture.pixels);
    free(text);
}

/* Below 0 to the left, above to the right, nothing in the middle. */
static struct canvas_pixels signed_picture(void)
{
    struct canvas_pixels picture = { { 0, 0, 4, 1 }, 3, 1, xmalloc(3), true };
    memcpy(picture.pixels, (const uint8_t[]){ 0, 128, 255 }, 3);
    return picture;
}

static void sixels_of_differences_are_black_blue_and_orange(void **state)
{
    (void)state;
    struct canvas_pixels picture = signed_picture();
    size_t size;
    char *text = pixels_sixel(&picture, 3, 6, &size);
    assert_non_null(strstr(text, "#32;2;0;0;0")); /* also beside the image */
    assert_non_null(strstr(text, "#0;2;39;71;100"));
    assert_non_null(strstr(text, "#63;2;100;67;16"));
    picture.is_signed = false;
    char *grey = pixels_sixel(&picture, 3, 6, &size);
    assert_non_null(strstr(grey, "#0;2;0;0;0")); /* beside the image */
    free(grey);
    free(text);
    free(picture.pixels);
}

static void kitty_gets_differences_with_their_palette(void **state)
{
    (void)state;
    struct canvas_pixels picture = signed_picture();
    size_t size, length;
    char *text = pixels_kitty(&picture, 3, 6, 1, &size);
    const char *payload = strchr(text, ';') + 1;
    uint8_t png[8192];
    length = decode_base64(png, payload, strcspn(payload, "\033"));
    const uint8_t *palette = memmem(png, length, "PLTE", 4);
    assert_non_null(palette);
    assert_memory_equal(palette + 4, ((const uint8_t[]){ 100, 180, 255 }), 3);
    assert_memory_equal(palette + 4 + 3 * 128, ((const uint8_t[]){ 0, 0, 0 }), 3);
    assert_memory_equal(palette + 4 + 3 * 255, ((const uint8_t[]){ 255, 170, 40 }), 3);
    free(text);
    free(picture.pixels);
}

static void pictures_keep_their_proportions(void **state)
{
    (void)state;
    uint8_t pixels[4 * 4];
    char keys[256];
    size_t size;
    struct canvas_pixels picture = { { 0, 0, 10, 5 }, 4, 4, pixels, false };
    memset(pixels, 255, sizeof pixels);
    char *text = pixels_kitty(&picture, 6, 13, 1, &size); /* 60 x 65 pixels */
    struct image image = decode_kitty(text, size, keys);
    assert_int_equal(image.width, 60);
    assert_int_equal(image.height, 65);
    for (int y = 0; y < 65; y++)
        for (int x = 0; x < 60; x++)
            assert_int_equal(image.pixels[y * 60 + x], y >= 2 && y < 62 ? 255 : 0);
    image_release(&image);
    free(text);
}

static void kitty_deletes_by_id(void **state)
{
    (void)state;
    char *text = pixels_kitty_delete(UINT32_MAX);
    assert_string_equal(text, "\033_Ga=d,d=I,i=4294967295,q=2\033\\");
    free(text);
}

static void pictures_of_hostile_sizes_are_bounded(void **state)
{
    (void)state;
    uint8_t pixels[1] = { 200 };
    size_t size;
    struct canvas_pixels picture = { { 0, 0, 1 << 20, 1 }, 1, 1, pixels, false };
    struct decoded decoded;
    char *text = pixels_sixel(&picture, 1 << 30, 30, &size);
    decode_sixel(&decoded, text, size);
    assert_int_equal(decoded.width, MOST);
    assert_int_equal(decoded.height, 30);
    free(decoded.pixels);
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixel_decodes_to_the_picture),
        cmocka_unit_test(sixel_codes_runs),
        cmocka_unit_test(sixel_stays_within_its_cells),
        cmocka_unit_test(kitty_decodes_to_the_picture),
        cmocka_unit_test(sixels_of_differences_are_black_blue_and_orange),
        cmocka_unit_test(kitty_gets_differences_with_their_palette),
        cmocka_unit_test(pictures_keep_their_proportions),
        cmocka_unit_test(kitty_deletes_by_id),
        cmocka_unit_test(pictures_of_hostile_sizes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
