/* The process of a walk: a generator and a discriminator, and requests for them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "gan/corruption.h"
#include "gan/generator.h"
#include "gan/judge.h"
#include "gan/latent.h"
#include "gan/objective.h"
#include "run/rundir.h"
#include "walk_words.h"

/* More would take cores from trainings, and a frame is a matter of milliseconds with one. */
enum { THREADS = 1 };

struct server {
    int64_t number;
    struct recipe recipe;
    struct generator *generator;
    struct judge *judge; /* or NULL */
    struct walk_facts facts;
    struct arena arena;
    int in, out;
    char line[WALK_LINE_LIMIT]; /* what came, and is not answered yet */
    size_t filled;
    /* Of one request: */
    float *latents, *pixels, *logits, *u, *v, *spare;
    uint8_t *images;
};

/* --- lines --- */

static int put(int out, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(out, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(ERR_IO, "cannot answer: %s", strerror(errno));
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Frees the line. */
static int put_line(int out, char *line)
{
    int error = put(out, line, strlen(line));
    free(line);
    return error;
}

/* Waits for a line; its length without the newline is in *length. 0 at the end, 1, or an error. */
static int get_line(struct server *server, size_t *length)
{
    for (;;) {
        const char *newline = memchr(server->line, '\n', server->filled);
        if (newline) {
            *length = (size_t)(newline - server->line);
            return 1;
        }
        if (server->filled == sizeof server->line)
            return fail(ERR_IO, "request: it is longer than %d bytes", WALK_LINE_LIMIT);
        ssize_t count =
            read(server->in, server->line + server->filled, sizeof server->line - server->filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? fail(ERR_IO, "cannot read requests: %s", strerror(errno)) : 0;
        server->filled += (size_t)count;
    }
}

static void drop_line(struct server *server, size_t length)
{
    server->filled -= length + 1;
    memmove(server->line, server->line + length + 1, server->filled);
}

/* --- frames --- */

static int check_label(const struct server *server, int label)
{
    int classes = server->facts.classes;
    if (label < 0 || label < classes)
        return 0;
    if (classes == 0)
        return fail(ERR_INVALID,
                    "request: run %lld is not conditional, its generator takes no label",
                    (long long)server->number);
    return fail(ERR_INVALID, "request: run %lld knows the classes 0 to %d",
                (long long)server->number, classes - 1);
}

static void find_latent(struct server *server, const struct walk_image *image, float *latent)
{
    int length = server->facts.latent;
    latent_of_seed(latent, length, (uint64_t)image->seed, image->index);
    if (image->t > 0) {
        latent_of_seed(server->spare, length, (uint64_t)image->to_seed, image->to_index);
        latent_between(latent, latent, server->spare, length, image->t);
    }
    latent_move(latent, server->u, server->v, length, image->dx, image->dy);
}

static void judge(struct server *server, const int *labels, int count, double *verdicts)
{
    if (server->judge)
        judge_images(server->judge, server->pixels, labels, count, server->logits);
    for (int i = 0; i < count; i++) {
        double logit = server->judge ? (double)server->logits[i] : NAN;
        verdicts[i] = server->facts.is_probability ? sigmoid(logit) : logit;
    }
}

static int answer(struct server *server, const struct walk_request *request)
{
    const struct walk_facts *facts = &server->facts;
    int labels[WALK_LIMIT];
    double verdicts[WALK_LIMIT];
    latent_directions(server->u, server->v, facts->latent, (uint64_t)request->directions);
    for (int i = 0; i < request->count; i++) {
        const struct walk_image *image = &request->images[i];
        find_latent(server, image, server->latents + (size_t)i * (size_t)facts->latent);
        labels[i] = image->label >= 0    ? image->label
                    : facts->classes > 0 ? image->index % facts->classes
                                         : 0;
    }
    generator_draw(server->generator, server->latents, labels, request->count, server->images,
                   server->pixels);
    judge(server, labels, request->count, verdicts);
    int error = put_line(server->out, walk_frame_line(request, verdicts));
    if (!error)
        error = put(server->out, server->images,
                    (size_t)request->count * (size_t)facts->height * (size_t)facts->width);
    return error;
}

static int answer_line(struct server *server, size_t length)
{
    struct walk_request request;
    int error = walk_request_read(&request, server->line, length);
    drop_line(server, length);
    for (int i = 0; i < request.count && !error; i++)
        error = check_label(server, request.images[i].label);
    return error ? put_line(server->out, walk_error_line(request.id, error_text()))
                 : answer(server, &request);
}

static int answer_all(struct server *server)
{
    size_t length = 0;
    int error = put_line(server->out, walk_facts_line(&server->facts));
    while (!error) {
        int got = get_line(server, &length);
        if (got <= 0)
            return got;
        error = answer_line(server, length);
    }
    return error;
}

/* --- opening --- */

/* Without a discriminator there are images, and no verdicts. */
static void open_judge(struct server *server, const char *checkpoint)
{
    struct walk_facts *facts = &server->facts;
    enum objective objective = (enum objective)server->recipe.training.objective;
    facts->objective = objective_name(objective);
    facts->is_probability = objective == OBJECTIVE_MINIMAX || objective == OBJECTIVE_NON_SATURATING;
    facts->even = objective_undecided(objective, server->recipe.training.smoothing);
    if (facts->is_probability)
        facts->even = sigmoid(facts->even);
    facts->is_judged = judge_open(&server->judge, &server->recipe, checkpoint) == 0;
    if (!facts->is_judged)
        facts->remark = arena_printf(&server->arena, "no verdicts: %s", error_text());
}

static void make_room(struct server *server)
{
    const struct walk_facts *facts = &server->facts;
    size_t latent = (size_t)facts->latent,
           pixels = WALK_LIMIT * (size_t)facts->height * (size_t)facts->width;
    server->latents = arena_alloc(&server->arena, WALK_LIMIT * latent, sizeof(float));
    server->u = arena_alloc(&server->arena, latent, sizeof(float));
    server->v = arena_alloc(&server->arena, latent, sizeof(float));
    server->spare = arena_alloc(&server->arena, latent, sizeof(float));
    server->logits = arena_alloc(&server->arena, WALK_LIMIT, sizeof(float));
    server->pixels = arena_alloc(&server->arena, pixels, sizeof(float));
    server->images = arena_alloc(&server->arena, pixels, 1);
}

static int open_networks(struct server *server, const char *checkpoint)
{
    server->recipe.training.threads = THREADS;
    int error = generator_open(&server->generator, &server->recipe, checkpoint);
    if (error)
        return error;
    struct generator_facts drawn = generator_facts(server->generator);
    server->facts = (struct walk_facts){ .step = drawn.step,
                                         .latent = drawn.latent,
                                         .height = drawn.height,
                                         .width = drawn.width,
                                         .classes = drawn.classes,
                                         .limit = WALK_LIMIT };
    open_judge(server, checkpoint);
    make_room(server);
    return 0;
}

int walk_check_recipe(const struct recipe *recipe, int64_t number)
{
    enum corruption corruption = (enum corruption)recipe->data.corruption;
    if (corruption == CORRUPTION_NONE)
        return 0;
    bool shrinks = corruption_factor(corruption_choice(corruption, 0)) > 1;
    return fail(
        ERR_INVALID,
        "the generator of run %lld gets an image (data.corruption is '%s'): 'gander %s %lld' "
        "shows and measures what it makes of one",
        (long long)number, corruption_name(corruption), shrinks ? "upscale" : "complete",
        (long long)number);
}

static int open_server(struct server *server, const struct store *store, int64_t step)
{
    struct run_facts facts;
    struct run_file checkpoint;
    const char *directory = store_run_directory(&server->arena, store, server->number);
    int error = run_read_facts(&server->arena, &facts, store, server->number);
    if (!error && facts.command)
        error = fail(ERR_INVALID, "run %lld is a command: what it trained is not known here",
                     (long long)server->number);
    if (!error)
        error = run_newest_checkpoint(&server->arena, directory, step, &checkpoint, NULL);
    if (!error)
        error = recipe_read(&server->recipe, path_join(&server->arena, directory, "recipe.ini"),
                            NULL, 0);
    if (!error)
        error = walk_check_recipe(&server->recipe, server->number);
    return error ? error : open_networks(server, checkpoint.path);
}

int walk_serve(const struct store *store, int64_t number, int64_t step, int in, int out)
{
    struct server *server = xcalloc(1, sizeof *server);
    server->number = number;
    server->in = in;
    server->out = out;
    int error = open_server(server, store, step);
    if (!error)
        error = answer_all(server);
    if (error)
        put_line(out, walk_error_line(-1, error_text()));
    judge_close(server->judge);
    generator_close(server->generator);
    recipe_release(&server->recipe);
    arena_release(&server->arena);
    free(server);
    return error;
}
