#define _GNU_SOURCE
#include "run_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "draw/sparkline.h"
#include "record/metric.h"

enum { SPARK_COLUMNS = 10 };

/* --- words --- */

const char *run_state_word(const struct run_row *row)
{
    return row->is_orphan ? "orphan" : row->is_stalled ? "stalled" : run_state_name(row->state);
}

struct style run_state_style(const struct run_row *row)
{
    static const int colours[RUN_STATES] = {
        [RUN_QUEUED] = 6,    [RUN_RUNNING] = 2,  [RUN_PAUSED] = 3,
        [RUN_FINISHED] = -1, [RUN_STOPPED] = -1, [RUN_FAILED] = 1,
        [RUN_KILLED] = 1,    [RUN_DIVERGED] = 5, [RUN_LOST] = 1,
    };
    bool is_marked = row->is_orphan || row->is_stalled;
    int colour = is_marked ? 3 : colours[row->state];
    return (struct style){ .foreground = colour >= 0 ? colour_ansi(colour) : COLOUR_DEFAULT };
}

char *run_commit_word(struct arena *arena, const struct run_row *row)
{
    enum { SHORT = 7 };
    const char *id = row->commit ? row->commit : row->snapshot;
    if (!id)
        return arena_strdup(arena, "");
    return arena_printf(arena, "%.*s%s", SHORT, id, row->is_dirty ? "*" : "");
}

/* --- columns of facts --- */

struct column_maker {
    struct arena *arena;
    double now;
};

static const char *make_run(const struct column_maker *maker, const struct listed_run *run)
{
    return arena_printf(maker->arena, "%lld", (long long)run->row.number);
}

static const char *make_store(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->place->label;
}

static const char *make_state(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run_state_word(&run->row);
}

static const char *make_experiment(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.broken ? "(broken)" : run->row.experiment;
}

static const char *make_name(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.name;
}

static const char *make_commit(const struct column_maker *maker, const struct listed_run *run)
{
    return run_commit_word(maker->arena, &run->row);
}

static const char *make_changes(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.is_dirty ? "*" : NULL;
}

static const char *make_age(const struct column_maker *maker, const struct listed_run *run)
{
    return format_age(maker->arena, maker->now - run->row.created);
}

static const char *make_took(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.took > 0 ? format_duration(maker->arena, run->row.took) : NULL;
}

static const char *make_step(const struct column_maker *maker, const struct listed_run *run)
{
    return format_count(maker->arena, (double)run->row.step);
}

static const char *make_progress(const struct column_maker *maker, const struct listed_run *run)
{
    const struct run_row *row = &run->row;
    if (row->steps <= 0)
        return NULL;
    return arena_printf(maker->arena, "%.0f %%",
                        floor(100 * fmin((double)row->step / (double)row->steps, 1)));
}

static const char *make_health(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.health;
}

static const char *make_tags(const struct column_maker *maker, const struct listed_run *run)
{
    const char *text = NULL;
    for (int i = 0; i < run->row.tag_count; i++)
        text =
            text ? arena_printf(maker->arena, "%s %s", text, run->row.tags[i]) : run->row.tags[i];
    return text;
}

static const char *make_notes(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.note_count > 0 ? arena_printf(maker->arena, "%d", run->row.note_count) : NULL;
}

static const char *make_host(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.host;
}

static const char *make_user(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.user;
}

static const char *make_branch(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.branch;
}

static const char *make_data(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.data;
}

static const char *make_command(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.command;
}

static const char *make_reason(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.reason;
}

static const char *make_parent(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.parent > 0 ? arena_printf(maker->arena, "%lld", (long long)run->row.parent)
                               : NULL;
}

static const char *make_seed(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.seed >= 0 ? arena_printf(maker->arena, "%lld", (long long)run->row.seed) : NULL;
}

static const char *make_created(const struct column_maker *maker, const struct listed_run *run)
{
    return format_moment(maker->arena, run->row.created);
}

/* What ranks above 0 is left out first where there is no room; 0 stays. */
static const struct fact_column {
    const char *name;
    struct table_column column;
    const char *(*make)(const struct column_maker *maker, const struct listed_run *run);
} facts[] = {
    { "run", { "run", .is_right = true }, make_run },
    { "store", { "store", .least = 5, .most = 16, .rank = 1 }, make_store },
    { "state", { "state", .most = 8 }, make_state },
    { "exp", { "exp", .least = 6, .most = 16, .rank = 1 }, make_experiment },
    { "name", { "name", .least = 4, .most = 16, .rank = 5 }, make_name },
    { "commit", { "commit", .rank = 3 }, make_commit },
    { "changes", { "", .rank = 4 }, make_changes },
    { "age", { "age", .is_right = true, .rank = 4 }, make_age },
    { "took", { "took", .is_right = true, .rank = 6 }, make_took },
    { "step", { "step", .is_right = true, .rank = 2 }, make_step },
    { "progress", { "done", .is_right = true, .rank = 7 }, make_progress },
    { "health", { "health", .least = 6, .most = 22, .rank = 6 }, make_health },
    { "tags", { "tags", .least = 4, .most = 20, .rank = 7 }, make_tags },
    { "notes", { "notes", .is_right = true, .rank = 9 }, make_notes },
    { "host", { "host", .least = 4, .most = 16, .rank = 9 }, make_host },
    { "user", { "user", .least = 4, .most = 12, .rank = 9 }, make_user },
    { "branch", { "branch", .least = 4, .most = 16, .rank = 9 }, make_branch },
    { "data", { "data", .least = 4, .most = 24, .rank = 9 }, make_data },
    { "command", { "command", .least = 8, .most = 60, .rank = 9 }, make_command },
    { "reason", { "reason", .least = 8, .most = 60, .rank = 9 }, make_reason },
    { "parent", { "parent", .is_right = true, .rank = 9 }, make_parent },
    { "seed", { "seed", .is_right = true, .rank = 9 }, make_seed },
    { "created", { "created", .rank = 9 }, make_created },
};

/* --- choosing --- */

enum column_kind { COLUMN_FACT, COLUMN_METRIC, COLUMN_SETTING, COLUMN_SPARK };

struct run_column {
    enum column_kind kind;
    struct table_column column;
    const struct fact_column *fact;
    const char *key;               /* metric or recipe value */
    enum filter_function function; /* of a metric */
};

static const struct fact_column *find_fact(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(facts); i++)
        if (strcmp(facts[i].name, name) == 0)
            return &facts[i];
    return NULL;
}

const char *run_column_name(int index)
{
    return index < ARRAY_SIZE(facts) ? facts[index].name : NULL;
}

/* Of a name that is in the table. */
static const struct fact_column *fact_called(const char *name)
{
    const struct fact_column *found = find_fact(name);
    return found ? found : facts;
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

static int refuse_column(const char *name, char **metrics, int metric_count, char **settings,
                         int setting_count)
{
    struct arena arena = { 0 };
    size_t most = ARRAY_SIZE(facts) + (size_t)metric_count + (size_t)setting_count;
    const char **all = arena_alloc(&arena, most, sizeof *all);
    int count = 0;
    for (int i = 0; i < ARRAY_SIZE(facts); i++)
        all[count++] = facts[i].name;
    for (int i = 0; i < metric_count; i++)
        all[count++] = metrics[i];
    for (int i = 0; i < setting_count; i++)
        all[count++] = settings[i];
    const char *near = text_nearest(name, all, count, sizeof all[0]);
    if (near)
        fail(ERR_INVALID, "no column, metric or recipe value '%.80s' (did you mean '%s'?)", name,
             near);
    else
        fail(ERR_INVALID, "no column, metric or recipe value '%.80s'", name);
    arena_release(&arena);
    return ERR_INVALID;
}

static int choose_one(struct index *index, const char *name, struct run_column *out)
{
    char **metrics, **settings;
    int metric_count, setting_count;
    const char *key;
    const struct fact_column *fact = find_fact(name);
    if (fact) {
        *out = fact_column(fact);
        out->column.rank = 0; /* what was asked for is shown */
        return 0;
    }
    int error = all_names(index, false, &metrics, &metric_count);
    if (!error)
        error = all_names(index, true, &settings, &setting_count);
    if (error)
        return error;
    size_t length = strlen(name);
    bool is_spark = strncmp(name, "spark(", 6) == 0 && name[length - 1] == ')';
    enum filter_function function = FILTER_PLAIN;
    if (is_spark)
        key = arena_strndup(&index->arena, name + 6, length - 7);
    else
        function = catalogue_split_key(&index->arena, name, &key);
    if (holds(metrics, metric_count, key))
        *out = is_spark ? spark_column(key, 0) : metric_column(&index->arena, key, function, 0);
    else if (holds(settings, setting_count, key) && !is_spark && function == FILTER_PLAIN)
        *out = (struct run_column){ .kind = COLUMN_SETTING,
                                    .column = { key, .least = 4, .most = 24 },
                                    .key = key };
    else
        return refuse_column(key, metrics, metric_count, settings, setting_count);
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

/* Which curve is drawn small: a loss if there is one. */
static const char *choose_spark(const char **chiefs, int chief_count)
{
    for (int i = 0; i < chief_count; i++)
        if (strcasestr(chiefs[i], "loss"))
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

/* --- filling --- */

/* A metric of all runs, in their order; rows without it have no name. */
static struct run_metric *load_metric(struct index *index, const struct listed_run *runs,
                                      int run_count, const char *name)
{
    struct run_metric *all = arena_alloc(&index->arena, (size_t)run_count, sizeof *all);
    struct arena scratch = { 0 };
    int64_t *numbers = arena_alloc(&scratch, (size_t)run_count, sizeof *numbers);
    int *where = arena_alloc(&scratch, (size_t)run_count, sizeof *where);
    for (int p = 0; p < index->count; p++) {
        struct run_metric *rows;
        int count = 0, found = 0;
        for (int i = 0; i < run_count; i++)
            if (runs[i].place == &index->places[p]) {
                where[count] = i;
                numbers[count++] = runs[i].row.number;
            }
        if (catalogue_metrics(index->places[p].catalogue, &index->arena, numbers, count, name,
                              &rows, &found) < 0)
            continue;
        for (int i = 0, next = 0; i < count && next < found; i++)
            if (rows[next].run == numbers[i])
                all[where[i]] = rows[next++];
    }
    arena_release(&scratch);
    return all;
}

static const char *metric_text(struct index *index, const struct run_metric *metric,
                               const struct run_column *column)
{
    double value = column->function == FILTER_MINIMUM   ? metric->low
                   : column->function == FILTER_MAXIMUM ? metric->high
                                                        : metric->last;
    return metric->name ? metric_format(&index->arena, metric->name, value) : NULL;
}

static const char *setting_text(struct index *index, const struct listed_run *run, const char *key)
{
    struct setting_row *rows;
    int count = 0;
    catalogue_settings(run->place->catalogue, &index->arena, &run->row.number, 1, key, &rows,
                       &count);
    return count > 0 ? rows[0].value : NULL;
}

static struct style cell_style(const struct run_column *column, const struct listed_run *run)
{
    if (column->kind == COLUMN_FACT && column->fact->make == make_state)
        return run_state_style(&run->row);
    if (column->kind == COLUMN_FACT && column->fact->make == make_commit)
        return (struct style){ .foreground = colour_ansi(3) };
    return (struct style){ 0 };
}

/* What one column of the table is made of. */
struct filling {
    const struct run_column *column;
    const struct run_metric *metrics; /* of all runs; NULL for a column of another kind */
    bool utf8;
};

static void fill(struct index *index, const struct filling *filling, const struct listed_run *runs,
                 int run_count, struct table_cell *cells, int stride)
{
    struct column_maker maker = { &index->arena, index->now };
    const struct run_column *column = filling->column;
    const struct run_metric *metrics = filling->metrics;
    for (int i = 0; i < run_count; i++) {
        struct table_cell *cell = &cells[(size_t)i * (size_t)stride];
        if (column->kind == COLUMN_FACT)
            cell->text = column->fact->make(&maker, &runs[i]);
        else if (column->kind == COLUMN_SETTING)
            cell->text = setting_text(index, &runs[i], column->key);
        else if (column->kind == COLUMN_METRIC)
            cell->text = metric_text(index, &metrics[i], column);
        else if (metrics && metrics[i].spark_count > 0)
            cell->text = sparkline_text(&index->arena, metrics[i].spark, metrics[i].spark_count,
                                        SPARK_COLUMNS, filling->utf8);
        cell->style = cell_style(column, &runs[i]);
    }
}

static bool is_of_metric(const struct run_column *column)
{
    return column->kind == COLUMN_METRIC || column->kind == COLUMN_SPARK;
}

/* The metric of a column that one of the columns before it has, too: last, best and curve. */
static const struct run_metric *find_loaded(const struct filling *fillings, int count,
                                            const struct run_column *column)
{
    for (int i = 0; i < count && is_of_metric(column); i++)
        if (fillings[i].metrics && strcmp(fillings[i].column->key, column->key) == 0)
            return fillings[i].metrics;
    return NULL;
}

struct table run_table_make(struct index *index, const struct run_column *columns, int column_count,
                            const struct listed_run *runs, int run_count, bool utf8)
{
    struct table_column *heads = arena_alloc(&index->arena, (size_t)column_count, sizeof *heads);
    struct table_cell *cells =
        arena_alloc(&index->arena, (size_t)column_count * (size_t)run_count + 1, sizeof *cells);
    struct filling *fillings = arena_alloc(&index->arena, (size_t)column_count, sizeof *fillings);
    for (int i = 0; i < column_count; i++) {
        heads[i] = columns[i].column;
        fillings[i] = (struct filling){ &columns[i], find_loaded(fillings, i, &columns[i]), utf8 };
        if (!fillings[i].metrics && is_of_metric(&columns[i]))
            fillings[i].metrics = load_metric(index, runs, run_count, columns[i].key);
        fill(index, &fillings[i], runs, run_count, cells + i, column_count);
    }
    return (struct table){ heads, column_count, cells, run_count };
}

const char *run_value(struct index *index, const struct listed_run *run, const char *name)
{
    const struct fact_column *fact = find_fact(name);
    const char *key;
    if (fact)
        return fact->make(&(struct column_maker){ &index->arena, index->now }, run);
    enum filter_function function = catalogue_split_key(&index->arena, name, &key);
    struct run_column column = { .key = key, .function = function };
    struct run_metric *metric = load_metric(index, run, 1, key);
    const char *text = metric_text(index, metric, &column);
    return text ? text : setting_text(index, run, key);
}
