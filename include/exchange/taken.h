/* Runs that are made of other tools' files: what is wished, and what has come of it. */
#ifndef GANDER_EXCHANGE_TAKEN_H
#define GANDER_EXCHANGE_TAKEN_H

#include "base/base.h"
#include "base/memory.h"

struct take_wish {
    const char *experiment, *name; /* NULL: after the file or directory */
    const char *const *argv;       /* as typed, NULL-terminated */
    bool again;                    /* also what is here already */
    bool is_joined;                /* one run of all that is found */
    double now;                    /* seconds since 1970 */
    bool (*is_unwanted)(void);     /* asked now and then: true ends it, ERR_CANCELLED; or NULL */
};

/* What was read of event files. */
struct tensorboard_counts {
    int64_t files, scalars, images;
    int64_t others;     /* values of kinds that are not taken */
    int64_t superseded; /* scalars and images, by a restart or a later file */
    int64_t unreadable; /* images: no PNG, or too large */
    int64_t bad;        /* records whose checksum is wrong, or that are no events */
    int64_t too_long;   /* records */
    int64_t torn;       /* files that end within a record */
    int64_t damaged;    /* files of which the rest cannot be told */
    const char *why;    /* the first image that was not taken; NULL: none */
};

struct taken_run {
    int64_t number;                /* here; 0: it was not taken … */
    const char *why;               /* … a sentence on why not */
    int64_t already;               /* … the run here that it is already; 0: none */
    const char *path;              /* what it was made of, absolute */
    const char *experiment, *name; /* name NULL: none */
    int64_t step;
    struct tensorboard_counts counts; /* of event files */
    int64_t rows, numbers;            /* of a table */
    int64_t skipped;                  /* fields of it that are no numbers */
};

#endif
