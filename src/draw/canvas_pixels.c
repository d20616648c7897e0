/* The pixel pictures of a canvas. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "draw/canvas.h"

void canvas_add_pixels(struct canvas *canvas, struct rect cells, const uint8_t *pixels, int height,
                       int width, bool is_signed)
{
    struct rect inside = rect_intersect(cells, canvas_bounds(canvas));
    bool is_cut = inside.width != cells.width || inside.height != cells.height;
    if (is_cut || cells.width <= 0 || cells.height <= 0 || height <= 0 || width <= 0)
        return;
    size_t size = (size_t)height * (size_t)width, count = (size_t)canvas->pixels_count;
    canvas->pixels = xrealloc(canvas->pixels, count + 1, sizeof *canvas->pixels);
    struct canvas_pixels *picture = &canvas->pixels[canvas->pixels_count++];
    *picture = (struct canvas_pixels){ cells, width, height, xmalloc(size), is_signed };
    memcpy(picture->pixels, pixels, size);
}

void canvas_clear_pixels(struct canvas *canvas, struct rect rect)
{
    int kept = 0;
    for (int i = 0; i < canvas->pixels_count; i++) {
        if (rect_intersect(canvas->pixels[i].cells, rect).width > 0)
            free(canvas->pixels[i].pixels);
        else
            canvas->pixels[kept++] = canvas->pixels[i];
    }
    canvas->pixels_count = kept;
}
