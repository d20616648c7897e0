/* export --format: runs as other tools read them. */
#ifndef GANDER_CLI_EXPORT_FORMAT_H
#define GANDER_CLI_EXPORT_FORMAT_H

#include "cli/command.h"
#include "show/index.h"

enum export_format {
    EXPORT_ARCHIVE,
    EXPORT_TENSORBOARD,
    EXPORT_CSV,
    EXPORT_JSONL,
    EXPORT_MARKDOWN,
    EXPORT_LATEX,
    EXPORT_ONNX
};

/* What --format says, and whether the other options go with it. ERR_INVALID. */
int option_export_format(const struct arguments *arguments, enum export_format *out);

/* The runs that the operands mean, in a format that is not an archive. */
enum exit_status export_in_format(struct arguments *arguments, enum export_format format);

#endif
