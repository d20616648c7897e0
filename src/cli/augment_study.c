#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "augment.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "draw/bar.h"
#include "draw/live.h"
#include "draw/table.h"
#include "json_out.h"
#include "run/interrupt.h"
#include "run/study.h"

enum {
    USUAL_SEEDS = 5,
    USUAL_UPDATES = 2000,
    USUAL_MADE = 10000,
    UPDATES_LIMIT = 1000000,
    MADE_LIMIT = 1000000
};
static const char usual_sizes[] = "100,300,1000,10000";
static const double long_seconds = 300; /* from there on it asks */

struct studying {
    struct arguments *arguments;
    struct arena *arena;
    struct recipe recipe;
    struct study_wish wish;
    struct study *study;
    struct study_facts facts; /* when it began */
    struct terminal terminal; /* of stderr */
    struct live live;
    double begun, drawn; /* seconds of the monotonic clock */
    double first_share;  /* when it began; -1: not yet */
};

/* --- what is wished --- */

/* "100,300,1000", ascending. */
static int read_sizes(struct studying *studying)
{
    enum { LARGEST = 10000000 };
    const char *text = option_text(studying->arguments, "sizes");
    char *rest = arena_strdup(studying->arena, text ? text : usual_sizes), *word;
    int *sizes = arena_alloc(studying->arena, STUDY_LIMIT, sizeof *sizes), count = 0;
    while ((word = strsep(&rest, ","))) {
        int64_t size;
        if (count == STUDY_LIMIT || parse_integer(word, &size) < 0 || size < 2 || size > LARGEST)
            return fail(ERR_INVALID, "option '--sizes': '%.40s' is not a number of images", word);
        if (count > 0 && size <= sizes[count - 1])
            return fail(ERR_INVALID, "option '--sizes': %.40s is not more than the size before it",
                        word);
        sizes[count++] = (int)size;
    }
    studying->wish.sizes = sizes;
    studying->wish.size_count = count;
    return 0;
}

static int read_wish(struct studying *studying)
{
    int64_t seeds = USUAL_SEEDS, updates = USUAL_UPDATES, made = USUAL_MADE, ignored;
    const struct arguments *arguments = studying->arguments;
    static const char *const others[] = { "count", "output", "seed", "step" };
    for (int i = 0; i < ARRAY_SIZE(others); i++)
        if (option_given(arguments, others[i]))
            return fail(ERR_INVALID, "option '--%s' does not go with --study", others[i]);
    int error;
    if ((error = read_sizes(studying)) < 0 ||
        (error = option_integer(arguments, "seeds", 1, STUDY_LIMIT, &seeds)) < 0 ||
        (error = option_integer(arguments, "updates", 1, UPDATES_LIMIT, &updates)) < 0 ||
        (error = option_integer(arguments, "steps", 1, INT32_MAX, &ignored)) < 0 ||
        (error = option_integer(arguments, "made", 1, MADE_LIMIT, &made)) < 0)
        return error;
    studying->wish.seeds = (int)seeds;
    studying->wish.updates = (int)updates;
    studying->wish.made = (int)made;
    return 0;
}

static int read_recipe(struct studying *studying)
{
    int count;
    struct arguments *arguments = studying->arguments;
    const char *const *given = option_texts(arguments, "set", &count);
    const char *steps = option_text(arguments, "steps");
    const char **settings = arena_alloc(studying->arena, (size_t)count + 1, sizeof *settings);
    for (int i = 0; i < count; i++)
        settings[i] = given[i];
    if (steps)
        settings[count++] = arena_printf(studying->arena, "training.steps=%s", steps);
    return recipe_read(&studying->recipe, arguments->operands[0], settings, count);
}

/* --- before it begins --- */

static bool is_agreed(const struct studying *studying, const char *how_long)
{
    struct terminal input;
    char answer[16] = "";
    terminal_probe(&input, stdin);
    if (!input.is_terminal || !studying->terminal.is_terminal) {
        fail(ERR_INVALID, "this would take %s: --yes starts it", how_long);
        return false;
    }
    fprintf(stderr, "go on? [y/N] ");
    fflush(stderr);
    fail(ERR_CANCELLED, "nothing was done");
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Says what is to be done and how long that takes, and asks if that is long. */
static int announce(struct studying *studying)
{
    const struct study_facts *facts = &studying->facts;
    struct arena *arena = studying->arena;
    double seconds;
    int left = facts->cells - facts->done;
    if (left == 0)
        return 0;
    int error = study_estimate(studying->study, &seconds);
    if (error)
        return error;
    const char *how_long =
        arena_printf(arena, "about %s on %d thread%s", format_duration(arena, seconds),
                     facts->threads, facts->threads == 1 ? "" : "s");
    fprintf(stderr, "%d GANs of %s steps and %d classifiers of %s updates to train%s: %s\n", left,
            format_count(arena, studying->recipe.training.steps), left * STUDY_WAYS,
            format_count(arena, studying->wish.updates),
            facts->done > 0
                ? arena_printf(arena, " (%d of %d are kept from before)", facts->done, facts->cells)
                : "",
            how_long);
    bool is_long = seconds > long_seconds && !option_given(studying->arguments, "yes");
    return !is_long || is_agreed(studying, how_long) ? 0 : ERR_CANCELLED;
}

/* --- while it works --- */

static void put(char *bytes, size_t size)
{
    fwrite(bytes, 1, size, stderr);
    fflush(stderr);
    free(bytes);
}

static void draw(struct studying *studying, const struct study_progress *progress, double now)
{
    struct canvas block;
    struct arena arena = { 0 };
    size_t size;
    double gone = now - studying->begun, since = progress->share - studying->first_share;
    double left = since > 0 ? gone / since * (1 - progress->share) : NAN;
    const char *text = arena_printf(
        &arena, " %3d %%  %s images, seed %d of %d: %s, %s left", (int)(100 * progress->share),
        format_count(&arena, progress->size), progress->seed, studying->wish.seeds, progress->what,
        format_duration(&arena, left));
    terminal_probe(&studying->terminal, stderr);
    canvas_init(&block, studying->terminal.columns, 1);
    int width = MAX(0, block.width - text_columns(text));
    bar_draw(&block, (struct rect){ 0, 0, width, 1 }, progress->share, (struct style){ 0 });
    canvas_text(&block, (struct rect){ width, 0, block.width - width, 1 }, text,
                (struct style){ 0 });
    char *bytes = live_update(&studying->live, &block, &studying->terminal, &size);
    put(bytes, size);
    canvas_release(&block);
    arena_release(&arena);
    studying->drawn = now;
}

/* "1,000 images, seed 2: real 91.2, moved 94.0 … (3:07)" */
static void say_cell(struct studying *studying, const struct study_progress *progress)
{
    struct arena arena = { 0 };
    size_t size;
    char *line = arena_printf(&arena, "%s images, seed %d:", format_count(&arena, progress->size),
                              progress->seed);
    for (int way = 0; way < STUDY_WAYS; way++)
        line = arena_printf(&arena, "%s %s %.2f%s", line, study_way_name((enum study_way)way),
                            100 * progress->done->accuracy[way], way < STUDY_WAYS - 1 ? "," : "");
    line =
        arena_printf(&arena, "%s %% (%s)", line, format_duration(&arena, progress->done->seconds));
    char *bytes = live_print_above(&studying->live, line, &studying->terminal, &size);
    put(bytes, size);
    arena_release(&arena);
}

static bool watch(void *context, const struct study_progress *progress)
{
    static const double redraw_seconds = 0.2;
    struct studying *studying = context;
    double now = monotonic_clock();
    if (studying->first_share < 0)
        studying->first_share = progress->share;
    if (progress->done)
        say_cell(studying, progress);
    else if (studying->terminal.moves && now - studying->drawn >= redraw_seconds)
        draw(studying, progress, now);
    return interrupt_signal() == 0;
}

static int work(struct studying *studying)
{
    size_t size;
    studying->begun = monotonic_clock();
    studying->first_share = -1;
    live_init(&studying->live);
    int error = study_run(studying->study, watch, studying);
    char *bytes = live_end(&studying->live, false, &studying->terminal, &size);
    put(bytes, size);
    live_release(&studying->live);
    return error;
}

/* --- what came out --- */

struct spread {
    int count, above; /* above 0 */
    double mean, deviation;
};

/* Of `way`, or of how much more it is than `beside`, over the seeds that are done; percent. */
static struct spread spread_of(const struct studying *studying, int size_index, int way, int beside)
{
    struct spread spread = { 0 };
    double values[STUDY_LIMIT];
    for (int seed = 1; seed <= studying->wish.seeds; seed++) {
        struct study_cell cell = study_cell(studying->study, size_index, seed);
        if (!cell.is_done)
            continue;
        double value = 100 * (cell.accuracy[way] - (beside >= 0 ? cell.accuracy[beside] : 0));
        values[spread.count++] = value;
        spread.above += value > 0;
        spread.mean += value;
    }
    spread.mean /= MAX(1, spread.count);
    for (int i = 0; i < spread.count; i++)
        spread.deviation += (values[i] - spread.mean) * (values[i] - spread.mean);
    spread.deviation = spread.count > 1 ? sqrt(spread.deviation / (spread.count - 1)) : NAN;
    return spread;
}

static char *spread_text(struct arena *arena, struct spread spread, bool is_signed)
{
    if (spread.count == 0)
        return arena_strdup(arena, "-");
    char *text = arena_printf(arena, is_signed ? "%+.2f" : "%.2f", spread.mean);
    return isnan(spread.deviation) ? text
                                   : arena_printf(arena, "%s ± %.2f", text, spread.deviation);
}

/* Columns beyond the size: a way, or what it adds to another. */
struct shown {
    const char *title;
    int way, beside; /* beside -1: the accuracy itself */
};

static void print_table(const struct studying *studying, const struct shown *shown, int count)
{
    enum { MOST = STUDY_WAYS + 2 };
    struct table_column columns[MOST] = { { .title = "images", .is_right = true } };
    struct arena *arena = studying->arena;
    struct terminal terminal;
    int width = count + 2, rows = studying->wish.size_count;
    struct table_cell *cells = arena_alloc(arena, (size_t)rows * (size_t)width, sizeof *cells);
    columns[1] = (struct table_column){ .title = "seeds", .is_right = true };
    for (int i = 0; i < count; i++)
        columns[2 + i] = (struct table_column){ .title = shown[i].title, .is_right = true };
    for (int row = 0; row < rows; row++) {
        struct table_cell *cell = cells + (size_t)row * (size_t)width;
        struct spread any = spread_of(studying, row, STUDY_REAL, -1);
        cell[0].text = format_count(arena, studying->wish.sizes[row]);
        cell[1].text = arena_printf(arena, "%d", any.count);
        for (int i = 0; i < count; i++) {
            struct spread spread = spread_of(studying, row, shown[i].way, shown[i].beside);
            char *text = spread_text(arena, spread, shown[i].beside >= 0);
            cell[2 + i].text =
                shown[i].beside >= 0 && spread.count > 0
                    ? arena_printf(arena, "%s (%d of %d up)", text, spread.above, spread.count)
                    : text;
        }
    }
    terminal_probe(&terminal, stdout);
    table_print(stdout, &(struct table){ columns, width, cells, rows }, &terminal);
}

static void print_words(const struct studying *studying)
{
    static const struct shown ways[] = { { "real", STUDY_REAL, -1 },
                                         { "moved", STUDY_MOVED, -1 },
                                         { "made", STUDY_MADE, -1 },
                                         { "both", STUDY_BOTH, -1 },
                                         { "alone", STUDY_ALONE, -1 } };
    static const struct shown gains[] = { { "made - real", STUDY_MADE, STUDY_REAL },
                                          { "both - moved", STUDY_BOTH, STUDY_MOVED } };
    struct arena *arena = studying->arena;
    printf("%% of %s test images read rightly, mean and standard deviation over seeds\n\n",
           format_count(arena, studying->facts.test_images));
    print_table(studying, ways, ARRAY_SIZE(ways));
    puts("\nwhat made images add, seed by seed\n");
    print_table(studying, gains, ARRAY_SIZE(gains));
    printf("\nreal: the images as they are; moved: shifted by up to %d pixels and turned by up to "
           "%d degrees;\nmade: half of each batch made by a GAN of %s steps that saw these images "
           "only; both: made, and moved;\nalone: made images only. Each classifier: %s updates. "
           "Data: '%s'\n",
           STUDY_SHIFT, STUDY_TURN, format_count(arena, studying->recipe.training.steps),
           format_count(arena, studying->wish.updates),
           text_clean(arena, studying->facts.data, strlen(studying->facts.data)));
}

static struct json *cell_json(int size, int seed, const struct study_cell *cell)
{
    struct json *object = json_new_object(), *accuracy = json_new_object();
    json_set_integer(object, "size", size);
    json_set_integer(object, "seed", seed);
    for (int way = 0; way < STUDY_WAYS; way++)
        json_set_number(accuracy, study_way_name((enum study_way)way), cell->accuracy[way]);
    json_set(object, "accuracy", accuracy);
    json_set_number(object, "d_loss", cell->d_loss);
    json_set_number(object, "g_loss", cell->g_loss);
    json_set_number(object, "seconds", cell->seconds);
    return object;
}

static void print_json(const struct studying *studying)
{
    struct json *object = json_new_object(), *cells = json_new_array();
    json_set_string(object, "recipe", studying->recipe.experiment.name);
    json_set_string(object, "data", studying->facts.data);
    json_set_integer(object, "test_images", studying->facts.test_images);
    json_set_integer(object, "steps", studying->recipe.training.steps);
    json_set_integer(object, "updates", studying->wish.updates);
    json_set_integer(object, "made", studying->wish.made);
    for (int i = 0; i < studying->wish.size_count; i++)
        for (int seed = 1; seed <= studying->wish.seeds; seed++) {
            struct study_cell cell = study_cell(studying->study, i, seed);
            if (cell.is_done)
                json_push(cells, cell_json(studying->wish.sizes[i], seed, &cell));
        }
    json_set(object, "cells", cells);
    json_put_out(object);
}

static int study(struct studying *studying, const struct store *store)
{
    int error = study_open(&studying->study, store, &studying->recipe, &studying->wish);
    if (error)
        return error;
    studying->facts = study_facts(studying->study);
    error = announce(studying);
    if (!error)
        error = work(studying);
    bool is_worth_it = study_facts(studying->study).done > 0 && (!error || interrupt_signal());
    if (is_worth_it && option_given(studying->arguments, "json"))
        print_json(studying);
    else if (is_worth_it)
        print_words(studying);
    if (error && interrupt_signal())
        fprintf(stderr, "broken off: what is done is kept, the same command goes on from there\n");
    study_close(studying->study);
    return error;
}

enum exit_status augment_study(struct arguments *arguments)
{
    struct studying studying = { .arguments = arguments, .arena = &arguments->arena };
    struct store store = { 0 };
    if (read_wish(&studying) < 0)
        return command_misused(arguments);
    terminal_probe(&studying.terminal, stderr);
    int error = read_recipe(&studying);
    if (error)
        return command_failed(arguments);
    interrupt_catch(INTERRUPT_DIES);
    error = store_open(&store, option_text(arguments, "store"), STORE_MAKE);
    if (!error)
        error = study(&studying, &store);
    store_release(&store);
    recipe_release(&studying.recipe);
    if (error && interrupt_signal()) {
        fflush(stdout);
        interrupt_die(interrupt_signal());
    }
    return error ? command_failed(arguments) : STATUS_DONE;
}
