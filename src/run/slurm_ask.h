/* Slurm's commands, run; shared by what speaks to it. */
#ifndef GANDER_RUN_SLURM_ASK_H
#define GANDER_RUN_SLURM_ASK_H

#include <time.h>

#include "run/slurm.h"

enum { SLURM_OUTPUT_LIMIT = 1 << 24 };

/* Runs one; its output, standard error too, is in the arena. ERR_IO when it takes longer than
 * SLURM_PATIENCE, ERR_INVALID with what it said when it fails. */
int slurm_ask(struct arena *arena, const char *const *words, char **output);

/* Ends the line, and returns the next one; NULL after the last. */
char *slurm_cut_line(char *line);

/* What squeue last said, as it is kept in STORE/slurm/view. */
struct slurm_view {
    const struct slurm_job *jobs; /* sorted by id */
    int count;
    double time; /* of the last question, seconds since 1970; 0: there never was one */
    struct timespec
        asked;           /* when these jobs were asked for, by the clock that stamps files there */
    const char *trouble; /* why the last question had no answer; NULL: it had one */
    const char *lines;   /* as squeue printed them */
};
/* What is kept; ERR_IO where it cannot be read, and empty where it is not there. */
int slurm_read_view(struct arena *arena, const struct store *store, struct slurm_view *out);
int slurm_write_view(const struct store *store, const struct slurm_view *view);
/* Asks for all jobs of ours. */
int slurm_ask_view(struct arena *arena, struct slurm_view *out);
const struct slurm_job *slurm_in_view(const struct slurm_view *view, const char *id);

/* Jobs that the list lacks, asked for by name, then in the accounting, then in the list of completed
 * jobs; SLURM_FORGOTTEN where all of them say that they know nothing. Negative when one that could know
 * does not answer: then nothing is said. */
int slurm_recall(struct arena *arena, const char *const *ids, int count, struct slurm_job *out);

#endif
