/* An archive going out. */
#define _GNU_SOURCE
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_parts.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "run/interrupt.h"

/* An archive in the making. */
struct packing {
    struct archived *out;
    const struct store *store;
    const struct archive_wish *wish;
    struct cut *cuts;
    char *packs; /* a directory for packs of code; NULL: not yet made */
    struct archive *writer;
    struct archive_entry *entry;
    struct file_writer file; /* where it goes … */
    int fd;                  /* … or -1 */
    int error;               /* of writing, whose sentence is the better one */
    char *sums;
    size_t sums_size;
    FILE *sums_stream;
};

static bool is_unwanted(const struct archive_wish *wish)
{
    return interrupt_signal() || (wish->is_unwanted && wish->is_unwanted(wish->context));
}

/* --- code --- */

static int make_pack_directory(struct packing *packing)
{
    const char *root = getenv("TMPDIR");
    char *path = xasprintf("%s/gander-export-XXXXXX", root && *root ? root : "/tmp");
    if (!mkdtemp(path)) {
        int error = fail(ERR_IO, "cannot make '%s': %s", path, strerror(errno));
        free(path);
        return error;
    }
    packing->packs = path;
    return 0;
}

/* A run before `index` that has the same code; -1: none. */
static int with_same_code(const struct packing *packing, int index)
{
    const char *snapshot = packing->cuts[index].facts.code.snapshot;
    for (int i = index - 1; i >= 0; i--)
        if (packing->cuts[i].run.has_code &&
            strcmp(packing->cuts[i].facts.code.snapshot, snapshot) == 0)
            return i;
    return -1;
}

static int pack_code(struct packing *packing, int index, const char *path)
{
    struct cut *cut = &packing->cuts[index];
    const struct code_of code = { packing->store, cut->run.number, &cut->facts.code };
    int same = cut->facts.code.snapshot ? with_same_code(packing, index) : -1;
    if (same < 0)
        return code_pack(&code, path);
    const char *before = arena_printf(&packing->out->arena, "%s/%lld.pack", packing->packs,
                                      (long long)packing->cuts[same].run.number);
    return link(before, path) == 0 ? 0 : code_pack(&code, path);
}

/* Missing code is no error (C3 of run/code.h), and said. */
static int add_code(struct packing *packing, int index)
{
    struct arena *arena = &packing->out->arena;
    struct cut *cut = &packing->cuts[index];
    if (packing->wish->without_code) {
        cut->run.code_missing = "it was left out of the archive";
        return 0;
    }
    int error = packing->packs ? 0 : make_pack_directory(packing);
    if (error)
        return error;
    const char *path =
        arena_printf(arena, "%s/%lld.pack", packing->packs, (long long)cut->run.number);
    cut->run.has_code = pack_code(packing, index, path) == 0;
    if (cut->run.has_code)
        return cut_add(arena, cut, ARCHIVE_CODE_NAME, path);
    cut->run.code_missing = arena_strdup(arena, error_text());
    packing->wish->say(packing->wish->context,
                       arena_printf(arena, "run %lld goes without its code: %s",
                                    (long long)cut->run.number, cut->run.code_missing));
    return 0;
}

/* --- where it goes --- */

static la_ssize_t put(struct archive *writer, void *context, const void *data, size_t size)
{
    struct packing *packing = context;
    (void)writer;
    packing->out->bytes += (int64_t)size;
    if (packing->fd < 0) {
        packing->error = file_writer_put(&packing->file, data, size);
        return packing->error ? -1 : (la_ssize_t)size;
    }
    for (size_t done = 0; done < size;) {
        ssize_t count = write(packing->fd, (const char *)data + done, size - done);
        if (count < 0 && errno == EINTR && !interrupt_signal())
            continue;
        if (count < 0) {
            packing->error = fail(ERR_IO, "cannot write to standard output: %s", strerror(errno));
            return -1;
        }
        done += (size_t)count;
    }
    return (la_ssize_t)size;
}

static int failed(const struct packing *packing)
{
    if (packing->error)
        return packing->error;
    return fail(ERR_IO, "cannot write the archive: %s", archive_error_string(packing->writer));
}

static int open_writer(struct packing *packing)
{
    enum { BLOCK = 1 << 16 };
    struct archive *writer = archive_write_new();
    packing->writer = writer;
    packing->entry = archive_entry_new();
    if (!writer || !packing->entry)
        die_out_of_memory(0);
    /* fast: checkpoints hardly shrink at any level */
    if (archive_write_set_format_pax(writer) < ARCHIVE_WARN ||
        archive_write_add_filter_gzip(writer) < ARCHIVE_WARN ||
        archive_write_set_options(writer, "gzip:compression-level=1") < ARCHIVE_WARN ||
        archive_write_set_bytes_per_block(writer, BLOCK) < ARCHIVE_WARN ||
        archive_write_set_bytes_in_last_block(writer, 1) < ARCHIVE_WARN ||
        archive_write_open(writer, packing, NULL, put, NULL) < ARCHIVE_WARN)
        return failed(packing);
    return 0;
}

/* --- what goes --- */

static int put_header(struct packing *packing, const char *name, int64_t size,
                      const struct timespec *modified)
{
    struct archive_entry *entry = packing->entry;
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, modified->tv_sec, modified->tv_nsec);
    return archive_write_header(packing->writer, entry) < ARCHIVE_WARN ? failed(packing) : 0;
}

static int put_text(struct packing *packing, const char *name, const char *text)
{
    const struct timespec now = { .tv_sec = (time_t)packing->wish->now };
    size_t size = strlen(text);
    int error = put_header(packing, name, (int64_t)size, &now);
    if (!error && archive_write_data(packing->writer, text, size) != (la_ssize_t)size)
        error = failed(packing);
    return error;
}

static int put_bytes(struct packing *packing, const struct cut_file *file, int fd, char *chunk,
                     struct hash *hash)
{
    for (int64_t done = 0; done < file->size;) {
        if (is_unwanted(packing->wish))
            return fail(ERR_CANCELLED, "interrupted");
        ssize_t count =
            pread(fd, chunk, (size_t)MIN(file->size - done, ARCHIVE_CHUNK), (off_t)done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(ERR_IO, "cannot read '%s': %s", file->path, strerror(errno));
        if (count == 0)
            return fail(ERR_BUSY, "'%s' became shorter while it was packed: try again", file->path);
        hash_add(hash, chunk, (size_t)count);
        if (archive_write_data(packing->writer, chunk, (size_t)count) != count)
            return failed(packing);
        done += count;
    }
    return 0;
}

static int put_file(struct packing *packing, int64_t number, const struct cut_file *file,
                    char *chunk)
{
    char sum[HASH_TEXT_SIZE];
    struct arena arena = { 0 };
    const char *name = arena_printf(&arena, "runs/%lld/%s", (long long)number, file->name);
    int fd = file->fd >= 0 ? file->fd : open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int error = fd < 0 ? fail(ERR_BUSY, "'%s' went away while it was packed (%s): try again",
                              file->path, strerror(errno))
                       : put_header(packing, name, file->size, &file->modified);
    if (!error) {
        struct hash *hash = hash_new();
        error = put_bytes(packing, file, fd, chunk, hash);
        hash_end(hash, sum);
        fprintf(packing->sums_stream, "%s  %s\n", sum, name);
    }
    if (fd >= 0 && fd != file->fd)
        close(fd);
    arena_release(&arena);
    return error;
}

/* Checkpoints last: who looks into it with tar meets the small things first. */
static int put_run(struct packing *packing, const struct cut *cut)
{
    char *chunk = xmalloc(ARCHIVE_CHUNK);
    int error = 0;
    for (int large = 0; large < 2; large++)
        for (int i = 0; i < cut->count && !error; i++) {
            bool is_large = strncmp(cut->files[i].name, "checkpoints/", 12) == 0;
            if (is_large == (large == 1))
                error = put_file(packing, cut->run.number, &cut->files[i], chunk);
        }
    free(chunk);
    return error;
}

static int put_index(struct packing *packing)
{
    char *text = index_text(&(struct archive_index){ .store = packing->store->id,
                                                     .host = host_name(),
                                                     .exported = packing->wish->now,
                                                     .runs = packing->out->runs,
                                                     .count = packing->out->count });
    int error = put_text(packing, ARCHIVE_INDEX_NAME, text);
    free(text);
    return error;
}

static int put_all(struct packing *packing)
{
    int error = open_writer(packing);
    packing->sums_stream = open_memstream(&packing->sums, &packing->sums_size);
    if (!packing->sums_stream)
        die_out_of_memory(0);
    if (!error)
        error = put_index(packing);
    for (int i = 0; i < packing->out->count && !error; i++)
        error = put_run(packing, &packing->cuts[i]);
    fclose(packing->sums_stream);
    if (!error)
        error = put_text(packing, ARCHIVE_SUMS_NAME, packing->sums);
    if (!error && archive_write_close(packing->writer) < ARCHIVE_WARN)
        error = failed(packing);
    return error;
}

/* --- all of it --- */

static int cut_all(struct packing *packing)
{
    const struct archive_wish *wish = packing->wish;
    struct archived *out = packing->out;
    packing->cuts = arena_alloc(&out->arena, (size_t)wish->count, sizeof *packing->cuts);
    out->runs = arena_alloc(&out->arena, (size_t)wish->count, sizeof *out->runs);
    int error = 0, files = 0;
    for (int i = 0; i < wish->count && !error; i++) {
        struct cut *cut = &packing->cuts[out->count++];
        if (is_unwanted(packing->wish))
            return fail(ERR_CANCELLED, "interrupted");
        error = cut_open(&out->arena, cut, packing->store, wish->numbers[i], wish);
        if (!error)
            error = add_code(packing, i);
        cut->run.files = cut->count;
        for (int f = 0; f < cut->count; f++)
            cut->run.bytes += cut->files[f].size;
        files += cut->count;
        out->runs[i] = cut->run;
    }
    if (!error && (wish->count > ARCHIVE_RUNS_LIMIT || files > ARCHIVE_FILES_LIMIT))
        error = fail(ERR_INVALID, "an archive may hold %d runs and %d files: export fewer at once",
                     ARCHIVE_RUNS_LIMIT, ARCHIVE_FILES_LIMIT);
    return error;
}

static void release(struct packing *packing)
{
    for (int i = 0; i < packing->out->count; i++)
        cut_close(&packing->cuts[i]);
    if (packing->writer && packing->error)
        archive_write_fail(packing->writer); /* not to be written to any more */
    archive_write_free(packing->writer);
    archive_entry_free(packing->entry);
    free(packing->sums);
    if (packing->packs) {
        const char *name = path_base(packing->packs);
        char *root = xstrndup(packing->packs, (size_t)(name - packing->packs));
        remove_tree(root, name);
        free(root);
        free(packing->packs);
    }
}

int archive_export(struct archived *out, const struct store *store, const struct archive_wish *wish,
                   const char *path, int fd)
{
    struct packing packing = {
        .out = out, .store = store, .wish = wish, .fd = fd, .file = { .fd = -1 }
    };
    *out = (struct archived){ .count = 0 };
    if (path)
        packing.fd = -1;
    int error = path ? file_writer_open(&packing.file, path) : 0;
    if (!error)
        error = cut_all(&packing);
    if (!error)
        error = put_all(&packing);
    if (error && !packing.error)
        packing.error = error;
    const char *why = error ? arena_strdup(&out->arena, error_text()) : NULL;
    release(&packing);
    if (error) {
        file_writer_abandon(&packing.file);
        return fail(error, "%s", why);
    }
    return path ? file_writer_commit(&packing.file) : 0;
}
