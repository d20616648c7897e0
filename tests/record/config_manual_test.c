/* gander-config(5) says of every key what the table says. */
#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "base/file.h"
#include "record/config.h"

static const char manual[] = "man/gander-config.5";

/* From the top of the source, wherever the test works. */
static void read_manual(char **text)
{
    enum { LIMIT = 1 << 20 };
    char path[PATH_MAX + sizeof manual + 1];
    snprintf(path, sizeof path, "%s%s%s", scratch_home, *scratch_home ? "/" : "", manual);
    size_t size;
    if (file_read(path, LIMIT, text, &size) < 0)
        fail_msg("%s", error_text());
}

/* "Whole number from 0 to 1024, in runs; 0 by default." */
static const char *facts_of(struct arena *arena, const struct config_key *key)
{
    const char *what = NULL;
    switch (key->type) {
    case CONFIG_INTEGER:
        what = arena_printf(arena, "Whole number from %d to %d, in %s", key->minimum, key->maximum,
                            key->unit);
        break;
    case CONFIG_BOOL:
        what = "Yes or no";
        break;
    case CONFIG_TEXT:
    case CONFIG_LIST:
    case CONFIG_PAIRS:
        what = arena_printf(arena, "%s of at most %d bytes",
                            key->type == CONFIG_LIST   ? "List"
                            : key->type == CONFIG_TEXT ? "Text"
                                                       : "Pairs",
                            key->maximum);
        break;
    case CONFIG_CHOICE:
        what = "One of ";
        for (int i = 0; key->choices[i]; i++)
            what = arena_printf(arena, "%s%s%s", what, i > 0 ? ", " : "", key->choices[i]);
        break;
    }
    return arena_printf(arena, "%s; %s by default.", what,
                        *key->fallback ? key->fallback : "empty");
}

static void manual_describes_every_key_as_the_table_does(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    char *text;
    read_manual(&text);
    int count, missing = 0;
    const struct config_key *keys = config_keys(&count);
    for (int i = 0; i < count; i++) {
        const char *expected = arena_printf(&arena, "\n.It Cm %s\n%s\n%s.\n", keys[i].key,
                                            facts_of(&arena, &keys[i]), keys[i].help);
        if (!strstr(text, expected)) {
            print_error("%s lacks:%s", manual, expected);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
    free(text);
    arena_release(&arena);
}

static void manual_describes_no_key_that_is_not_there(void **state)
{
    (void)state;
    char *text;
    read_manual(&text);
    int count, described = 0;
    config_keys(&count);
    for (const char *at = text; (at = strstr(at, "\n.It Cm ")); at++)
        described++;
    assert_int_equal(described, count);
    free(text);
}

static void the_manual_s_example_can_be_read(void **state)
{
    (void)state;
    char *text;
    read_manual(&text);
    char *example = strstr(text, "\n.Sh EXAMPLES\n");
    assert_non_null(example);
    char *begin = strstr(example, "\n# Two"), *end = strstr(example, "\n.Ed\n");
    assert_true(begin && end && begin < end);
    const char *path = "config.ini";
    assert_int_equal(file_replace(path, begin, (size_t)(end - begin)), 0);
    struct config config;
    if (config_read(&config, &path, 1) < 0)
        fail_msg("%s", error_text());
    assert_int_equal(config.slots, 2);
    assert_non_null(strstr(config.on_end, " ; echo"));
    assert_string_equal(config.metrics.smaller.items[1], "val/gap");
    assert_int_equal(config.keys.any.count, 2);
    config_release(&config);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_describes_every_key_as_the_table_does),
        cmocka_unit_test(manual_describes_no_key_that_is_not_there),
        IN_SCRATCH(the_manual_s_example_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
