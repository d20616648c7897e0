#define _GNU_SOURCE
#include "show/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run/bin.h"
#include "run/resolve.h"
#include "run/settings.h"

/* "gan" of "/home/somebody/gan/.gander", "runs" of "/scratch/runs". */
static const char *label_of(struct arena *arena, const char *path)
{
    char *copy = arena_strdup(arena, path), *slash = strrchr(copy, '/');
    if (slash && slash[1] == '.' && slash > copy) {
        *slash = '\0';
        slash = strrchr(copy, '/');
    }
    return slash && slash[1] ? slash + 1 : copy;
}

int index_catalogue(struct index *index, struct index_place *place, struct catalogue **out)
{
    int error = 0;
    if (!place->catalogue) {
        error = catalogue_open(&place->catalogue, &place->store);
        if (!error)
            error = catalogue_refresh(place->catalogue, index->now);
        const char *remark = place->catalogue ? catalogue_remark(place->catalogue) : NULL;
        if (remark && index->remark)
            index->remark(index->context, remark);
    }
    *out = place->catalogue;
    return error;
}

static int open_places(struct index *index, const char *const *directories, int count,
                       enum index_when when)
{
    int error = 0, places = MAX(count, 1);
    index->places = arena_alloc(&index->arena, (size_t)places, sizeof *index->places);
    for (int i = 0; i < places && !error; i++) {
        struct index_place *place = &index->places[index->count++];
        struct catalogue *catalogue;
        error = store_open(&place->store, count > 0 ? directories[i] : NULL, STORE_FIND);
        place->label = label_of(&index->arena, place->store.path);
        if (!error && when == INDEX_NOW)
            error = index_catalogue(index, place, &catalogue);
    }
    return error;
}

int index_open_stores(struct index *out, const char *const *directories, int count,
                      enum index_when when, double now)
{
    out->now = now;
    int error = open_places(out, directories, count, when);
    if (!error)
        error = config_read_for(&out->config, &out->places[0].store);
    if (error)
        index_close(out);
    return error;
}

void index_close(struct index *index)
{
    for (int i = 0; i < index->count; i++) {
        catalogue_close(index->places[i].catalogue);
        store_release(&index->places[i].store);
    }
    config_release(&index->config);
    arena_release(&index->arena);
    *index = (struct index){ 0 };
}

/* --- runs --- */

/* "2:" of "2:7", where there are several stores; 0 for the first, whatever stands there. */
static int read_place(const struct index *index, const char **text)
{
    char *end;
    long place = strtol(*text, &end, 10);
    if (index->count == 1 || end == *text || *end != ':')
        return 0;
    if (place < 1 || place > index->count)
        return fail(ERR_NOT_FOUND, "there is no store %ld: %d were given", place, index->count);
    *text = end + 1;
    return (int)place;
}

static int resolve_in(struct index *index, struct index_place *place, const char *text,
                      int64_t *number)
{
    struct catalogue *catalogue;
    int error = 0;
    if (run_resolve_plain(&place->store, text, number, &error))
        return error;
    error = index_catalogue(index, place, &catalogue);
    return error ? error : run_resolve_name(catalogue, &place->store, text, number);
}

int index_resolve(struct index *index, const char *text, struct index_run *out)
{
    int place = read_place(index, &text);
    if (place < 0)
        return place;
    out->place = &index->places[MAX(place - 1, 0)];
    int error = resolve_in(index, out->place, text, &out->number);
    out->title = index->count > 1
                     ? arena_printf(&index->arena, "%d:%lld", MAX(place, 1), (long long)out->number)
                     : arena_printf(&index->arena, "%lld", (long long)out->number);
    return error;
}

/* A list that grows in an arena. */
struct run_growth {
    struct index *index;
    struct index_run *runs;
    int count, room;
};

static void add(struct run_growth *list, const struct index_run *run)
{
    for (int i = 0; i < list->count; i++)
        if (list->runs[i].place == run->place && list->runs[i].number == run->number)
            return;
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        struct index_run *more = arena_alloc(&list->index->arena, (size_t)list->room, sizeof *more);
        if (list->count > 0)
            memcpy(more, list->runs, (size_t)list->count * sizeof *more);
        list->runs = more;
    }
    list->runs[list->count++] = *run;
}

/* "3..7": those of the range that are there. False for what is no range. */
static bool add_range(struct run_growth *list, const char *text, int *error)
{
    int64_t first, last, *numbers;
    int count, before = list->count;
    const char *dots = strstr(text, "..");
    struct arena *arena = &list->index->arena;
    struct store *store = &list->index->places[0].store;
    if (!dots || parse_integer(arena_strndup(arena, text, (size_t)(dots - text)), &first) < 0 ||
        parse_integer(dots + 2, &last) < 0)
        return false;
    *error = store_runs(store, &numbers, &count);
    for (int i = 0; !*error && i < count; i++)
        if (numbers[i] >= first && numbers[i] <= last)
            add(list, &(struct index_run){ &list->index->places[0], numbers[i],
                                           arena_printf(arena, "%lld", (long long)numbers[i]) });
    free(numbers);
    if (!*error && list->count == before)
        *error = fail(ERR_NOT_FOUND, "there are no runs '%.60s' in '%s'", text, store->path);
    return true;
}

int index_resolve_words(struct index *index, const char *const *words, int word_count,
                        struct index_run **runs, int *count)
{
    struct run_growth list = { .index = index };
    int error = 0;
    for (int i = 0; i < word_count && !error; i++) {
        struct index_run run;
        if (add_range(&list, words[i], &error))
            continue;
        error = index_resolve(index, words[i], &run);
        if (!error)
            add(&list, &run);
    }
    *runs = list.runs;
    *count = list.count;
    return error;
}

/* --- rows --- */

int index_list(struct index *index, const struct index_run *runs, int count,
               struct listed_run **out)
{
    int error = 0;
    *out = arena_alloc(&index->arena, (size_t)count, sizeof **out);
    for (int i = 0; i < count && !error; i++) {
        struct catalogue *catalogue;
        (*out)[i].place = runs[i].place;
        error = index_catalogue(index, runs[i].place, &catalogue);
        if (!error)
            error =
                catalogue_run(catalogue, &index->arena, runs[i].number, index->now, &(*out)[i].row);
    }
    return error;
}

const char *run_title(struct index *index, const struct listed_run *run)
{
    long long number = (long long)run->row.number;
    if (index->count == 1)
        return arena_printf(&index->arena, "%lld", number);
    return arena_printf(&index->arena, "%d:%lld", (int)(run->place - index->places) + 1, number);
}

const char *run_long_title(struct index *index, const struct listed_run *run)
{
    const char *title = run_title(index, run), *name = run->row.name;
    return name ? arena_printf(&index->arena, "%s %s", title, name) : title;
}

char *run_place(struct arena *arena, const struct listed_run *run)
{
    const struct store *store = &run->place->store;
    return run->row.is_binned ? bin_directory(arena, store, run->row.number)
                              : store_run_directory(arena, store, run->row.number);
}
