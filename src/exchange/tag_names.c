#include "tag_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Metrics of a worker's own begin with "use." (see gander-journal(5)). */
static const char *plain_name(struct arena *arena, const struct event_folder *folder,
                              const char *tag)
{
    const char *name = arena_printf(arena, "%s%s", folder->prefix, tag);
    name = text_clean(arena, name, strlen(name));
    return strncmp(name, "use.", 4) == 0 ? arena_printf(arena, "use/%s", name + 4) : name;
}

const char *tag_name(struct tag_names *names, struct arena *arena,
                     const struct event_folder *folder, const char *tag)
{
    const char *name = plain_name(arena, folder, tag);
    int before = names->names.count, number = name_number(&names->names, name);
    if (number >= names->room) {
        names->room = MAX(2 * names->room, 64);
        names->owners = xrealloc(names->owners, (size_t)names->room, sizeof(char *));
    }
    if (number == before)
        names->owners[number] = arena_strdup(&names->names.arena, folder->unit);
    if (strcmp(names->owners[number], folder->unit) == 0 || !*folder->unit)
        return name;
    return arena_printf(arena, "%s/%s", text_clean(arena, folder->unit, strlen(folder->unit)),
                        name);
}

void tag_names_release(struct tag_names *names)
{
    name_map_release(&names->names);
    free(names->owners);
    *names = (struct tag_names){ .room = 0 };
}
