/* The code behind runs: is what was pinned still there? */
#define _GNU_SOURCE
#include <stdlib.h>

#include "base/error.h"
#include "doctor_parts.h"
#include "run/code.h"
#include "run/gc.h"
#include "run/rundir.h"

enum { NAMED_APART = 10 };

/* All that has a snapshot. */
static struct code_wanted *list_wanted(struct patient *patient, int *count)
{
    struct code_wanted *wanted =
        arena_alloc(&patient->doctor->arena, (size_t)patient->row_count, sizeof *wanted);
    *count = 0;
    for (int i = 0; i < patient->row_count; i++)
        if (patient->rows[i].snapshot)
            wanted[(*count)++] = (struct code_wanted){ .number = patient->rows[i].number,
                                                       .snapshot = patient->rows[i].snapshot };
    return wanted;
}

/* Where it was launched, which may be another repository than the one around the store, and with its
 * whole tree. */
static int check_apart(struct patient *patient, int64_t number)
{
    struct arena scratch = { 0 };
    struct run_facts facts;
    int error = run_read_facts(&scratch, &facts, &patient->store, number);
    if (!error && facts.code.snapshot)
        error = code_check(&(struct code_of){ &patient->store, number, &facts.code });
    arena_release(&scratch);
    return error;
}

/* What is not around the store may be around the place where the run was launched. */
static void examine_one(struct patient *patient, const struct code_wanted *run,
                        struct run_list *loose, int *gone)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    if (run->presence == CODE_LOOSE)
        run_list_add(arena, loose, run->number);
    if (run->presence != CODE_GONE && !doctor->wish.is_deep)
        return;
    if (check_apart(patient, run->number) == 0 || (*gone)++ >= NAMED_APART)
        return;
    doctor_add(doctor, DOCTOR_PROBLEM, "code", arena_strdup(arena, error_text()),
               "fetch it from a clone that has it: git fetch CLONE 'refs/gander/*:refs/gander/*'");
}

static void examine_pins(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct run_list loose = { 0 };
    int count, gone = 0, before = doctor->count;
    struct code_wanted *wanted = list_wanted(patient, &count);
    code_look_for(&patient->store, patient->store.top, wanted, count);
    for (int i = 0; i < count; i++)
        examine_one(patient, &wanted[i], &loose, &gone);
    if (gone > NAMED_APART)
        doctor_add(doctor, DOCTOR_PROBLEM, "code",
                   arena_printf(arena, "%d more runs lack their code", gone - NAMED_APART), NULL);
    if (loose.count > 0)
        doctor_add(doctor, DOCTOR_PROBLEM, "code",
                   arena_printf(arena,
                                "nothing keeps git from removing the code of %s: a pin is "
                                "gone",
                                run_list_text(arena, &loose)),
                   arena_printf(arena,
                                "git update-ref refs/gander/%s/%lld COMMIT, with the "
                                "'pinned' of gander show%s %lld",
                                patient->store.id, (long long)loose.numbers[0],
                                store_words(patient), (long long)loose.numbers[0]));
    if (doctor->count == before)
        doctor_add(doctor, DOCTOR_OK, "code",
                   count > 0 ? arena_printf(arena, "the pinned code of %d run%s is there", count,
                                            count == 1 ? "" : "s")
                             : "no run has pinned code",
                   NULL);
}

static void examine_ownerless(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    int64_t *pins = NULL;
    int count = 0;
    struct run_list ownerless = { 0 };
    if (gc_ownerless_pins(&patient->store, doctor->wish.now, &pins, &count) == 0)
        for (int i = 0; i < count; i++)
            run_list_add(arena, &ownerless, pins[i]);
    if (ownerless.count > 0)
        doctor_add(doctor, DOCTOR_NOTE, "code",
                   arena_printf(arena, "code is pinned for %s, which %s not there any more",
                                run_list_text(arena, &ownerless),
                                ownerless.count == 1 ? "is" : "are"),
                   arena_printf(arena, "gander gc%s lets go of it", store_words(patient)));
    free(pins);
}

static void examine_ignored(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    bool is_tracked;
    const char *store = shell_word(arena, patient->store.path);
    if (!code_shows_store(&patient->store, &is_tracked))
        return;
    if (is_tracked)
        doctor_add(doctor, DOCTOR_PROBLEM, "code", "git has files of the store among its own",
                   arena_printf(arena, "git rm -r --cached %s", store));
    else
        doctor_add(doctor, DOCTOR_NOTE, "code", "git status shows the store",
                   arena_printf(arena, "echo '*' >%s/.gitignore", store));
}

void examine_code(struct patient *patient)
{
    examine_pins(patient);
    examine_ownerless(patient);
    examine_ignored(patient);
}
