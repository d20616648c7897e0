/* Training in this terminal: what run -f and resume share. */
#ifndef GANDER_CLI_FOREGROUND_H
#define GANDER_CLI_FOREGROUND_H

#include "cli/command.h"
#include "draw/picture.h"
#include "run/training.h"

/* --as MODE; PICTURE_AUTO if it was not given. */
int option_picture_mode(const struct arguments *arguments, enum picture_mode *mode);

#define PICTURE_MODE_OPTION                                                                        \
    {                                                                                              \
        0, "as", "MODE", "Draw images as auto, ascii, half (blocks) or braille.", false            \
    }

/* Trains, shows, closes; frees `training`. Does not return when a signal ended it: it dies by that
 * signal, as a shell expects. */
enum exit_status train_in_foreground(const struct arguments *arguments, struct training *training,
                                     enum picture_mode mode);

#endif
