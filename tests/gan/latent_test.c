#define _GNU_SOURCE
#include "testing.h"

#include <math.h>
#include <string.h>

#include "gan/latent.h"

enum { LONGEST = 100 };

static double dot(const float *a, const float *b, int length)
{
    double sum = 0;
    for (int i = 0; i < length; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double distance(const float *a, const float *b, int length)
{
    double sum = 0;
    for (int i = 0; i < length; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.9g is not %.9g", got, expected);
}

static void directions_are_orthogonal_and_of_length_one(void **state)
{
    static const int lengths[] = { 2, 3, 7, LONGEST };
    float u[LONGEST], v[LONGEST], again[LONGEST];
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lengths); i++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            latent_directions(u, v, lengths[i], seed);
            assert_near(dot(u, u, lengths[i]), 1, 1e-6);
            assert_near(dot(v, v, lengths[i]), 1, 1e-6);
            assert_near(dot(u, v, lengths[i]), 0, 1e-6);
        }
    latent_directions(u, v, LONGEST, 19);
    latent_directions(again, v, LONGEST, 20);
    assert_true(distance(u, again, LONGEST) > 0.5);
    latent_directions(u, v, 1, 3);
    assert_near(fabs((double)u[0]), 1, 1e-6);
    assert_near((double)v[0], 0, 0);
}

static void a_latent_depends_on_seed_and_index_only(void **state)
{
    float a[7], b[7];
    (void)state;
    latent_of_seed(a, 7, 3, 5);
    latent_of_seed(b, 7, 3, 5);
    assert_memory_equal(a, b, sizeof a);
    latent_of_seed(b, 7, 3, 4);
    assert_memory_not_equal(a, b, sizeof a);
    latent_of_seed(b, 7, 4, 5);
    assert_memory_not_equal(a, b, sizeof a);
}

static void a_small_move_is_a_step(void **state)
{
    enum { SMALL = 100 };
    float start[LONGEST], u[LONGEST], v[LONGEST], moved[LONGEST], back[LONGEST];
    (void)state;
    latent_of_seed(start, LONGEST, 1, 0);
    latent_directions(u, v, LONGEST, 2);
    memcpy(moved, start, sizeof start);
    latent_move(moved, u, v, LONGEST, 0, 0);
    assert_memory_equal(moved, start, sizeof start);
    latent_move(moved, u, v, LONGEST, 1.0 / SMALL, -2.0 / SMALL);
    for (int i = 0; i < LONGEST; i++)
        back[i] = (moved[i] - start[i]) * SMALL;
    assert_near(dot(back, u, LONGEST), 1, 0.1); /* but for what points along the start */
    assert_near(dot(back, v, LONGEST), -2, 0.1);
    assert_near(dot(back, back, LONGEST), 5, 0.3);
}

static void a_long_walk_stays_on_the_sphere(void **state)
{
    static const int lengths[] = { 3, 8, LONGEST };
    float start[LONGEST], u[LONGEST], v[LONGEST], last[LONGEST], here[LONGEST];
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(lengths); i++) {
        int length = lengths[i];
        latent_of_seed(start, length, 7, 0);
        latent_directions(u, v, length, 8);
        double radius = sqrt(dot(start, start, length));
        memcpy(last, start, sizeof last);
        for (int step = 1; step < 400; step++) {
            memcpy(here, start, sizeof here);
            latent_move(here, u, v, length, step * 0.25, 0);
            assert_near(sqrt(dot(here, here, length)), radius, 1e-4 * radius);
            double moved = distance(here, last, length);
            assert_true(moved <= 0.2501); /* and it never gets stuck, either: */
            assert_true(length < LONGEST || moved > 0.23);
            memcpy(last, here, sizeof here);
        }
    }
}

static void without_a_shell_a_move_is_a_step_however_long(void **state)
{
    float latent[2] = { 1, -1 };
    const float u[2] = { 1, 0 }, v[2] = { 0, 1 };
    (void)state;
    latent_move(latent, u, v, 2, 5, -7);
    assert_near((double)latent[0], 6, 1e-6);
    assert_near((double)latent[1], -8, 1e-6);
    latent_move(latent, u, v, 1, -6, 0);
    latent_move(latent, u, v, 1, 2, 3);
    assert_near((double)latent[0], 2, 1e-6);
}

static void a_way_has_exact_ends_and_an_even_middle(void **state)
{
    float a[LONGEST], b[LONGEST], at[LONGEST];
    double before = 0;
    (void)state;
    latent_of_seed(a, LONGEST, 1, 0);
    latent_of_seed(b, LONGEST, 1, 1);
    latent_between(at, a, b, LONGEST, 0);
    assert_memory_equal(at, a, sizeof a);
    latent_between(at, a, b, LONGEST, 1);
    assert_memory_equal(at, b, sizeof b);
    double size_a = sqrt(dot(a, a, LONGEST)), size_b = sqrt(dot(b, b, LONGEST));
    double whole = acos(dot(a, b, LONGEST) / size_a / size_b);
    for (int i = 1; i <= 10; i++) {
        double t = i / 10.0;
        latent_between(at, a, b, LONGEST, t);
        double size = sqrt(dot(at, at, LONGEST));
        assert_near(size, (1 - t) * size_a + t * size_b, 1e-4);
        double angle = acos(fmin(1, dot(at, a, LONGEST) / size / size_a));
        assert_near(angle - before, whole / 10, 1e-3);
        before = angle;
    }
}

/* The same point, the opposite one, and none that has a direction. */
static void a_way_without_a_plane_is_straight(void **state)
{
    const float a[3] = { 1, 2, -2 }, opposite[3] = { -1, -2, 2 }, zero[3] = { 0, 0, 0 };
    float at[3];
    (void)state;
    latent_between(at, a, a, 3, 0.3);
    assert_near(distance(at, a, 3), 0, 1e-6);
    latent_between(at, a, opposite, 3, 0.25);
    assert_near((double)at[1], 1, 1e-6);
    latent_between(at, a, zero, 3, 0.25);
    assert_near((double)at[1], 1.5, 1e-6);
    memcpy(at, a, sizeof a);
    latent_between(at, at, opposite, 3, 0.75);
    assert_near((double)at[1], -1, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_are_orthogonal_and_of_length_one),
        cmocka_unit_test(a_latent_depends_on_seed_and_index_only),
        cmocka_unit_test(a_small_move_is_a_step),
        cmocka_unit_test(a_long_walk_stays_on_the_sphere),
        cmocka_unit_test(without_a_shell_a_move_is_a_step_however_long),
        cmocka_unit_test(a_way_has_exact_ends_and_an_even_middle),
        cmocka_unit_test(a_way_without_a_plane_is_straight),
    };
    return cmocka_run_group_tests_name("latent", tests, NULL, NULL);
}
