/* The only module that includes curses. Input is read elsewhere: curses never sees a key. */
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "screen.h"

#include <curses.h>
#include <fcntl.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "guard.h"
#include "screen_output.h"
#include "screen_terminfo.h"

/* The terminal's own sequences for keys, by their names in terminfo. */
static const char *const own_keys[][2] = {
    { "kcuu1", "Up" },   { "kcud1", "Down" },   { "kcub1", "Left" },   { "kcuf1", "Right" },
    { "khome", "Home" }, { "kend", "End" },     { "kpp", "PgUp" },     { "knp", "PgDn" },
    { "kdch1", "Del" },  { "kcbt", "BackTab" }, { "kf1", "F1" },       { "kf2", "F2" },
    { "kf5", "F5" },     { "kLFT", "S-Left" },  { "kRIT", "S-Right" },
};

struct screen {
    SCREEN *curses;
    FILE *file; /* where curses writes: the terminal, and `memory` while it makes a frame */
    int memory; /* -1: frames go to the terminal as they are */
    struct screen_output output;
    struct guard *guard;
    struct terminal terminal;
    struct canvas shown;     /* what was put last; empty: nothing is known */
    bool is_asking_answered; /* the terminal is of a kind that answers questions */
    bool has_mouse;
    struct screen_pixels pixels;
    int *rows; /* of the last put: the first column of each that was sent */
    const char *sequences[ARRAY_SIZE(own_keys) + 1][2];
};

/* --- what is sent beside curses --- */

static void send(const char *text, size_t size)
{
    fflush(stdout);
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, text, size);
        if (written <= 0)
            return; /* the terminal is gone: SIGHUP tells */
        text += written;
        size -= (size_t)written;
    }
}

static void send_text(const char *text)
{
    send(text, strlen(text));
}

static const char modes_on[] = "\033[?2004h", modes_off[] = "\033[?2004l";
static const char mouse_on[] = "\033[?1002h\033[?1006h", mouse_off[] = "\033[?1006l\033[?1002l";

static void set_modes(struct screen *screen, bool is_on)
{
    if (screen->is_asking_answered)
        send_text(is_on ? modes_on : modes_off);
    if (screen->has_mouse)
        send_text(is_on ? mouse_on : mouse_off);
}

/* Curses writes a frame into memory, and what is left of it goes to the terminal at once. */
static void show_frame(struct screen *screen)
{
    int fd = fileno(screen->file);
    if (screen->memory < 0 || dup3(screen->memory, fd, O_CLOEXEC) < 0) {
        refresh();
        return;
    }
    refresh();
    dup3(STDOUT_FILENO, fd, O_CLOEXEC);
    off_t size = lseek(screen->memory, 0, SEEK_CUR);
    char *bytes = xmalloc((size_t)MAX(size, 1));
    ssize_t count = pread(screen->memory, bytes, (size_t)MAX(size, 0), 0);
    lseek(screen->memory, 0, SEEK_SET);
    screen_output_frame(&screen->output, bytes, (size_t)MAX(count, 0));
    send(screen->output.bytes, screen->output.size);
    free(bytes);
}

static void leave_pixels(struct screen *screen)
{
    char *bytes = screen_pixels_leave(&screen->pixels);
    if (bytes)
        send_text(bytes);
    free(bytes);
}

/* --- which terminal --- */

static bool starts_with(const char *text, const char *const *starts)
{
    for (; *starts; starts++)
        if (strncmp(text, *starts, strlen(*starts)) == 0)
            return true;
    return false;
}

/* Those that understand xterm's questions and its mouse. */
static bool is_of_xterm_kind(const char *name)
{
    static const char *const kinds[] = { "xterm",   "tmux",  "rxvt",    "foot",   "alacritty",
                                         "wezterm", "kitty", "ghostty", "vte",    "gnome",
                                         "konsole", "putty", "contour", "mintty", NULL };
    return starts_with(name, kinds);
}

/* The same terminal with 24-bit colours, where terminfo knows it. */
static const char *direct_name(struct arena *arena, const char *name)
{
    const char *dash = strstr(name, "-256color");
    const char *direct =
        arena_printf(arena, "%.*s-direct", dash ? (int)(dash - name) : (int)strlen(name), name);
    return terminfo_knows(direct) ? direct : NULL;
}

#define WHAT_PRINTS "'gander ls', 'gander show RUN' and 'gander watch RUN' print"

static int check_terminal(const char *name)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return fail(ERR_INVALID, "the dashboard needs a terminal; " WHAT_PRINTS);
    bool is_named = name && *name;
    if (is_named && strcmp(name, "dumb") != 0 && !terminfo_knows(name))
        return fail(ERR_INVALID,
                    "the dashboard knows nothing of a terminal '%.60s' (TERM); " WHAT_PRINTS, name);
    if (!is_named || strcmp(name, "dumb") == 0 || !terminfo_moves(name))
        return fail(
            ERR_INVALID,
            "the dashboard needs a terminal that moves its cursor, not TERM=%.60s; " WHAT_PRINTS,
            is_named ? name : "");
    return 0;
}

static enum colour_depth depth_of_curses(enum colour_depth wanted)
{
    if (wanted == COLOUR_NONE || !has_colors())
        return COLOUR_NONE;
    enum colour_depth has = COLORS >= 1 << 24 ? COLOUR_TRUE
                            : COLORS >= 256   ? COLOUR_256
                            : COLORS >= 8     ? COLOUR_16
                                              : COLOUR_NONE;
    return MIN(wanted, has);
}

static void find_sequences(struct screen *screen)
{
    int count = 0;
    for (int i = 0; i < ARRAY_SIZE(own_keys); i++) {
        const char *bytes = tigetstr(own_keys[i][0]);
        if (bytes && bytes != (const char *)-1 && bytes[0] == 27 && bytes[1]) {
            screen->sequences[count][0] = bytes;
            screen->sequences[count++][1] = own_keys[i][1];
        }
    }
}

/* Only where colours are long, and written as screen_output.h understands them. */
static void save_bytes(struct screen *screen)
{
    const char *colour = tigetstr("setaf");
    bool is_known = colour && colour != (const char *)-1 &&
                    (strstr(colour, "8;5;%p1%d") || strstr(colour, "8:2::%p1"));
    if (is_known && screen->terminal.colours >= COLOUR_256)
        screen->memory = memfd_create("frame", MFD_CLOEXEC);
}

static void set_up(struct screen *screen)
{
    raw();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    leaveok(stdscr, TRUE);
    curs_set(0);
    if (screen->terminal.colours != COLOUR_NONE && has_colors()) {
        start_color();
        use_default_colors();
    }
    screen->terminal.colours = depth_of_curses(screen->terminal.colours);
    find_sequences(screen);
    save_bytes(screen);
    set_modes(screen, true);
}

/* What gives the terminal back when nothing else can: no mouse, no pasting, colours and cursor as
 * usual, the screen that was there before. */
static char *last_words(struct arena *arena, bool is_of_xterm)
{
    return arena_printf(arena, "%s%s\033[0m%s\r\n", is_of_xterm ? mouse_off : "",
                        is_of_xterm ? modes_off : "", is_of_xterm ? "\033[?25h\033[?1049l" : "");
}

static void release(struct screen *screen)
{
    guard_end(screen->guard);
    if (screen->file)
        fclose(screen->file);
    if (screen->memory >= 0)
        close(screen->memory);
    screen_output_release(&screen->output);
    canvas_release(&screen->shown);
    screen_pixels_release(&screen->pixels);
    free(screen->rows);
    free(screen);
}

int screen_open(struct screen **out, bool takes_mouse)
{
    struct arena arena = { 0 };
    const char *name = getenv("TERM");
    *out = NULL;
    if (check_terminal(name) < 0)
        return ERR_INVALID;
    struct screen *screen = xcalloc(1, sizeof *screen);
    terminal_probe(&screen->terminal, stdout);
    screen->is_asking_answered = screen->has_mouse = is_of_xterm_kind(name);
    screen->has_mouse = screen->has_mouse || strncmp(name, "screen", 6) == 0;
    screen->has_mouse = screen->has_mouse && takes_mouse;
    if (screen->terminal.colours == COLOUR_TRUE) {
        const char *direct = direct_name(&arena, name);
        name = direct ? direct : name;
    }
    screen->guard = guard_start(
        STDOUT_FILENO, last_words(&arena, screen->is_asking_answered || screen->has_mouse));
    screen->memory = -1;
    screen_output_init(&screen->output);
    screen->file = fdopen(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "w");
    screen->curses = screen->file ? newterm(name, screen->file, stdin) : NULL;
    arena_release(&arena);
    if (!screen->curses) {
        release(screen);
        return fail(ERR_INVALID, "the terminal cannot be set up");
    }
    set_up(screen);
    screen_resize(screen);
    *out = screen;
    return 0;
}

void screen_close(struct screen *screen)
{
    if (!screen)
        return;
    leave_pixels(screen);
    set_modes(screen, false);
    endwin();
    delscreen(screen->curses);
    release(screen);
}

const struct terminal *screen_terminal(const struct screen *screen)
{
    return &screen->terminal;
}

const char *const (*screen_sequences(const struct screen *screen))[2]
{
    return screen->sequences;
}

bool screen_is_asked(const struct screen *screen)
{
    return screen->is_asking_answered;
}

void screen_resize(struct screen *screen)
{
    struct terminal now;
    terminal_probe(&now, stdout);
    screen->terminal.columns = now.columns;
    screen->terminal.rows = now.rows;
    if (LINES != now.rows || COLS != now.columns)
        resizeterm(now.rows, now.columns);
    screen_redraw(screen);
}

/* --- cells --- */

static int rgb_of_fixed(int index)
{
    static const int levels[] = { 0, 95, 135, 175, 215, 255 };
    if (index >= 232) {
        int grey = 8 + 10 * (index - 232);
        return grey << 16 | grey << 8 | grey;
    }
    index = MAX(index - 16, 0);
    return levels[index / 36] << 16 | levels[index / 6 % 6] << 8 | levels[index % 6];
}

/* A colour as curses numbers it; -1 is the terminal's own. *is_bright where it must be made so by
 * other means. */
static int colour_number(const struct screen *screen, uint32_t colour, bool *is_bright)
{
    enum {
        TAG = COLOUR_TAG_ANSI | COLOUR_TAG_FIXED | COLOUR_TAG_RGB,
        VALUE = 0xffffff,
        PALETTE = 8
    };
    uint32_t reduced = colour_reduce(colour, screen->terminal.colours);
    int value = (int)(reduced & VALUE);
    if (reduced == COLOUR_DEFAULT)
        return -1;
    bool is_direct = screen->terminal.colours == COLOUR_TRUE;
    if ((reduced & TAG) == COLOUR_TAG_ANSI) {
        bool has_bright = COLORS >= 16 && !is_direct;
        *is_bright = !has_bright && value >= PALETTE;
        return has_bright ? value : value % PALETTE;
    }
    if (!is_direct)
        return value;
    int rgb = (reduced & TAG) == COLOUR_TAG_FIXED ? rgb_of_fixed(value) : value;
    return rgb < PALETTE && rgb > 0 ? PALETTE
                                    : rgb; /* 1 … 7 mean the theme's; 0 is black in both */
}

static attr_t attributes_of(uint32_t attributes)
{
    attr_t result = A_NORMAL;
    result |= attributes & STYLE_BOLD ? A_BOLD : 0;
    result |= attributes & STYLE_DIM ? A_DIM : 0;
    result |= attributes & STYLE_ITALIC ? A_ITALIC : 0;
    result |= attributes & STYLE_UNDERLINE ? A_UNDERLINE : 0;
    result |= attributes & STYLE_REVERSE ? A_REVERSE : 0;
    return result;
}

/* Two greys one above the other, so that cells side by side share their colours more often, which are
 * sent only where they change: the lighter one is the foreground, one grey is a blank on it. */
static struct cell even_half(const struct screen *screen, const struct cell *cell)
{
    enum { UPPER_HALF = 0x2580, LOWER_HALF = 0x2584 };
    struct cell even = *cell;
    enum colour_depth depth = screen->terminal.colours;
    if (cell->character != UPPER_HALF || depth < COLOUR_256)
        return even;
    uint32_t upper = colour_reduce(cell->style.foreground, depth);
    uint32_t lower = colour_reduce(cell->style.background, depth);
    if (upper == lower) {
        even.character = ' ';
        even.style.foreground = colour_grey(255);
    } else if (cell->style.foreground < cell->style.background) {
        even.character = LOWER_HALF;
        even.style.foreground = cell->style.background;
        even.style.background = cell->style.foreground;
    }
    return even;
}

static void put_cell(struct screen *screen, int x, int y, const struct cell *given)
{
    bool is_bright = false, is_bright_ground = false;
    const struct cell even = even_half(screen, given), *cell = &even;
    wchar_t text[2] = { (wchar_t)cell->character, 0 };
    attr_t attributes = attributes_of(cell->style.attributes);
    int pair = 0;
    cchar_t glyph;
    if (screen->terminal.colours != COLOUR_NONE) {
        int foreground = colour_number(screen, cell->style.foreground, &is_bright);
        int background = colour_number(screen, cell->style.background, &is_bright_ground);
        if (foreground >= 0 || background >= 0)
            pair = MAX(alloc_pair(foreground, background), 0);
        attributes |= is_bright ? A_BOLD : 0;
    }
    if (!screen->terminal.utf8 && text[0] > 126)
        text[0] = (wchar_t)canvas_ascii(cell->character);
    setcchar(&glyph, text, attributes, 0, &pair);
    mvadd_wch(y, x, &glyph);
}

static bool is_same(const struct cell *a, const struct cell *b)
{
    return a->character == b->character && a->style.foreground == b->style.foreground &&
           a->style.background == b->style.background && a->style.attributes == b->style.attributes;
}

static void remember(struct screen *screen, const struct canvas *canvas)
{
    if (screen->shown.width != canvas->width || screen->shown.height != canvas->height) {
        canvas_release(&screen->shown);
        canvas_init(&screen->shown, canvas->width, canvas->height);
    }
    canvas_copy(&screen->shown, 0, 0, canvas, canvas_bounds(canvas));
}

/* Puts what has changed; notes in `rows` the first column of each row where something has. */
static int64_t put_cells(struct screen *screen, const struct canvas *canvas, bool is_known)
{
    int64_t changed = 0;
    for (int y = 0; y < canvas->height; y++)
        for (int x = 0; x < canvas->width; x++) {
            const struct cell *cell = canvas_at(canvas, x, y);
            if (!cell->character || (is_known && is_same(cell, canvas_at(&screen->shown, x, y))))
                continue;
            put_cell(screen, x, y, cell);
            screen->rows[y] = MIN(screen->rows[y], x);
            changed++;
        }
    return changed;
}

/* Cells where a picture in pixels stood that is gone. */
static void uncover(struct screen *screen, const struct canvas *canvas)
{
    screen_pixels_uncover(&screen->pixels, canvas, screen->rows);
    for (int y = 0; y < canvas->height; y++)
        if (screen->rows[y] == 0)
            wredrawln(stdscr, y, 1);
}

static int64_t put_pixels(struct screen *screen, const struct canvas *canvas)
{
    size_t size;
    int64_t cells;
    char *bytes = screen_pixels_update(&screen->pixels, canvas, screen->rows, &size, &cells);
    if (bytes)
        send(bytes, size);
    free(bytes);
    return cells;
}

int64_t screen_put(struct screen *screen, const struct canvas *canvas)
{
    bool is_known = screen->shown.width == canvas->width && screen->shown.height == canvas->height;
    screen->rows = xrealloc(screen->rows, (size_t)MAX(canvas->height, 1), sizeof *screen->rows);
    for (int y = 0; y < canvas->height; y++)
        screen->rows[y] = canvas->width;
    if (!is_known) {
        erase();
        clearok(stdscr, TRUE);
        screen_pixels_forget(&screen->pixels);
    }
    uncover(screen, canvas);
    int64_t changed = put_cells(screen, canvas, is_known);
    show_frame(screen);
    changed += put_pixels(screen, canvas);
    remember(screen, canvas);
    return changed;
}

void screen_redraw(struct screen *screen)
{
    canvas_release(&screen->shown);
}

void screen_suspend(struct screen *screen)
{
    leave_pixels(screen);
    set_modes(screen, false);
    endwin();
}

void screen_resume(struct screen *screen)
{
    refresh(); /* takes the terminal back */
    set_modes(screen, true);
    screen_resize(screen);
}

/* --- questions --- */

/* The colour of the background, the size of a cell, the Kitty protocol, and last what every such
 * terminal answers: so whatever has not answered by then will not. */
void screen_ask(struct screen *screen)
{
    if (!screen->is_asking_answered)
        return;
    send_text("\033]11;?\033\\\033[16t");
    if (!getenv("TMUX"))
        send_text("\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\");
    send_text("\033[c");
}

void screen_ask_cell_size(struct screen *screen)
{
    if (screen->is_asking_answered)
        send_text("\033[16t");
}

void screen_ask_cursor(struct screen *screen)
{
    if (screen->is_asking_answered)
        send_text("\033[6n");
}

void screen_set_pixels(struct screen *screen, enum pixel_protocol protocol, int cell_width,
                       int cell_height)
{
    screen_pixels_set(&screen->pixels, protocol, cell_width, cell_height);
    screen_redraw(screen);
}
