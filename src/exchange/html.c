#define _GNU_SOURCE
#include "html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void put(struct html *html, const void *data, size_t size)
{
    if (!html->error && size > 0)
        html->error = html->outlet->put(html->outlet->context, data, size);
}

void html_print(struct html *html, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        die_out_of_memory(0);
    put(html, text, (size_t)length);
    free(text);
}

static const char *entity(char letter)
{
    switch (letter) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct html *html, const char *text)
{
    struct arena arena = { 0 };
    const char *at = text ? text_clean(&arena, text, strlen(text)) : "";
    while (*at) {
        size_t plain = strcspn(at, "&<>\"'");
        put(html, at, plain);
        at += plain;
        if (*at) {
            const char *word = entity(*at++);
            put(html, word, strlen(word));
        }
    }
    arena_release(&arena);
}

void html_lines(struct html *html, const char *text)
{
    struct arena arena = { 0 };
    const char *at = text ? text : "";
    while (*at) {
        size_t length = strcspn(at, "\n");
        html_text(html, arena_strndup(&arena, at, length));
        at += length;
        if (*at == '\n') {
            html_print(html, "<br>");
            at++;
        }
    }
    arena_release(&arena);
}

void html_element(struct html *html, const char *tag, const char *text)
{
    html_print(html, "<%s>", tag);
    html_text(html, text);
    html_print(html, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void html_base64(struct html *html, const void *data, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *bytes = data;
    char *text = xmalloc((size + 2) / 3 * 4 + 1), *to = text;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        *to++ = letters[three >> 18];
        *to++ = letters[three >> 12 & 63];
        *to++ = left > 1 ? letters[three >> 6 & 63] : '=';
        *to++ = left > 2 ? letters[three & 63] : '=';
    }
    put(html, text, (size_t)(to - text));
    free(text);
}
