/* Opening the dashboard, and the loop between a terminal and the app. */
#define _GNU_SOURCE
#include "ui/dashboard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app_state.h"
#include "base/clock.h"
#include "base/error.h"
#include "played.h"
#include "run/interrupt.h"

enum {
    FRAME_MS = 1000,   /* a terminal that has not answered by then does not answer … */
    FRAME_CELLS = 100, /* a screen with more changes than that waits for its answer */
    SLOW_CELLS = 100,  /* … unless it has before: so many in a second come over any line … */
    SLOW_MS = 10000,   /* … and longer nobody waits */
    UNANSWERED = 2,    /* so many times nobody is asked in vain */
    LEAVE_MS = 100     /* so long the end waits for threads that may be left behind */
};

static int signal_pipe[2] = { -1, -1 }; /* handlers have no context */

static void note_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t written = write(signal_pipe[1], &byte, 1);
    (void)written;
    errno = saved;
}

static const int caught[] = { SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT };

static int catch_signals(struct sigaction *before)
{
    struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART };
    if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return fail(ERR_IO, "cannot make a pipe: %s", strerror(errno));
    for (int i = 0; i < ARRAY_SIZE(caught); i++)
        sigaction(caught[i], &action, &before[i]);
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

static void uncatch_signals(const struct sigaction *before)
{
    for (int i = 0; i < ARRAY_SIZE(caught); i++)
        sigaction(caught[i], &before[i], NULL);
    close(signal_pipe[0]);
    close(signal_pipe[1]);
}

/* --- the terminal --- */

static void set_canvas(struct app *app, int columns, int rows)
{
    if (app->canvas.width == columns && app->canvas.height == rows)
        return;
    canvas_release(&app->canvas);
    canvas_init(&app->canvas, columns, rows);
    app->needs_draw = true;
}

/* Picture modes that the terminal can show, the best one first. */
static void find_picture_modes(struct app *app)
{
    const struct terminal *terminal = &app->look.terminal;
    int count = 0;
    if (app->has_sixel || app->has_kitty)
        app->picture_modes[count++] = PICTURE_PIXELS;
    if (terminal->utf8 && terminal->colours >= COLOUR_256)
        app->picture_modes[count++] = PICTURE_HALF;
    if (terminal->utf8 && terminal->colours >= COLOUR_256)
        app->picture_modes[count++] = PICTURE_SEXTANT;
    if (terminal->utf8 && terminal->braille)
        app->picture_modes[count++] = PICTURE_BRAILLE;
    app->picture_modes[count++] = PICTURE_ASCII;
    app->picture_mode_count = count;
}

static void set_look(struct app *app, const struct terminal *terminal)
{
    app->look.terminal = *terminal;
    app->look.glyphs = chart_glyphs_for(terminal);
    app->look.pictures = picture_mode_for(terminal);
    find_picture_modes(app);
    app_set_pictures(app);
    app_recall_pictures(app);
}

/* Pixels are best where there are any; a terminal that has not said how large its cells are scales
 * pictures of the Kitty protocol itself. */
static void take_pixels(struct app *app)
{
    enum { USUAL_WIDTH = 10, USUAL_HEIGHT = 20 };
    bool had = app->picture_modes[0] == PICTURE_PIXELS;
    int width = app->pixel_cell_width, height = app->pixel_cell_height;
    find_picture_modes(app);
    if (!app->has_sixel && !app->has_kitty)
        return;
    screen_set_pixels(app->screen, app->has_kitty ? PIXELS_KITTY : PIXELS_SIXEL,
                      width > 0 ? width : USUAL_WIDTH, height > 0 ? height : USUAL_HEIGHT);
    if (had)
        return;
    if (app_wants_pictures(app, PICTURE_PIXELS))
        app->look.pictures = PICTURE_PIXELS;
    app_recall_pictures(app);
    app->needs_draw = true;
}

/* Fonts become larger and smaller while one looks. */
static void take_cell_size(struct app *app, int width, int height)
{
    bool is_other = width != app->pixel_cell_width || height != app->pixel_cell_height;
    app->pixel_cell_width = width;
    app->pixel_cell_height = height;
    if (is_other && (app->has_sixel || app->has_kitty)) {
        take_pixels(app);
        app->needs_draw = true;
    }
}

/* "62;4;22" names sixel graphics as 4. */
static bool names_sixel(const char *attributes)
{
    for (const char *at = attributes; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
        if (strtol(at, NULL, 10) == 4)
            return true;
    return false;
}

/* "rgb:ffff/ffff/dddd": lighter than the middle? */
static bool is_light(const char *text)
{
    unsigned rgb[3] = { 0 };
    if (sscanf(text, "rgb:%4x/%4x/%4x", &rgb[0], &rgb[1], &rgb[2]) != 3)
        return false;
    const char *slash = strchr(text, '/');
    unsigned most = slash && slash - text - 4 <= 2 ? 0xff : 0xffff;
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2] > 0.5 * most;
}

/* What the terminal says of itself; keys go to the app. */
static void take_input(struct app *app, const struct input *input)
{
    switch (input->kind) {
    case INPUT_CURSOR:
        app->is_frame_pending = false;
        app->is_answering = true;
        app->unanswered = 0;
        break;
    case INPUT_ATTRIBUTES:
        app->has_sixel = names_sixel(input->text) && app->pixel_cell_width > 0;
        take_pixels(app);
        break;
    case INPUT_GRAPHICS:
        app->has_kitty = strcmp(input->text, "OK") == 0;
        break;
    case INPUT_CELL_SIZE:
        take_cell_size(app, input->x, input->y);
        break;
    case INPUT_COLOUR:
        app->look.is_light = input->x == 11 && is_light(input->text);
        app->needs_draw = app->needs_draw || app->look.is_light;
        break;
    default:
        app_input(app, input);
    }
}

/* --- signals --- */

/* As ^Z: the terminal is given back, and taken again when somebody says fg. */
static void go_to_sleep(struct app *app)
{
    struct sigaction usual = { .sa_handler = SIG_DFL }, before;
    screen_suspend(app->screen);
    sigaction(SIGTSTP, &usual, &before);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &before, NULL);
    screen_resume(app->screen);
    app->needs_draw = true;
}

static void take_signal(struct app *app, int number)
{
    switch (number) {
    case SIGWINCH:
    case SIGCONT:
        screen_resize(app->screen);
        if (app->has_sixel || app->has_kitty)
            screen_ask_cell_size(app->screen);
        app->needs_draw = true;
        break;
    case SIGTSTP:
        go_to_sleep(app);
        break;
    default:
        app->signal = number;
        app->is_over = true;
    }
}

static void take_signals(struct app *app)
{
    unsigned char bytes[64];
    ssize_t count = read(signal_pipe[0], bytes, sizeof bytes);
    for (ssize_t i = 0; i < count; i++)
        take_signal(app, bytes[i]);
}

/* --- the loop --- */

static void take_time(struct app *app)
{
    app->now = present_time();
    app->steady = monotonic_clock();
    if (app->is_frame_pending && app->steady - app->asked > app->patience) {
        app->is_frame_pending = false;
        app->unanswered++;
    }
}

/* Seconds: a slow line that is given up too soon gets the next screen on top of the last one. */
static double patience(const struct app *app, int64_t cells)
{
    double ms = FRAME_MS;
    if (app->is_answering)
        ms = MIN(ms + 1000.0 * (double)cells / SLOW_CELLS, (double)SLOW_MS);
    return ms / 1000;
}

/* A screen is sent when the terminal has shown the last one that was large, so that nothing piles up
 * behind a slow line. */
static void show(struct app *app)
{
    if (app->is_frame_pending)
        return;
    app_draw(app);
    int64_t cells = screen_put(app->screen, &app->canvas);
    if (cells > FRAME_CELLS && screen_is_asked(app->screen) && app->unanswered < UNANSWERED) {
        screen_ask_cursor(app->screen);
        app->is_frame_pending = true;
        app->asked = app->steady;
        app->patience = patience(app, cells);
    }
}

static int sleep_ms(const struct app *app, const struct input_reader *reader)
{
    int wait = input_wait_ms(reader, app->steady);
    const struct view_type *type = app->top->type;
    double wakes = type->wakes ? type->wakes(app->top, app->steady) : -1;
    if (wakes >= 0 && (wait < 0 || wakes * 1000 < wait))
        wait = (int)(wakes * 1000) + 1;
    double slow = jobs_wake(app);
    if (slow >= 0 && (wait < 0 || slow * 1000 < wait))
        wait = (int)(slow * 1000) + 1;
    if (app->is_frame_pending && (wait < 0 || wait > FRAME_MS))
        wait = FRAME_MS;
    return wait;
}

static void drain(int fd)
{
    char bytes[256];
    while (read(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        ;
}

/* False when the terminal has gone. */
static bool read_keys(struct app *app, struct input_reader *reader)
{
    char bytes[4096];
    struct input input;
    size_t room = (size_t)(INPUT_ROOM - reader->count);
    ssize_t count = read(STDIN_FILENO, bytes, MIN(sizeof bytes, room));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    input_feed(reader, bytes, (int)MAX(count, 0), app->steady);
    while (!app->is_over && input_next(reader, app->steady, &input))
        take_input(app, &input);
    return true;
}

static void take_late_keys(struct app *app, struct input_reader *reader)
{
    struct input input;
    while (!app->is_over && input_next(reader, app->steady, &input))
        take_input(app, &input);
}

static void run_loop(struct app *app, struct input_reader *reader)
{
    bool is_asked = false;
    while (!app->is_over) {
        const struct terminal *terminal = screen_terminal(app->screen);
        take_time(app);
        set_canvas(app, terminal->columns, terminal->rows);
        if (app_update(app) && !app->is_over)
            show(app);
        if (!is_asked)
            screen_ask(app->screen);
        is_asked = true;
        if (app->is_over)
            break;
        const struct view_type *type = app->top->type;
        struct pollfd waits[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                                  { .fd = app->wake[0], .events = POLLIN },
                                  { .fd = signal_pipe[0], .events = POLLIN },
                                  { .fd = type->watches ? type->watches(app->top) : -1,
                                    .events = POLLIN } };
        poll(waits, ARRAY_SIZE(waits), sleep_ms(app, reader));
        take_time(app);
        if (waits[2].revents)
            take_signals(app);
        if (waits[1].revents)
            drain(app->wake[0]);
        if (waits[0].revents && !read_keys(app, reader))
            app->is_over = true;
        else
            take_late_keys(app, reader);
        if (app->signal == -1) {
            app->signal = 0;
            go_to_sleep(app);
        }
    }
}

static int run_on_terminal(struct app *app)
{
    struct sigaction before[ARRAY_SIZE(caught)];
    struct input_reader *reader;
    int error = catch_signals(before);
    if (error)
        return error;
    error = screen_open(&app->screen, app->index.config.dashboard.mouse);
    if (error) {
        uncatch_signals(before);
        return error;
    }
    reader = xmalloc(sizeof *reader);
    input_reader_init(reader);
    reader->sequences = screen_sequences(app->screen);
    set_look(app, screen_terminal(app->screen));
    set_canvas(app, app->look.terminal.columns, app->look.terminal.rows);
    take_time(app);
    app_begin(app);
    watcher_open(app);
    if (app->top)
        run_loop(app, reader);
    screen_close(app->screen);
    input_reader_release(reader);
    free(reader);
    uncatch_signals(before);
    return app->signal;
}

/* --- opening --- */

static int open_app(struct app *app, const struct dashboard_wish *wish)
{
    *app = (struct app){ .wish = *wish, .shared_step = -1 };
    int error = app_find_store(app);
    if (error)
        return error;
    if (pipe2(app->wake, O_CLOEXEC | O_NONBLOCK) < 0)
        return fail(ERR_IO, "cannot make a pipe: %s", strerror(errno));
    app->reading = app->index;
    app->reading.arena = (struct arena){ 0 };
    app_bind(app);
    memory_load(app);
    jobs_open(app);
    return 0;
}

static struct timespec soon(int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return until;
}

static void release_app(struct app *app)
{
    canvas_release(&app->canvas);
    arena_release(&app->frame);
    arena_release(&app->reading.arena);
    if (app->wake[0] > 0) {
        close(app->wake[0]);
        close(app->wake[1]);
    }
    if (app->index.places) {
        catalogue_close(app->index.places[0].catalogue);
        app->index.places[0].catalogue = NULL;
        app_unmake_store(app, app_store(app));
        index_close(&app->index);
    }
}

/* False when a thread is in the middle of something long that nobody needs any more: then nothing of
 * the app may be released. */
static bool close_app(struct app *app)
{
    app_leave(app);
    typing_end(app);
    choosing_end(app);
    acts_release(app);
    if (app->memory)
        memory_save(app);
    struct timespec until = soon(LEAVE_MS);
    bool is_quiet = jobs_close(app, &until);
    is_quiet = watcher_close(app, &until) && is_quiet;
    if (is_quiet)
        release_app(app);
    return is_quiet;
}

int dashboard_run(const struct dashboard_wish *wish)
{
    struct app app;
    int result = open_app(&app, wish);
    if (!result)
        result = wish->keys ? played_run(&app) : run_on_terminal(&app);
    char *sentence = xstrdup(error_text()); /* closing may have one of its own */
    if (!close_app(&app)) {                 /* it leaves with its threads */
        fflush(stdout);
        if (result > 0)
            interrupt_die(result);
        _exit(EXIT_SUCCESS);
    }
    if (result < 0)
        fail(result, "%s", sentence);
    free(sentence);
    return result;
}
