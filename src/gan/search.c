#include "gan/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "gan/objective.h"
#include "streams.h"

enum { ROWS = GENERATOR_BATCH, REACH = 3 /* pixels of a window, each way */ };
static const float far_weight = 0.2f;
static const double beta1 = 0.9, beta2 = 0.999; /* Adam's usual ones */

const struct search_wish search_usual = {
    .steps = 200, .restarts = 8, .rate = 0.05, .prior = 0.01, .seed = 1
};

/* A row of a batch is one image from one of its starts. */
struct search {
    const struct search_wish *wish;
    struct generator *generator;
    struct judge *judge;
    enum objective objective;
    struct generator_facts facts;
    size_t area, latent;
    const float *images;       /* (…, area) of this batch, and … */
    float *weights;            /* (ROWS, area) … of what is seen of each row's, they sum to 1 */
    float *pixels, *slopes;    /* (ROWS, area) G(z), and the loss's gradient by it */
    float *judged;             /* (ROWS, area) gradient of the logit */
    float *latents, *gradient; /* (ROWS, latent) */
    float *first, *second;     /* (ROWS, latent) Adam's moments */
    float logits[ROWS];
    int labels[ROWS];
    double losses[ROWS];
};

static float hidden_around(const float *made, int height, int width, int y, int x)
{
    int hidden = 0, all = 0;
    for (int v = MAX(y - REACH, 0); v <= MIN(y + REACH, height - 1); v++)
        for (int u = MAX(x - REACH, 0); u <= MIN(x + REACH, width - 1); u++) {
            hidden += made[v * width + u] > 0;
            all++;
        }
    return (float)hidden / (float)all;
}

static void weigh(const struct search *search, const float *made, float *weights)
{
    int height = search->facts.height, width = search->facts.width;
    float sum = 0;
    for (int i = 0; i < height * width; i++) {
        weights[i] =
            made[i] > 0 ? 0 : far_weight + hidden_around(made, height, width, i / width, i % width);
        sum += weights[i];
    }
    for (int i = 0; i < height * width; i++)
        weights[i] /= sum > 0 ? sum : 1;
}

/* |G(z) - x| over what is seen, to the losses and slopes. */
static void add_context(struct search *search, int row)
{
    size_t at = (size_t)row * search->area;
    const float *image = search->images + (size_t)(row / search->wish->restarts) * search->area;
    double sum = 0;
    for (size_t i = 0; i < search->area; i++) {
        float off = search->pixels[at + i] - image[i], weight = search->weights[at + i];
        sum += (double)(weight * fabsf(off));
        search->slopes[at + i] = off > 0 ? weight : off < 0 ? -weight : 0;
    }
    search->losses[row] = sum;
}

static void add_prior(struct search *search, int row)
{
    size_t at = (size_t)row * search->area;
    struct loss loss =
        objective_loss(search->objective, SIDE_G_FAKE, 0, (double)search->logits[row]);
    float slope = (float)(search->wish->prior * loss.slope);
    search->losses[row] += search->wish->prior * loss.value;
    for (size_t i = 0; i < search->area; i++)
        search->slopes[at + i] += slope * search->judged[at + i];
}

/* Losses at the latents, and their gradients by the pixels. */
static void look(struct search *search, int rows)
{
    struct generator_input input = { search->latents, search->labels, NULL };
    generator_draw_from(search->generator, &input, rows, NULL, search->pixels);
    judge_slopes(search->judge, search->pixels, search->labels, rows, search->logits,
                 search->judged);
    for (int row = 0; row < rows; row++) {
        add_context(search, row);
        add_prior(search, row);
    }
}

static void move(struct search *search, int rows, int step)
{
    double fade1 = 1 - pow(beta1, step + 1), fade2 = 1 - pow(beta2, step + 1);
    generator_backward(search->generator, search->slopes, rows, search->gradient);
    for (size_t i = 0; i < (size_t)rows * search->latent; i++) {
        double g = (double)search->gradient[i];
        double m = beta1 * (double)search->first[i] + (1 - beta1) * g;
        double v = beta2 * (double)search->second[i] + (1 - beta2) * g * g;
        search->first[i] = (float)m;
        search->second[i] = (float)v;
        search->latents[i] -= (float)(search->wish->rate * (m / fade1) / (sqrt(v / fade2) + 1e-12));
    }
}

/* Latents of an image depend on its place alone, so that other images change nothing. */
static void begin(struct search *search, const float *made, int place, int images)
{
    int restarts = search->wish->restarts;
    for (int i = 0; i < images; i++) {
        struct random random;
        random_seed(&random, search->wish->seed + (uint64_t)(place + i), STREAM_SEARCH);
        for (int r = 0; r < restarts; r++) {
            int row = i * restarts + r;
            random_fill_normal(&random, search->latents + (size_t)row * search->latent,
                               search->latent);
            search->labels[row] = search->facts.classes > 0 ? r % search->facts.classes : 0;
            weigh(search, made + (size_t)i * search->area,
                  search->weights + (size_t)row * search->area);
        }
    }
    memset(search->first, 0, ROWS * search->latent * sizeof *search->first);
    memset(search->second, 0, ROWS * search->latent * sizeof *search->second);
}

static void take_best(const struct search *search, int images, float *found)
{
    int restarts = search->wish->restarts;
    for (int i = 0; i < images; i++) {
        int best = i * restarts;
        for (int row = best; row < (i + 1) * restarts; row++)
            if (search->losses[row] < search->losses[best])
                best = row;
        memcpy(found + (size_t)i * search->area, search->pixels + (size_t)best * search->area,
               search->area * sizeof *found);
    }
}

static void search_init(struct search *search)
{
    search->facts = generator_facts(search->generator);
    search->area = (size_t)search->facts.height * (size_t)search->facts.width;
    search->latent = (size_t)search->facts.latent;
    float **const blocks[] = { &search->weights, &search->pixels, &search->slopes,
                               &search->judged };
    for (int i = 0; i < ARRAY_SIZE(blocks); i++)
        *blocks[i] = float_block_new(ROWS * search->area);
    search->latents = float_block_new(ROWS * search->latent);
    search->gradient = float_block_new(ROWS * search->latent);
    search->first = float_block_new(ROWS * search->latent);
    search->second = float_block_new(ROWS * search->latent);
}

static void search_release(struct search *search)
{
    float *const blocks[] = { search->weights, search->pixels,   search->slopes, search->judged,
                              search->latents, search->gradient, search->first,  search->second };
    for (int i = 0; i < ARRAY_SIZE(blocks); i++)
        float_block_free(blocks[i]);
}

int search_complete(struct generator *generator, struct judge *judge, enum objective objective,
                    const struct search_wish *wish, const float *images, const float *made,
                    int count, float *found, bool (*watch)(void *context, int done), void *context)
{
    struct search search = {
        .wish = wish, .generator = generator, .judge = judge, .objective = objective
    };
    int code = 0, batch = ROWS / wish->restarts;
    search_init(&search);
    for (int first = 0; first < count && code == 0; first += batch) {
        int n = MIN(batch, count - first), rows = n * wish->restarts;
        search.images = images + (size_t)first * search.area;
        begin(&search, made + (size_t)first * search.area, first, n);
        look(&search, rows);
        for (int step = 0; step < wish->steps; step++) {
            move(&search, rows, step);
            look(&search, rows);
        }
        take_best(&search, n, found + (size_t)first * search.area);
        if (watch && !watch(context, first + n))
            code = fail(ERR_CANCELLED, "broken off");
    }
    search_release(&search);
    return code;
}
