#include "json_out.h"

#include <stdio.h>
#include <stdlib.h>

void json_put_out(struct json *value)
{
    char *text = json_text(value, 2);
    puts(text);
    free(text);
    json_free(value);
}
