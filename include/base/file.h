/* Files that survive kill -9 and a full disk: whole, or as they were.
 *
 * A file is replaced by writing `PATH.tmp-XXXXXX`, fsync, rename, fsync of the directory; whatever
 * fails removes the temporary. Lines are appended with one write each; a short write is cut back to
 * the last whole line. */
#ifndef GANDER_BASE_FILE_H
#define GANDER_BASE_FILE_H

#include <sys/types.h>

#include "base/base.h"
#include "base/memory.h"

/* The whole file in a malloc'ed block closed with a 0 byte that `size` does not count; the caller
 * frees it. ERR_NOT_FOUND, ERR_IO, or ERR_INVALID when it is larger than `limit` bytes. Pipes are
 * read to their end. */
int file_read(const char *path, size_t limit, char **data, size_t *size);

/* The same for the first `limit` bytes of a file that may be larger. */
int file_read_start(const char *path, size_t limit, char **data, size_t *size);

int file_replace(const char *path, const void *data, size_t size); /* atomic */

/* Writes a new file where nobody looks yet, as in a directory that will be renamed when it is whole.
 * Synced if `is_synced`. ERR_EXISTS when it is there. */
int file_create(const char *path, const void *data, size_t size, bool is_synced);

/* The same for what is written in pieces: after file_writer_open, _put, then _commit or _abandon. A
 * _put that fails gives up by itself, and _abandon does nothing to a writer that is done. What is
 * there and is no regular file (/dev/null) is refused with ERR_INVALID. */
struct file_writer {
    int fd;          /* -1 when closed */
    char *path;      /* final name */
    char *temporary; /* name while it grows, beside it */
};
int file_writer_open(struct file_writer *writer, const char *path);
int file_writer_put(struct file_writer *writer, const void *data, size_t size);
int file_writer_commit(struct file_writer *writer);
void file_writer_abandon(struct file_writer *writer);

/* An append-only file of lines with one writer. If the file ends in a torn line, a newline is put
 * first. */
struct line_writer {
    int fd;
    char *path;
    off_t end; /* offset after the last whole line */
};
int line_writer_open(struct line_writer *writer, const char *path);
int line_writer_put(struct line_writer *writer,
                    const char *line); /* adds the newline; whole or not at all */
void line_writer_close(struct line_writer *writer);

bool file_exists(const char *path);
bool directory_exists(const char *path);
int64_t file_size(const char *path); /* bytes; 0 if there is no such file */
/* Makes a rename in it outlast a power cut, where the file system can. */
int directory_sync(const char *path);
int make_directories(const char *path); /* like mkdir -p; 0 if it is there */
/* Removes root/name, a file or a directory with all that is in it; links are removed and not
 * followed. 0 if it is not there. ERR_IO names what could not be removed; the rest is gone. A name
 * that could mean the root itself or anything outside ("", "/", "a/../..") is ERR_INVALID. */
int remove_tree(const char *root, const char *name);
/* Bytes that it takes on disk. */
int64_t tree_bytes(const char *path);
char *path_join(struct arena *arena, const char *directory,
                const char *name); /* an absolute `name` stays itself */
char *path_absolute(struct arena *arena,
                    const char *path); /* against the working directory; need not exist */
char *
path_expand(struct arena *arena,
            const char *path); /* "~" and "~/a" with the home directory for "~", as in a shell */
const char *path_base(const char *path); /* what follows the last '/' */
/* Can it, by its letters, only mean something strictly below a directory? It is relative, and no part
 * of it is "", "." or "..". */
bool path_is_below(const char *path);

/* Names in a directory that end in `suffix` ("" for all), sorted by bytes, hidden ones left out; in
 * the arena. */
int list_directory(struct arena *arena, const char *directory, const char *suffix, char ***names,
                   int *count);

/* An OFD write lock on the whole file, made if missing (rule 2 of the design). ERR_BUSY if another
 * holds it. The descriptor in *fd holds the lock for life; close it to let go. It is closed by exec
 * until the caller clears FD_CLOEXEC, and children that inherit it hold the lock, too. */
int lock_take(const char *path, int *fd);
/* The same, but waits for its turn: for locks that are held for milliseconds. */
int lock_take_patiently(const char *path, int *fd);
/* By anybody; never takes it. False when the file is missing; true when it cannot be probed, since
 * a run that may be alive must not be taken for dead. */
bool lock_is_held(const char *path);
/* Returns when nobody holds it, or the file is missing; sleeps until then without polling.
 * ERR_CANCELLED when a signal was caught meanwhile. */
int lock_wait(const char *path);

#endif
