/* Points of latent space, and ways between them.
 *
 * A generator is trained on latents z ~ N(0, I) of n numbers. For large n nearly all of them lie
 * near the sphere of radius sqrt(n), so that a straight line between two of them, or away from one,
 * soon passes through points that the generator has never seen. Both ways here keep to the sphere:
 *
 *     between   slerp (Shoemake 1985, section 3.3) of the directions of a and b, as White 2016
 *               ("Sampling Generative Networks", section 2.1) has it for latents; the radius goes
 *               from that of a to that of b evenly
 *     move      the geodesic of the sphere (Absil, Mahony & Sepulchre 2008, example 5.4.1) that
 *               leaves the start s with the step w = dx u + dy v. With w' the part of w that is
 *               orthogonal to s, and R = |s|:   cos(|w'| / R) s + R sin(|w'| / R) w' / |w'|
 *
 * For steps that are small beside R that is s + w; a long walk goes round the sphere. In fewer than
 * three dimensions there is no shell (and no second way along it): there, move is s + w. */
#ifndef GANDER_GAN_LATENT_H
#define GANDER_GAN_LATENT_H

#include "base/base.h"

/* The latent at place `index` of those that `seed` gives: what generator_draw_seeded draws there.
 * Takes time in proportion to index. */
void latent_of_seed(float *latent, int length, uint64_t seed, int index);

/* Two directions, orthogonal and of length 1, the same for a seed whatever the start. In one
 * dimension v is 0. */
void latent_directions(float *u, float *v, int length, uint64_t seed);

/* From a (t = 0, exactly) to b (t = 1, exactly). `out` may be a or b. */
void latent_between(float *out, const float *a, const float *b, int length, double t);

/* Moves `latent` by dx along u and dy along v; not at all where both are 0. */
void latent_move(float *latent, const float *u, const float *v, int length, double dx, double dy);

#endif
