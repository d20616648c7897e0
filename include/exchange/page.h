/* A report: one page of HTML about one run or several, for who has no terminal.
 *
 * Curves are SVG and samples PNG within it, so that it opens with no network and no script; its
 * colours follow what the reader prefers, light or dark. It forbids itself all that would be loaded
 * or run, and text of runs is only text in it. */
#ifndef GANDER_EXCHANGE_PAGE_H
#define GANDER_EXCHANGE_PAGE_H

#include "exchange/table.h"

struct page_wish {
    const char *title;           /* NULL: after the runs */
    const char *const *metrics;  /* which curves; … */
    int metric_count;            /* … 0: all but use of resources */
    const struct config *config; /* which way metrics are better; or NULL */
    double now;
};

/* The catalogues of the runs must be there. */
int page_write(const struct outlet *outlet, const struct table_run *runs, int count,
               const struct page_wish *wish);

#endif
