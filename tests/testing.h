/* What every test file includes: cmocka, and a temporary directory to work in.
 *
 * In a test, fail() is cmocka's. The function of that name in base/error.h is declared first, since
 * the macro would spoil its declaration. */
#ifndef GANDER_TESTS_TESTING_H
#define GANDER_TESTS_TESTING_H

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

#include <cmocka.h>

/* A test that works in a temporary directory of its own, removed after it. */
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

static char scratch_home[PATH_MAX], scratch_path[PATH_MAX];

static inline int scratch_enter(void **state)
{
    const char *root = getenv("TMPDIR");
    (void)state;
    snprintf(scratch_path, sizeof scratch_path, "%s/gander-test-XXXXXX", root ? root : "/tmp");
    return getcwd(scratch_home, sizeof scratch_home) && mkdtemp(scratch_path) ? chdir(scratch_path)
                                                                              : -1;
}

static inline int scratch_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

static inline int scratch_leave(void **state)
{
    (void)state;
    int moved = chdir(scratch_home);
    return nftw(scratch_path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS) || moved;
}

#endif
