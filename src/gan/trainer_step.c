#include <math.h>
#include <string.h>

#include "base/error.h"
#include "gan/objective.h"
#include "schedule.h"
#include "trainer_pairs.h"

VECTOR_CLONES
static void add_scaled(float *out, const float *values, float factor, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] += factor * values[i];
}

static void add_noise(struct trainer *trainer, float *images, int count)
{
    double deviation = schedule_noise(trainer->recipe, trainer_step_number(trainer));
    size_t values = (size_t)count * (size_t)trainer->pixels;
    if (!(deviation > 0))
        return;
    random_fill_normal(&trainer->noise, trainer->spare, values);
    add_scaled(images, trainer->spare, (float)deviation, values);
}

static const int *labels_from(const struct trainer *trainer, int row)
{
    return trainer->classes > 0 ? trainer->image_labels + row : NULL;
}

static void take_real(struct trainer *trainer)
{
    order_take(&trainer->order, trainer->indices, trainer->batch);
    dataset_batch(trainer->set, trainer->indices, trainer->batch, tape_input(trainer->both),
                  trainer->classes > 0 ? trainer->image_labels : NULL);
    if (has_pairs(trainer))
        pairs_take(trainer, tape_input(trainer->both));
}

/* Of a pair, that of the real image; else any. */
static int fake_label(struct trainer *trainer, int i)
{
    return has_pairs(trainer) ? trainer->image_labels[i]
                              : (int)random_below(&trainer->labels, (uint32_t)trainer->classes);
}

static void make_fakes(struct trainer *trainer)
{
    int n = trainer->batch;
    struct network *net = trainer->generator.net;
    random_fill_normal(&trainer->latents, tape_input(trainer->fakes),
                       (size_t)n * (size_t)shape_size(net->input));
    for (int i = 0; i < n && trainer->classes > 0; i++)
        trainer->image_labels[n + i] = fake_label(trainer, i);
    network_forward(net, trainer->fakes,
                    &(struct pass){ .images = n,
                                    .mode = PASS_TRAIN,
                                    .labels = labels_from(trainer, n),
                                    .condition = conditions_from(trainer, n),
                                    .random = &trainer->generator.dropout });
}

/* What G made, as D sees it but for the noise. */
static void copy_fakes(const struct trainer *trainer, float *to)
{
    memcpy(to, tape_output(trainer->fakes),
           (size_t)trainer->batch * (size_t)trainer->pixels * sizeof *to);
    if (has_pairs(trainer))
        pairs_restore(trainer, to);
}

static double mean_logit(const float *logits, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)logits[i];
    return sum / n;
}

static double mean_probability(const float *logits, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += sigmoid((double)logits[i]);
    return sum / n;
}

/* D on the real images and the fakes, in one pass: losses to the report, slopes to the trainer. */
static void judge_both(struct trainer *trainer, struct step_report *report, bool measure)
{
    int n = trainer->batch;
    size_t images = (size_t)n * (size_t)trainer->pixels;
    enum objective objective = (enum objective)trainer->recipe->training.objective;
    double smoothing = trainer->recipe->training.smoothing;

    copy_fakes(trainer, tape_input(trainer->both) + images);
    add_noise(trainer, tape_input(trainer->both), 2 * n);
    network_forward(trainer->discriminator.net, trainer->both,
                    &(struct pass){ .images = 2 * n,
                                    .groups = 2,
                                    .mode = PASS_TRAIN,
                                    .labels = labels_from(trainer, 0),
                                    .condition = conditions_from(trainer, 0),
                                    .random = &trainer->discriminator.dropout });
    const float *logits = tape_output(trainer->both);
    report->d_loss =
        objective_batch(objective, SIDE_D_REAL, smoothing, logits, n, trainer->slopes) +
        objective_batch(objective, SIDE_D_FAKE, 0, logits + n, n, trainer->slopes + n);
    report->d_real = mean_probability(logits, n);
    report->d_fake = mean_probability(logits + n, n);
    report->logit_real = mean_logit(logits, n);
    report->logit_fake = mean_logit(logits + n, n);
    if (measure)
        report->d_auc = spread_of_logits(logits, logits + n, n);
}

static int diverged(const struct trainer *trainer, const char *network, const char *what,
                    double value)
{
    return fail(ERR_INVALID,
                "step %lld: the %s of the %s is not finite (%s): training has diverged "
                "(try a smaller training.rate, a penalty, or training.clip)",
                (long long)trainer_step_number(trainer) + 1, what, network,
                isnan(value)   ? "NaN"
                : isinf(value) ? "infinite"
                               : "too large for float32");
}

/* A loss that float32 cannot hold is as good as infinite: its gradient is. */
static bool is_finite(double value)
{
    return isfinite((float)value);
}

/* The network that a bad loss of D comes from: the generator if its images are bad already. */
static const struct network *culprit(const struct trainer *trainer)
{
    const float *images = tape_output(trainer->fakes);
    for (int i = 0; i < trainer->batch * trainer->pixels; i++)
        if (!isfinite(images[i]))
            return trainer->generator.net;
    return trainer->discriminator.net;
}

/* One optimiser step; `norm` is measured if it is wanted or gradients are clipped. */
static int update(struct trainer *trainer, struct player *player, struct update update, bool wanted,
                  double *norm)
{
    struct network *net = player->net;
    double clip = trainer->recipe->training.clip;
    network_finish_gradients(net);
    if (wanted || clip > 0) {
        *norm = block_norm(trainer->pool, net->gradients, net->parameter_count);
        if (!isfinite(*norm))
            return diverged(trainer, net->name, "gradient", *norm);
    }
    update.rate =
        (float)(player->rate * schedule_share(trainer->recipe, trainer_step_number(trainer)));
    update.scale = clip > 0 && *norm > clip ? (float)(clip / *norm) : 1;
    optimiser_step(&player->optimiser, trainer->pool, net->parameters, net->gradients, &update);
    return 0;
}

static int discriminator_update(struct trainer *trainer, struct step_report *report, bool measure)
{
    struct network *net = trainer->discriminator.net;
    const struct recipe *recipe = trainer->recipe;
    bool clips = recipe->training.penalty == PENALTY_CLIP;

    take_real(trainer);
    make_fakes(trainer);
    network_prepare(net, net->parameters, net->buffers, true);
    judge_both(trainer, report, measure);
    if (!is_finite(report->d_loss))
        return diverged(trainer, culprit(trainer)->name, "loss", report->d_loss);
    discriminator_backward(trainer);
    report->penalty = trainer->penalty;
    if (!is_finite(report->penalty))
        return diverged(trainer, net->name, "penalty", report->penalty);
    return update(trainer, &trainer->discriminator,
                  (struct update){ .bound = clips ? (float)recipe->training.penalty_weight : 0 },
                  measure, &report->d_gradient);
}

static void measure_fakes(struct trainer *trainer, struct step_report *report)
{
    struct spread_of fakes = spread_measure(&trainer->spread, tape_output(trainer->fakes),
                                            labels_from(trainer, trainer->batch), trainer->batch);
    report->diversity = fakes.diversity;
    report->shift = fakes.shift;
}

/* G on the fakes of D's last update: its tape still holds them. */
static int generator_update(struct trainer *trainer, struct step_report *report, bool measure)
{
    struct network *judge = trainer->discriminator.net, *net = trainer->generator.net;
    int n = trainer->batch;
    size_t bytes = (size_t)n * (size_t)trainer->pixels * sizeof(float);
    int64_t step = trainer_step_number(trainer);

    copy_fakes(trainer, tape_input(trainer->judged));
    add_noise(trainer, tape_input(trainer->judged), n);
    network_prepare(judge, judge->parameters, judge->buffers, true);
    network_forward(judge, trainer->judged,
                    &(struct pass){ .images = n,
                                    .mode = PASS_FROZEN,
                                    .labels = labels_from(trainer, n),
                                    .condition = conditions_from(trainer, n),
                                    .random = &trainer->discriminator.dropout });
    report->g_loss =
        objective_batch((enum objective)trainer->recipe->training.objective, SIDE_G_FAKE, 0,
                        tape_output(trainer->judged), n, tape_output_gradient(trainer->judged));
    if (!is_finite(report->g_loss))
        return diverged(trainer, net->name, "loss", report->g_loss);
    network_backward(judge, trainer->judged, GRADIENT_INPUT);
    memcpy(tape_output_gradient(trainer->fakes), tape_input_gradient(trainer->judged), bytes);
    if (has_pairs(trainer)) {
        copy_fakes(trainer, tape_input(trainer->judged)); /* without the noise */
        report->reconstruction = pairs_reconstruct(trainer, tape_input(trainer->judged),
                                                   tape_output_gradient(trainer->fakes));
    }
    network_backward(net, trainer->fakes, GRADIENT_SET);
    return update(trainer, &trainer->generator,
                  (struct update){ .average = trainer->average,
                                   .decay = (float)schedule_decay(trainer->recipe, step) },
                  measure, &report->g_gradient);
}

int trainer_step(struct trainer *trainer, struct step_report *report, bool measure)
{
    struct network *generator = trainer->generator.net;
    int d_steps = trainer->recipe->training.d_steps;
    *report = (struct step_report){ .step = trainer_step_number(trainer) + 1,
                                    .d_loss = NAN,
                                    .g_loss = NAN,
                                    .reconstruction = NAN,
                                    .penalty = NAN,
                                    .d_real = NAN,
                                    .d_fake = NAN,
                                    .logit_real = NAN,
                                    .logit_fake = NAN,
                                    .d_gradient = NAN,
                                    .g_gradient = NAN,
                                    .d_auc = NAN,
                                    .diversity = NAN,
                                    .shift = NAN };
    network_prepare(generator, generator->parameters, generator->buffers, true);
    for (int i = 0; i < d_steps; i++) {
        bool last = i == d_steps - 1;
        int code = discriminator_update(trainer, report, measure && last);
        if (code < 0)
            return code;
    }
    report->epoch =
        (double)trainer->discriminator.optimiser.step * trainer->batch / trainer->set->count;
    if (measure)
        measure_fakes(trainer, report);
    return generator_update(trainer, report, measure);
}
