#include "print_images.h"

enum { LINES_BESIDE = 2 }; /* the heading, and the prompt that follows */

void print_images(const struct picture_sheet *sheet, enum picture_mode mode)
{
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    if (mode == PICTURE_AUTO)
        mode = picture_mode_for(&terminal);
    int rows = terminal.is_terminal ? terminal.rows - LINES_BESIDE : 0;
    if (rows <= 0 || picture_sheet_layout(sheet, terminal.columns, rows, mode).shown < sheet->count)
        rows = 0;
    picture_print_sheet(stdout, sheet, terminal.columns, rows, mode);
}
