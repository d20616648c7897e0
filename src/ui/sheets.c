#define _GNU_SOURCE
#include "sheets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "run/rundir.h"
#include "run/sheet.h"

struct sheet_wish {
    int64_t run, step;
    bool is_near;
};

/* Samples of an image-to-image generator come in threes: hidden, completed, real. */
static int find_group(struct index *index, int64_t run)
{
    enum { PARTS = 3 };
    struct setting_row *rows;
    int count;
    int error = catalogue_settings(index->places[0].catalogue, &index->arena, &run, 1,
                                   "data.corruption", &rows, &count);
    bool is_said = !error && count > 0 && rows[0].value;
    return is_said && strcmp(rows[0].value, "none") != 0 ? PARTS : 0;
}

int sheet_find_source(struct sheet_source *out, struct index *index, int64_t run)
{
    struct catalogue *catalogue = index->places[0].catalogue;
    struct listed_run listed = { .place = &index->places[0] };
    struct setting_row *settings;
    int count;
    int error = catalogue_run(catalogue, &index->arena, run, index->now, &listed.row);
    if (!error)
        error = catalogue_settings(catalogue, &index->arena, &run, 1, "samples.count", &settings,
                                   &count);
    if (error)
        return error;
    *out = (struct sheet_source){ .run = run,
                                  .directory = run_place(&index->arena, &listed),
                                  .is_command = listed.row.is_command };
    if (count > 0 && settings[0].number >= 1 && settings[0].number <= SHEET_SIDE * SHEET_SIDE)
        out->count = (int)settings[0].number;
    out->group = find_group(index, run);
    return 0;
}

static double time_of(const struct file_row *files, int count, int64_t step)
{
    int low = 0, high = count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (files[middle].step < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && files[low].step == step ? files[low].time : NAN;
}

/* All that lie in its folder, with what the catalogue knows of them. */
static int list_folder(struct index *index, const struct sheet_source *source,
                       struct file_row **files, int *count)
{
    struct run_file *found;
    int found_count;
    size_t start = strlen(source->directory) + 1;
    int error = run_list_samples(&index->arena, source->directory, &found, &found_count);
    if (error)
        return error;
    struct file_row *rows = arena_alloc(&index->arena, (size_t)found_count, sizeof *rows);
    for (int i = 0; i < found_count; i++)
        rows[i] = (struct file_row){ found[i].step, time_of(*files, *count, found[i].step),
                                     found[i].path + start };
    *files = rows;
    *count = found_count;
    return 0;
}

/* Has the folder more than the catalogue knows of? */
static bool has_more(struct index *index, const struct sheet_source *source, int count)
{
    char **names;
    int name_count;
    const char *folder = path_join(&index->arena, source->directory, "samples");
    return list_directory(&index->arena, folder, ".png", &names, &name_count) == 0 &&
           name_count > count;
}

int sheet_list(struct index *index, const struct sheet_source *source, struct file_row **files,
               int *count)
{
    int error = catalogue_files(index->places[0].catalogue, &index->arena, source->run, "sample",
                                files, count);
    if (!error && source->is_command && has_more(index, source, *count))
        error = list_folder(index, source, files, count);
    return error;
}

/* What a journal names may be anything: a pipe would never end. */
static int read_image(struct image *image, const char *path)
{
    enum { FILE_LIMIT = 1 << 27 };
    const char *name = path_base(path);
    struct stat status;
    char *data;
    size_t size;
    if (stat(path, &status) < 0)
        return fail(ERR_NOT_FOUND, "'%s' is gone", name);
    if (!S_ISREG(status.st_mode))
        return fail(ERR_INVALID, "'%s' is no file", name);
    int error = file_read(path, FILE_LIMIT, &data, &size);
    if (error)
        return error;
    error = image_decode_png(image, data, size, SHEET_SIDE, name);
    free(data);
    return error;
}

/* The mean of squares of pixels, so that the image is at most SHOWN_SIDE wide and high. */
static void shrink(struct image *image)
{
    int by = (MAX(image->width, image->height) + SHOWN_SIDE - 1) / SHOWN_SIDE;
    int width = MAX(image->width / by, 1), height = MAX(image->height / by, 1);
    int across = MIN(by, image->width), down = MIN(by, image->height);
    for (int y = 0; y < height && by > 1; y++)
        for (int x = 0; x < width; x++) {
            const uint8_t *from =
                image->pixels + (size_t)(y * by) * (size_t)image->width + (size_t)(x * by);
            int sum = 0;
            for (int row = 0; row < down; row++)
                for (int column = 0; column < across; column++)
                    sum += from[(size_t)row * (size_t)image->width + (size_t)column];
            /* never ahead of what is still to be read */
            image->pixels[(size_t)y * (size_t)width + (size_t)x] = (uint8_t)(sum / across / down);
        }
    image->width = width;
    image->height = height;
}

/* What is too large to be kept whole is one image. */
static void cut(struct sheet *out, struct arena *arena, struct image *image, int count)
{
    bool fits = (int64_t)image->width * image->height <= SHOWN_SIDE * SHOWN_SIDE;
    uint8_t *images = count > 0 && fits ? sheet_cut(image, count, &out->height, &out->width) : NULL;
    out->count = images ? count : 1;
    if (!images) {
        shrink(image);
        out->height = image->height;
        out->width = image->width;
    }
    size_t size = (size_t)out->count * (size_t)out->height * (size_t)out->width;
    out->images = arena_alloc(arena, size, 1);
    memcpy(out->images, images ? images : image->pixels, size);
    free(images);
}

int sheet_read(struct sheet *out, struct arena *arena, const struct sheet_source *source,
               const struct file_row *file)
{
    struct image image;
    *out = (struct sheet){
        .run = source->run, .step = file->step, .time = file->time, .group = source->group
    };
    if (!path_is_below(file->path))
        return fail(ERR_INVALID, "run %lld names samples outside its directory",
                    (long long)source->run);
    int error = read_image(&image, path_join(arena, source->directory, file->path));
    if (error)
        return error;
    cut(out, arena, &image, source->count);
    image_release(&image);
    return 0;
}

/* The newest of those meant that can be read: files may be gone since they were journalled. */
static int read_newest(struct job *job, const struct file_row *files, int count,
                       const struct sheet_source *source)
{
    enum { BROKEN_ONES = 8 }; /* that are tried */
    const struct sheet_wish *wish = job->input;
    int error = 0, broken = 0;
    for (int i = count - 1; i >= 0 && broken < BROKEN_ONES && !job->is_cancelled; i--) {
        bool is_meant = wish->step < 0 || files[i].step == wish->step ||
                        (wish->is_near && files[i].step < wish->step);
        if (!is_meant)
            continue;
        error = sheet_read(job->result, &job->arena, source, &files[i]);
        if (!error || (wish->step >= 0 && !wish->is_near))
            return error;
        broken += error != ERR_NOT_FOUND;
    }
    if (error)
        return error;
    return count > 0 ? fail(ERR_NOT_FOUND, "run %lld has no samples of step %lld",
                            (long long)wish->run, (long long)wish->step)
                     : fail(ERR_NOT_FOUND, "run %lld has no samples", (long long)wish->run);
}

static int work(struct job *job)
{
    const struct sheet_wish *wish = job->input;
    struct sheet_source source;
    struct file_row *files;
    int count;
    int error = sheet_find_source(&source, &job->index, wish->run);
    if (!error)
        error = sheet_list(&job->index, &source, &files, &count);
    return error ? error : read_newest(job, files, count, &source);
}

void sheet_load(struct view *view, int64_t run, int64_t step, bool is_near,
                void (*done)(struct view *view, struct job *job))
{
    struct job *job = job_new(view->app, view, work, done);
    struct sheet_wish *wish = arena_alloc(&job->arena, 1, sizeof *wish);
    *wish = (struct sheet_wish){ run, step, is_near };
    job->input = wish;
    job->result = arena_alloc(&job->arena, 1, sizeof(struct sheet));
    job_start(job, LANE_READ);
}

bool sheet_take(struct sheet *sheet, struct job *job)
{
    if (job->error) {
        fail(job->error, "%s", job->message);
        return false;
    }
    const struct sheet *made = job->result;
    size_t size = (size_t)made->count * (size_t)made->height * (size_t)made->width;
    uint8_t *images = xmalloc(size);
    memcpy(images, made->images, size);
    free(sheet->images);
    *sheet = *made;
    sheet->images = images;
    return true;
}

void sheet_release(struct sheet *sheet)
{
    free(sheet->images);
    *sheet = (struct sheet){ .count = 0 };
}

void sheet_draw(const struct sheet *sheet, struct frame *frame, struct rect rect)
{
    struct picture_sheet picture = { sheet->images, sheet->count, sheet->height,
                                     sheet->width,  NULL,         sheet->group };
    if (sheet->count > 0)
        picture_sheet_draw(frame->canvas, rect, &picture, frame->look->pictures);
}
