/* What Slurm says of jobs: all at once, and one by one where it begins to forget. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "slurm_ask.h"

enum { FIELDS = 6 };

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

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct slurm_job *)a)->id, ((const struct slurm_job *)b)->id);
}

/* Takes `text`, which is in the arena, apart. */
static void read_lines(struct arena *arena, char *text, struct slurm_view *out)
{
    int lines = 1;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    struct slurm_job *jobs = arena_alloc(arena, (size_t)lines, sizeof *jobs);
    out->count = 0;
    for (char *line = text, *next; line && *line; line = next) {
        next = slurm_cut_line(line);
        out->count += read_line(arena, line, &jobs[out->count]);
    }
    qsort(jobs, (size_t)out->count, sizeof *jobs, by_id);
    out->jobs = jobs;
}

const struct slurm_job *slurm_in_view(const struct slurm_view *view, const char *id)
{
    struct slurm_job wanted = { .id = id };
    return view->count > 0 ? bsearch(&wanted, view->jobs, (size_t)view->count, sizeof wanted, by_id)
                           : NULL;
}

/* --- as it is kept --- */

/* "time TAB seconds TAB nanoseconds TAB trouble" in the first line, then what squeue said. */
int slurm_read_view(struct arena *arena, const struct store *store, struct slurm_view *out)
{
    char *text, *rest;
    size_t size;
    long long seconds, nanoseconds;
    *out = (struct slurm_view){ .lines = "" };
    int code =
        file_read(path_join(arena, store->path, "slurm/view"), SLURM_OUTPUT_LIMIT, &text, &size);
    if (code < 0)
        return code == ERR_NOT_FOUND ? 0 : code;
    char *copy = arena_strndup(arena, text, size);
    free(text);
    char *lines = strchr(copy, '\n');
    double time = strtod(copy, &rest);
    seconds = strtoll(rest, &rest, 10);
    nanoseconds = strtoll(rest, &rest, 10);
    if (*rest != '\t' || !lines)
        return 0; /* not ours: as if it were not there */
    *lines++ = '\0';
    out->time = time;
    out->asked = (struct timespec){ (time_t)seconds, (long)nanoseconds };
    out->trouble = rest[1] ? text_clean(arena, rest + 1, 300) : NULL;
    out->lines = arena_strdup(arena, lines);
    read_lines(arena, lines, out);
    return 0;
}

int slurm_write_view(const struct store *store, const struct slurm_view *view)
{
    struct arena arena = { 0 };
    const char *text =
        arena_printf(&arena, "%.3f\t%lld\t%ld\t%s\n%s", view->time, (long long)view->asked.tv_sec,
                     view->asked.tv_nsec, view->trouble ? view->trouble : "", view->lines);
    int code = file_replace(path_join(&arena, store->path, "slurm/view"), text, strlen(text));
    arena_release(&arena);
    return code;
}

/* --- asked for --- */

#define SQUEUE "squeue", "--noheader", "--array", "--states=all", "--format=%A|%F|%K|%T|%r|%N"

int slurm_ask_view(struct arena *arena, struct slurm_view *out)
{
    char *lines;
    const char *user = arena_printf(arena, "--user=%u", (unsigned)geteuid());
    const char *const words[] = { SQUEUE, user, NULL };
    int code = slurm_ask(arena, words, &lines);
    if (code < 0)
        return code;
    out->lines = arena_strdup(arena, lines);
    read_lines(arena, lines, out);
    return 0;
}

static void take_known(const struct slurm_view *view, int count, struct slurm_job *out)
{
    for (int i = 0; i < count; i++) {
        const struct slurm_job *job = slurm_in_view(view, out[i].id);
        if (job)
            out[i] = *job;
    }
}

static const char *names_of(struct arena *arena, const struct slurm_job *jobs, int count)
{
    const char *names = "";
    for (int i = 0; i < count; i++)
        if (jobs[i].state == SLURM_FORGOTTEN)
            names = arena_printf(arena, "%s%s%s", names, *names ? "," : "", jobs[i].id);
    return names;
}

/* squeue leaves out those that it does not know, and fails where it knows none. */
static int ask_by_name(struct arena *arena, int count, struct slurm_job *out)
{
    char *lines;
    struct slurm_view view = { .count = 0 };
    const char *jobs = arena_printf(arena, "--jobs=%s", names_of(arena, out, count));
    const char *const words[] = { SQUEUE, jobs, NULL };
    int code = slurm_ask(arena, words, &lines);
    if (code < 0)
        return strstr(error_text(), "Invalid job id") ? 0 : code;
    read_lines(arena, lines, &view);
    take_known(&view, count, out);
    return 0;
}

/* "123_4|CANCELLED by 1000|"; of several lines of a job the last, which is the newest. */
static void read_past(struct arena *arena, char *output, int count, struct slurm_job *out)
{
    for (char *line = output, *next; line; line = next) {
        next = slurm_cut_line(line);
        char *word = strchr(line, '|');
        if (!word)
            continue;
        *word++ = '\0';
        word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] = '\0';
        for (int i = 0; i < count && *word; i++)
            if (strcmp(out[i].id, line) == 0) {
                out[i].word = arena_strdup(arena, word);
                out[i].state = state_of(word);
            }
    }
}

static int ask_the_past(struct arena *arena, const char *source, int count, struct slurm_job *out)
{
    char *output;
    const char *names = names_of(arena, out, count);
    const char *const words[] = { "sacct", "--noheader",           "--parsable2", "--jobs",
                                  names,   "--format=JobID,State", source,        NULL };
    if (!*names)
        return 0;
    int code = slurm_ask(arena, words, &output);
    if (code == 0)
        read_past(arena, output, count, out);
    /* "Slurm accounting storage is disabled" is an answer */
    return code < 0 && strstr(error_text(), "disabled") ? 0 : code;
}

int slurm_recall(struct arena *arena, const char *const *ids, int count, struct slurm_job *out)
{
    for (int i = 0; i < count; i++)
        out[i] = (struct slurm_job){
            .id = ids[i], .state = SLURM_FORGOTTEN, .word = "", .reason = "", .node = ""
        };
    int code = count > 0 ? ask_by_name(arena, count, out) : 0;
    if (code == 0)
        code = ask_the_past(arena, NULL, count, out);
    if (code == 0)
        ask_the_past(arena, "--completion", count, out); /* a file that not everybody may read */
    return code;
}
