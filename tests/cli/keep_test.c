/* What people say of runs: tags, notes, names, the archive; and how they call them. */
#define _GNU_SOURCE
#include <sys/stat.h>

#include "cli/small_store.h"

/* A field of 'show --json' as text: "null", a string, or the JSON of it; free it. */
static char *fact(const char *run, const char *key)
{
    struct json *root;
    char *text = program_output("show", run, "--json"), *value;
    assert_int_equal(json_parse(&root, text, strlen(text)), 0);
    const struct json *member = json_member(root, key);
    assert_non_null(member);
    const char *string = json_get_string(member);
    value = string ? xstrdup(string) : json_text(member, 0);
    json_free(root);
    free(text);
    return value;
}

static void assert_fact(const char *run, const char *key, const char *expected)
{
    char *value = fact(run, key);
    if (strcmp(value, expected) != 0)
        fail_msg("%s of run %s: %s, and not %s", key, run, value, expected);
    free(value);
}

static void tags_are_put_on_and_taken_off(void **state)
{
    (void)state;
    free(program_output("tag", "2", "good", "paper/fig-1"));
    assert_fact("2", "tags", "[\"good\",\"paper/fig-1\"]");
    free(program_output("tag", "2", "good")); /* twice is once */
    assert_fact("2", "tags", "[\"good\",\"paper/fig-1\"]");
    assert_screen("run\n  2\n  1\n", "ls", "tag:good", "-c", "run");
    free(program_output("tag", "2", "-d", "good"));
    assert_fact("2", "tags", "[\"paper/fig-1\"]");
    struct program program = program_start("tag", "2", "two words");
    program_expect(&program, 2, "tag 'two words'");
    program = program_start("tag", "9", "good");
    program_expect(&program, 3, "there is no run 9");
    assert_fact("2", "tags", "[\"paper/fig-1\"]");
}

static void names_stand_for_runs_as_long_as_they_are_unique(void **state)
{
    (void)state;
    free(program_output("name", "3", "worst"));
    assert_fact("worst", "number", "3");
    free(program_output("name", "1", "best"));
    struct program program = program_start("show", "best");
    program_expect(&program, 1, "2 runs are called 'best'; the newest is 2");
    free(program_output("name", "-d", "2"));
    assert_fact("best", "number", "1");
    assert_fact("2", "name", "null");
    program = program_start("name", "2", "12");
    program_expect(&program, 2, "a number names the run of that number");
    program = program_start("name", "2", "a b");
    program_expect(&program, 2, "name 'a b'");
    program = program_start("name", "2");
    program_expect(&program, 2, "NAME is missing");
}

static void runs_are_called_in_many_ways(void **state)
{
    (void)state;
    assert_fact("@", "number", "6");
    assert_fact("exp:mlp@", "number", "6");
    assert_fact("exp:dcgan@", "number", "4");
    assert_fact("best", "number", "2");
    assert_fact("3", "number", "3");
    free(program_output("archive", "1..3", "5"));
    assert_screen("run\n  4\n", "ls", "-c", "run");
    assert_screen("run\n  6\n  5\n  4\n  3\n  2\n  1\n", "ls", "-a", "-c", "run");
    free(program_output("archive", "--undo", "2..5"));
    assert_screen("run\n  5\n  4\n  3\n  2\n", "ls", "-c", "run");
}

/* An editor that writes `text` where there is a file to edit. */
static void make_editor(const char *text)
{
    char *script = xasprintf("#!/bin/sh\ncp \"$1\" seen\nprintf '%s' >\"$1\"\n", text);
    made_write("editor", script);
    assert_int_equal(chmod("editor", 0755), 0);
    free(script);
}

static void notes_are_words_or_what_the_editor_wrote(void **state)
{
    (void)state;
    unsetenv("VISUAL");
    setenv("EDITOR", "./editor", 1);
    free(program_output("note", "2", "two", "words"));
    make_editor("line one\\n\\n# left out\\nline two\\n\\n");
    free(program_output("note", "2"));
    char *seen = made_read("seen");
    assert_non_null(strstr(seen, "# A note on run 2."));
    free(seen);
    char *text = program_output("show", "2");
    assert_non_null(strstr(text, "    two words\n"));
    assert_non_null(strstr(text, "    line one\n\n    line two\n"));
    assert_null(strstr(text, "left out"));
    free(text);
    assert_screen("run\n  2\n", "ls", "note:\"two words\"", "-c", "run");
    make_editor("# nothing\\n  \\n");
    struct program program = program_start("note", "2");
    program_expect(&program, 1, "nothing was written");
    program = program_start("note", "2", " ");
    program_expect(&program, 1, "a note needs words");
    setenv("EDITOR", "false", 1);
    program = program_start("note", "2");
    program_expect(&program, 1, "'false' ended with exit status 1");
    assert_fact("2", "notes", "2");
    unsetenv("EDITOR");
    unsetenv("VISUAL");
    program = program_start("note", "1"); /* the tests have no terminal */
    program_expect(&program, 1, "there is no terminal to write a note on");
}

/* In a look of its own, whoever has the run settled. */
static void what_is_said_is_seen_at_once(void **state)
{
    (void)state;
    free(program_output("ls"));
    for (int i = 0; i < 5; i++) {
        char *tag = xasprintf("t%d", i), *filter = xasprintf("tag:t%d", i);
        free(program_output("tag", "1", tag));
        assert_screen("run\n  1\n", "ls", "-c", "run", filter);
        free(tag);
        free(filter);
    }
}

static void reindexing_forgets_nothing_that_was_said(void **state)
{
    (void)state;
    free(program_output("tag", "2", "good"));
    free(program_output("note", "2", "so", "it", "is"));
    free(program_output("name", "4", "slow"));
    free(program_output("archive", "5"));
    free(program_output("ls"));
    char *before = made_dump(".gander/catalogue.db");
    free(program_output("reindex"));
    char *after = made_dump(".gander/catalogue.db");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SMALL_STORE(tags_are_put_on_and_taken_off),
        IN_SMALL_STORE(names_stand_for_runs_as_long_as_they_are_unique),
        IN_SMALL_STORE(runs_are_called_in_many_ways),
        IN_SMALL_STORE(notes_are_words_or_what_the_editor_wrote),
        IN_SMALL_STORE(what_is_said_is_seen_at_once),
        IN_SMALL_STORE(reindexing_forgets_nothing_that_was_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
