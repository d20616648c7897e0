#define _GNU_SOURCE
#include "run/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/process.h"
#include "data/dataset.h"
#include "gan/engine.h"
#include "gan/game.h"
#include "run/code.h"
#include "launch_slurm.h"
#include "run/journal.h"
#include "run/resolve.h"
#include "run/queue.h"
#include "run/rundir.h"
#include "run/settings.h"
#include "run/slurm.h"
#include "run/training.h"

enum { REMARK_LIMIT = 8 };

/* --- what can be refused --- */

/* The networks must fit the recipe, the images and each other. Fills in what `out` (or NULL) says of
 * them. */
static int check_recipe(const struct recipe *recipe, struct launched *out)
{
    struct dataset *set;
    struct game game;
    if (dataset_look(&set, recipe->data.source, DATASET_TRAIN, recipe->data.count) < 0)
        return recipe_blame(recipe, "data.source");
    struct game_images images = { set->source, set->height, set->width, set->classes };
    int error = game_new(&game, recipe, &images, NULL);
    if (!error)
        game_release(&game);
    if (out) {
        out->steps = recipe->training.steps;
        out->data_count = set->count;
        out->height = set->height;
        out->width = set->width;
        out->threads = engine_threads(recipe);
    }
    dataset_close(set);
    return error;
}

/* As a shell would find it, from where the command runs. */
static int check_program(const char *program, const char *cwd)
{
    struct arena arena = { 0 };
    bool is_path = strchr(program, '/');
    bool is_there = process_exists(is_path ? path_join(&arena, cwd, program) : program);
    arena_release(&arena);
    return is_there ? 0
                    : fail(ERR_NOT_FOUND, "there is no program '%.200s'%s", program,
                           is_path ? "" : " in PATH");
}

int launch_check(struct launched *out, const struct launch *launch)
{
    *out = (struct launched){ .number = 0 };
    const char *cwd = launch->cwd ? launch->cwd : path_absolute(&out->arena, ".");
    int error = launch->name ? run_name_check(launch->name) : 0;
    if (error)
        return error;
    if (launch->recipe)
        return check_recipe(launch->recipe, out);
    bool is_in_old_code = (launch->at_parent || launch->code) && strchr(launch->command[0], '/');
    return is_in_old_code ? 0 : check_program(launch->command[0], cwd);
}

/* --- names --- */

static bool is_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/* "train" from "scripts/train.py". */
static char *stem(struct arena *arena, const char *path)
{
    char *base = arena_strdup(arena, path_base(path)), *dot = strrchr(base, '.');
    if (dot && dot > base)
        *dot = '\0';
    char *name = run_name_from(arena, base);
    return name ? name : arena_strdup(arena, "command");
}

/* How much a word looks like the script that a command is about: 2 for "train.py", 1 for any file
 * name with an ending, 0 for "0.5", "python3.11" and options. */
static int looks_like_script(const char *word)
{
    static const char *const endings[] = { "py", "sh", "bash", "R",  "r",  "jl", "pl",
                                           "rb", "js", "lua",  "ts", "go", "m",  "ipynb" };
    const char *dot = strrchr(path_base(word), '.');
    if (word[0] == '-' || strpbrk(word, " \t\n;|&$()<>") || !dot || dot == path_base(word) ||
        !is_letter(dot[1]))
        return 0;
    for (int i = 0; i < ARRAY_SIZE(endings); i++)
        if (strcmp(dot + 1, endings[i]) == 0)
            return 2;
    return 1;
}

char *launch_experiment(struct arena *arena, const char *const *command)
{
    const char *best = command[0];
    int rank = 0;
    for (int i = 0; command[i]; i++)
        if (looks_like_script(command[i]) > rank) {
            rank = looks_like_script(command[i]);
            best = command[i];
        }
    return stem(arena, best);
}

/* --- the worker --- */

static int start_worker(const struct store *store, int64_t number, int lock, int ticket, int log)
{
    struct arena arena = { 0 };
    pid_t pid;
    const int inherited[] = { lock, ticket };
    const char *const words[] = {
        "gander",
        "worker",
        "--store",
        store->path,
        "--lock",
        arena_printf(&arena, "%d", lock),
        "--ticket",
        arena_printf(&arena, "%d", ticket),
        arena_printf(&arena, "%lld", (long long)number),
        NULL,
    };
    int error = process_start(&pid, &(struct process){ .argv = words,
                                                       .program = program_path(),
                                                       .directory = "/",
                                                       .output = log,
                                                       .inherited = inherited,
                                                       .inherited_count = 2,
                                                       .is_detached = true });
    arena_release(&arena);
    return error;
}

/* The launcher holds the run's lock, and so may say the first word: from now on the run is queued,
 * and with which settings. Its worker says so again, with its pid. */
static int journal_queued(const char *directory, const char *const *settings, int setting_count)
{
    struct line_writer journal;
    struct worker_identity nobody = { .host = host_name(),
                                      .settings = settings,
                                      .setting_count = setting_count };
    int error = worker_open(&journal, directory);
    if (error)
        return error;
    error = worker_put_queued(&journal, wall_clock(), &nobody, NULL);
    line_writer_close(&journal);
    return error;
}

/* The worker inherits its place in the queue, too. */
static int start_queued(const struct store *store, int64_t number, int lock, int log)
{
    struct queue *queue = NULL;
    int error = queue_enter(&queue, store, number);
    if (!error)
        error = start_worker(store, number, lock, queue_ticket(queue), log);
    if (error)
        queue_leave(queue);
    else
        queue_pass_on(queue);
    return error;
}

static int hand_to_worker(const struct handover *hand, int lock)
{
    struct arena arena = { 0 };
    const char *directory = store_run_directory(&arena, hand->store, hand->number);
    const char *path = path_join(&arena, directory, "log.txt");
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int error = log < 0 ? fail(ERR_IO, "cannot open '%s': %s", path, strerror(errno))
                        : journal_queued(directory, hand->settings, hand->setting_count);
    if (!error)
        error = start_queued(hand->store, hand->number, lock, log);
    if (log >= 0)
        close(log);
    arena_release(&arena);
    return error;
}

static bool goes_to_slurm(enum launch_place on, bool was_job, const struct config *config)
{
    if (on == LAUNCH_AS_CONFIGURED)
        return was_job || config->launcher == LAUNCHER_SLURM;
    return on == LAUNCH_SLURM;
}

/* With the run's lock held, which a worker here inherits and which is closed here. */
static int hand_over(const struct handover *hand, int lock, enum launch_place on, bool was_job,
                     struct launch_array *array)
{
    struct config config;
    if (array) {
        int refusal = launch_array_add(array, hand, lock);
        if (refusal)
            close(lock);
        return refusal;
    }
    int error = config_read_for(&config, hand->store);
    if (!error && goes_to_slurm(on, was_job, &config))
        error = launch_submit(hand, &config);
    else if (!error)
        error = hand_to_worker(hand, lock);
    config_release(&config);
    close(lock);
    return error;
}

/* --- a new run --- */

/* What a launch gathers on its way. */
struct making {
    struct launched *out;
    const struct store *store;
    const struct launch *launch;
    const char *cwd;
    struct code_state code;
    const char *remarks[REMARK_LIMIT + 1];
    int remark_count;
};

static void remark(struct making *making, const char *sentence)
{
    if (making->remark_count < REMARK_LIMIT)
        making->remarks[making->remark_count++] = arena_strdup(&making->out->arena, sentence);
}

static void remark_on_code(struct making *making)
{
    enum { NAMED = 3 };
    struct arena *arena = &making->out->arena;
    const struct code_state *code = &making->code;
    if (code->missing)
        remark(making, code->missing);
    const char *names = "";
    for (int i = 0; i < MIN(code->left_out_count, NAMED); i++)
        names = arena_printf(arena, "%s%s'%s' (%s)", names, i > 0 ? ", " : "",
                             code->left_out[i].path, code->left_out[i].reason);
    if (code->left_out_count > 0)
        remark(making, arena_printf(arena, "not pinned with the code: %s%s", names,
                                    code->left_out_count > NAMED ? " …; see run.json" : ""));
}

static int take_parents_code(struct making *making)
{
    struct run_facts parent;
    int error = run_read_facts(&making->out->arena, &parent, making->store, making->launch->parent);
    if (error)
        return error;
    making->code = parent.code;
    if (parent.code.snapshot)
        return code_check(&(struct code_of){ making->store, parent.number, &parent.code });
    return fail(ERR_NOT_FOUND, "the code of run %lld is not pinned", (long long)parent.number);
}

static int take_given_code(struct making *making)
{
    making->code = *making->launch->code;
    return making->code.snapshot
               ? code_check(&(struct code_of){ making->store, making->out->number, &making->code })
               : 0;
}

static int find_code(struct making *making, const char *experiment)
{
    struct arena *arena = &making->out->arena;
    if (making->launch->code)
        return take_given_code(making);
    if (making->launch->at_parent)
        return take_parents_code(making);
    const char *message = arena_printf(arena, "gander: work tree of run %lld (%s)",
                                       (long long)making->out->number, experiment);
    code_snapshot(arena, &making->code, making->store, making->cwd, message);
    remark_on_code(making);
    return 0;
}

static int make_run(struct making *making, struct handover *hand, int *lock)
{
    const struct launch *launch = making->launch;
    const struct recipe *recipe = launch->recipe;
    struct launched *out = making->out;
    const char *experiment = recipe               ? recipe->experiment.name
                             : launch->experiment ? launch->experiment
                                                  : launch_experiment(&out->arena, launch->command);
    int error = store_next_number(making->store, &out->number);
    if (!error)
        error = find_code(making, experiment);
    if (!error && code_pin(making->store, &making->code, out->number) < 0) {
        remark(making, error_text());
        making->code.snapshot = NULL;
    }
    if (error)
        return error;
    struct run_birth birth = { .recipe = recipe,
                               .command = launch->command,
                               .experiment = experiment,
                               .name = launch->name,
                               .argv = launch->argv,
                               .cwd = making->cwd,
                               .created = wall_clock(),
                               .data_source = recipe ? recipe->data.source : launch->data,
                               .parent = launch->parent,
                               .seed = recipe             ? recipe->training.seed
                                       : launch->seed > 0 ? launch->seed
                                                          : -1,
                               .threads = recipe ? engine_threads(recipe) : 0,
                               .slots = launch->slots,
                               .is_pinned_place = launch->at_parent || launch->code,
                               .tensorboard = launch->tensorboard,
                               .code = &making->code,
                               .place = launch->place,
                               .tag = launch->tag };
    error = run_create(making->store, out->number, &birth, lock);
    if (error)
        code_unpin(making->store, making->code.top, out->number);
    *hand = (struct handover){ .store = making->store,
                               .number = out->number,
                               .experiment = experiment,
                               .threads = birth.threads,
                               .top = making->code.top ? making->code.top : "" };
    return error;
}

int launch_run(struct launched *out, const struct store *store, const struct launch *launch)
{
    struct making making = { .out = out, .store = store, .launch = launch };
    struct handover hand;
    int lock;
    making.cwd = launch->cwd ? launch->cwd : path_absolute(&out->arena, ".");
    int error = make_run(&making, &hand, &lock);
    if (!error) {
        error = hand_over(&hand, lock, launch->on, false, launch->array);
        if (error) {
            char *sentence = arena_strdup(&out->arena, error_text());
            launch_take_back(store, out->number, making.code.top);
            error = fail(error, "%s", sentence);
        }
    }
    const char **remarks = arena_alloc(&out->arena, REMARK_LIMIT + 1, sizeof *remarks);
    memcpy(remarks, making.remarks, sizeof making.remarks);
    out->remarks = remarks;
    return error;
}

/* --- one more attempt --- */

/* A job that Slurm has queued again, or is just starting, must not get a second one beside it. */
static int check_slurm(struct arena *arena, const struct store *store, int64_t number,
                       const char *directory)
{
    struct slurm_known known;
    if (!slurm_has_job(directory))
        return 0;
    int error = slurm_settle_here(store, true);
    if (error || !slurm_know(arena, store, number, &known))
        return error;
    if (known.trouble)
        return fail(ERR_BUSY, "run %lld is job %s, and Slurm does not say what became of it: %s",
                    (long long)number, known.id, known.trouble);
    return fail(ERR_BUSY, "run %lld is job %s already%s%s", (long long)number, known.id,
                known.job ? ", which is " : "", known.job ? known.job->word : "");
}

static int take_lock(const struct store *store, int64_t number, const char *directory, int *lock)
{
    struct arena arena = { 0 };
    int error = run_check_ours(directory, number);
    if (!error)
        error = check_slurm(&arena, store, number, directory);
    if (!error && (error = lock_take(path_join(&arena, directory, "lock"), lock)) == ERR_BUSY)
        fail(error, "run %lld is working already", (long long)number);
    if (!error && lock_is_held(path_join(&arena, directory, "command.lock"))) {
        close(*lock);
        error = fail(ERR_BUSY,
                     "run %lld has lost its worker, and its training works on alone ('gander stop "
                     "--now %lld' ends it)",
                     (long long)number, (long long)number);
    }
    arena_release(&arena);
    return error;
}

/* What a recipe's next attempt would be refused for. A run that was killed between its last step and
 * its closing line still lacks that line. */
static int check_recipe_again(struct arena *arena, const char *directory, int64_t number,
                              const struct worker_story *story, const struct worker_identity *next)
{
    struct recipe recipe;
    struct run_file newest = { .step = 0 };
    const char *const *skipped;
    int error = recipe_read(&recipe, path_join(arena, directory, "recipe.ini"), next->settings,
                            next->setting_count);
    if (!error)
        error = check_recipe(&recipe, NULL);
    if (!error)
        run_newest_checkpoint(arena, directory, -1, &newest, &skipped);
    int64_t left = recipe.training.steps - newest.step;
    recipe_release(&recipe);
    if (!error && (left < 0 || (left == 0 && story->state == RUN_FINISHED)))
        error = fail(ERR_EXISTS,
                     "run %lld has done its %lld steps (-s training.steps=N makes it go on)",
                     (long long)number, (long long)newest.step);
    return error;
}

/* Settings of earlier attempts, and the new ones. */
static void join(struct arena *arena, const struct worker_identity *before,
                 const char *const *settings, int setting_count, struct worker_identity *out)
{
    int count = before->setting_count + setting_count;
    const char **all = arena_alloc(arena, (size_t)count, sizeof *all);
    for (int i = 0; i < before->setting_count; i++)
        all[i] = before->settings[i];
    for (int i = 0; i < setting_count; i++)
        all[before->setting_count + i] = settings[i];
    *out = (struct worker_identity){ .settings = all, .setting_count = count };
}

/* `next` gets the settings of the next attempt, and the job of the last one. */
static int check_again(struct arena *arena, const struct store *store, int64_t number,
                       const char *const *settings, int setting_count, struct worker_identity *next,
                       struct handover *hand)
{
    struct run_facts facts;
    struct worker_story story = { .size = 0 };
    const char *directory = store_run_directory(arena, store, number);
    int error = run_read_facts(arena, &facts, store, number);
    if (!error)
        error = run_check_repeatable(&facts);
    if (!error)
        error = worker_read(arena, &story, directory, NULL, NULL);
    if (!error && !facts.command)
        error = training_check_settings(settings, setting_count);
    if (error)
        return error;
    join(arena, &story.worker, settings, setting_count, next);
    next->slurm = story.worker.slurm;
    *hand = (struct handover){ .store = store,
                               .number = number,
                               .experiment = facts.experiment,
                               .threads = facts.threads,
                               .settings = next->settings,
                               .setting_count = next->setting_count };
    if (!facts.command)
        return check_recipe_again(arena, directory, number, &story, next);
    if (setting_count > 0)
        return fail(ERR_INVALID, "run %lld is a command: it has no recipe to set '%.60s' in",
                    (long long)number, settings[0]);
    if (story.state == RUN_FINISHED)
        return fail(ERR_EXISTS, "run %lld has finished ('gander rerun %lld' runs it again)",
                    (long long)number, (long long)number);
    return 0;
}

static int begin_again(struct launch_array *array, const struct store *store, int64_t number,
                       const char *const *settings, int setting_count, enum launch_place on)
{
    struct arena arena = { 0 };
    struct worker_identity next;
    struct handover hand;
    int lock = -1;
    const char *directory = store_run_directory(&arena, store, number);
    int error = take_lock(store, number, directory, &lock);
    if (!error) {
        error = check_again(&arena, store, number, settings, setting_count, &next, &hand);
        if (error)
            close(lock);
    }
    if (!error && (error = store_tell_change(store, number)) < 0)
        close(lock);
    if (!error)
        error = hand_over(&hand, lock, on, next.slurm, array);
    arena_release(&arena);
    return error;
}

int launch_again(const struct store *store, int64_t number, const char *const *settings,
                 int setting_count, enum launch_place on)
{
    return begin_again(NULL, store, number, settings, setting_count, on);
}

int launch_again_in(struct launch_array *array, const struct store *store, int64_t number,
                    const char *const *settings, int setting_count)
{
    return begin_again(array, store, number, settings, setting_count, LAUNCH_SLURM);
}
