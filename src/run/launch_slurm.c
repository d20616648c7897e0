#include "launch_slurm.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "run/journal.h"
#include "run/slurm.h"

enum { OPTION_LIMIT = 32 };

/* Words between blanks, in the arena. */
static int add_words(struct arena *arena, const char *text, const char **list, int count)
{
    for (; text && *text; text += strcspn(text, " \t")) {
        text += strspn(text, " \t");
        if (*text && count < OPTION_LIMIT)
            list[count++] = arena_strndup(arena, text, strcspn(text, " \t"));
    }
    return count;
}

static const char *options_of(const struct config *config, const char *experiment)
{
    const struct config_pairs *pairs = &config->slurm_options.any;
    for (int i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].name, experiment) == 0)
            return pairs->items[i].text;
    return NULL;
}

static int journal_queued(const char *directory, const struct handover *hand, const char *job)
{
    struct line_writer journal;
    struct worker_identity self = { .host = host_name(),
                                    .settings = hand->settings,
                                    .setting_count = hand->setting_count,
                                    .slurm = job };
    int error = worker_open(&journal, directory);
    if (error)
        return error;
    error = worker_put_queued(&journal, wall_clock(), &self, NULL);
    line_writer_close(&journal);
    return error;
}

int launch_submit(const struct handover *hand, const struct config *config)
{
    struct arena arena = { 0 };
    char *job;
    const char *extra[OPTION_LIMIT + 1] = { NULL };
    const char *directory = store_run_directory(&arena, hand->store, hand->number);
    const char *number = arena_printf(&arena, "%lld", (long long)hand->number);
    const char *const words[] = {
        program_file(&arena), "worker", "--store", hand->store->path, "--slurm", number, NULL
    };
    int count = add_words(&arena, config->slurm.options, extra, 0);
    add_words(&arena, options_of(config, hand->experiment), extra, count);
    struct slurm_submission what = {
        .name = arena_printf(&arena, "gander-%s", number),
        .words = words,
        .output = path_join(&arena, directory, "log.txt"),
        .partition = config->slurm.partition,
        .time = config->slurm.time,
        .account = config->slurm.account,
        .extra = extra,
        .cpus = hand->threads,
        .warning = config->slurm.warning,
        .requeues = true,
    };
    int error = slurm_submit(&arena, &what, &job);
    if (!error && ((error = journal_queued(directory, hand, job)) < 0 ||
                   (error = slurm_note_job(hand->store, hand->number, job)) < 0))
        slurm_cancel(job);
    arena_release(&arena);
    return error;
}
