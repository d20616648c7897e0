#include "side_by_side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "base/text.h"
#include "record/recipe.h"
#include "run/sheet.h"

enum { SHEET_LIMIT = 16384 }; /* pixels */

/* --- which --- */

struct candidates {
    struct file_row *files;
    double *worked; /* (count) seconds */
    int count;
};

/* Files that gc, or a person, has removed since they were journalled. */
static void drop_thinned(struct index *index, const struct listed_run *run, struct candidates *all)
{
    const char *directory = run_place(&index->arena, run);
    int kept = 0;
    for (int i = 0; i < all->count; i++)
        if (file_exists(path_join(&index->arena, directory, all->files[i].path)))
            all->files[kept++] = all->files[i];
    all->count = kept;
}

static int find_candidates(struct index *index, const struct listed_run *run,
                           struct candidates *out)
{
    struct catalogue *catalogue = run->place->catalogue;
    struct attempt_row *attempts;
    int attempt_count;
    int error = catalogue_files(catalogue, &index->arena, run->row.number, "sample", &out->files,
                                &out->count);
    if (!error)
        error = catalogue_attempts(catalogue, &index->arena, run->row.number, &attempts,
                                   &attempt_count);
    if (error)
        return error;
    drop_thinned(index, run, out);
    out->worked = arena_alloc(&index->arena, (size_t)out->count, sizeof *out->worked);
    for (int i = 0; i < out->count; i++)
        out->worked[i] = run_worked_at(attempts, attempt_count, out->files[i].time);
    return 0;
}

static double place_of(const struct candidates *candidates, int i, bool by_time)
{
    return by_time ? candidates->worked[i] : (double)candidates->files[i].step;
}

/* The last moment that every run with samples has come to. */
static double common_moment(const struct candidates *all, int count, bool by_time)
{
    double moment = INFINITY;
    for (int i = 0; i < count; i++)
        if (all[i].count > 0)
            moment = fmin(moment, place_of(&all[i], all[i].count - 1, by_time));
    return moment;
}

static void choose(struct index *index, const struct candidates *candidates, double moment,
                   bool by_time, struct side *out)
{
    for (int i = candidates->count - 1; i >= 0; i--)
        if (!(place_of(candidates, i, by_time) > moment)) {
            out->path = path_join(&index->arena, run_place(&index->arena, out->run),
                                  candidates->files[i].path);
            out->step = candidates->files[i].step;
            out->worked = candidates->worked[i];
            return;
        }
}

int sides_choose(struct index *index, const struct listed_run *runs, int count, int64_t step,
                 bool by_time, struct side **out)
{
    struct candidates *all = arena_alloc(&index->arena, (size_t)count, sizeof *all);
    *out = arena_alloc(&index->arena, (size_t)count, sizeof **out);
    for (int i = 0; i < count; i++) {
        int error = find_candidates(index, &runs[i], &all[i]);
        if (error)
            return error;
        (*out)[i] = (struct side){ .run = &runs[i], .step = -1, .worked = NAN };
    }
    double moment = step >= 0 ? (double)step : common_moment(all, count, by_time);
    for (int i = 0; i < count; i++)
        choose(index, &all[i], moment, by_time && step < 0, &(*out)[i]);
    return 0;
}

/* --- drawing --- */

/* Digits of a run, or the picture as it is where it is no sheet of the run's recipe. */
static uint8_t *read_images(struct index *index, const struct side *side,
                            struct picture_sheet *sheet)
{
    struct image image;
    struct recipe recipe;
    const char *path = path_join(&index->arena, run_place(&index->arena, side->run), "recipe.ini");
    int count = 0;
    if (!side->path || image_read_png(&image, side->path, SHEET_LIMIT) < 0)
        return NULL;
    if (recipe_read(&recipe, path, NULL, 0) == 0) {
        count = recipe.samples.count;
        recipe_release(&recipe);
    }
    *sheet = (struct picture_sheet){ .count = count };
    uint8_t *images = count > 0 ? sheet_cut(&image, count, &sheet->height, &sheet->width) : NULL;
    if (!images) {
        size_t size = (size_t)image.width * (size_t)image.height;
        *sheet = (struct picture_sheet){ .count = 1, .height = image.height, .width = image.width };
        images = xmalloc(size);
        memcpy(images, image.pixels, size);
    }
    image_release(&image);
    sheet->images = images;
    return images;
}

static void draw_label(struct index *index, struct canvas *canvas, struct rect rect,
                       const struct side *side)
{
    struct arena *arena = &index->arena;
    const char *title = run_long_title(index, side->run);
    const char *time = isnan(side->worked)
                           ? ""
                           : arena_printf(arena, ", %s", format_duration(arena, side->worked));
    if (side->path)
        canvas_printf(canvas, rect, (struct style){ .attributes = STYLE_BOLD }, "%s: step %s%s",
                      title, format_count(arena, (double)side->step), time);
    else
        canvas_printf(canvas, rect, (struct style){ 0 }, "%s: no samples", title);
}

/* As many rows as the tallest needs. */
static int draw_panels(struct index *index, struct canvas *canvas, const struct side *sides,
                       int count, int width, enum picture_mode mode)
{
    enum { GAP = 2 };
    int used = 1;
    for (int i = 0; i < count; i++) {
        struct picture_sheet sheet;
        struct rect rect = { i * (width + GAP), 0, width, 1 };
        draw_label(index, canvas, rect, &sides[i]);
        uint8_t *images = read_images(index, &sides[i], &sheet);
        if (!images)
            continue;
        rect.y = 1;
        rect.height = canvas->height - 1;
        used = MAX(used, 1 + picture_sheet_draw(canvas, rect, &sheet, mode).height);
        free(images);
    }
    return used;
}

void sides_print(struct index *index, const struct side *sides, int count, enum picture_mode mode)
{
    enum { GAP = 2, LEAST = 22, ROWS = 13 };
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    int across = MAX(1, MIN(count, (terminal.columns + GAP) / (LEAST + GAP)));
    int width = (terminal.columns - (across - 1) * GAP) / across;
    if (mode == PICTURE_AUTO)
        mode = picture_mode_for(&terminal);
    for (int i = 0; i < count; i += across) {
        struct canvas canvas;
        canvas_init(&canvas, terminal.columns, ROWS);
        int rows = draw_panels(index, &canvas, &sides[i], MIN(across, count - i), width, mode);
        if (i > 0)
            putchar('\n');
        for (int y = 0; y < rows; y++) {
            canvas_print_row(&canvas, y, stdout, &terminal);
            putchar('\n');
        }
        canvas_release(&canvas);
    }
}

struct json *sides_json(const struct side *sides, int count)
{
    struct json *list = json_new_array();
    for (int i = 0; i < count; i++) {
        if (!sides[i].path)
            continue;
        struct json *object = json_new_object();
        json_set_integer(object, "run", sides[i].run->row.number);
        json_set_integer(object, "step", sides[i].step);
        json_set_number(object, "worked", sides[i].worked);
        json_set_string(object, "path", sides[i].path);
        json_push(list, object);
    }
    return list;
}
