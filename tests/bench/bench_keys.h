/* How long keys take from being typed to the last byte of what they draw. */
#ifndef GANDER_TESTS_BENCH_KEYS_H
#define GANDER_TESTS_BENCH_KEYS_H

#include "ui/pty.h"

enum { KEYS_MOST = 4096 };

/* Seconds. */
struct timings {
    double frame[KEYS_MOST]; /* to the last byte of the frame that a key draws … */
    double all[KEYS_MOST];   /* … and of what comes after it, because a thread has read more */
    double work[KEYS_MOST];  /* that the screen's thread was at work for all of it: whatever else
                                the machine does meanwhile */
    int count;
    int silent; /* keys that drew nothing */
};

/* Keys by their names, parted by spaces; "j*20" is twenty of them. Each is typed when nothing has
 * come for a while after the one before. `timings` NULL: only typed. */
void keys_type(struct pty *pty, const char *keys, struct timings *timings);

void timings_add(struct timings *to, const struct timings *from); /* as far as there is room */

/* The value that a share of all is not above; sorts them. */
double keys_share(double *values, int count, double share);

/* Seconds from its start to the last byte of its first frame, and of all that comes by itself. */
struct pty keys_start(const struct pty_wish *wish, double *frame, double *all);

/* Resident bytes of a process and its children, and whether they hold a library of that name. */
int64_t keys_resident(pid_t pid);
bool keys_maps(pid_t pid, const char *library);

#endif
