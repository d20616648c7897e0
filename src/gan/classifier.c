#include "gan/classifier.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/tensors.h"
#include "base/text.h"
#include "classifier_state.h"
#include "nn/blas.h"
#include "nn/softmax.h"

/* Change any of this, or the schedule in classifier_train.c, and CLASSIFIER_VERSION with it. Leaky
 * units everywhere, so that no feature is always zero and covariances stay regular. */
static const char body_layers[] = "conv 16 4/2 | lrelu 0.1 | conv 32 4/2 | lrelu 0.1 | flatten | "
                                  "dense 64 | lrelu 0.1";

int classifier_build(struct classifier **out, const struct classifier_facts *facts,
                     struct pool *pool)
{
    struct classifier *classifier = xcalloc(1, sizeof *classifier);
    char head_layers[32];
    classifier->facts = *facts;
    snprintf(head_layers, sizeof head_layers, "dense %d", facts->classes);
    int code = blas_load();
    if (code == 0)
        code = network_new(&classifier->body, "classifier", body_layers,
                           (struct shape){ 1, facts->height, facts->width }, 0, pool);
    if (code == 0)
        code = network_new(&classifier->head, "classifier's head", head_layers,
                           (struct shape){ CLASSIFIER_FEATURES, 1, 1 }, 0, pool);
    if (code < 0) {
        classifier_free(classifier);
        return code;
    }
    classifier->body_tape = tape_new(classifier->body, CLASSIFIER_BATCH, false);
    classifier->head_tape = tape_new(classifier->head, CLASSIFIER_BATCH, false);
    *out = classifier;
    return 0;
}

void classifier_free(struct classifier *classifier)
{
    if (!classifier)
        return;
    tape_free(classifier->head_tape);
    tape_free(classifier->body_tape);
    network_free(classifier->head);
    network_free(classifier->body);
    free(classifier);
}

struct classifier_facts classifier_facts(const struct classifier *classifier)
{
    return classifier->facts;
}

/* Always a whole batch goes through, of which n images count: a product's rounding may depend on the
 * number of its rows. */
static void read_batch(struct classifier *classifier, const uint8_t *images, int n)
{
    struct pass pass = { .images = CLASSIFIER_BATCH, .mode = PASS_SAMPLE };
    size_t area = (size_t)shape_size(classifier->body->input);
    float *input = tape_input(classifier->body_tape);
    pixels_from_bytes(images, input, (size_t)n * area);
    memset(input + (size_t)n * area, 0, (size_t)(CLASSIFIER_BATCH - n) * area * sizeof *input);
    network_forward(classifier->body, classifier->body_tape, &pass);
    memcpy(tape_input(classifier->head_tape), tape_output(classifier->body_tape),
           (size_t)CLASSIFIER_BATCH * CLASSIFIER_FEATURES * sizeof *input);
    network_forward(classifier->head, classifier->head_tape, &pass);
}

void classifier_read(struct classifier *classifier, const uint8_t *images, int count,
                     float *features, float *probabilities)
{
    size_t area = (size_t)shape_size(classifier->body->input);
    int classes = classifier->facts.classes;
    for (int first = 0; first < count; first += CLASSIFIER_BATCH) {
        int n = MIN(CLASSIFIER_BATCH, count - first);
        read_batch(classifier, images + (size_t)first * area, n);
        if (features)
            memcpy(features + (size_t)first * CLASSIFIER_FEATURES,
                   tape_input(classifier->head_tape),
                   (size_t)n * CLASSIFIER_FEATURES * sizeof *features);
        if (probabilities)
            softmax(tape_output(classifier->head_tape), n, classes,
                    probabilities + (size_t)first * (size_t)classes);
    }
}

int classifier_verdict(const float *probabilities, int classes)
{
    int best = 0;
    for (int c = 1; c < classes; c++)
        if (probabilities[c] > probabilities[best])
            best = c;
    return best;
}

static bool is_sorted(const struct dataset *set)
{
    for (int i = 1; i < set->count; i++)
        if (set->labels[i] < set->labels[i - 1])
            return false;
    return true;
}

uint32_t *classifier_held_out(const struct dataset *set, int *count)
{
    uint32_t *indices = xcalloc((size_t)set->count / HOLD_OUT + 1, sizeof *indices);
    bool sorted = set->labels && is_sorted(set);
    *count = set->count / HOLD_OUT;
    for (int i = 0; i < *count; i++)
        indices[i] = (uint32_t)(sorted ? i * HOLD_OUT + HOLD_OUT - 1 : set->count - *count + i);
    return indices;
}

/* --- the file --- */

#define KEY_DATA "gander.data"
#define KEY_SEED "gander.seed"
#define KEY_ACCURACY "gander.accuracy"

static const struct integer_fact {
    const char *key;
    size_t offset; /* of an int in the facts */
    int least, most;
} integer_facts[] = {
    { "gander.classifier", offsetof(struct classifier_facts, version), CLASSIFIER_VERSION,
      CLASSIFIER_VERSION },
    { "gander.height", offsetof(struct classifier_facts, height), 1, DATASET_SIDE_LIMIT },
    { "gander.width", offsetof(struct classifier_facts, width), 1, DATASET_SIDE_LIMIT },
    { "gander.classes", offsetof(struct classifier_facts, classes), 2, DATASET_CLASS_LIMIT },
    { "gander.images", offsetof(struct classifier_facts, images), 1, INT_MAX },
};

enum { TENSOR_COUNT = 2 };

static struct tensor block(const char *name, const struct network *net)
{
    return (struct tensor){ .name = name,
                            .type = TENSOR_F32,
                            .dimensions = 1,
                            .shape = { (int64_t)net->parameter_count },
                            .data = net->parameters };
}

int classifier_save(const struct classifier *classifier, const char *path)
{
    enum { INTEGERS = ARRAY_SIZE(integer_facts) };
    const struct classifier_facts *facts = &classifier->facts;
    struct tensor tensors[TENSOR_COUNT] = { block("body", classifier->body),
                                            block("head", classifier->head) };
    struct tensor_metadata metadata[INTEGERS + 3];
    struct arena arena = { 0 };
    for (int i = 0; i < INTEGERS; i++) {
        int value;
        memcpy(&value, (const char *)facts + integer_facts[i].offset, sizeof value);
        metadata[i] =
            (struct tensor_metadata){ integer_facts[i].key, arena_printf(&arena, "%d", value) };
    }
    metadata[INTEGERS] = (struct tensor_metadata){ KEY_DATA, facts->data };
    metadata[INTEGERS + 1] =
        (struct tensor_metadata){ KEY_SEED,
                                  arena_printf(&arena, "%" PRId64, (int64_t)facts->seed) };
    metadata[INTEGERS + 2] =
        (struct tensor_metadata){ KEY_ACCURACY, arena_printf(&arena, "%.17g", facts->accuracy) };
    int code = tensors_write(path, tensors, TENSOR_COUNT, metadata, ARRAY_SIZE(metadata));
    arena_release(&arena);
    return code;
}

static bool read_integer(const struct tensor_file *file, const char *key, int64_t *out)
{
    const char *text = tensors_metadata(file, key);
    return text && parse_integer(text, out) == 0;
}

static bool read_facts(struct classifier_facts *facts, const struct tensor_file *file)
{
    const char *data = tensors_metadata(file, KEY_DATA),
               *accuracy = tensors_metadata(file, KEY_ACCURACY);
    int64_t number;
    *facts = (struct classifier_facts){ 0 };
    for (int i = 0; i < ARRAY_SIZE(integer_facts); i++) {
        const struct integer_fact *fact = &integer_facts[i];
        if (!read_integer(file, fact->key, &number) || number < fact->least || number > fact->most)
            return false;
        int value = (int)number;
        memcpy((char *)facts + fact->offset, &value, sizeof value);
    }
    if (!data || strlen(data) >= sizeof facts->data || !read_integer(file, KEY_SEED, &number) ||
        !accuracy || parse_real(accuracy, &facts->accuracy) < 0)
        return false;
    memcpy(facts->data, data, strlen(data) + 1);
    facts->seed = (uint64_t)number;
    return facts->accuracy >= 0 && facts->accuracy <= 1;
}

/* Weights so small that no feature of any image comes near what a float can hold; those that are
 * learned are far below. False for what is not finite. */
static bool is_sane(const float *values, size_t count)
{
    const float limit = 100;
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(values[i]) <= limit))
            return false;
    return true;
}

static bool copy_block(const struct tensor_file *file, const char *name, struct network *net)
{
    const struct tensor *tensor = tensors_find(file, name);
    if (!tensor || tensor->type != TENSOR_F32 || tensor->dimensions != 1 ||
        tensor->shape[0] != (int64_t)net->parameter_count)
        return false;
    memcpy(net->parameters, tensor->data, net->parameter_count * sizeof(float));
    return is_sane(net->parameters, net->parameter_count);
}

int classifier_open(struct classifier **out, const char *path, struct pool *pool)
{
    struct tensor_file *file;
    struct classifier_facts facts;
    struct classifier *classifier = NULL;
    int code = tensors_open(&file, path);
    if (code < 0)
        return code;
    if (!read_facts(&facts, file))
        code = fail(ERR_INVALID, "'%s' is no classifier of this version of gander", path);
    if (code == 0)
        code = classifier_build(&classifier, &facts, pool);
    if (code == 0 && (!copy_block(file, "body", classifier->body) ||
                      !copy_block(file, "head", classifier->head)))
        code = fail(ERR_INVALID, "'%s' does not hold the weights of a classifier", path);
    tensors_close(file);
    if (code < 0)
        classifier_free(classifier);
    else
        *out = classifier;
    return code;
}
