/* Layer lists: a byte each for the input's channels, height, width and the classes, then the list.
 * A network that is accepted has shapes, counts and facts that hold. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nn/network.h"

enum { HEADER = 4 };

/* No layer makes more values an image, or more parameters, than network_new says it allows. */
static void check_layer(const struct network *net, int i)
{
    struct layer_facts facts;
    network_layer_facts(net, i, &facts);
    int64_t size =
        (int64_t)facts.output.channels * facts.output.height * (int64_t)facts.output.width;
    bool shaped = facts.output.channels > 0 && facts.output.height > 0 && facts.output.width > 0;
    if (!shaped || size > 1 << 24 || facts.parameters > net->parameter_count)
        abort();
    if (!(facts.multiply_adds >= 0) || strlen(facts.text) >= sizeof facts.text)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER)
        return 0;
    struct network *net;
    struct shape input = { data[0] + 1, data[1] + 1, data[2] + 1 };
    char *layers = xstrndup((const char *)data + HEADER, size - HEADER);
    struct shape condition = { 1, input.height, input.width };
    if (network_new_conditioned(&net, "fuzz", layers, input, data[3], condition, NULL) == 0) {
        for (int i = 0; i < net->layer_count; i++)
            check_layer(net, i);
        if (net->parameter_count > 1 << 28 ||
            tape_bytes(net, 64, true, 2) < tape_bytes(net, 1, false, 1))
            abort();
        network_check_penalty(net);
        network_free(net);
    }
    free(layers);
    return 0;
}
