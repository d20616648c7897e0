#define _GNU_SOURCE
#include "run/slurm.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"

enum { WORD_LIMIT = 64, OUTPUT_LIMIT = 1 << 24, FIELDS = 6 };

int slurm_check(void)
{
    return process_exists("sbatch") ? 0
                                    : fail(ERR_NOT_FOUND, "there is no Slurm here: 'sbatch' is not "
                                                          "in PATH (slurm-wlm, or slurm-client)");
}

/* The first line of what a command said, without the program's name that Slurm puts in front. */
static const char *complaint(struct arena *arena, const char *output)
{
    const char *colon = strstr(output, "error: ");
    const char *text = colon ? colon + strlen("error: ") : output;
    return text_clean(arena, text, strcspn(text, "\n"));
}

/* Runs a command of Slurm's; its output is in the arena. */
static int ask(struct arena *arena, const char *const *words, char **output)
{
    struct process_result result;
    int code = process_run(&result, &(struct process){ .argv = words,
                                                       .directory = "/",
                                                       .limit = OUTPUT_LIMIT,
                                                       .timeout_ms = SLURM_PATIENCE * 1000 });
    if (code < 0)
        return code;
    *output = arena_strndup(arena, result.output, result.size);
    if (result.is_out_of_time)
        code = fail(ERR_IO, "Slurm does not answer: %s took longer than %d s", words[0],
                    SLURM_PATIENCE);
    else if (!process_succeeded(&result))
        code = fail(ERR_INVALID, "%s: %s", words[0],
                    **output ? complaint(arena, *output) : process_status_text(result.status));
    free(result.output);
    return code;
}

/* Ends the line, and returns the next one; NULL after the last. */
static char *cut_line(char *line)
{
    char *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    return end + 1;
}

/* --- submitting --- */

struct word_list {
    const char *items[WORD_LIMIT];
    int count;
};

static void add(struct word_list *list, const char *word)
{
    if (list->count < WORD_LIMIT - 1)
        list->items[list->count++] = word;
}

static void add_option(struct word_list *list, struct arena *arena, const char *name,
                       const char *value)
{
    if (value && *value)
        add(list, arena_printf(arena, "--%s=%s", name, value));
}

/* In single quotes for the shell of the batch script; "%a" is the task's number there. */
static const char *quoted(struct arena *arena, const char *word)
{
    const char *text = "'";
    for (; *word; word++) {
        bool is_task = word[0] == '%' && word[1] == 'a';
        text = *word == '\'' ? arena_printf(arena, "%s'\\''", text)
               : is_task     ? arena_printf(arena, "%s'\"$SLURM_ARRAY_TASK_ID\"'", text)
                             : arena_printf(arena, "%s%c", text, *word);
        word += is_task;
    }
    return arena_printf(arena, "%s'", text);
}

/* exec, so that the signals that Slurm sends to the batch script reach the worker itself. */
static const char *script_of(struct arena *arena, const char *const *words)
{
    const char *line = "exec";
    for (; *words; words++)
        line = arena_printf(arena, "%s %s", line, quoted(arena, *words));
    return line;
}

static bool is_job(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && (text[digits] == '\0' || text[digits] == ';');
}

int slurm_submit(struct arena *arena, const struct slurm_submission *what, char **job)
{
    struct word_list list = { .count = 0 };
    char *output;
    int code = slurm_check();
    if (code < 0)
        return code;
    add(&list, "sbatch");
    add(&list, "--parsable");
    add_option(&list, arena, "job-name", what->name);
    add_option(&list, arena, "output", what->output);
    add(&list, "--open-mode=append");
    add(&list, "--chdir=/");
    add(&list, what->requeues ? "--requeue" : "--no-requeue");
    add(&list, arena_printf(arena, "--signal=B:XCPU@%d", what->warning));
    add(&list, arena_printf(arena, "--cpus-per-task=%d", MAX(1, what->cpus)));
    add_option(&list, arena, "partition", what->partition);
    add_option(&list, arena, "time", what->time);
    add_option(&list, arena, "account", what->account);
    add_option(&list, arena, "array", what->array);
    for (const char *const *extra = what->extra; extra && *extra; extra++)
        add(&list, *extra);
    add(&list, arena_printf(arena, "--wrap=%s", script_of(arena, what->words)));
    if ((code = ask(arena, list.items, &output)) < 0)
        return code;
    char *last = output; /* warnings may stand before it */
    for (char *next; (next = cut_line(last)) && *next;)
        last = next;
    if (!is_job(last))
        return fail(ERR_INVALID, "sbatch: no job number in its answer '%s'",
                    text_clean(arena, last, 60));
    last[strcspn(last, ";")] = '\0';
    *job = last;
    return 0;
}

/* --- what it says of jobs --- */

static enum slurm_state state_of(const char *word)
{
    static const struct {
        const char *word;
        enum slurm_state state;
    } known[] = {
        { "PENDING", SLURM_PENDING },      { "REQUEUED", SLURM_PENDING },
        { "REQUEUE_FED", SLURM_PENDING },  { "REQUEUE_HOLD", SLURM_PENDING },
        { "SPECIAL_EXIT", SLURM_PENDING }, { "RESV_DEL_HOLD", SLURM_PENDING },
        { "RUNNING", SLURM_RUNNING },      { "CONFIGURING", SLURM_RUNNING },
        { "COMPLETING", SLURM_RUNNING },   { "SIGNALING", SLURM_RUNNING },
        { "STAGE_OUT", SLURM_RUNNING },    { "RESIZING", SLURM_RUNNING },
        { "STOPPED", SLURM_SUSPENDED },    { "SUSPENDED", SLURM_SUSPENDED },
    };
    for (int i = 0; i < ARRAY_SIZE(known); i++)
        if (strcmp(word, known[i].word) == 0)
            return known[i].state;
    return SLURM_ENDED;
}

/* "A|F|K|state|reason|node" of a squeue line, cut up in place. */
static bool read_line(struct arena *arena, char *line, struct slurm_job *job)
{
    char *fields[FIELDS];
    for (int i = 0; i < FIELDS; i++) {
        fields[i] = line;
        line = line ? strchr(line, '|') : NULL;
        if (line)
            *line++ = '\0';
        else if (i < FIELDS - 1)
            return false;
    }
    bool is_task = isdigit((unsigned char)fields[2][0]);
    const char *reason = strcmp(fields[4], "None") == 0 ? "" : fields[4];
    *job = (struct slurm_job){
        .id = is_task ? arena_printf(arena, "%s_%s", fields[1], fields[2]) : fields[0],
        .state = state_of(fields[3]),
        .word = fields[3],
        .reason = text_clean(arena, reason, strlen(reason)),
        .node = text_clean(arena, fields[5], strlen(fields[5])),
    };
    return isdigit((unsigned char)fields[0][0]);
}

static void read_lines(struct arena *arena, char *text, struct slurm_view *out)
{
    int lines = 1;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    struct slurm_job *jobs = arena_alloc(arena, (size_t)lines, sizeof *jobs);
    out->count = 0;
    for (char *line = text, *next; line && *line; line = next) {
        next = cut_line(line);
        out->count += read_line(arena, line, &jobs[out->count]);
    }
    out->jobs = jobs;
}

/* The file: "time TAB trouble" in its first line, then what squeue said. */
static int read_view(struct arena *arena, const char *path, struct slurm_view *out,
                     const char **lines)
{
    char *text, *rest;
    *lines = "";
    size_t size;
    *out = (struct slurm_view){ .jobs = NULL };
    int code = file_read(path, OUTPUT_LIMIT, &text, &size);
    if (code < 0)
        return code == ERR_NOT_FOUND ? 0 : code;
    char *copy = arena_strndup(arena, text, size);
    free(text);
    out->time = strtod(copy, &rest);
    char *end = strchr(rest, '\n');
    if (*rest != '\t' || !end)
        return 0; /* not ours: as if it were not there */
    *end = '\0';
    out->trouble = rest[1] ? rest + 1 : NULL;
    *lines = arena_strdup(arena, end + 1);
    read_lines(arena, end + 1, out);
    return 0;
}

static void write_view(struct arena *arena, const char *path, double time, const char *trouble,
                       const char *lines)
{
    const char *text = arena_printf(arena, "%.3f\t%s\n%s", time, trouble ? trouble : "", lines);
    file_replace(path, text, strlen(text)); /* a view that cannot be kept is asked for again */
}

/* With the lock held. What does not come leaves the jobs that were known, and says why. */
static void ask_anew(struct arena *arena, const char *path, double now, const char *known,
                     struct slurm_view *view)
{
    char user[24], *lines;
    snprintf(user, sizeof user, "%u", (unsigned)geteuid());
    const char *const words[] = { "squeue",
                                  "--noheader",
                                  "--array",
                                  "--states=all",
                                  "--user",
                                  user,
                                  "--format=%A|%F|%K|%T|%r|%N",
                                  NULL };
    if (ask(arena, words, &lines) < 0) {
        const char *trouble = text_clean(arena, error_text(), 300);
        write_view(arena, path, now, trouble, known);
        view->trouble = trouble;
        return;
    }
    write_view(arena, path, now, NULL, lines);
    view->time = now;
    view->trouble = NULL;
    read_lines(arena, lines, view);
}

int slurm_look(struct arena *arena, const struct store *store, double now, struct slurm_view *out)
{
    const char *folder = path_join(arena, store->path, "slurm");
    const char *path = path_join(arena, folder, "view"), *known;
    int lock = -1, code = read_view(arena, path, out, &known);
    if (code < 0 || (now >= out->time && now < out->time + SLURM_VIEW_SECONDS))
        return code;
    if (make_directories(folder) == 0 &&
        lock_take(arena_printf(arena, "%s.lock", path), &lock) == ERR_BUSY)
        return 0;
    ask_anew(arena, path, now, known, out);
    if (lock >= 0)
        close(lock);
    return 0;
}

/* sacct's "FAILED|" or "CANCELLED by 1000|"; of several lines the last, which is the newest. */
static bool read_past(struct arena *arena, char *output, struct slurm_job *out)
{
    bool is_there = false;
    for (char *line = output, *next; line; line = next) {
        next = cut_line(line);
        size_t letters = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        if (letters == 0)
            continue;
        out->word = arena_strndup(arena, line, letters);
        out->state = state_of(out->word);
        is_there = true;
    }
    return is_there;
}

int slurm_find(struct arena *arena, const struct slurm_view *view, const char *job,
               struct slurm_job *out)
{
    static const char *const sources[] = { "--parsable2", "--completion" };
    for (int i = 0; i < view->count; i++)
        if (strcmp(view->jobs[i].id, job) == 0) {
            *out = view->jobs[i];
            return 0;
        }
    *out = (struct slurm_job){
        .id = job, .state = SLURM_FORGOTTEN, .word = "", .reason = "", .node = ""
    };
    for (int i = 0; i < ARRAY_SIZE(sources); i++) {
        char *output;
        const char *const words[] = { "sacct",  sources[i], "--noheader",     "--parsable2",
                                      "--jobs", job,        "--format=State", NULL };
        if (ask(arena, words, &output) == 0 && read_past(arena, output, out))
            return 0;
    }
    return 0;
}

int slurm_cancel(const char *job)
{
    struct arena arena = { 0 };
    char *output;
    const char *const words[] = { "scancel", job, NULL };
    int code = ask(&arena, words, &output);
    arena_release(&arena);
    return code;
}

int slurm_signal(const char *job, const char *signal)
{
    struct arena arena = { 0 };
    char *output;
    const char *const words[] = { "scancel", "--batch", arena_printf(&arena, "--signal=%s", signal),
                                  job, NULL };
    int code = ask(&arena, words, &output);
    arena_release(&arena);
    return code;
}

int slurm_requeue(const char *job)
{
    struct arena arena = { 0 };
    char *output;
    const char *const words[] = { "scontrol", "requeue", job, NULL };
    int code = ask(&arena, words, &output);
    arena_release(&arena);
    return code;
}
