#include "run/estimate.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "data/dataset.h"

enum { ASSUMED_SIDE = 28, ASSUMED_CLASSES = 10 };

int estimate_look(struct arena *arena, const struct recipe *recipe, struct estimate_images *out)
{
    struct dataset *set;
    int error = dataset_look(&set, recipe->data.source, DATASET_TRAIN, recipe->data.count);
    const char *source = arena_strdup(arena, recipe->data.source);
    *out = (struct estimate_images){ { source, ASSUMED_SIDE, ASSUMED_SIDE, ASSUMED_CLASSES },
                                     .count = recipe->data.count };
    if (error == ERR_NOT_FOUND) {
        out->missing = arena_printf(arena, "%s; taking images of %dx%d in %d classes instead",
                                    error_text(), ASSUMED_SIDE, ASSUMED_SIDE, ASSUMED_CLASSES);
        return 0;
    }
    if (error)
        return recipe_blame(recipe, "data.source");
    out->size = (struct game_images){ source, set->height, set->width, set->classes };
    out->count = set->count;
    dataset_close(set);
    return 0;
}

/* --- time, by earlier runs --- */

/* What the time of a step depends on, besides the machine. */
static const char *const cost_keys[] = {
    "generator.latent",       "generator.layers", "discriminator.layers",
    "training.batch",         "training.d_steps", "training.penalty",
    "training.penalty_every", "training.threads", "training.optimiser",
};

struct judges { /* newest first */
    struct run_row *rows;
    int64_t *numbers;
    int count;
};

/* Recipes that trained on this machine for long enough to tell. */
static int find_judges(struct estimate *estimate, struct catalogue *catalogue, double now,
                       struct judges *out)
{
    enum { LOOKED_AT = 64 };
    const double least_seconds = 0.05;
    struct catalogue_query query = { .order = ORDER_DESCENDING,
                                     .limit = LOOKED_AT,
                                     .with_archived = true };
    struct run_row *rows;
    int count;
    int error = catalogue_list(catalogue, &estimate->arena, &query, now, &rows, &count, NULL);
    if (error)
        return error;
    out->rows = rows;
    out->numbers = arena_alloc(&estimate->arena, (size_t)count, sizeof *out->numbers);
    out->count = 0;
    for (int i = 0; i < count; i++)
        if (!rows[i].is_command && rows[i].step > 0 && rows[i].took > least_seconds &&
            rows[i].host && strcmp(rows[i].host, host_name()) == 0) {
            rows[out->count] = rows[i];
            out->numbers[out->count++] = rows[i].number;
        }
    return 0;
}

static const char *value_of(struct arena *arena, const struct recipe *recipe, const char *key)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, key) == 0)
            return recipe_value(arena, recipe, &fields[i]);
    return "";
}

/* The newest judge whose steps cost the same; -1 for none. */
static int find_same(struct estimate *estimate, const struct recipe *recipe,
                     struct catalogue *catalogue, const struct judges *judges)
{
    int *same = arena_alloc(&estimate->arena, (size_t)judges->count, sizeof *same);
    for (int k = 0; k < ARRAY_SIZE(cost_keys); k++) {
        const char *value = value_of(&estimate->arena, recipe, cost_keys[k]);
        struct setting_row *settings;
        int count;
        if (catalogue_settings(catalogue, &estimate->arena, judges->numbers, judges->count,
                               cost_keys[k], &settings, &count) < 0)
            return -1;
        for (int i = 0; i < judges->count; i++)
            for (int j = 0; j < count; j++)
                same[i] +=
                    settings[j].run == judges->numbers[i] && strcmp(settings[j].value, value) == 0;
    }
    for (int i = 0; i < judges->count; i++)
        if (same[i] == ARRAY_SIZE(cost_keys))
            return i;
    return -1;
}

/* The work of a step of a run that was launched; NaN where its recipe cannot be told any more. */
static double work_of(struct arena *arena, const struct store *store, int64_t number)
{
    struct recipe recipe;
    struct estimate_images images;
    struct plan plan;
    double work = NAN;
    const char *path = path_join(arena, store_run_directory(arena, store, number), "recipe.ini");
    if (recipe_read(&recipe, path, NULL, 0) < 0)
        return NAN;
    if (estimate_look(arena, &recipe, &images) == 0 &&
        plan_init(&plan, &recipe, &images.size, 1) == 0) {
        work = plan.step_flop;
        plan_release(&plan);
    }
    recipe_release(&recipe);
    return work;
}

static void judge(struct estimate *estimate, const struct recipe *recipe, const struct store *store,
                  struct catalogue *catalogue, double now)
{
    struct judges judges = { .count = 0 };
    double scale = 1;
    if (find_judges(estimate, catalogue, now, &judges) < 0 || judges.count == 0)
        return;
    int chosen = find_same(estimate, recipe, catalogue, &judges);
    estimate->is_same = chosen >= 0;
    if (chosen < 0) {
        chosen = 0;
        scale = estimate->plan.step_flop / work_of(&estimate->arena, store, judges.numbers[0]);
    }
    const struct run_row *row = &judges.rows[chosen];
    estimate->step_seconds = row->took / (double)row->step * scale;
    if (isfinite(estimate->step_seconds))
        estimate->by_run = row->number;
}

int estimate_make(struct estimate *out, const struct recipe *recipe, const struct store *store,
                  struct catalogue *catalogue, double now)
{
    *out = (struct estimate){ .step_seconds = NAN };
    out->threads = recipe->training.threads > 0 ? recipe->training.threads : host_cores();
    int error = estimate_look(&out->arena, recipe, &out->images);
    if (!error)
        error = plan_init(&out->plan, recipe, &out->images.size, out->threads);
    if (!error && catalogue)
        judge(out, recipe, store, catalogue, now);
    return error;
}

void estimate_release(struct estimate *estimate)
{
    plan_release(&estimate->plan);
    arena_release(&estimate->arena);
    *estimate = (struct estimate){ .step_seconds = NAN };
}
