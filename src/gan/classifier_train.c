#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "classifier_state.h"
#include "nn/optimiser.h"
#include "nn/softmax.h"
#include "order.h"
#include "streams.h"

/* The schedule. Images are shifted by up to SHIFT pixels, another way each time: that is worth half
 * a percent of accuracy, and keeps features from depending on where exactly a digit stands. */
enum { EPOCHS = 8, UPDATES_LEAST = 400, UPDATES_MOST = 6000, SHIFT = 2 };
static const double RATE = 2e-3;

/* Images that batches are made of; of two kinds, each gives half of every batch. */
struct material {
    const struct dataset *set;
    const uint32_t *images; /* (count) indices of the set; NULL: all */
    int count;
    struct order order;
};
enum { MATERIALS = 2 };

struct lesson {
    struct classifier *classifier;
    struct material materials[MATERIALS];
    int material_count;
    int shift;   /* pixels, at most */
    double turn; /* radians, at most */
    struct random moves;
    struct optimiser body, head;
    int labels[CLASSIFIER_BATCH];
};

/* One image, moved down by dy and right by dx; what comes in from outside is background. */
static void put_shifted(const struct dataset *set, uint32_t index, int dy, int dx, float *out)
{
    const uint8_t *image = set->pixels + (size_t)index * (size_t)set->height * (size_t)set->width;
    for (int y = 0; y < set->height; y++)
        for (int x = 0; x < set->width; x++) {
            int from_y = y - dy, from_x = x - dx;
            bool inside = from_y >= 0 && from_y < set->height && from_x >= 0 && from_x < set->width;
            *out++ = inside ? (float)image[from_y * set->width + from_x] / 127.5F - 1 : -1;
        }
}

static double pixel(const uint8_t *image, int height, int width, int y, int x)
{
    return y >= 0 && y < height && x >= 0 && x < width ? image[y * width + x] : 0;
}

/* The same, and turned around its middle by `angle`: on the straight lines between pixels. */
static void put_turned(const struct dataset *set, uint32_t index, int dy, int dx, double angle,
                       float *out)
{
    int height = set->height, width = set->width;
    const uint8_t *image = set->pixels + (size_t)index * (size_t)height * (size_t)width;
    double c = cos(angle), s = sin(angle), my = (height - 1) / 2.0, mx = (width - 1) / 2.0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double from_y = my + c * (y - dy - my) - s * (x - dx - mx);
            double from_x = mx + s * (y - dy - my) + c * (x - dx - mx);
            int top = (int)floor(from_y), left = (int)floor(from_x);
            double down = from_y - top, across = from_x - left;
            double above = (1 - across) * pixel(image, height, width, top, left) +
                           across * pixel(image, height, width, top, left + 1);
            double below = (1 - across) * pixel(image, height, width, top + 1, left) +
                           across * pixel(image, height, width, top + 1, left + 1);
            *out++ = (float)(((1 - down) * above + down * below) / 127.5 - 1);
        }
}

static void put_moved(struct lesson *lesson, const struct dataset *set, uint32_t index, float *out)
{
    uint32_t shifts = 2 * (uint32_t)lesson->shift + 1;
    int dy = (int)random_below(&lesson->moves, shifts) - lesson->shift;
    int dx = (int)random_below(&lesson->moves, shifts) - lesson->shift;
    if (lesson->turn > 0)
        put_turned(set, index, dy, dx, lesson->turn * (2 * random_uniform(&lesson->moves) - 1),
                   out);
    else
        put_shifted(set, index, dy, dx, out);
}

static void fill_batch(struct lesson *lesson)
{
    uint32_t picks[CLASSIFIER_BATCH];
    int share = CLASSIFIER_BATCH / lesson->material_count, *label = lesson->labels;
    float *out = tape_input(lesson->classifier->body_tape);
    for (int m = 0; m < lesson->material_count; m++) {
        struct material *material = &lesson->materials[m];
        const struct dataset *set = material->set;
        order_take(&material->order, picks, share);
        for (int i = 0; i < share; i++) {
            uint32_t index = material->images ? material->images[picks[i]] : picks[i];
            put_moved(lesson, set, index, out);
            out += set->height * set->width;
            *label++ = set->labels[index];
        }
    }
}

static double learn(struct lesson *lesson, double rate)
{
    struct classifier *classifier = lesson->classifier;
    struct network *body = classifier->body, *head = classifier->head;
    struct tape *body_tape = classifier->body_tape, *head_tape = classifier->head_tape;
    struct pass pass = { .images = CLASSIFIER_BATCH, .mode = PASS_TRAIN };
    struct update update = { .rate = (float)rate, .scale = 1 };
    size_t bytes = (size_t)CLASSIFIER_BATCH * CLASSIFIER_FEATURES * sizeof(float);

    fill_batch(lesson);
    network_forward(body, body_tape, &pass);
    memcpy(tape_input(head_tape), tape_output(body_tape), bytes);
    network_forward(head, head_tape, &pass);
    double loss = softmax_cross_entropy(tape_output(head_tape), lesson->labels, CLASSIFIER_BATCH,
                                        classifier->facts.classes, tape_output_gradient(head_tape));
    network_backward(head, head_tape, GRADIENT_INPUT | GRADIENT_SET);
    memcpy(tape_output_gradient(body_tape), tape_input_gradient(head_tape), bytes);
    network_backward(body, body_tape, GRADIENT_SET);
    optimiser_step(&lesson->body, body->pool, body->parameters, body->gradients, &update);
    optimiser_step(&lesson->head, head->pool, head->parameters, head->gradients, &update);
    return loss;
}

static void begin(struct lesson *lesson)
{
    struct classifier *classifier = lesson->classifier;
    struct random random;
    uint64_t seed = classifier->facts.seed;
    random_seed(&random, seed, STREAM_CLASSIFIER_WEIGHTS);
    network_init(classifier->body, &random);
    network_init(classifier->head, &random);
    for (int m = 0; m < lesson->material_count; m++)
        order_init(&lesson->materials[m].order, lesson->materials[m].count, seed);
    random_seed(&lesson->moves, seed, STREAM_SHIFTS);
    optimiser_init(&lesson->body, OPTIMISER_KIND_ADAM, classifier->body->parameter_count, 0.9F,
                   0.999F);
    optimiser_init(&lesson->head, OPTIMISER_KIND_ADAM, classifier->head->parameter_count, 0.9F,
                   0.999F);
    lesson->body.network = classifier->body;
    lesson->head.network = classifier->head;
}

static void end(struct lesson *lesson)
{
    optimiser_release(&lesson->head);
    optimiser_release(&lesson->body);
    for (int m = 0; m < lesson->material_count; m++)
        order_release(&lesson->materials[m].order);
}

static int updates_for(int count)
{
    int64_t updates = (int64_t)count * EPOCHS / CLASSIFIER_BATCH;
    return (int)MAX(UPDATES_LEAST, MIN(UPDATES_MOST, updates));
}

/* A half cosine takes the rate to 0. */
static int teach(struct lesson *lesson, int updates, classifier_watch *watch, void *context)
{
    struct classifier_progress progress = { .updates = updates };
    int code = 0;
    begin(lesson);
    for (int i = 0; i < updates && code == 0; i++) {
        progress.loss = learn(lesson, RATE * 0.5 * (1 + cos(M_PI * i / updates)));
        progress.done = i + 1;
        if (watch && !watch(context, &progress))
            code = fail(ERR_CANCELLED, "the training of a classifier was broken off");
    }
    end(lesson);
    return code;
}

/* All images that are not in `held`, which ascends. */
static uint32_t *others(const struct dataset *set, const uint32_t *held, int held_count)
{
    uint32_t *list = xcalloc((size_t)set->count, sizeof *list);
    int taken = 0, skipped = 0;
    for (uint32_t i = 0; i < (uint32_t)set->count; i++)
        if (held && skipped < held_count && held[skipped] == i)
            skipped++;
        else
            list[taken++] = i;
    return list;
}

/* Share of the images that it gives their label. */
static double accuracy_on(struct classifier *classifier, const struct dataset *set,
                          const uint32_t *images, int count)
{
    size_t area = (size_t)set->height * (size_t)set->width;
    int classes = classifier->facts.classes, right = 0;
    uint8_t *pixels = xcalloc(CLASSIFIER_BATCH, area);
    float *probabilities = xcalloc(CLASSIFIER_BATCH, (size_t)classes * sizeof *probabilities);
    for (int first = 0; first < count; first += CLASSIFIER_BATCH) {
        int n = MIN(CLASSIFIER_BATCH, count - first);
        for (int i = 0; i < n; i++)
            memcpy(pixels + (size_t)i * area, set->pixels + images[first + i] * area, area);
        classifier_read(classifier, pixels, n, NULL, probabilities);
        for (int i = 0; i < n; i++)
            right += classifier_verdict(probabilities + (size_t)i * (size_t)classes, classes) ==
                     set->labels[images[first + i]];
    }
    free(probabilities);
    free(pixels);
    return (double)right / count;
}

double classifier_accuracy(struct classifier *classifier, const struct dataset *set)
{
    if (!set->labels || set->count < 1)
        return NAN;
    uint32_t *images = others(set, NULL, 0);
    double accuracy = accuracy_on(classifier, set, images, set->count);
    free(images);
    return accuracy;
}

static int check_labels(const struct dataset *set)
{
    return set->labels && set->classes >= 2
               ? 0
               : fail(ERR_INVALID,
                      "'%s' has no labels of two classes or more, which a classifier learns from",
                      set->source);
}

int classifier_check(const struct dataset *set)
{
    int code = check_labels(set);
    return code == 0 && set->count < HOLD_OUT
               ? fail(ERR_INVALID, "'%s' has %d images: a classifier needs %d or more", set->source,
                      set->count, HOLD_OUT)
               : code;
}

static int make(struct classifier **out, const struct dataset *set, uint64_t seed, int images,
                struct pool *pool)
{
    struct classifier_facts facts = { .version = CLASSIFIER_VERSION,
                                      .height = set->height,
                                      .width = set->width,
                                      .classes = set->classes,
                                      .seed = seed,
                                      .images = images };
    memcpy(facts.data, set->hash, sizeof facts.data);
    return classifier_build(out, &facts, pool);
}

int classifier_train(struct classifier **out, const struct dataset *set, uint64_t seed,
                     struct pool *pool, classifier_watch *watch, void *context)
{
    int held_count;
    struct classifier *classifier = NULL;
    uint32_t *held = classifier_held_out(set, &held_count);
    uint32_t *images = others(set, held, held_count);
    int count = set->count - held_count;
    int code = classifier_check(set);
    if (code == 0)
        code = make(&classifier, set, seed, count, pool);
    if (code == 0)
        code = teach(
            &(struct lesson){ .classifier = classifier,
                              .materials = { { .set = set, .images = images, .count = count } },
                              .material_count = 1,
                              .shift = SHIFT },
            updates_for(count), watch, context);
    if (code == 0) {
        classifier->facts.accuracy = accuracy_on(classifier, set, held, held_count);
        *out = classifier;
    } else {
        classifier_free(classifier);
    }
    free(images);
    free(held);
    return code;
}

int classifier_train_on(struct classifier **out, const struct classifier_lesson *lesson,
                        uint64_t seed, struct pool *pool, classifier_watch *watch, void *context)
{
    struct lesson lessons = { .shift = lesson->shift, .turn = lesson->turn_degrees * M_PI / 180 };
    int code = 0, images = 0;
    lessons.material_count = lesson->sets[1] ? MATERIALS : 1;
    for (int i = 0; i < lessons.material_count && code == 0; i++) {
        const struct dataset *set = lesson->sets[i];
        code = check_labels(set);
        lessons.materials[i] = (struct material){ .set = set, .count = set->count };
        images += set->count;
    }
    if (code == 0)
        code = make(&lessons.classifier, lesson->sets[0], seed, images, pool);
    if (code == 0)
        code = teach(&lessons, lesson->updates, watch, context);
    if (code < 0)
        classifier_free(lessons.classifier);
    else
        *out = lessons.classifier;
    return code;
}
