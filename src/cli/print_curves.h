/* Curves of runs as charts on standard output: what plot and compare draw. */
#ifndef GANDER_CLI_PRINT_CURVES_H
#define GANDER_CLI_PRINT_CURVES_H

#include "cli/command.h"
#include "draw/picture.h"
#include "show/curves.h"

struct chart_wish {
    struct curve_wish curves;
    enum chart_glyphs glyphs;   /* not AUTO */
    enum picture_mode pictures; /* what goes with them; AUTO where nothing was said */
    int rows;
};

#define CURVE_OPTIONS                                                                              \
    { 0, "by", "AXIS", "Draw over step, epoch, time (hours of work) or clock.", false },           \
        { 0, "smooth", "W", "Smooth curves, from 0 (not) to 0.999.", false },                      \
        { 0, "log", NULL, "A logarithmic axis of values.", false },                                \
        { 0, "outliers", NULL, "Show all values, not only the middle 99 %.", false },              \
        { 0, "from", "STEP", "Begin at this step.", false },                                       \
        { 0, "to", "STEP", "End at this step.", false },                                           \
    {                                                                                              \
        0, "as", "MODE", "Draw with auto, ascii, half, quadrant or braille.", false                \
    }

/* From these options and the terminal of standard output. */
int option_curves(const struct arguments *arguments, struct chart_wish *wish);

/* The chart of curves that were read; nothing is printed where all are empty. */
void curves_print(struct index *index, const char *title, const struct curve *curves, int count,
                  const struct chart_wish *wish);

#endif
