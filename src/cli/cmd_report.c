#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "exchange/page.h"
#include "exchanged.h"
#include "stores.h"

static const struct command_option options[] = {
    { 'o', "output", "FILE", "Write to FILE; - is standard output.", false },
    { 'f', "force", NULL, "Replace FILE if it is there.", false },
    { 0, "title", "TEXT", "What the page is called.", false },
    { 0, "metric", "METRIC", "Draw the curves of this metric only.", true },
};

static int check_options(const struct arguments *arguments)
{
    if (option_given(arguments, "output") || !isatty(STDOUT_FILENO))
        return 0;
    return fail(ERR_INVALID, "a page is nothing for a terminal: -o FILE.html");
}

static int write_page(struct arguments *arguments, struct index *index,
                      const struct index_run *runs, int count)
{
    struct table_run *shown;
    struct exchanged_text text;
    const char *path = option_text(arguments, "output");
    struct page_wish wish = { .title = option_text(arguments, "title"),
                              .config = &index->config,
                              .now = index->now };
    wish.metrics = option_texts(arguments, "metric", &wish.metric_count);
    int error = exchanged_runs(index, runs, count, true, &shown);
    if (!error)
        error = exchanged_open(&text, path, option_given(arguments, "force"));
    if (error)
        return error;
    error = exchanged_close(&text, page_write(&text.outlet, shown, count, &wish));
    if (!error && text.is_file)
        printf("%s: %s\n", text_clean(&arguments->arena, path, strlen(path)),
               format_bytes(&arguments->arena, (double)file_size(path)));
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count;
    if (check_options(arguments) < 0)
        return command_misused(arguments);
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    if (write_page(arguments, &index, runs, count) < 0)
        status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_report = {
    .name = "report",
    .summary = "Write a page about runs, for who has no terminal",
    .operands = "RUN...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_stores = true,
    .details =
        "Write one HTML file that shows runs beside each other: curves, samples as they came "
        "about, "
        "health, notes, recipes and what differs in them, the commit of each and the differences "
        "of "
        "their code. It has all that it shows within it, opens without a network and without "
        "scripts, and follows the reader's wish for light or dark. RUN may also be a range: 3..7.",
    .run = run,
};
