/* New files that do not go into a pin, and why (C4 of run/code.h). */
#ifndef GANDER_RUN_LEFT_OUT_H
#define GANDER_RUN_LEFT_OUT_H

#include <sys/stat.h>

#include "base/memory.h"
#include "run/code.h"

struct left_out {
    struct arena *arena; /* owns the texts */
    struct code_left_out *files;
    int count, room;
    int new_files; /* so many have gone in … */
    int64_t new_bytes;
    struct left_out_place *places; /* … and the rest, past the limits, is counted by place */
    int place_count, place_room;
};

void left_out_begin(struct left_out *list, struct arena *arena);
void left_out_release(struct left_out *list);

/* Names one. `path` is where it lies, `name` where it would lie in the tree. */
void left_out_add(struct left_out *list, const char *path, const char *name, const char *format,
                  ...) PRINTF_LIKE(4, 5);

/* May a new file go in? If not it is named. Asked in the order of the paths. */
bool left_out_takes(struct left_out *list, const char *path, const char *name);

/* When it was changed last, in nanoseconds since 1970. */
int64_t left_out_time(const struct stat *status);

/* All of them, a long list cut; how many. */
int left_out_list(struct left_out *list, const struct code_left_out **files);

#endif
