/* How archives are called, and what is said of them. */
#include <string.h>

#include "base/text.h"
#include "run/archive.h"
#include "run/rundir.h"

/* What an experiment is called may be anything. */
static const char *file_word(struct arena *arena, const char *text)
{
    enum { LONGEST = 64 };
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char *word = arena_strndup(arena, text, LONGEST);
    for (char *letter = word; *letter; letter++)
        if (!strchr(letters, *letter))
            *letter = '-';
    return *word ? word : "runs";
}

char *archive_usual_name(struct arena *arena, const struct store *store, const int64_t *numbers,
                         int count)
{
    const char *experiment = NULL;
    int64_t low = numbers[0], high = low;
    for (int i = 0; i < count; i++) {
        struct run_facts facts;
        bool is_read = run_read_facts(arena, &facts, store, numbers[i]) == 0;
        const char *own = is_read && facts.experiment ? facts.experiment : "runs";
        experiment = !experiment || strcmp(experiment, own) == 0 ? own : "runs";
        low = MIN(low, numbers[i]);
        high = MAX(high, numbers[i]);
    }
    const char *last = count > 1 ? arena_printf(arena, "-%lld", (long long)high) : "";
    return arena_printf(arena, "gander-%s-%lld%s.tar.gz", file_word(arena, experiment),
                        (long long)low, last);
}

char *archived_text(struct arena *arena, const struct archived *archived)
{
    int64_t bytes = 0;
    int files = 0;
    const char *what = archived->count == 1
                           ? arena_printf(arena, "run %lld", (long long)archived->runs[0].number)
                           : arena_printf(arena, "%d runs", archived->count);
    for (int i = 0; i < archived->count; i++) {
        bytes += archived->runs[i].bytes;
        files += archived->runs[i].files;
    }
    return arena_printf(arena, "%s, %s files, %s packed to %s", what, format_count(arena, files),
                        format_bytes(arena, (double)bytes),
                        format_bytes(arena, (double)archived->bytes));
}
