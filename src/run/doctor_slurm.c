/* Runs that are jobs, and whether Slurm speaks of them. */
#include <math.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "doctor_parts.h"
#include "run/slurm.h"

static const char *asked_text(struct arena *arena, const struct patient *patient, double time)
{
    double age = patient->doctor->wish.now - time;
    return time > 0 && age >= 0
               ? arena_printf(arena, "; Slurm was asked %s ago", format_duration(arena, age))
               : "; Slurm has not been asked yet";
}

void examine_slurm(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    const char *folder = path_join(arena, patient->store.path, "slurm/jobs");
    struct run_list jobs = { 0 };
    struct slurm_known known = { .trouble = NULL };
    char **names;
    int count = 0;
    int64_t number;
    bool is_chosen = patient->config.launcher == LAUNCHER_SLURM;
    if (directory_exists(folder) && list_directory(arena, folder, "", &names, &count) < 0) {
        doctor_add(doctor, DOCTOR_PROBLEM, "slurm", arena_strdup(arena, error_text()), NULL);
        return;
    }
    for (int i = 0; i < count; i++)
        if (parse_integer(names[i], &number) == 0)
            run_list_add(arena, &jobs, number);
    if (jobs.count > 0)
        slurm_know(arena, &patient->store, jobs.numbers[0], &known);
    if (jobs.count == 0 && !is_chosen)
        return;
    const char *found =
        jobs.count == 0
            ? "no run is a job now"
            : arena_printf(arena, "%s: %s%s", jobs.count == 1 ? "a job" : "jobs",
                           run_list_text(arena, &jobs), asked_text(arena, patient, known.time));
    if (slurm_check() < 0)
        doctor_add(doctor, DOCTOR_PROBLEM, "slurm",
                   arena_printf(arena, "%s; %s", found, error_text()),
                   is_chosen ? "'launcher = slurm' stands in config.ini" : NULL);
    else if (known.trouble)
        doctor_add(doctor, DOCTOR_NOTE, "slurm",
                   arena_printf(arena, "%s: %s", found, known.trouble), "scontrol ping");
    else
        doctor_add(doctor, DOCTOR_OK, "slurm", found, NULL);
}
