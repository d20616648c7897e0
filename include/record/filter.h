/* The filter language: one line that says which runs are meant. See FILTERS in gander(1).
 *
 *     state:running exp:dcgan tag:good -note:bad training.rate>=1e-4 d_loss<0.7 since:2d text
 *
 * Grammar, weakest first; blanks separate, keywords are upper case:
 *
 *     filter   = [ either ]                       nothing at all means every run
 *     either   = all { "OR" all }
 *     all      = one { [ "AND" ] one }
 *     one      = ( "NOT" | "-" ) one | "(" either ")" | test
 *     test     = FIELD ":" value { "," value }    matches, as the field understands it
 *              | NAME ":" value { "," value }     the same of a recipe value or metric
 *              | subject ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
 *              | word                             in experiment, name, tags, notes, commit, command
 *     subject  = FIELD | NAME | function "(" NAME ")"
 *     function = "last" | "min" | "max"           of a metric
 *
 * Names. Letters, digits and _ . / -, not beginning with '-'; any other name stands in double
 * quotes. What is no field is a recipe value or metric: only the catalogue knows which. So is what
 * stands in quotes or in a function, even when a field has the same name: "step">9 and max(step)>9
 * ask for a metric. A name without '.' before a ':' that is one slip away from a field's is taken
 * for a typo, unless it is in quotes.
 *
 * Words and values. They end at a blank, a parenthesis or a quote, words also at an operator and
 * values at a comma; values do not begin with one of : = < > !. All of that may stand in double
 * quotes, with \" and \\ inside. Quotes of a value also make '*' and '?' ordinary, and change
 * nothing else. A word does not begin with '!', and || && | & are no words, since all of these mean
 * something elsewhere.
 *
 * Blanks may stand around a comparison, not around a ':'. '-' negates where a term begins, with no
 * blank behind it; elsewhere it is a character like others (a-b, d_loss>-1). "--" where a term
 * begins is refused: write --lr in quotes. or, and, not in lower case are words like others. */
#ifndef GANDER_RECORD_FILTER_H
#define GANDER_RECORD_FILTER_H

#include "base/base.h"
#include "base/memory.h"

enum {
    FILTER_SIZE_LIMIT = 4096, /* bytes of the text */
    FILTER_DEPTH_LIMIT = 100, /* parentheses and NOTs inside each other, and groups of the tree,
                                 where a AND b AND c is one group */
    FILTER_VALUE_LIMIT = 400, /* values of all tests together, and so tests */
};

/* What a field holds, and so which operators it takes and how its values are read. */
enum filter_type {
    FILTER_TEXT,     /* : = !=   ':' finds a part, upper or lower case alike; '*' and '?' make it a
                        pattern for the whole; '=' is the whole text exactly, "" where there is
                        none: tag="" has no tags */
    FILTER_WORD,     /* : = !=   one of filter_words(); ':' and '=' alike */
    FILTER_NUMBER,   /* all      "1e-4"; ':' and '=' alike */
    FILTER_BOOL,     /* : = !=   "yes", "no", "true", "false"; ':' and '=' alike */
    FILTER_COMMIT,   /* : = !=   the first digits of an id, in either case; ':' and '=' alike */
    FILTER_BOUND,    /* :        a time, which the name of the field compares with */
    FILTER_TIME,     /* all      days, "2026-11-01", "today", "yesterday"; minutes and seconds of
                        them, "2026-11-01T12:30", "2026-11-01T12:30:05", local or with a 'Z' behind
                        them, which is UTC, and with a blank for the 'T' in quotes; a moment,
                        "1h30m", is so long ago, and is no use to ':', '=' and '!=' */
    FILTER_DURATION, /* < <= > >=   "90" (seconds), "90s", "15m", "2h", "3d", "1w", "1h30m" */
};

/* What can be asked for by its own name. */
#define FILTER_FIELDS(X)                                                                           \
    X(FILTER_STATE, "state", FILTER_WORD,                                                          \
      "queued, running, paused, finished, stopped, failed, "                                       \
      "killed, diverged, lost; also orphan, stalled, live, ended")                                 \
    X(FILTER_HEALTH, "health", FILTER_TEXT, "how the game stands, as last journalled")             \
    X(FILTER_EXPERIMENT, "exp", FILTER_TEXT, "the experiment's name")                              \
    X(FILTER_NAME, "name", FILTER_TEXT, "the run's name")                                          \
    X(FILTER_TAG, "tag", FILTER_TEXT, "one of its tags")                                           \
    X(FILTER_NOTE, "note", FILTER_TEXT, "one of its notes")                                        \
    X(FILTER_HOST, "host", FILTER_TEXT, "where it was launched")                                   \
    X(FILTER_DATA, "data", FILTER_TEXT, "the source of its data")                                  \
    X(FILTER_BRANCH, "branch", FILTER_TEXT, "the branch that it was launched on")                  \
    X(FILTER_COMMAND, "command", FILTER_TEXT, "what was typed")                                    \
    X(FILTER_COMMIT_ID, "commit", FILTER_COMMIT,                                                   \
      "the commit that it was launched on, or its snapshot")                                       \
    X(FILTER_DIRTY, "dirty", FILTER_BOOL, "whether the work tree had changes")                     \
    X(FILTER_ARCHIVED, "archived", FILTER_BOOL, "whether it is archived")                          \
    X(FILTER_NUMBER_OF_RUN, "run", FILTER_NUMBER, "its number")                                    \
    X(FILTER_PARENT, "parent", FILTER_NUMBER, "the run that it repeats")                           \
    X(FILTER_STEP, "step", FILTER_NUMBER, "the step it has come to")                               \
    X(FILTER_SINCE, "since", FILTER_BOUND, "created then or later")                                \
    X(FILTER_BEFORE, "before", FILTER_BOUND, "created earlier than that")                          \
    X(FILTER_CREATED, "created", FILTER_TIME, "when it was launched")                              \
    X(FILTER_AGE, "age", FILTER_DURATION, "how long ago that was")                                 \
    X(FILTER_TOOK, "took", FILTER_DURATION, "how long it has worked")

enum filter_field {
#define X(id, name, type, help) id,
    FILTER_FIELDS(X)
#undef X
        FILTER_KEY, /* a recipe value or a metric: `name` says which */
    FILTER_WORDS,   /* a bare word */
};

struct filter_field_row {
    const char *name;
    enum filter_type type;
    const char *help;
};
const struct filter_field_row *filter_fields(int *count); /* in the order of the enum */

/* All words that a FILTER_WORD field takes, NULL-terminated; NULL for other fields. */
const char *const *filter_words(enum filter_field field);

enum filter_operator {
    FILTER_MATCH,
    FILTER_EQUAL,
    FILTER_UNEQUAL, /* where FILTER_EQUAL does not hold */
    FILTER_LESS,
    FILTER_AT_MOST,
    FILTER_GREATER,
    FILTER_AT_LEAST
};
enum { FILTER_OPERATOR_COUNT = FILTER_AT_LEAST + 1 };
const char *filter_operator_text(enum filter_operator operator_); /* ":", "=", "!=" … */

enum filter_function { FILTER_PLAIN, FILTER_LAST, FILTER_MINIMUM, FILTER_MAXIMUM };

/* Of a FILTER_KEY: it is compared as a number where `number` is one. Where it is not, ':' '=' and
 * '!=' compare the text as FILTER_TEXT does, and the other operators are refused; the text "nan",
 * in any case, then also means a metric that is not finite. Functions take numbers and "nan" only.
 */
struct filter_value {
    const char *text; /* as written, without quotes */
    double number;    /* of numbers, bools (0, 1), times (seconds since 1970: the first moment) and
                         durations (seconds); NaN where the text is none */
    double end;       /* of times: the first moment after the day, minute or second that was named,
                         or `number` for a moment. 'created' is inside for ':' and '=', outside for
                         '!=', before `number` for '<', before `end` for '<=', at `number` or later
                         for '>=', at `end` or later for '>' */
    bool is_pattern;  /* of text behind ':', and of words: holds an unquoted '*' or '?' */
};

enum filter_kind { FILTER_ALL, FILTER_AND, FILTER_OR, FILTER_NOT, FILTER_TEST };

struct filter {
    enum filter_kind kind;
    const struct filter *left, *right; /* AND, OR; NOT has only `left` */
    enum filter_field field;           /* and the rest: TEST */
    enum filter_function function;     /* of a FILTER_KEY */
    const char *name;                  /* of a FILTER_KEY: "training.rate", "d_loss" */
    enum filter_operator operator_;    /* FILTER_MATCH of FILTER_WORDS */
    const struct filter_value *values; /* several only with FILTER_MATCH: any of them */
    int value_count;
    int column; /* of its first character, from 1 */
};

/* `now` is what ages and "2d" count from, seconds since 1970; days are local ones. ERR_INVALID: a
 * sentence that begins "filter column 12: ", with a suggestion for a field or word that looks
 * mistyped; columns are counted in characters. The filter lives in the arena. `text` NULL is an
 * empty one. a AND b AND c, and so OR, is ((a, b), c): `left` may be a chain, so a tree is at most
 * FILTER_DEPTH_LIMIT + FILTER_VALUE_LIMIT high. */
int filter_parse(struct arena *arena, const char *text, double now, const struct filter **out);

/* The filter in one canonical form, every AND and OR in parentheses: "(state:failed AND NOT
 * (tag:seen OR tag:old))". filter_parse reads it back to an equal filter, all but the columns,
 * unless it has come to more than FILTER_SIZE_LIMIT bytes. "" for every run. */
char *filter_text(struct arena *arena, const struct filter *filter);

/* "2d", "1h30m", "90": seconds. Units come once each, larger ones first. ERR_INVALID with a
 * sentence. */
int filter_duration(const char *text, double *seconds);

#endif
