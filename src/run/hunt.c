#include "run/hunt.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 64 };

static bool has(const uint64_t *set, int at)
{
    return set[at / BITS] >> (at % BITS) & 1;
}

static void add(uint64_t *set, int at)
{
    set[at / BITS] |= UINT64_C(1) << (at % BITS);
}

static int ones(uint64_t word)
{
    int count = 0;
    for (; word; word &= word - 1)
        count++;
    return count;
}

static const uint64_t *row_of(const struct hunt *hunt, int commit)
{
    return hunt->reach + (size_t)commit * (size_t)hunt->words;
}

/* Ids of commits, sorted, to find parents by. */
struct place {
    const char *id;
    int at;
};

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->id, ((const struct place *)b)->id);
}

static int find(const struct place *places, int count, const char *id)
{
    const struct place key = { id, 0 };
    const struct place *found =
        count > 0 ? bsearch(&key, places, (size_t)count, sizeof *places, compare_places) : NULL;
    return found ? found->at : -1;
}

/* Parents come before children, so that their rows are whole. */
static void fill_row(struct hunt *hunt, const struct code_commit *commit, int at,
                     const struct place *places)
{
    uint64_t *row = hunt->reach + (size_t)at * (size_t)hunt->words;
    add(row, at);
    for (int p = 0; p < commit->parent_count; p++) {
        int parent = find(places, hunt->count, commit->parents[p]);
        for (int i = 0; parent >= 0 && i < hunt->words; i++)
            row[i] |= row_of(hunt, parent)[i];
    }
}

void hunt_init(struct hunt *out, struct arena *arena, const struct code_commit *commits, int count)
{
    struct arena scratch = { 0 };
    struct place *places = arena_alloc(&scratch, (size_t)count + 1, sizeof *places);
    int words = (count + BITS - 1) / BITS;
    *out = (struct hunt){ .count = count, .words = words };
    out->reach = arena_alloc(arena, (size_t)count * (size_t)words + 1, sizeof *out->reach);
    out->suspects = arena_alloc(arena, (size_t)words + 1, sizeof *out->suspects);
    out->answers = arena_alloc(arena, (size_t)count + 1, sizeof *out->answers);
    for (int i = 0; i < count; i++) {
        places[i] = (struct place){ commits[i].id, i };
        add(out->suspects, i);
    }
    qsort(places, (size_t)count, sizeof *places, compare_places);
    for (int i = 0; i < count; i++)
        fill_row(out, &commits[i], i, places);
    arena_release(&scratch);
    if (count > 0)
        hunt_answer(out, count - 1, HUNT_BAD);
}

void hunt_answer(struct hunt *hunt, int commit, enum hunt_answer answer)
{
    const uint64_t *row = row_of(hunt, commit);
    hunt->answers[commit] = answer;
    for (int i = 0; i < hunt->words; i++)
        if (answer == HUNT_BAD)
            hunt->suspects[i] &= row[i];
        else if (answer == HUNT_GOOD)
            hunt->suspects[i] &= ~row[i];
}

int hunt_suspect_count(const struct hunt *hunt)
{
    int count = 0;
    for (int i = 0; i < hunt->words; i++)
        count += ones(hunt->suspects[i]);
    return count;
}

bool hunt_suspects(const struct hunt *hunt, int commit)
{
    return has(hunt->suspects, commit);
}

int hunt_next(const struct hunt *hunt)
{
    int all = hunt_suspect_count(hunt), best = -1, best_left = 0;
    for (int commit = 0; commit < hunt->count; commit++) {
        int before = 0;
        if (!has(hunt->suspects, commit) || hunt->answers[commit] != HUNT_UNKNOWN)
            continue;
        for (int i = 0; i < hunt->words; i++)
            before += ones(row_of(hunt, commit)[i] & hunt->suspects[i]);
        int left = MIN(before, all - before);
        if (left > best_left) {
            best = commit;
            best_left = left;
        }
    }
    return best;
}
