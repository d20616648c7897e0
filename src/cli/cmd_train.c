/* The built-in training, as its worker starts it. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "run/interrupt.h"
#include "run/training.h"
#include "run/worker.h"

static const struct command_option options[] = {
    { 0, "words", "FD", "Say how it ended in one line to the descriptor FD.", false },
};

struct progress_log {
    struct training_facts facts;
    double begun; /* seconds of the monotonic clock */
    int tenths;   /* of a classifier, printed */
};
enum { WAITING = -1 /* instead of tenths */ };

static void print_beginning(const struct training_facts *facts)
{
    struct arena arena = { 0 };
    for (const char *const *remark = facts->remarks; *remark; remark++)
        printf("note: %s\n", *remark);
    if (facts->from_step > 0)
        printf("going on from step %s\n", format_count(&arena, (double)facts->from_step));
    fflush(stdout);
    arena_release(&arena);
}

static void print_report(const struct progress_log *log, const struct training_news *news)
{
    const struct step_report *report = news->report;
    struct arena arena = { 0 };
    double done = (double)(news->step - log->facts.from_step);
    double left = (double)(log->facts.steps - news->step);
    double seconds = done > 0 ? (monotonic_clock() - log->begun) / done * left : NAN;
    printf("step %lld of %lld  epoch %.2f  d_loss %.4f  g_loss %.4f  D(x) %.3f  D(G(z)) %.3f  "
           "%.0f images/s  %s left\n",
           (long long)news->step, (long long)log->facts.steps, report->epoch, report->d_loss,
           report->g_loss, report->d_real, report->d_fake, news->images_per_second,
           format_duration(&arena, seconds));
    fflush(stdout);
    arena_release(&arena);
}

/* A line a tenth; one for the whole wait while another run trains it. */
static void print_learning(struct progress_log *log, double share)
{
    int tenths = share > 0 ? (int)(share * 10) : WAITING;
    if (tenths == log->tenths)
        return;
    if (tenths == WAITING)
        printf("waiting for the classifier that measures samples: another run trains it\n");
    else if (tenths > 0)
        printf("training the classifier that measures samples: %d %%\n", tenths * 10);
    fflush(stdout);
    log->tenths = tenths;
}

static void print_news(void *context, const struct training_news *news)
{
    struct progress_log *log = context;
    if (news->moment == TRAINING_REPORTED)
        print_report(log, news);
    else if (news->moment == TRAINING_LEARNS)
        print_learning(log, news->share);
    else if (news->moment == TRAINING_REMARKS) {
        printf("note: %s\n", news->remark);
        fflush(stdout);
    }
}

/* What a full disk keeps from the log is no failure of the training. */
static void finish_log(const struct run_end *end)
{
    if (end->reason)
        printf("%s: %s\n", run_state_name(end->state), end->reason);
    fflush(stdout);
    clearerr(stdout);
}

static int train(const struct arguments *arguments, struct store *store, struct run_end *end,
                 struct training **training)
{
    int64_t number;
    int error = store_open(store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = parse_integer(arguments->operands[0], &number);
    if (!error)
        error = training_open(training, store, number);
    if (error) {
        *end = (struct run_end){ .state = RUN_FAILED, .step = -1, .reason = error_text() };
        return error;
    }
    struct progress_log log = { training_facts(*training), monotonic_clock(), 0 };
    print_beginning(&log.facts);
    return training_run(*training, print_news, &log, end);
}

static enum exit_status run(struct arguments *arguments)
{
    int64_t words = -1;
    struct run_end end;
    struct store store = { 0 };
    struct training *training = NULL;
    if (option_integer(arguments, "words", 3, INT32_MAX, &words) < 0)
        return command_misused(arguments);
    interrupt_catch(INTERRUPT_DIES);
    int error = train(arguments, &store, &end, &training);
    if (words >= 0)
        worker_send_end((int)words, &end);
    finish_log(&end);
    training_free(training);
    store_release(&store);
    if (!error && end.state == RUN_STOPPED && interrupt_signal())
        interrupt_die(interrupt_signal());
    return error ? STATUS_FAILED : STATUS_DONE;
}

const struct command command_train = {
    .name = "train",
    .summary = "Train, as a worker asks for it",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .is_plumbing = true,
    .details = "The training itself, in the foreground: what a worker starts for a recipe. It goes "
               "on from what the journal says, and reports to it. People use run and resume.",
    .run = run,
};
