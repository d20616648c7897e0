/* How good restored images are, beside simpler ways to make them. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "draw/table.h"
#include "gan/engine.h"
#include "json_out.h"
#include "nn/pool.h"
#include "restore.h"
#include "run_classifier.h"

enum { CLASSIFIER_SEED = 1 };

/* What measures. */
struct meter {
    struct pool *pool;
    struct dataset *learned;
    struct classifier *classifier;
    struct moments real;
};

/* Built-in digits of all seeds are read by the classifier of seed 1, as while training. */
static int open_learned(struct meter *meter, const struct restore *restore)
{
    const struct recipe *recipe = &restore->recipe;
    return dataset_open(&meter->learned, recipe->data.source, DATASET_TRAIN, recipe->data.count,
                        CLASSIFIER_SEED);
}

static int meter_open(struct meter *meter, struct restore *restore)
{
    bool trains = option_given(restore->arguments, "train");
    *meter = (struct meter){ .pool = NULL };
    int error = pool_new(&meter->pool, engine_threads(&restore->recipe));
    if (!error)
        error = open_learned(meter, restore);
    if (!error)
        error = open_run_classifier(&meter->classifier, &restore->run.store, meter->learned, trains,
                                    meter->pool);
    if (error == ERR_NOT_FOUND && !trains)
        return fail(error, "the store has no classifier of '%s' yet: --train trains one",
                    meter->learned ? meter->learned->source : restore->recipe.data.source);
    if (!error)
        restoration_reference(&meter->real, meter->classifier, meter->learned);
    return error;
}

static void meter_close(struct meter *meter)
{
    if (meter->real.mean)
        moments_release(&meter->real);
    classifier_free(meter->classifier);
    dataset_close(meter->learned);
    pool_free(meter->pool);
}

static int measure_part(const struct meter *meter, const struct restore *restore,
                        const struct restore_part *part, struct restored *out)
{
    size_t count = (size_t)restore->count * restore->area;
    uint8_t *images = xcalloc(count, 1), *originals = xcalloc(count, 1);
    pixels_to_bytes(part->pixels, images, count);
    pixels_to_bytes(restore->images, originals, count);
    int error = restoration_measure(out, meter->classifier, &meter->real, images, originals,
                                    restore->made, restore->labels, restore->count);
    free(images);
    free(originals);
    return error;
}

static void print_table(struct restore *restore, const struct restore_part *parts, int part_count,
                        const struct restored *measured)
{
    enum { COLUMNS = 4 };
    static const struct table_column columns[COLUMNS] = {
        { .title = "images" },
        { .title = "class kept", .is_right = true },
        { .title = "PSNR", .is_right = true },
        { .title = "Fréchet", .is_right = true }
    };
    struct arena *arena = &restore->run.arena;
    struct table_cell *cells = arena_alloc(arena, (size_t)part_count * COLUMNS, sizeof *cells);
    struct table table = { columns, COLUMNS, cells, part_count };
    struct terminal terminal;
    for (int i = 0; i < part_count; i++) {
        struct table_cell *row = cells + (ptrdiff_t)i * COLUMNS;
        row[0].text = parts[i].name;
        row[1].text = arena_printf(arena, "%.1f %%", 100 * measured[i].agreement);
        row[2].text =
            isfinite(measured[i].psnr) ? arena_printf(arena, "%.2f dB", measured[i].psnr) : "";
        row[3].text =
            isfinite(measured[i].frechet) ? arena_printf(arena, "%.2f", measured[i].frechet) : "";
    }
    terminal_probe(&terminal, stdout);
    table_print(stdout, &table, &terminal);
}

static void print_json(const struct restore *restore, const struct restore_part *parts,
                       int part_count, const char *what, const struct restored *measured)
{
    struct json *root = json_new_object(), *list = json_new_array();
    for (int i = 0; i < part_count; i++) {
        struct json *row = json_new_object();
        json_set_string(row, "images", parts[i].name);
        json_set_number(row, "class_kept", measured[i].agreement);
        json_set_number(row, "psnr", measured[i].psnr);
        json_set_number(row, "frechet", measured[i].frechet);
        json_push(list, row);
    }
    json_set_integer(root, "run", restore->run.number);
    json_set_integer(root, "step", restore->checkpoint.step);
    json_set_string(root, "what", what);
    json_set_integer(root, "count", restore->count);
    json_set(root, "measured", list);
    json_put_out(root);
}

int restore_measure(struct restore *restore, const struct restore_part *parts, int part_count,
                    const char *what, bool is_json)
{
    struct meter meter;
    struct restored *measured =
        arena_alloc(&restore->run.arena, (size_t)part_count, sizeof *measured);
    if (!restore->labels)
        return fail(ERR_INVALID, "'%s' has no labels, which a classifier could be held against",
                    restore->recipe.data.source);
    int error = meter_open(&meter, restore);
    for (int i = 0; i < part_count && !error; i++)
        error = measure_part(&meter, restore, &parts[i], &measured[i]);
    if (!error && is_json)
        print_json(restore, parts, part_count, what, measured);
    if (!error && !is_json) {
        printf("run %lld, step %s: %s\n", (long long)restore->run.number,
               format_count(&restore->run.arena, (double)restore->checkpoint.step), what);
        print_table(restore, parts, part_count, measured);
    }
    meter_close(&meter);
    return error;
}
