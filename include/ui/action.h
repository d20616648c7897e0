/* What a person can ask of the dashboard: one table, from which keys, help, the line at the foot,
 * the settings and the manual come.
 *
 * A key may mean different things in different views: the first row that has it and is of the view
 * holds. Keys are written as people say them (ui/keys.h), several with a blank between. */
#ifndef GANDER_UI_ACTION_H
#define GANDER_UI_ACTION_H

#include "base/base.h"

enum { /* where an action is meant: bits */
       IN_RUNS = 1,
       IN_RUN = 2,
       IN_CURVES = 4,
       IN_SAMPLES = 8,
       IN_WALK = 16,
       IN_COMPARE = 32,
       IN_LAUNCH = 64,
       IN_TEXT = 128, /* help, what a command printed */
       IN_LIST = 256, /* a list to choose from */
       IN_LOG = 512,
       IN_DIFF = 1024,
       IN_SWEEP = 2048,
       IN_RESTORE = 4096, /* images that a generator has completed or upscaled */
       ANYWHERE = 8191,
       WHERE_RUNS_ARE =
           IN_RUNS | IN_RUN | IN_CURVES | IN_SAMPLES | IN_COMPARE | IN_LOG | IN_DIFF | IN_SWEEP,
       SEARCHABLE = ANYWHERE & ~IN_LAUNCH & ~IN_SAMPLES & ~IN_WALK & ~IN_SWEEP & ~IN_RESTORE,
       NEEDS_RUN = 1 << 13,   /* a run must be meant */
       IS_QUIET = 1 << 14,    /* known to everybody: not worth room at the foot */
       NEEDS_LIVE = 1 << 15,  /* one of the runs must be queued, running or paused … */
       NEEDS_ENDED = 1 << 16, /* … or must not be */
       TAKES_BINNED = 1 << 17 /* is done to runs in the bin, too */
};

/* id, name in settings, keys, where, a word or two for the foot, a sentence for the help. */
/* clang-format off */
#define ACTION_LIST(X)                                                                             \
    X(ACTION_TAB_1, "tab-1", "1", IN_RUN | IN_COMPARE | IN_DIFF | IS_QUIET, "tab", "To the first tab, or what was changed and not committed") \
    X(ACTION_TAB_2, "tab-2", "2", IN_RUN | IN_COMPARE | IN_DIFF | IS_QUIET, "tab", "To the second tab, or what has changed since the run") \
    X(ACTION_TAB_3, "tab-3", "3", IN_RUN | IN_COMPARE | IS_QUIET, "tab", "To the third tab")                                  \
    X(ACTION_TAB_4, "tab-4", "4", IN_RUN | IN_COMPARE | IS_QUIET, "tab", "To the fourth tab")                                 \
    X(ACTION_TAB_5, "tab-5", "5", IN_RUN | IN_COMPARE | IS_QUIET, "tab", "To the fifth tab")                                  \
    X(ACTION_NEXT_FILE, "next-file", "]", IN_DIFF, "next file", "To the next file")                                          \
    X(ACTION_PREVIOUS_FILE, "previous-file", "[", IN_DIFF, "file before", "To the file before")                              \
    X(ACTION_KEEP_SEED, "keep-seed", "s", IN_WALK, "keep", "Keep this image's seed, to play between two")                     \
    X(ACTION_ANEW, "draw-anew", "r", IN_WALK, "anew", "Draw new images")                                                     \
    X(ACTION_PLAY, "play", "Space p", IN_SAMPLES | IN_WALK, "play", "Play: a flip-book of the steps, or between kept seeds") \
    X(ACTION_FASTER, "faster", "+", IN_SAMPLES | IN_WALK, "faster", "Play or move faster")                                   \
    X(ACTION_SLOWER, "slower", "-", IN_SAMPLES | IN_WALK | IS_QUIET, "slower", "Play or move slower")                                   \
    X(ACTION_MORE_IMAGES, "more-images", "]", IN_WALK | IN_SAMPLES, "more", "Show more images, smaller")                      \
    X(ACTION_FEWER_IMAGES, "fewer-images", "[", IN_WALK | IN_SAMPLES, "fewer", "Show fewer images, larger")                   \
    X(ACTION_MAP, "map", "m", IN_WALK, "map/seeds", "Show what lies around the place, or what the seed gives next") \
    X(ACTION_CHECKPOINT, "checkpoint", "c", IN_WALK, "checkpoint", "Choose the checkpoint to walk from") \
    X(ACTION_NO_CLASS, "any-class", "a", IN_WALK, "any class", "Draw all classes in turn")                                   \
    X(ACTION_KEPT_BEFORE, "kept-before", "<", IN_WALK, "kept", "To the kept image before") \
    X(ACTION_KEPT_NEXT, "kept-next", ">", IN_WALK, "kept", "To the next kept image; the last two visited are played between") \
    X(ACTION_DROP_SEED, "drop-seed", "x", IN_WALK, "drop", "Keep the image that was visited last no longer") \
    X(ACTION_DIFFERENCE, "difference", "~", IN_SAMPLES, "difference", "Show the difference to the step before, or to the other run") \
    X(ACTION_BY_TIME, "by-time", "x", IN_SAMPLES, "step/time", "Put runs side by side at the same step, or the same time")   \
    X(ACTION_ALL_VALUES, "all-values", "a", IN_COMPARE, "all/differing", "Show all values, or those that differ")            \
    X(ACTION_AXIS, "axis", "x", IN_CURVES | IN_RUN | IN_COMPARE, "x axis", "Draw over step, epoch, time, clock, run or commit")          \
    X(ACTION_LOG_SCALE, "log-scale", "y", IN_CURVES | IN_RUN | IN_COMPARE, "log", "Logarithmic or linear values")            \
    X(ACTION_SMOOTHER, "smoother", "]", IN_CURVES | IN_RUN | IN_COMPARE, "smooth", "Smooth curves more")                     \
    X(ACTION_ROUGHER, "rougher", "[", IN_CURVES | IN_RUN | IN_COMPARE, "rough", "Smooth curves less")                        \
    X(ACTION_ZOOM_IN, "zoom-in", "+", IN_CURVES, "in", "Zoom in around the cursor")                                          \
    X(ACTION_ZOOM_OUT, "zoom-out", "-", IN_CURVES, "out", "Zoom out")                                                        \
    X(ACTION_PAN_LEFT, "pan-left", "<", IN_CURVES, "pan", "Move the part that is shown to the left")                         \
    X(ACTION_PAN_RIGHT, "pan-right", ">", IN_CURVES, "pan", "Move the part that is shown to the right")                      \
    X(ACTION_ZOOM_ALL, "zoom-all", "0", IN_CURVES, "all", "Show all there is")                                               \
    X(ACTION_OUTLIERS, "outliers", "*", IN_CURVES | IN_RUN, "outliers", "Show all values, or the middle 99 %")               \
    X(ACTION_BANDS, "bands", "b", IN_CURVES, "bands", "Show or hide the ranges around curves")                               \
    X(ACTION_SEEDS, "fold-seeds", "z", IN_CURVES, "seeds", "Fold runs that differ in their seed into a median and a band")   \
    X(ACTION_LAUNCH_NOW, "start", "^X F5", IN_LAUNCH, "start", "Start the run")                                              \
    X(ACTION_NEXT_EVENT, "next-event", "n", IN_CURVES, "event", "The cursor to the next checkpoint, resumption or change of health") \
    X(ACTION_PREVIOUS_EVENT, "previous-event", "N", IN_CURVES, "event before", "The cursor to the one before")                 \
    X(ACTION_HIDE, "hide-curve", "Space", IN_CURVES, "hide", "Hide or show the curve that the list is on; 1 to 9 those with that number") \
    X(ACTION_FIELD_TAKE, "copy-run", "^O", IN_LAUNCH, "copy a run", "Fill the form with a run's recipe")                     \
    X(ACTION_FIELD_RECIPE, "pick-recipe", "^R", IN_LAUNCH, "recipe", "Choose another recipe")                                \
    X(ACTION_FIELD_EDIT, "edit-recipe", "^E", IN_LAUNCH, "editor", "Edit the recipe in $EDITOR")                             \
    X(ACTION_FIELD_SEEDS, "seeds", "^N", IN_LAUNCH, "seeds", "How many runs to start, each with a seed of its own")          \
    X(ACTION_FIELD_SAVE, "save-recipe", "^W", IN_LAUNCH, "write", "Write the recipe to a file")                              \
    X(ACTION_FIELD_ADVICE, "take-advice", "^T", IN_LAUNCH, "advice", "Change a value as the health of the copied run advises; again for another remedy") \
    X(ACTION_FIELD_RESET, "reset-field", "^U", IN_LAUNCH, "reset", "Take back the change of this value")                     \
    X(ACTION_OPEN, "open", "Enter", ANYWHERE & ~IN_TEXT & ~IN_LOG & ~IN_DIFF & ~IN_RESTORE, "open", "Open what the cursor is on, or make it larger")                       \
    X(ACTION_MARK, "mark", "Space", IN_RUNS | IN_LIST, "mark", "Mark the run, to act on several or to compare them")         \
    X(ACTION_SORT, "sort", "o", IN_RUNS, "sort", "Choose the column to sort by")                                             \
    X(ACTION_REVERSE, "reverse", "O", IN_RUNS, "reverse", "Turn the order round")                                            \
    X(ACTION_FILTER, "filter", "f", IN_RUNS, "filter", "Show the runs that a filter means")                                  \
    X(ACTION_COLUMNS, "columns", "C", IN_RUNS, "columns", "Choose columns and their order")                                  \
    X(ACTION_GROUP, "group", "b", IN_RUNS, "group", "Group by a recipe value, the commit or any column")                     \
    X(ACTION_FOLD, "fold", "z", IN_RUNS, "fold", "Fold or unfold the group")                                                 \
    X(ACTION_FOLD_ALL, "fold-all", "Z", IN_RUNS, "fold all", "Fold or unfold all groups")                                    \
    X(ACTION_UNMARK_ALL, "unmark-all", "U", IN_RUNS, "unmark", "Take all marks away")                                        \
    X(ACTION_ARCHIVED, "archived", "a", IN_RUNS, "archived", "Show archived runs, too, or not")                              \
    X(ACTION_BIN, "bin", "B", IN_RUNS, "bin", "Show the bin, or come back from it")                                          \
    X(ACTION_PREVIEW, "preview", "P", IN_RUNS, "preview", "Show or hide the preview")                                        \
    X(ACTION_SEARCH, "search", "/", SEARCHABLE, "search", "Search what stands there: runs, metrics, lines of text")                                               \
    X(ACTION_NEXT, "next", "n", SEARCHABLE, "next", "The next place that was searched for")                       \
    X(ACTION_PREVIOUS, "previous", "N", SEARCHABLE, "previous", "The place before that was searched for")         \
    X(ACTION_LAUNCH, "launch", "i", WHERE_RUNS_ARE, "launch", "Start a new run, from a recipe or a copy of this run")        \
    X(ACTION_CURVES, "curves", "c", IN_RUNS | IN_RUN | IN_SAMPLES | IN_COMPARE | IN_SWEEP | NEEDS_RUN, "curves", "Draw the curves of the marked runs") \
    X(ACTION_SAMPLES, "samples", "S", IN_RUNS | IN_RUN | IN_CURVES | IN_COMPARE | IN_SWEEP | NEEDS_RUN, "samples", "Look at the samples, step by step") \
    X(ACTION_WALK, "walk", "w", WHERE_RUNS_ARE | NEEDS_RUN, "walk", "Walk through the generator's latent space")             \
    X(ACTION_RESTORE, "restore", "W", WHERE_RUNS_ARE | NEEDS_RUN, "complete", "Complete or upscale test images with the run's generator")      \
    X(ACTION_JUDGE, "judge", "J", WHERE_RUNS_ARE | NEEDS_RUN, "judge", "How well the discriminator tells real images from others") \
    X(ACTION_COMPARE, "compare", "=", IN_RUNS | IN_RUN | IN_CURVES | IN_SAMPLES | IN_SWEEP | NEEDS_RUN, "compare", "Compare the marked runs") \
    X(ACTION_SWEEP, "sweep", "T", IN_RUNS | IN_RUN | NEEDS_RUN, "sweep", "Look at the sweep that the run is of: its points, the best first") \
    X(ACTION_DIFF, "diff", "d", WHERE_RUNS_ARE | NEEDS_RUN, "diff", "The code of two marked runs, or of one and its commit, beside one another") \
    X(ACTION_LOG, "log", "L", (WHERE_RUNS_ARE & ~IN_LOG) | NEEDS_RUN, "log", "Read the log")                                             \
    X(ACTION_STOP, "stop", "s", WHERE_RUNS_ARE | NEEDS_RUN | NEEDS_LIVE, "stop", "Ask the run to stop after a checkpoint; again: at once") \
    X(ACTION_PAUSE, "pause", "p", IN_RUNS | IN_RUN | IN_CURVES | IN_COMPARE | NEEDS_RUN | NEEDS_LIVE, "pause", "Pause the run, or let it go on") \
    X(ACTION_RESUME, "resume", "r", WHERE_RUNS_ARE | NEEDS_RUN, "resume", "Go on from the newest checkpoint")                \
    X(ACTION_RERUN, "rerun", "R", WHERE_RUNS_ARE | NEEDS_RUN, "rerun", "Start the same again as a new run")                  \
    X(ACTION_TAG, "tag", "t", WHERE_RUNS_ARE | NEEDS_RUN, "tag", "Add a tag; with a '-' in front take it away")              \
    X(ACTION_NOTE, "note", "m", WHERE_RUNS_ARE | NEEDS_RUN, "note", "Write a note")                                          \
    X(ACTION_NAME, "name", "e", WHERE_RUNS_ARE | NEEDS_RUN, "name", "Give the run a name")                                   \
    X(ACTION_ARCHIVE, "archive", "A", WHERE_RUNS_ARE | NEEDS_RUN, "archive", "Put the run into the archive, or take it out") \
    X(ACTION_DELETE, "delete", "D Del", WHERE_RUNS_ARE | NEEDS_RUN | NEEDS_ENDED | TAKES_BINNED, "delete", "Move the run to the bin")                     \
    X(ACTION_UNDO, "undo", "u", WHERE_RUNS_ARE, "undo", "Take back the last archiving or deleting")                          \
    X(ACTION_CHECK_OUT, "check-out", "X", WHERE_RUNS_ARE | NEEDS_RUN, "check out", "Write exactly the run's code to a directory") \
    X(ACTION_EXPORT, "export", "E", WHERE_RUNS_ARE | NEEDS_RUN, "export", "Write the run to an archive that import reads")   \
    X(ACTION_PICTURES, "pictures", "v", IN_RUNS | IN_RUN | IN_SAMPLES | IN_WALK | IN_COMPARE, "picture mode", "Draw pictures in another way") \
    X(ACTION_UP, "up", "k Up", ANYWHERE | IS_QUIET, "up", "Up")                                                              \
    X(ACTION_DOWN, "down", "j Down", ANYWHERE | IS_QUIET, "down", "Down")                                                    \
    X(ACTION_LEFT, "left", "h Left", ANYWHERE | IS_QUIET, "left", "Left: a column, a step, a dot of a chart")                \
    X(ACTION_RIGHT, "right", "l Right", ANYWHERE | IS_QUIET, "right", "Right")                                               \
    X(ACTION_FAR_LEFT, "far-left", "H S-Left", ANYWHERE | IS_QUIET, "far left", "Ten times as far to the left")              \
    X(ACTION_FAR_RIGHT, "far-right", "S-Right", ANYWHERE | IS_QUIET, "far right", "Ten times as far to the right")           \
    X(ACTION_PAGE_UP, "page-up", "PgUp ^B", ANYWHERE | IS_QUIET, "page up", "A page up")                                     \
    X(ACTION_PAGE_DOWN, "page-down", "PgDn ^F", ANYWHERE | IS_QUIET, "page down", "A page down")                             \
    X(ACTION_TOP, "top", "g Home", ANYWHERE | IS_QUIET, "top", "To the first")                                               \
    X(ACTION_BOTTOM, "bottom", "G End", ANYWHERE | IS_QUIET, "bottom", "To the last")                                        \
    X(ACTION_NEXT_PANE, "next-pane", "Tab", ANYWHERE | IS_QUIET, "next pane", "To the next pane or tab")                     \
    X(ACTION_PREVIOUS_PANE, "previous-pane", "BackTab", ANYWHERE | IS_QUIET, "pane before", "To the pane or tab before")     \
    X(ACTION_BACK, "back", "q", ANYWHERE, "back", "Back one layer; out of the dashboard from the first")                     \
    X(ACTION_CANCEL, "cancel", "Esc", ANYWHERE | IS_QUIET, "cancel", "Give up what takes long; else back one layer")         \
    X(ACTION_COMMAND, "command", ":", ANYWHERE & ~IN_LAUNCH, "command", "Any gander command; % stands for the runs that are meant") \
    X(ACTION_HELP, "help", "? F1", ANYWHERE, "help", "All keys")                                                             \
    X(ACTION_REDRAW, "redraw", "^L", ANYWHERE | IS_QUIET, "redraw", "Draw the whole screen again")                           \
    X(ACTION_SUSPEND, "suspend", "^Z", ANYWHERE | IS_QUIET, "suspend", "Back to the shell for a while; fg returns")          \
    X(ACTION_QUIT, "quit", "Q ^C", ANYWHERE | IS_QUIET, "quit", "Leave the dashboard; runs go on")
/* clang-format on */

enum action {
    ACTION_NONE,
#define X(id, name, keys, where, hint, help) id,
    ACTION_LIST(X)
#undef X
};

struct action_row {
    const char *name, *keys; /* keys as they come; settings may say others */
    unsigned where;          /* IN_… and flags */
    const char *hint, *help;
};

/* The row of an action; ACTION_NONE has one, too, that is empty. */
const struct action_row *action_row(enum action action);
int action_count(void); /* ACTION_NONE counted */

/* The one with that name; ACTION_NONE if there is none. */
enum action action_find(const char *name);

/* What the bits of `where` are called: "runs", "curves" …; NULL past the end. */
const char *action_place_name(int bit);

#endif
