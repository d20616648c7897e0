/* What a person sees of a training: on a terminal a block that is rewritten in place (samples, a
 * bar, losses), elsewhere a plain line a report. */
#ifndef GANDER_CLI_PROGRESS_H
#define GANDER_CLI_PROGRESS_H

#include "cli/command.h"
#include "draw/live.h"
#include "draw/picture.h"
#include "history.h"
#include "run/training.h"

enum { PROGRESS_SERIES = 4 };

struct progress {
    struct training_facts facts;
    enum picture_mode mode;            /* PICTURE_AUTO: what the terminal shows best */
    const struct arguments *arguments; /* what was typed, for commands to suggest */
    struct terminal terminal;
    struct live live;
    struct history series[PROGRESS_SERIES];
    struct canvas sheet; /* the newest samples, drawn */
    int sheet_columns, sheet_rows;
    bool is_sheet_new;
    double started, drawn; /* seconds of a clock that does not jump; `drawn` 0: never */
};

void progress_begin(struct progress *progress, const struct training_facts *facts,
                    enum picture_mode mode, const struct arguments *arguments);

/* For training_run: `context` is the progress. */
void progress_watch(void *context, const struct training_news *news);

/* Gives the terminal back and says how it ended and what to do next. */
void progress_end(struct progress *progress, const struct training_outcome *outcome);

#endif
