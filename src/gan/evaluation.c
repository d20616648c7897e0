#include "gan/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { REFERENCE_LIMIT = 10000, SPREAD_LIMIT = 100 };

struct evaluator {
    struct classifier *classifier;
    struct pool *pool;
    const struct dataset *trained;
    int area, classes, nearest;
    struct moments moments; /* of all reference images */
    struct reading real;    /* as many as samples are measured */
    double *spread;         /* (classes) of those */
    double near;            /* a training image within this distance was copied */
    double memorised;       /* share of unseen real images with one so near */
    double values[MEASURE_COUNT];
};

struct pile { /* chosen images of a set, copied */
    int count;
    uint8_t *pixels;
};

/* `wanted` of all (or of those that `indices` lists), evenly spread, since the order of a set may
 * mean something. */
static struct pile pick(const struct dataset *set, const uint32_t *indices, int all, int wanted)
{
    size_t area = (size_t)set->height * (size_t)set->width;
    struct pile pile = { .count = MIN(all, wanted) };
    pile.pixels = xcalloc((size_t)pile.count + 1, area);
    for (int i = 0; i < pile.count; i++) {
        size_t at = (size_t)((int64_t)i * all / pile.count);
        memcpy(pile.pixels + (size_t)i * area, set->pixels + (indices ? indices[at] : at) * area,
               area);
    }
    return pile;
}

static struct pile pick_held_out(const struct dataset *set, int wanted)
{
    int count;
    uint32_t *held = classifier_held_out(set, &count);
    struct pile pile = pick(set, held, count, wanted);
    free(held);
    return pile;
}

static struct reading read_images(struct classifier *classifier, const uint8_t *images, int count)
{
    int classes = classifier_facts(classifier).classes;
    struct reading reading = { .count = count, .classes = classes };
    reading.features = xcalloc((size_t)count, CLASSIFIER_FEATURES * sizeof *reading.features);
    reading.probabilities = xcalloc((size_t)count, (size_t)classes * sizeof *reading.probabilities);
    reading.verdicts = xcalloc((size_t)count, sizeof *reading.verdicts);
    classifier_read(classifier, images, count, reading.features, reading.probabilities);
    for (int i = 0; i < count; i++)
        reading.verdicts[i] =
            classifier_verdict(reading.probabilities + (size_t)i * (size_t)classes, classes);
    return reading;
}

static void release_reading(struct reading *reading)
{
    free(reading->features);
    free(reading->probabilities);
    free(reading->verdicts);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double share_below(const double *values, int count, double bound)
{
    int below = 0;
    for (int i = 0; i < count; i++)
        below += values[i] < bound;
    return count > 0 ? (double)below / count : NAN;
}

static void find_nearness(struct evaluator *evaluator, const struct dataset *test)
{
    struct pile unseen = pick(test, NULL, test->count, evaluator->nearest);
    double *distances = xcalloc((size_t)unseen.count, sizeof *distances);
    measure_nearest(unseen.pixels, unseen.count, evaluator->trained->pixels,
                    evaluator->trained->count, evaluator->area, evaluator->pool, distances);
    qsort(distances, (size_t)unseen.count, sizeof *distances, compare_numbers);
    evaluator->near = distances[unseen.count / 2] / 2;
    evaluator->memorised = share_below(distances, unseen.count, evaluator->near);
    free(distances);
    free(unseen.pixels);
}

static double find_memorised(const struct evaluator *evaluator, const uint8_t *images, int count)
{
    int n = MIN(count, evaluator->nearest);
    double *distances = xcalloc((size_t)n, sizeof *distances);
    measure_nearest(images, n, evaluator->trained->pixels, evaluator->trained->count,
                    evaluator->area, evaluator->pool, distances);
    double share = share_below(distances, n, evaluator->near);
    free(distances);
    return share;
}

/* Over the classes that both have. */
static double find_variety(const struct evaluator *evaluator, const struct reading *samples)
{
    double *spread = xcalloc((size_t)evaluator->classes, sizeof *spread), sum = 0;
    int classes = 0;
    measure_spread(samples, SPREAD_LIMIT, spread);
    for (int c = 0; c < evaluator->classes; c++)
        if (!isnan(spread[c]) && evaluator->spread[c] > 0) {
            sum += spread[c] / evaluator->spread[c];
            classes++;
        }
    free(spread);
    return classes > 0 ? sum / classes : NAN;
}

static double find_agreement(const struct reading *samples, const int *asked)
{
    int agreed = 0;
    for (int i = 0; i < samples->count; i++)
        agreed += samples->verdicts[i] == asked[i];
    return (double)agreed / samples->count;
}

/* All but memorised and agreement. */
static int measure(struct evaluator *evaluator, const struct reading *samples, int64_t *histogram,
                   double *values)
{
    struct moments moments;
    struct class_measures classes = measure_classes(samples, histogram);
    struct neighbour_measures near = measure_neighbours(&evaluator->real, samples, evaluator->pool);
    moments_of(&moments, samples->features, samples->count);
    int code = measure_frechet(&moments, &evaluator->moments, &values[MEASURE_FRECHET]);
    moments_release(&moments);
    values[MEASURE_SCORE] = classes.score;
    values[MEASURE_CLASSES] = classes.classes;
    values[MEASURE_ENTROPY] = classes.entropy;
    values[MEASURE_CONFIDENCE] = classes.confidence;
    values[MEASURE_PRECISION] = near.precision;
    values[MEASURE_RECALL] = near.recall;
    values[MEASURE_DENSITY] = near.density;
    values[MEASURE_COVERAGE] = near.coverage;
    values[MEASURE_VARIETY] = find_variety(evaluator, samples);
    return code;
}

static void read_reference(struct evaluator *evaluator, const struct pile *reference, int samples)
{
    struct reading all = read_images(evaluator->classifier, reference->pixels, reference->count);
    moments_of(&evaluator->moments, all.features, all.count);
    release_reading(&all);
    int count = MIN(samples, reference->count);
    uint8_t *chosen = xcalloc((size_t)count, (size_t)evaluator->area);
    for (int i = 0; i < count; i++)
        memcpy(chosen + (size_t)i * (size_t)evaluator->area,
               reference->pixels +
                   (size_t)((int64_t)i * reference->count / count) * (size_t)evaluator->area,
               (size_t)evaluator->area);
    evaluator->real = read_images(evaluator->classifier, chosen, count);
    free(chosen);
    measure_spread(&evaluator->real, SPREAD_LIMIT, evaluator->spread);
}

static int read_stand_in(struct evaluator *evaluator, const struct pile *pile)
{
    int64_t histogram[DATASET_CLASS_LIMIT];
    struct reading reading = read_images(evaluator->classifier, pile->pixels, pile->count);
    int code = measure(evaluator, &reading, histogram, evaluator->values);
    evaluator->values[MEASURE_MEMORISED] = evaluator->memorised;
    evaluator->values[MEASURE_AGREEMENT] = classifier_facts(evaluator->classifier).accuracy;
    release_reading(&reading);
    return code;
}

static int check_sizes(const struct evaluation_sets *sets)
{
    const struct dataset *three[] = { sets->learned, sets->test, sets->trained };
    struct classifier_facts facts = classifier_facts(sets->classifier);
    for (int i = 0; i < ARRAY_SIZE(three); i++)
        if (three[i]->height != facts.height || three[i]->width != facts.width)
            return fail(ERR_INVALID, "'%s' has images of %dx%d, and the classifier reads %dx%d",
                        three[i]->source, three[i]->height, three[i]->width, facts.height,
                        facts.width);
    return sets->learned->count < 6 || sets->test->count < 2
               ? fail(ERR_INVALID, "'%s' has too few images to measure samples beside",
                      sets->learned->source)
               : 0;
}

int evaluator_new(struct evaluator **out, const struct evaluation_sets *sets,
                  enum evaluation_reference reference, int samples, int nearest, struct pool *pool)
{
    int code = check_sizes(sets);
    if (code < 0)
        return code;
    struct classifier_facts facts = classifier_facts(sets->classifier);
    struct evaluator *evaluator = xcalloc(1, sizeof *evaluator);
    *evaluator = (struct evaluator){ .classifier = sets->classifier,
                                     .pool = pool,
                                     .trained = sets->trained,
                                     .area = facts.height * facts.width,
                                     .classes = facts.classes,
                                     .nearest = nearest };
    evaluator->spread = xcalloc((size_t)facts.classes, sizeof *evaluator->spread);
    bool by_test = reference == REFERENCE_TEST;
    struct pile held = pick_held_out(sets->learned, by_test ? samples : REFERENCE_LIMIT),
                test =
                    pick(sets->test, NULL, sets->test->count, by_test ? REFERENCE_LIMIT : samples);
    find_nearness(evaluator, sets->test);
    read_reference(evaluator, by_test ? &test : &held, samples);
    code = read_stand_in(evaluator, by_test ? &held : &test);
    free(held.pixels);
    free(test.pixels);
    if (code < 0)
        evaluator_free(evaluator);
    else
        *out = evaluator;
    return code;
}

void evaluator_free(struct evaluator *evaluator)
{
    if (!evaluator)
        return;
    release_reading(&evaluator->real);
    moments_release(&evaluator->moments);
    free(evaluator->spread);
    free(evaluator);
}

int evaluator_measure(struct evaluator *evaluator, const uint8_t *images, int count,
                      const int *asked, struct evaluation *out)
{
    struct reading samples = read_images(evaluator->classifier, images, count);
    out->samples = count;
    out->classes = evaluator->classes;
    memcpy(out->real, evaluator->values, sizeof out->real);
    int code = measure(evaluator, &samples, out->histogram, out->values);
    out->values[MEASURE_MEMORISED] = find_memorised(evaluator, images, count);
    out->values[MEASURE_AGREEMENT] = asked ? find_agreement(&samples, asked) : NAN;
    release_reading(&samples);
    return code;
}
