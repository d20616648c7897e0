/* The mouse, as a terminal tells of it (SGR encoding): where it clicks, what it turns, what it drags. */
#define _GNU_SOURCE
#include "pty.h"
#include "shown.h"

enum { COLUMNS_HERE = 80, ROWS_HERE = 24, RUNS_HERE = 12 };
enum { HEADS = 1, FIRST_RUN = 2, TABS = 2 /* rows of the screen, from 0 */ };
enum { LEFT = 0, DRAG = 32, WHEEL_UP = 64, WHEEL_DOWN = 65 };

static int enter(void **state)
{
    int error = program_enter(state);
    char *memory = xasprintf("%s/state", scratch_path);
    setenv("XDG_STATE_HOME", memory, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    free(memory);
    if (!error)
        shown_store(RUNS_HERE);
    return error;
}

#define WITH_RUNS(test) cmocka_unit_test_setup_teardown(test, enter, scratch_leave)

static struct pty open_here(void)
{
    struct pty pty = pty_start(&(struct pty_wish){ .columns = COLUMNS_HERE, .rows = ROWS_HERE });
    pty_wait_for(&pty, "shown");
    pty_settle_for(&pty, 300);
    return pty;
}

/* --- what the screen shows --- */

/* Printable bytes alone; the caller frees it. */
static char *without_escapes(const char *bytes, size_t size)
{
    char *text = xcalloc(size + 1, 1);
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == 27 && i + 1 < size && bytes[i + 1] == '[') {
            for (i += 2; i < size && !(bytes[i] >= '@' && bytes[i] <= '~');)
                i++;
        } else if (bytes[i] == 27) {
            i++;
        } else if ((unsigned char)bytes[i] >= ' ') {
            text[length++] = bytes[i];
        }
    }
    return text;
}

/* The whole screen, sent anew; the caller frees it. */
static char *look(struct pty *pty)
{
    size_t mark = pty->size;
    pty_type(pty, "\f");
    pty_settle_for(pty, 60);
    return without_escapes(pty->bytes + mark, pty->size - mark);
}

/* Until the text stands there. */
static void expect(struct pty *pty, const char *wanted)
{
    double begun = monotonic_clock();
    for (bool is_there = false; !is_there;) {
        char *text = look(pty);
        is_there = strstr(text, wanted);
        if (!is_there && monotonic_clock() - begun > 10)
            fail_msg("there is no '%s' in\n%s", wanted, text);
        free(text);
    }
}

static void expect_none(struct pty *pty, const char *unwanted)
{
    char *text = look(pty);
    assert_null(strstr(text, unwanted));
    free(text);
}

/* The column of a text on a row of the first screen, as it is printed. */
static int column_of(int row, const char *text)
{
    made_write("keys", "");
    char *screen = program_output("dashboard", "--keys", "keys", "--print", "--size", "80x24");
    const char *line = screen;
    for (int i = 0; i < row; i++)
        line = strchr(line, '\n') + 1;
    const char *at = strstr(line, text);
    assert_non_null(at);
    int column = 0;
    for (const char *byte = line; byte < at; byte++)
        column += (*byte & 0xC0) != 0x80; /* none here is wide */
    free(screen);
    return column;
}

/* --- gestures --- */

static char *report(int button, int x, int y, char end)
{
    return xasprintf("\033[<%d;%d;%d%c", button, x + 1, y + 1, end);
}

static void tell(struct pty *pty, int button, int x, int y, char end)
{
    char *bytes = report(button, x, y, end);
    pty_type(pty, bytes);
    free(bytes);
}

static void click(struct pty *pty, int x, int y)
{
    tell(pty, LEFT, x, y, 'M');
    tell(pty, LEFT, x, y, 'm');
}

static void a_click_moves_and_another_opens(void **state)
{
    (void)state;
    struct pty pty = open_here();
    expect(&pty, "1 of 12");
    click(&pty, 10, FIRST_RUN + 2);
    expect(&pty, "3 of 12");
    click(&pty, 10, FIRST_RUN + 2);
    expect(&pty, "1 Overview");
    click(&pty, 17, TABS); /* "2 Curves" */
    expect(&pty, "D(G(z))");
    click(&pty, 52, TABS); /* "5 Log" */
    expect(&pty, "three");
    pty_quit(&pty);
}

static void the_wheel_scrolls(void **state)
{
    (void)state;
    struct pty pty = open_here();
    tell(&pty, WHEEL_DOWN, 10, FIRST_RUN + 5, 'M');
    expect(&pty, "4 of 12");
    tell(&pty, WHEEL_DOWN, 10, FIRST_RUN + 5, 'M');
    tell(&pty, WHEEL_UP, 10, FIRST_RUN + 5, 'M');
    tell(&pty, WHEEL_UP, 10, FIRST_RUN + 5, 'M');
    expect(&pty, "1 of 12");
    pty_ask(&pty, "?", "Help");
    tell(&pty, WHEEL_DOWN, 10, 10, 'M');
    tell(&pty, WHEEL_DOWN, 10, 10, 'M');
    expect(&pty, "3-24 of");
    pty_quit(&pty);
}

static void a_click_on_a_head_sorts_and_another_reverses(void **state)
{
    (void)state;
    int column = column_of(HEADS, "D loss");
    struct pty pty = open_here();
    click(&pty, column + 2, HEADS);
    expect(&pty, "by d_loss ▼");
    click(&pty, column + 2, HEADS);
    expect(&pty, "by d_loss ▲");
    pty_quit(&pty);
}

static void a_drag_zooms(void **state)
{
    (void)state;
    struct pty pty = open_here();
    pty_type(&pty, "c");
    expect(&pty, "by step");
    click(&pty, 30, 10); /* does not */
    expect(&pty, "by step");
    expect_none(&pty, "zoomed");
    size_t mark = pty.size;
    tell(&pty, LEFT, 30, 10, 'M');
    for (int x = 31; x <= 50; x++)
        tell(&pty, LEFT | DRAG, x, 10, 'M');
    assert_false(pty_has_since(&pty, mark, "zoomed"));
    tell(&pty, LEFT, 50, 10, 'm');
    expect(&pty, "by step, zoomed");
    pty_type(&pty, "0");
    expect(&pty, "by step");
    expect_none(&pty, "zoomed");
    tell(&pty, WHEEL_UP, 40, 10, 'M'); /* it zooms as well */
    expect(&pty, "by step, zoomed");
    pty_quit(&pty);
}

/* Over a slow line: no part of it is a key. */
static void a_torn_report_is_one_click(void **state)
{
    (void)state;
    struct pty pty = open_here();
    for (int row = 2; row <= 7; row += 5) { /* what a row is said with holds other digits */
        char *bytes = report(LEFT, 10, FIRST_RUN + row, 'M');
        for (const char *at = bytes; *at; at++) {
            pty_send(&pty, at, 1);
            pty_listen(&pty, *at == 27 ? 5 : 25);
        }
        free(bytes);
        char *place = xasprintf("%d of 12", row + 1);
        expect(&pty, place);
        free(place);
    }
    pty_quit(&pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUNS(a_click_moves_and_another_opens),
        WITH_RUNS(the_wheel_scrolls),
        WITH_RUNS(a_click_on_a_head_sorts_and_another_reverses),
        WITH_RUNS(a_drag_zooms),
        WITH_RUNS(a_torn_report_is_one_click),
    };
    return cmocka_run_group_tests_name("mouse", tests, NULL, NULL);
}
