#include "record/health.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const names[HEALTH_STATES] = {
    [HEALTH_WARMING_UP] = "warming up",
    [HEALTH_BALANCED] = "balanced",
    [HEALTH_DISCRIMINATOR_WINNING] = "discriminator winning",
    [HEALTH_GENERATOR_WINNING] = "generator winning",
    [HEALTH_DISCRIMINATOR_BLIND] = "discriminator blind",
    [HEALTH_MODE_COLLAPSE] = "mode collapse",
    [HEALTH_OSCILLATING] = "oscillating",
    [HEALTH_VANISHING_GRADIENT] = "vanishing gradient",
    [HEALTH_MEMORISING] = "memorising",
};

const char *health_name(enum health_state state)
{
    return names[state];
}

bool health_parse(const char *name, enum health_state *out)
{
    for (int i = 0; i < HEALTH_STATES; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum health_state)i;
            return true;
        }
    return false;
}

bool health_is_bad(enum health_state state)
{
    return state != HEALTH_WARMING_UP && state != HEALTH_BALANCED;
}

/* --- training.stop_when --- */

/* The word for a stop, in the arena; NULL for a state that stops nothing. */
static char *stop_word(struct arena *arena, int stop)
{
    if (stop == HEALTH_NO_PROGRESS)
        return arena_strdup(arena, "no-progress");
    if (!health_is_bad((enum health_state)stop))
        return NULL;
    char *word = arena_strdup(arena, names[stop]);
    for (char *at = word; *at; at++)
        *at = *at == ' ' ? '-' : *at;
    return word;
}

static int refuse(struct arena *arena, const char *word, const char *const words[HEALTH_STOPS])
{
    enum { QUOTE_LIMIT = 80 };
    const char *nearest = text_nearest(word, words, HEALTH_STOPS, sizeof words[0]);
    const char *quoted = text_clean(arena, word, QUOTE_LIMIT), *list = "";
    if (nearest)
        return fail(ERR_INVALID, "there is no state '%s' to stop at (did you mean '%s'?)", quoted,
                    nearest);
    for (int i = 0; i < HEALTH_STOPS; i++)
        if (words[i])
            list = arena_printf(arena, "%s%s%s", list, *list ? ", " : "", words[i]);
    return fail(ERR_INVALID, "there is no state '%s' to stop at (there are %s)", quoted, list);
}

static int take(struct arena *arena, char *word, const char *const words[HEALTH_STOPS],
                unsigned *out)
{
    for (char *at = word; *at; at++)
        *at = isspace((unsigned char)*at) ? '-' : *at;
    for (int i = 0; i < HEALTH_STOPS; i++)
        if (words[i] && strcmp(words[i], word) == 0) {
            *out |= 1U << i;
            return 0;
        }
    return refuse(arena, word, words);
}

int health_parse_stops(const char *text, unsigned *out)
{
    struct arena arena = { 0 };
    const char *words[HEALTH_STOPS];
    int error = 0;
    *out = 0;
    for (int i = 0; i < HEALTH_STOPS; i++)
        words[i] = stop_word(&arena, i);
    while (!error && *text) {
        size_t length = strcspn(text, ","), next = length + (text[length] == ',');
        const char *begin = text;
        while (length > 0 && isspace((unsigned char)*begin)) {
            begin++;
            length--;
        }
        while (length > 0 && isspace((unsigned char)begin[length - 1]))
            length--;
        if (length > 0)
            error = take(&arena, arena_strndup(&arena, begin, length), words, out);
        text += next;
    }
    arena_release(&arena);
    return error;
}

/* --- signals --- */

const char *health_signal_metric(enum health_signal signal)
{
    static const char *const metrics[HEALTH_SIGNALS] = {
        [HEALTH_D_LOSS] = "d_loss",         [HEALTH_G_LOSS] = "g_loss",
        [HEALTH_D_REAL] = "d_real",         [HEALTH_D_FAKE] = "d_fake",
        [HEALTH_LOGIT_REAL] = "logit_real", [HEALTH_LOGIT_FAKE] = "logit_fake",
        [HEALTH_D_AUC] = "d_auc",           [HEALTH_D_GRADIENT] = "d_grad",
        [HEALTH_G_GRADIENT] = "g_grad",     [HEALTH_DIVERSITY] = "diversity",
        [HEALTH_SHIFT] = "shift",
    };
    return metrics[signal];
}

/* As people write them. */
static const struct alias {
    const char *metric;
    enum health_signal signal;
} aliases[] = {
    { "loss_D", HEALTH_D_LOSS },
    { "D/loss", HEALTH_D_LOSS },
    { "loss/D", HEALTH_D_LOSS },
    { "d.loss", HEALTH_D_LOSS },
    { "lossD", HEALTH_D_LOSS },
    { "dloss", HEALTH_D_LOSS },
    { "errD", HEALTH_D_LOSS },
    { "disc_loss", HEALTH_D_LOSS },
    { "loss_disc", HEALTH_D_LOSS },
    { "discriminator_loss", HEALTH_D_LOSS },
    { "critic_loss", HEALTH_D_LOSS },
    { "loss_critic", HEALTH_D_LOSS },
    { "loss_G", HEALTH_G_LOSS },
    { "G/loss", HEALTH_G_LOSS },
    { "loss/G", HEALTH_G_LOSS },
    { "g.loss", HEALTH_G_LOSS },
    { "lossG", HEALTH_G_LOSS },
    { "gloss", HEALTH_G_LOSS },
    { "errG", HEALTH_G_LOSS },
    { "gen_loss", HEALTH_G_LOSS },
    { "loss_gen", HEALTH_G_LOSS },
    { "generator_loss", HEALTH_G_LOSS },
    { "D(x)", HEALTH_D_REAL },
    { "D_x", HEALTH_D_REAL },
    { "D/real", HEALTH_D_REAL },
    { "d.real", HEALTH_D_REAL },
    { "real_score", HEALTH_D_REAL },
    { "D(G(z))", HEALTH_D_FAKE },
    { "D_G_z", HEALTH_D_FAKE },
    { "D_G_z1", HEALTH_D_FAKE },
    { "D/fake", HEALTH_D_FAKE },
    { "d.fake", HEALTH_D_FAKE },
    { "fake_score", HEALTH_D_FAKE },
    { "d_grad_norm", HEALTH_D_GRADIENT },
    { "grad_norm_D", HEALTH_D_GRADIENT },
    { "g_grad_norm", HEALTH_G_GRADIENT },
    { "grad_norm_G", HEALTH_G_GRADIENT },
};

bool health_signal_of(const char *metric, enum health_signal *out)
{
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        if (strcasecmp(health_signal_metric((enum health_signal)i), metric) == 0) {
            *out = (enum health_signal)i;
            return true;
        }
    for (int i = 0; i < ARRAY_SIZE(aliases); i++)
        if (strcasecmp(aliases[i].metric, metric) == 0) {
            *out = aliases[i].signal;
            return true;
        }
    return false;
}
