/* Which columns a table of runs has. */
#define _GNU_SOURCE
#include "run_columns.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "record/metric.h"

/* Of a name that is in the table. */
static const struct fact_column *fact_called(const char *name)
{
    const struct fact_column *found = fact_find(name);
    return found ? found : fact_find("run");
}

static struct run_column fact_column(const struct fact_column *fact)
{
    return (struct run_column){ .kind = COLUMN_FACT, .column = fact->column, .fact = fact };
}

static struct run_column metric_column(struct arena *arena, const char *name,
                                       enum filter_function function, int rank)
{
    const char *label = metric_label(name);
    if (function == FILTER_MINIMUM || function == FILTER_MAXIMUM)
        label = arena_printf(arena, "%s %s", function == FILTER_MINIMUM ? "min" : "max", label);
    return (struct run_column){ .kind = COLUMN_METRIC,
                                .column = { label, .is_right = true, .most = 14, .rank = rank },
                                .key = name,
                                .function = function };
}

static struct run_column spark_column(const char *name, int rank)
{
    return (struct run_column){ .kind = COLUMN_SPARK,
                                .column = { "curve", .most = SPARK_COLUMNS, .rank = rank },
                                .key = name };
}

static bool holds(char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Names of all metrics or recipe values of all stores. */
static int all_names(struct index *index, bool of_settings, char ***names, int *count)
{
    int error = 0;
    *names = NULL;
    *count = 0;
    for (int i = 0; i < index->count && !error; i++) {
        char **some, **joined;
        int some_count = 0;
        error = of_settings ? catalogue_setting_names(index->places[i].catalogue, &index->arena,
                                                      &some, &some_count)
                            : catalogue_metric_names(index->places[i].catalogue, &index->arena,
                                                     &some, &some_count);
        if (index->count == 1) { /* no name comes twice, be there 10,000 */
            *names = some;
            *count = some_count;
            return error;
        }
        joined = arena_alloc(&index->arena, (size_t)*count + (size_t)some_count, sizeof *joined);
        for (int j = 0; j < *count; j++)
            joined[j] = (*names)[j];
        for (int j = 0; j < some_count; j++)
            if (!holds(joined, *count, some[j]))
                joined[(*count)++] = some[j];
        *names = joined;
    }
    return error;
}

/* The name that was meant, of all that there are. */
static int refuse_column(struct index *index, const char *name)
{
    int facts = 0, count = 0, metric_count = 0, setting_count = 0;
    char **metrics, **settings;
    int error = all_names(index, false, &metrics, &metric_count);
    if (!error)
        error = all_names(index, true, &settings, &setting_count);
    if (error)
        return error;
    while (run_column_name(facts))
        facts++;
    size_t most = (size_t)facts + (size_t)metric_count + (size_t)setting_count;
    const char **all = arena_alloc(&index->arena, most, sizeof *all);
    while (count < facts) {
        all[count] = run_column_name(count);
        count++;
    }
    for (int i = 0; i < metric_count; i++)
        all[count++] = metrics[i];
    for (int i = 0; i < setting_count; i++)
        all[count++] = settings[i];
    const char *near = text_nearest(name, all, count, sizeof all[0]);
    return near ? fail(ERR_INVALID,
                       "no column, metric or recipe value '%.80s' (did you mean '%s'?)", name, near)
                : fail(ERR_INVALID, "no column, metric or recipe value '%.80s'", name);
}

/* Does any run have it? Without a look at all names. */
static bool is_there(const struct index *index, enum catalogue_key kind, const char *name)
{
    for (int i = 0; i < index->count; i++)
        if (catalogue_has(index->places[i].catalogue, kind, name))
            return true;
    return false;
}

static int choose_one(struct index *index, const char *name, struct run_column *out)
{
    const char *key;
    const struct fact_column *fact = fact_find(name);
    if (fact) {
        *out = fact_column(fact);
        out->column.rank = 0; /* what was asked for is shown */
        return 0;
    }
    size_t length = strlen(name);
    bool is_spark = strncmp(name, "spark(", 6) == 0 && name[length - 1] == ')';
    enum filter_function function = FILTER_PLAIN;
    if (is_spark)
        key = arena_strndup(&index->arena, name + 6, length - 7);
    else
        function = catalogue_split_key(&index->arena, name, &key);
    if (is_there(index, KEY_METRIC, key))
        *out = is_spark ? spark_column(key, 0) : metric_column(&index->arena, key, function, 0);
    else if (!is_spark && function == FILTER_PLAIN && is_there(index, KEY_SETTING, key))
        *out = (struct run_column){ .kind = COLUMN_SETTING,
                                    .column = { key, .least = 4, .most = 24 },
                                    .key = key };
    else
        return refuse_column(index, key);
    return 0;
}

static int choose_named(struct index *index, const char *names, struct run_column **columns,
                        int *count)
{
    int error = 0;
    *columns = arena_alloc(&index->arena, strlen(names) + 1, sizeof **columns);
    *count = 0;
    for (const char *at = names; *at && !error;) {
        size_t length = strcspn(at, ",");
        const char *name = arena_strndup(&index->arena, at, length);
        if (*name)
            error = choose_one(index, name, &(*columns)[(*count)++]);
        at += length + (at[length] == ',');
    }
    if (!error && *count == 0)
        error = fail(ERR_INVALID, "no columns in '%.80s'", names);
    return error;
}

/* A metric, and how many of the runs that were looked at have it. */
struct tally {
    const char *name;
    int runs;
};

static struct tally *find_tally(struct tally *tallies, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(tallies[i].name, name) == 0)
            return &tallies[i];
    return NULL;
}

/* Of the first runs, and of each the metrics that it journalled first: what it cares about most. */
static int tally_metrics(struct index *index, const struct listed_run *runs, int run_count,
                         struct tally *tallies, int most)
{
    enum { RUNS = 16, METRICS = 64 };
    int count = 0;
    for (int i = 0; i < MIN(run_count, RUNS); i++) {
        struct run_metric *rows;
        int found = 0;
        catalogue_metrics(runs[i].place->catalogue, &index->arena, &runs[i].row.number, 1, NULL,
                          &rows, &found);
        for (int j = 0; j < MIN(found, METRICS); j++) {
            struct tally *known = find_tally(tallies, count, rows[j].name);
            if (known)
                known->runs++;
            else if (count < most && strncmp(rows[j].name, "use.", 4) != 0)
                tallies[count++] = (struct tally){ rows[j].name, 1 };
        }
    }
    return count;
}

/* Chiefs of the metric table come first, in its order; then what is not in it, the most usual first. */
const char **run_chief_metrics(struct index *index, const struct listed_run *runs, int run_count,
                               int most, int *count)
{
    enum { TALLIES = 256 };
    int known_count;
    struct tally *tallies = arena_alloc(&index->arena, TALLIES, sizeof *tallies);
    int tally_count = tally_metrics(index, runs, run_count, tallies, TALLIES);
    const char **chiefs = arena_alloc(&index->arena, (size_t)most, sizeof *chiefs);
    const struct metric_row *known = metric_rows(&known_count);
    *count = 0;
    for (int i = 0; i < known_count && *count < most; i++)
        if (known[i].is_chief && find_tally(tallies, tally_count, known[i].name))
            chiefs[(*count)++] = known[i].name;
    while (*count < most) {
        struct tally *best = NULL;
        for (int i = 0; i < tally_count; i++)
            if (!metric_find(tallies[i].name) && tallies[i].runs > (best ? best->runs : 0))
                best = &tallies[i];
        if (!best)
            break;
        chiefs[(*count)++] = best->name;
        best->runs = 0;
    }
    return chiefs;
}

static bool is_loss(const char *metric)
{
    return strcasestr(metric, "loss") != NULL;
}

/* Which curve is drawn small: a loss if there is one. */
static const char *choose_spark(const char **chiefs, int chief_count)
{
    for (int i = 0; i < chief_count; i++)
        if (is_loss(chiefs[i]))
            return chiefs[i];
    return chief_count > 0 ? chiefs[0] : NULL;
}

static bool any_has(const struct listed_run *runs, int run_count,
                    bool (*has)(const struct run_row *row))
{
    for (int i = 0; i < run_count; i++)
        if (has(&runs[i].row))
            return true;
    return false;
}

static bool has_name(const struct run_row *row)
{
    return row->name;
}

static bool has_commit(const struct run_row *row)
{
    return row->commit || row->snapshot;
}

static bool has_tags(const struct run_row *row)
{
    return row->tag_count > 0;
}

static bool has_health(const struct run_row *row)
{
    return row->health;
}

/* The facts that are usually shown, in their order, and when they are worth their room. */
static const struct {
    const char *name;
    bool (*when)(const struct run_row *row); /* any run fits; NULL: always */
} usual_facts[] = {
    { "run", NULL },          { "state", NULL },    { "exp", NULL },  { "name", has_name },
    { "commit", has_commit }, { "age", NULL },      { "took", NULL }, { "step", NULL },
    { "health", has_health }, { "tags", has_tags },
};

/* Last and best: the best where there is a direction to be better in. */
static void add_metric(struct index *index, const char *name, int rank, struct run_column *columns,
                       int *count)
{
    enum direction direction = metric_direction(name, &index->config);
    columns[(*count)++] = metric_column(&index->arena, name, FILTER_LAST, rank);
    if (direction == DIRECTION_NONE)
        return;
    columns[*count] =
        metric_column(&index->arena, name,
                      direction == DIRECTION_SMALLER ? FILTER_MINIMUM : FILTER_MAXIMUM, rank + 1);
    columns[(*count)++].column.title = arena_printf(&index->arena, "best");
}

enum { USUAL_FACTS = ARRAY_SIZE(usual_facts) + 1, USUAL_METRICS = 3 };

/* With the stores, where there are several. `columns` has room for USUAL_FACTS. */
static void add_facts(struct index *index, const struct listed_run *runs, int run_count,
                      struct run_column *columns, int *count)
{
    if (index->count > 1)
        columns[(*count)++] = fact_column(fact_called("store"));
    for (int i = 0; i < ARRAY_SIZE(usual_facts); i++)
        if (!usual_facts[i].when || any_has(runs, run_count, usual_facts[i].when))
            columns[(*count)++] = fact_column(fact_called(usual_facts[i].name));
}

void run_columns_facts(struct index *index, const struct listed_run *runs, int run_count,
                       struct run_column **columns, int *count)
{
    *columns = arena_alloc(&index->arena, USUAL_FACTS, sizeof **columns);
    *count = 0;
    add_facts(index, runs, run_count, *columns, count);
}

static void choose_usual(struct index *index, const struct listed_run *runs, int run_count,
                         struct run_column **columns, int *count)
{
    enum { ROOM = USUAL_FACTS + 2 * USUAL_METRICS + 1 };
    int chief_count;
    *columns = arena_alloc(&index->arena, ROOM, sizeof **columns);
    *count = 0;
    add_facts(index, runs, run_count, *columns, count);
    const char **chiefs = run_chief_metrics(index, runs, run_count, USUAL_METRICS, &chief_count);
    for (int i = 0; i < chief_count; i++)
        add_metric(index, chiefs[i], i == 0 ? 2 : 3 + i, *columns, count);
    const char *spark = choose_spark(chiefs, chief_count);
    if (spark)
        (*columns)[(*count)++] = spark_column(spark, 4);
}

int run_columns_choose(struct index *index, const char *names, const struct listed_run *runs,
                       int run_count, struct run_column **columns, int *count)
{
    if (names)
        return choose_named(index, names, columns, count);
    choose_usual(index, runs, run_count, columns, count);
    return 0;
}

/* --- of the dashboard --- */

static bool is_under_way(const struct run_row *row)
{
    return row->steps > 0 && !run_state_is_end(row->state);
}

struct dashboard_fact {
    const char *name;
    int rank, least, most;
    bool (*when)(const struct run_row *row);
};

enum { WORK_RANK = 1 }; /* it has no other's */

static const struct dashboard_fact facts_before[] = {
    { "run", 0, 0, 0, NULL },  { "sign", 0, 0, 0, NULL },        { "state", 7, 0, 8, NULL },
    { "exp", 0, 6, 16, NULL }, { "name", 4, 4, 20, has_name },   { "commit", 8, 0, 0, has_commit },
    { "age", 3, 0, 0, NULL },  { "bar", 9, 0, 8, is_under_way }, { "work", WORK_RANK, 0, 0, NULL },
};
/* ... the metrics ... */
static const struct dashboard_fact facts_behind[] = {
    { "health", 6, 6, 22, has_health },
    { "tags", 9, 4, 24, has_tags },
};

struct column_list {
    struct run_column *columns;
    int count;
};

static void add_dashboard_facts(const struct dashboard_fact *facts, int fact_count,
                                const struct listed_run *runs, int run_count,
                                struct column_list *list)
{
    for (int i = 0; i < fact_count; i++) {
        if (facts[i].when && !any_has(runs, run_count, facts[i].when))
            continue;
        struct run_column *column = &list->columns[list->count++];
        *column = fact_column(fact_called(facts[i].name));
        column->column.rank = facts[i].rank;
        column->column.least = facts[i].least;
        column->column.most = facts[i].most;
    }
}

/* Losses that gander itself journals come before those of other programs, where there are both. */
static void add_dashboard_metric(struct index *index, const char *name, bool is_chief,
                                 struct column_list *list)
{
    enum { LOSS_RANK = 2, BEST_RANK = 5, CURVE_RANK = 5, REST_RANK = 8 };
    enum direction direction = metric_direction(name, &index->config);
    struct run_column *next = &list->columns[list->count++];
    if (direction != DIRECTION_NONE) {
        *next = metric_column(&index->arena, name,
                              direction == DIRECTION_SMALLER ? FILTER_MINIMUM : FILTER_MAXIMUM,
                              BEST_RANK);
        return;
    }
    *next = metric_column(&index->arena, name, FILTER_PLAIN, is_chief ? LOSS_RANK : REST_RANK);
    if (is_loss(name))
        list->columns[list->count++] = spark_column(name, is_chief ? CURVE_RANK : REST_RANK + 1);
}

/* In front of what is under way, where it is not among them. */
static void add_sorted(struct index *index, const char *sort, struct column_list *list)
{
    enum { SORTED_COLUMNS = 8 }; /* of what one looks at it is worth to be read whole */
    struct run_column column;
    for (int i = 0; i < list->count; i++) {
        const char *same =
            run_column_sort(&index->arena, run_column_text(&index->arena, list->columns, i));
        if (list->columns[i].kind != COLUMN_SPARK && same && strcmp(same, sort) == 0)
            return;
    }
    if (choose_one(index, arena_strdup(&index->arena, sort), &column) < 0)
        return;
    if (column.kind == COLUMN_SETTING)
        column.column.least = SORTED_COLUMNS;
    int at = 0;
    while (at < list->count && list->columns[at].column.rank != WORK_RANK)
        at++;
    memmove(list->columns + at + 1, list->columns + at,
            (size_t)(list->count - at) * sizeof *list->columns);
    list->columns[at] = column;
    list->count++;
}

void run_columns_dashboard(struct index *index, const struct listed_run *runs, int run_count,
                           const char *sort, struct run_column **columns, int *count)
{
    enum {
        METRICS = 4,
        ROOM = ARRAY_SIZE(facts_before) + ARRAY_SIZE(facts_behind) + 2 * METRICS + 1
    };
    struct column_list list = { arena_alloc(&index->arena, ROOM, sizeof **columns), 0 };
    int chief_count;
    const char **chiefs = run_chief_metrics(index, runs, run_count, METRICS, &chief_count);
    bool has_known = false;
    for (int i = 0; i < chief_count; i++)
        has_known = has_known || (is_loss(chiefs[i]) && metric_find(chiefs[i]));
    add_dashboard_facts(facts_before, ARRAY_SIZE(facts_before), runs, run_count, &list);
    for (int i = 0; i < chief_count; i++)
        add_dashboard_metric(index, chiefs[i],
                             is_loss(chiefs[i]) && (!has_known || metric_find(chiefs[i])), &list);
    add_dashboard_facts(facts_behind, ARRAY_SIZE(facts_behind), runs, run_count, &list);
    if (sort)
        add_sorted(index, sort, &list);
    *columns = list.columns;
    *count = list.count;
}

/* --- names, and what to sort by --- */

const char *run_column_text(struct arena *arena, const struct run_column *columns, int at)
{
    const struct run_column *column = &columns[at];
    if (column->kind == COLUMN_FACT)
        return column->fact->name;
    if (column->kind == COLUMN_SPARK)
        return arena_printf(arena, "spark(%s)", column->key);
    if (column->function == FILTER_MINIMUM || column->function == FILTER_MAXIMUM)
        return arena_printf(arena, "%s(%s)", column->function == FILTER_MINIMUM ? "min" : "max",
                            column->key);
    return column->key;
}

const char *run_column_sort(struct arena *arena, const char *name)
{
    static const char *const same[][2] = { { "sign", "state" },
                                           { "work", "progress" },
                                           { "bar", "progress" } };
    size_t length = strlen(name);
    for (int i = 0; i < ARRAY_SIZE(same); i++)
        if (strcmp(same[i][0], name) == 0)
            return same[i][1];
    for (int i = 0; catalogue_sort_columns[i]; i++)
        if (strcmp(catalogue_sort_columns[i], name) == 0)
            return catalogue_sort_columns[i];
    if (fact_find(name))
        return NULL;
    bool is_spark = strncmp(name, "spark(", 6) == 0 && name[length - 1] == ')';
    return is_spark ? arena_strndup(arena, name + 6, length - 7) : arena_strdup(arena, name);
}

enum run_order run_first_order(const char *sort, const struct config *config)
{
    static const char *const ascending[] = { "state",  "exp",  "name", "commit",  "age",
                                             "health", "host", "data", "branch",  "seed",
                                             "parent", "tags", "user", "command", "reason" };
    struct arena arena = { 0 };
    const char *key;
    for (int i = 0; sort && i < ARRAY_SIZE(ascending); i++)
        if (strcmp(ascending[i], sort) == 0)
            return ORDER_ASCENDING;
    if (!sort)
        return ORDER_DESCENDING;
    catalogue_split_key(&arena, sort, &key);
    enum direction direction = metric_direction(key, config);
    arena_release(&arena);
    return direction == DIRECTION_SMALLER ? ORDER_ASCENDING : ORDER_DESCENDING;
}
