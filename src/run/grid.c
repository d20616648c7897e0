#include "run/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

enum { LEAST_SIDE = 8, MOST_PADDING = 8, LEAST_IMAGES = 4, MOST_ACROSS = 256 };

int grid_parse(const char *text, int *columns, int *rows)
{
    int used = 0;
    if (sscanf(text, "%4dx%4d%n", columns, rows, &used) == 2 && !text[used] && *columns > 0 &&
        *rows > 0 && *columns <= MOST_ACROSS && *rows <= MOST_ACROSS)
        return 0;
    return fail(ERR_INVALID, "a grid is written as columns and rows, '8x8', not '%.40s'", text);
}

static const uint8_t *pixel(const struct image *sheet, int x, int y)
{
    return sheet->pixels + (size_t)y * (size_t)sheet->width + (size_t)x;
}

/* Where image `i` of a row or column begins. */
static int begin_of(const struct grid *grid, int i)
{
    return i * (grid->side + grid->padding) + (grid->is_framed ? grid->padding : 0);
}

static int length_of(const struct grid *grid, int images)
{
    int gaps = images - 1 + (grid->is_framed ? 2 : 0);
    return images * grid->side + gaps * grid->padding;
}

struct moments_of_pixels {
    double sum, squares;
    int64_t count;
};

static void add(struct moments_of_pixels *all, uint8_t value)
{
    all->sum += value;
    all->squares += (double)value * value;
    all->count++;
}

static double variance(const struct moments_of_pixels *all)
{
    double mean = all->sum / (double)MAX(all->count, 1);
    return all->count > 0 ? fmax(all->squares / (double)all->count - mean * mean, 0) : 0;
}

/* Of what lies between images, and of their outermost pixels. */
static void look_between(const struct grid *grid, const struct image *sheet,
                         struct moments_of_pixels *lines, struct moments_of_pixels *edges)
{
    int step = grid->side + grid->padding, shift = grid->is_framed ? grid->padding : 0;
    for (int y = 0; y < sheet->height; y++)
        for (int x = 0; x < sheet->width; x++) {
            int across = (x - shift + step) % step, down = (y - shift + step) % step;
            bool is_line = across >= grid->side || down >= grid->side;
            bool is_edge = !is_line && (across == 0 || down == 0 || across == grid->side - 1 ||
                                        down == grid->side - 1);
            if (is_line)
                add(lines, *pixel(sheet, x, y));
            else if (is_edge)
                add(edges, *pixel(sheet, x, y));
        }
}

/* Lines that are drawn are of one grey; without any the edges of images are calm. */
static bool is_plausible(const struct grid *grid, const struct image *sheet, double whole)
{
    struct moments_of_pixels lines = { .count = 0 }, edges = { .count = 0 };
    look_between(grid, sheet, &lines, &edges);
    return grid->padding > 0 ? variance(&lines) < 1e-9 + whole * 1e-4
                             : variance(&edges) < whole * 0.1;
}

static bool fits(const struct grid *grid, const struct image *sheet)
{
    return length_of(grid, grid->columns) == sheet->width &&
           length_of(grid, grid->rows) == sheet->height;
}

/* The side that so many images across have in `length` pixels; 0: it is no whole number. */
static int side_of(const struct grid *grid, int length, int images)
{
    int gaps = (images - 1 + (grid->is_framed ? 2 : 0)) * grid->padding;
    return length > gaps && (length - gaps) % images == 0 ? (length - gaps) / images : 0;
}

/* All ways of drawing lines, most first, since thick lines would be edges of thin ones. */
static bool try_paddings(struct grid *grid, const struct image *sheet, double whole, bool is_asked,
                         bool is_free)
{
    for (int framed = 1; framed >= 0; framed--)
        for (grid->padding = MOST_PADDING; grid->padding >= (framed ? 1 : 0); grid->padding--) {
            grid->is_framed = framed;
            if (is_free) {
                int step = grid->side + grid->padding, frame = framed ? grid->padding : 0;
                grid->columns = (sheet->width - frame + (framed ? 0 : grid->padding)) / step;
                grid->rows = (sheet->height - frame + (framed ? 0 : grid->padding)) / step;
            } else {
                grid->side = side_of(grid, sheet->width, grid->columns);
            }
            if (grid->side >= LEAST_SIDE && grid->columns * grid->rows >= LEAST_IMAGES &&
                fits(grid, sheet) && (is_asked || is_plausible(grid, sheet, whole)))
                return true;
        }
    return false;
}

bool grid_find(struct grid *out, const struct image *sheet, int columns, int rows)
{
    struct moments_of_pixels all = { .count = 0 };
    for (size_t i = 0; i < (size_t)sheet->width * (size_t)sheet->height; i++)
        add(&all, sheet->pixels[i]);
    double whole = variance(&all);
    if (columns > 0) {
        *out = (struct grid){ .columns = columns, .rows = rows };
        if (try_paddings(out, sheet, whole, false, false))
            return true;
        *out = (struct grid){ .columns = columns, .rows = rows };
        return try_paddings(out, sheet, whole, true, false);
    }
    if (!(whole > 0))
        return false;
    int most = MIN(sheet->width, sheet->height);
    for (int side = LEAST_SIDE; side <= most; side++) {
        *out = (struct grid){ .side = side };
        if (try_paddings(out, sheet, whole, false, true))
            return true;
    }
    return false;
}

double grid_diversity(const struct grid *grid, const struct image *sheet)
{
    struct moments_of_pixels all = { .count = 0 };
    double between = 0;
    int images = grid->columns * grid->rows;
    for (int y = 0; y < grid->side; y++)
        for (int x = 0; x < grid->side; x++) {
            struct moments_of_pixels place = { .count = 0 };
            for (int i = 0; i < images; i++) {
                uint8_t value = *pixel(sheet, begin_of(grid, i % grid->columns) + x,
                                       begin_of(grid, i / grid->columns) + y);
                add(&place, value);
                add(&all, value);
            }
            between += variance(&place) * images / (images - 1);
        }
    double whole = variance(&all), area = (double)grid->side * grid->side;
    return whole > 0 ? sqrt(between / area / whole) / GRID_DIGITS : NAN;
}
