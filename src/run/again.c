#include "run/again.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "run/control.h"
#include "run/journal.h"
#include "run/rundir.h"

int run_go_on(const struct store *store, int64_t number, const char *const *settings,
              int setting_count, enum launch_place on)
{
    struct run_status status;
    int error = control_wait(store, number, 0, 0, &status);
    if (error)
        return error;
    if (status.state != RUN_PAUSED || status.is_orphan)
        return launch_again(store, number, settings, setting_count, on);
    if (setting_count > 0)
        return fail(ERR_BUSY, "run %lld is paused: its values can be changed once it has stopped",
                    (long long)number);
    return control_ask(store, number, CONTROL_GO_ON, wall_clock());
}

/* --- recipes --- */

/* What was changed when the run went on, then what is wanted now. */
static int read_recipe(struct repeat *out, const char *directory, const char *const *settings,
                       int setting_count)
{
    struct worker_story story = { .size = 0 };
    int count = 0;
    int error = worker_read(&out->arena, &story, directory, NULL, NULL);
    if (error)
        return error;
    int total = story.worker.setting_count + setting_count;
    const char **all = arena_alloc(&out->arena, (size_t)total, sizeof *all);
    for (int i = 0; i < story.worker.setting_count; i++)
        all[count++] = story.worker.settings[i];
    for (int i = 0; i < setting_count; i++)
        all[count++] = settings[i];
    return recipe_read(&out->recipe, path_join(&out->arena, directory, "recipe.ini"), all, count);
}

/* --- commands --- */

/* Where "--KEY VALUE" or "--KEY=VALUE" has its value: *place is the word, the text behind *offset. */
static bool find_argument(const char *const *words, int count, const char *key, size_t length,
                          int *place, size_t *offset)
{
    for (int i = 1; i < count; i++) {
        const char *word = words[i];
        if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, key, length) != 0)
            continue;
        *offset = word[length + 2] == '=' ? length + 3 : 0;
        *place = word[length + 2] == '=' ? i : i + 1;
        if (word[length + 2] == '=' || (word[length + 2] == '\0' && i + 1 < count))
            return true;
    }
    return false;
}

/* A value that the command was not given before is put at its end. */
static int set_argument(struct arena *arena, const char **words, int *count, const char *setting)
{
    size_t length = strcspn(setting, "="), offset;
    int place;
    if (setting[length] != '=' || length == 0)
        return fail(ERR_INVALID, "--set: '%.60s' is not KEY=VALUE", setting);
    const char *value = setting + length + 1;
    if (find_argument(words, *count, setting, length, &place, &offset)) {
        words[place] = arena_printf(arena, "%.*s%s", (int)offset, words[place], value);
        return 0;
    }
    words[(*count)++] = arena_printf(arena, "--%.*s", (int)length, setting);
    words[(*count)++] = value;
    words[*count] = NULL;
    return 0;
}

static int read_command(struct repeat *out, const char *const *command, const char *const *settings,
                        int setting_count)
{
    int count = 0, error = 0;
    while (command[count])
        count++;
    const char **words =
        arena_alloc(&out->arena, (size_t)count + 2 * (size_t)setting_count + 1, sizeof *words);
    for (int i = 0; i < count; i++)
        words[i] = command[i];
    for (int i = 0; i < setting_count && !error; i++)
        error = set_argument(&out->arena, words, &count, settings[i]);
    out->launch.command = words;
    return error;
}

/* A recipe runs anywhere. A command runs where it did, or in a checkout of its code: an imported run
 * names a directory of another machine. */
static int choose_directory(int64_t number, const struct run_facts *facts, struct launch *launch)
{
    launch->cwd = facts->cwd;
    if (launch->at_parent || !facts->cwd || directory_exists(facts->cwd))
        return 0;
    launch->cwd = NULL;
    return !facts->command ? 0
                           : fail(ERR_NOT_FOUND,
                                  "run %lld ran in '%s', which is not here (--at runs it in a "
                                  "checkout of its code)",
                                  (long long)number, facts->cwd);
}

int repeat_prepare(struct repeat *out, const struct store *store, int64_t number,
                   const char *const *settings, int setting_count)
{
    struct run_facts facts;
    const char *directory = store_run_directory(&out->arena, store, number);
    int error = run_read_facts(&out->arena, &facts, store, number);
    if (!error)
        error = run_check_repeatable(&facts);
    out->launch.parent = number;
    out->launch.experiment = facts.experiment;
    out->launch.data = facts.data_source;
    out->launch.tensorboard = facts.tensorboard;
    if (!error)
        error = choose_directory(number, &facts, &out->launch);
    out->launch.seed = MAX(facts.seed, 0);
    if (!error && facts.command)
        return read_command(out, facts.command, settings, setting_count);
    if (!error)
        error = read_recipe(out, directory, settings, setting_count);
    if (!error)
        out->launch.recipe = &out->recipe;
    return error;
}

void repeat_release(struct repeat *repeat)
{
    if (repeat->launch.recipe)
        recipe_release(&repeat->recipe);
    arena_release(&repeat->arena);
    *repeat = (struct repeat){ .launch = { .recipe = NULL } };
}
