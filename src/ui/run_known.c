/* Reading all that is known of a run, beside the screen. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "record/health.h"
#include "run_view.h"

enum { HISTORY = 256 /* points of the gauge, at least, where there are as many */ };

/* The first metric that means it, as gander and as other programs call it; NULL: none does. */
static const struct run_metric *find_signal(const struct report *report, enum health_signal wanted)
{
    enum health_signal signal;
    for (int i = 0; i < report->metric_count; i++)
        if (health_signal_of(report->metrics[i].name, &signal) && signal == wanted)
            return &report->metrics[i];
    return NULL;
}

static int read_gauge(struct index *index, const struct report *report, struct gauge *out)
{
    const struct run_metric *real = find_signal(report, HEALTH_D_REAL),
                            *fake = find_signal(report, HEALTH_D_FAKE);
    struct catalogue *catalogue = report->run.place->catalogue;
    int64_t number = report->run.row.number;
    struct series reals, fakes;
    *out = (struct gauge){ .real = NAN, .fake = NAN };
    if (!real || !fake)
        return 0;
    int error =
        catalogue_series(catalogue, &index->arena, number, real->name, NAN, NAN, HISTORY, &reals);
    if (!error)
        error = catalogue_series(catalogue, &index->arena, number, fake->name, NAN, NAN, HISTORY,
                                 &fakes);
    if (error)
        return error;
    int count = MIN(reals.count, fakes.count);
    *out = (struct gauge){ real->last, fake->last, reals.mean + (reals.count - count),
                           fakes.mean + (fakes.count - count), count };
    return 0;
}

static int read_newest_sample(struct index *index, const struct report *report, int64_t *step)
{
    struct sheet_source source;
    struct file_row *files;
    int count = 0;
    int error = sheet_find_source(&source, index, report->run.row.number);
    if (!error)
        error = sheet_list(index, &source, &files, &count);
    *step = !error && count > 0 ? files[count - 1].step : -1;
    return error;
}

/* As one would type it here. */
static const char *place_text(struct arena *arena, const char *directory)
{
    char *here = getcwd(NULL, 0);
    size_t length = here ? strlen(here) : 0;
    bool is_below = length > 1 && strncmp(directory, here, length) == 0 && directory[length] == '/';
    free(here);
    return is_below ? arena_strdup(arena, directory + length + 1) : directory;
}

static int work(struct job *job)
{
    struct index *index = &job->index;
    const int64_t *number = job->input;
    struct listed_run run = { .place = &index->places[0] };
    struct run_known *known = arena_alloc(&job->arena, 1, sizeof *known);
    job->result = known;
    int error = catalogue_run(run.place->catalogue, &index->arena, *number, index->now, &run.row);
    if (!error)
        error = report_gather(index, &run, &known->report);
    if (!error)
        error = read_gauge(index, &known->report, &known->gauge);
    if (!error)
        error = read_newest_sample(index, &known->report, &known->sample);
    if (!error)
        error =
            catalogue_evaluation(run.place->catalogue, &index->arena, *number, &known->evaluation);
    if (!error)
        known->report.directory = place_text(&index->arena, known->report.directory);
    for (int i = 0; i < known->report.metric_count; i++)
        known->points += known->report.metrics[i].points;
    return error;
}

void run_known_load(struct view *view, void (*done)(struct view *view, struct job *job))
{
    const struct run_view *run = view->state;
    struct job *job = job_new(view->app, view, work, done);
    int64_t *number = arena_alloc(&job->arena, 1, sizeof *number);
    *number = run->head.run.row.number;
    job->input = number;
    job_start(job, LANE_READ);
}

bool run_known_take(struct run_known *known, struct job *job)
{
    if (job->error) {
        fail(job->error, "%s", job->message);
        return false;
    }
    run_known_release(known);
    *known = *(struct run_known *)job->result;
    known->arena = job->index.arena;
    job->index.arena = (struct arena){ 0 };
    known->report.run.place = &app_index(job->app)->places[0]; /* the thread's own is not for us */
    return true;
}

void run_known_release(struct run_known *known)
{
    arena_release(&known->arena);
    *known = (struct run_known){ .sample = -1 };
}
