/* HTML and SVG as text. Names, notes and code of runs are hostile: whatever comes from outside goes
 * through html_text, and never into html_print. */
#ifndef GANDER_EXCHANGE_HTML_H
#define GANDER_EXCHANGE_HTML_H

#include "base/memory.h"
#include "exchange/table.h"

struct html {
    const struct outlet *outlet;
    int error; /* of the first write that failed; all later ones do nothing */
    struct arena arena;
};

/* Markup of our own, with values that are. */
void html_print(struct html *html, const char *format, ...) PRINTF_LIKE(2, 3);
/* Any text, as text: harmless (base/text.h), with & < > " ' as entities. NULL is nothing. */
void html_text(struct html *html, const char *text);
/* The same with its lines kept. */
void html_lines(struct html *html, const char *text);
/* <TAG>text</TAG> */
void html_element(struct html *html, const char *tag, const char *text);
void html_base64(struct html *html, const void *data, size_t size);

#endif
