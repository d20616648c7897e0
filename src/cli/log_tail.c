#define _GNU_SOURCE
#include "log_tail.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum { CHUNK = 1 << 16, LINE_LIMIT = 1 << 16 };

off_t log_tail_offset(int fd, int lines)
{
    char chunk[CHUNK];
    struct stat status;
    off_t end = fstat(fd, &status) == 0 ? status.st_size : 0;
    int found = 0;
    for (off_t begin = end; begin > 0;) {
        off_t size = MIN(begin, CHUNK);
        begin -= size;
        if (pread(fd, chunk, (size_t)size, begin) != size)
            return 0;
        for (off_t i = size; i > 0; i--)
            /* the newline that ends the file ends its last line, and begins none */
            if (chunk[i - 1] == '\n' && begin + i < end && ++found == lines)
                return begin + i;
    }
    return 0;
}

int log_tail_print(FILE *stream, const char *directory, int lines, const char *indent)
{
    struct arena arena = { 0 };
    const char *path = path_join(&arena, directory, "log.txt");
    int fd = open(path, O_RDONLY | O_CLOEXEC), printed = 0;
    FILE *log = fd >= 0 ? fdopen(fd, "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    if (log && fseeko(log, log_tail_offset(fd, lines), SEEK_SET) == 0)
        while (printed < lines && getline(&line, &room, log) > 0) {
            line[strcspn(line, "\n")] = '\0';
            fprintf(stream, "%s%s\n", indent, text_log_line(&arena, line));
            printed++;
        }
    free(line);
    if (log)
        fclose(log);
    else if (fd >= 0)
        close(fd);
    arena_release(&arena);
    return printed;
}
