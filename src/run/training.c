#define _GNU_SOURCE
#include "run/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "run/interrupt.h"
#include "run/rundir.h"
#include "run/sheet.h"
#include "training_health.h"
#include "training_state.h"

/* The metrics of a step; some are journalled only where the recipe has what they are of. */
enum metric_of { OF_ALL, OF_PENALTY, OF_CORRUPTION };
static const struct {
    const char *name;
    size_t offset; /* of a double in struct step_report */
    enum metric_of of;
} metric_table[] = {
    { "d_loss", offsetof(struct step_report, d_loss), OF_ALL },
    { "g_loss", offsetof(struct step_report, g_loss), OF_ALL },
    { "reconstruction", offsetof(struct step_report, reconstruction), OF_CORRUPTION },
    { "penalty", offsetof(struct step_report, penalty), OF_PENALTY },
    { "d_real", offsetof(struct step_report, d_real), OF_ALL },
    { "d_fake", offsetof(struct step_report, d_fake), OF_ALL },
    { "logit_real", offsetof(struct step_report, logit_real), OF_ALL },
    { "logit_fake", offsetof(struct step_report, logit_fake), OF_ALL },
    { "d_auc", offsetof(struct step_report, d_auc), OF_ALL },
    { "diversity", offsetof(struct step_report, diversity), OF_ALL },
    { "shift", offsetof(struct step_report, shift), OF_ALL },
    { "d_grad", offsetof(struct step_report, d_gradient), OF_ALL },
    { "g_grad", offsetof(struct step_report, g_gradient), OF_ALL },
    { "epoch", offsetof(struct step_report, epoch), OF_ALL },
};

/* Real images through D, a second of training, since the last report. */
static double rate_now(const struct training *training)
{
    const struct recipe *recipe = &training->recipe;
    double images =
        (double)training->timed_steps * recipe->training.batch * recipe->training.d_steps;
    return training->timed_seconds > 0 ? images / training->timed_seconds : 0;
}

void training_tell(struct training *training, enum training_moment moment)
{
    enum { ENOUGH_STEPS = 10 };
    bool is_known = training->images_per_second > 0 && training->timed_steps < ENOUGH_STEPS;
    struct training_news news = {
        .moment = moment,
        .step = trainer_step_number(training->trainer),
        .report = &training->report,
        .remark = training->remark,
        .share = training->share,
        .images_per_second = is_known ? training->images_per_second : rate_now(training),
    };
    training->watch(training->context, &news);
}

static bool has_metric(const struct recipe *recipe, enum metric_of of)
{
    int penalty = recipe->training.penalty;
    switch (of) {
    case OF_PENALTY:
        return penalty == PENALTY_R1 || penalty == PENALTY_GRADIENT;
    case OF_CORRUPTION:
        return recipe->data.corruption != CORRUPTION_NONE;
    case OF_ALL:
        break;
    }
    return true;
}

static int put_metrics(struct training *training)
{
    enum { LIMIT = ARRAY_SIZE(metric_table) + 1 };
    struct metric metrics[LIMIT];
    int count = 0;
    for (int i = 0; i < ARRAY_SIZE(metric_table); i++) {
        const char *field = (const char *)&training->report + metric_table[i].offset;
        if (!has_metric(&training->recipe, metric_table[i].of))
            continue;
        metrics[count].name = metric_table[i].name;
        memcpy(&metrics[count++].value, field, sizeof metrics[0].value);
    }
    metrics[count++] = (struct metric){ "images_per_second", training->images_per_second };
    return events_put_metrics(&training->events, wall_clock(), training->report.step, metrics,
                              count);
}

static int report(struct training *training)
{
    training->images_per_second = rate_now(training);
    training->timed_seconds = 0;
    training->timed_steps = 0;
    int error = put_metrics(training);
    if (!error)
        error = training_health_report(training, &training->stop_reason);
    if (!error)
        training_tell(training, TRAINING_REPORTED);
    return error;
}

/* The path as the journal has it: relative to the run's directory. */
static int put_file(struct training *training, int64_t step, const char *kind, const char *path)
{
    return events_put_file(&training->events, wall_clock(), step, kind,
                           path + strlen(training->directory) + 1);
}

static int sample(struct training *training, int64_t step)
{
    struct arena arena = { 0 };
    const char *path = run_sample_path(&arena, training->directory, step);
    int count = training->recipe.samples.count;
    trainer_sample(training->trainer, count, training->images);
    int error =
        sheet_write(path, training->images, count, training->set->height, training->set->width);
    if (!error)
        error = put_file(training, step, "sample", path);
    arena_release(&arena);
    return error;
}

static int save(struct training *training, int64_t step)
{
    struct arena arena = { 0 };
    const char *path = run_checkpoint_path(&arena, training->directory, step);
    int error = fdatasync(training->events.fd) < 0
                    ? fail(ERR_IO, "cannot write '%s'", training->events.path)
                    : trainer_save(training->trainer, path); /* J5 */
    if (!error)
        error = put_file(training, step, "checkpoint", path);
    if (!error)
        run_prune_checkpoints(training->directory, step, training->recipe.training.keep,
                              training->best_step);
    arena_release(&arena);
    return error;
}

static bool is_due(int64_t step, int every)
{
    return every > 0 && step % every == 0;
}

/* What stands in the journal at the step of a checkpoint, but was cut off from an attempt that was
 * killed or stopped there; and the first sample of a new run. */
static int complete_first_step(struct training *training)
{
    struct arena arena = { 0 };
    int64_t step = training->from_step;
    int error = 0;
    if (!training->has_sample && (step == 0 || is_due(step, training->recipe.samples.every)))
        error = sample(training, step);
    if (!error && step > 0 && !training->has_evaluation &&
        is_due(step, training->recipe.training.evaluate_every))
        error = training_evaluate(training);
    if (!error && step > 0 && !training->has_checkpoint)
        error = put_file(training, step, "checkpoint",
                         run_checkpoint_path(&arena, training->directory, step));
    arena_release(&arena);
    return error;
}

/* One step and all that is due at it (T1). A step whose state will be saved has its gradients
 * measured, since a checkpoint must not hold what the next loss shows to be ruined. */
static int step(struct training *training, bool is_last, enum run_state *end)
{
    const struct recipe *recipe = &training->recipe;
    int64_t next = trainer_step_number(training->trainer) + 1;
    is_last = is_last || next == recipe->training.steps || next == recipe->training.until;
    bool reports = is_due(next, recipe->training.report_every) || next == recipe->training.steps;
    bool saves = is_due(next, recipe->training.checkpoint_every) || is_last;
    bool measures = saves || is_due(next, recipe->training.evaluate_every);
    double before = monotonic_clock();
    int error = trainer_step(training->trainer, &training->report, reports || measures);
    training->timed_seconds += monotonic_clock() - before;
    training->timed_steps++;
    if (error) {
        *end = error == ERR_INVALID ? RUN_DIVERGED : RUN_FAILED;
        char *sentence = xstrdup(error_text());
        put_metrics(training); /* the numbers that say so; a full disk may keep them out */
        error = fail(error, "%s", sentence);
        free(sentence);
        return error;
    }
    training_tell(training, TRAINING_STEPPED);
    if (reports)
        error = report(training);
    if (!error && (is_due(next, recipe->samples.every) || next == recipe->training.steps))
        error = sample(training, next);
    if (!error && is_due(next, recipe->training.evaluate_every))
        error = training_evaluate(training);
    if (!error &&
        (saves || training->is_cut || training->best_step == next || training->stop_reason))
        error = save(training, next);
    return error;
}

static int work(struct training *training, enum run_state *end)
{
    int64_t steps = training->recipe.training.steps, until = training->recipe.training.until;
    int64_t last = until > 0 ? MIN(until, steps) : steps;
    *end = RUN_FAILED;
    int error = complete_first_step(training);
    bool is_last = training->is_cut || training->stop_reason;
    while (!error && !is_last && trainer_step_number(training->trainer) < last) {
        is_last = interrupt_signal() != 0;
        error = step(training, is_last, end);
        is_last = is_last || training->is_cut || training->stop_reason;
    }
    if (!error)
        *end = trainer_step_number(training->trainer) < steps ? RUN_STOPPED : RUN_FINISHED;
    return error;
}

int training_run(struct training *training,
                 void (*watch)(void *context, const struct training_news *news), void *context,
                 struct run_end *end)
{
    enum run_state state;
    training->watch = watch;
    training->context = context;
    int error = work(training, &state);
    *end = (struct run_end){
        .state = state,
        .step = training->report.step ? training->report.step : training->from_step,
        .exit_status = -1,
        .reason = error                  ? arena_strdup(&training->arena, error_text())
                  : state == RUN_STOPPED ? training->stop_reason
                                         : NULL,
    };
    if (state == RUN_STOPPED && end->step == training->recipe.training.until)
        end->reason = "training.until";
    return error;
}
