/* All that is known of one run, and how it is told: the lines that "gander show" prints and the
 * dashboard has on a page. Text is harmless already. */
#ifndef GANDER_SHOW_REPORT_H
#define GANDER_SHOW_REPORT_H

#include "run/rundir.h"
#include "run/slurm.h"
#include "show/index.h"

struct report {
    struct listed_run run;
    const char *directory;
    struct run_facts facts; /* as far as its run.json can be read */
    struct run_metric *metrics;
    int metric_count;
    struct setting_row *settings;
    int setting_count;
    struct note_row *notes;
    int note_count;
    struct health_row *health;
    int health_count;
    struct fact_row *engine;
    int engine_count;
    struct attempt_row *attempts;
    int attempt_count;
    struct journal_counts journal;
    struct slurm_known slurm; /* id NULL: it is no job in Slurm */
};

/* Everything lies in the index's arena. */
int report_gather(struct index *index, const struct listed_run *run, struct report *out);

enum report_kind {
    REPORT_FACT,  /* a label and a text */
    REPORT_TITLE, /* of what follows */
    REPORT_ITEM,
    REPORT_TEXT /* of a note: below its item */
};
struct report_line {
    enum report_kind kind;
    const char *label; /* of a fact; "" for a further line of it */
    const char *text;
    bool is_changed; /* a recipe value that differs from its default */
};
struct report_lines {
    struct report_line *lines;
    int count, room;
    struct arena *arena; /* of all of it */
};

/* State, progress, origin, code, machine, tags. */
void report_head(struct report_lines *lines, const struct report *report);
/* Recipe values: those that differ from the defaults, or all. */
void report_settings(struct report_lines *lines, const struct report *report, bool all);
void report_health(struct report_lines *lines, const struct report *report);
void report_notes(struct report_lines *lines, const struct report *report);

#endif
