#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "launching.h"
#include "open_run.h"
#include "run/journal.h"
#include "watch.h"

static const struct command_option options[] = {
    LAUNCH_OPTIONS,
    { 0, "at", NULL, "With the code of that run, in a checkout of it, not as it is now.", false },
    PICTURE_MODE_OPTION,
};

/* --- recipes --- */

/* What was changed when the run went on, then what is typed now. */
static int read_recipe(struct arguments *arguments, struct open_run *place, struct recipe *recipe)
{
    struct worker_story story = { .size = 0 };
    int typed_count, count = 0;
    int error = worker_read(&place->arena, &story, place->directory, NULL, NULL);
    if (error)
        return error;
    const char *const *typed = option_texts(arguments, "set", &typed_count);
    const char **settings = arena_alloc(
        &place->arena, (size_t)(story.worker.setting_count + typed_count), sizeof *settings);
    for (int i = 0; i < story.worker.setting_count; i++)
        settings[count++] = story.worker.settings[i];
    for (int i = 0; i < typed_count; i++)
        settings[count++] = typed[i];
    return recipe_read(recipe, path_join(&place->arena, place->directory, "recipe.ini"), settings,
                       count);
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

static int read_command(struct arguments *arguments, struct open_run *place,
                        const struct run_facts *facts, const char *const **command)
{
    int setting_count, count = 0, error = 0;
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    while (facts->command[count])
        count++;
    const char **words =
        arena_alloc(&place->arena, (size_t)count + 2 * (size_t)setting_count + 1, sizeof *words);
    for (int i = 0; i < count; i++)
        words[i] = facts->command[i];
    for (int i = 0; i < setting_count && !error; i++)
        error = set_argument(&place->arena, words, &count, settings[i]);
    *command = words;
    return error;
}

/* A recipe runs anywhere. A command runs where it did, or in a checkout of its code: an imported run
 * names a directory of another machine. */
static int choose_directory(const struct open_run *place, const struct run_facts *facts,
                            struct launch *launch)
{
    launch->cwd = facts->cwd;
    if (launch->at_parent || !facts->cwd || directory_exists(facts->cwd))
        return 0;
    launch->cwd = NULL;
    return !facts->command ? 0
                           : fail(ERR_NOT_FOUND,
                                  "run %lld ran in '%s', which is not here (--at runs it in a "
                                  "checkout of its code)",
                                  (long long)place->number, facts->cwd);
}

static enum exit_status rerun(struct arguments *arguments, struct open_run *place,
                              struct launch launch, enum picture_mode mode)
{
    struct run_facts facts;
    struct recipe recipe;
    int error = run_read_facts(&place->arena, &facts, &place->store, place->number);
    launch.parent = place->number;
    launch.at_parent = option_given(arguments, "at");
    launch.experiment = facts.experiment;
    launch.data = facts.data_source;
    if (!error)
        error = choose_directory(place, &facts, &launch);
    if (!error && facts.command)
        error = read_command(arguments, place, &facts, &launch.command);
    else if (!error && (error = read_recipe(arguments, place, &recipe)) == 0)
        launch.recipe = &recipe;
    if (error)
        return command_failed(arguments);
    enum exit_status status = launch_and_watch(arguments, &place->store, &launch, mode);
    if (launch.recipe)
        recipe_release(&recipe);
    return status;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct launch launch;
    enum picture_mode mode;
    if (option_picture_mode(arguments, &mode) < 0 || option_launch(arguments, &launch) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    status = rerun(arguments, &place, launch, mode);
    close_run(&place);
    return status;
}

const struct command command_rerun = {
    .name = "rerun",
    .summary = "Start a run like an earlier one",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Start a new run with the same recipe, seed included, or with the same command in the same "
        "directory. -s varies it: of a command, -s lr=1e-4 replaces the value of --lr, or adds "
        "it.\n\n"
        "The code is that of the work tree now, and pinned as usual. With --at it is the code that "
        "RUN was made with: a command starts in a checkout of it, beside which what it lacks "
        "(data, "
        "mostly) is linked from the work tree as code.link in config.ini says. The new run goes "
        "into the store of the old one.",
    .run = run,
};
