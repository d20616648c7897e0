#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "news.h"
#include "samples_state.h"

/* --- opening --- */

static int open(struct view *view, const struct view_args *args)
{
    enum { USUAL_SPEED = 8 };
    struct samples *samples = view->state;
    if (args->run_count == 0)
        return fail(ERR_INVALID, "there is no run here");
    samples->run_count = MIN(args->run_count, REELS_LIMIT);
    memcpy(samples->runs, args->runs, (size_t)samples->run_count * sizeof *samples->runs);
    samples->stop = -1;
    samples->image = -1;
    samples->moment = args->step >= 0 ? (double)args->step : NAN;
    samples->speed = USUAL_SPEED;
    samples->must_load = true;
    if (args->run_count > REELS_LIMIT)
        app_say(view->app, "%d of the runs are shown, more do not fit side by side", REELS_LIMIT);
    return 0;
}

/* --- where one is --- */

static int stop_count(const struct samples *samples)
{
    return samples->reels.stop_count[samples->lock];
}

static void go_to(struct samples *samples, int stop)
{
    int last = stop_count(samples) - 1;
    samples->is_stale = true;
    samples->stop = MIN(MAX(stop, 0), last);
    if (last < 0)
        return;
    bool is_last = samples->stop == last; /* and follows what comes */
    samples->moment = is_last ? NAN : samples->reels.stops[samples->lock][samples->stop];
}

/* Of the moment; the last stop, which is followed, where that is NaN. */
static void find_stop(struct samples *samples)
{
    int last = stop_count(samples) - 1;
    go_to(samples, isnan(samples->moment)
                       ? last
                       : reels_stop(&samples->reels, samples->lock, samples->moment));
}

static int64_t present_step(const struct samples *samples)
{
    return samples->panes[0].sheet.count > 0 ? samples->panes[0].sheet.step : -1;
}

/* The same sheet of the first run, by the other lock. */
static void change_lock(struct samples *samples)
{
    double moment = samples->stop >= 0 ? samples->reels.stops[samples->lock][samples->stop] : NAN;
    const struct reel *reel = &samples->reels.reels[0];
    int file = samples->reels.count > 0 ? reel_at(reel, samples->lock, moment) : -1;
    samples->lock = samples->lock == LOCK_STEP ? LOCK_TIME : LOCK_STEP;
    if (file >= 0 && !isnan(samples->moment))
        samples->moment = samples->lock == LOCK_STEP ? (double)reel->files[file].row.step
                                                     : reel->files[file].worked;
    find_stop(samples);
}

/* --- sheets --- */

static int file_at(const struct samples *samples, int pane, int stop)
{
    return stop < 0 || stop >= stop_count(samples)
               ? -1
               : reel_at(&samples->reels.reels[pane], samples->lock,
                         samples->reels.stops[samples->lock][stop]);
}

/* What is needed to show a stop: each run's sheet, and the one that it differs from. */
static int want_stop(const struct samples *samples, int stop, struct wanted_sheet *wanted)
{
    int count = 0;
    for (int i = 0; i < samples->reels.count; i++) {
        int file = file_at(samples, i, stop);
        if (file >= 0)
            wanted[count++] = (struct wanted_sheet){ i, file };
        if (file > 0 && samples->difference == DIFFERENCE_BEFORE)
            wanted[count++] = (struct wanted_sheet){ i, file - 1 };
    }
    return count;
}

static bool is_there(struct samples *samples, int stop)
{
    struct wanted_sheet wanted[2 * REELS_LIMIT];
    int count = want_stop(samples, stop, wanted);
    for (int i = 0; i < count; i++)
        if (!cache_find(&samples->cache, &samples->reels.reels[wanted[i].reel], wanted[i].file))
            return false;
    return true;
}

static void decoded(struct view *view, struct job *job)
{
    struct samples *samples = view->state;
    cache_take(&samples->cache, job);
    samples->is_stale = true;
}

/* This stop and, while they are played, those to come. */
static void decode(struct view *view, int stop)
{
    enum { AHEAD = 8 };
    struct samples *samples = view->state;
    struct wanted_sheet wanted[AHEAD_LIMIT];
    int count = 0, stops = samples->is_playing ? AHEAD : 1;
    if (job_is_pending(view, decoded))
        return;
    for (int i = 0;
         i < stops && stop + i < stop_count(samples) && count + 2 * REELS_LIMIT <= AHEAD_LIMIT; i++)
        count += want_stop(samples, stop + i, wanted + count);
    cache_load(view, &samples->cache, &samples->reels, wanted, count, decoded);
}

static void clear_pane(struct samples_pane *pane)
{
    sheet_release(&pane->sheet);
    free(pane->difference);
    pane->difference = NULL;
    pane->against = -1;
    pane->problem[0] = '\0';
}

static void show_sheet(struct samples_pane *pane, const struct cached_sheet *cached)
{
    const struct sheet *sheet = &cached->sheet;
    size_t size = (size_t)sheet->count * (size_t)sheet->height * (size_t)sheet->width;
    clear_pane(pane);
    snprintf(pane->problem, sizeof pane->problem, "%s", cached->problem);
    pane->sheet = *sheet;
    pane->sheet.images = size > 0 ? xmalloc(size) : NULL;
    if (size > 0)
        memcpy(pane->sheet.images, sheet->images, size);
}

/* Sheets of which one has more images differ in those that both have. */
static void differ(struct samples_pane *pane, const struct sheet *other, int64_t against)
{
    struct sheet *sheet = &pane->sheet;
    if (sheet->count == 0 || other->count == 0)
        return;
    if (sheet->height != other->height || sheet->width != other->width) {
        snprintf(pane->problem, sizeof pane->problem, "its images have another size");
        return;
    }
    sheet->count = MIN(sheet->count, other->count);
    size_t size = (size_t)sheet->count * (size_t)sheet->height * (size_t)sheet->width;
    pane->difference = xmalloc(size * sizeof *pane->difference);
    picture_difference(sheet->images, other->images, size, pane->difference);
    pane->against = against;
}

static void show_pane(struct samples *samples, int i)
{
    struct samples_pane *pane = &samples->panes[i];
    const struct reel *reel = &samples->reels.reels[i];
    int file = file_at(samples, i, samples->stop);
    if (file < 0) {
        clear_pane(pane);
        snprintf(pane->problem, sizeof pane->problem, "it has no samples up to there");
        return;
    }
    show_sheet(pane, cache_find(&samples->cache, reel, file));
    if (samples->difference == DIFFERENCE_BEFORE && file > 0) {
        const struct cached_sheet *before = cache_find(&samples->cache, reel, file - 1);
        differ(pane, &before->sheet, before->sheet.step);
    } else if (samples->difference == DIFFERENCE_RUNS && i > 0) {
        differ(pane, &samples->panes[0].sheet, samples->runs[0]);
    }
}

/* Shows the present stop if it is decoded; what was shown stays until it is. */
static bool show(struct view *view)
{
    struct samples *samples = view->state;
    if (!samples->is_stale || !samples->is_loaded)
        return false;
    if (!is_there(samples, samples->stop)) {
        decode(view, samples->stop);
        return false;
    }
    for (int i = 0; i < samples->reels.count; i++)
        show_pane(samples, i);
    samples->is_stale = false;
    return true;
}

/* --- playing --- */

static bool is_live(const struct samples *samples)
{
    for (int i = 0; i < samples->reels.count; i++)
        if (samples->reels.reels[i].run.row.state == RUN_RUNNING)
            return true;
    return false;
}

/* As many stops on as the time asks for, as far as they are decoded: what comes too late is skipped. */
static bool play(struct view *view, double steady)
{
    struct samples *samples = view->state;
    int last = stop_count(samples) - 1;
    if (!samples->is_playing || !app_may_animate(view->app))
        return false;
    if (samples->stop >= last) {
        samples->is_playing = is_live(samples);
        return !samples->is_playing;
    }
    int due = (int)fmin((steady - samples->played) * samples->speed, 1000);
    int stop = MIN(samples->stop + due, last);
    while (stop > samples->stop && !is_there(samples, stop))
        stop--;
    if (stop == samples->stop) {
        if (due > 0 || !is_there(samples, MIN(stop + 1, last)))
            decode(view, MIN(samples->stop + MAX(due, 1), last));
        return false;
    }
    samples->played += (double)due / samples->speed;
    go_to(samples, stop);
    return true;
}

static double wakes_to_play(const struct view *view, double steady)
{
    enum { DECODING_MS = 20 };
    const struct samples *samples = view->state;
    if (!samples->is_playing || !app_may_animate(view->app) ||
        samples->stop >= stop_count(samples) - 1)
        return -1;
    double left = samples->played + 1.0 / samples->speed - steady;
    return left > 0 ? left : DECODING_MS / 1000.0;
}

static void start_or_stop(struct view *view)
{
    struct samples *samples = view->state;
    samples->is_playing = !samples->is_playing;
    samples->played = app_steady(view->app);
    if (samples->is_playing && samples->stop >= stop_count(samples) - 1)
        go_to(samples, 0);
}

static void change_speed(struct view *view, int change)
{
    struct samples *samples = view->state;
    int step = samples->speed + (change < 0) > 10 ? 5 : samples->speed + (change < 0) > 4 ? 2 : 1;
    samples->speed = MIN(MAX(samples->speed + change * step, SPEED_LEAST), SPEED_MOST);
    app_say(view->app, "%d steps a second", samples->speed);
}

/* --- keeping up --- */

static void loaded(struct view *view, struct job *job)
{
    struct samples *samples = view->state;
    if (!reels_take(&samples->reels, job)) {
        snprintf(samples->problem, sizeof samples->problem, "%s", error_text());
        return;
    }
    samples->is_loaded = true;
    cache_forget_problems(&samples->cache);
    find_stop(samples);
}

/* The images that are shown must hold the chosen one. */
static void scroll(struct view *view)
{
    struct samples *samples = view->state;
    const struct sheet *sheet = &samples->panes[0].sheet;
    struct picture_layout layout = samples_layout(samples, 0, view->rect, app_look(view->app));
    samples->fits = MAX(layout.shown, 1);
    samples->image = MIN(samples->image, sheet->count - 1);
    samples->first = MAX(MIN(samples->first, sheet->count - 1), 0);
    if (samples->is_enlarged || samples->image < 0)
        return;
    int across = MAX(layout.across, 1);
    if (samples->image < samples->first)
        samples->first = samples->image / across * across;
    if (samples->image >= samples->first + samples->fits)
        samples->first = MAX((samples->image / across + 1) * across - samples->fits, 0);
}

/* Commands save images that no journal tells of. */
static bool has_live_command(const struct samples *samples)
{
    for (int i = 0; i < samples->reels.count; i++)
        if (samples->reels.reels[i].source.is_command &&
            samples->reels.reels[i].run.row.state == RUN_RUNNING)
            return true;
    return false;
}

static bool looks(struct samples *samples, double steady)
{
    if (!has_live_command(samples) || steady - samples->looked < IMAGES_LOOK_S)
        return false;
    samples->looked = steady;
    return true;
}

static double wakes(const struct view *view, double steady)
{
    const struct samples *samples = view->state;
    double play = wakes_to_play(view, steady);
    double look =
        has_live_command(samples) ? fmax(samples->looked + IMAGES_LOOK_S - steady, 0.01) : -1;
    return play < 0 ? look : look < 0 ? play : fmin(play, look);
}

/* Where the cursor of the curves was that were left. */
static void take_shared_step(struct view *view)
{
    struct samples *samples = view->state;
    int64_t step = app_shared_step(view->app);
    if (step < 0 || samples->lock != LOCK_STEP)
        return;
    samples->moment = (double)step;
    find_stop(samples);
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct samples *samples = view->state;
    bool is_new = news_of(view, tick, samples->runs, samples->run_count, &samples->mark);
    samples->must_load = samples->must_load || is_new || looks(samples, tick->steady);
    take_shared_step(view);
    if (samples->must_load && !job_is_pending(view, loaded)) {
        reels_load(view, samples->runs, samples->run_count, loaded);
        samples->must_load = false;
    }
    bool is_changed = play(view, tick->steady), is_other = show(view);
    is_changed = is_other || is_changed;
    scroll(view);
    for (int i = 0; i < samples->reels.count; i++)
        samples_hold(samples, i, tick->rect, app_look(view->app), is_other);
    return is_changed ? REDRAW : HANDLED;
}

/* --- acting --- */

static enum reaction move(struct samples *samples, int change)
{
    samples->is_playing = false;
    go_to(samples, samples->stop + change);
    return REDRAW;
}

static enum reaction choose(struct samples *samples, int change)
{
    int count = samples->panes[0].sheet.count;
    samples->image = samples->image < 0 && !samples->is_enlarged ? samples->first
                                                                 : MAX(samples->image, 0) + change;
    samples->image = MAX(MIN(samples->image, count - 1), 0);
    return REDRAW;
}

static enum reaction page(struct samples *samples, int direction)
{
    int count = samples->panes[0].sheet.count, most = MAX(count - samples->fits, 0);
    samples->image = -1;
    samples->first = MAX(MIN(samples->first + direction * samples->fits, most), 0);
    return REDRAW;
}

/* Between numbers of images that fill rows as long as they are many. */
static enum reaction change_limit(struct samples *samples, int direction)
{
    int count = samples->panes[0].sheet.count, shown = MIN(samples->fits, count), side = 1;
    while (side * side < shown)
        side++;
    side = direction < 0 && side * side == shown ? side - 1
           : direction < 0                       ? side - 1
           : side * side == shown                ? side + 1
                                                 : side;
    side = MAX(side, 1);
    samples->limit = side * side;
    if (samples->limit >= count)
        samples->limit = 0;
    samples->is_enlarged = false;
    return REDRAW;
}

static enum reaction change_difference(struct view *view)
{
    static const char *const names[] = { "the samples themselves",
                                         "the difference to the step before",
                                         "the difference to the first run" };
    struct samples *samples = view->state;
    static const enum samples_difference next_of_many[] = { DIFFERENCE_RUNS, DIFFERENCE_NONE,
                                                            DIFFERENCE_BEFORE };
    samples->difference = samples->run_count > 1 ? next_of_many[samples->difference]
                          : samples->difference  ? DIFFERENCE_NONE
                                                 : DIFFERENCE_BEFORE;
    samples->is_stale = true;
    app_say(view->app, "%s", names[samples->difference]);
    return REDRAW;
}

static enum reaction enlarge(struct samples *samples)
{
    samples->is_enlarged = !samples->is_enlarged;
    samples->image = MAX(samples->image, samples->is_enlarged ? samples->first : -1);
    return REDRAW;
}

/* Curves that are below go to the same step. */
static enum reaction leave(struct view *view)
{
    if (view->below && view->below->type == &view_curves)
        app_share_step(view->app, present_step(view->state));
    return IGNORED;
}

static enum reaction open_curves(struct view *view)
{
    const struct samples *samples = view->state;
    if (view->below && view->below->type == &view_curves) { /* they are where one came from */
        leave(view);
        return CLOSE_VIEW;
    }
    app_open(view->app, &view_curves,
             &(struct view_args){ .runs = samples->runs,
                                  .run_count = samples->run_count,
                                  .text = view->type->name,
                                  .step = present_step(samples) });
    return REDRAW;
}

static enum reaction act_on_images(struct view *view, enum action action)
{
    struct samples *samples = view->state;
    switch (action) {
    case ACTION_UP:
        return choose(samples, -1);
    case ACTION_DOWN:
        return choose(samples, 1);
    case ACTION_PAGE_UP:
        return page(samples, -1);
    case ACTION_PAGE_DOWN:
        return page(samples, 1);
    case ACTION_MORE_IMAGES:
        return change_limit(samples, 1);
    case ACTION_FEWER_IMAGES:
        return change_limit(samples, -1);
    case ACTION_OPEN:
        return enlarge(samples);
    case ACTION_BACK:
        return samples->is_enlarged ? enlarge(samples) : leave(view);
    case ACTION_DIFFERENCE:
        return change_difference(view);
    case ACTION_CURVES:
        return open_curves(view);
    default:
        return IGNORED;
    }
}

static enum reaction act(struct view *view, enum action action)
{
    enum { FAR = 10 };
    struct samples *samples = view->state;
    switch (action) {
    case ACTION_LEFT:
        return move(samples, -1);
    case ACTION_RIGHT:
        return move(samples, 1);
    case ACTION_FAR_LEFT:
        return move(samples, -FAR);
    case ACTION_FAR_RIGHT:
        return move(samples, FAR);
    case ACTION_TOP:
        return move(samples, -samples->stop);
    case ACTION_BOTTOM:
        return move(samples, stop_count(samples));
    case ACTION_PLAY:
        start_or_stop(view);
        return REDRAW;
    case ACTION_FASTER:
        change_speed(view, 1);
        return REDRAW;
    case ACTION_SLOWER:
        change_speed(view, -1);
        return REDRAW;
    case ACTION_BY_TIME:
        change_lock(samples);
        app_say(view->app, samples->lock == LOCK_STEP ? "runs at the same step"
                                                      : "runs at the same time of training");
        return REDRAW;
    default:
        return act_on_images(view, action);
    }
}

static enum reaction mouse(struct view *view, const struct input *input)
{
    struct samples *samples = view->state;
    struct rect timeline = samples_places(samples, view->rect).timeline;
    if (samples->stop < 0 || input->button != MOUSE_LEFT || input->y != timeline.y ||
        input->motion == MOUSE_RELEASE)
        return IGNORED;
    samples->is_playing = false;
    go_to(samples,
          reels_stop(&samples->reels, samples->lock, samples_moment(samples, timeline, input->x)));
    return REDRAW;
}

/* --- the rest --- */

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    samples_draw(view->state, frame, rect);
}

static int meant(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct samples *samples = view->state;
    *numbers = arena_alloc(arena, (size_t)samples->run_count, sizeof **numbers);
    memcpy(*numbers, samples->runs, (size_t)samples->run_count * sizeof **numbers);
    return samples->run_count;
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct samples *samples = view->state;
    if (samples->stop < 0)
        return NULL;
    const char *playing =
        samples->is_playing ? arena_printf(arena, "playing %d/s  ", samples->speed) : "";
    const char *lock = samples->run_count > 1 && samples->lock == LOCK_TIME ? "same time  " : "";
    return arena_printf(arena, "%s%s%s of %s", lock, playing,
                        format_count(arena, samples->stop + 1),
                        format_count(arena, stop_count(samples)));
}

static void keep(const struct view *view, struct json *object)
{
    const struct samples *samples = view->state;
    json_set_integer(object, "speed", samples->speed);
    json_set_bool(object, "by_time", samples->lock == LOCK_TIME);
}

static void restore(struct view *view, const struct json *object)
{
    struct samples *samples = view->state;
    int64_t speed;
    bool by_time;
    if (json_get_integer(json_member(object, "speed"), &speed))
        samples->speed = (int)MIN(MAX(speed, SPEED_LEAST), SPEED_MOST);
    if (json_get_bool(json_member(object, "by_time"), &by_time) && by_time &&
        isnan(samples->moment))
        samples->lock = LOCK_TIME;
}

static void close(struct view *view)
{
    struct samples *samples = view->state;
    for (int i = 0; i < REELS_LIMIT; i++)
        clear_pane(&samples->panes[i]), free(samples->panes[i].held);
    cache_release(&samples->cache);
    reels_release(&samples->reels);
}

const struct view_type view_samples = {
    .name = "samples",
    .title = "Samples",
    .place = IN_SAMPLES,
    .state_size = sizeof(struct samples),
    .open = open,
    .update = update,
    .act = act,
    .mouse = mouse,
    .draw = draw,
    .runs = meant,
    .status = status,
    .keep = keep,
    .restore = restore,
    .wakes = wakes,
    .close = close,
};
