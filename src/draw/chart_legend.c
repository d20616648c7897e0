/* The legend: marker, name and value of each series, in as many lines as there are. */
#include <string.h>

#include "base/text.h"
#include "chart_parts.h"

enum { BETWEEN = 3, SHORT_NAME = 8, SHORTEST_NAME = 6, ELLIPSIS = 0x2026 };

/* The value at the cursor, else the last one. */
static void write_current(char out[CHART_LABEL_SIZE], const struct chart *chart,
                          const struct chart_series *series)
{
    int at = chart->has_cursor ? chart_nearest(series, chart->cursor) : series->count - 1;
    out[0] = '\0';
    if (at >= 0)
        chart_write_value(out, series->mean[at]);
}

void legend_init(struct legend *legend, const struct chart *chart)
{
    *legend = (struct legend){ .has_markers = chart_curves(chart) > 1 };
    if (chart->legend == CHART_LEGEND_NONE)
        return;
    for (int i = 0; i < chart->series_count; i++) {
        const struct chart_series *series = &chart->series[i];
        if (series->is_faint || !series->name)
            continue;
        if (legend->count == CHART_ENTRIES) {
            legend->is_cut = true;
            return;
        }
        struct legend_entry *entry = &legend->entries[legend->count++];
        entry->name = series->name;
        entry->look = chart_look(chart, i);
        entry->is_emphasised = series->is_emphasised;
        write_current(entry->value, chart, series);
        entry->name_columns = text_columns(entry->name);
        entry->value_columns = (int)strlen(entry->value);
    }
}

/* How entries are put into lines. One line is filled as it comes, several have columns. */
struct flow {
    int limit; /* columns of the longest name */
    bool has_values;
    int pitch;   /* columns from one entry to the next; 0: as it comes */
    int across;  /* entries in a line */
    int lines;   /* no more than there may be */
    int fitting; /* entries that have a place */
    bool fits;   /* all have one */
};

static int entry_columns(const struct legend *legend, int index, const struct flow *flow)
{
    const struct legend_entry *entry = &legend->entries[index];
    return (legend->has_markers ? 2 : 0) + MIN(entry->name_columns, flow->limit) +
           (flow->has_values ? 1 + entry->value_columns : 0);
}

static int columns_in_line(const struct legend *legend, const struct flow *flow)
{
    int columns = -BETWEEN;
    for (int i = 0; i < legend->count; i++)
        columns += BETWEEN + entry_columns(legend, i, flow);
    return MAX(columns, 0);
}

static struct flow flow_of(const struct legend *legend, int limit, bool has_values, int columns,
                           int most_lines)
{
    struct flow flow = { limit,         has_values, 0, legend->count, MIN(legend->count, 1),
                         legend->count, true };
    if (columns_in_line(legend, &flow) <= columns)
        return flow;
    flow.pitch = 1;
    for (int i = 0; i < legend->count; i++)
        flow.pitch = MAX(flow.pitch, BETWEEN + entry_columns(legend, i, &flow));
    flow.across = MAX((columns + BETWEEN) / flow.pitch, 1);
    flow.lines = MIN((legend->count + flow.across - 1) / flow.across, most_lines);
    flow.fitting = MIN(legend->count, flow.lines * flow.across);
    flow.fits = flow.fitting == legend->count && flow.pitch - BETWEEN <= columns;
    return flow;
}

/* With the longest names, down to `shortest` columns, with which all entries fit. */
static struct flow longest_flow(const struct legend *legend, int shortest, bool has_values,
                                int columns, int most_lines)
{
    int limit = shortest;
    for (int i = 0; i < legend->count; i++)
        limit = MAX(limit, MIN(legend->entries[i].name_columns, columns));
    for (;; limit--) {
        struct flow flow = flow_of(legend, limit, has_values, columns, most_lines);
        if (flow.fits || limit <= shortest)
            return flow;
    }
}

/* Values are left out where names would else be cut badly. */
static struct flow best_flow(const struct legend *legend, int columns, int most_lines)
{
    struct flow flow = longest_flow(legend, SHORT_NAME, true, columns, most_lines);
    return flow.fits ? flow : longest_flow(legend, SHORTEST_NAME, false, columns, most_lines);
}

int legend_columns(const struct legend *legend)
{
    struct flow flow = { .limit = CHART_SIDE, .has_values = true };
    return columns_in_line(legend, &flow);
}

int legend_lines(const struct legend *legend, int columns, int most_lines)
{
    return best_flow(legend, columns, most_lines).lines;
}

static void draw_entry(const struct legend *legend, int index, const struct flow *flow,
                       enum chart_glyphs glyphs, struct canvas *canvas, struct rect place)
{
    const struct legend_entry *entry = &legend->entries[index];
    struct style colour = chart_style(entry->look);
    if (legend->has_markers) {
        canvas_put(canvas, place.x, place.y, chart_marker(entry->look, glyphs), colour);
        place.x += 2, place.width -= 2;
    }
    int columns = MIN(MIN(entry->name_columns, flow->limit), place.width);
    struct style style = legend->has_markers ? (struct style){ 0 } : colour;
    style.attributes = entry->is_emphasised ? STYLE_BOLD : 0;
    canvas_text(canvas, (struct rect){ place.x, place.y, columns, 1 }, entry->name, style);
    place.x += columns + 1, place.width -= columns + 1;
    if (flow->has_values)
        canvas_text(canvas, place, entry->value, (struct style){ .attributes = STYLE_BOLD });
}

void legend_draw(const struct legend *legend, enum chart_glyphs glyphs, struct canvas *canvas,
                 struct rect rect)
{
    int x = 0, y = rect.y;
    struct flow flow = best_flow(legend, rect.width, rect.height);
    for (int i = 0; i < flow.fitting; i++) {
        if (i > 0 && i % flow.across == 0)
            x = 0, y++;
        draw_entry(legend, i, &flow, glyphs, canvas,
                   (struct rect){ rect.x + x, y, rect.width - x, 1 });
        x += flow.pitch > 0 ? flow.pitch : entry_columns(legend, i, &flow) + BETWEEN;
    }
    x -= BETWEEN - 1;
    if ((flow.fitting < legend->count || legend->is_cut) && x < rect.width)
        canvas_put(canvas, rect.x + x, y, chart_character(glyphs, ELLIPSIS), (struct style){ 0 });
}
