/* Runs into files: a directory of their code, an archive. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "run/archive.h"
#include "run/check_out.h"

/* --- paths that are typed --- */

int path_complete_word(struct arena *arena, const char *word, bool only_directories, char ***words)
{
    const char *name = path_base(word);
    char **names;
    int count, fitting = 0;
    char *typed = arena_strndup(arena, word, (size_t)(name - word));
    const char *directory = *typed ? path_expand(arena, typed) : ".";
    if (list_directory(arena, directory, "", &names, &count) < 0)
        return 0;
    *words = arena_alloc(arena, (size_t)count, sizeof **words);
    for (int i = 0; i < count; i++) {
        bool fits = strncmp(names[i], name, strlen(name)) == 0;
        bool is_directory = fits && directory_exists(path_join(arena, directory, names[i]));
        if (fits && (is_directory || !only_directories))
            (*words)[fitting++] =
                arena_printf(arena, "%s%s%s", typed, names[i], is_directory ? "/" : "");
    }
    return fitting;
}

int path_complete(struct job *job, const char *text, int *from, char ***words)
{
    *from = 0;
    return path_complete_word(&job->arena, text, false, words);
}

/* --- a directory of the code --- */

static void keep_remark(void *context, const char *sentence)
{
    struct change *change = context;
    if (!change->remark)
        change->remark = arena_strdup(&change->job->arena, sentence);
}

static bool is_checkout_unwanted(void *context)
{
    const struct change *change = context;
    return change->job->is_cancelled;
}

static int write_code(struct change *change, const struct store *store, int64_t run)
{
    return check_out_run(store, run,
                         &(struct check_out){ .directory = change->text,
                                              .say = keep_remark,
                                              .is_unwanted = is_checkout_unwanted,
                                              .context = change });
}

/* ERR_EXISTS for what is there, unless it is an empty directory. */
static int check_directory(const char *path)
{
    struct arena arena = { 0 };
    char **names;
    int count = 0, error = 0;
    if (directory_exists(path) && list_directory(&arena, path, "", &names, &count) == 0 &&
        count > 0)
        error = fail(ERR_EXISTS, "'%s' is there already, and not empty", path);
    else if (!directory_exists(path) && file_exists(path))
        error = fail(ERR_EXISTS, "'%s' is there already", path);
    arena_release(&arena);
    return error;
}

static int take_directory(struct app *app, struct view *view, const char *text)
{
    struct arena arena = { 0 };
    (void)view;
    const char *path = path_absolute(&arena, path_expand(&arena, text));
    int error = *text ? check_directory(path) : fail(ERR_INVALID, "a directory is missing");
    if (!error)
        acts_change(app,
                    &(struct change){ .each = write_code,
                                      .one = arena_printf(&arena, "is checked out in %s", path),
                                      .text = path,
                                      .sign = "checking out",
                                      .can_be_given_up = true,
                                      .lane = LANE_COMMAND });
    arena_release(&arena);
    return error;
}

void acts_ask_directory(struct app *app, struct meant *meant)
{
    struct arena arena = { 0 };
    char *usual = NULL;
    if (meant->count > 1) {
        app_say(app, "%s are marked: check out one run at a time", meant->title);
        return;
    }
    if (check_out_usual_place(&arena, app_store(app), meant->numbers[0], &usual) < 0)
        app_say_error(app);
    else
        app_prompt(app, &(struct prompt){
                            .label = arena_printf(&arena, " check %s out to: ", meant->title),
                            .text = usual,
                            .take = take_directory,
                            .complete = path_complete });
    arena_release(&arena);
}

/* --- an archive --- */

struct exporting {
    const char *path;
    int64_t *runs;
    int count;
    const char *text; /* what was packed */
    const char *note; /* what did not travel along; or NULL */
    struct job *job;
};

static void keep_note(void *context, const char *sentence)
{
    struct exporting *exporting = context;
    if (!exporting->note)
        exporting->note = arena_strdup(&exporting->job->arena, sentence);
}

static bool is_unwanted(void *context)
{
    const struct exporting *exporting = context;
    return exporting->job->is_cancelled;
}

static int pack(struct job *job)
{
    struct exporting *exporting = job->input;
    struct archived archived = { .count = 0 };
    const struct archive_wish wish = { .numbers = exporting->runs,
                                       .count = exporting->count,
                                       .now = job->index.now,
                                       .say = keep_note,
                                       .context = exporting,
                                       .is_unwanted = is_unwanted };
    int error = archive_export(&archived, &job->index.places[0].store, &wish, exporting->path, -1);
    if (!error)
        exporting->text = archived_text(&job->arena, &archived);
    arena_release(&archived.arena);
    return error;
}

static void packed(struct view *view, struct job *job)
{
    const struct exporting *exporting = job->input;
    (void)view;
    if (job->error) {
        fail(job->error, "%s", job->message);
        app_say_error(job->app);
    } else {
        app_say(job->app, "%s: %s%s%s", exporting->path, exporting->text,
                exporting->note ? "; " : "", exporting->note ? exporting->note : "");
    }
}

static int take_archive(struct app *app, struct view *view, const char *text)
{
    struct arena arena = { 0 };
    const struct meant *meant = acts_meant(app);
    (void)view;
    char *path = path_expand(&arena, text);
    int error = !*text              ? fail(ERR_INVALID, "a file is missing")
                : file_exists(path) ? fail(ERR_EXISTS, "'%s' is there already", path)
                                    : 0;
    if (!error) {
        struct job *job = job_new(app, NULL, pack, packed);
        struct exporting *exporting = arena_alloc(&job->arena, 1, sizeof *exporting);
        exporting->path = arena_strdup(&job->arena, path);
        exporting->runs = arena_alloc(&job->arena, (size_t)meant->count, sizeof *exporting->runs);
        memcpy(exporting->runs, meant->numbers, (size_t)meant->count * sizeof *exporting->runs);
        exporting->count = meant->count;
        exporting->job = job;
        job->input = exporting;
        job->sign = "exporting";
        job->cleans_up = true;
        job_start(job, LANE_COMMAND);
    }
    arena_release(&arena);
    return error;
}

void acts_ask_archive(struct app *app, struct meant *meant)
{
    struct arena arena = { 0 };
    app_prompt(app,
               &(struct prompt){
                   .label = arena_printf(&arena, " export %s to: ", meant->title),
                   .text = archive_usual_name(&arena, app_store(app), meant->numbers, meant->count),
                   .take = take_archive,
                   .complete = path_complete });
    arena_release(&arena);
}
