/* An archive coming in: read whole, into a directory beside the runs, before any of it counts. */
#define _GNU_SOURCE
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "archive_parts.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "run/interrupt.h"

enum { SHOWN = 200, IMPORT_BLOCK = 1 << 16 };

/* What libarchive says of what it read, made harmless. */
static int fail_read(struct import *import)
{
    const char *why = archive_error_string(import->reader);
    if (interrupt_signal())
        return fail(ERR_CANCELLED, "interrupted");
    return fail(ERR_INVALID, "it is damaged: %s",
                why ? text_clean(&import->arena, why, SHOWN) : "it cannot be read");
}

/* --- the entries --- */

/* What the present entry is. */
struct met {
    const char *name;
    bool is_folder;
    int64_t number;   /* of a run's file: the run … */
    const char *rest; /* … and the name in its directory */
};

/* The name of an entry without "./" before and "/" behind it, as tar programs write them; NULL for one
 * that cannot be told. */
static const char *name_of(struct import *import, struct arena *arena)
{
    const char *raw = archive_entry_pathname(import->entry);
    if (!raw) /* not in the characters of this locale */
        raw = archive_entry_pathname_utf8(import->entry);
    if (!raw)
        return NULL;
    char *name = arena_strdup(arena, raw);
    while (name[0] == '.' && (name[1] == '/' || !name[1]))
        name += 1 + (name[1] == '/');
    size_t length = strlen(name);
    while (archive_entry_filetype(import->entry) == AE_IFDIR && length > 0 &&
           name[length - 1] == '/')
        name[--length] = '\0';
    return name;
}

/* The run in "runs/42/run.json", and what follows it; 0 for other names. */
static int64_t run_of(struct arena *arena, const char *name, const char **rest)
{
    enum { DIGITS = 9 };
    if (strncmp(name, "runs/", 5) != 0)
        return 0;
    size_t length = strspn(name + 5, "0123456789");
    int64_t number = 0;
    if (name[5] == '0' || length < 1 || length > DIGITS || name[5 + length] != '/' ||
        parse_integer(arena_strndup(arena, name + 5, length), &number) < 0)
        return 0;
    *rest = name + 5 + length + 1;
    return number;
}

static int refuse(struct arena *arena, const char *name, const char *why)
{
    return fail(ERR_INVALID, "its '%s' %s", text_clean(arena, name, SHOWN), why);
}

static bool is_plain(struct archive_entry *entry)
{
    return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
           !archive_entry_symlink(entry);
}

/* Into memory. */
static int read_text(struct import *import, size_t limit, char **out, size_t *size)
{
    size_t used = 0, room = ARCHIVE_CHUNK;
    char *text = xmalloc(room + 1);
    la_ssize_t count;
    while ((count = archive_read_data(import->reader, text + used, room - used)) > 0) {
        used += (size_t)count;
        if (used == room) {
            room *= 2;
            text = xrealloc(text, room + 1, 1);
        }
        if (used > limit)
            break;
    }
    if (count < 0 || used > limit) {
        free(text);
        return count < 0 ? fail_read(import) : fail(ERR_INVALID, "it holds too much");
    }
    text[used] = '\0';
    *out = text;
    *size = used;
    return 0;
}

/* --- gander-export.json --- */

static int64_t free_bytes(const struct import *import)
{
    struct statvfs disk;
    if (statvfs(import->stage, &disk) != 0)
        return INT64_MAX;
    return (int64_t)MIN((uint64_t)disk.f_bavail * disk.f_frsize, (uint64_t)INT64_MAX);
}

static int check_space(struct import *import)
{
    int64_t space = free_bytes(import) + import->bytes;
    if (import->claimed <= space)
        return 0;
    return fail(ERR_IO, "it takes %s, and the disk of the store has only %s left",
                format_bytes(&import->arena, (double)import->claimed),
                format_bytes(&import->arena, (double)space));
}

static int read_index(struct import *import)
{
    char *text = NULL;
    size_t size = 0;
    if (import->has_index)
        return fail(ERR_INVALID, "'%s' comes twice in it", ARCHIVE_INDEX_NAME);
    int error = read_text(import, ARCHIVE_INDEX_LIMIT, &text, &size);
    if (error)
        return error;
    error = index_parse(&import->arena, &import->index, text, size);
    free(text);
    for (int i = 0; i < import->index.count && !error; i++)
        import->claimed += import->index.runs[i].bytes;
    import->has_index = !error;
    return error;
}

/* --- files --- */

/* What may still come. An archive that says late what is in it may fill half of the disk until then. */
static int check_allowed(const struct import *import, int64_t number, int64_t bytes)
{
    if (!import->has_index)
        return bytes <= import->allowed
                   ? 0
                   : fail(ERR_INVALID, "'%s' should be the first of it", ARCHIVE_INDEX_NAME);
    const struct archived_run *run = index_find(&import->index, number);
    if (!run)
        return fail(ERR_INVALID, "there is a run %lld in it that it does not name",
                    (long long)number);
    return bytes <= import->claimed ? 0 : fail(ERR_INVALID, "there is more in it than it says");
}

static int write_bytes(int fd, const char *path, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(fd, bytes + done, size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(ERR_IO, "cannot write '%s': %s", path, strerror(errno));
        done += (size_t)count;
    }
    return 0;
}

/* The next bytes of a file, 0 at its end. Holes, of which a short archive can claim any size, are not
 * what is packed. */
static int next_bytes(struct import *import, int64_t done, const void **bytes, size_t *size)
{
    la_int64_t offset = 0;
    int code = archive_read_data_block(import->reader, bytes, size, &offset);
    if (code < ARCHIVE_WARN)
        return fail_read(import);
    if (code == ARCHIVE_EOF)
        *size = 0;
    bool has_hole = code == ARCHIVE_EOF ? archive_entry_size(import->entry) != done
                                        : *size > 0 && offset != done;
    return has_hole ? fail(ERR_INVALID, "there is a file with holes in it") : 0;
}

static int copy_data(struct import *import, int64_t number, int fd, const char *path,
                     char sum[HASH_TEXT_SIZE])
{
    const void *bytes = NULL;
    size_t size = 1;
    int64_t done = 0;
    struct hash *hash = hash_new();
    int error = check_allowed(import, number, import->bytes);
    while (!error && size > 0) {
        error = next_bytes(import, done, &bytes, &size);
        if (error || size == 0)
            break;
        done += (int64_t)size;
        import->bytes += (int64_t)size;
        error = check_allowed(import, number, import->bytes);
        if (!error && interrupt_signal())
            error = fail(ERR_CANCELLED, "interrupted");
        if (!error)
            error = write_bytes(fd, path, bytes, size);
        if (!error)
            hash_add(hash, bytes, size);
    }
    hash_end(hash, sum);
    return error;
}

static int open_file(struct arena *arena, const char *path, const char *name, int *fd)
{
    const char *slash = strrchr(path, '/');
    int error = make_directories(arena_strndup(arena, path, (size_t)(slash - path)));
    if (error)
        return error;
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (*fd >= 0)
        return 0;
    return errno == EEXIST ? refuse(arena, name, "comes twice")
                           : fail(ERR_IO, "cannot make '%s': %s", path, strerror(errno));
}

static struct staged_file *add_file(struct import *import, const struct met *met)
{
    if (import->count == import->room) {
        import->room = import->room ? 2 * import->room : 256;
        import->files = xrealloc(import->files, (size_t)import->room, sizeof *import->files);
    }
    struct staged_file *file = &import->files[import->count++];
    *file = (struct staged_file){ .name = arena_strdup(&import->arena, met->name),
                                  .number = met->number };
    return file;
}

/* What is newest among checkpoints of a command is told by their times. */
static void set_time(struct archive_entry *entry, int fd)
{
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
    times[1].tv_sec = archive_entry_mtime(entry);
    times[1].tv_nsec = archive_entry_mtime_nsec(entry);
    if (archive_entry_mtime_is_set(entry))
        (void)futimens(fd, times); /* a nicety, and may make no sense */
}

static int read_file(struct import *import, struct arena *arena, const struct met *met)
{
    if (import->count >= ARCHIVE_FILES_LIMIT)
        return fail(ERR_INVALID, "it holds more than %d files", ARCHIVE_FILES_LIMIT);
    const char *path =
        arena_printf(arena, "%s/%lld/%s", import->stage, (long long)met->number, met->rest);
    struct staged_file *file = add_file(import, met);
    int fd = -1;
    int error = open_file(arena, path, met->name, &fd);
    if (error)
        return error;
    error = copy_data(import, met->number, fd, path, file->hash);
    set_time(import->entry, fd);
    if (close(fd) != 0 && !error)
        error = fail(ERR_IO, "cannot write '%s': %s", path, strerror(errno));
    return error;
}

static int read_sums(struct import *import)
{
    size_t size;
    if (import->has_sums)
        return fail(ERR_INVALID, "'%s' comes twice in it", ARCHIVE_SUMS_NAME);
    import->has_sums = true;
    return read_text(import, ARCHIVE_SUMS_LIMIT, &import->sums, &size);
}

static int meet(struct import *import, struct arena *arena, struct met *out)
{
    const char *name = name_of(import, arena);
    *out = (struct met){ .name = name };
    if (!name)
        return fail(ERR_INVALID, "there is a name in it that is no text");
    out->is_folder = archive_entry_filetype(import->entry) == AE_IFDIR;
    if (out->is_folder && (!*name || path_is_below(name)))
        return 0; /* made where a file needs it */
    out->number = run_of(arena, name, &out->rest);
    bool is_known = strcmp(name, ARCHIVE_INDEX_NAME) == 0 || strcmp(name, ARCHIVE_SUMS_NAME) == 0 ||
                    (out->number > 0 && archive_knows(out->rest));
    if (!is_known)
        return refuse(arena, name, "is nothing that 'gander export' writes");
    return is_plain(import->entry) ? 0 : refuse(arena, name, "is no plain file");
}

static int take(struct import *import, struct arena *arena, const struct met *met)
{
    if (met->is_folder)
        return 0;
    if (met->number > 0)
        return read_file(import, arena, met);
    if (strcmp(met->name, ARCHIVE_SUMS_NAME) == 0)
        return read_sums(import);
    int error = read_index(import);
    return error ? error : check_space(import);
}

/* --- all of it --- */

static int next_header(struct import *import, bool *is_end)
{
    int code = archive_read_next_header(import->reader, &import->entry);
    *is_end = code == ARCHIVE_EOF;
    return code < ARCHIVE_WARN ? fail_read(import) : 0;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct staged_file *)a)->name, ((const struct staged_file *)b)->name);
}

static int read_entries(struct import *import)
{
    enum { ENTRIES_LIMIT = 2 * ARCHIVE_FILES_LIMIT }; /* folders are entries, too */
    bool is_end = false;
    int error = 0;
    for (int entries = 0; !error; entries++) {
        struct arena arena = { 0 };
        struct met met;
        if (import->entry && (error = meet(import, &arena, &met)) == 0)
            error = take(import, &arena, &met);
        if (!error && entries > ENTRIES_LIMIT)
            error = fail(ERR_INVALID, "it holds too much");
        if (!error)
            error = next_header(import, &is_end);
        arena_release(&arena);
        if (is_end)
            break;
    }
    import->entry = NULL;
    return error;
}

/* --- is it all there --- */

/* Marks the files that a line "HASH  NAME" speaks for. */
static void check_sums(struct import *import)
{
    enum { HASH = HASH_TEXT_SIZE - 1 };
    char *rest = import->sums, *line;
    while ((line = strsep(&rest, "\n"))) {
        if (strlen(line) <= HASH + 2 || line[HASH] != ' ' || line[HASH + 1] != ' ')
            continue;
        const struct staged_file key = { .name = line + HASH + 2 };
        struct staged_file *file =
            import->count > 0
                ? bsearch(&key, import->files, (size_t)import->count, sizeof key, compare_files)
                : NULL;
        if (file && memcmp(file->hash, line, HASH) == 0)
            file->is_good = true;
    }
}

static int count_files(struct import *import)
{
    import->found = arena_alloc(&import->arena, (size_t)import->index.count, sizeof *import->found);
    for (int i = 0; i < import->count; i++) {
        const struct staged_file *file = &import->files[i];
        const struct archived_run *run = index_find(&import->index, file->number);
        if (!run)
            return fail(ERR_INVALID, "there is a run %lld in it that it does not name",
                        (long long)file->number);
        struct staged_run *found = &import->found[run - import->index.runs];
        found->files++;
        if (!file->is_good)
            found->bad = file->name;
    }
    return 0;
}

int stage_check(const struct import *import, const struct archived_run *run)
{
    const struct staged_run *found = &import->found[run - import->index.runs];
    if (found->files != run->files)
        return fail(ERR_INVALID, "%d of its %d files are there", found->files, run->files);
    if (found->bad)
        return fail(ERR_INVALID, "'%s' is not as %s says", found->bad, ARCHIVE_SUMS_NAME);
    return 0;
}

int stage_archive(struct import *import)
{
    int error = import->has_index ? check_space(import) : 0;
    import->allowed = free_bytes(import) / 2;
    if (!error)
        error = read_entries(import);
    if (!error && !import->has_index)
        error = fail(ERR_INVALID, "'%s' is missing in it", ARCHIVE_INDEX_NAME);
    if (!error && !import->has_sums)
        error = fail(ERR_INVALID, "it is not whole: '%s' is missing in it", ARCHIVE_SUMS_NAME);
    if (error)
        return error;
    if (import->count > 0)
        qsort(import->files, (size_t)import->count, sizeof *import->files, compare_files);
    check_sums(import);
    return count_files(import);
}

/* --- open --- */

/* A pipe may be silent for long, and a caught signal does not break off a read. */
static la_ssize_t get(struct archive *reader, void *context, const void **data)
{
    enum { LOOK_MS = 500 };
    struct import *import = context;
    struct pollfd input = { .fd = import->fd, .events = POLLIN };
    *data = import->block;
    for (;;) {
        int ready = poll(&input, 1, LOOK_MS);
        if (interrupt_signal()) {
            archive_set_error(reader, EINTR, "interrupted");
            return -1;
        }
        ssize_t count = ready > 0 ? read(import->fd, import->block, IMPORT_BLOCK) : -1;
        if (count >= 0)
            return count;
        if (ready != 0 && errno != EINTR) {
            archive_set_error(reader, errno, "%s", strerror(errno));
            return -1;
        }
    }
}

/* With its first entry met: what says at once that it is no archive of ours must not make a store. */
static int look_at_first(struct import *import)
{
    struct arena arena = { 0 };
    struct met met;
    int error = meet(import, &arena, &met);
    if (!error && !met.is_folder && strcmp(met.name, ARCHIVE_INDEX_NAME) == 0) {
        error = read_index(import);
        import->entry = NULL;
    }
    arena_release(&arena);
    return error ? fail_prefix("'%s'", import->path) : 0;
}

int import_open(struct import **out, const char *path)
{
    bool is_end = false, is_input = strcmp(path, "-") == 0;
    struct import *import = xcalloc(1, sizeof *import);
    import->block = xmalloc(IMPORT_BLOCK);
    import->fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    import->path = is_input ? "standard input" : arena_strdup(&import->arena, path);
    import->reader = archive_read_new();
    if (!import->reader)
        die_out_of_memory(0);
    archive_read_support_filter_gzip(import->reader);
    archive_read_support_format_tar(import->reader);
    int error = 0;
    if (import->fd < 0)
        error = fail(code_of_errno(errno), "cannot open '%s': %s", path, strerror(errno));
    else if (archive_read_open(import->reader, import, NULL, get, NULL) < ARCHIVE_WARN ||
             next_header(import, &is_end) < 0 || is_end)
        error = interrupt_signal()
                    ? ERR_CANCELLED
                    : fail(ERR_INVALID, "'%s' is no archive of 'gander export'", import->path);
    else
        error = look_at_first(import);
    if (error)
        import_close(import);
    else
        *out = import;
    return error;
}

void import_close(struct import *import)
{
    archive_read_free(import->reader);
    if (import->fd > STDIN_FILENO)
        close(import->fd);
    free(import->files);
    free(import->sums);
    free(import->block);
    arena_release(&import->arena);
    free(import);
}
