/* The store itself: which, whose, where, and whether it can be worked in. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/process.h"
#include "base/text.h"
#include "doctor_parts.h"

/* --- which --- */

static const char *why_that_one(const struct patient *patient)
{
    const char *said = getenv("GANDER_DIR");
    if (patient->doctor->wish.directory)
        return "as --store says";
    return said && *said ? "as GANDER_DIR says" : "the nearest from here upward";
}

/* The highest number of a run that is there. */
static int64_t highest_number(const struct store *store)
{
    int64_t highest = 0, *numbers;
    int count;
    if (store_runs(store, &numbers, &count) == 0 && count > 0)
        highest = numbers[count - 1];
    free(numbers);
    if (store_binned(store, &numbers, &count) == 0 && count > 0)
        highest = MAX(highest, numbers[count - 1]);
    free(numbers);
    return highest;
}

/* The command that makes store.json again: its id is in the catalogue, too. */
static const char *how_to_mend(struct patient *patient)
{
    struct arena *arena = &patient->doctor->arena;
    const struct store *store = &patient->store;
    char id[STORE_ID_SIZE];
    const char *path = path_join(arena, store->path, "store.json");
    if (catalogue_peek_id(path_join(arena, store->path, "catalogue.db"), id) < 0)
        return arena_printf(arena,
                            "put %s back from a copy; its id is in 'git for-each-ref refs/gander': "
                            "{\"id\":\"…\",\"highest\":%lld}",
                            shell_word(arena, path), (long long)highest_number(store));
    return arena_printf(arena, "echo '{\"id\":\"%s\",\"highest\":%lld}' >%s", id,
                        (long long)highest_number(store), shell_word(arena, path));
}

static void tell_none(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    const char *path = patient->store.path;
    if (directory_exists(path_join(arena, path, "runs")))
        doctor_add(doctor, DOCTOR_PROBLEM, "store",
                   arena_printf(arena, "'%s' (%s) has runs, and no store.json", path,
                                why_that_one(patient)),
                   how_to_mend(patient));
    else
        doctor_add(doctor, DOCTOR_NOTE, "store",
                   arena_printf(arena, "there is none yet: the first run makes '%s'", path), NULL);
}

static void open_store(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    int error = store_open(&patient->store, doctor->wish.directory, STORE_FIND);
    const char *why = arena_strdup(arena, error_text());
    patient->is_open = error == 0;
    if (error == ERR_NOT_FOUND)
        tell_none(patient);
    else if (error)
        doctor_add(doctor, DOCTOR_PROBLEM, "store", why,
                   error == ERR_INVALID ? how_to_mend(patient) : "see who may read it: ls -la");
    else
        doctor_add(doctor, DOCTOR_OK, "store",
                   arena_printf(arena, "'%s', %s", patient->store.path, why_that_one(patient)),
                   NULL);
}

/* --- whose --- */

static void examine_owner(struct patient *patient, const struct stat *status)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    const char *path = patient->store.path;
    bool is_owned = status->st_uid == geteuid(), is_writable = access(path, W_OK) == 0;
    patient->is_mine = is_owned && is_writable;
    if (!is_owned)
        doctor_add(doctor, DOCTOR_NOTE, "owner",
                   arena_printf(arena,
                                "the store is %s's: it can be looked at, its runs cannot be "
                                "changed or stopped from here",
                                user_name(status->st_uid)),
                   NULL);
    else if (!is_writable)
        doctor_add(doctor, DOCTOR_NOTE, "owner",
                   arena_printf(arena, "the store is yours, and cannot be written: %s",
                                errno == EROFS ? "its file system is read-only"
                                               : "nothing can be started in it"),
                   errno == EROFS ? NULL
                                  : arena_printf(arena, "chmod u+w %s", shell_word(arena, path)));
}

static void examine_privacy(struct patient *patient, const struct stat *status)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    mode_t mode = status->st_mode;
    if (mode & S_IWOTH)
        doctor_add(doctor, DOCTOR_PROBLEM, "privacy",
                   "everybody on this machine can write to the store, and so run commands as you",
                   arena_printf(arena, "chmod go-w %s", shell_word(arena, patient->store.path)));
    else if (mode & S_IWGRP)
        doctor_add(doctor, DOCTOR_NOTE, "privacy",
                   "your group can write to the store, and so run commands as you",
                   arena_printf(arena, "chmod g-w %s", shell_word(arena, patient->store.path)));
    else if (mode & (S_IRWXG | S_IRWXO))
        doctor_add(doctor, DOCTOR_OK, "privacy",
                   arena_printf(arena, "others may look into the store (mode %03o)",
                                (unsigned)mode & 0777),
                   NULL);
    else
        doctor_add(doctor, DOCTOR_OK, "privacy", "the store is private", NULL);
}

/* --- where --- */

static void examine_room(struct patient *patient)
{
    static const double little = 1e9, very_little = 1e8;
    enum { FEW = 10000, VERY_FEW = 1000 };
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct statvfs status;
    if (statvfs(patient->store.path, &status) != 0)
        return;
    double bytes = (double)status.f_bavail * (double)status.f_frsize;
    bool counts_files = status.f_files > 0;
    double files = counts_files ? (double)status.f_favail : FEW;
    enum doctor_sign sign = bytes < very_little || files < VERY_FEW ? DOCTOR_PROBLEM
                            : bytes < little || files < FEW         ? DOCTOR_NOTE
                                                                    : DOCTOR_OK;
    const char *found = arena_printf(arena, "%s free", format_bytes(arena, bytes));
    if (counts_files)
        found =
            arena_printf(arena, "%s, room for %s more files", found, format_count(arena, files));
    doctor_add(doctor, sign, "disk", found,
               sign == DOCTOR_OK
                   ? NULL
                   : arena_printf(arena, "gander gc%s thins what runs hold", store_words(patient)));
}

static void examine_file_system(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    if (is_shared_file_system(patient->store.path))
        doctor_add(doctor, DOCTOR_NOTE, "file system",
                   "other machines may see it: the catalogue is in your cache directory, and a "
                   "run of another host is lost when its heartbeat is older than a minute",
                   NULL);
    else
        doctor_add(doctor, DOCTOR_OK, "file system", "local to this machine", NULL);
}

/* --- locks --- */

/* A child that has inherited a lock, for as long as its gate is shut. */
static int start_holder(pid_t *child, const int gate[2])
{
    const char *const words[] = { "true", NULL };
    return process_start(child, &(struct process){ .argv = words, .gate = gate[0] });
}

/* What is wrong with locks on a file at `path`; NULL: they do what runs rely on. Another descriptor
 * must see the lock, a child must keep it when we let go, and its end must free it. */
static const char *try_locks(struct arena *arena, const char *path)
{
    int lock = -1, gate[2], status;
    pid_t child;
    const char *wrong = NULL;
    if (lock_take(path, &lock) < 0)
        return arena_strdup(arena, error_text());
    if (!lock_is_held(path))
        wrong = "a lock that is held cannot be seen";
    if (pipe(gate) < 0 || start_holder(&child, gate) < 0) {
        close(lock);
        return "no process can be started to try them";
    }
    close(lock);
    if (!wrong && !lock_is_held(path))
        wrong = "a lock is lost while a child still holds it";
    bool is_open = write(gate[1], "g", 1) == 1;
    close(gate[0]);
    close(gate[1]);
    if (!is_open)
        kill(child, SIGKILL);
    waitpid(child, &status, 0);
    if (!wrong && lock_is_held(path))
        wrong = "a lock is still there when the process that held it has ended";
    return wrong;
}

static void examine_locks(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    if (!patient->is_mine) {
        doctor_add(doctor, DOCTOR_OK, "locks", "not tried: the store is not ours to write", NULL);
        return;
    }
    const char *path =
        arena_printf(arena, "%s/.doctor-%lld", patient->store.path, (long long)getpid());
    const char *wrong = try_locks(arena, path);
    unlink(path);
    if (wrong)
        doctor_add(doctor, DOCTOR_PROBLEM, "locks", wrong,
                   "keep runs on a file system with locks: --store DIR or GANDER_DIR names one");
    else
        doctor_add(doctor, DOCTOR_OK, "locks", "held, seen, inherited and freed as they should be",
                   NULL);
}

void examine_store(struct patient *patient)
{
    struct stat status;
    open_store(patient);
    if (stat(patient->store.path, &status) != 0)
        return;
    examine_owner(patient, &status);
    examine_privacy(patient, &status);
    examine_room(patient);
    examine_file_system(patient);
    examine_locks(patient);
}
