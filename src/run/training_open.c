#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "gan/engine.h"
#include "run/rundir.h"
#include "training_state.h"

/* What may differ from recipe.ini when a run goes on: nothing of it reaches a step already done.
 * (Other threads give other bits from there on, which trainer_promise says.) */
static const char *const resume_keys[] = {
    "training.steps", "training.threads", "training.report_every", "training.checkpoint_every",
    "training.keep",  "samples.every",
};

static struct training *new_training(void)
{
    struct training *training = xcalloc(1, sizeof *training);
    training->lock = training->command_lock = training->events.fd = training->worker.fd = -1;
    training->saved_step = -1;
    training->begun = monotonic_clock();
    training->remarks = arena_alloc(&training->arena, 1, sizeof *training->remarks);
    return training;
}

void training_free(struct training *training)
{
    if (!training)
        return;
    trainer_free(training->trainer);
    dataset_close(training->set);
    recipe_release(&training->own_recipe);
    line_writer_close(&training->events);
    line_writer_close(&training->worker);
    if (training->command_lock >= 0)
        close(training->command_lock);
    if (training->lock >= 0)
        close(training->lock);
    free(training->images);
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

/* Data and networks: all that can be refused before there is anything on disk. */
static int prepare(struct training *training)
{
    const struct recipe *recipe = training->recipe;
    int error = dataset_open(&training->set, recipe->data.source, DATASET_TRAIN, recipe->data.count,
                             (uint64_t)recipe->training.seed);
    if (error)
        return recipe_blame(recipe, "data.source");
    error = trainer_new(&training->trainer, recipe, training->set);
    if (!error)
        training->images = xcalloc((size_t)recipe->samples.count,
                                   (size_t)training->set->height * (size_t)training->set->width);
    return error;
}

/* T3. */
static int take_locks(struct training *training)
{
    struct arena arena = { 0 };
    int error = lock_take(path_join(&arena, training->directory, "lock"), &training->lock);
    if (error == ERR_BUSY)
        fail(error, "run %lld is working already", (long long)training->number);
    if (!error) {
        error = lock_take(path_join(&arena, training->directory, "command.lock"),
                          &training->command_lock);
        if (error == ERR_BUSY)
            fail(error, "run %lld has lost its worker, but its training still works",
                 (long long)training->number);
    }
    arena_release(&arena);
    return error;
}

static int begin_attempt(struct training *training, const char *const *settings, int count)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    int error = events_open(&training->events, training->directory);
    if (!error)
        error = worker_open(&training->worker, training->directory);
    if (error)
        return error;
    return worker_put_attempt(&training->worker,
                              &(struct attempt){ .time = wall_clock(),
                                                 .pid = getpid(),
                                                 .host = host,
                                                 .from_step = training->from_step,
                                                 .events = training->events.end,
                                                 .settings = settings,
                                                 .setting_count = count });
}

static int create(struct training *training, struct store *store,
                  const struct training_start *start)
{
    const struct recipe *recipe = training->recipe;
    struct run_birth birth = { .recipe = recipe,
                               .name = start->name,
                               .argc = start->argc,
                               .argv = start->argv,
                               .created = wall_clock(),
                               .data_source = training->set->source,
                               .data_hash = training->set->hash,
                               .blas = engine_blas(),
                               .blas_kernel = engine_kernel(),
                               .threads = engine_threads(recipe) };
    int error = run_create(store, &birth, &training->number);
    if (error)
        return error;
    training->directory = store_run_directory(&training->arena, store, training->number);
    error = take_locks(training);
    if (!error)
        error = begin_attempt(training, NULL, 0);
    if (error)
        run_discard(training->directory);
    return error;
}

/* Values of a recipe that are checked, kept, and do nothing yet. */
static void note_what_does_nothing(struct training *training)
{
    if (training->recipe->training.evaluate_every > 0)
        add_remark(training, "training.evaluate_every: this version does not evaluate samples");
    if (*training->recipe->training.stop_when)
        add_remark(training, "training.stop_when: this version does not judge health, and so "
                             "stops for none");
}

int training_begin(struct training **out, const struct recipe *recipe,
                   const struct training_start *start)
{
    struct training *training = new_training();
    struct store store = { 0 };
    training->recipe = recipe;
    int error = start->name ? run_name_check(start->name) : 0;
    if (!error)
        error = prepare(training);
    if (!error)
        error = store_open(&store, start->store, STORE_MAKE);
    if (!error)
        error = create(training, &store, start);
    store_release(&store);
    if (error) {
        training_free(training);
        return error;
    }
    note_what_does_nothing(training);
    *out = training;
    return 0;
}

static int check_settings(const char *const *settings, int count)
{
    for (int i = 0; i < count; i++) {
        size_t length = strcspn(settings[i], "=");
        bool is_known = false;
        for (int j = 0; j < ARRAY_SIZE(resume_keys) && !is_known; j++)
            is_known = strlen(resume_keys[j]) == length &&
                       strncmp(settings[i], resume_keys[j], length) == 0;
        if (!is_known)
            return fail(ERR_INVALID,
                        "'%.*s' is fixed once a run has begun: start a new run to change it "
                        "(training.steps may be raised)",
                        (int)MIN(length, 60), settings[i]);
    }
    return 0;
}

/* Those of the last attempt, which had all before it, and the new ones. */
static const char **join_settings(struct training *training, const struct worker_story *story,
                                  const char *const *settings, int setting_count, int *count)
{
    const struct attempt *last =
        story->attempt_count > 0 ? &story->attempts[story->attempt_count - 1] : NULL;
    int old = last ? last->setting_count : 0;
    const char **all =
        arena_alloc(&training->arena, (size_t)old + (size_t)setting_count + 1, sizeof *all);
    for (int i = 0; i < old; i++)
        all[i] = last->settings[i];
    for (int i = 0; i < setting_count; i++)
        all[old + i] = settings[i];
    *count = old + setting_count;
    return all;
}

/* The data must be those that the run began with. */
static int check_data(const struct training *training, const struct run_facts *facts)
{
    if (!facts->data_hash || strcmp(facts->data_hash, training->set->hash) == 0)
        return 0;
    return fail(ERR_INVALID, "the data in '%s' are not those that run %lld began with",
                training->set->source, (long long)training->number);
}

/* Loads the newest whole checkpoint, if there is one. */
static int load_newest(struct training *training)
{
    struct run_file checkpoint;
    const char *const *skipped;
    int error =
        run_newest_checkpoint(&training->arena, training->directory, -1, &checkpoint, &skipped);
    if (error && error != ERR_NOT_FOUND)
        return error;
    for (; *skipped; skipped++)
        add_remark(training, *skipped);
    if (error) {
        add_remark(training, "no checkpoint: the run begins again");
        return 0;
    }
    error = trainer_load(training->trainer, checkpoint.path);
    if (error == ERR_INVALID)
        return fail(error, "%s (move that file away to go on without it)", error_text());
    if (error)
        return error;
    training->from_step = training->saved_step = trainer_step_number(training->trainer);
    const char *promise = trainer_promise(training->trainer);
    if (promise)
        add_remark(training, promise);
    return 0;
}

static int note_event(void *context, const struct event *event)
{
    struct training *training = context;
    if (event->step == training->from_step) {
        training->has_sample = training->has_sample || event->sample;
        training->has_checkpoint = training->has_checkpoint || event->checkpoint;
    }
    return 0;
}

/* With the locks held. */
static int go_on(struct training *training, const struct run_facts *facts,
                 const char *const *settings, int setting_count)
{
    struct worker_story story;
    int count;
    int error = worker_read(&training->arena, &story, training->directory);
    if (error)
        return error;
    const char **all = join_settings(training, &story, settings, setting_count, &count);
    const char *ini = path_join(&training->arena, training->directory, "recipe.ini");
    if ((error = recipe_read(&training->own_recipe, ini, all, count)) < 0 ||
        (error = prepare(training)) < 0 || (error = check_data(training, facts)) < 0 ||
        (error = load_newest(training)) < 0)
        return error;
    /* A run that was killed between its last step and its closing line still lacks that line. */
    int64_t left = training->recipe->training.steps - training->from_step;
    if (left < 0 || (left == 0 && story.state == RUN_FINISHED))
        return fail(ERR_EXISTS,
                    "run %lld has done its %lld steps (-s training.steps=N makes it go on)",
                    (long long)training->number, (long long)training->from_step);
    run_remove_leftovers(training->directory);
    if ((error = events_read(training->directory, &story, note_event, training, NULL)) < 0 ||
        (error = run_make_reserve(training->directory)) < 0)
        return error;
    return begin_attempt(training, all, count);
}

int training_resume(struct training **out, struct store *store, int64_t number,
                    const char *const *settings, int setting_count)
{
    struct training *training = new_training();
    struct run_facts facts;
    training->recipe = &training->own_recipe;
    training->number = number;
    training->directory = store_run_directory(&training->arena, store, number);
    int error = run_read_facts(&training->arena, &facts, store, number);
    if (!error)
        error = check_settings(settings, setting_count);
    if (!error)
        error = take_locks(training);
    if (!error)
        error = go_on(training, &facts, settings, setting_count);
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
        .directory = training->directory,
        .recipe = training->recipe,
        .from_step = training->from_step,
        .steps = training->recipe->training.steps,
        .sample_count = training->recipe->samples.count,
        .height = training->set->height,
        .width = training->set->width,
        .threads = engine_threads(training->recipe),
        .data_count = training->set->count,
        .remarks = training->remarks,
    };
}
