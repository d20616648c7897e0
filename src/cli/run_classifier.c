#include "run_classifier.h"

#include <stdio.h>

#include "draw/terminal.h"
#include "run/interrupt.h"
#include "run/measuring.h"

struct told {
    struct terminal terminal;
    int percent; /* shown; -1: none */
};

static bool tell(void *context, const struct classifier_progress *progress)
{
    struct told *told = context;
    int percent = (int)(100.0 * progress->done / progress->updates);
    bool is_due = told->percent < 0 || (told->terminal.moves && percent != told->percent);
    if (is_due) {
        fprintf(stderr, "%straining the classifier of the data, once%s",
                told->percent < 0 ? "" : "\r", told->terminal.moves ? "" : "\n");
        if (told->terminal.moves)
            fprintf(stderr, ": %d %%", percent);
        told->percent = percent;
        fflush(stderr);
    }
    return interrupt_signal() == 0;
}

int open_run_classifier(struct classifier **out, const struct store *store,
                        const struct dataset *trained, bool trains, struct pool *pool)
{
    struct told told = { .percent = -1 };
    terminal_probe(&told.terminal, stderr);
    int error = measuring_open_usual_classifier(
        out, store, trained,
        &(struct measuring_wish){
            .trained = trained, .seed = 1, .is_patient = trains, .watch = tell, .context = &told },
        pool);
    if (told.percent >= 0 && told.terminal.moves)
        fputc('\n', stderr);
    return error;
}
