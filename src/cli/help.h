/* How help is set, for people and for the manual. */
#ifndef GANDER_CLI_HELP_H
#define GANDER_CLI_HELP_H

#include <stdio.h>

enum { HELP_COLUMNS = 79, HELP_NAMES_LIMIT = 28 };

/* Words up to HELP_COLUMNS, further lines indented; `used` columns of the first line are taken. A
 * bracketed option stays on one line. */
void help_wrapped(FILE *stream, const char *text, int used, int indent);

/* Text as mdoc: backslashes doubled in roff's way, a line a sentence, no line that begins with a
 * control character. */
void help_mdoc(FILE *stream, const char *text);

/* The rules of health (gan/health.h): `gander help --health`, and the section HEALTH of gander(1). */
void help_health(FILE *stream);
void help_health_manual(FILE *stream);

#endif
