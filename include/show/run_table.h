/* A table of runs: which columns, and what stands in them. */
#ifndef GANDER_SHOW_RUN_TABLE_H
#define GANDER_SHOW_RUN_TABLE_H

#include "draw/table.h"
#include "show/index.h"

struct run_column;

/* Columns by name ("state,age,d_loss,min(frechet),training.rate,spark(g_loss)"), or the usual ones
 * for these runs where `names` is NULL. ERR_INVALID suggests. */
int run_columns_choose(struct index *index, const char *names, const struct listed_run *runs,
                       int run_count, struct run_column **columns, int *count);
/* Those of facts that are usually shown, without metrics. */
void run_columns_facts(struct index *index, const struct listed_run *runs, int run_count,
                       struct run_column **columns, int *count);

/* Those of the dashboard: what goes on first, each loss with its curve, what is less wanted as far as there
 * is room for it. What they are sorted by (NULL: numbers) is among them. */
void run_columns_dashboard(struct index *index, const struct listed_run *runs, int run_count,
                           const char *sort, struct run_column **columns, int *count);
/* The name of one of them, as `names` has it. In the arena. */
const char *run_column_text(struct arena *arena, const struct run_column *columns, int at);
/* What to sort by for a column of that name: "work" says how far a run is, "spark(x)" is of x. NULL: it
 * cannot be sorted by. In the arena. */
const char *run_column_sort(struct arena *arena, const char *name);
/* Which end of a column is to be seen first: the best values, the newest runs, words from A on. `sort`
 * NULL: run numbers. */
enum run_order run_first_order(const char *sort, const struct config *config);

/* The table in the index's arena, of all runs or of some that stand beside one another. `utf8` is
 * for sparklines. */
struct table run_table_make(struct index *index, const struct run_column *columns, int column_count,
                            const struct listed_run *runs, int run_count, bool utf8);

/* What to call a state, marks included: "running", "stalled", "orphan". */
const char *run_state_word(const struct run_row *row);
struct style run_state_style(const struct run_row *row);
/* The same as one character, a different one for each word, in ASCII (canvas_ascii), too. */
uint32_t run_state_sign(const struct run_row *row);

/* Seconds that a running run still needs at its mean pace; NaN: unknown, or it does not run. */
double run_seconds_left(const struct run_row *row);

/* "1a2b3c4*": short commit, with a mark for changes; "" without one. */
char *run_commit_word(struct arena *arena, const struct run_row *row);

/* The metrics that tell most about these runs, best first: at most `most`. In the arena. */
const char **run_chief_metrics(struct index *index, const struct listed_run *runs, int run_count,
                               int most, int *count);

/* Columns besides metrics and recipe values, NULL past the end. */
const char *run_column_name(int index);

/* The value of a column of one run as text, for grouping and for JSON; NULL where there is none. */
const char *run_value(struct index *index, const struct listed_run *run, const char *name);

#endif
