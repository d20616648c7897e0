/* The rules of health: for each state a test, what it is told by, and what to do. Bounds were set on
 * the built-in digits and are proven, unchanged, on others: tests/health/README.md. */
#include <math.h>

#include "base/text.h"
#include "health_look.h"

/* --- tests: NaN, which is what is not known, holds in no comparison --- */

static const struct counted *newest(const struct look *look)
{
    return look->evaluation_count > 0 ? &look->evaluations[0] : NULL;
}

static bool is_wasserstein(const struct look *look)
{
    return look->game->recipe && look->objective == OBJECTIVE_WASSERSTEIN;
}

/* Are samples far from real images? What the classifier says counts; else their pixels must do. */
static bool are_bad(const struct look *look, bool is_on)
{
    const struct counted *evaluation = newest(look);
    double diversity = look->mean[HEALTH_DIVERSITY], shift = look->mean[HEALTH_SHIFT];
    if (evaluation && evaluation->frechet_real > 0)
        return evaluation->frechet >= (is_on ? 6 : 10) * evaluation->frechet_real;
    return diversity <= (is_on ? 0.8 : 0.7) || diversity >= (is_on ? 1.25 : 1.4) ||
           shift >= (is_on ? 0.25 : 0.3);
}

static bool oscillates(const struct look *look, bool is_on)
{
    return look->swing.size >= (is_on ? 0.3 : 0.4) && look->swing.cycles >= (is_on ? 2 : 3);
}

static bool is_blind(const struct look *look, bool is_on)
{
    bool says_the_same = is_wasserstein(look) ? fabs(look->auc - 0.5) <= (is_on ? 0.08 : 0.05)
                                              : fabs(look->tell) <= (is_on ? 0.05 : 0.03);
    return says_the_same && are_bad(look, is_on);
}

static bool generator_wins(const struct look *look, bool is_on)
{
    bool is_fooled = isnan(look->auc) || look->auc <= (is_on ? 0.45 : 0.35);
    return is_wasserstein(look) ? look->auc <= (is_on ? 0.45 : 0.35)
                                : is_fooled && look->tell <= (is_on ? -0.02 : -0.05);
}

static bool is_sure(const struct look *look)
{
    return look->auc >= 0.95 || (isnan(look->auc) && look->tell >= 0.5);
}

static bool gradient_vanishes(const struct look *look, bool is_on)
{
    bool is_minimax = look->game->recipe && look->objective == OBJECTIVE_MINIMAX;
    double share = look->gradient / look->gradient_most;
    return is_sure(look) &&
           ((is_minimax && look->mean[HEALTH_D_FAKE] <= (is_on ? 0.01 : 0.003)) ||
            (share <= (is_on ? 0.03 : 0.01) && !(look->mean[HEALTH_DIVERSITY] <= 0.35)));
}

/* Samples of a young or wide network lack classes, too, while they get better quickly: that is no
 * collapse. */
static bool is_getting_better(const struct look *look)
{
    const struct counted *all = look->evaluations;
    return look->evaluation_count < 2 || all[0].frechet < 0.9 * all[1].frechet;
}

static bool collapses(const struct look *look, bool is_on)
{
    return look->mean[HEALTH_DIVERSITY] <= (is_on ? 0.35 : 0.2);
}

static bool memorises(const struct look *look, bool is_on)
{
    const struct counted *evaluation = newest(look);
    double real = evaluation && evaluation->memorised_real > 0 ? evaluation->memorised_real : 0;
    return evaluation && evaluation->memorised - real >= (is_on ? 0.05 : 0.1);
}

/* Of a conditional generator, mostly: each class is there, as one image. */
static bool has_no_variety(const struct look *look, bool is_on)
{
    return look->evaluation_count > 0 && look->evaluations[0].variety <= (is_on ? 0.4 : 0.25);
}

/* One evaluation that misses three in ten, or two on end that miss any. */
static bool misses_classes(const struct look *look, bool is_on)
{
    const struct counted *evaluation = newest(look);
    if (!evaluation || (evaluation->gone == 0 && !has_no_variety(look, is_on)))
        return false;
    bool again = look->evaluation_count > 1 && look->evaluations[1].gone > 0;
    bool is_much = (again && evaluation->gone > 0) ||
                   10 * evaluation->gone >= 3 * evaluation->classes || has_no_variety(look, false);
    return is_on || (is_much && !is_getting_better(look));
}

static bool discriminator_wins(const struct look *look, bool is_on)
{
    bool is_never_wrong = isnan(look->auc) || look->auc >= (is_on ? 0.965 : 0.985);
    return is_wasserstein(look) ? look->auc >= (is_on ? 0.985 : 0.995) && are_bad(look, is_on)
                                : is_never_wrong && look->tell >= (is_on ? 0.55 : 0.7);
}

/* The slow slide of a discriminator that learns its images by heart. */
static bool drifts(const struct look *look, bool is_on)
{
    const struct counted *all = look->evaluations;
    int count = look->evaluation_count;
    bool is_worse = count > 0 && all[0].frechet >= (is_on ? 1.2 : 1.4) * look->best_frechet;
    for (int i = 0; i + 1 < count && !is_on; i++)
        is_worse = is_worse && all[i].tell > all[i + 1].tell;
    return is_worse && count == HEALTH_EVALUATIONS && look->auc >= 0.9;
}

/* Enough is known to say anything at all. */
static bool is_known(const struct look *look, bool is_on)
{
    (void)is_on;
    return isfinite(look->auc) || isfinite(look->tell) || isfinite(look->mean[HEALTH_DIVERSITY]) ||
           look->evaluation_count > 0;
}

/* --- evidence --- */

/* "; D(x) 0.98, D(G(z)) 0.03": what is known of D's answers. */
static const char *answers(const struct look *look, struct arena *arena)
{
    const double *mean = look->mean;
    const char *auc =
        isfinite(look->auc)
            ? arena_printf(arena, "%.3g %% of real-fake pairs ranked rightly", 100 * look->auc)
            : "";
    const char *gap = *auc ? ", " : "";
    if (!isfinite(look->tell))
        return auc;
    if (look->game->recipe &&
        (look->objective == OBJECTIVE_LEAST_SQUARES || look->objective == OBJECTIVE_HINGE))
        return arena_printf(arena, "%s%slogits %.3g for real and %.3g for generated images", auc,
                            gap, mean[HEALTH_LOGIT_REAL], mean[HEALTH_LOGIT_FAKE]);
    return arena_printf(arena, "%s%sD(x) %.3f, D(G(z)) %.3f", auc, gap, mean[HEALTH_D_REAL],
                        mean[HEALTH_D_FAKE]);
}

/* "samples are 0.93 as varied as real images", or with what they lack. */
static const char *variety(const struct look *look, struct arena *arena)
{
    double diversity = look->mean[HEALTH_DIVERSITY], shift = look->mean[HEALTH_SHIFT];
    const struct counted *evaluation = newest(look);
    if (evaluation && isfinite(evaluation->frechet))
        return isfinite(evaluation->frechet_real)
                   ? arena_printf(arena, "Fréchet distance %.3g, of real images %.3g",
                                  evaluation->frechet, evaluation->frechet_real)
                   : arena_printf(arena, "Fréchet distance %.3g", evaluation->frechet);
    if (!isfinite(diversity))
        return "nothing is known of the samples";
    if (isfinite(shift))
        return arena_printf(arena,
                            "samples are %.2f as varied as real images, their mean %.2f away",
                            diversity, shift);
    return arena_printf(arena, "samples are %.2f as varied as real images", diversity);
}

static char *why_oscillating(const struct look *look, struct arena *arena)
{
    return arena_printf(arena,
                        "D's answers have gone to and fro %d times, about every %.0f steps, by "
                        "%.2f: G and D chase each other",
                        look->swing.cycles, look->swing.period, look->swing.size);
}

static char *why_blind(const struct look *look, struct arena *arena)
{
    return arena_printf(arena, "D answers the same to real and generated images (%s), though %s",
                        answers(look, arena), variety(look, arena));
}

static char *why_generator_wins(const struct look *look, struct arena *arena)
{
    return arena_printf(arena, "D takes generated images for real, and real ones less so: %s; %s",
                        answers(look, arena), variety(look, arena));
}

static char *why_vanishing(const struct look *look, struct arena *arena)
{
    if (look->game->recipe && look->objective == OBJECTIVE_MINIMAX)
        return arena_printf(arena,
                            "G hardly gets a gradient: of minimax it is in proportion to D(G(z)), "
                            "which is %.2g; norm %.2g, at most it was %.2g",
                            look->mean[HEALTH_D_FAKE], look->gradient, look->gradient_most);
    return arena_printf(arena, "G's gradient is %.2g, at most it was %.2g; %s", look->gradient,
                        look->gradient_most, answers(look, arena));
}

static char *why_collapse(const struct look *look, struct arena *arena)
{
    return arena_printf(arena,
                        "samples are nearly one image%s: their mean distance is %.2f of that of "
                        "real images",
                        look->was_varied ? ", and were not" : "", look->mean[HEALTH_DIVERSITY]);
}

static char *why_classes(const struct look *look, struct arena *arena)
{
    enum { NAMED = 12 };
    const struct counted *evaluation = look->evaluations;
    const char *list = "";
    int named = 0;
    if (evaluation->gone == 0)
        return arena_printf(arena,
                            "samples of a class are nearly one image: %.2f as varied as real "
                            "images of it; in %s samples",
                            evaluation->variety, format_count(arena, evaluation->samples));
    for (int i = 0; i < evaluation->classes && named < NAMED; i++)
        if (class_is_gone(evaluation, i)) {
            list = arena_printf(arena, "%s %d", list, i);
            named++;
        }
    return arena_printf(arena, "%d of %d classes %s gone:%s%s; in %s samples", evaluation->gone,
                        evaluation->classes, evaluation->gone == 1 ? "is" : "are", list,
                        evaluation->gone > named ? " …" : "",
                        format_count(arena, evaluation->samples));
}

static char *why_memorising(const struct look *look, struct arena *arena)
{
    const struct counted *evaluation = look->evaluations;
    return arena_printf(arena, "%.0f %% of %s samples are copies of training images%s",
                        100 * evaluation->memorised, format_count(arena, evaluation->samples),
                        isfinite(evaluation->memorised_real)
                            ? arena_printf(arena, "; of other real images %.0f %%",
                                           100 * evaluation->memorised_real)
                            : "");
}

static char *why_discriminator_wins(const struct look *look, struct arena *arena)
{
    return arena_printf(arena, "D is hardly ever wrong: %s; %s", answers(look, arena),
                        variety(look, arena));
}

static char *why_drifting(const struct look *look, struct arena *arena)
{
    return arena_printf(arena,
                        "D has pulled ahead in each of %d evaluations, and the Fréchet distance "
                        "has gone from %.3g to %.3g; %s",
                        look->evaluation_count, look->best_frechet, look->evaluations[0].frechet,
                        answers(look, arena));
}

static char *why_balanced(const struct look *look, struct arena *arena)
{
    const char *said = answers(look, arena);
    return arena_printf(arena, "%s%s%s", said, *said ? "; " : "", variety(look, arena));
}

static char *why_warming_up(const struct look *look, struct arena *arena)
{
    return arena_printf(arena, "the first %s steps, or until samples are varied",
                        format_count(arena, (double)look->game->warm_up));
}

/* --- the table --- */

const struct health_rule health_rule_table[] = {
    { { HEALTH_OSCILLATING, "auc swings by 0.4 or more, three times within a warm-up",
        "G and D chase each other in a circle: what D learns, G leaves behind, and comes back to",
        "less momentum, lower learning rates, a penalty" },
      oscillates,
      why_oscillating,
      { REMEDY_LESS_MOMENTUM, REMEDY_PENALISE, REMEDY_SLOWER } },
    { { HEALTH_DISCRIMINATOR_BLIND,
        "tell is within 0.03 of 0 (wasserstein: auc within 0.05 of 0.5), and samples are bad: a "
        "Fréchet distance ten times that of real images, or, without evaluations, a diversity not "
        "above 0.7 or above 1.4, or a shift of 0.3",
        "D cannot tell, or may not say: G gets no direction to go",
        "a weaker penalty, a faster D, more steps of D, a hidden dense layer in D" },
      is_blind,
      why_blind,
      { REMEDY_PENALISE_LESS, REMEDY_D_FASTER, REMEDY_D_MORE_STEPS } },
    { { HEALTH_GENERATOR_WINNING, "auc not above 0.35, and tell not above -0.05",
        "D is too slow or too small for G: it is fooled, and teaches nothing",
        "a faster D, more steps of D, a slower G, a larger D" },
      generator_wins,
      why_generator_wins,
      { REMEDY_D_FASTER, REMEDY_D_MORE_STEPS, REMEDY_PENALISE_LESS } },
    { { HEALTH_VANISHING_GRADIENT,
        "auc 0.95 or more, and G's gradient not above 1 % of the largest it has had, while samples "
        "differ; for minimax, whose gradient is in proportion to it, D(G(z)) not above 0.003",
        "D is so sure that G is not told where to go",
        "the non-saturating objective, a slower D, a penalty, smoothed labels" },
      gradient_vanishes,
      why_vanishing,
      { REMEDY_NON_SATURATING, REMEDY_D_SLOWER, REMEDY_PENALISE, REMEDY_SMOOTH } },
    { { HEALTH_MODE_COLLAPSE,
        "diversity not above 0.2 (within a label, for conditional generators)",
        "G draws one image, or nearly so, whatever the noise",
        "r1, lower learning rates, another seed" },
      collapses,
      why_collapse,
      { REMEDY_PENALISE, REMEDY_SLOWER, REMEDY_OTHER_SEED } },
    { { HEALTH_MEMORISING,
        "an evaluation finds that 10 % of the samples, and more than of other real images, are "
        "copies of training images",
        "G repeats training images in place of making new ones",
        "more training images, stopping earlier, smaller networks, a penalty" },
      memorises,
      why_memorising,
      { REMEDY_MORE_DATA, REMEDY_STOP_EARLIER, REMEDY_PENALISE } },
    { { HEALTH_MODE_COLLAPSE,
        "an evaluation finds less than a tenth of the even share in 3 of 10 classes, or two on end "
        "do in any, or a variety not above 0.25, and the Fréchet distance has not fallen by a "
        "tenth since the one before",
        "G has given up a part of the data", "r1, lower learning rates, another seed" },
      misses_classes,
      why_classes,
      { REMEDY_PENALISE, REMEDY_SLOWER, REMEDY_OTHER_SEED } },
    { { HEALTH_DISCRIMINATOR_WINNING,
        "auc 0.985 or more, and tell 0.7 or more; for wasserstein, auc 0.995 or more while samples "
        "are bad",
        "D is too far ahead: what it says no longer helps G",
        "r1, a slower D, smoothed labels, a smaller D" },
      discriminator_wins,
      why_discriminator_wins,
      { REMEDY_PENALISE, REMEDY_D_SLOWER, REMEDY_SMOOTH } },
    { { HEALTH_DISCRIMINATOR_WINNING,
        "tell has risen over five evaluations on end, auc is 0.9 or more, and the Fréchet distance "
        "is 1.4 times its best",
        "D learns its images by heart, and samples get worse",
        "r1, a slower D, stopping at the best Fréchet distance" },
      drifts,
      why_drifting,
      { REMEDY_PENALISE, REMEDY_D_SLOWER, REMEDY_STOP_EARLIER } },
    { { HEALTH_BALANCED, "none of the others, once warmed up",
        "Neither is far ahead, and samples are varied", NULL },
      is_known,
      why_balanced,
      { REMEDY_NONE } },
    { { HEALTH_WARMING_UP,
        "the first 1,500 steps; it ends after a third of them once diversity is 0.6 or more and "
        "auc below 0.97",
        "Too early to tell: even good runs begin with one blob in every place", NULL },
      is_known,
      why_warming_up,
      { REMEDY_NONE } },
};
const int health_rule_count = ARRAY_SIZE(health_rule_table);

const struct health_rule_words *health_rules(int *count)
{
    static struct health_rule_words words[ARRAY_SIZE(health_rule_table)];
    *count = health_rule_count;
    for (int i = 0; i < health_rule_count; i++)
        words[i] = health_rule_table[i].words;
    return words;
}
