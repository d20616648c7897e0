#define _GNU_SOURCE
#include "run/pulse.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/fnv.h"

static uint64_t mix_file(uint64_t hash, const char *path, bool with_time)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return fnv_integer(hash, -1);
    hash = fnv_integer(fnv_integer(hash, (int64_t)status.st_ino), status.st_size);
    return with_time ? fnv_integer(fnv_integer(hash, status.st_mtim.tv_sec), status.st_mtim.tv_nsec)
                     : hash;
}

/* The mtime of worker.jsonl is its heartbeat, which is no news. */
static uint64_t mix_run(uint64_t hash, struct arena *arena, const char *directory)
{
    static const char *const files[] = { "events.jsonl", "worker.jsonl", "notes.jsonl" };
    static const char *const locks[] = { "lock", "command.lock" };
    for (int i = 0; i < ARRAY_SIZE(files); i++)
        hash = mix_file(hash, path_join(arena, directory, files[i]), false);
    for (int i = 0; i < ARRAY_SIZE(locks); i++)
        hash = fnv_integer(hash, lock_is_held(path_join(arena, directory, locks[i])));
    return hash;
}

uint64_t store_pulse(const struct store *store, const int64_t *live, int live_count)
{
    struct arena arena = { 0 };
    uint64_t hash = FNV_START;
    hash = mix_file(hash, path_join(&arena, store->path, "runs"), true);
    hash = mix_file(hash, path_join(&arena, store->path, "bin"), true);
    hash = mix_file(hash, path_join(&arena, store->path, "changes"), false);
    for (int i = 0; i < live_count; i++)
        hash = mix_run(fnv_integer(hash, live[i]), &arena,
                       store_run_directory(&arena, store, live[i]));
    arena_release(&arena);
    return hash;
}
