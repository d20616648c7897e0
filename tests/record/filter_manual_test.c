/* FILTERS in gander(1) has every field, in the words of its row, and examples that are filters. */
#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "base/file.h"
#include "record/filter.h"

/* The section, from the source: tests begin at its top. */
static char *read_section(struct arena *arena)
{
    enum { LIMIT = 1 << 20 };
    static const char heading[] = "\n.Sh FILTERS\n";
    char *text;
    size_t size;
    assert_int_equal(file_read("man/gander.1", LIMIT, &text, &size), 0);
    const char *begin = strstr(text, heading);
    assert_non_null(begin);
    begin += strlen(heading);
    const char *end = strstr(begin, "\n.Sh ");
    assert_non_null(end);
    char *section = arena_strndup(arena, begin, (size_t)(end - begin));
    free(text);
    return section;
}

static void manual_describes_every_field_as_the_table_does(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    const char *section = read_section(&arena);
    int count, missing = 0, described = 0;
    const struct filter_field_row *fields = filter_fields(&count);
    for (int i = 0; i < count; i++) {
        const char *expected =
            arena_printf(&arena, "\n.It Cm %s\n%s\n", fields[i].name, fields[i].help);
        if (!strstr(section, expected)) {
            print_error("man/gander.1 lacks:%s", expected);
            missing++;
        }
    }
    for (const char *at = section; (at = strstr(at, "\n.It Cm ")); at++)
        described++;
    assert_int_equal(missing, 0);
    assert_int_equal(described, count);
    arena_release(&arena);
}

static void examples_of_the_manual_are_filters(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    const struct filter *filter;
    char *rest = read_section(&arena), *line;
    bool is_example = false;
    int count = 0;
    while ((line = strsep(&rest, "\n"))) {
        if (strncmp(line, ".Bd", 3) == 0 || strncmp(line, ".Ed", 3) == 0) {
            is_example = line[1] == 'B';
        } else if (is_example && strncmp(line, "gander ", 7) != 0) {
            if (filter_parse(&arena, line, 1795000000, &filter) < 0)
                fail_msg("'%s': %s", line, error_text());
            count++;
        }
    }
    assert_true(count >= 15);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_describes_every_field_as_the_table_does),
        cmocka_unit_test(examples_of_the_manual_are_filters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
