/* Any bytes as a recipe. One that is accepted must read back from its own text to the same text. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "record/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recipe recipe, again;
    struct arena arena = { 0 };
    if (recipe_parse(&recipe, (const char *)data, size, "fuzz", NULL, 0) < 0)
        return 0;
    const char *text = recipe_text(&arena, &recipe);
    if (recipe_parse(&again, text, strlen(text), "again", NULL, 0) < 0)
        abort();
    if (strcmp(recipe_text(&arena, &again), text) != 0)
        abort();
    recipe_release(&again);
    recipe_release(&recipe);
    arena_release(&arena);
    return 0;
}
