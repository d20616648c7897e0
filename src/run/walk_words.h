/* The lines of a walk, for both who write and who read them; see run/walk.h. */
#ifndef GANDER_RUN_WALK_WORDS_H
#define GANDER_RUN_WALK_WORDS_H

#include "base/json.h"
#include "base/memory.h"
#include "run/walk.h"

enum { WALK_LINE_LIMIT = 1 << 16 }; /* bytes, the newline included */

/* Lines: malloc'ed, with their newline. */
char *walk_request_line(const struct walk_request *request);
char *walk_facts_line(const struct walk_facts *facts);
char *walk_frame_line(const struct walk_request *request, const double *verdicts);
char *walk_error_line(int64_t id, const char *sentence); /* id -1: none */

/* ERR_INVALID says what is wrong with it. `out->id` is known where the line has one, else -1. */
int walk_request_read(struct walk_request *out, const char *line, size_t length);
/* Strings in the arena. */
int walk_facts_read(struct walk_facts *out, const struct json *line, struct arena *arena);
/* verdicts (WALK_LIMIT) */
int walk_frame_read(struct walk_frame *out, const struct json *line, double *verdicts);

#endif
