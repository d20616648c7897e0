/* What tests of the filter language share: they parse at one moment, in one zone. */
#ifndef GANDER_TESTS_RECORD_FILTER_RIG_H
#define GANDER_TESTS_RECORD_FILTER_RIG_H

#include "testing.h"

#include <string.h>
#include <time.h>

#include "record/filter_same.h"

/* Berlin: an hour ahead of UTC in winter, two in summer; clocks went back on 2026-10-25. */
static const char zone[] = "CET-1CEST,M3.5.0,M10.5.0/3";
static const double now = 1795525200; /* 2026-11-24 14:00 there */
static struct arena arena;

static inline int enter_zone(void **state)
{
    (void)state;
    setenv("TZ", zone, 1);
    tzset();
    return 0;
}

static inline int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static inline const struct filter *parsed(const char *text)
{
    const struct filter *filter;
    if (filter_parse(&arena, text, now, &filter) < 0)
        fail_msg("'%s': %s", text ? text : "", error_text());
    return filter;
}

static inline const struct filter_value *value_of(const char *text)
{
    const struct filter *filter = parsed(text);
    assert_int_equal(filter->kind, FILTER_TEST);
    return &filter->values[0];
}

/* It is printed so, and what is printed means the same and is printed so again. */
static inline void assert_means(const char *text, const char *canonical)
{
    const struct filter *filter = parsed(text), *again = parsed(canonical);
    assert_string_equal(filter_text(&arena, filter), canonical);
    assert_true(same_filter(filter, again));
    assert_string_equal(filter_text(&arena, again), canonical);
}

static inline void assert_stays(const char *text)
{
    assert_means(text, text);
}

static inline void assert_refused(const char *text, const char *sentence)
{
    const struct filter *filter;
    assert_int_equal(filter_parse(&arena, text, now, &filter), ERR_INVALID);
    assert_string_equal(error_text(), sentence);
}

#define RELEASED(test) cmocka_unit_test_teardown(test, release)

#endif
