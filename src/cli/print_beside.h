/* Recipe values and metrics of several runs beside each other on standard output: what compare and
 * diff print. */
#ifndef GANDER_CLI_PRINT_BESIDE_H
#define GANDER_CLI_PRINT_BESIDE_H

#include "base/json.h"
#include "show/beside.h"

void beside_print_settings(const struct beside *beside, const struct beside_setting *settings,
                           int count);
struct json *beside_settings_json(const struct beside *beside,
                                  const struct beside_setting *settings, int count);

/* The last values; where there is a better and a worse the best of each run below, and the best of
 * all marked. */
void beside_print_metrics(const struct beside *beside, const struct beside_metric *metrics,
                          int count);
struct json *beside_metrics_json(const struct beside *beside, const struct beside_metric *metrics,
                                 int count);

#endif
