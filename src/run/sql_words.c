/* The words that runs have, for those who complete what is typed. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "catalogue_parts.h"

/* From word to word by an index where there is one, and not through all rows. */
#define WALK(column)                                                                               \
    "WITH RECURSIVE each(word) AS (SELECT min(" column ") FROM run WHERE place = 'runs' UNION ALL" \
    " SELECT (SELECT min(r." column ") FROM run r WHERE r." column " > each.word"                  \
    " AND r.place = 'runs') FROM each WHERE each.word IS NOT NULL)"                                \
    " SELECT word FROM each WHERE word IS NOT NULL LIMIT ?"
#define SCAN(column)                                                                               \
    "SELECT DISTINCT " column " FROM run WHERE place = 'runs' AND " column " IS NOT NULL"          \
    " ORDER BY 1 LIMIT ?"

static const char *const texts[] = {
    [WORD_EXPERIMENT] = WALK("experiment"),
    [WORD_NAME] = SCAN("name"),
    [WORD_TAG] = "SELECT DISTINCT tag FROM tag WHERE run IN"
                 " (SELECT number FROM run WHERE place = 'runs') ORDER BY 1 LIMIT ?",
    [WORD_HEALTH] = SCAN("health"),
    [WORD_HOST] = SCAN("host"),
    [WORD_BRANCH] = SCAN("branch"),
    [WORD_DATA] = SCAN("data"),
};

int catalogue_words(struct catalogue *catalogue, struct arena *arena, enum catalogue_word which,
                    int most, char ***words, int *count)
{
    sql_clear(catalogue->db);
    struct sql_query *query = sql_query(catalogue->db, texts[which]);
    *words = arena_alloc(arena, (size_t)most, sizeof **words);
    *count = 0;
    sql_bind_integer(query, 1, most);
    while (*count < most && sql_step(query))
        (*words)[(*count)++] = sql_copy(arena, query, 0);
    return sql_done(query);
}
