#include "gan/latent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "streams.h"

enum { SHELL_DIMENSIONS = 3 }; /* in fewer there is none */

static double dot(const float *a, const float *b, int length)
{
    double sum = 0;
    for (int i = 0; i < length; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double norm(const float *a, int length)
{
    return sqrt(dot(a, a, length));
}

/* out = p a + q b */
static void combine(float *out, double p, const float *a, double q, const float *b, int length)
{
    for (int i = 0; i < length; i++)
        out[i] = (float)(p * (double)a[i] + q * (double)b[i]);
}

void latent_of_seed(float *latent, int length, uint64_t seed, int index)
{
    struct random random;
    random_seed(&random, seed, STREAM_SAMPLES);
    for (int i = 0; i <= index; i++)
        random_fill_normal(&random, latent, (size_t)length);
}

/* a / |a|, or 0 where nothing but rounding is left of it. */
static void normalise(float *a, int length)
{
    enum { LEAST = 1000000 };
    double size = norm(a, length);
    combine(a, size * LEAST > 1 ? 1 / size : 0, a, 0, a, length);
}

void latent_directions(float *u, float *v, int length, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed, STREAM_DIRECTIONS);
    random_fill_normal(&random, u, (size_t)length);
    random_fill_normal(&random, v, (size_t)length);
    normalise(u, length);
    combine(v, 1, v, -dot(u, v, length), u, length);
    normalise(v, length);
}

/* Of the directions, or of the points themselves where one has none or they span no plane. */
void latent_between(float *out, const float *a, const float *b, int length, double t)
{
    if (t <= 0 || t >= 1) {
        memmove(out, t <= 0 ? a : b, (size_t)length * sizeof *out);
        return;
    }
    double size_a = norm(a, length), size_b = norm(b, length), sizes = size_a * size_b;
    double cosine = sizes > 0 ? dot(a, b, length) / sizes : 1;
    double angle = acos(fmax(-1, fmin(1, cosine))), sine = sin(angle);
    if (sine < 1e-6) {
        combine(out, 1 - t, a, t, b, length);
        return;
    }
    double radius = (1 - t) * size_a + t * size_b;
    combine(out, radius * sin((1 - t) * angle) / sine / size_a, a,
            radius * sin(t * angle) / sine / size_b, b, length);
}

void latent_move(float *latent, const float *u, const float *v, int length, double dx, double dy)
{
    double radius = norm(latent, length);
    if (dx == 0 && dy == 0)
        return;
    float *step = xcalloc((size_t)length, sizeof *step);
    combine(step, dx, u, dy, v, length);
    if (length < SHELL_DIMENSIONS || !(radius > 0)) {
        combine(latent, 1, latent, 1, step, length);
    } else {
        combine(step, 1, step, -dot(step, latent, length) / (radius * radius), latent, length);
        double size = norm(step, length), angle = size / radius;
        if (size > 0)
            combine(latent, cos(angle), latent, radius * sin(angle) / size, step, length);
    }
    free(step);
}
