#define _GNU_SOURCE
#include "base/tensors.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "testing.h"

enum { FILE_LIMIT = 1 << 20 };

static const float weight[6] = { 1, -2, 0.5f, 3.25f, 1e-20f, -0.0f };
static const int64_t step[1] = { 1234567890123 };
static const uint8_t name_bytes[3] = { 'a', 0, 255 };
static const struct tensor written[] = {
    { "state.step", TENSOR_I64, 0, { 0 }, step },
    { "generator.0.weight", TENSOR_F32, 2, { 2, 3 }, weight },
    { "empty", TENSOR_F64, 3, { 4, 0, 2 }, weight },
    { "state.name", TENSOR_U8, 1, { 3 }, name_bytes },
};

static const struct tensor_metadata notes[] = { { "made_by", "gander" }, { "step", "12" } };

static void write_sample(const char *path)
{
    assert_int_equal(tensors_write(path, written, ARRAY_SIZE(written), notes, ARRAY_SIZE(notes)),
                     0);
}

/* A file of a header and data (NULL: zeros), in a block of its exact size, so that a sanitizer sees
 * one byte too many. */
static char *make_file(const void *header, uint64_t length, const void *data, size_t data_size)
{
    char *bytes = xcalloc(8 + length + data_size, 1);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    if (data)
        memcpy(bytes + 8 + length, data, data_size);
    return bytes;
}

static int parse(const char *header, size_t data_size)
{
    struct tensor_file *file = NULL;
    char *bytes = make_file(header, strlen(header), NULL, data_size);
    int error = tensors_parse(&file, bytes, 8 + strlen(header) + data_size, "x");
    if (error)
        assert_null(file);
    tensors_close(file);
    free(bytes);
    return error;
}

static void assert_refused(const char *header, size_t data_size, const char *sentence)
{
    assert_int_equal(parse(header, data_size), ERR_INVALID);
    assert_string_equal(error_text(), sentence);
}

static void what_was_written_reads_back_equal(void **state)
{
    struct tensor_file *file;
    (void)state;
    write_sample("a");
    assert_int_equal(tensors_open(&file, "a"), 0);
    assert_int_equal(tensors_count(file), ARRAY_SIZE(written));
    for (int i = 0; i < ARRAY_SIZE(written); i++) {
        const struct tensor *tensor = tensors_find(file, written[i].name);
        assert_non_null(tensor);
        assert_int_equal(tensor->type, written[i].type);
        assert_int_equal(tensor->dimensions, written[i].dimensions);
        for (int j = 0; j < tensor->dimensions; j++)
            assert_int_equal(tensor->shape[j], written[i].shape[j]);
        assert_int_equal(tensor_bytes(tensor), tensor_bytes(&written[i]));
        assert_memory_equal(tensor->data, written[i].data, tensor_bytes(tensor));
    }
    assert_string_equal(tensors_metadata(file, "made_by"), "gander");
    assert_string_equal(tensors_metadata(file, "step"), "12");
    assert_null(tensors_metadata(file, "none"));
    assert_null(tensors_find(file, "none"));
    assert_null(tensors_find(file, "__metadata__"));
    tensors_close(file);
}

static void the_bytes_are_those_of_the_format(void **state)
{
    static const char header[] =
        "{\"__metadata__\":{\"made_by\":\"gander\",\"step\":\"12\"},"
        "\"state.step\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
        "\"generator.0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
        "\"empty\":{\"dtype\":\"F64\",\"shape\":[4,0,2],\"data_offsets\":[32,32]},"
        "\"state.name\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[32,35]}}   ";
    static const uint8_t length[8] = { 0x38, 1 };
    char *data;
    size_t size, header_size = sizeof header - 1;
    (void)state;
    write_sample("a");
    assert_int_equal(file_read("a", FILE_LIMIT, &data, &size), 0);
    assert_int_equal(header_size % 8, 0);
    assert_int_equal(size, 8 + header_size + 35);
    assert_memory_equal(data, length, 8);
    assert_memory_equal(data + 8, header, header_size);
    assert_memory_equal(data + 8 + header_size, step, 8);
    assert_memory_equal(data + 8 + header_size + 8, weight, 24);
    assert_memory_equal(data + 8 + header_size + 32, name_bytes, 3);
    free(data);
}

static void files_of_pythons_safetensors_are_read(void **state)
{
    static const double doubles[] = { 0.25, -1e300 };
    const int64_t minus_seven = -7;
    struct tensor_file *file;
    (void)state;
    assert_int_equal(tensors_open(&file, "tests/fuzz/seeds/tensors/python"), 0);
    assert_int_equal(tensors_count(file), 4);
    const struct tensor *matrix = tensors_find(file, "b.weight");
    assert_int_equal(matrix->dimensions, 2);
    assert_int_equal(matrix->shape[0], 2);
    assert_int_equal(matrix->shape[1], 3);
    for (int i = 0; i < 6; i++) {
        float number;
        memcpy(&number, (const char *)matrix->data + 4 * i, sizeof number);
        assert_true(number == (float)i);
    }
    assert_memory_equal(tensors_find(file, "a")->data, "\1\2\3", 3);
    assert_memory_equal(tensors_find(file, "c")->data, &minus_seven, 8);
    assert_memory_equal(tensors_find(file, "d")->data, doubles, sizeof doubles);
    assert_string_equal(tensors_metadata(file, "format"), "pt");
    tensors_close(file);
}

static void no_tensors_at_all_are_a_file(void **state)
{
    struct tensor_file *file;
    (void)state;
    assert_int_equal(tensors_write("a", NULL, 0, NULL, 0), 0);
    assert_int_equal(tensors_open(&file, "a"), 0);
    assert_int_equal(tensors_count(file), 0);
    tensors_close(file);
    assert_int_equal(parse("{}", 0), 0);
}

static void two_tensors_of_one_name_are_not_written(void **state)
{
    struct tensor twice[2] = { written[0], written[0] };
    (void)state;
    assert_int_equal(tensors_write("a", twice, 2, NULL, 0), ERR_BUG);
    twice[0].name = "__metadata__";
    assert_int_equal(tensors_write("a", twice, 2, NULL, 0), ERR_BUG);
    assert_false(file_exists("a"));
}

/* The order in the header is free: what other writers make of it. */
static void tensors_come_in_the_order_of_their_data(void **state)
{
    static const char header[] =
        "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[3,7]},"
        "\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
        "\"none\":{\"dtype\":\"U64\",\"shape\":[0],\"data_offsets\":[3,3]}}";
    static const uint8_t data[7] = { 'a', 'b', 'c', 0, 0, 0x20, 0x40 };
    const float number = 2.5f;
    struct tensor_file *file;
    (void)state;
    char *bytes = make_file(header, sizeof header - 1, data, sizeof data);
    assert_int_equal(tensors_parse(&file, bytes, 8 + sizeof header - 1 + sizeof data, "x"), 0);
    assert_string_equal(tensors_at(file, 0)->name, "a");
    assert_string_equal(tensors_at(file, 1)->name, "none");
    assert_string_equal(tensors_at(file, 2)->name, "b");
    assert_memory_equal(tensors_find(file, "b")->data, &number, 4);
    tensors_close(file);
    free(bytes);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    char *data;
    size_t size;
    (void)state;
    write_sample("a");
    assert_int_equal(file_read("a", FILE_LIMIT, &data, &size), 0);
    for (size_t length = 0; length < size; length++) {
        struct tensor_file *file;
        char *cut = xmalloc(length);
        memcpy(cut, data, length);
        assert_int_equal(tensors_parse(&file, cut, length, "x"), ERR_INVALID);
        free(cut);
    }
    free(data);
}

static void bytes_behind_the_last_tensor_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}", 5,
                   "'x' is broken: 2 bytes at its end belong to no tensor");
}

static void lying_lengths_are_refused(void **state)
{
    static const char all_ones[16] = "\xff\xff\xff\xff\xff\xff\xff\xff{}      ";
    static const char long_header[16] = "\x09\0\0\0\0\0\0\0{}      ";
    struct tensor_file *file;
    (void)state;
    assert_int_equal(tensors_parse(&file, all_ones, 16, "x"), ERR_INVALID);
    assert_non_null(strstr(error_text(), "'x' is not a safetensors file"));
    assert_int_equal(tensors_parse(&file, long_header, 16, "x"), ERR_INVALID);
    assert_string_equal(error_text(), "'x' is cut short: its header has 8 of 9 bytes");
    assert_int_equal(tensors_parse(&file, "", 0, "x"), ERR_INVALID);
    assert_string_equal(error_text(), "'x' is not a safetensors file: it has 0 bytes");
    assert_int_equal(tensors_open(&file, "none"), ERR_NOT_FOUND);
}

static void overlaps_and_gaps_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                   "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}",
                   7, "'x' is broken: tensor 'b' overlaps another or leaves a gap");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[1,5]}}", 5,
                   "'x' is broken: tensor 'a' overlaps another or leaves a gap");
}

static void shapes_must_fit_their_data(void **state)
{
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,4]}}", 4,
                   "'x' is broken: tensor 'a' has another size than its shape");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],"
                   "\"data_offsets\":[0,4]}}",
                   4, "'x' is broken: tensor 'a' has a shape too large for any file");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,4294967296,0],"
                   "\"data_offsets\":[0,0]}}",
                   0, "'x' is broken: tensor 'a' has a shape too large for any file");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1,-4],\"data_offsets\":[0,4]}}", 4,
                   "'x' is broken: tensor 'a' has a shape that is not of whole numbers");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.5],\"data_offsets\":[0,1]}}", 1,
                   "'x' is broken: tensor 'a' has a shape that is not of whole numbers");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":4,\"data_offsets\":[0,4]}}", 4,
                   "'x' is broken: tensor 'a' has no shape");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,1]}}", 1,
                   "'x': tensor 'a' has 5 dimensions: at most 4 can be read");
}

static void offsets_must_lie_in_the_file(void **state)
{
    (void)state;
    const char *const beyond = "'x' is broken: tensor 'a' lies beyond the end of the file";
    const char *const nowhere = "'x' is broken: tensor 'a' does not say where its data is";
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]}}", 4, beyond);
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[-1,1]}}", 4, beyond);
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,1]}}", 4, beyond);
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4,8]}}", 4, nowhere);
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":\"04\"}}", 4, nowhere);
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,\"4\"]}}", 4,
                   nowhere);
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}", 4, nowhere);
}

static void types_of_other_programs_are_named(void **state)
{
    (void)state;
    assert_refused("{\"a\\u001b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
                   "'x': tensor 'a?' has type 'BF16': only F32, F64, U8, I64 and U64 can be read");
    assert_refused("{\"a\":{\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
                   "'x' is broken: tensor 'a' has no type");
    assert_refused("{\"a\":[]}", 0, "'x' is broken: tensor 'a' has no type");
}

static void headers_that_are_no_object_of_tensors_are_refused(void **state)
{
    (void)state;
    assert_refused("[]", 0, "'x' is broken: its header is no object");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                   "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
                   2,
                   "'x' is broken: its header does not parse: line 1, column 56: duplicate object "
                   "key near '\"a\"'");
    assert_int_equal(parse("{\"__metadata__\":7}", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_was_written_reads_back_equal),
        IN_SCRATCH(the_bytes_are_those_of_the_format),
        cmocka_unit_test(files_of_pythons_safetensors_are_read),
        IN_SCRATCH(no_tensors_at_all_are_a_file),
        IN_SCRATCH(two_tensors_of_one_name_are_not_written),
        cmocka_unit_test(tensors_come_in_the_order_of_their_data),
        IN_SCRATCH(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(bytes_behind_the_last_tensor_are_refused),
        cmocka_unit_test(lying_lengths_are_refused),
        cmocka_unit_test(overlaps_and_gaps_are_refused),
        cmocka_unit_test(shapes_must_fit_their_data),
        cmocka_unit_test(offsets_must_lie_in_the_file),
        cmocka_unit_test(types_of_other_programs_are_named),
        cmocka_unit_test(headers_that_are_no_object_of_tensors_are_refused),
    };
    return cmocka_run_group_tests_name("tensors", tests, NULL, NULL);
}
