/* A process of a few pages that puts the terminal right when the dashboard is killed without being
 * able to do it (SIGKILL, out of memory, a crash). */
#ifndef GANDER_UI_GUARD_H
#define GANDER_UI_GUARD_H

/* Call it before any thread, and before the terminal is changed. `leave` is what it writes then. A
 * guard that cannot be started is none. */
struct guard;
struct guard *guard_start(int terminal, const char *leave);
void guard_end(struct guard *guard); /* all is well */

#endif
