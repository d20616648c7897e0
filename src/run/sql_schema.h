/* The tables of the catalogue, and how older ones become the present ones. gander-store(5) describes
 * them, since people query them with sqlite3. */
#ifndef GANDER_RUN_SQL_SCHEMA_H
#define GANDER_RUN_SQL_SCHEMA_H

#include "sql.h"

/* The number that PRAGMA user_version has in a present catalogue. */
int schema_version(void);

/* Brings a database up to date, in a transaction. *is_newer: it was made by a later version of the
 * program, and is left as it is. */
int schema_migrate(struct sql *db, bool *is_newer);

#endif
