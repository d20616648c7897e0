#define _GNU_SOURCE
#include "data/idx.h"

#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "testing.h"

enum { SIZE = 4096 };

struct file { /* an IDX file in the making */
    size_t size;
    uint8_t bytes[SIZE];
};

static void add_number(struct file *file, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        file->bytes[file->size++] = (uint8_t)(number >> shift);
}

static void add_values(struct file *file, int count)
{
    for (int i = 0; i < count; i++)
        file->bytes[file->size++] = (uint8_t)(i * 7);
}

static struct file images_file(uint32_t count, uint32_t height, uint32_t width, int values)
{
    struct file file = { 0 };
    add_number(&file, 0x00000803);
    add_number(&file, count);
    add_number(&file, height);
    add_number(&file, width);
    add_values(&file, values);
    return file;
}

static struct file labels_file(uint32_t count, int values)
{
    struct file file = { 0 };
    add_number(&file, 0x00000801);
    add_number(&file, count);
    add_values(&file, values);
    return file;
}

static struct file gzipped(const struct file *plain)
{
    struct file file = { 0 };
    z_stream zlib = { 0 };
    assert_int_equal(deflateInit2(&zlib, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    zlib.next_in = (Bytef *)(uintptr_t)plain->bytes;
    zlib.avail_in = (uInt)plain->size;
    zlib.next_out = file.bytes;
    zlib.avail_out = SIZE;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    file.size = SIZE - zlib.avail_out;
    deflateEnd(&zlib);
    return file;
}

static void save(const char *path, const struct file *file)
{
    assert_int_equal(file_replace(path, file->bytes, file->size), 0);
}

/* Parses a copy of exactly the file's size, so that a sanitizer sees a byte read beyond it. */
static int parse(struct idx *out, const struct file *file, int dimensions)
{
    uint8_t *exact = xmalloc(file->size + !file->size);
    memcpy(exact, file->bytes, file->size);
    int status = idx_parse(out, exact, file->size, dimensions, "the-file");
    free(exact);
    return status;
}

/* The file is refused with a sentence that names it and holds `saying`. */
static void assert_refused(const struct file *file, int dimensions, const char *saying)
{
    struct idx idx;
    assert_int_equal(parse(&idx, file, dimensions), ERR_INVALID);
    assert_null(idx.bytes);
    if (!strstr(error_text(), "'the-file'") || !strstr(error_text(), saying))
        fail_msg("'%s' does not say '%s'", error_text(), saying);
}

static void images_are_read_plain_and_gzipped(void **state)
{
    (void)state;
    struct file plain = images_file(5, 3, 7, 105), packed = gzipped(&plain);
    const struct file *files[] = { &plain, &packed };
    for (int i = 0; i < 2; i++) {
        struct idx idx;
        assert_int_equal(parse(&idx, files[i], 3), 0);
        assert_int_equal(idx.count, 5);
        assert_int_equal(idx.height, 3);
        assert_int_equal(idx.width, 7);
        assert_memory_equal(idx.bytes, plain.bytes + 16, 105);
        free(idx.bytes);
    }
}

static void gzip_members_are_joined(void **state)
{
    (void)state;
    struct file plain = images_file(5, 3, 7, 105), head = plain, tail = { 0 };
    head.size = 50;
    tail.size = plain.size - 50;
    memcpy(tail.bytes, plain.bytes + 50, tail.size);
    struct file joined = gzipped(&head), second = gzipped(&tail);
    memcpy(joined.bytes + joined.size, second.bytes, second.size);
    joined.size += second.size;
    struct idx idx;
    assert_int_equal(parse(&idx, &joined, 3), 0);
    assert_memory_equal(idx.bytes, plain.bytes + 16, 105);
    free(idx.bytes);
}

static void every_cut_is_noticed(void **state)
{
    (void)state;
    struct file plain = images_file(5, 3, 7, 105), packed = gzipped(&plain);
    struct file *files[] = { &plain, &packed };
    for (int i = 0; i < 2; i++)
        for (size_t whole = files[i]->size; files[i]->size-- > 0;) {
            assert_true(files[i]->size < whole);
            assert_refused(files[i], 3, "cut short");
        }
}

static void every_flipped_bit_of_gzip_data_is_noticed_or_harmless(void **state)
{
    (void)state;
    struct file plain = images_file(5, 3, 7, 105), packed = gzipped(&plain);
    int noticed = 0;
    for (size_t i = 0; i < packed.size * 8; i++) {
        struct file damaged = packed;
        damaged.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        struct idx idx;
        int status = parse(&idx, &damaged, 3);
        if (status == 0) /* the gzip header's time and flags matter to nobody */
            assert_memory_equal(idx.bytes, plain.bytes + 16, 105);
        else
            assert_int_equal(status, ERR_INVALID);
        noticed += status < 0;
        free(idx.bytes);
    }
    assert_true(noticed > (int)(packed.size - 10) * 8); /* all behind the 10 bytes of header */
}

static void bytes_after_the_end_are_refused(void **state)
{
    (void)state;
    struct file plain = images_file(5, 3, 7, 106), packed = gzipped(&plain);
    assert_refused(&plain, 3, "after the 105");
    assert_refused(&packed, 3, "after the 105");
    struct file right = images_file(5, 3, 7, 105), trailed = gzipped(&right);
    trailed.bytes[trailed.size++] = 0;
    assert_refused(&trailed, 3, "after the 105");
}

static void lying_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t count, height, width;
        const char *saying;
    } lies[] = {
        { 0, 28, 28, "promises 0 images" },
        { 5, 0, 7, "7x0 pixels" },
        { 5, 3, 0, "0x3 pixels" },
        { 5, 65, 7, "1x1 to 64x64" },
        { 5, 3, 65, "65x3 pixels" },
        { 0xFFFFFFFF, 28, 28, "promises 4294967295 images" },
        { 0x80000000, 1, 1, "promises 2147483648 images" },
        { 0x10000000, 0x10000, 0x10000, "65536x65536 pixels" }, /* the product is 0 in 32 bits */
        { 5478275, 28, 28, "promises 5478275 images" },         /* 304 bytes in 32 bits */
        { 2147483647, 1, 1, "cut short: its header promises 2147483647 bytes" },
        { 6, 3, 7, "promises 126 bytes (6 of 7x3), and 105 follow" },
    };
    for (int i = 0; i < ARRAY_SIZE(lies); i++) {
        struct file file = images_file(lies[i].count, lies[i].height, lies[i].width, 105);
        assert_refused(&file, 3, lies[i].saying);
    }
}

static void gzip_cannot_promise_more_than_it_can_hold(void **state)
{
    (void)state;
    struct file plain = images_file(2000000, 28, 28, 105), packed = gzipped(&plain);
    assert_refused(&packed, 3, "promises 1568000000 bytes");
}

static void other_types_and_shapes_are_refused(void **state)
{
    (void)state;
    struct file images = images_file(5, 3, 7, 105), labels = labels_file(5, 5);
    assert_refused(&images, 1, "3 dimensions where labels have 1");
    assert_refused(&labels, 3, "cut short");
    struct file long_labels = labels_file(50, 50);
    assert_refused(&long_labels, 3, "1 dimensions where images have 3");
    images.bytes[2] = 0x0D;
    assert_refused(&images, 3, "type 0x0D");
    images.bytes[0] = 0x89;
    assert_refused(&images, 3, "begins with 0x89000D03");
}

static void names_with_dots_and_gzip_are_found(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        { "train-images-idx3-ubyte", "train-labels-idx1-ubyte" },
        { "train-images.idx3-ubyte", "train-labels.idx1-ubyte" },
        { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz" },
        { "train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte" },
    };
    struct file images = images_file(5, 3, 7, 105), labels = labels_file(5, 5);
    struct file packed = gzipped(&images);
    for (int i = 0; i < ARRAY_SIZE(names); i++) {
        assert_false(idx_holds(".", DATASET_TRAIN));
        save(names[i][0], strstr(names[i][0], ".gz") ? &packed : &images);
        save(names[i][1], &labels);
        assert_true(idx_holds(".", DATASET_TRAIN));
        assert_false(idx_holds(".", DATASET_TEST));
        struct dataset set = { 0 };
        assert_int_equal(idx_load(&set, ".", DATASET_TRAIN), 0);
        assert_int_equal(set.count, 5);
        assert_int_equal(set.classes, 29); /* the labels are 0, 7, 14, 21, 28 */
        assert_int_equal(set.labels[4], 28);
        free(set.pixels);
        free(set.labels);
        remove(names[i][0]);
        remove(names[i][1]);
    }
}

static void labels_may_be_missing_but_not_differ_in_number(void **state)
{
    (void)state;
    struct file images = images_file(5, 3, 7, 105), labels = labels_file(4, 4);
    save("t10k-images-idx3-ubyte", &images);
    struct dataset set = { 0 };
    assert_int_equal(idx_load(&set, ".", DATASET_TEST), 0);
    assert_null(set.labels);
    assert_int_equal(set.classes, 0);
    free(set.pixels);
    save("t10k-labels-idx1-ubyte", &labels);
    set = (struct dataset){ 0 };
    assert_int_equal(idx_load(&set, ".", DATASET_TEST), ERR_INVALID);
    assert_non_null(strstr(error_text(), "t10k-labels-idx1-ubyte' has 4 labels for the 5 images"));
    free(set.pixels);
    free(set.labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_read_plain_and_gzipped),
        cmocka_unit_test(gzip_members_are_joined),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(every_flipped_bit_of_gzip_data_is_noticed_or_harmless),
        cmocka_unit_test(bytes_after_the_end_are_refused),
        cmocka_unit_test(lying_headers_are_refused),
        cmocka_unit_test(gzip_cannot_promise_more_than_it_can_hold),
        cmocka_unit_test(other_types_and_shapes_are_refused),
        IN_SCRATCH(names_with_dots_and_gzip_are_found),
        IN_SCRATCH(labels_may_be_missing_but_not_differ_in_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
