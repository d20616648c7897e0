/* What is run at a commit, and the runs that do it. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "bisect.h"
#include "outcome.h"

enum { CANNOT_TEST = 125, MOST_LAUNCHES = 2, RECIPE_LIMIT = 1 << 16 };

static const char seed_word[] = "{seed}";

struct bisect_run {
    int64_t number, seed;
    const char *snapshot, *key, *build;
    bool is_recipe;
};

/* --- commands --- */

static int word_count(const char *const *words)
{
    int count = 0;
    while (words && words[count])
        count++;
    return count;
}

/* The command with "{seed}" for the value of --seed; *seed is that, -1 where it has none. */
static const char *const *template_of(struct arena *arena, const char *const *words, int64_t *seed)
{
    static const char option[] = "--seed";
    size_t length = sizeof option - 1;
    int count = word_count(words);
    const char **out = arena_alloc(arena, (size_t)count + 1, sizeof *out);
    *seed = -1;
    for (int i = 0; i < count; i++) {
        bool is_value = i > 0 && strcmp(words[i - 1], option) == 0;
        bool is_both = strncmp(words[i], option, length) == 0 && words[i][length] == '=';
        const char *text = is_both ? words[i] + length + 1 : words[i];
        out[i] = words[i];
        if ((is_value || is_both) && i > 0 && parse_integer(text, seed) == 0)
            out[i] = is_both ? arena_printf(arena, "%s=%s", option, seed_word) : seed_word;
    }
    return out;
}

static bool is_same_command(const char *const *a, const char *const *b)
{
    int i = 0;
    while (a[i] && b[i] && strcmp(a[i], b[i]) == 0)
        i++;
    return !a[i] && !b[i];
}

static const char *with_seed(struct arena *arena, const char *word, int64_t seed)
{
    const char *text = "", *at = word, *found;
    while ((found = strstr(at, seed_word))) {
        text = arena_printf(arena, "%s%.*s%lld", text, (int)(found - at), at, (long long)seed);
        at = found + sizeof seed_word - 1;
    }
    return at == word ? word : arena_printf(arena, "%s%s", text, at);
}

/* What does not build is said as git bisect run wants it: by status 125. */
static const char *const *command_for(const struct bisect *bisect, struct arena *arena,
                                      int64_t seed)
{
    int count = word_count(bisect->template), at = 0;
    const char **words = arena_alloc(arena, (size_t)count + 5, sizeof *words);
    if (bisect->plan.build) {
        words[at++] = "sh";
        words[at++] = "-c";
        words[at++] = arena_printf(arena, "sh -c \"$0\" || exit %d; exec \"$@\"", CANNOT_TEST);
        words[at++] = bisect->plan.build;
    }
    for (int i = 0; i < count; i++)
        words[at++] = with_seed(arena, bisect->template[i], seed);
    return words;
}

static const char *command_key(struct arena *arena, const char *const *words, const char *cwd)
{
    const char *text = cwd ? cwd : "";
    for (; *words; words++)
        text = arena_printf(arena, "%s\n%s", text, *words);
    return text;
}

/* --- recipes --- */

/* The recipe at a commit, with a seed. Release it in any case. */
static int read_recipe(const struct bisect *bisect, const char *commit, int64_t seed,
                       struct recipe *out)
{
    struct arena arena = { 0 };
    char *text;
    size_t size;
    const char *top = bisect->bad.code.top, *path = bisect->recipe_path;
    const char *file = path_join(&arena, top, path);
    const char **settings =
        arena_alloc(&arena, (size_t)bisect->setting_count + 1, sizeof *settings);
    for (int i = 0; i < bisect->setting_count; i++)
        settings[i] = bisect->settings[i];
    settings[bisect->setting_count] = arena_printf(&arena, "training.seed=%lld", (long long)seed);
    *out = (struct recipe){ .training = { .seed = 0 } };
    int error = code_file(&arena, top, commit, path, RECIPE_LIMIT, &text, &size);
    if (!error) {
        const char *directory = arena_strndup(&arena, file, (size_t)(path_base(file) - file));
        error =
            recipe_parse_in(out, text, size, path, directory, settings, bisect->setting_count + 1);
    }
    arena_release(&arena);
    return error;
}

static const char *recipe_key(struct arena *arena, const struct recipe *recipe)
{
    char hash[HASH_TEXT_SIZE];
    const char *text = recipe_text(arena, recipe);
    hash_of(text, strlen(text), hash);
    return arena_strdup(arena, hash);
}

/* A word of the command line as a path from the top of the work tree; NULL: it is none. */
static const char *path_in_tree(struct arena *arena, const struct run_facts *facts,
                                const char *word)
{
    const char *top = facts->code.top;
    size_t length = strlen(top);
    char *whole = realpath(path_join(arena, facts->cwd ? facts->cwd : top, word), NULL);
    const char *path =
        whole ? arena_strdup(arena, whole) : path_join(arena, facts->cwd ? facts->cwd : top, word);
    free(whole);
    while (strncmp(word, "./", 2) == 0)
        word += 2;
    if (strncmp(path, top, length) == 0 && path[length] == '/')
        return path + length + 1;
    return NULL;
}

/* From "gander run -s training.rate=1e-3 experiments/digits.ini": path and settings. */
static int find_recipe(struct bisect *bisect)
{
    const struct run_facts *bad = &bisect->bad;
    int count = word_count(bad->argv);
    const char **settings = arena_alloc(bisect->arena, (size_t)count + 1, sizeof *settings);
    for (int i = 1; i < count; i++) {
        const char *word = bad->argv[i];
        bool is_set = strcmp(word, "-s") == 0 || strcmp(word, "--set") == 0;
        char *text;
        size_t size;
        if (is_set && i + 1 < count) {
            settings[bisect->setting_count++] = bad->argv[++i];
        } else if (strncmp(word, "--set=", 6) == 0) {
            settings[bisect->setting_count++] = word + 6;
        } else if (word[0] != '-' && !bisect->recipe_path) {
            const char *path = path_in_tree(bisect->arena, bad, word);
            if (path && code_file(bisect->arena, bad->code.top, bad->code.snapshot, path,
                                  RECIPE_LIMIT, &text, &size) == 0)
                bisect->recipe_path = path;
        }
    }
    bisect->settings = settings;
    return bisect->recipe_path
               ? 0
               : fail(ERR_INVALID,
                      "the recipe of run %lld is not in the repository, and for the built-in "
                      "trainer nothing but the recipe or the build of gander can make it worse",
                      (long long)bad->number);
}

/* Where both ends have one recipe, its commits are innocent. */
static int check_recipes(const struct bisect *bisect)
{
    struct arena arena = { 0 };
    struct recipe good, bad;
    int error = read_recipe(bisect, bisect->before.id, 1, &good);
    if (error)
        return error;
    error = read_recipe(bisect, bisect->tried[bisect->count - 1].id, 1, &bad);
    bool is_same = !error && strcmp(recipe_key(&arena, &good), recipe_key(&arena, &bad)) == 0;
    if (!error)
        recipe_release(&bad);
    recipe_release(&good);
    arena_release(&arena);
    const char *builds[] = { bisect->good.build ? bisect->good.build : "?",
                             bisect->bad.build ? bisect->bad.build : "?" };
    if (is_same && strcmp(builds[0], builds[1]) != 0)
        return fail(ERR_INVALID,
                    "'%s' is the same at both ends: only the build of gander can have made it "
                    "worse, which was %.12s for run %lld and %.12s for run %lld",
                    bisect->recipe_path, builds[0], (long long)bisect->plan.good, builds[1],
                    (long long)bisect->plan.bad);
    if (is_same)
        return fail(ERR_INVALID,
                    "'%s' is the same at both ends, and so is the build of gander: for the "
                    "built-in trainer nothing else can make it worse",
                    bisect->recipe_path);
    return error;
}

/* --- runs that are there --- */

static void note_run(struct bisect *bisect, const struct run_facts *facts)
{
    if (bisect->run_count == bisect->run_room) {
        bisect->run_room = bisect->run_room ? 2 * bisect->run_room : 64;
        bisect->runs = xrealloc(bisect->runs, (size_t)bisect->run_room, sizeof *bisect->runs);
    }
    struct arena *arena = bisect->arena;
    const char *snapshot = facts->code.snapshot;
    bisect->runs[bisect->run_count++] = (struct bisect_run){
        .number = facts->number,
        .seed = facts->seed,
        .snapshot = snapshot ? arena_strdup(arena, snapshot) : "",
        .key = facts->command ? command_key(arena, facts->command, facts->cwd)
                              : arena_strdup(arena, facts->recipe_hash ? facts->recipe_hash : ""),
        .build = facts->build ? arena_strdup(arena, facts->build) : "",
        .is_recipe = !facts->command,
    };
}

static int read_runs(struct bisect *bisect)
{
    int64_t *numbers;
    int count;
    int error = store_runs(&bisect->store, &numbers, &count);
    for (int i = 0; !error && i < count; i++) {
        struct arena scratch = { 0 };
        struct run_facts facts;
        if (numbers[i] > bisect->seen &&
            run_read_facts(&scratch, &facts, &bisect->store, numbers[i]) == 0 &&
            facts.origin.number == 0 && !facts.origin.format)
            note_run(bisect, &facts);
        bisect->seen = MAX(bisect->seen, numbers[i]);
        arena_release(&scratch);
    }
    free(numbers);
    return error;
}

void bisect_free_runs(struct bisect *bisect)
{
    free(bisect->runs);
    bisect->runs = NULL;
}

/* Was it stopped, killed or lost? Such a run says nothing. */
static bool is_broken_off(const struct bisect *bisect, int64_t run)
{
    struct arena scratch = { 0 };
    struct awaited now;
    bool is_broken = true;
    if (await_look(&scratch, &bisect->store, run, &now) == 0) {
        enum run_state state = now.status.state;
        is_broken = !now.status.is_orphan &&
                    (state == RUN_STOPPED || state == RUN_KILLED || state == RUN_LOST);
    }
    arena_release(&scratch);
    return is_broken;
}

/* Of a recipe the code does not matter: what trains is gander. */
static bool fits(const struct bisect *bisect, const struct bisect_run *run,
                 const struct bisect_commit *commit, int64_t seed, const char *key)
{
    if (run->is_recipe != !bisect->template || strcmp(run->key, key) != 0)
        return false;
    if (run->is_recipe)
        return strcmp(run->build, build_id()) == 0;
    bool says_seed = false;
    for (const char *const *word = bisect->template; *word; word++)
        says_seed = says_seed || strstr(*word, seed_word);
    return strcmp(run->snapshot, commit->id) == 0 &&
           (run->seed == seed || (says_seed && run->seed < 0));
}

/* The newest; 0: there is none. */
static int64_t find_run(const struct bisect *bisect, const struct bisect_commit *commit,
                        int64_t seed, const char *key)
{
    for (int i = bisect->run_count - 1; i >= 0; i--)
        if (fits(bisect, &bisect->runs[i], commit, seed, key) &&
            !is_broken_off(bisect, bisect->runs[i].number))
            return bisect->runs[i].number;
    return 0;
}

/* --- launching --- */

static struct code_state code_of_commit(const struct bisect *bisect,
                                        const struct bisect_commit *commit)
{
    const struct run_facts *ends[] = { &bisect->good, &bisect->bad };
    for (int i = 0; i < ARRAY_SIZE(ends); i++)
        if (strcmp(ends[i]->code.snapshot, commit->id) == 0)
            return ends[i]->code;
    return (struct code_state){ .top = bisect->bad.code.top,
                                .commit = commit->id,
                                .subject = commit->subject,
                                .snapshot = commit->id };
}

/* What somebody would have typed for it. */
static const char *const *typed(const struct bisect *bisect, struct arena *arena,
                                const char *const *command, int64_t seed)
{
    int count = word_count(command), at = 0;
    const char **words =
        arena_alloc(arena, (size_t)count + 2 * (size_t)bisect->setting_count + 8, sizeof *words);
    words[at++] = "gander";
    words[at++] = "run";
    for (int i = 0; !command && i < bisect->setting_count; i++) {
        words[at++] = "-s";
        words[at++] = bisect->settings[i];
    }
    words[at++] = command ? "--" : "-s";
    if (!command)
        words[at++] = arena_printf(arena, "training.seed=%lld", (long long)seed);
    for (int i = 0; i < count; i++)
        words[at++] = command[i];
    if (!command)
        words[at++] = path_join(arena, bisect->bad.code.top, bisect->recipe_path);
    return words;
}

static int launch(struct bisect *bisect, const struct bisect_commit *commit,
                  struct bisect_trial *trial, const struct recipe *recipe,
                  const char *const *command)
{
    struct arena arena = { 0 };
    struct launched launched;
    struct code_state code = code_of_commit(bisect, commit);
    struct launch what = {
        .recipe = recipe,
        .command = command,
        .experiment = bisect->bad.experiment,
        .tensorboard = command ? bisect->bad.tensorboard : NULL,
        .argv = typed(bisect, &arena, command, trial->seed),
        .cwd = bisect->bad.cwd,
        .parent = bisect->plan.bad,
        .code = &code,
        .tag = arena_printf(&arena, "bisect:%s", bisect->plan.name),
        .seed = command ? trial->seed : 0,
        .on = bisect->on,
        .slots = bisect->plan.jobs,
    };
    int error = launch_check(&launched, &what);
    if (!error)
        error = launch_run(&launched, &bisect->store, &what);
    trial->run = launched.number;
    trial->launches++;
    arena_release(&launched.arena);
    arena_release(&arena);
    return error;
}

/* A recipe that does not parse, or fits no network, is a commit that cannot be tested. */
static int refuse(struct bisect *bisect, struct bisect_trial *trial, int error)
{
    if (bisect->template || (error != ERR_INVALID && error != ERR_NOT_FOUND))
        return error;
    trial->has_ended = true;
    trial->value = NAN;
    trial->trouble = arena_strdup(bisect->arena, error_text());
    return 0;
}

static int begin_trial(struct bisect *bisect, const struct bisect_commit *commit,
                       struct bisect_trial *trial)
{
    struct arena arena = { 0 };
    struct recipe recipe;
    const char *const *command = NULL;
    const char *key;
    int error = 0;
    if (bisect->template) {
        command = command_for(bisect, &arena, trial->seed);
        key = command_key(&arena, command, bisect->bad.cwd);
    } else if ((error = read_recipe(bisect, commit->id, trial->seed, &recipe)) < 0) {
        arena_release(&arena);
        return refuse(bisect, trial, error);
    } else {
        key = recipe_key(&arena, &recipe);
    }
    trial->run = find_run(bisect, commit, trial->seed, key);
    if (trial->run == 0) {
        error = launch(bisect, commit, trial, command ? NULL : &recipe, command);
        if (error)
            error = refuse(bisect, trial, error);
    }
    if (!command)
        recipe_release(&recipe);
    arena_release(&arena);
    return error;
}

int bisect_begin(struct bisect *bisect, struct bisect_commit *commit, int from, int to)
{
    int error = read_runs(bisect);
    for (int i = from; i < to && !error; i++)
        if (commit->trials[i].run == 0 && !commit->trials[i].has_ended)
            error = begin_trial(bisect, commit, &commit->trials[i]);
    return error;
}

/* --- what came of them --- */

struct tally {
    const struct sweep_goal *goal;
    double last, low, high;
    bool has_any;
};

static int take_event(void *context, const struct event *event)
{
    struct tally *tally = context;
    for (int i = 0; i < event->metric_count && !event->is_superseded; i++) {
        double value = event->metrics[i].value;
        if (strcmp(event->metrics[i].name, tally->goal->metric) != 0)
            continue;
        tally->last = value;
        tally->low = tally->has_any ? fmin(tally->low, value) : value;
        tally->high = tally->has_any ? fmax(tally->high, value) : value;
        tally->has_any = true;
    }
    return 0;
}

/* What is not finite is as bad as can be. */
static int read_value(const struct bisect *bisect, struct bisect_trial *trial,
                      const struct worker_story *story)
{
    struct arena scratch = { 0 };
    struct tally tally = { .goal = &bisect->goal };
    struct events_place place = { .offset = 0 };
    const char *directory = store_run_directory(&scratch, &bisect->store, trial->run);
    int error = events_read(directory, story, &place, 0, take_event, &tally);
    trial->value = sweep_goal_value(&bisect->goal, tally.last, tally.low, tally.high);
    if (!tally.has_any) {
        trial->value = NAN;
        trial->trouble = arena_printf(bisect->arena, "run %lld reports no '%s'",
                                      (long long)trial->run, bisect->goal.metric);
    } else if (!isfinite(trial->value)) {
        trial->value = bisect->goal.is_smaller_better ? INFINITY : -INFINITY;
    }
    arena_release(&scratch);
    return error;
}

/* With what was built there it would stay for good: gc spares files that are not of the code. */
static void remove_checkout(const struct bisect *bisect, int64_t run)
{
    struct arena scratch = { 0 };
    struct run_facts facts;
    if (run_read_facts(&scratch, &facts, &bisect->store, run) == 0)
        code_remove_tree(&(struct code_of){ &bisect->store, run, &facts.code });
    arena_release(&scratch);
}

static int take_end(const struct bisect *bisect, struct bisect_trial *trial,
                    const struct awaited *end)
{
    enum run_state state = end->status.state;
    int status = end->story.end.exit_status;
    bool is_through = state == RUN_FINISHED || (state == RUN_FAILED && status == CANNOT_TEST);
    trial->has_ended = true;
    trial->value = NAN;
    if (trial->launches > 0 && bisect->template && is_through)
        remove_checkout(bisect, trial->run);
    if (state == RUN_FINISHED)
        return read_value(bisect, trial, &end->story);
    if (state == RUN_DIVERGED)
        trial->value = bisect->goal.is_smaller_better ? INFINITY : -INFINITY;
    else if (state == RUN_FAILED && status == CANNOT_TEST)
        trial->trouble =
            bisect->plan.build ? "does not build" : "cannot be tested: exit status 125";
    else
        trial->trouble = arena_printf(bisect->arena, "run %lld %s", (long long)trial->run,
                                      outcome_text(bisect->arena, state, &end->story.end));
    return 0;
}

int bisect_wait(struct bisect *bisect, struct bisect_commit *commit, int from, int to)
{
    int error = 0;
    for (int i = from; i < to && !error; i++) {
        struct bisect_trial *trial = &commit->trials[i];
        struct awaited end;
        if (trial->has_ended)
            continue;
        error = await_end(bisect->arena, &bisect->store, trial->run, &end);
        bool is_again = !error && !trial->is_forced && trial->launches < MOST_LAUNCHES &&
                        is_broken_off(bisect, trial->run);
        if (is_again) {
            trial->run = 0;
            error = bisect_begin(bisect, commit, i, i + 1);
            i--;
        } else if (!error) {
            error = take_end(bisect, trial, &end);
        }
    }
    commit->done = error ? commit->done : MAX(commit->done, to);
    return error;
}

/* --- from the two runs --- */

static int read_ends(struct bisect *bisect)
{
    struct run_facts *ends[] = { &bisect->good, &bisect->bad };
    const int64_t numbers[] = { bisect->plan.good, bisect->plan.bad };
    for (int i = 0; i < ARRAY_SIZE(ends); i++) {
        int error = run_read_facts(bisect->arena, ends[i], &bisect->store, numbers[i]);
        if (!error)
            error = run_check_repeatable(ends[i]);
        if (!error && (!ends[i]->code.snapshot || !ends[i]->code.top || !ends[i]->code.commit))
            error = fail(ERR_INVALID, "the code of run %lld is not pinned in a git repository",
                         (long long)numbers[i]);
        if (error)
            return error;
    }
    return !bisect->good.command == !bisect->bad.command
               ? 0
               : fail(ERR_INVALID, "one of runs %lld and %lld is of a recipe, the other a command",
                      (long long)numbers[0], (long long)numbers[1]);
}

static int choose_command(struct bisect *bisect)
{
    int64_t good_seed = -1, bad_seed = -1;
    if (bisect->plan.template) {
        bisect->template = bisect->plan.template;
        return 0;
    }
    bisect->template = template_of(bisect->arena, bisect->bad.command, &bad_seed);
    const char *const *good = template_of(bisect->arena, bisect->good.command, &good_seed);
    if (!is_same_command(bisect->template, good))
        return fail(ERR_INVALID,
                    "runs %lld and %lld are of different commands: give the one to compare by "
                    "after '--'",
                    (long long)bisect->plan.good, (long long)bisect->plan.bad);
    bisect->good.seed = bisect->good.seed > 0 ? bisect->good.seed : good_seed;
    bisect->bad.seed = bisect->bad.seed > 0 ? bisect->bad.seed : bad_seed;
    return 0;
}

static struct bisect_commit make_commit(const struct bisect *bisect, const char *id,
                                        const char *subject)
{
    struct bisect_commit commit = { .id = id, .subject = subject ? subject : "" };
    commit.trials = arena_alloc(bisect->arena, (size_t)bisect->plan.seeds, sizeof *commit.trials);
    for (int i = 0; i < bisect->plan.seeds; i++)
        commit.trials[i].seed = bisect->first_seed + i;
    return commit;
}

/* The run that a person calls good or bad is one of the runs there. */
static void force(const struct bisect *bisect, struct bisect_commit *commit,
                  const struct run_facts *end)
{
    int64_t at = end->seed - bisect->first_seed;
    bool counts =
        bisect->template && !bisect->plan.template && strcmp(end->code.snapshot, commit->id) == 0;
    if (!counts)
        return;
    struct bisect_trial *trial = &commit->trials[at >= 0 && at < bisect->plan.seeds ? at : 0];
    trial->run = end->number;
    trial->is_forced = true;
}

int bisect_prepare(struct bisect *bisect)
{
    int error = read_ends(bisect);
    if (!error && (bisect->bad.command || bisect->plan.template))
        error = choose_command(bisect);
    else if (!error)
        error = find_recipe(bisect);
    if (!error && !bisect->template && bisect->plan.build)
        error =
            fail(ERR_INVALID, "option '--build' is for commands: a recipe is trained by gander");
    if (error)
        return error;
    const struct code_state *good = &bisect->good.code, *bad = &bisect->bad.code;
    const char *first = good->is_dirty ? good->commit : good->snapshot;
    bisect->first_seed = bisect->bad.seed > 0 ? bisect->bad.seed : 1;
    error = code_between(bisect->arena, bad->top, first, bad->snapshot, HUNT_COMMITS,
                         &bisect->commits, &bisect->count);
    if (error)
        return fail_prefix("runs %lld and %lld", (long long)bisect->plan.good,
                           (long long)bisect->plan.bad);
    hunt_init(&bisect->hunt, bisect->arena, bisect->commits, bisect->count);
    bisect->before = make_commit(bisect, first, good->subject);
    bisect->tried = arena_alloc(bisect->arena, (size_t)bisect->count + 1, sizeof *bisect->tried);
    for (int i = 0; i < bisect->count; i++)
        bisect->tried[i] = make_commit(bisect, bisect->commits[i].id, bisect->commits[i].subject);
    force(bisect, &bisect->before, &bisect->good);
    force(bisect, &bisect->tried[bisect->count - 1], &bisect->bad);
    return bisect->template ? 0 : check_recipes(bisect);
}
