#include <string.h>

#include "archive_parts.h"
#include "base/file.h"
#include "base/text.h"

enum { NAME_LIMIT = 1000, DEPTH_LIMIT = 8 };

const char *const archive_files[] = {
    "run.json", "recipe.ini", "worker.jsonl", "events.jsonl", "notes.jsonl", "log.txt", NULL
};
const char *const archive_folders[] = { "samples", "checkpoints", NULL };

/* A path that neither leads anywhere else, nor is hidden, nor could move a terminal's cursor. */
static bool is_sound(const char *name)
{
    struct arena arena = { 0 };
    int depth = 1;
    bool sound = strlen(name) <= NAME_LIMIT && path_is_below(name) && name[0] != '.' &&
                 !strstr(name, "/.") && !strchr(name, '\\') &&
                 strcmp(text_clean(&arena, name, NAME_LIMIT), name) == 0;
    for (const char *letter = name; *letter; letter++)
        depth += *letter == '/';
    arena_release(&arena);
    return sound && depth <= DEPTH_LIMIT;
}

bool archive_knows(const char *name)
{
    if (strcmp(name, ARCHIVE_CODE_NAME) == 0)
        return true;
    for (int i = 0; archive_files[i]; i++)
        if (strcmp(name, archive_files[i]) == 0)
            return true;
    for (int i = 0; archive_folders[i]; i++) {
        size_t length = strlen(archive_folders[i]);
        if (strncmp(name, archive_folders[i], length) == 0 && name[length] == '/')
            return is_sound(name);
    }
    return false;
}
