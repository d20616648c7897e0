#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "augment.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/version.h"
#include "chosen_checkpoint.h"
#include "data/idx.h"
#include "gan/engine.h"
#include "gan/generator.h"
#include "json_out.h"
#include "run/walk.h"
#include "run_classifier.h"
#include "run/walk.h"

enum {
    COUNT_LIMIT = 1000000,
    BATCH = 1000,
    ROUNDS = 20,       /* of drawing what was not read as asked for */
    LATENT_STREAM = 1, /* of the seed */
    LABEL_STREAM = 2
};

struct making {
    struct arguments *arguments;
    struct open_run place;
    struct checkpoint_choice choice;
    struct recipe recipe;
    struct generator *generator;
    struct generator_facts facts;
    struct pool *pool;
    struct classifier *classifier; /* NULL: none */
    int count;
    int64_t seed;
    bool keeps_agreed;
    uint8_t *images, *labels; /* (count, height, width), (count) */
    int64_t drawn, agreed;    /* in all; agreed -1: nobody read them */
};

/* --- opening --- */

static int read_wish(struct making *making)
{
    const struct arguments *arguments = making->arguments;
    int64_t count = -1;
    static const char *const others[] = {
        "sizes", "seeds", "steps", "updates", "made", "set", "yes"
    };
    for (int i = 0; i < ARRAY_SIZE(others); i++)
        if (option_given(arguments, others[i]))
            return fail(ERR_INVALID, "option '--%s' goes with --study", others[i]);
    making->seed = -1;
    making->keeps_agreed = option_given(arguments, "keep-agreed");
    int error = option_integer(arguments, "count", 1, COUNT_LIMIT, &count);
    if (!error)
        error = option_integer(arguments, "seed", 0, INT64_MAX, &making->seed);
    if (!error)
        error = option_checkpoint(arguments, &making->choice);
    if (!error && (count < 0 || !option_text(arguments, "output")))
        error = fail(ERR_INVALID, "it needs --count and --output, or --study");
    making->count = (int)count;
    return error;
}

static int open_generator(struct making *making)
{
    struct run_file checkpoint;
    int error = find_checkpoint(&making->place, making->arguments, &making->choice, &checkpoint);
    if (!error)
        error = recipe_read(&making->recipe,
                            path_join(&making->place.arena, making->place.directory, "recipe.ini"),
                            NULL, 0);
    if (!error)
        error = walk_check_recipe(&making->recipe, making->place.number);
    if (!error)
        error = generator_open(&making->generator, &making->recipe, checkpoint.path);
    if (error)
        return error;
    making->facts = generator_facts(making->generator);
    if (making->seed < 0)
        making->seed = making->recipe.training.seed;
    if (making->facts.classes > 0)
        return 0;
    return fail(
        ERR_INVALID,
        "run %lld is not conditional: nobody knows the labels of its images (train a recipe "
        "like experiments/conditional.ini)",
        (long long)making->place.number);
}

/* The data are only needed for that: where they are gone, nobody reads the images. */
static int open_classifier(struct making *making)
{
    struct dataset *train = NULL;
    bool is_needed = making->keeps_agreed;
    int error = dataset_open(&train, making->recipe.data.source, DATASET_TRAIN,
                             making->recipe.data.count, (uint64_t)making->recipe.training.seed);
    if (!error)
        error = pool_new(&making->pool, engine_threads(&making->recipe));
    if (!error)
        error = open_run_classifier(&making->classifier, &making->place.store, train,
                                    option_given(making->arguments, "train"), making->pool);
    dataset_close(train);
    if (error == ERR_NOT_FOUND && is_needed)
        return fail_prefix("--keep-agreed needs a classifier (--train makes one)");
    return error && (is_needed || option_given(making->arguments, "train")) ? error : 0;
}

static void release(struct making *making)
{
    free(making->images);
    free(making->labels);
    classifier_free(making->classifier);
    pool_free(making->pool);
    generator_close(making->generator);
    recipe_release(&making->recipe);
    close_run(&making->place);
}

/* --- drawing --- */

/* Classes evenly, in an order that has no period: a set without a test part lends every sixth image
 * as one, which must not be of some classes only. */
static void choose_labels(struct making *making)
{
    struct random random;
    uint32_t *order = xcalloc((size_t)making->count, sizeof *order);
    random_seed(&random, (uint64_t)making->seed, LABEL_STREAM);
    for (int i = 0; i < making->count; i++)
        order[i] = (uint32_t)i;
    random_shuffle(&random, order, (uint32_t)making->count);
    for (int i = 0; i < making->count; i++)
        making->labels[i] = (uint8_t)((int)order[i] % making->facts.classes);
    free(order);
}

struct batch {
    int places[BATCH], labels[BATCH], verdicts[BATCH], count;
    float *latents;
    uint8_t *images;
    float *probabilities; /* NULL: nobody reads them */
};

static void draw_batch(struct making *making, struct batch *batch, struct random *latents)
{
    int classes = making->facts.classes;
    random_fill_normal(latents, batch->latents, (size_t)BATCH * (size_t)making->facts.latent);
    for (int i = 0; i < batch->count; i++)
        batch->labels[i] = making->labels[batch->places[i]];
    generator_draw(making->generator, batch->latents, batch->labels, batch->count, batch->images,
                   NULL);
    making->drawn += batch->count;
    if (!batch->probabilities)
        return;
    classifier_read(making->classifier, batch->images, batch->count, NULL, batch->probabilities);
    for (int i = 0; i < batch->count; i++) {
        batch->verdicts[i] =
            classifier_verdict(batch->probabilities + (size_t)i * (size_t)classes, classes);
        making->agreed += batch->verdicts[i] == batch->labels[i];
    }
}

/* Draws for the places [0, left) and keeps in front those that must be drawn again. Returns how many
 * these are. */
static int draw_round(struct making *making, struct batch *batch, int *places, int left,
                      struct random *latents)
{
    size_t area = (size_t)making->facts.height * (size_t)making->facts.width;
    int again = 0;
    for (int first = 0; first < left; first += BATCH) {
        batch->count = MIN(BATCH, left - first);
        memcpy(batch->places, places + first, (size_t)batch->count * sizeof *places);
        draw_batch(making, batch, latents);
        for (int i = 0; i < batch->count; i++) {
            int place = batch->places[i];
            if (making->keeps_agreed && batch->verdicts[i] != batch->labels[i])
                places[again++] = place;
            else
                memcpy(making->images + (size_t)place * area, batch->images + (size_t)i * area,
                       area);
        }
    }
    return again;
}

static int draw_all(struct making *making)
{
    size_t area = (size_t)making->facts.height * (size_t)making->facts.width;
    struct batch batch = { .latents = xcalloc(BATCH, (size_t)making->facts.latent * sizeof(float)),
                           .images = xcalloc(BATCH, area),
                           .probabilities =
                               making->classifier
                                   ? xcalloc(BATCH, (size_t)making->facts.classes * sizeof(float))
                                   : NULL };
    struct random latents;
    int *places = xcalloc((size_t)making->count, sizeof *places), left = making->count;
    making->images = xcalloc((size_t)making->count, area);
    making->labels = xcalloc((size_t)making->count, 1);
    making->agreed = making->classifier ? 0 : -1;
    random_seed(&latents, (uint64_t)making->seed, LATENT_STREAM);
    choose_labels(making);
    for (int i = 0; i < left; i++)
        places[i] = i;
    for (int round = 0; round < ROUNDS && left > 0; round++)
        left = draw_round(making, &batch, places, left, &latents);
    int class = left > 0 ? making->labels[places[0]] : 0;
    free(places);
    free(batch.probabilities);
    free(batch.images);
    free(batch.latents);
    return left == 0 ? 0
                     : fail(ERR_INVALID,
                            "%d of %d images are not read as the class asked for, as of class %d, "
                            "even the %dth time: train it for longer, or leave out --keep-agreed",
                            left, making->count, class, ROUNDS);
}

/* --- writing --- */

/* {"run":3,"experiment":…}: where the images come from. */
static struct json *origin_json(const struct making *making)
{
    struct json *object = json_new_object();
    json_set_integer(object, "run", making->place.number);
    json_set_string(object, "experiment", making->recipe.experiment.name);
    json_set_integer(object, "step", making->facts.step);
    json_set_string(object, "data", making->recipe.data.source);
    json_set_integer(object, "seed", making->seed);
    json_set_integer(object, "count", making->count);
    json_set_integer(object, "classes", making->facts.classes);
    json_set_bool(object, "keep_agreed", making->keeps_agreed);
    if (making->agreed >= 0)
        json_set_number(object, "agreement", (double)making->agreed / (double)making->drawn);
    json_set_string(object, "gander", GANDER_VERSION);
    return object;
}

static int write_files(const struct making *making, struct arena *arena, const char *directory)
{
    const struct generator_facts *facts = &making->facts;
    const struct idx images = { making->count, facts->height, facts->width, making->images };
    const struct idx labels = { making->count, 1, 1, making->labels };
    struct json *origin = origin_json(making);
    char *text = json_text(origin, 2), *line = arena_printf(arena, "%s\n", text);
    int error = idx_write(&images, 3, path_join(arena, directory, "train-images-idx3-ubyte"));
    if (!error)
        error = idx_write(&labels, 1, path_join(arena, directory, "train-labels-idx1-ubyte"));
    if (!error)
        error = file_create(path_join(arena, directory, "made.json"), line, strlen(line), true);
    free(text);
    json_free(origin);
    return error;
}

static int check_place(const char *path)
{
    return file_exists(path) || directory_exists(path)
               ? fail(ERR_EXISTS, "'%s' is there already", path)
               : 0;
}

/* It appears whole, by one rename. */
static int write_directory(const struct making *making, const char *path)
{
    struct arena arena = { 0 };
    char *final = path_absolute(&arena, path);
    for (size_t end = strlen(final); end > 1 && final[end - 1] == '/';)
        final[--end] = '\0';
    char *parent = arena_strndup(&arena, final, (size_t)(path_base(final) - final));
    char *growing = arena_printf(&arena, "%s.tmp-%ld", final, (long)getpid());
    int error = mkdir(growing, 0777) == 0
                    ? 0
                    : fail(code_of_errno(errno), "cannot make '%s': %s", path, strerror(errno));
    if (!error) {
        error = write_files(making, &arena, growing);
        if (!error && rename(growing, final) != 0)
            error = fail(code_of_errno(errno), "cannot make '%s': %s", path, strerror(errno));
        if (error) {
            char *sentence = arena_strdup(&arena, error_text());
            remove_tree(parent, path_base(growing));
            fail(error, "%s", sentence);
        } else {
            directory_sync(parent);
        }
    }
    arena_release(&arena);
    return error;
}

static void print_words(struct making *making, const char *path)
{
    struct arena *arena = &making->place.arena;
    printf("%s labelled images of %d classes in '%s', by run %lld (%s, step %s)\n",
           format_count(arena, making->count), making->facts.classes, path,
           (long long)making->place.number, text_clean(arena, making->recipe.experiment.name, 60),
           format_count(arena, (double)making->facts.step));
    if (making->agreed < 0)
        return;
    printf("the classifier reads %.1f %% of %s that were drawn as what was asked for%s\n",
           100.0 * (double)making->agreed / (double)making->drawn,
           format_count(arena, (double)making->drawn),
           making->keeps_agreed ? "; the others were drawn again" : "");
}

static int make(struct making *making)
{
    const char *path = option_text(making->arguments, "output");
    int error = check_place(path);
    if (!error)
        error = open_generator(making);
    if (!error)
        error = open_classifier(making);
    if (!error)
        error = draw_all(making);
    if (!error)
        error = write_directory(making, path);
    if (!error && option_given(making->arguments, "json"))
        json_put_out(origin_json(making));
    else if (!error)
        print_words(making, path);
    return error;
}

enum exit_status augment_make(struct arguments *arguments)
{
    struct making making = { .arguments = arguments };
    if (read_wish(&making) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&making.place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    if (make(&making) < 0)
        status = command_failed(arguments);
    release(&making);
    return status;
}
