#include "open_run.h"

#include "base/error.h"
#include "run/resolve.h"

enum exit_status open_run(struct open_run *out, const struct arguments *arguments,
                          const char *operand)
{
    *out = (struct open_run){ 0 };
    int error = store_open(&out->store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = run_resolve(&out->store, operand, &out->number);
    if (!error) {
        out->directory = store_run_directory(&out->arena, &out->store, out->number);
        return STATUS_DONE;
    }
    close_run(out);
    command_failed(arguments);
    return error == ERR_NOT_FOUND ? STATUS_NO_RUN : STATUS_FAILED;
}

void close_run(struct open_run *run)
{
    store_release(&run->store);
    arena_release(&run->arena);
}
