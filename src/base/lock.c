#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

int lock_take(const char *path, int *fd)
{
    struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0)
        return fail(code_of_errno(errno), "cannot open lock '%s': %s", path, strerror(errno));
    if (fcntl(lock, F_OFD_SETLK, &whole_file) == 0) {
        *fd = lock;
        return 0;
    }
    int error = errno;
    close(lock);
    if (error == EAGAIN || error == EACCES)
        return fail(ERR_BUSY, "'%s' is held by another process", path);
    return fail(ERR_IO, "cannot lock '%s': %s", path, strerror(error));
}

bool lock_is_held(const char *path)
{
    struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return code_of_errno(errno) != ERR_NOT_FOUND;
    bool probed = fcntl(fd, F_OFD_GETLK, &whole_file) == 0;
    close(fd);
    return !probed || whole_file.l_type != F_UNLCK;
}
