/* What a person feels who sits at a terminal, near or far: how soon a key acts, that nothing but keys
 * is a key, that nothing piles up, that an idle screen costs nothing. */
#define _GNU_SOURCE
#include "base/image.h"
#include "pty.h"
#include "shown.h"

#define SLOWLY_BUILT (getenv("GANDER_TEST_SMALL") != NULL) /* under sanitizers times mean little */

enum { COLUMNS_HERE = 80, ROWS_HERE = 24, RUNS_HERE = 12 };

/* "\033[?1049h" stands at the begin of the first screen; "help" at its foot. */
static struct pty open_here(enum pty_answers answers)
{
    struct pty pty = pty_start(
        &(struct pty_wish){ .columns = COLUMNS_HERE, .rows = ROWS_HERE, .answers = answers });
    pty_wait_for(&pty, "shown");
    pty_settle(&pty);
    return pty;
}

static void escape_acts_within_50_ms(void **state)
{
    double best = 1;
    (void)state;
    shown_store(RUNS_HERE);
    struct pty pty = open_here(PTY_ANSWERS);
    for (int i = 0; i < 10; i++) {
        pty_ask(&pty, "?", "Help");
        pty_settle_for(&pty, 100);
        size_t before = pty.size;
        double begun = monotonic_clock();
        pty_type(&pty, "\033");
        while (pty.size == before)
            assert_true(pty_read(&pty, 1 << 16, PTY_LIMIT_MS) > 0);
        best = MIN(best, pty.heard - begun);
        pty_settle_for(&pty, 100);
    }
    assert_true(best < (SLOWLY_BUILT ? 0.2 : 0.05));
    pty_quit(&pty);
}

/* An arrow key that a line tears apart is no Esc, which would leave the dashboard. */
static void a_torn_sequence_is_one_key(void **state)
{
    (void)state;
    shown_store(RUNS_HERE);
    struct pty pty = open_here(PTY_ANSWERS);
    pty_ask(&pty, "?", "Help");
    pty_settle_for(&pty, 200);
    pty_type(&pty, "\033");
    pty_listen(&pty, 15);
    pty_type(&pty, "[");
    pty_listen(&pty, 200);
    size_t before = pty.size;
    pty_type(&pty, "B");
    pty_settle(&pty);
    assert_true(pty.size > before); /* the help has moved … */
    assert_false(pty_has_since(&pty, before, "shown"));
    pty_ask(&pty, "q", "shown"); /* … and is still there to be left */
    pty_quit(&pty);
}

static const char all_answers[] =
    "\033]11;rgb:0000/0000/0000\033\\\033[6;16;8t\033[?62;22c\033[1;1R";

static void late_answers_are_no_keys(void **state)
{
    (void)state;
    shown_store(RUNS_HERE);
    struct pty pty = open_here(PTY_KEEPS_SILENT);
    size_t before = pty.size;
    for (const char *at = all_answers; *at; at++) { /* over the slowest line there is */
        pty_send(&pty, at, 1);
        pty_listen(&pty, *at == 27 ? 5 : 15);
    }
    pty_settle(&pty);
    assert_false(pty_has_since(&pty, before, "Curves")); /* what a 'c' would open */
    assert_false(pty_has_since(&pty, before, "Run "));
    pty_ask(&pty, "?", "Help");
    pty_quit(&pty);
}

static void the_first_screen_waits_for_no_answer(void **state)
{
    double best = 60;
    (void)state;
    shown_store(RUNS_HERE);
    for (int i = 0; i < 5; i++) {
        double begun = monotonic_clock();
        struct pty pty = pty_start(&(struct pty_wish){
            .columns = COLUMNS_HERE, .rows = ROWS_HERE, .answers = PTY_KEEPS_SILENT });
        pty_wait_for(&pty, "shown");
        best = MIN(best, monotonic_clock() - begun);
        pty_quit(&pty);
    }
    assert_true(best < (SLOWLY_BUILT ? 2.0 : 0.2));
}

/* Two questions in vain, each waited for; then every key has its frame at once. */
static void a_terminal_that_never_answers_is_not_asked_for_ever(void **state)
{
    double begun, took;
    (void)state;
    shown_store(RUNS_HERE);
    struct pty pty = open_here(PTY_KEEPS_SILENT);
    for (int i = 0; i < 4; i++) {
        pty_type(&pty, i % 2 ? "q" : "?");
        pty_settle_for(&pty, 1500);
    }
    assert_in_range(pty.asked, 1, 2);
    begun = monotonic_clock();
    pty_ask(&pty, "?", "Help");
    pty_ask(&pty, "q", "shown");
    pty_ask(&pty, "?", "Help");
    took = monotonic_clock() - begun;
    assert_true(took < 1);
    pty_quit(&pty);
}

/* Two hundred keys come while the line carries 2 kB a second. When they end, what is still under way
 * is a frame that was sent and the one that shows the end. */
static void nothing_piles_up_behind_a_slow_line(void **state)
{
    enum { KEYS = 200, A_TICK = 100, TICK_MS = 50, LEAST_BYTES = 1, MOST_BYTES = 12000 };
    (void)state;
    shown_store(RUNS_HERE);
    struct pty pty = open_here(PTY_ANSWERS);
    for (int i = 0; i < KEYS; i++) {
        pty_type(&pty, i / 10 % 2 ? "k" : "j");
        pty_read(&pty, A_TICK / 2, 0);
        pause_ms(TICK_MS / 2);
    }
    size_t before = pty.size;
    pty_settle(&pty);
    assert_in_range(pty.size - before, LEAST_BYTES, MOST_BYTES);
    size_t mark = pty.size;
    pty_ask(&pty, "?", "Help"); /* and a key acts at once */
    assert_true(pty.size - mark < MOST_BYTES);
    pty_quit(&pty);
}

/* Not one byte in five seconds, and a thousandth of their time. */
static void an_idle_dashboard_is_silent(void **state)
{
    enum { SECONDS = 5 };
    (void)state;
    shown_store(RUNS_HERE);
    struct pty pty = open_here(PTY_ANSWERS);
    pty_settle_for(&pty, 2000);
    double before = pty_cpu(&pty);
    assert_int_equal(pty_listen(&pty, SECONDS * 1000), 0);
    double used = pty_cpu(&pty) - before;
    if (!SLOWLY_BUILT && used >= 0.001 * SECONDS)
        print_error("%.2f ms of CPU in %d s\n", 1000 * used, SECONDS);
    assert_true(SLOWLY_BUILT || used < 0.001 * SECONDS);
    pty_quit(&pty);
}

/* What cannot be read is not asked for again and again. */
static void a_sample_that_is_gone_costs_nothing(void **state)
{
    enum { SECONDS = 2 };
    uint8_t pixels[64] = { 0 };
    (void)state;
    shown_store(1);
    assert_int_equal(
        image_write_png(&(struct image){ 8, 8, pixels }, made_path(1, "samples/00000010.png")), 0);
    made_append(1, "events.jsonl",
                "{\"step\":10,\"sample\":\"samples/00000010.png\"}\n"
                "{\"step\":400,\"sample\":\"samples/00000400.png\"}\n");
    struct pty pty = open_here(PTY_ANSWERS);
    pty_settle_for(&pty, 1000);
    pty_type(&pty, "\r1");
    pty_wait_for(&pty, "Overview");
    pty_settle_for(&pty, 1000);
    double before = pty_cpu(&pty);
    assert_int_equal(pty_listen(&pty, SECONDS * 1000), 0);
    assert_true(pty_cpu(&pty) - before < 0.1 * SECONDS);
    pty_end(&pty, "Q");
    pty_release(&pty);
}

/* The cursor is on another run than the one that lives. */
static void a_live_run_costs_its_changed_cells(void **state)
{
    enum { SECONDS = 5, MOST_BYTES_A_SECOND = 300 };
    (void)state;
    shown_store(RUNS_HERE);
    int lock = shown_live(RUNS_HERE + 1);
    struct pty pty = open_here(PTY_ANSWERS);
    pty_type(&pty, "jjj");
    pty_settle_for(&pty, 2000);
    size_t before = pty.size;
    for (int i = 0; i < 2 * SECONDS; i++) {
        shown_line(RUNS_HERE + 1, 110 + 10 * i, 1 - 0.05 * i);
        pty_listen(&pty, 500);
    }
    size_t bytes = pty.size - before;
    if (bytes > SECONDS * MOST_BYTES_A_SECOND)
        print_error("%zu bytes in %d s\n", bytes, SECONDS);
    assert_in_range(bytes, 1, SECONDS * MOST_BYTES_A_SECOND);
    close(lock);
    pty_quit(&pty);
}

/* In the preview of the run under the cursor, and in its row. */
static void a_new_point_shows_within_a_second(void **state)
{
    double best = 60;
    (void)state;
    shown_store(RUNS_HERE);
    int lock = shown_live(RUNS_HERE + 1);
    struct pty pty = open_here(PTY_ANSWERS);
    pty_settle_for(&pty, 2000);
    for (int i = 0; i < 4; i++) {
        char loss[16];
        size_t before = pty.size;
        double begun = monotonic_clock();
        snprintf(loss, sizeof loss, "%.4f", 0.1111 * (i + 3));
        shown_line(RUNS_HERE + 1, 110 + 10 * i, 0.1111 * (i + 3));
        while (pty.size == before)
            assert_true(pty_read(&pty, 1 << 16, PTY_LIMIT_MS) > 0);
        best = MIN(best, pty.heard - begun);
        pty_settle(&pty);
    }
    assert_true(best < 1);
    close(lock);
    pty_quit(&pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(escape_acts_within_50_ms),
        IN_PROGRAM_SCRATCH(a_torn_sequence_is_one_key),
        IN_PROGRAM_SCRATCH(late_answers_are_no_keys),
        IN_PROGRAM_SCRATCH(the_first_screen_waits_for_no_answer),
        IN_PROGRAM_SCRATCH(a_terminal_that_never_answers_is_not_asked_for_ever),
        IN_PROGRAM_SCRATCH(nothing_piles_up_behind_a_slow_line),
        IN_PROGRAM_SCRATCH(an_idle_dashboard_is_silent),
        IN_PROGRAM_SCRATCH(a_sample_that_is_gone_costs_nothing),
        IN_PROGRAM_SCRATCH(a_live_run_costs_its_changed_cells),
        IN_PROGRAM_SCRATCH(a_new_point_shows_within_a_second),
    };
    return cmocka_run_group_tests_name("terminal_feel", tests, NULL, NULL);
}
