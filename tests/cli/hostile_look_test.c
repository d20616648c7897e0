/* Journals, logs, notes and recipes from elsewhere cannot move a terminal's cursor, crash a command
 * or hold it up. */
#define _GNU_SOURCE

#include "base/text.h"
#include "cli/on_terminal.h"
#include "run/made_store.h"

/* In JSON: a colour, a title, what C1 makes of it, a turn of direction, and line ends. */
#define EVIL "\\u001b[31mx\\u001b]0;t\\u0007\\u009b2J\\u202ey\\r\\n\\tz\\u007f"
/* The same as bytes, and some that are not UTF-8. */
#define EVIL_BYTES "\033[31mx\033]0;t\a\302\2332J\342\200\256y\r\tz\177\377\300\200"

/* --- the store --- */

static void make_evil_run(int run)
{
    made_run(run, "{\"experiment\":\"" EVIL "\",\"name\":\"" EVIL "\",\"created\":1795000000,"
                  "\"argv\":[\"gander\",\"" EVIL "\"],\"command\":[\"sh\",\"--" EVIL "\",\"" EVIL
                  "\"],\"cwd\":\"/" EVIL "\",\"host\":\"" EVIL "\",\"user\":\"" EVIL "\","
                  "\"data\":{\"source\":\"" EVIL "\"},\"git\":{\"commit\":\"" EVIL
                  "\",\"branch\":\"" EVIL "\",\"describe\":\"" EVIL "\",\"subject\":\"" EVIL
                  "\",\"snapshot\":\"" EVIL "\",\"dirty\":true,\"missing\":\"" EVIL
                  "\",\"left_out\":[{\"path\":\"" EVIL "\",\"size\":1,\"reason\":\"" EVIL "\"}]}}");
    made_append(run, "events.jsonl",
                "{\"t\":1,\"step\":1,\"metrics\":{\"" EVIL "\":1,\"loss\":2}}\n"
                "{\"t\":2,\"step\":2,\"metrics\":{\"" EVIL "\":NaN,\"loss\":-Infinity}}\n"
                "{\"t\":3,\"step\":3,\"metrics\":{\"" EVIL "\":\"Infinity\",\"loss\":1}}\n"
                "{\"config\":{\"" EVIL "\":\"" EVIL "\",\"deep\":{\"" EVIL "\":[\"" EVIL "\"]}}}\n"
                "{\"step\":3,\"health\":\"" EVIL "\",\"why\":\"" EVIL "\",\"advice\":{\"" EVIL
                "\":\"" EVIL "\"}}\n"
                "{\"step\":3,\"sample\":\"samples/" EVIL ".png\"}\n"
                "{\"step\":3,\"sample\":\"../../../etc/passwd\"}\n"
                "{\"step\":3,\"checkpoint\":\"" EVIL "\"}\n"
                "{\"step\":0,\"engine\":{\"" EVIL "\":\"" EVIL "\",\"blas\":\"" EVIL
                "\",\"cpu\":\"" EVIL "\"},\"data\":{\"count\":\"" EVIL "\"}}\n");
    made_append(run, "worker.jsonl",
                "{\"t\":1,\"state\":\"running\",\"pid\":1,\"worker\":1,\"host\":\"" EVIL "\","
                "\"settings\":[\"" EVIL "\"],\"from_step\":0,\"events\":0}\n"
                "{\"t\":2,\"step\":1,\"use\":{\"" EVIL "\":1}}\n"
                "{\"t\":3,\"state\":\"failed\",\"step\":3,\"exit\":3,\"reason\":\"" EVIL "\"}\n");
    made_append(run, "notes.jsonl",
                "{\"t\":1,\"by\":\"" EVIL "\",\"note\":\"" EVIL "\"}\n"
                "{\"t\":2,\"by\":\"" EVIL "\",\"tag\":\"" EVIL "\"}\n"
                "{\"t\":3,\"tag\":\"fine\"}\n{\"t\":4,\"name\":\"" EVIL "\"}\n");
    made_append(run, "log.txt", "fine\n" EVIL_BYTES "\n" EVIL_BYTES "\n");
    made_append(run, "recipe.ini", "[experiment]\nname = " EVIL_BYTES "\n[" EVIL_BYTES "]\n");
}

static void append_garbage(int run, size_t bytes)
{
    char *line = xmalloc(bytes + 1);
    for (size_t i = 0; i < bytes; i++)
        line[i] = (char)(i * 7 % 255 + 1);
    line[bytes] = '\n';
    made_append_bytes(run, "events.jsonl", line, bytes + 1);
    free(line);
}

static void append_long_line(int run, size_t bytes)
{
    char *text = xmalloc(bytes + 1);
    memset(text, 'x', bytes);
    text[bytes] = '\0';
    char *line = xasprintf("{\"step\":5,\"metrics\":{\"loss\":3},\"note\":\"%s\"}\n", text);
    made_append(run, "events.jsonl", line);
    free(line);
    free(text);
}

/* Whole lines between what two writers at once, a full disk and other tools have left. */
static void make_torn_run(int run)
{
    enum { NAMES = 10000 };
    made_run(run, "{\"experiment\":\"torn\"}");
    made_append(run, "events.jsonl", "{\"step\":1,\"metrics\":{\"loss\":1}}\n{\"step\":2,\"metr");
    made_append(run, "events.jsonl", "{\"step\":2,\"metrics\":{\"loss\":2}}\n}}\n");
    made_append_bytes(run, "events.jsonl", "\0\0\0\n{\"step\":3,\"metrics\":{\"lo\0ss\":1}}\n", 38);
    append_garbage(run, 100000);
    append_long_line(run, 1 << 20);
    append_long_line(run, 3 << 20);
    for (int i = 0; i < NAMES; i++) {
        char *line = xasprintf("{\"step\":%d,\"metrics\":{\"m%d\":%d}}\n", i, i, i);
        made_append(run, "events.jsonl", line);
        free(line);
    }
    made_append(run, "events.jsonl",
                "{\"step\":1e400,\"metrics\":{\"loss\":1}}\n"
                "{\"step\":-5,\"metrics\":{\"loss\":1}}\n"
                "{\"step\":9007199254740993,\"metrics\":{\"loss\":1}}\n"
                "{\"step\":7,\"t\":1e300,\"metrics\":{\"loss\":1e308}}\n"
                "{\"step\":7,\"t\":-1,\"metrics\":{\"loss\":-1e308}}\n"
                "{\"step\":8,\"metrics\":{\"loss\":{\"a\":1}}}\n"
                "{\"step\":8,\"metrics\":[1]}\n[[[[\n{\"step\":9");
    made_append(run, "worker.jsonl", "garbage\n{\"state\":\"no such\"}\n");
    made_ended(run, "finished");
}

static void make_broken_run(int run)
{
    made_run(run, "{ \"experiment\": " EVIL_BYTES);
    made_append(run, "events.jsonl", "{\"step\":1,\"metrics\":{\"loss\":1}}\n");
    made_append(run, "samples/00000001.png", "\211PNG\r\n\032\n" EVIL_BYTES);
    made_append(run, "events.jsonl", "{\"step\":1,\"sample\":\"samples/00000001.png\"}\n");
    made_ended(run, "finished");
}

static int enter(void **state)
{
    if (program_enter(state) < 0)
        return -1;
    made_store();
    make_evil_run(1);
    make_torn_run(2);
    make_broken_run(3);
    make_evil_run(4);
    setenv("GANDER_NOW", "1796000000", 1);
    return 0;
}

static int leave(void **state)
{
    unsetenv("GANDER_NOW");
    return program_leave(state);
}

/* --- what is harmless --- */

/* The length of "ESC [ digits and semicolons m" at `text`; 0 for anything else. */
static size_t colour_length(const char *text)
{
    if (text[0] != '\033' || text[1] != '[')
        return 0;
    size_t length = 2 + strspn(text + 2, "0123456789;");
    return text[length] == 'm' ? length + 1 : 0;
}

static void assert_harmless(const char *what, const char *text, size_t size, bool is_terminal)
{
    if (strlen(text) != size)
        fail_msg("%s: a NUL", what);
    for (const char *at = text; *at;) {
        const char *here = at;
        size_t colour = is_terminal ? colour_length(at) : 0;
        uint32_t letter = text_next(&at);
        bool ends_line = letter == '\n' || (is_terminal && letter == '\r' && *at == '\n');
        if (colour > 0)
            at = here + colour;
        else if (!ends_line && (text_is_control(letter) || letter == 0xFFFD))
            fail_msg("%s: U+%04X after '%.*s'", what, letter, (int)MIN(here - text, 60),
                     here - MIN(here - text, 60));
    }
}

static const char *const looks[][12] = {
    { "ls" },
    { "ls", "--json" },
    { "ls", "-n", "2" },
    { "ls", "-g", "name" },
    { "ls", "-c", "run,state,exp,name,commit,age,took,step,progress,health,tags,notes,host" },
    { "ls", "-c",
      "user,branch,data,command,reason,parent,seed,created,loss,min(loss),spark(loss)" },
    { "ls", "-s", "loss" },
    { "ls", "-s", "name" },
    { "show", "1" },
    { "show", "1", "--json" },
    { "show", "2" },
    { "show", "2", "--json" },
    { "show", "3" },
    { "show", "4", "--all" },
    { "metrics", "1", "--json" },
    { "metrics", "2", "--json" },
    { "plot", "1" },
    { "plot", "1", "2", "4", "-m", "loss" },
    { "plot", "1", "2", "--json", "-m", "loss" },
    { "compare", "1", "4" },
    { "compare", "1", "2", "3", "--json" },
    { "compare", "1", "2", "3", "4", "--all" },
    { "compare", "1", "4", "--by", "time" },
    { "samples", "1" },
    { "samples", "3" },
    { "diff", "1", "4" },
    { "diff", "1" },
    { "checkout", "1", "away" },
    { "verify" },
    { "ls", "tag:" EVIL_BYTES },
    { "ls", "(" EVIL_BYTES },
    { "show", EVIL_BYTES },
    { "plot", "1", "-m", EVIL_BYTES },
    { "reindex" },
};

/* Those that copy byte for byte where no person looks. */
static const char *const looks_of_people[][12] = {
    { "log", "1" },
    { "log", "1", "-n", "1" },
    { "metrics", "1" },
    { "diff", "1", "4", "--code" },
};

static bool is_fine(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) <= 3;
}

static void files_get_no_control_characters(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(looks); i++) {
        struct launch launch = { .words = { looks[i][0] } };
        char what[64];
        memcpy(launch.words, looks[i], sizeof looks[i]);
        snprintf(what, sizeof what, "%d: %s", i, looks[i][0]);
        struct program program = program_launch(&launch);
        int status = program_wait(&program);
        if (!is_fine(status))
            fail_msg("%s: status %d, %s", what, status, program.errors);
        assert_harmless(what, program.output, (size_t)file_size("output"), false);
        assert_harmless(what, program.errors, (size_t)file_size("errors"), false);
        program_release(&program);
    }
}

/* --- on a terminal --- */

static void look_on_terminal(const char *const *words)
{
    int status;
    size_t size;
    char *text = on_terminal(words, 80, &status, &size);
    if (!is_fine(status))
        fail_msg("%s: status %d", words[0], status);
    assert_harmless(words[0], text, size, true);
    free(text);
}

static void terminals_get_colours_and_nothing_else(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(looks); i++)
        look_on_terminal(looks[i]);
    for (int i = 0; i < ARRAY_SIZE(looks_of_people); i++)
        look_on_terminal(looks_of_people[i]);
}

/* --- what is read --- */

static void what_can_be_read_is_read(void **state)
{
    (void)state;
    char *text = program_output("metrics", "2", "-m", "loss");
    assert_string_equal(text, "step,t,loss\n1,,1\n5,,3\n5,,3\n9007199254740993,,1\n"
                              "7,,1e308\n7,,-1e308\n");
    free(text);
    text = program_output("ls", "-c", "run,m9999", "m9999=9999");
    assert_string_equal(text, "run m9999\n  2 9,999\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_get_no_control_characters, enter, leave),
        cmocka_unit_test_setup_teardown(terminals_get_colours_and_nothing_else, enter, leave),
        cmocka_unit_test_setup_teardown(what_can_be_read_is_read, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
