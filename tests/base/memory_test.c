#define _GNU_SOURCE
#include "base/memory.h"

#include <string.h>
#include <sys/wait.h>

#include "testing.h"

static bool is_zero(const void *block, size_t size)
{
    const unsigned char *bytes = block;
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size == 0;
}

static void arena_blocks_are_zeroed_aligned_and_apart(void **state)
{
    enum { COUNT = 2000 };
    struct arena arena = { 0 };
    unsigned char *blocks[COUNT];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = arena_alloc(&arena, (size_t)i % 50, 3);
        assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
        assert_true(is_zero(blocks[i], (size_t)(i % 50) * 3));
        memset(blocks[i], i % 251 + 1, (size_t)(i % 50) * 3);
    }
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < i % 50 * 3; j++)
            assert_int_equal(blocks[i][j], i % 251 + 1);
    arena_release(&arena);
}

static void an_arena_takes_blocks_larger_than_its_chunks(void **state)
{
    enum { LARGE = 1 << 20 };
    struct arena arena = { 0 };
    (void)state;
    char *small = arena_strdup(&arena, "small");
    char *large = arena_alloc(&arena, LARGE, 1);
    assert_true(is_zero(large, LARGE));
    memset(large, 7, LARGE);
    assert_string_equal(small, "small");
    arena_release(&arena);
}

static void a_released_arena_is_empty_and_usable(void **state)
{
    struct arena arena = { 0 };
    (void)state;
    arena_release(&arena);
    arena_strdup(&arena, "x");
    arena_release(&arena);
    assert_null(arena.chunks);
    assert_string_equal(arena_strdup(&arena, "again"), "again");
    arena_release(&arena);
}

/* The sources have no closing zero: a sanitizer sees who reads too far. */
static void bounded_copies_stop_at_the_bound_or_the_end(void **state)
{
    const char open_end[3] = { 'a', 'b', 'c' };
    struct arena arena = { 0 };
    (void)state;
    assert_string_equal(arena_strndup(&arena, open_end, 3), "abc");
    assert_string_equal(arena_strndup(&arena, "ab", 100), "ab");
    assert_string_equal(arena_strndup(&arena, "ab", 0), "");
    char *copy = xstrndup(open_end, 3);
    assert_string_equal(copy, "abc");
    free(copy);
    copy = xstrndup("ab", 100);
    assert_string_equal(copy, "ab");
    free(copy);
    arena_release(&arena);
}

static void formatted_text_is_whole_at_any_length(void **state)
{
    enum { LONG = 40000 };
    struct arena arena = { 0 };
    (void)state;
    char *text = arena_printf(&arena, "%*d|%s", LONG, 7, "end");
    assert_int_equal(strlen(text), LONG + 4);
    assert_string_equal(text + LONG - 1, "7|end");
    char *copy = xasprintf("%s-%d", "a", 5);
    assert_string_equal(copy, "a-5");
    free(copy);
    copy = xstrdup("b");
    assert_string_equal(copy, "b");
    free(copy);
    arena_release(&arena);
}

static void empty_blocks_exist(void **state)
{
    (void)state;
    void *blocks[] = { xmalloc(0), xcalloc(0, 8), xcalloc(8, 0), xrealloc(NULL, 0, 4) };
    for (int i = 0; i < ARRAY_SIZE(blocks); i++) {
        assert_non_null(blocks[i]);
        free(blocks[i]);
    }
}

static void growing_keeps_the_content(void **state)
{
    (void)state;
    int *numbers = xcalloc(4, sizeof *numbers);
    assert_true(is_zero(numbers, 4 * sizeof *numbers));
    numbers[3] = 42;
    numbers = xrealloc(numbers, 100000, sizeof *numbers);
    assert_int_equal(numbers[3], 42);
    free(numbers);
}

/* From one float to blocks of several huge pages. */
static void float_blocks_are_zeroed_and_aligned(void **state)
{
    static const size_t counts[] = { 0, 1, 15, 16, 17, 524287, 524288, 1500001 };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(counts); i++) {
        float *block = float_block_new(counts[i]);
        assert_int_equal((uintptr_t)block % 64, 0);
        assert_true(is_zero(block, counts[i] * sizeof *block));
        memset(block, 1, counts[i] * sizeof *block);
        float_block_free(block);
    }
    float_block_free(NULL);
}

static void ask_xcalloc(void)
{
    free(xcalloc(SIZE_MAX / 2, 3));
}

static void ask_xrealloc(void)
{
    free(xrealloc(NULL, SIZE_MAX / 4, 8));
}

static void ask_arena(void)
{
    struct arena arena = { 0 };
    arena_alloc(&arena, SIZE_MAX / 2, 4);
}

static void ask_arena_to_round_up(void)
{
    struct arena arena = { 0 };
    arena_alloc(&arena, SIZE_MAX, 1);
}

static void ask_float_block(void)
{
    float_block_free(float_block_new(SIZE_MAX / 2));
}

static void ask_float_block_to_round_up(void)
{
    float_block_free(float_block_new(SIZE_MAX / 4));
}

static void ask_library(void)
{
    die_out_of_memory(0);
}

/* What `ask` says on stderr before it ends its process with status 1. */
static void hear_death(void (*ask)(void), char *heard, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        ask();
        _exit(0);
    }
    close(ends[1]);
    ssize_t count = read(ends[0], heard, size - 1);
    heard[count > 0 ? count : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
}

static void sizes_that_overflow_end_the_process_with_a_sentence(void **state)
{
    void (*const asks[])(void) = { ask_xcalloc,     ask_xrealloc,
                                   ask_arena,       ask_arena_to_round_up,
                                   ask_float_block, ask_float_block_to_round_up };
    char heard[256];
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(asks); i++) {
        hear_death(asks[i], heard, sizeof heard);
        assert_non_null(strstr(heard, "gander: out of memory ("));
    }
    hear_death(ask_library, heard, sizeof heard);
    assert_string_equal(heard, "gander: out of memory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(an_arena_takes_blocks_larger_than_its_chunks),
        cmocka_unit_test(a_released_arena_is_empty_and_usable),
        cmocka_unit_test(bounded_copies_stop_at_the_bound_or_the_end),
        cmocka_unit_test(formatted_text_is_whole_at_any_length),
        cmocka_unit_test(empty_blocks_exist),
        cmocka_unit_test(growing_keeps_the_content),
        cmocka_unit_test(float_blocks_are_zeroed_and_aligned),
        cmocka_unit_test(sizes_that_overflow_end_the_process_with_a_sentence),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
