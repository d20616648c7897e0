/* A recipe: what to train, as plain values.
 *
 * An INI file (record/ini.h) of sections [experiment] [data] [generator] [discriminator] [training]
 * [samples]. One table, recipe_fields(), has a row for each key: name, type, unit, range, default,
 * help. It drives parsing, checking, printing, the manual, and later forms and comparing. What a
 * key means stands in its help; networks are checked by whoever builds them (nn).
 *
 * A key stands in a recipe once; of several settings for one key the last one holds. */
#ifndef GANDER_RECORD_RECIPE_H
#define GANDER_RECORD_RECIPE_H

#include "base/base.h"
#include "base/memory.h"

enum objective {
    OBJECTIVE_MINIMAX,
    OBJECTIVE_NON_SATURATING,
    OBJECTIVE_LEAST_SQUARES,
    OBJECTIVE_HINGE,
    OBJECTIVE_WASSERSTEIN
};
enum { OBJECTIVE_COUNT = OBJECTIVE_WASSERSTEIN + 1 };
enum penalty { PENALTY_NONE, PENALTY_R1, PENALTY_GRADIENT, PENALTY_CLIP };
enum recipe_optimiser { OPTIMISER_ADAM, OPTIMISER_RMSPROP, OPTIMISER_SGD };
enum corruption {
    CORRUPTION_NONE,
    CORRUPTION_LEFT,
    CORRUPTION_RIGHT,
    CORRUPTION_TOP,
    CORRUPTION_BOTTOM,
    CORRUPTION_BOX,
    CORRUPTION_HALF, /* one of the four halves */
    CORRUPTION_PART, /* a half or the box */
    CORRUPTION_SHRINK_2,
    CORRUPTION_SHRINK_4,
    CORRUPTION_SHRINK /* one of the two */
};
enum { CORRUPTION_COUNT = CORRUPTION_SHRINK + 1 };
enum schedule { SCHEDULE_CONSTANT, SCHEDULE_LINEAR, SCHEDULE_COSINE };

enum { RECIPE_FIELD_COUNT = 36, RECIPE_SIZE_LIMIT = 1 << 16 /* bytes of a recipe file */ };

struct recipe {
    struct {
        char *name; /* "digits" */
    } experiment;
    struct {
        char *source;   /* "digits" (built in), "mnist" … (fetched), or a directory */
        int count;      /* training images used; 0: all */
        int corruption; /* enum corruption: what an image-to-image generator gets */
    } data;
    struct {
        int latent;   /* length of the noise vector */
        char *layers; /* layer list, see nn/network.h */
    } generator;
    struct {
        char *layers;
    } discriminator;
    struct {
        int objective;         /* enum objective */
        int penalty;           /* enum penalty */
        double penalty_weight; /* R1: gamma; gradient: lambda; clip: the bound of the weights.
                                  Resolved: only penalty none leaves a 0 */
        int penalty_every; /* D steps between two penalties, whose weight is multiplied by it (lazy
                              regularisation) */
        int optimiser;     /* enum recipe_optimiser */
        double rate;       /* learning rate of G */
        double d_rate;     /* learning rate of D; 0: as G */
        double beta1, beta2;   /* Adam's decay rates; RMSprop's is beta2, SGD's momentum is beta1 */
        int schedule;          /* enum schedule, over training.steps, for both networks */
        int batch;             /* images per step */
        int steps;             /* generator steps */
        int until;             /* the step to stop at, as if asked to; 0: the last */
        int d_steps;           /* D steps per G step */
        double smoothing;      /* one-sided label smoothing: real labels are 1 - smoothing */
        double reconstruction; /* weight of the mean absolute difference from the real image */
        double noise; /* deviation of the noise on D's inputs (pixels in [-1,1]), falling to 0 at
                         noise_until */
        double noise_until; /* share of the steps after which there is none */
        double clip;        /* largest gradient norm of a network; 0: none */
        double average;     /* decay of the generator's moving average; 0: none */
        int64_t seed;
        int threads;          /* 0: all cores */
        int report_every;     /* steps between two metric lines */
        int checkpoint_every; /* steps; 0: only at the end */
        int keep;             /* newest checkpoints kept */
        int evaluate_every;   /* steps; 0: never */
        char *stop_when;      /* "" or a list of health states */
    } training;
    struct {
        int every; /* steps between two sample sheets */
        int count; /* images on a sheet */
    } samples;
    const char *where[RECIPE_FIELD_COUNT]; /* what said each value: "recipe 'a.ini' line 7" */
    struct arena arena;                    /* owns the strings */
};

enum field_type { FIELD_INTEGER, FIELD_REAL, FIELD_TEXT, FIELD_CHOICE };

struct recipe_field {
    const char *key; /* "training.rate" */
    enum field_type type;
    size_t offset;           /* in struct recipe: int or int64_t (by `wide`), double, char *, int */
    bool wide;               /* FIELD_INTEGER in an int64_t */
    double minimum, maximum; /* of numbers; of a text only the maximum, its bytes */
    const char *unit;        /* "steps", "images", "" … */
    const char *fallback;    /* default, as one would write it; NULL: the recipe must give it, and
                                not as an empty text */
    const char *const *choices; /* FIELD_CHOICE: NULL-terminated, in the order of the enum */
    const char *help;           /* one sentence */
};

const struct recipe_field *recipe_fields(int *count);

/* Reads a recipe file, then applies `settings` ("section.key=value"), then defaults, then checks.
 * The caller releases *out (after an error it is empty). ERR_INVALID names file, line, value and
 * remedy; ERR_NOT_FOUND or ERR_IO when the file cannot be read.
 *
 * data.source is a path, and becomes an absolute one, when it holds a '/' or names a directory
 * ("digits" never does): what a recipe says is sought in the recipe's directory first, then, like
 * what a setting says, in the working directory. recipe_parse knows only the latter; its `name` is
 * for messages. */
int recipe_read(struct recipe *out, const char *path, const char *const *settings,
                int setting_count);
int recipe_parse(struct recipe *out, const char *text, size_t size, const char *name,
                 const char *const *settings, int setting_count);
/* The same for a text that stands for a file in `directory` (NULL: in none). */
int recipe_parse_in(struct recipe *out, const char *text, size_t size, const char *name,
                    const char *directory, const char *const *settings, int setting_count);
void recipe_release(struct recipe *recipe);

/* Sets one field from text as one would write it. ERR_INVALID, in a sentence that begins with
 * `where` ("setting 'training.rate=abc'"), if it does not parse or is out of range; checks that
 * take several fields are left to recipe_parse. */
int recipe_set(struct recipe *recipe, const struct recipe_field *field, const char *text,
               const char *where);

/* For whoever refuses the value of `key` later on: puts what said it in front of the sentence,
 * "recipe 'a.ini' line 7: ", and returns the code of the last fail(). */
int recipe_blame(const struct recipe *recipe, const char *key);

/* One value as one would write it. */
char *recipe_value(struct arena *arena, const struct recipe *recipe,
                   const struct recipe_field *field);

/* The whole recipe as resolved, defaults included: INI text that recipe_parse reads back to equal
 * values. */
char *recipe_text(struct arena *arena, const struct recipe *recipe);

/* The word of an enum, for messages. */
const char *objective_name(enum objective objective);
const char *penalty_name(enum penalty penalty);
const char *corruption_name(enum corruption corruption);
const char *const *corruption_names(void); /* NULL-terminated, in the order of the enum */

#endif
