#include "points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "null" or a number. */
static bool read_number(const char **at, double *out)
{
    if (strncmp(*at, "null", 4) == 0) {
        *at += 4;
        *out = NAN;
        return true;
    }
    char *end;
    *out = strtod(*at, &end);
    bool is_number = end > *at;
    *at = end;
    return is_number;
}

static bool take(const char **at, char expected)
{
    if (**at != expected)
        return false;
    ++*at;
    return true;
}

bool point_next(const char **at, struct point *out)
{
    char *end;
    if (!take(at, '[') && !take(at, ','))
        return false;
    if (!take(at, '['))
        return false;
    out->step = strtoll(*at, &end, 10);
    *at = end;
    return take(at, ',') && read_number(at, &out->time) && take(at, ',') &&
           read_number(at, &out->value) && take(at, ']');
}

static void halve(struct spark *spark)
{
    for (int i = 0; i < POINTS_SPARK / 2; i++)
        spark->values[i] = spark->values[2 * i] / 2 + spark->values[2 * i + 1] / 2;
    spark->count = POINTS_SPARK / 2;
    spark->each *= 2;
}

void spark_add(struct spark *spark, double value)
{
    if (!isfinite(value))
        return;
    spark->each = MAX(spark->each, 1);
    spark->sum += value;
    if (++spark->pending < spark->each)
        return;
    if (spark->count == POINTS_SPARK)
        halve(spark);
    if (spark->pending < spark->each)
        return; /* entries have just grown, and this one is not full */
    spark->values[spark->count++] = (float)(spark->sum / (double)spark->pending);
    spark->sum = 0;
    spark->pending = 0;
}

size_t spark_pack(const struct spark *spark, char out[SPARK_BYTES])
{
    double head[3] = { (double)spark->each, (double)spark->pending, spark->sum };
    size_t body = (size_t)spark->count * sizeof spark->values[0];
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, spark->values, body);
    return sizeof head + body;
}

void spark_unpack(struct spark *spark, const void *data, size_t size)
{
    double head[3];
    *spark = (struct spark){ .each = 1 };
    if (!data || size < sizeof head || size > SPARK_BYTES)
        return;
    memcpy(head, data, sizeof head);
    spark->each = (int64_t)head[0];
    spark->pending = (int64_t)head[1];
    spark->sum = head[2];
    spark->count = (int)((size - sizeof head) / sizeof spark->values[0]);
    memcpy(spark->values, (const char *)data + sizeof head,
           (size_t)spark->count * sizeof spark->values[0]);
}
