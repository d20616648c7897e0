/* Sheets: how many images fit, how large, and where. */
#include "draw/picture.h"
#include "picture_parts.h"

/* Pixels of an image on a column where it is as small as can be told apart. */
static int densest(enum picture_mode mode)
{
    static const int pixels[] = { [PICTURE_ASCII] = 1,
                                  [PICTURE_HALF] = 1,
                                  [PICTURE_SEXTANT] = 2,
                                  [PICTURE_BRAILLE] = 2,
                                  [PICTURE_PIXELS] = 4 };
    return pixels[mode];
}

/* Columns of one image below which it cannot be read … */
static int legible_columns(const struct picture_sheet *sheet, enum picture_mode mode)
{
    int dense = densest(mode), natural = (sheet->width + dense - 1) / dense;
    return MIN(natural, dense == 1 ? 10 : 7);
}

/* … and above which it gains nothing. */
static int largest_columns(const struct picture_sheet *sheet, enum picture_mode mode)
{
    return mode == PICTURE_BRAILLE ? sheet->width : 2 * sheet->width;
}

static int rows_of(const struct picture_sheet *sheet, int across)
{
    return (int)(((int64_t)sheet->count + across - 1) / across);
}

/* The size of each image when all of them stand in rows of `across`, a column apart (if there is
 * room for that) and `rows` high in all (0: as it comes). */
static struct picture_size size_of_all(const struct picture_sheet *sheet, enum picture_mode mode,
                                       int across, int columns, int rows)
{
    int label = sheet->labels ? 1 : 0, most = largest_columns(sheet, mode);
    int each =
        MAX((columns - (across - 1)) / across, MIN(columns / across, legible_columns(sheet, mode)));
    int high = rows > 0 ? rows / rows_of(sheet, across) - label : 0;
    if (rows > 0 && high <= 0)
        return (struct picture_size){ 0 };
    return picture_fit(sheet->height, sheet->width, picture_units(mode), MIN(each, most), high);
}

/* So many images in a row, or fewer, so that no group is torn. */
static int whole_groups(const struct picture_sheet *sheet, int across)
{
    return sheet->group > 0 && across >= sheet->group ? across - across % sheet->group : across;
}

static bool keeps_groups(const struct picture_sheet *sheet, int across)
{
    return across >= MIN(sheet->group, sheet->count) && across == whole_groups(sheet, across);
}

/* The number of images in a row with which all of them get largest, in the fewest rows. */
static int best_across(const struct picture_sheet *sheet, enum picture_mode mode, int columns,
                       int rows)
{
    int best = 1, largest = 0;
    for (int across = 1; across <= MIN(sheet->count, columns); across++) {
        struct picture_size size = size_of_all(sheet, mode, across, columns, rows);
        if (size.width < largest || !keeps_groups(sheet, across))
            continue;
        largest = size.width;
        best = across;
    }
    return best;
}

/* As many rows as images in a row, if they are legible so. */
static int square_across(const struct picture_sheet *sheet, enum picture_mode mode, int columns)
{
    int across = 1;
    while ((int64_t)across * across < sheet->count)
        across++;
    across = MAX(across, MIN(sheet->group, sheet->count));
    return whole_groups(sheet, MAX(MIN(across, columns / legible_columns(sheet, mode)), 1));
}

/* The smallest legible size, and how many of that stand side by side. */
static struct picture_size size_of_some(const struct picture_sheet *sheet, enum picture_mode mode,
                                        int columns, int rows, int *across)
{
    int high = rows - (sheet->labels ? 1 : 0);
    if (high <= 0)
        return (struct picture_size){ 0 };
    int each = MIN(legible_columns(sheet, mode), columns);
    struct picture_size size =
        picture_fit(sheet->height, sheet->width, picture_units(mode), each, high);
    *across = whole_groups(sheet, MIN(columns / size.columns, sheet->count));
    return size;
}

struct picture_layout picture_sheet_layout(const struct picture_sheet *sheet, int columns, int rows,
                                           enum picture_mode mode)
{
    if (sheet->count <= 0 || sheet->height <= 0 || sheet->width <= 0 || columns <= 0 || rows < 0)
        return (struct picture_layout){ 0 };
    int across =
        rows > 0 ? best_across(sheet, mode, columns, rows) : square_across(sheet, mode, columns);
    struct picture_size size = size_of_all(sheet, mode, across, columns, rows);
    if (rows > 0 && size.columns < legible_columns(sheet, mode))
        size = size_of_some(sheet, mode, columns, rows, &across);
    if (size.columns == 0)
        return (struct picture_layout){ 0 };

    int pitch = size.rows + (sheet->labels ? 1 : 0), down = rows_of(sheet, across);
    down = rows > 0 ? MIN(down, rows / pitch) : down;
    int gap = across * (size.columns + 1) - 1 <= columns ? 1 : 0;
    return (struct picture_layout){
        .shown = MIN(sheet->count, across * down),
        .across = across,
        .down = down,
        .columns = size.columns,
        .rows = size.rows,
        .gap = gap,
        .width = across * (size.columns + gap) - gap,
        .height = down * pitch,
    };
}

static void draw_laid_out(struct canvas *canvas, int x, int y, const struct picture_sheet *sheet,
                          const struct picture_layout *layout, enum picture_mode mode)
{
    int pitch = layout->rows + (sheet->labels ? 1 : 0);
    size_t bytes = (size_t)sheet->height * (size_t)sheet->width;
    struct style black = { colour_grey(255), colour_grey(0), 0 };
    for (int row = 0; row < layout->down; row++)
        canvas_fill(canvas, (struct rect){ x, y + row * pitch, layout->width, layout->rows }, ' ',
                    black);
    for (int i = 0; i < layout->shown; i++) {
        struct rect place = {
            .x = x + i % layout->across * (layout->columns + layout->gap),
            .y = y + i / layout->across * pitch,
            .width = layout->columns,
            .height = layout->rows,
        };
        picture_draw(canvas, place, sheet->images + (size_t)i * bytes, sheet->height, sheet->width,
                     mode);
        place.y += layout->rows;
        if (sheet->labels && sheet->labels[i])
            canvas_text(canvas, place, sheet->labels[i], (struct style){ .attributes = STYLE_DIM });
    }
}

struct picture_layout picture_sheet_draw(struct canvas *canvas, struct rect rect,
                                         const struct picture_sheet *sheet, enum picture_mode mode)
{
    struct picture_layout layout = { 0 };
    if (rect.height > 0)
        layout = picture_sheet_layout(sheet, rect.width, rect.height, mode);
    draw_laid_out(canvas, rect.x, rect.y, sheet, &layout, mode);
    return layout;
}

int picture_print_sheet(FILE *stream, const struct picture_sheet *sheet, int columns, int rows,
                        enum picture_mode mode)
{
    struct terminal terminal;
    terminal_probe(&terminal, stream);
    if (mode == PICTURE_AUTO)
        mode = picture_mode_for(&terminal);
    else if (mode != PICTURE_ASCII)
        terminal.utf8 = true; /* who asks for these characters shall have them */

    struct picture_layout layout = picture_sheet_layout(sheet, columns, rows, mode);
    struct canvas canvas;
    canvas_init(&canvas, layout.width, layout.height);
    draw_laid_out(&canvas, 0, 0, sheet, &layout, mode);
    canvas_print(&canvas, stream, &terminal);
    canvas_release(&canvas);
    return layout.height;
}
