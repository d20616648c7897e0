#include "stores.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

enum exit_status index_failed(const struct arguments *arguments, int error)
{
    command_failed(arguments);
    return error == ERR_NOT_FOUND ? STATUS_NO_RUN : STATUS_FAILED;
}

static void print_remark(const void *context, const char *sentence)
{
    enum { LIMIT = 2000 };
    const struct arguments *arguments = context;
    struct arena arena = { 0 };
    fprintf(stderr, "gander %s: %s\n", arguments->command->name,
            text_clean(&arena, sentence, LIMIT));
    arena_release(&arena);
}

enum exit_status index_open(struct index *out, const struct arguments *arguments,
                            enum index_when when)
{
    struct arena arena = { 0 };
    int count = 0;
    const char **directories =
        arena_alloc(&arena, (size_t)arguments->given_count + 1, sizeof *directories);
    for (int i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].option->name, "store") == 0)
            directories[count++] = arguments->given[i].value;
    *out = (struct index){ .remark = print_remark, .context = arguments };
    int error = index_open_stores(out, directories, count, when, present_time());
    arena_release(&arena);
    return error ? index_failed(arguments, error) : STATUS_DONE;
}

enum exit_status index_resolve_all(struct index *index, const struct arguments *arguments,
                                   struct index_run **runs, int *count)
{
    int error =
        index_resolve_words(index, arguments->operands, arguments->operand_count, runs, count);
    return error ? index_failed(arguments, error) : STATUS_DONE;
}

enum exit_status index_open_runs(struct index *index, const struct arguments *arguments,
                                 struct index_run **runs, int *count)
{
    enum exit_status status = index_open(index, arguments, INDEX_LATER);
    if (status != STATUS_DONE)
        return status;
    status = index_resolve_all(index, arguments, runs, count);
    if (status != STATUS_DONE)
        index_close(index);
    return status;
}
