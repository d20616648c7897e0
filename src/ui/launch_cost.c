/* Shapes and cost of the networks as they are in the form: planned beside the screen. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "launch_state.h"
#include "run/estimate.h"
#include "show/plan_words.h"

enum { LINES = 512 };

struct cost_input {
    const char *const *settings;
    const char *title;
    int columns, runs;
};

struct cost_result {
    struct page_line lines[LINES];
    int count;
    struct launch_cost cost;
};

struct sheet_of_costs { /* what is written, and where */
    struct arena *arena;
    struct cost_result *out;
    int columns;
};

static void put(struct sheet_of_costs *sheet, enum role role, const char *text)
{
    if (sheet->out->count < LINES)
        sheet->out->lines[sheet->out->count++] = (struct page_line){ text, role };
}

static void put_row(struct sheet_of_costs *sheet, enum role role, const char *text,
                    const char *shape, const char *parameters, const char *flop)
{
    enum { NUMBERS = 36 };
    int width = MAX(sheet->columns - NUMBERS, 12);
    put(sheet, role,
        arena_printf(sheet->arena, " %-*.*s %10s %12s %9s", width, width,
                     text_clean(sheet->arena, text, (size_t)width), shape, parameters, flop));
}

static const char *mega(struct arena *arena, double flop)
{
    return flop > 0 ? arena_printf(arena, "%.3f", flop / 1e6) : "";
}

static const char *parameters_words(struct arena *arena, size_t parameters)
{
    return parameters > 0 ? format_count(arena, (double)parameters) : "";
}

static void put_network(struct sheet_of_costs *sheet, const char *title, const char *input,
                        const struct plan_network *network)
{
    struct arena *arena = sheet->arena;
    put(sheet, ROLE_TITLE, arena_printf(arena, " %s, from %s", title, input));
    put_row(sheet, ROLE_DIM, "layer", "output", "parameters", "MFLOP");
    for (int i = 0; i < network->layer_count; i++) {
        const struct plan_layer *layer = &network->layers[i];
        put_row(sheet, ROLE_TEXT, layer->text, plan_shape_words(arena, layer),
                parameters_words(arena, layer->parameters), mega(arena, layer->flop));
    }
    put_row(sheet, ROLE_TITLE, "total", "", format_count(arena, (double)network->parameters),
            mega(arena, network->flop));
    put(sheet, ROLE_TEXT, "");
}

static void put_costs(struct sheet_of_costs *sheet, const struct estimate *estimate,
                      const struct recipe *recipe)
{
    struct arena *arena = sheet->arena;
    const struct plan *plan = &estimate->plan;
    const struct plan_memory *memory = &plan->memory;
    put(sheet, ROLE_TITLE, " cost");
    put(sheet, ROLE_TEXT,
        arena_printf(arena, " images   %s of %dx%d%s",
                     estimate->images.count ? format_count(arena, estimate->images.count) : "all",
                     estimate->images.size.height, estimate->images.size.width,
                     estimate->images.missing ? ", as far as is known" : ""));
    put(sheet, ROLE_TEXT,
        arena_printf(arena, " memory   %s", format_bytes(arena, (double)memory->total)));
    put(sheet, ROLE_DIM,
        arena_printf(arena, "          parameters %s, gradients %s,",
                     format_bytes(arena, (double)memory->parameters),
                     format_bytes(arena, (double)memory->gradients)));
    put(sheet, ROLE_DIM,
        arena_printf(arena, "          moments %s, average %s, passes %s",
                     format_bytes(arena, (double)memory->moments),
                     format_bytes(arena, (double)memory->average),
                     format_bytes(arena, (double)memory->passes)));
    put(sheet, ROLE_TEXT,
        arena_printf(arena, " a step   %s", plan_flop_words(arena, plan->step_flop)));
    put(sheet, ROLE_DIM,
        arena_printf(arena, "          discriminator %s, generator %s",
                     plan_flop_words(arena, plan->d_flop), plan_flop_words(arena, plan->g_flop)));
    put(sheet, ROLE_TEXT,
        arena_printf(arena, " in all   %s steps of %d images, %s",
                     format_count(arena, recipe->training.steps), recipe->training.batch,
                     plan_flop_words(arena, plan->step_flop * recipe->training.steps)));
}

static void put_time(struct sheet_of_costs *sheet, const struct estimate *estimate)
{
    const struct launch_cost *cost = &sheet->out->cost;
    struct arena *arena = sheet->arena;
    put(sheet, ROLE_TEXT,
        estimate->by_run
            ? arena_printf(arena, " time     about %s%s, %s", format_duration(arena, cost->seconds),
                           estimate->is_same ? "" : " by its work", cost->by)
            : " time     unknown: no run on this machine tells");
    if (estimate->images.missing)
        put(sheet, ROLE_WARNING, arena_printf(arena, " %s", estimate->images.missing));
}

static void summarise(struct sheet_of_costs *sheet, const struct estimate *estimate,
                      const struct recipe *recipe)
{
    struct launch_cost *cost = &sheet->out->cost;
    struct arena *arena = sheet->arena;
    const struct plan *plan = &estimate->plan;
    cost->is_known = true;
    cost->seconds = estimate->step_seconds * recipe->training.steps;
    const char *time = "";
    if (estimate->by_run) {
        snprintf(cost->by, sizeof cost->by, "%s run %lld", estimate->is_same ? "as" : "judged by",
                 (long long)estimate->by_run);
        time = arena_printf(arena, ", about %s", format_duration(arena, cost->seconds));
    }
    snprintf(cost->summary, sizeof cost->summary, "G %s, D %s parameters, %s, %s a step%s",
             format_count(arena, (double)plan->generator.parameters),
             format_count(arena, (double)plan->discriminator.parameters),
             format_bytes(arena, (double)plan->memory.total),
             plan_flop_words(arena, plan->step_flop), time);
}

static void write_sheet(struct sheet_of_costs *sheet, const struct estimate *estimate,
                        const struct recipe *recipe)
{
    struct arena *arena = sheet->arena;
    const struct game_images *size = &estimate->images.size;
    summarise(sheet, estimate, recipe);
    put_costs(sheet, estimate, recipe);
    put_time(sheet, estimate);
    put(sheet, ROLE_TEXT, "");
    put_network(sheet, "generator",
                arena_printf(arena, "%d features of noise", recipe->generator.latent),
                &estimate->plan.generator);
    put_network(sheet, "discriminator",
                arena_printf(arena, "an image of 1x%dx%d", size->height, size->width),
                &estimate->plan.discriminator);
}

static int work(struct job *job)
{
    const struct cost_input *input = job->input;
    struct cost_result *result = arena_alloc(&job->arena, 1, sizeof *result);
    struct sheet_of_costs sheet = { &job->arena, result, input->columns };
    struct recipe recipe;
    struct estimate estimate;
    const struct index_place *place = &job->index.places[0];
    job->result = result;
    int error = recipe_parse(&recipe, "", 0, input->title, input->settings, RECIPE_FIELD_COUNT);
    if (error)
        return error;
    error = estimate_make(&estimate, &recipe, &place->store, place->catalogue, job->index.now);
    if (!error)
        write_sheet(&sheet, &estimate, &recipe);
    estimate_release(&estimate);
    recipe_release(&recipe);
    return error;
}

static void done(struct view *view, struct job *job)
{
    struct launch_state *state = view->state;
    const struct cost_result *result = job->result;
    int first = state->cost_pages.first;
    state->cost = job->error ? (struct launch_cost){ .seconds = NAN } : result->cost;
    pages_clear(&state->cost_pages);
    if (job->error) {
        form_blame(&state->form, job->message);
        state->is_stale = true;
    }
    for (int i = 0; !job->error && i < result->count; i++)
        pages_add(&state->cost_pages, result->lines[i].role, result->lines[i].text);
    state->cost_pages.first = first;
    pages_resize(&state->cost_pages, state->cost_pages.columns, state->cost_pages.rows);
}

void launch_cost_load(struct view *view, int columns)
{
    struct launch_state *state = view->state;
    state->is_cost_stale = false;
    if (!form_is_sound(&state->form)) {
        state->cost = (struct launch_cost){ .seconds = NAN };
        job_cancel(view, done);
        return;
    }
    struct job *job = job_new(view->app, view, work, done);
    struct cost_input *input = arena_alloc(&job->arena, 1, sizeof *input);
    input->settings = (const char *const *)form_settings(&state->form, &job->arena);
    input->title = arena_strdup(&job->arena, state->form.title);
    input->columns = columns;
    job->input = input;
    job_start(job, LANE_READ);
}
