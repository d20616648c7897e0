#include "base/image.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

/* What must outlive a longjmp stays here, in the frame of a caller of setjmp's function, so that no
 * local needs to be volatile. */
struct decoder {
    png_structp png;
    png_infop info;
    const uint8_t *next; /* of the file */
    size_t left;
    uint8_t *rgba; /* (height, width, 4) */
    png_bytep *rows;
    char message[128]; /* libpng's last words */
};

struct encoder {
    png_structp png;
    png_infop info;
    struct file_writer *writer; /* NULL: into memory */
    const uint8_t *palette;     /* NULL: grey */
    uint8_t *bytes;
    size_t size, room;
    int error; /* of the writer, whose sentence stands */
    char message[128];
};

static void decoder_failed(png_structp png, png_const_charp message)
{
    struct decoder *decoder = png_get_error_ptr(png);
    snprintf(decoder->message, sizeof decoder->message, "%s", message);
    png_longjmp(png, 1);
}

static void encoder_failed(png_structp png, png_const_charp message)
{
    struct encoder *encoder = png_get_error_ptr(png);
    snprintf(encoder->message, sizeof encoder->message, "%s", message);
    png_longjmp(png, 1);
}

/* Warnings are about chunks that make no difference to the pixels. */
static void ignore_warning(png_structp png, png_const_charp message)
{
    (void)png, (void)message;
}

static void take_bytes(png_structp png, png_bytep out, size_t size)
{
    struct decoder *decoder = png_get_io_ptr(png);
    if (size > decoder->left)
        png_error(png, "it is cut short");
    memcpy(out, decoder->next, size);
    decoder->next += size;
    decoder->left -= size;
}

/* Black shines through where the image is transparent. The weights are those of ITU-R BT.601; they
 * add up to 1, so that grey stays as it is. */
static uint8_t grey_of(const uint8_t rgba[4])
{
    int luma = (299 * rgba[0] + 587 * rgba[1] + 114 * rgba[2] + 500) / 1000;
    return (uint8_t)((luma * rgba[3] + 127) / 255);
}

/* Asks for 8-bit RGBA, whatever the file has. */
static void ask_for_rgba(struct decoder *decoder)
{
    png_set_expand(decoder->png);
    png_set_scale_16(decoder->png);
    png_set_gray_to_rgb(decoder->png);
    png_set_add_alpha(decoder->png, 0xFF, PNG_FILLER_AFTER);
    png_set_interlace_handling(decoder->png);
    png_read_update_info(decoder->png, decoder->info);
}

static void read_rows(struct decoder *decoder, size_t width, size_t height)
{
    if (png_get_rowbytes(decoder->png, decoder->info) != 4 * width)
        png_error(decoder->png, "unexpected row size");
    decoder->rgba = xcalloc(width * height, 4);
    decoder->rows = xcalloc(height, sizeof *decoder->rows);
    for (size_t y = 0; y < height; y++)
        decoder->rows[y] = decoder->rgba + y * width * 4;
    png_read_image(decoder->png, decoder->rows);
    png_read_end(decoder->png, NULL);
}

/* Comments, profiles and the like are skipped unread: libpng would make room for what they claim to
 * hold, a gigabyte if they say so. */
static int decode(struct decoder *decoder, struct image *out, int limit, const char *name)
{
    enum { ALL_BUT_PIXELS = -1 };
    if (setjmp(png_jmpbuf(decoder->png)))
        return fail(ERR_INVALID, "image '%s' is broken: %s", name, decoder->message);
    png_set_keep_unknown_chunks(decoder->png, PNG_HANDLE_CHUNK_NEVER, NULL, ALL_BUT_PIXELS);
    png_set_read_fn(decoder->png, decoder, take_bytes);
    png_read_info(decoder->png, decoder->info);
    png_uint_32 width = png_get_image_width(decoder->png, decoder->info);
    png_uint_32 height = png_get_image_height(decoder->png, decoder->info);
    if (width > (png_uint_32)limit || height > (png_uint_32)limit)
        return fail(ERR_INVALID, "image '%s' has %ux%u pixels: at most %dx%d can be read", name,
                    (unsigned)width, (unsigned)height, limit, limit);
    ask_for_rgba(decoder);
    read_rows(decoder, width, height);
    *out = (struct image){ (int)width, (int)height, xmalloc((size_t)width * height) };
    for (size_t i = 0; i < (size_t)width * height; i++)
        out->pixels[i] = grey_of(decoder->rgba + 4 * i);
    return 0;
}

int image_decode_png(struct image *out, const void *data, size_t size, int limit, const char *name)
{
    enum { SIGNATURE = 8 };
    struct decoder decoder = { .next = data, .left = size };
    if (size < SIGNATURE || png_sig_cmp(data, 0, SIGNATURE) != 0)
        return fail(ERR_INVALID, "image '%s' is not a PNG file", name);
    decoder.png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, decoder_failed, ignore_warning);
    decoder.info = decoder.png ? png_create_info_struct(decoder.png) : NULL;
    int error = decoder.info ? decode(&decoder, out, limit, name)
                             : fail(ERR_BUG, "image '%s': libpng does not start", name);
    png_destroy_read_struct(&decoder.png, &decoder.info, NULL);
    free(decoder.rgba);
    free(decoder.rows);
    return error;
}

int image_read_png(struct image *out, const char *path, int limit)
{
    enum { DEEPEST_PIXEL = 8, OTHER_CHUNKS = 1 << 20 }; /* bytes; RGBA of 16 bits is 8 */
    size_t side = (size_t)limit, size;
    char *data;
    int error = file_read(path, side * side * DEEPEST_PIXEL + OTHER_CHUNKS, &data, &size);
    if (error)
        return error;
    error = image_decode_png(out, data, size, limit, path);
    free(data);
    return error;
}

static void give_bytes(png_structp png, png_bytep data, size_t size)
{
    struct encoder *encoder = png_get_io_ptr(png);
    encoder->error = file_writer_put(encoder->writer, data, size);
    if (encoder->error)
        png_error(png, "");
}

static void keep_bytes(png_structp png, png_bytep data, size_t size)
{
    enum { FIRST = 4096 };
    struct encoder *encoder = png_get_io_ptr(png);
    if (encoder->room - encoder->size < size) {
        encoder->room = MAX(encoder->room, FIRST) + encoder->room + size;
        encoder->bytes = xrealloc(encoder->bytes, encoder->room, 1);
    }
    memcpy(encoder->bytes + encoder->size, data, size);
    encoder->size += size;
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static void set_colours(struct encoder *encoder, const struct image *image)
{
    enum { COLOURS = 256 };
    const uint8_t *palette = encoder->palette;
    png_color colours[COLOURS];
    png_set_IHDR(encoder->png, encoder->info, (png_uint_32)image->width, (png_uint_32)image->height,
                 8, palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    for (int i = 0; palette && i < COLOURS; i++)
        colours[i] = (png_color){ palette[3 * i], palette[3 * i + 1], palette[3 * i + 2] };
    if (palette)
        png_set_PLTE(encoder->png, encoder->info, colours, COLOURS);
}

/* `name` is for the sentence. */
static int encode_rows(struct encoder *encoder, const struct image *image, const char *name)
{
    size_t width = (size_t)image->width;
    if (setjmp(png_jmpbuf(encoder->png)))
        return encoder->error ? encoder->error
                              : fail(ERR_BUG, "cannot write '%s': %s", name, encoder->message);
    png_set_write_fn(encoder->png, encoder, encoder->writer ? give_bytes : keep_bytes,
                     flush_nothing);
    if (!encoder->writer) {
        png_set_compression_level(encoder->png, 1);
        png_set_filter(encoder->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    }
    set_colours(encoder, image);
    png_write_info(encoder->png, encoder->info);
    for (int y = 0; y < image->height; y++)
        png_write_row(encoder->png, image->pixels + (size_t)y * width);
    png_write_end(encoder->png, NULL);
    return 0;
}

static int encode(struct encoder *encoder, const struct image *image, const char *name)
{
    encoder->png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, encoder, encoder_failed, ignore_warning);
    encoder->info = encoder->png ? png_create_info_struct(encoder->png) : NULL;
    int error = encoder->info ? encode_rows(encoder, image, name)
                              : fail(ERR_BUG, "cannot write '%s': libpng does not start", name);
    png_destroy_write_struct(&encoder->png, &encoder->info);
    return error;
}

static int check_not_empty(const struct image *image, const char *name)
{
    if (image->width <= 0 || image->height <= 0)
        return fail(ERR_INVALID, "cannot write '%s': the image is empty", name);
    return 0;
}

int image_write_png(const struct image *image, const char *path)
{
    struct file_writer writer;
    int error = check_not_empty(image, path);
    if (!error)
        error = file_writer_open(&writer, path);
    if (error)
        return error;
    struct encoder encoder = { .writer = &writer };
    error = encode(&encoder, image, path);
    if (!error)
        return file_writer_commit(&writer);
    file_writer_abandon(&writer);
    return error;
}

int image_encode_png(const struct image *image, const uint8_t *palette, uint8_t **out, size_t *size)
{
    static const char name[] = "picture";
    struct encoder encoder = { .palette = palette };
    int error = check_not_empty(image, name);
    if (!error)
        error = encode(&encoder, image, name);
    if (error) {
        free(encoder.bytes);
        return error;
    }
    *out = encoder.bytes;
    *size = encoder.size;
    return 0;
}

void image_release(struct image *image)
{
    free(image->pixels);
    *image = (struct image){ 0 };
}
