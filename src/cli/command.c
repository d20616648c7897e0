#include "cli/command.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

extern const struct command command_archive, command_augment, command_bisect, command_candidates,
    command_checkout, command_compare, command_complete, command_completion, command_conductor,
    command_dashboard, command_diff, command_discriminate, command_doctor, command_evaluate,
    command_export, command_fetch, command_gc, command_generate, command_help, command_import,
    command_log, command_ls, command_metrics, command_name, command_note, command_pause,
    command_plot, command_recipe, command_reindex, command_report, command_rerun, command_resume,
    command_rm, command_run, command_samples, command_settle, command_show, command_stop,
    command_sweep, command_tag, command_train, command_upscale, command_verify, command_version,
    command_wait, command_walk, command_walker, command_watch, command_worker;

/* One a line. */
/* clang-format off */
const struct command *const commands[] = {
    &command_dashboard,
    &command_run,
    &command_watch,
    &command_wait,
    &command_stop,
    &command_pause,
    &command_resume,
    &command_rerun,
    &command_sweep,
    &command_ls,
    &command_show,
    &command_log,
    &command_metrics,
    &command_samples,
    &command_plot,
    &command_compare,
    &command_diff,
    &command_checkout,
    &command_verify,
    &command_bisect,
    &command_tag,
    &command_note,
    &command_name,
    &command_archive,
    &command_rm,
    &command_gc,
    &command_export,
    &command_report,
    &command_import,
    &command_reindex,
    &command_doctor,
    &command_generate,
    &command_evaluate,
    &command_walk,
    &command_discriminate,
    &command_augment,
    &command_complete,
    &command_upscale,
    &command_recipe,
    &command_fetch,
    &command_completion,
    &command_help,
    &command_version,
    &command_worker,
    &command_settle,
    &command_train,
    &command_conductor,
    &command_walker,
    &command_candidates,
    NULL,
};
/* clang-format on */

/* What other programs call it; --help and --version do the same as the commands. */
static const struct {
    const char *spelling, *name;
} aliases[] = {
    { "--help", "help" },
    { "-h", "help" },
    { "--version", "version" },
    { "-V", "version" },
};

const struct command *command_find(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(aliases); i++)
        if (strcmp(name, aliases[i].spelling) == 0)
            name = aliases[i].name;
    const char *names[ARRAY_SIZE(commands)];
    int count = 0;
    for (; commands[count]; count++) {
        if (strcmp(commands[count]->name, name) == 0)
            return commands[count];
        names[count] = commands[count]->name;
    }
    const char *near = text_nearest(name, names, count, sizeof names[0]);
    if (near)
        fail(ERR_NOT_FOUND, "'%.60s' is not a command (did you mean '%s'?)", name, near);
    else
        fail(ERR_NOT_FOUND, "'%.60s' is not a command", name);
    return NULL;
}

static const struct command_option store_option = {
    0, "store", "DIR", "Keep runs in DIR instead of the nearest .gander directory.", false
};
static const struct command_option stores_option = {
    0, "store", "DIR", "Look into DIR instead of the nearest .gander directory.", true
};
static const struct command_option help_option = { 'h', "help", NULL, "Show this help.", false };

const struct command_option *command_option_at(const struct command *command, int index)
{
    if (index < command->option_count)
        return &command->options[index];
    index -= command->option_count;
    if (command->uses_store && index-- == 0)
        return &store_option;
    if (command->uses_stores && index-- == 0)
        return &stores_option;
    return index == 0 ? &help_option : NULL;
}
