/* The table of actions as text: `gander help --keys`, and the section KEYS of gander(1). */
#include <string.h>

#include "ui/action.h"
#include "ui/dashboard.h"

/* Each action stands in one part: under everywhere, under runs, or where it is first meant. */
enum part { PART_EVERYWHERE, PART_RUNS, PART_PLACES }; /* and a part for each place */

static const unsigned launch_form = IN_LAUNCH; /* letters are typed there */

static unsigned places_of(const struct action_row *row)
{
    return row->where & ANYWHERE;
}

static int part_of(const struct action_row *row)
{
    unsigned where = places_of(row);
    if ((where | launch_form) == ANYWHERE)
        return PART_EVERYWHERE;
    if (!(where & ~(unsigned)WHERE_RUNS_ARE) && (where & IN_RUNS) && (where & IN_RUN))
        return PART_RUNS;
    int bit = 0;
    while (!(where & (1u << bit)))
        bit++;
    return PART_PLACES + bit;
}

static const char *part_title(int part)
{
    static _Thread_local char title[64];
    if (part == PART_EVERYWHERE)
        return "Everywhere";
    if (part == PART_RUNS)
        return "Where runs are meant";
    snprintf(title, sizeof title, "In %s", action_place_name(part - PART_PLACES));
    return title;
}

/* Returns how many there are. */
static int each_row(FILE *stream, int part, void (*visit)(FILE *, const struct action_row *))
{
    int count = 0;
    for (int i = 1; i < action_count(); i++) {
        const struct action_row *row = action_row((enum action)i);
        if (part_of(row) != part)
            continue;
        count++;
        if (visit)
            visit(stream, row);
    }
    return count;
}

static void print_places(FILE *stream, unsigned places, const char *before, const char *after)
{
    int shown = 0;
    for (int bit = 0; action_place_name(bit); bit++)
        if (places & (1u << bit))
            fprintf(stream, "%s%s", shown++ > 0 ? ", " : before, action_place_name(bit));
    if (shown > 0)
        fputs(after, stream);
}

/* Where an action holds that the title of its part does not say, or does not hold though it does. */
static void print_exceptions(FILE *stream, const struct action_row *row, const char *before,
                             const char *after)
{
    char also[64], not_in[64];
    unsigned where = places_of(row);
    int part = part_of(row);
    snprintf(also, sizeof also, "%salso in ", before);
    snprintf(not_in, sizeof not_in, "%snot in ", before);
    if (part == PART_RUNS)
        print_places(stream, WHERE_RUNS_ARE & ~where, not_in, after);
    else if (part == PART_EVERYWHERE)
        print_places(stream, ANYWHERE & ~where, not_in, after);
    else
        print_places(stream, where & (where - 1), also, after);
}

/* --- for people --- */

static void print_row(FILE *stream, const struct action_row *row)
{
    fprintf(stream, "  %-14s %-14s %s\n", row->keys, row->name, row->help);
    print_exceptions(stream, row, "                                ", "\n");
}

void dashboard_keys_print(FILE *stream)
{
    for (int part = 0; part < PART_PLACES || action_place_name(part - PART_PLACES); part++) {
        if (each_row(stream, part, NULL) == 0)
            continue;
        fprintf(stream, "%s%s\n", part > 0 ? "\n" : "", part_title(part));
        each_row(stream, part, print_row);
    }
}

/* --- for the manual --- */

/* Text of a line of mdoc, which must not be taken for more than that. */
static void print_mdoc(FILE *stream, const char *text, bool is_argument)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stream);
    for (; *text; text++) {
        bool is_delimiter = is_argument && strchr(".,:;()[]?!|\"", *text);
        if (*text == '\\')
            fputs("\\e", stream);
        else if (*text == '"')
            fputs("\\(dq", stream);
        else if (*text == '~')
            fputs("\\(ti", stream);
        else if (*text == '^')
            fputs("\\(ha", stream);
        else if (*text == '-' && is_argument)
            fputs("\\-", stream);
        else
            fprintf(stream, "%s%c", is_delimiter ? "\\&" : "", *text);
    }
}

static void print_mdoc_row(FILE *stream, const struct action_row *row)
{
    fputs(".It", stream);
    for (const char *at = row->keys; *at;) {
        char key[32];
        size_t length = strcspn(at, " ");
        snprintf(key, sizeof key, "%.*s", (int)length, at);
        fputs(at == row->keys ? " Ic " : " , Ic ", stream);
        print_mdoc(stream, key, true);
        at += length + (at[length] == ' ');
    }
    fputs("\n", stream);
    print_mdoc(stream, row->help, false);
    fprintf(stream, "\n.Pq Cm %s", row->name);
    print_exceptions(stream, row, " , ", "");
    fputs("\n", stream);
}

void dashboard_keys_manual(FILE *stream)
{
    for (int part = 0; part < PART_PLACES || action_place_name(part - PART_PLACES); part++) {
        if (each_row(stream, part, NULL) == 0)
            continue;
        fprintf(stream, ".Ss \\&%s\n.Bl -tag -width Ds -compact\n", part_title(part));
        each_row(stream, part, print_mdoc_row);
        fputs(".El\n", stream);
    }
}
