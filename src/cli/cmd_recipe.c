#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "json_out.h"
#include "record/recipe.h"
#include "run/estimate.h"
#include "show/plan_words.h"

static const struct command_option options[] = {
    { 's', "set", "KEY=VALUE", "Give KEY another VALUE than the recipe does.", true },
    { 0, "json", NULL, "Print one JSON object.", false },
};

enum { TEXT_COLUMNS = 38 };

static void print_row(struct arena *arena, const char *text, const char *shape, size_t parameters,
                      double flop)
{
    printf("  %-*.*s %11s %14s %11.3f\n", TEXT_COLUMNS, TEXT_COLUMNS, text, shape,
           format_count(arena, (double)parameters), flop / 1e6);
}

static void print_network(struct arena *arena, const char *title, const char *input,
                          const struct plan_network *net)
{
    printf("%s, from %s\n  %-*s %11s %14s %11s\n", title, input, TEXT_COLUMNS, "layer", "output",
           "parameters", "MFLOP");
    for (int i = 0; i < net->layer_count; i++)
        print_row(arena, text_clean(arena, net->layers[i].text, TEXT_COLUMNS),
                  plan_shape_words(arena, &net->layers[i]), net->layers[i].parameters,
                  net->layers[i].flop);
    print_row(arena, "total", "", net->parameters, net->flop);
    putchar('\n');
}

static void print_costs(struct arena *arena, const struct recipe *recipe, const struct plan *plan)
{
    const struct plan_memory *memory = &plan->memory;
    printf(
        "memory   %s: parameters %s, gradients %s, moments %s,\n"
        "         average %s, passes %s\n",
        format_bytes(arena, (double)memory->total), format_bytes(arena, (double)memory->parameters),
        format_bytes(arena, (double)memory->gradients),
        format_bytes(arena, (double)memory->moments), format_bytes(arena, (double)memory->average),
        format_bytes(arena, (double)memory->passes));
    printf("a step   %s: discriminator %s, generator %s\n", plan_flop_words(arena, plan->step_flop),
           plan_flop_words(arena, plan->d_flop), plan_flop_words(arena, plan->g_flop));
    printf("in all   %s steps of %d images, %s\n\n", format_count(arena, recipe->training.steps),
           recipe->training.batch,
           plan_flop_words(arena, plan->step_flop * recipe->training.steps));
}

static void print_plan(struct arena *arena, const struct recipe *recipe,
                       const struct game_images *images, const struct plan *plan)
{
    const char *noise = arena_printf(arena, "%d features of noise", recipe->generator.latent);
    const char *image = arena_printf(arena, "an image of 1x%dx%d", images->height, images->width);
    print_network(arena, "generator", noise, &plan->generator);
    print_network(arena, "discriminator", image, &plan->discriminator);
    print_costs(arena, recipe, plan);
    fputs(recipe_text(arena, recipe), stdout);
}

static struct json *network_json(const struct plan_network *net)
{
    struct json *object = json_new_object(), *layers = json_new_array();
    for (int i = 0; i < net->layer_count; i++) {
        const struct plan_layer *layer = &net->layers[i];
        struct json *row = json_new_object(), *shape = json_new_array();
        json_push_integer(shape, layer->channels);
        json_push_integer(shape, layer->height);
        json_push_integer(shape, layer->width);
        json_set_string(row, "layer", layer->text);
        json_set(row, "output", shape);
        json_set_integer(row, "parameters", (int64_t)layer->parameters);
        json_set_number(row, "flop", layer->flop);
        json_push(layers, row);
    }
    json_set(object, "layers", layers);
    json_set_integer(object, "parameters", (int64_t)net->parameters);
    json_set_number(object, "flop", net->flop);
    return object;
}

static struct json *memory_json(const struct plan_memory *memory)
{
    struct json *object = json_new_object();
    json_set_integer(object, "parameters", (int64_t)memory->parameters);
    json_set_integer(object, "gradients", (int64_t)memory->gradients);
    json_set_integer(object, "moments", (int64_t)memory->moments);
    json_set_integer(object, "average", (int64_t)memory->average);
    json_set_integer(object, "passes", (int64_t)memory->passes);
    json_set_integer(object, "total", (int64_t)memory->total);
    return object;
}

static struct json *values_json(struct arena *arena, const struct recipe *recipe)
{
    struct json *object = json_new_object();
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++) {
        const char *value = recipe_value(arena, recipe, &fields[i]);
        double number;
        bool is_number = fields[i].type == FIELD_INTEGER || fields[i].type == FIELD_REAL;
        if (is_number && parse_real(value, &number) == 0)
            json_set_number(object, fields[i].key, number);
        else
            json_set_string(object, fields[i].key, value);
    }
    return object;
}

static void print_json(struct arena *arena, const struct recipe *recipe, const struct plan *plan)
{
    struct json *object = json_new_object(), *step = json_new_object();
    json_set_number(step, "flop", plan->step_flop);
    json_set_number(step, "discriminator", plan->d_flop);
    json_set_number(step, "generator", plan->g_flop);
    json_set_string(object, "experiment", recipe->experiment.name);
    json_set(object, "generator", network_json(&plan->generator));
    json_set(object, "discriminator", network_json(&plan->discriminator));
    json_set(object, "memory", memory_json(&plan->memory));
    json_set(object, "step", step);
    json_set(object, "recipe", values_json(arena, recipe));
    json_put_out(object);
}

static int show(struct arguments *arguments, const struct recipe *recipe)
{
    struct estimate estimate;
    int error = estimate_make(&estimate, recipe, NULL, NULL, 0);
    if (!error && estimate.images.missing)
        fprintf(stderr, "gander recipe: %s\n", estimate.images.missing);
    if (!error && option_given(arguments, "json"))
        print_json(&arguments->arena, recipe, &estimate.plan);
    else if (!error)
        print_plan(&arguments->arena, recipe, &estimate.images.size, &estimate.plan);
    estimate_release(&estimate);
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    int setting_count;
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    struct recipe recipe;
    if (recipe_read(&recipe, arguments->operands[0], settings, setting_count) < 0)
        return command_failed(arguments);
    int code = show(arguments, &recipe);
    recipe_release(&recipe);
    return code < 0 ? command_failed(arguments) : STATUS_DONE;
}

const struct command command_recipe = {
    .name = "recipe",
    .summary = "Show what a recipe comes to",
    .operands = "FILE",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .details = "Print both networks as tables (output shape, parameters, and millions of "
               "floating-point operations for one image), the memory that training takes, the "
               "operations of a step, and the recipe with its defaults filled in. Nothing is "
               "trained. What a recipe may say stands in gander-recipe(5).",
    .run = run,
};
