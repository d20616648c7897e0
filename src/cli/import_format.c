#include "import_format.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "exchange/table.h"
#include "exchange/tensorboard.h"
#include "json_out.h"
#include "run/interrupt.h"
#include "run/resolve.h"

static const char *const format_names[] = {
    [IMPORT_ARCHIVE] = "archive", [IMPORT_TENSORBOARD] = "tensorboard", [IMPORT_CSV] = "csv"
};

static int check_options(const struct arguments *arguments, enum import_format format)
{
    static const char *const of_runs[] = { "experiment", "name" };
    const char *experiment = option_text(arguments, "experiment");
    const char *name = option_text(arguments, "name");
    for (int i = 0; i < ARRAY_SIZE(of_runs); i++)
        if (format == IMPORT_ARCHIVE && option_given(arguments, of_runs[i]))
            return fail(ERR_INVALID, "option '--%s': an archive says that itself", of_runs[i]);
    if (format != IMPORT_TENSORBOARD && option_given(arguments, "join"))
        return fail(ERR_INVALID, "option '--join' is for --format tensorboard");
    if (format != IMPORT_ARCHIVE && option_given(arguments, "no-code"))
        return fail(ERR_INVALID, "option '--no-code' is for archives: other files have no code");
    if (experiment && run_name_check(experiment) < 0)
        return ERR_INVALID;
    return name ? run_name_check(name) : 0;
}

int option_import_format(const struct arguments *arguments, enum import_format *out)
{
    const char *name = option_text(arguments, "format");
    *out = IMPORT_ARCHIVE;
    for (int i = 0; name && i < ARRAY_SIZE(format_names); i++)
        if (strcmp(name, format_names[i]) == 0) {
            *out = (enum import_format)i;
            name = NULL;
        }
    if (name)
        return fail(ERR_INVALID, "option '--format': '%.60s' is not archive, tensorboard or csv",
                    name);
    return check_options(arguments, *out);
}

/* --- what is said --- */

struct told {
    struct arguments *arguments;
    struct store store;
    bool has_store;
    enum import_format format;
    struct json *taken, *refused; /* NULL: not for JSON */
    bool is_for_people;
};

static void tell_refused(struct told *told, const char *path, const char *why, int64_t already)
{
    struct arena *arena = &told->arguments->arena;
    fflush(stdout);
    fprintf(stderr, "gander import: '%s' is not taken: %s\n", text_clean(arena, path, 500),
            text_clean(arena, why, 2000));
    if (!told->refused)
        return;
    struct json *object = json_new_object();
    json_set_string(object, "file", path);
    json_set_string(object, "why", why);
    if (already > 0)
        json_set_integer(object, "already", already);
    json_push(told->refused, object);
}

static struct json *counts_json(const struct tensorboard_counts *counts)
{
    struct json *object = json_new_object();
    json_set_integer(object, "files", counts->files);
    json_set_integer(object, "scalars", counts->scalars);
    json_set_integer(object, "images", counts->images);
    json_set_integer(object, "superseded", counts->superseded);
    json_set_integer(object, "others", counts->others);
    json_set_integer(object, "unreadable_images", counts->unreadable);
    json_set_integer(object, "bad_records", counts->bad + counts->too_long);
    json_set_integer(object, "damaged_files", counts->damaged);
    json_set_integer(object, "torn_files", counts->torn);
    return object;
}

static void push_taken(struct told *told, const struct taken_run *run)
{
    struct json *object = json_new_object();
    json_set_integer(object, "number", run->number);
    json_set_string(object, "file", run->path);
    json_set_string(object, "experiment", run->experiment);
    json_set_integer(object, "step", run->step);
    if (told->format == IMPORT_TENSORBOARD) {
        json_set(object, "read", counts_json(&run->counts));
    } else {
        json_set_integer(object, "rows", run->rows);
        json_set_integer(object, "numbers", run->numbers);
        json_set_integer(object, "skipped", run->skipped);
    }
    json_push(told->taken, object);
}

/* What was read comes with the run, what was not as notes. */
static void tell_words(struct told *told, const struct taken_run *run)
{
    struct arena *arena = &told->arguments->arena;
    const char *first;
    const char *const *rest = NULL;
    if (told->format == IMPORT_TENSORBOARD) {
        const char *const *words = tensorboard_words(arena, &run->counts);
        first = words[0];
        rest = words + 1;
    } else {
        first =
            arena_printf(arena, "%s number%s in %s row%s",
                         format_count(arena, (double)run->numbers), run->numbers == 1 ? "" : "s",
                         format_count(arena, (double)run->rows), run->rows == 1 ? "" : "s");
    }
    if (told->is_for_people && !told->taken)
        printf("run %lld: %s, from '%s'\n", (long long)run->number, first,
               text_clean(arena, run->path, 500));
    else if (!told->taken)
        printf("%lld\n", (long long)run->number);
    fflush(stdout);
    for (; rest && *rest; rest++)
        fprintf(stderr, "note: run %lld: %s\n", (long long)run->number, *rest);
    if (run->skipped > 0)
        fprintf(stderr, "note: run %lld: %s field%s left out that %s no number\n",
                (long long)run->number, format_count(arena, (double)run->skipped),
                run->skipped == 1 ? "" : "s", run->skipped == 1 ? "is" : "are");
}

/* --- what is done --- */

static bool is_interrupted(void)
{
    return interrupt_signal() != 0;
}

static int open_store(struct told *told)
{
    if (told->has_store)
        return 0;
    told->has_store = true; /* to be released in any case */
    return store_open(&told->store, option_text(told->arguments, "store"), STORE_MAKE);
}

static enum exit_status take_path(struct told *told, const char *path)
{
    struct arguments *arguments = told->arguments;
    const struct take_wish wish = { .experiment = option_text(arguments, "experiment"),
                                    .name = option_text(arguments, "name"),
                                    .argv = (const char *const *)(uintptr_t)arguments->argv,
                                    .again = option_given(arguments, "again"),
                                    .is_joined = option_given(arguments, "join"),
                                    .now = wall_clock(),
                                    .is_unwanted = is_interrupted };
    struct taken_run *runs;
    int count = 0;
    enum exit_status status = STATUS_DONE;
    bool is_there = strcmp(path, "-") == 0 || access(path, R_OK) == 0;
    int error =
        is_there ? open_store(told) : fail(ERR_NOT_FOUND, "cannot read it: %s", strerror(errno));
    if (!error)
        error = (told->format == IMPORT_TENSORBOARD ? tensorboard_import : csv_import)(
            &arguments->arena, &told->store, path, &wish, &runs, &count);
    if (error) {
        tell_refused(told, path, error_text(), 0);
        return STATUS_FAILED;
    }
    for (int i = 0; i < count; i++) {
        if (runs[i].number > 0) {
            if (told->taken)
                push_taken(told, &runs[i]);
            tell_words(told, &runs[i]);
        } else {
            tell_refused(told, runs[i].path, runs[i].why, runs[i].already);
            status = STATUS_FAILED;
        }
    }
    return status;
}

static void print_json(struct told *told)
{
    struct json *root = json_new_object();
    json_set(root, "runs", told->taken);
    json_set(root, "refused", told->refused);
    json_put_out(root);
}

enum exit_status import_in_format(struct arguments *arguments, enum import_format format)
{
    struct told told = { .arguments = arguments,
                         .format = format,
                         .is_for_people = isatty(STDOUT_FILENO) };
    enum exit_status status = STATUS_DONE;
    if (option_given(arguments, "json")) {
        told.taken = json_new_array();
        told.refused = json_new_array();
    }
    interrupt_catch(INTERRUPT_DIES);
    for (int i = 0; i < arguments->operand_count && !interrupt_signal(); i++)
        if (take_path(&told, arguments->operands[i]) != STATUS_DONE)
            status = STATUS_FAILED;
    if (told.taken)
        print_json(&told);
    store_release(&told.store);
    if (status != STATUS_DONE && interrupt_signal())
        interrupt_die(interrupt_signal());
    return status;
}
