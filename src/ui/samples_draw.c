#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "draw/sparkline.h"
#include "samples_state.h"

enum { EDGE = 10 /* columns beside the timeline, for its first and last moment */ };

/* --- places --- */

/* So that each pane is as near to a square as can be: cells are twice as high as wide. */
static int panes_across(int count, int width, int height)
{
    int best = 1;
    double largest = 0;
    for (int across = 1; across <= count; across++) {
        int down = MAX((count + across - 1) / across, 1);
        int rows = height / down - 1;
        double side = fmin((double)width / across, 2.0 * rows);
        if (side > largest) {
            largest = side;
            best = across;
        }
    }
    return best;
}

struct samples_places samples_places(const struct samples *samples, struct rect rect)
{
    enum { ROOM_FOR_CURVES = 26 };
    struct samples_places places = { .curves = { rect.x, rect.y, 0, 0 } };
    int curves = 0;
    for (int i = 0; i < REEL_LOSSES && rect.height >= ROOM_FOR_CURVES; i++)
        curves += samples->reels.losses[i].count > 0;
    places.timeline =
        (struct rect){ rect.x + EDGE, rect.y + rect.height - 1, MAX(rect.width - 2 * EDGE, 1), 1 };
    places.curves = (struct rect){ places.timeline.x, places.timeline.y - curves,
                                   places.timeline.width, curves };
    int height = rect.height - 1 - curves, count = MAX(samples->run_count, 1);
    int across = panes_across(count, rect.width, height), down = (count + across - 1) / across;
    for (int i = 0; i < count; i++) {
        int left = i % across * rect.width / across, right = (i % across + 1) * rect.width / across;
        int top = i / across * height / down, end = (i / across + 1) * height / down;
        places.panes[i] = (struct rect){ rect.x + left, rect.y + top, right - left, end - top };
    }
    return places;
}

/* Below the title, with a column for the bar that marks an image. */
static struct rect images_of(struct rect pane)
{
    return (struct rect){ pane.x + 1, pane.y + 1, pane.width - 1, pane.height - 1 };
}

int samples_first(const struct samples *samples, int pane)
{
    int first = samples->is_enlarged ? MAX(samples->image, 0) : samples->first;
    return MAX(MIN(first, samples->panes[pane].sheet.count - 1), 0);
}

static struct picture_sheet sheet_of(const struct samples *samples, int pane)
{
    const struct sheet *sheet = &samples->panes[pane].sheet;
    int first = samples_first(samples, pane);
    int most = samples->is_enlarged ? 1 : samples->limit > 0 ? samples->limit : sheet->count;
    size_t bytes = (size_t)sheet->height * (size_t)sheet->width;
    return (struct picture_sheet){ .images = sheet->images + (size_t)first * bytes,
                                   .count = MIN(most, sheet->count - first),
                                   .height = sheet->height,
                                   .width = sheet->width,
                                   .group = sheet->group };
}

/* Images of which each has a class stand in front of texts. */
static const char *const no_label[] = { "" };

struct picture_layout samples_layout(const struct samples *samples, int pane, struct rect rect,
                                     const struct look *look)
{
    struct rect images = images_of(samples_places(samples, rect).panes[pane]);
    struct picture_sheet sheet = sheet_of(samples, pane);
    sheet.labels =
        pane < samples->reels.count && samples->reels.reels[pane].classes > 0 ? no_label : NULL;
    return images.height > 0
               ? picture_sheet_layout(&sheet, images.width, images.height, look->pictures)
               : (struct picture_layout){ 0 };
}

static double first_moment(const struct samples *samples)
{
    return samples->reels.stops[samples->lock][0];
}

static double last_moment(const struct samples *samples)
{
    return samples->reels.stops[samples->lock][samples->reels.stop_count[samples->lock] - 1];
}

int samples_column(const struct samples *samples, struct rect timeline, double moment)
{
    double first = first_moment(samples), last = last_moment(samples);
    double share = last > first ? (moment - first) / (last - first) : 0;
    return timeline.x + (int)lround(fmin(fmax(share, 0), 1) * (timeline.width - 1));
}

double samples_moment(const struct samples *samples, struct rect timeline, int x)
{
    double share = (double)(x - timeline.x) / MAX(timeline.width - 1, 1);
    double first = first_moment(samples), last = last_moment(samples);
    return first + fmin(fmax(share, 0), 1) * (last - first);
}

/* --- panes --- */

static void draw_title(const struct samples *samples, int pane, struct frame *frame,
                       struct rect rect)
{
    const struct samples_pane *shown = &samples->panes[pane];
    const struct reel *reel = &samples->reels.reels[pane];
    struct rect row = { rect.x + 1, rect.y, rect.width - 2, 1 };
    int used = canvas_text(frame->canvas, row, reel->title, look_style(frame->look, ROLE_TITLE));
    if (shown->sheet.count == 0)
        return;
    const char *text = arena_printf(frame->arena, "step %s",
                                    format_count(frame->arena, (double)shown->sheet.step));
    int file = reel_at(reel, LOCK_STEP, (double)shown->sheet.step);
    if (samples->is_enlarged)
        text = arena_printf(frame->arena, "%s  image %d of %d", text, MAX(samples->image, 0) + 1,
                            shown->sheet.count);
    if (shown->difference)
        text = arena_printf(frame->arena, "%s  minus %s %s", text,
                            samples->difference == DIFFERENCE_RUNS ? "run" : "step",
                            format_count(frame->arena, (double)shown->against));
    if (!shown->difference && file >= 0 && isfinite(reel->files[file].worked))
        text = arena_printf(frame->arena, "%s  after %s", text,
                            format_duration(frame->arena, reel->files[file].worked));
    row.x += used + 2, row.width -= used + 2;
    canvas_text(frame->canvas, row, text, look_style(frame->look, ROLE_DIM));
}

static const uint8_t *held_image(const struct samples_pane *pane, int image, struct rect place,
                                 const struct look *look)
{
    int at = image - pane->held_first;
    bool is_held = pane->held && look->pictures == PICTURE_HALF && at >= 0 &&
                   at < pane->held_count && place.width == pane->held_columns &&
                   place.height == pane->held_rows;
    return is_held ? pane->held + (size_t)at * 2 * (size_t)place.height * (size_t)place.width
                   : NULL;
}

static void draw_image(const struct samples_pane *pane, int image, struct frame *frame,
                       struct rect place)
{
    const struct sheet *sheet = &pane->sheet;
    const uint8_t *held = held_image(pane, image, place, frame->look);
    size_t at = (size_t)image * (size_t)sheet->height * (size_t)sheet->width;
    if (pane->difference)
        picture_draw_signed(frame->canvas, place, pane->difference + at, sheet->height,
                            sheet->width, frame->look->pictures);
    else if (held)
        picture_draw(frame->canvas, place, held, 2 * place.height, place.width, PICTURE_HALF);
    else
        picture_draw(frame->canvas, place, sheet->images + at, sheet->height, sheet->width,
                     frame->look->pictures);
}

/* A bar at the left of the image that is chosen. */
static void draw_bar(struct frame *frame, struct rect place)
{
    enum { BAR = 0x2502 };
    for (int y = 0; y < place.height; y++)
        canvas_put(frame->canvas, place.x - 1, place.y + y, BAR,
                   look_style(frame->look, ROLE_MARKED));
}

static void draw_images(const struct samples *samples, int pane, struct frame *frame,
                        struct rect rect, const struct picture_layout *layout)
{
    const struct samples_pane *shown = &samples->panes[pane];
    int classes = samples->reels.reels[pane].classes, label = classes > 0 ? 1 : 0;
    int first = samples_first(samples, pane);
    int left = rect.x + (samples->is_enlarged ? (rect.width - layout->width) / 2 : 0);
    struct style black = { colour_grey(255), colour_grey(0), 0 };
    for (int row = 0; row < layout->down; row++)
        canvas_fill(frame->canvas,
                    (struct rect){ left, rect.y + row * (layout->rows + label), layout->width,
                                   layout->rows },
                    ' ', black);
    for (int i = 0; i < layout->shown; i++) {
        struct rect place = { left + i % layout->across * (layout->columns + layout->gap),
                              rect.y + i / layout->across * (layout->rows + label), layout->columns,
                              layout->rows };
        bool is_chosen = first + i == samples->image && !samples->is_enlarged;
        int bar = is_chosen && layout->gap == 0 && layout->columns > 1 ? 1 : 0;
        struct rect image = { place.x + bar, place.y, place.width - bar, place.height };
        draw_image(shown, first + i, frame, image);
        if (is_chosen)
            draw_bar(frame, image);
        place.y += place.height;
        if (label)
            canvas_printf(frame->canvas, place, look_style(frame->look, ROLE_DIM), "%d",
                          (first + i) % classes);
    }
}

static void draw_pane(const struct samples *samples, int pane, struct frame *frame,
                      struct rect rect, struct rect all)
{
    const struct samples_pane *shown = &samples->panes[pane];
    const struct reel *reel = &samples->reels.reels[pane];
    const char *problem = reel->problem ? reel->problem : shown->problem[0] ? shown->problem : NULL;
    struct rect images = images_of(rect);
    draw_title(samples, pane, frame, rect);
    if (problem) {
        images.y++, images.height--;
        canvas_text(frame->canvas, images, problem, look_style(frame->look, ROLE_DIM));
        return;
    }
    struct picture_layout layout = samples_layout(samples, pane, all, frame->look);
    if (shown->sheet.count > 0)
        draw_images(samples, pane, frame, images, &layout);
}

/* --- what half blocks show --- */

static void let_go(struct samples_pane *pane)
{
    free(pane->held);
    pane->held = NULL;
    pane->held_count = 0;
}

static bool is_held_so(const struct samples_pane *pane, int first,
                       const struct picture_layout *layout)
{
    return pane->held && pane->held_first == first && pane->held_count == layout->shown &&
           pane->held_columns == layout->columns && pane->held_rows == layout->rows;
}

void samples_hold(struct samples *samples, int pane, struct rect rect, const struct look *look,
                  bool is_other)
{
    enum { LEVELS = 6 };
    struct samples_pane *shown = &samples->panes[pane];
    struct picture_layout layout = samples_layout(samples, pane, rect, look);
    int first = samples_first(samples, pane);
    size_t size = (size_t)layout.columns * 2 * (size_t)layout.rows;
    size_t pixels = (size_t)shown->sheet.height * (size_t)shown->sheet.width;
    if (shown->difference || look->pictures != PICTURE_HALF || layout.shown == 0) {
        let_go(shown);
        return;
    }
    bool is_held = is_held_so(shown, first, &layout);
    if (is_held && !is_other)
        return;
    if (!is_held) {
        let_go(shown);
        shown->held = xcalloc((size_t)layout.shown, size);
        shown->held_first = first;
        shown->held_count = layout.shown;
        shown->held_columns = layout.columns;
        shown->held_rows = layout.rows;
    }
    for (int k = 0; k < layout.shown; k++)
        if (!picture_hold(shown->held + (size_t)k * size, is_held, layout.columns, layout.rows,
                          shown->sheet.images + (size_t)(first + k) * pixels, shown->sheet.height,
                          shown->sheet.width, LEVELS)) {
            let_go(shown);
            return;
        }
}

/* --- the timeline --- */

static void draw_edge(struct frame *frame, struct rect timeline, bool is_last, const char *text)
{
    int width = MIN(text_columns(text), EDGE - 2);
    int x = is_last ? timeline.x + timeline.width + 1 : timeline.x - 1 - width;
    canvas_text(frame->canvas, (struct rect){ x, timeline.y, width, 1 }, text,
                look_style(frame->look, ROLE_DIM));
}

static const char *moment_text(const struct samples *samples, struct arena *arena, double moment)
{
    return samples->lock == LOCK_STEP ? format_count(arena, moment)
                                      : format_duration(arena, moment);
}

static void draw_timeline(const struct samples *samples, struct frame *frame, struct rect rect)
{
    enum { LINE = 0x2500, TICK = 0x2534, HERE = 0x25CF };
    const double *stops = samples->reels.stops[samples->lock];
    canvas_fill(frame->canvas, rect, LINE, look_style(frame->look, ROLE_FRAME));
    for (int i = 0; i < samples->reels.stop_count[samples->lock]; i++)
        canvas_put(frame->canvas, samples_column(samples, rect, stops[i]), rect.y, TICK,
                   look_style(frame->look, ROLE_FRAME));
    canvas_put(frame->canvas, samples_column(samples, rect, stops[samples->stop]), rect.y, HERE,
               look_style(frame->look, ROLE_KEY));
    draw_edge(frame, rect, false, moment_text(samples, frame->arena, first_moment(samples)));
    draw_edge(frame, rect, true, moment_text(samples, frame->arena, last_moment(samples)));
}

/* The value of a loss at a moment, between those before and after it; NaN where there are none. */
static double loss_at(const struct reel_loss *loss, enum reel_lock lock, double moment)
{
    const double *moments = loss->moments[lock];
    int after = 0;
    while (after < loss->count && !(moments[after] >= moment))
        after++;
    if (after < loss->count && moments[after] == moment)
        return loss->values[after];
    if (after == 0 || after == loss->count)
        return NAN;
    double share = (moment - moments[after - 1]) / (moments[after] - moments[after - 1]);
    return loss->values[after - 1] + share * (loss->values[after] - loss->values[after - 1]);
}

static void draw_loss(const struct samples *samples, const struct reel_loss *loss,
                      struct frame *frame, struct rect row)
{
    double *values = arena_alloc(frame->arena, (size_t)row.width, sizeof *values);
    int begin = 0, end = row.width;
    for (int i = 0; i < row.width; i++)
        values[i] = loss_at(loss, samples->lock, samples_moment(samples, row, row.x + i));
    while (begin < end && isnan(values[begin]))
        begin++;
    while (end > begin && isnan(values[end - 1]))
        end--;
    sparkline_draw(frame->canvas, (struct rect){ row.x + begin, row.y, end - begin, 1 },
                   values + begin, end - begin, look_style(frame->look, ROLE_DIM));
}

static void draw_curves(const struct samples *samples, struct frame *frame, struct rect rect)
{
    static const char *const names[REEL_LOSSES] = { "G loss", "D loss" };
    int y = rect.y;
    for (int i = 0; i < REEL_LOSSES && y < rect.y + rect.height; i++) {
        const struct reel_loss *loss = &samples->reels.losses[i];
        struct rect row = { rect.x, y, rect.width, 1 };
        if (loss->count == 0)
            continue;
        draw_edge(frame, row, false, names[i]);
        draw_loss(samples, loss, frame, row);
        y++;
    }
    double here = samples->reels.stops[samples->lock][samples->stop];
    canvas_restyle(frame->canvas,
                   (struct rect){ samples_column(samples, rect, here), rect.y, 1, rect.height },
                   look_style(frame->look, ROLE_CURSOR));
}

void samples_draw(const struct samples *samples, struct frame *frame, struct rect rect)
{
    struct samples_places places = samples_places(samples, rect);
    if (!samples->is_loaded) {
        canvas_text(frame->canvas, (struct rect){ rect.x + 2, rect.y + 1, rect.width - 4, 1 },
                    samples->problem, look_style(frame->look, ROLE_BAD));
        return;
    }
    for (int i = 0; i < samples->reels.count; i++)
        draw_pane(samples, i, frame, places.panes[i], rect);
    if (samples->stop < 0)
        return;
    draw_timeline(samples, frame, places.timeline);
    if (places.curves.height > 0)
        draw_curves(samples, frame, places.curves);
}
