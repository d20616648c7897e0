/* A walk through the latent space of a run's generator. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run/rundir.h"
#include "walk_parts.h"

enum { GAIT_LIMIT = 3 };

/* --- opening --- */

static char *title_of(struct view *view, int64_t run)
{
    struct index *index = app_index(view->app);
    struct run_row row;
    const char *name = NULL;
    if (catalogue_run(index->places[0].catalogue, &index->arena, run, app_now(view->app), &row) ==
        0)
        name = row.name ? row.name : row.experiment;
    return xasprintf("%lld %s", (long long)run, name ? text_clean(&index->arena, name, 60) : "");
}

static int open(struct view *view, const struct view_args *args)
{
    struct walking *walking = view->state;
    if (args->run_count == 0)
        return fail(ERR_INVALID, "there is no run here");
    walking->run = args->runs[0];
    walking->step = args->step;
    walking->title = title_of(view, walking->run);
    walking->scene = (struct scene){ .here = { .seed = 1, .label = -1 }, .is_map = true };
    walk_start(view);
    return 0;
}

static void close(struct view *view)
{
    struct walking *walking = view->state;
    walk_stop(walking);
    walk_forget_kept(walking);
    free(walking->title);
    free(walking->steps);
}

/* --- time --- */

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct walking *walking = view->state;
    int side = walk_fitting_side(walking, tick->rect);
    walking->scene.spread = 4 * walk_stride(walking);
    if (side != walking->scene.side) {
        walking->scene.side = side;
        walking->selected = scene_home(&walking->scene);
    }
    return walk_turn(view, tick->steady);
}

static double wakes(const struct view *view, double steady)
{
    return walk_pause(view, steady);
}

static int watches(const struct view *view)
{
    const struct walking *walking = view->state;
    return walking->walk ? walk_fd(walking->walk) : -1;
}

/* --- walking --- */

static double within(double value)
{
    static const double farthest = 1e5;
    return fmax(-farthest, fmin(value, farthest));
}

static enum reaction move(struct walking *walking, double dx, double dy)
{
    struct walk_image *here = &walking->scene.here;
    walking->is_playing = false;
    here->dx = within(here->dx + dx * walk_stride(walking));
    here->dy = within(here->dy + dy * walk_stride(walking));
    if (walking->scene.is_map)
        walking->selected = scene_home(&walking->scene);
    return HANDLED;
}

/* To another image of the seed's, or another seed. */
static enum reaction go_to(struct walking *walking, int64_t seed, int64_t index)
{
    int label = walking->scene.here.label;
    walking->is_playing = false;
    walking->scene.here =
        (struct walk_image){ .seed = MAX(seed, 0),
                             .index = (int32_t)MAX(0, MIN(index, WALK_INDEX_LIMIT - 1)),
                             .label = label };
    walking->selected = scene_home(&walking->scene);
    return HANDLED;
}

static enum reaction turn_page(struct walking *walking, int by)
{
    const struct walk_image *here = &walking->scene.here;
    int count = walking->scene.is_map ? 1 : scene_count(&walking->scene);
    return go_to(walking, here->seed, (int64_t)here->index + (int64_t)by * count);
}

/* The image that is selected becomes the place where we are. */
static enum reaction enter(struct walking *walking)
{
    bool is_one = walking->scene.side == 1;
    walking->scene.here = scene_image(&walking->scene, walking->selected);
    walking->is_playing = false;
    if (!walking->scene.is_map || walking->selected == scene_home(&walking->scene))
        walking->side_wish = is_one ? 3 : 1;
    walking->selected = scene_home(&walking->scene);
    return REDRAW;
}

static enum reaction select_image(struct walking *walking, int by)
{
    int count = scene_count(&walking->scene);
    walking->selected = (walking->selected + by + count) % count;
    return REDRAW;
}

static enum reaction resize(struct walking *walking, int by)
{
    int step = walking->scene.is_map ? 2 : 1;
    walking->side_wish = MAX(1, MIN(walking->scene.side + by * step, SIDE_LIMIT));
    return REDRAW;
}

static enum reaction set_gait(struct walking *walking, int by)
{
    walking->gait = MAX(-GAIT_LIMIT, MIN(walking->gait + by, GAIT_LIMIT));
    return REDRAW;
}

static enum reaction set_label(struct view *view, int label)
{
    struct walking *walking = view->state;
    const struct walk_facts *facts = walking->walk ? walk_facts(walking->walk) : NULL;
    if (!facts)
        return HANDLED;
    if (facts->classes == 0)
        app_say(view->app, "this generator knows no classes");
    else if (label >= facts->classes)
        app_say(view->app, "this generator knows the classes 0 to %d", facts->classes - 1);
    else
        walking->scene.here.label = walking->way_label = label;
    return REDRAW;
}

/* --- checkpoints --- */

static void chosen(struct app *app, struct view *view, int index)
{
    struct walking *walking = view->state;
    (void)app;
    walking->step = walking->steps[index];
    walk_start(view);
}

static enum reaction choose_checkpoint(struct view *view)
{
    struct walking *walking = view->state;
    struct arena *arena = app_choice_arena(view->app);
    struct run_file *files;
    int count;
    const char *directory = store_run_directory(arena, app_store(view->app), walking->run);
    if (run_list_checkpoints(arena, directory, &files, &count) < 0 || count == 0) {
        app_say(view->app, "run %lld has no checkpoint", (long long)walking->run);
        return REDRAW;
    }
    const char **items = arena_alloc(arena, (size_t)count + 1, sizeof *items);
    struct choice choice = { "walk from", items, count + 1, 0, view, chosen };
    walking->steps = xrealloc(walking->steps, (size_t)count + 1, sizeof *walking->steps);
    items[0] = "the newest";
    walking->steps[0] = -1;
    for (int i = 1; i <= count; i++) {
        walking->steps[i] = files[count - i].step;
        items[i] = arena_printf(arena, "step %s", format_count(arena, (double)walking->steps[i]));
        if (walking->steps[i] == walking->step)
            choice.current = i;
    }
    app_choose(view->app, &choice);
    return REDRAW;
}

/* --- keys --- */

static enum reaction draw_anew(struct view *view)
{
    struct walking *walking = view->state;
    if (!walking->walk) {
        walk_start(view);
        return REDRAW;
    }
    return go_to(walking, walking->scene.here.seed < INT64_MAX ? walking->scene.here.seed + 1 : 0,
                 0);
}

static enum reaction act_on_kept(struct view *view, enum action action)
{
    struct walking *walking = view->state;
    int count = MAX(walking->kept_count, 1);
    switch (action) {
    case ACTION_KEEP_SEED:
        walk_keep(view);
        return REDRAW;
    case ACTION_DROP_SEED:
        walk_drop(view);
        return REDRAW;
    case ACTION_KEPT_NEXT:
        walk_visit(view, (walking->ends[1] + 1) % count);
        return REDRAW;
    case ACTION_KEPT_BEFORE:
        walk_visit(view, (walking->ends[1] + count - 1) % count);
        return REDRAW;
    case ACTION_PLAY:
        walk_play(view);
        return REDRAW;
    default:
        return IGNORED;
    }
}

static enum reaction act_on_scene(struct view *view, enum action action)
{
    struct walking *walking = view->state;
    switch (action) {
    case ACTION_MORE_IMAGES:
        return resize(walking, 1);
    case ACTION_FEWER_IMAGES:
        return resize(walking, -1);
    case ACTION_MAP:
        walking->scene.is_map = !walking->scene.is_map;
        walking->scene.side = 0;
        return REDRAW;
    case ACTION_FASTER:
        return set_gait(walking, 1);
    case ACTION_SLOWER:
        return set_gait(walking, -1);
    case ACTION_NO_CLASS:
        return set_label(view, -1);
    case ACTION_NEXT_PANE:
        return select_image(walking, 1);
    case ACTION_PREVIOUS_PANE:
        return select_image(walking, -1);
    case ACTION_OPEN:
        return enter(walking);
    case ACTION_CHECKPOINT:
        return choose_checkpoint(view);
    default:
        return act_on_kept(view, action);
    }
}

static enum reaction act(struct view *view, enum action action)
{
    enum { FAR = 10 };
    struct walking *walking = view->state;
    switch (action) {
    case ACTION_UP:
        return move(walking, 0, 1);
    case ACTION_DOWN:
        return move(walking, 0, -1);
    case ACTION_LEFT:
        return move(walking, -1, 0);
    case ACTION_RIGHT:
        return move(walking, 1, 0);
    case ACTION_FAR_LEFT:
        return move(walking, -FAR, 0);
    case ACTION_FAR_RIGHT:
        return move(walking, FAR, 0);
    case ACTION_TOP:
        return go_to(walking, walking->scene.here.seed, walking->scene.here.index);
    case ACTION_PAGE_DOWN:
        return turn_page(walking, 1);
    case ACTION_PAGE_UP:
        return turn_page(walking, -1);
    case ACTION_ANEW:
        return draw_anew(view);
    default:
        return act_on_scene(view, action);
    }
}

/* Digits are classes, or where there are none, what is kept. */
static enum reaction key(struct view *view, const struct input *input)
{
    struct walking *walking = view->state;
    const struct walk_facts *facts = walking->walk ? walk_facts(walking->walk) : NULL;
    if (input->kind != INPUT_KEY || input->key < '0' || input->key > '9' || !facts)
        return IGNORED;
    int digit = (int)input->key - '0';
    if (facts->classes > 0)
        return set_label(view, digit);
    walk_visit(view, digit - 1);
    return REDRAW;
}

static enum reaction mouse(struct view *view, const struct input *input)
{
    struct walking *walking = view->state;
    if (input->button != MOUSE_LEFT || input->motion != MOUSE_PRESS)
        return IGNORED;
    int kept = walk_kept_at(view, input->x, input->y);
    int image = walk_image_at(view, input->x, input->y);
    if (kept >= 0) {
        walk_visit(view, kept);
    } else if (image >= 0 && image < scene_count(&walking->scene)) {
        walking->selected = image;
        if (walking->scene.is_map && image != scene_home(&walking->scene))
            enter(walking);
    }
    return REDRAW;
}

/* --- the rest --- */

static int runs(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct walking *walking = view->state;
    *numbers = arena_alloc(arena, 1, sizeof **numbers);
    **numbers = walking->run;
    return 1;
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct walking *walking = view->state;
    return arena_printf(arena, "run %s", walking->title);
}

static void keep(const struct view *view, struct json *object)
{
    walk_write(view->state, object);
}

static void restore(struct view *view, const struct json *object)
{
    walk_read(view->state, object);
}

const struct view_type view_walk = {
    .name = "walk",
    .title = "Walk",
    .place = IN_WALK,
    .state_size = sizeof(struct walking),
    .open = open,
    .update = update,
    .act = act,
    .key = key,
    .mouse = mouse,
    .draw = walk_draw,
    .runs = runs,
    .status = status,
    .keep = keep,
    .restore = restore,
    .wakes = wakes,
    .watches = watches,
    .close = close,
};
