/* Places that are kept, and the way between two of them. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "walk_parts.h"

static const double pi = 3.14159265358979323846;

void walk_forget_kept(struct walking *walking)
{
    for (int i = 0; i < walking->kept_count; i++)
        free(walking->kept[i].image);
    walking->kept_count = 0;
}

static void remove_kept(struct walking *walking, int which)
{
    free(walking->kept[which].image);
    walking->kept_count--;
    memmove(&walking->kept[which], &walking->kept[which + 1],
            (size_t)(walking->kept_count - which) * sizeof walking->kept[0]);
    for (int i = 0; i < ARRAY_SIZE(walking->ends); i++)
        if (walking->ends[i] >= which)
            walking->ends[i] = MAX(walking->ends[i] - 1, 0);
    walking->thumb_count = 0; /* their numbers are others now */
    walking->has_asked = false;
}

/* The way leads from the one that was visited before to this one. */
static void set_end(struct walking *walking, int which)
{
    if (walking->ends[1] == which)
        return;
    walking->ends[0] = walking->ends[1];
    walking->ends[1] = which;
    walking->phase = 0;
}

/* What `place` is by itself: the end of a way where it is one, with the class that it has. */
static struct walk_image alone(const struct walk_image *place, int classes)
{
    struct walk_image result = { .seed = place->t > 0 ? place->to_seed : place->seed,
                                 .index = place->t > 0 ? place->to_index : place->index,
                                 .dx = place->dx,
                                 .dy = place->dy,
                                 .label = place->label };
    if (classes > 0 && result.label < 0)
        result.label = result.index % classes;
    return result;
}

static int find_kept(const struct walking *walking, const struct walk_image *place)
{
    for (int i = 0; i < walking->kept_count; i++)
        if (place_is_same(&walking->kept[i].place, place))
            return i;
    return -1;
}

void walk_keep(struct view *view)
{
    struct walking *walking = view->state;
    const struct walk_facts *facts = walking->walk ? walk_facts(walking->walk) : NULL;
    if (!facts || walking->shown.count == 0)
        return;
    struct walk_image place = scene_image(&walking->scene, walking->selected);
    if (place_is_on_way(&place)) {
        app_say(view->app, "a place between two kept ones cannot be kept itself");
        return;
    }
    place = alone(&place, facts->classes);
    int same = find_kept(walking, &place);
    if (same >= 0) {
        set_end(walking, same);
        app_say(view->app, "it is kept as %d", same + 1);
        return;
    }
    if (walking->kept_count == KEPT_LIMIT)
        remove_kept(walking, 0);
    int which = walking->kept_count++;
    walking->kept[which] = (struct kept){ .place = place };
    if (which == 0)
        walking->ends[0] = walking->ends[1] = 0;
    set_end(walking, which);
    app_say(view->app, "kept as %d%s", which + 1, which == 0 ? "; one more, and Space plays" : "");
}

void walk_drop(struct view *view)
{
    struct walking *walking = view->state;
    if (walking->kept_count == 0) {
        app_say(view->app, "nothing is kept");
        return;
    }
    walking->is_playing = false;
    remove_kept(walking, walking->ends[1]);
    walking->phase = 0;
    if (walking->ends[0] == walking->ends[1])
        walking->ends[0] = MAX(walking->ends[1] - 1, 0);
}

void walk_visit(struct view *view, int which)
{
    struct walking *walking = view->state;
    if (walking->kept_count == 0) {
        app_say(view->app, "nothing is kept yet: s keeps an image");
        return;
    }
    if (which < 0 || which >= walking->kept_count) {
        app_say(view->app, "there are %d kept images", walking->kept_count);
        return;
    }
    walking->is_playing = false;
    walking->scene.here = walking->kept[which].place;
    walking->selected = scene_home(&walking->scene);
    set_end(walking, which);
}

void walk_play(struct view *view)
{
    struct walking *walking = view->state;
    if (walking->kept_count < 2) {
        app_say(view->app, "keep two images first: s keeps this one");
        return;
    }
    walking->is_playing = !walking->is_playing;
    walking->way_label = -1;
    walking->played = app_steady(view->app);
}

/* There and back, slower at both ends. */
void walk_advance(struct walking *walking, double steady)
{
    static const double way = 4; /* seconds there, at the usual gait */
    if (!walking->is_playing)
        return;
    const struct walk_image *from = &walking->kept[walking->ends[0]].place,
                            *to = &walking->kept[walking->ends[1]].place;
    walking->phase =
        fmod(walking->phase + (steady - walking->played) * walk_gait(walking) / way, 2);
    walking->played = steady;
    walking->scene.here = place_between(from, to, (1 - cos(pi * walking->phase)) / 2);
    if (walking->way_label >= 0)
        walking->scene.here.label = walking->way_label;
}

/* --- what is remembered --- */

static struct json *place_json(const struct walk_image *place)
{
    struct json *object = json_new_object();
    json_set_integer(object, "seed", place->seed);
    json_set_integer(object, "index", place->index);
    json_set_number(object, "dx", place->dx);
    json_set_number(object, "dy", place->dy);
    json_set_integer(object, "label", place->label);
    return object;
}

static int64_t integer_of(const struct json *object, const char *key, int64_t low, int64_t high,
                          int64_t usual)
{
    int64_t value;
    bool is_there = json_get_integer(json_member(object, key), &value);
    return is_there && value >= low && value <= high ? value : usual;
}

static double number_of(const struct json *object, const char *key)
{
    double value;
    return json_get_number(json_member(object, key), &value) && fabs(value) <= 1e6 ? value : 0;
}

static struct walk_image place_of(const struct json *object)
{
    return (struct walk_image){ .seed = integer_of(object, "seed", 0, INT64_MAX, 1),
                                .index = (int32_t)integer_of(object, "index", 0,
                                                             WALK_INDEX_LIMIT - 1, 0),
                                .dx = number_of(object, "dx"),
                                .dy = number_of(object, "dy"),
                                .label = (int)integer_of(object, "label", -1, INT32_MAX, -1) };
}

void walk_write(const struct walking *walking, struct json *object)
{
    struct json *kept = json_new_array();
    for (int i = 0; i < walking->kept_count; i++)
        json_push(kept, place_json(&walking->kept[i].place));
    json_set_integer(object, "run", walking->run);
    json_set_integer(object, "side", walking->side_wish);
    json_set_bool(object, "map", walking->scene.is_map);
    json_set_integer(object, "gait", walking->gait);
    json_set(object, "kept", kept);
    if (walking->scene.here.t == 0)
        json_set(object, "here", place_json(&walking->scene.here));
}

void walk_read(struct walking *walking, const struct json *object)
{
    walking->side_wish = (int)integer_of(object, "side", 0, SIDE_LIMIT, 0);
    json_get_bool(json_member(object, "map"), &walking->scene.is_map);
    walking->gait = (int)integer_of(object, "gait", -3, 3, 0);
    if (integer_of(object, "run", 0, INT64_MAX, 0) != walking->run)
        return;
    const struct json *kept = json_member(object, "kept");
    for (size_t i = 0; i < json_length(kept) && i < KEPT_LIMIT; i++)
        walking->kept[walking->kept_count++].place = place_of(json_item(kept, i));
    walking->ends[1] = MAX(walking->kept_count - 1, 0);
    walking->ends[0] = MAX(walking->kept_count - 2, 0);
    if (json_member(object, "here"))
        walking->scene.here = place_of(json_member(object, "here"));
}
