/* Plays the keys of each folder here, and compares the screens that come of them; see README.md.
 * With GANDER_UPDATE_SCREENS=1 it writes them instead. */
#define _GNU_SOURCE
#include <dirent.h>

#include "studio_generator.h"

enum { CASES = 200, SIZES = 8 };

static const char folder[] = "tests/screen";
static char top[PATH_MAX];

struct place { /* a case at a size */
    const char *name;
    char size[32]; /* "80x24.ascii" */
};

static char *file_of(const struct place *place, const char *name)
{
    return xasprintf("%s/%s/%s/%s", top, folder, place->name, name);
}

/* --- the studio: made once, copied for each case --- */

static int open_studio(void **state)
{
    if (program_enter(state) < 0 || mkdir("work", 0777) < 0 || chdir("work") < 0)
        return -1;
    setenv("GANDER_NOW", "1796000000", 1);
    setenv("TZ", "UTC", 1);
    studio_make();
    if (chdir("..") < 0)
        return -1;
    studio_shell("mv work master");
    return 0;
}

static int close_studio(void **state)
{
    return chdir(scratch_path) < 0 ? -1 : scratch_leave(state);
}

static void enter_copy(const struct place *place)
{
    assert_int_equal(chdir(scratch_path), 0);
    studio_shell("rm -rf work state; cp -a master work");
    char *state = xasprintf("%s/state", scratch_path);
    setenv("XDG_STATE_HOME", state, 1);
    free(state);
    assert_int_equal(chdir("work"), 0);
    char *setup = file_of(place, "setup");
    if (file_exists(setup)) {
        char *script = made_read(setup);
        setenv("GANDER", getenv("GANDER_TEST_PROGRAM"), 1);
        studio_shell(script);
        free(script);
    }
    free(setup);
    char *generator = file_of(place, "generator");
    if (file_exists(generator))
        studio_generator();
    free(generator);
}

/* --- a case --- */

static void set_charset(const char *size)
{
    setenv("LC_ALL", strstr(size, ".ascii") ? "C" : "C.UTF-8", 1);
    if (strstr(size, ".colour"))
        setenv("CLICOLOR_FORCE", "1", 1);
    else
        unsetenv("CLICOLOR_FORCE");
}

static char *play(const struct place *place)
{
    char *keys = file_of(place, "keys"), plain[32];
    snprintf(plain, sizeof plain, "%.*s", (int)strcspn(place->size, "."), place->size);
    enter_copy(place);
    set_charset(place->size);
    char *text = program_output_of(
        &(struct launch){ .words = { "dashboard", "--keys", keys, "--size", plain, "--print" } });
    free(keys);
    return text;
}

/* Where two texts part: the line, and what stands there. */
static void tell_difference(const struct place *place, const char *got, const char *expected)
{
    int line = 1;
    const char *begin = got, *begin_expected = expected;
    for (; *got && *got == *expected; got++, expected++)
        if (*got == '\n')
            line++, begin = got + 1, begin_expected = expected + 1;
    fail_msg("%s at %s, line %d:\n  %.*s\nand not\n  %.*s", place->name, place->size, line,
             (int)strcspn(begin, "\n"), begin, (int)strcspn(begin_expected, "\n"), begin_expected);
}

static void check(const struct place *place)
{
    char name[64], *text = play(place);
    snprintf(name, sizeof name, "expected.%s", place->size);
    char *path = file_of(place, name);
    if (getenv("GANDER_UPDATE_SCREENS")) {
        made_write(path, text);
    } else {
        char *expected = file_exists(path) ? made_read(path) : xstrdup("");
        if (strcmp(text, expected) != 0)
            tell_difference(place, text, expected);
        free(expected);
    }
    free(path);
    free(text);
}

static void plays_as_expected(void **state)
{
    struct place place = { .name = *state };
    char *path = file_of(&place, "sizes");
    char *sizes = file_exists(path) ? made_read(path) : xstrdup("80x24 80x24.ascii 160x50");
    int count = 0;
    for (char *rest = sizes, *size; (size = strsep(&rest, " \n"));) {
        if (!*size)
            continue;
        snprintf(place.size, sizeof place.size, "%s", size);
        check(&place);
        count++;
    }
    assert_true(count > 0);
    free(sizes);
    free(path);
}

/* --- all of them --- */

static int has_keys(const struct dirent *entry)
{
    const char *only = getenv("GANDER_SCREENS");
    char *path = xasprintf("%s/%s/keys", folder, entry->d_name);
    bool has = entry->d_name[0] != '.' && file_exists(path);
    free(path);
    return has && (!only || strstr(entry->d_name, only));
}

int main(void)
{
    static struct CMUnitTest tests[CASES];
    struct dirent **entries;
    if (!getcwd(top, sizeof top))
        return 1;
    setenv("GANDER_TEST_TOP", top, 1);
    int count = scandir(folder, &entries, has_keys, alphasort);
    for (int i = 0; i < count && i < CASES; i++)
        tests[i] = (struct CMUnitTest){ .name = entries[i]->d_name,
                                        .test_func = plays_as_expected,
                                        .initial_state = entries[i]->d_name };
    int failed = _cmocka_run_group_tests("screen", tests, (size_t)MAX(MIN(count, CASES), 0),
                                         open_studio, close_studio);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return failed;
}
