/* The line at the foot where one types: history, completion, results as one types. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_state.h"
#include "base/error.h"
#include "base/text.h"
#include "line.h"

/* --- completion --- */

struct completing {
    int (*complete)(struct job *job, const char *text, int *from, char ***words);
    const char *text; /* what is completed: up to the cursor */
    int from, count;
    char **words;
};

static int find_words(struct job *job)
{
    struct completing *completing = job->input;
    completing->count =
        completing->complete(job, completing->text, &completing->from, &completing->words);
    return 0;
}

/* What all words begin with. */
static char *common_start(struct arena *arena, char **words, int count)
{
    size_t length = strlen(words[0]);
    for (int i = 1; i < count; i++) {
        size_t same = 0;
        while (same < length && words[i][same] == words[0][same])
            same++;
        length = same;
    }
    return arena_strndup(arena, words[0], length);
}

/* The words may have come too late for what is typed by now. */
static bool is_as_asked(const struct typing *typing, const struct completing *completing)
{
    const struct line *line = typing->line;
    return line && (size_t)line->cursor == strlen(completing->text) &&
           strncmp(line->text, completing->text, (size_t)line->cursor) == 0;
}

static void take_words(struct app *app, const struct completing *completing)
{
    struct typing *typing = &app->typing;
    int count = completing->count;
    char *start = common_start(&typing->arena, completing->words, count);
    bool is_longer = (int)strlen(start) > typing->line->cursor - completing->from;
    typing->words = arena_alloc(&typing->arena, (size_t)count, sizeof *typing->words);
    for (int i = 0; i < count; i++)
        typing->words[i] = arena_strdup(&typing->arena, completing->words[i]);
    typing->word_count = count;
    typing->word = -1;
    typing->from = completing->from;
    if (count == 1 || is_longer)
        line_replace(typing->line, completing->from, start);
    if (typing->prompt.look)
        typing->prompt.look(app, typing->prompt.view, typing->line->text);
}

static void words_found(struct view *view, struct job *job)
{
    const struct completing *completing = job->input;
    (void)view;
    if (!is_as_asked(&job->app->typing, completing))
        return;
    if (job->error)
        app_say(job->app, "%s", job->message);
    else if (completing->count <= 0)
        app_say(job->app, "nothing to complete");
    else
        take_words(job->app, completing);
}

static void ask_for_words(struct app *app)
{
    const struct typing *typing = &app->typing;
    struct job *job = job_new(app, app->top, find_words, words_found);
    struct completing *completing = arena_alloc(&job->arena, 1, sizeof *completing);
    completing->complete = typing->prompt.complete;
    completing->text = arena_strndup(&job->arena, typing->line->text, (size_t)typing->line->cursor);
    job->input = completing;
    job->sign = "completing";
    job_start(job, LANE_TYPE);
}

/* Tab: as far as it is clear, then one after another. */
static void complete(struct app *app, int by)
{
    struct typing *typing = &app->typing;
    if (!typing->prompt.complete)
        return;
    if (typing->word_count <= 1) {
        ask_for_words(app);
        return;
    }
    typing->word = (typing->word + by + typing->word_count) % typing->word_count;
    line_replace(typing->line, typing->from, typing->words[typing->word]);
    if (typing->prompt.look)
        typing->prompt.look(app, typing->prompt.view, typing->line->text);
}

/* --- the line --- */

void typing_end(struct app *app)
{
    struct typing *typing = &app->typing;
    if (app->top)
        job_cancel(app->top, words_found);
    free(typing->line);
    free(typing->kept);
    arena_release(&typing->arena);
    *typing = (struct typing){ .line = NULL };
    app->needs_draw = true;
}

void app_prompt(struct app *app, const struct prompt *prompt)
{
    struct typing *typing = &app->typing;
    struct line *line = xcalloc(1, sizeof *line); /* not where the old one is: see take() */
    typing_end(app);
    typing->prompt = *prompt;
    typing->prompt.label = arena_strdup(&typing->arena, prompt->label);
    typing->line = line;
    line_set(typing->line, prompt->text ? prompt->text : "");
    app->needs_draw = true;
}

static void tell_change(struct app *app)
{
    struct typing *typing = &app->typing;
    typing->word_count = 0;
    if (typing->prompt.look)
        typing->prompt.look(app, typing->prompt.view, typing->line->text);
}

static void take(struct app *app)
{
    struct typing *typing = &app->typing;
    char *text = xstrdup(typing->line->text);
    struct prompt prompt = typing->prompt;
    if (prompt.history && *text)
        memory_add_line(app, prompt.history, text);
    struct line *line = typing->line;
    /* a taker may open the next prompt: this one is out of its way */
    int error = prompt.take(app, prompt.view, text);
    if (error < 0)
        app_say_error(app);
    else if (app->typing.line == line)
        typing_end(app);
    free(text);
}

static void recall(struct app *app, int by)
{
    struct typing *typing = &app->typing;
    int back = typing->recalled + by;
    const char *text = back > 0 ? memory_line(app, typing->prompt.history, back) : typing->kept;
    if (!typing->prompt.history || back < 0 || !text)
        return;
    if (typing->recalled == 0) {
        free(typing->kept);
        typing->kept = xstrdup(typing->line->text);
    }
    line_set(typing->line, back > 0 ? text : typing->kept);
    typing->recalled = back;
    tell_change(app);
}

void typing_input(struct app *app, const struct input *input)
{
    enum { C = 3, E = 5, G = 7, N = 14, P = 16 };
    struct typing *typing = &app->typing;
    bool is_key = input->kind == INPUT_KEY;
    app->needs_draw = true;
    if (is_key && (input->key == KEY_ESCAPE || input->key == C || input->key == G)) {
        struct prompt prompt = typing->prompt;
        typing_end(app);
        if (prompt.cancel)
            prompt.cancel(app, prompt.view);
    } else if (is_key && input->key == E && typing->prompt.edit && !typing->line->text[0]) {
        struct prompt prompt = typing->prompt;
        typing_end(app);
        prompt.edit(app, prompt.view);
    } else if (is_key && input->key == KEY_RETURN) {
        take(app);
    } else if (is_key && (input->key == KEY_ARROW_UP || input->key == P)) {
        recall(app, 1);
    } else if (is_key && (input->key == KEY_ARROW_DOWN || input->key == N)) {
        recall(app, -1);
    } else if (is_key && (input->key == KEY_TAB || input->key == KEY_BACK_TAB)) {
        complete(app, input->key == KEY_TAB ? 1 : -1);
    } else if (line_input(typing->line, input)) {
        tell_change(app);
    }
}

/* Completions stand in the rows above. */
static void draw_words(const struct typing *typing, struct frame *frame, struct rect rect)
{
    enum { ROWS = 8, GAP = 2 };
    int width = 0;
    for (int i = 0; i < typing->word_count; i++)
        width = MAX(width, text_columns(typing->words[i]));
    int across = MAX(1, rect.width / (width + GAP));
    int rows = MIN((typing->word_count + across - 1) / across, MIN(ROWS, rect.y - 1));
    int first = MAX(typing->word, 0) / MAX(across * rows, 1) * across * rows;
    for (int i = 0; i < across * rows; i++) {
        struct rect place = { rect.x + i % across * (width + GAP), rect.y - rows + i / across,
                              i % across == across - 1 ? rect.width - i % across * (width + GAP)
                                                       : width + GAP,
                              1 };
        struct style style =
            look_style(frame->look, first + i == typing->word ? ROLE_CURSOR : ROLE_TEXT);
        canvas_fill(frame->canvas, place, ' ', (struct style){ 0 });
        if (first + i < typing->word_count)
            canvas_text(frame->canvas, place, typing->words[first + i], style);
    }
}

void typing_draw(const struct app *app, struct frame *frame, struct rect rect)
{
    const struct typing *typing = &app->typing;
    struct style style = look_style(frame->look, ROLE_TEXT);
    canvas_fill(frame->canvas, rect, ' ', style);
    int used =
        canvas_text(frame->canvas, rect, typing->prompt.label, look_style(frame->look, ROLE_TITLE));
    line_draw(typing->line, frame->canvas,
              (struct rect){ rect.x + used, rect.y, rect.width - used, 1 }, style, true);
    if (typing->word_count > 1)
        draw_words(typing, frame, rect);
}
