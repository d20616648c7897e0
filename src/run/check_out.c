#include "run/check_out.h"

#include "run/code.h"
#include "run/rundir.h"
#include "run/settings.h"

int check_out_usual_place(struct arena *arena, const struct store *store, int64_t number,
                          char **directory)
{
    struct run_facts facts;
    int error = run_read_facts(arena, &facts, store, number);
    if (!error)
        *directory = arena_printf(arena, "%s-run-%lld",
                                  facts.code.top ? facts.code.top : store->top, (long long)number);
    return error;
}

int check_out_run(const struct store *store, int64_t number, struct check_out *what)
{
    struct arena arena = { 0 };
    struct run_facts facts;
    struct config config = { .slots = 0 };
    int error = run_read_facts(&arena, &facts, store, number);
    const struct code_of code = { store, number, &facts.code };
    const struct code_while wanted = { what->is_unwanted, what->context };
    if (!error)
        error = config_read_for(&config, store);
    if (!error)
        error = code_checkout(&code, what->directory, what->is_unwanted ? &wanted : NULL,
                              &what->is_work_tree);
    if (!error)
        error = code_link(&code, what->directory, config.code.link.items, config.code.link.count,
                          what->say, what->context);
    config_release(&config);
    arena_release(&arena);
    return error;
}
