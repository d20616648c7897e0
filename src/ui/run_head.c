#define _GNU_SOURCE
#include "run_head.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "draw/bar.h"
#include "record/health.h"
#include "show/run_table.h"

int run_head_read(struct run_head *head, const struct index *index, int64_t number)
{
    struct arena arena = { 0 };
    struct run_row row;
    const struct index_place *place = &index->places[0];
    int error = catalogue_run(place->catalogue, &arena, number, index->now, &row);
    if (error) {
        arena_release(&arena);
        head->is_gone = true;
        return error;
    }
    arena_release(&head->arena);
    head->arena = arena;
    head->run = (struct listed_run){ row, &index->places[0] };
    head->directory = run_place(&head->arena, &head->run);
    head->is_gone = !directory_exists(head->directory);
    return 0;
}

void run_head_release(struct run_head *head)
{
    arena_release(&head->arena);
}

bool run_head_is_live(const struct run_head *head)
{
    return !head->is_gone && !run_state_is_end(head->run.row.state);
}

bool run_head_offers(const struct run_head *head, enum action action)
{
    bool is_live = run_head_is_live(head);
    if (action_row(action)->where & NEEDS_LIVE)
        return is_live;
    return !is_live || !((action_row(action)->where & NEEDS_ENDED) || action == ACTION_RESUME);
}

/* --- words --- */

bool run_head_is_well(const struct run_head *head)
{
    const char *health = head->run.row.health;
    enum health_state state;
    if (!health || strcmp(health, "ok") == 0)
        return true;
    return health_parse(health, &state) && !health_is_bad(state);
}

const char *run_head_news(const struct run_head *head)
{
    const struct run_row *row = &head->run.row;
    if (head->is_gone)
        return "its directory is gone";
    if (row->broken)
        return "its run.json cannot be read; what else there is stands here";
    if (row->is_orphan)
        return "its worker is gone, the training works on alone";
    if (row->is_stalled)
        return "nothing reported for ten times as long as usual";
    return row->reason && row->state != RUN_FINISHED ? row->reason : "";
}

struct style run_head_news_style(const struct run_head *head, const struct look *look)
{
    const struct run_row *row = &head->run.row;
    bool is_bad = head->is_gone || row->broken || row->state == RUN_FAILED ||
                  row->state == RUN_LOST || row->state == RUN_KILLED;
    bool is_warning =
        row->is_orphan || row->is_stalled || row->state == RUN_DIVERGED || !run_head_is_well(head);
    return look_style(look, is_bad ? ROLE_BAD : is_warning ? ROLE_WARNING : ROLE_DIM);
}

const char *run_head_silence(const struct run_head *head)
{
    if (head->is_gone)
        return "the run's directory is gone, and its log with it";
    if (head->run.row.state == RUN_QUEUED)
        return "it waits for its turn, and has said nothing yet";
    return run_head_is_live(head) ? "it has said nothing yet" : "it said nothing: the log is empty";
}

/* "3,000/6,000  2:10 left", or how long it took. */
static const char *progress_text(const struct run_head *head, struct arena *arena)
{
    const struct run_row *row = &head->run.row;
    const char *text = format_count(arena, (double)row->step);
    if (row->steps > 0)
        text = arena_printf(arena, "%s/%s", text, format_count(arena, (double)row->steps));
    double left = run_seconds_left(row);
    if (!isnan(left))
        return arena_printf(arena, "%s  %s left", text, format_duration(arena, left));
    if (row->took > 0)
        return arena_printf(arena, "%s in %s", text, format_duration(arena, row->took));
    return text;
}

/* --- drawing --- */

static struct rect after(struct rect row, int used)
{
    return (struct rect){ row.x + used, row.y, row.width - used, 1 };
}

/* Name and progress at the right of it, the bar as long as there is room. */
static void draw_progress(const struct run_head *head, struct frame *frame, struct rect row)
{
    enum { BAR_LEAST = 8, BAR_MOST = 30, GAP = 2 };
    const struct run_row *run = &head->run.row;
    const char *text = progress_text(head, frame->arena);
    int columns = text_columns(text), rest = row.width - columns - 1;
    if (rest < 0)
        return;
    canvas_text(frame->canvas, after(row, rest), text, (struct style){ 0 });
    int bar = MIN(rest - 2 * GAP, BAR_MOST);
    bool is_on_its_way = run->steps > 0 && run->step < run->steps;
    if (bar < BAR_LEAST || !is_on_its_way)
        return;
    bar_draw(frame->canvas, (struct rect){ row.x + rest - GAP - bar + 1, row.y, bar, 1 },
             (double)run->step / (double)run->steps, run_state_style(run));
}

void run_head_draw(const struct run_head *head, struct frame *frame, struct rect row)
{
    const struct run_row *run = &head->run.row;
    struct style style = run_state_style(run);
    style.attributes |= STYLE_BOLD;
    canvas_put(frame->canvas, row.x + 1, row.y, run_state_sign(run), style);
    row = after(row, 3);
    row = after(row, canvas_text(frame->canvas, row, run_state_word(run), style) + 2);
    row = after(row, canvas_printf(frame->canvas, row, look_style(frame->look, ROLE_TITLE),
                                   "%lld %s", (long long)run->number,
                                   run->broken       ? "(broken)"
                                   : run->experiment ? run->experiment
                                                     : ""));
    if (run->name)
        row = after(row, 1 + canvas_text(frame->canvas, after(row, 1),
                                         arena_printf(frame->arena, "\"%s\"", run->name),
                                         (struct style){ 0 }));
    draw_progress(head, frame, row);
}
