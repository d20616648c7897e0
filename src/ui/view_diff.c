/* The code of two runs compared, or that of one with its commit or with the work tree. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "diff_load.h"
#include "pages.h"
#include "ui/view.h"

struct compared {
    struct pages pages;
    struct diff diff;
    int64_t runs[2];
    int run_count;
    enum diff_kind kind;
    int head; /* lines of the list of files, above the diff */
    int file; /* that was gone to */
    bool is_loading, is_loaded;
    char why[512]; /* it could not be compared; "": it could */
};

enum { TITLE_ROWS = 1 };

/* --- the list of files --- */

static const char *sign_of(const struct diff_file *file)
{
    return file->is_new ? "new" : file->is_deleted ? "gone" : file->is_binary ? "binary" : "";
}

/* The longest path, as far as it leaves room for the counts. */
static int path_columns(const struct compared *compared)
{
    enum { LEAST = 20, COUNTS = 26 };
    int columns = LEAST;
    for (int i = 0; i < compared->diff.file_count; i++)
        columns = MAX(columns, text_columns(compared->diff.files[i].path));
    return MIN(columns, MAX(compared->pages.columns - COUNTS, LEAST));
}

static void add_totals(struct compared *compared)
{
    struct diff *diff = &compared->diff;
    struct arena *arena = &compared->pages.arena;
    int64_t added = 0, removed = 0;
    for (int i = 0; i < diff->file_count; i++) {
        added += diff->files[i].added;
        removed += diff->files[i].removed;
    }
    pages_printf(&compared->pages, ROLE_TITLE, " %s file%s, %s lines added, %s removed",
                 format_count(arena, diff->file_count), diff->file_count == 1 ? "" : "s",
                 format_count(arena, (double)added), format_count(arena, (double)removed));
}

static void add_files(struct compared *compared)
{
    struct pages *pages = &compared->pages;
    int columns = path_columns(compared);
    add_totals(compared);
    for (int i = 0; i < compared->diff.file_count; i++) {
        const struct diff_file *file = &compared->diff.files[i];
        int pad = MAX(columns - text_columns(file->path), 0);
        pages_printf(pages, ROLE_LINK, "   %s%*s  +%-5d -%-5d %s", file->path, pad, "", file->added,
                     file->removed, sign_of(file));
    }
    pages_add(pages, ROLE_TEXT, "");
    compared->head = pages->count;
}

static const char *nothing_text(const struct compared *compared)
{
    static const char *const texts[] = {
        [DIFF_RUNS] = "Both runs have the same code.",
        [DIFF_COMMIT] = ("Nothing was changed that was not committed: the run has the code of its "
                         "commit."),
        [DIFF_TREE] = "The work tree is as it was when the run was started.",
    };
    return texts[compared->kind];
}

static void fill(struct compared *compared)
{
    struct pages *pages = &compared->pages;
    const struct diff *diff = &compared->diff;
    pages_clear(pages);
    pages->first = pages->column = compared->head = 0;
    compared->file = -1;
    if (compared->why[0]) {
        pages_add_folded(pages, ROLE_WARNING, "", 0, 0,
                         arena_printf(&pages->arena, "It cannot be compared: %s.", compared->why));
        return;
    }
    if (diff->file_count == 0) {
        pages_printf(pages, ROLE_DIM, " %s", nothing_text(compared));
        return;
    }
    add_files(compared);
    pages_add_lines(pages, diff->lines, diff->count);
    if (diff->left_out > 0)
        pages_printf(pages, ROLE_WARNING,
                     " %s more lines are left out here: 'gander diff' prints all of them.",
                     format_count(&pages->arena, (double)diff->left_out));
}

/* --- loading --- */

static void loaded(struct view *view, struct job *job)
{
    struct compared *compared = view->state;
    bool is_good = diff_take(&compared->diff, job);
    snprintf(compared->why, sizeof compared->why, "%s", is_good ? "" : error_text());
    compared->is_loaded = true;
    fill(compared);
}

static void load(struct view *view)
{
    struct compared *compared = view->state;
    compared->is_loaded = false;
    diff_load(view, compared->runs, compared->kind, loaded);
}

static int open(struct view *view, const struct view_args *args)
{
    struct compared *compared = view->state;
    struct arena arena = { 0 };
    struct index *index = app_index(view->app);
    struct run_row row;
    if (args->run_count < 1)
        return fail(ERR_NOT_FOUND, "there is no run here");
    if (args->run_count > 2)
        return fail(ERR_INVALID, "it compares the code of two runs: mark one or two");
    int error = catalogue_run(index->places[0].catalogue, &arena, args->runs[0], index->now, &row);
    bool is_dirty = !error && row.is_dirty;
    arena_release(&arena);
    if (error)
        return error;
    pages_init(&compared->pages);
    compared->run_count = args->run_count;
    const int64_t *runs = args->runs;
    compared->runs[0] = args->run_count == 2 ? MIN(runs[0], runs[1]) : runs[0];
    compared->runs[1] = args->run_count == 2 ? MAX(runs[0], runs[1]) : 0;
    compared->kind = args->run_count == 2 ? DIFF_RUNS : is_dirty ? DIFF_COMMIT : DIFF_TREE;
    load(view);
    return 0;
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct compared *compared = view->state;
    bool was_loading = compared->is_loading;
    compared->is_loading = job_is_pending(view, loaded);
    pages_resize(&compared->pages, tick->rect.width, tick->rect.height - TITLE_ROWS);
    if (tick->is_new_size && compared->is_loaded) {
        int first = compared->pages.first;
        fill(compared);
        compared->pages.first = first;
        pages_resize(&compared->pages, tick->rect.width, tick->rect.height - TITLE_ROWS);
    }
    return was_loading != compared->is_loading ? REDRAW : IGNORED;
}

/* --- acting --- */

static int line_of(const struct compared *compared, int file)
{
    int line = compared->diff.files[file].line;
    return line < 0 ? compared->pages.count : compared->head + line;
}

static bool is_in_sight(const struct compared *compared, int line)
{
    const struct pages *pages = &compared->pages;
    return line >= pages->first && line < pages->first + pages->rows;
}

/* The file that was gone to as long as its head is in sight, else that of the first line; -1: the
 * list of files. */
static int file_here(const struct compared *compared)
{
    int file = -1;
    if (compared->file >= 0 && is_in_sight(compared, line_of(compared, compared->file)))
        return compared->file;
    while (file + 1 < compared->diff.file_count &&
           line_of(compared, file + 1) <= compared->pages.first)
        file++;
    return file;
}

static enum reaction go_to_file(struct compared *compared, int by)
{
    struct pages *pages = &compared->pages;
    int here = file_here(compared);
    bool is_inside = here >= 0 && line_of(compared, here) < pages->first;
    int file = here + (by < 0 && is_inside ? 0 : by);
    if (file >= compared->diff.file_count)
        return HANDLED;
    compared->file = MAX(file, -1);
    pages->first = file < 0 ? 0 : line_of(compared, file);
    pages_resize(pages, pages->columns, pages->rows);
    return REDRAW;
}

static enum reaction choose(struct view *view, enum diff_kind kind)
{
    struct compared *compared = view->state;
    if (compared->run_count != 1)
        return HANDLED;
    compared->kind = kind;
    load(view);
    return REDRAW;
}

static enum reaction act(struct view *view, enum action action)
{
    struct compared *compared = view->state;
    switch (action) {
    case ACTION_TAB_1:
        return choose(view, DIFF_COMMIT);
    case ACTION_TAB_2:
        return choose(view, DIFF_TREE);
    case ACTION_NEXT_FILE:
    case ACTION_NEXT_PANE:
        return go_to_file(compared, 1);
    case ACTION_PREVIOUS_FILE:
    case ACTION_PREVIOUS_PANE:
        return go_to_file(compared, -1);
    case ACTION_DIFF:
        load(view);
        return REDRAW;
    default:
        return pages_act(&compared->pages, action);
    }
}

static void search(struct view *view, const char *text, int by)
{
    struct compared *compared = view->state;
    pages_search(&compared->pages, view, text, by);
}

/* --- drawing --- */

static const char *title_text(const struct compared *compared, struct arena *arena)
{
    long long run = (long long)compared->runs[0];
    switch (compared->kind) {
    case DIFF_RUNS:
        return arena_printf(arena, "from the code of run %lld to that of run %lld", run,
                            (long long)compared->runs[1]);
    case DIFF_COMMIT:
        return arena_printf(arena, "what run %lld had changed and not committed", run);
    default:
        return arena_printf(arena, "what has changed in the work tree since run %lld", run);
    }
}

/* "1 not committed  2 since then", the current one marked. */
static int draw_kinds(const struct compared *compared, struct frame *frame, struct rect row)
{
    static const char *const names[] = { "1 not committed", "2 since then" };
    static const enum diff_kind kinds[] = { DIFF_COMMIT, DIFF_TREE };
    int x = row.x + row.width - 33;
    if (compared->run_count != 1 || row.width < 80)
        return row.width;
    for (int i = 0; i < ARRAY_SIZE(names); i++) {
        bool is_current = kinds[i] == compared->kind;
        struct style style = look_style(frame->look, is_current ? ROLE_CURSOR : ROLE_DIM);
        x += 1 + canvas_printf(frame->canvas, (struct rect){ x, row.y, 20, 1 }, style, " %s ",
                               names[i]);
    }
    return row.width - 35;
}

/* The head of the file that was gone to stands out, wherever it came to stand. */
static void draw_file_mark(const struct compared *compared, struct frame *frame, struct rect body)
{
    int line = compared->file >= 0 ? line_of(compared, compared->file) : -1;
    if (!is_in_sight(compared, line))
        return;
    canvas_restyle(frame->canvas,
                   (struct rect){ body.x, body.y + line - compared->pages.first, body.width, 1 },
                   look_style(frame->look, ROLE_CURSOR));
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct compared *compared = view->state;
    struct rect row = { rect.x, rect.y, rect.width, 1 };
    row.width = draw_kinds(compared, frame, row);
    canvas_printf(frame->canvas, row, look_style(frame->look, ROLE_TITLE), " %s",
                  title_text(compared, frame->arena));
    struct rect body = { rect.x, rect.y + TITLE_ROWS, rect.width, rect.height - TITLE_ROWS };
    if (compared->is_loaded) {
        pages_draw(&compared->pages, frame, body);
        draw_file_mark(compared, frame, body);
    } else {
        canvas_text(frame->canvas, body,
                    compared->is_loading ? " comparing the code; Esc gives up"
                                         : " it was given up: d compares again",
                    look_style(frame->look, ROLE_DIM));
    }
}

static int runs(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct compared *compared = view->state;
    *numbers = arena_alloc(arena, 2, sizeof **numbers);
    memcpy(*numbers, compared->runs, sizeof compared->runs);
    return compared->run_count;
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct compared *compared = view->state;
    int file = compared->is_loaded ? file_here(compared) : -1;
    const char *place = pages_status(&compared->pages, arena);
    if (file < 0)
        return place;
    return arena_printf(arena, "%s  %d/%d%s%s", compared->diff.files[file].path, file + 1,
                        compared->diff.file_count, place ? "  " : "", place ? place : "");
}

static void close(struct view *view)
{
    struct compared *compared = view->state;
    pages_release(&compared->pages);
    diff_release(&compared->diff);
}

const struct view_type view_diff = {
    .name = "diff",
    .title = "Diff",
    .place = IN_DIFF,
    .state_size = sizeof(struct compared),
    .open = open,
    .update = update,
    .act = act,
    .search = search,
    .draw = draw,
    .runs = runs,
    .status = status,
    .close = close,
};
