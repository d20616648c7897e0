#include "run/same.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "run/journal.h"
#include "run/rundir.h"

/* One value, or a sample. */
struct said {
    int64_t step;
    const char *name, *text; /* of a sample its path */
    bool is_sample;
};

struct story {
    struct arena *arena;
    const char *directory;
    struct said *list;
    int count, room;
    int64_t until;
};

static bool depends_on_time(const char *name)
{
    return strstr(name, "second") || strstr(name, "time") || strncmp(name, "use.", 4) == 0;
}

static void add(struct story *story, struct said said)
{
    if (story->count == story->room) {
        story->room = MAX(2 * story->room, 1024);
        story->list = xrealloc(story->list, (size_t)story->room, sizeof *story->list);
    }
    story->list[story->count++] = said;
}

static int note(void *context, const struct event *event)
{
    struct story *story = context;
    bool is_late = story->until > 0 && event->step > story->until;
    if (event->is_superseded || is_late)
        return 0;
    for (int i = 0; i < event->metric_count; i++)
        if (!depends_on_time(event->metrics[i].name))
            add(story,
                (struct said){ event->step, arena_strdup(story->arena, event->metrics[i].name),
                               arena_strdup(story->arena, event->metrics[i].text), false });
    if (event->sample)
        add(story,
            (struct said){ event->step, arena_strdup(story->arena, event->sample), "", true });
    return 0;
}

static int read_story(struct story *story)
{
    struct worker_story worker = { .size = 0 };
    struct events_place place = { .offset = 0 };
    int error = worker_read(story->arena, &worker, story->directory, NULL, NULL);
    return error ? error : events_read(story->directory, &worker, &place, 0, note, story);
}

/* Samples that are gone, as gc has it, tell nothing. */
static bool has_same_file(struct arena *arena, const struct story *a, const struct story *b,
                          const char *name)
{
    char first[HASH_TEXT_SIZE], second[HASH_TEXT_SIZE];
    if (hash_of_file(path_join(arena, a->directory, name), first) < 0 ||
        hash_of_file(path_join(arena, b->directory, name), second) < 0)
        return true;
    return strcmp(first, second) == 0;
}

static void part(struct same *out, const struct said *a, const struct said *b)
{
    const struct said *here = a ? a : b;
    bool is_same_thing = a && b && a->step == b->step && strcmp(a->name, b->name) == 0;
    out->is_same = false;
    out->step = a && b ? MIN(a->step, b->step) : here->step;
    out->what = is_same_thing ? here->name : NULL;
    out->a = a ? a->text : "";
    out->b = b ? b->text : "";
}

static void compare(struct arena *arena, struct same *out, const struct story *a,
                    const struct story *b)
{
    for (int i = 0; i < MAX(a->count, b->count); i++) {
        const struct said *x = i < a->count ? &a->list[i] : NULL;
        const struct said *y = i < b->count ? &b->list[i] : NULL;
        bool is_same = x && y && x->step == y->step && strcmp(x->name, y->name) == 0 &&
                       strcmp(x->text, y->text) == 0 &&
                       (!x->is_sample || has_same_file(arena, a, b, x->name));
        if (!is_same) {
            part(out, x, y);
            return;
        }
        out->samples += x->is_sample;
        out->values += !x->is_sample;
    }
}

int same_runs(struct arena *arena, struct same *out, const struct store *store, int64_t a,
              int64_t b, int64_t until)
{
    struct story first = { .arena = arena, .until = until }, second = first;
    first.directory = store_run_directory(arena, store, a);
    second.directory = store_run_directory(arena, store, b);
    *out = (struct same){ .is_same = true, .a = "", .b = "" };
    int error = read_story(&first);
    if (!error)
        error = read_story(&second);
    if (!error)
        compare(arena, out, &first, &second);
    free(first.list);
    free(second.list);
    return error;
}
