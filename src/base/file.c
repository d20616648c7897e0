#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static int fail_open(const char *path)
{
    return fail(code_of_errno(errno), "cannot open '%s': %s", path, strerror(errno));
}

static int fail_write(const char *path)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    return fail(ERR_IO, "cannot write '%s': %s%s", path, strerror(errno),
                full ? "; free some space and try again" : "");
}

/* One read, tried again when a signal cuts in. */
static ssize_t read_some(int fd, void *out, size_t size)
{
    for (;;) {
        ssize_t count = read(fd, out, size);
        if (count >= 0 || errno != EINTR)
            return count;
    }
}

static int fail_too_large(const char *path, size_t limit)
{
    return fail(ERR_INVALID, "'%s' is larger than the %zu bytes it may have", path, limit);
}

/* `expected` is what the file system says; pipes and files of /proc have more. */
static int read_all(int fd, const char *path, size_t limit, size_t expected, char **data,
                    size_t *size)
{
    size_t used = 0, room = MIN(expected, limit);
    char *bytes = xmalloc(room + 2); /* one byte to meet the end of the file, one for the 0 */
    ssize_t count;
    while ((count = read_some(fd, bytes + used, room + 1 - used)) > 0) {
        used += (size_t)count;
        if (used > limit)
            break;
        if (used > room) {
            room = MIN(2 * room, limit);
            bytes = xrealloc(bytes, room + 2, 1);
        }
    }
    int error = count < 0      ? fail(ERR_IO, "cannot read '%s': %s", path, strerror(errno))
                : used > limit ? fail_too_large(path, limit)
                               : 0;
    if (error) {
        free(bytes);
        return error;
    }
    bytes[used] = '\0';
    *data = bytes;
    *size = used;
    return 0;
}

int file_read(const char *path, size_t limit, char **data, size_t *size)
{
    enum { SMALL = 4096 };
    struct stat status = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC), error;
    if (fd < 0)
        return fail_open(path);
    limit = MIN(limit, SIZE_MAX / 4);
    off_t expected = fstat(fd, &status) == 0 ? status.st_size : 0;
    if (S_ISREG(status.st_mode) && (uintmax_t)expected > limit)
        error = fail_too_large(path, limit);
    else
        error = read_all(fd, path, limit, (size_t)MAX(expected, SMALL), data, size);
    close(fd);
    return error;
}

int file_read_start(const char *path, size_t limit, char **data, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_open(path);
    char *bytes = xmalloc(limit + 1);
    size_t used = 0;
    ssize_t count;
    while (used < limit && (count = read_some(fd, bytes + used, limit - used)) != 0) {
        if (count < 0) {
            int error = fail(ERR_IO, "cannot read '%s': %s", path, strerror(errno));
            free(bytes);
            close(fd);
            return error;
        }
        used += (size_t)count;
    }
    close(fd);
    bytes[used] = '\0';
    *data = bytes;
    *size = used;
    return 0;
}

static int write_all(int fd, const char *path, const void *data, size_t size)
{
    const char *next = data;
    while (size > 0) {
        ssize_t count = write(fd, next, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_write(path);
        next += count;
        size -= (size_t)count;
    }
    return 0;
}

int file_replace(const char *path, const void *data, size_t size)
{
    struct file_writer writer;
    int error = file_writer_open(&writer, path);
    if (!error)
        error = file_writer_put(&writer, data, size);
    return error ? error : file_writer_commit(&writer);
}

int file_create(const char *path, const void *data, size_t size, bool is_synced)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno == EEXIST ? fail(ERR_EXISTS, "'%s' is there already", path) : fail_open(path);
    int error = write_all(fd, path, data, size);
    if (!error && is_synced && fsync(fd) != 0)
        error = fail_write(path);
    if (close(fd) != 0 && !error)
        error = fail_write(path);
    if (error)
        unlink(path);
    return error;
}

/* Creates "PATH.tmp-XXXXXX". Not mkstemp, whose files are private whatever the umask says. */
static int create_temporary(const char *path, char **name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    enum { ATTEMPTS = 100, DIGITS = 6 };
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        unsigned char random[DIGITS];
        if (getrandom(random, sizeof random, 0) != DIGITS)
            return -1;
        char suffix[DIGITS + 1] = "";
        for (int i = 0; i < DIGITS; i++)
            suffix[i] = letters[random[i] % 32];
        *name = xasprintf("%s.tmp-%s", path, suffix);
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        int error = errno;
        free(*name);
        errno = error;
        if (error != EEXIST)
            return -1;
    }
    return -1;
}

/* Where a new `path` belongs, malloc'ed: behind its symbolic link, if it is one. NULL, with a
 * sentence, for what must not be renamed over, such as /dev/null; `mode` is that of the old file,
 * or 0. */
static char *final_name(const char *path, mode_t *mode)
{
    struct stat status;
    *mode = 0;
    if (stat(path, &status) != 0)
        return xstrdup(path);
    if (!S_ISREG(status.st_mode)) {
        fail(ERR_INVALID, "cannot replace '%s': not a regular file", path);
        return NULL;
    }
    *mode = status.st_mode & 0777;
    char *target = NULL;
    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
        target = realpath(path, NULL);
    return target ? target : xstrdup(path);
}

int file_writer_open(struct file_writer *writer, const char *path)
{
    mode_t mode;
    *writer = (struct file_writer){ .fd = -1 };
    char *final = final_name(path, &mode);
    if (!final)
        return ERR_INVALID;
    char *temporary;
    int fd = create_temporary(final, &temporary);
    if (fd < 0) {
        int error = code_of_errno(errno) == ERR_NOT_FOUND ? fail_open(path) : fail_write(path);
        free(final);
        return error;
    }
    if (mode)
        (void)fchmod(fd, mode); /* a nicety: file systems without modes refuse it */
    *writer = (struct file_writer){ .fd = fd, .path = final, .temporary = temporary };
    return 0;
}

static void release(struct file_writer *writer)
{
    free(writer->path);
    free(writer->temporary);
    *writer = (struct file_writer){ .fd = -1 };
}

int file_writer_put(struct file_writer *writer, const void *data, size_t size)
{
    if (writer->fd < 0)
        return fail(ERR_IO, "cannot write: the file was given up");
    int error = write_all(writer->fd, writer->path, data, size);
    if (error)
        file_writer_abandon(writer);
    return error;
}

int directory_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0; /* a directory one may write but not list */
    int error = fsync(fd) != 0 && errno != EINVAL && errno != EROFS ? fail_write(path) : 0;
    close(fd);
    return error;
}

static int sync_directory_of(const char *path)
{
    char *directory = xstrndup(path, (size_t)(path_base(path) - path));
    int error = directory_sync(*directory ? directory : ".");
    free(directory);
    return error;
}

static int sync_close_rename(struct file_writer *writer)
{
    if (fsync(writer->fd) != 0)
        return fail_write(writer->path);
    int closed = close(writer->fd); /* some network file systems tell of a full disk only here */
    writer->fd = -1;
    if (closed != 0 || rename(writer->temporary, writer->path) != 0)
        return fail_write(writer->path);
    return 0;
}

int file_writer_commit(struct file_writer *writer)
{
    if (writer->fd < 0)
        return fail(ERR_IO, "cannot write: the file was given up");
    int error = sync_close_rename(writer);
    if (error) {
        file_writer_abandon(writer);
        return error;
    }
    error = sync_directory_of(writer->path);
    release(writer);
    return error;
}

void file_writer_abandon(struct file_writer *writer)
{
    if (!writer->temporary)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    unlink(writer->temporary);
    release(writer);
}

/* True when the file has bytes after its last newline. */
static bool ends_torn(int fd, off_t size)
{
    char last;
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int line_writer_open(struct line_writer *writer, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail_open(path);
    *writer = (struct line_writer){ .fd = fd, .path = xstrdup(path) };
    if (fstat(fd, &status) == 0)
        writer->end = status.st_size;
    int error = ends_torn(fd, writer->end) ? line_writer_put(writer, "") : 0;
    if (error)
        line_writer_close(writer);
    return error;
}

/* Cuts off the `done` bytes of a line that did not fit; not where somebody else has appended since,
 * against the rule. */
static void cut_back(struct line_writer *writer, size_t done)
{
    struct stat status;
    if (done == 0)
        return;
    if (fstat(writer->fd, &status) != 0 || status.st_size != writer->end + (off_t)done ||
        ftruncate(writer->fd, writer->end) != 0)
        fail_prefix("half a line stays in '%s'", writer->path);
}

/* Appends in one write, so that a reader never meets half a line of a disk with room. A disk that
 * takes a part is asked for the rest, to learn its reason; if it refuses, the part is cut off. */
int line_writer_put(struct line_writer *writer, const char *line)
{
    size_t length = strlen(line) + 1, done = 0;
    char *text = xasprintf("%s\n", line);
    int error = 0;
    while (done < length && !error) {
        ssize_t count = write(writer->fd, text + done, length - done);
        if (count >= 0)
            done += (size_t)count;
        else if (errno != EINTR)
            error = fail_write(writer->path);
    }
    free(text);
    if (error)
        cut_back(writer, done);
    else
        writer->end += (off_t)length;
    return error;
}

void line_writer_close(struct line_writer *writer)
{
    if (writer->path)
        close(writer->fd);
    free(writer->path);
    *writer = (struct line_writer){ .fd = -1 };
}
