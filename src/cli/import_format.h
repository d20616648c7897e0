/* import --format: runs made of other tools' files. */
#ifndef GANDER_CLI_IMPORT_FORMAT_H
#define GANDER_CLI_IMPORT_FORMAT_H

#include "cli/command.h"

enum import_format { IMPORT_ARCHIVE, IMPORT_TENSORBOARD, IMPORT_CSV };

/* What --format says, and whether the other options go with it. ERR_INVALID. */
int option_import_format(const struct arguments *arguments, enum import_format *out);

enum exit_status import_in_format(struct arguments *arguments, enum import_format format);

#endif
