/* Archives from elsewhere: nothing of them comes to lie anywhere but below the directory where they
 * are put together, whatever their headers say. */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/run/archive_parts.h"
#include "base/file.h"

enum { BLOCK = 512, SUM = 148, SUM_SIZE = 8, MAGIC = 257 };

/* Headers with a wrong sum are not even looked at. */
static void mend_sums(char *bytes, size_t size)
{
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        char *header = bytes + at, text[SUM_SIZE + 1];
        unsigned sum = 0;
        if (memcmp(header + MAGIC, "ustar", 5) != 0)
            continue;
        memset(header + SUM, ' ', SUM_SIZE);
        for (int i = 0; i < BLOCK; i++)
            sum += (unsigned char)header[i];
        snprintf(text, sizeof text, "%06o", sum);
        memcpy(header + SUM, text, 7);
    }
}

static void check_files(const struct import *import)
{
    for (int i = 0; i < import->count; i++)
        if (!path_is_below(import->files[i].name) || import->files[i].number < 1)
            abort();
    for (int i = 0; i < import->index.count; i++)
        if (stage_check(import, &import->index.runs[i]) == 0 && import->found[i].files < 1)
            abort();
}

static void stage(struct import *import)
{
    const char *root = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    char *directory = xasprintf("%s/gander-fuzz-XXXXXX", root);
    if (!mkdtemp(directory))
        abort();
    import->stage = directory;
    if (stage_archive(import) == 0)
        check_files(import);
    remove_tree(root, path_base(directory));
    free(directory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct import *import;
    char *copy = xcalloc(size + 1, 1);
    int file = memfd_create("archive", MFD_CLOEXEC);
    memcpy(copy, data, size);
    mend_sums(copy, size);
    if (file < 0 || write(file, copy, size) != (ssize_t)size)
        abort();
    char *path = xasprintf("/proc/self/fd/%d", file);
    if (import_open(&import, path) == 0) {
        stage(import);
        import_close(import);
    }
    close(file);
    free(path);
    free(copy);
    return 0;
}
