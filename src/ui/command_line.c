/* ":" and a command of gander's. */
#define _GNU_SOURCE
#include <string.h>

#include "acts.h"
#include "base/error.h"
#include "base/text.h"
#include "words.h"

/* --- what is meant --- */

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

/* Further runs would be taken for what these commands want behind the one. */
static int check_one_run(const char *command, int run_count)
{
    static const char *const takes_one[] = { "note", "name", "tag", "checkout", NULL };
    if (run_count > 1 && is_one_of(command, takes_one))
        return fail(ERR_INVALID, "'%s' takes one run, and %% stands for %d here", command,
                    run_count);
    return 0;
}

/* Words with the runs that are meant in the place of each '%'; NULL-terminated. NULL, and a sentence,
 * where they cannot be put there. */
static const char **put_runs(struct app *app, struct arena *arena, const struct word *words,
                             int count)
{
    int64_t *numbers = NULL;
    int run_count = 0, length = 0, places = 0;
    for (int i = 0; i < count; i++)
        places += words[i].is_plain && strcmp(words[i].text, "%") == 0;
    if (places > 0)
        run_count = app_runs(app, arena, &numbers);
    if (places > 0 && run_count == 0) {
        fail(ERR_NOT_FOUND, "there is no run here that %% could stand for");
        return NULL;
    }
    if (check_one_run(words[0].text, run_count) < 0)
        return NULL;
    const char **all =
        arena_alloc(arena, (size_t)count + (size_t)places * (size_t)run_count + 1, sizeof *all);
    for (int i = 0; i < count; i++) {
        bool is_runs = words[i].is_plain && strcmp(words[i].text, "%") == 0;
        for (int j = 0; is_runs && j < run_count; j++)
            all[length++] = arena_printf(arena, "%lld", (long long)numbers[j]);
        if (!is_runs)
            all[length++] = words[i].text;
    }
    return all;
}

/* Does it stay and draw by itself, or open an editor? */
static bool needs_terminal(const char *const *words)
{
    static const char *const always[] = { "watch", "walk", NULL };
    static const char *const following[] = { "run", "rerun", "resume", "log", NULL };
    int count = 0;
    bool follows = false;
    for (; words[count] && strcmp(words[count], "--") != 0; count++)
        follows = follows || strncmp(words[count], "-f", 2) == 0 ||
                  strcmp(words[count], "--follow") == 0 ||
                  strcmp(words[count], "--foreground") == 0;
    return is_one_of(words[0], always) || (follows && is_one_of(words[0], following)) ||
           (strcmp(words[0], "note") == 0 && count == 2);
}

/* Words that mean the dashboard itself; true if it is one. *error as of a prompt. */
static bool obey_self(struct app *app, const char *const *words, int *error)
{
    static const char *const leave[] = { "q", "quit", "q!", "qa", "exit", NULL };
    static const char *const help[] = { "help", "h", NULL };
    *error = 0;
    if (is_one_of(words[0], leave) && !words[1])
        app->is_over = true;
    else if (is_one_of(words[0], help) && !words[1])
        app_open(app, &view_help, &(struct view_args){ .text = app->top->type->name, .step = -1 });
    else if (strcmp(words[0], "dashboard") == 0)
        *error = fail(ERR_INVALID, "this is the dashboard");
    else
        return false;
    return true;
}

static int obey(struct app *app, const char *const *words, bool with_terminal)
{
    int error;
    struct arena arena = { 0 };
    if (obey_self(app, words, &error))
        return error;
    if (with_terminal || needs_terminal(words)) {
        command_in_terminal(app, words, true);
        app_look_now(app);
    } else {
        app_run_command(app, words, arena_printf(&arena, "gander %s", words[0]));
    }
    arena_release(&arena);
    return 0;
}

static int take(struct app *app, struct view *view, const char *text)
{
    struct arena arena = { 0 };
    struct word *words;
    int count, error = 0;
    (void)view;
    text += strspn(text, " :");
    bool with_terminal = *text == '!';
    error = words_read(&arena, text + with_terminal, &words, &count);
    if (!error && count > 0 && strcmp(words[0].text, "gander") == 0)
        words++, count--;
    if (!error && count > 0) {
        const char **meant = put_runs(app, &arena, words, count);
        error = meant ? obey(app, meant, with_terminal) : ERR_INVALID;
    }
    arena_release(&arena);
    return error;
}

/* --- completion --- */

/* What the program would tell a shell, of words as they were typed. */
static int ask_program(struct job *job, const char *text, const struct word *words, int count,
                       int from, char **out)
{
    const char **asked = arena_alloc(&job->arena, (size_t)count + 6, sizeof *asked);
    int length = 0;
    asked[length++] = "gander";
    asked[length++] = "candidates";
    asked[length++] = "--";
    asked[length++] = "gander";
    for (int i = 0; i < count && words[i].from < from; i++)
        asked[length++] = words[i].text;
    asked[length++] = text + from;
    return run_candidates(job, asked, out);
}

static int add_paths(struct arena *arena, const char *word, bool only_directories, char **all,
                     int most)
{
    char **paths;
    int count = MIN(path_complete_word(arena, word, only_directories, &paths), most);
    for (int i = 0; i < count; i++)
        all[i] = word_quote(arena, paths[i]);
    return MAX(count, 0);
}

static int complete(struct job *job, const char *text, int *from, char ***words)
{
    enum { MOST = 1000 };
    struct arena *arena = &job->arena;
    struct word *typed;
    int count, found = 0;
    char *rest, *line;
    bool is_open = words_read(arena, text, &typed, &count) < 0;
    size_t length = strlen(text);
    bool is_new = count == 0 || (!is_open && text[length - 1] == ' ');
    *from = is_new ? (int)length : typed[count - 1].from;
    const char *word = is_new ? "" : typed[count - 1].text;
    *words = arena_alloc(arena, MOST, sizeof **words);
    if (ask_program(job, text, typed, count, *from, &rest) < 0)
        return 0;
    while ((line = strsep(&rest, "\n")) && found < MOST) {
        char *tab = strchr(line, '\t');
        if (!tab)
            continue;
        *tab = '\0';
        bool only_directories = strcmp(tab + 1, "directories") == 0;
        if (*line)
            (*words)[found++] = word_quote(arena, line);
        else if (only_directories || strcmp(tab + 1, "files") == 0)
            found += add_paths(arena, word, only_directories, *words + found, MOST - found);
    }
    return found;
}

void command_line_open(struct app *app)
{
    app_prompt(app, &(struct prompt){
                        .label = ":", .history = "command", .take = take, .complete = complete });
}
