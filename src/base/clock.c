#define _GNU_SOURCE
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "base/text.h"

static double read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double wall_clock(void)
{
    return read_clock(CLOCK_REALTIME);
}

double present_time(void)
{
    double frozen;
    const char *said = getenv("GANDER_NOW");
    return said && parse_real(said, &frozen) == 0 ? frozen : wall_clock();
}

double monotonic_clock(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void pause_ms(int milliseconds)
{
    struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
    nanosleep(&time, NULL);
}
