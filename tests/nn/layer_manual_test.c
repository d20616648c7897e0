/* gander-recipe(5) has every layer with its arguments, as the layer table writes them. */
#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "base/file.h"
#include "nn/layer.h"

static void manual_lists_every_layer_with_its_arguments(void **state)
{
    enum { LIMIT = 1 << 20 };
    (void)state;
    struct arena arena = { 0 };
    char *text;
    size_t size;
    if (file_read("man/gander-recipe.5", LIMIT, &text, &size) < 0)
        fail_msg("%s", error_text());
    const char *lists = strstr(text, "\n.Sh LAYER LISTS\n");
    assert_non_null(lists);
    for (int i = 0; layer_table[i]; i++) {
        const char *arguments = layer_table[i]->arguments;
        const char *expected = arena_printf(&arena, "\n.It Cm %s%s%s\n", layer_table[i]->name,
                                            *arguments ? " " : "", arguments);
        if (!strstr(lists, expected))
            fail_msg("man/gander-recipe.5 lacks:%s", expected);
    }
    free(text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_lists_every_layer_with_its_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
