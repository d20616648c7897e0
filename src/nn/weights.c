#include <math.h>

#include "nn/layer.h"

void weighted_init(const struct layer *layer, float gain, float *weights, float *biases,
                   struct random *random)
{
    (void)biases; /* the block is zero */
    float deviation = gain < 0 ? 0.02f : gain / sqrtf((float)layer->fan_in);
    random_fill_normal(random, weights, layer->weight_count);
    for (size_t i = 0; i < layer->weight_count; i++)
        weights[i] *= deviation;
}

float rectifier_slope(const struct layer *layer)
{
    return layer->activation == ACTIVATION_RELU    ? 0
           : layer->activation == ACTIVATION_LRELU ? layer->slope
                                                   : 1;
}

struct range layer_rows(const struct layer *layer, const struct team *team)
{
    return team_range(team, layer->rows, layer->grain);
}
