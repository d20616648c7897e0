/* One run in a line: its state, what it is called, how far it is. */
#ifndef GANDER_UI_RUN_HEAD_H
#define GANDER_UI_RUN_HEAD_H

#include "show/index.h"
#include "ui/view.h"

#define LOG_LOOK_S 0.25 /* between two looks at the log of a run that works */

struct run_head {
    struct listed_run run;
    const char *directory;
    bool is_gone; /* the directory is not there any more */
    struct arena arena;
};

/* What the catalogue has now. ERR_NOT_FOUND for a run that it never had; of one that has gone since
 * what was known stays. The head begins all zero. */
int run_head_read(struct run_head *head, const struct index *index, int64_t number);
void run_head_release(struct run_head *head);

bool run_head_is_live(const struct run_head *head);
/* Has an action on it a use now? */
bool run_head_offers(const struct run_head *head, enum action action);

void run_head_draw(const struct run_head *head, struct frame *frame, struct rect row);

/* The sentence of its end, or what is wrong with it; "" if there is none. */
const char *run_head_news(const struct run_head *head);
bool run_head_is_well(const struct run_head *head); /* by its health */
struct style run_head_news_style(const struct run_head *head, const struct look *look);

/* Why its log is empty. */
const char *run_head_silence(const struct run_head *head);

#endif
