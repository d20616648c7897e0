/* What columns of runs are made of: for run_facts.c, run_columns.c and run_table.c. */
#ifndef GANDER_SHOW_RUN_COLUMNS_H
#define GANDER_SHOW_RUN_COLUMNS_H

#include "show/run_table.h"

struct column_maker {
    struct arena *arena;
    double now;
    bool utf8;
};

struct fact_column {
    const char *name;
    struct table_column column;
    const char *(*make)(const struct column_maker *maker, const struct listed_run *run);
};
const struct fact_column *fact_find(const char *name); /* NULL: none */
struct style fact_style(const struct fact_column *fact, const struct run_row *row);

enum { SPARK_COLUMNS = 10 };

enum column_kind { COLUMN_FACT, COLUMN_METRIC, COLUMN_SETTING, COLUMN_SPARK };

struct run_column {
    enum column_kind kind;
    struct table_column column;
    const struct fact_column *fact;
    const char *key;               /* metric or recipe value */
    enum filter_function function; /* of a metric */
};

#endif
