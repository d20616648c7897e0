#include "training_health.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

/* What step_report holds of each signal. */
static const size_t offsets[HEALTH_SIGNALS] = {
    [HEALTH_D_LOSS] = offsetof(struct step_report, d_loss),
    [HEALTH_G_LOSS] = offsetof(struct step_report, g_loss),
    [HEALTH_D_REAL] = offsetof(struct step_report, d_real),
    [HEALTH_D_FAKE] = offsetof(struct step_report, d_fake),
    [HEALTH_LOGIT_REAL] = offsetof(struct step_report, logit_real),
    [HEALTH_LOGIT_FAKE] = offsetof(struct step_report, logit_fake),
    [HEALTH_D_AUC] = offsetof(struct step_report, d_auc),
    [HEALTH_D_GRADIENT] = offsetof(struct step_report, d_gradient),
    [HEALTH_G_GRADIENT] = offsetof(struct step_report, g_gradient),
    [HEALTH_DIVERSITY] = offsetof(struct step_report, diversity),
    [HEALTH_SHIFT] = offsetof(struct step_report, shift),
};

void training_health_open(struct training *training)
{
    const struct recipe *recipe = &training->recipe;
    struct health_game game = {
        .recipe = recipe,
        .can_penalise = network_check_penalty(trainer_discriminator(training->trainer)) == 0,
        .warm_up = HEALTH_WARM_UP,
    };
    training->health = health_new(&game);
    health_parse_stops(recipe->training.stop_when, &training->stops); /* checked with the recipe */
}

void training_health_close(struct training *training)
{
    health_free(training->health);
    training->health = NULL;
}

static void evaluate(struct training *training, int64_t step, const struct evaluation *evaluation)
{
    health_evaluate(training->health, &(struct health_evaluation){
                                          .step = step,
                                          .samples = evaluation->samples,
                                          .classes = evaluation->classes,
                                          .counts = evaluation->histogram,
                                          .frechet = evaluation->values[MEASURE_FRECHET],
                                          .frechet_real = evaluation->real[MEASURE_FRECHET],
                                          .memorised = evaluation->values[MEASURE_MEMORISED],
                                          .memorised_real = evaluation->real[MEASURE_MEMORISED],
                                          .variety = evaluation->values[MEASURE_VARIETY] });
}

void training_health_evaluate(struct training *training, const struct evaluation *evaluation)
{
    evaluate(training, training->report.step, evaluation);
}

static void replay_report(struct training *training, const struct event *event)
{
    struct health_signals signals = { .step = event->step };
    bool has_signal = false;
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        signals.of[i] = NAN;
    for (int m = 0; m < event->metric_count; m++)
        for (int i = 0; i < HEALTH_SIGNALS; i++)
            if (strcmp(event->metrics[m].name, health_signal_metric((enum health_signal)i)) == 0) {
                signals.of[i] = event->metrics[m].value;
                has_signal = true;
            }
    if (!has_signal)
        return;
    health_report(training->health, &signals);
    training->had_no_progress = health_no_progress(training->health);
}

static double measure_of(const struct json *values, enum measure measure)
{
    double value = NAN;
    json_get_number(json_member(values, measure_name(measure)), &value);
    return value;
}

static void replay_evaluation(struct training *training, const struct event *event)
{
    const struct json *metrics = json_member(event->line, "metrics"),
                      *real = json_member(event->line, "real"),
                      *classes = json_member(event->line, "classes");
    size_t count = MIN(json_length(classes), (size_t)DATASET_CLASS_LIMIT);
    struct evaluation evaluation = { .classes = (int)count };
    int64_t samples = 0;
    json_get_integer(json_member(event->line, "samples"), &samples);
    evaluation.samples = (int)MIN(MAX(samples, 0), INT32_MAX);
    for (size_t i = 0; i < count; i++)
        json_get_integer(json_item(classes, i), &evaluation.histogram[i]);
    for (int i = 0; i < MEASURE_COUNT; i++) {
        evaluation.values[i] = measure_of(metrics, (enum measure)i);
        evaluation.real[i] = measure_of(real, (enum measure)i);
    }
    evaluate(training, event->step, &evaluation);
}

void training_health_replay(struct training *training, const struct event *event)
{
    if (event->is_superseded || event->step > training->from_step)
        return;
    if (event->metric_count > 0 && json_is_array(json_member(event->line, "classes")))
        replay_evaluation(training, event);
    else
        replay_report(training, event);
}

static struct json *advice_of(const struct health_verdict *verdict)
{
    struct json *advice = json_new_object();
    for (int i = 0; i < verdict->advice_count; i++) {
        double number;
        int64_t whole;
        if (parse_integer(verdict->advice[i].value, &whole) == 0)
            json_set_integer(advice, verdict->advice[i].key, whole);
        else if (parse_real(verdict->advice[i].value, &number) == 0)
            json_set_number(advice, verdict->advice[i].key, number);
        else
            json_set_string(advice, verdict->advice[i].key, verdict->advice[i].value);
    }
    return advice;
}

static int journal(struct training *training, const struct health_verdict *verdict)
{
    struct json *line = json_new_object();
    json_set_string(line, "health", health_name(verdict->state));
    json_set_string(line, "why", verdict->why);
    if (verdict->advice_count > 0)
        json_set(line, "advice", advice_of(verdict));
    if (verdict->classes > 0) {
        struct json *classes = json_new_array();
        for (int i = 0; i < verdict->classes; i++)
            json_push_integer(classes, verdict->class_counts[i]);
        json_set(line, "classes", classes);
    }
    return events_put(&training->events, wall_clock(), verdict->step, line);
}

int training_health_report(struct training *training, const char **stops)
{
    struct health_signals signals = { .step = training->report.step };
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        memcpy(&signals.of[i], (const char *)&training->report + offsets[i], sizeof signals.of[i]);
    bool is_new = health_report(training->health, &signals);
    const struct health_verdict *verdict = health_verdict(training->health);
    const char *still = health_no_progress(training->health);
    int error = is_new ? journal(training, verdict) : 0;
    *stops = NULL;
    if (is_new && training->stops >> verdict->state & 1U)
        *stops = arena_printf(&training->arena, "%s: %s (training.stop_when)",
                              health_name(verdict->state), verdict->why);
    else if (still && !training->had_no_progress && training->stops >> HEALTH_NO_PROGRESS & 1U)
        *stops = arena_printf(&training->arena, "no progress: %s (training.stop_when)", still);
    training->had_no_progress = still;
    return error;
}
