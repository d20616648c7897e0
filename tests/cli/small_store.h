/* A store of six runs with round numbers, the clock standing still, for whole screens:
 *
 *   1 mlp      finished, two days ago, tagged and noted
 *   2 mlp      finished, better, changed code, named "best"
 *   3 dcgan    failed, with a log
 *   4 dcgan    a resumed one: what was superseded is in its journal
 *   5 sh       a command, stopped
 *   6 mlp      archived
 */
#ifndef GANDER_TESTS_SMALL_STORE_H
#define GANDER_TESTS_SMALL_STORE_H

#include "base/image.h"
#include "program.h"
#include "run/made_store.h"

#define SMALL_COMMIT "1234567890123456789012345678901234567890"

static inline void small_facts(int run, const char *format, ...) PRINTF_LIKE(2, 3);

/* `format` is what stands between the braces of run.json. */
static inline void small_facts(int run, const char *format, ...)
{
    char *inside, *text;
    va_list arguments;
    va_start(arguments, format);
    assert_true(vasprintf(&inside, format, arguments) >= 0);
    va_end(arguments);
    text = xasprintf("{%s}", inside);
    made_run(run, text);
    free(inside);
    free(text);
}

/* Began `begun` seconds before MADE_NOW, worked for a minute. */
static inline void small_work(int run, double begun, const char *end)
{
    double time = MADE_NOW - begun;
    char *text = xasprintf("{\"t\":%.0f,\"state\":\"running\",\"pid\":1,\"worker\":1,"
                           "\"from_step\":0,\"events\":0}\n{\"t\":%.0f,%s}\n",
                           time, time + 60, end);
    made_append(run, "worker.jsonl", text);
    free(text);
}

/* Losses and a score at `count` steps, 10 apart, from `begun` seconds before MADE_NOW on. */
static inline void small_curves(int run, double begun, int from, int count, double scale)
{
    for (int i = from; i < from + count; i++) {
        char *line = xasprintf("{\"t\":%.1f,\"step\":%d,\"metrics\":{\"d_loss\":%g,\"g_loss\":%g"
                               "}}\n",
                               MADE_NOW - begun + i, 10 * i, scale / i, scale * i / 8);
        made_append(run, "events.jsonl", line);
        free(line);
    }
}

static inline void small_score(int run, int step, double frechet)
{
    char *line = xasprintf("{\"step\":%d,\"metrics\":{\"frechet\":%g}}\n", step, frechet);
    made_append(run, "events.jsonl", line);
    free(line);
}

/* A grey picture, 8 x 8, at a step, some seconds after MADE_NOW - begun. */
static inline void small_sample(int run, int step, double begun, double seconds)
{
    uint8_t pixels[64];
    memset(pixels, 40 * run, sizeof pixels);
    char *path = xasprintf(".gander/runs/%d/samples/%08d.png", run, step);
    assert_int_equal(image_write_png(&(struct image){ 8, 8, pixels }, path), 0);
    char *line = xasprintf("{\"t\":%.1f,\"step\":%d,\"sample\":\"samples/%08d.png\"}\n",
                           MADE_NOW - begun + seconds, step, step);
    made_append(run, "events.jsonl", line);
    free(line);
    free(path);
}

static inline void small_resumed(int run, double begun)
{
    char *line = xasprintf("{\"t\":%.0f,\"state\":\"running\",\"pid\":1,\"worker\":1,"
                           "\"from_step\":20,\"events\":%lld}\n"
                           "{\"t\":%.0f,\"state\":\"finished\",\"step\":80}\n",
                           MADE_NOW - begun, (long long)file_size(made_path(run, "events.jsonl")),
                           MADE_NOW - begun + 30);
    made_append(run, "worker.jsonl", line);
    free(line);
}

static inline void small_first_runs(void)
{
    small_facts(1,
                "\"experiment\":\"mlp\",\"created\":%.0f,\"host\":\"rho\",\"user\":\"ada\","
                "\"seed\":1,\"argv\":[\"gander\",\"run\",\"mlp.ini\"],\"data\":{\"source\":"
                "\"digits\"},\"git\":{\"commit\":\"" SMALL_COMMIT "\",\"branch\":\"main\","
                "\"subject\":\"Try it\"}",
                MADE_NOW - 2 * 86400);
    made_append(1, "events.jsonl", "{\"config\":{\"training\":{\"rate\":1e-4,\"batch\":64}}}\n");
    small_curves(1, 2 * 86400, 1, 8, 1);
    small_score(1, 80, 40);
    small_work(1, 2 * 86400, "\"state\":\"finished\",\"step\":80");
    made_append(1, "notes.jsonl",
                "{\"t\":1795990000,\"by\":\"ada\",\"tag\":\"good\"}\n"
                "{\"t\":1795990000,\"by\":\"ada\",\"note\":\"first try\\n\\n"
                "of many\"}\n");
    small_facts(2,
                "\"experiment\":\"mlp\",\"name\":\"best\",\"created\":%.0f,\"host\":\"rho\","
                "\"user\":\"ada\",\"seed\":2,\"parent\":1,\"argv\":[\"gander\",\"rerun\",\"1\"],"
                "\"data\":{\"source\":\"digits\"},\"git\":{\"commit\":\"" SMALL_COMMIT
                "\",\"branch\":\"main\",\"dirty\":true,\"snapshot\":\"abcdef\"}",
                MADE_NOW - 3600);
    made_append(2, "events.jsonl", "{\"config\":{\"training\":{\"rate\":2e-4,\"batch\":64}}}\n");
    small_curves(2, 3600, 1, 8, 2);
    small_score(2, 40, 10);
    small_score(2, 80, 20);
    small_work(2, 3600, "\"state\":\"finished\",\"step\":80");
}

static inline void small_store(void)
{
    made_store();
    small_first_runs();
    small_facts(3, "\"experiment\":\"dcgan\",\"created\":%.0f,\"host\":\"sigma\"", MADE_NOW - 1800);
    made_append(3, "events.jsonl",
                "{\"step\":1,\"metrics\":{\"d_loss\":\"NaN\"}}\n"
                "{\"step\":1,\"health\":\"mode collapse\",\"why\":\"3 of 10 "
                "classes\",\"advice\":{\"training.rate\":1e-5}}\n");
    small_work(3, 1800, "\"state\":\"failed\",\"step\":1,\"exit\":3,\"reason\":\"exit status 3\"");
    made_append(3, "log.txt", "one\ntwo\nthree\n");
    small_facts(4, "\"experiment\":\"dcgan\",\"created\":%.0f", MADE_NOW - 900);
    small_curves(4, 900, 1, 4, 4);
    small_sample(4, 20, 900, 15);
    small_sample(4, 40, 900, 25);
    small_sample(4, 45, 900, 26);
    small_work(4, 900, "\"state\":\"killed\",\"step\":40,\"signal\":9");
    small_resumed(4, 500);
    small_curves(4, 500, 3, 6, 8);
    small_sample(4, 40, 500, 10);
    small_sample(4, 80, 500, 20);
    small_facts(5,
                "\"experiment\":\"sh\",\"created\":%.0f,\"command\":[\"sh\",\"-c\",\"work\","
                "\"--lr\",\"0.01\"],\"cwd\":\"/work\"",
                MADE_NOW - 60);
    made_append(5, "events.jsonl",
                "{\"step\":1,\"metrics\":{\"loss\":3,\"a,b\":1}}\n"
                "{\"metrics\":{\"loss\":2}}\n");
    small_work(5, 60, "\"state\":\"stopped\",\"step\":2");
    small_facts(6, "\"experiment\":\"mlp\",\"created\":%.0f", MADE_NOW - 50);
    small_work(6, 50, "\"state\":\"finished\",\"step\":0");
    made_append(6, "notes.jsonl", "{\"t\":1,\"archived\":true}\n");
}

static inline int small_enter(void **state)
{
    if (program_enter(state) < 0)
        return -1;
    setenv("GANDER_NOW", "1796000000", 1);
    setenv("TZ", "UTC", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("COLUMNS");
    unsetenv("CLICOLOR_FORCE");
    small_store();
    return 0;
}

static inline int small_leave(void **state)
{
    unsetenv("GANDER_NOW");
    return program_leave(state);
}

#define IN_SMALL_STORE(test) cmocka_unit_test_setup_teardown(test, small_enter, small_leave)

/* HERE for the scratch directory. */
static inline char *small_without_path(char *text)
{
    char *here = realpath(".", NULL), *at;
    size_t length = strlen(here);
    while ((at = strstr(text, here))) {
        memcpy(at, "HERE", 4);
        memmove(at + 4, at + length, strlen(at + length) + 1);
    }
    free(here);
    return text;
}

/* A look that prints exactly this, says nothing on standard error. */
#define assert_screen(expected, ...)                                                               \
    small_assert_screen(expected, &(struct launch){ .words = { __VA_ARGS__ } })
static inline void small_assert_screen(const char *expected, const struct launch *launch)
{
    char *text = small_without_path(program_output_of(launch));
    if (strcmp(text, expected) != 0)
        fail_msg("printed:\n%s--- and not:\n%s", text, expected);
    free(text);
}

#endif
