#include "exchanged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int exchanged_runs(struct index *index, const struct index_run *runs, int count,
                   bool has_catalogues, struct table_run **out)
{
    *out = arena_alloc(&index->arena, (size_t)count, sizeof **out);
    for (int i = 0; i < count; i++) {
        struct table_run *run = &(*out)[i];
        *run = (struct table_run){ .store = &runs[i].place->store,
                                   .number = runs[i].number,
                                   .title = runs[i].title };
        int error = has_catalogues ? index_catalogue(index, runs[i].place, &run->catalogue) : 0;
        if (error)
            return error;
    }
    return 0;
}

static int put_out(void *context, const void *data, size_t size)
{
    FILE *stream = context;
    if (fwrite(data, 1, size, stream) != size)
        return fail(ERR_IO, "cannot write to standard output");
    return 0;
}

enum { PENDING = 1 << 16 /* bytes */ };

static int put_pending(struct exchanged_text *text)
{
    size_t used = text->used;
    text->used = 0;
    return used > 0 ? file_writer_put(&text->file, text->pending, used) : 0;
}

/* Much of it comes in small pieces. */
static int put_in_file(void *context, const void *data, size_t size)
{
    struct exchanged_text *text = context;
    int error = text->used + size > PENDING ? put_pending(text) : 0;
    if (error || size > PENDING)
        return error ? error : file_writer_put(&text->file, data, size);
    memcpy(text->pending + text->used, data, size);
    text->used += size;
    return 0;
}

int exchanged_open(struct exchanged_text *text, const char *path, bool force)
{
    *text = (struct exchanged_text){ .outlet = { put_out, stdout } };
    if (!path || strcmp(path, "-") == 0)
        return 0;
    if (!force && file_exists(path))
        return fail(ERR_EXISTS, "'%s' is there already (--force replaces it)", path);
    int error = file_writer_open(&text->file, path);
    if (error)
        return error;
    text->outlet = (struct outlet){ put_in_file, text };
    text->is_file = true;
    text->pending = xmalloc(PENDING);
    return 0;
}

int exchanged_close(struct exchanged_text *text, int error)
{
    if (!text->is_file)
        return error;
    if (!error)
        error = put_pending(text);
    if (!error)
        error = file_writer_commit(&text->file);
    file_writer_abandon(&text->file);
    free(text->pending);
    return error;
}
