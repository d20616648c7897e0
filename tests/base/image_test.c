#define _GNU_SOURCE
#include "base/image.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "testing.h"

enum { WIDTH = 5, HEIGHT = 3, LIMIT = 64, FILE_LIMIT = 1 << 16 };

/* tests/fuzz/seeds/png/NAME, and its grey pixels as computed by another program. */
static const struct {
    const char *name;
    uint8_t pixels[WIDTH * HEIGHT];
} samples[] = {
    { "grey-1bit", { 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0 } },
    { "grey-2bit", { 0, 85, 170, 255, 0, 85, 170, 255, 0, 85, 170, 255, 0, 85, 170 } },
    { "grey-4bit-interlaced",
      { 0, 51, 102, 153, 204, 17, 68, 119, 170, 221, 34, 85, 136, 187, 238 } },
    { "grey-8bit", { 0, 53, 106, 159, 212, 29, 82, 135, 188, 241, 58, 111, 164, 217, 14 } },
    { "grey-8bit-interlaced",
      { 0, 53, 106, 159, 212, 29, 82, 135, 188, 241, 58, 111, 164, 217, 14 } },
    { "grey-8bit-transparent-colour",
      { 0, 0, 106, 159, 212, 29, 82, 135, 188, 241, 58, 111, 164, 217, 14 } },
    { "grey-16bit", { 0, 53, 106, 159, 212, 29, 82, 135, 188, 241, 58, 111, 164, 217, 14 } },
    { "grey-alpha-8bit", { 0, 13, 53, 125, 212, 7, 41, 106, 188, 0, 29, 87, 164, 0, 4 } },
    { "colour-8bit", { 13, 30, 48, 66, 84, 71, 93, 114, 135, 157, 130, 155, 179, 204, 229 } },
    { "colour-16bit", { 13, 30, 48, 66, 84, 71, 93, 114, 135, 157, 130, 155, 179, 204, 229 } },
    { "colour-alpha-16bit-interlaced",
      { 0, 8, 24, 52, 84, 18, 47, 89, 135, 0, 65, 122, 179, 0, 57 } },
    { "palette-4bit", { 0, 76, 150, 29, 200, 150, 29, 200, 255, 0, 200, 255, 0, 76, 150 } },
    { "palette-8bit-transparent",
      { 0, 38, 150, 0, 200, 150, 0, 200, 255, 0, 200, 255, 0, 38, 150 } },
};

/* Malloc'ed to its exact size, so that a sanitizer sees one byte too many. */
static uint8_t *read_sample(const char *name, size_t *size)
{
    char *path = xasprintf("tests/fuzz/seeds/png/%s", name), *data;
    assert_int_equal(file_read(path, FILE_LIMIT, &data, size), 0);
    free(path);
    uint8_t *exact = xmalloc(*size);
    memcpy(exact, data, *size);
    free(data);
    return exact;
}

static void every_kind_of_png_becomes_grey(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(samples); i++) {
        struct image image;
        size_t size;
        uint8_t *data = read_sample(samples[i].name, &size);
        print_message("%s\n", samples[i].name);
        assert_int_equal(image_decode_png(&image, data, size, LIMIT, "x"), 0);
        assert_int_equal(image.width, WIDTH);
        assert_int_equal(image.height, HEIGHT);
        assert_memory_equal(image.pixels, samples[i].pixels, WIDTH * HEIGHT);
        image_release(&image);
        free(data);
    }
}

static void what_was_written_reads_back_equal(void **state)
{
    enum { WIDE = 61, HIGH = 33 };
    uint8_t pixels[WIDE * HIGH];
    struct image written = { WIDE, HIGH, pixels }, read;
    (void)state;
    for (int i = 0; i < WIDE * HIGH; i++)
        pixels[i] = (uint8_t)(i % 251 * 31 / 7);
    assert_int_equal(image_write_png(&written, "a.png"), 0);
    assert_int_equal(image_read_png(&read, "a.png", WIDE), 0);
    assert_int_equal(read.width, WIDE);
    assert_int_equal(read.height, HIGH);
    assert_memory_equal(read.pixels, pixels, sizeof pixels);
    image_release(&read);
    assert_null(read.pixels);
}

static void an_image_beyond_the_limit_is_refused(void **state)
{
    uint8_t pixels[12] = { 0 };
    struct image wide = { 4, 3, pixels }, read;
    (void)state;
    assert_int_equal(image_write_png(&wide, "a.png"), 0);
    assert_int_equal(image_read_png(&read, "a.png", 3), ERR_INVALID);
    assert_string_equal(error_text(), "image 'a.png' has 4x3 pixels: at most 3x3 can be read");
    assert_int_equal(image_read_png(&read, "a.png", 4), 0);
    image_release(&read);
}

/* A million pixels a side, with nothing behind the header. */
static void a_huge_header_costs_no_memory(void **state)
{
    static const uint8_t data[] = { 137, 80,  78, 71,  13,  10, 26, 10, 0,  0,  0,  13, 73, 72,
                                    68,  82,  0,  15,  66,  64, 0,  15, 66, 64, 8,  0,  0,  0,
                                    0,   121, 6,  103, 161, 0,  0,  0,  10, 73, 68, 65, 84 };
    struct image read;
    (void)state;
    assert_int_equal(image_decode_png(&read, data, sizeof data, LIMIT, "x"), ERR_INVALID);
    assert_string_equal(error_text(),
                        "image 'x' has 1000000x1000000 pixels: at most 64x64 can be read");
}

/* Found by fuzzing. The file is an IHDR, and the first bytes of a comment. */
static void a_comment_that_claims_a_gigabyte_costs_no_memory(void **state)
{
    enum { ALLOWED_KIB = 64 << 10 };
    struct rusage before, after;
    struct image read;
    size_t size;
    uint8_t *data = read_sample("claims-a-gigabyte", &size);
    (void)state;
    getrusage(RUSAGE_SELF, &before);
    assert_int_equal(image_decode_png(&read, data, size, LIMIT, "x"), ERR_INVALID);
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < ALLOWED_KIB);
    free(data);
}

static void what_is_no_png_is_called_so(void **state)
{
    struct image read;
    (void)state;
    assert_int_equal(image_decode_png(&read, "GIF89a....", 10, LIMIT, "a.gif"), ERR_INVALID);
    assert_string_equal(error_text(), "image 'a.gif' is not a PNG file");
    assert_int_equal(image_decode_png(&read, "\x89PNG", 4, LIMIT, "a"), ERR_INVALID);
    assert_int_equal(image_decode_png(&read, "", 0, LIMIT, "a"), ERR_INVALID);
    assert_int_equal(image_read_png(&read, "none.png", LIMIT), ERR_NOT_FOUND);
}

static void a_png_cut_anywhere_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(samples); i++) {
        size_t size;
        uint8_t *data = read_sample(samples[i].name, &size);
        for (size_t length = 0; length < size; length++) {
            struct image image;
            uint8_t *cut = xmalloc(length);
            memcpy(cut, data, length);
            assert_int_equal(image_decode_png(&image, cut, length, LIMIT, "x"), ERR_INVALID);
            free(cut);
        }
        free(data);
    }
    assert_string_equal(error_text(), "image 'x' is broken: it is cut short");
}

/* Every chunk of this sample matters and has a checksum. */
static void a_png_with_one_wrong_byte_is_refused(void **state)
{
    size_t size;
    uint8_t *data = read_sample("grey-8bit-interlaced", &size);
    (void)state;
    for (size_t i = 0; i < size; i++) {
        struct image image;
        data[i] ^= 0x10;
        assert_int_equal(image_decode_png(&image, data, size, LIMIT, "x"), ERR_INVALID);
        data[i] ^= 0x10;
    }
    free(data);
}

static void libpng_says_nothing_on_its_own(void **state)
{
    size_t size;
    uint8_t *data = read_sample("palette-8bit-transparent", &size);
    char heard[64] = "";
    int ends[2], before = dup(STDERR_FILENO);
    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    fflush(stderr);
    dup2(ends[1], STDERR_FILENO);
    for (size_t i = 0; i < size; i++) {
        struct image image = { 0 };
        data[i] ^= 0xFF;
        image_decode_png(&image, data, size, LIMIT, "x");
        image_release(&image);
        data[i] ^= 0xFF;
    }
    dup2(before, STDERR_FILENO);
    assert_int_equal(read(ends[0], heard, sizeof heard - 1), -1);
    assert_string_equal(heard, "");
    close(before);
    close(ends[0]);
    close(ends[1]);
    free(data);
}

static void an_empty_image_is_not_written(void **state)
{
    struct image empty = { 0, 3, NULL };
    (void)state;
    assert_int_equal(image_write_png(&empty, "a.png"), ERR_INVALID);
    assert_false(file_exists("a.png"));
}

static void a_full_disk_leaves_the_old_image(void **state)
{
    enum { SIDE = 256 };
    uint8_t *noise = xmalloc(SIDE * SIDE), pixel = 7;
    struct image small = { 1, 1, &pixel }, large = { SIDE, SIDE, noise }, read;
    struct rlimit limit;
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < SIDE * SIDE; i++)
        noise[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
    assert_int_equal(image_write_png(&small, "a.png"), 0);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 4096;
    setrlimit(RLIMIT_FSIZE, &limit);
    int error = image_write_png(&large, "a.png");
    limit.rlim_cur = before;
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_int_equal(error, ERR_IO);
    assert_string_equal(error_text(), "cannot write 'a.png': File too large");
    assert_int_equal(image_read_png(&read, "a.png", LIMIT), 0);
    assert_int_equal(read.pixels[0], 7);
    image_release(&read);
    free(noise);
}

static void png_in_memory_is_read_back(void **state)
{
    (void)state;
    static uint8_t pixels[300 * 211];
    struct image image = { 211, 300, pixels }, read;
    uint8_t *bytes;
    size_t size;
    for (int i = 0; i < ARRAY_SIZE(pixels); i++)
        pixels[i] = (uint8_t)(i % 251 * 31 / 7);
    assert_int_equal(image_encode_png(&image, NULL, &bytes, &size), 0);
    assert_int_equal(image_decode_png(&read, bytes, size, 300, "picture"), 0);
    assert_int_equal(read.width, 211);
    assert_int_equal(read.height, 300);
    assert_memory_equal(read.pixels, pixels, sizeof pixels);
    image_release(&read);
    free(bytes);
    image.height = 0;
    assert_int_equal(image_encode_png(&image, NULL, &bytes, &size), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_png_becomes_grey),
        IN_SCRATCH(what_was_written_reads_back_equal),
        IN_SCRATCH(an_image_beyond_the_limit_is_refused),
        cmocka_unit_test(a_huge_header_costs_no_memory),
        cmocka_unit_test(a_comment_that_claims_a_gigabyte_costs_no_memory),
        cmocka_unit_test(what_is_no_png_is_called_so),
        cmocka_unit_test(a_png_cut_anywhere_is_refused),
        cmocka_unit_test(a_png_with_one_wrong_byte_is_refused),
        cmocka_unit_test(libpng_says_nothing_on_its_own),
        IN_SCRATCH(an_empty_image_is_not_written),
        IN_SCRATCH(a_full_disk_leaves_the_old_image),
        cmocka_unit_test(png_in_memory_is_read_back),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
