/* What a person sees on standard error while a classifier is trained. */
#ifndef GANDER_CLI_LEARNING_H
#define GANDER_CLI_LEARNING_H

#include "base/base.h"
#include "draw/terminal.h"
#include "gan/classifier.h"

struct learning {
    struct terminal terminal; /* of stderr */
    double drawn;             /* seconds; 0: never */
    int tenths;               /* said, where no line can be rewritten */
};
void learning_begin(struct learning *learning);
/* A classifier_watch, whose context is the struct; false after a signal. */
bool learning_watch(void *context, const struct classifier_progress *progress);
void learning_end(const struct learning *learning);

#endif
