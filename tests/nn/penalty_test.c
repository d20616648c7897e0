/* Penalties on the input gradient: what network_tangent adds, against finite differences of the
 * penalty itself, whose gradients of the critic are finite differences of the reference in turn.
 * Decisions are held, so both are exact, and no step can cross a kink. */
#include "nn/network.h"

#include <math.h>

#include "nn/reference.h"
#include "nn/rig.h"
#include "nn/slopes.h"

static const struct critic {
    const char *layers;
    struct shape input;
    int images;
} critics[] = {
    { "dense 1", { 5, 1, 1 }, 4 },
    { "dense 20 | lrelu | dense 18 | relu | dense 1", { 12, 1, 1 }, 5 },
    { "dense 20 spectral | lrelu | dense 1 spectral", { 12, 1, 1 }, 5 },
    { "conv 4 4/2 | lrelu | conv 5 3/1 | lrelu | flatten | dense 1", { 2, 6, 5 }, 4 },
    { "conv 17 3/1 spectral | lrelu 0.1 | conv 3 4/2 spectral | lrelu | flatten | dense 1 spectral",
      { 1, 5, 4 },
      3 },
    { "conv 5 5/2 | lrelu | conv 1 3/1/0", { 1, 5, 6 }, 4 },
    { "conv 6 3/1 | relu | pool max 2 | conv 4 3/1 | lrelu | pool average 3 | flatten | dense 1",
      { 1, 6, 6 },
      3 },
    { "pool max 2 | lrelu | flatten | dense 1", { 2, 4, 4 }, 3 },
    { "upsample 2 | conv 4 4/2 | lrelu | flatten | dense 1", { 1, 3, 4 }, 4 },
    { "dropout 0.3 | dense 20 | lrelu | dropout 0.5 | dense 1", { 12, 1, 1 }, 6 },
    { "conv 5 4/2 | lrelu | dropout 0.3 | flatten | dense 1", { 1, 6, 6 }, 4 },
    { "embed 3 | conv 5 4/2 | lrelu | flatten | embed 2 | dense 7 | relu | dense 1",
      { 1, 4, 6 },
      5 },
    { "join | dense 19 | lrelu | dense 1", { 9, 1, 1 }, 5 },
    { "condition | conv 5 4/2 | lrelu | condition | flatten | dense 5 | relu | dense 1",
      { 1, 12, 6 },
      4 },
    { "reshape 2x3x3 | conv 4 3/1 | lrelu | flatten | dense 1", { 18, 1, 1 }, 4 },
    { "flatten | dense 16 | lrelu | dense 1", { 3, 3, 2 }, 4 },
    { "conv 2 3/1 | lrelu | flatten | dense 1", { 1, 3, 3 }, 70 },
};

static const int teams[] = { 1, 2, 3, 7 };
static const double tolerance = 2e-5;

enum { NORM = 1 }; /* of the gradient that WGAN-GP asks for */

/* R1 (Mescheder et al. 2018): |g|^2 / 2. */
static double r1_value(double length)
{
    return length * length / 2;
}
static double r1_factor(double length)
{
    (void)length;
    return 1;
}

/* WGAN-GP (Gulrajani et al. 2017): (|g| - 1)^2. */
static double gp_value(double length)
{
    return (length - NORM) * (length - NORM);
}
static double gp_factor(double length)
{
    return 2 * (1 - NORM / length);
}

static const struct penalty {
    const char *name;
    double (*value)(double length);  /* of an image whose gradient has this length … */
    double (*factor)(double length); /* … and its gradient: factor * g */
} penalties[] = { { "R1", r1_value, r1_factor }, { "WGAN-GP", gp_value, gp_factor } };

/* What is differentiated: `weight` times the mean penalty over the first images, and, if wanted, a
 * loss of all outputs, the sum of (f - 1)^2 / 2. */
struct goal {
    struct reference reference;
    const struct penalty *penalty;
    double *x;
    int penalised;
    bool with_loss;
    struct slopes slopes;
};

static const double weight = 3;

static double loss_of_outputs(struct goal *goal)
{
    double sum = 0, *f = reference_forward(&goal->reference, goal->x);
    for (int n = 0; goal->with_loss && n < goal->reference.pass.images; n++)
        sum += (f[n] - 1) * (f[n] - 1) / 2;
    free(f);
    return sum;
}

/* Moves value j of all images at once: outputs depend on their own image alone. */
static void move_inputs(struct goal *goal, int j, double by)
{
    int size = shape_size(goal->reference.net->input);
    for (int n = 0; n < goal->reference.pass.images; n++)
        goal->x[n * size + j] += by;
}

static double goal_value(void *context)
{
    struct goal *goal = context;
    int size = shape_size(goal->reference.net->input), P = goal->penalised;
    double squares[RIG_IMAGES] = { 0 }, sum = loss_of_outputs(goal);
    const double step = 1e-2; /* f is linear around x, decisions held */
    for (int j = 0; j < size; j++) {
        move_inputs(goal, j, step);
        double *above = reference_forward(&goal->reference, goal->x);
        move_inputs(goal, j, -2 * step);
        double *below = reference_forward(&goal->reference, goal->x);
        move_inputs(goal, j, step);
        for (int n = 0; n < P; n++)
            squares[n] += pow((above[n] - below[n]) / (2 * step), 2);
        free(above);
        free(below);
    }
    for (int n = 0; n < P; n++)
        sum += weight / P * goal->penalty->value(sqrt(squares[n]));
    return sum;
}

static void goal_find(struct goal *goal, struct rig *rig, const struct penalty *penalty,
                      int penalised, bool with_loss)
{
    *goal = (struct goal){ .penalty = penalty, .penalised = penalised, .with_loss = with_loss };
    rig_reference(rig, &goal->reference);
    goal->x = rig_channels_first(tape_input(rig->tape), rig->pass.images, rig->net->input);
    int entries = slopes_affordable(rig, 4 * shape_size(rig->net->input), 20);
    slopes_find(&goal->slopes, goal->reference.parameters, rig->net->parameter_count,
                slopes_parameter_direction(rig->net), entries, goal_value, goal);
}

static void goal_release(struct goal *goal)
{
    reference_free(&goal->reference);
    slopes_release(&goal->slopes);
    free(goal->x);
}

/* The calling sequence that network.h describes. */
static void take_penalty(struct rig *rig, const struct goal *goal, int wanted)
{
    int size = shape_size(rig->net->input), images = rig->pass.images;
    float scale[RIG_IMAGES];
    rig_forward(rig);
    for (int n = 0; n < images; n++) {
        scale[n] = tape_output(rig->tape)[n] - 1;
        tape_output_gradient(rig->tape)[n] = 1;
    }
    network_backward(rig->net, rig->tape, GRADIENT_INPUT);
    for (int n = 0; n < goal->penalised; n++) {
        const float *g = tape_input_gradient(rig->tape) + n * size;
        double length = rig_length(g, (size_t)size);
        double factor = weight / goal->penalised * goal->penalty->factor(length);
        for (int i = 0; i < size; i++)
            tape_input_tangent(rig->tape)[n * size + i] = (float)(factor * (double)g[i]);
    }
    network_tangent(rig->net, rig->tape, goal->penalised, goal->with_loss ? scale : NULL, wanted);
}

static void check_goal(const struct goal *goal, struct rig *rig)
{
    size_t count = rig->net->parameter_count;
    for (size_t i = 0; i < count; i++)
        rig->net->gradients[i] = NAN;
    take_penalty(rig, goal, GRADIENT_SET);
    network_finish_gradients(rig->net);
    double *gradients = slopes_doubles(rig->net->gradients, count);
    slopes_check(&goal->slopes, gradients, tolerance, goal->penalty->name);
    free(gradients);
}

/* Where the loss takes part, two images are left without penalty. */
static void check_critic(const struct critic *c, const struct penalty *penalty, bool with_loss)
{
    struct goal goal = { .penalty = penalty };
    int penalised = with_loss ? c->images - 2 : c->images;
    for (int i = 0; i < ARRAY_SIZE(teams); i++) {
        struct rig rig;
        rig_at("'%s', %d of %d images penalised, %d threads", c->layers, penalised, c->images,
               teams[i]);
        rig_new(&rig, c->layers, c->input, c->images, teams[i]);
        assert_int_equal(network_check_penalty(rig.net), 0);
        if (i == 0)
            goal_find(&goal, &rig, penalty, penalised, with_loss);
        goal.reference.net = rig.net;
        check_goal(&goal, &rig);
        rig_free(&rig);
    }
    goal_release(&goal);
}

static void gradients_of_penalties_are_finite_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(critics); i++)
        for (int k = 0; k < ARRAY_SIZE(penalties); k++)
            check_critic(&critics[i], &penalties[k], false);
}

static void a_loss_may_share_the_products_of_a_penalty(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(critics); i++)
        for (int k = 0; k < ARRAY_SIZE(penalties); k++)
            check_critic(&critics[i], &penalties[k], true);
}

static void biases_do_not_change_a_penalty(void **state)
{
    struct rig rig;
    struct goal goal = { .penalty = &penalties[0], .penalised = 4 };
    (void)state;
    rig_new(&rig, "conv 4 4/2 | lrelu | flatten | dense 1", (struct shape){ 1, 6, 6 }, 4, 2);
    take_penalty(&rig, &goal, GRADIENT_SET);
    for (int i = 0; i < rig.net->layer_count; i++)
        for (size_t k = 0; k < rig.net->layers[i].bias_count; k++)
            assert_true(rig.net->gradients[rig.net->layers[i].biases + k] == 0);
    rig_free(&rig);
}

/* Also where some of the images are not penalised, and whatever was there before. */
static void penalties_are_added_to_gradients(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(critics); i++)
        for (int threads = 1; threads <= 3; threads++) {
            const struct critic *c = &critics[i];
            struct rig rig;
            struct goal goal = { .penalty = &penalties[1], .penalised = c->images - 1 };
            rig_at("'%s', %d threads", c->layers, threads);
            rig_new(&rig, c->layers, c->input, c->images, threads);
            size_t count = rig.net->parameter_count;
            take_penalty(&rig, &goal, GRADIENT_SET);
            float *sum = rig_copy(rig.net->gradients, count);
            rig_backward(&rig, GRADIENT_SET);
            for (size_t k = 0; k < count; k++)
                sum[k] += rig.net->gradients[k];
            take_penalty(&rig, &goal, GRADIENT_ADD);
            rig_near_all(rig.net->gradients, sum, count, 1e-5, "sum");
            free(sum);
            rig_free(&rig);
        }
}

/* With nobody penalised it is the way back of the loss, scaled image by image. */
static void no_penalty_leaves_the_gradient_of_the_loss(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(critics); i++) {
        const struct critic *c = &critics[i];
        struct rig rig;
        float scale[RIG_IMAGES];
        rig_at("'%s'", c->layers);
        rig_new(&rig, c->layers, c->input, c->images, 2);
        rig_fill(scale, (size_t)c->images, 13);
        rig_forward(&rig);
        memcpy(tape_output_gradient(rig.tape), scale, (size_t)c->images * sizeof *scale);
        network_backward(rig.net, rig.tape, GRADIENT_SET);
        float *wanted = rig_copy(rig.net->gradients, rig.net->parameter_count);
        for (int n = 0; n < c->images; n++)
            tape_output_gradient(rig.tape)[n] = 1;
        rig_forward(&rig);
        network_backward(rig.net, rig.tape, GRADIENT_INPUT);
        network_tangent(rig.net, rig.tape, 0, scale, GRADIENT_SET);
        rig_near_all(rig.net->gradients, wanted, rig.net->parameter_count, 1e-5, "gradient");
        free(wanted);
        rig_free(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_penalties_are_finite_differences),
        cmocka_unit_test(a_loss_may_share_the_products_of_a_penalty),
        cmocka_unit_test(biases_do_not_change_a_penalty),
        cmocka_unit_test(penalties_are_added_to_gradients),
        cmocka_unit_test(no_penalty_leaves_the_gradient_of_the_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
