/* What is done to runs: from any view in which a run is meant. */
#include "acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run/again.h"
#include "run/bin.h"
#include "run/control.h"
#include "run/journal.h"
#include "run/notes.h"

enum {
    UNDO_DEPTH = 64,
    ASKED_LIMIT = 64,
    ROWS_LIMIT = 256, /* runs of which it is known what they do before something is done to them */
    INSIST_SECONDS = 60
};

struct undoing {
    enum undo kind;
    int64_t *runs; /* malloc'ed */
    int count;
};

struct asked_stop {
    int64_t run;
    double steady, when; /* the same moment by both clocks; `when` is what journals say */
};

struct acts {
    struct undoing undos[UNDO_DEPTH]; /* the newest last */
    int undo_count;
    struct asked_stop asked[ASKED_LIMIT]; /* a ring */
    int next_asked;
    struct meant meant;
};

static struct acts *acts_of(struct app *app)
{
    if (!app->undo)
        app->undo = xcalloc(1, sizeof(struct acts));
    return app->undo;
}

struct meant *acts_meant(struct app *app)
{
    return &acts_of(app)->meant;
}

static const char *runs_title(struct arena *arena, const int64_t *runs, int count)
{
    return count == 1 ? arena_printf(arena, "run %lld", (long long)runs[0])
                      : arena_printf(arena, "%d runs", count);
}

/* --- what may be undone --- */

static void push_undo(struct acts *acts, enum undo kind, const int64_t *runs, int count)
{
    if (kind == UNDO_NOTHING || count == 0)
        return;
    if (acts->undo_count == UNDO_DEPTH) {
        free(acts->undos[0].runs);
        memmove(acts->undos, acts->undos + 1, (UNDO_DEPTH - 1) * sizeof acts->undos[0]);
        acts->undo_count--;
    }
    struct undoing *undoing = &acts->undos[acts->undo_count++];
    *undoing = (struct undoing){ kind, xcalloc((size_t)count, sizeof *runs), count };
    memcpy(undoing->runs, runs, (size_t)count * sizeof *runs);
}

/* --- changes --- */

static int work(struct job *job)
{
    struct change *change = job->input;
    const struct store *store = &job->index.places[0].store;
    for (int i = 0; i < change->count; i++) {
        int error = change->each(change, store, change->runs[i]);
        if (!error)
            change->done[change->done_count++] = change->runs[i];
        else if (change->failed_count++ == 0)
            change->why = arena_strdup(&job->arena, error_text());
        if (error == ERR_CANCELLED)
            return error;
    }
    return 0;
}

/* "run 12 is archived; u undoes", "2 of 3 runs are archived: …" */
static void tell(struct app *app, const struct change *change)
{
    struct arena arena = { 0 };
    const char *undo = change->undo == UNDO_NOTHING ? "" : "; u undoes";
    const char *remark = change->remark ? arena_printf(&arena, "; %s", change->remark) : "";
    if (change->failed_count > 0 && change->count == 1)
        fail(ERR_INVALID, "%s", change->why);
    else if (change->failed_count > 0)
        fail(ERR_INVALID, "%d of %d runs failed: %s", change->failed_count, change->count,
             change->why);
    else if (change->count == 1 && change->sentence)
        app_say(app, "%s%s%s", change->sentence, remark, undo);
    else
        app_say(app, "%s %s%s%s", runs_title(&arena, change->runs, change->count),
                change->count == 1 ? change->one : change->many, remark, undo);
    if (change->failed_count > 0)
        app_say_error(app);
    arena_release(&arena);
}

static void changed(struct view *view, struct job *job)
{
    struct change *change = job->input;
    (void)view;
    if (job->error) {
        fail(job->error, "%s", job->message);
        app_say_error(job->app);
        return;
    }
    push_undo(acts_of(job->app), change->undo, change->done, change->done_count);
    tell(job->app, change);
    app_look_now(job->app);
}

/* What was begun is done to its end, even when the dashboard is left meanwhile, unless it can be
 * given up. */
static void start_change(struct app *app, const struct change *wanted, const int64_t *runs,
                         int count)
{
    struct job *job = job_new(app, NULL, work, changed);
    struct change *change = arena_alloc(&job->arena, 1, sizeof *change);
    int64_t *numbers = arena_alloc(&job->arena, (size_t)count, sizeof *numbers);
    memcpy(numbers, runs, (size_t)count * sizeof *numbers);
    *change = *wanted;
    change->runs = numbers;
    change->count = count;
    change->one = arena_strdup(&job->arena, wanted->one);
    change->many = arena_strdup(&job->arena, wanted->many ? wanted->many : "");
    change->text = wanted->text ? arena_strdup(&job->arena, wanted->text) : NULL;
    change->done = arena_alloc(&job->arena, (size_t)count, sizeof *change->done);
    change->job = job;
    job->input = change;
    job->outlives_view = !change->can_be_given_up;
    job->cleans_up = change->can_be_given_up;
    job->sign = wanted->sign ? wanted->sign : "changing runs";
    job_start(job, wanted->lane ? wanted->lane : LANE_ACT);
}

void acts_change(struct app *app, const struct change *change)
{
    struct meant *meant = acts_meant(app);
    start_change(app, change, meant->numbers, meant->count);
}

/* --- stop, pause, go on --- */

static bool is_live(const struct run_row *row)
{
    return row->state == RUN_QUEUED || row->state == RUN_RUNNING || row->state == RUN_PAUSED ||
           row->is_orphan;
}

static int stop(struct change *change, const struct store *store, int64_t run)
{
    return control_ask(store, run, CONTROL_STOP, change->job->index.now);
}

static int stop_now(struct change *change, const struct store *store, int64_t run)
{
    return control_ask(store, run, CONTROL_STOP_NOW, change->job->index.now);
}

static int pause_run(struct change *change, const struct store *store, int64_t run)
{
    return control_ask(store, run, CONTROL_PAUSE, change->job->index.now);
}

static int go_on(struct change *change, const struct store *store, int64_t run)
{
    (void)change;
    return run_go_on(store, run, NULL, 0, LAUNCH_AS_CONFIGURED);
}

static void insist(struct app *app, void *context)
{
    (void)context;
    acts_change(app, &(struct change){ .each = stop_now, .one = "is ended", .many = "are ended" });
}

/* Has the run gone on, or into the queue, since then? */
static bool is_begun_anew(struct app *app, const struct asked_stop *asked)
{
    struct arena arena = { 0 };
    struct worker_story story = { .attempts = NULL };
    const char *directory = store_run_directory(&arena, app_store(app), asked->run);
    bool is_anew = false;
    if (worker_read(&arena, &story, directory, NULL, NULL) == 0)
        is_anew =
            story.queued > asked->when ||
            (story.attempt_count > 0 && story.attempts[story.attempt_count - 1].time > asked->when);
    arena_release(&arena);
    return is_anew;
}

/* Was the attempt that works now asked to stop a short while ago? */
static bool was_asked(struct app *app, int64_t run)
{
    const struct asked_stop *newest = NULL;
    struct acts *acts = acts_of(app);
    for (int i = 0; i < ASKED_LIMIT; i++) {
        const struct asked_stop *asked = &acts->asked[i];
        if (asked->run == run && app->steady - asked->steady < INSIST_SECONDS &&
            (!newest || asked->steady > newest->steady))
            newest = asked;
    }
    return newest && !is_begun_anew(app, newest);
}

static void note_asked(struct app *app, int64_t run)
{
    struct acts *acts = acts_of(app);
    acts->asked[acts->next_asked] = (struct asked_stop){ run, app->steady, app->now };
    acts->next_asked = (acts->next_asked + 1) % ASKED_LIMIT;
}

/* Those that work, out of which are meant: what has ended already needs nothing. */
static void keep_live(struct meant *meant)
{
    int kept = 0;
    for (int i = 0; i < meant->count; i++)
        if (i >= meant->row_count || is_live(&meant->rows[i])) {
            if (i < meant->row_count)
                meant->rows[kept] = meant->rows[i];
            meant->numbers[kept++] = meant->numbers[i];
        }
    meant->row_count -= meant->count - kept;
    meant->count = kept;
    meant->title = runs_title(&meant->arena, meant->numbers, kept);
}

/* The first time a run is asked to stop, the second time it is ended. An orphan cannot be asked. */
static void begin_stop(struct app *app, struct meant *meant)
{
    bool insists = true;
    keep_live(meant);
    for (int i = 0; i < meant->count; i++)
        insists = insists && ((i < meant->row_count && meant->rows[i].is_orphan) ||
                              was_asked(app, meant->numbers[i]));
    if (insists) {
        struct arena arena = { 0 };
        app_ask(app, arena_printf(&arena, "stop %s at once, without a checkpoint?", meant->title),
                insist, NULL);
        arena_release(&arena);
        return;
    }
    for (int i = 0; i < meant->count; i++)
        note_asked(app, meant->numbers[i]);
    acts_change(app, &(struct change){ .each = stop,
                                       .one = "stops after a checkpoint",
                                       .many = "stop after a checkpoint" });
}

static void begin_pause(struct app *app, struct meant *meant)
{
    keep_live(meant);
    bool is_any_running = meant->row_count == 0;
    for (int i = 0; i < meant->row_count; i++)
        is_any_running = is_any_running || meant->rows[i].state != RUN_PAUSED;
    if (is_any_running)
        acts_change(app, &(struct change){ .each = pause_run, .one = "pauses", .many = "pause" });
    else
        acts_change(app, &(struct change){ .each = go_on, .one = "goes on", .many = "go on" });
}

static void begin_resume(struct app *app, struct meant *meant)
{
    (void)meant;
    acts_change(app, &(struct change){ .each = go_on, .one = "goes on", .many = "go on" });
}

/* --- rerun --- */

static int rerun(struct change *change, const struct store *store, int64_t run)
{
    struct arena *arena = &change->job->arena;
    const char *const argv[] = { "gander", "rerun", arena_printf(arena, "%lld", (long long)run),
                                 NULL };
    struct repeat repeat = { .launch = { .argv = argv } };
    struct launched launched = { .number = 0 };
    int error = repeat_prepare(&repeat, store, run, NULL, 0);
    if (!error) {
        error = launch_check(&launched, &repeat.launch);
        if (!error)
            error = launch_run(&launched, store, &repeat.launch);
        if (!error)
            change->sentence = arena_printf(arena, "run %lld starts, like run %lld",
                                            (long long)launched.number, (long long)run);
        if (!error && launched.remarks[0])
            change->remark = arena_strdup(arena, launched.remarks[0]);
        arena_release(&launched.arena);
    }
    repeat_release(&repeat);
    return error;
}

static void begin_rerun(struct app *app, struct meant *meant)
{
    (void)meant;
    acts_change(app,
                &(struct change){ .each = rerun, .one = "is run again", .many = "are run again" });
}

/* --- archive, delete, undo --- */

static int archive(struct change *change, const struct store *store, int64_t run)
{
    return notes_put(store, run, NOTES_ARCHIVE, NULL, change->job->index.now);
}

static int unarchive(struct change *change, const struct store *store, int64_t run)
{
    return notes_put(store, run, NOTES_UNARCHIVE, NULL, change->job->index.now);
}

static int delete (struct change *change, const struct store *store, int64_t run)
{
    (void)change;
    return bin_put(store, run);
}

static int take_back(struct change *change, const struct store *store, int64_t run)
{
    (void)change;
    return bin_take_back(store, run);
}

/* Each of these changes, and how it is taken back: by the change of its `undo`. */
static const struct change changes[] = {
    [UNDO_ARCHIVE] = { archive, "is archived", "are archived", .undo = UNDO_UNARCHIVE },
    [UNDO_UNARCHIVE] = { unarchive, "is out of the archive", "are out of the archive",
                         .undo = UNDO_ARCHIVE },
    [UNDO_DELETE] = { delete, "is in the bin", "are in the bin", .undo = UNDO_TAKE_BACK },
    [UNDO_TAKE_BACK] = { take_back, "is back", "are back", .undo = UNDO_DELETE },
};

static void begin_archive(struct app *app, struct meant *meant)
{
    bool are_archived = meant->row_count > 0;
    int kept = 0;
    for (int i = 0; i < meant->row_count; i++)
        are_archived = are_archived && meant->rows[i].is_archived;
    for (int i = 0; i < meant->count; i++) /* what is in the archive needs not go there */
        if (are_archived || i >= meant->row_count || !meant->rows[i].is_archived)
            meant->numbers[kept++] = meant->numbers[i];
    meant->count = kept;
    acts_change(app, &changes[are_archived ? UNDO_UNARCHIVE : UNDO_ARCHIVE]);
}

static void do_delete(struct app *app, void *context)
{
    (void)context;
    acts_change(app, &changes[UNDO_DELETE]);
}

static void do_take_back(struct app *app, void *context)
{
    (void)context;
    acts_change(app, &changes[UNDO_TAKE_BACK]);
}

static void begin_delete(struct app *app, struct meant *meant)
{
    struct arena arena = { 0 };
    bool is_binned = meant->row_count > 0 && meant->rows[0].is_binned;
    if (is_binned)
        app_ask(app, arena_printf(&arena, "take %s back from the bin?", meant->title), do_take_back,
                NULL);
    else
        app_ask(app,
                arena_printf(&arena, "delete %s? (u brings %s back)", meant->title,
                             meant->count == 1 ? "it" : "them"),
                do_delete, NULL);
    arena_release(&arena);
}

static void undo(struct app *app)
{
    struct acts *acts = acts_of(app);
    if (acts->undo_count == 0) {
        app_say(app, "there is nothing to undo");
        return;
    }
    struct undoing last = acts->undos[--acts->undo_count];
    struct change change = changes[last.kind];
    change.undo = UNDO_NOTHING;
    start_change(app, &change, last.runs, last.count);
    free(last.runs);
}

/* `gander discriminate RUN --roc` of the first, against the others. */
static void begin_judge(struct app *app, struct meant *meant)
{
    struct arena arena = { 0 };
    int length = 0;
    const char **words = arena_alloc(&arena, 2 * (size_t)meant->count + 2, sizeof *words);
    words[length++] = "discriminate";
    words[length++] = arena_printf(&arena, "%lld", (long long)meant->numbers[0]);
    words[length++] = "--roc";
    for (int i = 1; i < meant->count; i++) {
        words[length++] = "--against";
        words[length++] = arena_printf(&arena, "%lld", (long long)meant->numbers[i]);
    }
    app_run_command(app, words, "judging images");
    arena_release(&arena);
}

/* --- beginning --- */

static const struct {
    enum action action;
    void (*begin)(struct app *app, struct meant *meant);
} acts[] = {
    { ACTION_STOP, begin_stop },         { ACTION_PAUSE, begin_pause },
    { ACTION_RESUME, begin_resume },     { ACTION_RERUN, begin_rerun },
    { ACTION_TAG, acts_ask_tags },       { ACTION_NOTE, acts_ask_note },
    { ACTION_NAME, acts_ask_name },      { ACTION_ARCHIVE, begin_archive },
    { ACTION_DELETE, begin_delete },     { ACTION_CHECK_OUT, acts_ask_directory },
    { ACTION_EXPORT, acts_ask_archive }, { ACTION_JUDGE, begin_judge },
};

static bool find_meant(struct app *app, struct meant *meant)
{
    struct catalogue *catalogue = app_index(app)->places[0].catalogue;
    arena_release(&meant->arena);
    *meant = (struct meant){ .count = 0 };
    meant->count = app_runs(app, &meant->arena, &meant->numbers);
    if (meant->count == 0)
        return false;
    int most = MIN(meant->count, ROWS_LIMIT);
    meant->rows = arena_alloc(&meant->arena, (size_t)most, sizeof *meant->rows);
    while (meant->row_count < most &&
           catalogue_run(catalogue, &meant->arena, meant->numbers[meant->row_count], app->now,
                         &meant->rows[meant->row_count]) == 0)
        meant->row_count++;
    meant->title = runs_title(&meant->arena, meant->numbers, meant->count);
    return true;
}

/* What the table says that an action needs. With several runs it is enough that one of them has it;
 * the others are told of when it is done. */
static bool is_possible(struct app *app, enum action action, const struct meant *meant)
{
    unsigned where = action_row(action)->where;
    int live = 0, binned = 0;
    for (int i = 0; i < meant->row_count; i++) {
        live += is_live(&meant->rows[i]);
        binned += meant->rows[i].is_binned;
    }
    bool is_one = meant->count == 1, is_all = meant->row_count == meant->count;
    if (binned > 0 && !(where & TAKES_BINNED))
        app_say(app, "%s %s in the bin: take %s back first", meant->title, is_one ? "is" : "are",
                is_one ? "it" : "them");
    else if ((where & NEEDS_LIVE) && is_all && live == 0 && is_one)
        app_say(app, "%s has ended: it is %s", meant->title, run_state_name(meant->rows[0].state));
    else if ((where & NEEDS_LIVE) && is_all && live == 0)
        app_say(app, "%s have ended", meant->title);
    else if ((where & NEEDS_ENDED) && is_all && live == meant->count)
        app_say(app, "%s %s %s: stop %s first", meant->title, is_one ? "is" : "are",
                is_one ? run_state_name(meant->rows[0].state) : "not ended",
                is_one ? "it" : "them");
    else
        return true;
    return false;
}

enum reaction acts_do(struct app *app, enum action action)
{
    struct meant *meant = acts_meant(app);
    if (action == ACTION_UNDO) {
        undo(app);
        return REDRAW;
    }
    if (action == ACTION_COMMAND) {
        command_line_open(app);
        return REDRAW;
    }
    for (int i = 0; i < ARRAY_SIZE(acts); i++) {
        if (acts[i].action != action)
            continue;
        if (find_meant(app, meant) && is_possible(app, action, meant))
            acts[i].begin(app, meant);
        return REDRAW;
    }
    return IGNORED;
}

void acts_release(struct app *app)
{
    struct acts *state = app->undo;
    if (!state)
        return;
    for (int i = 0; i < state->undo_count; i++)
        free(state->undos[i].runs);
    arena_release(&state->meant.arena);
    free(state);
    app->undo = NULL;
}
