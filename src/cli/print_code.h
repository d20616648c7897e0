/* Differences of code on standard output, as diff and bisect print them. */
#ifndef GANDER_CLI_PRINT_CODE_H
#define GANDER_CLI_PRINT_CODE_H

#include "run/code.h"

/* As code_diff gives it: in colours and harmless on a terminal, elsewhere as `git apply` takes it. A
 * blank line before the first where there is text above it. */
int code_print(const struct code_of *a, const struct code_of *b, bool has_text_above,
               int *changed_files);

#endif
