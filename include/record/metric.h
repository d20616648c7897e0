/* What is known of metrics: which way is better, what to call them, how to print them.
 *
 * One table, metric_rows(), has those that gander itself journals. Of any other name, from whatever
 * program, the direction is guessed from its words. Losses of the two players of a GAN have none:
 * they say how the game stands, not how good the samples are. */
#ifndef GANDER_RECORD_METRIC_H
#define GANDER_RECORD_METRIC_H

#include "base/base.h"
#include "base/memory.h"

struct config;

enum direction { DIRECTION_NONE, DIRECTION_SMALLER, DIRECTION_LARGER }; /* which is better */

enum metric_unit { METRIC_PLAIN, METRIC_PERCENT, METRIC_BYTES };

enum { METRIC_LABEL_COLUMNS = 10, METRIC_COLUMNS = 9 /* the most that metric_format takes */ };

struct metric_row {
    const char *name;  /* "d_loss" */
    const char *label; /* head of a column, at most METRIC_LABEL_COLUMNS wide: "D loss" */
    enum direction direction;
    enum metric_unit unit;
    int digits;       /* significant ones worth printing; 0: as many as of other names */
    bool is_chief;    /* shown where there is room for few */
    const char *help; /* one sentence */
};

const struct metric_row *metric_rows(int *count);
const struct metric_row *metric_find(const char *name); /* NULL: no metric of gander's own */

/* The label of the table, else the name itself. */
const char *metric_label(const char *name);

/* What metrics.smaller and metrics.larger of the settings say (`config` may be NULL), else the
 * table, else a guess. The guess looks at the words of the name, which . _ / - and other signs
 * divide, or a change of case: the last that says something counts ("err", "fid" are better when
 * smaller, "acc", "f1" when larger). Losses, errors, accuracies and scores have no direction when a
 * word is of a GAN's players or of what they play with: loss_D, gen_loss, real/acc. */
enum direction metric_direction(const char *name, const struct config *config);

/* Does it, by its words, say how fast a machine is or what it uses ("images_per_second",
 * "time/epoch", "use.cpu"), so that the same training gives other numbers each time? */
bool metric_is_of_machine(const char *name);

/* Compact text for tables, at most METRIC_COLUMNS wide: "1.204", "0.0123", "1.2e-05", "12,345",
 * "NaN", "-inf"; bytes as "1.4 GB", also of other names that end in ".memory". Of a percentage the
 * number only. */
char *metric_format(struct arena *arena, const char *name, double value);

#endif
