/* Shell scripts, for tests. */
#ifndef GANDER_TESTS_SHELL_H
#define GANDER_TESTS_SHELL_H

#include "base/memory.h"
#include "base/process.h"
#include "testing.h"

/* Runs a script and asserts that it succeeds. What it said, to the last newline and without it, in the
 * arena. */
static inline char *shell(struct arena *arena, const char *script)
{
    struct process_result result;
    const char *const argv[] = { "/bin/sh", "-ec", script, NULL };
    assert_int_equal(process_run(&result, &(struct process){ .argv = argv, .limit = 1 << 20 }), 0);
    if (!process_succeeded(&result))
        print_message("%s\n%s\n", script, result.output);
    assert_true(process_succeeded(&result));
    size_t length = result.size;
    if (length > 0 && result.output[length - 1] == '\n')
        length--;
    char *text = arena_strndup(arena, result.output, length);
    free(result.output);
    return text;
}

#endif
