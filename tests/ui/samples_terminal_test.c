/* The samples view on a terminal that shows pixels, and what a step of it costs on a line. */
#define _GNU_SOURCE
#include <poll.h>
#include <pty.h>
#include <string.h>

#include "program.h"
#include "run/sheet.h"

enum { COUNT = 16, SIDE = 28, STEPS = 6 };

/* A terminal that says what it can do, and keeps what it is sent. */
struct terminal_end {
    pid_t pid;
    int fd;
    bool has_sixel, has_kitty;
    char *sent;
    size_t size;
    FILE *stream;
};

static int enter(void **state)
{
    int error = program_enter(state);
    setenv("XDG_STATE_HOME", scratch_path, 1);
    return error;
}

static int leave(void **state)
{
    unsetenv("XDG_STATE_HOME");
    return program_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

/* Sheets of discs, of which two grow from step to step. */
static void draw_disc(uint8_t *image, double radius)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double dx = x - SIDE / 2.0, dy = y - SIDE / 2.0;
            image[y * SIDE + x] = dx * dx + dy * dy < radius * radius ? 255 : 0;
        }
}

static void make_run(void)
{
    uint8_t images[COUNT * SIDE * SIDE];
    char path[64];
    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < COUNT; i++)
            draw_disc(images + i * SIDE * SIDE, i == 3 || i == 9 ? 5 + step : 8);
        snprintf(path, sizeof path, "%d.png", step * 10);
        assert_int_equal(sheet_write(path, images, COUNT, SIDE, SIDE), 0);
    }
    struct program program =
        program_start("run", "-f", "--", "sh", "-c", "cp *.png \"$GANDER_SAMPLES\"", "x",
                      "--samples.count", "16");
    program_expect(&program, 0, "");
}

static void answer(const struct terminal_end *end, const char *question, const char *bytes,
                   const char *text)
{
    if (strstr(bytes, question))
        assert_int_equal(write(end->fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Takes what comes until nothing has come for `quiet` ms. */
static void take(struct terminal_end *end, int quiet)
{
    char bytes[65537];
    struct pollfd wait = { .fd = end->fd, .events = POLLIN };
    while (poll(&wait, 1, quiet) == 1) {
        ssize_t count = read(end->fd, bytes, sizeof bytes - 1);
        if (count <= 0)
            break;
        bytes[count] = '\0';
        fwrite(bytes, 1, (size_t)count, end->stream);
        answer(end, "\033[6n", bytes, "\033[1;1R");
        answer(end, "\033[16t", bytes, "\033[6;20;10t");
        if (end->has_kitty)
            answer(end, "\033_Gi=31", bytes, "\033_Gi=31;OK\033\\");
        answer(end, "\033[c", bytes, end->has_sixel ? "\033[?62;4;22c" : "\033[?62;22c");
    }
    fflush(end->stream);
}

static void start(struct terminal_end *end)
{
    struct winsize room = { .ws_row = 24, .ws_col = 80 };
    end->stream = open_memstream(&end->sent, &end->size);
    end->pid = forkpty(&end->fd, NULL, NULL, &room);
    assert_true(end->pid >= 0);
    if (end->pid == 0) {
        char *argv[] = { getenv("GANDER_TEST_PROGRAM"), NULL };
        setenv("TERM", "xterm-256color", 1);
        unsetenv("TMUX");
        unsetenv("COLORTERM");
        unsetenv("NO_COLOR");
        execv(argv[0], argv);
        _exit(121);
    }
}

/* Waits until a word has come since `from`. */
static void expect(struct terminal_end *end, size_t from, const char *word)
{
    enum { TRIES = 600, QUIET_MS = 50 };
    for (int i = 0; i < TRIES; i++) {
        take(end, QUIET_MS);
        if (memmem(end->sent + from, end->size - from, word, strlen(word)))
            return;
    }
    fail_msg("'%s' never came", word);
}

/* Types and returns how many bytes came of it, until `word` had come and then nothing for a while. */
static size_t type(struct terminal_end *end, const char *keys, const char *word)
{
    enum { QUIET_MS = 300 };
    size_t from = end->size;
    assert_int_equal(write(end->fd, keys, strlen(keys)), (ssize_t)strlen(keys));
    expect(end, from, word);
    take(end, QUIET_MS);
    return end->size - from;
}

static void finish(struct terminal_end *end)
{
    int status;
    assert_int_equal(write(end->fd, "Q", 1), 1);
    pid_t ended = 0;
    for (int i = 0; i < 3000 && ended == 0; i++) {
        take(end, 1);
        pause_ms(10);
        ended = waitpid(end->pid, &status, WNOHANG);
    }
    assert_int_equal(ended, end->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(end->fd);
    fclose(end->stream);
}

static int count_of(const struct terminal_end *end, size_t bytes, const char *word)
{
    int count = 0;
    const char *at = end->sent + end->size - bytes, *last = end->sent + end->size;
    while ((at = memmem(at, (size_t)(last - at), word, strlen(word)))) {
        count++;
        at += strlen(word);
    }
    return count;
}

enum {
    PREVIEW_MS = 1000 /* until the preview of the table has been drawn and nothing more comes */
};

static void a_step_costs_what_has_changed(void **state)
{
    struct terminal_end end = { .fd = -1 };
    (void)state;
    make_run();
    start(&end);
    expect(&end, 0, "\033[c");
    take(&end, PREVIEW_MS);
    size_t first = type(&end, "S", "Samples");
    for (int i = STEPS - 2; i >= 0; i--) {
        size_t bytes = type(&end, "h", "\033[");
        assert_in_range(bytes, 1, 2000);
        assert_true(bytes < first / 4);
    }
    assert_int_equal(type(&end, "hh", ""), 0); /* there is no step before the first */
    finish(&end);
    free(end.sent);
}

static void sixels_of_changed_images_are_sent(void **state)
{
    struct terminal_end end = { .fd = -1, .has_sixel = true };
    (void)state;
    make_run();
    start(&end);
    expect(&end, 0, "\033[c");
    take(&end, PREVIEW_MS);
    size_t bytes = type(&end, "S", "Samples");
    assert_int_equal(count_of(&end, bytes, "\033P0;1;0q"), COUNT);
    bytes = type(&end, "h", "\033P");
    assert_int_equal(count_of(&end, bytes, "\033P0;1;0q"), 2);
    bytes = type(&end, "\014", "\033P"); /* ^L */
    assert_int_equal(count_of(&end, bytes, "\033P0;1;0q"), COUNT);
    bytes = type(&end, "~", "\033P"); /* the difference, black where there is none */
    assert_int_equal(count_of(&end, bytes, "\033P0;1;0q"), COUNT);
    assert_int_equal(count_of(&end, bytes, "#32;2;0;0;0"), COUNT);
    bytes = type(&end, "v", "half");
    assert_int_equal(count_of(&end, bytes, "\033P"), 0);
    finish(&end);
    free(end.sent);
}

static void kitty_pictures_are_exchanged_and_taken_away(void **state)
{
    struct terminal_end end = { .fd = -1, .has_sixel = true, .has_kitty = true };
    (void)state;
    make_run();
    start(&end);
    expect(&end, 0, "\033[c");
    take(&end, PREVIEW_MS);
    size_t bytes = type(&end, "S", "Samples");
    assert_int_equal(count_of(&end, bytes, "a=T,f=100"), COUNT);
    assert_int_equal(count_of(&end, end.size, "\033P0;1;0q"), 0);
    bytes = type(&end, "h", "a=T");
    assert_int_equal(count_of(&end, bytes, "a=T,f=100"), 2);
    assert_int_equal(count_of(&end, bytes, "a=d"), 0);
    bytes = type(&end, "?", "a=d"); /* help lies over them */
    assert_int_equal(count_of(&end, bytes, "a=d,d=I"), COUNT);
    bytes = type(&end, "q", "a=T");
    assert_int_equal(count_of(&end, bytes, "a=T,f=100"), COUNT);
    size_t before = end.size;
    finish(&end);
    assert_non_null(memmem(end.sent + before, end.size - before, "a=d", 3));
    free(end.sent);
}

static void a_terminal_without_pixels_gets_none(void **state)
{
    struct terminal_end end = { .fd = -1 };
    (void)state;
    make_run();
    start(&end);
    expect(&end, 0, "\033[c");
    take(&end, PREVIEW_MS);
    type(&end, "Svvvv", "Samples");
    assert_int_equal(count_of(&end, end.size, "\033P"), 0);
    assert_int_equal(count_of(&end, end.size, "a=T"), 0);
    finish(&end);
    free(end.sent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(a_step_costs_what_has_changed),
        IN_STORE(sixels_of_changed_images_are_sent),
        IN_STORE(kitty_pictures_are_exchanged_and_taken_away),
        IN_STORE(a_terminal_without_pixels_gets_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
