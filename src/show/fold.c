#define _GNU_SOURCE
#include "show/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* --- which --- */

/* "training.seed", "seeds.latent", "experiment.name", "training.threads" and what programs call
 * these. */
static bool is_free(const char *key)
{
    const char *last = strrchr(key, '.');
    last = last ? last + 1 : key;
    return strcasestr(key, "seed") || strcasecmp(last, "name") == 0 ||
           strcasecmp(last, "threads") == 0;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static const struct setting_row *next_bound(const struct setting_row *row,
                                            const struct setting_row *end)
{
    while (row < end && is_free(row->key))
        row++;
    return row;
}

struct settings {
    const struct setting_row *rows, *end;
};

static bool are_same_settings(const struct settings *a, const struct settings *b)
{
    const struct setting_row *x = next_bound(a->rows, a->end), *y = next_bound(b->rows, b->end);
    while (x < a->end && y < b->end) {
        if (!is_same_text(x->key, y->key) || !is_same_text(x->value, y->value))
            return false;
        x = next_bound(x + 1, a->end);
        y = next_bound(y + 1, b->end);
    }
    return x == a->end && y == b->end;
}

static bool are_same_runs(const struct run_row *a, const struct run_row *b)
{
    return is_same_text(a->experiment, b->experiment) && is_same_text(a->commit, b->commit) &&
           is_same_text(a->data, b->data) && a->is_dirty == b->is_dirty;
}

int fold_groups(struct index *index, const struct listed_run *runs, int count, int *groups)
{
    struct settings *settings = arena_alloc(&index->arena, (size_t)count + 1, sizeof *settings);
    for (int i = 0; i < count; i++) {
        struct setting_row *rows = NULL;
        int found = 0;
        int error = catalogue_settings(runs[i].place->catalogue, &index->arena, &runs[i].row.number,
                                       1, NULL, &rows, &found);
        if (error)
            return error;
        settings[i] = (struct settings){ rows, rows + found };
        groups[i] = i;
        for (int j = 0; j < i && groups[i] == i; j++)
            if (groups[j] == j && are_same_runs(&runs[i].row, &runs[j].row) &&
                are_same_settings(&settings[i], &settings[j]))
                groups[i] = j;
    }
    return 0;
}

/* --- the median --- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of sorted values; between two of them on a straight line (Hyndman & Fan 1996, definition 7). */
static double quantile(const double *sorted, int count, double share)
{
    double at = share * (count - 1);
    int low = (int)at, high = MIN(low + 1, count - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

static struct fold_member clean(struct arena *arena, const struct fold_member *from)
{
    double *x = arena_alloc(arena, (size_t)from->count + 1, sizeof *x);
    double *y = arena_alloc(arena, (size_t)from->count + 1, sizeof *y);
    int count = 0;
    for (int i = 0; i < from->count; i++) {
        if (!isfinite(from->x[i]) || (count > 0 && from->x[i] <= x[count - 1]))
            continue;
        x[count] = from->x[i];
        y[count++] = from->y[i];
    }
    return (struct fold_member){ x, y, count };
}

/* All x, each once, ascending; evenly thinned, the ends kept. */
static int make_grid(struct arena *arena, const struct fold_member *members, int count, int most,
                     double **grid)
{
    int total = 0, unique = 0;
    for (int i = 0; i < count; i++)
        total += members[i].count;
    double *all = arena_alloc(arena, (size_t)total + 1, sizeof *all);
    for (int i = 0, at = 0; i < count; at += members[i++].count)
        if (members[i].count > 0)
            memcpy(all + at, members[i].x, (size_t)members[i].count * sizeof *all);
    qsort(all, (size_t)total, sizeof *all, compare);
    for (int i = 0; i < total; i++)
        if (unique == 0 || all[i] != all[unique - 1])
            all[unique++] = all[i];
    *grid = all;
    if (unique <= most || most < 2)
        return unique;
    for (int i = 0; i < most; i++)
        all[i] = all[(int64_t)i * (unique - 1) / (most - 1)];
    return most;
}

/* The value at x, NaN where there is none; *at moves on with ascending x. */
static double value_at(const struct fold_member *member, double x, int *at)
{
    while (*at + 1 < member->count && member->x[*at + 1] <= x)
        ++*at;
    if (member->count == 0 || x < member->x[*at])
        return NAN;
    if (x == member->x[*at])
        return member->y[*at];
    if (*at + 1 == member->count)
        return NAN;
    double share = (x - member->x[*at]) / (member->x[*at + 1] - member->x[*at]);
    return member->y[*at] + share * (member->y[*at + 1] - member->y[*at]);
}

static void fold_at(struct folded *out, int at, double *values, int count)
{
    out->median[at] = out->low[at] = out->high[at] = NAN;
    if (count == 0)
        return;
    qsort(values, (size_t)count, sizeof *values, compare);
    double outer = count > FOLD_WHOLE ? 0.25 : 0;
    out->median[at] = quantile(values, count, 0.5);
    out->low[at] = quantile(values, count, outer);
    out->high[at] = quantile(values, count, 1 - outer);
}

void fold_curves(struct arena *arena, const struct fold_member *members, int count, int most,
                 struct folded *out)
{
    struct fold_member *cleaned = arena_alloc(arena, (size_t)count + 1, sizeof *cleaned);
    int *places = arena_alloc(arena, (size_t)count + 1, sizeof *places);
    double *values = arena_alloc(arena, (size_t)count + 1, sizeof *values);
    for (int i = 0; i < count; i++)
        cleaned[i] = clean(arena, &members[i]);
    out->count = make_grid(arena, cleaned, count, most, &out->x);
    out->median = arena_alloc(arena, (size_t)out->count + 1, sizeof *out->median);
    out->low = arena_alloc(arena, (size_t)out->count + 1, sizeof *out->low);
    out->high = arena_alloc(arena, (size_t)out->count + 1, sizeof *out->high);
    for (int i = 0; i < out->count; i++) {
        int found = 0;
        for (int j = 0; j < count; j++) {
            double value = value_at(&cleaned[j], out->x[i], &places[j]);
            if (isfinite(value))
                values[found++] = value;
        }
        fold_at(out, i, values, found);
    }
}
