/* Event files that are there become runs. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "event_cuts.h"
#include "event_folders.h"
#include "event_stream.h"
#include "exchange/tensorboard.h"
#include "tag_names.h"
#include "taking.h"

enum { STREAMS = 128 /* directories that are read side by side */, LOOK_EVERY = 4096 /* events */ };

/* One directory on its way into a run. */
struct feed {
    struct event_stream stream;
    struct event_cuts cuts;
    bool has_event;
};

struct reading {
    const struct take_wish *wish;
    struct sink *sink;
    struct taken_run *out;
    struct tag_names names;
    struct arena arena; /* of what is made for one event */
    struct arena *lasting;
};

/* --- values --- */

static int take_images(struct reading *reading, const struct feed *feed, const char *name,
                       const struct event_value *value)
{
    struct tensorboard_counts *counts = &reading->out->counts;
    const struct tb_event *event = &feed->stream.event;
    int error = sink_images(reading->sink, event->time, event->step, name, value->images,
                            value->image_count);
    if (error == ERR_INVALID) {
        counts->unreadable += value->image_count;
        if (!counts->why)
            counts->why = text_clean(reading->lasting, error_text(), 300);
        return 0;
    }
    counts->images += value->image_count;
    return error;
}

static int take_value(struct reading *reading, const struct feed *feed,
                      const struct event_value *value)
{
    struct tensorboard_counts *counts = &reading->out->counts;
    const struct event_stream *stream = &feed->stream;
    if (value->kind == EVENT_OTHER) {
        counts->others++;
        return 0;
    }
    if (event_is_cut(&feed->cuts, stream, value->tag)) {
        counts->superseded += value->kind == EVENT_IMAGES ? value->image_count : 1;
        return 0;
    }
    const char *name = tag_name(&reading->names, &reading->arena, stream->folder, value->tag);
    if (value->kind == EVENT_IMAGES)
        return take_images(reading, feed, name, value);
    counts->scalars++;
    return sink_metric(reading->sink, stream->event.time, stream->event.step, name, value->number);
}

/* --- streams side by side --- */

static int advance(struct feed *feed)
{
    int code = event_stream_next(&feed->stream);
    feed->has_event = code > 0;
    return MIN(code, 0);
}

/* The feed whose event is oldest; NULL at the end. One without a time comes at once. */
static struct feed *oldest(struct feed *feeds, int count)
{
    struct feed *best = NULL;
    for (int i = 0; i < count; i++) {
        double time = feeds[i].stream.event.time;
        if (feeds[i].has_event && (!best || isnan(time) || time < best->stream.event.time))
            best = &feeds[i];
    }
    return best;
}

static int read_feeds(struct reading *reading, struct feed *feeds, int count)
{
    int64_t looks = 0;
    int error = 0;
    struct feed *feed;
    for (int i = 0; i < count && !error; i++)
        error = advance(&feeds[i]);
    while (!error && (feed = oldest(feeds, count))) {
        for (int i = 0; i < feed->stream.event.count && !error; i++)
            error = take_value(reading, feed, &feed->stream.event.values[i]);
        arena_release(&reading->arena);
        if (!error)
            error = advance(feed);
        if (!error && ++looks % LOOK_EVERY == 0 && reading->wish->is_unwanted &&
            reading->wish->is_unwanted())
            error = fail(ERR_CANCELLED, "interrupted");
    }
    return error;
}

static int read_some(struct reading *reading, const struct event_folder *folders, int count)
{
    struct feed *feeds = xcalloc((size_t)count, sizeof *feeds);
    int error = 0;
    for (int i = 0; i < count && !error; i++) {
        error = event_cuts_find(&feeds[i].cuts, &folders[i]);
        event_stream_open(&feeds[i].stream, &folders[i], &reading->out->counts);
    }
    if (!error)
        error = read_feeds(reading, feeds, count);
    for (int i = 0; i < count; i++) {
        event_stream_close(&feeds[i].stream);
        event_cuts_release(&feeds[i].cuts);
    }
    free(feeds);
    return error;
}

/* --- runs --- */

static int fill(struct arena *arena, struct taking *taking, const struct event_folder *folders,
                int count, struct taken_run *out)
{
    struct reading reading = {
        .wish = taking->wish, .sink = &taking->sink, .out = out, .lasting = arena
    };
    int error = 0;
    for (int i = 0; i < count && !error; i += STREAMS)
        error = read_some(&reading, folders + i, MIN(count - i, STREAMS));
    arena_release(&reading.arena);
    tag_names_release(&reading.names);
    if (!error && out->counts.scalars + out->counts.images == 0)
        error = fail(ERR_INVALID, "there are no scalars and no images in it");
    return error;
}

static int take(struct arena *arena, const struct store *store, const struct take_wish *wish,
                const struct event_folder *folders, int count, struct taken_run *out)
{
    struct taking taking;
    int error = taking_check(store, "tensorboard", wish, out);
    if (error)
        return error;
    error = taking_begin(&taking, store, wish);
    if (!error)
        error = fill(arena, &taking, folders, count, out);
    if (!error)
        error = taking_end(&taking, "tensorboard", out);
    taking_release(&taking);
    return error;
}

/* The directory's name, also that of a file in it. */
static const char *experiment_of(struct arena *arena, const char *root)
{
    const char *base = path_base(root);
    if (directory_exists(root) || base <= root + 1)
        return base;
    return path_base(arena_strndup(arena, root, (size_t)(base - root) - 1));
}

/* What the run of the folders from `first` on is called, and how many they are. */
static int describe(struct arena *arena, const char *root, const struct event_folders *all,
                    int first, const struct take_wish *wish, struct taken_run *out)
{
    const char *unit = all->folders[first].unit;
    int count = 1;
    while (first + count < all->count &&
           (wish->is_joined || strcmp(all->folders[first + count].unit, unit) == 0))
        count++;
    bool is_root = wish->is_joined || !*unit;
    *out = (struct taken_run){ .path = is_root ? root : path_join(arena, root, unit),
                               .experiment =
                                   wish->experiment ? wish->experiment : experiment_of(arena, root),
                               .name = wish->name ? wish->name
                                       : is_root  ? NULL
                                                  : unit };
    return count;
}

int tensorboard_import(struct arena *arena, const struct store *store, const char *path,
                       const struct take_wish *wish, struct taken_run **runs, int *count)
{
    struct event_folders all;
    char *root = path_absolute(arena, path);
    while (strlen(root) > 1 && root[strlen(root) - 1] == '/')
        root[strlen(root) - 1] = '\0';
    int error = event_folders_find(arena, root, &all);
    *count = 0;
    if (error)
        return error;
    if (all.count == 0)
        return all.problem ? fail(ERR_IO, "%s", all.problem)
                           : fail(ERR_NOT_FOUND, "there are no event files in '%s'", path);
    *runs = arena_alloc(arena, (size_t)all.count, sizeof **runs);
    for (int i = 0, members; i < all.count; i += members) {
        struct taken_run *run = &(*runs)[(*count)++];
        members = describe(arena, root, &all, i, wish, run);
        error = take(arena, store, wish, all.folders + i, members, run);
        if (error)
            run->why = arena_strdup(arena, error_text());
        if (error == ERR_CANCELLED)
            break;
    }
    return 0;
}

/* --- words --- */

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

struct sentences {
    struct arena *arena;
    const char **list;
    int count;
};

static void say(struct sentences *sentences, int64_t number, const char *one, const char *rest)
{
    if (number > 0)
        sentences->list[sentences->count++] =
            arena_printf(sentences->arena, "%s %s%s%s",
                         format_count(sentences->arena, (double)number), one, plural(number), rest);
}

const char *const *tensorboard_words(struct arena *arena, const struct tensorboard_counts *counts)
{
    enum { MOST = 10 };
    struct sentences said = { arena, arena_alloc(arena, MOST, sizeof(char *)), 0 };
    said.list[said.count++] =
        arena_printf(arena, "%s scalar%s and %s image%s of %s event file%s",
                     format_count(arena, (double)counts->scalars), plural(counts->scalars),
                     format_count(arena, (double)counts->images), plural(counts->images),
                     format_count(arena, (double)counts->files), plural(counts->files));
    say(&said, counts->superseded, "value",
        " left out: a restart or a later file of the directory begins again before");
    say(&said, counts->others, "value", " left out: text, histograms and the like");
    say(&said, counts->unreadable, "image",
        counts->why ? arena_printf(arena, " left out: %s", counts->why) : " left out");
    say(&said, counts->bad, "damaged record", " passed over");
    say(&said, counts->too_long, "record", " passed over: longer than 64 MB");
    say(&said, counts->damaged, "file", " damaged: what follows in it cannot be told");
    say(&said, counts->torn, "file",
        " with an unfinished last record, as of a training that works");
    return said.list;
}
