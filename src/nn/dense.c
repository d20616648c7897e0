/* dense: y = x W^T + b. x (N, K), W (F, K), y (N, F).
 *
 * Threads split the columns of what each product makes, so that every weight is packed once; a
 * single output (a critic's logit) is a dot product an image. */
#include "nn/blas.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

#include "base/error.h"

enum {
    GRAIN = 16,
    NARROW = 4
}; /* columns a thread takes at once; outputs below which products are not worth it */

static int dense_shape(struct layer *layer, struct layer_words *words)
{
    int features;
    char text[32];
    if (!shape_is_flat(layer->in))
        return fail(ERR_INVALID, "needs a flat vector, got %s (put 'flatten' before it)",
                    shape_text(layer->in, text));
    int code = words_need_integer(words, "a number of outputs", 1, 1 << 20, &features);
    if (code < 0)
        return code;
    layer->out = (struct shape){ features, 1, 1 };
    layer->rows = features;
    layer->columns = layer->fan_in = layer->in.channels;
    layer->weight_count = (size_t)features * (size_t)layer->in.channels;
    layer->bias = true;
    layer->bias_count = (size_t)features;
    return 0;
}

static bool is_narrow(const struct layer *layer)
{
    return layer->out.channels < NARROW;
}

static void forward_narrow(const struct work *work)
{
    const struct layer *layer = work->layer;
    int K = layer->columns, F = layer->rows;
    struct range images = work_images(work);
    for (int n = images.begin; n < images.end; n++)
        for (int f = 0; f < F; f++)
            work->y[n * F + f] = dot(work->x + (size_t)n * (size_t)K,
                                     work->weights + (size_t)f * (size_t)K, (size_t)K);
    bias_activate(work->y + images.begin * F, layer->bias ? work->biases : NULL,
                  images.end - images.begin, F, F, layer->activation, layer->slope);
}

static void dense_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    int K = layer->columns, F = layer->rows;
    if (is_narrow(layer)) {
        forward_narrow(work);
        return;
    }
    struct range f = team_range(&work->team, F, GRAIN);
    blas_sgemm(false, true, work->images, f.end - f.begin, K, 1, work->x, K,
               work->weights + (size_t)f.begin * (size_t)K, K, 0, work->y + f.begin, F);
    bias_activate(work->y + f.begin, layer->bias ? work->biases + f.begin : NULL, work->images,
                  f.end - f.begin, F, layer->activation, layer->slope);
}

static void bias_gradient(const struct work *work, struct range f)
{
    int F = work->layer->rows;
    if (work->d_biases)
        column_sums(work->d_biases + f.begin, work->dy + f.begin, work->bias_images,
                    f.end - f.begin, F, work->scale, 1, work->add);
}

/* dW (F, K) = dy^T x of the first `images`; db = sum of dy, each image times its scale where there
 * is one. */
static void gradients(const struct work *work, const float *x, int images)
{
    int K = work->layer->columns, F = work->layer->rows;
    float beta = work->add ? 1 : 0;
    if (is_narrow(work->layer)) {
        struct range k = team_range(&work->team, K, GRAIN);
        blas_sgemm(true, false, F, k.end - k.begin, images, 1, work->dy, F, x + k.begin, K, beta,
                   work->d_weights + k.begin, K);
        if (work->team.thread == 0)
            bias_gradient(work, (struct range){ 0, F });
        return;
    }
    struct range f = team_range(&work->team, F, GRAIN);
    blas_sgemm(true, false, f.end - f.begin, K, images, 1, work->dy + f.begin, F, x, K, beta,
               work->d_weights + (size_t)f.begin * (size_t)K, K);
    bias_gradient(work, f);
}

static void dx_narrow(const struct work *work)
{
    int K = work->layer->columns, F = work->layer->rows;
    struct range images = work_images(work);
    for (int n = images.begin; n < images.end; n++) {
        float *dx = work->dx + (size_t)n * (size_t)K;
        scale_copy(dx, work->dy[n * F], work->weights, (size_t)K);
        for (int f = 1; f < F; f++)
            axpy(dx, work->dy[n * F + f], work->weights + (size_t)f * (size_t)K, (size_t)K);
    }
}

static void dense_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    int K = layer->columns, F = layer->rows;
    struct range f = team_range(&work->team, F, GRAIN), k = team_range(&work->team, K, GRAIN);
    activation_backward(work->dy + f.begin, work->y + f.begin, work->images, f.end - f.begin, F,
                        layer->activation, layer->slope);
    if (is_narrow(layer))
        team_barrier(&work->team);
    if (work->d_weights)
        gradients(work, work->x, work->images);
    if (!work->dx)
        return;
    team_barrier(&work->team);
    if (is_narrow(layer))
        dx_narrow(work);
    else
        blas_sgemm(false, false, work->images, k.end - k.begin, F, 1, work->dy, F,
                   work->weights + k.begin, K, 0, work->dx + k.begin, K);
}

/* ty = tx W^T without bias, times the activation's slope; then the gradients of scale * x + tx. */
static void dense_tangent(const struct work *work)
{
    const struct layer *layer = work->layer;
    int K = layer->columns, F = layer->rows, P = work->penalised;
    struct range f = team_range(&work->team, F, GRAIN);
    blas_sgemm(false, true, P, f.end - f.begin, K, 1, work->tx, K,
               work->weights + (size_t)f.begin * (size_t)K, K, 0, work->ty + f.begin, F);
    activation_backward(work->ty + f.begin, work->y + f.begin, P, f.end - f.begin, F,
                        layer->activation, layer->slope);
    if (!work->d_weights)
        return;
    work_mix(work);
    gradients(work, work->mixed, work->mixed_images);
}

static double dense_cost(const struct layer *layer)
{
    return (double)layer->weight_count;
}

const struct layer_ops layer_dense = {
    .name = "dense",
    .arguments = "F [spectral]",
    .flags = LAYER_ABSORBS | LAYER_WEIGHTED,
    .shape = dense_shape,
    .init = weighted_init,
    .forward = dense_forward,
    .backward = dense_backward,
    .tangent = dense_tangent,
    .cost = dense_cost,
    .export = dense_export,
};
