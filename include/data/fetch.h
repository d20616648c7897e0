/* Downloads of the well-known data sets (through libcurl).
 *
 *     fetch(fetch_find("mnist"), directory, &(struct fetch_options){ 0 });
 *
 * A file is there whole, with the SHA-256 that the table says, or it is not there. What has arrived
 * grows in NAME.part; an attempt that was cut is gone on with, be it in the same call, from another
 * mirror or days later, and whatever the pieces were, only the sum of the whole decides. The part
 * is locked while somebody writes it, synced and renamed in the end. Mirrors are tried in order. A
 * server is taken for hostile: sizes, redirects and headers are bounded, a stall ends, and https
 * never becomes http. */
#ifndef GANDER_DATA_FETCH_H
#define GANDER_DATA_FETCH_H

#include "base/base.h"

struct fetch_file {
    const char *name;   /* of the file, and what follows the mirror in its address */
    int64_t size;       /* bytes */
    const char *sha256; /* 64 hexadecimal digits */
};

struct fetch_set {
    const char *name;           /* "mnist" */
    const char *summary;        /* a few words for people */
    const char *const *mirrors; /* addresses of folders, NULL-terminated */
    const struct fetch_file *files;
    int file_count;
};

/* The sets that are known, in the order of dataset_names. Sizes and sums are those published with
 * TensorFlow Datasets (url_checksums/). */
extern const struct fetch_set fetch_sets[];
const struct fetch_set *fetch_find(const char *name); /* NULL, and a sentence that suggests */

struct fetch_progress {
    const struct fetch_file *file;
    int64_t done;       /* bytes of the file that are here */
    bool is_right;      /* it is whole, checked and in place: the last report of a file */
    const char *mirror; /* where it comes from; NULL: it was there already */
};

struct fetch_options {
    const char *mirror; /* tried before those of the set; NULL: none */
    int stall_seconds;  /* a transfer that stands still for so long is given up; 0: 30 */
    /* Called now and then, about every second while nothing arrives; false gives up. NULL: no. */
    bool (*progress)(void *context, const struct fetch_progress *progress);
    void *context;
};

/* Makes `directory` hold the files of the set. ERR_IO when no mirror gave what it should, or the
 * disk is full or not writable; ERR_BUSY when somebody else is fetching it; ERR_CANCELLED when
 * `progress` gave up. What arrived stays in NAME.part. */
int fetch(const struct fetch_set *set, const char *directory, const struct fetch_options *options);

/* The version of libcurl. */
const char *fetch_library(void);

#endif
