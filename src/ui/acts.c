/* What is done to runs: from any view in which a run is meant. */
#include "app_state.h"

enum reaction acts_do(struct app *app, enum action action)
{
    (void)app, (void)action;
    return IGNORED;
}

void acts_release(struct app *app)
{
    (void)app;
}

void app_run_command(struct app *app, const char *const *words, const char *sign)
{
    (void)app, (void)words, (void)sign;
}

int app_run_in_terminal(struct app *app, const char *const *argv)
{
    (void)app, (void)argv;
    return 0;
}
