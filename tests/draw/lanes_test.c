#define _GNU_SOURCE
#include "draw/lanes.h"

#include "draw/canvas.h"
#include "testing.h"

static struct arena arena;

static int leave(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* All rows, the nodes with their places behind them. */
static char *drawn(const struct lane_node *nodes, int count)
{
    struct lane_rows *rows = lanes_layout(&arena, nodes, count);
    char *text = arena_strdup(&arena, "");
    for (int i = 0; i < count; i++) {
        text = arena_printf(&arena, "%s%s %d\n", text, rows[i].node, i);
        for (int k = 0; k < rows[i].link_count; k++)
            text = arena_printf(&arena, "%s%s\n", text, rows[i].links[k]);
    }
    return text;
}

#define PARENTS(...) (const int[]){ __VA_ARGS__ }, ARRAY_SIZE(((const int[]){ __VA_ARGS__ }))

static void a_line_is_one_lane(void **state)
{
    const struct lane_node nodes[] = { { PARENTS(1), false },
                                       { PARENTS(2), true },
                                       { NULL, 0, false } };
    (void)state;
    assert_string_equal(drawn(nodes, 3), "● 0\n⋮ 1\n● 2\n");
    assert_string_equal(drawn(nodes, 0), "");
    assert_string_equal(lanes_layout(&arena, nodes, 3)[0].beside, "│");
    assert_string_equal(lanes_layout(&arena, nodes, 3)[2].beside, "");
}

static void a_branch_is_merged(void **state)
{
    const struct lane_node nodes[] = {
        { PARENTS(2, 1), false }, { PARENTS(3), false }, { PARENTS(3), false }, { NULL, 0, false }
    };
    (void)state;
    assert_string_equal(drawn(nodes, 4), "● 0\n"
                                         "├─╮\n"
                                         "│ ● 1\n"
                                         "● │ 2\n"
                                         "├─╯\n"
                                         "● 3\n");
}

static void branches_that_were_never_merged_stand_beside(void **state)
{
    const struct lane_node nodes[] = { { PARENTS(2), false },
                                       { PARENTS(3), false },
                                       { PARENTS(4), false },
                                       { PARENTS(4), false },
                                       { NULL, 0, false } };
    (void)state;
    assert_string_equal(drawn(nodes, 5), "● 0\n"
                                         "│ ● 1\n"
                                         "● │ 2\n"
                                         "│ ● 3\n"
                                         "├─╯\n"
                                         "● 4\n");
}

static void three_parents_have_three_lanes(void **state)
{
    const struct lane_node nodes[] = { { PARENTS(1, 2, 3), false },
                                       { PARENTS(4), false },
                                       { PARENTS(4), false },
                                       { PARENTS(4), false },
                                       { NULL, 0, false } };
    (void)state;
    assert_string_equal(drawn(nodes, 5), "● 0\n"
                                         "├─╮\n"
                                         "├─┼─╮\n"
                                         "● │ │ 1\n"
                                         "│ ● │ 2\n"
                                         "├─╯ │\n"
                                         "│   ● 3\n"
                                         "├───╯\n"
                                         "● 4\n");
}

static void a_merge_of_what_has_a_lane_leads_there(void **state)
{
    const struct lane_node nodes[] = { { PARENTS(2), false },    /* a tip */
                                       { PARENTS(3, 2), false }, /* merges the other's parent */
                                       { PARENTS(3), false },
                                       { NULL, 0, false } };
    (void)state;
    assert_string_equal(drawn(nodes, 4), "● 0\n"
                                         "│ ● 1\n"
                                         "├─┤\n"
                                         "● │ 2\n"
                                         "├─╯\n"
                                         "● 3\n");
}

static void a_history_that_is_cut_ends_its_lane(void **state)
{
    const struct lane_node nodes[] = { { PARENTS(-1), false },
                                       { PARENTS(-1, 2), false },
                                       { PARENTS(-1), false } };
    (void)state;
    assert_string_equal(drawn(nodes, 3), "● 0\n● 1\n├─╮\n  ● 2\n");
}

static void every_sign_has_an_ascii_one(void **state)
{
    (void)state;
    static const uint32_t characters[] = { 0x2502, 0x25CF, 0x22EE, 0x251C, 0x2500,
                                           0x256E, 0x2524, 0x256F, 0x253C };
    for (int i = 0; i < ARRAY_SIZE(characters); i++)
        assert_true(canvas_ascii(characters[i]) != '?');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_one_lane),
        cmocka_unit_test(a_branch_is_merged),
        cmocka_unit_test(branches_that_were_never_merged_stand_beside),
        cmocka_unit_test(three_parents_have_three_lanes),
        cmocka_unit_test(a_merge_of_what_has_a_lane_leads_there),
        cmocka_unit_test(a_history_that_is_cut_ends_its_lane),
        cmocka_unit_test(every_sign_has_an_ascii_one),
    };
    return cmocka_run_group_tests(tests, NULL, leave);
}
