#include "ui/look.h"

/* Colours of the terminal's own theme, so that they suit its background. Blue and orange or yellow
 * stand against each other where good and bad do, since most people who confuse colours confuse red
 * and green; and each has a word or a sign beside it. */
struct style look_style(const struct look *look, enum role role)
{
    enum { RED = 1, GREEN = 2, YELLOW = 3, BLUE = 4, MAGENTA = 5, CYAN = 6 };
    static const struct style styles[ROLE_COUNT] = {
        [ROLE_DIM] = { .attributes = STYLE_DIM },
        [ROLE_TITLE] = { .attributes = STYLE_BOLD },
        [ROLE_FRAME] = { .attributes = STYLE_DIM },
        [ROLE_CURSOR] = { .attributes = STYLE_REVERSE },
        [ROLE_SHADOW] = { .attributes = STYLE_BOLD | STYLE_UNDERLINE },
        [ROLE_MARKED] = { .foreground = COLOUR_TAG_ANSI | YELLOW, .attributes = STYLE_BOLD },
        [ROLE_KEY] = { .foreground = COLOUR_TAG_ANSI | CYAN, .attributes = STYLE_BOLD },
        [ROLE_GOOD] = { .foreground = COLOUR_TAG_ANSI | GREEN },
        [ROLE_WARNING] = { .foreground = COLOUR_TAG_ANSI | YELLOW },
        [ROLE_BAD] = { .foreground = COLOUR_TAG_ANSI | RED, .attributes = STYLE_BOLD },
        [ROLE_LINK] = { .foreground = COLOUR_TAG_ANSI | YELLOW },
        [ROLE_ADDED] = { .foreground = COLOUR_TAG_ANSI | GREEN },
        [ROLE_REMOVED] = { .foreground = COLOUR_TAG_ANSI | RED },
        [ROLE_HUNK] = { .foreground = COLOUR_TAG_ANSI | CYAN },
        [ROLE_FOUND] = { .attributes = STYLE_REVERSE | STYLE_BOLD },
        [ROLE_INPUT] = { .attributes = STYLE_UNDERLINE },
    };
    /* cyan, yellow and green of most themes are too pale on a light background */
    static const uint8_t darker[ROLE_COUNT] = {
        [ROLE_MARKED] = 130,  [ROLE_KEY] = 25,      [ROLE_GOOD] = 28,
        [ROLE_WARNING] = 130, [ROLE_BAD] = 160,     [ROLE_LINK] = 94,
        [ROLE_ADDED] = 28,    [ROLE_REMOVED] = 124, [ROLE_HUNK] = 31,
    };
    struct style style = styles[role];
    bool has_fixed = look->terminal.colours >= COLOUR_256;
    if (!look->is_light)
        return style;
    if (has_fixed && darker[role])
        style.foreground = colour_fixed(darker[role]);
    /* a dim text on a light background is too pale to be read in many themes */
    if (style.attributes & STYLE_DIM) {
        style.attributes &= ~(uint32_t)STYLE_DIM;
        style.foreground = has_fixed ? colour_fixed(242) : COLOUR_DEFAULT;
    }
    return style;
}
