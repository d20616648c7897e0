/* The evaluations of a training: gan/evaluation.h every training.evaluate_every steps. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "run/interrupt.h"
#include "training_health.h"
#include "training_state.h"

/* The nearest training images are looked for in fewer of them,
 * since that alone would take longer than all else. */
enum { SAMPLES = TRAINING_SAMPLES, NEAREST = 250, CLASSIFIER_SEED = 1 };

void training_note_evaluation(struct training *training, int64_t step, double frechet)
{
    if (!(frechet < training->best_frechet))
        return;
    training->best_frechet = frechet;
    training->best_step = step;
}

/* At share 0 another run trains it. */
static bool watch_classifier(void *context, const struct classifier_progress *progress)
{
    struct training *training = context;
    training->share = (double)progress->done / progress->updates;
    training_tell(training, TRAINING_LEARNS);
    return interrupt_signal() == 0;
}

static void give_up_measuring(struct training *training)
{
    training->cannot_measure = true;
    training->remark = arena_printf(&training->arena, "samples are not measured: %s", error_text());
    training_tell(training, TRAINING_REMARKS);
}

static void get_ready(struct training *training)
{
    const struct dataset *set = training->set;
    struct measuring_wish wish = { .trained = set,
                                   .reference = REFERENCE_HELD_OUT,
                                   .samples = SAMPLES,
                                   .nearest = NEAREST,
                                   .seed = CLASSIFIER_SEED,
                                   .is_patient = true,
                                   .watch = watch_classifier,
                                   .context = training };
    int error = measuring_open(&training->measuring, training->store, &wish,
                               trainer_pool(training->trainer));
    if (error == ERR_CANCELLED)
        training->is_cut = true;
    else if (error)
        give_up_measuring(training);
    if (error)
        return;
    training->measured = xcalloc(SAMPLES, (size_t)set->height * (size_t)set->width);
    if (trainer_is_conditional(training->trainer) ||
        training->recipe.data.corruption != CORRUPTION_NONE)
        training->asked = xcalloc(SAMPLES, sizeof *training->asked);
}

/* {"metrics":{"frechet":…},"real":{"frechet":…},"classes":[…],"samples":2000} */
static int put_evaluation(struct training *training, int64_t step,
                          const struct evaluation *evaluation)
{
    struct json *line = json_new_object(), *metrics = json_new_object(), *real = json_new_object(),
                *classes = json_new_array();
    for (int i = 0; i < MEASURE_COUNT; i++) {
        bool is_asked = i != MEASURE_AGREEMENT || training->asked;
        if (is_asked)
            json_set_number(metrics, measure_name((enum measure)i), evaluation->values[i]);
        if (is_asked)
            json_set_number(real, measure_name((enum measure)i), evaluation->real[i]);
    }
    for (int c = 0; c < evaluation->classes; c++)
        json_push_integer(classes, evaluation->histogram[c]);
    json_set(line, "metrics", metrics);
    json_set(line, "real", real);
    json_set(line, "classes", classes);
    json_set_integer(line, "samples", evaluation->samples);
    return events_put(&training->events, wall_clock(), step, line);
}

int training_evaluate(struct training *training)
{
    struct evaluation evaluation;
    if (!training->measuring && !training->cannot_measure)
        get_ready(training);
    if (!training->measuring)
        return 0;
    trainer_make(training->trainer, SAMPLES, training->measured, training->asked);
    if (evaluator_measure(measuring_evaluator(training->measuring), training->measured, SAMPLES,
                          training->asked, &evaluation) < 0) {
        measuring_free(training->measuring);
        training->measuring = NULL;
        give_up_measuring(training);
        return 0;
    }
    int64_t step = trainer_step_number(training->trainer);
    training_note_evaluation(training, step, evaluation.values[MEASURE_FRECHET]);
    int error = put_evaluation(training, step, &evaluation);
    if (!error)
        training_health_evaluate(training, &evaluation);
    return error;
}
