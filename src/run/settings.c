#define _GNU_SOURCE
#include "run/settings.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

/* $XDG_CONFIG_HOME/gander/config.ini, by default ~/.config/gander/config.ini; NULL without both. */
static char *own_path(struct arena *arena)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        return path_join(arena, config, "gander/config.ini");
    return home && home[0] ? path_join(arena, home, ".config/gander/config.ini") : NULL;
}

static bool is_trusted(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0);
}

int config_read_for(struct config *out, const struct store *store)
{
    struct arena arena = { 0 };
    const char *stores = store ? path_join(&arena, store->path, "config.ini") : NULL;
    const char *const paths[] = { own_path(&arena), stores && is_trusted(stores) ? stores : NULL };
    int error = config_read(out, paths, ARRAY_SIZE(paths));
    arena_release(&arena);
    return error;
}
