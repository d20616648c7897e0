/* How points lie in the catalogue, for who writes and who reads them.
 *
 * P1. The points of a metric are in the order of the journal. A row of `block` holds POINTS_BLOCK of
 *     them as text, [[step,time,value],…]; only the last row has fewer. A time that is not said and
 *     a value that is no number are null; infinities are 9e999 and -9e999, which JSON can say and
 *     SQLite reads as such.
 * P2. A row of `bucket` at level 1 sums up one full block, one at level L + 1 eight full ones of
 *     level L. Rows of buckets are written once, so a chart at any zoom reads rows of one level,
 *     then fewer than eight of each level below it, then the last block.
 * P3. What is written depends on the points alone, not on how they came in: reading a journal line by
 *     line or at once gives the same rows.
 */
#ifndef GANDER_RUN_POINTS_H
#define GANDER_RUN_POINTS_H

#include "base/base.h"

enum { POINTS_BLOCK = 32, POINTS_FAN = 8, POINTS_SPARK = 24 };

/* Points of a block one after the other; `at` begins at its text. False at the end, and at what is
 * no such text. */
struct point {
    int64_t step;
    double time, value; /* NaN where they are null */
};
bool point_next(const char **at, struct point *out);

/* A series in little room: when it is full, each two neighbours become their mean. */
struct spark {
    float values[POINTS_SPARK];
    int count;
    int64_t each;    /* values that an entry stands for */
    int64_t pending; /* values in the entry that grows … */
    double sum;      /* … and their sum */
};
void spark_add(struct spark *spark, double value); /* what is not finite is left out */

/* As the column `spark` has it: each, pending, sum as doubles, then the entries as floats. */
enum { SPARK_BYTES = 3 * (int)sizeof(double) + POINTS_SPARK * (int)sizeof(float) };
size_t spark_pack(const struct spark *spark, char out[SPARK_BYTES]);
void spark_unpack(struct spark *spark, const void *data, size_t size);

#endif
