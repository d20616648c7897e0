/* The end of a run's log. */
#ifndef GANDER_CLI_LOG_TAIL_H
#define GANDER_CLI_LOG_TAIL_H

#include <stdio.h>
#include <sys/types.h>

#include "base/base.h"

/* Where the last `lines` lines of an open file begin; 0 if it has no more. */
off_t log_tail_offset(int fd, int lines);

/* Prints the last lines of DIRECTORY/log.txt as a terminal would have shown them, each after
 * `indent`. Returns how many. */
int log_tail_print(FILE *stream, const char *directory, int lines, const char *indent);

#endif
