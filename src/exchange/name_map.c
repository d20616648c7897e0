#include "name_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"

struct name_entry {
    const char *name; /* NULL: free */
    uint64_t hash;
    int number;
};

/* Where it is, or would be. */
static struct name_entry *place_of(const struct name_map *map, const char *name, uint64_t hash)
{
    size_t at = hash & (map->room - 1);
    while (map->entries[at].name &&
           (map->entries[at].hash != hash || strcmp(map->entries[at].name, name) != 0))
        at = (at + 1) & (map->room - 1);
    return &map->entries[at];
}

static void grow(struct name_map *map)
{
    struct name_map larger = { .room = map->room ? 2 * map->room : 64 };
    larger.entries = xcalloc(larger.room, sizeof *larger.entries);
    for (size_t i = 0; i < map->room; i++)
        if (map->entries[i].name)
            *place_of(&larger, map->entries[i].name, map->entries[i].hash) = map->entries[i];
    free(map->entries);
    map->entries = larger.entries;
    map->room = larger.room;
}

int name_find(const struct name_map *map, const char *name)
{
    const struct name_entry *entry =
        map->room ? place_of(map, name, fnv_text(FNV_START, name)) : NULL;
    return entry && entry->name ? entry->number : -1;
}

int name_number(struct name_map *map, const char *name)
{
    uint64_t hash = fnv_text(FNV_START, name);
    if (2 * (size_t)map->count >= map->room)
        grow(map);
    struct name_entry *entry = place_of(map, name, hash);
    if (!entry->name)
        *entry = (struct name_entry){ arena_strdup(&map->arena, name), hash, map->count++ };
    return entry->number;
}

void name_list(const struct name_map *map, const char **names)
{
    for (size_t i = 0; i < map->room; i++)
        if (map->entries[i].name)
            names[map->entries[i].number] = map->entries[i].name;
}

void name_map_release(struct name_map *map)
{
    free(map->entries);
    arena_release(&map->arena);
    *map = (struct name_map){ .count = 0 };
}
