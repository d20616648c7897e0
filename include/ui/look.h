/* How the dashboard looks on this terminal: characters, pictures, colours by what they mean. */
#ifndef GANDER_UI_LOOK_H
#define GANDER_UI_LOOK_H

#include "base/base.h"
#include "draw/chart.h"
#include "draw/picture.h"
#include "draw/terminal.h"

enum role {
    ROLE_TEXT,
    ROLE_DIM,    /* what matters less */
    ROLE_TITLE,  /* of the screen, of a pane */
    ROLE_FRAME,  /* lines between panes */
    ROLE_CURSOR, /* the row that the cursor is on, in the pane that has the keys … */
    ROLE_SHADOW, /* … and in one that has not */
    ROLE_MARKED, /* rows that are marked */
    ROLE_KEY,    /* a key at the foot */
    ROLE_GOOD,
    ROLE_WARNING,
    ROLE_BAD,
    ROLE_LINK,  /* commits, files: what leads somewhere */
    ROLE_ADDED, /* lines of a diff */
    ROLE_REMOVED,
    ROLE_HUNK,
    ROLE_FOUND, /* what was searched for */
    ROLE_INPUT, /* where one types */
    ROLE_COUNT
};

struct look {
    struct terminal terminal;
    bool is_light;              /* the terminal's background, as far as it is known */
    enum chart_glyphs glyphs;   /* never AUTO */
    enum picture_mode pictures; /* never AUTO */
};

struct style look_style(const struct look *look, enum role role);

#endif
