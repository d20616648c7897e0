/* Journals follow Slurm where no worker can write them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/process.h"
#include "base/text.h"
#include "run/journal.h"
#include "slurm_ask.h"

enum { JOB_SIZE = 64, RECALLED_AT_ONCE = 200 };

static const char *jobs_folder(struct arena *arena, const struct store *store)
{
    return path_join(arena, store->path, "slurm/jobs");
}

int slurm_note_job(const struct store *store, int64_t run, const char *job)
{
    struct arena arena = { 0 };
    const char *folder = jobs_folder(&arena, store);
    int error = make_directories(folder);
    if (!error)
        error =
            file_replace(path_join(&arena, folder, arena_printf(&arena, "%lld", (long long)run)),
                         job, strlen(job));
    arena_release(&arena);
    return error;
}

bool slurm_has_job(const char *run_directory)
{
    struct arena arena = { 0 };
    const char *number = path_base(run_directory);
    size_t length = (size_t)(number - run_directory);
    bool has =
        access(arena_printf(&arena, "%.*s../slurm/jobs/%s", (int)length, run_directory, number),
               F_OK) == 0;
    arena_release(&arena);
    return has;
}

/* How jobs end that say nothing themselves. */
static const struct {
    const char *word;
    enum run_state state;
    const char *reason; /* %s: the job */
} ends[] = {
    { "CANCELLED", RUN_STOPPED, "its Slurm job %s was cancelled outside of gander" },
    { "PREEMPTED", RUN_STOPPED, "its Slurm job %s was preempted" },
    { "TIMEOUT", RUN_KILLED, "its Slurm job %s ran out of time" },
    { "DEADLINE", RUN_KILLED, "its Slurm job %s ran out of time" },
    { "NODE_FAIL", RUN_KILLED, "the node of its Slurm job %s failed" },
    { "BOOT_FAIL", RUN_KILLED, "the node of its Slurm job %s failed" },
    { "OUT_OF_MEMORY", RUN_KILLED, "its Slurm job %s ran out of memory" },
    { "", RUN_FAILED, "Slurm knows nothing of its job %s any more" },
};

static struct run_end end_of(struct arena *arena, const struct slurm_job *job)
{
    for (int i = 0; i < ARRAY_SIZE(ends); i++)
        if (strcmp(job->word, ends[i].word) == 0) {
            const char *place = strstr(ends[i].reason, "%s");
            return (struct run_end){ .state = ends[i].state,
                                     .step = -1,
                                     .exit_status = -1,
                                     .reason = arena_printf(arena, "%.*s%s%s",
                                                            (int)(place - ends[i].reason),
                                                            ends[i].reason, job->id, place + 2) };
        }
    return (struct run_end){
        .state = RUN_FAILED,
        .step = -1,
        .exit_status = -1,
        .reason = arena_printf(arena, "its Slurm job %s ended (%s) without a word of its worker",
                               job->id, job->word),
    };
}

struct settling {
    struct arena arena;
    const struct store *store;
    int64_t run;
    const char *directory, *file; /* STORE/slurm/jobs/N */
    double now;
    struct worker_story story;
};

/* "waits in Slurm: Resources" */
static const char *waiting_for(struct settling *settling, const struct slurm_job *job)
{
    return *job->reason ? arena_printf(&settling->arena, "waits in Slurm: %s", job->reason)
                        : "waits in Slurm";
}

static void put_pending(struct settling *settling, struct line_writer *journal,
                        const struct slurm_job *job)
{
    const char *reason = waiting_for(settling, job), *said = settling->story.end.reason;
    bool is_said = settling->story.state == RUN_QUEUED && said && strcmp(said, reason) == 0;
    struct worker_identity self = settling->story.worker;
    self.slurm = job->id;
    bool has_ended = run_state_is_end(settling->story.state);
    if (!is_said && !(has_ended && store_tell_change(settling->store, settling->run) < 0))
        worker_put_queued(journal, settling->now, &self, reason);
}

static void put_end(struct settling *settling, struct line_writer *journal,
                    const struct slurm_job *job)
{
    struct run_end end = end_of(&settling->arena, job);
    if (run_state_is_end(settling->story.state) ||
        worker_put_end(journal, settling->now, &end) == 0)
        unlink(settling->file);
}

/* A job may be queued again, by an operator, that has nothing left to do. */
static bool has_nothing_left(enum run_state state)
{
    return state == RUN_FINISHED || state == RUN_DIVERGED;
}

/* With the lock held: nobody else writes, and what was read is all there is. */
static void settle_locked(struct settling *settling, const struct slurm_job *job)
{
    struct line_writer journal;
    if (worker_read(&settling->arena, &settling->story, settling->directory, NULL, NULL) < 0 ||
        worker_open(&journal, settling->directory) < 0)
        return;
    if (job->state == SLURM_PENDING && !has_nothing_left(settling->story.state))
        put_pending(settling, &journal, job);
    else
        put_end(settling, &journal, job);
    line_writer_close(&journal);
}

static void settle(struct settling *settling, const struct slurm_job *job)
{
    int lock;
    if (lock_take(path_join(&settling->arena, settling->directory, "lock"), &lock) < 0)
        return;
    settle_locked(settling, job);
    close(lock);
}

static bool read_job(const char *path, char job[JOB_SIZE])
{
    char *text;
    size_t size;
    if (file_read(path, JOB_SIZE - 1, &text, &size) < 0)
        return false;
    memcpy(job, text, size + 1);
    free(text);
    return slurm_is_job(job) && strlen(job) == size;
}

/* The run's lock is taken first, so that its worker does not begin meanwhile; one that has begun is
 * told by Slurm. */
int slurm_drop(const struct store *store, int64_t run, const char *job)
{
    struct settling settling = { .store = store, .run = run, .now = wall_clock() };
    struct arena *arena = &settling.arena;
    struct line_writer journal;
    int lock = -1;
    settling.directory = store_run_directory(arena, store, run);
    settling.file =
        path_join(arena, jobs_folder(arena, store), arena_printf(arena, "%lld", (long long)run));
    int error = lock_take(path_join(arena, settling.directory, "lock"), &lock);
    if (!error && job)
        error = slurm_cancel(job);
    if (!error)
        error = worker_open(&journal, settling.directory);
    if (!error) {
        struct run_end end = {
            .state = RUN_STOPPED, .step = -1, .exit_status = -1, .reason = "asked to stop"
        };
        error = worker_put_end(&journal, settling.now, &end);
        line_writer_close(&journal);
        unlink(settling.file);
    }
    if (lock >= 0)
        close(lock);
    arena_release(arena);
    return error;
}

/* --- all of them --- */

/* One round: the view before, and the new one. */
struct round {
    struct arena arena;
    const struct store *store;
    const char *folder;
    char **names;
    int count;
    struct slurm_view before, view;
    const char *missing[RECALLED_AT_ONCE]; /* jobs that the list lacks … */
    int64_t runs[RECALLED_AT_ONCE];        /* … and their runs */
    int missing_count;
};

static struct settling open_run(const struct round *round, int64_t run)
{
    struct settling settling = { .store = round->store, .run = run, .now = round->view.time };
    settling.directory = store_run_directory(&settling.arena, round->store, run);
    settling.file = path_join(&settling.arena, round->folder,
                              arena_printf(&settling.arena, "%lld", (long long)run));
    return settling;
}

/* What was asked for before the run got the job says nothing of it. */
static bool is_newer(const struct slurm_view *view, const struct stat *file)
{
    return view->asked.tv_sec > file->st_mtim.tv_sec ||
           (view->asked.tv_sec == file->st_mtim.tv_sec &&
            view->asked.tv_nsec > file->st_mtim.tv_nsec);
}

/* That was seen to last time. */
static bool is_as_before(const struct round *round, const struct slurm_job *job,
                         const struct stat *file)
{
    const struct slurm_job *before = slurm_in_view(&round->before, job->id);
    return before && is_newer(&round->before, file) && strcmp(before->word, job->word) == 0 &&
           strcmp(before->reason, job->reason) == 0;
}

static void settle_missing(struct round *round)
{
    struct slurm_job jobs[RECALLED_AT_ONCE];
    if (slurm_recall(&round->arena, round->missing, round->missing_count, jobs) < 0)
        round->view.trouble = text_clean(&round->arena, error_text(), 300);
    else
        for (int i = 0; i < round->missing_count; i++) {
            struct settling settling = open_run(round, round->runs[i]);
            if (jobs[i].state != SLURM_RUNNING && jobs[i].state != SLURM_SUSPENDED)
                settle(&settling, &jobs[i]);
            arena_release(&settling.arena);
        }
    round->missing_count = 0;
}

static void look_at(struct round *round, struct settling *settling, const struct stat *file,
                    const char *id)
{
    struct arena *arena = &settling->arena;
    const struct slurm_job *job = slurm_in_view(&round->view, id);
    bool is_settled = job && (job->state == SLURM_RUNNING || job->state == SLURM_SUSPENDED ||
                              (job->state == SLURM_PENDING && is_as_before(round, job, file)));
    if (is_settled)
        return;
    if (!directory_exists(settling->directory)) {
        unlink(settling->file); /* it is in the bin */
        return;
    }
    if (lock_is_held(path_join(arena, settling->directory, "lock")) ||
        lock_is_held(path_join(arena, settling->directory, "command.lock")))
        return;
    if (job) {
        settle(settling, job);
        return;
    }
    round->missing[round->missing_count] = arena_strdup(&round->arena, id);
    round->runs[round->missing_count++] = settling->run;
    if (round->missing_count == RECALLED_AT_ONCE)
        settle_missing(round);
}

static void settle_all(struct round *round)
{
    for (int i = 0; i < round->count; i++) {
        char id[JOB_SIZE];
        int64_t run;
        struct stat file;
        if (parse_integer(round->names[i], &run) < 0)
            continue;
        struct settling settling = open_run(round, run);
        if (stat(settling.file, &file) == 0 && is_newer(&round->view, &file) &&
            read_job(settling.file, id))
            look_at(round, &settling, &file, id);
        arena_release(&settling.arena);
    }
    settle_missing(round);
}

/* By the clock that stamps files in the store. */
static int stamp(int lock, struct timespec *out)
{
    struct stat status;
    if (futimens(lock, NULL) != 0 || fstat(lock, &status) != 0)
        return fail(ERR_IO, "cannot stamp the store's view of Slurm: %s", strerror(errno));
    *out = status.st_mtim;
    return 0;
}

/* With the lock of the view held. What does not come leaves the jobs that were known, and says why. */
static int ask_and_settle(struct round *round, int lock)
{
    struct timespec asked;
    int error = stamp(lock, &asked);
    if (error)
        return error;
    round->view = (struct slurm_view){ .time = wall_clock() };
    if (slurm_ask_view(&round->arena, &round->view) < 0) {
        round->before.time = round->view.time;
        round->before.trouble = text_clean(&round->arena, error_text(), 300);
        return slurm_write_view(round->store, &round->before);
    }
    round->view.asked = asked;
    settle_all(round);
    return slurm_write_view(round->store, &round->view);
}

static bool is_fresh(double time, bool has_trouble)
{
    double age = wall_clock() - time;
    return age >= 0 && age < (has_trouble ? SLURM_TROUBLE_SECONDS : SLURM_VIEW_SECONDS);
}

/* Its journals are for nobody else to write. */
static bool is_ours(const struct store *store)
{
    struct stat status;
    return stat(store->path, &status) == 0 && status.st_uid == geteuid();
}

static bool has_jobs(struct arena *arena, const struct store *store, char ***names, int *count)
{
    const char *folder = jobs_folder(arena, store);
    *count = 0;
    return access(folder, X_OK) == 0 && list_directory(arena, folder, "", names, count) == 0 &&
           *count > 0;
}

int slurm_settle_here(const struct store *store, bool is_urgent)
{
    struct round round = { .store = store };
    int lock = -1, error = 0;
    round.folder = jobs_folder(&round.arena, store);
    if (is_ours(store) && has_jobs(&round.arena, store, &round.names, &round.count))
        error = (is_urgent ? lock_take_patiently : lock_take)(
            path_join(&round.arena, store->path, "slurm/view.lock"), &lock);
    if (lock >= 0) {
        error = slurm_read_view(&round.arena, store, &round.before);
        if (!error && (is_urgent || !is_fresh(round.before.time, round.before.trouble)))
            error = ask_and_settle(&round, lock);
        close(lock);
    }
    arena_release(&round.arena);
    return error == ERR_BUSY ? 0 : error;
}

/* --- in the background --- */

static int patience_ms = 3000;

void slurm_set_patience(int milliseconds)
{
    patience_ms = milliseconds;
}

/* Of the view's first line alone, which is looked at often. */
static bool has_fresh_view(const char *path)
{
    char *text, *rest;
    size_t size;
    if (file_read_start(path, 128, &text, &size) < 0)
        return false;
    double time = strtod(text, &rest);
    for (int i = 0; i < 3 && rest; i++)
        rest = strchr(i > 0 ? rest + 1 : rest, '\t');
    bool is = is_fresh(time, rest && rest[1] != '\n');
    free(text);
    return is;
}

static int start_settling(const struct store *store)
{
    pid_t pid;
    const char *const words[] = { "gander", "settle", "--store", store->path, NULL };
    return process_start(&pid, &(struct process){ .argv = words,
                                                  .program = program_path(),
                                                  .directory = "/",
                                                  .is_detached = true });
}

void slurm_settle(const struct store *store)
{
    enum { LOOK_MS = 10 };
    struct arena arena = { 0 };
    char **names;
    int count;
    const char *path = path_join(&arena, store->path, "slurm/view");
    const char *lock = path_join(&arena, store->path, "slurm/view.lock");
    bool is_wanted = !has_fresh_view(path) && has_jobs(&arena, store, &names, &count) &&
                     is_ours(store) && (lock_is_held(lock) || start_settling(store) == 0);
    for (int waited = 0; is_wanted && waited < patience_ms && !has_fresh_view(path);
         waited += LOOK_MS)
        pause_ms(LOOK_MS);
    arena_release(&arena);
}

bool slurm_know(struct arena *arena, const struct store *store, int64_t run,
                struct slurm_known *out)
{
    char id[JOB_SIZE];
    struct stat file;
    struct slurm_view view;
    const char *path =
        path_join(arena, jobs_folder(arena, store), arena_printf(arena, "%lld", (long long)run));
    *out = (struct slurm_known){ .job = NULL };
    if (stat(path, &file) != 0 || !read_job(path, id) || slurm_read_view(arena, store, &view) < 0)
        return false;
    out->id = arena_strdup(arena, id);
    out->trouble = view.trouble;
    out->time = view.time;
    if (is_newer(&view, &file))
        out->job = slurm_in_view(&view, id);
    return true;
}
