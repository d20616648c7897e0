/* JSON text: what parses is written as text that parses, and that is written the same again. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static char *rewrite(const char *text, size_t length, int indent)
{
    struct json *value;
    if (json_parse(&value, text, length) != 0)
        return NULL;
    char *result = json_text(value, indent);
    json_free(value);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *first = rewrite((const char *)data, size, 2);
    if (!first)
        return 0;
    char *second = rewrite(first, strlen(first), 2);
    if (!second || strcmp(first, second) != 0)
        abort();
    free(first);
    free(second);
    return 0;
}
