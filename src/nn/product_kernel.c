#include "product_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

/* gcc 12 puts vectors on AddressSanitizer's own stack without aligning them (its bug 110027), so
 * that instrumented code would not even run. */
#define AVX512 __attribute__((target("avx512f"), no_sanitize_address))
#define INLINE_AVX512                                                                              \
    static inline __attribute__((always_inline, target("avx512f"), no_sanitize_address))

bool tile_is_supported(void)
{
    return __builtin_cpu_supports("avx512f");
}

/* The sums start from bias, C, both or nothing. */
INLINE_AVX512 __m512 start(const struct tile *t, int r, int v, __mmask16 mask)
{
    __m512 sum = t->bias ? _mm512_maskz_loadu_ps(mask, t->bias + 16 * v) : _mm512_setzero_ps();
    return t->add ? _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, t->c[r] + 16 * v)) : sum;
}

/* `rows` and `vectors` are constants where this is inlined, so that the sums live in registers. */
INLINE_AVX512 void tile_body(const struct tile *t, int rows, int vectors, bool stepped)
{
    __m512 sum[TILE_ROWS][4];
    const float *a[TILE_ROWS], *b = t->b;
    int last = t->width - 16 * (vectors - 1);
    __mmask16 mask = (__mmask16)((1u << last) - 1);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        a[r] = t->a[r];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++)
            sum[r][v] = start(t, r, v, v == vectors - 1 ? mask : 0xFFFF);
    }
    for (int repeat = 0; repeat < t->repeats; repeat++) {
        ptrdiff_t place = repeat * t->next;
        for (int p = 0; p < t->k; p++, b += t->ldb) {
            ptrdiff_t at = stepped ? place + t->steps[p] : place;
            __m512 column[4];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++)
                column[v] = v == vectors - 1 ? _mm512_maskz_loadu_ps(mask, b + 16 * v)
                                             : _mm512_loadu_ps(b + 16 * v);
#pragma GCC unroll 6
            for (int r = 0; r < rows; r++) {
                __m512 value = _mm512_set1_ps(a[r][at]);
#pragma GCC unroll 4
                for (int v = 0; v < vectors; v++)
                    sum[r][v] = _mm512_fmadd_ps(value, column[v], sum[r][v]);
            }
            place += stepped ? 0 : t->step;
        }
    }
    __m512 slope = _mm512_set1_ps(t->slope);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            __m512 value = _mm512_max_ps(_mm512_mul_ps(sum[r][v], slope), sum[r][v]);
            _mm512_mask_storeu_ps(t->c[r] + 16 * v, v == vectors - 1 ? mask : 0xFFFF, value);
        }
}

typedef void tile_function(const struct tile *tile);

#define TILE(rows, vectors)                                                                        \
    AVX512 static void tile_##rows##_##vectors(const struct tile *tile)                            \
    {                                                                                              \
        tile_body(tile, rows, vectors, false);                                                     \
    }                                                                                              \
    AVX512 static void stepped_##rows##_##vectors(const struct tile *tile)                         \
    {                                                                                              \
        tile_body(tile, rows, vectors, true);                                                      \
    }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3) TILE(rows, 4)
TILES(1)
TILES(2)
TILES(3)
TILES(4)
TILES(5)
TILES(6)

#define ENTRY(rows, vectors)                                                                       \
    {                                                                                              \
        tile_##rows##_##vectors, stepped_##rows##_##vectors                                        \
    }
#define ENTRIES(rows)                                                                              \
    {                                                                                              \
        ENTRY(rows, 1), ENTRY(rows, 2), ENTRY(rows, 3), ENTRY(rows, 4)                             \
    }
static tile_function *const tiles[TILE_ROWS][4][2] = {
    ENTRIES(1), ENTRIES(2), ENTRIES(3), ENTRIES(4), ENTRIES(5), ENTRIES(6),
};

void tile_run(const struct tile *tile, int rows)
{
    tiles[rows - 1][(tile->width - 1) / 16][tile->steps != NULL](tile);
}

#else

bool tile_is_supported(void)
{
    return false;
}

void tile_run(const struct tile *tile, int rows)
{
    (void)tile, (void)rows;
}

#endif
