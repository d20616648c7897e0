#include "run_classifier.h"

#include "learning.h"
#include "run/measuring.h"

int open_run_classifier(struct classifier **out, const struct store *store,
                        const struct dataset *trained, bool trains, struct pool *pool)
{
    struct learning learning;
    learning_begin(&learning);
    int error = measuring_open_usual_classifier(out, store, trained,
                                                &(struct measuring_wish){ .trained = trained,
                                                                          .seed = 1,
                                                                          .is_patient = trains,
                                                                          .watch = learning_watch,
                                                                          .context = &learning },
                                                pool);
    learning_end(&learning);
    return error;
}
