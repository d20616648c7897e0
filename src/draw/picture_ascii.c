/* Characters chosen by the shape they cover: for each cell the one whose coverage c, point by
 * point, comes nearest to the picture p, min over glyphs of |c - gain p|^2. As |p|^2 is the same
 * for all, |c|^2 - 2 gain <c, p> decides: one product of the cell with the table, the glyphs
 * innermost. */
#include "picture_parts.h"

enum { GLYPH_LANES = 96 }; /* GLYPH_COUNT, whole vectors */

/* How dense full white is drawn. Below 1 strokes get thin, above 1 edges get coarse. */
static const float gain = 1.0F;

struct templates {
    float coverage[GLYPH_POINTS][GLYPH_LANES];
    float energy[GLYPH_LANES]; /* |c|^2 */
};

static void prepare(struct templates *templates)
{
    *templates = (struct templates){ 0 };
    for (int glyph = 0; glyph < GLYPH_COUNT; glyph++) {
        for (int i = 0; i < GLYPH_POINTS; i++) {
            char digit = picture_glyphs[glyph][i];
            float c = (float)(digit <= '9' ? digit - '0' : digit - 'a' + 10) / 15;
            templates->coverage[i][glyph] = c;
            templates->energy[glyph] += c * c;
        }
    }
}

VECTOR_CLONES
static void compare(const struct templates *templates, const float cell[GLYPH_POINTS],
                    float distance[GLYPH_LANES])
{
    for (int glyph = 0; glyph < GLYPH_LANES; glyph++)
        distance[glyph] = templates->energy[glyph];
    for (int i = 0; i < GLYPH_POINTS; i++) {
        float weight = -2 * gain * cell[i];
        for (int glyph = 0; glyph < GLYPH_LANES; glyph++)
            distance[glyph] += weight * templates->coverage[i][glyph];
    }
}

static uint32_t nearest(const struct templates *templates, const float cell[GLYPH_POINTS])
{
    float distance[GLYPH_LANES];
    int best = 0;
    compare(templates, cell, distance);
    for (int glyph = 1; glyph < GLYPH_COUNT; glyph++)
        if (distance[glyph] < distance[best])
            best = glyph;
    return (uint32_t)(GLYPH_FIRST + best);
}

void picture_paint_ascii(struct canvas *canvas, int x, int y, const struct points *points)
{
    struct style style = { colour_grey(255), colour_grey(0), 0 };
    struct templates templates;
    prepare(&templates);
    int columns = points->width / GLYPH_ACROSS, rows = points->height / GLYPH_DOWN;
    for (int at = 0; at < columns * rows; at++) {
        int column = at % columns, row = at / columns;
        const float *corner = points->values + (size_t)(row * GLYPH_DOWN) * (size_t)points->width +
                              (size_t)(column * GLYPH_ACROSS);
        float cell[GLYPH_POINTS], sum = 0;
        for (int i = 0; i < GLYPH_POINTS; i++) {
            cell[i] = corner[(size_t)(i / GLYPH_ACROSS) * (size_t)points->width +
                             (size_t)(i % GLYPH_ACROSS)];
            sum += cell[i];
        }
        uint32_t character = sum > 0 ? nearest(&templates, cell) : ' '; /* most cells are black */
        canvas_put(canvas, x + column, y + row, character, style);
    }
}
