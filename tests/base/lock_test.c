#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "testing.h"

static void a_lock_has_one_holder_until_it_is_closed(void **state)
{
    int first, second;
    (void)state;
    assert_false(lock_is_held("lock"));
    assert_int_equal(lock_take("lock", &first), 0);
    assert_true(lock_is_held("lock"));
    assert_int_equal(lock_take("lock", &second), ERR_BUSY);
    assert_string_equal(error_text(), "'lock' is held by another process");
    close(first);
    assert_false(lock_is_held("lock"));
    assert_int_equal(lock_take("lock", &second), 0);
    close(second);
}

static void probing_a_lock_neither_makes_nor_takes_it(void **state)
{
    int fd;
    (void)state;
    assert_false(lock_is_held("lock"));
    assert_false(file_exists("lock"));
    assert_int_equal(lock_take("lock", &fd), 0);
    assert_true(lock_is_held("lock"));
    assert_true(lock_is_held("lock"));
    close(fd);
}

/* What makes liveness a lock: it goes with the last process that holds it, however that ends. */
static void a_lock_ends_with_the_last_process_that_inherited_it(void **state)
{
    int fd, ready[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(lock_take("lock", &fd), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)!write(ready[1], "", 1);
        for (;;)
            pause();
    }
    close(fd);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_true(lock_is_held("lock"));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(lock_is_held("lock"));
    close(ready[0]);
    close(ready[1]);
}

static void a_lock_is_not_inherited_across_exec(void **state)
{
    int fd;
    (void)state;
    assert_int_equal(lock_take("lock", &fd), 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static volatile sig_atomic_t alarms;
static void count_alarm(int signal)
{
    (void)signal;
    alarms++;
}

static void waiting_ends_when_the_holder_does(void **state)
{
    (void)state;
    int fd, status;
    assert_int_equal(lock_wait("lock"), 0); /* nobody ever took it */
    assert_int_equal(lock_take("lock", &fd), 0);
    pid_t waiter = fork();
    if (waiter == 0) {
        close(fd); /* its copy would hold the lock */
        _exit(lock_wait("lock") == 0 ? 7 : 1);
    }
    pause_ms(50);
    assert_int_equal(waitpid(waiter, &status, WNOHANG), 0);
    close(fd);
    assert_int_equal(waitpid(waiter, &status, 0), waiter);
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_false(lock_is_held("lock"));
}

static void waiting_can_be_interrupted(void **state)
{
    (void)state;
    int fd;
    struct sigaction action = { .sa_handler = count_alarm };
    assert_int_equal(lock_take("lock", &fd), 0);
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    assert_int_equal(lock_wait("lock"), ERR_CANCELLED);
    assert_int_equal(alarms, 1);
    close(fd);
}

/* Who waits for an end has the lock shared for a moment. That must neither look like a holder nor
 * keep anybody from taking it. */
static void a_shared_lock_of_a_waiter_is_no_holder(void **state)
{
    (void)state;
    int fd;
    struct flock shared = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    int waiter = open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(fcntl(waiter, F_OFD_SETLK, &shared), 0);
    assert_false(lock_is_held("lock"));
    pid_t child = fork();
    if (child == 0) {
        close(STDIN_FILENO);
        pause_ms(20);
        _exit(0); /* its copy of `waiter` goes with it */
    }
    close(waiter);
    assert_int_equal(lock_take("lock", &fd), 0);
    close(fd);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void patient_taker_gets_its_turn(void **state)
{
    (void)state;
    int fd;
    pid_t holder = fork();
    if (holder == 0) {
        int own;
        int error = lock_take("lock", &own);
        pause_ms(50);
        _exit(error != 0);
    }
    while (!lock_is_held("lock"))
        pause_ms(1);
    assert_int_equal(lock_take_patiently("lock", &fd), 0);
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    assert_true(lock_is_held("lock"));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_lock_has_one_holder_until_it_is_closed),
        IN_SCRATCH(probing_a_lock_neither_makes_nor_takes_it),
        IN_SCRATCH(a_lock_ends_with_the_last_process_that_inherited_it),
        IN_SCRATCH(a_lock_is_not_inherited_across_exec),
        IN_SCRATCH(waiting_ends_when_the_holder_does),
        IN_SCRATCH(waiting_can_be_interrupted),
        IN_SCRATCH(a_shared_lock_of_a_waiter_is_no_holder),
        IN_SCRATCH(patient_taker_gets_its_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
