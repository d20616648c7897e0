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
#include "base/text.h"
#include "run/journal.h"
#include "run/slurm.h"

enum { JOB_SIZE = 64 };

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
    if (!is_said)
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

/* With the lock held: nobody else writes, and what was read is all there is. */
static void settle_locked(struct settling *settling, const struct slurm_job *job)
{
    struct line_writer journal;
    if (worker_read(&settling->arena, &settling->story, settling->directory, NULL, NULL) < 0 ||
        worker_open(&journal, settling->directory) < 0)
        return;
    if (job->state == SLURM_PENDING)
        put_pending(settling, &journal, job);
    else
        put_end(settling, &journal, job);
    line_writer_close(&journal);
}

static void settle(struct settling *settling, const struct slurm_view *view, const char *id)
{
    struct slurm_job job;
    int lock;
    const char *path = path_join(&settling->arena, settling->directory, "lock");
    const char *command = path_join(&settling->arena, settling->directory, "command.lock");
    if (!directory_exists(settling->directory)) {
        unlink(settling->file); /* it is in the bin */
        return;
    }
    if (lock_is_held(path) || lock_is_held(command) ||
        slurm_find(&settling->arena, view, id, &job) < 0 || job.state == SLURM_RUNNING ||
        job.state == SLURM_SUSPENDED || (job.state == SLURM_FORGOTTEN && view->trouble))
        return;
    if (lock_take(path, &lock) < 0)
        return;
    settle_locked(settling, &job);
    close(lock);
}

/* What was said before the job was submitted says nothing of it. */
static bool is_newer(const struct slurm_view *view, const char *file)
{
    struct stat status;
    return stat(file, &status) == 0 && view->time > (double)status.st_mtime + 1;
}

/* "123" or "123_4" */
static bool read_job(const char *path, char job[JOB_SIZE])
{
    char *text;
    size_t size;
    if (file_read(path, JOB_SIZE - 1, &text, &size) < 0)
        return false;
    memcpy(job, text, size + 1);
    free(text);
    return size > 0 && strspn(job, "0123456789_") == size;
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
    if (!error)
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

void slurm_settle(const struct store *store, double now)
{
    struct arena arena = { 0 };
    struct slurm_view view;
    char **names;
    int count = 0;
    const char *folder = jobs_folder(&arena, store);
    if (access(folder, X_OK) == 0 && list_directory(&arena, folder, "", &names, &count) == 0 &&
        count > 0 && slurm_look(&arena, store, now, &view) == 0 && view.time > 0)
        for (int i = 0; i < count; i++) {
            struct settling settling = { .store = store, .now = now };
            char job[JOB_SIZE];
            settling.file = path_join(&settling.arena, folder, names[i]);
            if (parse_integer(names[i], &settling.run) == 0 && is_newer(&view, settling.file) &&
                read_job(settling.file, job)) {
                settling.directory = store_run_directory(&settling.arena, store, settling.run);
                settle(&settling, &view, job);
            }
            arena_release(&settling.arena);
        }
    arena_release(&arena);
}
