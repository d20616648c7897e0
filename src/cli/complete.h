/* What may stand where the cursor is, on a command line that is being typed.
 *
 * The shells' scripts (cmd_completion.c) only ask `gander candidates -- WORDS…` and show what it
 * prints; the last word is the one that is being typed, up to the cursor. A line is
 *
 *     CANDIDATE<TAB>DESCRIPTION     the whole word as it would be; the shell quotes it
 *     <TAB>files, <TAB>directories  the shell completes these itself
 *     <TAB>command N                … and the command line of its own that begins with word N, from 0
 *
 * What stands in a place follows from the tables of cli/command.h: the name of an option's or
 * operand's argument (RUN, FILE, METRIC …) is what kind of thing it is.
 *
 * Everything that has no control character in it may be a candidate, whatever it is in a shell. */
#ifndef GANDER_CLI_COMPLETE_H
#define GANDER_CLI_COMPLETE_H

#include "cli/command.h"
#include "run/catalogue.h"

struct completion {
    struct arena arena;
    FILE *stream;          /* where candidates go */
    const char *fixed;     /* in front of every candidate: "--sort=", "run,state," … */
    const char *typed;     /* … and what it must begin with then */
    const char *directory; /* that --store named; NULL */
    double now;
    bool has_looked; /* for the store … */
    struct store store;
    struct catalogue *catalogue; /* … and its catalogue: NULL if there is none */
};

/* Prints the candidates for the last of the words, the first of which is the program. */
void complete(FILE *stream, const char *const *words, int count, double now);

/* --- what its files share --- */

/* The kind of thing an argument is, by its name: "RUN", "KEY=VALUE" … */
void complete_kind(struct completion *completion, const char *kind);
void complete_filter(struct completion *completion);

void offer(struct completion *completion, const char *text, const char *description);
/* Moves what stands before `at`, a place in what is typed, to what is fixed. */
void complete_from(struct completion *completion, const char *at);
/* Opened and brought up to date at the first call; NULL where there is none. */
struct catalogue *completion_catalogue(struct completion *completion);
/* None where there is no catalogue. */
void completion_words(struct completion *completion, enum catalogue_word which, char ***words,
                      int *count);
void offer_words(struct completion *completion, enum catalogue_word which, const char *description);
/* Names of metrics, and of recipe values; `ending` is put behind each. */
void offer_metrics(struct completion *completion, const char *ending);
void offer_keys(struct completion *completion, const char *ending);

#endif
