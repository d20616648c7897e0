#include "judging.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "gan/engine.h"
#include "run_classifier.h"

/* --- opening --- */

static int check_recipe(struct judging *judging)
{
    const char *path = path_join(&judging->place.arena, judging->place.directory, "recipe.ini");
    if (!file_exists(path))
        return fail(ERR_INVALID,
                    "run %lld is a command: only runs of a recipe have a discriminator",
                    (long long)judging->place.number);
    return recipe_read(&judging->recipe, path, NULL, 0);
}

/* The chosen one, and so many less one before it that are whole. */
static int find_snapshots(struct judging *judging, const struct arguments *arguments,
                          const struct checkpoint_choice *choice, int wanted)
{
    struct run_file chosen, *files;
    int count, error;
    if ((error = find_checkpoint(&judging->place, arguments, choice, &chosen)) < 0 ||
        (error = run_list_checkpoints(&judging->place.arena, judging->place.directory, &files,
                                      &count)) < 0)
        return error;
    judging->snapshots[judging->snapshot_count++] =
        (struct snapshot){ chosen.step, chosen.path, NULL };
    for (int i = count - 1; i >= 0 && judging->snapshot_count < wanted; i--)
        if (files[i].step < chosen.step && run_checkpoint_is_whole(files[i].path))
            judging->snapshots[judging->snapshot_count++] =
                (struct snapshot){ files[i].step, files[i].path, NULL };
    return 0;
}

static int open_judges(struct judging *judging)
{
    int error = 0;
    for (int i = 0; i < judging->snapshot_count && !error; i++)
        error =
            judge_open(&judging->snapshots[i].judge, &judging->recipe, judging->snapshots[i].path);
    if (!error)
        judging->facts = judge_facts(judging->snapshots[0].judge);
    return error;
}

static int check_size(const struct judging *judging, const struct dataset *set)
{
    const struct judge_facts *facts = &judging->facts;
    if (set->height == facts->height && set->width == facts->width &&
        (facts->classes == 0 || (set->labels && set->classes <= facts->classes)))
        return 0;
    return fail(ERR_INVALID, "the data in '%s' are not those that run %lld was trained on",
                set->source, (long long)judging->place.number);
}

static int open_part(struct judging *judging, enum dataset_part part, struct dataset **out)
{
    const struct recipe *recipe = &judging->recipe;
    int count = part == DATASET_TRAIN ? recipe->data.count : 0;
    int error =
        dataset_open(out, recipe->data.source, part, count, (uint64_t)recipe->training.seed);
    return error ? error : check_size(judging, *out);
}

static int open_all(struct judging *judging, const struct arguments *arguments,
                    const struct checkpoint_choice *choice, int snapshots)
{
    int error;
    if ((error = check_recipe(judging)) < 0 ||
        (error = find_snapshots(judging, arguments, choice, snapshots)) < 0 ||
        (error = open_judges(judging)) < 0 ||
        (error = open_part(judging, DATASET_TEST, &judging->test)) < 0)
        return error;
    return pool_new(&judging->pool, engine_threads(&judging->recipe));
}

enum exit_status judging_open(struct judging *out, const struct arguments *arguments,
                              const struct checkpoint_choice *choice, int snapshots)
{
    *out = (struct judging){ 0 };
    enum exit_status status = open_run(&out->place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    if (open_all(out, arguments, choice, snapshots) == 0)
        return STATUS_DONE;
    status = command_failed(arguments);
    judging_close(out);
    return status;
}

void judging_close(struct judging *judging)
{
    classifier_free(judging->classifier);
    pool_free(judging->pool);
    dataset_close(judging->train);
    dataset_close(judging->test);
    for (int i = 0; i < judging->snapshot_count; i++)
        judge_close(judging->snapshots[i].judge);
    recipe_release(&judging->recipe);
    close_run(&judging->place);
}

int judging_open_train(struct judging *judging)
{
    return judging->train ? 0 : open_part(judging, DATASET_TRAIN, &judging->train);
}

int judging_open_classifier(struct judging *judging, bool trains)
{
    int error = judging_open_train(judging);
    if (error)
        return error;
    error = open_run_classifier(&judging->classifier, &judging->place.store, judging->train, trains,
                                judging->pool);
    return error && !trains ? 0 : error;
}

/* --- labels --- */

int *judging_set_labels(const struct judging *judging, const struct dataset *set, int count)
{
    if (judging->facts.classes == 0)
        return NULL;
    int *labels = xcalloc((size_t)count, sizeof *labels);
    for (int i = 0; i < count; i++)
        labels[i] = set->labels[i];
    return labels;
}

static void read_labels(struct judging *judging, const uint8_t *images, int count, int *labels)
{
    int classes = classifier_facts(judging->classifier).classes;
    float *probabilities = xcalloc((size_t)count * (size_t)classes, sizeof *probabilities);
    classifier_read(judging->classifier, images, count, NULL, probabilities);
    for (int i = 0; i < count; i++)
        labels[i] = classifier_verdict(probabilities + (size_t)i * (size_t)classes, classes);
    free(probabilities);
}

int judging_labels(struct judging *judging, const uint8_t *images, int count, int64_t label,
                   int **out)
{
    long long run = judging->place.number;
    *out = NULL;
    if (judging->facts.classes == 0)
        return label < 0 ? 0
                         : fail(ERR_INVALID,
                                "option '--label': run %lld is not conditional, its discriminator "
                                "takes no label",
                                run);
    if (label >= judging->facts.classes)
        return fail(ERR_INVALID, "option '--label': run %lld knows the classes 0 to %d", run,
                    judging->facts.classes - 1);
    if (label < 0 && !judging->classifier)
        return fail(ERR_INVALID,
                    "run %lld is conditional: say with --label what the images shall be, or have a "
                    "classifier read it (--train makes one)",
                    run);
    *out = xcalloc((size_t)count, sizeof **out);
    if (label < 0)
        read_labels(judging, images, count, *out);
    for (int i = 0; i < count && label >= 0; i++)
        (*out)[i] = (int)label;
    return 0;
}

void judging_logits(struct judging *judging, const uint8_t *images, const int *labels, int count,
                    float *logits)
{
    float *one = xcalloc((size_t)count, sizeof *one);
    for (int i = 0; i < count; i++)
        logits[i] = 0;
    for (int s = 0; s < judging->snapshot_count; s++) {
        judge_bytes(judging->snapshots[s].judge, images, labels, count, one);
        for (int i = 0; i < count; i++)
            logits[i] += one[i] / (float)judging->snapshot_count;
    }
    free(one);
}

bool judging_is_probability(const struct judging *judging)
{
    int objective = judging->recipe.training.objective;
    return objective == OBJECTIVE_MINIMAX || objective == OBJECTIVE_NON_SATURATING;
}
