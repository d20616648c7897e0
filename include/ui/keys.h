/* Keys and what else a terminal sends: from bytes to inputs, and keys as people write them.
 *
 * The reader is pure: bytes and times go in, inputs come out. A lone ESC is a key after
 * INPUT_ESCAPE_MS; what a slow line tore apart is put together again as long as it can only be a
 * sequence. Answers of the terminal are told from keys by their form, however late they come. */
#ifndef GANDER_UI_KEYS_H
#define GANDER_UI_KEYS_H

#include "base/base.h"
#include "base/memory.h"

enum { /* beyond Unicode; control characters stand for themselves: 1 is ^A */
       KEY_ESCAPE = 27,
       KEY_TAB = 9,
       KEY_RETURN = 13,
       KEY_NAMED = 0x110000,
       KEY_ARROW_UP = KEY_NAMED,
       KEY_ARROW_DOWN,
       KEY_ARROW_LEFT,
       KEY_ARROW_RIGHT,
       KEY_SHIFT_UP,
       KEY_SHIFT_DOWN,
       KEY_SHIFT_LEFT,
       KEY_SHIFT_RIGHT,
       KEY_PAGE_UP,
       KEY_PAGE_DOWN,
       KEY_TO_HOME,
       KEY_TO_END,
       KEY_INSERT,
       KEY_DELETE,
       KEY_RUBOUT, /* backspace */
       KEY_BACK_TAB,
       KEY_F1, /* … F12 */
       KEY_LAST = KEY_F1 + 11
};

enum input_kind {
    INPUT_KEY,
    INPUT_MOUSE,
    INPUT_PASTE,  /* text that was pasted, not typed */
    INPUT_CURSOR, /* the terminal says where its cursor is: it has shown all that was sent before */
    INPUT_ATTRIBUTES, /* primary device attributes: the numbers stand in `text`, "62;4;22" */
    INPUT_GRAPHICS,   /* an answer of the Kitty protocol: "OK" or an error in `text` */
    INPUT_COLOUR,     /* an answer to OSC 10 or 11: `x` is which, `text` "rgb:ffff/ffff/ffff" */
    INPUT_CELL_SIZE   /* answer to CSI 16 t: `x` wide, `y` high, in pixels */
};

enum mouse_button { MOUSE_LEFT, MOUSE_MIDDLE, MOUSE_RIGHT, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };
enum mouse_motion { MOUSE_PRESS, MOUSE_DRAG, MOUSE_RELEASE };

struct input {
    enum input_kind kind;
    uint32_t key; /* a character, a control character or KEY_… */
    int x, y;     /* of the mouse: the cell, from 0 */
    enum mouse_button button;
    enum mouse_motion motion;
    const char *text; /* dies with the next call of the reader */
};

enum { INPUT_ESCAPE_MS = 40, INPUT_SEQUENCE_MS = 1000, INPUT_ROOM = 1 << 16 };

struct input_reader {
    char bytes[INPUT_ROOM]; /* not yet understood */
    int count;
    double since;   /* when the last byte came */
    double escaped; /* when a lone ESC was taken for a key; a torn sequence may go on after it */
    bool is_pasting;
    char *text;                        /* of the last input; owned */
    const char *const (*sequences)[2]; /* the terminal's own: bytes, key name; NULL bytes end it */
};

void input_reader_init(struct input_reader *reader);
void input_reader_release(struct input_reader *reader);

/* Adds what was read at `now` (seconds of any steady clock). What does not fit is dropped. */
void input_feed(struct input_reader *reader, const char *bytes, int count, double now);

/* The next input, or false: there is none yet. */
bool input_next(struct input_reader *reader, double now, struct input *out);

/* Milliseconds until input_next may know more without new bytes; -1: it waits for bytes. */
int input_wait_ms(const struct input_reader *reader, double now);

/* "j", "Down", "^L", "Space", "F5"; 0 for what is no key. */
uint32_t key_parse(const char *name);
/* In the arena. */
char *key_text(struct arena *arena, uint32_t key);

#endif
