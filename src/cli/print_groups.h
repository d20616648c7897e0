/* Groups of runs that differ in their seed only, as compare prints them. */
#ifndef GANDER_CLI_PRINT_GROUPS_H
#define GANDER_CLI_PRINT_GROUPS_H

#include "base/json.h"
#include "show/groups.h"

/* Nothing where no two groups have two runs each. */
void groups_print(const struct beside *beside, const struct groups *groups,
                  const struct beside_setting *settings, int setting_count,
                  const struct beside_metric *metrics, int metric_count);
struct json *groups_json(const struct beside *beside, const struct groups *groups,
                         const struct beside_metric *metrics, int metric_count);

#endif
