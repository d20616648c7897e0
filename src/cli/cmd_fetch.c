#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "data/dataset.h"
#include "data/fetch.h"
#include "draw/bar.h"
#include "draw/terminal.h"

/* The line of the file that is on its way, rewritten in place where there is a terminal. */
struct display {
    struct terminal terminal;
    const struct fetch_file *file; /* the one on the line; NULL: none yet */
    int64_t begun_at;              /* bytes that were there when it began */
    double begun, drawn;           /* seconds */
};

enum { BAR_COLUMNS = 24 };
static const double redraw_seconds = 0.1;

static void draw(struct display *display, const struct fetch_progress *progress, double seconds)
{
    struct arena arena = { 0 };
    double fraction = (double)progress->done / (double)progress->file->size;
    double rate = (double)(progress->done - display->begun_at) / MAX(seconds, 1e-3);
    printf("\r\033[K%s %s %s of %s", progress->file->name,
           bar_text(&arena, fraction, BAR_COLUMNS, display->terminal.utf8),
           format_bytes(&arena, (double)progress->done),
           format_bytes(&arena, (double)progress->file->size));
    if (display->terminal.columns >= 80 && seconds > 1)
        printf(", %s/s", format_bytes(&arena, rate));
    fflush(stdout);
    arena_release(&arena);
}

static void print_done(const struct display *display, const struct fetch_progress *progress)
{
    struct arena arena = { 0 };
    printf("%s%s  %s  %s\n", display->terminal.moves ? "\r\033[K" : "", progress->file->name,
           format_bytes(&arena, (double)progress->file->size),
           progress->mirror ? progress->mirror : "was here");
    arena_release(&arena);
}

/* A file that is whole is reported once more with all its bytes when it has passed its check; what
 * it looked like before that is not drawn as done. */
static bool show(void *context, const struct fetch_progress *progress)
{
    struct display *display = context;
    double time = monotonic_clock();
    if (display->file != progress->file) {
        *display = (struct display){ display->terminal, progress->file, progress->done, time, 0 };
    }
    if (progress->is_right) {
        print_done(display, progress);
    } else if (display->terminal.moves && time - display->drawn >= redraw_seconds) {
        display->drawn = time;
        draw(display, progress, time - display->begun);
    }
    return true;
}

static int fetch_named(struct arguments *arguments, const struct fetch_set *set)
{
    const char *mirror = getenv("GANDER_MIRROR");
    struct display display = { 0 };
    terminal_probe(&display.terminal, stdout);
    struct fetch_options options = { .progress = show, .context = &display };
    if (mirror && mirror[0])
        options.mirror = arena_printf(&arguments->arena, "%s/%s", mirror, set->name);
    char *directory;
    int error = dataset_directory(&arguments->arena, set->name, &directory);
    if (error == 0)
        error = fetch(set, directory, &options);
    if (error == 0)
        printf("%s is in '%s'; train on it with -s data.source=%s\n", set->name, directory,
               set->name);
    else if (display.file && display.terminal.moves)
        printf("\n");
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    for (int i = 0; i < arguments->operand_count; i++)
        if (!fetch_find(arguments->operands[i]))
            return command_misused(arguments);
    for (int i = 0; i < arguments->operand_count; i++)
        if (fetch_named(arguments, fetch_find(arguments->operands[i])) < 0)
            return command_failed(arguments);
    return STATUS_DONE;
}

const struct command command_fetch = {
    .name = "fetch",
    .summary = "Download a well-known data set",
    .operands = "SET...",
    .details =
        "SET is mnist (handwritten digits), fashion (Fashion-MNIST: clothes, bags and shoes) or "
        "kmnist (Kuzushiji-MNIST: cursive Japanese characters). Its four files go to "
        "$XDG_DATA_HOME/gander/SET, by default ~/.local/share/gander/SET, where "
        "data.source = SET finds them.\n\n"
        "Several mirrors are tried. A download that was cut goes on where it stopped, also when "
        "the command is run again, and a file is put in place only if its SHA-256 is the published "
        "one. With GANDER_MIRROR=URL in the environment, URL/SET is tried before all others; "
        "http_proxy, https_proxy and SSL_CERT_FILE work as for other programs.",
    .run = run,
};
