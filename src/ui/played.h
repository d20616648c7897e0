/* Keys from a file, and the screens that come of them, for tests and for the manual.
 *
 *     j j Enter            keys, as ui/keys.h writes them, on any number of lines
 *     "state:running"      text that is typed
 *     # a comment
 *     .print               prints the screen so far; the last one is printed in any case
 *     .size 100x30         the terminal gets another size
 *     .wait 2.5            time goes on by so many seconds
 *     .look                the store is looked at again */
#ifndef GANDER_UI_PLAYED_H
#define GANDER_UI_PLAYED_H

#include "app_state.h"

/* Plays app->wish.keys ("-" is standard input), and prints screens on standard output. */
int played_run(struct app *app);

#endif
