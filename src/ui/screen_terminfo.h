/* What terminfo knows of terminals. */
#ifndef GANDER_UI_SCREEN_TERMINFO_H
#define GANDER_UI_SCREEN_TERMINFO_H

#include <stdbool.h>

bool terminfo_knows(const char *name);
bool terminfo_moves(const char *name); /* its cursor can be put anywhere */

#endif
