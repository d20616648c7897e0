#define _GNU_SOURCE
#include "ui/keys.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { ESC = 27, BELL = 7, PART = -1, SPURIOUS = -2, SEQUENCE_LIMIT = 4096 };

static const char paste_end[] = "\033[201~";

void input_reader_init(struct input_reader *reader)
{
    *reader = (struct input_reader){ .escaped = -INFINITY };
}

void input_reader_release(struct input_reader *reader)
{
    free(reader->text);
    reader->text = NULL;
}

void input_feed(struct input_reader *reader, const char *bytes, int count, double now)
{
    int room = INPUT_ROOM - reader->count;
    memcpy(reader->bytes + reader->count, bytes, (size_t)MIN(count, room));
    reader->count += MIN(count, room);
    reader->since = now;
}

static void drop(struct input_reader *reader, int count)
{
    reader->count -= count;
    memmove(reader->bytes, reader->bytes + count, (size_t)reader->count);
}

static const char *keep_text(struct input_reader *reader, const char *bytes, int count)
{
    free(reader->text);
    reader->text = xstrndup(bytes, (size_t)MAX(count, 0));
    return reader->text;
}

/* --- what stands behind ESC: each returns the bytes of the sequence, or PART --- */

/* CSI: parameters 0x30 … 0x3f, intermediates 0x20 … 0x2f, one final byte. */
static int csi_length(const char *bytes, int count)
{
    int at = 2;
    while (at < count && bytes[at] >= 0x20 && bytes[at] <= 0x3f)
        at++;
    if (at == count)
        return count > SEQUENCE_LIMIT ? SPURIOUS : PART;
    return bytes[at] >= 0x40 && bytes[at] <= 0x7e ? at + 1 : SPURIOUS;
}

/* OSC, DCS, APC, PM: until BEL (of an OSC) or ESC \. */
static int string_length(const char *bytes, int count)
{
    for (int i = 2; i < count; i++) {
        if (bytes[i] == BELL && bytes[1] == ']')
            return i + 1;
        if (bytes[i] == ESC && i + 1 < count)
            return bytes[i + 1] == '\\' ? i + 2 : SPURIOUS;
    }
    return count > SEQUENCE_LIMIT ? SPURIOUS : PART;
}

static int sequence_length(const char *bytes, int count)
{
    if (count < 2)
        return PART;
    switch (bytes[1]) {
    case '[':
        if (count > 2 && bytes[2] == '[') /* function keys of the Linux console: ESC [ [ A */
            return count > 3 ? 4 : PART;
        return csi_length(bytes, count);
    case 'O':
        return count > 2 ? 3 : PART;
    case ']':
    case 'P':
    case '_':
    case '^':
        return string_length(bytes, count);
    default:
        return SPURIOUS;
    }
}

static uint32_t shifted(uint32_t key)
{
    return key >= KEY_ARROW_UP && key <= KEY_ARROW_RIGHT ? KEY_SHIFT_UP + (key - KEY_ARROW_UP)
                                                         : key;
}

static uint32_t key_of_letter(char letter)
{
    static const char letters[] = "ABCDHFZPQRS";
    static const uint32_t keys[] = { KEY_ARROW_UP, KEY_ARROW_DOWN, KEY_ARROW_RIGHT, KEY_ARROW_LEFT,
                                     KEY_TO_HOME,  KEY_TO_END,     KEY_BACK_TAB,    KEY_F1,
                                     KEY_F1 + 1,   KEY_F1 + 2,     KEY_F1 + 3 };
    const char *at = letter ? strchr(letters, letter) : NULL;
    return at ? keys[at - letters] : 0;
}

static uint32_t key_of_number(int number)
{
    static const struct {
        int number;
        uint32_t key;
    } known[] = {
        { 1, KEY_TO_HOME }, { 2, KEY_INSERT },    { 3, KEY_DELETE },   { 4, KEY_TO_END },
        { 5, KEY_PAGE_UP }, { 6, KEY_PAGE_DOWN }, { 7, KEY_TO_HOME },  { 8, KEY_TO_END },
        { 11, KEY_F1 },     { 12, KEY_F1 + 1 },   { 13, KEY_F1 + 2 },  { 14, KEY_F1 + 3 },
        { 15, KEY_F1 + 4 }, { 17, KEY_F1 + 5 },   { 18, KEY_F1 + 6 },  { 19, KEY_F1 + 7 },
        { 20, KEY_F1 + 8 }, { 21, KEY_F1 + 9 },   { 23, KEY_F1 + 10 }, { 24, KEY_F1 + 11 }
    };
    for (int i = 0; i < ARRAY_SIZE(known); i++)
        if (known[i].number == number)
            return known[i].key;
    return 0;
}

/* CSI < buttons ; column ; row M (press, drag) or m (release) */
static bool read_mouse(const char *parameters, char final, struct input *out)
{
    int buttons, column, row;
    if (sscanf(parameters, "<%d;%d;%d", &buttons, &column, &row) != 3)
        return false;
    *out = (struct input){ .kind = INPUT_MOUSE, .x = column - 1, .y = row - 1 };
    if (buttons & 64)
        out->button = buttons & 1 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
    else
        out->button = (enum mouse_button)MIN(buttons & 3, MOUSE_RIGHT);
    out->motion = final == 'm' ? MOUSE_RELEASE : buttons & 32 ? MOUSE_DRAG : MOUSE_PRESS;
    return true;
}

/* CSI ? … c, CSI … R, CSI 6 ; h ; w t: what the terminal answers. */
static bool read_answer(struct input_reader *reader, const char *parameters, char final,
                        struct input *out)
{
    int row, column;
    if (final == 'c' && parameters[0] == '?') {
        *out = (struct input){ .kind = INPUT_ATTRIBUTES,
                               .text =
                                   keep_text(reader, parameters + 1, (int)strlen(parameters + 1)) };
        return true;
    }
    if (final == 'R' && sscanf(parameters, "%d;%d", &row, &column) == 2) {
        *out = (struct input){ .kind = INPUT_CURSOR, .x = column - 1, .y = row - 1 };
        return true;
    }
    if (final == 't' && sscanf(parameters, "6;%d;%d", &row, &column) == 2) {
        *out = (struct input){ .kind = INPUT_CELL_SIZE, .x = column, .y = row };
        return true;
    }
    return false;
}

/* A whole CSI or SS3 sequence. False for what means nothing to us. */
static bool read_key_sequence(struct input_reader *reader, const char *bytes, int length,
                              struct input *out)
{
    char parameters[SEQUENCE_LIMIT + 2], final = bytes[length - 1];
    snprintf(parameters, sizeof parameters, "%.*s", length - 3, bytes + 2);
    if (bytes[1] == '[' && (final == 'M' || final == 'm') && read_mouse(parameters, final, out))
        return true;
    if (bytes[1] == '[' && read_answer(reader, parameters, final, out))
        return true;
    int number = 0, modifier = 1;
    sscanf(parameters, "%d;%d", &number, &modifier);
    uint32_t key = final == '~' ? key_of_number(number) : key_of_letter(final);
    if (bytes[1] == '[' && bytes[2] == '[')
        key = final >= 'A' && final <= 'E' ? KEY_F1 + (uint32_t)(final - 'A') : 0;
    if (((modifier - 1) & 1) != 0)
        key = shifted(key);
    *out = (struct input){ .kind = INPUT_KEY, .key = key };
    return key != 0;
}

/* OSC 11 ; rgb:… and the answers of the Kitty protocol, APC G … */
static bool read_string(struct input_reader *reader, const char *bytes, int length,
                        struct input *out)
{
    int end = bytes[length - 1] == BELL ? length - 1 : length - 2;
    if (bytes[1] == ']') {
        int which = (int)strtol(bytes + 2, NULL, 10); /* ended by what closes the string */
        const char *value = memchr(bytes, ';', (size_t)end);
        if ((which != 10 && which != 11) || !value)
            return false;
        *out = (struct input){ .kind = INPUT_COLOUR, .x = which };
        out->text = keep_text(reader, value + 1, (int)(bytes + end - value) - 1);
        return true;
    }
    if (bytes[1] == '_' && bytes[2] == 'G') {
        const char *value = memchr(bytes, ';', (size_t)end);
        *out = (struct input){ .kind = INPUT_GRAPHICS };
        out->text = value ? keep_text(reader, value + 1, (int)(bytes + end - value) - 1) : "";
        return true;
    }
    return false;
}

/* --- what terminfo says --- */

/* The longest of the terminal's own sequences that stands here; *is_part where one begins so. */
static int own_sequence(const struct input_reader *reader, uint32_t *key, bool *is_part)
{
    int best = 0;
    *is_part = false;
    for (int i = 0; reader->sequences && reader->sequences[i][0]; i++) {
        const char *bytes = reader->sequences[i][0];
        int length = (int)strlen(bytes);
        if (memcmp(bytes, reader->bytes, (size_t)MIN(length, reader->count)) != 0)
            continue;
        if (length > reader->count) {
            *is_part = true;
        } else if (length > best) {
            best = length;
            *key = key_parse(reader->sequences[i][1]);
        }
    }
    return best;
}

/* --- putting it together --- */

/* A paste that is longer than there is room comes in parts. */
static bool take_paste(struct input_reader *reader, double now, struct input *out)
{
    enum { TORN = sizeof paste_end - 2 }; /* of the end, at most so much may stand at ours */
    const char *end = memmem(reader->bytes, (size_t)reader->count, paste_end, sizeof paste_end - 1);
    bool is_full = !end && reader->count == INPUT_ROOM;
    bool is_given_up = now - reader->since > 10.0 * INPUT_SEQUENCE_MS / 1000;
    if (!end && !is_full && !is_given_up)
        return false;
    int length = end ? (int)(end - reader->bytes) : reader->count - (is_full ? TORN : 0);
    *out = (struct input){ .kind = INPUT_PASTE };
    out->text = keep_text(reader, reader->bytes, length);
    drop(reader, length + (end ? (int)sizeof paste_end - 1 : 0));
    reader->is_pasting = is_full;
    return true;
}

static bool key_here(struct input_reader *reader, uint32_t key, int length, struct input *out)
{
    drop(reader, length);
    *out = (struct input){ .kind = INPUT_KEY, .key = key };
    return true;
}

/* ESC is there. 1: *out is filled; 0: wait; -1: something was dropped, look again. */
static int take_escape(struct input_reader *reader, double now, struct input *out)
{
    double waited = now - reader->since;
    int length = sequence_length(reader->bytes, reader->count);
    if (length == PART) {
        bool is_lone = reader->count == 1;
        if (waited < (is_lone ? INPUT_ESCAPE_MS : INPUT_SEQUENCE_MS) / 1000.0)
            return 0;
        reader->escaped = is_lone ? now : -INFINITY;
        if (!is_lone && reader->count > 2) { /* it will not be whole any more */
            drop(reader, reader->count);
            return -1;
        }
        return key_here(reader, KEY_ESCAPE, 1, out);
    }
    if (length == SPURIOUS) {
        bool is_doubled = reader->bytes[1] == ESC;
        if (!is_doubled && strchr("[O]P_^", reader->bytes[1])) {
            drop(reader, 2);
            return -1;
        }
        return key_here(reader, KEY_ESCAPE, 1, out);
    }
    bool is_string = strchr("]P_^", reader->bytes[1]) != NULL;
    if (length == 6 && memcmp(reader->bytes, "\033[200~", 6) == 0) {
        reader->is_pasting = true;
        drop(reader, length);
        return -1;
    }
    bool is_known = is_string ? read_string(reader, reader->bytes, length, out)
                              : read_key_sequence(reader, reader->bytes, length, out);
    drop(reader, length);
    return is_known ? 1 : -1;
}

/* The rest of a sequence whose ESC was taken for a key because the line was slow. */
static bool continues_escape(struct input_reader *reader, double now)
{
    enum { ROOM_FOR_ESC = 1 };
    if (reader->count < 2 || now - reader->escaped > INPUT_SEQUENCE_MS / 1000.0 ||
        (reader->bytes[0] != '[' && reader->bytes[0] != 'O') ||
        reader->count + ROOM_FOR_ESC > INPUT_ROOM)
        return false;
    reader->escaped = -INFINITY;
    memmove(reader->bytes + 1, reader->bytes, (size_t)reader->count);
    reader->bytes[0] = ESC;
    reader->count++;
    return true;
}

/* Bytes of a character of UTF-8 by its first one. */
static int character_length(unsigned char first)
{
    return first < 0x80   ? 1
           : first < 0xc2 ? 1
           : first < 0xe0 ? 2
           : first < 0xf0 ? 3
           : first < 0xf5 ? 4
                          : 1;
}

static bool take_character(struct input_reader *reader, double now, struct input *out)
{
    char text[5] = "";
    int length = character_length((unsigned char)reader->bytes[0]);
    if (length > reader->count && now - reader->since < INPUT_SEQUENCE_MS / 1000.0)
        return false;
    memcpy(text, reader->bytes, (size_t)MIN(length, reader->count));
    const char *next = text;
    uint32_t key = text_next(&next);
    if (reader->bytes[0] == 127 || reader->bytes[0] == 8)
        key = KEY_RUBOUT;
    if (key == '\n')
        key = KEY_RETURN;
    return key_here(reader, key, MAX((int)(next - text), 1), out);
}

bool input_next(struct input_reader *reader, double now, struct input *out)
{
    while (reader->count > 0) {
        uint32_t key = 0;
        bool is_part;
        if (reader->is_pasting)
            return take_paste(reader, now, out);
        continues_escape(reader, now);
        int own = own_sequence(reader, &key, &is_part);
        if (own > 0 && key)
            return key_here(reader, key, own, out);
        if (reader->bytes[0] == '\0') {
            drop(reader, 1); /* padding, as some lines send */
            continue;
        }
        if (reader->bytes[0] != ESC)
            return take_character(reader, now, out);
        int taken = take_escape(reader, now, out);
        if (taken >= 0)
            return taken;
    }
    return false;
}

int input_wait_ms(const struct input_reader *reader, double now)
{
    if (reader->count == 0)
        return -1;
    bool is_lone = reader->count == 1 && reader->bytes[0] == ESC;
    double limit = is_lone ? INPUT_ESCAPE_MS : INPUT_SEQUENCE_MS;
    if (reader->is_pasting)
        limit = 10.0 * INPUT_SEQUENCE_MS;
    return MAX(0, (int)(limit - 1000 * (now - reader->since)) + 1);
}
