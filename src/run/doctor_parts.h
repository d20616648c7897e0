/* What the files of the doctor share. */
#ifndef GANDER_RUN_DOCTOR_PARTS_H
#define GANDER_RUN_DOCTOR_PARTS_H

#include "record/config.h"
#include "run/catalogue.h"
#include "run/doctor.h"

/* What the checks of one store know of it. */
struct patient {
    struct doctor *doctor;
    struct store store;
    bool is_open; /* store.json could be read */
    bool is_mine; /* it belongs to this user, who can write there */
    struct config config;
    struct catalogue *catalogue; /* NULL: there is none */
    struct run_row *rows;        /* all runs that are not in the bin, by ascending number */
    int row_count;
};

/* "3, 7, 9 and 12 more", from numbers, in the arena. */
char *name_numbers(struct arena *arena, const int64_t *numbers, int count);

/* A list of run numbers that grows in the doctor's arena, for one finding about many runs. */
struct run_list {
    int64_t *numbers;
    int count, room;
};
void run_list_add(struct arena *arena, struct run_list *list, int64_t number);
/* "run 7", "runs 3, 7 and 9" */
char *run_list_text(struct arena *arena, const struct run_list *list);

/* The word for a path in a command that is to be typed: quoted where a shell needs it. */
char *shell_word(struct arena *arena, const char *text);
/* " --store DIR", where the store was named so; "". */
const char *store_words(const struct patient *patient);

/* doctor_system.c, doctor_logout.c */
void examine_system(struct doctor *doctor);
void examine_logout(struct doctor *doctor);
/* doctor_store.c, doctor_settings.c */
void examine_store(struct patient *patient);
void examine_settings(struct patient *patient);
void examine_slots(struct patient *patient);
/* doctor_slurm.c */
void examine_slurm(struct patient *patient);
/* doctor_catalogue.c: opens it. */
void examine_catalogue(struct patient *patient);
/* doctor_runs.c, doctor_files.c, doctor_code.c: with the catalogue open. */
void examine_runs(struct patient *patient);
void examine_files(struct patient *patient);
void examine_code(struct patient *patient);

#endif
