#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "page_parts.h"

/* Colours of curves after Okabe and Ito (jfly.uni-koeln.de/color), which people tell apart who see
 * fewer colours; lighter ones on black. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--faint:#6a6a6a;--line:#d8d8d8;"
    "--soft:#f4f4f4;--add:#e3f5e3;--del:#fbe5e5;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#"
    "b0529a;"
    "--c4:#a07800;--c5:#3a8fc7;--c6:#7a4a1e;--c7:#5b5b5b}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#141414;--faint:#9c9c9c;"
    "--line:#3a3a3a;--soft:#1e1e1e;--add:#12351a;--del:#40191b;--c0:#56b4e9;--c1:#ee8a3c;"
    "--c2:#2fc99a;--c3:#d990c2;--c4:#f0e442;--c5:#8fc7ee;--c6:#c99a6b;--c7:#b9b9b9}}\n"
    "body{margin:0 auto;max-width:1100px;padding:24px;font:15px/1.5 system-ui,sans-serif;"
    "color:var(--ink);background:var(--paper)}\n"
    "h1{font-size:1.6em;margin:0 0 4px}h2{font-size:1.2em;margin:32px 0 8px}h3{font-size:1em;"
    "margin:16px 0 4px}p{margin:4px 0}\n"
    ".faint{color:var(--faint)}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".wide{overflow-x:auto}\n"
    "td,th{padding:3px 12px 3px 0;text-align:left;vertical-align:top;border-bottom:1px solid "
    "var(--line)}th{font-weight:600}td{overflow-wrap:anywhere}\n"
    ".curves{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:16px}"
    "figure{margin:0}figcaption{font-weight:600}\n"
    "svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;"
    "fill:var(--faint)}.a,.g{fill:none;stroke:var(--line)}.l{fill:none;stroke-width:1.6;"
    "stroke-linejoin:round;stroke-linecap:round}.b{stroke:none;opacity:.18}\n"
    ".key{display:inline-block;width:22px;height:4px;border-radius:2px;vertical-align:middle;"
    "margin-right:6px}.samples{display:flex;flex-wrap:wrap;gap:16px;align-items:end}\n"
    ".samples img{display:block;image-rendering:pixelated;max-width:100%;height:auto}.small "
    "img{width:160px}"
    ".large img{width:336px}\n"
    "pre{background:var(--soft);padding:8px;overflow-x:auto;font:12px/1.4 ui-monospace,monospace}"
    "pre .p{background:var(--add)}pre .m{background:var(--del)}pre .f{font-weight:700}"
    "pre .h{color:var(--faint)}summary{cursor:pointer}\n"
    "@media print{body{max-width:none;padding:0}figure,tr{break-inside:avoid}}\n";

static void put_title(struct page *page)
{
    struct html *html = &page->html;
    if (page->wish->title) {
        html_text(html, page->wish->title);
        return;
    }
    html_text(html, page->runs[0].row.experiment);
    html_print(html, page->count > 1 ? ": runs " : ": run ");
    for (int i = 0; i < page->count; i++) {
        html_print(html, "%s", i > 0 ? ", " : "");
        html_text(html, page->runs[i].label);
    }
}

void page_head(struct page *page)
{
    struct html *html = &page->html;
    html_print(html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'; img-src data:\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    put_title(page);
    html_print(html, "</title>\n<style>\n%s", style);
    for (int i = 0; i < 8; i++)
        html_print(
            html, ".l.c%d{stroke:var(--c%d)}.b.c%d,.key.c%d{fill:var(--c%d);background:var(--c%d)}",
            i, i, i, i, i, i);
    html_print(html, "\n</style></head><body>\n<h1>");
    put_title(page);
    html_print(html, "</h1>\n<p class=\"faint\">");
    html_text(html, format_moment(&html->arena, page->wish->now));
    html_print(html, ", gander %s</p>\n", GANDER_VERSION);
}

/* --- the table of runs --- */

static void put_fact(struct html *html, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    html_print(html, "<tr>");
    html_element(html, "th", name);
    html_element(html, "td", text);
    html_print(html, "</tr>\n");
}

static const char *progress_text(struct arena *arena, const struct run_row *row)
{
    const char *text = format_count(arena, (double)row->step);
    if (row->steps > 0)
        text = arena_printf(arena, "%s of %s", text, format_count(arena, (double)row->steps));
    return row->took > 0 ? arena_printf(arena, "%s in %s", text, format_duration(arena, row->took))
                         : text;
}

static const char *tags_text(struct arena *arena, const struct run_row *row)
{
    const char *text = "";
    for (int i = 0; i < row->tag_count; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "", row->tags[i]);
    return text;
}

static const char *state_text(struct arena *arena, const struct run_row *row)
{
    return arena_printf(arena, "%s%s%s", run_state_name(row->state), row->reason ? ": " : "",
                        row->reason ? row->reason : "");
}

static void put_one(struct page *page)
{
    struct html *html = &page->html;
    struct arena *arena = &html->arena;
    const struct run_row *row = &page->runs[0].row;
    const struct run_origin *origin = &page->runs[0].facts.origin;
    html_print(html, "<table>\n");
    put_fact(html, "state", state_text(arena, row));
    put_fact(html, "health", row->health);
    put_fact(html, "step", progress_text(arena, row));
    put_fact(html, "created",
             arena_printf(arena, "%s%s%s", format_moment(arena, row->created),
                          row->host ? " on " : "", row->host ? row->host : ""));
    put_fact(html, row->is_command ? "command" : "typed", row->command);
    put_fact(html, "data", row->data);
    put_fact(html, "tags", tags_text(arena, row));
    put_fact(html, "made of", origin->path);
    html_print(html, "</table>\n");
}

void page_runs(struct page *page)
{
    static const char *const heads[] = { "run",  "experiment", "state",   "health",
                                         "step", "took",       "created", "tags" };
    struct html *html = &page->html;
    struct arena *arena = &html->arena;
    if (page->count == 1) {
        put_one(page);
        return;
    }
    html_print(html, "<div class=\"wide\"><table>\n<tr>");
    for (int i = 0; i < ARRAY_SIZE(heads); i++)
        html_element(html, "th", heads[i]);
    html_print(html, "</tr>\n");
    for (int i = 0; i < page->count; i++) {
        const struct run_row *row = &page->runs[i].row;
        html_print(html, "<tr>");
        html_element(html, "td", page->runs[i].label);
        html_element(html, "td", row->experiment);
        html_element(html, "td", state_text(arena, row));
        html_element(html, "td", row->health);
        html_element(html, "td", format_count(arena, (double)row->step));
        html_element(html, "td", row->took > 0 ? format_duration(arena, row->took) : "");
        html_element(html, "td", format_moment(arena, row->created));
        html_element(html, "td", tags_text(arena, row));
        html_print(html, "</tr>\n");
    }
    html_print(html, "</table></div>\n");
}
