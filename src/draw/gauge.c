#include "draw/gauge.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "chart_parts.h"

enum { LINE = 0x2500, CROSS = 0x253C, LEFT_END = 0x251C, RIGHT_END = 0x2524, MIDDLE_LINE = 0x250A };
enum { BAND = 0xB7, REAL_MARKER = 0x25CF, FAKE_MARKER = 0x25CB, BOTH_MARKER = 0x25C9 };
enum { ROWS = 3, FIRST_TRAIL_ROWS = 6, FEWEST_COLUMNS = 20, REAL_LOOK = 1, FAKE_LOOK = 2 };

static const struct style quiet = { .attributes = STYLE_DIM };

/* One of the two. */
struct side {
    const char *name;
    uint32_t marker;
    int look;
    double value;
    const double *history;
};

/* The column of `columns` that shows a value; -1 for NaN. */
static int column_of(double value, int columns)
{
    if (isnan(value) || columns <= 0)
        return -1;
    return (int)(fmin(fmax(value, 0), 1) * (columns - 1) + 0.5);
}

/* --- one line --- */

static uint32_t line_character(const struct gauge *gauge, int x, int columns)
{
    bool is_real = column_of(gauge->real, columns) == x;
    bool is_fake = column_of(gauge->fake, columns) == x;
    if (is_real || is_fake)
        return is_real && is_fake ? 'X' : is_real ? 'R' : 'F';
    return x == columns / 2 ? CROSS : LINE;
}

char *gauge_text(struct arena *arena, const struct gauge *gauge, int columns, bool utf8)
{
    enum { LONGEST = 3 };
    columns = MAX(columns, 0);
    char *text = arena_alloc(arena, (size_t)columns * LONGEST + 2, 1), *end = text;
    for (int x = 0; x < columns; x++) {
        char bytes[5];
        uint32_t character = line_character(gauge, x, columns);
        int length = text_encode(utf8 ? character : (unsigned char)canvas_ascii(character), bytes);
        for (int i = 0; i < length; i++)
            *end++ = bytes[i];
    }
    *end = '\0';
    return text;
}

static void draw_line(struct canvas *canvas, struct rect rect, const struct gauge *gauge)
{
    for (int x = 0; x < rect.width; x++) {
        uint32_t character = line_character(gauge, x, rect.width);
        struct style style = character == 'R'   ? chart_style(REAL_LOOK)
                             : character == 'F' ? chart_style(FAKE_LOOK)
                             : character == 'X' ? (struct style){ 0 }
                                                : quiet;
        canvas_put(canvas, rect.x + x, rect.y, character, style);
    }
}

/* --- three rows --- */

static void draw_axis(struct canvas *canvas, struct rect axis)
{
    static const char middle[] = "0.5";
    int right = axis.x + axis.width - 1, columns = (int)sizeof middle - 1;
    canvas_put(canvas, axis.x - 2, axis.y, '0', quiet);
    canvas_fill(canvas, (struct rect){ axis.x, axis.y, axis.width, 1 }, LINE, quiet);
    canvas_put(canvas, axis.x, axis.y, LEFT_END, quiet);
    canvas_put(canvas, right, axis.y, RIGHT_END, quiet);
    canvas_text(canvas, (struct rect){ axis.x + (axis.width - columns) / 2, axis.y, columns, 1 },
                middle, (struct style){ 0 });
    canvas_put(canvas, right + 2, axis.y, '1', quiet);
}

/* Where its values were in the last quarter, as columns; the marker's own if there are none. */
static void find_band(const struct side *side, int count, int columns, int *first, int *last)
{
    enum { SHARE = 4, FEWEST = 16 };
    int start = side->history ? MAX(count - MAX(count / SHARE, FEWEST), 0) : count;
    *first = *last = column_of(side->value, columns);
    for (int i = start; i < count; i++) {
        int column = column_of(side->history[i], columns);
        if (column < 0)
            continue;
        *first = *first < 0 ? column : MIN(*first, column);
        *last = MAX(*last, column);
    }
}

/* Right of the band if there is room, else left of it, else over the half where the marker is not. */
static int place_label(int first, int last, int marker, int columns, int label)
{
    enum { GAP = 2 };
    if (last + GAP + label <= columns)
        return last < 0 ? 0 : last + GAP;
    if (first - GAP - label >= 0)
        return first - GAP - label + 1;
    return marker < columns / 2 ? columns - label : 0;
}

static void draw_lane(struct canvas *canvas, struct rect lane, const struct side *side, int count)
{
    char label[CHART_LABEL_SIZE + 8], value[CHART_LABEL_SIZE];
    int first, last, marker = column_of(side->value, lane.width);
    struct style style = chart_style(side->look);
    if (fabs(side->value) < 1)
        chart_write_fixed(value, side->value, 2);
    else
        chart_write_value(value, side->value);
    int length = snprintf(label, sizeof label, "%s %s", side->name, value);
    find_band(side, count, lane.width, &first, &last);
    for (int x = first; x <= last && first >= 0; x++)
        canvas_put(canvas, lane.x + x, lane.y, BAND, chart_faint_style(side->look));
    /* the label may stand to the right of the axis' end as well */
    int at = place_label(first, last, marker, lane.width + 2, MIN(length, lane.width));
    canvas_text(canvas, (struct rect){ lane.x + at, lane.y, length, 1 }, label, style);
    if (marker >= 0)
        canvas_put(canvas, lane.x + marker, lane.y, side->marker, style);
}

/* --- the history --- */

/* The mean of a share of the history, the newest first; NaN if there is none. */
static double mean_of_share(const double *history, int count, int share, int shares)
{
    int last = count - (int)((int64_t)share * count / shares);
    int first = count - (int)(((int64_t)share + 1) * count / shares), found = 0;
    double mean = 0;
    for (int i = history ? MAX(first, 0) : last; i < last; i++) {
        if (isnan(history[i]))
            continue;
        found++;
        mean += (fmin(fmax(history[i], 0), 1) - mean) / found;
    }
    return found > 0 ? mean : NAN;
}

static void draw_trail(struct canvas *canvas, struct rect rect, const struct side sides[2],
                       int count)
{
    int shares = MIN(rect.height, count), middle = column_of(0.5, rect.width);
    for (int row = 0; row < shares; row++) {
        int columns[2];
        canvas_put(canvas, rect.x + middle, rect.y + row, MIDDLE_LINE, quiet);
        for (int i = 0; i < 2; i++) {
            double mean = mean_of_share(sides[i].history, count, row, shares);
            columns[i] = column_of(mean, rect.width);
            if (columns[i] >= 0)
                canvas_put(canvas, rect.x + columns[i], rect.y + row, sides[i].marker,
                           chart_faint_style(sides[i].look));
        }
        if (columns[0] >= 0 && columns[0] == columns[1])
            canvas_put(canvas, rect.x + columns[0], rect.y + row, BOTH_MARKER, quiet);
    }
}

void gauge_draw(struct canvas *canvas, struct rect rect, const struct gauge *gauge)
{
    enum { ENDS = 2 }; /* columns of "0 " and " 1" */
    const struct side sides[2] = {
        { "real", REAL_MARKER, REAL_LOOK, gauge->real, gauge->real_history },
        { "fake", FAKE_MARKER, FAKE_LOOK, gauge->fake, gauge->fake_history },
    };
    canvas_fill(canvas, rect, ' ', (struct style){ 0 });
    if (rect.width < FEWEST_COLUMNS || rect.height < ROWS) {
        if (rect.height > 0)
            draw_line(canvas, rect, gauge);
        return;
    }
    struct rect plot = { rect.x + ENDS, rect.y, rect.width - 2 * ENDS, rect.height };
    plot.width -= plot.width % 2 == 0; /* so that there is a middle column */
    draw_lane(canvas, plot, &sides[0], gauge->count);
    plot.y++;
    draw_axis(canvas, plot);
    plot.y++;
    draw_lane(canvas, plot, &sides[1], gauge->count);
    plot.y++;
    plot.height -= ROWS;
    if (rect.height >= FIRST_TRAIL_ROWS)
        draw_trail(canvas, plot, sides, gauge->count);
}
