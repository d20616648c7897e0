#define _GNU_SOURCE
#include "draw/table.h"

#include <string.h>

#include "testing.h"

static const struct table_column columns[] = {
    { "run", .is_right = true },
    { "name", .least = 4, .most = 12 },
    { "state", .rank = 2 },
    { "loss", .is_right = true, .rank = 1 },
};
static const struct table_cell cells[] = {
    { "1", { 0 } },    { "baseline", { 0 } }, { "running", { 0 } },
    { "0.5", { 0 } },  { "1042", { 0 } },     { "a name of many a word", { 0 } },
    { "lost", { 0 } }, { NULL, { 0 } },
};
static const struct table table = { columns, 4, cells, 2 };

/* What is printed in `width` columns without colours; free it. */
static char *print(const struct table *what, int width)
{
    char *text = NULL;
    size_t size;
    struct terminal terminal = { .utf8 = true, .columns = width };
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    table_print(stream, what, &terminal);
    fclose(stream);
    return text;
}

static void assert_prints(int width, const char *expected)
{
    char *text = print(&table, width);
    assert_string_equal(text, expected);
    free(text);
}

static void columns_are_as_wide_as_their_text_up_to_a_limit(void **state)
{
    (void)state;
    assert_prints(80, " run name         state   loss\n"
                      "   1 baseline     running  0.5\n"
                      "1042 a name of m… lost\n");
}

static void cells_are_cut_before_columns_are_left_out(void **state)
{
    (void)state;
    assert_prints(26, " run name     state   loss\n"
                      "   1 baseline running  0.5\n"
                      "1042 a name … lost\n");
}

static void columns_of_the_highest_rank_are_left_out_first(void **state)
{
    (void)state;
    assert_prints(16, " run name   loss\n"
                      "   1 basel…  0.5\n"
                      "1042 a nam…\n");
    assert_prints(9, " run name\n"
                     "   1 bas…\n"
                     "1042 a n…\n");
}

static void columns_of_no_rank_stay_even_without_room(void **state)
{
    (void)state;
    assert_prints(3, " run name\n"
                     "   1 bas…\n"
                     "1042 a n…\n");
}

static void table_without_rows_is_its_titles(void **state)
{
    (void)state;
    const struct table empty = { columns, 4, NULL, 0 };
    char *text = print(&empty, 80);
    assert_string_equal(text, "run name state loss\n");
    free(text);
}

static void hostile_text_cannot_move_the_cursor(void **state)
{
    (void)state;
    const struct table_column one[] = { { "name", .least = 4 } };
    const struct table_cell evil[] = { { "a\033[2J\nb\xFF", { 0 } } };
    const struct table what = { one, 1, evil, 1 };
    char *text = print(&what, 80);
    assert_null(strchr(text, '\033'));
    assert_string_equal(text, "name\na?[2J?b?\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_text_up_to_a_limit),
        cmocka_unit_test(cells_are_cut_before_columns_are_left_out),
        cmocka_unit_test(columns_of_the_highest_rank_are_left_out_first),
        cmocka_unit_test(columns_of_no_rank_stay_even_without_room),
        cmocka_unit_test(table_without_rows_is_its_titles),
        cmocka_unit_test(hostile_text_cannot_move_the_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
