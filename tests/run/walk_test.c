/* A walk through latent space, with the real process behind it. */
#define _GNU_SOURCE
#include "program.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sys/prctl.h>

#include "base/process.h"
#include "gan/generator.h"
#include "gan/judge.h"
#include "gan/latent.h"
#include "gan/objective.h"
#include "gan/tamper.h"
#include "run/walk.h"

enum { PIXELS = 28 * 28, STEPS = 20, COUNT = 12 };

#define CHECKPOINT ".gander/runs/1/checkpoints/00000020.safetensors"
#define LABELLED                                                                                   \
    "-s", "generator.layers=embed 4 | dense 16 | relu | dense 784 | tanh | reshape 1x28x28", "-s", \
        "discriminator.layers=flatten | join | dense 16 | lrelu 0.2 | dense 1"
#define HINGE "-s", "training.objective=hinge"

#define train(...)                                                                                 \
    do {                                                                                           \
        struct program program =                                                                   \
            program_start("run", "-f", "-s", "training.steps=20", __VA_ARGS__, "tiny.ini");        \
        program_expect(&program, 0, "");                                                           \
    } while (0)
#define NOTHING_ELSE "-s", "experiment.name=tiny"

/* The process is what "drawer" is a link to. */
static int enter(void **state)
{
    setenv("GANDER_PROGRAM", "./drawer", 1);
    return program_enter(state) < 0 ? -1 : symlink(getenv("GANDER_TEST_PROGRAM"), "drawer");
}

#define IN_WALK_SCRATCH(test) cmocka_unit_test_setup_teardown(test, enter, program_leave)

static struct walk *open_walk(int64_t number, int64_t step)
{
    struct store store;
    struct walk *walk;
    assert_return_code(store_open(&store, NULL, STORE_FIND), 0);
    if (walk_open(&walk, &store, number, step) < 0)
        fail_msg("%s", error_text());
    store_release(&store);
    return walk;
}

/* Waits for what there is to take. */
static int take(struct walk *walk, struct walk_frame *frame)
{
    enum { PATIENCE_MS = 60000 };
    for (;;) {
        int news = walk_take(walk, frame);
        if (news != WALK_NOTHING)
            return news;
        struct pollfd end = { .fd = walk_fd(walk), .events = POLLIN };
        assert_int_equal(poll(&end, 1, PATIENCE_MS), 1);
    }
}

/* Past the facts. */
static int take_frame(struct walk *walk, struct walk_frame *frame)
{
    int news = take(walk, frame);
    return news == WALK_FACTS ? take(walk, frame) : news;
}

static void ask(struct walk *walk, const struct walk_request *request, struct walk_frame *frame)
{
    if (walk_ask(walk, request) < 0 || take_frame(walk, frame) != WALK_FRAME)
        fail_msg("%s", error_text());
    assert_int_equal(frame->id, request->id);
    assert_int_equal(frame->count, request->count);
}

/* Asks for what must be refused with a sentence that holds `words`. */
static void ask_in_vain(struct walk *walk, const struct walk_request *request, const char *words)
{
    struct walk_frame frame;
    assert_return_code(walk_ask(walk, request), 0);
    assert_int_equal(take_frame(walk, &frame), ERR_INVALID);
    if (!strstr(error_text(), words))
        fail_msg("%s", error_text());
    assert_false(walk_is_busy(walk));
}

static void expect_end(struct walk *walk, int code, const char *words)
{
    struct walk_frame frame;
    for (int i = 0; i < 3; i++) { /* and it says so from then on */
        assert_int_equal(take_frame(walk, &frame), code);
        if (!strstr(error_text(), words))
            fail_msg("%s", error_text());
    }
    assert_int_equal(walk_ask(walk, &(struct walk_request){ .count = 1 }), code);
    assert_int_equal(walk_pid(walk), 0);
    walk_close(walk);
}

/* The first images of a seed, in order. */
static struct walk_request first_images(int64_t seed, int count)
{
    struct walk_request request = { .id = 5, .count = count };
    for (int i = 0; i < count; i++)
        request.images[i] = (struct walk_image){ .seed = seed, .index = i, .label = -1 };
    return request;
}

/* --- what is drawn --- */

static void the_facts_come_first(void **state)
{
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    struct walk *walk = open_walk(1, -1);
    assert_null(walk_facts(walk));
    assert_int_equal(take(walk, &frame), WALK_FACTS);
    const struct walk_facts *facts = walk_facts(walk);
    assert_int_equal(facts->step, STEPS);
    assert_int_equal(facts->latent, 8);
    assert_int_equal(facts->height, 28);
    assert_int_equal(facts->width, 28);
    assert_int_equal(facts->classes, 0);
    assert_int_equal(facts->limit, WALK_LIMIT);
    assert_string_equal(facts->objective, "non-saturating");
    assert_true(facts->is_judged && facts->is_probability);
    assert_true(facts->even == 0.5);
    assert_null(facts->remark);
    assert_int_equal(walk_take(walk, &frame), WALK_NOTHING);
    walk_close(walk);
}

static void images_are_those_of_generate(void **state)
{
    uint8_t images[WALK_LIMIT * PIXELS], large[2 * WALK_LIMIT * PIXELS];
    struct recipe recipe;
    struct generator *generator;
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    assert_return_code(recipe_read(&recipe, ".gander/runs/1/recipe.ini", NULL, 0), 0);
    assert_return_code(generator_open(&generator, &recipe, CHECKPOINT), 0);
    generator_draw_seeded(generator, 77, -1, WALK_LIMIT, images);
    generator_draw_seeded(generator, 77, -1, 2 * WALK_LIMIT, large);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(77, WALK_LIMIT);
    ask(walk, &request, &frame);
    assert_memory_equal(frame.images, images, sizeof images);
    request = first_images(77, 2);
    request.images[0].index = 2 * WALK_LIMIT - 1;
    ask(walk, &request, &frame);
    assert_memory_equal(frame.images, large + sizeof large - PIXELS, PIXELS);
    walk_close(walk);
    generator_close(generator);
    recipe_release(&recipe);
}

static struct walk_request long_request(void)
{
    struct walk_request request = { .id = 9, .directions = 4, .count = COUNT };
    for (int i = 0; i < COUNT; i++)
        request.images[i] = (struct walk_image){ .seed = 3 + i % 2,
                                                 .index = i,
                                                 .to_seed = 8,
                                                 .to_index = 100 + i,
                                                 .t = i / 20.0,
                                                 .dx = i * 0.7,
                                                 .dy = -i * 0.1,
                                                 .label = -1 };
    return request;
}

static void a_request_gives_the_same_frame_wherever_it_is_asked(void **state)
{
    uint8_t images[COUNT * PIXELS];
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    struct walk_request request = long_request(), backwards = request;
    struct walk *walk = open_walk(1, -1);
    ask(walk, &request, &frame);
    double verdict = frame.verdicts[COUNT - 1];
    memcpy(images, frame.images, sizeof images);
    assert_memory_not_equal(images, images + PIXELS, PIXELS);
    for (int i = 0; i < COUNT; i++)
        backwards.images[i] = request.images[COUNT - 1 - i];
    ask(walk, &backwards, &frame);
    for (int i = 0; i < COUNT; i++)
        assert_memory_equal(frame.images + (size_t)i * PIXELS,
                            images + (size_t)(COUNT - 1 - i) * PIXELS, PIXELS);
    walk_close(walk);
    walk = open_walk(1, STEPS);
    ask(walk, &request, &frame);
    assert_memory_equal(frame.images, images, sizeof images);
    assert_true(frame.verdicts[COUNT - 1] == verdict);
    walk_close(walk);
}

static void a_walk_moves_and_comes_back(void **state)
{
    uint8_t here[PIXELS];
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(1, 1);
    ask(walk, &request, &frame);
    memcpy(here, frame.images, PIXELS);
    request.images[0].dx = 2;
    ask(walk, &request, &frame);
    assert_memory_not_equal(frame.images, here, PIXELS);
    request.directions = 1;
    request.images[0].dx = 0;
    ask(walk, &request, &frame);
    assert_memory_equal(frame.images, here, PIXELS);
    walk_close(walk);
}

static void an_interpolation_ends_where_its_seeds_are(void **state)
{
    uint8_t ends[2 * PIXELS];
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(1, 2);
    request.images[1] = (struct walk_image){ .seed = 6, .index = 3, .label = -1 };
    ask(walk, &request, &frame);
    memcpy(ends, frame.images, sizeof ends);
    request.count = 3;
    for (int i = 0; i < 3; i++)
        request.images[i] = (struct walk_image){
            .seed = 1, .to_seed = 6, .to_index = 3, .t = i / 2.0, .label = -1
        };
    ask(walk, &request, &frame);
    assert_memory_equal(frame.images, ends, PIXELS);
    assert_memory_equal(frame.images + 2 * PIXELS, ends + PIXELS, PIXELS);
    assert_memory_not_equal(frame.images + PIXELS, ends, PIXELS);
    assert_memory_not_equal(frame.images + PIXELS, ends + PIXELS, PIXELS);
    walk_close(walk);
}

static void a_label_chooses_the_class(void **state)
{
    uint8_t sevens[COUNT * PIXELS], turns[COUNT * PIXELS];
    struct recipe recipe;
    struct generator *generator;
    struct walk_frame frame;
    (void)state;
    train(LABELLED);
    assert_return_code(recipe_read(&recipe, ".gander/runs/1/recipe.ini", NULL, 0), 0);
    assert_return_code(generator_open(&generator, &recipe, CHECKPOINT), 0);
    generator_draw_seeded(generator, 2, 7, COUNT, sevens);
    generator_draw_seeded(generator, 2, -1, COUNT, turns);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(2, COUNT);
    ask(walk, &request, &frame);
    assert_memory_equal(frame.images, turns, sizeof turns);
    for (int i = 0; i < COUNT; i++)
        request.images[i].label = 7;
    ask(walk, &request, &frame);
    assert_memory_equal(frame.images, sevens, sizeof sevens);
    assert_int_equal(walk_facts(walk)->classes, 10);
    request.images[3].label = 10;
    ask_in_vain(walk, &request, "run 1 knows the classes 0 to 9");
    request.images[3].label = 9;
    ask(walk, &request, &frame);
    walk_close(walk);
    generator_close(generator);
    recipe_release(&recipe);
}

/* --- verdicts --- */

static void compare_verdicts(const struct recipe *recipe, const struct walk_frame *frame,
                             bool is_probability)
{
    struct generator *generator;
    struct judge *judge;
    float latents[COUNT * 8], pixels[COUNT * PIXELS], logits[COUNT];
    uint8_t images[COUNT * PIXELS];
    int labels[COUNT];
    assert_return_code(generator_open(&generator, recipe, CHECKPOINT), 0);
    assert_return_code(judge_open(&judge, recipe, CHECKPOINT), 0);
    for (int i = 0; i < COUNT; i++) {
        latent_of_seed(latents + (size_t)i * 8, 8, 4, i);
        labels[i] = i % 10;
    }
    generator_draw(generator, latents, labels, COUNT, images, pixels);
    judge_images(judge, pixels, labels, COUNT, logits);
    for (int i = 0; i < COUNT; i++) {
        double expected = is_probability ? sigmoid((double)logits[i]) : (double)logits[i];
        if (!(fabs(frame->verdicts[i] - expected) < 1e-5))
            fail_msg("image %d: %g, not %g", i, frame->verdicts[i], expected);
    }
    generator_close(generator);
    judge_close(judge);
}

static void check_verdicts(bool is_probability)
{
    struct recipe recipe;
    struct walk_frame frame;
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(4, COUNT);
    ask(walk, &request, &frame);
    assert_int_equal(walk_facts(walk)->is_probability, is_probability);
    assert_return_code(recipe_read(&recipe, ".gander/runs/1/recipe.ini", NULL, 0), 0);
    compare_verdicts(&recipe, &frame, is_probability);
    recipe_release(&recipe);
    walk_close(walk);
}

static void a_verdict_is_the_discriminators(void **state)
{
    (void)state;
    train(NOTHING_ELSE);
    check_verdicts(true);
}

static void a_conditional_discriminator_is_told_the_label(void **state)
{
    (void)state;
    train(LABELLED);
    check_verdicts(true);
}

static void hinge_gives_scores(void **state)
{
    (void)state;
    train(HINGE);
    check_verdicts(false);
}

static void without_a_discriminator_there_are_images(void **state)
{
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    tamper(CHECKPOINT, "without", "state.discriminator.parameters", -1);
    assert_return_code(rename("without", CHECKPOINT), 0);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(1, 2);
    ask(walk, &request, &frame);
    assert_true(isnan(frame.verdicts[0]) && isnan(frame.verdicts[1]));
    assert_false(walk_facts(walk)->is_judged);
    assert_non_null(strstr(walk_facts(walk)->remark, "has no tensor 'state.discriminator.param"));
    walk_close(walk);
}

/* --- what goes wrong --- */

static void one_request_is_outstanding(void **state)
{
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(1, 1);
    assert_false(walk_is_busy(walk));
    assert_return_code(walk_ask(walk, &request), 0); /* before the facts, too */
    assert_true(walk_is_busy(walk));
    assert_int_equal(walk_ask(walk, &request), ERR_BUSY);
    assert_int_equal(take(walk, &frame), WALK_FACTS);
    assert_int_equal(take(walk, &frame), WALK_FRAME);
    assert_int_equal(walk_take(walk, &frame), WALK_NOTHING);
    walk_close(walk);
}

static void what_is_out_of_range_is_refused_and_the_walk_goes_on(void **state)
{
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    struct walk *walk = open_walk(1, -1);
    struct walk_request good = first_images(1, 2), bad = good;
    bad.count = 0;
    ask_in_vain(walk, &bad, "'images' must be a list of 1 to 64");
    bad = good;
    bad.images[1].index = WALK_INDEX_LIMIT;
    ask_in_vain(walk, &bad, "'index' must be a whole number from 0 to 4095");
    bad = good;
    bad.images[0].dx = NAN;
    ask_in_vain(walk, &bad, "'dx' must be a number from -1e+06 to 1e+06");
    bad = good;
    bad.images[0].t = 1.5;
    ask_in_vain(walk, &bad, "'t' must be a number from 0 to 1");
    bad = good;
    bad.images[0].label = 0;
    ask_in_vain(walk, &bad, "run 1 is not conditional");
    ask(walk, &good, &frame);
    walk_close(walk);
}

/* What the process says to what stands in `requests`; free it. */
static char *answers_to(const char *requests)
{
    static const char *const words[] = { "sh", "-c", "\"$GANDER_TEST_PROGRAM\" walker 1 <requests",
                                         NULL };
    struct process_result result;
    assert_return_code(file_replace("requests", requests, strlen(requests)), 0);
    assert_return_code(process_run(&result, &(struct process){ .argv = words }), 0);
    return result.output;
}

static void garbage_is_answered_by_a_sentence(void **state)
{
    static const char *const requests[] = {
        "\n", "rubbish\n", "[]\n", "{\"id\":\"a\"}\n", "\033[2J\377\n",
    };
    char line[2048], *all = xcalloc(1, 100000);
    (void)state;
    train(NOTHING_ELSE);
    for (int i = 0; i < ARRAY_SIZE(requests); i++) {
        char *said = answers_to(requests[i]), *answer = strchr(said, '\n');
        assert_non_null(answer);
        snprintf(line, sizeof line, "%s", answer + 1);
        if (strncmp(line, "{\"error\":\"request: ", 19) != 0 ||
            strchr(line, '\n') != strrchr(line, '\n'))
            fail_msg("%s: %s", requests[i], line);
        free(said);
    }
    memset(all, 'x', 99999);
    char *said = answers_to(all);
    assert_non_null(strstr(said, "request: it is longer than 65536 bytes"));
    free(said);
    free(all);
}

static void what_cannot_be_drawn_is_a_sentence(void **state)
{
    (void)state;
    train(NOTHING_ELSE);
    expect_end(open_walk(1, 7777), ERR_NOT_FOUND, "7777");
    expect_end(open_walk(2, -1), ERR_NOT_FOUND, "there is no run 2");
    struct program program = program_start("run", "-f", "--", "true");
    program_expect(&program, 0, "");
    expect_end(open_walk(2, -1), ERR_NOT_FOUND, "run 2 is a command");
    assert_return_code(file_replace(CHECKPOINT, "foreign", 7), 0);
    expect_end(open_walk(1, STEPS), ERR_NOT_FOUND, "00000020.safetensors");
}

static void a_process_that_is_killed_is_a_sentence(void **state)
{
    struct walk_frame frame;
    (void)state;
    train(NOTHING_ELSE);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(1, WALK_LIMIT);
    ask(walk, &request, &frame);
    assert_return_code(kill(walk_pid(walk), SIGKILL), 0);
    expect_end(walk, ERR_IO, "the process that draws has ended: killed by SIGKILL");
}

/* Answers that no process of ours gives. Its fifth word is the descriptor. */
static void an_answer_that_makes_no_sense_ends_the_walk(void **state)
{
#define FACTS "{\"step\":1,\"latent\":8,\"height\":2,\"width\":2,\"limit\":4}\\n"
    static const char *const answers[] = {
        "rubbish\\n",
        "{}\\n",
        "{\"step\":1,\"latent\":8,\"height\":9999,\"width\":2}\\n",
        FACTS "{\"id\":5,\"count\":1}\\nabcd",
        FACTS "{\"id\":4,\"count\":2}\\nabcdefgh",
        FACTS "{\"id\":5,\"count\":1000000000}\\n",
        FACTS FACTS,
    };
    struct walk_request request = first_images(1, 2);
    (void)state;
    train(NOTHING_ELSE);
    assert_return_code(remove("drawer"), 0);
    for (int i = 0; i < ARRAY_SIZE(answers); i++) {
        char *script = xasprintf("#!/bin/bash\nprintf '%s' >&\"$5\"\nexec sleep 100\n", answers[i]);
        assert_return_code(file_replace("drawer", script, strlen(script)), 0);
        assert_return_code(chmod("drawer", 0755), 0);
        struct walk *walk = open_walk(1, -1);
        assert_return_code(walk_ask(walk, &request), 0);
        expect_end(walk, ERR_IO, "an answer that makes no sense");
        free(script);
    }
}

static void closing_ends_the_process(void **state)
{
    (void)state;
    train(NOTHING_ELSE);
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(1, WALK_LIMIT);
    pid_t pid = walk_pid(walk);
    assert_return_code(walk_ask(walk, &request), 0);
    walk_close(walk);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

/* In a process of its own: asks for a frame, tells who draws it, and waits to be killed. */
static _Noreturn void be_client(int words, bool is_asking)
{
    struct walk_frame frame;
    struct walk *walk = open_walk(1, -1);
    struct walk_request request = first_images(1, WALK_LIMIT);
    pid_t pid = walk_pid(walk);
    if (take(walk, &frame) != WALK_FACTS || (is_asking && walk_ask(walk, &request) < 0) ||
        write(words, &pid, sizeof pid) != sizeof pid)
        _exit(1);
    for (;;)
        pause();
}

static void kill_client(bool is_asking)
{
    int ends[2], status;
    pid_t drawing = 0;
    assert_return_code(pipe(ends), 0);
    pid_t client = fork();
    if (client == 0)
        be_client(ends[1], is_asking);
    close(ends[1]);
    assert_int_equal(read(ends[0], &drawing, sizeof drawing), sizeof drawing);
    close(ends[0]);
    assert_return_code(kill(client, SIGKILL), 0);
    assert_int_equal(waitpid(client, NULL, 0), client);
    assert_int_equal(waitpid(drawing, &status, 0), drawing); /* ours, now that its parent is dead */
    assert_true(status == 0 || WTERMSIG(status) == SIGPIPE || WEXITSTATUS(status) == 1);
}

static void the_process_ends_when_its_client_is_killed(void **state)
{
    (void)state;
    train(NOTHING_ELSE);
    assert_return_code(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    kill_client(false);
    kill_client(true);
    assert_return_code(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WALK_SCRATCH(the_facts_come_first),
        IN_WALK_SCRATCH(images_are_those_of_generate),
        IN_WALK_SCRATCH(a_request_gives_the_same_frame_wherever_it_is_asked),
        IN_WALK_SCRATCH(a_walk_moves_and_comes_back),
        IN_WALK_SCRATCH(an_interpolation_ends_where_its_seeds_are),
        IN_WALK_SCRATCH(a_label_chooses_the_class),
        IN_WALK_SCRATCH(a_verdict_is_the_discriminators),
        IN_WALK_SCRATCH(a_conditional_discriminator_is_told_the_label),
        IN_WALK_SCRATCH(hinge_gives_scores),
        IN_WALK_SCRATCH(without_a_discriminator_there_are_images),
        IN_WALK_SCRATCH(one_request_is_outstanding),
        IN_WALK_SCRATCH(what_is_out_of_range_is_refused_and_the_walk_goes_on),
        IN_WALK_SCRATCH(garbage_is_answered_by_a_sentence),
        IN_WALK_SCRATCH(what_cannot_be_drawn_is_a_sentence),
        IN_WALK_SCRATCH(a_process_that_is_killed_is_a_sentence),
        IN_WALK_SCRATCH(an_answer_that_makes_no_sense_ends_the_walk),
        IN_WALK_SCRATCH(closing_ends_the_process),
        IN_WALK_SCRATCH(the_process_ends_when_its_client_is_killed),
    };
    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
