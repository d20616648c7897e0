/* What the rules of health look at: the newest reports in a few numbers. */
#ifndef GANDER_GAN_HEALTH_LOOK_H
#define GANDER_GAN_HEALTH_LOOK_H

#include "base/memory.h"
#include "gan/health.h"

enum {
    HEALTH_RING = 192,    /* reports remembered */
    HEALTH_PER_SPAN = 150 /* reports of a warm-up that are looked at: others are passed over */
};

struct reports {
    struct health_signals ring[HEALTH_RING]; /* oldest first, once `first` is taken into account */
    int first, count;
};

/* D's answers going to and fro. */
struct swing {
    double size; /* of auc (or half of tell), from its lowest tenth to its highest; NaN: unknown */
    int cycles;  /* in that history */
    double period; /* steps */
};

struct counted {
    int64_t step;
    int samples, classes, gone;
    int64_t counts[DATASET_CLASS_LIMIT];
    double frechet, frechet_real, memorised, memorised_real, variety;
    double tell; /* at that time */
};
enum { HEALTH_EVALUATIONS = 5 };

struct look {
    const struct health_game *game;
    enum objective objective; /* if game->recipe */
    int64_t step;
    double mean[HEALTH_SIGNALS];    /* over the newest reports; NaN: unknown */
    double auc, tell;               /* see gan/health.h */
    double gradient, gradient_most; /* of G: median of the newest, and the largest there was */
    bool was_varied;                /* at some time samples were about as varied as real images */
    struct swing swing;
    const struct counted *evaluations; /* newest first */
    int evaluation_count;
    double best_frechet; /* NaN: none */
    int64_t best_step;   /* of it */
};

void reports_add(struct reports *history, const struct health_signals *signals);
/* The newest is 0, the one before it 1. */
const struct health_signals *reports_at(const struct reports *history, int back);

/* Fills mean, auc, tell, gradient and swing. */
void look_at(struct look *look, const struct reports *history);

/* With less than a tenth of the even share. */
bool class_is_gone(const struct counted *counted, int class);

/* --- rules --- */

struct health_rule {
    struct health_rule_words words;
    /* Does it hold? With looser bounds where it is what is believed already. */
    bool (*holds)(const struct look *look, bool is_on);
    char *(*why)(const struct look *look, struct arena *arena);
    enum remedy {
        REMEDY_NONE,
        REMEDY_PENALISE, /* r1, or more of the penalty there is */
        REMEDY_PENALISE_LESS,
        REMEDY_D_SLOWER,
        REMEDY_D_FASTER,
        REMEDY_D_MORE_STEPS,
        REMEDY_SLOWER, /* both networks */
        REMEDY_SMOOTH, /* labels */
        REMEDY_NON_SATURATING,
        REMEDY_LESS_MOMENTUM,
        REMEDY_OTHER_SEED,
        REMEDY_MORE_DATA,
        REMEDY_STOP_EARLIER,
    } remedies[HEALTH_ADVICE];
};

/* In the order in which they count; the last but one is `balanced`, the last `warming up`, which is
 * what a run is before any other is looked for. */
extern const struct health_rule health_rule_table[];
extern const int health_rule_count;

/* The value for a remedy in the arena, and its key; NULL where it does not fit the recipe. */
char *remedy_value(enum remedy remedy, const struct look *look, struct arena *arena,
                   const char **key);

#endif
