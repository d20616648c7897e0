#include "export_onnx.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "chosen_checkpoint.h"
#include "exchanged.h"
#include "gan/generator.h"
#include "nn/layer.h"

/* --- from a network --- */

struct tensors {
    struct arena *arena;
    struct onnx_tensor *list;
    int count, room;
};

static int keep_tensor(void *context, const char *name, int dimensions, const int64_t *shape,
                       const float *values)
{
    struct tensors *tensors = context;
    size_t count = 1;
    if (tensors->count == tensors->room) {
        tensors->room = tensors->room ? 2 * tensors->room : 32;
        struct onnx_tensor *larger =
            arena_alloc(tensors->arena, (size_t)tensors->room, sizeof *larger);
        if (tensors->count > 0)
            memcpy(larger, tensors->list, (size_t)tensors->count * sizeof *larger);
        tensors->list = larger;
    }
    struct onnx_tensor *tensor = &tensors->list[tensors->count++];
    *tensor = (struct onnx_tensor){ .name = arena_strdup(tensors->arena, name),
                                    .dimensions = dimensions };
    for (int i = 0; i < dimensions; i++) {
        tensor->shape[i] = shape[i];
        count *= (size_t)shape[i];
    }
    float *copy = arena_alloc(tensors->arena, count, sizeof *copy);
    memcpy(copy, values, count * sizeof *copy);
    tensor->values = copy;
    return 0;
}

static void copy_shape(int out[3], struct shape shape)
{
    out[0] = shape.channels;
    out[1] = shape.height;
    out[2] = shape.width;
}

void onnx_of_network(struct arena *arena, struct network *net, int height, int width,
                     struct onnx_model *out)
{
    struct tensors tensors = { .arena = arena };
    struct onnx_layer *layers = arena_alloc(arena, (size_t)net->layer_count, sizeof *layers);
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        layers[i] = (struct onnx_layer){ .word = layer->ops->name,
                                         .kernel = layer->kernel,
                                         .stride = layer->stride,
                                         .pad = layer->pad,
                                         .slope = layer->slope,
                                         .maximum = layer->maximum };
        copy_shape(layers[i].in, layer->in);
        copy_shape(layers[i].out, layer->out);
    }
    network_export(net, NULL, NULL, keep_tensor, &tensors);
    out->latent = shape_size(net->input);
    out->classes = net->uses_labels ? net->classes : 0;
    if (net->uses_condition) {
        out->condition[0] = net->condition.height;
        out->condition[1] = net->condition.width;
    }
    out->height = height;
    out->width = width;
    out->layers = layers;
    out->layer_count = net->layer_count;
    out->tensors = tensors.list;
    out->tensor_count = tensors.count;
}

/* --- the command --- */

struct exporting {
    struct arguments *arguments;
    struct open_run run;
    struct recipe recipe;
    const char *path; /* of the file; NULL: standard output */
};

static int write_model(struct exporting *exporting, const struct generator *generator)
{
    struct arena *arena = &exporting->run.arena;
    struct generator_facts facts = generator_facts(generator);
    struct exchanged_text text;
    const char *step = arena_printf(arena, "%lld", (long long)facts.step);
    const char *const about[] = {
        "run",        arena_printf(arena, "%lld", (long long)exporting->run.number),
        "experiment", exporting->recipe.experiment.name,
        "step",       step,
        "weights",    facts.is_averaged ? "average" : "raw",
        "layers",     exporting->recipe.generator.layers,
        NULL
    };
    struct onnx_model model = { .name = exporting->recipe.experiment.name,
                                .note = "latent: numbers from N(0, 1); images: -1 black, 1 white",
                                .facts = about };
    onnx_of_network(arena, generator_network(generator), facts.height, facts.width, &model);
    int error = exchanged_open(&text, exporting->path, option_given(exporting->arguments, "force"));
    if (error)
        return error;
    error = exchanged_close(&text, onnx_write(&text.outlet, &model));
    if (!error && text.is_file)
        printf("%s: run %lld, step %s%s\n",
               text_clean(arena, exporting->path, strlen(exporting->path)),
               (long long)exporting->run.number, format_count(arena, (double)facts.step),
               facts.is_averaged ? ", averaged weights" : "");
    return error;
}

static int export_generator(struct exporting *exporting)
{
    struct checkpoint_choice choice;
    struct run_file checkpoint;
    struct generator *generator;
    struct arguments *arguments = exporting->arguments;
    bool raw = option_given(arguments, "raw");
    option_checkpoint(arguments, &choice);
    int error = find_checkpoint(&exporting->run, arguments, &choice, &checkpoint);
    if (error)
        return error;
    error = (raw ? generator_open_raw : generator_open)(&generator, &exporting->recipe,
                                                        checkpoint.path);
    if (error)
        return error;
    error = write_model(exporting, generator);
    generator_close(generator);
    return error;
}

static int check_operands(const struct arguments *arguments, const char *path)
{
    struct checkpoint_choice choice;
    if (arguments->operand_count != 1)
        return fail(ERR_INVALID, "a model of ONNX is of one run");
    if (!path && isatty(STDOUT_FILENO))
        return fail(ERR_INVALID, "a model is nothing for a terminal: -o FILE.onnx");
    return option_checkpoint(arguments, &choice);
}

enum exit_status export_onnx(struct arguments *arguments)
{
    struct exporting exporting = { .arguments = arguments,
                                   .path = option_text(arguments, "output") };
    if (check_operands(arguments, exporting.path) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&exporting.run, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    const char *recipe = path_join(&exporting.run.arena, exporting.run.directory, "recipe.ini");
    int error = file_exists(recipe)
                    ? recipe_read(&exporting.recipe, recipe, NULL, 0)
                    : fail(ERR_INVALID, "run %lld is of no recipe: it has no generator of gander's",
                           (long long)exporting.run.number);
    if (!error) {
        error = export_generator(&exporting);
        recipe_release(&exporting.recipe);
    }
    if (error)
        status = command_failed(arguments);
    close_run(&exporting.run);
    return status;
}
