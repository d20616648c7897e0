#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "streams.h"

static void begin_epoch(struct order *order)
{
    order->begin = order->stream;
    order->place = 0;
    for (int64_t i = 0; i < order->count; i++)
        order->items[i] = (uint32_t)i;
    random_shuffle(&order->stream, order->items, (uint32_t)order->count);
}

void order_init(struct order *order, int count, uint64_t seed)
{
    *order = (struct order){ .count = count };
    order->items = xcalloc((size_t)count, sizeof *order->items);
    random_seed(&order->stream, seed, STREAM_ORDER);
    begin_epoch(order);
}

void order_release(struct order *order)
{
    free(order->items);
}

void order_take(struct order *order, uint32_t *indices, int n)
{
    while (n > 0) {
        if (order->place == order->count)
            begin_epoch(order);
        int64_t run = MIN((int64_t)n, order->count - order->place);
        memcpy(indices, order->items + order->place, (size_t)run * sizeof *indices);
        order->place += run;
        indices += run;
        n -= (int)run;
    }
}

void order_resume(struct order *order, const struct random *begin, int64_t place)
{
    order->stream = *begin;
    begin_epoch(order);
    order->place = place;
}
