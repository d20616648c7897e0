#include "base/host.h"
#include "base/version.h"
#include "cli/command.h"
#include "data/fetch.h"
#include "nn/blas.h"
#include "run/library.h"

static const struct command_option options[] = {
    { 0, "libraries", NULL, "Print those of the libraries, too.", false },
};

static enum exit_status run(struct arguments *arguments)
{
    printf("gander %s\n", GANDER_VERSION);
    if (!option_given(arguments, "libraries"))
        return STATUS_DONE;
    printf("build %s\nSQLite %s\nlibgit2 %s\nlibcurl %s\n", build_id(), library_sqlite(),
           library_git(), fetch_library());
    fflush(stdout); /* what is loaded next may crash */
    if (blas_load() < 0)
        return command_failed(arguments);
    printf("%s, kernel %s\n", blas_version(), blas_kernel());
    return STATUS_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "Print the version",
    .operands = "",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .run = run,
};
