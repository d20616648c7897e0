/* JSON as what a command prints. */
#ifndef GANDER_CLI_JSON_OUT_H
#define GANDER_CLI_JSON_OUT_H

#include "base/json.h"

/* Prints it on standard output, indented, and frees it. */
void json_put_out(struct json *value);

#endif
