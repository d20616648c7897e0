#include "run/sheet.h"

#include <string.h>

#include "base/memory.h"

int sheet_columns(int count)
{
    int columns = 1;
    while (columns * columns < count)
        columns++;
    return columns;
}

static int sheet_rows(int count)
{
    int columns = sheet_columns(count);
    return (count + columns - 1) / columns;
}

/* The first pixel of image i on a sheet of `columns`. */
static size_t corner(int i, int columns, int height, int width)
{
    size_t stride = (size_t)columns * (size_t)width;
    return (size_t)(i / columns) * (size_t)height * stride + (size_t)(i % columns) * (size_t)width;
}

void sheet_make(struct image *out, const uint8_t *images, int count, int height, int width)
{
    int columns = sheet_columns(count);
    *out = (struct image){ .width = columns * width, .height = sheet_rows(count) * height };
    size_t stride = (size_t)out->width, row = (size_t)width;
    out->pixels = xcalloc((size_t)out->height, stride);
    for (int i = 0; i < count; i++) {
        uint8_t *to = out->pixels + corner(i, columns, height, width);
        for (int y = 0; y < height; y++, images += row)
            memcpy(to + (size_t)y * stride, images, row);
    }
}

int sheet_write(const char *path, const uint8_t *images, int count, int height, int width)
{
    struct image sheet;
    sheet_make(&sheet, images, count, height, width);
    int error = image_write_png(&sheet, path);
    image_release(&sheet);
    return error;
}

uint8_t *sheet_cut(const struct image *sheet, int count, int *height, int *width)
{
    int columns = sheet_columns(count), rows = sheet_rows(count);
    if (count < 1 || sheet->width % columns != 0 || sheet->height % rows != 0)
        return NULL;
    *width = sheet->width / columns;
    *height = sheet->height / rows;
    size_t stride = (size_t)sheet->width, row = (size_t)*width;
    uint8_t *images = xcalloc((size_t)count * (size_t)*height, row), *to = images;
    for (int i = 0; i < count; i++) {
        const uint8_t *from = sheet->pixels + corner(i, columns, *height, *width);
        for (int y = 0; y < *height; y++, to += row)
            memcpy(to, from + (size_t)y * stride, row);
    }
    return images;
}
