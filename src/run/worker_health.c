/* The health of a command: what it journals under common names, and the newest of its samples, judged
 * as a built-in training judges itself. It goes to worker.jsonl, since events.jsonl is the command's.
 *
 * A command that says its health itself is believed from then on. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/image.h"
#include "gan/health.h"
#include "run/grid.h"
#include "worker_state.h"

enum { SHEET_LIMIT = 8192 /* pixels of a side */ };

struct command_health {
    struct health *health;
    int columns, rows;             /* of its samples, where config.ini says; else 0 */
    struct health_signals signals; /* of the step that is being told of */
    bool has_signals;              /* some of them are known */
    int64_t sample;                /* step of the newest that was looked at; -1: none */
    double diversity;              /* of it */
};

static void forget_signals(struct command_health *judge, int64_t step)
{
    judge->has_signals = false;
    judge->signals.step = step;
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        judge->signals.of[i] = NAN;
}

static void check_signals(const struct worker *worker)
{
    const struct config_pairs *pairs = &worker->config.signals.any;
    enum health_signal signal;
    for (int i = 0; i < pairs->count; i++)
        if (!health_signal_of(pairs->items[i].name, &signal))
            worker_log("%s: there is no signal '%s' (see 'man gander-config')",
                       pairs->items[i].where, pairs->items[i].name);
}

void worker_health_open(struct worker *worker)
{
    const struct config *config = &worker->config;
    if (!worker->facts.command)
        return;
    struct command_health *judge = xcalloc(1, sizeof *judge);
    int warm_up = config->health.warm_up > 0 ? config->health.warm_up : HEALTH_WARM_UP;
    judge->health = health_new(&(struct health_game){ .warm_up = warm_up });
    judge->sample = -1;
    judge->diversity = NAN;
    forget_signals(judge, 0);
    if (config->health.grid && *config->health.grid &&
        grid_parse(config->health.grid, &judge->columns, &judge->rows) < 0)
        worker_log("config.ini, health.grid: %s", error_text());
    check_signals(worker);
    worker->judge = judge;
}

/* --- what it draws --- */

static void look_at_sample(struct command_health *judge, const struct run_file *file)
{
    struct image sheet;
    struct grid grid;
    if (image_read_png(&sheet, file->path, SHEET_LIMIT) < 0)
        return; /* whatever that is, doctor tells of it */
    judge->sample = file->step;
    judge->diversity =
        grid_find(&grid, &sheet, judge->columns, judge->rows) ? grid_diversity(&grid, &sheet) : NAN;
    image_release(&sheet);
}

/* What the journal names, at the step at which it does. */
static void look_at_named(struct worker *worker, const struct event *event)
{
    static const char folder[] = "samples/";
    struct command_health *judge = worker->judge;
    struct arena arena = { 0 };
    if (strncmp(event->sample, folder, strlen(folder)) == 0 && !strstr(event->sample, ".."))
        look_at_sample(
            worker->judge,
            &(struct run_file){ .step = event->step,
                                .path = path_join(&arena, worker->directory, event->sample) });
    judge->signals.of[HEALTH_DIVERSITY] = judge->diversity;
    judge->has_signals = judge->has_signals || isfinite(judge->diversity);
    arena_release(&arena);
}

/* --- what it says --- */

static bool find_signal(const struct worker *worker, const char *metric, enum health_signal *out)
{
    const struct config_pairs *pairs = &worker->config.signals.any;
    for (int i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].text, metric) == 0 &&
            health_signal_of(pairs->items[i].name, out))
            return true;
    return health_signal_of(metric, out);
}

static void judge_signals(struct worker *worker)
{
    struct command_health *judge = worker->judge;
    if (!judge->has_signals)
        return;
    if (!isfinite(judge->signals.of[HEALTH_DIVERSITY]))
        judge->signals.of[HEALTH_DIVERSITY] = judge->diversity;
    bool is_new = health_report(judge->health, &judge->signals);
    forget_signals(judge, judge->signals.step);
    if (!is_new)
        return;
    const struct health_verdict *verdict = health_verdict(judge->health);
    const char *name = health_name(verdict->state);
    worker_put_health(&worker->journal, wall_clock(), verdict->step, name, verdict->why,
                      verdict->remedy);
    worker_tell_health(worker, name, verdict->why);
}

void worker_health_follow(struct worker *worker, const struct event *event)
{
    struct command_health *judge = worker->judge;
    enum health_signal signal;
    if (!judge)
        return;
    if (event->health) {
        worker_health_close(worker);
        return;
    }
    if (event->step != judge->signals.step) { /* values of one step may come in several lines */
        judge_signals(worker);
        forget_signals(judge, event->step);
    }
    if (event->sample)
        look_at_named(worker, event);
    for (int i = 0; i < event->metric_count; i++)
        if (find_signal(worker, event->metrics[i].name, &signal)) {
            judge->signals.of[signal] = event->metrics[i].value;
            judge->has_signals = true;
        }
}

/* --- samples that are just there --- */

/* The newest; a command that has no metrics is judged by its samples alone. */
void worker_health_look(struct worker *worker)
{
    struct command_health *judge = worker->judge;
    struct run_file newest;
    struct arena arena = { 0 };
    if (!judge)
        return;
    if (run_newest_sample(&arena, worker->directory, &newest) == 0 && newest.step > judge->sample) {
        look_at_sample(judge, &newest);
        bool is_alone = !judge->has_signals && newest.step > judge->signals.step;
        if (is_alone && isfinite(judge->diversity)) {
            forget_signals(judge, newest.step);
            judge->has_signals = true;
            judge_signals(worker);
        }
    }
    arena_release(&arena);
}

void worker_health_close(struct worker *worker)
{
    if (!worker->judge)
        return;
    judge_signals(worker);
    health_free(worker->judge->health);
    free(worker->judge);
    worker->judge = NULL;
}
