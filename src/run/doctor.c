#include "run/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "doctor_parts.h"

static const char *const signs[] = {
    [DOCTOR_OK] = "ok",
    [DOCTOR_NOTE] = "note",
    [DOCTOR_PROBLEM] = "problem",
};

const char *doctor_sign_name(enum doctor_sign sign)
{
    return signs[sign];
}

void doctor_begin(struct doctor *doctor, const struct doctor_wish *wish)
{
    *doctor = (struct doctor){ .wish = *wish };
    if (!doctor->wish.root)
        doctor->wish.root = "";
}

void doctor_end(struct doctor *doctor)
{
    free(doctor->findings);
    arena_release(&doctor->arena);
}

void doctor_add(struct doctor *doctor, enum doctor_sign sign, const char *topic, const char *found,
                const char *todo)
{
    if (doctor->count == doctor->room) {
        doctor->room = doctor->room ? 2 * doctor->room : 32;
        doctor->findings =
            xrealloc(doctor->findings, (size_t)doctor->room, sizeof *doctor->findings);
    }
    doctor->findings[doctor->count++] = (struct doctor_finding){ sign, topic, found, todo };
}

int doctor_count(const struct doctor *doctor, enum doctor_sign sign)
{
    int count = 0;
    for (int i = 0; i < doctor->count; i++)
        count += doctor->findings[i].sign == sign;
    return count;
}

void doctor_examine(struct doctor *doctor)
{
    struct patient patient = { .doctor = doctor };
    examine_system(doctor);
    examine_logout(doctor);
    examine_store(&patient);
    examine_settings(&patient);
    if (patient.is_open) {
        examine_catalogue(&patient);
        examine_slots(&patient);
        examine_slurm(&patient);
        if (patient.catalogue) {
            examine_runs(&patient);
            examine_files(&patient);
            examine_code(&patient);
        }
    }
    catalogue_close(patient.catalogue);
    config_release(&patient.config);
    store_release(&patient.store);
}

/* --- words --- */

void run_list_add(struct arena *arena, struct run_list *list, int64_t number)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        int64_t *more = arena_alloc(arena, (size_t)list->room, sizeof *more);
        if (list->count > 0)
            memcpy(more, list->numbers, (size_t)list->count * sizeof *more);
        list->numbers = more;
    }
    list->numbers[list->count++] = number;
}

char *name_numbers(struct arena *arena, const int64_t *numbers, int count)
{
    enum { NAMED = 6 };
    char *text = arena_strdup(arena, "");
    int named = count > NAMED + 1 ? NAMED : count;
    for (int i = 0; i < named; i++) {
        const char *gap = i == 0 ? "" : i == count - 1 ? " and " : ", ";
        text = arena_printf(arena, "%s%s%lld", text, gap, (long long)numbers[i]);
    }
    return count > named ? arena_printf(arena, "%s and %d more", text, count - named) : text;
}

char *run_list_text(struct arena *arena, const struct run_list *list)
{
    return arena_printf(arena, "run%s %s", list->count == 1 ? "" : "s",
                        name_numbers(arena, list->numbers, list->count));
}

char *shell_word(struct arena *arena, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./:@%+,=";
    if (*text && strspn(text, plain) == strlen(text))
        return arena_strdup(arena, text);
    static const char quote[] = { '\'', '\\', '\'', '\'' }; /* out of the quotes and in again */
    char *word = arena_alloc(arena, sizeof quote * strlen(text) + 3, 1), *end = word;
    *end++ = '\'';
    for (; *text; text++) {
        bool is_quote = *text == '\'';
        memcpy(end, is_quote ? quote : text, is_quote ? sizeof quote : 1);
        end += is_quote ? sizeof quote : 1;
    }
    *end = '\'';
    return word;
}

const char *store_words(const struct patient *patient)
{
    struct arena *arena = &patient->doctor->arena;
    const char *directory = patient->doctor->wish.directory;
    return directory ? arena_printf(arena, " --store %s", shell_word(arena, directory)) : "";
}
