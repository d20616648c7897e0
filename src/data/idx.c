#include "data/idx.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum {
    TYPE_BYTE = 8,
    CHUNK = 1 << 30,     /* bytes: zlib counts in 32 bits */
    DEFLATE_GAIN = 1032, /* bytes that one byte of deflate can become, at most */
};
static const size_t file_limit = INT_MAX; /* bytes */

/* The content of a file, inflated while it is taken. */
struct content {
    const char *name;
    const uint8_t *next; /* of the file as it is */
    size_t left;
    bool gzip, ended;
    z_stream zlib;
};

static int content_open(struct content *content, const void *data, size_t size, const char *name)
{
    *content = (struct content){ .name = name, .next = data, .left = size };
    content->gzip = size >= 2 && content->next[0] == 0x1F && content->next[1] == 0x8B;
    if (content->gzip && inflateInit2(&content->zlib, MAX_WBITS + 16) != Z_OK)
        return fail(ERR_BUG, "zlib cannot start");
    return 0;
}

static void content_close(struct content *content)
{
    if (content->gzip)
        inflateEnd(&content->zlib);
}

/* One call of inflate. Returns the bytes written, or an error. */
static int64_t inflate_some(struct content *content, uint8_t *out, size_t size)
{
    z_stream *zlib = &content->zlib;
    zlib->next_in = content->next;
    zlib->avail_in = (uInt)MIN(content->left, CHUNK);
    zlib->next_out = out;
    zlib->avail_out = (uInt)MIN(size, CHUNK);
    int result = inflate(zlib, Z_NO_FLUSH);
    content->left -= (size_t)(zlib->next_in - content->next);
    content->next = zlib->next_in;
    bool another = result == Z_STREAM_END && content->left >= 2 && content->next[0] == 0x1F &&
                   content->next[1] == 0x8B; /* gzip members may follow one another */
    content->ended = result == Z_STREAM_END && !another;
    if (another)
        result = inflateReset(zlib);
    if (result == Z_OK || result == Z_STREAM_END)
        return zlib->next_out - out;
    if (result == Z_BUF_ERROR)
        return fail(ERR_INVALID, "'%s' is cut short in its gzip data; get it again", content->name);
    return fail(ERR_INVALID, "'%s' is damaged: %s; get it again", content->name,
                zlib->msg ? zlib->msg : "its gzip data does not inflate");
}

/* Takes `size` bytes of the content, fewer at its end. Returns how many, or an error. */
static int64_t take(struct content *content, uint8_t *out, size_t size)
{
    if (!content->gzip) {
        size_t got = MIN(size, content->left);
        memcpy(out, content->next, got);
        content->next += got;
        content->left -= got;
        return (int64_t)got;
    }
    size_t got = 0;
    while (got < size && !content->ended) {
        int64_t more = inflate_some(content, out + got, size - got);
        if (more < 0)
            return more;
        got += (size_t)more;
    }
    return (int64_t)got;
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Takes and checks the header: sizes that are positive, within bounds, and whose product is what
 * memory and file can hold. */
static int parse_header(struct content *content, int dimensions, struct idx *out)
{
    const char *name = content->name;
    uint8_t header[16];
    int64_t size = 4 + 4 * dimensions, got = take(content, header, (size_t)size);
    if (got < 0)
        return (int)got;
    if (got < size)
        return fail(ERR_INVALID, "'%s' is cut short: %d bytes, less than an IDX header", name,
                    (int)got);
    if (header[0] || header[1])
        return fail(ERR_INVALID, "'%s' is not an IDX file: it begins with 0x%08X", name,
                    big_endian(header));
    if (header[2] != TYPE_BYTE)
        return fail(ERR_INVALID, "'%s' holds values of IDX type 0x%02X; only bytes (0x08) are read",
                    name, header[2]);
    if (header[3] != dimensions)
        return fail(ERR_INVALID, "'%s' has %d dimensions where %s have %d", name, header[3],
                    dimensions == 3 ? "images" : "labels", dimensions);
    uint32_t count = big_endian(header + 4);
    uint32_t height = dimensions == 3 ? big_endian(header + 8) : 1;
    uint32_t width = dimensions == 3 ? big_endian(header + 12) : 1;
    if (height < 1 || height > DATASET_SIDE_LIMIT || width < 1 || width > DATASET_SIDE_LIMIT)
        return fail(ERR_INVALID, "'%s' has images of %ux%u pixels; 1x1 to %dx%d can be read", name,
                    width, height, DATASET_SIDE_LIMIT, DATASET_SIDE_LIMIT);
    if (count < 1 || count > INT_MAX / (height * width))
        return fail(ERR_INVALID, "'%s' promises %u %s; 1 to %u can be read", name, count,
                    dimensions == 3 ? "images" : "labels", INT_MAX / (height * width));
    *out = (struct idx){ .count = (int)count, .height = (int)height, .width = (int)width };
    return 0;
}

static int parse_bytes(struct content *content, struct idx *out)
{
    size_t size = (size_t)out->count * (size_t)out->height * (size_t)out->width;
    if (content->gzip && size / DEFLATE_GAIN > content->left + 64)
        return fail(ERR_INVALID,
                    "'%s' promises %zu bytes (%d of %dx%d), more than its %zu bytes of gzip data "
                    "can become; get it again",
                    content->name, size, out->count, out->width, out->height, content->left);
    size_t room = content->gzip ? size : MIN(size, content->left);
    out->bytes = xmalloc(room + 1); /* no more than is there, whatever the header says */
    int64_t got = take(content, out->bytes, room);
    if (got < 0)
        return (int)got;
    if ((size_t)got < size)
        return fail(ERR_INVALID,
                    "'%s' is cut short: its header promises %zu bytes (%d of %dx%d), and %lld "
                    "follow; get it again",
                    content->name, size, out->count, out->width, out->height, (long long)got);
    uint8_t beyond; /* taking it also checks gzip's check sum */
    got = take(content, &beyond, 1);
    if (got < 0)
        return (int)got;
    if (got > 0 || content->left > 0)
        return fail(ERR_INVALID,
                    "'%s' has bytes after the %zu that its header promises (%d of %dx%d)",
                    content->name, size, out->count, out->width, out->height);
    return 0;
}

int idx_parse(struct idx *out, const void *data, size_t size, int dimensions, const char *name)
{
    *out = (struct idx){ 0 };
    struct content content;
    int status = content_open(&content, data, size, name);
    if (status < 0)
        return status;
    status = parse_header(&content, dimensions, out);
    if (status == 0)
        status = parse_bytes(&content, out);
    content_close(&content);
    if (status < 0) {
        free(out->bytes);
        out->bytes = NULL;
    }
    return status;
}

/* The path of a part's "images" or "labels", or NULL when there is none. */
static char *find(struct arena *arena, const char *directory, enum dataset_part part,
                  int dimensions)
{
    static const char *const endings[] = { "", ".gz" };
    for (int i = 0; i < 4; i++) {
        const char *name = arena_printf(
            arena, "%s-%s%cidx%d-ubyte%s", part == DATASET_TRAIN ? "train" : "t10k",
            dimensions == 3 ? "images" : "labels", "-."[i / 2], dimensions, endings[i % 2]);
        char *path = path_join(arena, directory, name);
        if (file_exists(path))
            return path;
    }
    return NULL;
}

bool idx_holds(const char *directory, enum dataset_part part)
{
    struct arena arena = { 0 };
    bool found = find(&arena, directory, part, 3) != NULL;
    arena_release(&arena);
    return found;
}

static int read_idx(struct idx *out, const char *path, int dimensions)
{
    char *data;
    size_t size;
    int status = file_read(path, file_limit, &data, &size);
    if (status < 0)
        return status;
    status = idx_parse(out, data, size, dimensions, path);
    free(data);
    return status;
}

static int load_labels(struct dataset *set, const char *path, const char *images)
{
    struct idx labels;
    int status = read_idx(&labels, path, 1);
    if (status < 0)
        return status;
    set->labels = labels.bytes;
    if (labels.count != set->count)
        return fail(ERR_INVALID, "'%s' has %d labels for the %d images of '%s'", path, labels.count,
                    set->count, path_base(images));
    for (int i = 0; i < set->count; i++)
        set->classes = MAX(set->classes, set->labels[i] + 1);
    return 0;
}

static int look_at_header(struct idx *out, const char *path)
{
    enum { ENOUGH = 4096 };
    struct content content;
    char *data;
    size_t size;
    int status = file_read_start(path, ENOUGH, &data, &size);
    if (status < 0)
        return status;
    status = content_open(&content, data, size, path);
    if (status == 0) {
        status = parse_header(&content, 3, out);
        content_close(&content);
    }
    free(data);
    return status;
}

int idx_look(struct dataset *set, const char *directory, enum dataset_part part)
{
    struct arena arena = { 0 };
    const char *path = find(&arena, directory, part, 3);
    const char *labels_path = find(&arena, directory, part, 1);
    struct idx images = { 0 };
    int status = path ? look_at_header(&images, path)
                      : fail(ERR_NOT_FOUND, "no IDX images in '%s'", directory);
    set->count = images.count;
    set->height = images.height;
    set->width = images.width;
    if (status == 0 && labels_path)
        status = load_labels(set, labels_path, path);
    free(set->labels);
    set->labels = NULL;
    arena_release(&arena);
    return status;
}

int idx_load(struct dataset *set, const char *directory, enum dataset_part part)
{
    struct arena arena = { 0 };
    const char *path = find(&arena, directory, part, 3);
    const char *labels_path = find(&arena, directory, part, 1);
    struct idx images = { 0 };
    int status =
        path ? read_idx(&images, path, 3) : fail(ERR_NOT_FOUND, "no IDX images in '%s'", directory);
    if (status == 0) {
        set->count = images.count;
        set->height = images.height;
        set->width = images.width;
        set->pixels = images.bytes;
    }
    if (status == 0 && labels_path)
        status = load_labels(set, labels_path, path);
    arena_release(&arena);
    return status;
}

static void put_big_endian(uint8_t *at, int number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

int idx_write(const struct idx *idx, int dimensions, const char *path)
{
    const int sizes[] = { idx->count, idx->height, idx->width };
    size_t values = (size_t)idx->count, header = 4 + 4 * (size_t)dimensions;
    if (dimensions == 3)
        values *= (size_t)idx->height * (size_t)idx->width;
    uint8_t *bytes = xcalloc(header + values, 1);
    bytes[2] = TYPE_BYTE;
    bytes[3] = (uint8_t)dimensions;
    for (int i = 0; i < MIN(dimensions, ARRAY_SIZE(sizes)); i++)
        put_big_endian(bytes + 4 + 4 * i, sizes[i]);
    memcpy(bytes + header, idx->bytes, values);
    int error = file_create(path, bytes, header + values, true);
    free(bytes);
    return error;
}
