/* Settings: config.ini, as plain values.
 *
 * An INI file (record/ini.h). There are two of them, the user's
 * ($XDG_CONFIG_HOME/gander/config.ini) and the store's (.gander/config.ini), of which the later one
 * wins, key by key. One table, config_keys(), has a row for each key: it drives parsing, checking
 * and the manual, gander-config(5). Keys without '.' stand before any section.
 *
 *     slots = 2
 *     on_end = "notify-send gander 'it has ended' ; date >>ends.txt"
 *     [metrics]
 *     smaller = cost, val/gap
 *
 * A text or list that is one quoted text loses the quotes: see ini_unquote. A new key is a member
 * of struct config, a row of the table, and an entry in the manual; tests hold the three
 * together. */
#ifndef GANDER_RECORD_CONFIG_H
#define GANDER_RECORD_CONFIG_H

#include "base/base.h"
#include "base/memory.h"

/* Where the catalogue of a store is. */
enum config_catalogue {
    CATALOGUE_AUTO,  /* in the store, unless its file system is one that SQLite cannot work on */
    CATALOGUE_STORE, /* in the store */
    CATALOGUE_CACHE, /* in the user's cache directory */
};

/* Where runs work unless a command says so. */
enum config_launcher { LAUNCHER_LOCAL, LAUNCHER_SLURM };

/* How the dashboard draws pictures. */
enum config_pictures {
    PICTURES_AUTO,
    PICTURES_ASCII,
    PICTURES_HALF,
    PICTURES_SEXTANT,
    PICTURES_BRAILLE,
    PICTURES_PIXELS
};

enum { CONFIG_KEY_COUNT = 21, CONFIG_SIZE_LIMIT = 1 << 16 /* bytes of a file */ };

struct config_list {
    const char **items;
    int count;
};

/* A section whose keys are free names: "stop = ^S, F5". */
struct config_pairs {
    struct config_pair {
        const char *name, *text;
        const char *where; /* "config 'a.ini' line 7" */
    } * items;
    int count;
};

struct config {
    int slots;       /* runs that work at once on a host; 0: cores divided by the threads of the
                        recipe */
    char *on_end;    /* shell command when a run has ended; "": none */
    char *on_health; /* shell command when the health of a run has changed; "": none */
    int catalogue;   /* enum config_catalogue */
    int launcher;    /* enum config_launcher */
    struct {
        char *partition, *time, *account, *options; /* of sbatch; "": Slurm's own */
        int warning;  /* seconds before the time limit at which a run is asked to stop */
        bool requeue; /* then it is queued again */
    } slurm;
    struct {
        struct config_pairs any; /* options of sbatch by experiment */
    } slurm_options;
    struct {
        struct config_list link; /* paths and patterns of the work tree, linked into checkouts */
    } code;
    struct {
        struct config_list smaller, larger; /* names that are better when smaller, or larger */
    } metrics;
    struct {
        int warm_up; /* steps, of runs of other programs */
        char *grid;  /* "8x8" of their samples; "": it is found */
    } health;
    struct {
        struct config_pairs
            any; /* metrics of theirs by signal: the names are checked where they are used */
    } signals;
    struct {
        bool mouse;
        int pictures; /* enum config_pictures */
    } dashboard;
    struct {
        struct config_pairs any; /* of the dashboard: the names are checked there */
    } keys;
    const char *where[CONFIG_KEY_COUNT]; /* what said each value, "config 'a.ini' line 7"; NULL: it
                                            is the default */
    struct arena arena;                  /* owns the strings */
};

enum config_type {
    CONFIG_INTEGER,
    CONFIG_BOOL,
    CONFIG_TEXT,
    CONFIG_LIST,
    CONFIG_CHOICE,
    CONFIG_PAIRS
};

struct config_key {
    const char *key; /* "code.link"; of CONFIG_PAIRS "keys.NAME", whatever the name is */
    enum config_type type;
    size_t offset;        /* in struct config: int, bool, char *, struct config_list, int (an enum),
                      struct config_pairs */
    int minimum, maximum; /* of an integer; of a text, list or pair only the maximum, its bytes */
    const char *unit;     /* of an integer: "runs" */
    const char *fallback; /* default, as one would write it */
    const char *const *choices; /* CONFIG_CHOICE: NULL-terminated, in the order of the enum */
    const char *help;           /* one sentence */
};

const struct config_key *config_keys(int *count);

/* Reads files, of which any may be missing or NULL; a later one wins over those before it, key by
 * key. What none says has its default. The caller releases *out (after an error it is empty).
 * ERR_INVALID names file, line, value and remedy; ERR_IO when a file that is there cannot be read.
 */
int config_read(struct config *out, const char *const *paths, int path_count);
void config_release(struct config *config);

/* Sets one key from text as one would write it. ERR_INVALID, in a sentence that begins with
 * `where`, if it does not parse or is out of range. A section of free names is set pair by pair. */
int config_set(struct config *config, const struct config_key *key, const char *text,
               const char *where);
int config_set_pair(struct config *config, const struct config_key *key,
                    const struct config_pair *pair);

/* What said the value of `key`: "config 'a.ini' line 7"; NULL if it is the default. */
const char *config_where(const struct config *config, const char *key);

bool config_list_holds(const struct config_list *list, const char *item);

#endif
