/* Lines of the dashboard's table, for what stands beside it. */
#ifndef GANDER_TESTS_BENCH_DASHBOARD_H
#define GANDER_TESTS_BENCH_DASHBOARD_H

#include "bench_keys.h"

enum { WIDE = 160, HIGH = 50 };

/* The median and the 99th percentile, for which the limit is; limit 0: none. */
void dashboard_print_times(const char *what, double *seconds, int count, double limit_ms);

/* Bytes that come by themselves in a second, and the CPU meanwhile; limit NaN: none. */
void dashboard_print_sent(struct pty *pty, const char *what, double limit);

#endif
