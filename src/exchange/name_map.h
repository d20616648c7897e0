/* From names to small numbers. */
#ifndef GANDER_EXCHANGE_NAME_MAP_H
#define GANDER_EXCHANGE_NAME_MAP_H

#include "base/memory.h"

struct name_entry;

struct name_map { /* all zero is an empty one */
    struct name_entry *entries;
    size_t room; /* a power of two */
    int count;
    struct arena arena; /* owns the names */
};

/* The number of a name: 0, 1, 2 … in the order in which they first came. */
int name_number(struct name_map *map, const char *name);
int name_find(const struct name_map *map, const char *name); /* -1: it has not come */
/* All of them, (count), by their numbers. */
void name_list(const struct name_map *map, const char **names);
void name_map_release(struct name_map *map);

#endif
