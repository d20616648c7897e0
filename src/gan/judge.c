#include "gan/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "checkpoint.h"
#include "data/dataset.h"
#include "gan/corruption.h"
#include "gan/engine.h"
#include "gan/game.h"
#include "nn/blas.h"

enum { BATCH = 64 };

struct judge {
    struct pool *pool;
    struct network *net;
    struct tape *tape;
    int classes;                /* of its images; 0: without labels */
    enum corruption corruption; /* what it makes a condition of an image by */
    float *conditions;          /* (BATCH, condition) that are hidden whole; NULL: it takes none */
};

static int build(struct judge *judge, const struct recipe *recipe, const int images[3])
{
    int code = blas_load();
    if (code == 0)
        code = pool_new(&judge->pool, engine_threads(recipe));
    if (code == 0)
        code = network_new_conditioned(&judge->net, "discriminator", recipe->discriminator.layers,
                                       (struct shape){ 1, images[0], images[1] }, images[2],
                                       condition_shape(recipe, images[0], images[1]), judge->pool);
    if (code == 0 && shape_size(judge->net->output) != 1)
        code = fail(ERR_INVALID, "discriminator: it does not end in one logit");
    return code;
}

static int open_from(struct judge *judge, const struct recipe *recipe,
                     const struct tensor_file *file, const char *path)
{
    int images[3];
    int code = checkpoint_images(file, path, images);
    if (code == 0)
        code = build(judge, recipe, images);
    if (code < 0)
        return code;
    judge->classes = images[2];
    judge->corruption = (enum corruption)recipe->data.corruption;
    struct network *net = judge->net;
    code = checkpoint_copy(file, path,
                           (struct state_entry){ STATE_DISCRIMINATOR, TENSOR_F32,
                                                 net->parameter_count, net->parameters });
    if (code == 0)
        code = checkpoint_copy(file, path,
                               (struct state_entry){ STATE_DISCRIMINATOR_BUFFERS, TENSOR_F32,
                                                     net->buffer_count, net->buffers });
    if (code < 0)
        return code;
    network_prepare(net, net->parameters, net->buffers, false);
    judge->tape = tape_new(net, BATCH, false);
    if (net->uses_condition)
        judge->conditions = float_block_new(BATCH * (size_t)shape_size(net->condition));
    return 0;
}

int judge_open(struct judge **out, const struct recipe *recipe, const char *checkpoint)
{
    struct tensor_file *file;
    struct recipe there;
    int code = checkpoint_open(&file, &there, checkpoint);
    if (code < 0)
        return code;
    struct judge *judge = xcalloc(1, sizeof *judge);
    code = checkpoint_compare(&there, recipe, checkpoint);
    if (code == 0)
        code = open_from(judge, recipe, file, checkpoint);
    recipe_release(&there);
    tensors_close(file);
    if (code < 0) {
        judge_close(judge);
        return code;
    }
    *out = judge;
    return 0;
}

void judge_close(struct judge *judge)
{
    if (!judge)
        return;
    float_block_free(judge->conditions);
    tape_free(judge->tape);
    network_free(judge->net);
    pool_free(judge->pool);
    free(judge);
}

struct judge_facts judge_facts(const struct judge *judge)
{
    const struct network *net = judge->net;
    return (struct judge_facts){ .height = net->input.height,
                                 .width = net->input.width,
                                 .classes = net->uses_labels ? judge->classes : 0 };
}

static const float *conditions_at(const struct judge *judge, const float *conditions, int first)
{
    return judge->conditions && conditions
               ? conditions + (size_t)first * (size_t)shape_size(judge->net->condition)
               : judge->conditions;
}

static void forward(struct judge *judge, const float *images, const int *labels,
                    const float *conditions, int count, float *logits)
{
    size_t area = (size_t)shape_size(judge->net->input);
    memcpy(tape_input(judge->tape), images, (size_t)count * area * sizeof *images);
    network_forward(judge->net, judge->tape,
                    &(struct pass){ .images = count,
                                    .mode = PASS_SAMPLE,
                                    .labels = judge->net->uses_labels ? labels : NULL,
                                    .condition = conditions });
    memcpy(logits, tape_output(judge->tape), (size_t)count * sizeof *logits);
}

void judge_pairs(struct judge *judge, const float *images, const int *labels,
                 const float *conditions, int count, float *logits)
{
    size_t area = (size_t)shape_size(judge->net->input);
    for (int first = 0; first < count; first += BATCH)
        forward(judge, images + (size_t)first * area, labels ? labels + first : NULL,
                conditions_at(judge, conditions, first), MIN(BATCH, count - first), logits + first);
}

void judge_images(struct judge *judge, const float *images, const int *labels, int count,
                  float *logits)
{
    judge_pairs(judge, images, labels, NULL, count, logits);
}

void judge_slopes(struct judge *judge, const float *images, const int *labels, int count,
                  float *logits, float *slopes)
{
    size_t area = (size_t)shape_size(judge->net->input);
    for (int first = 0; first < count; first += BATCH) {
        int n = MIN(BATCH, count - first);
        size_t at = (size_t)first * area;
        forward(judge, images + at, labels ? labels + first : NULL, judge->conditions, n,
                logits + first);
        for (int i = 0; i < n; i++)
            tape_output_gradient(judge->tape)[i] = 1;
        network_backward(judge->net, judge->tape, GRADIENT_INPUT);
        memcpy(slopes + at, tape_input_gradient(judge->tape), (size_t)n * area * sizeof *slopes);
    }
}

/* What is left of each of n images, the first of which is at `first` among all. */
static void corrupt(const struct judge *judge, const float *images, int first, int n,
                    float *conditions)
{
    struct shape shape = judge->net->input;
    size_t area = (size_t)shape_size(shape);
    for (int i = 0; i < n; i++)
        corruption_apply(corruption_choice(judge->corruption, first + i), images + (size_t)i * area,
                         shape.height, shape.width, conditions + (size_t)i * area, NULL);
}

void judge_bytes(struct judge *judge, const uint8_t *images, const int *labels, int count,
                 float *logits)
{
    size_t area = (size_t)shape_size(judge->net->input);
    float *pixels = xcalloc(BATCH * area, sizeof *pixels);
    float *conditions = judge->conditions ? xcalloc(BATCH * area, sizeof *conditions) : NULL;
    for (int first = 0; first < count; first += BATCH) {
        int n = MIN(BATCH, count - first);
        pixels_from_bytes(images + (size_t)first * area, pixels, (size_t)n * area);
        if (conditions)
            corrupt(judge, pixels, first, n, conditions);
        judge_pairs(judge, pixels, labels ? labels + first : NULL, conditions, n, logits + first);
    }
    free(conditions);
    free(pixels);
}
