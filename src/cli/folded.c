#include "folded.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void folded_print(const struct terminal *terminal, int used, int indent, const char *text)
{
    struct arena arena = { 0 };
    bool is_first = true;
    if (!terminal->is_terminal) {
        puts(text);
        return;
    }
    while (*text) {
        size_t blanks = strspn(text, " "), length = strcspn(text + blanks, " ");
        int columns = text_columns(arena_strndup(&arena, text, blanks + length));
        bool folds = !is_first && used + columns > terminal->columns;
        if (folds) {
            printf("\n%*s", indent, "");
            used = indent;
            columns -= (int)blanks;
            text += blanks;
            blanks = 0;
        }
        fwrite(text, 1, blanks + length, stdout);
        used += columns;
        text += blanks + length;
        is_first = false;
    }
    putchar('\n');
    arena_release(&arena);
}
