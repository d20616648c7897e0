/* The index of runs. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "doctor_parts.h"

/* What was set aside beside it, at some time. */
static void examine_asides(struct patient *patient, const char *path)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    const char *slash = strrchr(path, '/');
    char **names;
    int count = 0, found = 0;
    double bytes = 0;
    if (!slash)
        return;
    const char *folder = arena_strndup(arena, path, (size_t)(slash - path));
    const char *prefix = arena_printf(arena, "%s.aside-", slash + 1);
    if (list_directory(arena, folder, "", &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], prefix, strlen(prefix)) == 0) {
            found++;
            bytes += (double)file_size(path_join(arena, folder, names[i]));
        }
    if (found > 0)
        doctor_add(doctor, DOCTOR_NOTE, "catalogue",
                   arena_printf(arena,
                                "%d file%s of damaged catalogues lie%s beside it (%s): "
                                "nothing needs them",
                                found, found == 1 ? "" : "s", found == 1 ? "s" : "",
                                format_bytes(arena, bytes)),
                   arena_printf(arena, "rm %s.aside-*", shell_word(arena, path)));
}

static void examine_content(struct patient *patient, int64_t before)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct catalogue *catalogue = patient->catalogue;
    const char *path = catalogue_path(catalogue), *remark = catalogue_remark(catalogue);
    const char *wrong = NULL;
    if (remark)
        doctor_add(doctor, DOCTOR_NOTE, "catalogue", arena_strdup(arena, remark), NULL);
    int error = catalogue_check(catalogue, arena, doctor->wish.is_deep, &wrong);
    if (error || wrong)
        doctor_add(doctor, DOCTOR_PROBLEM, "catalogue",
                   arena_printf(arena, "'%s' is damaged: %s", path, wrong ? wrong : error_text()),
                   arena_printf(arena, "gander reindex%s", store_words(patient)));
    else
        doctor_add(doctor, DOCTOR_OK, "catalogue",
                   arena_printf(
                       arena, "'%s', version %d, sound%s; %s run%s%s", path, catalogue_version(),
                       doctor->wish.is_deep ? "" : " as far as a quick look tells",
                       format_count(arena, patient->row_count), patient->row_count == 1 ? "" : "s",
                       before < patient->row_count
                           ? arena_printf(arena, ", %lld of them new to it",
                                          (long long)(patient->row_count - before))
                           : ""),
                   NULL);
}

static void examine_numbers(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    int64_t *numbers;
    int count;
    if (store_runs(&patient->store, &numbers, &count) == 0 && count != patient->row_count)
        doctor_add(
            doctor, DOCTOR_PROBLEM, "catalogue",
            arena_printf(&doctor->arena, "it has %d runs, the store %d", patient->row_count, count),
            arena_printf(&doctor->arena, "gander reindex%s", store_words(patient)));
    free(numbers);
}

void examine_catalogue(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct catalogue_query all = { .with_archived = true };
    int64_t before = 0;
    int error = catalogue_open(&patient->catalogue, &patient->store);
    if (!error)
        before = catalogue_run_count(patient->catalogue);
    if (!error)
        error = catalogue_refresh(patient->catalogue, doctor->wish.now);
    if (!error)
        error = catalogue_list(patient->catalogue, arena, &all, doctor->wish.now, &patient->rows,
                               &patient->row_count, NULL);
    if (error) {
        doctor_add(doctor, DOCTOR_PROBLEM, "catalogue", arena_strdup(arena, error_text()),
                   arena_printf(arena, "gander reindex%s", store_words(patient)));
        catalogue_close(patient->catalogue);
        patient->catalogue = NULL;
        return;
    }
    examine_content(patient, before);
    examine_numbers(patient);
    examine_asides(patient, catalogue_path(patient->catalogue));
}
