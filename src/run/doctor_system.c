/* The program, its libraries, and what it finds around it. */
#define _GNU_SOURCE
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/host.h"
#include "base/process.h"
#include "base/version.h"
#include "data/fetch.h"
#include "doctor_parts.h"
#include "run/library.h"

static void examine_program(struct doctor *doctor)
{
    struct arena *arena = &doctor->arena;
    doctor_add(doctor, DOCTOR_OK, "gander",
               arena_printf(arena, "%s, build %s, on %s", GANDER_VERSION, build_id(), host_cpu()),
               NULL);
}

/* The line of `text` that begins with `name`, in the arena; NULL. */
static char *find_line(struct arena *arena, const char *text, const char *name)
{
    for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            return arena_strndup(arena, line, strcspn(line, "\n"));
    return NULL;
}

/* In a process of its own: the library starts threads, and may crash where its kernel does not fit
 * the machine. */
static void examine_blas(struct doctor *doctor)
{
    enum { LONGEST_MS = 20000 };
    static const char todo[] =
        "install the package libopenblas0 (openblas), or run 'gander version "
        "--libraries' to see what it says";
    struct arena *arena = &doctor->arena;
    const char *const words[] = { "gander", "version", "--libraries", NULL };
    struct process_result result;
    int error = process_run(
        &result,
        &(struct process){ .argv = words, .program = program_path(), .timeout_ms = LONGEST_MS });
    const char *output = !error && result.output ? result.output : "";
    const char *version = find_line(arena, output, "OpenBLAS "),
               *why = find_line(arena, output, "gander version: ");
    if (!error && version && process_succeeded(&result))
        doctor_add(doctor, DOCTOR_OK, "OpenBLAS", version + strlen("OpenBLAS "), NULL);
    else if (error)
        doctor_add(doctor, DOCTOR_PROBLEM, "OpenBLAS", arena_strdup(arena, error_text()), todo);
    else
        doctor_add(doctor, DOCTOR_PROBLEM, "OpenBLAS",
                   why ? why + strlen("gander version: ")
                       : arena_printf(arena, "a process that loads it ends with %s",
                                      process_status_text(result.status)),
                   todo);
    free(result.output);
}

static void examine_libraries(struct doctor *doctor)
{
    struct arena *arena = &doctor->arena;
    doctor_add(doctor, DOCTOR_OK, "libraries",
               arena_printf(arena, "SQLite %s, libgit2 %s, libcurl %s", library_sqlite(),
                            library_git(), fetch_library()),
               NULL);
}

static void examine_git_program(struct doctor *doctor)
{
    enum { LONGEST_MS = 5000 };
    struct arena *arena = &doctor->arena;
    const char *const words[] = { "git", "--version", NULL };
    struct process_result result;
    int error = process_run(&result, &(struct process){ .argv = words, .timeout_ms = LONGEST_MS });
    if (!error && process_succeeded(&result))
        doctor_add(doctor, DOCTOR_OK, "git",
                   arena_strndup(arena, result.output, strcspn(result.output, "\n")), NULL);
    else
        doctor_add(doctor, DOCTOR_NOTE, "git",
                   "the program git cannot be started: a checkout of a run's code is a plain "
                   "directory then",
                   "install the package git");
    free(result.output);
}

/* As the program was started with it. */
static void examine_locale(struct doctor *doctor)
{
    struct arena *arena = &doctor->arena;
    const char *codeset = nl_langinfo(CODESET);
    if (strcmp(codeset, "UTF-8") == 0)
        doctor_add(doctor, DOCTOR_OK, "locale", "UTF-8", NULL);
    else
        doctor_add(doctor, DOCTOR_NOTE, "locale",
                   arena_printf(arena, "%s: drawings are in ASCII", codeset),
                   "export LC_ALL=C.UTF-8");
}

static void examine_clock(struct doctor *doctor)
{
    enum { EARLIEST = 1735689600 /* the year 2025 */ };
    if (doctor->wish.now < EARLIEST)
        doctor_add(doctor, DOCTOR_PROBLEM, "clock",
                   "this machine's clock is before this program was written: ages and the order of "
                   "runs will be wrong",
                   "set it, with timedatectl set-ntp true for instance");
}

void examine_system(struct doctor *doctor)
{
    examine_program(doctor);
    examine_blas(doctor);
    examine_libraries(doctor);
    examine_git_program(doctor);
    examine_locale(doctor);
    examine_clock(doctor);
}
