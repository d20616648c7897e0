/* Gives a fuzz target each of its seed files, as TAP. NAME_fuzz reads tests/fuzz/seeds/NAME. */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 512, SEED_LIMIT = 1 << 20 };

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Into a block of exactly the file's size, so that a sanitizer sees one byte too many. */
static bool replay(const char *path)
{
    static uint8_t bytes[SEED_LIMIT];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    bool whole = feof(file) && !ferror(file);
    fclose(file);
    uint8_t *exact = malloc(size ? size : 1);
    if (!whole || !exact) {
        free(exact);
        return false;
    }
    memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

static void print_result(int number, bool passed, const char *name)
{
    printf("%sok %d - %s\n", passed ? "" : "not ", number, name);
    fflush(stdout);
}

int main(int count, char **arguments)
{
    const char *slash = count > 0 ? strrchr(arguments[0], '/') : NULL;
    const char *target = slash ? slash + 1 : "";
    const char *suffix = strstr(target, "_fuzz");
    int length = suffix ? (int)(suffix - target) : 0;
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "tests/fuzz/seeds/%.*s", length, target);
    struct dirent **entries = NULL;
    int seeds = scandir(folder, &entries, is_visible, alphasort);
    if (seeds < 0) {
        printf("1..1\nnot ok 1 - cannot read '%s'\n", folder);
        return 1;
    }
    printf("1..%d\n", seeds + 1);
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    print_result(1, true, "nothing");
    bool all_passed = true;
    for (int i = 0; i < seeds; i++) {
        char path[2 * PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        bool passed = replay(path);
        print_result(i + 2, passed, entries[i]->d_name);
        all_passed = all_passed && passed;
        free(entries[i]);
    }
    free(entries);
    return !all_passed;
}
