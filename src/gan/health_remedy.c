/* Remedies as recipe values: what the literature advises, in the numbers of this recipe. */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "gan/objective.h"
#include "health_look.h"

/* Three digits are enough for a rate that is tried. */
static char *number(struct arena *arena, double value)
{
    return arena_printf(arena, "%.3g", value);
}

static double d_rate_of(const struct recipe *recipe)
{
    return recipe->training.d_rate > 0 ? recipe->training.d_rate : recipe->training.rate;
}

static bool is_penalised(const struct recipe *recipe)
{
    return recipe->training.penalty != PENALTY_NONE;
}

/* R1 (Mescheder et al. 2018), with its usual weight; else more of what there is. A clip is stronger
 * when it is smaller. */
static char *penalise(const struct look *look, struct arena *arena, const char **key)
{
    const struct recipe *recipe = look->game->recipe;
    *key = is_penalised(recipe) ? "training.penalty_weight" : "training.penalty";
    switch ((enum penalty)recipe->training.penalty) {
    case PENALTY_NONE:
        return !look->game->can_penalise ? NULL
               : recipe->training.objective == OBJECTIVE_WASSERSTEIN
                   ? arena_strdup(arena, "gradient")
                   : arena_strdup(arena, "r1");
    case PENALTY_CLIP:
        return number(arena, recipe->training.penalty_weight / 3);
    default:
        return number(arena, recipe->training.penalty_weight * 4);
    }
}

static char *penalise_less(const struct look *look, struct arena *arena, const char **key)
{
    const struct recipe *recipe = look->game->recipe;
    bool is_clip = recipe->training.penalty == PENALTY_CLIP;
    *key = "training.penalty_weight";
    if (!is_penalised(recipe))
        return NULL;
    return number(arena, recipe->training.penalty_weight * (is_clip ? 10 : 0.1));
}

/* Two rates from one: who is too slow, or too fast (Heusel et al. 2017). */
static char *d_rate(const struct look *look, struct arena *arena, const char **key, double factor)
{
    *key = "training.d_rate";
    return number(arena, fmin(d_rate_of(look->game->recipe) * factor, 1));
}

static char *text_or_none(struct arena *arena, bool fits, const char *text)
{
    return fits ? arena_strdup(arena, text) : NULL;
}

char *remedy_value(enum remedy remedy, const struct look *look, struct arena *arena,
                   const char **key)
{
    const struct recipe *recipe = look->game->recipe;
    enum objective objective = look->objective;
    switch (remedy) {
    case REMEDY_PENALISE:
        return penalise(look, arena, key);
    case REMEDY_PENALISE_LESS:
        return penalise_less(look, arena, key);
    case REMEDY_D_SLOWER:
        return d_rate(look, arena, key, 0.25);
    case REMEDY_D_FASTER:
        return d_rate(look, arena, key, 4);
    case REMEDY_D_MORE_STEPS:
        *key = "training.d_steps";
        return arena_printf(arena, "%d", MIN(recipe->training.d_steps * 2, 100));
    case REMEDY_SLOWER:
        *key = "training.rate";
        return number(arena, fmax(recipe->training.rate / 4, 1e-8));
    case REMEDY_SMOOTH: /* Salimans et al. 2016 */
        *key = "training.smoothing";
        return text_or_none(
            arena, objective_has_labels(objective) && !(recipe->training.smoothing > 0), "0.1");
    case REMEDY_NON_SATURATING: /* Goodfellow et al. 2014 */
        *key = "training.objective";
        return text_or_none(arena, objective == OBJECTIVE_MINIMAX,
                            objective_name(OBJECTIVE_NON_SATURATING));
    case REMEDY_LESS_MOMENTUM: /* Radford et al. 2016 */
        *key = "training.beta1";
        return text_or_none(arena, recipe->training.beta1 > 0.5, "0.5");
    case REMEDY_OTHER_SEED:
        *key = "training.seed";
        return arena_printf(arena, "%lld", (long long)recipe->training.seed + 1);
    case REMEDY_MORE_DATA:
        *key = "data.count";
        return text_or_none(arena, recipe->data.count > 0, "0");
    case REMEDY_STOP_EARLIER:
        *key = "training.steps";
        return look->best_step > 0 ? arena_printf(arena, "%lld", (long long)look->best_step) : NULL;
    case REMEDY_NONE:
        break;
    }
    return NULL;
}
