#define _GNU_SOURCE
#include "run/pulse.h"

#include <sys/stat.h>

#include "base/file.h"

/* FNV-1a over whole numbers: Fowler, Noll & Vo 1991. */
static uint64_t mix(uint64_t hash, int64_t value)
{
    for (int i = 0; i < 8; i++)
        hash = (hash ^ ((uint64_t)value >> (8 * i) & 0xff)) * 0x100000001b3;
    return hash;
}

static uint64_t mix_file(uint64_t hash, const char *path, bool with_time)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return mix(hash, -1);
    hash = mix(mix(hash, (int64_t)status.st_ino), status.st_size);
    return with_time ? mix(mix(hash, status.st_mtim.tv_sec), status.st_mtim.tv_nsec) : hash;
}

/* The mtime of worker.jsonl is its heartbeat, which is no news. */
static uint64_t mix_run(uint64_t hash, struct arena *arena, const char *directory)
{
    static const char *const files[] = { "events.jsonl", "worker.jsonl", "notes.jsonl" };
    static const char *const locks[] = { "lock", "command.lock" };
    for (int i = 0; i < ARRAY_SIZE(files); i++)
        hash = mix_file(hash, path_join(arena, directory, files[i]), false);
    for (int i = 0; i < ARRAY_SIZE(locks); i++)
        hash = mix(hash, lock_is_held(path_join(arena, directory, locks[i])));
    return hash;
}

uint64_t store_pulse(const struct store *store, const int64_t *live, int live_count)
{
    struct arena arena = { 0 };
    uint64_t hash = 0xcbf29ce484222325;
    hash = mix_file(hash, path_join(&arena, store->path, "runs"), true);
    hash = mix_file(hash, path_join(&arena, store->path, "bin"), true);
    hash = mix_file(hash, path_join(&arena, store->path, "changes"), false);
    for (int i = 0; i < live_count; i++)
        hash = mix_run(mix(hash, live[i]), &arena, store_run_directory(&arena, store, live[i]));
    arena_release(&arena);
    return hash;
}
