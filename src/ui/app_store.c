/* The store of the dashboard. Who opens it where there is none yet gets one that goes again when
 * nothing was started in it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#include "app_state.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

int app_find_store(struct app *app)
{
    struct store store;
    int error = store_open(&store, app->wish.store, STORE_FIND);
    store_release(&store);
    if (error == ERR_NOT_FOUND) {
        error = store_open(&store, app->wish.store, STORE_MAKE);
        store_release(&store);
        app->has_made_store = !error;
    }
    return error ? error : index_open_unread(&app->index, app->wish.store, present_time());
}

static bool is_empty(const struct store *store)
{
    int64_t *numbers = NULL, *binned = NULL;
    int count = 1, binned_count = 1;
    bool is = store_runs(store, &numbers, &count) == 0 && count == 0 &&
              store_binned(store, &binned, &binned_count) == 0 && binned_count == 0;
    free(numbers);
    free(binned);
    return is;
}

/* Only what a new store holds: whatever else is there stays, and the store with it. */
void app_unmake_store(const struct app *app, const struct store *store)
{
    static const char *const files[] = { ".gitignore",       "store.json",       "store.lock",
                                         "catalogue.db",     "catalogue.db-wal", "catalogue.db-shm",
                                         "catalogue.db.lock" };
    struct arena arena = { 0 };
    if (app->has_made_store && is_empty(store) &&
        (rmdir(path_join(&arena, store->path, "runs")) == 0 ||
         !directory_exists(path_join(&arena, store->path, "runs")))) {
        for (int i = 0; i < ARRAY_SIZE(files); i++)
            unlink(path_join(&arena, store->path, files[i]));
        rmdir(store->path);
    }
    arena_release(&arena);
}
