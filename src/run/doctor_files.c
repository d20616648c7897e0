/* What lies in the directories of runs, and should not, or is damaged. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "doctor_parts.h"
#include "run/rundir.h"

/* Half-written files and reserves that nobody will come back for. */
struct litter {
    int count;
    double bytes;
};

static bool is_live(const struct run_row *row)
{
    return row->is_orphan || !run_state_is_end(row->state);
}

static void count_in(struct litter *litter, const char *folder, bool with_reserve)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    struct stat status;
    while (directory && (entry = readdir(directory))) {
        bool is_litter = strstr(entry->d_name, ".tmp-") ||
                         (with_reserve && strcmp(entry->d_name, RUN_RESERVE_NAME) == 0);
        if (!is_litter ||
            fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        litter->count++;
        litter->bytes += (double)status.st_size;
    }
    if (directory)
        closedir(directory);
}

/* One that finished came to the end of everything that it wrote. */
static void examine_litter(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct litter litter = { 0 };
    struct run_list runs = { 0 };
    for (int i = 0; i < patient->row_count; i++) {
        const struct run_row *row = &patient->rows[i];
        bool is_clean = row->state == RUN_FINISHED && !doctor->wish.is_deep;
        if (is_live(row) || is_clean)
            continue;
        struct arena scratch = { 0 };
        const char *run = store_run_directory(&scratch, &patient->store, row->number);
        int before = litter.count;
        count_in(&litter, run, true);
        count_in(&litter, path_join(&scratch, run, "samples"), false);
        count_in(&litter, path_join(&scratch, run, "checkpoints"), false);
        if (litter.count > before)
            run_list_add(arena, &runs, row->number);
        arena_release(&scratch);
    }
    if (litter.count == 0)
        return;
    doctor_add(doctor, DOCTOR_NOTE, "files",
               arena_printf(arena, "writers that were killed left %d file%s (%s) in %s",
                            litter.count, litter.count == 1 ? "" : "s",
                            format_bytes(arena, litter.bytes), run_list_text(arena, &runs)),
               arena_printf(arena,
                            "gander resume%s goes on with a run and takes them away; or "
                            "gander gc%s",
                            store_words(patient), store_words(patient)));
}

/* "runs/.new-42", of a launch that was killed; one that is just being made holds its lock. */
static void examine_unborn(struct patient *patient)
{
    enum { YOUNG = 60 /* seconds */ };
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    const char *runs = path_join(arena, patient->store.path, "runs");
    DIR *directory = opendir(runs);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        struct stat status;
        if (strncmp(entry->d_name, ".new-", 5) != 0)
            continue;
        const char *path = path_join(arena, runs, entry->d_name);
        bool is_young =
            stat(path, &status) == 0 && (double)status.st_mtim.tv_sec > doctor->wish.now - YOUNG;
        if (!is_young && !lock_is_held(path_join(arena, path, "lock")))
            doctor_add(doctor, DOCTOR_NOTE, "files",
                       arena_printf(arena, "a launch that was killed left '%s'", path),
                       arena_printf(arena, "rm -r %s", shell_word(arena, path)));
    }
    if (directory)
        closedir(directory);
}

/* In the store itself: files half replaced, and locks of git's index that nobody holds. */
static void examine_top(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    const char *store = patient->store.path;
    struct litter litter = { 0 };
    char **names;
    int count = 0;
    count_in(&litter, store, false);
    if (litter.count > 0)
        doctor_add(doctor, DOCTOR_NOTE, "files",
                   arena_printf(arena, "writers that were killed left %d file%s in the store",
                                litter.count, litter.count == 1 ? "" : "s"),
                   arena_printf(arena, "rm %s/*.tmp-*, when nothing is being started",
                                shell_word(arena, store)));
    if (list_directory(arena, store, ".lock", &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], "git.index-", 10) == 0)
            doctor_add(doctor, DOCTOR_NOTE, "files",
                       arena_printf(arena,
                                    "'%s/%s' is left of a launch that was killed, and makes "
                                    "others slower",
                                    store, names[i]),
                       arena_printf(arena, "rm %s/%s", shell_word(arena, store),
                                    shell_word(arena, names[i])));
}

/* --- checkpoints --- */

/* Reads it to its end: a disk that has forgotten a part of it says so then. */
static bool can_be_read(const char *path)
{
    enum { PIECE = 1 << 20 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *piece = xmalloc(PIECE);
    ssize_t count = -1;
    while (fd >= 0 && (count = read(fd, piece, PIECE)) > 0)
        ;
    if (count < 0)
        fail(ERR_IO, "cannot read '%s': %s", path, strerror(errno));
    free(piece);
    if (fd >= 0)
        close(fd);
    return count == 0;
}

struct checkup {
    int files, bad;
};

static void examine_checkpoints_of(struct patient *patient, const struct run_row *row,
                                   struct checkup *checkup)
{
    struct doctor *doctor = patient->doctor;
    struct arena scratch = { 0 }, *arena = &doctor->arena;
    struct run_file *files;
    int count = 0;
    const char *run = store_run_directory(&scratch, &patient->store, row->number);
    if (run_list_checkpoints(&scratch, run, &files, &count) < 0)
        count = 0;
    for (int i = count - 1; i >= 0; i--) {
        checkup->files++;
        if (!run_checkpoint_is_whole(files[i].path) ||
            (doctor->wish.is_deep && !can_be_read(files[i].path))) {
            checkup->bad++;
            doctor_add(doctor, i == count - 1 ? DOCTOR_PROBLEM : DOCTOR_NOTE, "checkpoints",
                       arena_printf(arena, "run %lld: %s", (long long)row->number, error_text()),
                       i > 0 || count > 1
                           ? arena_printf(arena, "rm %s; resume takes one that is whole",
                                          shell_word(arena, files[i].path))
                           : arena_printf(arena, "rm %s; resume begins again",
                                          shell_word(arena, files[i].path)));
        }
        if (!doctor->wish.is_deep)
            break;
    }
    arena_release(&scratch);
}

/* Of runs that may still go on, unless it is to look deeply. What is being written is left alone. */
static void examine_checkpoints(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct checkup checkup = { 0 };
    for (int i = 0; i < patient->row_count; i++) {
        const struct run_row *row = &patient->rows[i];
        if (!is_live(row) && (row->state != RUN_FINISHED || doctor->wish.is_deep))
            examine_checkpoints_of(patient, row, &checkup);
    }
    const char *which = doctor->wish.is_deep ? "" : " (the newest of each run that may go on)";
    if (checkup.bad == 0)
        doctor_add(doctor, DOCTOR_OK, "checkpoints",
                   checkup.files > 0
                       ? arena_printf(&doctor->arena, "all whole: %d were looked at%s",
                                      checkup.files, which)
                       : "there is none to look at",
                   NULL);
}

void examine_files(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    int before = doctor->count;
    examine_litter(patient);
    examine_unborn(patient);
    examine_top(patient);
    if (doctor->count == before)
        doctor_add(doctor, DOCTOR_OK, "files", "nothing is left of writers that were killed", NULL);
    examine_checkpoints(patient);
}
