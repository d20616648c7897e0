/* Keys as people write them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "ui/keys.h"

static const struct {
    const char *name;
    uint32_t key;
} names[] = {
    { "Up", KEY_ARROW_UP },       { "Down", KEY_ARROW_DOWN },
    { "Left", KEY_ARROW_LEFT },   { "Right", KEY_ARROW_RIGHT },
    { "S-Up", KEY_SHIFT_UP },     { "S-Down", KEY_SHIFT_DOWN },
    { "S-Left", KEY_SHIFT_LEFT }, { "S-Right", KEY_SHIFT_RIGHT },
    { "PgUp", KEY_PAGE_UP },      { "PgDn", KEY_PAGE_DOWN },
    { "Home", KEY_TO_HOME },      { "End", KEY_TO_END },
    { "Ins", KEY_INSERT },        { "Del", KEY_DELETE },
    { "Backspace", KEY_RUBOUT },  { "BackTab", KEY_BACK_TAB },
    { "Tab", KEY_TAB },           { "Enter", KEY_RETURN },
    { "Esc", KEY_ESCAPE },        { "Space", ' ' },
};

uint32_t key_parse(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        if (strcasecmp(name, names[i].name) == 0)
            return names[i].key;
    if ((name[0] == 'F' || name[0] == 'f') && name[1] >= '1' && name[1] <= '9') {
        char *end;
        long number = strtol(name + 1, &end, 10);
        return number <= 12 && !*end ? KEY_F1 + (uint32_t)number - 1 : 0;
    }
    if (name[0] == '^' && name[1] >= '@' && name[1] <= '_' && !name[2])
        return (uint32_t)(name[1] - '@');
    const char *next = name;
    uint32_t key = text_next(&next);
    return key > ' ' && key != 127 && !*next ? key : 0;
}

char *key_text(struct arena *arena, uint32_t key)
{
    char text[5];
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i].key == key)
            return arena_strdup(arena, names[i].name);
    if (key >= KEY_F1 && key <= KEY_LAST)
        return arena_printf(arena, "F%d", (int)(key - KEY_F1) + 1);
    if (key < ' ')
        return arena_printf(arena, "^%c", (char)(key + '@'));
    text_encode(key, text);
    return arena_strdup(arena, text);
}
