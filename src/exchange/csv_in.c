/* A table of numbers becomes a run, or several. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "csv_reader.h"
#include "exchange/table.h"
#include "name_map.h"
#include "taking.h"

enum { RUNS_LIMIT = 1000, LOOK_EVERY = 4096 /* rows */ };

enum role { ROLE_METRIC, ROLE_STEP, ROLE_TIME, ROLE_RUN, ROLE_NAME, ROLE_VALUE };

/* What the columns mean. */
struct head {
    enum role roles[CSV_FIELDS];
    const char *names[CSV_FIELDS];
    int count;
    int step, time, run, name, value; /* which they are; -1: none */
    struct arena arena;
};

/* --- the head --- */

static bool is_one_of(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp(name, *words) == 0)
            return true;
    return false;
}

static const char *trimmed(struct arena *arena, const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    return text_clean(arena, arena_strndup(arena, text, length), length);
}

static void choose(struct head *head, int *column, int i, enum role role)
{
    if (*column < 0) {
        *column = i;
        head->roles[i] = role;
    }
}

static void find_roles(struct head *head)
{
    static const char *const steps[] = { "step",  "global_step",         "iteration", "iter",
                                         "_step", "trainer/global_step", NULL };
    static const char *const times[] = { "time",      "t",          "wall time", "wall_time",
                                         "timestamp", "_timestamp", NULL };
    static const char *const names[] = { "metric", "tag", NULL };
    for (int i = 0; i < head->count; i++) {
        if (is_one_of(head->names[i], steps))
            choose(head, &head->step, i, ROLE_STEP);
        else if (is_one_of(head->names[i], times))
            choose(head, &head->time, i, ROLE_TIME);
        else if (strcasecmp(head->names[i], "run") == 0)
            choose(head, &head->run, i, ROLE_RUN);
        else if (is_one_of(head->names[i], names))
            choose(head, &head->name, i, ROLE_NAME);
        else if (strcasecmp(head->names[i], "value") == 0)
            choose(head, &head->value, i, ROLE_VALUE);
    }
    for (int i = 0; i < head->count && head->step < 0; i++)
        if (strcasecmp(head->names[i], "epoch") == 0)
            head->step = i; /* and a metric */
    if (head->name >= 0 && head->value < 0)
        head->roles[head->name] = ROLE_METRIC; /* only a column that is called so */
    if (head->name < 0 && head->value >= 0)
        head->roles[head->value] = ROLE_METRIC;
}

/* "loss" from "run-mnist-tag-loss.csv", as TensorBoard names what it lets one download. */
static const char *name_of_file(struct arena *arena, const char *path)
{
    char *name = arena_strdup(arena, path_base(path)), *dot = strrchr(name, '.');
    if (dot && dot > name)
        *dot = '\0';
    const char *tag = strstr(name, "-tag-");
    return tag && tag[5] ? tag + 5 : name;
}

static int read_head(struct head *head, struct csv_reader *reader, const char *path)
{
    *head = (struct head){ .step = -1, .time = -1, .run = -1, .name = -1, .value = -1 };
    int code = csv_next(reader), numbers = 0;
    if (code <= 0)
        return code < 0 ? code : fail(ERR_INVALID, "it is empty");
    head->count = reader->count;
    for (int i = 0; i < head->count; i++) {
        double number;
        head->names[i] = trimmed(&head->arena, csv_field_at(reader, i));
        numbers += parse_real(head->names[i], &number) == 0;
    }
    if (numbers == head->count)
        return fail(ERR_INVALID, "its first line has no names of columns");
    find_roles(head);
    if (head->name < 0 && head->value >= 0)
        head->names[head->value] = name_of_file(&head->arena, path);
    return 0;
}

/* --- rows --- */

struct table_reading {
    const char *path;
    FILE *file;
    const struct take_wish *wish;
    struct csv_reader reader;
    struct head head;
    struct name_map runs; /* what stands in the column "run" */
};

/* "0,5" where the semicolon stands between fields, too. */
static bool parse_number(const struct csv_reader *reader, const char *text, double *out)
{
    enum { LONGEST = 64 };
    static const struct {
        const char *text;
        double value;
    } words[] = { { "nan", NAN }, { "inf", INFINITY }, { "infinity", INFINITY } };
    char copy[LONGEST];
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *comma = reader->separator == ';' ? strchr(copy, ',') : NULL;
    if (comma)
        *comma = '.';
    bool is_negative = copy[0] == '-';
    for (int i = 0; i < ARRAY_SIZE(words); i++)
        if (strcasecmp(copy + is_negative, words[i].text) == 0) {
            *out = is_negative ? -words[i].value : words[i].value;
            return true;
        }
    return parse_real(copy, out) == 0;
}

/* Seconds since 1970, also of milliseconds; what is no such moment (seconds since the beginning, as
 * some write) is no time. */
static double time_of(const struct csv_reader *reader, const char *text)
{
    const double least = 1e8, milliseconds = 1e11;
    double time;
    if (!parse_number(reader, text, &time) || !isfinite(time) || time < least)
        return NAN;
    return time > milliseconds ? time / 1000 : time;
}

static int64_t step_of(const struct table_reading *table, int64_t row)
{
    double step;
    const double most = 9e15; /* whole numbers are exact up to there */
    if (table->head.step < 0)
        return row;
    bool is_number =
        parse_number(&table->reader, csv_field_at(&table->reader, table->head.step), &step);
    return is_number && step >= 0 && step <= most ? (int64_t)step : -1;
}

static int take_field(struct taking *taking, const struct table_reading *table, int field,
                      double time, int64_t step, struct taken_run *out)
{
    const struct head *head = &table->head;
    const char *text = csv_field_at(&table->reader, field);
    const char *name = head->names[field];
    struct arena arena = { 0 };
    double number;
    int error = 0;
    if (head->roles[field] == ROLE_VALUE)
        name = trimmed(&arena, csv_field_at(&table->reader, head->name));
    if (strncmp(name, "use.", 4) == 0)
        name = arena_printf(&arena, "use/%s", name + 4);
    if (!text[strspn(text, " \t")]) {
        /* not there */
    } else if (*name && parse_number(&table->reader, text, &number)) {
        error = sink_metric(&taking->sink, time, step, name, number);
        out->numbers++;
    } else {
        out->skipped++;
    }
    arena_release(&arena);
    return error;
}

static int take_row(struct taking *taking, const struct table_reading *table, int64_t row,
                    struct taken_run *out)
{
    const struct head *head = &table->head;
    double time =
        head->time >= 0 ? time_of(&table->reader, csv_field_at(&table->reader, head->time)) : NAN;
    int64_t step = step_of(table, row);
    int error = 0;
    if (step < 0) {
        out->skipped++;
        return 0;
    }
    for (int i = 0; i < head->count && !error; i++)
        if (head->roles[i] == ROLE_METRIC || head->roles[i] == ROLE_VALUE)
            error = take_field(taking, table, i, time, step, out);
    out->rows++;
    return error;
}

/* From the first row behind the head. */
static int rewind_table(struct table_reading *table)
{
    csv_release(&table->reader);
    csv_open(&table->reader, table->file);
    rewind(table->file);
    return MIN(csv_next(&table->reader), 0);
}

static bool is_of(struct table_reading *table, int run)
{
    const char *text = csv_field_at(&table->reader, table->head.run);
    return table->head.run < 0 || name_find(&table->runs, text) == run;
}

static int fill(struct taking *taking, struct table_reading *table, int run, struct taken_run *out)
{
    int64_t row = 0;
    int code = 0, error = rewind_table(table);
    while (!error && (code = csv_next(&table->reader)) > 0) {
        if (is_of(table, run))
            error = take_row(taking, table, row++, out);
        if (!error && row % LOOK_EVERY == 0 && table->wish->is_unwanted &&
            table->wish->is_unwanted())
            error = fail(ERR_CANCELLED, "interrupted");
    }
    if (!error && code == 0 && out->numbers == 0)
        error = fail(ERR_INVALID, "there are no numbers in it");
    return error ? error : code;
}

static int find_runs(struct table_reading *table)
{
    int code = 0;
    if (table->head.run < 0) {
        name_number(&table->runs, "");
        return 0;
    }
    while ((code = csv_next(&table->reader)) > 0)
        if (name_number(&table->runs, csv_field_at(&table->reader, table->head.run)) == RUNS_LIMIT)
            return fail(ERR_INVALID, "there are more than %d runs in it", RUNS_LIMIT);
    return code == 0 && table->runs.count == 0 ? fail(ERR_INVALID, "there are no rows in it")
                                               : code;
}

/* --- runs --- */

static int take(const struct store *store, struct table_reading *table, int run,
                struct taken_run *out)
{
    struct taking taking;
    int error = taking_begin(&taking, store, table->wish);
    if (!error)
        error = fill(&taking, table, run, out);
    if (!error)
        error = taking_end(&taking, "csv", out);
    taking_release(&taking);
    return error;
}

static int take_all(struct arena *arena, const struct store *store, struct table_reading *table,
                    struct taken_run **runs, int *count)
{
    const char **names = arena_alloc(arena, (size_t)table->runs.count, sizeof *names);
    char *stem = arena_strdup(arena, path_base(table->path)), *dot = strrchr(stem, '.');
    name_list(&table->runs, names);
    if (dot && dot > stem)
        *dot = '\0';
    *runs = arena_alloc(arena, (size_t)table->runs.count, sizeof **runs);
    for (int i = 0; i < table->runs.count; i++) {
        struct taken_run *run = &(*runs)[(*count)++];
        const char *name =
            table->head.run >= 0 ? arena_printf(arena, "%s-%s", stem, names[i]) : NULL;
        *run = (struct taken_run){ .path = table->path,
                                   .experiment =
                                       table->wish->experiment ? table->wish->experiment : stem,
                                   .name = table->wish->name ? table->wish->name : name };
        /* one file, one answer: it is here already, or not */
        int error = i == 0 ? taking_check(store, "csv", table->wish, run) : 0;
        if (error == ERR_EXISTS) {
            run->why = arena_strdup(arena, error_text());
            return 0;
        }
        if (!error)
            error = take(store, table, i, run);
        if (error)
            run->why = arena_strdup(arena, error_text());
        if (error == ERR_CANCELLED || error == ERR_IO)
            return 0;
    }
    return 0;
}

/* Standard input is read into a file first: it is gone through more than once. */
static FILE *open_input(struct arena *arena, struct table_reading *table, const char *path)
{
    char block[1 << 16];
    ssize_t size;
    if (strcmp(path, "-") != 0) {
        table->path = path_absolute(arena, path);
        return fopen(path, "rbe");
    }
    FILE *file = tmpfile();
    table->path = "standard input";
    while (file && (size = read(STDIN_FILENO, block, sizeof block)) != 0) {
        if (size < 0 && errno == EINTR && !(table->wish->is_unwanted && table->wish->is_unwanted()))
            continue;
        if (size < 0 || fwrite(block, 1, (size_t)size, file) != (size_t)size) {
            fclose(file);
            return NULL;
        }
    }
    if (file)
        rewind(file);
    return file;
}

static int check_input(const struct table_reading *table)
{
    struct stat status;
    if (fstat(fileno(table->file), &status) == 0 && S_ISREG(status.st_mode))
        return 0;
    return fail(ERR_INVALID, "it is no plain file (- reads standard input)");
}

int csv_import(struct arena *arena, const struct store *store, const char *path,
               const struct take_wish *wish, struct taken_run **runs, int *count)
{
    struct table_reading *table = xcalloc(1, sizeof *table);
    table->wish = wish;
    table->file = open_input(arena, table, path);
    *count = 0;
    int error = table->file
                    ? check_input(table)
                    : fail(code_of_errno(errno), "cannot read '%s': %s", path, strerror(errno));
    bool is_open = table->file != NULL;
    if (!error) {
        csv_open(&table->reader, table->file);
        error = read_head(&table->head, &table->reader, table->path);
    }
    if (!error)
        error = find_runs(table);
    if (!error)
        error = take_all(arena, store, table, runs, count);
    else if (is_open)
        fail_prefix("'%s'", path);
    if (is_open)
        fclose(table->file);
    csv_release(&table->reader);
    name_map_release(&table->runs);
    arena_release(&table->head.arena);
    free(table);
    return error;
}
