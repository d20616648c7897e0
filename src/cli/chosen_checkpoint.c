#include "chosen_checkpoint.h"

#include "base/error.h"
#include "base/text.h"

int option_checkpoint(const struct arguments *arguments, struct checkpoint_choice *out)
{
    *out = (struct checkpoint_choice){ .step = -1, .is_best = option_given(arguments, "best") };
    if (out->is_best && option_given(arguments, "step"))
        return fail(ERR_INVALID, "options '--step' and '--best' say different things: give one");
    return option_integer(arguments, "step", 0, INT32_MAX, &out->step);
}

static int find_best(struct open_run *run, struct run_file *out)
{
    struct run_best best;
    int error = run_best_checkpoint(&run->arena, run->directory, &best);
    if (!error)
        *out = best.file;
    return error;
}

int find_checkpoint(struct open_run *run, const struct arguments *arguments,
                    const struct checkpoint_choice *choice, struct run_file *out)
{
    enum { LONGEST = 1000 };
    const char *const *skipped;
    if (choice->is_best)
        return find_best(run, out);
    int error = run_newest_checkpoint(&run->arena, run->directory, choice->step, out, &skipped);
    for (; !error && *skipped; skipped++)
        fprintf(stderr, "gander %s: %s; using that of step %lld instead\n",
                arguments->command->name, text_clean(&run->arena, *skipped, LONGEST),
                (long long)out->step);
    return error;
}
