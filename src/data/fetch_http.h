/* One HTTP transfer into a file. The only user of libcurl. */
#ifndef GANDER_DATA_FETCH_HTTP_H
#define GANDER_DATA_FETCH_HTTP_H

#include "base/base.h"

struct http_request {
    const char *url;
    int fd;            /* what arrives is put here, from offset `begin` */
    const char *path;  /* the name of fd's file, for sentences */
    int64_t begin;     /* bytes that are there already: only the rest is asked for */
    int64_t size;      /* of the whole; not one byte more is written */
    int stall_seconds; /* a transfer that stands still for so long ends */
    int connect_seconds;
    /* Bytes of the whole that are in the file by now; false gives up. */
    bool (*progress)(void *context, int64_t done);
    void *context;
};

enum { HTTP_BROKEN = 1 }; /* server or network did not do their part; the sentence is set */

/* 0, HTTP_BROKEN, or ERR_IO when the file cannot be written, ERR_CANCELLED when `progress` gave up.
 * A server that does not know ranges sends everything: the file is then cut to 0 first. What came
 * before an end of any kind is in the file. */
int http_get(const struct http_request *request);

#endif
