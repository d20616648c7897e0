/* The two clocks. They are read at the top (cli, worker) and handed down, so that what depends on
 * time can be tested. */
#ifndef GANDER_BASE_CLOCK_H
#define GANDER_BASE_CLOCK_H

#include "base/base.h"

double wall_clock(void);      /* seconds since 1970; may be put forward and back */
double monotonic_clock(void); /* seconds since some moment; never goes back */
/* wall_clock for what people look at; GANDER_NOW (seconds since 1970) makes it stand still, for tests
 * and screen shots. */
double present_time(void);
void pause_ms(int milliseconds);

#endif
