#include "show/plan_words.h"

char *plan_shape_words(struct arena *arena, const struct plan_layer *layer)
{
    if (layer->height == 1 && layer->width == 1)
        return arena_printf(arena, "%d", layer->channels);
    return arena_printf(arena, "%dx%dx%d", layer->channels, layer->height, layer->width);
}

char *plan_flop_words(struct arena *arena, double flop)
{
    static const char *const units[] = { "FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP" };
    int unit = 0;
    for (; flop >= 999.5 && unit < ARRAY_SIZE(units) - 1; unit++)
        flop /= 1000;
    int digits = flop >= 99.95 ? 0 : flop >= 9.995 ? 1 : 2;
    return arena_printf(arena, "%.*f %s", digits, flop, units[unit]);
}
