/* How a bisect ends: the commit, what it did to the measure, curves, and its diff. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "bisect.h"
#include "print_code.h"
#include "print_curves.h"
#include "show/groups.h"
#include "show/index.h"

static int first_suspect(const struct bisect *bisect)
{
    int at = 0;
    while (at < bisect->count && !hunt_suspects(&bisect->hunt, at))
        at++;
    return at;
}

struct bisect_commit *bisect_parent(struct bisect *bisect, int commit)
{
    const struct code_commit *blamed = &bisect->commits[commit];
    for (int p = 0; p < blamed->parent_count; p++)
        for (int i = 0; i < bisect->count; i++)
            if (strcmp(bisect->tried[i].id, blamed->parents[p]) == 0 &&
                bisect->tried[i].verdict == BISECT_GOOD)
                return &bisect->tried[i];
    return &bisect->before;
}

/* --- words --- */

static void print_commit(const struct bisect *bisect, int at)
{
    struct arena *arena = bisect->arena;
    const struct code_commit *commit = &bisect->commits[at];
    const struct run_facts *bad = &bisect->bad;
    bool is_work_tree = bad->code.is_dirty && strcmp(bad->code.snapshot, commit->id) == 0;
    printf("commit  %s\nauthor  %s\ndate    %s\n", commit->id,
           text_clean(arena, commit->author, 100), format_moment(arena, (double)commit->time));
    if (is_work_tree)
        printf("        what was changed and not committed when run %lld began\n",
               (long long)bad->number);
    else
        printf("subject %s\n", text_clean(arena, commit->subject, 200));
}

static void print_difference(const struct bisect *bisect, const struct bisect_commit *before,
                             const struct bisect_commit *blamed)
{
    int before_count, count;
    const double *old = bisect_values(bisect, before, &before_count);
    const double *new = bisect_values(bisect, blamed, &count);
    struct difference difference = difference_of(old, before_count, new, count);
    const char *metric = text_clean(bisect->arena, bisect->goal.metric, 80);
    printf("%s  %s before it (%.10s), %s with it", metric, bisect_values_text(bisect, before),
           before->id, bisect_values_text(bisect, blamed));
    if (!isnan(difference.low))
        printf(": %s (95 %%)%s", difference_words(bisect->arena, bisect->goal.metric, &difference),
               difference.is_clear ? "" : ", no more than seeds explain");
    printf("\n");
}

/* --- curves --- */

static void add_curves(struct index *index, struct curve *curves, int *count,
                       const struct listed_run *runs, int run_count, const char *name, int look)
{
    for (int i = 0; i < run_count; i++)
        curves[(*count)++] = (struct curve){
            .run = &runs[i],
            .metric = NULL,
            .name = arena_printf(&index->arena, "%s %s", name, run_title(index, &runs[i])),
            .look = look,
        };
}

static int list_runs(struct index *index, const struct bisect_commit *commit,
                     struct listed_run **runs)
{
    struct index_run *wanted = arena_alloc(&index->arena, (size_t)commit->done + 1, sizeof *wanted);
    for (int i = 0; i < commit->done; i++)
        wanted[i] = (struct index_run){ &index->places[0], commit->trials[i].run, "" };
    return index_list(index, wanted, commit->done, runs);
}

static int draw_curves(const struct bisect *bisect, struct index *index,
                       const struct bisect_commit *before, const struct bisect_commit *blamed)
{
    enum { ROWS = 16 };
    struct terminal terminal;
    struct listed_run *old, *new;
    int count = 0;
    terminal_probe(&terminal, stdout);
    struct chart_wish wish = {
        .glyphs = chart_glyphs_for(&terminal),
        .rows = ROWS,
        .curves = { .first = NAN, .last = NAN, .columns = terminal.columns, .hides_outliers = true }
    };
    int error = list_runs(index, before, &old);
    if (!error)
        error = list_runs(index, blamed, &new);
    if (error)
        return error;
    struct curve *curves =
        arena_alloc(&index->arena, (size_t)before->done + (size_t)blamed->done + 1, sizeof *curves);
    add_curves(index, curves, &count, old, before->done, "before", 1);
    add_curves(index, curves, &count, new, blamed->done, "with it", 2);
    for (int i = 0; i < count && !error; i++) {
        curves[i].metric = bisect->goal.metric;
        error = curve_read(index, &curves[i], &wish.curves);
    }
    if (!error) {
        printf("\n");
        curves_print(index, bisect->goal.metric, curves, count, &wish);
    }
    return error;
}

static int print_curves(const struct bisect *bisect, const struct bisect_commit *before,
                        const struct bisect_commit *blamed)
{
    struct index index = { 0 };
    const char *path = bisect->store.path;
    int error = index_open_stores(&index, &path, 1, INDEX_NOW, wall_clock());
    if (error)
        return error;
    error = draw_curves(bisect, &index, before, blamed);
    index_close(&index);
    return error;
}

/* --- the diff --- */

static int print_diff(const struct bisect *bisect, int at)
{
    const struct code_commit *commit = &bisect->commits[at];
    struct code_state old = bisect->bad.code, new = bisect->bad.code;
    old.snapshot = commit->parent_count > 0 ? commit->parents[0] : NULL;
    new.snapshot = commit->id;
    const struct code_of a = { &bisect->store, bisect->plan.good, &old };
    const struct code_of b = { &bisect->store, bisect->plan.bad, &new };
    int changed;
    return code_print(&a, &b, true, &changed);
}

/* --- the whole --- */

static void print_range(const struct bisect *bisect)
{
    struct arena *arena = bisect->arena;
    int count = hunt_suspect_count(&bisect->hunt);
    printf("\none of %d commits made it worse; what is between could not be tested\n", count);
    for (int i = 0; i < bisect->count; i++)
        if (hunt_suspects(&bisect->hunt, i))
            printf("  %.10s  %s%s%s\n", bisect->tried[i].id,
                   text_clean(arena, bisect->tried[i].subject, 60),
                   bisect->tried[i].why ? "  " : "",
                   bisect->tried[i].why ? text_clean(arena, bisect->tried[i].why, 200) : "");
}

int bisect_tell(struct bisect *bisect)
{
    int at = first_suspect(bisect);
    if (hunt_suspect_count(&bisect->hunt) != 1) {
        print_range(bisect);
        return 0;
    }
    const struct bisect_commit *before = bisect_parent(bisect, at), *blamed = &bisect->tried[at];
    printf("\nthis commit made it worse\n");
    print_commit(bisect, at);
    print_difference(bisect, before, blamed);
    if (!bisect->template)
        printf("(one build of gander trained all of these: it was the recipe, '%s')\n",
               bisect->recipe_path);
    int error = print_curves(bisect, before, blamed);
    return error ? error : print_diff(bisect, at);
}
