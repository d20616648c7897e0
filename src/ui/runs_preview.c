/* The curves and the newest digits of the run under the cursor. They are read when the cursor has come
 * to rest; until then those of the run before stay, under its own name. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runs.h"

enum {
    REST_MS = 100,
    GROUP_RUNS = 8, /* whose curves are drawn over one another */
    SIDE_COLUMNS = 120,
    LEAST_ROWS = 20,
    BELOW_ROWS = 10
};

/* --- where it is --- */

static void place_preview(struct runs *runs, struct rect rect)
{
    struct runs_preview *preview = &runs->preview;
    bool is_beside = rect.width >= SIDE_COLUMNS;
    runs->place = rect;
    preview->rect = (struct rect){ 0, 0, 0, 0 };
    if (preview->is_hidden || rect.height < LEAST_ROWS)
        return;
    preview->rect = rect;
    if (is_beside) {
        int width = MIN(rect.width * 2 / 5, rect.width - 96);
        width = MAX(width, 44);
        runs->place.width = rect.width - width;
        preview->rect.x += runs->place.width;
        preview->rect.width = width;
    } else {
        int height = MAX(BELOW_ROWS, rect.height * 2 / 5);
        runs->place.height = rect.height - height;
        preview->rect.y += runs->place.height;
        preview->rect.height = height;
    }
}

static bool has_room(const struct runs *runs)
{
    return runs->preview.rect.width > 0;
}

static bool is_beside(const struct runs *runs)
{
    return runs->preview.rect.x > runs->place.x;
}

/* --- words about it --- */

static const char separator[] = " · ";

/* Draws as many rows as it takes, broken at blanks where there are some; counts them only where
 * `canvas` is NULL. */
static int draw_wrapped(struct canvas *canvas, struct rect rect, const char *text,
                        struct style style)
{
    struct arena arena = { 0 };
    int rows = 0;
    while (*text && rows < rect.height && rect.width > 0) {
        const char *next;
        size_t length = text_fitting(text, rect.width, &next);
        if (canvas)
            canvas_text(canvas, (struct rect){ rect.x, rect.y + rows, rect.width, 1 },
                        arena_strndup(&arena, text, length), style);
        rows++;
        text = next;
        if (strncmp(text, separator + 1, strlen(separator) - 1) == 0)
            text += strlen(separator) - 1; /* a row begins with a word */
    }
    arena_release(&arena);
    return rows;
}

static const struct run_row *shown_row(const struct runs_preview *preview)
{
    return preview->plot.run_count > 0 ? &preview->plot.runs[0].row : NULL;
}

static const char *title_of(const struct runs_preview *preview, struct arena *arena)
{
    const struct run_row *row = &preview->plot.runs[0].row;
    if (preview->plot.run_count > 1)
        return arena_printf(arena, "%s%s%d runs",
                            preview->plot.panel_count > 0 ? preview->plot.panels[0].title : "",
                            preview->plot.panel_count > 0 ? separator : "",
                            preview->plot.run_count);
    return arena_printf(arena, "%lld %s%s%s", (long long)row->number,
                        row->broken       ? "(broken)"
                        : row->experiment ? row->experiment
                                          : "",
                        row->name ? " · " : "", row->name ? row->name : "");
}

static const char *join(struct arena *arena, const char *text, const char *more)
{
    return more && *more ? arena_printf(arena, "%s%s%s", text, *text ? separator : "", more) : text;
}

static const char *facts_of(const struct runs_preview *preview, struct arena *arena, double now)
{
    const struct run_row *row = &preview->plot.runs[0].row;
    const char *text = run_state_word(row);
    if (preview->plot.run_count > 1)
        return "";
    text = join(arena, text, row->broken ? row->broken : row->reason);
    text = join(arena, text, row->health);
    if (row->steps > 0)
        text = join(arena, text,
                    arena_printf(arena, "step %s of %s", format_count(arena, (double)row->step),
                                 format_count(arena, (double)row->steps)));
    if (run_seconds_left(row) > 0)
        text = join(arena, text,
                    arena_printf(arena, "%s left", format_duration(arena, run_seconds_left(row))));
    else if (row->took > 0 && run_state_is_end(row->state))
        text = join(arena, text, arena_printf(arena, "took %s", format_duration(arena, row->took)));
    if (isfinite(row->created))
        text =
            join(arena, text, arena_printf(arena, "%s ago", format_age(arena, now - row->created)));
    text = join(arena, text, run_commit_word(arena, row));
    text = join(arena, text, row->subject);
    for (int i = 0; i < row->tag_count; i++)
        text = join(arena, text, arena_printf(arena, "#%s", row->tags[i]));
    if (row->note_count > 0)
        text = join(
            arena, text,
            arena_printf(arena, "%d note%s", row->note_count, row->note_count == 1 ? "" : "s"));
    return text;
}

/* The whole title stands first where the line above has no room for it. */
static const char *words_of(const struct runs_preview *preview, struct arena *arena, double now,
                            int width)
{
    const char *title = title_of(preview, arena), *facts = facts_of(preview, arena, now);
    return text_columns(title) + 6 > width ? join(arena, title, facts) : facts;
}

/* --- loading --- */

static void loaded_plot(struct view *view, struct job *job)
{
    struct runs *runs = view->state;
    if (!plot_take(&runs->preview.plot, job))
        plot_release(&runs->preview.plot);
}

static void loaded_sheet(struct view *view, struct job *job)
{
    struct runs *runs = view->state;
    if (!sheet_take(&runs->preview.sheet, job))
        sheet_release(&runs->preview.sheet);
}

static void load(struct view *view, const struct listed_run *first, int count)
{
    struct runs *runs = view->state;
    struct runs_preview *preview = &runs->preview;
    int64_t numbers[GROUP_RUNS];
    count = MIN(count, GROUP_RUNS);
    for (int i = 0; i < count; i++)
        numbers[i] = first[i].row.number;
    preview->loaded = first->row.number;
    preview->loaded_count = count;
    preview->loaded_step = first->row.step;
    preview->loaded_state = first->row.state;
    plot_load(view,
              &(struct plot_wish){ .runs = numbers,
                                   .run_count = count,
                                   .most = 4,
                                   .joins_losses = true,
                                   .curves = { .by = CURVE_STEP,
                                               .first = NAN,
                                               .last = NAN,
                                               .columns = preview->rect.width } },
              loaded_plot);
    sheet_load(view, numbers[0], -1, false, loaded_sheet);
}

/* The runs that the cursor means: one, or those of a group. */
static const struct listed_run *wanted_runs(const struct runs *runs, int *count)
{
    const struct runs_line *line = runs_line_at(runs, runs->cursor);
    *count = 0;
    if (!line)
        return NULL;
    int first = line->run >= 0 ? line->run : runs->list.groups[line->group].first;
    *count = line->run >= 0 ? 1 : MIN(runs->list.groups[line->group].count, GROUP_RUNS);
    return &runs->list.runs[first];
}

static void look_for_news(struct view *view, const struct tick *tick)
{
    struct runs *runs = view->state;
    struct runs_preview *preview = &runs->preview;
    int count;
    const struct listed_run *run = wanted_runs(runs, &count);
    int64_t wanted = run ? run->row.number : 0;
    if (wanted != preview->wanted || count != preview->wanted_count) {
        preview->moved = preview->wanted == 0 ? tick->steady - REST_MS / 1000.0 : tick->steady;
        preview->wanted = wanted;
        preview->wanted_count = count;
    }
    bool is_at_rest = tick->steady - preview->moved >= REST_MS / 1000.0 - 1e-4;
    if (!run || !has_room(runs) || !is_at_rest)
        return;
    bool is_other = preview->loaded != wanted || preview->loaded_count != count;
    if (is_other || tick->is_new_size || preview->loaded_step != run->row.step ||
        preview->loaded_state != run->row.state)
        load(view, run, count);
}

/* Under the words: curves and digits, one above the other or side by side. */
static void place_parts(struct runs *runs, double now)
{
    struct arena arena = { 0 };
    struct runs_preview *preview = &runs->preview;
    struct rect rest = preview->rect;
    preview->chart = preview->digits = (struct rect){ 0, 0, 0, 0 };
    if (!has_room(runs) || !shown_row(preview))
        return;
    int margin = is_beside(runs) ? 2 : 1;
    rest.x += margin, rest.width -= margin;
    int words =
        draw_wrapped(NULL, (struct rect){ 0, 0, rest.width - 1, rest.height / 2 },
                     words_of(preview, &arena, now, preview->rect.width), (struct style){ 0 });
    rest.y += 1 + words, rest.height -= 1 + words;
    preview->chart = rest;
    if (preview->sheet.count > 0 && preview->plot.panel_count == 0) {
        preview->chart = (struct rect){ 0, 0, 0, 0 };
        preview->digits = rest;
    } else if (preview->sheet.count > 0 && is_beside(runs)) {
        preview->chart.height = rest.height / 2;
        preview->digits = (struct rect){ rest.x, rest.y + preview->chart.height, rest.width,
                                         rest.height - preview->chart.height };
    } else if (preview->sheet.count > 0) {
        int width = MIN(rest.height * 4, rest.width / 2);
        preview->chart.width = rest.width - width - 1;
        preview->digits = (struct rect){ rest.x + rest.width - width, rest.y, width, rest.height };
    }
    arena_release(&arena);
}

void runs_preview_update(struct view *view, const struct tick *tick)
{
    struct runs *runs = view->state;
    place_preview(runs, tick->rect);
    look_for_news(view, tick);
    place_parts(runs, runs->list.now);
}

double runs_preview_wakes(const struct runs *runs, double steady)
{
    const struct runs_preview *preview = &runs->preview;
    bool is_awaited =
        has_room(runs) && preview->wanted != 0 &&
        (preview->wanted != preview->loaded || preview->wanted_count != preview->loaded_count);
    return is_awaited ? MAX(preview->moved + REST_MS / 1000.0 - steady, 0) : -1;
}

/* --- drawing --- */

static void draw_frame(const struct runs *runs, struct frame *frame, const char *title)
{
    struct rect rect = runs->preview.rect;
    struct style line = look_style(frame->look, ROLE_FRAME);
    bool is_old = runs->preview.loaded != runs->preview.wanted;
    struct rect head = { rect.x, rect.y, rect.width, 1 };
    if (is_beside(runs)) {
        canvas_fill(frame->canvas, (struct rect){ rect.x, rect.y, 1, rect.height }, 0x2502 /* │ */,
                    line);
        head.x += 2, head.width -= 3;
    } else {
        canvas_fill(frame->canvas, head, 0x2500 /* ─ */, line);
        head.x += 2, head.width -= 4;
        title = *title ? arena_printf(frame->arena, " %s ", title) : title;
    }
    canvas_text(frame->canvas, head, title,
                look_style(frame->look, is_old ? ROLE_DIM : ROLE_TITLE));
}

void runs_preview_draw(const struct runs *runs, struct frame *frame)
{
    const struct runs_preview *preview = &runs->preview;
    struct rect rect = preview->rect;
    const struct run_row *row = shown_row(preview);
    if (!has_room(runs))
        return;
    draw_frame(runs, frame, row ? title_of(preview, frame->arena) : "");
    if (!row)
        return;
    int margin = is_beside(runs) ? 2 : 1;
    draw_wrapped(
        frame->canvas,
        (struct rect){ rect.x + margin, rect.y + 1, rect.width - margin - 1, rect.height / 2 },
        words_of(preview, frame->arena, runs->list.now, rect.width),
        look_style(frame->look, ROLE_TEXT));
    if (preview->plot.panel_count > 0 && preview->chart.height > 2)
        plot_draw(&preview->plot, 0, frame, preview->chart, &(struct plot_look){ .half = NAN });
    if (preview->digits.width > 0)
        sheet_draw(&preview->sheet, frame, preview->digits);
}

void runs_preview_release(struct runs *runs)
{
    plot_release(&runs->preview.plot);
    sheet_release(&runs->preview.sheet);
}
