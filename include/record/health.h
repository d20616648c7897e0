/* Health: how the game between the two networks stands, as plain words.
 *
 * What decides on them is gan/health.h; the names are here since recipes, journals and screens have
 * them too. */
#ifndef GANDER_RECORD_HEALTH_H
#define GANDER_RECORD_HEALTH_H

#include "base/base.h"

enum health_state {
    HEALTH_WARMING_UP,
    HEALTH_BALANCED,
    HEALTH_DISCRIMINATOR_WINNING,
    HEALTH_GENERATOR_WINNING,
    HEALTH_DISCRIMINATOR_BLIND,
    HEALTH_MODE_COLLAPSE,
    HEALTH_OSCILLATING,
    HEALTH_VANISHING_GRADIENT,
    HEALTH_MEMORISING
};
enum { HEALTH_STATES = HEALTH_MEMORISING + 1 };

const char *health_name(enum health_state state);            /* "mode collapse" */
bool health_parse(const char *name, enum health_state *out); /* "mode collapse" */
bool health_is_bad(enum health_state state);

/* What training.stop_when may name: each bad state, and HEALTH_NO_PROGRESS. */
enum { HEALTH_NO_PROGRESS = HEALTH_STATES, HEALTH_STOPS };

/* The bits 1 << state (or HEALTH_NO_PROGRESS) of "mode-collapse, no-progress"; blanks may stand for
 * the hyphens. ERR_INVALID names the word that is none, and all there are. */
int health_parse_stops(const char *text, unsigned *out);

/* --- what it is told by --- */

enum health_signal {
    HEALTH_D_LOSS,
    HEALTH_G_LOSS,
    HEALTH_D_REAL,
    HEALTH_D_FAKE,
    HEALTH_LOGIT_REAL,
    HEALTH_LOGIT_FAKE,
    HEALTH_D_AUC,
    HEALTH_D_GRADIENT,
    HEALTH_G_GRADIENT,
    HEALTH_DIVERSITY,
    HEALTH_SHIFT
};
enum { HEALTH_SIGNALS = HEALTH_SHIFT + 1 };

/* The metric that a signal is journalled as: "d_loss". */
const char *health_signal_metric(enum health_signal signal);

/* The signal that a metric of this name is, as other programs call it, or gander itself: "loss_D",
 * "D(x)"; case does not matter. False for a name that says nothing. */
bool health_signal_of(const char *metric, enum health_signal *out);

#endif
