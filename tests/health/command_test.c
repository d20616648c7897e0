/* Runs of other programs are judged by what they journal and draw. */
#define _GNU_SOURCE
#include "program.h"

#include "base/memory.h"
#include "data/dataset.h"
#include "run/sheet.h"

enum { IMAGES = 64 };

/* A program that has a hundred reports: `values` are journalled at each, sheet.png is drawn. */
static int run_command(const char *values, const char *config)
{
    char script[2000];
    struct store store;
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    store_release(&store);
    if (config)
        assert_int_equal(file_replace(".gander/config.ini", config, strlen(config)), 0);
    snprintf(script, sizeof script,
             "for i in $(seq 1 100); do s=$((i * 50)); if [ -f sheet.png ]; then"
             " [ $((i %% 10)) = 0 ] && cp sheet.png $GANDER_SAMPLES/$s.png &&"
             " echo '{\"step\":'$s',\"sample\":\"samples/'$s'.png\"}'; fi;"
             " %s%s%s done >>$GANDER_JOURNAL",
             *values ? "echo '{\"step\":'$s',\"metrics\":{" : "true", values,
             *values ? "}}';" : ";");
    struct program program = program_start("run", "-f", "--", "sh", "-c", script);
    int status = program_wait(&program);
    program_release(&program);
    return status;
}

/* Digits, or one of them in every place. */
static void draw_sheet(bool is_one)
{
    struct dataset *digits;
    assert_int_equal(dataset_open(&digits, "digits", DATASET_TRAIN, IMAGES, 1), 0);
    size_t area = (size_t)digits->height * (size_t)digits->width;
    for (size_t i = 1; i < IMAGES && is_one; i++)
        memcpy(digits->pixels + i * area, digits->pixels, area);
    assert_int_equal(
        sheet_write("sheet.png", digits->pixels, IMAGES, digits->height, digits->width), 0);
    dataset_close(digits);
}

/* All health in worker.jsonl, "STEP STATE; STEP STATE", and the last line whole. */
static char *health_said(char **last)
{
    char *text, *said = xstrdup("");
    size_t size;
    *last = NULL;
    assert_int_equal(file_read(".gander/runs/1/worker.jsonl", 1 << 20, &text, &size), 0);
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        struct json *root;
        int64_t step = -1;
        if (!*line || json_parse(&root, line, strlen(line)) < 0)
            continue;
        const char *health = json_get_string(json_member(root, "health"));
        json_get_integer(json_member(root, "step"), &step);
        if (health) {
            char *more = xasprintf("%s%s%lld %s", said, *said ? "; " : "", (long long)step, health);
            free(said);
            said = more;
            free(*last);
            *last = xstrdup(line);
        }
        json_free(root);
    }
    free(text);
    return said;
}

static void assert_health(const char *expected, const char *part)
{
    char *last, *said = health_said(&last);
    assert_string_equal(said, expected);
    if (part && !strstr(last ? last : "", part))
        fail_msg("'%s' is not in '%s'", part, last ? last : "");
    free(said);
    free(last);
}

static void assert_prints(const char *part, const char *command, const char *operand)
{
    char *output = program_output(command, operand);
    if (!strstr(output, part))
        fail_msg("'%s' is not in '%s'", part, output);
    free(output);
}

static void samples_of_one_image_are_a_collapse(void **state)
{
    (void)state;
    draw_sheet(true);
    assert_int_equal(run_command("\"errD\":1.2,\"errG\":0.9,\"D(x)\":0.6,\"D(G(z))\":0.4", NULL),
                     0);
    assert_health("50 warming up; 1600 mode collapse",
                  "\"advice\":{\"words\":\"r1, lower learning rates, another seed\"}");
    assert_prints("    try r1, lower learning rates, another seed\n", "show", "1");
    assert_prints("\"health\": \"mode collapse\"", "ls", "--json");
}

static void varied_samples_and_a_fair_game_are_balanced(void **state)
{
    (void)state;
    draw_sheet(false);
    assert_int_equal(run_command("\"errD\":1.2,\"errG\":0.9,\"D(x)\":0.6,\"D(G(z))\":0.4", NULL),
                     0);
    assert_health("50 warming up; 700 balanced",
                  "\"why\":\"D(x) 0.600, D(G(z)) 0.400; samples are ");
}

static void names_are_mapped_by_the_settings(void **state)
{
    (void)state;
    assert_int_equal(run_command("\"out/r\":0.99,\"out/f\":0.01",
                                 "[health]\nwarm_up = 500\n[signals]\nd_real = out/r\n"
                                 "d_fake = out/f\n"),
                     0);
    assert_health("50 warming up; 600 discriminator winning", "D(x) 0.990, D(G(z)) 0.010");
}

static void losses_alone_are_not_judged(void **state)
{
    (void)state;
    assert_int_equal(run_command("\"loss_D\":0.001,\"loss_G\":12", NULL), 0);
    assert_health("", NULL);
}

static void samples_alone_are(void **state)
{
    (void)state;
    draw_sheet(true);
    assert_int_equal(run_command("", "[health]\nwarm_up = 1000\ngrid = 8x8\n"), 0);
    char *last, *said = health_said(&last);
    assert_non_null(strstr(said, "mode collapse"));
    free(said);
    free(last);
}

/* What a program says of its health itself is believed. */
static void who_judges_itself_is_not_judged(void **state)
{
    (void)state;
    assert_int_equal(
        run_command("\"D(x)\":0.99,\"D(G(z))\":0.01},\"health\":\"fine\",\"x\":{", NULL), 0);
    assert_health("", NULL);
    assert_prints("health    fine\n", "show", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(samples_of_one_image_are_a_collapse),
        IN_PROGRAM_SCRATCH(varied_samples_and_a_fair_game_are_balanced),
        IN_PROGRAM_SCRATCH(names_are_mapped_by_the_settings),
        IN_PROGRAM_SCRATCH(losses_alone_are_not_judged),
        IN_PROGRAM_SCRATCH(samples_alone_are),
        IN_PROGRAM_SCRATCH(who_judges_itself_is_not_judged),
    };
    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
