/* Numbers of runs as tables, for other tools and for people.
 *
 *     csv        a row a step: [run,]step,time,d_loss,g_loss,…   for spreadsheets, pandas, R
 *     jsonl      {"run":42,"experiment":"digits","t":…,"step":120,"metrics":{…}}   a line of the journal
 *     markdown   a row a run: its values at the end, and what differs in the recipes
 *     latex      the same as a tabular
 *
 * What a later attempt has superseded is left out, and so are metrics of resource use unless they are
 * named. Numbers read back as the same doubles, in csv and jsonl. */
#ifndef GANDER_EXCHANGE_TABLE_H
#define GANDER_EXCHANGE_TABLE_H

#include "base/base.h"
#include "exchange/taken.h"
#include "record/config.h"
#include "run/catalogue.h"
#include "run/store.h"

/* Where text goes. */
struct outlet {
    int (*put)(void *context, const void *data, size_t size); /* 0, or an error with its sentence */
    void *context;
};

struct table_run {
    const struct store *store;
    struct catalogue *catalogue; /* only for markdown and latex; brought up to date */
    int64_t number;
    const char *title; /* "42" */
};

struct table_wish {
    const char *const
        *metrics;     /* of which runs, by name; markdown and latex also "min(frechet)" … */
    int metric_count; /* … 0: all there are, or the chief ones */
    const struct config *config; /* which way metrics are better; or NULL */
    double now;
};

/* ERR_NOT_FOUND where no run has one of the metrics that are named. */
int table_csv(const struct outlet *outlet, const struct table_run *runs, int count,
              const struct table_wish *wish);
int table_jsonl(const struct outlet *outlet, const struct table_run *runs, int count,
                const struct table_wish *wish);
int table_markdown(const struct outlet *outlet, const struct table_run *runs, int count,
                   const struct table_wish *wish);
int table_latex(const struct outlet *outlet, const struct table_run *runs, int count,
                const struct table_wish *wish);

/* A file of comma-, semicolon- or tab-separated values, with a first line of names, becomes a run; or
 * several, where there is a column "run". "step", "global_step", "iteration", or else "epoch", is the
 * step; "time" and "wall time" are seconds since 1970; rows with "metric" and "value" name theirs; any
 * other column is a metric. `path` "-" is standard input. As tensorboard_import otherwise. */
int csv_import(struct arena *arena, const struct store *store, const char *path,
               const struct take_wish *wish, struct taken_run **runs, int *count);

#endif
