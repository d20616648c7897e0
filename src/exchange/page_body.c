/* Curves, samples and words of a page. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "base/text.h"
#include "name_map.h"
#include "page_parts.h"
#include "record/metric.h"
#include "svg_chart.h"

/* --- curves --- */

enum { CHARTS_MOST = 64 };

/* Of all runs, in the order in which they came. */
static int metric_names(struct page *page, struct name_map *names)
{
    for (int i = 0; i < page->wish->metric_count; i++)
        name_number(names, page->wish->metrics[i]);
    for (int i = 0; i < page->count && page->wish->metric_count == 0; i++) {
        struct run_metric *metrics;
        int count;
        int error = catalogue_metrics(page->runs[i].run->catalogue, &page->html.arena,
                                      &page->runs[i].row.number, 1, NULL, &metrics, &count);
        if (error)
            return error;
        for (int k = 0; k < count; k++)
            if (strncmp(metrics[k].name, "use.", 4) != 0)
                name_number(names, metrics[k].name);
    }
    return 0;
}

static int put_chart(struct page *page, const char *name)
{
    struct arena *arena = &page->html.arena;
    struct svg_curve *curves = arena_alloc(arena, (size_t)page->count, sizeof *curves);
    bool is_there = false;
    for (int i = 0; i < page->count; i++) {
        curves[i].colour = i % SVG_COLOURS;
        curves[i].title = page->runs[i].label;
        int error = catalogue_series(page->runs[i].run->catalogue, arena, page->runs[i].row.number,
                                     name, NAN, NAN, SVG_POINTS, &curves[i].series);
        if (error)
            return error;
        is_there = is_there || curves[i].series.count > 0;
    }
    if (!is_there)
        return fail(ERR_NOT_FOUND, "no run has a metric '%.200s'", name);
    svg_chart(&page->html, metric_label(name), curves, page->count);
    return 0;
}

static void put_legend(struct page *page)
{
    html_print(&page->html, "<p>");
    for (int i = 0; i < page->count; i++) {
        html_print(&page->html, "<span class=\"key c%d\"></span>run ", i % SVG_COLOURS);
        html_text(&page->html, page->runs[i].label);
        html_print(&page->html, " &emsp; ");
    }
    html_print(&page->html, "</p>\n");
}

/* The last value of a metric in each run, the best of them bold. */
static int put_values(struct page *page, const char *name)
{
    struct html *html = &page->html;
    enum direction direction = metric_direction(name, page->wish->config);
    double *values = arena_alloc(&html->arena, (size_t)page->count, sizeof *values), best = NAN;
    bool *has = arena_alloc(&html->arena, (size_t)page->count, sizeof *has);
    for (int i = 0; i < page->count; i++) {
        struct run_metric *metrics;
        int count;
        int error = catalogue_metrics(page->runs[i].run->catalogue, &html->arena,
                                      &page->runs[i].row.number, 1, name, &metrics, &count);
        if (error)
            return error;
        has[i] = count > 0;
        values[i] = count > 0 ? metrics[0].last : NAN;
        best = direction == DIRECTION_SMALLER  ? fmin(best, values[i])
               : direction == DIRECTION_LARGER ? fmax(best, values[i])
                                               : NAN;
    }
    html_print(html, "<tr>");
    html_element(html, "th", metric_label(name));
    for (int i = 0; i < page->count; i++) {
        html_print(html, "<td>%s", values[i] == best ? "<b>" : "");
        html_text(html, has[i] ? metric_format(&html->arena, name, values[i]) : "");
        html_print(html, "%s</td>", values[i] == best ? "</b>" : "");
    }
    html_print(html, "</tr>\n");
    return 0;
}

static int put_all_values(struct page *page, const char *const *names, int count)
{
    int error = 0;
    html_print(&page->html, "<h3>Last values</h3>\n<div class=\"wide\"><table>\n<tr><th></th>");
    for (int i = 0; i < page->count; i++)
        html_element(&page->html, "th", page->runs[i].label);
    html_print(&page->html, "</tr>\n");
    for (int i = 0; i < count && !error; i++)
        error = put_values(page, names[i]);
    html_print(&page->html, "</table></div>\n");
    return error;
}

int page_curves(struct page *page)
{
    struct name_map names = { .count = 0 };
    int error = metric_names(page, &names);
    const char **list = arena_alloc(&page->html.arena, (size_t)names.count, sizeof *list);
    name_list(&names, list);
    if (!error && names.count > 0) {
        html_print(&page->html, "<h2>Curves</h2>\n");
        if (page->count > 1)
            put_legend(page);
        html_print(&page->html, "<div class=\"curves\">\n");
        for (int i = 0; i < MIN(names.count, CHARTS_MOST) && !error; i++)
            error = put_chart(page, list[i]);
        html_print(&page->html, "</div>\n");
        if (names.count > CHARTS_MOST)
            html_print(&page->html, "<p class=\"faint\">%d more metrics are left out.</p>\n",
                       names.count - CHARTS_MOST);
        if (!error)
            error = put_all_values(page, list, MIN(names.count, CHARTS_MOST));
    }
    name_map_release(&names);
    return error;
}

/* --- samples --- */

enum { EARLIER = 5, FILE_MOST = 1 << 20 /* bytes */, SIDE_MOST = 4096 };

/* False, and nothing put, for what is no image, or too large to send about. */
static bool put_image(struct page *page, const char *path, int64_t step)
{
    struct html *html = &page->html;
    struct stat status;
    struct image image = { .width = 0 };
    char *data;
    size_t size;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
        file_read(path, FILE_MOST, &data, &size) < 0)
        return false;
    bool is_good = image_decode_png(&image, data, size, SIDE_MOST, path_base(path)) == 0;
    if (is_good) {
        const char *words = format_count(&html->arena, (double)step);
        html_print(html,
                   "<figure><img alt=\"samples of step %s\" width=\"%d\" height=\"%d\" "
                   "src=\"data:image/png;base64,",
                   words, image.width, image.height);
        html_base64(html, data, size);
        html_print(html, "\"><span class=\"faint\">step %s</span></figure>\n", words);
    }
    image_release(&image);
    free(data);
    return is_good;
}

/* The last, and before it some that lie as far apart as can be. */
static int put_samples(struct page *page, const struct page_run *run)
{
    struct html *html = &page->html;
    struct run_file *files;
    int count;
    int error = run_list_samples(&html->arena, run->directory, &files, &count);
    if (error || count == 0)
        return error;
    html_print(html, "<h3>Run ");
    html_text(html, run->label);
    html_print(html, "</h3>\n<div class=\"samples large\">\n");
    int last = count - 1;
    while (last >= 0 && !put_image(page, files[last].path, files[last].step))
        last--;
    html_print(html, "</div>\n<div class=\"samples small\">\n");
    int earlier = MIN(EARLIER, MAX(last, 0));
    for (int i = 0; i < earlier; i++) {
        int at = (int)((int64_t)i * last / earlier);
        put_image(page, files[at].path, files[at].step);
    }
    html_print(html, "</div>\n");
    if (last < 0)
        html_print(html, "<p class=\"faint\">Its samples cannot be shown here.</p>\n");
    return 0;
}

int page_samples(struct page *page)
{
    bool is_first = true;
    int error = 0;
    for (int i = 0; i < page->count && !error; i++) {
        struct run_file *files;
        int count;
        error = run_list_samples(&page->html.arena, page->runs[i].directory, &files, &count);
        if (error || count == 0)
            continue;
        if (is_first)
            html_print(&page->html, "<h2>Samples</h2>\n");
        is_first = false;
        error = put_samples(page, &page->runs[i]);
    }
    return error;
}

/* --- health and notes --- */

static void put_run_title(struct page *page, const struct page_run *run)
{
    if (page->count < 2)
        return;
    html_print(&page->html, "<h3>Run ");
    html_text(&page->html, run->label);
    html_print(&page->html, "</h3>\n");
}

static int put_health(struct page *page, const struct page_run *run, bool *is_first)
{
    struct html *html = &page->html;
    struct health_row *rows;
    int count;
    int error = catalogue_health(run->run->catalogue, &html->arena, run->row.number, &rows, &count);
    if (error || count == 0)
        return error;
    if (*is_first)
        html_print(html, "<h2>Health</h2>\n");
    *is_first = false;
    put_run_title(page, run);
    html_print(html, "<table>\n");
    for (int i = 0; i < count; i++) {
        html_print(html, "<tr><td>step %s</td>", format_count(&html->arena, (double)rows[i].step));
        html_element(html, "td", rows[i].state);
        html_element(html, "td", rows[i].why);
        html_print(html, "</tr>\n");
    }
    html_print(html, "</table>\n");
    return 0;
}

static int put_notes(struct page *page, const struct page_run *run, bool *is_first)
{
    struct html *html = &page->html;
    struct note_row *rows;
    int count;
    int error = catalogue_notes(run->run->catalogue, &html->arena, run->row.number, &rows, &count);
    if (error || count == 0)
        return error;
    if (*is_first)
        html_print(html, "<h2>Notes</h2>\n");
    *is_first = false;
    put_run_title(page, run);
    for (int i = 0; i < count; i++) {
        html_print(html, "<p class=\"faint\">");
        html_text(html, format_moment(&html->arena, rows[i].time));
        html_text(html, rows[i].author ? ", " : "");
        html_text(html, rows[i].author);
        html_print(html, "</p><p>");
        html_lines(html, rows[i].text);
        html_print(html, "</p>\n");
    }
    return 0;
}

int page_words(struct page *page)
{
    bool is_first = true;
    int error = 0;
    for (int i = 0; i < page->count && !error; i++)
        error = put_health(page, &page->runs[i], &is_first);
    is_first = true;
    for (int i = 0; i < page->count && !error; i++)
        error = put_notes(page, &page->runs[i], &is_first);
    return error;
}
