/* What commands that write runs for others share: which runs, and where the text goes. */
#ifndef GANDER_CLI_EXCHANGED_H
#define GANDER_CLI_EXCHANGED_H

#include "base/file.h"
#include "exchange/table.h"
#include "show/index.h"

/* With their catalogues, brought up to date, where those are asked. In the index's arena. */
int exchanged_runs(struct index *index, const struct index_run *runs, int count,
                   bool has_catalogues, struct table_run **out);

/* A file that appears whole or not at all, or standard output. */
struct exchanged_text {
    struct outlet outlet;
    struct file_writer file;
    bool is_file;
    char *pending; /* what is not yet in the file */
    size_t used;
};
/* `path` NULL or "-" is standard output. ERR_EXISTS for a file that is there, unless `force`. */
int exchanged_open(struct exchanged_text *text, const char *path, bool force);
/* The file counts if `error`, what writing came to, is 0. Returns it, or what went wrong here. */
int exchanged_close(struct exchanged_text *text, int error);

#endif
