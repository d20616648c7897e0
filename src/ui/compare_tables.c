/* Values and metrics of the compared runs as tables. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "compare_state.h"
#include "show/run_table.h"

enum { KEY_MOST = 26, LEAST = 9, MOST = 40, GAP = 2 };

static struct compare_row *add(struct compare_table *table, const char *key, enum role role)
{
    struct compare_row *row = &table->rows[table->count++];
    *row = (struct compare_row){ .key = key, .role = role };
    return row;
}

static void find_difference(struct compare_row *row, int runs)
{
    for (int i = 1; i < runs; i++) {
        const char *a = row->cells[0].text, *b = row->cells[i].text;
        row->differs = row->differs || (a && b ? strcmp(a, b) != 0 : a != b);
    }
}

static void measure(struct compare_table *table, const struct compare_data *data)
{
    table->key_width = 0;
    for (int i = 0; i < table->count; i++)
        table->key_width = MAX(table->key_width, text_columns(table->rows[i].key));
    table->key_width = MIN(table->key_width, KEY_MOST);
    for (int k = 0; k < data->count; k++) {
        table->widths[k] = MAX(LEAST, text_columns(data->titles[k]) + GAP);
        for (int i = 0; i < table->count; i++)
            if (table->rows[i].cells[k].text)
                table->widths[k] =
                    MAX(table->widths[k], text_columns(table->rows[i].cells[k].text));
        table->widths[k] = MIN(table->widths[k], MOST);
    }
}

/* --- what is known besides the recipe --- */

enum fact {
    FACT_EXPERIMENT,
    FACT_COMMAND,
    FACT_COMMIT,
    FACT_STATE,
    FACT_STEP,
    FACT_TOOK,
    FACT_HOST
};
enum { FACT_COUNT = FACT_HOST + 1, CHOSEN_FACTS = FACT_STATE /* that were not found out later */ };

static const char *const fact_names[FACT_COUNT] = { "experiment", "command", "commit", "state",
                                                    "step",       "took",    "host" };

static const char *step_words(struct arena *arena, const struct run_row *row)
{
    const char *step = format_count(arena, (double)row->step);
    return row->steps > 0
               ? arena_printf(arena, "%s of %s", step, format_count(arena, (double)row->steps))
               : step;
}

static const char *fact_of(struct arena *arena, const struct run_row *row, enum fact fact)
{
    switch (fact) {
    case FACT_EXPERIMENT:
        return row->experiment;
    case FACT_COMMAND:
        return row->is_command ? row->command : NULL;
    case FACT_COMMIT:
        return run_commit_word(arena, row);
    case FACT_STATE:
        return run_state_word(row);
    case FACT_STEP:
        return step_words(arena, row);
    case FACT_TOOK:
        return isnan(row->took) ? NULL : format_duration(arena, row->took);
    case FACT_HOST:
        break;
    }
    return row->host;
}

static void add_facts(struct compare_state *state, int first, int end)
{
    const struct compare_data *data = &state->data;
    for (int fact = first; fact < end; fact++) {
        struct compare_row *row = add(&state->values, fact_names[fact], ROLE_TEXT);
        bool is_any = false;
        for (int k = 0; k < data->count; k++) {
            row->cells[k].text = fact_of(&state->arena, &data->runs[k].row, (enum fact)fact);
            is_any = is_any || row->cells[k].text;
        }
        find_difference(row, data->count);
        if (!is_any || (!row->differs && !state->shows_all))
            state->values.count--;
    }
}

static void add_settings(struct compare_state *state)
{
    const struct compare_data *data = &state->data;
    for (int i = 0; i < data->setting_count; i++) {
        const struct beside_setting *setting = &data->settings[i];
        if (!setting->differs && !state->shows_all) {
            state->same_count++;
            continue;
        }
        struct compare_row *row = add(&state->values, setting->key, ROLE_TEXT);
        row->differs = setting->differs;
        for (int k = 0; k < data->count; k++)
            row->cells[k].text = setting->values[k];
    }
}

/* --- metrics --- */

static void add_last(struct compare_state *state, const struct beside_metric *metric)
{
    struct compare_row *row = add(&state->metrics, metric_label(metric->name), ROLE_TEXT);
    for (int k = 0; k < state->data.count; k++)
        if (metric->values[k].points > 0)
            row->cells[k].text = metric_format(&state->arena, metric->name, metric->values[k].last);
}

static void add_best(struct compare_state *state, const struct beside_metric *metric)
{
    const char *name = metric->direction == DIRECTION_SMALLER ? "  least" : "  most";
    struct compare_row *row = add(&state->metrics, name, ROLE_TEXT);
    for (int k = 0; k < state->data.count; k++) {
        if (metric->values[k].points == 0)
            continue;
        const char *text = metric_format(&state->arena, metric->name, beside_best(metric, k));
        bool is_best = k == metric->best;
        row->cells[k].text = is_best ? arena_printf(&state->arena, "*%s", text) : text;
        row->cells[k].role = is_best ? ROLE_GOOD : ROLE_TEXT;
    }
}

/* In the column of the first run of each group: is it another than the first group, by more than its
 * seeds? */
static void add_groups(struct compare_state *state, int metric)
{
    static const enum role roles[] = { [VERDICT_SEEDS] = ROLE_DIM,
                                       [VERDICT_BETTER] = ROLE_GOOD,
                                       [VERDICT_WORSE] = ROLE_BAD,
                                       [VERDICT_OTHER] = ROLE_TEXT };
    const struct compare_data *data = &state->data;
    const struct groups *groups = &data->groups;
    const char *name = data->metrics[metric].name;
    if (!groups->can_tell)
        return;
    struct compare_row *row = add(&state->metrics, "  beyond seeds", ROLE_TEXT);
    for (int group = 1; group < groups->count; group++) {
        const struct difference *difference = &data->differences[metric * groups->count + group];
        enum verdict verdict = groups_verdict(difference, data->metrics[metric].direction);
        struct compare_cell *cell = &row->cells[groups->firsts[group]];
        if (verdict == VERDICT_UNKNOWN)
            continue;
        cell->role = roles[verdict];
        cell->text = verdict == VERDICT_SEEDS
                         ? arena_printf(&state->arena, "no: %s",
                                        difference_words(&state->arena, name, difference))
                         : arena_printf(&state->arena, "%s: %s", verdict_words(verdict),
                                        difference_words(&state->arena, name, difference));
    }
}

static void add_metrics(struct compare_state *state)
{
    const struct compare_data *data = &state->data;
    for (int i = 0; i < data->metric_count; i++) {
        const struct beside_metric *metric = &data->metrics[i];
        if (!state->shows_all && strncmp(metric->name, "use.", 4) == 0)
            continue;
        add_last(state, metric);
        if (metric->best >= 0)
            add_best(state, metric);
        add_groups(state, i);
    }
}

void compare_tables_make(struct compare_state *state)
{
    const struct compare_data *data = &state->data;
    struct compare_table *values = &state->values, *metrics = &state->metrics;
    arena_release(&state->arena);
    values->rows =
        arena_alloc(&state->arena, (size_t)data->setting_count + FACT_COUNT, sizeof *values->rows);
    metrics->rows =
        arena_alloc(&state->arena, 3 * (size_t)data->metric_count + 1, sizeof *metrics->rows);
    values->count = metrics->count = state->same_count = 0;
    add_facts(state, 0, CHOSEN_FACTS);
    add_settings(state);
    add_facts(state, CHOSEN_FACTS, FACT_COUNT);
    add_metrics(state);
    measure(values, data);
    measure(metrics, data);
    compare_table_move(values, 0, 1);
    compare_table_move(metrics, 0, 1);
}

void compare_table_move(struct compare_table *table, int by, int rows)
{
    table->cursor = MAX(0, MIN(table->cursor + by, table->count - 1));
    table->first = MIN(table->first, table->cursor);
    table->first = MAX(table->first, table->cursor - rows + 1);
    table->first = MAX(0, MIN(table->first, table->count - rows));
}

/* --- drawing --- */

/* Widths of the columns from `first` on in `width`: as they would like, else all cut alike, as long
 * as that leaves them legible. Returns how many there are. */
static int fit_columns(const struct compare_table *table, int run_count, int first, int width,
                       int *widths)
{
    enum { SQUEEZED = 10 };
    int count = run_count - first, total = 0;
    for (int i = 0; i < count; i++)
        total += (widths[i] = table->widths[first + i]) + GAP;
    while (total > width) {
        int widest = 0;
        for (int i = 1; i < count; i++)
            if (widths[i] > widths[widest])
                widest = i;
        if (widths[widest] > SQUEEZED)
            widths[widest]--, total--;
        else if (count > 1)
            total -= widths[--count] + GAP;
        else
            break;
    }
    return count;
}

int compare_columns_fit(const struct compare_table *table, int run_count, int first, int width)
{
    int widths[COMPARE_RUNS];
    return fit_columns(table, run_count, first, width - table->key_width - GAP - 1, widths);
}

static int look_of(const struct compare_state *state, int run)
{
    for (int i = 0; i < state->plot.panel_count; i++)
        for (int j = 0; j < state->plot.panels[i].count; j++)
            if (state->plot.panels[i].curves[j].run->row.number == state->runs[run])
                return state->plot.panels[i].curves[j].look;
    return 0;
}

/* A run's name with the sign that its curves have. */
static void draw_title(const struct compare_state *state, struct frame *frame, struct rect rect,
                       int run)
{
    int look = look_of(state, run);
    if (look > 0)
        canvas_put(frame->canvas, rect.x, rect.y, chart_marker(look, frame->look->glyphs),
                   chart_style(look));
    rect.x += GAP, rect.width -= GAP;
    canvas_text(frame->canvas, rect, state->data.titles[run], look_style(frame->look, ROLE_TITLE));
}

static void draw_row(const struct compare_state *state, struct frame *frame, struct rect rect,
                     const struct compare_table *table, const struct compare_row *row,
                     const int *widths, int count)
{
    bool is_marked = row->differs && state->shows_all && table == &state->values;
    struct rect key = { rect.x + 1, rect.y, table->key_width, 1 };
    int x = key.x + key.width + GAP;
    if (is_marked)
        canvas_put(frame->canvas, rect.x, rect.y, '*', look_style(frame->look, ROLE_MARKED));
    canvas_text(frame->canvas, key, row->key, look_style(frame->look, row->role));
    for (int i = 0; i < count; i++) {
        const struct compare_cell *cell = &row->cells[state->first_run + i];
        canvas_text(frame->canvas, (struct rect){ x, rect.y, widths[i], 1 },
                    cell->text ? cell->text : "-",
                    look_style(frame->look, cell->text ? cell->role : ROLE_DIM));
        x += widths[i] + GAP;
    }
}

void compare_table_draw(const struct compare_state *state, const struct compare_table *table,
                        struct frame *frame, struct rect rect, bool has_cursor)
{
    int widths[COMPARE_RUNS];
    int count = fit_columns(table, state->data.count, state->first_run,
                            rect.width - table->key_width - GAP - 1, widths);
    int x = rect.x + 1 + table->key_width + GAP;
    for (int i = 0; i < count; i++) {
        draw_title(state, frame, (struct rect){ x, rect.y, widths[i], 1 }, state->first_run + i);
        x += widths[i] + GAP;
    }
    for (int i = 0; i < rect.height - 1 && table->first + i < table->count; i++) {
        struct rect row = { rect.x, rect.y + 1 + i, rect.width, 1 };
        draw_row(state, frame, row, table, &table->rows[table->first + i], widths, count);
        if (has_cursor && table->first + i == table->cursor)
            canvas_restyle(frame->canvas, row, look_style(frame->look, ROLE_CURSOR));
    }
}
