#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "runs.h"

/* --- lines --- */

const struct runs_line *runs_line_at(const struct runs *runs, int line)
{
    return line >= 0 && line < runs->line_count ? &runs->lines[line] : NULL;
}

const struct run_row *runs_row_at(const struct runs *runs, int line)
{
    const struct runs_line *found = runs_line_at(runs, line);
    return found && found->run >= 0 ? &runs->list.runs[found->run].row : NULL;
}

static void add_line(struct runs *runs, int run, int group)
{
    if (runs->line_count == runs->line_room) {
        runs->line_room = MAX(2 * runs->line_room, 256);
        runs->lines = xrealloc(runs->lines, (size_t)runs->line_room, sizeof *runs->lines);
    }
    runs->lines[runs->line_count++] = (struct runs_line){ run, group };
}

static void add_lines(struct runs *runs)
{
    const struct run_list *list = &runs->list;
    runs->line_count = 0;
    if (list->group_count == 0)
        for (int i = 0; i < list->count; i++)
            add_line(runs, i, -1);
    for (int i = 0; i < list->group_count; i++) {
        const struct run_group *group = &list->groups[i];
        add_line(runs, -1, i);
        for (int j = 0; j < group->count && !runs_is_folded(runs, i); j++)
            add_line(runs, group->first + j, i);
    }
}

static bool holds_run(const struct runs *runs, int group, int64_t number)
{
    const struct run_group *found = &runs->list.groups[group];
    for (int i = found->first; i < found->first + found->count; i++)
        if (runs->list.runs[i].row.number == number)
            return true;
    return false;
}

/* The line of what the cursor was on, or the head that it is folded under; -1: it has gone. */
static int find_place(const struct runs *runs)
{
    for (int i = 0; i < runs->line_count; i++) {
        const struct runs_line *line = &runs->lines[i];
        bool is_head = line->run < 0;
        const char *value = is_head ? runs->list.groups[line->group].value : NULL;
        if (is_head && runs->at == 0 && runs->at_group && strcmp(value, runs->at_group) == 0)
            return i;
        if (is_head && runs->at != 0 && runs_is_folded(runs, line->group) &&
            holds_run(runs, line->group, runs->at))
            return i;
        if (!is_head && runs->at != 0 && runs->list.runs[line->run].row.number == runs->at)
            return i;
    }
    return -1;
}

static int compare_marks(const void *a, const void *b)
{
    const struct runs_mark *left = a, *right = b;
    return (left->run > right->run) - (left->run < right->run);
}

static struct runs_mark *find_mark(const struct runs *runs, int64_t number)
{
    struct runs_mark wanted = { .run = number };
    return runs->mark_count > 0 ? bsearch(&wanted, runs->marks, (size_t)runs->mark_count,
                                          sizeof *runs->marks, compare_marks)
                                : NULL;
}

static void look_for_marks(struct runs *runs)
{
    for (int i = 0; i < runs->mark_count; i++)
        runs->marks[i].is_listed = false;
    for (int i = 0; i < runs->list.count && runs->mark_count > 0; i++) {
        struct runs_mark *mark = find_mark(runs, runs->list.runs[i].row.number);
        if (mark)
            mark->is_listed = true;
    }
}

void runs_make_lines(struct runs *runs)
{
    add_lines(runs);
    look_for_marks(runs);
    int place = find_place(runs);
    if (place >= 0) {
        if (runs->first > 0) /* at the head one wants to see what is new there */
            runs->first += place - runs->cursor;
        runs->cursor = place;
    }
    runs->table.is_stale = true;
}

/* --- the cursor --- */

void runs_move(struct runs *runs, int to)
{
    runs->cursor = MAX(0, MIN(to, runs->line_count - 1));
    const struct run_row *row = runs_row_at(runs, runs->cursor);
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    runs->at = row ? row->number : 0;
    if (line && !row)
        runs_set(&runs->at_group, runs->list.groups[line->group].value);
}

void runs_scroll(struct runs *runs)
{
    runs->first = MIN(runs->first, runs->cursor);
    runs->first = MAX(runs->first, runs->cursor - runs->rows + 1);
    runs->first = MAX(0, MIN(runs->first, runs->line_count - runs->rows));
}

/* --- folds --- */

static int find_unlike(const struct runs *runs, const char *value)
{
    for (int i = 0; i < runs->unlike_count; i++)
        if (strcmp(runs->unlike[i], value) == 0)
            return i;
    return -1;
}

bool runs_is_folded(const struct runs *runs, int group)
{
    return runs->folds_all != (find_unlike(runs, runs->list.groups[group].value) >= 0);
}

static void forget_unlike(struct runs *runs)
{
    for (int i = 0; i < runs->unlike_count; i++)
        free(runs->unlike[i]);
    runs->unlike_count = 0;
}

void runs_add_unlike(struct runs *runs, const char *value)
{
    if (!value)
        return;
    runs->unlike = xrealloc(runs->unlike, (size_t)runs->unlike_count + 1, sizeof *runs->unlike);
    runs->unlike[runs->unlike_count++] = xstrdup(value);
}

static void toggle_fold(struct runs *runs, int group)
{
    const char *value = runs->list.groups[group].value;
    int at = find_unlike(runs, value);
    if (at >= 0) {
        free(runs->unlike[at]);
        runs->unlike[at] = runs->unlike[--runs->unlike_count];
    } else {
        runs_add_unlike(runs, value);
    }
    runs_make_lines(runs);
    runs_move(runs, runs->cursor);
}

void runs_fold(struct runs *runs)
{
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    if (line && line->group >= 0)
        toggle_fold(runs, line->group);
}

void runs_fold_all(struct runs *runs)
{
    forget_unlike(runs);
    runs->folds_all = !runs->folds_all;
    runs_make_lines(runs);
    runs_move(runs, runs->cursor);
}

void runs_unfold_run(struct runs *runs, int run)
{
    for (int i = 0; i < runs->list.group_count; i++) {
        const struct run_group *group = &runs->list.groups[i];
        if (run >= group->first && run < group->first + group->count && runs_is_folded(runs, i))
            toggle_fold(runs, i);
    }
}

/* --- marks --- */

bool runs_is_marked(const struct runs *runs, int64_t number)
{
    return find_mark(runs, number) != NULL;
}

bool runs_is_group_marked(const struct runs *runs, int group)
{
    const struct run_group *found = &runs->list.groups[group];
    for (int i = found->first; i < found->first + found->count && runs->mark_count > 0; i++)
        if (!runs_is_marked(runs, runs->list.runs[i].row.number))
            return false;
    return runs->mark_count > 0;
}

static void set_mark(struct runs *runs, int64_t number, bool is_on)
{
    struct runs_mark *mark = find_mark(runs, number);
    if (is_on == (mark != NULL))
        return;
    if (mark) {
        runs->mark_count--;
        size_t behind = (size_t)(runs->marks + runs->mark_count - mark);
        memmove(mark, mark + 1, behind * sizeof *mark);
        return;
    }
    int at = runs->mark_count++;
    runs->marks = xrealloc(runs->marks, (size_t)runs->mark_count, sizeof *runs->marks);
    for (; at > 0 && runs->marks[at - 1].run > number; at--)
        runs->marks[at] = runs->marks[at - 1];
    runs->marks[at] = (struct runs_mark){ number, true };
}

void runs_toggle_mark(struct runs *runs)
{
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    if (!line)
        return;
    if (line->run >= 0) {
        set_mark(runs, runs->at, !runs_is_marked(runs, runs->at));
        return;
    }
    const struct run_group *group = &runs->list.groups[line->group];
    bool is_on = !runs_is_group_marked(runs, line->group);
    for (int i = group->first; i < group->first + group->count; i++)
        set_mark(runs, runs->list.runs[i].row.number, is_on);
}

void runs_unmark_all(struct runs *runs)
{
    runs->mark_count = 0;
}

int runs_marked_count(const struct runs *runs)
{
    int count = 0;
    for (int i = 0; i < runs->mark_count; i++)
        count += runs->marks[i].is_listed;
    return count;
}

/* The head of a group means the runs of it. */
static int meant_by_cursor(const struct runs *runs, struct arena *arena, int64_t **numbers)
{
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    if (!line)
        return 0;
    int first = line->run, count = 1;
    if (first < 0) {
        first = runs->list.groups[line->group].first;
        count = runs->list.groups[line->group].count;
    }
    *numbers = arena_alloc(arena, (size_t)count, sizeof **numbers);
    for (int i = 0; i < count; i++)
        (*numbers)[i] = runs->list.runs[first + i].row.number;
    return count;
}

int runs_meant(const struct runs *runs, struct arena *arena, int64_t **numbers)
{
    int marked = runs_marked_count(runs), count = 0;
    if (marked == 0)
        return meant_by_cursor(runs, arena, numbers);
    *numbers = arena_alloc(arena, (size_t)marked, sizeof **numbers);
    if (runs->at != 0 && runs_is_marked(runs, runs->at))
        (*numbers)[count++] = runs->at;
    for (int i = 0; i < runs->mark_count; i++)
        if (runs->marks[i].is_listed && (count == 0 || runs->marks[i].run != (*numbers)[0]))
            (*numbers)[count++] = runs->marks[i].run;
    return count;
}

void runs_lines_release(struct runs *runs)
{
    forget_unlike(runs);
    free(runs->unlike);
    free(runs->lines);
    free(runs->at_group);
    free(runs->marks);
}
