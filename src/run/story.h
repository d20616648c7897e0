/* The state of reading a worker.jsonl, to be put aside and gone on with. */
#ifndef GANDER_RUN_STORY_H
#define GANDER_RUN_STORY_H

#include "run/journal.h"

char *story_pack(const struct worker_story *story); /* JSON, malloc'ed */
/* False for text that is no story: *out is an unread one then. Strings are in the arena. */
bool story_unpack(struct arena *arena, struct worker_story *out, const char *text);

#endif
