/* The process that draws, and when it is asked for a frame. */
#define _GNU_SOURCE
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "walk_parts.h"

static const double shortest_frame = 0.04; /* seconds between two that are asked for */
static const double rate_stays = 1;        /* seconds that a rate is shown after the last frame */

static void fail_walk(struct walking *walking)
{
    free(walking->problem);
    walking->problem = xstrdup(error_text());
    walk_close(walking->walk);
    walking->walk = NULL;
    walking->is_playing = false;
}

void walk_start(struct view *view)
{
    struct walking *walking = view->state;
    walk_stop(walking);
    if (walk_open(&walking->walk, app_store(view->app), walking->run, walking->step) < 0)
        fail_walk(walking);
}

void walk_stop(struct walking *walking)
{
    walk_close(walking->walk);
    walking->walk = NULL;
    free(walking->problem);
    walking->problem = NULL;
    free(walking->shown.images);
    walking->shown = (struct shown){ .count = 0 };
    for (int i = 0; i < walking->kept_count; i++) {
        free(walking->kept[i].image);
        walking->kept[i].image = NULL;
    }
    walking->has_asked = false;
    walking->time_count = 0;
}

/* --- what came --- */

static void note_time(struct walking *walking, double steady)
{
    if (walking->time_count == RATE_FRAMES)
        memmove(walking->times, walking->times + 1,
                (size_t)--walking->time_count * sizeof walking->times[0]);
    walking->times[walking->time_count++] = steady;
}

double walk_rate(const struct walking *walking)
{
    int count = walking->time_count;
    double span = count > 2 ? walking->times[count - 1] - walking->times[0] : 0;
    return walking->is_rate_shown && span > 0 ? (count - 1) / span : NAN;
}

static void take_thumbs(struct walking *walking, const uint8_t *images, size_t size)
{
    for (int i = 0; i < walking->thumb_count; i++) {
        struct kept *kept = &walking->kept[walking->thumbs[i]];
        free(kept->image);
        kept->image = xmalloc(size);
        memcpy(kept->image, images + (size_t)i * size, size);
    }
    walking->thumb_count = 0;
}

static void take_frame(struct walking *walking, const struct walk_frame *frame)
{
    const struct walk_facts *facts = walk_facts(walking->walk);
    struct shown *shown = &walking->shown;
    size_t size = (size_t)facts->height * (size_t)facts->width;
    shown->scene = walking->asked;
    shown->count = MIN(scene_count(&walking->asked), frame->count);
    shown->height = facts->height;
    shown->width = facts->width;
    shown->images = xrealloc(shown->images, (size_t)shown->count, size);
    memcpy(shown->images, frame->images, (size_t)shown->count * size);
    memcpy(shown->verdicts, frame->verdicts, (size_t)shown->count * sizeof shown->verdicts[0]);
    take_thumbs(walking, frame->images + (size_t)shown->count * size, size);
}

/* What was remembered need not be a class of this run. */
static void check_labels(struct walking *walking)
{
    int classes = walk_facts(walking->walk)->classes;
    if (walking->scene.here.label >= classes)
        walking->scene.here.label = -1;
    for (int i = 0; i < walking->kept_count; i++)
        if (walking->kept[i].place.label >= classes)
            walking->kept[i].place.label = -1;
}

static enum reaction take(struct view *view, double steady)
{
    struct walking *walking = view->state;
    enum reaction reaction = IGNORED;
    struct walk_frame frame;
    while (walking->walk) {
        int news = walk_take(walking->walk, &frame);
        if (news == WALK_NOTHING)
            break;
        reaction = REDRAW;
        if (news == WALK_FACTS) {
            check_labels(walking);
        } else if (news == WALK_FRAME) {
            take_frame(walking, &frame);
            note_time(walking, steady);
        } else if (news == ERR_INVALID) {
            app_say_error(view->app);
        } else {
            fail_walk(walking);
        }
    }
    return reaction;
}

/* --- what is asked --- */

static bool lacks_thumb(const struct walking *walking)
{
    for (int i = 0; i < walking->kept_count; i++)
        if (!walking->kept[i].image)
            return true;
    return false;
}

bool walk_wants(const struct walking *walking)
{
    return walking->walk && walk_facts(walking->walk) && walking->scene.side > 0 &&
           (!walking->has_asked || lacks_thumb(walking) ||
            !scene_is_same(&walking->scene, &walking->asked));
}

static void ask(struct walking *walking, double steady)
{
    struct walk_request request = { .id = ++walking->frame, .directions = 1 };
    for (int i = 0; i < scene_count(&walking->scene); i++)
        request.images[request.count++] = scene_image(&walking->scene, i);
    walking->thumb_count = 0;
    for (int i = 0; i < walking->kept_count; i++)
        if (!walking->kept[i].image) {
            walking->thumbs[walking->thumb_count++] = i;
            request.images[request.count++] = walking->kept[i].place;
        }
    walking->asked = walking->scene;
    walking->has_asked = true;
    walking->is_rate_shown =
        walking->time_count > 0 && steady - walking->times[walking->time_count - 1] < rate_stays;
    if (!walking->is_rate_shown)
        walking->time_count = 0;
    walking->asked_at = steady;
    if (walk_ask(walking->walk, &request) < 0)
        fail_walk(walking);
}

static bool may_ask(const struct view *view)
{
    const struct walking *walking = view->state;
    return walking->walk && !walk_is_busy(walking->walk) && app_may_animate(view->app);
}

/* Where keys are played, time stands still, and the frame is waited for. */
static bool wait_for_played(const struct view *view)
{
    enum { PATIENCE_MS = 10000 };
    const struct walking *walking = view->state;
    if (!app_is_played(view->app) || !walking->walk ||
        (walk_facts(walking->walk) && !walk_is_busy(walking->walk)))
        return false;
    struct pollfd wait = { .fd = walk_fd(walking->walk), .events = POLLIN };
    return poll(&wait, 1, PATIENCE_MS) > 0;
}

enum reaction walk_turn(struct view *view, double steady)
{
    struct walking *walking = view->state;
    enum reaction reaction = IGNORED;
    walk_advance(walking, steady);
    do {
        reaction |= take(view, steady);
        if (may_ask(view) && walk_wants(walking) &&
            (app_is_played(view->app) || steady - walking->asked_at >= shortest_frame))
            ask(walking, steady);
    } while (wait_for_played(view));
    if (walking->is_rate_shown && walking->time_count > 0 &&
        steady - walking->times[walking->time_count - 1] >= rate_stays) {
        walking->is_rate_shown = false;
        reaction |= REDRAW;
    }
    return reaction;
}

double walk_pause(const struct view *view, double steady)
{
    const struct walking *walking = view->state;
    if (may_ask(view) && (walking->is_playing || walk_wants(walking)))
        return fmax(walking->asked_at + shortest_frame - steady, 0);
    if (walking->is_rate_shown && walking->time_count > 0)
        return fmax(walking->times[walking->time_count - 1] + rate_stays - steady, 0);
    return -1;
}
