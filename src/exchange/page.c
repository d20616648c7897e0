#define _GNU_SOURCE
#include "exchange/page.h"

#include "page_parts.h"

/* What is broken in a run's facts is not the page's to say: it shows what there is. */
static int look_at(struct page *page, const struct table_run *from, struct page_run *out)
{
    struct arena *arena = &page->html.arena;
    out->run = from;
    out->directory = store_run_directory(arena, from->store, from->number);
    int error = catalogue_run(from->catalogue, arena, from->number, page->wish->now, &out->row);
    if (error)
        return error;
    run_read_facts(arena, &out->facts, from->store, from->number);
    out->label =
        out->row.name ? arena_printf(arena, "%s %s", from->title, out->row.name) : from->title;
    return 0;
}

int page_write(const struct outlet *outlet, const struct table_run *runs, int count,
               const struct page_wish *wish)
{
    static int (*const parts[])(struct page * page) = { page_curves, page_samples, page_words,
                                                        page_settings, page_code };
    struct page page = { .html = { .outlet = outlet }, .wish = wish, .count = count };
    int error = 0;
    page.runs = arena_alloc(&page.html.arena, (size_t)count, sizeof *page.runs);
    for (int i = 0; i < count && !error; i++)
        error = look_at(&page, &runs[i], &page.runs[i]);
    if (!error) {
        page_head(&page);
        page_runs(&page);
    }
    for (int i = 0; i < ARRAY_SIZE(parts) && !error; i++)
        error = parts[i](&page);
    html_print(&page.html, "</body></html>\n");
    arena_release(&page.html.arena);
    return error ? error : page.html.error;
}
