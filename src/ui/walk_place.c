#include <math.h>

#include "walk_parts.h"

int scene_count(const struct scene *scene)
{
    return scene->side * scene->side;
}

int scene_home(const struct scene *scene)
{
    return scene->is_map ? scene_count(scene) / 2 : 0;
}

bool place_is_same(const struct walk_image *a, const struct walk_image *b)
{
    return a->seed == b->seed && a->index == b->index && a->to_seed == b->to_seed &&
           a->to_index == b->to_index && a->t == b->t && a->dx == b->dx && a->dy == b->dy &&
           a->label == b->label;
}

bool scene_is_same(const struct scene *a, const struct scene *b)
{
    return a->side == b->side && a->is_map == b->is_map && (!a->is_map || a->spread == b->spread) &&
           place_is_same(&a->here, &b->here);
}

struct walk_image scene_image(const struct scene *scene, int i)
{
    struct walk_image image = scene->here;
    if (scene->is_map) {
        int half = scene->side / 2, column = i % scene->side, row = i / scene->side;
        image.dx += (column - half) * scene->spread;
        image.dy += (half - row) * scene->spread;
    } else {
        image.index = (image.index + i) % WALK_INDEX_LIMIT;
        image.to_index = (image.to_index + i) % WALK_INDEX_LIMIT;
    }
    return image;
}

struct walk_image place_between(const struct walk_image *a, const struct walk_image *b, double t)
{
    return (struct walk_image){ .seed = a->seed,
                                .index = a->index,
                                .to_seed = b->seed,
                                .to_index = b->index,
                                .t = t,
                                .dx = a->dx + t * (b->dx - a->dx),
                                .dy = a->dy + t * (b->dy - a->dy),
                                .label = t < 0.5 ? a->label : b->label };
}

bool place_is_on_way(const struct walk_image *place)
{
    return place->t > 0 && place->t < 1;
}

double walk_gait(const struct walking *walking)
{
    return exp2(walking->gait);
}

double walk_stride(const struct walking *walking)
{
    return 0.5 * walk_gait(walking);
}
