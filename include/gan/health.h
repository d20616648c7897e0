/* Health: how the game stands, told from what a training reports. A pure state machine.
 *
 *     struct health *health = health_new(&game);
 *     if (health_report(health, &signals)) …a new verdict: health_verdict(health)…
 *     health_evaluate(health, &evaluation);           where samples are evaluated, before the report
 *     health_free(health);
 *
 * It reads no clock and no file: fed with the same reports it says the same, so that a run which
 * goes on is brought to where it was by giving it its own journal.
 *
 * One table of rules decides (health_rules, printed by `gander help --health` and in gander(1)). A
 * rule looks at means over the newest reports, must hold for three reports in a row to be believed,
 * and then holds on to looser bounds, so that states do not flutter. Of rules that hold, the first
 * counts: causes stand before what they cause. Losses alone never decide: they depend on objective,
 * penalty and balance, and look alike in runs that go well and in runs that have collapsed.
 *
 * What is looked at:
 *
 *   auc   the probability that D rates a real image above a generated one: 0.5 cannot tell, 1 is
 *         never wrong. It knows no scale, and so holds for every objective, and for wasserstein,
 *         whose logits drift and mean nothing by themselves.
 *   tell  by how much D's answers differ, from 0 (the same to both) to 1 (sure of each), below 0
 *         where it takes generated images for real: D(x) - D(G(z)) for minimax and non-saturating,
 *         the gap of logits for least-squares (whose targets are 0 and 1), half of it for hinge (-1
 *         and 1). Unknown for wasserstein, where auc alone is used.
 *   diversity, shift
 *         see gan/trainer.h: are the samples varied, is their mean that of real images
 *   the gradient of G, beside the largest that it has had
 *   evaluations by the classifier, where there are any
 *
 * What is not known is NaN; rules that need it do not hold. */
#ifndef GANDER_GAN_HEALTH_H
#define GANDER_GAN_HEALTH_H

#include "base/base.h"
#include "data/dataset.h"
#include "record/health.h"
#include "record/recipe.h"

struct health;

struct health_signals {
    int64_t step;
    double of[HEALTH_SIGNALS]; /* NaN: unknown */
};

/* See gan/measures.h. */

struct health_evaluation {
    int64_t step;
    int samples;                      /* that were measured */
    int classes;                      /* of the data; 0: unknown */
    const int64_t *counts;            /* (classes) samples in each */
    double frechet, frechet_real;     /* of samples, and of real images; NaN: unknown */
    double memorised, memorised_real; /* shares of copies of training images */
    double variety;                   /* within classes, beside real images */
};

/* What is known beforehand. */
struct health_game {
    const struct recipe *recipe; /* borrowed; NULL: another program's run */
    bool can_penalise;           /* the discriminator can have a penalty on its input gradient */
    int64_t warm_up;             /* steps; all spans of time are in proportion to it */
};
enum { HEALTH_WARM_UP = 1500 }; /* steps, of the built-in trainer */

struct health *health_new(const struct health_game *game);
void health_free(struct health *health);

/* True if there is a new verdict: a new state, or the first. */
bool health_report(struct health *health, const struct health_signals *signals);
void health_evaluate(struct health *health, const struct health_evaluation *evaluation);

enum { HEALTH_ADVICE = 4 };

struct health_verdict {
    enum health_state state;
    int64_t step;    /* at which it was found */
    const char *why; /* evidence, in words and numbers */
    struct health_advice {
        const char *key, *value; /* of a recipe, each a remedy by itself: try the first first */
    } advice[HEALTH_ADVICE];
    int advice_count;
    const char *remedy;          /* the same in words; NULL: all is well */
    int classes, samples;        /* of the newest evaluation; 0: none has said */
    const int64_t *class_counts; /* (classes) */
};

/* The last verdict; NULL before the first, and for a run that says too little for any. Valid until
 * the next report. */
const struct health_verdict *health_verdict(const struct health *health);

/* Why going on is useless; NULL if it is not. Where samples are evaluated: the smallest Fréchet
 * distance has not become smaller by 2 % in 10 evaluations and two warm-ups. Else: one bad state has
 * lasted for two warm-ups, in the second of which neither diversity nor auc has moved by 0.05. The
 * text is valid until the next report. */
const char *health_no_progress(struct health *health);

/* --- the table --- */

struct health_rule_words {
    enum health_state state;
    const char *test, *sentence, *remedy; /* remedy NULL: none is needed */
};
const struct health_rule_words *health_rules(int *count);

#endif
