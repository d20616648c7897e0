#include "draw/bars.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "chart_parts.h"

enum { FULL_BLOCK = 0x2588, LOWEST_BLOCK = 0x2581, MARK = 0x2502, EIGHTHS = 8, GAP = 1 };

static const struct style quiet = { .attributes = STYLE_DIM };

/* Widths that are the same for all bars. */
struct columns {
    int label, bar, value; /* 0: left out */
    double most;           /* what a full bar stands for; > 0 */
};

static double mark_of(const struct bars *bars, int i)
{
    return bars->marks ? bars->marks[i] : NAN;
}

static const char *label_of(const struct bars *bars, int i)
{
    return bars->labels && bars->labels[i] ? bars->labels[i] : "";
}

static double most_of(const struct bars *bars)
{
    double most = 0;
    for (int i = 0; i < bars->count; i++) {
        double mark = mark_of(bars, i);
        most = fmax(most, isfinite(bars->values[i]) ? bars->values[i] : 0);
        most = fmax(most, isfinite(mark) ? mark : 0);
    }
    return most > 0 ? most : 1;
}

/* How many of `parts` a value fills; some if it is not 0. */
static int parts_of(double value, double most, int parts)
{
    if (!(value > 0) || parts <= 0)
        return 0;
    return MAX((int)(fmin(value / most, 1) * parts + 0.5), 1);
}

static struct columns measure(const struct bars *bars, int width)
{
    enum { SHORTEST_BAR = 4 };
    struct columns columns = { .most = most_of(bars) };
    for (int i = 0; i < bars->count; i++) {
        char value[CHART_LABEL_SIZE];
        chart_write_value(value, bars->values[i]);
        columns.value = MAX(columns.value, (int)strlen(value));
        columns.label = MAX(columns.label, text_columns(label_of(bars, i)));
    }
    columns.label = MIN(columns.label, width / 3);
    columns.bar = width - columns.value - GAP - (columns.label > 0 ? columns.label + GAP : 0);
    if (columns.bar < SHORTEST_BAR) { /* the value goes first */
        columns.bar += columns.value + GAP;
        columns.value = 0;
    }
    return columns;
}

static void draw_bar(struct canvas *canvas, int x, int y, const struct bars *bars, int i,
                     const struct columns *columns)
{
    int eighths = parts_of(bars->values[i], columns->most, columns->bar * EIGHTHS);
    for (int column = 0; column * EIGHTHS < eighths; column++) {
        int filled = MIN(eighths - column * EIGHTHS, EIGHTHS);
        canvas_put(canvas, x + column, y, (uint32_t)(FULL_BLOCK + EIGHTHS - filled), bars->style);
    }
    double mark = mark_of(bars, i);
    int at = isfinite(mark) ? parts_of(mark, columns->most, columns->bar) - 1 : -1;
    if (at < 0)
        return;
    struct style style = { 0 };
    if ((at + 1) * EIGHTHS <= eighths)
        style = (struct style){ bars->style.foreground, COLOUR_DEFAULT, STYLE_REVERSE };
    canvas_put(canvas, x + at, y, MARK, style);
}

static void draw_entry(struct canvas *canvas, struct rect rect, const struct bars *bars, int i,
                       const struct columns *columns)
{
    int x = rect.x;
    if (columns->label > 0) {
        canvas_text(canvas, (struct rect){ x, rect.y, columns->label, 1 }, label_of(bars, i),
                    (struct style){ 0 });
        x += columns->label + GAP;
    }
    draw_bar(canvas, x, rect.y, bars, i, columns);
    if (columns->value == 0)
        return;
    char value[CHART_LABEL_SIZE];
    chart_write_value(value, bars->values[i]);
    int length = (int)strlen(value);
    canvas_text(
        canvas,
        (struct rect){ x + columns->bar + GAP + columns->value - length, rect.y, length, 1 }, value,
        quiet);
}

/* A cell for each, as many as there is room for, with the first character of its name below. */
static void draw_cells(struct canvas *canvas, struct rect rect, const struct bars *bars)
{
    double most = most_of(bars);
    for (int i = 0; i < MIN(bars->count, rect.width); i++) {
        int eighths = parts_of(bars->values[i], most, EIGHTHS);
        uint32_t character = eighths > 0 ? (uint32_t)(LOWEST_BLOCK + eighths - 1) : ' ';
        canvas_put(canvas, rect.x + i, rect.y, isnan(bars->values[i]) ? '?' : character,
                   bars->style);
        const char *label = label_of(bars, i);
        char first[5];
        text_encode(text_next(&label), first);
        if (rect.height > 1)
            canvas_text(canvas, (struct rect){ rect.x + i, rect.y + 1, 1, 1 }, first, quiet);
    }
}

void bars_draw(struct canvas *canvas, struct rect rect, const struct bars *bars)
{
    enum { NARROWEST = 12, BETWEEN = 2 };
    canvas_fill(canvas, rect, ' ', (struct style){ 0 });
    if (bars->count <= 0 || rect.width <= 0 || rect.height <= 0)
        return;
    int across = (bars->count + rect.height - 1) / rect.height;
    int width = (rect.width - (across - 1) * BETWEEN) / across;
    if (across > 1 && width < NARROWEST) {
        draw_cells(canvas, rect, bars);
        return;
    }
    struct columns columns = measure(bars, width);
    int down = (bars->count + across - 1) / across;
    for (int i = 0; i < bars->count; i++) {
        struct rect place = { rect.x + i / down * (width + BETWEEN), rect.y + i % down, width, 1 };
        draw_entry(canvas, place, bars, i, &columns);
    }
}
