/* Curves as a picture in SVG that takes its colours from the page around it: class "c0" … of a line
 * and its band, currentColor for axes. */
#ifndef GANDER_EXCHANGE_SVG_CHART_H
#define GANDER_EXCHANGE_SVG_CHART_H

#include "html.h"
#include "run/catalogue.h"

enum { SVG_COLOURS = 8, SVG_POINTS = 240 /* of a curve, at most */ };

struct svg_curve {
    struct series series;
    int colour;        /* 0 … SVG_COLOURS - 1 */
    const char *title; /* of its line, for who points at it; any text */
};

/* Nothing where no curve has a finite value. A value that is not finite breaks the line. */
void svg_chart(struct html *html, const char *title, const struct svg_curve *curves, int count);

#endif
