/* Looks at one run or a few, whole screens of them. */
#define _GNU_SOURCE
#include <math.h>

#include "base/text.h"
#include "cli/on_terminal.h"
#include "cli/small_store.h"

static void show_has_all_that_is_known(void **state)
{
    (void)state;
    assert_screen("run 1  mlp\n"
                  "\n"
                  "state     finished\n"
                  "step      80 in 1:00\n"
                  "best      step 80: Fréchet 40, whose checkpoint is gone\n"
                  "created   2026-11-28 00:53 by ada on rho\n"
                  "typed     gander run mlp.ini\n"
                  "code      1234567 on main: Try it\n"
                  "data      digits\n"
                  "tags      good\n"
                  "files     HERE/.gander/runs/1\n"
                  "\n"
                  "metric   last   min at max at curve\n"
                  "d_loss  0.125 0.125 80   1 10 ███▄▄▄▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁\n"
                  "g_loss      1 0.125 10   1 80 ▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███\n"
                  "frechet    40    40 80  40 80 ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄\n"
                  "\n"
                  "recipe (what differs from the defaults)\n"
                  "  training.rate = 0.0001\n"
                  "\n"
                  "notes\n"
                  "  2026-11-29 22:06 ada\n"
                  "    first try\n"
                  "\n"
                  "    of many\n",
                  "show", "1");
    assert_screen("run 3  dcgan\n"
                  "\n"
                  "state     failed: exit status 3\n"
                  "health    mode collapse\n"
                  "step      1 in 1:00\n"
                  "created   2026-11-30 00:23 on sigma\n"
                  "files     HERE/.gander/runs/3\n"
                  "\n"
                  "metric last min at max at curve\n"
                  "d_loss  NaN\n"
                  "\n"
                  "health\n"
                  "  step 1: mode collapse: 3 of 10 classes\n"
                  "    try training.rate=1e-05\n"
                  "\n"
                  "log, its last lines ('gander log 3' has all)\n"
                  "  one\n"
                  "  two\n"
                  "  three\n",
                  "show", "3");
    assert_screen("run 5  sh\n"
                  "\n"
                  "state     stopped\n"
                  "step      2 in 1:00\n"
                  "created   2026-11-30 00:52\n"
                  "command   sh -c work --lr 0.01\n"
                  "in        /work\n"
                  "files     HERE/.gander/runs/5\n"
                  "\n"
                  "metric last min at max at curve\n"
                  "loss      2   2  2   3  1 ████████████▁▁▁▁▁▁▁▁▁▁▁▁\n"
                  "a,b       1   1  1   1  1 ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄\n"
                  "\n"
                  "recipe\n"
                  "  lr = 0.01\n",
                  "show", "5");
    assert_screen("run 4  dcgan\n"
                  "\n"
                  "state     finished\n"
                  "step      80 in 1:30\n"
                  "created   2026-11-30 00:38\n"
                  "files     HERE/.gander/runs/4\n"
                  "\n"
                  "metric last min at max at curve\n"
                  "d_loss    1   1 80   4 10 ███▃▃▃▅▅▅▃▃▃▂▂▂▁▁▁▁▁▁▁▁▁\n"
                  "g_loss    8 0.5 10   8 80 ▁▁▁▁▁▁▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███\n",
                  "show", "exp:dcgan@");
}

static void metrics_are_those_of_the_journal(void **state)
{
    (void)state;
    assert_screen("step,t,d_loss,g_loss\n"
                  "10,1795999101.000,4,0.5\n"
                  "20,1795999102.000,2,1\n"
                  "30,1795999503.000,2.66667,3\n"
                  "40,1795999504.000,2,4\n"
                  "50,1795999505.000,1.6,5\n"
                  "60,1795999506.000,1.33333,6\n"
                  "70,1795999507.000,1.14286,7\n"
                  "80,1795999508.000,1,8\n",
                  "metrics", "4");
    assert_screen("step,t,loss,\"a,b\"\n"
                  "1,,3,1\n"
                  "2,,2,\n",
                  "metrics", "5");
    assert_screen("step,t,d_loss,g_loss,frechet\n"
                  "10,1795827201.000,1,0.125,\n"
                  "40,1795827204.000,0.25,0.5,\n"
                  "70,1795827207.000,0.142857,0.875,\n",
                  "metrics", "1", "--every", "30");
    assert_screen("step,t,d_loss,g_loss,frechet\n"
                  "10,1795827201.000,1,0.125,\n"
                  "40,1795827204.000,0.25,0.5,\n"
                  "70,1795827207.000,0.142857,0.875,\n",
                  "metrics", "1", "--points", "3");
    assert_screen("{\"step\":80,\"frechet\":40.0}\n", "metrics", "1", "-m", "frechet", "--json");
    assert_screen("{\"step\":1,\"d_loss\":\"NaN\"}\n", "metrics", "3", "--json");
    assert_screen("step,t\n", "metrics", "6");
}

static void charts_are_plain_text(void **state)
{
    (void)state;
    assert_screen(
        "mlp, run 1                                          * d_loss 0.1250   o g_loss 1\n"
        "1.0 +**                                                                 oooooooo\n"
        "    |  **                                                       ooooooooo\n"
        "0.8 +    ***                                           ooooooooo\n"
        "    |      ***                                ooooooooo\n"
        "0.6 +        ***                      ooooooooo\n"
        "    |          *******        ooooooooo\n"
        "0.4 +                ooooooooo\n"
        "    |       oooooooooo      *****************\n"
        "0.2 +oooooooo                                ***********************************\n"
        "    ++---------+----------+----------+---------+----------+----------+---------+\n"
        "step 10       20         30         40        50         60         70        80\n",
        "plot", "1", "--rows", "12");
    assert_screen(
        "d_loss                                              * 1 0.1250   o 2 best 0.2500\n"
        "    |ooooooo\n"
        "  1 +***   ooooooooo\n"
        "    |   *******     ooooooooooooooo\n"
        "    |          ***********        ooooooooooooooooooo\n"
        "0.3 +                    ***************             ooooooooooooooooooooooooooo\n"
        "    |                                   ***************************\n"
        "0.1 +                                                             **************\n"
        "    ++---------+----------+----------+---------+----------+----------+---------+\n"
        "step 10       20         30         40        50         60         70        80\n",
        "plot", "1", "2", "--log", "-m", "d_loss", "--rows", "10");
    assert_screen(
        "mlp, run 1                                                              g_loss 1\n"
        "1.0 +                                                             _____-------''\n"
        "    |                                            ____--------''''''\n"
        "0.5 +                              ____-------''''\n"
        "    |             ______--------''''\n"
        "    |__-------'''''\n"
        "    ++---------+----------+----------+---------+----------+----------+---------+\n"
        "time 0:01    0:02       0:03       0:04      0:05       0:06       0:07     0:08\n",
        "plot", "1", "--by", "time", "--rows", "8", "-m", "g_loss");
    assert_screen(
        "mlp, run 2 best                                                    d_loss 0.2500\n"
        "2 +'--_\n"
        "  |    '--_\n"
        "1 +        '--__\n"
        "  |             ''''--------______\n"
        "  |                              '''''''''---------------------.________________\n"
        "  +-----------+---------------------+--------------------+---------------------+\n"
        "          23:53:22              23:53:24             23:53:26           23:53:28\n",
        "plot", "2", "-m", "d_loss", "--by", "clock", "--rows", "8");
    assert_screen(
        "mlp, run 1                                                         d_loss 0.1667\n"
        "    |''----.__\n"
        "0.3 +         '''----.__\n"
        "    |                   '''-----._____\n"
        "0.2 +                                ''''''---------._____\n"
        "    |                                                     ''''''------------.___\n"
        "    ++-----------+------------+-----------+-----------+------------+-----------+\n"
        "step 30         35           40          45          50           55          60\n",
        "plot", "1", "-m", "d_loss", "--from", "30", "--to", "60", "--rows", "8");
    assert_screen(
        "dcgan, run 4                                                        d_loss 1.780\n"
        "4 +'---__\n"
        "  |   ...''--.______________\n"
        "  |       ...    ...........''''''---------------._____\n"
        "2 +          ....                .................     '''''''''----------------\n"
        "  |                                               ..............................\n"
        "  ++----------+----------+----------+---------+----------+----------+----------+\n"
        "  10         20         30         40        50         60         70       step\n",
        "plot", "4", "-m", "d_loss", "--smooth", "0.9", "--rows", "8");
}

static void epochs_are_an_axis(void **state)
{
    (void)state;
    made_append(1, "events.jsonl", "{\"data\":{\"count\":640}}\n");
    assert_screen(
        "mlp, run 1                                                         d_loss 0.1250\n"
        "1.0 +'-._\n"
        "    |   ''-._\n"
        "0.5 +       ''-.__\n"
        "    |            '''''-------._____\n"
        "    |                             '''''''''---------------------________________\n"
        "    ++---------+----------+----------+---------+----------+----------+---------+\n"
        "     1         2          3          4         5          6          7     epoch\n",
        "plot", "1", "-m", "d_loss", "--by", "epoch", "--rows", "8");
}

static void runs_without_points_are_not_in_the_legend(void **state)
{
    (void)state;
    assert_screen(
        "d_loss                                              * 1 0.1250   + 2 best 0.2500\n"
        "2 +++++\n"
        "  |    +++++\n"
        "1 +*****   +++++++++\n"
        "  |    *************+++++++++++++++++++++++++++++++++\n"
        "0 +                   ******************************+++++++++++*++++++++++++++++\n"
        "  ++----------+----------+----------+---------+----------+----------+----------+\n"
        "  10         20         30         40        50         60         70       step\n"
        "no points: 5\n",
        "plot", "1", "5", "2", "-m", "d_loss", "--rows", "8");
}

static void differences_are_printed(void **state)
{
    (void)state;
    assert_screen(
        "run state    exp name commit   age took step tags\n"
        "  1 finished mlp      1234567   2d 1:00   80 good\n"
        "  2 finished mlp best 1234567*  1h 1:00   80\n"
        "\n"
        "recipe        1      2\n"
        "training.rate 0.0001 0.0002\n"
        "\n"
        "last value     1    2\n"
        "d_loss     0.125 0.25\n"
        "g_loss         1    2\n"
        "frechet       40   20\n"
        "  min         40  *10\n"
        "* the best of all\n"
        "\n"
        "frechet                                                     * 1 40   o 2 best 20\n"
        "40 +                                                                           *\n"
        "   |\n"
        "   |\n"
        "   |\n"
        "   |\n"
        "30 +\n"
        "   |\n"
        "   |\n"
        "   |\n"
        "   |\n"
        "20 +                                                                      oooooo\n"
        "   |                                                        ooooooooooooooo\n"
        "   |                                         ooooooooooooooo\n"
        "   |                           ooooooooooooooo\n"
        "   |             oooooooooooooo\n"
        "10 +ooooooooooooo\n"
        "   ++--------+---------+--------+---------+--------+--------+---------+--------+\n"
        "   40       45        50       55        60       65       70        75       80\n"
        "                                        step\n",
        "compare", "1", "2", "-m", "frechet");
}

static void ascii_is_enough(void **state)
{
    (void)state;
    setenv("LC_ALL", "C", 1);
    char *text = program_output("plot", "1", "2", "--rows", "12");
    for (const char *at = text; *at; at++)
        assert_true((unsigned char)*at < 0x80);
    free(text);
    text = program_output("ls");
    for (const char *at = text; *at; at++)
        assert_true((unsigned char)*at < 0x80);
    free(text);
    setenv("LC_ALL", "C.UTF-8", 1);
}

static void assert_wide(const char *text, int width)
{
    struct arena arena = { 0 };
    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *line = arena_strndup(&arena, text, length);
        if (text_columns(line) > width)
            fail_msg("wider than %d: %s", width, line);
        text += length + 1;
    }
    arena_release(&arena);
}

static void screens_fit_their_width(void **state)
{
    (void)state;
    static const int widths[] = { 40, 80, 160 };
    for (int i = 0; i < ARRAY_SIZE(widths); i++) {
        char *columns = xasprintf("%d", widths[i]);
        setenv("COLUMNS", columns, 1);
        char *texts[] = { program_output("ls", "-a"), program_output("plot", "1", "2"),
                          program_output("compare", "1", "2", "3", "4", "5", "6"),
                          program_output("compare", "1", "2", "4", "--all") };
        for (int k = 0; k < ARRAY_SIZE(texts); k++) {
            assert_wide(texts[k], widths[i]);
            free(texts[k]);
        }
        free(columns);
    }
    unsetenv("COLUMNS");
}

static void files_and_pipes_get_no_escape(void **state)
{
    (void)state;
    setenv("TERM", "xterm-256color", 1);
    setenv("COLORTERM", "truecolor", 1);
    char *texts[] = { program_output("ls"), program_output("show", "3"),
                      program_output("compare", "1", "2"), program_output("plot", "1") };
    for (int k = 0; k < ARRAY_SIZE(texts); k++) {
        assert_null(strchr(texts[k], '\033'));
        free(texts[k]);
    }
    setenv("TERM", "dumb", 1);
    unsetenv("COLORTERM");
}

/* --- on a terminal --- */

static char *seen(const char *const *words, int columns)
{
    const char *all[TERMINAL_WORDS] = { NULL };
    int status;
    size_t size;
    for (int i = 0; words[i]; i++)
        all[i] = words[i];
    char *text = on_terminal(all, columns, &status, &size), *out = text;
    assert_int_equal(status, 0);
    for (const char *at = text; *at; at++)
        if (*at != '\r')
            *out++ = *at;
    *out = '\0';
    return text;
}

#define seen_at(columns, ...) seen((const char *const[]){ __VA_ARGS__, NULL }, columns)

/* Takes the colours out. */
static char *without_colours(char *text)
{
    char *out = text;
    for (const char *at = text; *at;) {
        if (*at == '\033') {
            at += strcspn(at, "m") + 1;
            continue;
        }
        *out++ = *at++;
    }
    *out = '\0';
    return text;
}

static void terminals_have_colours_and_folded_lines(void **state)
{
    (void)state;
    unsetenv("CI");
    unsetenv("NO_COLOR");
    char *text = seen_at(80, "ls");
    assert_non_null(strstr(text, "mfailed"));
    free(text);
    made_append(
        2, "events.jsonl",
        "{\"config\":{\"layers\":\"dense 6272 | reshape 128x7x7 | norm | relu | upconv 64 4/2"
        " | norm | relu | upconv 1 4/2 | tanh\"}}\n");
    assert_int_equal(file_replace(".gander/changes", "2\n", 2), 0);
    text = without_colours(seen_at(80, "show", "2"));
    assert_non_null(strstr(text,
                           "  layers = dense 6272 | reshape 128x7x7 | norm | relu | upconv 64 4/2"
                           " | norm |\n    relu | upconv 1 4/2 | tanh\n"));
    assert_wide(text, 80);
    free(text);
}

/* The last attempt took half a minute, however long ago it ended. */
static void watching_an_ended_run_shows_how_long_it_took(void **state)
{
    (void)state;
    setenv("TERM", "xterm-256color", 1);
    char *text = seen_at(80, "watch", "4");
    assert_non_null(strstr(text, "30 s gone"));
    assert_non_null(strstr(text, "run 4 finished: step 80, 1:30"));
    free(text);
}

/* As long as the screen, which has 24 lines here. */
static void terminals_get_a_screenful(void **state)
{
    (void)state;
    for (int run = 11; run <= 60; run++) {
        made_run(run, "{\"experiment\":\"many\"}");
        made_ended(run, "finished");
    }
    char *text = without_colours(seen_at(80, "ls"));
    int lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    assert_in_range(lines, 20, 23);
    assert_non_null(strstr(text, "more; -n 0 lists all"));
    assert_wide(text, 80);
    free(text);
}

/* --- JSON --- */

static struct json *json_of(const struct launch *launch)
{
    struct json *value;
    char *text = program_output_of(launch);
    assert_int_equal(json_parse(&value, text, strlen(text)), 0);
    free(text);
    return value;
}

#define json_output(...) json_of(&(struct launch){ .words = { __VA_ARGS__ } })

static double number_in(const struct json *value)
{
    double number;
    assert_true(json_get_number(value, &number));
    return number;
}

static void show_prints_an_object(void **state)
{
    (void)state;
    struct json *run = json_output("show", "4", "--json");
    assert_true(number_in(json_member(run, "number")) == 4);
    assert_true(number_in(json_member(run, "took")) == 90);
    assert_true(number_in(json_member(json_member(run, "metrics"), "g_loss")) == 8);
    assert_true(number_in(json_member(json_member(run, "journal"), "superseded")) == 4);
    assert_true(number_in(json_member(json_member(run, "journal"), "bad")) == 0);
    json_free(run);
    run = json_output("show", "1", "--json");
    assert_true(number_in(json_member(json_member(run, "recipe"), "training.rate")) == 1e-4);
    assert_string_equal(
        json_get_string(json_member(json_item(json_member(run, "note_texts"), 0), "text")),
        "first try\n\nof many");
    json_free(run);
}

static void plot_prints_points(void **state)
{
    (void)state;
    struct json *list = json_output("plot", "1", "2", "-m", "d_loss", "--json");
    assert_int_equal(json_length(list), 2);
    const struct json *points = json_member(json_item(list, 1), "points");
    assert_int_equal(json_length(points), 8);
    for (size_t i = 0; i < 8; i++) { /* step, t, mean, low, high */
        const struct json *point = json_item(points, i);
        assert_true(number_in(json_item(point, 0)) == 10.0 * (double)(i + 1));
        for (size_t k = 2; k < 5; k++)
            assert_true(fabs(number_in(json_item(point, k)) - 2.0 / (double)(i + 1)) < 1e-5);
    }
    json_free(list);
}

static double sample_step(const struct json *root, size_t index, double *run)
{
    const struct json *sample = json_item(json_member(root, "samples"), index);
    *run = number_in(json_member(sample, "run"));
    return number_in(json_member(sample, "step"));
}

/* Run 4 was resumed at step 20: its samples of 40 are those of the second attempt, that of 45 is of
 * the first and counts no more. */
static void samples_stand_side_by_side(void **state)
{
    (void)state;
    double run;
    small_sample(1, 30, 2 * 86400, 33);
    small_sample(1, 60, 2 * 86400, 62);
    assert_int_equal(file_replace(".gander/changes", "1\n", 2), 0);
    struct json *root = json_output("compare", "1", "4", "--json");
    assert_true(sample_step(root, 0, &run) == 60 && run == 1);
    assert_true(sample_step(root, 1, &run) == 40 && run == 4);
    json_free(root);
    root = json_output("compare", "1", "4", "--by", "time", "--json");
    /* run 1 came to 62 s; run 4 worked 60 s, then 10 until step 40 and 20 until step 80 */
    assert_true(sample_step(root, 0, &run) == 60);
    assert_true(sample_step(root, 1, &run) == 20);
    json_free(root);
    root = json_output("compare", "1", "4", "--step", "30", "--json");
    assert_true(sample_step(root, 0, &run) == 30);
    assert_true(sample_step(root, 1, &run) == 20);
    json_free(root);
}

static void superseded_samples_are_not_drawn(void **state)
{
    (void)state;
    char *text = program_output("samples", "4");
    assert_memory_equal(text, "run 4, step 80\n", 15);
    free(text);
    free(program_output("samples", "4", "--step", "40"));
    struct program program = program_start("samples", "4", "--step", "45");
    program_expect(&program, 1, "no samples of step 45");
}

/* The best is marked to the side that the metric is better on, whoever is named first. */
static void best_is_marked_in_both_directions(void **state)
{
    (void)state;
    for (int run = 1; run <= 2; run++) {
        char *line = xasprintf("{\"step\":80,\"metrics\":{\"score\":%d}}\n", 10 * run);
        made_append(run, "events.jsonl", line);
        free(line);
    }
    assert_int_equal(file_replace(".gander/changes", "1\n2\n", 4), 0);
    char *text = program_output("compare", "2", "1", "-m", "score");
    assert_non_null(strstr(text, "frechet      20    40\n  min       *10    40\n"));
    assert_non_null(strstr(text, "score        20    10\n  max       *20    10\n"));
    free(text);
}

/* --- logs --- */

static void log_prints_all_or_the_last_lines(void **state)
{
    (void)state;
    assert_screen("one\ntwo\nthree\n", "log", "3");
    assert_screen("two\nthree\n", "log", "3", "-n", "2");
    assert_screen("", "log", "3", "-n", "0");
    assert_screen("one\ntwo\nthree\n", "log", "3", "-n", "9", "-f"); /* it has ended */
    struct program program = program_start("log", "1");
    program_expect(&program, 1, "run 1 has no log yet");
    program = program_start("log", "77");
    program_expect(&program, 3, "there is no run 77");
}

static bool has_log(const char *directory)
{
    char *path = xasprintf("%s/log.txt", directory);
    bool is_there = file_size(path) > 0;
    free(path);
    return is_there;
}

static void log_follows_until_the_run_has_ended(void **state)
{
    (void)state;
    struct program program = program_start(
        "run", "--", "sh", "-c", "echo begun; while [ ! -e go ]; do sleep 0.05; done; echo done");
    program_expect(&program, 0, "");
    wait_until(has_log, ".gander/runs/7");
    program = program_start("log", "-f", "7");
    assert_true(program_reaches(&program, "output", 6));
    made_write("go", "");
    int status = program_wait(&program);
    assert_int_equal(status, 0);
    assert_string_equal(program.output, "begun\ndone\n");
    program_release(&program);
}

static void what_cannot_be_done_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        int status;
        const char *sentence;
    } refusals[] = {
        { { "plot", "1", "-m", "d_los" }, 1, "did you mean 'd_loss'" },
        { { "plot", "6" }, 1, "no metrics yet" },
        { { "plot", "1", "--smooth", "2" }, 2, "between 0 and 0.999" },
        { { "plot", "1", "--by", "moon" }, 2, "none of step, epoch, time and clock" },
        { { "plot", "1", "--by", "epoch" }, 1, "run 1 does not tell its epochs" },
        { { "metrics", "1", "-m", "frechte" }, 1, "did you mean 'frechet'" },
        { { "metrics", "1", "--every", "0" }, 2, "--every" },
        { { "show", "bset" }, 3, "did you mean 'best'" },
        { { "show", "mlp" }, 3, "did you mean 'exp:mlp@'" },
        { { "show", "exp:dcgna@" }, 3, "did you mean 'exp:dcgan@'" },
        { { "show", "0" }, 3, "there is no run 0" },
        { { "show" }, 2, "RUN is missing" },
        { { "compare", "1", "9" }, 3, "there is no run 9" },
        { { "archive", "8..9" }, 3, "there are no runs '8..9'" },
        { { "diff", "1", "2", "3" }, 2, "unexpected '3'" },
        { { "samples", "1" }, 1, "no samples yet" },
        { { "shwo", "1" }, 2, "did you mean 'show'" },
    };
    for (int i = 0; i < ARRAY_SIZE(refusals); i++) {
        struct launch launch = { .output = NULL };
        memcpy(launch.words, refusals[i].words, sizeof refusals[i].words);
        struct program program = program_launch(&launch);
        program_expect(&program, refusals[i].status, refusals[i].sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SMALL_STORE(show_has_all_that_is_known),
        IN_SMALL_STORE(metrics_are_those_of_the_journal),
        IN_SMALL_STORE(charts_are_plain_text),
        IN_SMALL_STORE(epochs_are_an_axis),
        IN_SMALL_STORE(runs_without_points_are_not_in_the_legend),
        IN_SMALL_STORE(differences_are_printed),
        IN_SMALL_STORE(ascii_is_enough),
        IN_SMALL_STORE(screens_fit_their_width),
        IN_SMALL_STORE(files_and_pipes_get_no_escape),
        IN_SMALL_STORE(terminals_have_colours_and_folded_lines),
        IN_SMALL_STORE(terminals_get_a_screenful),
        IN_SMALL_STORE(watching_an_ended_run_shows_how_long_it_took),
        IN_SMALL_STORE(show_prints_an_object),
        IN_SMALL_STORE(plot_prints_points),
        IN_SMALL_STORE(samples_stand_side_by_side),
        IN_SMALL_STORE(superseded_samples_are_not_drawn),
        IN_SMALL_STORE(best_is_marked_in_both_directions),
        IN_SMALL_STORE(log_prints_all_or_the_last_lines),
        IN_SMALL_STORE(log_follows_until_the_run_has_ended),
        IN_SMALL_STORE(what_cannot_be_done_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
