/* Networks beside PyTorch: values, gradients, statistics, samples, and penalties by a graph. */
#include "nn/network.h"

#include <math.h>
#include <string.h>

#include "nn/pytorch_numbers.h"
#include "nn/rig.h"

static const double tolerance = 1e-5;
static const int teams[] = { 1, 2, 3 };

/* --- numbers into places --- */

/* Image values: (N, C, H, W) in PyTorch, (N, H, W, C) in memory. */
static size_t in_memory(size_t at, struct shape shape)
{
    size_t C = (size_t)shape.channels, places = (size_t)(shape.height * shape.width);
    size_t within = at % (C * places);
    return at - within + within % places * C + within / places;
}

struct filling {
    struct network *net;
    int tensor; /* the next */
};

/* `values` are places in the parameter block: each gets the number that PyTorch has there. */
static int fill_tensor(void *context, const char *name, int dimensions, const int64_t *shape,
                       const float *values)
{
    struct filling *filling = context;
    bool weight = strstr(name, ".weight") != NULL;
    size_t count = 1;
    if (strstr(name, ".running_"))
        return 0;
    for (int i = 0; i < dimensions; i++)
        count *= (size_t)shape[i];
    bool scaled = weight && (dimensions == 2 || dimensions == 4);
    double scale = scaled ? sqrt(3 / ((double)count / (double)shape[0])) : 0.3;
    for (size_t i = 0; i < count; i++)
        filling->net->parameters[(size_t)values[i]] =
            (float)((weight && !scaled) + scale * pytorch_number(filling->tensor, i));
    filling->tensor++;
    return 0;
}

/* Shows network_export the places themselves, so that it tells where each of PyTorch's numbers
 * belongs, whatever the layout is. (A place divided by sigma would tell nothing: a network without
 * spectral norms has the same places.) */
static void set_parameters(struct network *net, const struct pytorch_case *c)
{
    struct filling filling = { .net = net };
    struct network *plain;
    char list[256];
    snprintf(list, sizeof list, "%s", c->layers);
    for (char *word; (word = strstr(list, " spectral"));)
        memmove(word, word + strlen(" spectral"), strlen(word) - strlen(" spectral") + 1);
    assert_int_equal(network_new_conditioned(&plain, "plain", list, c->input, RIG_CLASSES,
                                             rig_condition, net->pool),
                     0);
    assert_true(plain->parameter_count < 1 << 24); /* places are exact in floats */
    for (size_t i = 0; i < plain->parameter_count; i++)
        plain->parameters[i] = (float)i;
    assert_int_equal(network_export(plain, NULL, NULL, fill_tensor, &filling), 0);
    network_free(plain);
    for (int i = 0; i < 300; i++)
        network_prepare(net, NULL, NULL, true);
}

static void set_images(float *to, int images, struct shape shape, int tensor, double scale)
{
    for (size_t i = 0; i < (size_t)images * (size_t)shape_size(shape); i++)
        to[in_memory(i, shape)] = (float)(scale * pytorch_number(tensor, i));
}

static void check_images(const struct pytorch_case *c, const char *name, const float *values,
                         struct shape shape)
{
    size_t count = (size_t)c->images * (size_t)shape_size(shape);
    float *ordered = xcalloc(count, sizeof *ordered);
    for (size_t i = 0; i < count; i++)
        ordered[i] = values[in_memory(i, shape)];
    pytorch_check(pytorch_find(c->tensors, PYTORCH_TENSORS, name), ordered, count, tolerance);
    free(ordered);
}

static void new_case(struct rig *rig, const struct pytorch_case *c, int threads)
{
    rig_at("'%s', %d threads", c->layers, threads);
    rig_new(rig, c->layers, c->input, c->images, threads);
    set_parameters(rig->net, c);
    network_forget_statistics(rig->net, rig->net->buffers);
    set_images(tape_input(rig->tape), c->images, c->input, PYTORCH_INPUT, 1.5);
    set_images(rig->conditions, c->images, rig_condition, PYTORCH_CONDITION, 1);
}

/* --- what network_export shows, held against PyTorch --- */

struct visit {
    const struct pytorch_case *c;
    bool statistics; /* of those tensors, or of all others */
    int visited;
};

static int visit_tensor(void *context, const char *name, int dimensions, const int64_t *shape,
                        const float *values)
{
    struct visit *visit = context;
    size_t count = 1;
    for (int i = 0; i < dimensions; i++)
        count *= (size_t)shape[i];
    if ((strstr(name, ".running_") != NULL) != visit->statistics)
        return 0;
    pytorch_check(pytorch_find(visit->c->tensors, PYTORCH_TENSORS, name), values, count, tolerance);
    visit->visited++;
    return 0;
}

static int count_tensors(const struct pytorch_case *c, bool statistics)
{
    int count = 0;
    for (int i = 0; i < PYTORCH_TENSORS && c->tensors[i].name; i++)
        if (strchr(c->tensors[i].name, '.'))
            count += (strstr(c->tensors[i].name, ".running_") != NULL) == statistics;
    return count;
}

static void check_exported(const struct pytorch_case *c, struct network *net, bool statistics)
{
    struct visit visit = { .c = c, .statistics = statistics };
    const float *block = statistics ? NULL : net->gradients;
    assert_int_equal(network_export(net, block, NULL, visit_tensor, &visit), 0);
    assert_int_equal(visit.visited, count_tensors(c, statistics));
}

/* --- passes --- */

static void check_layers(const struct pytorch_case *c, int threads)
{
    struct rig rig;
    new_case(&rig, c, threads);
    network_forward(rig.net, rig.tape, &rig.pass);
    check_images(c, "output", tape_output(rig.tape), rig.net->output);
    set_images(tape_output_gradient(rig.tape), c->images, rig.net->output, PYTORCH_SEEDS, 1);
    network_backward(rig.net, rig.tape, GRADIENT_INPUT | GRADIENT_SET);
    network_finish_gradients(rig.net);
    check_images(c, "input gradient", tape_input_gradient(rig.tape), c->input);
    check_exported(c, rig.net, false);
    check_exported(c, rig.net, true);
    if (count_tensors(c, true) > 0) {
        rig.pass.mode = PASS_SAMPLE;
        network_forward(rig.net, rig.tape, &rig.pass);
        check_images(c, "sample", tape_output(rig.tape), rig.net->output);
    }
    rig_free(&rig);
}

static void layers_agree_with_pytorch(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(pytorch_layers); i++)
        for (int k = 0; k < ARRAY_SIZE(teams); k++)
            check_layers(&pytorch_layers[i], teams[k]);
}

/* PyTorch differentiates the gradient's own graph. */
static void check_penalty(const struct pytorch_case *c, bool r1, int threads)
{
    struct rig rig;
    int size = shape_size(c->input), images = c->images;
    float value = 0;
    new_case(&rig, c, threads);
    network_forward(rig.net, rig.tape, &rig.pass);
    for (int n = 0; n < images; n++)
        tape_output_gradient(rig.tape)[n] = 1;
    network_backward(rig.net, rig.tape, GRADIENT_INPUT);
    for (int n = 0; n < images; n++) {
        const float *g = tape_input_gradient(rig.tape) + n * size;
        double length = rig_length(g, (size_t)size);
        double factor = (r1 ? 1 : 2 * (1 - 1 / length)) / images;
        value += (float)((r1 ? length * length / 2 : (length - 1) * (length - 1)) / images);
        for (int i = 0; i < size; i++)
            tape_input_tangent(rig.tape)[n * size + i] = (float)factor * g[i];
    }
    network_tangent(rig.net, rig.tape, images, NULL, GRADIENT_SET);
    network_finish_gradients(rig.net);
    pytorch_check(pytorch_find(c->tensors, PYTORCH_TENSORS, "value"), &value, 1, tolerance);
    check_exported(c, rig.net, false);
    rig_free(&rig);
}

static void penalties_agree_with_pytorch(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(pytorch_penalties); i++)
        for (int k = 0; k < ARRAY_SIZE(teams); k++)
            check_penalty(&pytorch_penalties[i], i % 2 == 0, teams[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_agree_with_pytorch),
        cmocka_unit_test(penalties_agree_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
