#include "ui/action.h"

#include <string.h>

static const struct action_row rows[] = { [ACTION_NONE] = { "", "", 0, "", "" },
#define X(id, name, keys, where, hint, help) [id] = { name, keys, where, hint, help },
                                          ACTION_LIST(X)
#undef X
};

const struct action_row *action_row(enum action action)
{
    return &rows[action];
}

int action_count(void)
{
    return ARRAY_SIZE(rows);
}

enum action action_find(const char *name)
{
    for (int i = 1; i < ARRAY_SIZE(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return (enum action)i;
    return ACTION_NONE;
}

const char *action_place_name(int bit)
{
    static const char *const names[] = { "runs",   "run",  "curves", "samples", "walk", "compare",
                                         "launch", "text", "lists",  "log",     "diff", "sweep" };
    return bit < ARRAY_SIZE(names) ? names[bit] : NULL;
}
