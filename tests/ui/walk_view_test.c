/* The walk in the dashboard: keys that are played, and a real terminal that is slow or gone. */
#define _GNU_SOURCE
#include "program.h"

#include <dirent.h>
#include <poll.h>
#include <pty.h>

#define CONDITIONAL                                                                                \
    "-s", "generator.layers=embed 4 | dense 16 | relu | dense 784 | tanh | reshape 1x28x28", "-s", \
        "discriminator.layers=flatten | join | dense 16 | lrelu 0.2 | dense 1"
#define HINGE "-s", "training.objective=hinge"

#define train(...)                                                                                 \
    do {                                                                                           \
        struct program program =                                                                   \
            program_start("run", "-f", "-s", "training.steps=40", __VA_ARGS__, "tiny.ini");        \
        program_expect(&program, 0, "");                                                           \
    } while (0)

static int enter(void **state)
{
    int error = program_enter(state);
    char *memory = xasprintf("%s/state", scratch_path);
    setenv("XDG_STATE_HOME", memory, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    free(memory);
    return error;
}

#define IN_STATE_SCRATCH(test) cmocka_unit_test_setup_teardown(test, enter, program_leave)

enum { SCREENS = 8 };

struct screens {
    char *text; /* of all; free it */
    const char *at[SCREENS];
    int count;
};

static struct screens play_at(const char *size, const char *keys)
{
    struct screens screens = { .count = 0 };
    assert_int_equal(file_replace("keys", keys, strlen(keys)), 0);
    screens.text = program_output("dashboard", "--keys", "keys", "--print", "--size", size);
    for (char *at = screens.text; at && screens.count < SCREENS;) {
        char *line = strstr(at, "\n────\n");
        screens.at[screens.count++] = at;
        if (line)
            *line = '\0', line += strlen("\n────\n");
        at = line;
    }
    return screens;
}

static struct screens play(const char *keys)
{
    return play_at("80x24", keys);
}

static void assert_holds(const char *screen, const char *text)
{
    if (!strstr(screen, text))
        fail_msg("there is no '%s' in\n%s", text, screen);
}

static void test_arrows_move_and_come_back(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct screens screens = play("w\n.print\nRight Right Up\n.print\nh h j\n.print\nRight g");
    assert_int_equal(screens.count, 4);
    assert_holds(screens.at[0], "step   40");
    assert_holds(screens.at[0], "seed   1");
    assert_holds(screens.at[0], "place  dx +0.00  dy +0.00");
    assert_holds(screens.at[0], "D 0.");
    assert_holds(screens.at[1], "place  dx +1.00  dy +0.50");
    assert_string_not_equal(screens.at[0], screens.at[1]);
    assert_string_equal(screens.at[0], screens.at[2]);
    assert_non_null(strstr(screens.at[3], "place  dx +0.00  dy +0.00"));
    free(screens.text);
}

static void test_what_is_kept_is_played_between_and_remembered(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct screens screens = play("w Space\n.print\ns r s Space\n.wait 2\n.print\n.wait 2\n.print\n"
                                  "Space s < s\n.print\n");
    assert_holds(screens.at[0], "keep two images first");
    assert_holds(screens.at[1], " 50 % from 1 to 2");
    assert_holds(screens.at[2], "100 % from 1 to 2");
    assert_holds(screens.at[3], "it is kept as 1");
    free(screens.text);
    screens = play("w\n.print\nx x x");
    assert_holds(screens.at[0], "kept; Space plays between *");
    assert_holds(screens.at[1], "nothing is kept");
    free(screens.text);
}

static void test_maps_and_sheets_of_many_sizes(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct screens screens = play("w\n.print\n]\n.print\nTab Enter\n.print\nm [\n.print\nPgDn");
    assert_null(strstr(screens.at[0], "map 2"));
    assert_holds(screens.at[1], "map 2");
    assert_holds(screens.at[1], "[D 0."); /* the one in the middle */
    assert_holds(screens.at[2], "place  dx +2.00  dy +0.00");
    assert_null(strstr(screens.at[3], "map 2"));
    assert_holds(screens.at[4], "seed   1, its image 4");
    free(screens.text);
    for (int i = 0; i < 2; i++) { /* none is too small or too large */
        screens = play_at(i == 0 ? "60x15" : "250x70", "w ] ] ] ] m ] ] ] ] ] ] ] s");
        assert_holds(screens.at[0], "D 0.");
        free(screens.text);
    }
}

static void test_digits_choose_classes_or_what_is_kept(void **state)
{
    (void)state;
    train(CONDITIONAL);
    train(HINGE);
    struct screens screens = play("G w\n.print\n7\n.print\na q\nk w 1\n.print\ns r 1\n.print\n7");
    assert_holds(screens.at[0], "class  0, as they come in turn");
    assert_holds(screens.at[1], "class  7 of 0 to 9");
    assert_holds(screens.at[2], "nothing is kept yet");
    assert_holds(screens.at[2], "a score; 0 is even");
    assert_holds(screens.at[3], "seed   1");
    assert_holds(screens.at[4], "there are 1 kept images");
    free(screens.text);
}

static void test_checkpoints_are_chosen(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct screens screens = play("w c\n.print\nDown Down Enter");
    assert_holds(screens.at[0], "the newest");
    assert_holds(screens.at[0], "step 20");
    assert_holds(screens.at[1], "step   20");
    free(screens.text);
}

static void test_what_cannot_be_walked_says_so(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct program program = program_start("run", "-f", "--", "true");
    program_expect(&program, 0, "");
    char *path = xstrdup(".gander/runs/1/checkpoints/00000040.safetensors");
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(unlink(".gander/runs/1/checkpoints/00000020.safetensors"), 0);
    struct screens screens = play("w\n.print\nc\n.print\nq G w\n.print\nq");
    assert_holds(screens.at[0], "is a command");
    assert_holds(screens.at[0], "r tries again");
    assert_holds(screens.at[1], "run 2 has no checkpoint");
    assert_holds(screens.at[2], "checkpoint");
    assert_holds(screens.at[2], "r tries again");
    free(screens.text);
    free(path);
    program = program_start("walk", "1");
    program_expect(&program, 1, "'gander generate 1' draws without one");
    program = program_start("walk", "--step", "x", "1");
    program_expect(&program, 2, "--step");
}

/* --- on a terminal --- */

struct seat { /* somebody who looks */
    pid_t pid;
    int master;
    bool answers; /* where the cursor is */
    int frames;   /* for which that was asked */
    int64_t bytes;
    char last[256]; /* what came last */
    int last_count;
};

static struct seat sit_down(const char *run, bool answers)
{
    struct winsize room = { .ws_row = 24, .ws_col = 80 };
    struct seat seat = { .answers = answers };
    seat.pid = forkpty(&seat.master, NULL, NULL, &room);
    assert_true(seat.pid >= 0);
    if (seat.pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        execl(getenv("GANDER_TEST_PROGRAM"), "gander", "walk", run, NULL);
        _exit(121);
    }
    return seat;
}

static void type(const struct seat *seat, const char *keys)
{
    assert_int_equal(write(seat->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* Looks for so long; false when nothing came at all. */
static bool look(struct seat *seat, double seconds)
{
    static const char question[] = "\033[6n";
    double end = monotonic_clock() + seconds, now;
    bool came = false;
    while ((now = monotonic_clock()) < end) {
        char bytes[4096];
        struct pollfd wait = { .fd = seat->master, .events = POLLIN };
        if (poll(&wait, 1, (int)((end - now) * 1000) + 1) <= 0)
            continue;
        ssize_t count = read(seat->master, bytes, sizeof bytes);
        if (count <= 0)
            return came;
        came = true;
        seat->bytes += count;
        for (ssize_t i = 0; i < count; i++) {
            seat->last_count = bytes[i] == question[seat->last_count] ? seat->last_count + 1 : 0;
            if (question[seat->last_count] != '\0')
                continue;
            seat->last_count = 0;
            seat->frames++;
            if (seat->answers)
                type(seat, "\033[1;1R");
        }
    }
    return came;
}

/* A second without a byte, within a minute. */
static void wait_for_rest(struct seat *seat)
{
    for (int i = 0; i < 40; i++)
        if (!look(seat, 1.5))
            return;
    fail_msg("it does not come to rest");
}

static void stand_up(struct seat *seat)
{
    kill(seat->pid, SIGKILL);
    assert_int_equal(waitpid(seat->pid, NULL, 0), seat->pid);
    close(seat->master);
}

/* Its state and its parent; ' ' when it is gone, a zombie counted. */
static char state_of(const char *pid, int *parent)
{
    char *path = xasprintf("/proc/%s/stat", pid), *text, state = ' ';
    size_t size;
    if (file_read(path, 4096, &text, &size) == 0) {
        if (sscanf(text, "%*d (%*[^)]) %c %d", &state, parent) != 2 || state == 'Z')
            state = ' ';
        free(text);
    }
    free(path);
    return state;
}

static bool draws(const char *pid)
{
    char *path = xasprintf("/proc/%s/cmdline", pid), *text;
    size_t size;
    bool is = file_read(path, 4096, &text, &size) == 0;
    if (is) {
        is = size > sizeof "gander" && strcmp(text + sizeof "gander", "walker") == 0;
        free(text);
    }
    free(path);
    return is;
}

/* The process that draws: a child of the dashboard's; 0: there is none. */
static int walker_of(pid_t dashboard)
{
    DIR *directory = opendir("/proc");
    struct dirent *entry;
    int found = 0, parent = 0;
    assert_non_null(directory);
    while ((entry = readdir(directory)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
            state_of(entry->d_name, &parent) != ' ' && parent == dashboard && draws(entry->d_name))
            assert_return_code(sscanf(entry->d_name, "%d", &found), 0);
    closedir(directory);
    return found;
}

static bool is_gone(const char *pid)
{
    int parent;
    return state_of(pid, &parent) == ' ';
}

static void wait_for_walker(struct seat *seat)
{
    for (int i = 0; i < 200 && walker_of(seat->pid) == 0; i++)
        look(seat, 0.1);
    assert_true(walker_of(seat->pid) > 0);
}

static void test_process_ends_with_the_dashboard(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct seat seat = sit_down("1", true);
    wait_for_walker(&seat);
    char *pid = xasprintf("%d", walker_of(seat.pid));
    stand_up(&seat);
    wait_until(is_gone, pid);
    free(pid);

    seat = sit_down("1", true);
    wait_for_walker(&seat);
    pid = xasprintf("%d", walker_of(seat.pid));
    type(&seat, "q"); /* to the table of runs */
    for (int i = 0; i < 600 && !is_gone(pid); i++)
        look(&seat, 0.1);
    assert_true(is_gone(pid));
    assert_int_equal(kill(seat.pid, 0), 0);
    free(pid);
    stand_up(&seat);
}

static void test_rest_is_silent_and_motion_is_not(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct seat seat = sit_down("1", true);
    wait_for_walker(&seat);
    wait_for_rest(&seat);
    int frames = seat.frames;
    for (int i = 0; i < 30; i++) {
        type(&seat, "H");
        look(&seat, 0.03);
    }
    assert_true(seat.frames > frames);
    wait_for_rest(&seat);
    stand_up(&seat);
}

/* One frame a second at most, since each might be the one that the line is busy with; and when no
 * key is held any more, one more at most. */
static void test_nothing_piles_up_before_a_terminal_that_does_not_answer(void **state)
{
    (void)state;
    train("-s", "training.seed=5");
    struct seat seat = sit_down("1", false);
    wait_for_walker(&seat);
    wait_for_rest(&seat);
    double begun = monotonic_clock();
    int frames = seat.frames;
    for (int i = 0; i < 60; i++) {
        type(&seat, "H");
        look(&seat, 0.03);
    }
    assert_true(seat.frames - frames <= (int)(monotonic_clock() - begun) + 1);
    frames = seat.frames;
    wait_for_rest(&seat);
    assert_true(seat.frames - frames <= 2);
    stand_up(&seat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STATE_SCRATCH(test_arrows_move_and_come_back),
        IN_STATE_SCRATCH(test_what_is_kept_is_played_between_and_remembered),
        IN_STATE_SCRATCH(test_maps_and_sheets_of_many_sizes),
        IN_STATE_SCRATCH(test_digits_choose_classes_or_what_is_kept),
        IN_STATE_SCRATCH(test_checkpoints_are_chosen),
        IN_STATE_SCRATCH(test_what_cannot_be_walked_says_so),
        IN_STATE_SCRATCH(test_process_ends_with_the_dashboard),
        IN_STATE_SCRATCH(test_rest_is_silent_and_motion_is_not),
        IN_STATE_SCRATCH(test_nothing_piles_up_before_a_terminal_that_does_not_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
