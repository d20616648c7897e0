/* What the tags of event files are called as metrics.
 *
 * The tag alone, with the name of its directory before it where that is a part of the run ("val/loss",
 * see event_folders.h). Where several runs of TensorBoard's become one, a tag that another of them
 * had first has its own one's name before it. */
#ifndef GANDER_EXCHANGE_TAG_NAMES_H
#define GANDER_EXCHANGE_TAG_NAMES_H

#include "event_folders.h"
#include "name_map.h"

struct tag_names { /* all zero is empty */
    struct name_map names;
    const char **owners; /* (names): the unit that had it first */
    int room;
};

/* In the arena. */
const char *tag_name(struct tag_names *names, struct arena *arena,
                     const struct event_folder *folder, const char *tag);
void tag_names_release(struct tag_names *names);

#endif
