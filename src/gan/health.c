#include "gan/health.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "health_look.h"

enum {
    PATIENCE = 3,          /* reports on end before another state is believed */
    STILL_EVALUATIONS = 10 /* that bring nothing better, before there is no progress */
};

struct health {
    struct health_game game;
    struct reports history;
    struct counted evaluations[HEALTH_EVALUATIONS]; /* newest first */
    struct look look;
    double
        best_counted; /* the smallest Fréchet distance when it last fell by as much as counts … */
    int64_t counted_step; /* … when that was … */
    int since_best;       /* … and evaluations since */
    int64_t first_step;   /* of the first report */
    bool is_warm;
    const struct health_rule *rule, *pending; /* believed; not yet */
    int pending_count;
    int64_t bad_since; /* step; -1: it is not bad */
    struct {
        int64_t step;
        double diversity, auc;
    } mark; /* a warm-up ago, or less */
    bool stands_still;
    struct arena arena; /* of the verdict */
    struct health_verdict verdict;
    char no_progress[128];
};

struct health *health_new(const struct health_game *game)
{
    struct health *health = xcalloc(1, sizeof *health);
    health->game = *game;
    health->look.game = &health->game;
    if (game->recipe)
        health->look.objective = (enum objective)game->recipe->training.objective;
    health->look.evaluations = health->evaluations;
    health->look.best_frechet = NAN;
    health->look.gradient_most = NAN;
    health->best_counted = NAN;
    health->bad_since = -1;
    return health;
}

void health_free(struct health *health)
{
    if (!health)
        return;
    arena_release(&health->arena);
    free(health);
}

/* --- evaluations --- */

void health_evaluate(struct health *health, const struct health_evaluation *evaluation)
{
    struct look *look = &health->look;
    struct counted *newest = &health->evaluations[0];
    memmove(newest + 1, newest, (HEALTH_EVALUATIONS - 1) * sizeof *newest);
    look->evaluation_count = MIN(look->evaluation_count + 1, HEALTH_EVALUATIONS);
    *newest = (struct counted){ .step = evaluation->step,
                                .samples = evaluation->samples,
                                .classes = MIN(evaluation->classes, DATASET_CLASS_LIMIT),
                                .frechet = evaluation->frechet,
                                .frechet_real = evaluation->frechet_real,
                                .memorised = evaluation->memorised,
                                .memorised_real = evaluation->memorised_real,
                                .variety = evaluation->variety,
                                .tell = look->tell };
    for (int i = 0; i < newest->classes; i++) {
        newest->counts[i] = evaluation->counts[i];
        newest->gone += class_is_gone(newest, i);
    }
    if (!isfinite(newest->frechet))
        return;
    if (!(newest->frechet >= look->best_frechet)) {
        look->best_frechet = newest->frechet;
        look->best_step = newest->step;
    }
    health->since_best++;
    if (!(newest->frechet >= 0.98 * health->best_counted)) {
        health->best_counted = newest->frechet;
        health->counted_step = newest->step;
        health->since_best = 0;
    }
}

/* --- reports --- */

/* A verdict needs samples that are varied and a D that is not far ahead; the others must wait, since
 * even good runs begin with one blob in every place. */
static bool has_warmed_up(const struct health *health)
{
    const struct look *look = &health->look;
    int64_t worked = look->step - health->first_step;
    bool is_varied = look->mean[HEALTH_DIVERSITY] >= 0.6;
    bool is_game = isfinite(look->auc) ? look->auc < 0.97 : look->tell < 0.8;
    return worked >= health->game.warm_up ||
           (worked >= health->game.warm_up / 3 && is_varied && is_game);
}

static const struct health_rule *find_rule(const struct health *health)
{
    const struct look *look = &health->look;
    int last = health_rule_count - 1; /* warming up */
    for (int i = health->is_warm ? 0 : last; i <= last; i++)
        if (health_rule_table[i].holds(look, health->rule == &health_rule_table[i]))
            return &health_rule_table[i];
    return NULL;
}

static void advise(struct health *health)
{
    struct health_verdict *verdict = &health->verdict;
    if (!health->game.recipe)
        return;
    for (int i = 0; i < HEALTH_ADVICE; i++) {
        struct health_advice *advice = &verdict->advice[verdict->advice_count];
        advice->value =
            remedy_value(health->rule->remedies[i], &health->look, &health->arena, &advice->key);
        verdict->advice_count += advice->value != NULL;
    }
}

static void judge(struct health *health)
{
    const struct health_rule *rule = health->rule;
    const struct counted *newest =
        health->look.evaluation_count > 0 ? &health->evaluations[0] : NULL;
    arena_release(&health->arena);
    health->verdict = (struct health_verdict){
        .state = rule->words.state,
        .step = health->look.step,
        .why = rule->why(&health->look, &health->arena),
        .remedy = rule->words.remedy,
        .classes = newest ? newest->classes : 0,
        .samples = newest ? newest->samples : 0,
        .class_counts = newest ? newest->counts : NULL,
    };
    advise(health);
}

/* Takes up what a rule says once it has held for long enough. True: the state is another. */
static bool believe(struct health *health, const struct health_rule *rule)
{
    enum health_state state = rule->words.state;
    bool is_first = !health->rule;
    if (!is_first && state == health->rule->words.state) {
        health->pending = NULL;
        return false;
    }
    bool is_same = health->pending && health->pending->words.state == state;
    health->pending_count = is_same ? health->pending_count + 1 : 1;
    health->pending = rule;
    if (!is_first && health->pending_count < PATIENCE)
        return false;
    health->rule = rule;
    health->pending = NULL;
    health->bad_since = health_is_bad(state) ? health->look.step : -1;
    health->mark.step = health->look.step;
    health->mark.diversity = health->look.mean[HEALTH_DIVERSITY];
    health->mark.auc = health->look.auc;
    health->stands_still = false;
    judge(health);
    return true;
}

/* Has the warm-up's length since the last mark moved anything? */
static void mark_progress(struct health *health)
{
    static const double least = 0.05;
    const struct look *look = &health->look;
    double diversity = look->mean[HEALTH_DIVERSITY];
    if (health->bad_since < 0 || look->step - health->mark.step < health->game.warm_up)
        return;
    bool has_moved = fabs(diversity - health->mark.diversity) >= least ||
                     fabs(look->auc - health->mark.auc) >= least;
    health->stands_still = !has_moved && look->step - health->bad_since >= 2 * health->game.warm_up;
    health->mark.step = look->step;
    health->mark.diversity = diversity;
    health->mark.auc = look->auc;
}

bool health_report(struct health *health, const struct health_signals *signals)
{
    struct look *look = &health->look;
    int64_t least = health->game.warm_up / HEALTH_PER_SPAN;
    bool is_first = health->history.count == 0;
    if (!is_first && signals->step - look->step < least)
        return false;
    reports_add(&health->history, signals);
    look_at(look, &health->history);
    if (look->gradient > 0 && !(look->gradient <= look->gradient_most))
        look->gradient_most = look->gradient;
    look->was_varied = look->was_varied || look->mean[HEALTH_DIVERSITY] >= 0.6;
    health->is_warm = health->is_warm || has_warmed_up(health);
    mark_progress(health);
    const struct health_rule *rule = find_rule(health);
    return rule && believe(health, rule);
}

const struct health_verdict *health_verdict(const struct health *health)
{
    return health->rule ? &health->verdict : NULL;
}

/* --- no progress --- */

const char *health_no_progress(struct health *health)
{
    const struct look *look = &health->look;
    int64_t span = 2 * health->game.warm_up;
    if (isfinite(health->best_counted)) {
        if (health->since_best < STILL_EVALUATIONS || look->step - health->counted_step < span)
            return NULL;
        snprintf(health->no_progress, sizeof health->no_progress,
                 "the Fréchet distance has not fallen below %.3g in %d evaluations",
                 look->best_frechet, health->since_best);
        return health->no_progress;
    }
    if (!health->stands_still)
        return NULL;
    snprintf(health->no_progress, sizeof health->no_progress,
             "%s for %lld steps, and nothing moves", health_name(health->rule->words.state),
             (long long)(look->step - health->bad_since));
    return health->no_progress;
}
