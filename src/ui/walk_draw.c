/* How a walk looks: images with their verdicts at the left, what they are at the right. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "draw/bar.h"
#include "draw/picture.h"
#include "walk_parts.h"

enum {
    LEAST_PANEL = 26,
    MOST_PANEL = 44,
    FACT_ROWS = 7,  /* of the panel, above what is kept */
    LABEL = 7,      /* columns of "place" and the like */
    LEAST_IMAGE = 3 /* rows */
};

/* --- where things stand --- */

/* Columns of an image of so many rows, and the other way round. */
static int columns_for(const struct shown *shown, int rows)
{
    return shown->count > 0 ? (2 * rows * shown->width + shown->height - 1) / shown->height
                            : 2 * rows;
}

static int rows_for(const struct shown *shown, int columns)
{
    return shown->count > 0 ? (columns * shown->height + 2 * shown->width - 1) / (2 * shown->width)
                            : (columns + 1) / 2;
}

static void lay_out_kept(const struct walking *walking, struct walk_layout *layout)
{
    enum { MOST_ROWS = 8, AT_LEAST = 3 /* so that the first one is not huge */ };
    const struct shown *shown = &walking->shown;
    struct rect kept = layout->panel;
    int count = MAX(walking->kept_count, AT_LEAST);
    kept.y += FACT_ROWS + 1;
    kept.height -= FACT_ROWS + 1;
    layout->kept = kept;
    for (int rows = MOST_ROWS; rows > 0; rows--) {
        int columns = columns_for(shown, rows), across = (kept.width + 1) / (columns + 1);
        if (across > 0 && (count + across - 1) / across * (rows + 1) <= kept.height) {
            layout->thumb_width = columns;
            layout->thumb_height = rows;
            return;
        }
    }
}

struct walk_layout walk_layout(const struct walking *walking, struct rect rect, int side)
{
    const struct shown *shown = &walking->shown;
    struct walk_layout layout = { .panel = rect };
    layout.panel.width = MAX(LEAST_PANEL, MIN(MOST_PANEL, rect.width - 2 * rect.height));
    layout.panel.x += rect.width - layout.panel.width;
    int width = rect.width - layout.panel.width - 2, gap = side > 1;
    int rows = rect.height / MAX(side, 1) - 1;
    int columns = MIN(columns_for(shown, rows), width / MAX(side, 1) - gap);
    rows = MIN(rows, rows_for(shown, columns));
    layout.cell_width = MAX(columns + gap, 1);
    layout.cell_height = MAX(rows + 1, 1);
    layout.images = (struct rect){ rect.x + 1, rect.y, layout.cell_width * side - gap,
                                   layout.cell_height * side };
    layout.images.x += MAX((width - layout.images.width) / 2, 0);
    lay_out_kept(walking, &layout);
    return layout;
}

int walk_fitting_side(const struct walking *walking, struct rect rect)
{
    enum { USUAL_MOST = 3, USUAL_ROWS = 10 };
    int step = walking->scene.is_map ? 2 : 1, side = 1;
    int most = walking->side_wish > 0 ? walking->side_wish : USUAL_MOST;
    int least = walking->side_wish > 0 ? LEAST_IMAGE : USUAL_ROWS;
    while (side + step <= MIN(most, SIDE_LIMIT) &&
           walk_layout(walking, rect, side + step).cell_height > least)
        side += step;
    return side;
}

static struct rect cell_of(const struct walk_layout *layout, int side, int i)
{
    return (struct rect){ layout->images.x + i % side * layout->cell_width,
                          layout->images.y + i / side * layout->cell_height,
                          layout->cell_width - (side > 1), layout->cell_height };
}

static struct rect thumb_of(const struct walk_layout *layout, int i)
{
    int across = (layout->kept.width + 1) / (layout->thumb_width + 1);
    return (struct rect){ layout->kept.x + i % across * (layout->thumb_width + 1),
                          layout->kept.y + i / across * (layout->thumb_height + 1),
                          layout->thumb_width, layout->thumb_height + 1 };
}

static bool holds(struct rect rect, int x, int y)
{
    return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

int walk_image_at(const struct view *view, int x, int y)
{
    const struct walking *walking = view->state;
    int side = walking->shown.scene.side;
    struct walk_layout layout = walk_layout(walking, view->rect, side);
    for (int i = 0; i < walking->shown.count; i++)
        if (holds(cell_of(&layout, side, i), x, y))
            return i;
    return -1;
}

int walk_kept_at(const struct view *view, int x, int y)
{
    const struct walking *walking = view->state;
    struct walk_layout layout = walk_layout(walking, view->rect, 1);
    for (int i = 0; i < walking->kept_count && layout.thumb_height > 0; i++)
        if (holds(thumb_of(&layout, i), x, y))
            return i;
    return -1;
}

/* --- images --- */

/* "0.62", a score with its sign. */
static const char *number_text(struct arena *arena, const struct walk_facts *facts, double verdict)
{
    return arena_printf(arena, facts->is_probability ? "%.2f" : "%+.2f", verdict);
}

static double share(const struct walk_facts *facts, double verdict)
{
    return facts->is_probability ? verdict : 1 / (1 + exp(facts->even - verdict));
}

/* With a mark where nobody could tell real and fake apart. */
static void draw_verdict_bar(struct frame *frame, struct rect rect, const struct walk_facts *facts,
                             double verdict, bool is_real)
{
    enum { TICK = 0x2502 };
    double even = share(facts, facts->even), done = share(facts, verdict);
    bar_draw(frame->canvas, rect, done, look_style(frame->look, is_real ? ROLE_GOOD : ROLE_DIM));
    if (done < even)
        canvas_put(frame->canvas, rect.x + 1 + (int)(even * (rect.width - 2)), rect.y, TICK,
                   look_style(frame->look, ROLE_DIM));
}

/* "D 0.62 ▕███▏ real", as much of it as there is room for. */
static void draw_verdict(struct frame *frame, struct rect row, const struct walk_facts *facts,
                         double verdict, bool is_selected)
{
    enum { NUMBER = 8, WORD = 5, LEAST_BAR = 6 };
    if (isnan(verdict))
        return;
    bool is_real = verdict > facts->even; /* never where there is no such value */
    struct style style = look_style(frame->look, is_selected ? ROLE_CURSOR
                                                 : is_real   ? ROLE_GOOD
                                                             : ROLE_TEXT);
    const char *text = number_text(frame->arena, facts, verdict);
    int columns = text_columns(text);
    if (row.width >= columns + 2 && !is_selected)
        text = arena_printf(frame->arena, "D %s", text);
    else if (row.width >= columns + 2)
        text = arena_printf(frame->arena, row.width >= columns + 4 ? "[D %s]" : "[%s]", text);
    columns = text_columns(text);
    if (row.width < NUMBER + LEAST_BAR + WORD || isnan(facts->even)) {
        row.x += MAX(row.width - columns, 0) / 2;
        canvas_text(frame->canvas, row, text, style);
        return;
    }
    canvas_text(frame->canvas, row, text, style);
    int x = MAX(columns, NUMBER - 1) + 1;
    draw_verdict_bar(frame, (struct rect){ row.x + x, row.y, row.width - x - WORD, 1 }, facts,
                     verdict, is_real);
    canvas_text(frame->canvas, (struct rect){ row.x + row.width - WORD + 1, row.y, WORD - 1, 1 },
                is_real ? "real" : "fake", style);
}

static void draw_images(const struct walking *walking, struct frame *frame,
                        const struct walk_layout *layout)
{
    const struct shown *shown = &walking->shown;
    const struct walk_facts *facts = walk_facts(walking->walk);
    for (int i = 0; i < shown->count; i++) {
        struct rect cell = cell_of(layout, shown->scene.side, i);
        struct rect image = { cell.x, cell.y, cell.width, cell.height - 1 };
        struct rect row = { cell.x, cell.y + cell.height - 1, cell.width, 1 };
        picture_draw(frame->canvas, image,
                     shown->images + (size_t)i * (size_t)shown->height * (size_t)shown->width,
                     shown->height, shown->width, frame->look->pictures);
        draw_verdict(frame, row, facts, shown->verdicts[i],
                     shown->count > 1 && i == walking->selected);
    }
}

/* --- the panel --- */

static void put_fact(struct frame *frame, struct rect *rest, const char *label, const char *text)
{
    if (rest->height <= 0)
        return;
    canvas_text(frame->canvas, *rest, label, look_style(frame->look, ROLE_DIM));
    canvas_text(frame->canvas, (struct rect){ rest->x + LABEL, rest->y, rest->width - LABEL, 1 },
                text, look_style(frame->look, ROLE_TEXT));
    rest->y++, rest->height--;
}

static const char *seed_text(struct arena *arena, const struct walking *walking,
                             const struct walk_image *here)
{
    if (here->t > 0)
        return arena_printf(arena, "%3.0f %% from %d to %d", 100 * here->t, walking->ends[0] + 1,
                            walking->ends[1] + 1);
    if (here->index > 0)
        return arena_printf(arena, "%lld, its image %d", (long long)here->seed, here->index);
    return arena_printf(arena, "%lld", (long long)here->seed);
}

static const char *class_text(struct arena *arena, const struct walk_image *place, int classes)
{
    if (place->label < 0)
        return arena_printf(arena, "%d, as they come in turn", place->index % classes);
    return arena_printf(arena, "%d of 0 to %d", place->label, classes - 1);
}

static const char *stride_text(struct arena *arena, const struct walking *walking)
{
    const struct scene *scene = &walking->shown.scene;
    if (scene->is_map && scene->side > 1)
        return arena_printf(arena, "%.3g a key, map %.3g", walk_stride(walking), scene->spread);
    return arena_printf(arena, "%.3g a key", walk_stride(walking));
}

static void draw_facts(const struct walking *walking, struct frame *frame, struct rect rest)
{
    const struct walk_facts *facts = walk_facts(walking->walk);
    const struct shown *shown = &walking->shown;
    struct arena *arena = frame->arena;
    struct walk_image place =
        scene_image(&shown->scene, MIN(walking->selected, scene_count(&shown->scene) - 1));
    double rate = walk_rate(walking);
    rest.height = MIN(rest.height, FACT_ROWS);
    put_fact(frame, &rest, "step", format_count(arena, (double)facts->step));
    put_fact(frame, &rest, place.t > 0 ? "way" : "seed", seed_text(arena, walking, &place));
    put_fact(frame, &rest, "place", arena_printf(arena, "dx %+.2f  dy %+.2f", place.dx, place.dy));
    if (facts->classes > 0)
        put_fact(frame, &rest, "class", class_text(arena, &place, facts->classes));
    put_fact(frame, &rest, "stride", stride_text(arena, walking));
    if (!facts->is_judged)
        put_fact(frame, &rest, facts->remark, "");
    else if (!facts->is_probability && !isnan(facts->even))
        put_fact(frame, &rest, "D", arena_printf(arena, "a score; %.3g is even", facts->even));
    else if (!facts->is_probability)
        put_fact(frame, &rest, "D", "a score; more is more real");
    if (!isnan(rate))
        put_fact(frame, &rest, "speed", arena_printf(arena, "%.0f frames a second", rate));
}

static void draw_kept(const struct walking *walking, struct frame *frame,
                      const struct walk_layout *layout)
{
    const struct shown *shown = &walking->shown;
    struct rect head = { layout->kept.x, layout->kept.y - 1, layout->kept.width, 1 };
    if (layout->thumb_height == 0)
        return;
    const char *text = walking->kept_count == 0   ? "s keeps an image here"
                       : walking->kept_count == 1 ? "kept; Space plays between two"
                       : walking->is_playing      ? "kept, and playing between *"
                                                  : "kept; Space plays between *";
    canvas_text(frame->canvas, head, text, look_style(frame->look, ROLE_DIM));
    for (int i = 0; i < walking->kept_count; i++) {
        struct rect thumb = thumb_of(layout, i);
        struct rect row = { thumb.x, thumb.y + thumb.height - 1, thumb.width, 1 };
        bool is_end = i == walking->ends[0] || i == walking->ends[1];
        thumb.height--;
        if (walking->kept[i].image && shown->count > 0)
            picture_draw(frame->canvas, thumb, walking->kept[i].image, shown->height, shown->width,
                         frame->look->pictures);
        row.x += MAX(row.width - 2, 0) / 2;
        canvas_printf(frame->canvas, row, look_style(frame->look, is_end ? ROLE_MARKED : ROLE_DIM),
                      "%d%s", i + 1, is_end ? "*" : "");
    }
}

/* --- all --- */

/* A sentence on as many lines as it takes. */
static void draw_sentence(struct frame *frame, struct rect rect, const char *text, enum role role)
{
    struct style style = look_style(frame->look, role);
    while (*text && rect.height > 0 && rect.width > 0) {
        const char *next;
        size_t length = text_fitting(text, rect.width, &next);
        canvas_text(frame->canvas, rect, arena_strndup(frame->arena, text, length), style);
        text = next;
        rect.y++, rect.height--;
    }
}

void walk_draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct walking *walking = view->state;
    struct rect middle = { rect.x + 2, rect.y + 1, rect.width - 4, rect.height - 1 };
    if (!walking->walk) {
        draw_sentence(frame, middle, walking->problem, ROLE_TEXT);
        middle.y += 3, middle.height -= 3;
        draw_sentence(frame, middle, "r tries again, c chooses another checkpoint, q goes back",
                      ROLE_DIM);
        return;
    }
    if (walking->shown.count == 0) {
        draw_sentence(frame, middle, "starting the generator …", ROLE_DIM);
        return;
    }
    struct walk_layout layout = walk_layout(walking, rect, walking->shown.scene.side);
    draw_images(walking, frame, &layout);
    draw_facts(walking, frame, layout.panel);
    draw_kept(walking, frame, &layout);
}
