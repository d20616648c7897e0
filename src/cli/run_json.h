/* Facts about a run as JSON: what ls --json has in its array and show --json begins with. */
#ifndef GANDER_CLI_RUN_JSON_H
#define GANDER_CLI_RUN_JSON_H

#include "base/json.h"
#include "show/run_table.h"

/* number, experiment, name, state, health, commit, dirty, created, step, metrics, tags and more;
 * "metrics" holds the last value of each, "min" and "max" the best. */
struct json *run_json(struct index *index, const struct listed_run *run);

#endif
