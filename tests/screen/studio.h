/* The store that screens are taken of. Nothing in it depends on the machine or the time: curves are
 * made of a few formulas, samples of the built-in digits, commits have fixed dates.
 *
 *    1 - 3  mlp, seeds 1 to 3, finished, two days ago; 2 is tagged and noted
 *    4      mlp, named "faster", another rate, code with changes
 *    5      dcgan, collapsed, failed
 *    6      digits, running: on another host, whose heart beats
 *    7      a command, stopped, with a log and losses of its own names
 *    8      mlp, archived
 *    9      mlp, in the bin
 *   10      conditional, finished, resumed once */
#ifndef GANDER_TESTS_STUDIO_H
#define GANDER_TESTS_STUDIO_H

#include <math.h>
#include <sys/stat.h>

#include "data/digits.h"
#include "program.h"
#include "record/recipe.h"
#include "run/made_store.h"
#include "run/sheet.h"

enum { STUDIO_IMAGES = 16, STUDIO_DAY = 86400 };

/* The two commits of the studio's repository, whose dates are fixed. */
struct studio {
    char first[41], second[41], snapshot[41];
};

static inline void studio_shell(const char *script)
{
    char *const argv[] = { (char[]){ "sh" }, (char[]){ "-ec" }, xstrdup(script), NULL };
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    free(argv[2]);
}

static inline void studio_id(const char *name, char out[41])
{
    char *text = made_read(name);
    snprintf(out, 41, "%.40s", text);
    free(text);
}

static inline void studio_code(struct studio *studio)
{
    studio_shell(
        "export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada\n"
        "export GIT_COMMITTER_EMAIL=ada@example.org GIT_CONFIG_GLOBAL=/dev/null\n"
        "at() { export GIT_AUTHOR_DATE=\"$1 +0000\" GIT_COMMITTER_DATE=\"$1 +0000\"; }\n"
        "git init -q -b main .\n"
        "printf '[experiment]\\nname = mlp\\n[training]\\nrate = 2e-4\\n' >mlp.ini\n"
        "printf 'print(1)\\n' >train.py\n"
        "at 1795800000; git add mlp.ini train.py; git commit -qm 'Begin'\n"
        "git rev-parse HEAD >first\n"
        "sed -i 's/2e-4/1e-3/' mlp.ini\n"
        "at 1795900000; git commit -qam 'Train faster'\n"
        "git rev-parse HEAD >second\n"
        "printf 'print(2)\\nprint(3)\\n' >train.py\n"
        "at 1795990000; git commit -qam 'Uncommitted'\n"
        "git rev-parse HEAD >snapshot; git reset -q --hard HEAD~1\n"
        "for run in 1 2 3; do git update-ref refs/studio/$run $(cat first); done\n"
        "git update-ref refs/studio/4 $(cat snapshot)\n");
    studio_id("first", studio->first);
    studio_id("second", studio->second);
    studio_id("snapshot", studio->snapshot);
}

struct studio_run {
    int number;
    const char *experiment, *recipe; /* file in experiments/; NULL: a command */
    const char *settings[6];
    double age; /* seconds before MADE_NOW */
    const char *commit, *snapshot;
    const char *more; /* members of run.json, ",…" or "" */
    int steps, every; /* that it was to take, between two metric lines */
    int done;         /* steps that it took */
    double pace;      /* of its curves */
};

static inline void studio_facts(const struct studio_run *run)
{
    char *here = realpath(".", NULL);
    char *text = xasprintf(
        "{\"number\":%d,\"experiment\":\"%s\",\"created\":%.0f,\"host\":\"rho\",\"user\":\"ada\","
        "\"data\":{\"source\":\"digits\"},\"git\":{\"top\":\"%s\",\"commit\":\"%s\",\"branch\":"
        "\"main\",\"subject\":\"%s\",\"dirty\":%s,\"snapshot\":\"%s\"}%s}",
        run->number, run->experiment, MADE_NOW - run->age, here, run->commit,
        run->number < 4 ? "Begin" : "Train faster",
        strcmp(run->commit, run->snapshot) != 0 ? "true" : "false", run->snapshot, run->more);
    made_run(run->number, text);
    free(text);
    free(here);
}

static inline void studio_recipe(const struct studio_run *run)
{
    struct recipe recipe;
    struct arena arena = { 0 };
    int count = 0;
    while (count < ARRAY_SIZE(run->settings) && run->settings[count])
        count++;
    char *path =
        arena_printf(&arena, "%s/experiments/%s.ini", getenv("GANDER_TEST_TOP"), run->recipe);
    assert_int_equal(recipe_read(&recipe, path, run->settings, count), 0);
    made_write(made_path(run->number, "recipe.ini"), recipe_text(&arena, &recipe));
    recipe_release(&recipe);
    arena_release(&arena);
}

/* A game that finds its balance: losses that swing and settle, D(x) falls to 0.5 and D(G(z)) rises
 * to it; a collapsed one does the contrary. */
static inline void studio_line(const struct studio_run *run, int step, double time)
{
    double x = (double)step / 600 * run->pace;
    double swing = 0.3 * exp(-2 * x) * sin(9 * x + run->number);
    double grain = 0.03 * sin(37.0 * step + run->number) * cos(11.0 * step);
    bool collapses = run->number == 5 && step > 200;
    double d_loss = collapses ? 0.02 + 0.01 * grain : 1.386 - 0.7 * exp(-3 * x) + swing + grain;
    double g_loss = collapses ? 6 + x + 8 * grain : 0.69 + 1.4 * exp(-2.5 * x) - swing + 2 * grain;
    double d_real = collapses ? 0.99 : 0.5 + 0.35 * exp(-2 * x) + grain / 2;
    double d_fake = collapses ? 0.01 : 0.5 - 0.4 * exp(-2.2 * x) + grain / 2;
    char *line = xasprintf(
        "{\"t\":%.2f,\"step\":%d,\"metrics\":{\"d_loss\":%.4f,\"g_loss\":%.4f,\"d_real\":%.4f,"
        "\"d_fake\":%.4f,\"rate\":%.0f}}\n",
        time, step, d_loss, g_loss, d_real, d_fake, 5200 + 400 * grain / 0.03);
    made_append(run->number, "events.jsonl", line);
    free(line);
}

/* Digits that come out of noise. */
static inline void studio_sheet(const struct studio_run *run, int step, double time)
{
    enum { SIZE = DIGITS_SIDE * DIGITS_SIDE };
    static uint8_t pixels[STUDIO_IMAGES * SIZE], labels[STUDIO_IMAGES];
    uint32_t noise = (uint32_t)(run->number * 7919 + step);
    int clear = run->number == 5 && step > 200 ? 70 : MIN(100, 100 * step / 400 + 5);
    digits_draw((uint64_t)run->number, 0, STUDIO_IMAGES, pixels, labels);
    for (int i = 0; i < STUDIO_IMAGES * SIZE; i++) {
        noise = noise * 1664525 + 1013904223;
        int from = run->number == 5 && step > 200 ? i % SIZE : i;
        pixels[i] = (uint8_t)((pixels[from] * clear + (int)(noise >> 24) * (100 - clear)) / 100);
    }
    char *path = xasprintf(".gander/runs/%d/samples/%08d.png", run->number, step);
    assert_int_equal(sheet_write(path, pixels, STUDIO_IMAGES, DIGITS_SIDE, DIGITS_SIDE), 0);
    char *line =
        xasprintf("{\"t\":%.2f,\"step\":%d,\"sample\":\"samples/%08d.png\"}\n", time, step, step);
    made_append(run->number, "events.jsonl", line);
    free(line);
    free(path);
}

static inline void studio_work(const struct studio_run *run)
{
    double begun = MADE_NOW - run->age + 1, pace = 0.05;
    char *line = xasprintf("{\"t\":%.0f,\"state\":\"queued\",\"worker\":1,\"host\":\"rho\"}\n"
                           "{\"t\":%.0f,\"state\":\"running\",\"pid\":1,\"worker\":1,\"host\":"
                           "\"rho\",\"from_step\":0,\"events\":0}\n",
                           begun - 1, begun);
    made_append(run->number, "worker.jsonl", line);
    free(line);
    made_append(run->number, "events.jsonl",
                "{\"t\":1,\"step\":0,\"engine\":{\"blas\":\"OpenBLAS 0.3\",\"cpu\":\"a CPU\","
                "\"threads\":2},\"data\":{\"source\":\"digits\",\"count\":1000,\"hash\":"
                "\"0123456789abcdef\"}}\n");
    for (int step = run->every; step <= run->done; step += run->every) {
        studio_line(run, step, begun + step * pace);
        if (step % 50 == 0)
            studio_sheet(run, step, begun + step * pace);
        if (step % 200 == 0) {
            line = xasprintf("{\"t\":%.2f,\"step\":%d,\"checkpoint\":\"checkpoints/%08d."
                             "safetensors\"}\n",
                             begun + step * pace, step, step);
            made_append(run->number, "events.jsonl", line);
            free(line);
        }
    }
}

static inline void studio_end(const struct studio_run *run, const char *words)
{
    char *line =
        xasprintf("{\"t\":%.0f,%s,\"step\":%d}\n", MADE_NOW - run->age + 32, words, run->done);
    made_append(run->number, "worker.jsonl", line);
    free(line);
}

static inline void studio_train(const struct studio_run *run, const char *end)
{
    studio_facts(run);
    studio_recipe(run);
    studio_work(run);
    made_append(run->number, "log.txt", "note: 1,000 images\nstep 50\nstep 100\ndone\n");
    if (end)
        studio_end(run, end);
}

#define STUDIO_FINISHED "\"state\":\"finished\",\"exit\":0"

static inline void studio_mlp(const struct studio *studio)
{
    for (int i = 1; i <= 3; i++) {
        char seed[32], more[64];
        snprintf(seed, sizeof seed, "training.seed=%d", i);
        snprintf(more, sizeof more, ",\"seed\":%d", i);
        studio_train(
            &(struct studio_run){ .number = i,
                                  .experiment = "mlp",
                                  .recipe = "mlp",
                                  .settings = { "training.steps=600", seed, "samples.count=16" },
                                  .age = 2 * STUDIO_DAY - 600 * i,
                                  .commit = studio->first,
                                  .snapshot = studio->first,
                                  .more = more,
                                  .steps = 600,
                                  .every = 10,
                                  .done = 600,
                                  .pace = 1 + 0.1 * i },
            STUDIO_FINISHED);
    }
    made_append(2, "notes.jsonl",
                "{\"t\":1795990000,\"by\":\"ada\",\"tag\":\"good\"}\n"
                "{\"t\":1795990060,\"by\":\"ada\",\"note\":\"the first that draws a 7\"}\n");
    studio_train(&(struct studio_run){ .number = 4,
                                       .experiment = "mlp",
                                       .recipe = "mlp",
                                       .settings = { "training.steps=400", "training.rate=1e-3",
                                                     "samples.count=16" },
                                       .age = 3 * 3600,
                                       .commit = studio->second,
                                       .snapshot = studio->snapshot,
                                       .more = ",\"name\":\"faster\",\"seed\":1,\"parent\":1",
                                       .steps = 400,
                                       .every = 10,
                                       .done = 400,
                                       .pace = 2.2 },
                 STUDIO_FINISHED);
}

static inline void studio_failed(const struct studio *studio)
{
    studio_train(&(struct studio_run){ .number = 5,
                                       .experiment = "dcgan",
                                       .recipe = "dcgan",
                                       .settings = { "training.steps=5000", "samples.count=16" },
                                       .age = 2 * 3600,
                                       .commit = studio->second,
                                       .snapshot = studio->second,
                                       .more = ",\"seed\":1",
                                       .steps = 5000,
                                       .every = 10,
                                       .done = 420,
                                       .pace = 1 },
                 "\"state\":\"failed\",\"exit\":3,\"reason\":\"exit status 3\"");
    made_append(5, "events.jsonl",
                "{\"t\":1795992815,\"step\":260,\"health\":\"mode collapse\",\"why\":\"3 of 10 "
                "classes in 1,000 samples\",\"advice\":{\"training.d_rate\":1e-4}}\n");
}

/* It works on another host, as its heart says, which beat two seconds ago. */
static inline void studio_running(const struct studio *studio)
{
    struct timespec beat[2] = { { .tv_sec = (time_t)MADE_NOW - 2 },
                                { .tv_sec = (time_t)MADE_NOW - 2 } };
    studio_train(&(struct studio_run){ .number = 6,
                                       .experiment = "digits",
                                       .recipe = "digits",
                                       .settings = { "training.steps=2000", "samples.count=16" },
                                       .age = 48.6,
                                       .commit = studio->second,
                                       .snapshot = studio->second,
                                       .more = ",\"seed\":1",
                                       .steps = 2000,
                                       .every = 10,
                                       .done = 950,
                                       .pace = 0.8 },
                 NULL);
    assert_int_equal(utimensat(AT_FDCWD, made_path(6, "worker.jsonl"), beat, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, made_path(6, "events.jsonl"), beat, 0), 0);
}

static inline void studio_command(const struct studio *studio)
{
    struct studio_run run = { .number = 7,
                              .experiment = "train",
                              .age = 1800,
                              .commit = studio->second,
                              .snapshot = studio->second,
                              .more =
                                  ",\"argv\":[\"gander\",\"run\",\"--\",\"python\",\"train.py\","
                                  "\"--lr\",\"1e-4\"],\"command\":[\"python\",\"train.py\","
                                  "\"--lr\",\"1e-4\"]",
                              .done = 40 };
    studio_facts(&run);
    char *line = xasprintf("{\"t\":%.0f,\"state\":\"running\",\"pid\":1,\"worker\":1,\"host\":"
                           "\"rho\",\"from_step\":0,\"events\":0}\n",
                           MADE_NOW - 1799);
    made_append(7, "worker.jsonl", line);
    free(line);
    for (int i = 1; i <= 40; i++) {
        line = xasprintf("{\"t\":%.1f,\"step\":%d,\"metrics\":{\"loss_D\":%.3f,\"loss_G\":%s,"
                         "\"accuracy\":%.3f}}\n",
                         MADE_NOW - 1799 + i * 0.7, i, 0.9 - 0.01 * i, i == 20 ? "\"NaN\"" : "1.25",
                         0.5 + 0.01 * i);
        made_append(7, "events.jsonl", line);
        free(line);
    }
    for (int i = 1; i <= 60; i++) {
        line = xasprintf("epoch %d of 60\n", i);
        made_append(7, "log.txt", line);
        free(line);
    }
    studio_end(&run, "\"state\":\"stopped\"");
}

static inline void studio_rest(const struct studio *studio)
{
    struct studio_run run = { .experiment = "mlp",
                              .recipe = "mlp",
                              .settings = { "training.steps=100", "samples.count=16" },
                              .commit = studio->first,
                              .snapshot = studio->first,
                              .more = "",
                              .steps = 100,
                              .every = 10,
                              .done = 100,
                              .pace = 1 };
    run.number = 8, run.age = 4 * STUDIO_DAY;
    studio_train(&run, STUDIO_FINISHED);
    made_append(8, "notes.jsonl", "{\"t\":1795800000,\"by\":\"ada\",\"archived\":true}\n");
    run.number = 9, run.age = 5 * STUDIO_DAY;
    studio_train(&run, STUDIO_FINISHED);
    assert_int_equal(make_directories(".gander/bin"), 0);
    assert_int_equal(rename(".gander/runs/9", ".gander/bin/9"), 0);
    run = (struct studio_run){ .number = 10,
                               .experiment = "conditional",
                               .recipe = "conditional",
                               .settings = { "training.steps=300", "samples.count=16" },
                               .age = 600,
                               .commit = studio->second,
                               .snapshot = studio->second,
                               .more = ",\"seed\":5",
                               .steps = 300,
                               .every = 10,
                               .done = 300,
                               .pace = 1.5 };
    studio_train(&run, STUDIO_FINISHED);
}

/* In the working directory: a git repository with a store. */
static inline void studio_make(void)
{
    struct studio studio;
    studio_code(&studio);
    made_store();
    made_write(".gander/store.json",
               "{\"id\":\"0123456789abcdef0123456789abcdef\",\"highest\":10}\n");
    studio_mlp(&studio);
    studio_failed(&studio);
    studio_running(&studio);
    studio_command(&studio);
    studio_rest(&studio);
}

#endif
