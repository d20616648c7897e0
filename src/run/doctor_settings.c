/* Settings, what they name, and slots. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/process.h"
#include "doctor_parts.h"
#include "run/queue.h"
#include "run/settings.h"

/* --- config.ini --- */

/* A store's file of somebody else is not read (run/settings.h). */
static void examine_trust(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct stat status;
    const char *path = path_join(arena, patient->store.path, "config.ini");
    bool is_read = stat(path, &status) != 0 || status.st_uid == geteuid() || status.st_uid == 0;
    if (is_read)
        return;
    doctor_add(doctor, DOCTOR_NOTE, "settings",
               arena_printf(arena, "'%s' is not read: it is %s's, and settings hold commands", path,
                            user_name(status.st_uid)),
               NULL);
}

/* A path is meant from where the command will run; of a word the shell that will run it is asked. */
static bool can_be_started(struct arena *arena, const char *word)
{
    if (strchr(word, '/'))
        return process_exists(path_join(arena, "/", word));
    enum { LONGEST_MS = 5000 };
    const char *const words[] = { "sh", "-c", "command -v -- \"$1\"", "sh", word, NULL };
    struct process_result result;
    int error = process_run(&result, &(struct process){ .argv = words,
                                                        .program = "/bin/sh",
                                                        .directory = "/",
                                                        .timeout_ms = LONGEST_MS });
    bool is_known = error || process_succeeded(&result);
    free(result.output);
    return is_known;
}

/* Only where the command begins with a plain word can be told what it starts. */
static void examine_hook(struct patient *patient, const char *key, const char *command)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    if (!command || !*command)
        return;
    const char *start = command + strspn(command, " \t");
    size_t length = strcspn(start, " \t;|&<>()\n");
    const char *word = arena_strndup(arena, start, length);
    bool is_plain = length > 0 && !strpbrk(word, "$`\"'\\{}=*?[~!#");
    if (is_plain && !can_be_started(arena, word))
        doctor_add(doctor, DOCTOR_PROBLEM, "settings",
                   arena_printf(arena, "%s: '%s' of %s is no program that can be started",
                                config_where(&patient->config, key), word, key),
                   word[0] != '/' && strchr(word, '/')
                       ? "write its whole path: commands run in the directory '/'"
                   : access(word, F_OK) == 0
                       ? arena_printf(arena, "chmod +x %s", shell_word(arena, word))
                       : "install it, or write its whole path");
    else
        doctor_add(
            doctor, DOCTOR_OK, "settings",
            arena_printf(arena, "%s: %s = %s", config_where(&patient->config, key), key, command),
            NULL);
}

void examine_settings(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    const struct store *store = &patient->store;
    if (config_read_for(&patient->config, store->path ? store : NULL) < 0) {
        doctor_add(doctor, DOCTOR_PROBLEM, "settings", arena_strdup(&doctor->arena, error_text()),
                   "correct that line; man gander-config says what may stand there");
        return;
    }
    int before = doctor->count;
    examine_trust(patient);
    examine_hook(patient, "on_end", patient->config.on_end);
    examine_hook(patient, "on_health", patient->config.on_health);
    if (doctor->count == before)
        doctor_add(doctor, DOCTOR_OK, "settings", "no config.ini says anything wrong", NULL);
}

/* --- slots --- */

/* How many runs may work at once, for a run that says nothing itself. */
static const char *limit_text(const struct patient *patient)
{
    struct arena *arena = &patient->doctor->arena;
    const char *said = getenv("GANDER_SLOTS");
    long from_environment = said ? strtol(said, NULL, 10) : 0;
    if (from_environment > 0)
        return arena_printf(arena, "of %ld (GANDER_SLOTS)", from_environment);
    if (patient->config.slots > 0)
        return arena_printf(arena, "of %d (%s)", patient->config.slots,
                            config_where(&patient->config, "slots"));
    return arena_printf(arena, "of as many as %d cores have room for", host_cores());
}

void examine_slots(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct run_list working = { 0 };
    int taken = queue_slots_taken(&patient->store), queued = 0;
    for (int i = 0; i < patient->row_count; i++) {
        const struct run_row *row = &patient->rows[i];
        bool is_here = !row->host || strcmp(row->host, host_name()) == 0;
        bool works = row->state == RUN_RUNNING || row->state == RUN_PAUSED;
        if (is_here && works)
            run_list_add(arena, &working, row->number);
        queued += row->state == RUN_QUEUED;
    }
    const char *found = arena_printf(arena, "%d %s are taken", taken, limit_text(patient));
    if (working.count > 0)
        found = arena_printf(arena, "%s, by %s", found, run_list_text(arena, &working));
    if (queued > 0)
        found = arena_printf(arena, "%s; %d queued", found, queued);
    bool is_odd = patient->catalogue && taken > working.count;
    doctor_add(doctor, is_odd ? DOCTOR_NOTE : DOCTOR_OK, "slots",
               is_odd ? arena_printf(arena,
                                     "%s; more are held than runs work: what a run left "
                                     "behind still has one",
                                     found)
                      : found,
               is_odd ? arena_printf(arena, "fuser -v %s/slots/%s/slot-* names the processes",
                                     shell_word(arena, patient->store.path), host_name())
                      : NULL);
}
