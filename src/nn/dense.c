/* dense: y (N, F) = x W + b. x (N, K), W (K, F).
 *
 * Threads split the columns of y, and the rows of dW and of dx transposed, so that each weight is
 * read by one of them. A single output (a critic's logit) is a dot product an image. */
#include "base/error.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/product.h"
#include "nn/words.h"

enum { GRAIN = 16 }; /* columns a thread takes at once */

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
    layer->fan_in = layer->in.channels;
    layer->weight_count = (size_t)features * (size_t)layer->in.channels;
    layer->rows = layer->in.channels;
    layer->grain = GRAIN;
    layer->bias = true;
    layer->bias_count = (size_t)features;
    layer->kept_per_image = round_up_floats((size_t)features) +
                            round_up_floats((size_t)layer->in.channels); /* dy, dx transposed */
    layer->scratch_count = PRODUCT_SCRATCH;
    return 0;
}

struct sizes {
    int N, K, F;
};

static struct sizes sizes_of(const struct work *work)
{
    return (struct sizes){ work->images, work->layer->in.channels, work->layer->out.channels };
}

static void narrow_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct sizes s = sizes_of(work);
    struct range images = work_images(work);
    for (int n = images.begin; n < images.end; n++)
        work->y[n] = dot(work->x + (size_t)n * (size_t)s.K, work->weights, (size_t)s.K);
    bias_activate(work->y + images.begin, layer->bias ? work->biases : NULL,
                  images.end - images.begin, 1, 1, layer->activation, layer->slope);
}

/* y = x W for this thread's columns; with bias and a rectifier's slope. */
static void columns_product(const struct work *work, const float *x, float *y, int images,
                            const float *bias, float slope)
{
    struct sizes s = sizes_of(work);
    struct range f = team_range(&work->team, s.F, GRAIN);
    product_run(&(struct product){ .m = images,
                                   .n = f.end - f.begin,
                                   .k = s.K,
                                   .a = x,
                                   .a_rows = { .stride = s.K },
                                   .a_steps = { .stride = 1 },
                                   .b = work->weights + f.begin,
                                   .ldb = s.F,
                                   .c = y + f.begin,
                                   .c_rows = { .stride = s.F },
                                   .bias = bias ? bias + f.begin : NULL,
                                   .slope = slope },
                work->scratch);
}

static void dense_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct sizes s = sizes_of(work);
    struct range f = team_range(&work->team, s.F, GRAIN);
    if (s.F == 1) {
        narrow_forward(work);
        return;
    }
    columns_product(work, work->x, work->y, s.N, layer->bias ? work->biases : NULL,
                    rectifier_slope(layer));
    if (layer->activation == ACTIVATION_TANH || layer->activation == ACTIVATION_SIGMOID)
        bias_activate(work->y + f.begin, NULL, s.N, f.end - f.begin, s.F, layer->activation, 0);
}

/* dW (K, F) = x^T dy of the first `images`, this thread's rows; db, this thread's columns, each
 * image times its scale. */
static void gradients(const struct work *work, const float *x, int images)
{
    struct sizes s = sizes_of(work);
    struct range k = layer_rows(work->layer, &work->team), f = team_range(&work->team, s.F, GRAIN);
    product_run(&(struct product){ .m = k.end - k.begin,
                                   .n = s.F,
                                   .k = images,
                                   .a = x + k.begin,
                                   .a_rows = { .stride = 1 },
                                   .a_steps = { .stride = s.K },
                                   .b = work->dy,
                                   .ldb = s.F,
                                   .c = work->d_weights + (size_t)k.begin * (size_t)s.F,
                                   .c_rows = { .stride = s.F },
                                   .add = work->add,
                                   .slope = 1 },
                work->scratch);
    if (work->d_biases)
        column_sums(work->d_biases + f.begin, work->dy + f.begin, work->bias_images,
                    f.end - f.begin, s.F, work->scale, 1, work->add);
}

static void narrow_input_gradient(const struct work *work)
{
    struct sizes s = sizes_of(work);
    struct range images = work_images(work);
    for (int n = images.begin; n < images.end; n++)
        scale_copy(work->dx + (size_t)n * (size_t)s.K, work->dy[n], work->weights, (size_t)s.K);
}

/* dx^T (K, N) = W dy^T: so every weight is read once, along its row, and the images are what is
 * wide. */
static void input_gradient(const struct work *work, float *dy_turned, float *dx_turned)
{
    struct sizes s = sizes_of(work);
    struct range k = layer_rows(work->layer, &work->team);
    product_run(&(struct product){ .m = k.end - k.begin,
                                   .n = s.N,
                                   .k = s.F,
                                   .a = work->weights + (size_t)k.begin * (size_t)s.F,
                                   .a_rows = { .stride = s.F },
                                   .a_steps = { .stride = 1 },
                                   .b = dy_turned,
                                   .ldb = s.N,
                                   .c = dx_turned + (size_t)k.begin * (size_t)s.N,
                                   .c_rows = { .stride = s.N },
                                   .slope = 1 },
                work->scratch);
    transpose(dx_turned + (size_t)k.begin * (size_t)s.N, s.N, work->dx + k.begin, s.K,
              k.end - k.begin, s.N);
}

static void dense_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct sizes s = sizes_of(work);
    struct range f = team_range(&work->team, s.F, GRAIN);
    float *dy_turned = work->kept,
          *dx_turned = work->kept + (size_t)s.N * round_up_floats((size_t)s.F);
    activation_backward(work->dy + f.begin, work->y + f.begin, s.N, f.end - f.begin, s.F,
                        layer->activation, layer->slope);
    if (work->dx && s.F > 1)
        transpose(work->dy + f.begin, s.F, dy_turned + (size_t)f.begin * (size_t)s.N, s.N, s.N,
                  f.end - f.begin);
    team_barrier(&work->team);
    if (work->d_weights)
        gradients(work, work->x, s.N);
    if (work->dx && s.F == 1)
        narrow_input_gradient(work);
    else if (work->dx)
        input_gradient(work, dy_turned, dx_turned);
}

/* ty = tx W without bias, times the activation's slope; then the gradients of scale * x + tx. */
static void dense_tangent(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct sizes s = sizes_of(work);
    struct range f = team_range(&work->team, s.F, GRAIN);
    columns_product(work, work->tx, work->ty, work->penalised, NULL, 1);
    activation_backward(work->ty + f.begin, work->y + f.begin, work->penalised, f.end - f.begin,
                        s.F, layer->activation, layer->slope);
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
