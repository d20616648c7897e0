/* The journal of a study. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "gan/classifier.h"
#include "study_state.h"

enum { STUDY_VERSION = 1, HASH_SHOWN = 16, FILE_LIMIT = 1 << 26 };

char *study_gan_path(struct arena *arena, const struct study *study, int size, int seed)
{
    return arena_printf(arena, "%s.%d-%d.safetensors", study->path, size, seed);
}

/* Of all that the outcome of a cell depends on, besides its size and seed. */
static void hash_study(const struct study *study, char hash[HASH_TEXT_SIZE])
{
    struct arena arena = { 0 };
    const char *text = arena_printf(
        &arena, "study %d classifier %d updates %d made %d train %s test %s threads %d\n%s",
        STUDY_VERSION, CLASSIFIER_VERSION, study->wish.updates, study->wish.made,
        study->train->hash, study->test->hash, pool_threads(study->pool),
        recipe_text(&arena, study->recipe));
    hash_of(text, strlen(text), hash);
    arena_release(&arena);
}

static int find_size(const struct study *study, int64_t size)
{
    for (int i = 0; i < study->wish.size_count; i++)
        if (study->wish.sizes[i] == size)
            return i;
    return -1;
}

/* Lines of other sizes and seeds are of another wish; broken ones are passed over. */
static void take_line(struct study *study, const char *text, size_t length)
{
    struct json *line;
    int64_t size, seed;
    struct study_cell cell = { .is_done = true };
    if (json_parse(&line, text, length) < 0)
        return;
    const struct json *accuracy = json_member(line, "accuracy");
    bool is_whole = json_get_integer(json_member(line, "size"), &size) &&
                    json_get_integer(json_member(line, "seed"), &seed) &&
                    json_get_number(json_member(line, "seconds"), &cell.seconds) &&
                    json_get_number(json_member(line, "d_loss"), &cell.d_loss) &&
                    json_get_number(json_member(line, "g_loss"), &cell.g_loss);
    for (int way = 0; way < STUDY_WAYS && is_whole; way++)
        is_whole = json_get_number(json_member(accuracy, study_way_name((enum study_way)way)),
                                   &cell.accuracy[way]);
    int index = is_whole ? find_size(study, size) : -1;
    if (index >= 0 && seed >= 1 && seed <= study->wish.seeds)
        *study_cell_at(study, index, (int)seed) = cell;
    json_free(line);
}

static int read_kept(struct study *study)
{
    char *text;
    size_t size;
    int error = file_read(study->path, FILE_LIMIT, &text, &size);
    if (error)
        return error == ERR_NOT_FOUND ? 0 : error;
    for (const char *at = text, *end; (end = strchr(at, '\n')); at = end + 1)
        take_line(study, at, (size_t)(end - at));
    free(text);
    return 0;
}

int study_keep_open(struct study *study, const struct store *store)
{
    char hash[HASH_TEXT_SIZE];
    char *folder = path_join(&study->arena, store->path, "studies");
    hash_study(study, hash);
    study->path = path_join(&study->arena, folder,
                            arena_printf(&study->arena, "%.*s.jsonl", HASH_SHOWN, hash));
    int error = make_directories(folder);
    if (!error)
        error = lock_take(arena_printf(&study->arena, "%s.lock", study->path), &study->lock);
    if (error == ERR_BUSY)
        return fail(ERR_BUSY, "another process is at this study");
    if (!error)
        error = read_kept(study);
    if (!error)
        error = line_writer_open(&study->journal, study->path);
    return error;
}

void study_keep_close(struct study *study)
{
    line_writer_close(&study->journal);
    if (study->lock >= 0)
        close(study->lock);
}

int study_keep(struct study *study, int size_index, int seed)
{
    const struct study_cell *cell = study_cell_at(study, size_index, seed);
    struct json *line = json_new_object(), *accuracy = json_new_object();
    for (int way = 0; way < STUDY_WAYS; way++)
        json_set_number(accuracy, study_way_name((enum study_way)way), cell->accuracy[way]);
    json_set_integer(line, "size", study->wish.sizes[size_index]);
    json_set_integer(line, "seed", seed);
    json_set(line, "accuracy", accuracy);
    json_set_number(line, "d_loss", cell->d_loss);
    json_set_number(line, "g_loss", cell->g_loss);
    json_set_number(line, "seconds", cell->seconds);
    char *text = json_text(line, 0);
    int error = line_writer_put(&study->journal, text);
    free(text);
    json_free(line);
    return error;
}
