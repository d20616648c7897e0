#include "sweeps.h"

enum exit_status sweep_show(struct arguments *arguments)
{
    return command_failed(arguments);
}

enum exit_status sweep_ls(struct arguments *arguments)
{
    return command_failed(arguments);
}
