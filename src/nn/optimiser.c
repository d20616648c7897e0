#include "nn/optimiser.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "nn/layer.h"

void optimiser_init(struct optimiser *optimiser, enum optimiser_kind kind, size_t count,
                    float beta1, float beta2)
{
    *optimiser = (struct optimiser){ .kind = kind, .count = count, .beta1 = beta1, .beta2 = beta2 };
    if (kind != OPTIMISER_KIND_RMSPROP)
        optimiser->first = float_block_new(count);
    if (kind != OPTIMISER_KIND_SGD)
        optimiser->second = float_block_new(count);
}

void optimiser_release(struct optimiser *optimiser)
{
    float_block_free(optimiser->first);
    float_block_free(optimiser->second);
    *optimiser = (struct optimiser){ .count = 0 };
}

struct job {
    struct optimiser *optimiser;
    float *parameters;
    const float *gradients;
    const struct update *update;
};

/* p -= rate / c1 * m / (sqrt(v / c2) + 1e-8), with c = 1 - beta^t */
VECTOR_CLONES
static void adam(float *restrict p, const float *restrict g, float *restrict m, float *restrict v,
                 size_t count, float beta1, float beta2, float rate, float root_c2, float scale)
{
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] * scale;
        m[i] = beta1 * m[i] + (1 - beta1) * gradient;
        v[i] = beta2 * v[i] + (1 - beta2) * (gradient * gradient);
        p[i] -= rate * m[i] / (sqrtf(v[i]) * root_c2 + 1e-8f);
    }
}

VECTOR_CLONES
static void rmsprop(float *restrict p, const float *restrict g, float *restrict v, size_t count,
                    float alpha, float rate, float scale)
{
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] * scale;
        v[i] = alpha * v[i] + (1 - alpha) * (gradient * gradient);
        p[i] -= rate * gradient / (sqrtf(v[i]) + 1e-8f);
    }
}

VECTOR_CLONES
static void momentum(float *restrict p, const float *restrict g, float *restrict m, size_t count,
                     float beta, float rate, float scale)
{
    for (size_t i = 0; i < count; i++) {
        m[i] = beta * m[i] + g[i] * scale;
        p[i] -= rate * m[i];
    }
}

VECTOR_CLONES
static void bound_all(float *restrict p, size_t count, float bound)
{
    for (size_t i = 0; i < count; i++)
        p[i] = p[i] > bound ? bound : p[i] < -bound ? -bound : p[i];
}

VECTOR_CLONES
static void follow(float *restrict average, const float *restrict p, size_t count, float decay)
{
    for (size_t i = 0; i < count; i++)
        average[i] += (1 - decay) * (p[i] - average[i]);
}

static void update_part(const struct job *job, size_t at, size_t count)
{
    const struct optimiser *o = job->optimiser;
    const struct update *u = job->update;
    float *p = job->parameters + at;
    const float *g = job->gradients + at;
    double t = (double)o->step;
    switch (o->kind) {
    case OPTIMISER_KIND_ADAM:
        adam(p, g, o->first + at, o->second + at, count, o->beta1, o->beta2,
             u->rate / (float)(1 - pow(o->beta1, t)), 1 / (float)sqrt(1 - pow(o->beta2, t)),
             u->scale);
        break;
    case OPTIMISER_KIND_RMSPROP:
        rmsprop(p, g, o->second + at, count, o->beta2, u->rate, u->scale);
        break;
    case OPTIMISER_KIND_SGD:
        momentum(p, g, o->first + at, count, o->beta1, u->rate, u->scale);
        break;
    }
    if (u->bound > 0)
        bound_all(p, count, u->bound);
    if (u->average)
        follow(u->average + at, p, count, u->decay);
}

/* In pieces that stay in the first cache between the loops over them. */
static void update_range(const struct job *job, size_t begin, size_t end)
{
    enum { PIECE = 2048 };
    for (size_t at = begin; at < end; at += PIECE)
        update_part(job, at, MIN((size_t)PIECE, end - at));
}

static void update_layer(const struct job *job, const struct team *team, const struct layer *layer)
{
    size_t row = layer->weight_count / (size_t)MAX(layer->rows, 1);
    struct range rows = layer_rows(layer, team);
    update_range(job, layer->weights + (size_t)rows.begin * row,
                 layer->weights + (size_t)rows.end * row);
    if (team->thread == team->threads - 1)
        update_range(job, layer->biases, layer->biases + layer->bias_count);
}

static void update_job(const struct team *team, void *context)
{
    const struct job *job = context;
    const struct network *net = job->optimiser->network;
    struct range mine = team_range(team, (int)job->optimiser->count, 16);
    for (int i = 0; net && i < net->layer_count; i++)
        update_layer(job, team, &net->layers[i]);
    if (!net)
        update_range(job, (size_t)mine.begin, (size_t)mine.end);
}

void optimiser_step(struct optimiser *optimiser, struct pool *pool, float *parameters,
                    const float *gradients, const struct update *update)
{
    optimiser->step++;
    pool_run(pool, update_job, &(struct job){ optimiser, parameters, gradients, update });
}

struct norm_job {
    const float *values;
    size_t count;
    double *sums; /* (threads) */
};

VECTOR_CLONES
static double sum_of_squares(const float *values, size_t count)
{
    enum { LANES = 16 };
    double lanes[LANES] = { 0 }, sum = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)values[i + (size_t)lane] * values[i + (size_t)lane];
    for (; i < count; i++)
        sum += (double)values[i] * values[i];
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

static void norm_part(const struct team *team, void *context)
{
    struct norm_job *job = context;
    struct range mine = team_range(team, (int)job->count, 16);
    job->sums[team->thread] =
        sum_of_squares(job->values + mine.begin, (size_t)(mine.end - mine.begin));
}

double block_norm(struct pool *pool, const float *values, size_t count)
{
    size_t threads = (size_t)pool_threads(pool);
    struct norm_job job = { values, count, xcalloc(threads, sizeof *job.sums) };
    double sum = 0;
    pool_run(pool, norm_part, &job);
    for (size_t t = 0; t < threads; t++)
        sum += job.sums[t];
    free(job.sums);
    return sqrt(sum);
}
