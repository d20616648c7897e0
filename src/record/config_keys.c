#include "record/config.h"

static const char *const catalogues[] = {
    [CATALOGUE_AUTO] = "auto",
    [CATALOGUE_STORE] = "store",
    [CATALOGUE_CACHE] = "cache",
    NULL,
};

static const char *const launchers[] = {
    [LAUNCHER_LOCAL] = "local",
    [LAUNCHER_SLURM] = "slurm",
    NULL,
};

static const char *const pictures[] = {
    [PICTURES_AUTO] = "auto",
    [PICTURES_ASCII] = "ascii",
    [PICTURES_HALF] = "half",
    [PICTURES_SEXTANT] = "sextant",
    [PICTURES_BRAILLE] = "braille",
    [PICTURES_PIXELS] = "pixels",
    NULL,
};

enum { COMMAND_LIMIT = 4096, LIST_LIMIT = 16384, PAIR_LIMIT = 200 }; /* bytes */

#define KEY(member) .key = #member, .offset = offsetof(struct config, member)
#define BOOL(member) KEY(member), .type = CONFIG_BOOL
#define INTEGER(member, from, to)                                                                  \
    KEY(member), .type = CONFIG_INTEGER, .minimum = (from), .maximum = (to)
#define TEXT(member, longest) KEY(member), .type = CONFIG_TEXT, .maximum = (longest)
#define LIST(member) KEY(member), .type = CONFIG_LIST, .maximum = LIST_LIMIT
#define CHOICE(member, words) KEY(member), .type = CONFIG_CHOICE, .choices = (words)

static const struct config_key keys[] = {
    { INTEGER(slots, 0, 1024), .unit = "runs", .fallback = "0",
      .help = "How many runs work at once on a host, while others wait; 0 for as many as its cores "
              "divided by the recipe's threads" },
    { TEXT(on_end, COMMAND_LIMIT), .fallback = "",
      .help = "Shell command that is run when a run has ended; none if empty" },
    { TEXT(on_health, COMMAND_LIMIT), .fallback = "",
      .help = "Shell command that is run when the health of a run has changed; none if empty" },
    { CHOICE(catalogue, catalogues), .fallback = "auto",
      .help =
          "Where the index of all runs is: auto (in the store, unless its file system cannot hold "
          "it), store, or cache (in the user's cache directory)" },

    { CHOICE(launcher, launchers), .fallback = "local",
      .help = "Where runs work unless --on says so: local (here, in the background) or slurm" },

    { TEXT(slurm.partition, 256), .fallback = "",
      .help = "Partition that jobs are submitted to; Slurm's default if empty" },
    { TEXT(slurm.time, 64), .fallback = "",
      .help =
          "Time limit of a job as sbatch takes it, 2:00:00 for two hours; that of the partition "
          "if empty" },
    { TEXT(slurm.account, 256), .fallback = "",
      .help = "Account that jobs are charged to; Slurm's default if empty" },
    { TEXT(slurm.options, COMMAND_LIMIT), .fallback = "",
      .help = "Further options of sbatch, with blanks between them" },
    { INTEGER(slurm.warning, 1, 65535), .unit = "seconds", .fallback = "60",
      .help = "How long before the time limit of its job a run is asked to save a checkpoint and "
              "stop" },
    { BOOL(slurm.requeue), .fallback = "no",
      .help =
          "Whether a run that was stopped by the time limit of its job is queued again, to go on "
          "from its checkpoint" },

    { .key = "slurm-options.EXPERIMENT",
      .type = CONFIG_PAIRS,
      .offset = offsetof(struct config, slurm_options.any),
      .maximum = COMMAND_LIMIT,
      .fallback = "",
      .help = "Further options of sbatch for runs of EXPERIMENT" },

    { LIST(code.link), .fallback = "",
      .help = "Paths and patterns of the work tree, data for instance, that are linked into "
              "checkouts of a run's code" },

    { LIST(metrics.smaller), .fallback = "",
      .help = "Names of metrics that are better when they are smaller" },
    { LIST(metrics.larger), .fallback = "",
      .help = "Names of metrics that are better when they are larger" },

    { INTEGER(health.warm_up, 1, 1000000000), .unit = "steps", .fallback = "1500",
      .help = "How long a run of another program is too young for its health to be judged; all "
              "other spans of time are in proportion to it" },
    { TEXT(health.grid, 16), .fallback = "",
      .help = "Columns and rows of its sample images, 8x8 for instance; found out if empty" },
    { .key = "signals.SIGNAL",
      .type = CONFIG_PAIRS,
      .offset = offsetof(struct config, signals.any),
      .maximum = PAIR_LIMIT,
      .fallback = "",
      .help = "The metric of another program's runs that says what SIGNAL does" },

    { BOOL(dashboard.mouse), .fallback = "yes",
      .help = "Whether the dashboard takes the mouse; without it the terminal selects text" },
    { CHOICE(dashboard.pictures, pictures), .fallback = "auto",
      .help = "How the dashboard draws pictures: auto (the best that the terminal shows), ascii, "
              "half, sextant, braille or pixels" },

    { .key = "keys.ACTION",
      .type = CONFIG_PAIRS,
      .offset = offsetof(struct config, keys.any),
      .maximum = PAIR_LIMIT,
      .fallback = "",
      .help = "Keys that do ACTION in the dashboard, instead of those it has; none for no key" },
};
_Static_assert(ARRAY_SIZE(keys) == CONFIG_KEY_COUNT, "CONFIG_KEY_COUNT is wrong");

const struct config_key *config_keys(int *count)
{
    *count = ARRAY_SIZE(keys);
    return keys;
}
