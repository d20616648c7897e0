#define _GNU_SOURCE
#include "progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "draw/bar.h"
#include "draw/sparkline.h"
#include "run/interrupt.h"

enum { FIGURE_ROWS = 5, UPDATES_A_SECOND = 5 };
#define SHOW_CURSOR "\033[?25h"

/* The series drawn beside the losses, two a line. */
static const struct {
    const char *label;
    size_t offset; /* of a double in struct step_report */
    int colour;    /* of the terminal's 16 */
} series_table[PROGRESS_SERIES] = {
    { "D loss", offsetof(struct step_report, d_loss), 5 },
    { "D(x)", offsetof(struct step_report, d_real), 5 },
    { "G loss", offsetof(struct step_report, g_loss), 6 },
    { "D(G(z))", offsetof(struct step_report, d_fake), 6 },
};

/* Takes `bytes`. */
static void put(char *bytes, size_t size)
{
    fwrite(bytes, 1, size, stdout);
    fflush(stdout);
    free(bytes);
}

void progress_begin(struct progress *progress, const struct training_facts *facts,
                    enum picture_mode mode, const struct arguments *arguments)
{
    struct arena arena = { 0 };
    *progress = (struct progress){
        .facts = *facts, .mode = mode, .arguments = arguments, .started = monotonic_clock()
    };
    terminal_probe(&progress->terminal, stdout);
    live_init(&progress->live);
    canvas_init(&progress->sheet, 0, 0);
    for (int i = 0; i < PROGRESS_SERIES; i++)
        history_init(&progress->series[i]);
    printf("run %lld: %s, %s steps on %s images of %dx%d, %d thread%s\n", (long long)facts->number,
           text_clean(&arena, facts->recipe->experiment.name, 80),
           format_count(&arena, (double)facts->steps),
           format_count(&arena, (double)facts->data_count), facts->width, facts->height,
           facts->threads, facts->threads == 1 ? "" : "s");
    for (const char *const *remark = facts->remarks; *remark; remark++)
        printf("note: %s\n", text_clean(&arena, *remark, 1000));
    if (facts->from_step > 0)
        printf("going on from step %s\n", format_count(&arena, (double)facts->from_step));
    fflush(stdout);
    if (progress->terminal.moves)
        interrupt_restore_terminal(STDOUT_FILENO, SHOW_CURSOR);
    arena_release(&arena);
}

static double seconds_left(const struct progress *progress, int64_t step)
{
    double done = (double)(step - progress->facts.from_step);
    double left = (double)(progress->facts.steps - step);
    return done > 0 ? (monotonic_clock() - progress->started) / done * left : NAN;
}

/* Draws the samples again if there are new ones, or another room for them. */
static void draw_sheet(struct progress *progress, const uint8_t *images)
{
    const struct terminal *terminal = &progress->terminal;
    int rows = MAX(terminal->rows - 1 - FIGURE_ROWS - 1, 0);
    bool is_same = terminal->columns == progress->sheet_columns && rows == progress->sheet_rows;
    if (!images || (is_same && !progress->is_sheet_new))
        return;
    struct picture_sheet sheet = { .images = images,
                                   .count = progress->facts.sample_count,
                                   .height = progress->facts.height,
                                   .width = progress->facts.width };
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

static void copy_sheet(const struct progress *progress, struct canvas *block)
{
    for (int y = 0; y < progress->sheet.height; y++)
        for (int x = 0; x < progress->sheet.width; x++) {
            const struct cell *cell = canvas_at(&progress->sheet, x, y);
            canvas_put(block, x, y, cell->character, cell->style);
        }
}

static void draw_bar(const struct progress *progress, struct canvas *block, int y, int64_t step)
{
    struct arena arena = { 0 };
    double fraction = (double)step / (double)progress->facts.steps;
    const char *steps = format_count(&arena, (double)progress->facts.steps);
    const char *text = arena_printf(&arena, " %3d %%  step %*s of %s", (int)(100 * fraction),
                                    (int)strlen(steps), format_count(&arena, (double)step), steps);
    int width = block->width - text_columns(text);
    bar_draw(block, (struct rect){ 0, y, width, 1 }, fraction,
             (struct style){ .foreground = colour_ansi(2) });
    canvas_text(block, (struct rect){ MAX(width, 0), y, block->width, 1 }, text,
                (struct style){ 0 });
    arena_release(&arena);
}

static void draw_figures(const struct progress *progress, struct canvas *block, int y,
                         const struct training_news *news)
{
    struct arena arena = { 0 };
    struct style plain = { 0 }, loud = { .attributes = STYLE_BOLD };
    struct rect line = { 0, y, block->width, 1 };
    if (interrupt_signal() && news->moment != TRAINING_SAVED)
        canvas_text(block, line, "stopping: one more step and a checkpoint (^C again: at once)",
                    loud);
    else
        canvas_printf(block, line, plain, "epoch %.2f   %s images/s   %s gone, %s left",
                      news->report->epoch, format_count(&arena, news->images_per_second),
                      format_duration(&arena, monotonic_clock() - progress->started),
                      format_duration(&arena, seconds_left(progress, news->step)));
    arena_release(&arena);
}

/* "D loss   1.2034 ▁▂▃▅▆" */
static void draw_series(struct progress *progress, struct canvas *block, struct rect rect,
                        int index)
{
    enum { LABEL = 8, VALUE = 8 };
    struct history *history = &progress->series[index];
    struct style colour = { .foreground = colour_ansi(series_table[index].colour) };
    canvas_text(block, rect, series_table[index].label, (struct style){ 0 });
    canvas_printf(block, (struct rect){ rect.x + LABEL, rect.y, VALUE, 1 },
                  (struct style){ .attributes = STYLE_BOLD }, "%*.3f", VALUE - 1,
                  history_recent(history));
    sparkline_draw(
        block, (struct rect){ rect.x + LABEL + VALUE, rect.y, rect.width - LABEL - VALUE - 2, 1 },
        history->values, history->count, colour);
}

static void draw_block(struct progress *progress, struct canvas *block,
                       const struct training_news *news)
{
    int y = progress->sheet.height + 1, half = block->width / 2;
    copy_sheet(progress, block);
    draw_bar(progress, block, y++, news->step);
    draw_figures(progress, block, y++, news);
    for (int i = 0; i < PROGRESS_SERIES; i++)
        draw_series(progress, block, (struct rect){ i % 2 ? half : 0, y + i / 2, half, 1 }, i);
}

static void end_block(struct progress *progress)
{
    size_t size;
    char *bytes = live_end(&progress->live, true, &progress->terminal, &size);
    put(bytes, size);
}

static void show_block(struct progress *progress, const struct training_news *news)
{
    struct canvas block;
    size_t size;
    if (interrupt_came_back())
        end_block(progress); /* a new one begins below what the shell has printed */
    terminal_probe(&progress->terminal, stdout);
    draw_sheet(progress, news->images);
    canvas_init(&block, progress->terminal.columns, progress->sheet.height + FIGURE_ROWS);
    draw_block(progress, &block, news);
    char *bytes = live_update(&progress->live, &block, &progress->terminal, &size);
    put(bytes, size);
    canvas_release(&block);
    progress->drawn = monotonic_clock();
}

/* Not on a terminal. */
static void print_line(const struct progress *progress, const struct training_news *news)
{
    struct arena arena = { 0 };
    const struct step_report *report = news->report;
    printf("step %lld of %lld  epoch %.2f  d_loss %.4f  g_loss %.4f  D(x) %.3f  D(G(z)) %.3f  "
           "%.0f images/s  %s left\n",
           (long long)news->step, (long long)progress->facts.steps, report->epoch, report->d_loss,
           report->g_loss, report->d_real, report->d_fake, news->images_per_second,
           format_duration(&arena, seconds_left(progress, news->step)));
    fflush(stdout);
    arena_release(&arena);
}

static void add_to_series(struct progress *progress, const struct step_report *report)
{
    for (int i = 0; i < PROGRESS_SERIES; i++) {
        double value;
        memcpy(&value, (const char *)report + series_table[i].offset, sizeof value);
        history_add(&progress->series[i], value);
    }
}

void progress_watch(void *context, const struct training_news *news)
{
    struct progress *progress = context;
    if (news->moment == TRAINING_STEPPED)
        add_to_series(progress, news->report);
    if (news->moment == TRAINING_SAMPLED)
        progress->is_sheet_new = true;
    if (!progress->terminal.moves) {
        if (news->moment == TRAINING_REPORTED)
            print_line(progress, news);
        return;
    }
    bool is_end = news->step == progress->facts.steps || interrupt_signal();
    if (is_end || monotonic_clock() - progress->drawn >= 1.0 / UPDATES_A_SECOND)
        show_block(progress, news);
}

/* How this program was called: a path, or the name that a shell finds. */
static const char *program_name(struct arena *arena, const struct arguments *arguments)
{
    bool has_path = arguments->argc > 0 && strchr(arguments->argv[0], '/');
    return has_path ? text_clean(arena, arguments->argv[0], 4096) : "gander";
}

static void suggest(const struct progress *progress, const struct training_outcome *outcome)
{
    struct arena arena = { 0 };
    const char *program = program_name(&arena, progress->arguments);
    const char *store = option_text(progress->arguments, "store");
    char *run = arena_printf(&arena, "%lld", (long long)progress->facts.number);
    if (store)
        run = arena_printf(&arena, "%s --store %s", run, text_clean(&arena, store, 4096));
    if (outcome->state == RUN_STOPPED || outcome->state == RUN_FAILED)
        printf("go on   %s resume %s\n", program, run);
    if (outcome->checkpoint >= 0)
        printf("draw    %s generate %s\n", program, run);
    printf("look    %s samples %s\n", program, run);
    arena_release(&arena);
}

void progress_end(struct progress *progress, const struct training_outcome *outcome)
{
    struct arena arena = { 0 };
    if (progress->terminal.moves) {
        end_block(progress);
        interrupt_restore_terminal(-1, NULL);
        putchar('\n');
    }
    printf("run %lld %s: step %s of %s, %s\n", (long long)progress->facts.number,
           run_state_name(outcome->state), format_count(&arena, (double)outcome->step),
           format_count(&arena, (double)progress->facts.steps),
           format_duration(&arena, outcome->seconds));
    printf("files   %s/samples, checkpoints\n",
           text_clean(&arena, progress->facts.directory, 4096));
    suggest(progress, outcome);
    fflush(stdout);
    live_release(&progress->live);
    canvas_release(&progress->sheet);
    arena_release(&arena);
}
