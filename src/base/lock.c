#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

/* Readers ask with F_RDLCK, so that they see who holds the lock and not each other. */
static bool is_locked(int fd)
{
    struct flock whole_file = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_OFD_GETLK, &whole_file) != 0 || whole_file.l_type != F_UNLCK;
}

/* Takes the lock of an open file. Whoever waits for its end (lock_wait) has it shared for a moment
 * then, and is no reason to give up. */
static int take(int fd)
{
    enum { ATTEMPTS = 200 };
    struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    for (int attempt = 0;; attempt++) {
        if (fcntl(fd, F_OFD_SETLK, &whole_file) == 0)
            return 0;
        int error = errno;
        bool is_refused = error == EAGAIN || error == EACCES;
        if (!is_refused || is_locked(fd) || attempt == ATTEMPTS)
            return error;
        pause_ms(1);
    }
}

int lock_take(const char *path, int *fd)
{
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0)
        return fail(code_of_errno(errno), "cannot open lock '%s': %s", path, strerror(errno));
    int error = take(lock);
    if (error == 0) {
        *fd = lock;
        return 0;
    }
    close(lock);
    if (error == EAGAIN || error == EACCES)
        return fail(ERR_BUSY, "'%s' is held by another process", path);
    return fail(ERR_IO, "cannot lock '%s': %s", path, strerror(error));
}

int lock_take_patiently(const char *path, int *fd)
{
    struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0)
        return fail(code_of_errno(errno), "cannot open lock '%s': %s", path, strerror(errno));
    while (fcntl(lock, F_OFD_SETLKW, &whole_file) != 0)
        if (errno != EINTR) {
            int error = errno;
            close(lock);
            return fail(ERR_IO, "cannot lock '%s': %s", path, strerror(error));
        }
    *fd = lock;
    return 0;
}

bool lock_is_held(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return code_of_errno(errno) != ERR_NOT_FOUND;
    bool held = is_locked(fd);
    close(fd);
    return held;
}

int lock_wait(const char *path)
{
    struct flock whole_file = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return code_of_errno(errno) == ERR_NOT_FOUND
                   ? 0
                   : fail(ERR_IO, "cannot open lock '%s': %s", path, strerror(errno));
    int error = fcntl(fd, F_OFD_SETLKW, &whole_file) == 0 ? 0 : errno;
    close(fd);
    if (error == EINTR)
        return fail(ERR_CANCELLED, "interrupted");
    return error ? fail(ERR_IO, "cannot wait for lock '%s': %s", path, strerror(error)) : 0;
}
