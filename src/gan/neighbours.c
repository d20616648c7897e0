/* Measures by nearest neighbours: whole matrices of distances, a few rows at a time on each thread.
 * Squared distances are |a|^2 + |b|^2 - 2 a.b, of features or pixels from which the mean of one side
 * was taken, so that little is lost to cancellation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "gan/classifier.h"
#include "gan/measures.h"
#include "nn/blas.h"
#include "nn/kernels.h"

enum { F = CLASSIFIER_FEATURES, K = MEASURE_NEIGHBOURS, ROWS = 64 };

struct points {
    int count;
    float *values; /* (count, F) */
    float *norms;  /* (count) squared */
};

static struct points centre(const struct reading *reading, const float *origin)
{
    struct points points = { .count = reading->count };
    size_t count = (size_t)reading->count;
    points.values = xcalloc(count, F * sizeof *points.values);
    points.norms = xcalloc(count, sizeof *points.norms);
    for (size_t i = 0; i < count; i++) {
        float *at = points.values + i * F;
        for (int f = 0; f < F; f++)
            at[f] = reading->features[i * F + (size_t)f] - origin[f];
        points.norms[i] = dot(at, at, F);
    }
    return points;
}

static void release(struct points *points)
{
    free(points->values);
    free(points->norms);
}

static void mean_of(const struct reading *reading, float *mean)
{
    double sums[F] = { 0 };
    for (int i = 0; i < reading->count; i++)
        for (int f = 0; f < F; f++)
            sums[f] += (double)reading->features[(size_t)i * F + (size_t)f];
    for (int f = 0; f < F; f++)
        mean[f] = (float)(sums[f] / reading->count);
}

VECTOR_CLONES
static void finish_row(float *row, float norm, const float *norms, int count)
{
    for (int j = 0; j < count; j++) {
        float square = norm + norms[j] - 2 * row[j];
        row[j] = square > 0 ? square : 0;
    }
}

/* Squared distances of rows [first, first + n) of a to all of b. */
static void square_distances(const struct points *a, int first, int n, const struct points *b,
                             float *out)
{
    blas_sgemm(false, true, n, b->count, F, 1, a->values + (size_t)first * F, F, b->values, F, 0,
               out, b->count);
    for (int i = 0; i < n; i++)
        finish_row(out + (size_t)i * (size_t)b->count, a->norms[first + i], b->norms, b->count);
}

/* The k-th smallest of a row that holds the point itself, too, at distance 0. */
static float kth_smallest(const float *row, int count)
{
    float least[K + 1];
    for (int i = 0; i <= K; i++)
        least[i] = INFINITY;
    for (int j = 0; j < count; j++) {
        if (row[j] >= least[K])
            continue;
        int at = K;
        for (; at > 0 && least[at - 1] > row[j]; at--)
            least[at] = least[at - 1];
        least[at] = row[j];
    }
    return least[K];
}

struct hunt {
    const struct points *real, *samples;
    float *real_radii, *sample_radii; /* squared */
    int *balls;        /* (threads, samples) balls of real images that hold the sample */
    uint8_t *recalled; /* (real) */
    uint8_t *covered;  /* (real) */
};

static void find_radii(const struct team *team, const struct points *points, float *radii,
                       float *room)
{
    struct range mine = team_range(team, points->count, ROWS);
    for (int first = mine.begin; first < mine.end; first += ROWS) {
        int n = MIN(ROWS, mine.end - first);
        square_distances(points, first, n, points, room);
        for (int i = 0; i < n; i++)
            radii[first + i] =
                kth_smallest(room + (size_t)i * (size_t)points->count, points->count);
    }
}

static void judge_row(const struct hunt *hunt, int i, const float *row, int *balls)
{
    float radius = hunt->real_radii[i];
    for (int j = 0; j < hunt->samples->count; j++) {
        bool inside = row[j] < radius;
        balls[j] += inside;
        hunt->covered[i] |= inside;
        hunt->recalled[i] |= row[j] < hunt->sample_radii[j];
    }
}

static void hunt_on(const struct team *team, void *context)
{
    const struct hunt *hunt = context;
    const struct points *real = hunt->real, *samples = hunt->samples;
    size_t columns = (size_t)MAX(real->count, samples->count);
    float *room = xcalloc(ROWS * columns, sizeof *room);
    int *balls = hunt->balls + (size_t)team->thread * (size_t)samples->count;
    find_radii(team, real, hunt->real_radii, room);
    find_radii(team, samples, hunt->sample_radii, room);
    team_barrier(team);
    struct range mine = team_range(team, real->count, ROWS);
    for (int first = mine.begin; first < mine.end; first += ROWS) {
        int n = MIN(ROWS, mine.end - first);
        square_distances(real, first, n, samples, room);
        for (int i = 0; i < n; i++)
            judge_row(hunt, first + i, room + (size_t)i * (size_t)samples->count, balls);
    }
    free(room);
}

static struct neighbour_measures sum_up(const struct hunt *hunt, int threads)
{
    int real = hunt->real->count, samples = hunt->samples->count;
    struct neighbour_measures sums = { 0 };
    for (int j = 0; j < samples; j++) {
        int balls = 0;
        for (int t = 0; t < threads; t++)
            balls += hunt->balls[(size_t)t * (size_t)samples + (size_t)j];
        sums.precision += balls > 0;
        sums.density += balls;
    }
    for (int i = 0; i < real; i++) {
        sums.recall += hunt->recalled[i];
        sums.coverage += hunt->covered[i];
    }
    return (struct neighbour_measures){ .precision = sums.precision / samples,
                                        .recall = sums.recall / real,
                                        .density = sums.density / samples / K,
                                        .coverage = sums.coverage / real };
}

struct neighbour_measures measure_neighbours(const struct reading *real,
                                             const struct reading *samples, struct pool *pool)
{
    float origin[F];
    int threads = pool_threads(pool);
    if (real->count <= K || samples->count <= K)
        return (struct neighbour_measures){ NAN, NAN, NAN, NAN };
    mean_of(real, origin);
    struct points reals = centre(real, origin), fakes = centre(samples, origin);
    size_t real_count = (size_t)real->count, sample_count = (size_t)samples->count;
    struct hunt hunt = { .real = &reals,
                         .samples = &fakes,
                         .real_radii = xcalloc(real_count, sizeof(float)),
                         .sample_radii = xcalloc(sample_count, sizeof(float)),
                         .balls = xcalloc((size_t)threads * sample_count, sizeof(int)),
                         .recalled = xcalloc(real_count, 1),
                         .covered = xcalloc(real_count, 1) };
    pool_run(pool, hunt_on, &hunt);
    struct neighbour_measures found = sum_up(&hunt, threads);
    free(hunt.covered);
    free(hunt.recalled);
    free(hunt.balls);
    free(hunt.sample_radii);
    free(hunt.real_radii);
    release(&fakes);
    release(&reals);
    return found;
}

/* --- nearest images --- */

struct search {
    const float *images; /* (count, area) */
    const float *norms;  /* (count) */
    const uint8_t *set;
    int count, set_count, area;
    float *nearest; /* (threads, count) squared distances */
};

VECTOR_CLONES
static void to_shares(const uint8_t *bytes, float *shares, size_t count)
{
    for (size_t i = 0; i < count; i++)
        shares[i] = (float)bytes[i] / 255;
}

VECTOR_CLONES
static void take_nearer(float *nearest, const float *products, const float *norms, float norm,
                        int count)
{
    for (int i = 0; i < count; i++) {
        float square = norm + norms[i] - 2 * products[i];
        nearest[i] = square < nearest[i] ? square : nearest[i];
    }
}

static void search_on(const struct team *team, void *context)
{
    const struct search *search = context;
    size_t area = (size_t)search->area, count = (size_t)search->count;
    float *rows = xcalloc(ROWS * area, sizeof *rows),
          *products = xcalloc(ROWS * count, sizeof *rows);
    float *nearest = search->nearest + (size_t)team->thread * count;
    struct range mine = team_range(team, search->set_count, ROWS);
    for (size_t i = 0; i < count; i++)
        nearest[i] = INFINITY;
    for (int first = mine.begin; first < mine.end; first += ROWS) {
        int n = MIN(ROWS, mine.end - first);
        to_shares(search->set + (size_t)first * area, rows, (size_t)n * area);
        blas_sgemm(false, true, n, search->count, search->area, 1, rows, search->area,
                   search->images, search->area, 0, products, search->count);
        for (int i = 0; i < n; i++) {
            const float *row = rows + (size_t)i * area;
            take_nearer(nearest, products + (size_t)i * count, search->norms, dot(row, row, area),
                        search->count);
        }
    }
    free(products);
    free(rows);
}

void measure_nearest(const uint8_t *images, int count, const uint8_t *set, int set_count, int area,
                     struct pool *pool, double *distances)
{
    int threads = pool_threads(pool);
    size_t values = (size_t)count * (size_t)area;
    float *shares = xcalloc(values, sizeof *shares), *norms = xcalloc((size_t)count, sizeof *norms);
    to_shares(images, shares, values);
    for (int i = 0; i < count; i++)
        norms[i] =
            dot(shares + (size_t)i * (size_t)area, shares + (size_t)i * (size_t)area, (size_t)area);
    struct search search = { .images = shares,
                             .norms = norms,
                             .set = set,
                             .count = count,
                             .set_count = set_count,
                             .area = area,
                             .nearest = xcalloc((size_t)threads * (size_t)count, sizeof(float)) };
    pool_run(pool, search_on, &search);
    for (int i = 0; i < count; i++) {
        float square = INFINITY;
        for (int t = 0; t < threads; t++)
            square = fminf(square, search.nearest[(size_t)t * (size_t)count + (size_t)i]);
        distances[i] = sqrt(fmax(0, (double)square));
    }
    free(search.nearest);
    free(norms);
    free(shares);
}
