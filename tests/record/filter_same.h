/* Whether two filters mean the same: all of them but the columns. */
#ifndef GANDER_TESTS_RECORD_FILTER_SAME_H
#define GANDER_TESTS_RECORD_FILTER_SAME_H

#include <string.h>

#include "record/filter.h"

static inline bool same_number(double a, double b)
{
    return a == b || (a != a && b != b);
}

static inline bool same_test(const struct filter *a, const struct filter *b)
{
    bool same = a->field == b->field && a->function == b->function &&
                a->operator_ == b->operator_ && a->value_count == b->value_count &&
                !a->name == !b->name && (!a->name || strcmp(a->name, b->name) == 0);
    for (int i = 0; same && i < a->value_count; i++)
        same = strcmp(a->values[i].text, b->values[i].text) == 0 &&
               same_number(a->values[i].number, b->values[i].number) &&
               same_number(a->values[i].end, b->values[i].end) &&
               a->values[i].is_pattern == b->values[i].is_pattern;
    return same;
}

static inline bool same_filter(const struct filter *a, const struct filter *b)
{
    if (!a || !b || a->kind != b->kind)
        return a == b;
    if (a->kind == FILTER_TEST)
        return same_test(a, b);
    return same_filter(a->left, b->left) && same_filter(a->right, b->right);
}

#endif
