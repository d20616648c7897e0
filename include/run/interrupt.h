/* Being asked to stop, by ^C, SIGTERM, a hang-up, or a reader of standard output that left.
 *
 * The first signal is noted, and whoever works looks at interrupt_signal() between two steps. A
 * second ^C or SIGTERM means "at once": the last words that were left with interrupt_last_words()
 * are written and the process dies by that signal. Signals that come within a fifth of a second
 * count as one: timeout(1), shells and schedulers send theirs to the process and to its group.
 *
 * Handlers are the process's, so this module alone holds its state in static variables. */
#ifndef GANDER_RUN_INTERRUPT_H
#define GANDER_RUN_INTERRUPT_H

#include "base/base.h"

void interrupt_catch(void);

/* The first signal that came, 0 before any. */
int interrupt_signal(void);

/* True once after ^Z and going on: what was drawn on the terminal has other lines below it now. */
bool interrupt_came_back(void);

/* In words, for a sentence: "^C", "SIGTERM" … */
const char *interrupt_name(int signal);

/* What a second signal writes before it ends the process. `journal` is the worker's open file: it
 * gets a closing line of state "stopped". -1 for none. */
void interrupt_last_words_to(int journal);
/* `terminal` gets `text`, which gives the terminal back as it was; NULL for none. Borrowed: it must
 * stay until it is replaced. */
void interrupt_restore_terminal(int terminal, const char *text);

/* Dies by `signal`, as a shell expects of a program that it was meant to end. */
_Noreturn void interrupt_die(int signal);

#endif
