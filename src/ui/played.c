#define _GNU_SOURCE
#include "played.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

enum { KEYS_LIMIT = 1 << 20, ROUNDS = 1000 };

struct playing {
    struct app *app;
    const char *name; /* of the file */
    int line;
    int printed;
    double waited; /* seconds that were played */
};

/* Until nothing more comes of it. */
static void settle(struct playing *playing)
{
    struct app *app = playing->app;
    app->now = present_time() + playing->waited;
    app->steady = playing->waited;
    for (int i = 0; i < ROUNDS && !app->is_over; i++) {
        app_update(app);
        if (!jobs_are_pending(app) && i > 0)
            break;
    }
}

static void print_screen(struct playing *playing)
{
    struct app *app = playing->app;
    settle(playing);
    if (app->is_over)
        return;
    if (playing->printed++ > 0)
        printf("%s\n", app->look.terminal.utf8 ? "────" : "----");
    app_draw(app);
    canvas_print(&app->canvas, stdout, &app->look.terminal);
}

static int set_size(struct playing *playing, const char *text)
{
    int columns, rows;
    struct app *app = playing->app;
    if (sscanf(text, "%dx%d", &columns, &rows) != 2 || columns < 1 || rows < 1 || columns > 1000 ||
        rows > 1000)
        return fail(ERR_INVALID, "'%.40s' is no size such as 80x24", text);
    canvas_release(&app->canvas);
    canvas_init(&app->canvas, columns, rows);
    app->look.terminal.columns = columns;
    app->look.terminal.rows = rows;
    return 0;
}

static int obey(struct playing *playing, const char *order)
{
    const char *rest = order + strcspn(order, " ");
    rest += strspn(rest, " ");
    if (strncmp(order, ".print", 6) == 0)
        print_screen(playing);
    else if (strncmp(order, ".size", 5) == 0)
        return set_size(playing, rest);
    else if (strncmp(order, ".wait", 5) == 0)
        playing->waited += strtod(rest, NULL);
    else if (strncmp(order, ".look", 5) == 0)
        app_look_now(playing->app);
    else
        return fail(ERR_INVALID, "'%.40s' is no order", order);
    return 0;
}

static void press(struct playing *playing, uint32_t key)
{
    struct input input = { .kind = INPUT_KEY, .key = key };
    settle(playing);
    app_input(playing->app, &input);
    settle(playing);
}

/* One word or quoted text; returns what follows it, NULL after an error. */
static const char *play_word(struct playing *playing, const char *at)
{
    struct arena arena = { 0 };
    if (*at == '"') {
        const char *end = strchr(at + 1, '"');
        const char *next = at + 1;
        if (!end) {
            fail(ERR_INVALID, "a quote is not closed");
            return NULL;
        }
        while (next < end)
            press(playing, text_next(&next));
        return end + 1;
    }
    size_t length = strcspn(at, " ");
    uint32_t key = key_parse(arena_strndup(&arena, at, length));
    if (key)
        press(playing, key);
    else
        fail(ERR_INVALID, "'%.*s' is no key", (int)MIN(length, 40), at);
    arena_release(&arena);
    return key ? at + length : NULL;
}

static int play_line(struct playing *playing, const char *line)
{
    line += strspn(line, " ");
    if (*line == '#')
        return 0;
    if (*line == '.' && line[1])
        return obey(playing, line);
    while (line && *line && !playing->app->is_over) {
        line = play_word(playing, line);
        if (line)
            line += strspn(line, " ");
    }
    return line ? 0 : ERR_INVALID;
}

static int play(struct playing *playing, char *text)
{
    char *rest = text;
    int error = 0;
    while (rest && !error && !playing->app->is_over) {
        char *line = strsep(&rest, "\n");
        playing->line++;
        error = play_line(playing, line);
    }
    return error ? fail_prefix("keys '%.100s' line %d", playing->name, playing->line) : 0;
}

int played_run(struct app *app)
{
    struct playing playing = { .app = app, .name = app->wish.keys };
    struct terminal *terminal = &app->look.terminal;
    const char *path = strcmp(playing.name, "-") == 0 ? "/dev/stdin" : playing.name;
    char *text;
    size_t size;
    int error = file_read(path, KEYS_LIMIT, &text, &size);
    if (error)
        return error;
    terminal_probe(terminal, stdout);
    terminal->braille = terminal->utf8; /* as a person would see it */
    app->look.glyphs = terminal->utf8 ? CHART_BRAILLE : CHART_ASCII;
    app->look.pictures = terminal->utf8 ? PICTURE_BRAILLE : PICTURE_ASCII;
    app->picture_modes[0] = app->look.pictures;
    app->picture_modes[1] = terminal->utf8 ? PICTURE_HALF : PICTURE_ASCII;
    app->picture_mode_count = 2;
    app_set_pictures(app);
    canvas_init(&app->canvas, app->wish.columns, app->wish.rows);
    terminal->columns = app->wish.columns;
    terminal->rows = app->wish.rows;
    error = catalogue_refresh(app->index.places[0].catalogue, present_time());
    if (!error) {
        settle(&playing);
        app_begin(app);
        error = play(&playing, text);
    }
    if (!error)
        print_screen(&playing);
    free(text);
    return error;
}
