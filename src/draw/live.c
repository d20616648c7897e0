#define _GNU_SOURCE
#include "draw/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define BEGIN_FRAME "\033[?2026h" /* a frame is shown at once, by terminals that know how */
#define END_FRAME "\033[?2026l"
#define NO_WRAP "\033[?7l"
#define WRAP "\033[?7h"
#define ERASE_LINE_END "\033[K"
#define ERASE_BELOW "\033[J"

void live_init(struct live *live)
{
    *live = (struct live){ 0 };
}

static void forget(struct live *live)
{
    for (int i = 0; i < live->count; i++)
        free(live->lines[i]);
    free(live->lines);
    free(live->line_columns);
    live->lines = NULL;
    live->line_columns = NULL;
    live->count = 0;
}

void live_release(struct live *live)
{
    forget(live);
    live_init(live);
}

/* Bytes gather in a stream over memory; finish() gives them to the caller. */
struct output {
    char *bytes;
    size_t size;
    FILE *stream;
};

static void begin(struct output *output)
{
    *output = (struct output){ 0 };
    output->stream = open_memstream(&output->bytes, &output->size);
    if (!output->stream)
        die_out_of_memory(0);
}

static char *finish(struct output *output, size_t *size)
{
    fclose(output->stream);
    *size = output->size;
    return output->bytes;
}

/* Lines that the block takes on the screen now, after what a resize did to it. */
static int lines_on_screen(const struct live *live, const struct terminal *terminal)
{
    int lines = live->count;
    if (terminal->reflows && terminal->columns < live->columns) {
        lines = 0;
        for (int i = 0; i < live->count; i++)
            lines += MAX(1, (live->line_columns[i] + terminal->columns - 1) / terminal->columns);
    }
    return MIN(lines, terminal->rows - 1); /* what is higher has scrolled out of reach */
}

static void move_up(int lines, FILE *stream)
{
    fputc('\r', stream);
    if (lines > 0)
        fprintf(stream, "\033[%dA", lines);
}

/* Blanks the block and goes to its top. Line by line, since tmux takes an erasing of the whole
 * screen for a wish to keep it in its history, where it comes back from when the screen grows. */
static void erase(const struct live *live, const struct terminal *terminal, FILE *stream)
{
    int lines = lines_on_screen(live, terminal);
    move_up(lines, stream);
    for (int i = 0; i < lines; i++)
        fputs(ERASE_LINE_END "\r\n", stream);
    fputs(ERASE_BELOW, stream);
    move_up(lines, stream);
}

static void begin_frame(struct live *live, FILE *stream)
{
    if (!live->is_cursor_hidden)
        fputs(HIDE_CURSOR, stream);
    live->is_cursor_hidden = true;
    fputs(BEGIN_FRAME, stream);
}

/* The rows of `block` as they will be on the screen. */
static void render(struct live *out, const struct canvas *block, const struct terminal *terminal)
{
    int count = MIN(block->height, terminal->rows - 1),
        width = MIN(block->width, terminal->columns);
    struct canvas cut;
    canvas_init(&cut, width, count);
    canvas_copy(&cut, 0, 0, block, (struct rect){ 0, block->height - count, width, count });
    out->count = cut.height;
    out->lines = xcalloc((size_t)MAX(out->count, 1), sizeof *out->lines);
    out->line_columns = xcalloc((size_t)MAX(out->count, 1), sizeof *out->line_columns);
    for (int i = 0; i < out->count; i++) {
        struct output line;
        size_t size;
        begin(&line);
        canvas_print_row(&cut, i, line.stream, terminal);
        out->lines[i] = finish(&line, &size);
        out->line_columns[i] = canvas_row_columns(&cut, i, terminal);
    }
    canvas_release(&cut);
    out->columns = terminal->columns;
    out->rows = terminal->rows;
}

/* From the top of the block down to the line below it. Lines that `old` has are not sent again. */
static void write_block(const struct live *block, const struct live *old, FILE *stream)
{
    fputs(NO_WRAP, stream);
    for (int i = 0; i < block->count; i++) {
        bool is_there = i < old->count && strcmp(block->lines[i], old->lines[i]) == 0;
        if (!is_there)
            fputs(block->lines[i], stream);
        if (!is_there && block->line_columns[i] < block->columns)
            fputs(ERASE_LINE_END, stream); /* in the last column it would erase that */
        fputs("\r\n", stream);
    }
    if (block->count < old->count)
        fputs(ERASE_BELOW, stream);
    fputs(WRAP, stream);
}

char *live_update(struct live *live, const struct canvas *block, const struct terminal *terminal,
                  size_t *size)
{
    static const struct live nothing;
    struct output output;
    begin(&output);
    if (!terminal->moves)
        return finish(&output, size);

    struct live next = { .is_cursor_hidden = true };
    render(&next, block, terminal);
    bool is_resized = terminal->columns != live->columns || terminal->rows != live->rows;
    begin_frame(live, output.stream);
    if (is_resized)
        erase(live, terminal, output.stream);
    else
        move_up(live->count, output.stream);
    write_block(&next, is_resized ? &nothing : live, output.stream);
    fputs(END_FRAME, output.stream);
    forget(live);
    *live = next;
    return finish(&output, size);
}

/* `text`, harmless, and a newline if it has none. */
static void write_text(const char *text, const struct terminal *terminal, FILE *stream)
{
    uint32_t character = '\n';
    while (*text) {
        char bytes[5];
        character = text_next(&text);
        bool is_control =
            character != '\n' && (character < ' ' || (character >= 0x7F && character < 0xA0));
        uint32_t shown = is_control ? '?' : character;
        shown = terminal->utf8 ? shown : (unsigned char)canvas_ascii(shown);
        int length = text_encode(shown, bytes);
        fwrite(bytes, 1, (size_t)length, stream);
    }
    if (character != '\n')
        fputc('\n', stream);
}

char *live_print_above(struct live *live, const char *text, const struct terminal *terminal,
                       size_t *size)
{
    static const struct live nothing;
    struct output output;
    begin(&output);
    bool is_over_block = terminal->moves && live->count > 0;
    if (is_over_block) {
        begin_frame(live, output.stream);
        erase(live, terminal, output.stream);
    }
    write_text(text, terminal, output.stream);
    if (is_over_block) {
        bool is_resized = terminal->columns != live->columns || terminal->rows != live->rows;
        if (is_resized)
            forget(live); /* its lines fit no longer; the next update draws new ones */
        write_block(live, &nothing, output.stream);
        fputs(END_FRAME, output.stream);
    }
    return finish(&output, size);
}

char *live_end(struct live *live, bool keep, const struct terminal *terminal, size_t *size)
{
    struct output output;
    begin(&output);
    if (!keep && live->count > 0)
        erase(live, terminal, output.stream);
    if (live->is_cursor_hidden)
        fputs(SHOW_CURSOR, output.stream);
    live_release(live);
    return finish(&output, size);
}
