#define _GNU_SOURCE
#include "progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/image.h"
#include "base/text.h"
#include "draw/bar.h"
#include "draw/sparkline.h"
#include "run/interrupt.h"
#include "run/sheet.h"

enum { FIGURE_ROWS = 5, SHEET_LIMIT = 16384 /* pixels */ };
static const double least_seconds = 0.2, most_seconds = 1; /* between two drawings */
#define SHOW_CURSOR "\033[?25h"

/* What the series are called on the screen, and which metrics come first: two a line. */
static const struct {
    const char *metric, *label;
} known_series[PROGRESS_SERIES] = {
    { "d_loss", "D loss" },
    { "d_real", "D(x)" },
    { "g_loss", "G loss" },
    { "d_fake", "D(G(z))" },
};
static const int series_colours[PROGRESS_SERIES] = { 5, 5, 6, 6 }; /* of the terminal's 16 */

/* Takes `bytes`. */
static void put(char *bytes, size_t size)
{
    fwrite(bytes, 1, size, stdout);
    fflush(stdout);
    free(bytes);
}

void progress_begin(struct progress *progress, enum picture_mode mode)
{
    *progress = (struct progress){ .mode = mode, .epoch = NAN, .rate = NAN };
    terminal_probe(&progress->terminal, stdout);
    live_init(&progress->live);
    canvas_init(&progress->sheet, 0, 0);
    progress_restart(progress, 0, 0);
    if (progress->terminal.moves)
        interrupt_restore_terminal(STDOUT_FILENO, SHOW_CURSOR);
}

void progress_restart(struct progress *progress, int64_t from_step, double begun)
{
    for (int i = 0; i < PROGRESS_SERIES; i++) {
        progress->series[i].name[0] = '\0';
        history_init(&progress->series[i].history);
    }
    progress->from_step = progress->step = MAX(from_step, 0);
    progress->begun = begun;
    progress->is_changed = true;
}

/* --- what is shown --- */

/* Where a metric is drawn: those of the built-in trainer have their places, others take what is
 * free, in the order in which they come. NULL: nowhere. */
static struct progress_series *find_series(struct progress *progress, const char *name)
{
    for (int i = 0; i < PROGRESS_SERIES; i++)
        if (strcmp(progress->series[i].name, name) == 0)
            return &progress->series[i];
    for (int i = 0; i < PROGRESS_SERIES; i++) {
        bool is_its_place = strcmp(known_series[i].metric, name) == 0;
        if (is_its_place && !progress->series[i].name[0]) {
            snprintf(progress->series[i].name, PROGRESS_NAME_SIZE, "%s", name);
            return &progress->series[i];
        }
    }
    return NULL;
}

static struct progress_series *find_place(struct progress *progress, const char *name)
{
    static const char *const not_drawn[] = {
        "epoch",      "images_per_second", "d_grad", "g_grad",    "penalty",
        "logit_real", "logit_fake",        "d_auc",  "diversity", "shift"
    };
    struct progress_series *series = find_series(progress, name);
    for (int i = 0; i < ARRAY_SIZE(not_drawn) && !series; i++)
        if (strcmp(not_drawn[i], name) == 0)
            return NULL;
    for (int i = 0; i < PROGRESS_SERIES && !series; i++)
        if (!progress->series[i].name[0]) {
            series = &progress->series[i];
            snprintf(series->name, PROGRESS_NAME_SIZE, "%s", name);
        }
    return series;
}

void progress_add(struct progress *progress, const struct event *event)
{
    progress->step = MAX(progress->step, event->step);
    progress->is_changed = true;
    for (int i = 0; i < event->metric_count; i++) {
        const struct event_metric *metric = &event->metrics[i];
        if (strcmp(metric->name, "epoch") == 0)
            progress->epoch = metric->value;
        if (strcmp(metric->name, "images_per_second") == 0)
            progress->rate = metric->value;
        struct progress_series *series = find_place(progress, metric->name);
        if (series)
            history_add(&series->history, metric->value);
    }
}

void progress_set_images(struct progress *progress, const char *path, int count)
{
    struct image sheet;
    int height, width;
    if (image_read_png(&sheet, path, SHEET_LIMIT) < 0)
        return; /* a command is just writing it, perhaps: the next one will do */
    free(progress->images);
    progress->images = count > 0 ? sheet_cut(&sheet, count, &height, &width) : NULL;
    if (progress->images) {
        progress->image_count = count;
        progress->image_height = height;
        progress->image_width = width;
    } else { /* not a sheet of ours: one picture */
        progress->images = sheet.pixels;
        progress->image_count = 1;
        progress->image_height = sheet.height;
        progress->image_width = sheet.width;
        sheet.pixels = NULL;
    }
    image_release(&sheet);
    progress->is_sheet_new = progress->is_changed = true;
}

/* --- drawing --- */

/* Draws the samples again if there are new ones, or another room for them. */
static void draw_sheet(struct progress *progress)
{
    const struct terminal *terminal = &progress->terminal;
    int rows = MAX(terminal->rows - 1 - FIGURE_ROWS - 1, 0);
    bool is_same = terminal->columns == progress->sheet_columns && rows == progress->sheet_rows;
    if (!progress->images || (is_same && !progress->is_sheet_new))
        return;
    struct picture_sheet sheet = { .images = progress->images,
                                   .count = progress->image_count,
                                   .height = progress->image_height,
                                   .width = progress->image_width };
    enum picture_mode mode =
        progress->mode == PICTURE_AUTO ? picture_mode_for(terminal) : progress->mode;
    struct picture_layout layout = picture_sheet_layout(&sheet, terminal->columns, rows, mode);
    canvas_release(&progress->sheet);
    canvas_init(&progress->sheet, layout.width, layout.height);
    picture_sheet_draw(&progress->sheet, canvas_bounds(&progress->sheet), &sheet, mode);
    progress->sheet_columns = terminal->columns;
    progress->sheet_rows = rows;
    progress->is_sheet_new = false;
}

static void draw_bar(const struct progress *progress, struct canvas *block, int y)
{
    struct arena arena = { 0 };
    const char *done = format_count(&arena, (double)progress->step);
    if (progress->steps <= 0) {
        canvas_printf(block, (struct rect){ 0, y, block->width, 1 }, (struct style){ 0 }, "step %s",
                      done);
        arena_release(&arena);
        return;
    }
    double fraction = (double)progress->step / (double)progress->steps;
    const char *steps = format_count(&arena, (double)progress->steps);
    const char *text = arena_printf(&arena, " %3d %%  step %*s of %s", (int)(100 * fraction),
                                    (int)strlen(steps), done, steps);
    int width = block->width - text_columns(text);
    bar_draw(block, (struct rect){ 0, y, width, 1 }, fraction,
             (struct style){ .foreground = colour_ansi(2) });
    canvas_text(block, (struct rect){ MAX(width, 0), y, block->width, 1 }, text,
                (struct style){ 0 });
    arena_release(&arena);
}

static double seconds_left(const struct progress *progress, double gone)
{
    double done = (double)(progress->step - progress->from_step);
    double left = (double)(progress->steps - progress->step);
    return progress->steps > 0 && done > 0 ? gone / done * left : NAN;
}

static const char *figures(struct arena *arena, const struct progress *progress, double now)
{
    double gone = progress->begun > 0 ? now - progress->begun : NAN;
    double left = seconds_left(progress, gone);
    const char *text = "";
    if (isfinite(progress->epoch))
        text = arena_printf(arena, "epoch %.2f   ", progress->epoch);
    if (isfinite(progress->rate))
        text = arena_printf(arena, "%s%s images/s   ", text, format_count(arena, progress->rate));
    if (isfinite(gone))
        text = arena_printf(arena, "%s%s gone", text, format_duration(arena, gone));
    if (isfinite(left))
        text = arena_printf(arena, "%s, %s left", text, format_duration(arena, left));
    return text;
}

static const char *label_of(const char *metric)
{
    for (int i = 0; i < PROGRESS_SERIES; i++)
        if (strcmp(known_series[i].metric, metric) == 0)
            return known_series[i].label;
    return metric;
}

/* "D loss   1.2034 ▁▂▃▅▆" */
static void draw_series(struct progress *progress, struct canvas *block, struct rect rect,
                        int index)
{
    enum { LABEL = 8, VALUE = 8 };
    struct progress_series *series = &progress->series[index];
    struct history *history = &series->history;
    struct style colour = { .foreground = colour_ansi(series_colours[index]) };
    if (!series->name[0])
        return;
    canvas_text(block, (struct rect){ rect.x, rect.y, LABEL, 1 }, label_of(series->name),
                (struct style){ 0 });
    canvas_printf(block, (struct rect){ rect.x + LABEL, rect.y, VALUE, 1 },
                  (struct style){ .attributes = STYLE_BOLD }, "%*.3f", VALUE - 1,
                  history_recent(history));
    sparkline_draw(
        block, (struct rect){ rect.x + LABEL + VALUE, rect.y, rect.width - LABEL - VALUE - 2, 1 },
        history->values, history->count, colour);
}

static void draw_block(struct progress *progress, struct canvas *block, double now)
{
    struct arena arena = { 0 };
    int y = progress->sheet.height + 1, half = block->width / 2;
    canvas_copy(block, 0, 0, &progress->sheet, canvas_bounds(&progress->sheet));
    draw_bar(progress, block, y++);
    struct rect line = { 0, y++, block->width, 1 };
    if (progress->note)
        canvas_text(block, line, progress->note, (struct style){ .attributes = STYLE_BOLD });
    else
        canvas_text(block, line, figures(&arena, progress, now), (struct style){ 0 });
    for (int i = 0; i < PROGRESS_SERIES; i++)
        draw_series(progress, block, (struct rect){ i % 2 ? half : 0, y + i / 2, half, 1 }, i);
    arena_release(&arena);
}

static void end_block(struct progress *progress)
{
    size_t size;
    char *bytes = live_end(&progress->live, true, &progress->terminal, &size);
    put(bytes, size);
}

static void show_block(struct progress *progress, double now)
{
    struct canvas block;
    size_t size;
    if (interrupt_came_back())
        end_block(progress); /* a new one begins below what the shell has printed */
    terminal_probe(&progress->terminal, stdout);
    draw_sheet(progress);
    canvas_init(&block, progress->terminal.columns, progress->sheet.height + FIGURE_ROWS);
    draw_block(progress, &block, now);
    char *bytes = live_update(&progress->live, &block, &progress->terminal, &size);
    put(bytes, size);
    canvas_release(&block);
    progress->drawn = monotonic_clock();
    progress->is_changed = false;
}

void progress_show(struct progress *progress, double now)
{
    if (!progress->terminal.moves)
        return;
    double since = monotonic_clock() - progress->drawn;
    if (since >= most_seconds || (progress->is_changed && since >= least_seconds))
        show_block(progress, now);
}

void progress_say(struct progress *progress, const char *line)
{
    struct arena arena = { 0 };
    size_t size;
    const char *clean = text_clean(&arena, line, strlen(line));
    if (progress->terminal.moves) {
        char *bytes = live_print_above(&progress->live, clean, &progress->terminal, &size);
        put(bytes, size);
        progress->is_changed = true;
    } else {
        printf("%s\n", clean);
        fflush(stdout);
    }
    arena_release(&arena);
}

void progress_end(struct progress *progress, double now)
{
    if (progress->terminal.moves) {
        show_block(progress, now);
        end_block(progress);
        interrupt_restore_terminal(-1, NULL);
        putchar('\n');
    }
    live_release(&progress->live);
    canvas_release(&progress->sheet);
    free(progress->images);
    progress->images = NULL;
}
