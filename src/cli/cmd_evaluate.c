#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "chosen_checkpoint.h"
#include "gan/engine.h"
#include "json_out.h"
#include "print_evaluation.h"
#include "run/interrupt.h"
#include "run/journal.h"
#include "run/walk.h"
#include "trained_measuring.h"

enum { DEFAULT_SAMPLES = 10000, SAMPLES_LEAST = 10, SAMPLES_MOST = 50000, NEAREST = 1000 };

static const struct command_option options[] = {
    CHECKPOINT_OPTIONS,
    { 0, "samples", "N", "Measure N samples (10,000).", false },
    { 0, "seed", "S", "Draw the latents from seed S instead of that of the run.", false },
    { 0, "classifier-seed", "K", "Measure with the classifier of seed K (1).", false },
    { 0, "train", NULL, "Train the classifier without asking, where the store has none yet.",
      false },
    { 0, "json", NULL, "Print one JSON object.", false },
};

struct wish {
    struct checkpoint_choice checkpoint;
    int64_t samples, seed, classifier_seed; /* seed: -1 where not given */
    bool trains;
};

static int read_wish(const struct arguments *arguments, struct wish *wish)
{
    int error;
    *wish = (struct wish){ .samples = DEFAULT_SAMPLES,
                           .seed = -1,
                           .classifier_seed = 1,
                           .trains = option_given(arguments, "train") };
    if ((error = option_checkpoint(arguments, &wish->checkpoint)) < 0 ||
        (error = option_integer(arguments, "samples", SAMPLES_LEAST, SAMPLES_MOST,
                                &wish->samples)) < 0 ||
        (error = option_integer(arguments, "seed", 0, INT64_MAX, &wish->seed)) < 0)
        return error;
    return option_integer(arguments, "classifier-seed", 0, INT64_MAX, &wish->classifier_seed);
}

/* --- the data --- */

/* The hash of the data as the run's first attempt journalled it. */
struct past {
    char hash[HASH_TEXT_SIZE]; /* "": it did not say */
};

static int note_event(void *context, const struct event *event)
{
    struct past *past = context;
    const char *hash = json_get_string(json_member(json_member(event->line, "data"), "hash"));
    if (hash && !past->hash[0] && strlen(hash) < sizeof past->hash)
        memcpy(past->hash, hash, strlen(hash) + 1);
    return 0;
}

static int check_data(struct open_run *run, const struct dataset *set)
{
    struct past past = { "" };
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    int error = worker_read(&run->arena, &story, run->directory, NULL, NULL);
    if (!error)
        error = events_read(run->directory, &story, &place, 0, note_event, &past);
    if (error || !past.hash[0] || strcmp(past.hash, set->hash) == 0)
        return error;
    return fail(ERR_INVALID, "the data in '%s' are not those that run %lld learned from",
                set->source, (long long)run->number);
}

static int open_data(struct open_run *run, const struct recipe *recipe, struct dataset **set)
{
    int error = dataset_open(set, recipe->data.source, DATASET_TRAIN, recipe->data.count,
                             (uint64_t)recipe->training.seed);
    return error ? error : check_data(run, *set);
}

/* --- measuring --- */

struct work {
    struct open_run *run;
    struct recipe *recipe;
    struct dataset *set;
    struct generator *generator;
    struct pool *pool;
    struct measuring *measuring;
};

static void release(struct work *work)
{
    measuring_free(work->measuring);
    pool_free(work->pool);
    generator_close(work->generator);
    dataset_close(work->set);
}

static int prepare(struct work *work, const char *checkpoint, const struct wish *wish)
{
    int error = walk_check_recipe(work->recipe, work->run->number);
    if (!error)
        error = generator_open(&work->generator, work->recipe, checkpoint);
    if (!error)
        error = open_data(work->run, work->recipe, &work->set);
    if (!error)
        error = pool_new(&work->pool, engine_threads(work->recipe));
    if (error)
        return error;
    return trained_measuring(&work->measuring, &work->run->store,
                             &(struct measuring_wish){ .trained = work->set,
                                                       .reference = REFERENCE_TEST,
                                                       .samples = (int)wish->samples,
                                                       .nearest = NEAREST,
                                                       .seed = (uint64_t)wish->classifier_seed },
                             wish->trains, work->pool);
}

static int *asked_classes(const struct generator_facts *facts, int count)
{
    if (facts->classes == 0)
        return NULL;
    int *asked = xcalloc((size_t)count, sizeof *asked);
    for (int i = 0; i < count; i++)
        asked[i] = i % facts->classes;
    return asked;
}

static int measure(struct work *work, const struct wish *wish, struct printed_evaluation *out)
{
    int count = (int)wish->samples;
    int64_t seed = wish->seed >= 0 ? wish->seed : work->recipe->training.seed;
    *out = (struct printed_evaluation){ .run = work->run->number,
                                        .seed = seed,
                                        .generator = generator_facts(work->generator),
                                        .measuring = measuring_facts(work->measuring) };
    const struct generator_facts *facts = &out->generator;
    if (facts->height != work->set->height || facts->width != work->set->width)
        return fail(ERR_INVALID, "the generator makes images of %dx%d, and '%s' has some of %dx%d",
                    facts->height, facts->width, work->set->source, work->set->height,
                    work->set->width);
    uint8_t *images = xcalloc((size_t)count, (size_t)facts->height * (size_t)facts->width);
    int *asked = asked_classes(facts, count);
    generator_draw_seeded(work->generator, (uint64_t)seed, -1, count, images);
    int error = evaluator_measure(measuring_evaluator(work->measuring), images, count, asked,
                                  &out->evaluation);
    free(asked);
    free(images);
    return error;
}

static int evaluate(struct arguments *arguments, struct open_run *run, struct recipe *recipe,
                    const char *checkpoint, const struct wish *wish)
{
    struct work work = { .run = run, .recipe = recipe };
    struct printed_evaluation printed;
    int error = prepare(&work, checkpoint, wish);
    if (!error)
        error = measure(&work, wish, &printed);
    if (!error && interrupt_signal() != 0)
        error = ERR_CANCELLED;
    if (!error && option_given(arguments, "json"))
        json_put_out(evaluation_json(&printed));
    else if (!error)
        print_evaluation(&printed);
    release(&work);
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct run_file checkpoint;
    struct recipe recipe;
    struct wish wish;
    if (read_wish(arguments, &wish) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    interrupt_catch(INTERRUPT_DIES);
    int error = find_checkpoint(&place, arguments, &wish.checkpoint, &checkpoint);
    if (!error)
        error =
            recipe_read(&recipe, path_join(&place.arena, place.directory, "recipe.ini"), NULL, 0);
    if (!error) {
        error = evaluate(arguments, &place, &recipe, checkpoint.path, &wish);
        recipe_release(&recipe);
    }
    close_run(&place);
    if (error && interrupt_signal() != 0)
        interrupt_die(interrupt_signal());
    return error ? command_failed(arguments) : status;
}

const struct command command_evaluate = {
    .name = "evaluate",
    .summary = "Measure how good the samples of a generator are",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Draw samples from the newest checkpoint of RUN, or from its best, with averaged weights "
        "where it has them, and measure them beside the test images of its data. Beside each "
        "measure stands what real images get that nobody has learned from: no generator can be "
        "expected to do better. What they mean is told under MEASURES.\n\n"
        "Samples and images are read by a small classifier, which is trained once for each data "
        "set and kept in the store. Where there is none yet, the command asks on a terminal "
        "whether to train it; elsewhere it fails unless --train is given. Distances by classifiers "
        "of different data, versions or seeds cannot be compared.",
    .run = run,
};
