/* The index of the stores that a command line names, and the runs of it that its operands mean. */
#ifndef GANDER_CLI_STORES_H
#define GANDER_CLI_STORES_H

#include "cli/command.h"
#include "show/index.h"

/* The stores of --store, or the usual one. STATUS_DONE, or what the command ends with, the sentence
 * printed. Notes about catalogues go to standard error. The arguments must outlive the index. */
enum exit_status index_open(struct index *out, const struct arguments *arguments,
                            enum index_when when);

/* All operands, ranges included; the sentence printed. */
enum exit_status index_resolve_all(struct index *index, const struct arguments *arguments,
                                   struct index_run **runs, int *count);

/* Both at once, for commands that mean runs and no more: index_open (INDEX_LATER), then all operands.
 */
enum exit_status index_open_runs(struct index *index, const struct arguments *arguments,
                                 struct index_run **runs, int *count);

/* What a command that failed ends with. */
enum exit_status index_failed(const struct arguments *arguments, int error);

#endif
