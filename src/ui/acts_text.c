/* Words about runs: tags, notes, names. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "acts.h"
#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "run/notes.h"
#include "run/resolve.h"

static void ask(struct app *app, const struct meant *meant, const char *what, struct prompt prompt)
{
    struct arena arena = { 0 };
    prompt.label = arena_printf(&arena, " %s %s: ", what, meant->title);
    app_prompt(app, &prompt);
    arena_release(&arena);
}

/* --- tags --- */

static int put_tag(const struct store *store, int64_t run, const char *word, double now)
{
    return notes_put(store, run, *word == '-' ? NOTES_UNTAG : NOTES_TAG, word + (*word == '-'),
                     now);
}

static int put_tags(struct change *change, const struct store *store, int64_t run)
{
    struct arena arena = { 0 };
    int error = 0;
    char *rest = arena_strdup(&arena, change->text), *word;
    while (!error && (word = strsep(&rest, " ")))
        if (*word)
            error = put_tag(store, run, word, change->job->index.now);
    arena_release(&arena);
    return error;
}

static int check_tags(const char *text)
{
    struct arena arena = { 0 };
    int error = 0;
    char *rest = arena_strdup(&arena, text), *word;
    while (!error && (word = strsep(&rest, " ")))
        if (*word)
            error = notes_check_tag(word + (*word == '-'));
    arena_release(&arena);
    return error;
}

static int take_tags(struct app *app, struct view *view, const char *text)
{
    struct arena arena = { 0 };
    (void)view;
    int error = check_tags(text);
    if (!error && text[strspn(text, " ")]) {
        const char *done = arena_printf(&arena, "tagged: %s", text);
        const char *one = arena_printf(&arena, "is %s", done);
        const char *many = arena_printf(&arena, "are %s", done);
        acts_change(app,
                    &(struct change){ .each = put_tags, .one = one, .many = many, .text = text });
    }
    arena_release(&arena);
    return error;
}

/* Tags that runs of this store have; behind a '-' too. */
static int complete_tags(struct job *job, const char *text, int *from, char ***words)
{
    enum { MOST = 1000 };
    const char *blank = strrchr(text, ' '), *word = blank ? blank + 1 : text;
    word += *word == '-';
    *from = (int)(word - text);
    char **all;
    int count, fitting = 0;
    struct arena *arena = &job->arena;
    struct catalogue *catalogue = job->index.places[0].catalogue;
    if (catalogue_words(catalogue, arena, WORD_TAG, MOST, &all, &count) < 0)
        return 0;
    *words = arena_alloc(arena, (size_t)count, sizeof **words);
    for (int i = 0; i < count; i++)
        if (strncmp(all[i], word, strlen(word)) == 0)
            (*words)[fitting++] = all[i];
    return fitting;
}

void acts_ask_tags(struct app *app, struct meant *meant)
{
    ask(app, meant, "tag",
        (struct prompt){ .history = "tag", .take = take_tags, .complete = complete_tags });
}

/* --- notes --- */

static int put_note(struct change *change, const struct store *store, int64_t run)
{
    return notes_put(store, run, NOTES_NOTE, change->text, change->job->index.now);
}

static int take_note(struct app *app, struct view *view, const char *text)
{
    (void)view;
    if (text[strspn(text, " ")])
        acts_change(app, &(struct change){ .each = put_note,
                                           .one = "has the note",
                                           .many = "have the note",
                                           .text = text });
    return 0;
}

/* As `gander note RUN` does. */
static void edit_note(struct app *app, struct view *view)
{
    struct arena arena = { 0 };
    const struct meant *meant = acts_meant(app);
    (void)view;
    if (meant->count > 1) {
        app_say(app, "an editor writes a note on one run");
    } else {
        const char *const words[] = { "note",
                                      arena_printf(&arena, "%lld", (long long)meant->numbers[0]),
                                      NULL };
        if (command_in_terminal(app, words, false) == 0)
            app_say(app, "%s has the note", meant->title);
        app_look_now(app);
    }
    arena_release(&arena);
}

void acts_ask_note(struct app *app, struct meant *meant)
{
    ask(app, meant, meant->count == 1 ? "note (^E: editor) on" : "note on",
        (struct prompt){ .take = take_note, .edit = edit_note });
}

/* --- names --- */

static int put_name(struct change *change, const struct store *store, int64_t run)
{
    return notes_put(store, run, NOTES_NAME, change->text, change->job->index.now);
}

static int take_name(struct app *app, struct view *view, const char *text)
{
    struct arena arena = { 0 };
    (void)view;
    int error = *text ? run_name_check(text) : 0;
    if (!error && *text) {
        const char *one = arena_printf(&arena, "is called '%s'", text);
        const char *many = arena_printf(&arena, "are called '%s'", text);
        acts_change(app,
                    &(struct change){ .each = put_name, .one = one, .many = many, .text = text });
    } else if (!error) {
        acts_change(app, &(struct change){ .each = put_name,
                                           .one = "has no name now",
                                           .many = "have no name now",
                                           .text = text });
    }
    arena_release(&arena);
    return error;
}

void acts_ask_name(struct app *app, struct meant *meant)
{
    ask(app, meant, "name",
        (struct prompt){ .text = meant->count == 1 && meant->row_count == 1 ? meant->rows[0].name
                                                                            : NULL,
                         .take = take_name });
}
