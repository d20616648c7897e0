/* A training on a terminal: what it draws stays inside, and the terminal is given back however it
 * ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/ioctl.h>

#include "base/text.h"
#include "program.h"

#define RUN_1 ".gander/runs/1"
#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define ENDLESS "tiny.ini", "-s", "training.steps=10000000"

/* A program whose terminal the test plays. */
struct session {
    struct program program;
    int master;
    char *seen; /* all that was shown, closed with a 0 */
    size_t size;
};

static void become_on_terminal(int master, const char *term, const struct launch *launch)
{
    struct winsize size = { .ws_col = 80, .ws_row = 24 };
    const char *name = ptsname(master);
    if (setsid() < 0 || !name)
        _exit(122);
    int terminal = open(name, O_RDWR); /* becomes the controlling one */
    if (terminal < 0 || ioctl(terminal, TIOCSWINSZ, &size) < 0 || dup2(terminal, 0) < 0)
        _exit(123);
    setenv("TERM", term, 1);
    signal(SIGTSTP, SIG_DFL);
    program_become(
        &(struct launch){ .words = { launch->words[0], launch->words[1], launch->words[2],
                                     launch->words[3], launch->words[4] },
                          .output = name });
}

static void begin(struct session *session, const char *term, const struct launch *launch)
{
    *session = (struct session){ .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };
    assert_true(session->master >= 0);
    assert_int_equal(grantpt(session->master), 0);
    assert_int_equal(unlockpt(session->master), 0);
    session->program.pid = fork();
    assert_true(session->program.pid >= 0);
    if (session->program.pid == 0)
        become_on_terminal(session->master, term, launch);
}

/* Reads more of what is shown; false when the program has closed the terminal. */
static bool look(struct session *session)
{
    enum { CHUNK = 4096 };
    session->seen = xrealloc(session->seen, session->size + CHUNK + 1, 1);
    ssize_t count = read(session->master, session->seen + session->size, CHUNK);
    session->size += count > 0 ? (size_t)count : 0;
    session->seen[session->size] = '\0';
    return count > 0;
}

static void look_until(struct session *session, const char *text)
{
    size_t from = session->size;
    while (!session->seen || !strstr(session->seen + from, text))
        assert_true(look(session));
}

static void type(const struct session *session, const char *keys)
{
    assert_int_equal(write(session->master, keys, strlen(keys)), strlen(keys));
}

static void end(struct session *session)
{
    close(session->master);
    free(session->seen);
}

/* The cursor was hidden, and has been shown since. */
static void assert_given_back(const struct session *session)
{
    const char *hidden = NULL, *shown = NULL, *next = session->seen;
    while ((next = strstr(next, HIDE_CURSOR)))
        hidden = next++;
    next = session->seen;
    while ((next = strstr(next, SHOW_CURSOR)))
        shown = next++;
    assert_non_null(hidden);
    assert_true(shown > hidden);
}

static void block_is_drawn_and_the_terminal_given_back(void **state)
{
    (void)state;
    struct session session;
    begin(&session, "xterm-256color", &(struct launch){ .words = { "run", "-f", "tiny.ini" } });
    while (look(&session))
        ;
    program_expect(&session.program, 0, "");
    assert_given_back(&session);
    assert_non_null(strstr(session.seen, "D(G(z))"));
    assert_non_null(strstr(session.seen, "step 300 of 300"));
    assert_non_null(strstr(session.seen, "run 1 finished"));
    end(&session);
}

static void interrupt_key_saves_and_gives_the_terminal_back(void **state)
{
    (void)state;
    struct session session;
    begin(&session, "xterm-256color", &(struct launch){ .words = { "run", "-f", ENDLESS } });
    look_until(&session, "D(G(z))");
    type(&session, "\003");
    while (look(&session))
        ;
    program_expect_signal(&session.program, SIGINT);
    assert_given_back(&session);
    assert_non_null(strstr(session.seen, " resume 1"));
    assert_state(RUN_1, RUN_STOPPED);
    assert_sound(RUN_1);
    end(&session);
}

static void suspend_key_gives_the_terminal_back_and_the_run_goes_on(void **state)
{
    (void)state;
    int status;
    struct session session;
    begin(&session, "xterm-256color", &(struct launch){ .words = { "run", "-f", ENDLESS } });
    look_until(&session, "D(G(z))");
    type(&session, "\032");
    look_until(&session, SHOW_CURSOR);
    assert_int_equal(waitpid(session.program.pid, &status, WUNTRACED), session.program.pid);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(kill(session.program.pid, SIGCONT), 0);
    look_until(&session, HIDE_CURSOR);
    look_until(&session, "D(G(z))");
    type(&session, "\003");
    while (look(&session))
        ;
    program_expect_signal(&session.program, SIGINT);
    assert_given_back(&session);
    assert_state(RUN_1, RUN_STOPPED);
    end(&session);
}

static void dumb_terminal_gets_plain_lines(void **state)
{
    (void)state;
    struct session session;
    begin(&session, "dumb", &(struct launch){ .words = { "run", "-f", "tiny.ini" } });
    while (look(&session))
        ;
    program_expect(&session.program, 0, "");
    assert_null(strchr(session.seen, '\033'));
    assert_non_null(strstr(session.seen, "step 5 of 300  epoch"));
    end(&session);
}

static void hostile_name_of_an_experiment_cannot_move_the_cursor(void **state)
{
    (void)state;
    struct session session;
    begin(&session, "dumb",
          &(struct launch){
              .words = { "run", "-f", "tiny.ini", "-s", "experiment.name=x\033[2Jy" } });
    while (look(&session))
        ;
    int status = program_wait(&session.program);
    assert_true(WIFEXITED(status));
    assert_null(strchr(session.seen ? session.seen : "", '\033'));
    assert_null(strchr(session.program.errors, '\033'));
    program_release(&session.program);
    end(&session);
}

/* --- watching a run of the background --- */

static void launch(struct session *session, const char *command)
{
    struct program program = program_start("run", "--", "sh", "-c", command);
    program_expect(&program, 0, "");
    begin(session, "xterm-256color", &(struct launch){ .words = { "watch", "1" } });
}

static void interrupt_key_detaches_from_a_watched_run(void **state)
{
    (void)state;
    struct session session;
    launch(&session, "i=0; while :; do i=$((i+1)); echo \"{\\\"step\\\":$i,\\\"metrics\\\":"
                     "{\\\"loss\\\":$i}}\" >>$GANDER_JOURNAL; sleep 0.02; done");
    look_until(&session, "loss");
    type(&session, "\003");
    while (look(&session))
        ;
    program_expect(&session.program, 0, "");
    assert_given_back(&session);
    assert_non_null(strstr(session.seen, "run 1 goes on; 'gander watch 1' comes back to it"));
    assert_state(RUN_1, RUN_RUNNING);
    end(&session);

    begin(&session, "xterm-256color", &(struct launch){ .words = { "watch", "1" } });
    look_until(&session, "loss");
    struct program program = program_start("stop", "1");
    program_expect(&program, 0, "");
    while (look(&session))
        ;
    program_expect(&session.program, 128 + SIGTERM, "");
    assert_given_back(&session);
    assert_non_null(strstr(session.seen, "run 1 stopped"));
    end(&session);
}

static void ended_run_is_watched_to_its_end_at_once(void **state)
{
    (void)state;
    struct session session;
    struct program program = program_start("run", "-f", "tiny.ini");
    program_expect(&program, 0, "");
    begin(&session, "xterm-256color", &(struct launch){ .words = { "watch", "1" } });
    while (look(&session))
        ;
    program_expect(&session.program, 0, "");
    assert_non_null(strstr(session.seen, "run 1 finished: step 300 of 300"));
    assert_given_back(&session);
    end(&session);
    program = program_start("watch", "1"); /* not on a terminal */
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, "run 1 finished"));
    assert_null(strchr(program.output, '\033'));
    program_release(&program);
}

static void log_of_a_watched_command_moves_no_cursor(void **state)
{
    (void)state;
    struct session session;
    launch(&session, "printf 'before\\033[2J\\033]0;title\\007\\233H after\\n'; sleep 0.3");
    while (look(&session))
        ;
    assert_non_null(strstr(session.seen, " after"));
    assert_null(strstr(session.seen, "\033[2J"));
    assert_null(strstr(session.seen, "\033]0;"));
    assert_null(strstr(session.seen, "\233"));
    program_expect(&session.program, 0, "");
    end(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(block_is_drawn_and_the_terminal_given_back),
        IN_PROGRAM_SCRATCH(interrupt_key_saves_and_gives_the_terminal_back),
        IN_PROGRAM_SCRATCH(suspend_key_gives_the_terminal_back_and_the_run_goes_on),
        IN_PROGRAM_SCRATCH(dumb_terminal_gets_plain_lines),
        IN_PROGRAM_SCRATCH(hostile_name_of_an_experiment_cannot_move_the_cursor),
        IN_PROGRAM_SCRATCH(interrupt_key_detaches_from_a_watched_run),
        IN_PROGRAM_SCRATCH(ended_run_is_watched_to_its_end_at_once),
        IN_PROGRAM_SCRATCH(log_of_a_watched_command_moves_no_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
