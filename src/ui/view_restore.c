/* Test images, what is left of them, and what a run's generator makes of that: `gander complete` or
 * `gander upscale` draws them, in a process of its own, and this view shows its sheet. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/image.h"
#include "base/process.h"
#include "base/text.h"
#include "draw/picture.h"
#include "pages.h"
#include "run/sheet.h"
#include "ui/view.h"

enum { PART_LIMIT = 4, SEARCHED = 12, GENERATED = 60 /* images */, LABEL_COLUMNS = 9 };

/* What is asked of the command, and the parts of each image that it writes. */
static const struct kind {
    const char *command;
    int parts;
    const char *labels[PART_LIMIT];
} kinds[] = {
    { "complete", 3, { "hidden", "completed", "original" } },
    { "upscale", 4, { "shrunk", "bicubic", "upscaled", "original" } },
};

struct restoring {
    int64_t run;
    const struct kind *kind;
    bool is_search;  /* the run is a plain GAN */
    uint8_t *images; /* (count, height, width); NULL until they are there */
    const char **labels;
    int count, height, width, first; /* the first one that is shown */
    char *why;                       /* there are none; or NULL */
    struct pages words;              /* that, or what is being done */
    bool has_labels;                 /* below the images: there is room for whole words */
    struct picture_layout layout;    /* of all from `first` on */
};

/* --- getting them --- */

struct wish {
    const char **words;
    int count; /* images of the sheet */
};

static bool is_unwanted(void *context)
{
    const struct job *job = context;
    return job->is_cancelled;
}

/* In the command's own words. */
static int refuse(struct job *job, const struct process_result *result)
{
    struct arena *arena = &job->arena;
    const char *line =
        text_log_line(arena, arena_strndup(arena, result->output, strcspn(result->output, "\n")));
    const struct wish *wish = job->input;
    const char *prefix = arena_printf(arena, "gander %s: ", wish->words[1]);
    if (strncmp(line, prefix, strlen(prefix)) == 0)
        line += strlen(prefix);
    return fail(ERR_INVALID, "%s", *line ? line : process_status_text(result->status));
}

/* The sheet in what the command has written, which may begin with its remarks. */
static int read_sheet(struct job *job, const struct process_result *result)
{
    enum { SIDE = 4096 };
    static const char signature[] = "\x89PNG";
    const struct wish *wish = job->input;
    const char *png = memmem(result->output, result->size, signature, strlen(signature));
    if (!png || !process_succeeded(result))
        return refuse(job, result);
    size_t size = result->size - (size_t)(png - result->output);
    return image_decode_png(job->result, png, size, SIDE, wish->words[1]);
}

static int work(struct job *job)
{
    enum { LIMIT = 16 << 20 };
    const struct wish *wish = job->input;
    struct process_result result;
    int error = process_run(&result, &(struct process){ .argv = wish->words,
                                                        .program = program_path(),
                                                        .limit = LIMIT,
                                                        .is_unwanted = is_unwanted,
                                                        .context = job });
    if (error)
        return error;
    error = job->is_cancelled ? ERR_CANCELLED : read_sheet(job, &result);
    free(result.output);
    return error;
}

static void take(struct restoring *restoring, const struct image *sheet, int count)
{
    restoring->images = sheet_cut(sheet, count, &restoring->height, &restoring->width);
    if (!restoring->images)
        return;
    restoring->count = count;
    restoring->labels = xcalloc((size_t)count, sizeof *restoring->labels);
    for (int i = 0; i < count; i++)
        restoring->labels[i] = restoring->kind->labels[i % restoring->kind->parts];
}

static void done(struct view *view, struct job *job)
{
    struct restoring *restoring = view->state;
    const struct wish *wish = job->input;
    struct image *sheet = job->result;
    const char *why = job->message;
    if (!job->error) {
        take(restoring, sheet, wish->count);
        image_release(sheet);
        why = "there are too few test images";
    }
    if (!restoring->images)
        restoring->why = xstrdup(why);
}

static void start(struct view *view)
{
    struct restoring *restoring = view->state;
    struct job *job = job_new(view->app, view, work, done);
    struct arena *arena = &job->arena;
    int images = restoring->is_search ? SEARCHED : GENERATED;
    const char *const words[] = { "gander",
                                  restoring->kind->command,
                                  arena_printf(arena, "%lld", (long long)restoring->run),
                                  "--store",
                                  path_absolute(arena, app_store(view->app)->path),
                                  "--count",
                                  arena_printf(arena, "%d", images),
                                  "--beside",
                                  "--output",
                                  "-",
                                  NULL };
    struct wish *wish = arena_alloc(arena, 1, sizeof *wish);
    wish->words = arena_alloc(arena, 1, sizeof words);
    memcpy(wish->words, words, sizeof words);
    wish->count = images * restoring->kind->parts;
    job->input = wish;
    job->result = arena_alloc(arena, 1, sizeof(struct image));
    job->sign = restoring->is_search ? "searching the latent space" : "drawing test images";
    job_start(job, LANE_COMMAND);
}

/* --- the view --- */

static int open(struct view *view, const struct view_args *args)
{
    struct restoring *restoring = view->state;
    if (args->run_count == 0)
        return fail(ERR_INVALID, "there is no run here");
    struct index *index = app_index(view->app);
    struct setting_row *rows;
    int count;
    restoring->run = args->runs[0];
    int error = catalogue_settings(index->places[0].catalogue, &index->arena, &restoring->run, 1,
                                   "data.corruption", &rows, &count);
    if (error)
        return error;
    const char *corruption = count > 0 && rows[0].value ? rows[0].value : "none";
    restoring->is_search = strcmp(corruption, "none") == 0;
    restoring->kind = &kinds[strncmp(corruption, "shrink", strlen("shrink")) == 0];
    pages_init(&restoring->words);
    start(view);
    return 0;
}

static void close(struct view *view)
{
    struct restoring *restoring = view->state;
    free(restoring->images);
    free(restoring->labels);
    free(restoring->why);
    pages_release(&restoring->words);
}

static struct picture_sheet sheet_of(const struct restoring *restoring)
{
    size_t area = (size_t)restoring->height * (size_t)restoring->width;
    return (struct picture_sheet){ .images = restoring->images + (size_t)restoring->first * area,
                                   .count = restoring->count - restoring->first,
                                   .height = restoring->height,
                                   .width = restoring->width,
                                   .labels = restoring->has_labels
                                                 ? restoring->labels + restoring->first
                                                 : NULL,
                                   .group = restoring->kind->parts };
}

static void write_words(struct restoring *restoring, struct rect rect)
{
    const char *text = restoring->why         ? restoring->why
                       : restoring->is_search ? "The latents are searched for images that are most "
                                                "like what is left …"
                                              : "The generator draws …";
    pages_clear(&restoring->words);
    pages_resize(&restoring->words, rect.width, rect.height);
    pages_add_folded(&restoring->words, restoring->why ? ROLE_BAD : ROLE_DIM, "", 0, 0, text);
}

static void lay_out(struct restoring *restoring, struct rect rect, enum picture_mode mode)
{
    struct picture_sheet sheet = sheet_of(restoring);
    restoring->layout = picture_sheet_layout(&sheet, rect.width, rect.height, mode);
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct restoring *restoring = view->state;
    if (!restoring->images)
        write_words(restoring, tick->rect);
    if (restoring->images) {
        restoring->has_labels = true;
        lay_out(restoring, tick->rect, app_look(view->app)->pictures);
        restoring->has_labels = restoring->layout.columns >= LABEL_COLUMNS;
        lay_out(restoring, tick->rect, app_look(view->app)->pictures);
    }
    return IGNORED;
}

static enum reaction scroll(struct restoring *restoring, int rows)
{
    int across = MAX(restoring->layout.across, 1), page = MAX(restoring->layout.shown, across);
    int last = MAX(restoring->count - page + across - 1, 0) / across * across;
    restoring->first = MAX(MIN(restoring->first + rows * across, last), 0);
    return REDRAW;
}

static enum reaction act(struct view *view, enum action action)
{
    struct restoring *restoring = view->state;
    int page = MAX(restoring->layout.down, 1);
    if (!restoring->images)
        return pages_act(&restoring->words, action);
    switch (action) {
    case ACTION_UP:
        return scroll(restoring, -1);
    case ACTION_DOWN:
        return scroll(restoring, 1);
    case ACTION_PAGE_UP:
        return scroll(restoring, -page);
    case ACTION_PAGE_DOWN:
        return scroll(restoring, page);
    case ACTION_TOP:
        return scroll(restoring, -restoring->count);
    case ACTION_BOTTOM:
        return scroll(restoring, restoring->count);
    default:
        return IGNORED;
    }
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct restoring *restoring = view->state;
    if (restoring->images) {
        struct picture_sheet sheet = sheet_of(restoring);
        picture_sheet_draw(frame->canvas, rect, &sheet, frame->look->pictures);
        return;
    }
    pages_draw(&restoring->words, frame, rect);
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct restoring *restoring = view->state;
    int parts = restoring->kind->parts;
    const char *run = arena_printf(arena, "run %lld", (long long)restoring->run);
    if (!restoring->images)
        return run;
    int first = restoring->first / parts + 1, shown = restoring->layout.shown / parts;
    return arena_printf(arena, "%s, test images %d-%d of %d", run, first,
                        MIN(first + MAX(shown, 1) - 1, restoring->count / parts),
                        restoring->count / parts);
}

const struct view_type view_restore = {
    .name = "restore",
    .title = "Restore",
    .place = IN_RESTORE,
    .state_size = sizeof(struct restoring),
    .open = open,
    .update = update,
    .act = act,
    .draw = draw,
    .status = status,
    .close = close,
};
