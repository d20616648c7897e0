#define _GNU_SOURCE
#include "csv_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

void csv_open(struct csv_reader *reader, FILE *file)
{
    *reader = (struct csv_reader){ .file = file };
}

void csv_release(struct csv_reader *reader)
{
    free(reader->text);
    reader->text = NULL;
}

static int put(struct csv_reader *reader, char letter)
{
    if (reader->used == CSV_ROW_BYTES)
        return fail(ERR_INVALID, "row %lld is longer than %d bytes", (long long)reader->row,
                    CSV_ROW_BYTES);
    if (reader->used == reader->room) {
        reader->room = reader->room ? 2 * reader->room : 4096;
        reader->text = xrealloc(reader->text, reader->room, 1);
    }
    reader->text[reader->used++] = letter;
    return 0;
}

static int begin_field(struct csv_reader *reader)
{
    if (reader->count == CSV_FIELDS)
        return fail(ERR_INVALID, "row %lld has more than %d fields", (long long)reader->row,
                    CSV_FIELDS);
    reader->starts[reader->count++] = reader->used;
    return 0;
}

/* What stands between the fields of the first line; a byte order mark is passed over. */
static int find_separator(struct csv_reader *reader)
{
    static const char candidates[] = ",;\t";
    int seen[sizeof candidates] = { 0 };
    char line[CSV_FIELDS];
    size_t length = 0;
    int letter;
    bool is_quoted = false;
    while (length < sizeof line && (letter = getc(reader->file)) != EOF && letter != '\n') {
        line[length++] = (char)letter;
        is_quoted = is_quoted != (letter == '"');
        const char *candidate = letter ? strchr(candidates, letter) : NULL;
        if (candidate && !is_quoted)
            seen[candidate - candidates]++;
    }
    int best = seen[1] > seen[0] ? 1 : 0;
    best = seen[2] > seen[best] ? 2 : best;
    reader->separator = candidates[best];
    size_t skip = length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (fseeko(reader->file, (off_t)skip, SEEK_SET) != 0)
        return fail(ERR_IO, "cannot read: %s", strerror(errno));
    return 0;
}

/* A field that begins with a quote ends with one; two stand for one. */
static int read_quoted(struct csv_reader *reader)
{
    int letter, error = 0;
    while (!error && (letter = getc(reader->file)) != EOF) {
        if (letter == '"') {
            int next = getc(reader->file);
            if (next != '"') {
                ungetc(next, reader->file);
                return 0;
            }
        }
        error = put(reader, (char)letter);
    }
    return error;
}

/* Up to the separator or the end of the line, which is returned; EOF at the end of the file. */
static int read_field(struct csv_reader *reader, int *error)
{
    int letter = getc(reader->file);
    *error = begin_field(reader);
    if (letter == '"' && !*error) {
        *error = read_quoted(reader);
        letter = getc(reader->file);
    }
    while (!*error && letter != EOF && letter != '\n' && letter != reader->separator) {
        *error = put(reader, (char)letter);
        letter = getc(reader->file);
    }
    if (!*error && letter != reader->separator && reader->used > 0 &&
        reader->text[reader->used - 1] == '\r')
        reader->used--;
    if (!*error)
        *error = put(reader, '\0');
    return letter;
}

int csv_next(struct csv_reader *reader)
{
    int error = reader->row == 0 ? find_separator(reader) : 0;
    int letter = 0;
    while (!error && letter != EOF) {
        reader->row++;
        reader->used = 0;
        reader->count = 0;
        do
            letter = read_field(reader, &error);
        while (!error && letter == reader->separator);
        if (!error && (reader->count > 1 || reader->text[0]))
            return 1;
    }
    if (!error && ferror(reader->file))
        error = fail(ERR_IO, "cannot read: %s", strerror(errno));
    return error;
}

const char *csv_field_at(const struct csv_reader *reader, int field)
{
    return field >= 0 && field < reader->count ? reader->text + reader->starts[field] : "";
}
