#include "nn/kernels.h"

VECTOR_CLONES
static void bias_only(float *restrict y, const float *restrict bias, int rows, int columns,
                      int stride)
{
    for (int r = 0; r < rows; r++, y += stride)
        for (int c = 0; c < columns; c++)
            y[c] += bias[c];
}

VECTOR_CLONES
static void bias_lrelu(float *restrict y, const float *restrict bias, int rows, int columns,
                       int stride, float slope)
{
    for (int r = 0; r < rows; r++, y += stride)
        for (int c = 0; c < columns; c++) {
            float v = y[c] + bias[c];
            y[c] = v > 0 ? v : v * slope;
        }
}

VECTOR_CLONES
static void lrelu(float *restrict y, int rows, int columns, int stride, float slope)
{
    for (int r = 0; r < rows; r++, y += stride)
        for (int c = 0; c < columns; c++)
            y[c] = y[c] > 0 ? y[c] : y[c] * slope;
}

/* exp(x) for |x| <= 80: 2^k e^f with a polynomial for e^f on |f| <= ln 2 / 2 (relative error below
 * 2e-7), so that loops over it become vector code without a vector mathematics library. */
static inline float exponential(float x)
{
    const float log2e = 1.44269504f, high = 0.693359375f, low = -2.12194440e-4f,
                magic = 12582912.0f; /* 1.5 * 2^23 */
    float shifted = x * log2e + magic, k = shifted - magic;
    float f = (x - k * high) - k * low;
    float p = 1.9875691500e-4f;
    p = p * f + 1.3981999507e-3f;
    p = p * f + 8.3334519073e-3f;
    p = p * f + 4.1665795894e-2f;
    p = p * f + 1.6666665459e-1f;
    p = p * f + 5.0000001201e-1f;
    union {
        float value;
        uint32_t bits;
    } counted = { .value = shifted },
      power = { .bits = (counted.bits - 0x4B400000u + 127) << 23 }; /* 0x4B400000: magic */
    return (p * f * f + f + 1) * power.value;
}

static inline float clamp(float x, float limit)
{
    x = x > limit ? limit : x; /* NaN stays NaN */
    return x < -limit ? -limit : x;
}

VECTOR_CLONES
static void tanh_rows(float *restrict y, int rows, int columns, int stride)
{
    for (int r = 0; r < rows; r++, y += stride)
        for (int c = 0; c < columns; c++) {
            float e = exponential(2 * clamp(y[c], 9.5f));
            y[c] = (e - 1) / (e + 1);
        }
}

VECTOR_CLONES
static void sigmoid_rows(float *restrict y, int rows, int columns, int stride)
{
    for (int r = 0; r < rows; r++, y += stride)
        for (int c = 0; c < columns; c++)
            y[c] = 1 / (1 + exponential(-clamp(y[c], 80)));
}

void bias_activate(float *y, const float *bias, int rows, int columns, int stride,
                   enum activation activation, float slope)
{
    if (stride == columns && !bias && rows > 0) {
        columns *= rows; /* one long row */
        stride = columns;
        rows = 1;
    }
    float rectified = activation == ACTIVATION_RELU ? 0 : slope;
    bool rectifier = activation == ACTIVATION_RELU || activation == ACTIVATION_LRELU;
    if (rectifier && bias)
        bias_lrelu(y, bias, rows, columns, stride, rectified);
    else if (rectifier)
        lrelu(y, rows, columns, stride, rectified);
    else if (bias)
        bias_only(y, bias, rows, columns, stride);
    if (activation == ACTIVATION_TANH)
        tanh_rows(y, rows, columns, stride);
    if (activation == ACTIVATION_SIGMOID)
        sigmoid_rows(y, rows, columns, stride);
}

VECTOR_CLONES
static void lrelu_backward(float *restrict dy, const float *restrict y, int rows, int columns,
                           int stride, float slope)
{
    for (int r = 0; r < rows; r++, y += stride, dy += stride)
        for (int c = 0; c < columns; c++)
            dy[c] = y[c] > 0 ? dy[c] : dy[c] * slope;
}

VECTOR_CLONES
static void tanh_backward(float *restrict dy, const float *restrict y, int rows, int columns,
                          int stride)
{
    for (int r = 0; r < rows; r++, y += stride, dy += stride)
        for (int c = 0; c < columns; c++)
            dy[c] *= 1 - y[c] * y[c];
}

VECTOR_CLONES
static void sigmoid_backward(float *restrict dy, const float *restrict y, int rows, int columns,
                             int stride)
{
    for (int r = 0; r < rows; r++, y += stride, dy += stride)
        for (int c = 0; c < columns; c++)
            dy[c] *= y[c] * (1 - y[c]);
}

void activation_backward(float *dy, const float *y, int rows, int columns, int stride,
                         enum activation activation, float slope)
{
    switch (activation) {
    case ACTIVATION_NONE:
        return;
    case ACTIVATION_RELU:
        lrelu_backward(dy, y, rows, columns, stride, 0);
        return;
    case ACTIVATION_LRELU:
        lrelu_backward(dy, y, rows, columns, stride, slope);
        return;
    case ACTIVATION_TANH:
        tanh_backward(dy, y, rows, columns, stride);
        return;
    case ACTIVATION_SIGMOID:
        sigmoid_backward(dy, y, rows, columns, stride);
        return;
    }
}

VECTOR_CLONES
static void sum_rows(float *restrict sums, const float *restrict dy, int rows, int columns,
                     int stride)
{
    for (int r = 0; r < rows; r++, dy += stride)
        for (int c = 0; c < columns; c++)
            sums[c] += dy[c];
}

void column_sums(float *sums, const float *dy, int rows, int columns, int stride,
                 const float *scale, int per, bool add)
{
    if (!add)
        for (int c = 0; c < columns; c++)
            sums[c] = 0;
    if (!scale) {
        sum_rows(sums, dy, rows, columns, stride);
        return;
    }
    for (int r = 0; r < rows; r++)
        axpy(sums, scale[r / per], dy + (size_t)r * (size_t)stride, (size_t)columns);
}

VECTOR_CLONES
float dot(const float *restrict a, const float *restrict b, size_t count)
{
    enum { LANES = 32 };
    float lanes[LANES] = { 0 }, sum = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += a[i + (size_t)lane] * b[i + (size_t)lane];
    for (; i < count; i++)
        sum += a[i] * b[i];
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

VECTOR_CLONES
void axpy(float *restrict y, float a, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] += a * x[i];
}

VECTOR_CLONES
void scale_copy(float *y, float a, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = a * x[i];
}

VECTOR_CLONES
void add_into(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] += x[i];
}

/* Sixteen by sixteen at a time, so that both sides stay in the first cache. */
void transpose(const float *restrict from, int ld_from, float *restrict to, int ld_to, int rows,
               int columns)
{
    enum { BLOCK = 16 };
    for (int r = 0; r < rows; r += BLOCK)
        for (int c = 0; c < columns; c += BLOCK)
            for (int j = c; j < MIN(c + BLOCK, columns); j++)
                for (int i = r; i < MIN(r + BLOCK, rows); i++)
                    to[(size_t)j * (size_t)ld_to + (size_t)i] =
                        from[(size_t)i * (size_t)ld_from + (size_t)j];
}
