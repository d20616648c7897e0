/* gander-recipe(5) says of every field what the table says. */
#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "base/file.h"
#include "record/recipe.h"

static const char manual[] = "man/gander-recipe.5";

static void read_manual(char **text)
{
    enum { LIMIT = 1 << 20 };
    size_t size;
    if (file_read(manual, LIMIT, text, &size) < 0)
        fail_msg("%s", error_text());
}

/* "Whole number from 2 to 4096, in images; 64 by default." */
static const char *facts_of(struct arena *arena, const struct recipe_field *field)
{
    const char *what = NULL;
    switch (field->type) {
    case FIELD_INTEGER:
    case FIELD_REAL:
        what = arena_printf(arena, "%s from %.16g to %.16g%s%s",
                            field->type == FIELD_REAL ? "Number" : "Whole number", field->minimum,
                            field->maximum, *field->unit ? ", in " : "", field->unit);
        break;
    case FIELD_TEXT:
        what = arena_printf(arena, "Text of at most %.0f bytes", field->maximum);
        break;
    case FIELD_CHOICE:
        what = "One of ";
        for (int i = 0; field->choices[i]; i++)
            what = arena_printf(arena, "%s%s%s", what, i > 0 ? ", " : "", field->choices[i]);
        break;
    }
    if (!field->fallback)
        return arena_printf(arena, "%s; required.", what);
    return arena_printf(arena, "%s; %s by default.", what,
                        *field->fallback ? field->fallback : "empty");
}

static void manual_describes_every_field_as_the_table_does(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    char *text;
    read_manual(&text);
    int count, missing = 0;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++) {
        const char *expected = arena_printf(&arena, "\n.It Cm %s\n%s\n%s.\n", fields[i].key,
                                            facts_of(&arena, &fields[i]), fields[i].help);
        if (!strstr(text, expected)) {
            print_error("%s lacks:%s", manual, expected);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
    free(text);
    arena_release(&arena);
}

static void manual_describes_no_field_that_is_not_there(void **state)
{
    (void)state;
    char *text;
    read_manual(&text);
    char *end = strstr(text, "\n.Sh LAYER LISTS\n");
    assert_non_null(end);
    *end = '\0';
    int count, described = 0;
    recipe_fields(&count);
    for (const char *at = text; (at = strstr(at, "\n.It Cm ")); at++)
        described++;
    assert_int_equal(described, count);
    free(text);
}

static void the_manual_s_example_is_a_recipe(void **state)
{
    (void)state;
    char *text;
    read_manual(&text);
    char *example = strstr(text, "\n.Sh EXAMPLES\n");
    assert_non_null(example);
    char *begin = strstr(example, "\n# Does"), *end = strstr(example, "\n.Ed\n");
    assert_true(begin && end && begin < end);
    struct recipe recipe;
    if (recipe_parse(&recipe, begin, (size_t)(end - begin), manual, NULL, 0) < 0)
        fail_msg("%s", error_text());
    assert_string_equal(recipe.experiment.name, "narrow-r1");
    recipe_release(&recipe);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_describes_every_field_as_the_table_does),
        cmocka_unit_test(manual_describes_no_field_that_is_not_there),
        cmocka_unit_test(the_manual_s_example_is_a_recipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
