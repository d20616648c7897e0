/* The filter language through 'gander ls', against a plain look at what each run is. */
#define _GNU_SOURCE
#include <math.h>
#include <strings.h>

#include "base/random.h"
#include "program.h"
#include "run/made_store.h"

enum { RUNS = 40 };

static const char *const states[] = { "finished", "stopped", "failed", "diverged", "killed" };
static const char *const experiments[] = { "dcgan", "dcgan-big", "wgan", "mlp" };
static const char *const tags[] = { "good", "bad", "paper/fig-1" };
static const char *const notes[] = { "Collapsed early", "looks fine", "bad luck" };

static struct model {
    int number;
    const char *state, *experiment, *name, *note, *commit, *branch, *data;
    bool tags[ARRAY_SIZE(tags)], is_dirty, is_archived, has_rate, has_loss;
    double rate, losses[3], age, took;
    int step, parent;
} models[RUNS + 1];

#define PICK(list) (list)[random_below(random, ARRAY_SIZE(list))]

static struct model draw_model(struct random *random, int number)
{
    static const char *const names[] = { NULL, NULL, "best", "seven" };
    static const char *const commits[] = { "4f2a000000000000000000000000000000000000",
                                           "4f2b000000000000000000000000000000000000",
                                           "00ff000000000000000000000000000000000000", NULL };
    static const char *const branches[] = { "main", "try/it" };
    static const char *const data[] = { "digits", "mnist" };
    static const double rates[] = { 1e-4, 2e-4, 1e-3, 0.5 };
    static const double ages[] = { 30, 3000, 86000, 2.5 * 86400, 40 * 86400 };
    struct model model = { .number = number,
                           .state = PICK(states),
                           .experiment = PICK(experiments),
                           .name = PICK(names),
                           .note = random_below(random, 2) ? PICK(notes) : NULL,
                           .commit = PICK(commits),
                           .branch = PICK(branches),
                           .data = PICK(data),
                           .is_dirty = random_below(random, 2),
                           .is_archived = random_below(random, 6) == 0,
                           .has_rate = random_below(random, 4) > 0,
                           .has_loss = random_below(random, 4) > 0,
                           .rate = PICK(rates),
                           .age = PICK(ages),
                           .took = (double)(10 * (1 + random_below(random, 300))),
                           .step = 10 * (int)(1 + random_below(random, 5)),
                           .parent = (int)random_below(random, 3) };
    for (int i = 0; i < ARRAY_SIZE(tags); i++)
        model.tags[i] = random_below(random, 3) == 0;
    for (int i = 0; i < 3; i++)
        model.losses[i] = (double)random_below(random, 20) / 10;
    return model;
}

static void write_notes(const struct model *model)
{
    char *line;
    for (int i = 0; i < ARRAY_SIZE(tags); i++)
        if (model->tags[i]) {
            made_append(model->number, "notes.jsonl",
                        line = xasprintf("{\"tag\":\"%s\"}\n", tags[i]));
            free(line);
        }
    if (model->note) {
        made_append(model->number, "notes.jsonl",
                    line = xasprintf("{\"t\":1,\"note\":\"%s\"}\n", model->note));
        free(line);
    }
    if (model->is_archived)
        made_append(model->number, "notes.jsonl", "{\"archived\":true}\n");
}

static void write_model(const struct model *model)
{
    double created = MADE_NOW - model->age;
    char *name = model->name ? xasprintf("\"%s\"", model->name) : xstrdup("null");
    char *commit = model->commit ? xasprintf("\"%s\"", model->commit) : xstrdup("null");
    char *parent = model->parent ? xasprintf("\"parent\":%d,", model->parent) : xstrdup("");
    char *facts =
        xasprintf("{\"experiment\":\"%s\",\"name\":%s,\"created\":%.3f,\"host\":\"rho\","
                  "%s\"data\":{\"source\":\"%s\"},\"git\":{\"commit\":%s,\"branch\":\"%s\","
                  "\"dirty\":%s}}",
                  model->experiment, name, created, parent, model->data, commit, model->branch,
                  model->is_dirty ? "true" : "false");
    char *worker = xasprintf("{\"t\":%.3f,\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
                             "{\"t\":%.3f,\"state\":\"%s\",\"step\":%d}\n",
                             created, created + model->took, model->state, model->step);
    char *step = xasprintf("{\"step\":%d,\"metrics\":{\"other\":1}}\n", model->step);
    made_run(model->number, facts);
    made_append(model->number, "worker.jsonl", worker);
    for (int i = 0; i < 3 && model->has_loss; i++) {
        char *line =
            xasprintf("{\"step\":%d,\"metrics\":{\"d_loss\":%g}}\n", i + 1, model->losses[i]);
        made_append(model->number, "events.jsonl", line);
        free(line);
    }
    made_append(model->number, "events.jsonl", step);
    if (model->has_rate) {
        char *line = xasprintf("{\"config\":{\"training\":{\"rate\":%g}}}\n", model->rate);
        made_append(model->number, "events.jsonl", line);
        free(line);
    }
    write_notes(model);
    free(name), free(commit), free(parent), free(facts), free(worker), free(step);
}

static int enter(void **state)
{
    struct random random;
    if (program_enter(state) < 0)
        return -1;
    made_store();
    random_seed(&random, 3, 0);
    for (int i = 1; i <= RUNS; i++) {
        models[i] = draw_model(&random, i);
        write_model(&models[i]);
    }
    setenv("GANDER_NOW", "1796000000", 1);
    return 0;
}

static int leave(void **state)
{
    unsetenv("GANDER_NOW");
    return program_leave(state);
}

/* --- what each filter means --- */

static bool has(const char *text, const char *part)
{
    return text && strcasestr(text, part);
}

static bool is(const char *text, const char *whole)
{
    return text && strcmp(text, whole) == 0;
}

static bool begins(const char *text, const char *head)
{
    return text && strncmp(text, head, strlen(head)) == 0;
}

static double lowest(const struct model *m)
{
    return fmin(m->losses[0], fmin(m->losses[1], m->losses[2]));
}

static double highest(const struct model *m)
{
    return fmax(m->losses[0], fmax(m->losses[1], m->losses[2]));
}

/* In any of the texts that a bare word looks at. */
static bool mentions(const struct model *m, const char *word)
{
    bool found = has(m->experiment, word) || has(m->name, word) || has(m->branch, word) ||
                 has(m->note, word) || begins(m->commit, word);
    for (int i = 0; i < ARRAY_SIZE(tags); i++)
        found = found || (m->tags[i] && has(tags[i], word));
    return found;
}

#define FILTERS(X)                                                                                 \
    X("", true)                                                                                    \
    X("state:finished", is(m->state, "finished"))                                                  \
    X("state:failed,killed", is(m->state, "failed") || is(m->state, "killed"))                     \
    X("state!=failed", !is(m->state, "failed"))                                                    \
    X("state:ended", true)                                                                         \
    X("state:live", false)                                                                         \
    X("exp:dcgan", has(m->experiment, "dcgan"))                                                    \
    X("exp=dcgan", is(m->experiment, "dcgan"))                                                     \
    X("exp:DCGAN", has(m->experiment, "dcgan"))                                                    \
    X("exp:d*n", is(m->experiment, "dcgan"))                                                       \
    X("exp:?lp,wgan", is(m->experiment, "mlp") || has(m->experiment, "wgan"))                      \
    X("tag:good", m->tags[0])                                                                      \
    X("-tag:good", !m->tags[0])                                                                    \
    X("tag:good -tag:bad", m->tags[0] && !m->tags[1])                                              \
    X("tag=paper/fig-1", m->tags[2])                                                               \
    X("tag=\"\"", !m->tags[0] && !m->tags[1] && !m->tags[2])                                       \
    X("tag!=\"\"", m->tags[0] || m->tags[1] || m->tags[2])                                         \
    X("note=\"\"", !m->note)                                                                       \
    X("note:bad", has(m->note, "bad"))                                                             \
    X("-note:bad", !has(m->note, "bad"))                                                           \
    X("note:\"looks fine\"", is(m->note, "looks fine"))                                            \
    X("name:best", is(m->name, "best"))                                                            \
    X("name=\"\"", !m->name)                                                                       \
    X("training.rate>=1e-4", m->has_rate)                                                          \
    X("training.rate>1e-4", m->has_rate && m->rate > 1e-4)                                         \
    X("training.rate=0.001", m->has_rate && m->rate == 1e-3)                                       \
    X("training.rate!=0.001", !(m->has_rate && m->rate == 1e-3))                                   \
    X("NOT training.rate<0.01", !(m->has_rate && m->rate < 0.01))                                  \
    X("d_loss<0.7", m->has_loss && m->losses[2] < 0.7)                                             \
    X("d_loss >= 0.7", m->has_loss && m->losses[2] >= 0.7)                                         \
    X("last(d_loss)=1", m->has_loss && m->losses[2] == 1)                                          \
    X("min(d_loss)<0.3", m->has_loss &&lowest(m) < 0.3)                                            \
    X("max(d_loss)>1.5", m->has_loss &&highest(m) > 1.5)                                           \
    X("min(d_loss)<0.3 OR max(d_loss)>1.8", m->has_loss && (lowest(m) < 0.3 || highest(m) > 1.8))  \
    X("commit:4f2a", begins(m->commit, "4f2a"))                                                    \
    X("commit:4F2", begins(m->commit, "4f2"))                                                      \
    X("-commit:4f2", !begins(m->commit, "4f2"))                                                    \
    X("since:2d", m->age <= 2 * 86400)                                                             \
    X("before:2d", m->age > 2 * 86400)                                                             \
    X("since:3d before:1h", m->age <= 3 * 86400 && m->age > 3600)                                  \
    X("age<1h", m->age < 3600)                                                                     \
    X("age>1w", m->age > 7 * 86400)                                                                \
    X("took>20m", m->took > 1200)                                                                  \
    X("took<=90", m->took <= 90)                                                                   \
    X("step>=30", m->step >= 30)                                                                   \
    X("run>10 run<=20", m->number > 10 && m->number <= 20)                                         \
    X("run:3,5,7", m->number == 3 || m->number == 5 || m->number == 7)                             \
    X("parent:1", m->parent == 1)                                                                  \
    X("dirty:yes", m->is_dirty)                                                                    \
    X("dirty:no data:mnist", !m->is_dirty && is(m->data, "mnist"))                                 \
    X("branch:try", has(m->branch, "try"))                                                         \
    X("host:rho", true)                                                                            \
    X("archived:yes", m->is_archived)                                                              \
    X("archived:no", !m->is_archived)                                                              \
    X("fine", mentions(m, "fine"))                                                                 \
    X("bad", mentions(m, "bad"))                                                                   \
    X("-bad", !mentions(m, "bad"))                                                                 \
    X("4f2b", mentions(m, "4f2b"))                                                                 \
    X("wgan fine", mentions(m, "wgan") && mentions(m, "fine"))                                     \
    X("wgan OR mlp", mentions(m, "wgan") || mentions(m, "mlp"))                                    \
    X("wgan OR mlp tag:good", mentions(m, "wgan") || (mentions(m, "mlp") && m->tags[0]))           \
    X("(wgan OR mlp) tag:good", (mentions(m, "wgan") || mentions(m, "mlp")) && m->tags[0])         \
    X("NOT (wgan OR mlp)", !(mentions(m, "wgan") || mentions(m, "mlp")))                           \
    X("-(tag:good OR -(d_loss<0.7))", !m->tags[0] && m->has_loss && m->losses[2] < 0.7)            \
    X("state:finished AND exp:mlp OR NOT tag:bad AND dirty:yes",                                   \
      (is(m->state, "finished") && is(m->experiment, "mlp")) || (!m->tags[1] && m->is_dirty))

/* Does the run fit the filter of that index? *filter is NULL past the last. */
static bool fits(int index, const struct model *m, const char **filter)
{
    int i = 0;
#define X(text, condition)                                                                         \
    if (i++ == index) {                                                                            \
        *filter = text;                                                                            \
        return condition;                                                                          \
    }
    FILTERS(X)
#undef X
    *filter = NULL;
    return false;
}

/* The numbers that 'ls' prints below its heading, in the order printed. */
static int listed(const struct launch *launch, int *numbers)
{
    int count = 0;
    struct program program = program_launch(launch);
    int status = program_wait(&program);
    if (status != 0)
        fail_msg("status %d: %s", status, program.errors);
    char *rest = program.output, *line;
    strsep(&rest, "\n");
    while (rest && (line = strsep(&rest, "\n")))
        if (*line && count < RUNS)
            numbers[count++] = (int)strtol(line, NULL, 10);
    assert_int_equal(count == 0, strstr(program.errors, "no runs") != NULL);
    program_release(&program);
    return count;
}

static void filters_choose_what_they_say(void **state)
{
    (void)state;
    const char *filter;
    int chosen = 0, refused = 0;
    for (int f = 0; fits(f, &models[1], &filter), filter; f++) {
        int numbers[RUNS], at = 0;
        struct launch launch = { .words = { "ls", "-a", "-c", "run", "--", filter } };
        if (!*filter)
            launch.words[4] = NULL;
        int count = listed(&launch, numbers);
        for (int run = RUNS; run >= 1; run--) {
            bool is_wanted = fits(f, &models[run], &filter);
            bool is_there = at < count && numbers[at] == run;
            if (is_wanted != is_there)
                fail_msg("'%s': run %d is %slisted", filter, run, is_there ? "" : "not ");
            at += is_there;
            chosen += is_there;
            refused += !is_there;
        }
        assert_int_equal(at, count);
    }
    assert_true(chosen > 10 * RUNS && refused > 10 * RUNS);
}

static void archived_runs_are_left_out_unless_asked_for(void **state)
{
    (void)state;
    int numbers[RUNS];
    int count = listed(&(struct launch){ .words = { "ls", "-c", "run" } }, numbers);
    int expected = 0;
    for (int i = 1; i <= RUNS; i++)
        expected += !models[i].is_archived;
    assert_true(expected < RUNS);
    assert_int_equal(count, expected);
}

static void errors_say_in_which_column(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *sentence;
    } errors[] = {
        { "state:runing", "filter column 7" },
        { "tag:good (exp:a", "filter column 10" },
        { "exp:a )", "filter column 7" },
        { "d_loss<x", "filter column 8" },
        { "stat:running", "did you mean 'state'" },
        { "since:whenever", "filter column 7" },
        { "a OR", "filter column 3" },
    };
    for (int i = 0; i < ARRAY_SIZE(errors); i++) {
        struct program program = program_start("ls", "--", errors[i].filter);
        program_expect(&program, 2, errors[i].sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters_choose_what_they_say, enter, leave),
        cmocka_unit_test_setup_teardown(archived_runs_are_left_out_unless_asked_for, enter, leave),
        cmocka_unit_test_setup_teardown(errors_say_in_which_column, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
