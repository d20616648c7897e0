/* Text to where it goes. */
#ifndef GANDER_EXCHANGE_OUTLET_H
#define GANDER_EXCHANGE_OUTLET_H

#include "exchange/table.h"

int outlet_print(const struct outlet *outlet, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
