/* Being asked to stop, by ^C, SIGTERM, a hang-up, or a reader of standard output that left.
 *
 * The first signal is noted, and whoever works looks at interrupt_signal() between two steps. A
 * second ^C or SIGTERM means "at once": as a rule the terminal is given back then and the process
 * dies by that signal. Signals that come within a fifth of a second count as one: timeout(1), shells and
 * schedulers send theirs to the process and to its group.
 *
 * Handlers are the process's, so this module alone holds its state in static variables. */
#ifndef GANDER_RUN_INTERRUPT_H
#define GANDER_RUN_INTERRUPT_H

#include "base/base.h"

/* What a second ^C or SIGTERM does: end the process from within its handler, or only be noted, for
 * who looks often enough. */
enum interrupt_second { INTERRUPT_DIES, INTERRUPT_IS_NOTED };
void interrupt_catch(enum interrupt_second second);

/* The first signal that came, 0 before any. */
int interrupt_signal(void);
bool interrupt_is_repeated(void);

/* True once after ^Z and going on: what was drawn on the terminal has other lines below it now. */
bool interrupt_came_back(void);

/* In words, for a sentence: "^C", "SIGTERM" … */
const char *interrupt_name(int signal);

/* Before a second signal ends the process, and at ^Z, `terminal` gets `text`, which gives the
 * terminal back as it was; NULL for none. Borrowed: it must stay until it is replaced. */
void interrupt_restore_terminal(int terminal, const char *text);

/* Dies by `signal`, as a shell expects of a program that it was meant to end. */
_Noreturn void interrupt_die(int signal);

#endif
