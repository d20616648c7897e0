#include "base/memory.h"
#include "gan/health.h"
#include "help.h"

static void print_part(FILE *stream, const char *label, const char *text)
{
    enum { INDENT = 8 };
    if (!text)
        return;
    int used = fprintf(stream, "  %-*s", INDENT - 2, label);
    help_wrapped(stream, text, used, INDENT);
}

void help_health(FILE *stream)
{
    int count;
    const struct health_rule_words *rules = health_rules(&count);
    for (int i = 0; i < count; i++) {
        fprintf(stream, "%s%s\n", i > 0 ? "\n" : "", health_name(rules[i].state));
        print_part(stream, "is", rules[i].sentence);
        print_part(stream, "when", rules[i].test);
        print_part(stream, "try", rules[i].remedy);
    }
}

void help_health_manual(FILE *stream)
{
    struct arena arena = { 0 };
    int count;
    const struct health_rule_words *rules = health_rules(&count);
    fputs(".Bl -tag -width Ds\n", stream);
    for (int i = 0; i < count; i++) {
        fprintf(stream, ".It Sy %s\n", health_name(rules[i].state));
        help_mdoc(stream, arena_printf(&arena, "%s.", rules[i].sentence));
        help_mdoc(stream, arena_printf(&arena, "When: %s.", rules[i].test));
        if (rules[i].remedy)
            help_mdoc(stream, arena_printf(&arena, "Try: %s.", rules[i].remedy));
    }
    fputs(".El\n", stream);
    arena_release(&arena);
}
