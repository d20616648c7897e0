/* The plan and its runs, as they are now. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "conductor_state.h"

/* --- the plan --- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int look_at(struct conductor *conductor, int trial)
{
    struct arena scratch = { 0 };
    int error = trial_look(&scratch, &conductor->trials.list[trial], conductor->store,
                           &conductor->sweep, wall_clock());
    arena_release(&scratch);
    struct trial *looked = &conductor->trials.list[trial];
    looked->end.reason = NULL; /* it was in the scratch */
    if (!error && looked->standing != TRIAL_LIVE)
        error = trial_values(conductor->hands[trial].values, looked, conductor->store,
                             &conductor->sweep, &conductor->goal);
    return error;
}

static int look_at_all(struct conductor *conductor)
{
    conductor->live = 0;
    int error = trials_find(&conductor->trials, conductor->store, &conductor->sweep);
    for (int i = 0; i < conductor->trials.count && !error; i++) {
        for (int k = 0; k < SWEEP_RUNGS; k++)
            conductor->hands[i].values[k] = NAN;
        if (conductor->trials.list[i].run == 0)
            continue;
        error = look_at(conductor, i);
        if (!error && conductor->trials.list[i].standing == TRIAL_LIVE) {
            conductor->live++;
            conductor_watch(conductor, conductor->trials.list[i].run, true);
        }
    }
    return error;
}

static int adopt(struct conductor *conductor, struct sweep *sweep)
{
    struct sweep_goal goal;
    int error = sweep_goal_parse(&sweep->arena, sweep->goal, &conductor->config, &goal);
    if (error)
        return error;
    free(conductor->hands);
    trials_release(&conductor->trials);
    sweep_release(&conductor->sweep);
    conductor->sweep = *sweep;
    conductor->goal = goal;
    *sweep = (struct sweep){ .name = NULL };
    trials_init(&conductor->trials, &conductor->sweep);
    conductor->hands = xcalloc((size_t)conductor->trials.count + 1, sizeof *conductor->hands);
    return look_at_all(conductor);
}

int conductor_read_plan(struct conductor *conductor)
{
    struct arena scratch = { 0 };
    struct sweep sweep;
    struct stat stamp;
    bool is_first = !conductor->sweep.name;
    const char *path = path_join(&scratch, conductor->directory, "sweep.json");
    bool is_there = stat(path, &stamp) == 0;
    arena_release(&scratch);
    if (!is_first && (!is_there || is_same_file(&stamp, &conductor->stamp)))
        return 0;
    conductor->stamp = stamp;
    int error = sweep_read(&sweep, conductor->store, conductor->name);
    if (!error && !is_first && strcmp(sweep.id, conductor->sweep.id) != 0)
        error = fail(ERR_INVALID, "the plan of sweep '%s' has another id now", conductor->name);
    if (!error)
        error = adopt(conductor, &sweep);
    sweep_release(&sweep);
    if (error && !is_first) {
        conductor_log("%s; going on with the plan before", error_text());
        return 0;
    }
    if (!error && !is_first)
        conductor_log("the plan has changed: %d points, %d seeds", conductor->sweep.point_count,
                      conductor->sweep.seed_count);
    return error;
}

/* --- the breaker --- */

/* How a run has ended, without what differs from run to run. In the arena. */
static char *failure_of(struct arena *arena, const struct trial *trial, const char *reason)
{
    char *text =
        arena_printf(arena, "%s, exit %d, signal %d: %s", run_state_name(trial->status.state),
                     trial->end.exit_status, trial->end.signal, reason ? reason : "");
    for (char *letter = strchr(text, ':'); *letter; letter++)
        if (isdigit((unsigned char)*letter))
            *letter = '#';
    return text;
}

/* The last line of a short log that says something. */
static const char *last_words(struct arena *arena, const char *directory)
{
    enum { LOG_LIMIT = 1 << 16 };
    char *text, *rest, *line;
    size_t size;
    const char *last = "";
    if (file_read_start(path_join(arena, directory, "log.txt"), LOG_LIMIT, &text, &size) < 0)
        return "";
    for (rest = text; (line = strsep(&rest, "\n"));)
        if (strncmp(line, "gander: ", 8) != 0 && strspn(line, " \t\r") < strlen(line))
            last = text_log_line(arena, line);
    free(text);
    return last;
}

static void count_failure(struct conductor *conductor, const struct trial *trial)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    const char *directory = store_run_directory(&arena, conductor->store, trial->run);
    worker_read(&arena, &story, directory, NULL, NULL);
    const char *reason = story.end.reason;
    char *failure = failure_of(&arena, trial, reason);
    conductor->ended++;
    conductor->is_unalike =
        conductor->is_unalike || (conductor->failure && strcmp(conductor->failure, failure) != 0);
    if (!conductor->failure)
        conductor->failure = xstrdup(failure);
    if (conductor->ended == conductor->sweep.breaker && !conductor->is_unalike) {
        const char *words = text_clean(&arena, last_words(&arena, directory), 300);
        conductor->why_broken =
            xasprintf("the first %d runs failed alike: %s%s%s%s", conductor->ended,
                      reason ? reason : run_state_name(trial->status.state),
                      *words ? "; the log of the last ends with '" : "", words, *words ? "'" : "");
        conductor_log("%s", conductor->why_broken);
        if (conductor->sweep.is_on_slurm)
            conductor_cancel_waiting(conductor);
    }
    arena_release(&arena);
}

static void note_end(struct conductor *conductor, const struct trial *trial)
{
    enum run_state state = trial->status.state;
    if (trial->standing == TRIAL_BROKEN && (state == RUN_FAILED || state == RUN_KILLED)) {
        count_failure(conductor, trial);
    } else if (state != RUN_LOST && state != RUN_STOPPED) {
        conductor->ended++;
        conductor->is_unalike = true;
    }
}

/* --- runs --- */

struct following {
    const struct sweep *sweep;
    char *health; /* the last, where it is one to give up for; malloc'ed */
};

static int follow_event(void *context, const struct event *event)
{
    struct following *following = context;
    if (!event->health)
        return 0;
    free(following->health);
    following->health =
        sweep_gives_up(following->sweep, event->health) ? xstrdup(event->health) : NULL;
    return 0;
}

static void follow_health(struct conductor *conductor, int trial, const char *directory)
{
    const struct worker_story none = { .attempt_count = 0 };
    struct hand *hand = &conductor->hands[trial];
    struct following following = { .sweep = &conductor->sweep };
    events_read(directory, &none, &hand->place, 0, follow_event, &following);
    if (following.health && !hand->is_asked)
        conductor_ask_to_stop(conductor, trial, following.health);
    free(following.health);
}

/* Who holds the run's lock has not ended it: that is a probe, and no more. */
static int look_at_live(struct conductor *conductor, int trial)
{
    struct arena scratch = { 0 };
    int64_t run = conductor->trials.list[trial].run;
    const char *directory = store_run_directory(&scratch, conductor->store, run);
    bool is_held = lock_is_held(path_join(&scratch, directory, "lock"));
    int error = 0;
    follow_health(conductor, trial, directory);
    if (!is_held)
        error = look_at(conductor, trial);
    const struct trial *looked = &conductor->trials.list[trial];
    if (!error && looked->standing != TRIAL_LIVE) {
        conductor->live--;
        conductor_watch(conductor, run, false);
        note_end(conductor, looked);
    }
    arena_release(&scratch);
    return error;
}

int conductor_look_around(struct conductor *conductor)
{
    int error = 0;
    for (int i = 0; i < conductor->trials.count && !error; i++)
        if (conductor->trials.list[i].standing == TRIAL_LIVE)
            error = look_at_live(conductor, i);
    return error;
}

void conductor_watch(struct conductor *conductor, int64_t run, bool is_watched)
{
    struct arena arena = { 0 };
    const char *directory = store_run_directory(&arena, conductor->store, run);
    int watch = conductor->events < 0
                    ? -1
                    : inotify_add_watch(conductor->events, directory, IN_CLOSE_WRITE);
    if (watch >= 0 && !is_watched)
        inotify_rm_watch(conductor->events, watch);
    arena_release(&arena);
}
