/* Recipes and code of a page, and what differs in them. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "name_map.h"
#include "page_parts.h"
#include "run/code.h"

/* --- recipes --- */

/* Values of all runs, a row a key. */
struct settings {
    struct name_map keys;
    const char **names;
    const char **values; /* (keys, runs); NULL: it has none */
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int gather(struct page *page, struct settings *out)
{
    struct arena *arena = &page->html.arena;
    struct setting_row **rows = arena_alloc(arena, (size_t)page->count, sizeof(void *));
    int *counts = arena_alloc(arena, (size_t)page->count, sizeof *counts);
    int error = 0;
    for (int i = 0; i < page->count && !error; i++) {
        error = catalogue_settings(page->runs[i].run->catalogue, arena, &page->runs[i].row.number,
                                   1, NULL, &rows[i], &counts[i]);
        for (int k = 0; k < counts[i] && !error; k++)
            name_number(&out->keys, rows[i][k].key);
    }
    if (error)
        return error;
    size_t count = (size_t)out->keys.count;
    out->names = arena_alloc(arena, count, sizeof *out->names);
    out->values = arena_alloc(arena, count * (size_t)page->count, sizeof *out->values);
    name_list(&out->keys, out->names);
    for (int i = 0; i < page->count; i++)
        for (int k = 0; k < counts[i]; k++)
            out->values[name_find(&out->keys, rows[i][k].key) * page->count + i] = rows[i][k].value;
    if (count > 0)
        qsort(out->names, count, sizeof *out->names, compare_names);
    return 0;
}

static const char *const *values_of(const struct page *page, const struct settings *settings,
                                    const char *name)
{
    return settings->values + name_find(&settings->keys, name) * page->count;
}

static bool differs(const struct page *page, const char *const *values)
{
    for (int i = 1; i < page->count; i++)
        if (strcmp(values[0] ? values[0] : "", values[i] ? values[i] : "") != 0)
            return true;
    return false;
}

/* Those that differ, or those that do not. */
static void put_table(struct page *page, const struct settings *settings, bool that_differ)
{
    struct html *html = &page->html;
    html_print(html, "<div class=\"wide\"><table>\n");
    if (that_differ) {
        html_print(html, "<tr><th></th>");
        for (int i = 0; i < page->count; i++)
            html_element(html, "th", page->runs[i].label);
        html_print(html, "</tr>\n");
    }
    for (int k = 0; k < settings->keys.count; k++) {
        const char *const *values = values_of(page, settings, settings->names[k]);
        if (differs(page, values) != that_differ)
            continue;
        html_print(html, "<tr>");
        html_element(html, "th", settings->names[k]);
        for (int i = 0; i < (that_differ ? page->count : 1); i++)
            html_element(html, "td", values[i]);
        html_print(html, "</tr>\n");
    }
    html_print(html, "</table></div>\n");
}

int page_settings(struct page *page)
{
    struct html *html = &page->html;
    struct settings settings = { .names = NULL };
    int error = gather(page, &settings), different = 0;
    for (int k = 0; k < settings.keys.count && !error; k++)
        different += differs(page, values_of(page, &settings, settings.names[k]));
    if (!error && settings.keys.count > 0) {
        html_print(html, "<h2>Recipe</h2>\n");
        if (different > 0)
            put_table(page, &settings, true);
        bool is_open = page->count == 1;
        html_print(html, "<details%s><summary>%s</summary>\n", is_open ? " open" : "",
                   is_open ? "All values" : "What is the same in all of them");
        put_table(page, &settings, false);
        html_print(html, "</details>\n");
    }
    name_map_release(&settings.keys);
    return error;
}

/* --- code --- */

enum { DIFF_MOST = 200000 /* bytes of a diff */ };

struct diff {
    struct html *html;
    size_t bytes;
    bool is_cut;
};

static int put_line(void *context, enum code_line_kind kind, const char *text, size_t length)
{
    static const char *const classes[] = { [CODE_LINE_FILE] = "f",
                                           [CODE_LINE_HUNK] = "h",
                                           [CODE_LINE_CONTEXT] = "",
                                           [CODE_LINE_ADDED] = "p",
                                           [CODE_LINE_REMOVED] = "m" };
    struct diff *diff = context;
    struct arena arena = { 0 };
    diff->bytes += length;
    if (diff->bytes > DIFF_MOST) {
        diff->is_cut = true;
        return 1;
    }
    const char *line = text_code_line(&arena, arena_strndup(&arena, text, length));
    if (kind != CODE_LINE_CONTEXT)
        html_print(diff->html, "<span class=\"%s\">", classes[kind]);
    html_text(diff->html, line);
    html_print(diff->html, "%s\n", kind != CODE_LINE_CONTEXT ? "</span>" : "");
    arena_release(&arena);
    return 0;
}

/* From one state of the code to another. `words` say which, and are our own. */
static void put_diff(struct page *page, const struct code_of *a, const struct code_of *b,
                     const char *words)
{
    struct html *html = &page->html;
    struct diff diff = { .html = html };
    html_print(html, "<details><summary>");
    html_text(html, words);
    html_print(html, "</summary><pre>");
    int result = code_diff(a, b, put_line, &diff, NULL);
    if (result < 0)
        html_text(html, error_text());
    else if (diff.is_cut)
        html_print(html, "<span class=\"h\">… more than fits here</span>");
    else if (diff.bytes == 0)
        html_print(html, "<span class=\"h\">nothing differs</span>");
    html_print(html, "</pre></details>\n");
}

static struct code_of code_of_run(const struct page_run *run)
{
    return (struct code_of){ run->run->store, run->row.number, &run->facts.code };
}

/* What was changed in the work tree and not yet committed. */
static void put_changes(struct page *page, const struct page_run *run)
{
    struct code_state clean = run->facts.code;
    const struct code_of pinned = code_of_run(run),
                         committed = { pinned.store, pinned.number, &clean };
    if (!clean.is_dirty || !clean.snapshot || !clean.commit)
        return;
    clean.snapshot = clean.commit;
    put_diff(page, &committed, &pinned, "What was not committed");
}

static void put_commit(struct page *page, const struct page_run *run)
{
    struct html *html = &page->html;
    const struct code_state *code = &run->facts.code;
    html_print(html, "<h3>Run ");
    html_text(html, run->label);
    html_print(html, "</h3>\n<p>");
    if (code->commit) {
        html_element(html, "code", arena_printf(&html->arena, "%.12s", code->commit));
        html_text(html, code->branch ? " on " : "");
        html_text(html, code->branch);
        html_text(html, code->subject ? ": " : "");
        html_text(html, code->subject);
        html_text(html, code->is_dirty ? " (with changes)" : "");
    }
    html_text(html, code->missing);
    html_print(html, "</p>\n");
    put_changes(page, run);
}

/* What differs between the run and the first. */
static void put_difference(struct page *page, const struct page_run *run)
{
    const struct page_run *first = &page->runs[0];
    const struct code_of a = code_of_run(first), b = code_of_run(run);
    const char *left = first->facts.code.snapshot, *right = run->facts.code.snapshot;
    if (run == first || !left || !right || strcmp(left, right) == 0)
        return;
    put_diff(page, &a, &b,
             arena_printf(&page->html.arena, "What differs from run %s", first->label));
}

int page_code(struct page *page)
{
    html_print(&page->html, "<h2>Code</h2>\n");
    for (int i = 0; i < page->count; i++) {
        put_commit(page, &page->runs[i]);
        put_difference(page, &page->runs[i]);
    }
    return 0;
}
