/* The recipes that come with the program are read, and each asks its question. */
#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "base/file.h"
#include "record/recipe.h"

enum { EXPECTED = 11, WIDTH_LIMIT = 100 };

static char **paths_of_experiments(struct arena *arena, int *count)
{
    char **names;
    assert_int_equal(list_directory(arena, "experiments", ".ini", &names, count), 0);
    for (int i = 0; i < *count; i++)
        names[i] = path_join(arena, "experiments", names[i]);
    return names;
}

static void every_experiment_is_a_recipe_of_its_file_s_name(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    int count;
    char **paths = paths_of_experiments(&arena, &count);
    assert_true(count >= EXPECTED);
    for (int i = 0; i < count; i++) {
        struct recipe recipe;
        if (recipe_read(&recipe, paths[i], NULL, 0) < 0)
            fail_msg("%s", error_text());
        assert_string_equal(arena_printf(&arena, "%s.ini", recipe.experiment.name),
                            path_base(paths[i]));
        assert_string_equal(recipe.data.source, "digits");
        recipe_release(&recipe);
    }
    arena_release(&arena);
}

/* "# name: a question?" comes first, and later what to look for and what to vary. */
static void every_experiment_says_what_it_asks(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    int count;
    char **paths = paths_of_experiments(&arena, &count);
    for (int i = 0; i < count; i++) {
        char *text;
        size_t size;
        assert_int_equal(file_read(paths[i], RECIPE_SIZE_LIMIT, &text, &size), 0);
        const char *base = path_base(paths[i]);
        const char *title =
            arena_printf(&arena, "# %.*s: ", (int)(strlen(base) - strlen(".ini")), base);
        assert_memory_equal(text, title, strlen(title));
        assert_true(text[strcspn(text, "\n") - 1] == '?');
        assert_non_null(strstr(text, "\n# Look for: "));
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
            assert_true(strcspn(line, "\n") <= WIDTH_LIMIT);
        free(text);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_experiment_is_a_recipe_of_its_file_s_name),
        cmocka_unit_test(every_experiment_says_what_it_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
