/* A sweep: one recipe, or one command, at many points, each with several seeds. Its plan.
 *
 *     .gander/sweeps/rates/
 *       sweep.json      the plan: written when it begins, and from then on by people only
 *       recipe.ini      what is varied, whole; not of a command
 *       journal.jsonl   what its conductor did (run/conductor.h), log.txt what it said
 *       lock            held by the conductor for life
 *       jobs/           of jobs: the runs of each array's tasks, and what jobs themselves said
 *
 *     {"id":"9f…","name":"rates","experiment":"digits","user":"ada","created":1732370000,"argv":[…],
 *      "top":"/home/somebody/gan","cwd":".","git":{…},
 *      "command":["python","train.py","--lr","{lr}"], "steps":9000,            of a command
 *      "parameters":[{"key":"training.rate","values":["0.0001","0.0002"]},
 *                    {"key":"generator.latent","low":32,"high":128,"scale":"log","count":3}],
 *      "search":"grid",                   or "random", "quasi" with "points":40 and "draw":1
 *      "on":"slurm",                      or "local"
 *      "seeds":[1,2,3],"goal":"frechet","jobs":2,"halving":3,"least":500,
 *      "give_up":["mode collapse"],"breaker":5}
 *
 * P1. The plan says what is to be there, run directories say what is: a run is of a sweep by the
 *     "sweep" of its run.json, which appears with it. Nothing else is believed.
 * P2. A run fills a place by what it is made from: the base (recipe or command, without what the
 *     plan varies and what may change when a run goes on), the point's values, the seed. So the plan
 *     may be edited: what is new is missing, and what is no longer wanted is left alone.
 * P3. All runs have the code that the work tree held when the sweep began.
 * P4. The points follow from the plan alone: the first of a longer search are those of a shorter. */
#ifndef GANDER_RUN_SWEEP_H
#define GANDER_RUN_SWEEP_H

#include "base/base.h"
#include "base/memory.h"
#include "record/config.h"
#include "record/filter.h"
#include "record/metric.h"
#include "record/recipe.h"
#include "run/code.h"
#include "run/store.h"

enum {
    SWEEP_PARAMETERS = 21,
    SWEEP_VALUES = 1000, /* of a parameter */
    SWEEP_POINTS = 10000,
    SWEEP_SEEDS = 1000,
    SWEEP_RUNS = 100000, /* points times seeds */
    SWEEP_RUNGS = 12,
};

enum sweep_search { SWEEP_GRID, SWEEP_RANDOM, SWEEP_QUASI };

struct sweep_parameter {
    const char *key;           /* "training.rate"; of a command what stands in braces */
    const char *const *values; /* as one would write them; NULL: a range */
    int value_count;
    double low, high; /* of a range, both included */
    bool is_log, is_whole;
    int count; /* values of a range on a grid; 0: as it suits, see sweep_parse */
};

struct sweep_point {
    const char *const *values; /* (parameters) as one would write them */
};

struct sweep {
    struct arena arena; /* owns all of it */
    const char *directory;
    const char *id, *name, *experiment, *user;
    const char *cwd; /* absolute */
    double created;
    const char *const *argv, *const *command; /* NULL-terminated; command NULL: a recipe */
    struct recipe recipe;
    bool has_recipe;
    int64_t steps; /* of a command: for "{steps}"; 0: none */
    struct code_state code;
    const struct sweep_parameter *parameters;
    int parameter_count;
    enum sweep_search search;
    int wanted;    /* points of a search that is no grid */
    uint64_t draw; /* the seed of its draws */
    const int64_t *seeds;
    int seed_count;
    const char *goal; /* as sweep_goal_parse reads it; NULL: none */
    int jobs;         /* runs at once; 0: as many as slots */
    bool is_on_slurm; /* its runs are jobs; `jobs` 0: Slurm says how many at once */
    int halving;      /* of so many points one goes on; 0: all do */
    int64_t least;    /* steps of the first rung, at least */
    const char *const
        *give_up; /* states of health whose runs give up their slot; NULL-terminated */
    int breaker;  /* so many failures alike at the beginning end it; 0: never */
    /* what follows from it */
    const struct sweep_point *points;
    int point_count;
    int64_t rungs[SWEEP_RUNGS]; /* steps, ascending; the last is the whole training, 0 where a
                                   command does not say */
    int rung_count;
};

/* --- making one --- */

/* From "KEY=V1,V2,V3" ("\," is a comma in a value) or "KEY=LO..HI", with ":log" and ":N" behind it. On a
 * grid such a range has N values; without N, whole numbers on a log scale double, others are 5, or all
 * whole numbers where there are at most 10. Everything in the arena. */
int sweep_parse(struct arena *arena, const char *word, struct sweep_parameter *out);

/* Checks all that was filled in, brings values to the form that recipes print, and fills in what
 * follows. ERR_INVALID with a sentence that begins with what is wrong. */
int sweep_complete(struct sweep *sweep);

/* A name that is free: "digits-2". In the arena. */
char *sweep_free_name(struct arena *arena, const struct store *store, const char *experiment);

/* Writes it into the store, whole or not at all, with a new id. ERR_EXISTS for a name that is taken. */
int sweep_create(struct sweep *sweep, const struct store *store);

/* --- reading --- */

/* ERR_NOT_FOUND suggests; ERR_INVALID for a plan that is none. Release it in any case. */
int sweep_read(struct sweep *out, const struct store *store, const char *name);
void sweep_release(struct sweep *sweep);

/* "PATH/sweeps/NAME", in the arena. */
char *sweep_directory(struct arena *arena, const struct store *store, const char *name);
/* Names of all there are, sorted, in the arena. */
int sweep_list(struct arena *arena, const struct store *store, char ***names, int *count);

/* --- its places --- */

/* What all its runs are made from (P2): in hexadecimal, in the arena. */
char *sweep_base(struct arena *arena, const struct sweep *sweep);

/* "training.rate=0.0001" … of a point, NULL-terminated. */
const char *const *sweep_values(struct arena *arena, const struct sweep *sweep, int point);

/* The recipe at a point; release it in any case. ERR_INVALID names the point. */
int sweep_recipe(struct recipe *out, const struct sweep *sweep, int point, int64_t seed);
/* The words of the command at a point, NULL-terminated. */
const char *const *sweep_command(struct arena *arena, const struct sweep *sweep, int point,
                                 int64_t seed, int64_t steps);
/* Is "{KEY}" in a word of the command? */
bool sweep_mentions(const char *const *command, const char *key);

/* --- what is best --- */

struct sweep_goal {
    const char *metric; /* NULL: there is no goal */
    enum filter_function function;
    bool is_smaller_better;
};

/* "frechet" is its last value, in the direction that the metric has; "min(d_loss)" the least value, and
 * the smaller the better; "max(x)" likewise. `text` NULL: none. ERR_INVALID for what has no direction. */
int sweep_goal_parse(struct arena *arena, const char *text, const struct config *config,
                     struct sweep_goal *out);
/* Of a metric whose last, least and largest value these are. */
double sweep_goal_value(const struct sweep_goal *goal, double last, double low, double high);

#endif
