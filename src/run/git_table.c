#include <stdlib.h>
#include <string.h>

#include "git_parts.h"

struct id_slot {
    git_oid id;
    int value; /* -1: free */
};

/* The slot of the id, or the free one where it belongs. Ids are as good as random. */
static int slot_of(const struct id_table *table, const git_oid *id)
{
    uint32_t hash;
    memcpy(&hash, id->id, sizeof hash);
    uint32_t slot = hash & ((uint32_t)table->room - 1);
    while (table->slots[slot].value >= 0 && !git_oid_equal(&table->slots[slot].id, id))
        slot = (slot + 1) & ((uint32_t)table->room - 1);
    return (int)slot;
}

static void grow(struct id_table *table)
{
    struct id_table old = *table;
    table->room = old.room ? old.room * 2 : 64;
    table->slots = xcalloc((size_t)table->room, sizeof *table->slots);
    for (int i = 0; i < table->room; i++)
        table->slots[i].value = -1;
    for (int i = 0; i < old.room; i++)
        if (old.slots[i].value >= 0)
            table->slots[slot_of(table, &old.slots[i].id)] = old.slots[i];
    free(old.slots);
}

int id_table_find(const struct id_table *table, const git_oid *id)
{
    return table->room > 0 ? table->slots[slot_of(table, id)].value : -1;
}

void id_table_add(struct id_table *table, const git_oid *id, int value)
{
    if (table->count * 2 >= table->room)
        grow(table);
    int slot = slot_of(table, id);
    table->count += table->slots[slot].value < 0;
    table->slots[slot].id = *id;
    table->slots[slot].value = value;
}

void id_table_release(struct id_table *table)
{
    free(table->slots);
    *table = (struct id_table){ 0 };
}
