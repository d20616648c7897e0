#define _GNU_SOURCE
#include "screen_pixels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fnv.h"
#include "base/memory.h"
#include "draw/pixels.h"

enum { ID_BITS = 8 /* pictures of one process that have ids of their own */ };

void screen_pixels_release(struct screen_pixels *pixels)
{
    free(pixels->sent);
    free(pixels->leaving);
    *pixels = (struct screen_pixels){ .count = 0 };
}

static uint64_t hash_of(const struct canvas_pixels *picture)
{
    uint64_t hash = fnv_integer(FNV_START, picture->width);
    hash = fnv_integer(hash, picture->is_signed);
    return fnv_bytes(hash, picture->pixels, (size_t)picture->width * (size_t)picture->height);
}

static bool is_same_place(struct rect a, struct rect b)
{
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

/* A sixel picture that touches the last row would scroll the screen. */
static bool can_show(const struct screen_pixels *pixels, const struct canvas *canvas,
                     const struct canvas_pixels *picture)
{
    return pixels->protocol == PIXELS_KITTY ||
           (pixels->protocol == PIXELS_SIXEL &&
            picture->cells.y + picture->cells.height < canvas->height);
}

/* --- what goes --- */

static void drop(struct screen_pixels *pixels, int at)
{
    if (pixels->protocol == PIXELS_KITTY) {
        char *bytes = pixels_kitty_delete(pixels->sent[at].id);
        char *before = pixels->leaving;
        pixels->leaving = xasprintf("%s%s", before ? before : "", bytes);
        free(before);
        free(bytes);
    }
    pixels->sent[at] = pixels->sent[--pixels->count];
}

void screen_pixels_forget(struct screen_pixels *pixels)
{
    while (pixels->count > 0)
        drop(pixels, pixels->count - 1);
}

void screen_pixels_set(struct screen_pixels *pixels, enum pixel_protocol protocol, int cell_width,
                       int cell_height)
{
    screen_pixels_forget(pixels);
    pixels->protocol = protocol;
    pixels->cell_width = cell_width;
    pixels->cell_height = cell_height;
}

static bool is_on(const struct screen_pixels *pixels, const struct canvas *canvas,
                  const struct sent_picture *sent)
{
    for (int i = 0; i < canvas->pixels_count; i++)
        if (is_same_place(canvas->pixels[i].cells, sent->cells) &&
            can_show(pixels, canvas, &canvas->pixels[i]))
            return true;
    return false;
}

void screen_pixels_uncover(struct screen_pixels *pixels, const struct canvas *canvas, int *rows)
{
    for (int i = pixels->count - 1; i >= 0; i--) {
        struct rect cells = pixels->sent[i].cells;
        if (is_on(pixels, canvas, &pixels->sent[i]))
            continue;
        for (int y = cells.y; y < MIN(cells.y + cells.height, canvas->height); y++)
            if (pixels->protocol == PIXELS_SIXEL)
                rows[y] = 0;
        drop(pixels, i);
    }
}

char *screen_pixels_leave(struct screen_pixels *pixels)
{
    screen_pixels_forget(pixels);
    char *bytes = pixels->leaving;
    pixels->leaving = NULL;
    return bytes;
}

/* --- what comes --- */

static struct sent_picture *find(const struct screen_pixels *pixels, struct rect cells)
{
    for (int i = 0; i < pixels->count; i++)
        if (is_same_place(pixels->sent[i].cells, cells))
            return &pixels->sent[i];
    return NULL;
}

static struct sent_picture *add(struct screen_pixels *pixels, struct rect cells)
{
    uint32_t base = ((uint32_t)getpid() & 0xffffff) << ID_BITS;
    pixels->last_id = pixels->last_id % ((1 << ID_BITS) - 1) + 1;
    pixels->sent = xrealloc(pixels->sent, (size_t)pixels->count + 1, sizeof *pixels->sent);
    pixels->sent[pixels->count] = (struct sent_picture){ cells, 0, base + pixels->last_id };
    return &pixels->sent[pixels->count++];
}

/* Cells that were written took the sixels there with them. Curses may clear a row up to its end, and
 * writes over what lies between two changes where that is shorter. */
static bool is_written_over(const struct screen_pixels *pixels, struct rect cells, const int *rows)
{
    if (pixels->protocol != PIXELS_SIXEL)
        return false;
    for (int y = cells.y; y < cells.y + cells.height; y++)
        if (rows[y] < cells.x + cells.width)
            return true;
    return false;
}

static void put(const struct screen_pixels *pixels, FILE *stream,
                const struct canvas_pixels *picture, uint32_t id)
{
    size_t size = 0;
    char *bytes = pixels->protocol == PIXELS_KITTY
                      ? pixels_kitty(picture, pixels->cell_width, pixels->cell_height, id, &size)
                      : pixels_sixel(picture, pixels->cell_width, pixels->cell_height, &size);
    fprintf(stream, "\033[%d;%dH", picture->cells.y + 1, picture->cells.x + 1);
    fwrite(bytes, 1, size, stream);
    free(bytes);
}

/* Returns the cells that it covers; 0 if it stands there already. */
static int64_t show(struct screen_pixels *pixels, FILE *stream, const struct canvas_pixels *picture,
                    const int *rows)
{
    uint64_t hash = hash_of(picture);
    struct sent_picture *sent = find(pixels, picture->cells);
    if (sent && sent->hash == hash && !is_written_over(pixels, picture->cells, rows))
        return 0;
    sent = sent ? sent : add(pixels, picture->cells);
    sent->hash = hash;
    put(pixels, stream, picture, sent->id);
    return (int64_t)picture->cells.width * picture->cells.height;
}

static FILE *open_bytes(char **bytes, size_t *size)
{
    FILE *stream = open_memstream(bytes, size);
    if (!stream)
        die_out_of_memory(0);
    return stream;
}

char *screen_pixels_update(struct screen_pixels *pixels, const struct canvas *canvas,
                           const int *rows, size_t *size, int64_t *cells)
{
    static const char save[] = "\0337", restore[] = "\0338";
    char *bytes = NULL;
    *cells = 0;
    FILE *stream = open_bytes(&bytes, size);
    fputs(save, stream);
    if (pixels->leaving)
        fputs(pixels->leaving, stream);
    for (int i = 0; i < canvas->pixels_count; i++)
        if (can_show(pixels, canvas, &canvas->pixels[i]))
            *cells += show(pixels, stream, &canvas->pixels[i], rows);
    fputs(restore, stream);
    fclose(stream);
    bool is_any = *cells > 0 || pixels->leaving;
    free(pixels->leaving);
    pixels->leaving = NULL;
    if (is_any)
        return bytes;
    free(bytes);
    return NULL;
}
