#include "gan/objective.h"

#include <math.h>

struct objective_row {
    struct loss (*d_real)(double logit, double label);
    struct loss (*d_fake)(double logit);
    struct loss (*g_fake)(double logit);
    double (*undecided)(double label); /* D's best logit where real and fake are equally likely */
    bool has_labels;
};

double sigmoid(double logit)
{
    double small = exp(-fabs(logit));
    return (logit >= 0 ? 1 : small) / (1 + small);
}

static double softplus(double u)
{
    return fmax(u, 0) + log1p(exp(-fabs(u)));
}

static struct loss logistic_real(double z, double label)
{
    return (struct loss){ softplus(-z) + (1 - label) * z, (1 - label) - sigmoid(-z) };
}

static struct loss logistic_fake(double z)
{
    return (struct loss){ softplus(z), sigmoid(z) };
}

static struct loss saturating(double z)
{
    return (struct loss){ -softplus(z), -sigmoid(z) };
}

static struct loss non_saturating(double z)
{
    return (struct loss){ softplus(-z), -sigmoid(-z) };
}

static double logistic_undecided(double label)
{
    return log(label / (2 - label));
}

static struct loss square_real(double z, double label)
{
    return (struct loss){ (z - label) * (z - label) / 2, z - label };
}

static struct loss square_fake(double z)
{
    return (struct loss){ z * z / 2, z };
}

static struct loss square_generator(double z)
{
    return square_real(z, 1);
}

static double square_undecided(double label)
{
    return label / 2;
}

static struct loss hinge_real(double z, double label)
{
    (void)label;
    return z < 1 ? (struct loss){ 1 - z, -1 } : (struct loss){ 0 * z, 0 }; /* 0 * NaN is NaN */
}

static struct loss hinge_fake(double z)
{
    return z > -1 ? (struct loss){ 1 + z, 1 } : (struct loss){ 0 * z, 0 };
}

static struct loss critic_real(double z, double label)
{
    (void)label;
    return (struct loss){ -z, -1 };
}

static struct loss critic_fake(double z)
{
    return (struct loss){ z, 1 };
}

static struct loss critic_generator(double z)
{
    return (struct loss){ -z, -1 };
}

static double zero(double label)
{
    (void)label;
    return 0;
}

static const struct objective_row rows[] = {
    [OBJECTIVE_MINIMAX] = { logistic_real, logistic_fake, saturating, logistic_undecided, true },
    [OBJECTIVE_NON_SATURATING] = { logistic_real, logistic_fake, non_saturating, logistic_undecided,
                                   true },
    [OBJECTIVE_LEAST_SQUARES] = { square_real, square_fake, square_generator, square_undecided,
                                  true },
    [OBJECTIVE_HINGE] = { hinge_real, hinge_fake, critic_generator, zero, false },
    [OBJECTIVE_WASSERSTEIN] = { critic_real, critic_fake, critic_generator, zero, false },
};
_Static_assert(ARRAY_SIZE(rows) == OBJECTIVE_COUNT, "an objective has no row");

struct loss objective_loss(enum objective objective, enum objective_side side, double smoothing,
                           double logit)
{
    const struct objective_row *row = &rows[objective];
    if (side == SIDE_D_REAL)
        return row->d_real(logit, 1 - smoothing);
    return side == SIDE_D_FAKE ? row->d_fake(logit) : row->g_fake(logit);
}

double objective_batch(enum objective objective, enum objective_side side, double smoothing,
                       const float *logits, int n, float *slopes)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        struct loss loss = objective_loss(objective, side, smoothing, (double)logits[i]);
        sum += loss.value;
        slopes[i] = (float)(loss.slope / n);
    }
    return sum / n;
}

bool objective_has_labels(enum objective objective)
{
    return rows[objective].has_labels;
}

double objective_undecided(enum objective objective, double smoothing)
{
    return objective == OBJECTIVE_WASSERSTEIN ? NAN : rows[objective].undecided(1 - smoothing);
}

struct balance objective_balance(enum objective objective, double smoothing)
{
    double z = rows[objective].undecided(1 - smoothing);
    return (struct balance){
        .d_loss = objective_loss(objective, SIDE_D_REAL, smoothing, z).value +
                  objective_loss(objective, SIDE_D_FAKE, smoothing, z).value,
        .g_loss = objective_loss(objective, SIDE_G_FAKE, smoothing, z).value,
    };
}
