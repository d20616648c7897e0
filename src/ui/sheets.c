#define _GNU_SOURCE
#include "sheets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "run/sheet.h"

struct sheet_wish {
    int64_t run, step;
    bool is_near;
};

int sheet_find_source(struct sheet_source *out, struct index *index, int64_t run)
{
    struct catalogue *catalogue = index->places[0].catalogue;
    struct run_row row;
    struct setting_row *settings;
    int count;
    int error = catalogue_run(catalogue, &index->arena, run, index->now, &row);
    if (!error)
        error = catalogue_settings(catalogue, &index->arena, &run, 1, "samples.count", &settings,
                                   &count);
    if (error)
        return error;
    *out = (struct sheet_source){ .run = run };
    out->directory = arena_printf(&index->arena, "%s/%s/%lld", index->places[0].store.path,
                                  row.is_binned ? "bin" : "runs", (long long)run);
    if (count > 0 && settings[0].number >= 1 && settings[0].number <= SHEET_SIDE * SHEET_SIDE)
        out->count = (int)settings[0].number;
    return 0;
}

/* What a journal names may be anything: a pipe would never end. */
static int check_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return fail(ERR_NOT_FOUND, "the samples '%s' are gone", path_base(path));
    if (!S_ISREG(status.st_mode))
        return fail(ERR_INVALID, "'%s' is no file", path_base(path));
    return 0;
}

int sheet_read(struct sheet *out, struct arena *arena, const struct sheet_source *source,
               const struct file_row *file)
{
    struct image image;
    *out = (struct sheet){ .run = source->run, .step = file->step, .time = file->time };
    if (!path_is_below(file->path))
        return fail(ERR_INVALID, "run %lld names samples outside its directory",
                    (long long)source->run);
    const char *path = path_join(arena, source->directory, file->path);
    int error = check_file(path);
    if (!error)
        error = image_read_png(&image, path, SHEET_SIDE);
    if (error)
        return error;
    uint8_t *cut =
        source->count > 0 ? sheet_cut(&image, source->count, &out->height, &out->width) : NULL;
    out->count = cut ? source->count : 1;
    if (!cut) {
        out->height = image.height;
        out->width = image.width;
    }
    size_t size = (size_t)out->count * (size_t)out->height * (size_t)out->width;
    out->images = arena_alloc(arena, size, 1);
    memcpy(out->images, cut ? cut : image.pixels, size);
    free(cut);
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
        error = catalogue_files(job->index.places[0].catalogue, &job->index.arena, wish->run,
                                "sample", &files, &count);
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
    struct picture_sheet picture = { sheet->images, sheet->count, sheet->height, sheet->width,
                                     NULL };
    if (sheet->count > 0)
        picture_sheet_draw(frame->canvas, rect, &picture, frame->look->pictures);
}
