#define _GNU_SOURCE
#include "sink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/image.h"
#include "base/memory.h"
#include "event_code.h"
#include "run/sheet.h"

enum {
    WRITE_BYTES = 1 << 16,
    IMAGE_SIDE = 4096,
    SHEET_IMAGES = 1024,
    LINE_METRICS = 1024,
    STEM_LIMIT = 64,
    STEMS = 256
};

/* What samples of a tag are called. */
struct sink_stem {
    char *tag, *stem;
};

void sink_open(struct sink *sink, const char *directory, struct line_writer *writer)
{
    *sink = (struct sink){
        .directory = directory, .writer = writer, .first = NAN, .last = NAN, .last_step = -1
    };
}

void sink_close(struct sink *sink)
{
    json_free(sink->metrics);
    free(sink->lines);
    for (int i = 0; i < sink->stem_count; i++) {
        free(sink->stems[i].tag);
        free(sink->stems[i].stem);
    }
    free(sink->stems);
    *sink = (struct sink){ .directory = NULL };
}

/* --- lines --- */

static int write_lines(struct sink *sink)
{
    if (sink->used == 0)
        return 0;
    sink->lines[sink->used - 1] = '\0'; /* the last newline is the writer's */
    sink->used = 0;
    return line_writer_put(sink->writer, sink->lines);
}

static int add_line(struct sink *sink, const struct json *line)
{
    char *text = json_text(line, 0);
    size_t length = strlen(text);
    if (sink->used + length + 1 > sink->room) {
        sink->room = 2 * sink->room + length + 1;
        sink->lines = xrealloc(sink->lines, sink->room, 1);
    }
    memcpy(sink->lines + sink->used, text, length);
    sink->used += length;
    sink->lines[sink->used++] = '\n';
    free(text);
    return sink->used >= WRITE_BYTES ? write_lines(sink) : 0;
}

static struct json *new_line(double time, int64_t step)
{
    struct json *line = json_new_object();
    if (!isnan(time))
        json_set_number(line, "t", round(time * 1e6) / 1e6);
    json_set_integer(line, "step", step);
    return line;
}

static int end_metrics(struct sink *sink)
{
    if (!sink->metrics)
        return 0;
    struct json *line = new_line(sink->time, sink->step);
    json_set(line, "metrics", sink->metrics);
    sink->metrics = NULL;
    int error = add_line(sink, line);
    json_free(line);
    return error;
}

/* Of what came, the first and the last. */
static void note_place(struct sink *sink, double time, int64_t step)
{
    sink->last_step = MAX(sink->last_step, step);
    if (isnan(time))
        return;
    sink->first = isnan(sink->first) ? time : fmin(sink->first, time);
    sink->last = isnan(sink->last) ? time : fmax(sink->last, time);
}

/* A training reports its numbers one after the other; what it does between two is no report. */
static bool is_one_moment(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : fabs(a - b) <= 1;
}

int sink_metric(struct sink *sink, double time, int64_t step, const char *name, double value)
{
    int error = 0;
    step = MAX(step, 0);
    bool is_next = sink->metrics &&
                   (step != sink->step || !is_one_moment(time, sink->time) ||
                    json_member(sink->metrics, name) || json_length(sink->metrics) >= LINE_METRICS);
    if (is_next)
        error = end_metrics(sink);
    if (!sink->metrics) {
        sink->metrics = json_new_object();
        sink->step = step;
        sink->time = time;
    }
    json_set_number(sink->metrics, name, value);
    note_place(sink, time, step);
    return error;
}

int sink_line(struct sink *sink, struct json *members)
{
    int error = end_metrics(sink);
    if (!error)
        error = add_line(sink, members);
    json_free(members);
    return error;
}

int sink_flush(struct sink *sink)
{
    int error = end_metrics(sink);
    return error ? error : write_lines(sink);
}

/* --- samples --- */

static bool is_taken(const struct sink *sink, const char *stem)
{
    for (int i = 0; i < sink->stem_count; i++)
        if (strcmp(sink->stems[i].stem, stem) == 0)
            return true;
    return false;
}

/* "Fake-images" for "Fake images"; "" for "samples", as gander calls its own. */
static char *make_stem(const struct sink *sink, const char *tag)
{
    char *stem = xstrndup(strcmp(tag, "samples") == 0 ? "" : tag, STEM_LIMIT);
    for (char *letter = stem; *letter; letter++)
        if (!(*letter >= 'a' && *letter <= 'z') && !(*letter >= 'A' && *letter <= 'Z') &&
            !(*letter >= '0' && *letter <= '9') && (*letter != '_'))
            *letter = '-';
    for (int i = 2; is_taken(sink, stem); i++) {
        char *other = xasprintf("%.*s-%d", (int)strcspn(stem, "."), stem, i);
        free(stem);
        stem = other;
    }
    return stem;
}

/* NULL when there are too many. */
static const char *stem_of(struct sink *sink, const char *tag)
{
    for (int i = 0; i < sink->stem_count; i++)
        if (strcmp(sink->stems[i].tag, tag) == 0)
            return sink->stems[i].stem;
    if (sink->stem_count == STEMS)
        return NULL;
    if (!sink->stems)
        sink->stems = xcalloc(STEMS, sizeof *sink->stems);
    char *stem = make_stem(sink, tag);
    sink->stems[sink->stem_count++] = (struct sink_stem){ xstrdup(tag), stem };
    return stem;
}

/* One image: the file as it came, colours and all. */
static int write_image(const char *path, const struct event_bytes *png, const char *tag)
{
    struct image image = { .width = 0 };
    int error = image_decode_png(&image, png->data, png->size, IMAGE_SIDE, tag);
    image_release(&image);
    return error ? error : file_replace(path, png->data, png->size);
}

/* Decodes image i behind those before it, which say what size it must have. */
static int add_to_sheet(uint8_t **pixels, struct image *size, const struct event_bytes *png, int i,
                        int count, const char *tag)
{
    struct image image = { .width = 0 };
    int error = image_decode_png(&image, png->data, png->size, IMAGE_SIDE, tag);
    if (!error && i == 0) {
        *size = (struct image){ .width = image.width, .height = image.height };
        if ((int64_t)image.width * image.height * count > (int64_t)IMAGE_SIDE * IMAGE_SIDE)
            error = fail(ERR_INVALID, "'%s': %d images of %dx%d are too large for a sheet", tag,
                         count, image.width, image.height);
        else
            *pixels = xcalloc((size_t)count, (size_t)image.width * (size_t)image.height);
    }
    if (!error && (image.width != size->width || image.height != size->height))
        error = fail(ERR_INVALID, "'%s': images of one step differ in size", tag);
    if (!error) {
        size_t bytes = (size_t)image.width * (size_t)image.height;
        memcpy(*pixels + (size_t)i * bytes, image.pixels, bytes);
    }
    image_release(&image);
    return error;
}

static int write_sheet(const char *path, const struct event_bytes *images, int count,
                       const char *tag)
{
    struct image size = { .width = 0 };
    uint8_t *pixels = NULL;
    int error = count > SHEET_IMAGES
                    ? fail(ERR_INVALID, "'%s': %d images are too many for a sheet", tag, count)
                    : 0;
    for (int i = 0; i < count && !error; i++)
        error = add_to_sheet(&pixels, &size, &images[i], i, count, tag);
    if (!error)
        error = sheet_write(path, pixels, count, size.height, size.width);
    free(pixels);
    return error;
}

int sink_images(struct sink *sink, double time, int64_t step, const char *tag,
                const struct event_bytes *images, int count)
{
    const char *stem = stem_of(sink, tag);
    if (!stem)
        return fail(ERR_INVALID, "'%s': more than %d tags have images", tag, STEMS);
    struct arena arena = { 0 };
    step = MAX(step, 0);
    const char *name =
        arena_printf(&arena, "samples/%s%s%08lld.png", stem, *stem ? "-" : "", (long long)step);
    const char *path = path_join(&arena, sink->directory, name);
    int error = count == 1 ? write_image(path, images, tag) : write_sheet(path, images, count, tag);
    if (!error) {
        struct json *line = new_line(time, step);
        json_set_string(line, "sample", name);
        if (*stem)
            json_set_string(line, "tag", tag);
        error = sink_line(sink, line);
        note_place(sink, time, step);
    }
    arena_release(&arena);
    return error;
}
