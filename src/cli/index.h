/* Stores with their catalogues, brought up to date: what commands look at. */
#ifndef GANDER_CLI_INDEX_H
#define GANDER_CLI_INDEX_H

#include "cli/command.h"
#include "record/config.h"
#include "run/catalogue.h"

struct index_place {
    struct store store;
    struct catalogue *catalogue; /* NULL until it is asked for */
    const char *label;           /* for people: the last part of the path that holds the store */
};

struct index {
    struct index_place *places;
    int count; /* at least one */
    struct config config;
    double now;          /* seconds since 1970, as this command takes it */
    const char *command; /* for notes */
    struct arena arena;
};

/* The present moment; GANDER_NOW (seconds since 1970) stands still for tests and screen shots. */
double present_time(void);

/* The stores of --store, or the usual one. STATUS_DONE, or what the command ends with, the sentence
 * printed. Commands that mean a run or two by number need no catalogue: INDEX_LATER opens one when
 * somebody asks for it. */
enum index_when { INDEX_NOW, INDEX_LATER };
enum exit_status index_open(struct index *out, const struct arguments *arguments,
                            enum index_when when);
/* The catalogue of a place, brought up to date when it is first asked for; notes about it go to
 * standard error. */
int index_catalogue(struct index *index, struct index_place *place, struct catalogue **out);
void index_close(struct index *index);

/* A run that an operand means: RUN, or with several stores K:RUN, K being which of them, from 1. */
struct index_run {
    struct index_place *place;
    int64_t number;
    const char *title; /* "7", "2:7"; in the arena */
};
/* ERR_NOT_FOUND, ERR_INVALID. */
int index_resolve(struct index *index, const char *text, struct index_run *out);

/* All operands from the first on, ranges included; the sentence printed. */
enum exit_status index_resolve_all(struct index *index, const struct arguments *arguments,
                                   struct index_run **runs, int *count);

/* Both at once, for commands that mean runs and no more: index_open (INDEX_LATER), then all operands.
 */
enum exit_status index_open_runs(struct index *index, const struct arguments *arguments,
                                 struct index_run **runs, int *count);

/* What a command that failed ends with. */
enum exit_status index_failed(const struct arguments *arguments, int error);

#endif
