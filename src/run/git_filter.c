/* What git stores other than as it stands in the work tree, by means that libgit2 has not: filters
 * that are programs (LFS, git-crypt) and encodings. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/text.h"
#include "git_parts.h"

static const char *attribute(git_repository *repository, const char *path, const char *name)
{
    const char *value = NULL;
    if (git_attr_get(&value, repository, GIT_ATTR_CHECK_FILE_THEN_INDEX, path, name) != 0 ||
        git_attr_value(value) != GIT_ATTR_VALUE_STRING)
        return NULL;
    return value;
}

const char *foreign_filter(struct arena *arena, git_repository *repository, const char *path)
{
    const char *filter = attribute(repository, path, "filter");
    if (filter)
        return arena_printf(arena, "the filter %s", filter);
    const char *encoding = attribute(repository, path, "working-tree-encoding");
    if (encoding && strcasecmp(encoding, "UTF-8") != 0)
        return arena_printf(arena, "the encoding %s", encoding);
    return NULL;
}

/* "oid sha256:1f…" and "size 42", as in git-lfs's specification. */
static bool parse_pointer(const char *text, char *hash, int64_t *size)
{
    static const char oid[] = "\noid sha256:", length[] = "\nsize ";
    const char *at = strstr(text, oid), *digits = strstr(text, length);
    if (!at || !digits || strlen(at) < sizeof oid - 1 + HASH_TEXT_SIZE - 1)
        return false;
    memcpy(hash, at + sizeof oid - 1, HASH_TEXT_SIZE - 1);
    hash[HASH_TEXT_SIZE - 1] = '\0';
    *size = strtoll(digits + sizeof length - 1, NULL, 10);
    return true;
}

static bool has_content(const char *path, const char *hash, int64_t size)
{
    struct stat status;
    char found[HASH_TEXT_SIZE];
    return lstat(path, &status) == 0 && status.st_size == size && hash_of_file(path, found) == 0 &&
           strcmp(found, hash) == 0;
}

bool is_as_pointed(git_repository *repository, const git_oid *pointer, const char *path)
{
    enum { POINTER_LIMIT = 1024 };
    git_blob *blob;
    char hash[HASH_TEXT_SIZE];
    int64_t size;
    if (git_blob_lookup(&blob, repository, pointer) != 0)
        return false;
    size_t length = (size_t)git_blob_rawsize(blob);
    char *text = length <= POINTER_LIMIT ? xstrndup(git_blob_rawcontent(blob), length) : NULL;
    git_blob_free(blob);
    bool is_same = text && parse_pointer(text, hash, &size) && has_content(path, hash, size);
    free(text);
    return is_same;
}
