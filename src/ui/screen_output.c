#define _GNU_SOURCE
#include "screen_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { ESCAPE = 27 };
/* Of a blank only these are seen: underlined, blinking, reversed, struck out. */
static const unsigned seen_on_blanks = 1U << 4 | 1U << 5 | 1U << 7 | 1U << 9;
static const struct output_colour own_colour = { "9" };

void screen_output_init(struct screen_output *output)
{
    *output = (struct screen_output){ .meant = { own_colour, own_colour, .letters = 'B' } };
    output->sent = output->meant;
}

void screen_output_release(struct screen_output *output)
{
    free(output->bytes);
    *output = (struct screen_output){ .size = 0 };
}

static void put(struct screen_output *output, const char *bytes, size_t size)
{
    if (output->size + size > output->room) {
        output->room = MAX(2 * output->room, output->size + size + (1 << 14));
        output->bytes = xrealloc(output->bytes, output->room, 1);
    }
    memcpy(output->bytes + output->size, bytes, size);
    output->size += size;
}

/* --- colours --- */

/* In SGR bright colours are 9N and 10N, which stand here as "b" and N. */
static void append_colour(char *text, size_t room, const struct output_colour *colour,
                          bool is_background)
{
    const char *number = colour->text;
    size_t used = strlen(text);
    const char *separator = used > 0 ? ";" : "";
    if (number[0] == 'b')
        snprintf(text + used, room - used, "%s%s%s", separator, is_background ? "10" : "9",
                 number + 1);
    else
        snprintf(text + used, room - used, "%s%c%s", separator, is_background ? '4' : '3', number);
}

static void append_number(char *text, size_t room, int number)
{
    size_t used = strlen(text);
    snprintf(text + used, room - used, "%s%d", used > 0 ? ";" : "", number);
}

static bool is_same(const struct output_colour *a, const struct output_colour *b)
{
    return strcmp(a->text, b->text) == 0;
}

enum { NEEDS_FOREGROUND = 1, NEEDS_BACKGROUND = 2 };

/* Brings the terminal to a style, as far as it is needed. What it has too much of goes only with all
 * of it. */
static void send_style(struct screen_output *output, const struct output_style *style,
                       unsigned needs)
{
    char text[3 * OUTPUT_COLOUR] = "", whole[4 * OUTPUT_COLOUR];
    struct output_style *sent = &output->sent;
    if (sent->letters != style->letters)
        put(output, (const char[]){ ESCAPE, '(', style->letters }, 3);
    sent->letters = style->letters;
    if (sent->attributes & ~style->attributes) {
        append_number(text, sizeof text, 0);
        sent->attributes = 0;
        sent->foreground = own_colour;
        sent->background = own_colour;
    }
    for (int i = 1; i < 10; i++)
        if ((style->attributes & ~sent->attributes) >> i & 1)
            append_number(text, sizeof text, i);
    sent->attributes = style->attributes;
    if ((needs & NEEDS_FOREGROUND) && !is_same(&sent->foreground, &style->foreground)) {
        append_colour(text, sizeof text, &style->foreground, false);
        sent->foreground = style->foreground;
    }
    if ((needs & NEEDS_BACKGROUND) && !is_same(&sent->background, &style->background)) {
        append_colour(text, sizeof text, &style->background, true);
        sent->background = style->background;
    }
    if (text[0])
        put(output, whole, (size_t)snprintf(whole, sizeof whole, "\033[%sm", text));
}

static void send_all(struct screen_output *output)
{
    send_style(output, &output->meant, NEEDS_FOREGROUND | NEEDS_BACKGROUND);
}

/* What a blank, or what is erased, needs: attributes only where they are seen or would be. */
static void send_for_blank(struct screen_output *output)
{
    struct output_style style = output->meant;
    bool is_plain = ((output->sent.attributes | style.attributes) & seen_on_blanks) == 0;
    if (is_plain)
        style.attributes = output->sent.attributes;
    send_style(output, &style, is_plain ? NEEDS_BACKGROUND : NEEDS_FOREGROUND | NEEDS_BACKGROUND);
}

/* --- half blocks --- */

static const char upper_half[] = "\xe2\x96\x80", lower_half[] = "\xe2\x96\x84";

/* Bytes of colours, if the terminal has to have these. */
static size_t cost(const struct output_style *sent, const struct output_colour *foreground,
                   const struct output_colour *background)
{
    size_t bytes = is_same(&sent->foreground, foreground) ? 0 : strlen(foreground->text) + 2;
    return bytes + (is_same(&sent->background, background) ? 0 : strlen(background->text) + 2);
}

/* A colour of one's own is another one as foreground and as background. */
static bool may_turn(const struct output_style *style)
{
    return style->attributes == 0 && !is_same(&style->foreground, &own_colour) &&
           !is_same(&style->background, &own_colour);
}

static void put_half(struct screen_output *output, const char *half)
{
    const struct output_style *meant = &output->meant, *sent = &output->sent;
    struct output_style turned = { .letters = meant->letters };
    bool turns = may_turn(meant) && cost(sent, &meant->background, &meant->foreground) <
                                        cost(sent, &meant->foreground, &meant->background);
    if (turns) {
        turned.foreground = meant->background;
        turned.background = meant->foreground;
        half = half == upper_half ? lower_half : upper_half;
    }
    send_style(output, turns ? &turned : meant, NEEDS_FOREGROUND | NEEDS_BACKGROUND);
    put(output, half, sizeof upper_half - 1);
}

/* --- what curses asks for --- */

/* The colour behind 3, 4, 9 or 10 at `at`, with its parts if it is 8; returns where it ends. */
static const char *take_colour(const char *at, const char *end, struct output_colour *colour,
                               bool is_bright)
{
    const char *from = at;
    bool has_parts = !is_bright && *at == '8';
    int parts = has_parts && end - at > 2 ? (at[2] == '5' ? 2 : 4) : 0;
    while (at < end && *at != 'm') {
        if (*at == ';' && parts-- == 0)
            break;
        at++;
    }
    snprintf(colour->text, sizeof colour->text, "%s%.*s", is_bright ? "b" : "",
             (int)MIN(at - from, OUTPUT_COLOUR - 2), from);
    return at;
}

static void take_number(struct output_style *style, int number)
{
    if (number == 0) {
        style->attributes = 0;
        style->foreground = own_colour;
        style->background = own_colour;
    } else if (number < 10) {
        style->attributes |= 1U << number;
    } else if (number == 22) {
        style->attributes &= ~(1U << 1 | 1U << 2);
    } else if (number > 22 && number < 30) {
        style->attributes &= ~(1U << (number - 20));
    }
}

/* "\033[38;5;240;1m" */
static void take_style(struct screen_output *output, const char *text, size_t size)
{
    struct output_style *meant = &output->meant;
    const char *at = text + 2, *end = text + size - 1;
    if (at == end)
        take_number(meant, 0);
    while (at < end) {
        char *rest;
        int number = (int)strtol(at, &rest, 10);
        bool is_bright = (number >= 90 && number < 98) || (number >= 100 && number < 108);
        bool is_colour = is_bright || (number >= 30 && number < 50);
        bool is_background = number >= 100 || (number >= 40 && number < 50);
        if (is_colour)
            at = take_colour(at + (number >= 100 ? 2 : 1), end,
                             is_background ? &meant->background : &meant->foreground, is_bright);
        else
            take_number(meant, number), at = rest;
        at += at < end; /* the semicolon */
    }
}

static void take_control(struct screen_output *output, const char *text, size_t size)
{
    char what = text[size - 1];
    bool is_private = size > 2 && strchr("?><=", text[2]) != NULL;
    if (what == 'm' && !is_private) {
        take_style(output, text, size);
        return;
    }
    if (strchr("JKXPLMST@", what))
        send_for_blank(output);
    else if (!strchr("HfABCDGdb", what))
        send_all(output);
    put(output, text, size);
}

static void take_whole(struct screen_output *output, const char *text, size_t size)
{
    if (size > 2 && text[0] == ESCAPE && text[1] == '[')
        take_control(output, text, size);
    else if (size == 3 && text[0] == ESCAPE && text[1] == '(')
        output->meant.letters = text[2];
    else if (size == 3 && memcmp(text, upper_half, 3) == 0)
        put_half(output, upper_half);
    else if (size == 3 && memcmp(text, lower_half, 3) == 0)
        put_half(output, lower_half);
    else {
        bool is_move = size == 1 && strchr("\r\b", text[0]);
        if (text[0] == ' ' || text[0] == '\n')
            send_for_blank(output);
        else if (!is_move)
            send_all(output);
        put(output, text, size);
    }
}

/* How long what begins here is; 0: it is not whole. */
static size_t whole(const char *text, size_t size)
{
    unsigned char first = (unsigned char)text[0];
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (first == ESCAPE && size >= 2 && text[1] == '[') {
        for (size_t at = 2; at < size; at++)
            if (text[at] >= '@' && text[at] <= '~')
                return at + 1;
        return 0;
    }
    if (first == ESCAPE)
        length = size >= 2 && strchr("()*+", text[1]) ? 3 : 2;
    return size >= length ? length : 0;
}

void screen_output_frame(struct screen_output *output, const char *bytes, size_t size)
{
    output->size = 0;
    while (size > 0) {
        size_t length = whole(bytes, size);
        length = length > 0 ? length : size; /* torn: a frame ends with what is whole */
        take_whole(output, bytes, length);
        bytes += length;
        size -= length;
    }
    send_all(output);
}
