/* A walk through latent space: images of a checkpoint, as fast as they are asked for, drawn by a
 * process of their own, so that whoever shows them loads no BLAS and never waits.
 *
 *     walk_open(&walk, store, number, -1);
 *     walk_ask(walk, &request);                    at once, or when the facts have come
 *     … poll(walk_fd(walk)) …
 *     switch (walk_take(walk, &frame)) …
 *     walk_close(walk);
 *
 * A request says everything by value, so that the process remembers nothing: the same request gives
 * the same frame, bit for bit. One may be outstanding, and the next is asked for when its frame has
 * come: what a slow terminal cannot show is never drawn.
 *
 * `gander walker [--step N] RUN` is the process. It reads from standard input and writes to standard
 * output, or does both with the descriptor of --socket FD, which is what walk_open gives it. It ends
 * when there is nobody to read from, or to write to. What it says begins with a line, a JSON object:
 *
 *     at first    {"step":1000,"latent":100,"height":28,"width":28,"classes":0,"limit":64,
 *                  "objective":"non-saturating","verdict":"probability","even":0.5,"remark":null}
 *     or          {"error":"run 3 has no checkpoint"}           and it ends
 *     asked       {"id":7,"directions":1,"images":[
 *                   {"seed":3,"index":0,"to_seed":9,"to_index":4,"t":0.25,"dx":0.5,"dy":0,"label":-1}, …]}
 *     it says     {"id":7,"count":1,"verdicts":[0.41]}
 *     and then    count x height x width bytes, 0 to 255
 *     or          {"id":7,"error":"request: …"}                 and it goes on
 *
 * A request is one line too (here broken for its length). Of an image, `seed` must be there; the
 * other members are 0, and label -1, where they are missing.
 *
 * W1. Image `index` of `seed`, with t, dx and dy 0, is what `gander generate --seed` draws there.
 * W2. The way from there to `to_seed`, `to_index` is slerp in t, its ends exact; dx and dy move along
 *     two directions that `directions` gives, on the sphere. See gan/latent.h for both.
 * W3. A verdict is the discriminator's of the image as it was made (not rounded to bytes), of the
 *     same checkpoint: D(G(z)), a probability where the objective is minimax or non-saturating, else
 *     its score. See gan/judge.h for what a minibatch layer makes of that. */
#ifndef GANDER_RUN_WALK_H
#define GANDER_RUN_WALK_H

#include <sys/types.h>

#include "base/base.h"
#include "record/recipe.h"
#include "run/store.h"

enum {
    WALK_LIMIT = 64,         /* images of a request */
    WALK_INDEX_LIMIT = 4096, /* indices are smaller */
};

struct walk_image {
    int64_t seed, to_seed;   /* 0 … INT64_MAX */
    int32_t index, to_index; /* 0 … WALK_INDEX_LIMIT - 1 */
    double t;                /* 0 … 1: from (seed, index) to (to_seed, to_index) */
    double dx, dy;           /* latent units, 1e6 at most */
    int label;               /* -1: index % classes, as generate has it */
};

struct walk_request {
    int64_t id; /* the frame's */
    int64_t directions;
    int count;
    struct walk_image images[WALK_LIMIT];
};

struct walk_facts {
    int64_t step; /* of the checkpoint */
    int latent, height, width;
    int classes; /* 0: not conditional */
    int limit;   /* images of a request */
    const char *objective;
    bool is_judged;      /* false: verdicts are NaN, and … */
    const char *remark;  /* … why, in a sentence; else NULL */
    bool is_probability; /* of verdicts; else they are scores */
    double even;         /* the verdict that is between real and fake; NaN: there is none */
};

struct walk_frame { /* lives until the next walk_take or walk_close */
    int64_t id;
    int count;
    const uint8_t *images;  /* (count, height, width) */
    const double *verdicts; /* (count) */
};

struct walk;

/* Starts the process, and does not wait for it. `step` -1: the newest checkpoint. */
int walk_open(struct walk **out, const struct store *store, int64_t number, int64_t step);
/* Ends the process at once. */
void walk_close(struct walk *walk);

int walk_fd(const struct walk *walk);    /* for POLLIN: there is something to take */
pid_t walk_pid(const struct walk *walk); /* of the process; 0 when it has ended */
/* NULL until walk_take has said WALK_FACTS. */
const struct walk_facts *walk_facts(const struct walk *walk);

/* ERR_BUSY while a request is outstanding. What is wrong with a request is told by walk_take. */
int walk_ask(struct walk *walk, const struct walk_request *request);
bool walk_is_busy(const struct walk *walk);

/* Never waits. Call it until it says WALK_NOTHING, since more may have come than walk_fd tells of.
 * ERR_INVALID: the request was refused, and the walk goes on. Any other error: it has ended, and says
 * so from now on. */
enum walk_news { WALK_NOTHING, WALK_FRAME, WALK_FACTS };
int walk_take(struct walk *walk, struct walk_frame *frame);

/* ERR_INVALID, with the command to use, for a run whose generator draws from an image and not from
 * the latent alone. */
int walk_check_recipe(const struct recipe *recipe, int64_t number);

/* The process: reads requests from `in`, answers to `out`, until the end of `in`. 0 then; else it
 * could not begin or go on, and has said why to `out`. */
int walk_serve(const struct store *store, int64_t number, int64_t step, int in, int out);

#endif
