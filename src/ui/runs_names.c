/* Names of recipe values, for lists to choose from. Only a look at every run tells them all: that is
 * done beside, and a list that is open by then gets what is new. */
#define _GNU_SOURCE
#include <string.h>

#include "runs.h"

struct found_names {
    char **names;
    int count;
};

static int work(struct job *job)
{
    struct found_names *found = job->result;
    return catalogue_setting_names(job->index.places[0].catalogue, &job->index.arena, &found->names,
                                   &found->count);
}

static bool are_same(const struct runs_names *names, const struct found_names *found)
{
    bool are = names->count == found->count;
    for (int i = 0; i < found->count && are; i++)
        are = strcmp(names->settings[i], found->names[i]) == 0;
    return are;
}

static void took(struct view *view, struct job *job)
{
    struct runs_names *names = &((struct runs *)view->state)->names;
    const struct found_names *found = job->result;
    if (job->error || are_same(names, found))
        return;
    arena_release(&names->arena);
    names->settings = found->names;
    names->count = found->count;
    names->arena = job->index.arena;
    job->index.arena = (struct arena){ 0 };
    if (names->came)
        names->came(view);
}

void runs_names_load(struct view *view, void (*came)(struct view *view))
{
    struct runs *runs = view->state;
    runs->names.came = came;
    if (job_is_pending(view, took))
        return;
    struct job *job = job_new(view->app, view, work, took);
    job->result = arena_alloc(&job->arena, 1, sizeof(struct found_names));
    job_start(job, LANE_READ);
}

void runs_names_release(struct runs *runs)
{
    arena_release(&runs->names.arena);
}
