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
#include "slurm_ask.h"

enum { WORD_LIMIT = 64 };

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

int slurm_ask(struct arena *arena, const char *const *words, char **output)
{
    struct process_result result;
    int code = process_run(&result, &(struct process){ .argv = words,
                                                       .directory = "/",
                                                       .limit = SLURM_OUTPUT_LIMIT,
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

char *slurm_cut_line(char *line)
{
    char *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    return end + 1;
}

bool slurm_is_job(const char *text)
{
    return isdigit((unsigned char)text[0]) && text[strspn(text, "0123456789_")] == '\0';
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

/* In single quotes for the shell of the batch script; a word "%a" is the task's number there. */
static const char *quoted(struct arena *arena, const char *word)
{
    if (strcmp(word, "%a") == 0)
        return "\"$SLURM_ARRAY_TASK_ID\"";
    const char *text = "'";
    for (; *word; word++)
        text = *word == '\'' ? arena_printf(arena, "%s'\\''", text)
                             : arena_printf(arena, "%s%c", text, *word);
    return arena_printf(arena, "%s'", text);
}

/* sbatch reads "%u" and the like in it. */
static const char *literal_path(struct arena *arena, const char *path)
{
    const char *text = "";
    for (; *path; path++)
        text = arena_printf(arena, *path == '%' ? "%s%%%c" : "%s%c", text, *path);
    return text;
}

/* exec, so that the signals that Slurm sends to the batch script reach the worker itself. */
static const char *script_of(struct arena *arena, const char *const *words)
{
    const char *line = "exec";
    for (; *words; words++)
        line = arena_printf(arena, "%s %s", line, quoted(arena, *words));
    return line;
}

static bool is_number(const char *text)
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
    add_option(&list, arena, "output", literal_path(arena, what->output));
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
    if ((code = slurm_ask(arena, list.items, &output)) < 0)
        return code;
    char *last = output; /* warnings may stand before it */
    for (char *next; (next = slurm_cut_line(last)) && *next;)
        last = next;
    if (!is_number(last))
        return fail(ERR_INVALID, "sbatch: no job number in its answer '%s'",
                    text_clean(arena, last, 60));
    last[strcspn(last, ";")] = '\0';
    *job = last;
    return 0;
}

/* --- jobs --- */

static int tell(const char *const *words)
{
    struct arena arena = { 0 };
    char *output;
    int code = slurm_ask(&arena, words, &output);
    arena_release(&arena);
    return code;
}

int slurm_cancel(const char *job)
{
    return tell((const char *const[]){ "scancel", job, NULL });
}

int slurm_cancel_pending(const char *job)
{
    return tell((const char *const[]){ "scancel", "--quiet", "--state=PENDING", job, NULL });
}

int slurm_signal(const char *job, const char *signal)
{
    return tell((const char *const[]){ "scancel", "--batch", "--signal", signal, job, NULL });
}

int slurm_requeue(const char *job)
{
    return tell((const char *const[]){ "scontrol", "requeue", job, NULL });
}

/* "scontrol ping" has said different things with the same status over the years. */
bool slurm_answers(void)
{
    return tell((const char *const[]){ "squeue", "--noheader", "--me", "--states=RUNNING",
                                       "--format=%A", NULL }) == 0;
}
