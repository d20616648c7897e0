#define _GNU_SOURCE
#include "run/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "run/rundir.h"

/* --- places by what they are made from --- */

struct place_key {
    const char *text; /* values, joined */
    int point;
};

static int compare_keys(const void *a, const void *b)
{
    const struct place_key *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : x->point - y->point;
}

static const char *join(struct arena *arena, const char *const *values, int count)
{
    const char *text = "";
    for (int i = 0; i < count; i++)
        text = arena_printf(arena, "%s%s\n", text, values[i]);
    return text;
}

void trials_init(struct trials *out, const struct sweep *sweep)
{
    *out = (struct trials){ .count = sweep->point_count * sweep->seed_count };
    out->list = arena_alloc(&out->arena, (size_t)out->count + 1, sizeof *out->list);
    out->keys = arena_alloc(&out->arena, (size_t)sweep->point_count + 1, sizeof *out->keys);
    out->base = sweep_base(&out->arena, sweep);
    for (int i = 0; i < out->count; i++)
        out->list[i] = (struct trial){
            .point = i / sweep->seed_count, .seed = i % sweep->seed_count, .rung = -1, .step = -1
        };
    for (int i = 0; i < sweep->point_count; i++)
        out->keys[i] =
            (struct place_key){ join(&out->arena, sweep->points[i].values, sweep->parameter_count),
                                i };
    qsort(out->keys, (size_t)sweep->point_count, sizeof *out->keys, compare_keys);
}

void trials_release(struct trials *trials)
{
    arena_release(&trials->arena);
    *trials = (struct trials){ .count = 0 };
}

/* The run's values in the order of the plan, joined; NULL where it was varied in others. */
static const char *key_of(struct arena *arena, const struct sweep *sweep,
                          const struct run_place *place)
{
    const char *values[SWEEP_PARAMETERS];
    int count = 0;
    while (place->values[count])
        count++;
    for (int p = 0; p < sweep->parameter_count; p++) {
        size_t length = strlen(sweep->parameters[p].key);
        values[p] = NULL;
        for (int i = 0; i < count; i++)
            if (strncmp(place->values[i], sweep->parameters[p].key, length) == 0 &&
                place->values[i][length] == '=')
                values[p] = place->values[i] + length + 1;
        if (!values[p])
            return NULL;
    }
    return count == sweep->parameter_count ? join(arena, values, count) : NULL;
}

/* NULL: the plan has none for it. */
static struct trial *find_trial(struct trials *trials, const struct sweep *sweep,
                                const struct run_place *place, struct arena *scratch)
{
    const char *text = key_of(scratch, sweep, place);
    int low = 0, high = sweep->point_count - 1;
    if (!text || strcmp(place->base, trials->base) != 0)
        return NULL;
    while (low < high) {
        int middle = (low + high) / 2;
        if (strcmp(trials->keys[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (sweep->point_count == 0 || strcmp(trials->keys[low].text, text) != 0)
        return NULL;
    for (int seed = 0; seed < sweep->seed_count; seed++)
        if (sweep->seeds[seed] == place->seed)
            return &trials->list[trials->keys[low].point * sweep->seed_count + seed];
    return NULL;
}

/* The rung whose steps it was begun for: the first that asks for no more. */
static int rung_of(const struct sweep *sweep, int64_t until)
{
    int last = sweep->rung_count - 1;
    for (int i = 0; i < last && until > 0; i++)
        if (until <= sweep->rungs[i])
            return i;
    return last;
}

static void add_run(struct trials *trials, const struct sweep *sweep, int64_t number,
                    const struct run_place *place, struct arena *scratch)
{
    struct trial *trial = find_trial(trials, sweep, place, scratch);
    if (!trial) {
        trials->strays++;
        return;
    }
    trial->run = number;
    for (int i = 0; i < sweep->rung_count; i++)
        if (!sweep->command || i == rung_of(sweep, place->until))
            trial->runs[i] = number;
}

int trials_find(struct trials *trials, const struct store *store, const struct sweep *sweep)
{
    int64_t *numbers;
    int count;
    int error = store_runs(store, &numbers, &count);
    for (int i = 0; !error && i < count; i++) {
        struct arena scratch = { 0 };
        struct run_facts facts;
        if (numbers[i] > trials->seen && run_read_facts(&scratch, &facts, store, numbers[i]) == 0 &&
            facts.place.id && strcmp(facts.place.id, sweep->id) == 0 && facts.origin.number == 0)
            add_run(trials, sweep, numbers[i], &facts.place, &scratch);
        trials->seen = MAX(trials->seen, numbers[i]);
        arena_release(&scratch);
    }
    free(numbers);
    return error;
}

/* --- how they stand --- */

bool sweep_gives_up(const struct sweep *sweep, const char *health)
{
    for (const char *const *state = sweep->give_up; health && *state; state++)
        if (strcmp(*state, health) == 0)
            return true;
    return false;
}

struct giving_up {
    const struct sweep *sweep;
    bool is_so; /* by the last word */
};

static int note_health(void *context, const struct event *event)
{
    struct giving_up *giving_up = context;
    if (event->health && !event->is_superseded)
        giving_up->is_so = sweep_gives_up(giving_up->sweep, event->health);
    return 0;
}

/* Was its last health one to give up for? */
static bool has_given_up(const char *directory, const struct worker_story *story,
                         const struct sweep *sweep)
{
    struct giving_up giving_up = { .sweep = sweep };
    struct events_place place = { .offset = 0 };
    events_read(directory, story, &place, 0, note_health, &giving_up);
    return giving_up.is_so;
}

/* "training.until=300" as the worker was told last; else what the run was begun for. */
static int64_t until_of(const struct worker_story *story, int64_t begun_for)
{
    static const char key[] = "training.until=";
    for (int i = 0; i < story->worker.setting_count; i++)
        if (strncmp(story->worker.settings[i], key, sizeof key - 1) == 0 &&
            parse_integer(story->worker.settings[i] + sizeof key - 1, &begun_for) < 0)
            begun_for = 0;
    return begun_for;
}

static enum trial_standing judge(const struct trial *trial, const struct sweep *sweep,
                                 const char *directory, const struct worker_story *story)
{
    enum run_state state = trial->status.state;
    int64_t wanted = sweep->rungs[MAX(trial->rung, 0)];
    bool has_steps = sweep->has_recipe && wanted > 0;
    if (!run_state_is_end(state) || trial->status.is_orphan)
        return TRIAL_LIVE;
    if (state == RUN_DIVERGED)
        return TRIAL_OUT;
    if (state == RUN_FINISHED)
        return has_steps && trial->step < wanted ? TRIAL_BROKEN : TRIAL_REACHED;
    if (state == RUN_STOPPED && has_steps && trial->step >= wanted)
        return TRIAL_REACHED;
    return state == RUN_STOPPED && has_given_up(directory, story, sweep) ? TRIAL_OUT : TRIAL_BROKEN;
}

int trial_look(struct arena *arena, struct trial *trial, const struct store *store,
               const struct sweep *sweep, double now)
{
    struct worker_story story = { .size = 0 };
    struct run_facts facts;
    trial->standing = TRIAL_MISSING;
    if (trial->run == 0)
        return 0;
    const char *directory = store_run_directory(arena, store, trial->run);
    if (!directory_exists(directory)) {
        *trial =
            (struct trial){ .point = trial->point, .seed = trial->seed, .rung = -1, .step = -1 };
        return 0;
    }
    int error = run_read_facts(arena, &facts, store, trial->run);
    if (!error)
        error = worker_look(arena, &story, directory, now, &trial->status);
    if (error)
        return error;
    trial->rung = rung_of(sweep, until_of(&story, facts.place.until));
    trial->end = story.end;
    trial->step = run_state_is_end(trial->status.state) ? story.end.step : -1;
    trial->standing = judge(trial, sweep, directory, &story);
    return 0;
}

/* --- what they have come to --- */

struct tally {
    const struct sweep *sweep;
    const struct sweep_goal *goal;
    double *values;
    int first, last; /* rungs that count */
};

static void take(struct tally *tally, int rung, double value)
{
    double *held = &tally->values[rung];
    enum filter_function function = tally->goal->function;
    if (function == FILTER_MINIMUM)
        *held = fmin(*held, value);
    else if (function == FILTER_MAXIMUM)
        *held = fmax(*held, value);
    else
        *held = value;
}

static int note_goal(void *context, const struct event *event)
{
    struct tally *tally = context;
    if (event->is_superseded)
        return 0;
    for (int i = 0; i < event->metric_count; i++) {
        if (strcmp(event->metrics[i].name, tally->goal->metric) != 0)
            continue;
        for (int rung = tally->first; rung <= tally->last; rung++) {
            bool is_whole_run = tally->sweep->command || rung == tally->sweep->rung_count - 1;
            if (is_whole_run || event->step <= tally->sweep->rungs[rung])
                take(tally, rung, event->metrics[i].value);
        }
    }
    return 0;
}

static int read_values(struct tally *tally, const struct store *store, int64_t run)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    const char *directory = store_run_directory(&arena, store, run);
    int error = worker_read(&arena, &story, directory, NULL, NULL);
    if (!error)
        error = events_read(directory, &story, &place, 0, note_goal, tally);
    arena_release(&arena);
    return error;
}

int trial_values(double values[SWEEP_RUNGS], const struct trial *trial, const struct store *store,
                 const struct sweep *sweep, const struct sweep_goal *goal)
{
    struct tally tally = { sweep, goal, values, 0, trial->rung };
    int error = 0;
    for (int i = 0; i < SWEEP_RUNGS; i++)
        values[i] = NAN;
    if (!goal->metric || trial->run == 0)
        return 0;
    if (!sweep->command)
        return read_values(&tally, store, trial->run);
    for (int rung = 0; rung <= trial->rung && !error; rung++) {
        tally.first = tally.last = rung;
        if (trial->runs[rung] > 0)
            error = read_values(&tally, store, trial->runs[rung]);
    }
    return error;
}
