/* Filters and sort keys as SQL. Outside text is never part of it: it is bound. */
#ifndef GANDER_RUN_SQL_CONDITION_H
#define GANDER_RUN_SQL_CONDITION_H

#include "record/filter.h"
#include "sql.h"

/* SQL that grows, and what is to be bound to its question marks. */
struct sql_text {
    struct arena *arena;
    char *text;
    size_t length, room;
    struct sql_value {
        const char *text; /* NULL: a number */
        double number;
    } * values;
    int value_count, value_room;
};

void sql_add(struct sql_text *sql, const char *format, ...) PRINTF_LIKE(2, 3);
void sql_add_constant(struct sql_text *sql, const char *text);
/* "?", bound to that. */
void sql_add_text(struct sql_text *sql, const char *value);
void sql_add_number(struct sql_text *sql, double value);
void sql_bind_all(struct sql_query *query, const struct sql_text *sql);

/* A condition on a row `r` of run; 0 or 1, never NULL. */
void sql_add_filter(struct sql_text *sql, const struct filter *filter, double now);

/* The value of a recipe value or metric, for a row `r` of run, by name: "d_loss", "min(d_loss)". */
void sql_add_key(struct sql_text *sql, const char *name, enum filter_function function);

#endif
