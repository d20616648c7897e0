#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "stores.h"
#include "chosen_checkpoint.h"
#include "export_format.h"
#include "json_out.h"
#include "run/archive.h"
#include "run/interrupt.h"

static const struct command_option options[] = {
    { 'o', "output", "FILE", "Write to FILE; - is standard output.", false },
    { 'f', "force", NULL, "Replace FILE if it is there.", false },
    { 0, "format", "FORMAT",
      "Write an archive, or tensorboard, csv, jsonl, markdown, latex or onnx.", false },
    { 0, "metric", "METRIC", "Of csv, jsonl, markdown and latex: this one only.", true },
    { 0, "checkpoints", "WHICH", "Pack all checkpoints, the newest only, or none.", false },
    CHECKPOINT_OPTIONS,
    { 0, "raw", NULL, "Of onnx: the weights as they were trained, not their average.", false },
    { 0, "no-code", NULL, "Leave the pinned code out.", false },
    { 0, "json", NULL, "Print what was packed as JSON.", false },
};

static int option_checkpoints(const struct arguments *arguments, enum archive_checkpoints *out)
{
    static const char *const names[] = {
        [ARCHIVE_ALL] = "all", [ARCHIVE_NEWEST] = "newest", [ARCHIVE_NONE] = "none"
    };
    const char *name = option_text(arguments, "checkpoints");
    *out = ARCHIVE_ALL;
    for (int i = 0; name && i < ARRAY_SIZE(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum archive_checkpoints)i;
            return 0;
        }
    return name ? fail(ERR_INVALID, "option '--checkpoints': '%.60s' is not all, newest or none",
                       name)
                : 0;
}

/* --- where it goes --- */

/* *path NULL is standard output. */
static int choose_path(struct arguments *arguments, struct index *index, const int64_t *numbers,
                       int count, const char **path)
{
    *path = option_text(arguments, "output");
    bool is_output = *path && strcmp(*path, "-") == 0;
    if (!*path)
        *path = archive_usual_name(&index->arena, &index->places[0].store, numbers, count);
    if (is_output) {
        *path = NULL;
        return isatty(STDOUT_FILENO)
                   ? fail(ERR_INVALID, "an archive is nothing for a terminal: -o FILE")
                   : 0;
    }
    if (!option_given(arguments, "force") && file_exists(*path))
        return fail(ERR_EXISTS, "'%s' is there already (--force replaces it)", *path);
    return 0;
}

/* --- what is said --- */

static void say(void *context, const char *sentence)
{
    struct arena *arena = context;
    fprintf(stderr, "note: %s\n", text_clean(arena, sentence, 2000));
}

static void print_json(const struct archived *archived, const char *path)
{
    struct json *root = json_new_object(), *runs = json_new_array();
    json_set_string(root, "file", path);
    json_set_integer(root, "bytes", archived->bytes);
    for (int i = 0; i < archived->count; i++)
        json_push(runs, archived_run_json(&archived->runs[i]));
    json_set(root, "runs", runs);
    json_put_out(root);
}

/* "gander-digits-42.tar.gz: run 42, 23 files, 5.1 MB packed to 3.2 MB" */
static void print_sum(struct arena *arena, const struct archived *archived, const char *path)
{
    fprintf(path ? stdout : stderr, "%s%s%s\n", path ? text_clean(arena, path, strlen(path)) : "",
            path ? ": " : "", archived_text(arena, archived));
}

static void print_cuts(const struct archived *archived)
{
    for (int i = 0; i < archived->count; i++)
        if (archived->runs[i].works)
            fprintf(stderr, "note: run %lld is %s and goes on: it was packed as it was\n",
                    (long long)archived->runs[i].number, run_state_name(archived->runs[i].state));
}

static int pack(struct arguments *arguments, struct index *index, const struct index_run *runs,
                int count)
{
    struct archived archived = { .count = 0 };
    const char *path;
    struct archive_wish wish = { .without_code = option_given(arguments, "no-code"),
                                 .count = count,
                                 .now = wall_clock(),
                                 .say = say,
                                 .context = &index->arena };
    int64_t *numbers = arena_alloc(&index->arena, (size_t)count, sizeof *numbers);
    for (int i = 0; i < count; i++)
        numbers[i] = runs[i].number;
    wish.numbers = numbers;
    option_checkpoints(arguments, &wish.checkpoints);
    int error = choose_path(arguments, index, numbers, count, &path);
    if (!error)
        error = archive_export(&archived, &index->places[0].store, &wish, path, STDOUT_FILENO);
    if (!error) {
        print_cuts(&archived);
        if (option_given(arguments, "json"))
            print_json(&archived, path);
        else
            print_sum(&index->arena, &archived, path);
    }
    arena_release(&archived.arena);
    return error;
}

static int check_options(const struct arguments *arguments)
{
    enum archive_checkpoints checkpoints;
    const char *path = option_text(arguments, "output");
    if (option_given(arguments, "json") && path && strcmp(path, "-") == 0)
        return fail(ERR_INVALID, "--json and -o - both mean standard output");
    return option_checkpoints(arguments, &checkpoints);
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count;
    enum export_format format;
    if (option_export_format(arguments, &format) < 0 || check_options(arguments) < 0)
        return command_misused(arguments);
    if (format != EXPORT_ARCHIVE)
        return export_in_format(arguments, format);
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    interrupt_catch(INTERRUPT_DIES);
    if (pack(arguments, &index, runs, count) < 0)
        status = command_failed(arguments);
    index_close(&index);
    if (status != STATUS_DONE && interrupt_signal())
        interrupt_die(interrupt_signal());
    return status;
}

const struct command command_export = {
    .name = "export",
    .summary = "Pack runs for another machine, or for other tools",
    .operands = "RUN...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Pack all that a run has into a tar.gz, the code that it pins included, for 'gander "
        "import' "
        "to take in elsewhere. Without -o it is called after the experiment and the number, and "
        "lies in the working directory. RUN may also be a range: 3..7.\n\n"
        "A run that works goes on; what is packed is how it was at one moment. The archive can be "
        "looked into with tar, and 'sha256sum -c SHA256SUMS' checks what came out of it. Over "
        "SSH, without a file: gander export 7 -o - | ssh HOST gander import -\n\n"
        "With --format tensorboard, -o is a directory, in which TensorBoard finds metrics (in "
        "single "
        "precision, as it keeps them) and samples of a run, of several each in a directory of its "
        "own.\n\n"
        "The other formats go to standard output without -o. csv has a row a step (step, time, "
        "then a column a metric; with several runs 'run' before them), jsonl an object a line of "
        "the journal; numbers read back as the same doubles. markdown and latex are tables for "
        "people, a row a run: its last values, the best of each metric bold, and what differs in "
        "the recipes. There METRIC may also be min(d_loss) or max(d_loss). What a later attempt "
        "made void is left out, and so is use of resources, unless --metric names it.\n\n"
        "onnx is the generator of RUN, from its newest checkpoint, for onnxruntime and other "
        "programs: 'latent' (numbers from a normal distribution), where it takes them also 'label' "
        "and "
        "'condition', to 'images' (N, 1, height, width) from -1, black, to 1, white.",
    .run = run,
};
