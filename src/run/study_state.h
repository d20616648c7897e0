/* What a study holds; shared by its journal and its work. */
#ifndef GANDER_RUN_STUDY_STATE_H
#define GANDER_RUN_STUDY_STATE_H

#include "base/file.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "gan/classifier.h"
#include "run/study.h"

struct study {
    struct arena arena;
    const struct recipe *recipe; /* borrowed */
    struct study_wish wish;      /* its sizes in the arena */
    struct dataset *train, *test;
    struct pool *pool;
    struct study_cell *cells; /* (seeds, sizes) */
    char *path;               /* of the journal */
    struct line_writer journal;
    int lock;
    double step_seconds, update_seconds; /* as measured; 0: not yet */
};

struct study_cell *study_cell_at(struct study *study, int size_index, int seed);

/* Takes the lock, reads what is kept, and opens the journal for more. */
int study_keep_open(struct study *study, const struct store *store);
void study_keep_close(struct study *study);
int study_keep(struct study *study, int size_index, int seed);

/* Where a GAN that was broken off is kept. */
char *study_gan_path(struct arena *arena, const struct study *study, int size, int seed);

#endif
