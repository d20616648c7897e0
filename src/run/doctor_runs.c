/* What runs say of themselves: their state, their journals, their times. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "doctor_parts.h"

enum { NAMED_APART = 10 /* runs that get a line of their own */ };

static void examine_broken(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct run_list more = { 0 };
    int count = 0;
    for (int i = 0; i < patient->row_count; i++) {
        const struct run_row *row = &patient->rows[i];
        if (!row->broken)
            continue;
        if (count++ >= NAMED_APART)
            run_list_add(arena, &more, row->number);
        else
            doctor_add(
                doctor, DOCTOR_PROBLEM, "runs",
                arena_printf(arena, "run %lld is broken: %s", (long long)row->number, row->broken),
                arena_printf(arena, "put its run.json back from a copy, or gander rm%s %lld",
                             store_words(patient), (long long)row->number));
    }
    if (more.count > 0)
        doctor_add(doctor, DOCTOR_PROBLEM, "runs",
                   arena_printf(arena, "%s are broken, too", run_list_text(arena, &more)), NULL);
}

static void examine_journals(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct arena *arena = &doctor->arena;
    struct bad_lines rows[NAMED_APART];
    int count;
    if (catalogue_bad_lines(patient->catalogue, rows, NAMED_APART, &count) < 0)
        return;
    for (int i = 0; i < count; i++)
        doctor_add(doctor, DOCTOR_NOTE, "journals",
                   arena_printf(arena,
                                "run %lld: %s line%s of its journal %s no sense and %s "
                                "skipped",
                                (long long)rows[i].run, format_count(arena, (double)rows[i].bad),
                                rows[i].bad == 1 ? "" : "s", rows[i].bad == 1 ? "makes" : "make",
                                rows[i].bad == 1 ? "is" : "are"),
                   "man gander-journal says what a line is");
    if (count > 0 && rows[0].runs > count)
        doctor_add(doctor, DOCTOR_NOTE, "journals",
                   arena_printf(arena, "%lld more runs have such lines",
                                (long long)(rows[0].runs - count)),
                   NULL);
}

/* Had it only been queued when it was lost? */
static bool was_queued(const struct patient *patient, int64_t number)
{
    struct arena scratch = { 0 };
    struct worker_story story = { .size = 0 };
    const char *directory = store_run_directory(&scratch, &patient->store, number);
    bool was =
        worker_read(&scratch, &story, directory, NULL, NULL) == 0 && story.state == RUN_QUEUED;
    arena_release(&scratch);
    return was;
}

struct oddities {
    struct run_list queued, lost, orphans, stalled, future;
};

static void sort_out(struct patient *patient, struct oddities *odd)
{
    enum { CLOCKS_DIFFER = 120 /* seconds that nobody minds */ };
    struct arena *arena = &patient->doctor->arena;
    double latest = patient->doctor->wish.now + CLOCKS_DIFFER;
    for (int i = 0; i < patient->row_count; i++) {
        const struct run_row *row = &patient->rows[i];
        if (row->created > latest || row->started > latest || row->ended > latest)
            run_list_add(arena, &odd->future, row->number);
        if (row->is_archived)
            continue;
        if (row->is_orphan)
            run_list_add(arena, &odd->orphans, row->number);
        else if (row->is_stalled)
            run_list_add(arena, &odd->stalled, row->number);
        else if (row->state == RUN_LOST && !row->broken)
            run_list_add(arena, was_queued(patient, row->number) ? &odd->queued : &odd->lost,
                         row->number);
    }
}

static void tell(struct patient *patient, const struct run_list *list, enum doctor_sign sign,
                 const char *found, const char *todo)
{
    struct arena *arena = &patient->doctor->arena;
    if (list->count > 0)
        doctor_add(patient->doctor, sign, "runs",
                   arena_printf(arena, "%s %s", run_list_text(arena, list), found), todo);
}

static void tell_oddities(struct patient *patient, const struct oddities *odd)
{
    struct arena *arena = &patient->doctor->arena;
    const char *store = store_words(patient);
    const struct run_list *orphans = &odd->orphans, *lost = &odd->lost, *stalled = &odd->stalled;
    tell(patient, orphans, DOCTOR_PROBLEM, "lost their workers, and train on alone",
         orphans->count > 0 ? arena_printf(arena, "gander stop --now%s %lld", store,
                                           (long long)orphans->numbers[0])
                            : NULL);
    tell(patient, &odd->queued, DOCTOR_NOTE, "waited for a slot when the machine went down",
         arena_printf(arena, "gander resume --queued%s", store));
    tell(patient, lost, DOCTOR_NOTE, "ended without a word: killed, or the machine went down",
         lost->count > 0
             ? arena_printf(arena, "gander resume%s %lld", store, (long long)lost->numbers[0])
             : NULL);
    tell(patient, stalled, DOCTOR_NOTE, "have reported nothing for ten times as long as usual",
         stalled->count > 0
             ? arena_printf(arena, "gander log%s %lld", store, (long long)stalled->numbers[0])
             : NULL);
    tell(patient, &odd->future, DOCTOR_NOTE,
         "say that they were at work in the future: a clock was put back, or is wrong", NULL);
}

void examine_runs(struct patient *patient)
{
    struct doctor *doctor = patient->doctor;
    struct oddities odd = { .lost = { 0 } };
    int before = doctor->count;
    examine_broken(patient);
    sort_out(patient, &odd);
    tell_oddities(patient, &odd);
    if (doctor->count == before)
        doctor_add(doctor, DOCTOR_OK, "runs", "none is broken, lost, stalled or an orphan", NULL);
    before = doctor->count;
    examine_journals(patient);
    if (doctor->count == before)
        doctor_add(doctor, DOCTOR_OK, "journals", "every line makes sense", NULL);
}
