/* What the files src/exchange/page_*.c share. */
#ifndef GANDER_EXCHANGE_PAGE_PARTS_H
#define GANDER_EXCHANGE_PAGE_PARTS_H

#include "exchange/page.h"
#include "html.h"
#include "run/rundir.h"

struct page_run {
    const struct table_run *run;
    struct run_row row;
    struct run_facts facts;
    const char *directory;
    const char *label; /* "7 baseline" */
};

struct page {
    struct html html;
    const struct page_wish *wish;
    struct page_run *runs;
    int count;
};

void page_head(struct page *page);    /* title and style */
void page_runs(struct page *page);    /* a table of the runs */
int page_curves(struct page *page);   /* and their legend */
int page_samples(struct page *page);  /* of each run */
int page_settings(struct page *page); /* recipes, those values first that differ */
int page_code(struct page *page);     /* commits, and what differs */
int page_words(struct page *page);    /* health and notes */

#endif
