#include "event_cuts.h"

#include <stdlib.h>

struct event_restart {
    int64_t order; /* of its event */
    int64_t step;  /* the smallest of its own and of all restarts after it */
};

/* Where a tag begins in a file. */
struct tag_start {
    int file;
    int64_t step; /* the smallest of its first one and of those in later files */
    struct tag_start *before;
};

static void add_restart(struct event_cuts *cuts, const struct event_stream *stream)
{
    if (cuts->restart_count == cuts->restart_room) {
        cuts->restart_room = cuts->restart_room ? 2 * cuts->restart_room : 16;
        cuts->restarts =
            xrealloc(cuts->restarts, (size_t)cuts->restart_room, sizeof *cuts->restarts);
    }
    cuts->restarts[cuts->restart_count++] =
        (struct event_restart){ stream->order, stream->event.step };
}

static void add_tag(struct event_cuts *cuts, const struct event_stream *stream, const char *tag)
{
    int number = name_number(&cuts->tags, tag);
    if (number >= cuts->start_room) {
        int room = MAX(2 * cuts->start_room, 64);
        cuts->starts = xrealloc(cuts->starts, (size_t)room, sizeof(void *));
        for (int i = cuts->start_room; i < room; i++)
            cuts->starts[i] = NULL;
        cuts->start_room = room;
    }
    struct tag_start *newest = cuts->starts[number];
    if (newest && newest->file == stream->file)
        return;
    struct tag_start *start = arena_alloc(&cuts->arena, 1, sizeof *start);
    *start = (struct tag_start){ stream->file, stream->event.step, newest };
    cuts->starts[number] = start;
}

/* From each on to the end, the smallest step. */
static void sum_up(struct event_cuts *cuts)
{
    for (int i = cuts->restart_count - 2; i >= 0; i--)
        cuts->restarts[i].step = MIN(cuts->restarts[i].step, cuts->restarts[i + 1].step);
    for (int i = 0; i < cuts->tags.count; i++)
        for (struct tag_start *start = cuts->starts[i]; start->before; start = start->before)
            start->before->step = MIN(start->before->step, start->step);
}

int event_cuts_find(struct event_cuts *cuts, const struct event_folder *folder)
{
    struct tensorboard_counts ignored = { 0 };
    struct event_stream stream;
    int code;
    *cuts = (struct event_cuts){ .restart_count = 0 };
    event_stream_open(&stream, folder, &ignored);
    while ((code = event_stream_next(&stream)) > 0) {
        if (stream.event.is_restart)
            add_restart(cuts, &stream);
        for (int i = 0; i < stream.event.count; i++)
            if (stream.event.values[i].kind != EVENT_OTHER)
                add_tag(cuts, &stream, stream.event.values[i].tag);
    }
    event_stream_close(&stream);
    sum_up(cuts);
    return code;
}

void event_cuts_release(struct event_cuts *cuts)
{
    free(cuts->restarts);
    free(cuts->starts);
    name_map_release(&cuts->tags);
    arena_release(&cuts->arena);
}

bool event_is_cut(const struct event_cuts *cuts, const struct event_stream *stream, const char *tag)
{
    int64_t step = stream->event.step;
    int low = 0, high = cuts->restart_count, number = name_find(&cuts->tags, tag);
    while (low < high) { /* the first restart after the event */
        int middle = low + (high - low) / 2;
        if (cuts->restarts[middle].order <= stream->order)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < cuts->restart_count && step >= cuts->restarts[low].step)
        return true;
    const struct tag_start *later = NULL;
    const struct tag_start *start = number >= 0 ? cuts->starts[number] : NULL;
    for (; start && start->file > stream->file; start = start->before)
        later = start;
    return later && step >= later->step;
}
