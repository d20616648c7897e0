/* MEASURES in gander(1) has every measure, in the words of its row of the metric table. */
#include "testing.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "gan/measures.h"
#include "record/metric.h"

static void manual_describes_every_measure_as_the_table_does(void **state)
{
    enum { LIMIT = 1 << 20 };
    static const char heading[] = "\n.Sh MEASURES\n";
    struct arena arena = { 0 };
    char *text;
    size_t size;
    (void)state;
    assert_int_equal(file_read("man/gander.1", LIMIT, &text, &size), 0);
    const char *begin = strstr(text, heading);
    assert_non_null(begin);
    const char *end = strstr(begin + 1, "\n.Sh ");
    const char *section = arena_strndup(&arena, begin, (size_t)(end - begin));
    for (int m = 0; m < MEASURE_COUNT; m++) {
        const char *name = measure_name((enum measure)m);
        const struct metric_row *row = metric_find(name);
        assert_non_null(row);
        assert_int_not_equal(row->direction, DIRECTION_NONE);
        const char *expected = arena_printf(&arena, "\n.It Cm %s\n%s.\n", name, row->help);
        if (!strstr(section, expected))
            fail_msg("man/gander.1 lacks:%s", expected);
    }
    free(text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_describes_every_measure_as_the_table_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
