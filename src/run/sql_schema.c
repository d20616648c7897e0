#include "sql_schema.h"

#include "base/error.h"
#include "base/memory.h"

/* Each brings the catalogue from one version to the next: the first makes version 1. Never change
 * one that has been released: add another. */
static const char *const migrations[] = {
    /* 1: runs, and what their directories say of them */
    "CREATE TABLE store("
    "  id TEXT NOT NULL,"                  /* as in store.json */
    "  changes INTEGER NOT NULL DEFAULT 0" /* bytes of STORE/changes that are taken in */
    ") STRICT;"

    "CREATE TABLE run("
    "  number INTEGER PRIMARY KEY,"
    "  place TEXT NOT NULL CHECK(place IN ('runs', 'bin')),"
    "  settled INTEGER NOT NULL," /* 1: it has ended, and nobody is at work on it */
    "  broken TEXT,"              /* why its run.json cannot be read */
    "  experiment TEXT NOT NULL,"
    "  name TEXT,"
    "  state TEXT NOT NULL,"
    "  orphan INTEGER NOT NULL,"
    "  stalled INTEGER NOT NULL,"
    "  reason TEXT," /* of its end */
    "  exit INTEGER,"
    "  signal INTEGER,"
    "  health TEXT,"
    "  created REAL, queued REAL, started REAL, ended REAL,"
    "  worked REAL NOT NULL,"  /* seconds in ended stretches of running */
    "  working_since REAL,"    /* when the present one began */
    "  step INTEGER NOT NULL," /* the highest that counts */
    "  steps INTEGER,"         /* that it means to take */
    "  host TEXT, user TEXT, cwd TEXT,"
    "  command TEXT,"                /* what was typed, or is run */
    "  is_command INTEGER NOT NULL," /* 0: a recipe */
    "  parent INTEGER, seed INTEGER, threads INTEGER,"
    "  data TEXT, data_hash TEXT, recipe_hash TEXT,"
    "  commit_id TEXT, subject TEXT, branch TEXT, describe TEXT,"
    "  snapshot TEXT," /* the commit that holds its code */
    "  dirty INTEGER NOT NULL,"
    "  version TEXT, build TEXT,"
    "  archived INTEGER NOT NULL,"
    "  lines INTEGER NOT NULL, superseded INTEGER NOT NULL, bad INTEGER NOT NULL" /* of events */
    ") STRICT;"
    "CREATE INDEX run_by_place ON run(place, number, settled);"
    "CREATE INDEX run_by_name ON run(name) WHERE name IS NOT NULL;"
    "CREATE INDEX run_by_experiment ON run(experiment, number);"

    "CREATE TABLE reading(" /* how far each run's files are taken in */
    "  run INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,"
    "  worker TEXT," /* what worker.jsonl has come to, as JSON */
    "  worker_size INTEGER NOT NULL, events_size INTEGER NOT NULL, notes_size INTEGER NOT NULL,"
    "  events_step INTEGER NOT NULL," /* of the last line */
    "  reports INTEGER NOT NULL"      /* lines that tell of progress, in the last attempt */
    ") STRICT;"

    "CREATE TABLE attempt("
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  attempt INTEGER NOT NULL,"
    "  time REAL, worked REAL NOT NULL," /* seconds of all attempts before it */
    "  pid INTEGER, from_step INTEGER NOT NULL, events INTEGER NOT NULL,"
    "  checkpoint TEXT, place TEXT,"
    "  PRIMARY KEY(run, attempt)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE setting("
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  key TEXT NOT NULL, value TEXT NOT NULL,"
    "  number REAL,"          /* the value, where it is one */
    "  source TEXT NOT NULL," /* 'recipe', 'argument', 'journal' */
    "  PRIMARY KEY(run, key)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE tag("
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  tag TEXT NOT NULL,"
    "  PRIMARY KEY(run, tag)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE note("
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  note INTEGER NOT NULL, time REAL, author TEXT, text TEXT NOT NULL,"
    "  PRIMARY KEY(run, note)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE file("
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  kind TEXT NOT NULL," /* 'sample', 'checkpoint' */
    "  step INTEGER NOT NULL, path TEXT NOT NULL, time REAL,"
    "  superseded INTEGER NOT NULL,"
    "  PRIMARY KEY(run, kind, step, path)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE health("
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  change INTEGER NOT NULL," /* the first, the second … */
    "  step INTEGER NOT NULL, time REAL, state TEXT NOT NULL, why TEXT, advice TEXT,"
    "  PRIMARY KEY(run, change)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE engine(" /* what each attempt worked with */
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  attempt INTEGER NOT NULL, key TEXT NOT NULL, value TEXT,"
    "  PRIMARY KEY(run, attempt, key)) STRICT, WITHOUT ROWID;",

    /* 2: metrics */
    "CREATE TABLE metric(" /* all runs' values of one name lie side by side */
    "  id INTEGER NOT NULL UNIQUE,"
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  points INTEGER NOT NULL,"
    "  last REAL, last_step INTEGER, last_time REAL," /* last NULL: it is not a number */
    "  low REAL, low_step INTEGER," /* the smallest that is finite, and the largest */
    "  high REAL, high_step INTEGER,"
    "  spark BLOB," /* a curve of a few points, see points.h */
    "  PRIMARY KEY(name, run)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX metric_by_run ON metric(run, id);"

    /* Points, 32 a row, as [[step,time,value],…]; only the last row of a metric has fewer. */
    "CREATE TABLE block("
    "  id INTEGER PRIMARY KEY,"
    "  metric INTEGER NOT NULL REFERENCES metric(id) ON DELETE CASCADE,"
    "  block INTEGER NOT NULL, points TEXT NOT NULL,"
    "  UNIQUE(metric, block)) STRICT;"

    /* A row of level 1 is a whole block; one of each further level is 8 of the level below. */
    "CREATE TABLE bucket("
    "  metric INTEGER NOT NULL REFERENCES metric(id) ON DELETE CASCADE,"
    "  level INTEGER NOT NULL, bucket INTEGER NOT NULL,"
    "  first_step INTEGER NOT NULL, last_step INTEGER NOT NULL," /* smallest and largest */
    "  first_time REAL, last_time REAL,"
    "  finite INTEGER NOT NULL,"        /* values that are, of those in it */
    "  low REAL, high REAL, mean REAL," /* of them */
    "  PRIMARY KEY(metric, level, bucket)) STRICT, WITHOUT ROWID;",

    /* 3: for people */
    "CREATE VIEW points(run, metric, step, t, value) AS"
    " SELECT m.run, m.name, json_extract(p.value, '$[0]'), json_extract(p.value, '$[1]'),"
    "        json_extract(p.value, '$[2]')"
    " FROM metric m JOIN block b ON b.metric = m.id JOIN json_each(b.points) p;",

    /* 4: what samples were read as */
    "CREATE TABLE evaluation("
    "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    "  step INTEGER NOT NULL, samples INTEGER NOT NULL,"
    "  classes TEXT NOT NULL," /* [COUNT,…]: samples in each class */
    "  PRIMARY KEY(run, step)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE health ADD COLUMN worker INTEGER NOT NULL DEFAULT 0;", /* 1: its worker said it */
};

int schema_version(void)
{
    return ARRAY_SIZE(migrations);
}

static int read_version(struct sql *db)
{
    struct sql_query *query = sql_query(db, "PRAGMA user_version");
    int version = sql_step(query) ? (int)sql_integer(query, 0) : 0;
    sql_done(query);
    return version;
}

static int migrate_from(struct sql *db, int version)
{
    struct arena arena = { 0 };
    int error = 0;
    for (int i = version; i < schema_version() && !error; i++)
        error = sql_run(db, migrations[i]);
    if (!error)
        error = sql_run(db, arena_printf(&arena, "PRAGMA user_version = %d", schema_version()));
    arena_release(&arena);
    return error;
}

int schema_migrate(struct sql *db, bool *is_newer)
{
    int version = read_version(db);
    *is_newer = version > schema_version();
    if (sql_error(db) || version >= schema_version())
        return sql_error(db);
    int error = sql_begin(db);
    if (error)
        return error;
    version = read_version(db); /* another process may have done it meanwhile */
    if (version < schema_version())
        error = migrate_from(db, version);
    return sql_end(db, error);
}
