/* What is known of a run itself, as words and columns. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "draw/bar.h"
#include "run_columns.h"

/* --- words --- */

const char *run_state_word(const struct run_row *row)
{
    return row->is_orphan ? "orphan" : row->is_stalled ? "stalled" : run_state_name(row->state);
}

struct style run_state_style(const struct run_row *row)
{
    static const int colours[RUN_STATES] = {
        [RUN_QUEUED] = 6,    [RUN_RUNNING] = 2,  [RUN_PAUSED] = 3,
        [RUN_FINISHED] = -1, [RUN_STOPPED] = -1, [RUN_FAILED] = 1,
        [RUN_KILLED] = 1,    [RUN_DIVERGED] = 5, [RUN_LOST] = 1,
    };
    bool is_marked = row->is_orphan || row->is_stalled;
    int colour = is_marked ? 3 : colours[row->state];
    return (struct style){ .foreground = colour >= 0 ? colour_ansi(colour) : COLOUR_DEFAULT };
}

/* Of those that nearly every font has; canvas_ascii tells them apart, too. */
uint32_t run_state_sign(const struct run_row *row)
{
    enum { ORPHAN = 0xBB /* » */, STALLED = '!' };
    static const uint32_t signs[RUN_STATES] = {
        [RUN_QUEUED] = 0x2026,   /* … */
        [RUN_RUNNING] = 0x25BA,  /* ► */
        [RUN_PAUSED] = 0x2551,   /* ║ */
        [RUN_FINISHED] = 0x2713, /* ✓ */
        [RUN_STOPPED] = 0x25A0,  /* ■ */
        [RUN_FAILED] = 0x2717,   /* ✗ */
        [RUN_KILLED] = 0x2020,   /* † */
        [RUN_DIVERGED] = 0x221E, /* ∞ */
        [RUN_LOST] = 0x25A1,     /* □ */
    };
    return row->is_orphan ? ORPHAN : row->is_stalled ? STALLED : signs[row->state];
}

double run_seconds_left(const struct run_row *row)
{
    bool is_known = row->state == RUN_RUNNING && row->steps > row->step && row->step > 0;
    return is_known ? row->took / (double)row->step * (double)(row->steps - row->step) : NAN;
}

char *run_commit_word(struct arena *arena, const struct run_row *row)
{
    enum { SHORT = 7 };
    const char *id = row->commit ? row->commit : row->snapshot;
    if (!id)
        return arena_strdup(arena, "");
    return arena_printf(arena, "%.*s%s", SHORT, id, row->is_dirty ? "*" : "");
}

/* --- columns of facts --- */

enum { SIGN_BYTES = 8 };

static const char *make_run(const struct column_maker *maker, const struct listed_run *run)
{
    return arena_printf(maker->arena, "%lld", (long long)run->row.number);
}

static const char *make_store(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->place->label;
}

static const char *make_state(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run_state_word(&run->row);
}

static const char *make_sign(const struct column_maker *maker, const struct listed_run *run)
{
    char *text = arena_alloc(maker->arena, SIGN_BYTES, 1);
    text_encode(run_state_sign(&run->row), text);
    return text;
}

static const char *make_experiment(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.broken ? "(broken)" : run->row.experiment;
}

static const char *make_name(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.name;
}

static const char *make_commit(const struct column_maker *maker, const struct listed_run *run)
{
    return run_commit_word(maker->arena, &run->row);
}

static const char *make_changes(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.is_dirty ? "*" : NULL;
}

static const char *make_age(const struct column_maker *maker, const struct listed_run *run)
{
    return format_age(maker->arena, maker->now - run->row.created);
}

static const char *make_took(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.took > 0 ? format_duration(maker->arena, run->row.took) : NULL;
}

static const char *make_step(const struct column_maker *maker, const struct listed_run *run)
{
    return format_count(maker->arena, (double)run->row.step);
}

static double share_done(const struct run_row *row)
{
    return fmin((double)row->step / (double)row->steps, 1);
}

static const char *make_progress(const struct column_maker *maker, const struct listed_run *run)
{
    const struct run_row *row = &run->row;
    if (row->steps <= 0)
        return NULL;
    return arena_printf(maker->arena, "%.0f %%", floor(100 * share_done(row)));
}

static const char *make_left(const struct column_maker *maker, const struct listed_run *run)
{
    double left = run_seconds_left(&run->row);
    return left > 0 ? format_duration(maker->arena, left) : NULL;
}

static const char *make_bar(const struct column_maker *maker, const struct listed_run *run)
{
    enum { BAR_COLUMNS = 8 };
    bool is_known = run->row.steps > 0 && !run_state_is_end(run->row.state);
    return is_known ? bar_text(maker->arena, share_done(&run->row), BAR_COLUMNS, maker->utf8)
                    : NULL;
}

/* How far it is while it works, and what it came to afterwards. */
static const char *make_work(const struct column_maker *maker, const struct listed_run *run)
{
    const struct run_row *row = &run->row;
    double left = run_seconds_left(row);
    const char *percent = make_progress(maker, run);
    if (percent && !run_state_is_end(row->state))
        return left > 0 ? arena_printf(maker->arena, "%s %s left", percent,
                                       format_duration(maker->arena, left))
                        : percent;
    const char *took = make_took(maker, run);
    if (row->step <= 0)
        return took;
    const char *step = make_step(maker, run);
    return took ? arena_printf(maker->arena, "%s in %s", step, took) : step;
}

static const char *make_health(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.health;
}

static const char *make_tags(const struct column_maker *maker, const struct listed_run *run)
{
    const char *text = NULL;
    for (int i = 0; i < run->row.tag_count; i++)
        text =
            text ? arena_printf(maker->arena, "%s %s", text, run->row.tags[i]) : run->row.tags[i];
    return text;
}

static const char *make_notes(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.note_count > 0 ? arena_printf(maker->arena, "%d", run->row.note_count) : NULL;
}

static const char *make_host(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.host;
}

static const char *make_user(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.user;
}

static const char *make_branch(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.branch;
}

static const char *make_data(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.data;
}

static const char *make_command(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.command;
}

static const char *make_reason(const struct column_maker *maker, const struct listed_run *run)
{
    (void)maker;
    return run->row.reason;
}

static const char *make_parent(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.parent > 0 ? arena_printf(maker->arena, "%lld", (long long)run->row.parent)
                               : NULL;
}

static const char *make_seed(const struct column_maker *maker, const struct listed_run *run)
{
    return run->row.seed >= 0 ? arena_printf(maker->arena, "%lld", (long long)run->row.seed) : NULL;
}

static const char *make_created(const struct column_maker *maker, const struct listed_run *run)
{
    return format_moment(maker->arena, run->row.created);
}

/* What ranks above 0 is left out first where there is no room; 0 stays. */
static const struct fact_column facts[] = {
    { "run", { "run", .is_right = true }, make_run },
    { "store", { "store", .least = 5, .most = 16, .rank = 1 }, make_store },
    { "sign", { "", .rank = 1 }, make_sign },
    { "state", { "state", .most = 8 }, make_state },
    { "exp", { "exp", .least = 6, .most = 16, .rank = 1 }, make_experiment },
    { "name", { "name", .least = 4, .most = 16, .rank = 5 }, make_name },
    { "commit", { "commit", .rank = 3 }, make_commit },
    { "changes", { "", .rank = 4 }, make_changes },
    { "age", { "age", .is_right = true, .rank = 4 }, make_age },
    { "took", { "took", .is_right = true, .rank = 6 }, make_took },
    { "step", { "step", .is_right = true, .rank = 2 }, make_step },
    { "progress", { "done", .is_right = true, .rank = 7 }, make_progress },
    { "left", { "left", .is_right = true, .rank = 7 }, make_left },
    { "bar", { "", .rank = 7 }, make_bar },
    { "work", { "progress", .rank = 6 }, make_work },
    { "health", { "health", .least = 6, .most = 22, .rank = 6 }, make_health },
    { "tags", { "tags", .least = 4, .most = 20, .rank = 7 }, make_tags },
    { "notes", { "notes", .is_right = true, .rank = 9 }, make_notes },
    { "host", { "host", .least = 4, .most = 16, .rank = 9 }, make_host },
    { "user", { "user", .least = 4, .most = 12, .rank = 9 }, make_user },
    { "branch", { "branch", .least = 4, .most = 16, .rank = 9 }, make_branch },
    { "data", { "data", .least = 4, .most = 24, .rank = 9 }, make_data },
    { "command", { "command", .least = 8, .most = 60, .rank = 9 }, make_command },
    { "reason", { "reason", .least = 8, .most = 60, .rank = 9 }, make_reason },
    { "parent", { "parent", .is_right = true, .rank = 9 }, make_parent },
    { "seed", { "seed", .is_right = true, .rank = 9 }, make_seed },
    { "created", { "created", .rank = 9 }, make_created },
};

const struct fact_column *fact_find(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(facts); i++)
        if (strcmp(facts[i].name, name) == 0)
            return &facts[i];
    return NULL;
}

struct style fact_style(const struct fact_column *fact, const struct run_row *row)
{
    if (fact->make == make_state || fact->make == make_sign)
        return run_state_style(row);
    return (struct style){ .foreground =
                               fact->make == make_commit ? colour_ansi(3) : COLOUR_DEFAULT };
}

const char *run_column_name(int index)
{
    return index < ARRAY_SIZE(facts) ? facts[index].name : NULL;
}
