/* Text that is folded at blanks to the width of a terminal, and left whole elsewhere. */
#ifndef GANDER_CLI_FOLDED_H
#define GANDER_CLI_FOLDED_H

#include "draw/terminal.h"

/* Prints `text`, which must be clean, on standard output, and a newline. `used` columns of the first
 * line are taken; further lines are indented by `indent`. A word that is wider than a line stays
 * whole, since it may be a path that somebody wants to copy. */
void folded_print(const struct terminal *terminal, int used, int indent, const char *text);

#endif
