#include "data/digits.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "data/form.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF /* gcc contracts nothing under -std=c17 */
#endif

enum {
    BOX = 20,  /* px: side of the square that the digit fills */
    SPAN = 12, /* px: columns that one piece of a stroke can touch; at most 11 of a million did */
    AREA = DIGITS_SIDE * DIGITS_SIDE,
    SAMPLES = 128, /* of a path, all strokes together; the longest of a million took 81 */
    KNOT = 7,      /* samples between two changes of pressure */
};
static const float step = 5;      /* hundredths of the height between two samples */
static const float widest_px = 3; /* radius of the pen */
static const float edge = 0.6f;   /* px by which soft edges reach beyond the pen, both sides */

struct vec {
    float x, y;
};

struct path {
    int count;
    struct vec at[SAMPLES]; /* hundredths of the height, then px */
    float radius[SAMPLES];  /* px */
    bool lift[SAMPLES];     /* the stroke ends here */
};

/* What one image has of its writer. All but `radius` are shares of the digit's size. */
struct style {
    float slant, turn, tilt, width, bow, belly, flare, swell; /* see warp() */
    float jitter, tremor;                                     /* hundredths of the height */
    int rounding;                                             /* passes that wear corners off */
    float radius, pressure, nib, taper, soft, rough;          /* see press() and ink() */
};

/* Nearly normal, mean 0, deviation 1, at most ±3.46: the sum of four uniform 16-bit numbers. */
static float wobble(struct random *random)
{
    uint64_t bits = random_next(random);
    int sum = (int)(bits & 0xFFFF) + (int)(bits >> 16 & 0xFFFF) + (int)(bits >> 32 & 0xFFFF) +
              (int)(bits >> 48);
    return (float)(sum - 131070) * (1.7320508f / 65536);
}

static float between(struct random *random, float low, float high)
{
    return low + (high - low) * (float)(random_next(random) >> 40) * 0x1p-24f;
}

/* One draw a statement: C leaves open in which order an initialiser's members are evaluated. */
static struct style choose_style(struct random *random)
{
    struct style style;
    style.slant = 0.11f + 0.26f * wobble(random);
    style.turn = 0.06f * wobble(random);
    style.tilt = 0.06f * wobble(random);
    style.width = 1.12f + 0.16f * wobble(random);
    style.bow = 0.04f * wobble(random);
    style.belly = 0.05f * wobble(random);
    style.flare = 0.07f * wobble(random);
    style.swell = 0.10f * wobble(random);
    style.jitter = between(random, 1, 3.6f);
    style.tremor = between(random, 0.2f, 2.2f);
    style.rounding = 1 + (int)random_below(random, 6);
    style.radius = fminf(fmaxf(1.36f + 0.38f * wobble(random), 0.65f), 2.6f);
    style.pressure = between(random, 0.02f, 0.16f);
    style.nib = 0.10f * wobble(random);
    style.taper = between(random, -0.05f, 0.35f);
    style.soft = between(random, 0.8f, 1.3f);
    style.rough = between(random, 0, 0.25f);
    return style;
}

static const struct form *choose_form(struct random *random, int digit)
{
    const struct form *form = forms;
    while (form->digit != digit)
        form++;
    int ticket = (int)random_below(random, 100);
    while (ticket >= form->weight)
        ticket -= form++->weight;
    return form;
}

/* Writes the form's points as this writer places them: between two of its hands, a little beyond
 * them too, and never quite there. Returns their number. */
static int place_points(struct random *random, const struct form *form, float jitter,
                        struct vec *points)
{
    const struct form_point *one = form->hand[random_below(random, form->hands)];
    const struct form_point *other = form->hand[random_below(random, form->hands)];
    float share = between(random, -0.2f, 1.2f);
    int count = (int)strlen(form->pen);
    for (int i = 0; i < count; i++) {
        float x = (float)one[i].x + share * (float)(other[i].x - one[i].x);
        float y = (float)one[i].y + share * (float)(other[i].y - one[i].y);
        points[i].x = x + jitter * wobble(random);
        points[i].y = y + jitter * wobble(random);
    }
    return count;
}

static float distance(struct vec a, struct vec b)
{
    return sqrtf((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)) + 1e-3f;
}

static struct vec chord(struct vec a, struct vec b)
{
    float length = distance(a, b);
    return (struct vec){ (b.x - a.x) / length, (b.y - a.y) / length };
}

/* Direction in which the path passes `b` between `a` and `c`: the derivative of the parabola
 * through the three, by chord length. */
static struct vec passing(struct vec a, struct vec b, struct vec c)
{
    struct vec in = chord(a, b), out = chord(b, c);
    float share = distance(a, b) / (distance(a, b) + distance(b, c));
    return (struct vec){ in.x + (out.x - in.x) * share, in.y + (out.y - in.y) * share };
}

/* Directions at the two ends of the piece from points[i] to points[i + 1]. */
static void piece_tangents(const char *pen, const struct vec *points, int i, struct vec *from,
                           struct vec *to)
{
    bool free_from = i == 0 || pen[i - 1] == '.' || pen[i] == 'v';
    bool free_to = pen[i + 1] != '-';
    struct vec along = chord(points[i], points[i + 1]);
    *from = free_from ? along : passing(points[i - 1], points[i], points[i + 1]);
    *to = free_to ? along : passing(points[i], points[i + 1], points[i + 2]);
    if (free_from) /* a free end lets the other bend the whole piece */
        *from = (struct vec){ 1.5f * along.x - 0.5f * to->x, 1.5f * along.y - 0.5f * to->y };
    if (free_to)
        *to = (struct vec){ 1.5f * along.x - 0.5f * from->x, 1.5f * along.y - 0.5f * from->y };
}

static void add_sample(struct path *path, struct vec at, bool lift)
{
    if (path->count == SAMPLES)
        return;
    path->at[path->count] = at;
    path->lift[path->count++] = lift;
}

/* Cubic Hermite pieces through the points, sampled about every `step`. */
static void trace(struct path *path, const char *pen, const struct vec *points, int count)
{
    path->count = 0;
    for (int i = 0; i < count; i++) {
        add_sample(path, points[i], pen[i] == '.');
        if (pen[i] == '.')
            continue;
        struct vec a = points[i], b = points[i + 1], from, to;
        piece_tangents(pen, points, i, &from, &to);
        float length = distance(a, b);
        int pieces = 1 + (int)(length / step);
        for (int k = 1; k < pieces; k++) {
            float t = (float)k / (float)pieces, s = 1 - t;
            float wa = s * s * (1 + 2 * t), wb = t * t * (1 + 2 * s);
            float wf = length * t * s * s, wt = -length * t * t * s;
            add_sample(path,
                       (struct vec){ wa * a.x + wb * b.x + wf * from.x + wt * to.x,
                                     wa * a.y + wb * b.y + wf * from.y + wt * to.y },
                       false);
        }
    }
}

/* A hand that trembles, and that wears corners off. */
static void shake(struct random *random, struct path *path, const struct style *style)
{
    for (int i = 0; i < path->count; i++) {
        path->at[i].x += style->tremor * wobble(random);
        path->at[i].y += style->tremor * wobble(random);
    }
    for (int pass = 0; pass < style->rounding; pass++) {
        struct vec before = path->at[0];
        for (int i = 1; i + 1 < path->count; i++) {
            struct vec here = path->at[i], after = path->at[i + 1];
            if (!path->lift[i] && !path->lift[i - 1]) {
                path->at[i].x = 0.25f * (before.x + after.x) + 0.5f * here.x;
                path->at[i].y = 0.25f * (before.y + after.y) + 0.5f * here.y;
            }
            before = here;
        }
    }
}

/* Bends the page under the writing. */
static void warp(struct path *path, const struct style *style)
{
    for (int i = 0; i < path->count; i++) {
        float u = (path->at[i].x - 30) / 50, v = (path->at[i].y - 50) / 50;
        float x = u * style->width * (1 + style->flare * v) + style->bow * v * v - style->slant * v;
        float y = v + style->belly * u * u + style->swell * v * v - style->tilt * u;
        path->at[i].x = x - style->turn * y;
        path->at[i].y = y + style->turn * x;
    }
}

/* Radius of the pen along the path: pressure comes and goes, ends taper off, and a nib is wider
 * across one direction. */
static void press(struct random *random, struct path *path, const struct style *style)
{
    float last = wobble(random), next = wobble(random);
    float nib = between(random, -1, 1);
    for (int i = 0; i < path->count; i++) {
        if (i % KNOT == 0) {
            last = next;
            next = wobble(random);
        }
        float t = (float)(i % KNOT) / KNOT;
        float pressure = 1 + style->pressure * (last + (next - last) * t);
        bool end = path->lift[i] || i == 0 || path->lift[i - 1];
        struct vec way = chord(path->at[MAX(i - 1, 0)], path->at[i]);
        float across = way.x + nib * way.y;
        float radius = style->radius * pressure * (1 + style->nib * (1 - across * across)) *
                       (end ? 1 - style->taper : 1);
        path->radius[i] = fminf(fmaxf(radius, 0.5f), widest_px);
    }
}

/* Scales and moves the path so that its ink fills the box in the middle of the frame. */
static void fit(struct path *path)
{
    struct vec low = path->at[0], high = path->at[0];
    float radius = 0;
    for (int i = 0; i < path->count; i++) {
        low.x = fminf(low.x, path->at[i].x);
        low.y = fminf(low.y, path->at[i].y);
        high.x = fmaxf(high.x, path->at[i].x);
        high.y = fmaxf(high.y, path->at[i].y);
        radius += path->radius[i] / (float)path->count;
    }
    float size = fmaxf(fmaxf(high.x - low.x, high.y - low.y), 0.1f);
    float scale = ((float)BOX - edge - 2 * radius) / size;
    for (int i = 0; i < path->count; i++) {
        path->at[i].x = 0.5f * DIGITS_SIDE + (path->at[i].x - 0.5f * (low.x + high.x)) * scale;
        path->at[i].y = 0.5f * DIGITS_SIDE + (path->at[i].y - 0.5f * (low.y + high.y)) * scale;
    }
}

/* Raises `depth` (px inside the ink, negative outside) to that of the capsule from sample a to
 * sample b, whose radius changes evenly. */
static void ink_piece(const struct path *path, int a, int b, float *depth)
{
    struct vec p = path->at[a], q = path->at[b], d = { q.x - p.x, q.y - p.y };
    float ra = path->radius[a], dr = path->radius[b] - ra;
    float reach = fmaxf(ra, ra + dr) + 1;
    float per_length = 1 / (d.x * d.x + d.y * d.y + 1e-6f);
    int left = (int)fmaxf(fminf(p.x, q.x) - reach, 0);
    int top = (int)fmaxf(fminf(p.y, q.y) - reach, 0);
    int bottom = (int)fminf(fmaxf(p.y, q.y) + reach, DIGITS_SIDE - 1);
    left = MIN(left, DIGITS_SIDE - SPAN);
    for (int y = top; y <= bottom; y++) {
        float *row = depth + y * DIGITS_SIDE + left, py = (float)y + 0.5f - p.y;
        for (int x = 0; x < SPAN; x++) {
            float px = (float)(left + x) + 0.5f - p.x;
            float t = (px * d.x + py * d.y) * per_length;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            float ex = px - t * d.x, ey = py - t * d.y;
            float inside = ra + t * dr - sqrtf(ex * ex + ey * ey);
            row[x] = row[x] > inside ? row[x] : inside;
        }
    }
}

/* Draws the path. Its edge fades over `soft` px and is moved by up to `rough` px at each pixel, as
 * by paper and a scanner. */
static void ink(struct random *random, const struct path *path, const struct style *style,
                uint8_t *out)
{
    float depth[AREA];
    uint8_t grain[AREA];
    for (int i = 0; i < AREA; i++)
        depth[i] = -DIGITS_SIDE;
    for (int i = 0; i < path->count; i++) {
        bool alone = path->lift[i] && (i == 0 || path->lift[i - 1]);
        if (!path->lift[i] || alone)
            ink_piece(path, i, alone ? i : i + 1, depth);
    }
    for (int i = 0; i < AREA; i += 8) {
        uint64_t bits = random_next(random);
        memcpy(grain + i, &bits, 8);
    }
    float sharpness = 1 / style->soft, roughness = style->rough / 128;
    for (int i = 0; i < AREA; i++) {
        float inside = depth[i] + roughness * (float)(grain[i] - 128);
        float cover = 0.5f + inside * sharpness;
        cover = cover < 0 ? 0 : cover > 1 ? 1 : cover;
        out[i] = (uint8_t)(cover * 255 + 0.5f);
    }
}

/* Copies the image moved by whole pixels, so that its centre of mass is in the middle. */
static void centre(const uint8_t *from, uint8_t *to)
{
    int mass = 1, mx = 0, my = 0;
    for (int y = 0; y < DIGITS_SIDE; y++)
        for (int x = 0; x < DIGITS_SIDE; x++) {
            mass += from[y * DIGITS_SIDE + x];
            mx += from[y * DIGITS_SIDE + x] * (2 * x + 1 - DIGITS_SIDE);
            my += from[y * DIGITS_SIDE + x] * (2 * y + 1 - DIGITS_SIDE);
        }
    int dx = (int)floorf((float)mx / (float)(2 * mass)),
        dy = (int)floorf((float)my / (float)(2 * mass));
    memset(to, 0, AREA);
    int left = MAX(0, dx), right = MIN(DIGITS_SIDE, DIGITS_SIDE + dx);
    for (int y = 0; y < DIGITS_SIDE; y++)
        if (y + dy >= 0 && y + dy < DIGITS_SIDE && right > left)
            memcpy(to + y * DIGITS_SIDE + left - dx, from + (y + dy) * DIGITS_SIDE + left,
                   (size_t)(right - left));
}

static void draw(struct random *random, int digit, uint8_t *pixels)
{
    struct style style = choose_style(random);
    const struct form *form = choose_form(random, digit);
    struct vec points[FORM_POINTS];
    int count = place_points(random, form, style.jitter, points);
    struct path path;
    trace(&path, form->pen, points, count);
    shake(random, &path, &style);
    warp(&path, &style);
    press(random, &path, &style);
    fit(&path);
    uint8_t drawn[AREA];
    ink(random, &path, &style, drawn);
    centre(drawn, pixels);
}

void digits_draw(uint64_t seed, int part, int count, uint8_t *pixels, uint8_t *labels)
{
    uint64_t purpose = (uint64_t)part << 48;
    uint32_t order[DIGITS_CLASSES];
    struct random random;
    for (int i = 0; i < count; i++) {
        if (i % DIGITS_CLASSES == 0) {
            random_seed(&random, seed, purpose | 1ull << 40 | (uint64_t)i);
            for (uint32_t d = 0; d < DIGITS_CLASSES; d++)
                order[d] = d;
            random_shuffle(&random, order, DIGITS_CLASSES);
        }
        labels[i] = (uint8_t)order[i % DIGITS_CLASSES];
        random_seed(&random, seed, purpose | (uint64_t)i);
        draw(&random, labels[i], pixels + (size_t)i * AREA);
    }
}
