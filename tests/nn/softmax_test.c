#include "nn/softmax.h"

#include "nn/rig.h"
#include "nn/softmax_numbers.h"

enum { N = 4, C = 5, VALUES = N * C };
static const int labels[N] = { 0, 4, 2, 1 };

/* As number() of tests/gan/measures_reference.py. */
static int number(uint32_t stream, uint32_t i, uint32_t j)
{
    uint32_t x = stream * 0x9E3779B1u + i * 0x85EBCA77u + j * 0xC2B2AE3Du + 1;
    for (int k = 0; k < 2; k++) {
        x ^= x >> 15;
        x *= 0x2C1B3C6Du;
        x ^= x >> 12;
        x *= 0x297A2D39u;
        x ^= x >> 15;
    }
    return (int)(x & 255) - 128;
}

static void fill(float *logits)
{
    for (int i = 0; i < N; i++)
        for (int c = 0; c < C; c++)
            logits[i * C + c] =
                (float)number(5, (uint32_t)i, (uint32_t)c) / 16 * (i == 2 ? 100 : 1);
}

static void assert_close(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * (1 + fabs(expected))))
        fail_msg("%.9g instead of %.9g", value, expected);
}

static void equals_the_reference(void **state)
{
    float logits[VALUES], probabilities[VALUES], slopes[VALUES];
    (void)state;
    fill(logits);
    softmax(logits, N, C, probabilities);
    assert_close(softmax_cross_entropy(logits, labels, N, C, slopes), softmax_loss, 1e-6);
    for (int i = 0; i < VALUES; i++) {
        assert_close((double)probabilities[i], softmax_probabilities[i], 1e-6);
        assert_close((double)slopes[i], softmax_slopes[i], 1e-6);
    }
    softmax(logits, N, C, logits); /* in place */
    assert_memory_equal(logits, probabilities, sizeof logits);
}

static void slopes_are_those_of_the_loss(void **state)
{
    static const float step = 1 / 64.0F; /* exact in every logit */
    float logits[VALUES], slopes[VALUES], unused[VALUES];
    (void)state;
    fill(logits);
    for (int c = 0; c < C; c++) /* where nothing is saturated */
        logits[2 * C + c] /= 400;
    softmax_cross_entropy(logits, labels, N, C, slopes);
    for (int i = 0; i < VALUES; i++) {
        float before = logits[i];
        logits[i] = before + step;
        double above = softmax_cross_entropy(logits, labels, N, C, unused);
        logits[i] = before - step;
        double below = softmax_cross_entropy(logits, labels, N, C, unused);
        logits[i] = before;
        assert_close((double)slopes[i], (above - below) / (2 * (double)step), 1e-4);
    }
}

static void stays_finite_whatever_the_logits(void **state)
{
    static const float hard[][3] = { { 3e38F, -3e38F, 0 },
                                     { -3e38F, -3e38F, -3e38F },
                                     { 1000, 999, -1000 } };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(hard); i++) {
        float probabilities[3], slopes[3], sum = 0;
        double loss = softmax_cross_entropy(hard[i], &(int){ 1 }, 1, 3, slopes);
        softmax(hard[i], 1, 3, probabilities);
        assert_true(isfinite(loss) && loss >= 0);
        for (int c = 0; c < 3; c++) {
            assert_true(probabilities[c] >= 0 && probabilities[c] <= 1);
            assert_true(isfinite(slopes[c]));
            sum += probabilities[c];
        }
        assert_close((double)sum, 1, 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_reference),
        cmocka_unit_test(slopes_are_those_of_the_loss),
        cmocka_unit_test(stays_finite_whatever_the_logits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
