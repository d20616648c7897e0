/* What is wrong here, if anything: the machine, the store and all its runs, looked over.
 *
 *     doctor_begin(&doctor, &wish);
 *     doctor_examine(&doctor);
 *     for (i < doctor.count) … doctor.findings[i] …
 *     doctor_end(&doctor);
 *
 * D1. It repairs nothing. It writes what any look writes (the catalogue), and a scratch file in the
 *     store, which it removes, to see whether locks work there.
 * D2. Nothing that it meets keeps it from the checks that can still be made: no store, one that is
 *     damaged, read-only, or somebody else's.
 * D3. Unless it is to look deeply, it reads no more of a run that has ended than the names in its
 *     directory: ten thousand of them are looked over in a second. */
#ifndef GANDER_RUN_DOCTOR_H
#define GANDER_RUN_DOCTOR_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

enum doctor_sign {
    DOCTOR_OK,
    DOCTOR_NOTE,    /* worth a word; nothing has to be done */
    DOCTOR_PROBLEM, /* something does not work, or will be lost */
};
const char *doctor_sign_name(enum doctor_sign sign);

struct doctor_finding {
    enum doctor_sign sign;
    const char *topic; /* "store", "locks": what was looked at */
    const char *found; /* one sentence; may hold text from outside, as it stood there */
    const char *todo;  /* what to do, a command where there is one; NULL: nothing */
};

struct doctor_wish {
    const char *directory; /* --store, or NULL */
    const char *root;      /* in front of /etc, /run, /usr, /var and /proc where the system is
                              asked about logging out; "" but in tests */
    double now;            /* seconds since 1970 */
    bool is_deep;          /* reads every checkpoint, every pinned tree and all of the catalogue */
};

struct doctor {
    struct doctor_wish wish;
    struct doctor_finding *findings; /* in the order of the checks */
    int count, room;
    struct arena arena; /* owns what the findings say */
};

void doctor_begin(struct doctor *doctor, const struct doctor_wish *wish);
void doctor_end(struct doctor *doctor);

/* One more finding; `todo` may be NULL. Texts are kept as they are: they live as long as the doctor. */
void doctor_add(struct doctor *doctor, enum doctor_sign sign, const char *topic, const char *found,
                const char *todo);

/* All checks below the terminal. */
void doctor_examine(struct doctor *doctor);

/* How many findings are of this sign. */
int doctor_count(const struct doctor *doctor, enum doctor_sign sign);

/* --- logging out --- */

/* What systemd-logind does to a user's background processes when the last session ends. */
enum logout_end {
    LOGOUT_KEEPS,         /* nothing */
    LOGOUT_KILLS_SESSION, /* KillUserProcesses: what was started in a session ends with it */
    LOGOUT_KILLS_MANAGER, /* what the user's own service manager has started ends with that */
};

struct logout {
    const char *root;   /* as in struct doctor_wish */
    const char *user;   /* his name */
    const char *cgroup; /* of the process, as /proc/self/cgroup has it */
};

/* By logind.conf(5) and its drop-ins, and whether the user lingers. *where (in the arena) is the file
 * that says so; NULL: it is the rule. */
enum logout_end logout_judge(struct arena *arena, const struct logout *logout, const char **where);

#endif
