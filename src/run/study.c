#define _GNU_SOURCE
#include "run/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "gan/classifier.h"
#include "gan/engine.h"
#include "gan/trainer.h"
#include "study_state.h"

enum { DRAW_STREAM = 1 /* of a cell's seed: which images */ };

static const char *const way_names[STUDY_WAYS] = {
    [STUDY_REAL] = "real", [STUDY_MOVED] = "moved", [STUDY_MADE] = "made",
    [STUDY_BOTH] = "both", [STUDY_ALONE] = "alone",
};

const char *study_way_name(enum study_way way)
{
    return way_names[way];
}

struct study_cell *study_cell_at(struct study *study, int size_index, int seed)
{
    return &study->cells[(seed - 1) * study->wish.size_count + size_index];
}

struct study_cell study_cell(const struct study *study, int size_index, int seed)
{
    return study->cells[(seed - 1) * study->wish.size_count + size_index];
}

/* --- opening --- */

static int open_data(struct study *study)
{
    const char *source = study->recipe->data.source;
    uint64_t seed = (uint64_t)study->recipe->training.seed;
    int error = dataset_open(&study->train, source, DATASET_TRAIN, study->recipe->data.count, seed);
    if (!error)
        error = dataset_open(&study->test, source, DATASET_TEST, 0, seed);
    if (error)
        return recipe_blame(study->recipe, "data.source");
    return classifier_check(study->train);
}

static int check_sizes(const struct study *study)
{
    for (int i = 0; i < study->wish.size_count; i++) {
        int size = study->wish.sizes[i];
        if (size > study->train->count)
            return fail(ERR_INVALID, "size %d: '%s' has %d training images", size,
                        study->train->source, study->train->count);
        if (size < study->train->classes)
            return fail(ERR_INVALID, "size %d: fewer images than the %d classes of '%s'", size,
                        study->train->classes, study->train->source);
    }
    return 0;
}

/* Which does build the networks, hence finds all that is wrong with the recipe. */
static int check_recipe(const struct study *study)
{
    struct trainer *trainer;
    if (study->recipe->data.corruption != CORRUPTION_NONE)
        return fail(ERR_INVALID, "recipe '%s' fills in images, and makes none of its own",
                    study->recipe->experiment.name);
    int error = trainer_new(&trainer, study->recipe, study->train);
    if (error)
        return error;
    if (!trainer_is_conditional(trainer))
        error = fail(ERR_INVALID,
                     "recipe '%s' is not conditional: the images of its generator have no labels "
                     "that a classifier could learn from (experiments/conditional.ini has)",
                     study->recipe->experiment.name);
    trainer_free(trainer);
    return error;
}

static int prepare(struct study *study, const struct store *store)
{
    int error;
    if ((error = open_data(study)) < 0 || (error = check_sizes(study)) < 0 ||
        (error = check_recipe(study)) < 0 ||
        (error = pool_new(&study->pool, engine_threads(study->recipe))) < 0)
        return error;
    return study_keep_open(study, store);
}

int study_open(struct study **out, const struct store *store, const struct recipe *recipe,
               const struct study_wish *wish)
{
    struct study *study = xcalloc(1, sizeof *study);
    *study = (struct study){ .recipe = recipe, .wish = *wish, .lock = -1, .journal = { .fd = -1 } };
    int *sizes = arena_alloc(&study->arena, (size_t)wish->size_count, sizeof *sizes);
    memcpy(sizes, wish->sizes, (size_t)wish->size_count * sizeof *sizes);
    study->wish.sizes = sizes;
    study->cells = arena_alloc(&study->arena, (size_t)wish->size_count * (size_t)wish->seeds,
                               sizeof *study->cells);
    int error = prepare(study, store);
    if (error)
        study_close(study);
    else
        *out = study;
    return error;
}

void study_close(struct study *study)
{
    if (!study)
        return;
    study_keep_close(study);
    pool_free(study->pool);
    dataset_close(study->test);
    dataset_close(study->train);
    arena_release(&study->arena);
    free(study);
}

struct study_facts study_facts(const struct study *study)
{
    struct study_facts facts = { .data = study->train->source,
                                 .train_images = study->train->count,
                                 .test_images = study->test->count,
                                 .classes = study->train->classes,
                                 .threads = pool_threads(study->pool),
                                 .cells = study->wish.size_count * study->wish.seeds };
    for (int i = 0; i < facts.cells; i++)
        facts.done += study->cells[i].is_done;
    return facts;
}

/* --- one cell --- */

/* What is done of a study, in seconds as they were measured. */
struct work {
    struct study *study;
    study_watch *watch;
    void *context;
    int size_index, size, seed;
    const char *what;
    double done; /* seconds of the cell before what is worked at */
    double unit; /* seconds of a step, or an update, of that */
};

static double cell_seconds(const struct study *study)
{
    return study->recipe->training.steps * study->step_seconds +
           STUDY_WAYS * study->wish.updates * study->update_seconds;
}

/* Of the cells that are done and the one that is worked at. */
static bool tell(struct work *work, double units, const struct study_cell *done)
{
    struct study_facts facts = study_facts(work->study);
    double here = (work->done + units * work->unit) / cell_seconds(work->study);
    struct study_progress progress = { .size = work->size,
                                       .seed = work->seed,
                                       .what = work->what,
                                       .share = (facts.done + (done ? 0 : here)) / facts.cells,
                                       .done = done };
    return !work->watch || work->watch(work->context, &progress);
}

/* So many training images, as many of each class as of any other, or one more: which, and in which
 * order, the seed says. */
static struct dataset *draw_images(const struct study *study, int size, int seed)
{
    const struct dataset *train = study->train;
    uint32_t *order = xcalloc((size_t)train->count, sizeof *order);
    int *room = xcalloc((size_t)train->classes, sizeof *room), taken = 0;
    struct random random;
    random_seed(&random, (uint64_t)seed, DRAW_STREAM);
    for (int i = 0; i < train->count; i++)
        order[i] = (uint32_t)i;
    random_shuffle(&random, order, (uint32_t)train->count);
    for (int round = 1; taken < size; round++) { /* a class that runs out leaves it to others */
        for (int c = 0; c < train->classes; c++)
            room[c] = MAX(1, (size - taken) / train->classes);
        for (int i = taken; i < train->count && taken < size; i++) {
            int *left = &room[train->labels[order[i]]];
            if (*left == 0)
                continue;
            --*left;
            uint32_t swapped = order[taken];
            order[taken++] = order[i];
            order[i] = swapped;
        }
    }
    struct dataset *drawn = dataset_choose(train, order, size, train->source);
    free(room);
    free(order);
    return drawn;
}

static int broken_off(void)
{
    return fail(ERR_CANCELLED, "the study was broken off");
}

/* Trains to the end, or keeps what it has when it is broken off. */
static int train_gan(struct work *work, struct trainer *trainer, const char *path,
                     struct study_cell *cell)
{
    int64_t steps = work->study->recipe->training.steps;
    struct step_report report = { 0 };
    int error = 0;
    while (!error && trainer_step_number(trainer) < steps) {
        error = trainer_step(trainer, &report, false);
        if (error)
            return fail_prefix("the GAN on %d images, seed %d", work->size, work->seed);
        if (!tell(work, (double)trainer_step_number(trainer), NULL)) {
            trainer_save(trainer, path);
            return broken_off();
        }
    }
    cell->d_loss = report.d_loss;
    cell->g_loss = report.g_loss;
    return 0;
}

/* As many images of every class, out of a GAN that has learned from `images` alone. */
static int make_images(struct work *work, const struct dataset *images, struct study_cell *cell,
                       struct dataset **out)
{
    struct study *study = work->study;
    struct recipe recipe = *study->recipe; /* borrows its strings */
    struct trainer *trainer;
    size_t area = (size_t)images->height * (size_t)images->width;
    const char *path = study_gan_path(&study->arena, study, work->size, work->seed);
    recipe.training.seed = work->seed;
    int error = trainer_new(&trainer, &recipe, images);
    if (error)
        return error;
    if (file_exists(path) && trainer_load(trainer, path) < 0)
        unlink(path); /* it begins anew */
    work->what = "GAN";
    work->done = 0;
    work->unit = study->step_seconds;
    error = train_gan(work, trainer, path, cell);
    if (!error) {
        struct dataset made = { .count = study->wish.made,
                                .height = images->height,
                                .width = images->width,
                                .classes = images->classes,
                                .pixels = xcalloc((size_t)study->wish.made, area),
                                .labels = xcalloc((size_t)study->wish.made, 1) };
        trainer_sample(trainer, made.count, made.pixels);
        for (int i = 0; i < made.count; i++)
            made.labels[i] = (uint8_t)(i % made.classes);
        *out = dataset_of(&made, "made");
        free(made.pixels);
        free(made.labels);
    }
    trainer_free(trainer);
    return error;
}

static bool watch_updates(void *context, const struct classifier_progress *progress)
{
    return tell(context, progress->done, NULL);
}

static struct classifier_lesson lesson_of(enum study_way way, const struct dataset *real,
                                          const struct dataset *made, int updates)
{
    bool is_moved = way == STUDY_MOVED || way == STUDY_BOTH;
    struct classifier_lesson lesson = { .sets = { real, NULL }, .updates = updates };
    if (way == STUDY_ALONE)
        lesson.sets[0] = made;
    else if (way == STUDY_MADE || way == STUDY_BOTH)
        lesson.sets[1] = made;
    if (is_moved) {
        lesson.shift = STUDY_SHIFT;
        lesson.turn_degrees = STUDY_TURN;
    }
    return lesson;
}

static int teach(struct work *work, const struct dataset *real, const struct dataset *made,
                 struct study_cell *cell)
{
    struct study *study = work->study;
    double before = study->recipe->training.steps * study->step_seconds;
    for (int way = 0; way < STUDY_WAYS; way++) {
        struct classifier *classifier;
        struct classifier_lesson lesson =
            lesson_of((enum study_way)way, real, made, study->wish.updates);
        work->what = study_way_name((enum study_way)way);
        work->unit = study->update_seconds;
        work->done = before + way * study->wish.updates * work->unit;
        int error = classifier_train_on(&classifier, &lesson, (uint64_t)work->seed, study->pool,
                                        watch_updates, work);
        if (error)
            return error == ERR_CANCELLED ? broken_off() : error;
        cell->accuracy[way] = classifier_accuracy(classifier, study->test);
        classifier_free(classifier);
    }
    return 0;
}

static int do_cell(struct work *work)
{
    struct study *study = work->study;
    struct study_cell cell = { .is_done = true };
    double begun = monotonic_clock();
    struct dataset *real = draw_images(study, work->size, work->seed), *made = NULL;
    int error = make_images(work, real, &cell, &made);
    if (!error)
        error = teach(work, real, made, &cell);
    if (!error) {
        cell.seconds = monotonic_clock() - begun;
        *study_cell_at(study, work->size_index, work->seed) = cell;
        error = study_keep(study, work->size_index, work->seed);
    }
    if (!error) {
        unlink(study_gan_path(&study->arena, study, work->size, work->seed));
        tell(work, 0, &cell);
    }
    dataset_close(made);
    dataset_close(real);
    return error;
}

/* --- all --- */

static int time_steps(struct study *study)
{
    enum { WARM_UP = 2, LEAST = 4 };
    static const double enough_seconds = 0.5;
    struct trainer *trainer;
    struct step_report report;
    int error = trainer_new(&trainer, study->recipe, study->train), timed = 0;
    double begun = 0, gone = 0;
    for (int i = 0; !error && (timed < LEAST || gone < enough_seconds); i++) {
        if (i == WARM_UP)
            begun = monotonic_clock();
        error = trainer_step(trainer, &report, false);
        timed = MAX(0, i + 1 - WARM_UP);
        gone = timed > 0 ? monotonic_clock() - begun : 0;
    }
    if (!error)
        study->step_seconds = gone / timed;
    trainer_free(trainer);
    return error;
}

struct timing {
    double begun, gone;
    int done;
};

static bool time_updates(void *context, const struct classifier_progress *progress)
{
    enum { WARM_UP = 2 };
    static const double enough_seconds = 0.5;
    struct timing *timing = context;
    if (progress->done <= WARM_UP) {
        timing->begun = monotonic_clock();
        return true;
    }
    timing->done = progress->done - WARM_UP;
    timing->gone = monotonic_clock() - timing->begun;
    return timing->gone < enough_seconds;
}

/* Of those that are moved, which takes longest. */
static int time_classifier(struct study *study)
{
    enum { MANY = 1000000 };
    struct timing timing = { 0 };
    struct classifier *classifier;
    struct classifier_lesson lesson = lesson_of(STUDY_MOVED, study->train, NULL, MANY);
    int error = classifier_train_on(&classifier, &lesson, 1, study->pool, time_updates, &timing);
    if (!error)
        classifier_free(classifier);
    study->update_seconds = timing.gone / MAX(1, timing.done);
    return error == ERR_CANCELLED ? 0 : error;
}

int study_estimate(struct study *study, double *seconds)
{
    int error = study->step_seconds > 0 ? 0 : time_steps(study);
    if (!error && study->update_seconds <= 0)
        error = time_classifier(study);
    struct study_facts facts = study_facts(study);
    *seconds = (facts.cells - facts.done) * cell_seconds(study);
    return error;
}

int study_run(struct study *study, study_watch *watch, void *context)
{
    struct study_facts facts = study_facts(study);
    double seconds;
    if (facts.done == facts.cells)
        return 0;
    int error = study_estimate(study, &seconds); /* what shares are counted by */
    for (int seed = 1; seed <= study->wish.seeds && !error; seed++)
        for (int i = 0; i < study->wish.size_count && !error; i++) {
            struct work work = { .study = study,
                                 .watch = watch,
                                 .context = context,
                                 .size_index = i,
                                 .size = study->wish.sizes[i],
                                 .seed = seed };
            if (!study_cell_at(study, i, seed)->is_done)
                error = do_cell(&work);
        }
    return error;
}
