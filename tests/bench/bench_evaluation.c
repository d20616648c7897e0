/* What evaluations cost a training: seconds of one beside those of the steps between two.
 *
 * Times are of the processor, and of all threads together, so that whatever else works on the
 * machine counts little; each recipe is timed in a process of its own, in rounds that take turns. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "bench.h"
#include "gan/evaluation.h"
#include "gan/trainer.h"
#include "record/recipe.h"

enum { SAMPLES = 2000, NEAREST = 250 }; /* as src/run/training_evaluate.c has them */

static const char *const recipes[] = { "digits", "mlp", "dcgan", "conditional", "wgan-gp" };

static double processor_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

struct rig {
    struct recipe recipe;
    struct dataset *train, *test;
    struct trainer *trainer;
    struct classifier *classifier; /* hardly trained: that costs the same */
    struct evaluator *evaluator;
    uint8_t *images;
};

static int open_rig(struct rig *rig, const char *name, const char *threads)
{
    enum { UPDATES = 20 };
    char path[80], setting[40];
    const char *settings[] = { setting };
    snprintf(path, sizeof path, "experiments/%s.ini", name);
    snprintf(setting, sizeof setting, "training.threads=%s", threads);
    if (recipe_read(&rig->recipe, path, settings, 1) < 0 ||
        dataset_open(&rig->train, "digits", DATASET_TRAIN, 0, 1) < 0 ||
        dataset_open(&rig->test, "digits", DATASET_TEST, 0, 1) < 0 ||
        trainer_new(&rig->trainer, &rig->recipe, rig->train) < 0)
        return -1;
    struct classifier_lesson lesson = { .sets = { rig->train }, .updates = UPDATES };
    if (classifier_train_on(&rig->classifier, &lesson, 1, trainer_pool(rig->trainer), NULL, NULL) <
        0)
        return -1;
    rig->images = xcalloc(SAMPLES, (size_t)rig->train->height * (size_t)rig->train->width);
    struct evaluation_sets sets = { rig->classifier, rig->train, rig->test, rig->train };
    return evaluator_new(&rig->evaluator, &sets, REFERENCE_HELD_OUT, SAMPLES, NEAREST,
                         trainer_pool(rig->trainer));
}

static int time_evaluation(struct rig *rig, double *seconds)
{
    struct evaluation evaluation;
    double begin = processor_seconds();
    trainer_sample(rig->trainer, SAMPLES, rig->images);
    int code = evaluator_measure(rig->evaluator, rig->images, SAMPLES, NULL, &evaluation);
    *seconds = processor_seconds() - begin;
    return code;
}

static int time_steps(struct rig *rig, double *seconds)
{
    enum { STEPS = 40 };
    struct step_report report;
    int code = 0;
    double begin = processor_seconds();
    for (int i = 0; i < STEPS && code == 0; i++)
        code = trainer_step(rig->trainer, &report, false);
    *seconds = (processor_seconds() - begin) / STEPS;
    return code;
}

int evaluation_measure(int count, char **words)
{
    enum { ROUNDS = 5 };
    double steps[ROUNDS], evaluations[ROUNDS];
    struct rig rig = { 0 };
    if (count != 3 || strcmp(words[0], "evaluate") != 0)
        return -1;
    int code = open_rig(&rig, words[1], words[2]);
    for (int i = -1; i < ROUNDS && code == 0; i++) { /* the first warms up */
        code = time_steps(&rig, &steps[MAX(i, 0)]);
        if (code == 0)
            code = time_evaluation(&rig, &evaluations[MAX(i, 0)]);
    }
    if (code < 0) {
        fprintf(stderr, "bench: %s\n", error_text());
        return 1;
    }
    printf("%d %.9g %.9g\n", (int)rig.recipe.training.evaluate_every, median(steps, ROUNDS),
           median(evaluations, ROUNDS));
    return 0;
}

static int print_recipe(const char *self, const char *name, int threads)
{
    char command[512];
    double step, evaluation;
    int every, read = 0;
    snprintf(command, sizeof command, "'%s' evaluate %s %d", self, name, threads);
    FILE *stream = popen(command, "r");
    if (stream) {
        read = fscanf(stream, "%d %lf %lf", &every, &step, &evaluation);
        pclose(stream);
    }
    if (read != 3)
        return 1;
    printf("%-14s %d %9.2f %9d %11.0f %7.1f %%\n", name, threads, 1e3 * step, every,
           1e3 * evaluation, every > 0 ? 100 * evaluation / (step * every) : 0);
    fflush(stdout);
    return 0;
}

int evaluation_print(const char *self)
{
    int failed = 0;
    printf("evaluations of %d samples; milliseconds of the processor, all threads together\n\n",
           SAMPLES);
    printf("%-14s %s %9s %9s %11s %9s\n", "", "T", "step", "every", "evaluation", "share");
    for (int i = 0; i < ARRAY_SIZE(recipes); i++)
        for (int threads = 1; threads <= 2; threads++)
            failed |= print_recipe(self, recipes[i], threads);
    return failed;
}
