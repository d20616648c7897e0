#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "base/error.h"
#include "base/text.h"
#include "draw/table.h"
#include "json_out.h"
#include "launching.h"
#include "open_run.h"
#include "outcome.h"
#include "run/again.h"
#include "run/interrupt.h"
#include "run/resolve.h"
#include "show/same.h"

static const struct command_option options[] = {
    { 0, "on", "WHERE", "Run it here (local) or as a job of Slurm (slurm).", false },
    { 0, "name", "NAME", "Call the run NAME.", false },
    { 0, "slots", "N", "Begin only while fewer than N runs work.", false },
    { 0, "json", NULL, "Print a JSON object.", false },
};

struct verifying {
    struct arguments *arguments;
    struct open_run *place;
    struct run_facts facts; /* of the run that is verified */
    struct awaited first, again;
    int64_t number; /* of the run that does it again */
    struct same same;
    struct same_fact *engine;
    int engine_count;
};

/* --- running it again --- */

/* With as many threads as it had, and no further than it came. */
static int settings_for(struct verifying *verifying, const char **settings, int *count)
{
    struct arena *arena = &verifying->arguments->arena;
    *count = 0;
    if (verifying->facts.command)
        return 0;
    if (verifying->facts.threads > 0)
        settings[(*count)++] = arena_printf(arena, "training.threads=%d", verifying->facts.threads);
    int64_t step = verifying->first.story.end.step;
    if (verifying->first.status.state != RUN_FINISHED && step > 0)
        settings[(*count)++] = arena_printf(arena, "training.until=%lld", (long long)step);
    return 0;
}

static void say_remarks(struct arena *arena, const struct launched *launched)
{
    for (const char *const *remark = launched->remarks; remark && *remark; remark++)
        fprintf(stderr, "note: %s\n", text_clean(arena, *remark, 1000));
}

static int start(struct verifying *verifying)
{
    enum { SETTINGS = 2 };
    struct arena *arena = &verifying->arguments->arena;
    const struct store *store = &verifying->place->store;
    struct repeat repeat = { .launch = { .recipe = NULL } };
    struct launched launched = { .number = 0 };
    const char *settings[SETTINGS];
    int count;
    int error = option_launch(verifying->arguments, &repeat.launch);
    repeat.launch.at_parent = verifying->facts.code.snapshot != NULL;
    repeat.launch.tag = arena_printf(arena, "verify:%lld", (long long)verifying->place->number);
    if (!repeat.launch.at_parent && verifying->facts.command)
        fprintf(stderr, "note: the code of run %lld was not pinned: what is there now is run\n",
                (long long)verifying->place->number);
    if (!error)
        error = settings_for(verifying, settings, &count);
    if (!error)
        error = repeat_prepare(&repeat, store, verifying->place->number, settings, count);
    if (!error)
        error = launch_check(&launched, &repeat.launch);
    if (!error)
        error = launch_run(&launched, store, &repeat.launch);
    verifying->number = launched.number;
    if (!error) {
        fprintf(stderr, "run %lld does run %lld again\n", (long long)launched.number,
                (long long)verifying->place->number);
        say_remarks(arena, &launched);
    }
    arena_release(&launched.arena);
    repeat_release(&repeat);
    return error;
}

static int check_first(struct verifying *verifying)
{
    struct arena *arena = &verifying->arguments->arena;
    const struct open_run *place = verifying->place;
    int error = run_read_facts(arena, &verifying->facts, &place->store, place->number);
    if (!error)
        error = await_look(arena, &place->store, place->number, &verifying->first);
    if (!error && !run_state_is_end(verifying->first.status.state))
        error = fail(ERR_BUSY, "run %lld has not ended yet ('gander wait %lld' waits for it)",
                     (long long)place->number, (long long)place->number);
    return error;
}

/* --- what came of it --- */

static const char *value_text(struct arena *arena, double value, bool is_there)
{
    return is_there ? format_real(arena, value) : "nothing";
}

static void print_parting(struct arena *arena, const struct verifying *verifying)
{
    const struct same *same = &verifying->same;
    for (int i = 0; i < same->count; i++) {
        const struct same_metric *metric = &same->metrics[i];
        if (metric->parts != same->parts)
            continue;
        printf("they part at step %lld: %s is %s in run %lld, %s in run %lld\n",
               (long long)same->parts, text_clean(arena, metric->name, 80),
               value_text(arena, metric->first_a, metric->has_a),
               (long long)verifying->place->number,
               value_text(arena, metric->first_b, metric->has_b), (long long)verifying->number);
        return;
    }
}

/* A line for each metric that differs. */
static void print_metrics(struct arena *arena, const struct same *same)
{
    enum { COLUMNS = 6 };
    static const struct table_column columns[COLUMNS] = {
        { .title = "metric", .least = 8, .most = 24 }, { .title = "values", .is_right = true },
        { .title = "differ", .is_right = true },       { .title = "from step", .is_right = true },
        { .title = "at most by", .is_right = true },   { .title = "at step", .is_right = true },
    };
    struct terminal terminal;
    struct table_cell *cells = arena_alloc(arena, (size_t)same->count * COLUMNS + 1, sizeof *cells);
    struct table table = { columns, COLUMNS, cells, 0 };
    for (int i = 0; i < same->count; i++) {
        const struct same_metric *metric = &same->metrics[i];
        struct table_cell *row = &cells[table.row_count * COLUMNS];
        if (metric->parts < 0)
            continue;
        int64_t alone = metric->only_a + metric->only_b;
        row[0].text = metric->name;
        row[1].text = format_count(arena, (double)(metric->compared + alone));
        row[2].text = format_count(arena, (double)(metric->differing + alone));
        row[3].text = format_count(arena, (double)metric->parts);
        row[4].text = metric->differing > 0 ? arena_printf(arena, "%.3g", metric->most) : "-";
        row[5].text = metric->differing > 0 ? format_count(arena, (double)metric->most_step) : "-";
        table.row_count++;
    }
    terminal_probe(&terminal, stdout);
    table_print(stdout, &table, &terminal);
}

/* What keeps equality from being promised. */
static void print_engine(struct arena *arena, const struct verifying *verifying)
{
    bool is_first = true;
    for (int i = 0; i < verifying->engine_count; i++) {
        const struct same_fact *fact = &verifying->engine[i];
        if (fact->a && fact->b && strcmp(fact->a, fact->b) == 0)
            continue;
        bool is_host = strcmp(fact->name, "host") == 0;
        if (is_first && !is_host)
            printf("what they ran with differs, so the same bits cannot be promised:\n");
        is_first = is_first && is_host;
        if (!is_host)
            printf("  %-8s %s in run %lld, %s in run %lld\n", fact->name,
                   fact->a ? text_clean(arena, fact->a, 100) : "unknown",
                   (long long)verifying->place->number,
                   fact->b ? text_clean(arena, fact->b, 100) : "unknown",
                   (long long)verifying->number);
    }
    if (is_first && verifying->facts.command)
        printf("of a command gander pins the code and the seed, and promises nothing more\n");
}

static void print_skipped(struct arena *arena, const struct same *same)
{
    const char *text = "";
    for (const char *const *name = same->skipped; *name; name++)
        text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "", text_clean(arena, *name, 80));
    if (*text)
        printf("not compared: %s\n", text);
}

static void print_result(struct verifying *verifying)
{
    struct arena *arena = &verifying->arguments->arena;
    const struct same *same = &verifying->same;
    if (same->parts < 0) {
        printf("the same: %s values of %d metric%s up to step %s, bit for bit (runs %lld and "
               "%lld)\n",
               format_count(arena, (double)same->compared), same->count,
               same->count == 1 ? "" : "s",
               format_count(arena, (double)MIN(same->last_a, same->last_b)),
               (long long)verifying->place->number, (long long)verifying->number);
    } else {
        print_parting(arena, verifying);
        print_metrics(arena, same);
    }
    print_engine(arena, verifying);
    print_skipped(arena, same);
}

static struct json *metric_json(const struct same_metric *metric)
{
    struct json *object = json_new_object();
    json_set_string(object, "metric", metric->name);
    json_set_integer(object, "compared", metric->compared);
    json_set_integer(object, "differing", metric->differing);
    json_set_integer(object, "only_first", metric->only_a);
    json_set_integer(object, "only_again", metric->only_b);
    if (metric->parts >= 0)
        json_set_integer(object, "parts", metric->parts);
    if (metric->differing > 0) {
        json_set_number(object, "most", metric->most);
        json_set_integer(object, "most_step", metric->most_step);
    }
    return object;
}

static void print_json(const struct verifying *verifying)
{
    const struct same *same = &verifying->same;
    struct json *root = json_new_object(), *metrics = json_new_array(), *differs = json_new_array();
    json_set_integer(root, "run", verifying->place->number);
    json_set_integer(root, "again", verifying->number);
    json_set_bool(root, "same", same->parts < 0);
    if (same->parts >= 0)
        json_set_integer(root, "parts", same->parts);
    json_set_integer(root, "compared", same->compared);
    for (int i = 0; i < same->count; i++)
        json_push(metrics, metric_json(&same->metrics[i]));
    json_set(root, "metrics", metrics);
    for (int i = 0; i < verifying->engine_count; i++) {
        const struct same_fact *fact = &verifying->engine[i];
        if (!fact->a || !fact->b || strcmp(fact->a, fact->b) != 0)
            json_push_string(differs, fact->name);
    }
    json_set(root, "differs", differs);
    json_put_out(root);
}

/* --- the whole --- */

/* Did the second come as far as the first? One that failed alike has. */
static int check_again(const struct verifying *verifying)
{
    enum run_state first = verifying->first.status.state, again = verifying->again.status.state;
    struct arena *arena = &verifying->arguments->arena;
    bool is_done = again == RUN_FINISHED || again == first ||
                   (again == RUN_STOPPED && !verifying->facts.command);
    if (is_done)
        return 0;
    return fail(ERR_INVALID, "run %lld, which did it again, is %s", (long long)verifying->number,
                outcome_text(arena, again, &verifying->again.story.end));
}

static int compare(struct verifying *verifying)
{
    struct arena *arena = &verifying->arguments->arena;
    const struct store *store = &verifying->place->store;
    int64_t first = verifying->place->number;
    bool is_prefix = verifying->first.status.state != RUN_FINISHED;
    int error = same_compare(arena, store, first, verifying->number, is_prefix, &verifying->same);
    if (!error)
        error = same_facts(arena, store, first, verifying->number, &verifying->engine,
                           &verifying->engine_count);
    if (!error && verifying->same.count == 0)
        error = fail(ERR_NOT_FOUND, "neither run %lld nor run %lld has metrics to compare",
                     (long long)first, (long long)verifying->number);
    return error;
}

static enum exit_status verify(struct arguments *arguments, struct open_run *place)
{
    struct verifying verifying = { .arguments = arguments, .place = place };
    bool is_given = arguments->operand_count > 1;
    int error = check_first(&verifying);
    if (!error)
        error = is_given ? run_resolve(&place->store, arguments->operands[1], &verifying.number)
                         : start(&verifying);
    if (!error)
        error = await_end(&arguments->arena, &place->store, verifying.number, &verifying.again);
    if (interrupt_signal()) {
        fprintf(stderr, "run %lld goes on ('gander verify %lld %lld' compares them then)\n",
                (long long)verifying.number, (long long)place->number, (long long)verifying.number);
        interrupt_die(interrupt_signal());
    }
    if (!error)
        error = check_again(&verifying);
    if (!error)
        error = compare(&verifying);
    if (error)
        return command_failed(arguments);
    if (option_given(arguments, "json"))
        print_json(&verifying);
    else
        print_result(&verifying);
    return verifying.same.parts < 0 ? STATUS_DONE : STATUS_FAILED;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct launch launch;
    if (option_launch(arguments, &launch) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    interrupt_catch(INTERRUPT_DIES);
    status = verify(arguments, &place);
    close_run(&place);
    return status;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "Run it again: the same numbers?",
    .operands = "RUN [RUN]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Run RUN again from its pinned code, with the same recipe or command, seed and threads, as "
        "far as it came, and compare the metrics of both journals bit for bit. The new run is one "
        "like any other, tagged 'verify:RUN'. With a second RUN nothing is run: those two are "
        "compared.\n\n"
        "It says that all are the same, or from which step they part and by how much, and what of "
        "build, BLAS, its kernel, CPU, threads, data and code differs, so that equality cannot be "
        "promised. Metrics whose names say that the machine has a part in them (times, rates, "
        "memory, use) are not compared. The exit status is 0 where all are the same.",
    .run = run,
};
