#define _GNU_SOURCE
#include "run/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/host.h"
#include "run/settings.h"
#include "run/slurm.h"
#include "worker_state.h"

/* --- signals (run/control.h) --- */

enum { BEAT_SECONDS = 10 };

static volatile sig_atomic_t stop_asked, stop_now_asked, time_is_up;
static volatile sig_atomic_t beating = -1; /* a descriptor of worker.jsonl while the run waits */

static void ask_to_stop(int signal)
{
    stop_asked = 1;
    if (signal == SIGQUIT)
        stop_now_asked = 1;
    if (signal == SIGXCPU)
        time_is_up = 1;
    alarm(1);
}

/* A signal that came just before the sleep in fcntl() would be slept over: so one comes every second
 * until that has been seen. Else this is the heartbeat of a run that waits. */
static void tick(int signal)
{
    int error = errno;
    (void)signal;
    if (stop_asked) {
        alarm(1);
    } else if (beating >= 0) {
        futimens(beating, NULL);
        alarm(BEAT_SECONDS);
    }
    errno = error;
}

bool worker_is_to_stop(void)
{
    return stop_asked;
}

bool worker_is_to_stop_now(void)
{
    return stop_now_asked;
}

bool worker_is_out_of_time(void)
{
    return time_is_up;
}

static void catch_signals(void)
{
    static const int stops[] = { SIGTERM, SIGINT, SIGQUIT, SIGXCPU };
    struct sigaction action = { .sa_handler = ask_to_stop }, ignore = { .sa_handler = SIG_IGN };
    stop_asked = stop_now_asked = time_is_up = 0;
    for (int i = 0; i < ARRAY_SIZE(stops); i++)
        sigaction(stops[i], &action, NULL);
    action.sa_handler = tick;
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGUSR1, &ignore, NULL); /* there is nothing to pause in the queue */
    sigaction(SIGUSR2, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

/* --- beginnings --- */

void worker_log(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dprintf(STDOUT_FILENO, "gander: %s\n", text);
}

/* The descriptor that a launcher has left must be that of the run's lock. */
static int check_lock(const char *path, int fd)
{
    struct stat wanted, given;
    if (stat(path, &wanted) == 0 && fstat(fd, &given) == 0 && wanted.st_dev == given.st_dev &&
        wanted.st_ino == given.st_ino && lock_is_held(path))
        return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0
                   ? 0
                   : fail(ERR_IO, "cannot keep '%s': %s", path, strerror(errno));
    return fail(ERR_INVALID, "descriptor %d does not hold '%s'", fd, path);
}

/* A job may start before its launcher has let go of the lock, or while somebody settles what became
 * of the job before. */
static int take_lock_of_job(const char *path, int *lock)
{
    enum { TRIES = 600, PAUSE_MS = 100 };
    int error = lock_take(path, lock);
    for (int i = 1; i < TRIES && error == ERR_BUSY; i++) {
        pause_ms(PAUSE_MS);
        error = lock_take(path, lock);
    }
    return error;
}

static int take_lock(struct worker *worker, const struct worker_legacy *legacy)
{
    const char *path = path_join(&worker->arena, worker->directory, "lock");
    int given = legacy->lock;
    int error = given >= 0       ? check_lock(path, given)
                : legacy->is_job ? take_lock_of_job(path, &worker->lock)
                                 : lock_take(path, &worker->lock);
    if (given >= 0 && !error)
        worker->lock = given;
    if (error == ERR_BUSY)
        return fail(error, "run %lld is working already", (long long)worker->number);
    return error;
}

/* Standard output and error go to the run's log, whoever has started this. */
static int open_log(struct worker *worker)
{
    const char *path = path_join(&worker->arena, worker->directory, "log.txt");
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool is_open = log >= 0 && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
                   dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
    int error = is_open ? 0 : fail(ERR_IO, "cannot open '%s': %s", path, strerror(errno));
    if (log > STDERR_FILENO)
        close(log);
    if (null > STDERR_FILENO)
        close(null);
    return error;
}

/* As gander names it: of an array's task by its place there. */
static const char *job_name(struct arena *arena)
{
    const char *array = getenv("SLURM_ARRAY_JOB_ID"), *task = getenv("SLURM_ARRAY_TASK_ID"),
               *job = getenv("SLURM_JOB_ID");
    return array && task ? arena_printf(arena, "%s_%s", array, task) : job;
}

static int note_job(struct worker *worker, bool is_job)
{
    worker->self.slurm = is_job ? job_name(&worker->arena) : NULL;
    return worker->self.slurm ? slurm_note_job(worker->store, worker->number, worker->self.slurm)
                              : 0;
}

/* It was submitted twice: by a launcher that was killed before it could journal the first job. */
static bool waits_as_another_job(struct worker *worker, bool is_job)
{
    const char *known = worker->story.worker.slurm, *own = job_name(&worker->arena);
    return is_job && worker->story.state == RUN_QUEUED && known && own && strcmp(known, own) != 0;
}

static int begin(struct worker *worker, const struct worker_legacy *legacy)
{
    int error;
    if ((error = run_read_facts(&worker->arena, &worker->facts, worker->store, worker->number)) <
            0 ||
        (error = run_check_repeatable(&worker->facts)) < 0 ||
        (error = take_lock(worker, legacy)) < 0 || (error = open_log(worker)) < 0 ||
        (error = worker_read(&worker->arena, &worker->story, worker->directory, NULL, NULL)) < 0 ||
        (error = worker_open(&worker->journal, worker->directory)) < 0)
        return error;
    run_remove_leftovers(worker->directory);
    worker->self = worker->story.worker; /* its settings hold on */
    worker->self.pid = getpid();
    worker->self.host = host_name();
    if (waits_as_another_job(worker, legacy->is_job))
        return fail(ERR_BUSY, "run %lld waits as job %s", (long long)worker->number,
                    worker->story.worker.slurm);
    /* Slurm starts again what was stopped when its node was taken away */
    if (legacy->is_job && run_state_is_end(worker->story.state) &&
        (error = store_tell_change(worker->store, worker->number)) < 0)
        return error;
    return note_job(worker, legacy->is_job);
}

/* --- the queue --- */

static int enter_queue(struct worker *worker, int ticket)
{
    int error = worker_put_queued(&worker->journal, wall_clock(), &worker->self, NULL);
    if (error)
        return error;
    return ticket >= 0 ? queue_take_over(&worker->queue, worker->store, worker->number, ticket)
                       : queue_enter(&worker->queue, worker->store, worker->number);
}

/* There Slurm has given the cores, and says how many jobs work at once; in one that somebody uses by
 * hand, too. */
static bool is_in_slurm_job(void)
{
    const char *job = getenv("SLURM_JOB_ID");
    return job && *job;
}

static int wait_for_slot(struct worker *worker, int ticket)
{
    int error = enter_queue(worker, ticket);
    if (error)
        return error;
    if (is_in_slurm_job()) {
        queue_leave(worker->queue);
        worker->queue = NULL;
        return 0;
    }
    if (is_shared_file_system(worker->directory)) {
        /* other machines tell a run that waits from one that is lost by this */
        beating = worker->journal.fd;
        alarm(BEAT_SECONDS);
    }
    error = queue_wait(worker->queue,
                       queue_limit(worker->facts.slots, &worker->config, worker->facts.threads),
                       worker_is_to_stop, &worker->waited);
    beating = -1;
    alarm(0);
    return error;
}

/* --- the whole --- */

static struct run_end end_of_error(struct worker *worker, int error)
{
    return (struct run_end){
        .state = error == ERR_CANCELLED ? RUN_STOPPED : RUN_FAILED,
        .step = worker->story.end.step,
        .exit_status = -1,
        .reason = arena_strdup(&worker->arena, error_text()),
    };
}

static int attempt(struct worker *worker, int ticket, struct run_end *end)
{
    int error = config_read_for(&worker->config, worker->store);
    if (error) {
        worker_log("%s; going on without settings", error_text());
        worker->config = (struct config){ .slots = 0 };
    }
    error = wait_for_slot(worker, ticket);
    if (!error)
        error = worker_begin_attempt(worker);
    if (error) {
        *end = end_of_error(worker, error);
        return error;
    }
    worker_see_end(worker);
    *end = worker_judge(worker);
    return 0;
}

static void release(struct worker *worker)
{
    usage_free(worker->usage);
    queue_leave(worker->queue);
    config_release(&worker->config);
    line_writer_close(&worker->journal);
    if (worker->words >= 0)
        close(worker->words);
    if (worker->lock >= 0)
        close(worker->lock);
    free(worker->health);
    if (worker->feed)
        worker->reader->release(worker->feed);
    free(worker->feed_trouble);
    arena_release(&worker->arena);
}

/* Lets go of slot and lock before on_end, which may look at the run, or resume it. */
static void finish(struct worker *worker, const struct run_end *end)
{
    queue_leave(worker->queue);
    worker->queue = NULL;
    close(worker->lock);
    worker->lock = -1;
    worker_tell_end(worker, end);
}

/* Stopped by the time limit of its job, it goes on in the same job, when that is asked for: Slurm ends
 * this worker, and starts another one. False when it is to end after all. */
static bool queues_again(struct worker *worker, const struct run_end *end)
{
    if (!worker->self.slurm || !worker->config.slurm.requeue || !worker_is_out_of_time() ||
        end->state != RUN_STOPPED)
        return false;
    if (worker_put_queued(&worker->journal, wall_clock(), &worker->self,
                          "queued again at the time limit of its job") < 0)
        return false;
    if (slurm_requeue(worker->self.slurm) == 0)
        return true;
    worker_log("%s", error_text());
    return false;
}

/* A job may be started again that has nothing left to do. */
static bool has_ended(const struct worker *worker)
{
    return worker->self.slurm &&
           (worker->story.state == RUN_FINISHED || worker->story.state == RUN_DIVERGED);
}

static int see_through(struct worker *worker, int ticket)
{
    struct run_end end;
    if (attempt(worker, ticket, &end) < 0)
        worker_log("%s", end.reason);
    if (queues_again(worker, &end))
        return 0;
    int error = worker_put_last(worker, &end);
    finish(worker, &end);
    return error;
}

int worker_work(const struct store *store, int64_t number, const struct worker_legacy *legacy,
                const struct worker_feed *feed)
{
    struct worker worker = {
        .store = store,
        .number = number,
        .lock = -1,
        .words = -1,
        .journal = { .fd = -1 },
        .reader = feed,
    };
    worker.directory = store_run_directory(&worker.arena, store, number);
    catch_signals();
    int error = begin(&worker, legacy);
    if (!error && !has_ended(&worker))
        error = see_through(&worker, legacy->ticket);
    release(&worker);
    return error;
}
