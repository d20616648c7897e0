#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/host.h"
#include "gan/engine.h"
#include "run/rundir.h"
#include "training_health.h"
#include "training_state.h"

/* What may differ from recipe.ini when a run goes on: nothing of it reaches a step already done.
 * (Other threads give other bits from there on, which trainer_promise says.) */
static const char *const resume_keys[] = {
    "training.steps",
    "training.until",
    "training.threads",
    "training.report_every",
    "training.checkpoint_every",
    "training.keep",
    "training.evaluate_every",
    "training.stop_when",
    "samples.every",
};

static struct training *new_training(void)
{
    struct training *training = xcalloc(1, sizeof *training);
    training->events.fd = -1;
    training->best_step = -1;
    training->best_frechet = INFINITY;
    training->remarks = arena_alloc(&training->arena, 1, sizeof *training->remarks);
    return training;
}

void training_free(struct training *training)
{
    if (!training)
        return;
    training_health_close(training);
    measuring_free(training->measuring);
    trainer_free(training->trainer);
    dataset_close(training->set);
    dataset_close(training->shown);
    recipe_release(&training->recipe);
    line_writer_close(&training->events);
    free(training->images);
    free(training->measured);
    free(training->asked);
    arena_release(&training->arena);
    free(training);
}

static void add_remark(struct training *training, const char *sentence)
{
    int count = 0;
    while (training->remarks[count])
        count++;
    const char **more = arena_alloc(&training->arena, (size_t)count + 2, sizeof *more);
    memcpy(more, training->remarks, (size_t)count * sizeof *more);
    more[count] = arena_strdup(&training->arena, sentence);
    training->remarks = more;
}

static bool is_resume_key(const char *key, size_t length)
{
    for (int i = 0; i < ARRAY_SIZE(resume_keys); i++)
        if (strlen(resume_keys[i]) == length && strncmp(key, resume_keys[i], length) == 0)
            return true;
    return false;
}

bool training_may_change(const char *key)
{
    return is_resume_key(key, strlen(key));
}

int training_check_settings(const char *const *settings, int count)
{
    for (int i = 0; i < count; i++) {
        size_t length = strcspn(settings[i], "=");
        if (!is_resume_key(settings[i], length))
            return fail(ERR_INVALID,
                        "'%.*s' is fixed once a run has begun: start a new run to change it "
                        "(training.steps may be raised)",
                        (int)MIN(length, 60), settings[i]);
    }
    return 0;
}

/* Samples of an image-to-image generator, and what is measured of it, are made of test images, or, where there are none that
 * fit, of training images. */
static void choose_shown(struct training *training)
{
    const struct recipe *recipe = &training->recipe;
    const struct dataset *set = training->set;
    int count = (recipe->samples.count + SAMPLE_PARTS - 1) / SAMPLE_PARTS;
    if (recipe->training.evaluate_every > 0)
        count = MAX(count, TRAINING_SAMPLES);
    if (recipe->data.corruption == CORRUPTION_NONE ||
        dataset_open(&training->shown, recipe->data.source, DATASET_TEST, count,
                     (uint64_t)recipe->training.seed) < 0)
        return;
    const struct dataset *shown = training->shown;
    if (shown->height == set->height && shown->width == set->width &&
        shown->classes <= set->classes)
        trainer_show(training->trainer, shown);
}

static int prepare(struct training *training)
{
    const struct recipe *recipe = &training->recipe;
    int error = dataset_open(&training->set, recipe->data.source, DATASET_TRAIN, recipe->data.count,
                             (uint64_t)recipe->training.seed);
    if (error)
        return recipe_blame(recipe, "data.source");
    error = trainer_new(&training->trainer, recipe, training->set);
    if (!error)
        training_health_open(training);
    if (!error)
        training->images = xcalloc((size_t)recipe->samples.count,
                                   (size_t)training->set->height * (size_t)training->set->width);
    if (!error)
        choose_shown(training);
    return error;
}

/* What earlier attempts have journalled: the data they trained on, and what is there already at the
 * step of the checkpoint. */
struct past {
    struct training *training;
    char *data_hash; /* in the training's arena; NULL: not said */
};

static int note_event(void *context, const struct event *event)
{
    struct past *past = context;
    struct training *training = past->training;
    const char *hash = json_get_string(json_member(json_member(event->line, "data"), "hash"));
    if (hash && !past->data_hash)
        past->data_hash = arena_strdup(&training->arena, hash);
    for (int i = 0; i < event->metric_count && !event->is_superseded; i++)
        if (strcmp(event->metrics[i].name, measure_name(MEASURE_FRECHET)) == 0) {
            training_note_evaluation(training, event->step, event->metrics[i].value);
            training->has_evaluation =
                training->has_evaluation || event->step == training->from_step;
        }
    if (!event->is_superseded && event->step == training->from_step) {
        training->has_sample = training->has_sample || event->sample;
        training->has_checkpoint = training->has_checkpoint || event->checkpoint;
    }
    training_health_replay(training, event);
    return 0;
}

/* The data must be those that the run began with. */
static int check_past(struct training *training, const struct run_facts *facts,
                      const struct worker_story *story)
{
    struct past past = { .training = training };
    struct events_place place = { .offset = 0 };
    int error = events_read(training->directory, story, &place, 0, note_event, &past);
    const char *hash = past.data_hash ? past.data_hash : facts->data_hash;
    if (error || !hash || strcmp(hash, training->set->hash) == 0)
        return error;
    return fail(ERR_INVALID, "the data in '%s' are not those that run %lld began with",
                training->set->source, (long long)training->number);
}

static int load(struct training *training, const struct attempt *attempt)
{
    if (!attempt->checkpoint)
        return 0;
    const char *path = path_join(&training->arena, training->directory, attempt->checkpoint);
    int error = trainer_load(training->trainer, path);
    if (error == ERR_INVALID)
        return fail(error, "%s (move that file away to go on without it)", error_text());
    if (error)
        return error;
    if (trainer_step_number(training->trainer) != attempt->from_step)
        return fail(ERR_INVALID, "'%s' holds step %lld: its name says another", path,
                    (long long)trainer_step_number(training->trainer));
    training->from_step = attempt->from_step;
    const char *promise = trainer_promise(training->trainer);
    if (promise)
        add_remark(training, promise);
    return 0;
}

/* What this attempt works with. */
static int journal_engine(struct training *training)
{
    const struct dataset *set = training->set;
    struct json *line = json_new_object(), *engine = json_new_object(), *data = json_new_object();
    json_set_string(engine, "build", build_id());
    json_set_string(engine, "blas", engine_blas());
    json_set_string(engine, "kernel", engine_kernel());
    json_set_string(engine, "cpu", host_cpu());
    json_set_integer(engine, "threads", engine_threads(&training->recipe));
    json_set_string(data, "source", set->source);
    json_set_string(data, "hash", set->hash);
    json_set_integer(data, "count", set->count);
    json_set_integer(data, "height", set->height);
    json_set_integer(data, "width", set->width);
    json_set_integer(data, "classes", set->classes);
    json_set(line, "engine", engine);
    json_set(line, "data", data);
    return events_put(&training->events, wall_clock(), training->from_step, line);
}

static int open_run(struct training *training, const struct store *store)
{
    struct worker_story story = { .size = 0 };
    struct run_facts facts;
    int error = run_read_facts(&training->arena, &facts, store, training->number);
    if (!error)
        error = worker_read(&training->arena, &story, training->directory, NULL, NULL);
    if (!error && story.attempt_count == 0)
        error = fail(ERR_INVALID, "run %lld has no worker: 'gander resume %lld' starts it",
                     (long long)training->number, (long long)training->number);
    if (error)
        return error;
    const char *ini = path_join(&training->arena, training->directory, "recipe.ini");
    if ((error = recipe_read(&training->recipe, ini, story.worker.settings,
                             story.worker.setting_count)) < 0 ||
        (error = prepare(training)) < 0 ||
        (error = load(training, &story.attempts[story.attempt_count - 1])) < 0 ||
        (error = check_past(training, &facts, &story)) < 0 ||
        (error = events_open(&training->events, training->directory)) < 0)
        return error;
    return journal_engine(training);
}

int training_open(struct training **out, const struct store *store, int64_t number)
{
    struct training *training = new_training();
    training->number = number;
    training->store = store;
    training->directory = store_run_directory(&training->arena, store, number);
    int error = open_run(training, store);
    if (error)
        training_free(training);
    else
        *out = training;
    return error;
}

struct training_facts training_facts(const struct training *training)
{
    return (struct training_facts){
        .number = training->number,
        .recipe = &training->recipe,
        .from_step = training->from_step,
        .steps = training->recipe.training.steps,
        .height = training->set->height,
        .width = training->set->width,
        .threads = engine_threads(&training->recipe),
        .data_count = training->set->count,
        .remarks = training->remarks,
    };
}
