/* Health as a state machine: what it says of recorded trainings, and of made-up ones.
 *
 * tests/health/series/NAME.jsonl was recorded by record.py from trainings of proof.sh. The trainings
 * themselves are in tests/long/health_test.sh. */
#include "testing.h"

#include <dirent.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "gan/health.h"

/* --- a game --- */

struct game_under_test {
    struct recipe recipe;
    struct health *health;
};

static void begin_with(struct game_under_test *game, const char *const *settings, int count,
                       bool can_penalise)
{
    static const char text[] = "[experiment]\nname = tiny\n[generator]\nlayers = dense 784\n"
                               "[discriminator]\nlayers = dense 1\n";
    if (recipe_parse(&game->recipe, text, strlen(text), "a.ini", settings, count) < 0)
        fail_msg("%s", error_text());
    game->health = health_new(&(struct health_game){
        .recipe = &game->recipe, .can_penalise = can_penalise, .warm_up = HEALTH_WARM_UP });
}

static void begin(struct game_under_test *game, const char *setting)
{
    begin_with(game, &setting, setting ? 1 : 0, true);
}

static void end(struct game_under_test *game)
{
    health_free(game->health);
    recipe_release(&game->recipe);
}

static struct health_signals unknown(int64_t step)
{
    struct health_signals signals = { .step = step };
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        signals.of[i] = NAN;
    return signals;
}

/* Of a game that goes well. */
static struct health_signals good(int64_t step)
{
    return (struct health_signals){ .step = step,
                                    .of = { [HEALTH_D_LOSS] = 1.2,
                                            [HEALTH_G_LOSS] = 0.9,
                                            [HEALTH_D_REAL] = 0.58,
                                            [HEALTH_D_FAKE] = 0.42,
                                            [HEALTH_LOGIT_REAL] = 0.3,
                                            [HEALTH_LOGIT_FAKE] = -0.3,
                                            [HEALTH_D_AUC] = 0.75,
                                            [HEALTH_D_GRADIENT] = 2,
                                            [HEALTH_G_GRADIENT] = 1,
                                            [HEALTH_DIVERSITY] = 0.95,
                                            [HEALTH_SHIFT] = 0.1 } };
}

/* Reports from `step` on, 50 steps apart, until `until`; *step moves on. Returns how many verdicts
 * there were. */
static int play(struct health *health, int64_t *step, int64_t until,
                void (*change)(struct health_signals *signals))
{
    int verdicts = 0;
    for (; *step <= until; *step += 50) {
        struct health_signals signals = good(*step);
        if (change)
            change(&signals);
        verdicts += health_report(health, &signals);
    }
    return verdicts;
}

static void assert_state(const struct health *health, enum health_state state)
{
    const struct health_verdict *verdict = health_verdict(health);
    assert_non_null(verdict);
    if (verdict->state != state)
        fail_msg("it is '%s' (%s), not '%s'", health_name(verdict->state), verdict->why,
                 health_name(state));
}

static void assert_says(const struct health *health, const char *part)
{
    if (!strstr(health_verdict(health)->why, part))
        fail_msg("'%s' is not in '%s'", part, health_verdict(health)->why);
}

/* --- recorded trainings --- */

enum { SETTINGS = 16, LINES_LIMIT = 1 << 20 };

static void report_line(struct health *health, const struct json *line, int64_t step)
{
    struct health_signals signals = unknown(step);
    const struct json *metrics = json_member(line, "metrics");
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        json_get_number(json_member(metrics, health_signal_metric((enum health_signal)i)),
                        &signals.of[i]);
    health_report(health, &signals);
}

static double measure(const struct json *line, const char *part, const char *name)
{
    double value = NAN;
    json_get_number(json_member(json_member(line, part), name), &value);
    return value;
}

static void evaluation_line(struct health *health, const struct json *line, int64_t step)
{
    int64_t counts[DATASET_CLASS_LIMIT], samples = 0;
    const struct json *classes = json_member(line, "classes");
    int count = (int)json_length(classes);
    for (int i = 0; i < count; i++)
        assert_true(json_get_integer(json_item(classes, (size_t)i), &counts[i]));
    json_get_integer(json_member(line, "samples"), &samples);
    health_evaluate(
        health, &(struct health_evaluation){ .step = step,
                                             .samples = (int)samples,
                                             .classes = count,
                                             .counts = counts,
                                             .frechet = measure(line, "metrics", "frechet"),
                                             .frechet_real = measure(line, "real", "frechet"),
                                             .memorised = measure(line, "metrics", "memorised"),
                                             .memorised_real = measure(line, "real", "memorised"),
                                             .variety = measure(line, "metrics", "variety") });
}

/* Is the state right in the end, and was a healthy one never accused? */
static void replay(const char *path)
{
    char *text, *rest;
    size_t size;
    struct game_under_test game;
    const char *settings[SETTINGS];
    enum health_state expected = HEALTH_WARMING_UP; /* until the first line has said */
    assert_int_equal(file_read(path, LINES_LIMIT, &text, &size), 0);
    rest = text;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        struct json *root;
        int64_t step;
        assert_int_equal(json_parse(&root, line, strlen(line)), 0);
        if (expected == HEALTH_WARMING_UP) {
            const struct json *list = json_member(root, "settings");
            int count = (int)json_length(list);
            assert_true(count <= SETTINGS);
            for (int i = 0; i < count; i++)
                settings[i] = json_get_string(json_item(list, (size_t)i));
            assert_true(health_parse(json_get_string(json_member(root, "state")), &expected));
            begin_with(&game, settings, count, true);
        } else {
            assert_true(json_get_integer(json_member(root, "step"), &step));
            if (json_member(root, "classes"))
                evaluation_line(game.health, root, step);
            else
                report_line(game.health, root, step);
            const struct health_verdict *verdict = health_verdict(game.health);
            if (expected == HEALTH_BALANCED && verdict && health_is_bad(verdict->state))
                fail_msg("%s: accused of '%s' at step %lld: %s", path, health_name(verdict->state),
                         (long long)step, verdict->why);
        }
        json_free(root);
    }
    assert_state(game.health, expected);
    end(&game);
    free(text);
}

static void recorded_trainings_are_named_rightly(void **state)
{
    static const char folder[] = "tests/health/series";
    bool is_seen[HEALTH_STATES] = { false };
    struct dirent *entry;
    DIR *directory = opendir(folder);
    (void)state;
    assert_non_null(directory);
    while ((entry = readdir(directory))) {
        char path[512];
        if (!strstr(entry->d_name, ".jsonl"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        replay(path);
        for (int i = 0; i < HEALTH_STATES; i++) {
            char word[64];
            snprintf(word, sizeof word, "%s", health_name((enum health_state)i));
            for (char *at = word; *at; at++)
                *at = *at == ' ' ? '-' : *at;
            is_seen[i] = is_seen[i] || strncmp(entry->d_name, word, strlen(word)) == 0;
        }
    }
    closedir(directory);
    for (int i = 0; i < HEALTH_STATES; i++)
        if (health_is_bad((enum health_state)i) && !is_seen[i])
            fail_msg("no training is recorded that is '%s'", health_name((enum health_state)i));
}

/* --- what is known, and what is not --- */

static void leave_only_losses(struct health_signals *signals)
{
    for (int i = HEALTH_D_REAL; i < HEALTH_SIGNALS; i++)
        signals->of[i] = NAN;
    signals->of[HEALTH_D_LOSS] = 0.01;
    signals->of[HEALTH_G_LOSS] = 9;
}

static void losses_alone_decide_nothing(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    assert_int_equal(play(game.health, &step, 6000, leave_only_losses), 0);
    assert_null(health_verdict(game.health));
    end(&game);
}

static void leave_only_one_image(struct health_signals *signals)
{
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        signals->of[i] = i == HEALTH_DIVERSITY ? 0.05 : NAN;
}

static void samples_alone_tell_of_a_collapse(void **state)
{
    struct health *health =
        health_new(&(struct health_game){ .recipe = NULL, .warm_up = HEALTH_WARM_UP });
    int64_t step = 50;
    (void)state;
    assert_int_equal(play(health, &step, 3000, leave_only_one_image), 2);
    assert_state(health, HEALTH_MODE_COLLAPSE);
    assert_says(health, "their mean distance is 0.05 of that of real images");
    assert_int_equal(health_verdict(health)->advice_count, 0);
    assert_non_null(health_verdict(health)->remedy);
    health_free(health);
}

/* --- time --- */

static void collapse(struct health_signals *signals)
{
    signals->of[HEALTH_DIVERSITY] = 0.05;
}

static void nothing_is_accused_while_it_warms_up(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    assert_int_equal(play(game.health, &step, 1499, collapse), 1);
    assert_state(game.health, HEALTH_WARMING_UP);
    assert_int_equal(play(game.health, &step, 1700, collapse), 1);
    assert_state(game.health, HEALTH_MODE_COLLAPSE);
    end(&game);
}

static void what_was_varied_may_collapse_before(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    play(game.health, &step, 700, NULL);
    assert_state(game.health, HEALTH_BALANCED);
    play(game.health, &step, 1300, collapse);
    assert_state(game.health, HEALTH_MODE_COLLAPSE);
    assert_says(game.health, ", and were not: ");
    end(&game);
}

static void flutter(struct health_signals *signals)
{
    signals->of[HEALTH_DIVERSITY] = signals->step / 50 % 2 ? 0.19 : 0.26;
}

static void one_report_changes_nothing_and_a_border_does_not_flutter(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    play(game.health, &step, 2000, NULL);
    struct health_signals odd = good(step);
    collapse(&odd);
    assert_false(health_report(game.health, &odd));
    step += 50;
    assert_int_equal(play(game.health, &step, 3000, NULL), 0);
    assert_int_equal(play(game.health, &step, 4000, collapse), 1);
    assert_int_equal(play(game.health, &step, 9000, flutter), 0);
    assert_state(game.health, HEALTH_MODE_COLLAPSE);
    assert_int_equal(play(game.health, &step, 10000, NULL), 1);
    assert_state(game.health, HEALTH_BALANCED);
    end(&game);
}

static void it_says_the_same_when_it_is_told_the_same(void **state)
{
    struct game_under_test straight, again;
    int64_t step = 50, other = 50;
    (void)state;
    begin(&straight, NULL);
    begin(&again, NULL);
    play(straight.health, &step, 2600, collapse);
    play(again.health, &other, 1200, collapse); /* where it was stopped */
    assert_int_equal(play(again.health, &other, 1450, collapse), 0);
    play(again.health, &other, 2600, collapse);
    assert_string_equal(health_verdict(straight.health)->why, health_verdict(again.health)->why);
    assert_int_equal(health_verdict(straight.health)->step, health_verdict(again.health)->step);
    end(&straight);
    end(&again);
}

/* --- objectives --- */

static double auc_now, real_now, fake_now;
static void answer(struct health_signals *signals)
{
    signals->of[HEALTH_D_AUC] = auc_now;
    signals->of[HEALTH_LOGIT_REAL] = real_now;
    signals->of[HEALTH_LOGIT_FAKE] = fake_now;
    signals->of[HEALTH_D_REAL] = 1 / (1 + exp(-real_now));
    signals->of[HEALTH_D_FAKE] = 1 / (1 + exp(-fake_now));
    signals->of[HEALTH_DIVERSITY] = 0.5;
    signals->of[HEALTH_SHIFT] = 0.6;
}

static void every_objective_has_its_scale(void **state)
{
    static const struct {
        const char *objective;
        double auc, real, fake;
        enum health_state state;
    } cases[] = {
        { "minimax", 0.995, 3, -3, HEALTH_DISCRIMINATOR_WINNING },
        { "non-saturating", 0.995, 3, -3, HEALTH_DISCRIMINATOR_WINNING },
        { "least-squares", 0.995, 0.95, 0.05, HEALTH_DISCRIMINATOR_WINNING },
        { "hinge", 0.995, 0.9, -0.9, HEALTH_DISCRIMINATOR_WINNING },
        { "wasserstein", 0.999, 500, 400, HEALTH_DISCRIMINATOR_WINNING },
        { "non-saturating", 0.8, 0.01, -0.01, HEALTH_DISCRIMINATOR_BLIND },
        { "least-squares", 0.8, 0.5, 0.49, HEALTH_DISCRIMINATOR_BLIND },
        { "hinge", 0.8, 0.02, -0.02, HEALTH_DISCRIMINATOR_BLIND },
        { "wasserstein", 0.51, 500, 499, HEALTH_DISCRIMINATOR_BLIND },
        { "minimax", 0.1, -1, 1, HEALTH_GENERATOR_WINNING },
        { "least-squares", 0.1, 0.3, 0.7, HEALTH_GENERATOR_WINNING },
        { "hinge", 0.1, -0.5, 0.5, HEALTH_GENERATOR_WINNING },
        { "wasserstein", 0.1, 400, 500, HEALTH_GENERATOR_WINNING },
        { "wasserstein", 0.8, 500, 400, HEALTH_BALANCED }, /* a gap of logits means nothing */
        { "least-squares", 0.8, 0.6, 0.4, HEALTH_BALANCED },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct game_under_test game;
        char setting[64];
        int64_t step = 50;
        snprintf(setting, sizeof setting, "training.objective=%s", cases[i].objective);
        begin(&game, setting);
        auc_now = cases[i].auc;
        real_now = cases[i].real;
        fake_now = cases[i].fake;
        play(game.health, &step, 2500, answer);
        assert_state(game.health, cases[i].state);
        end(&game);
    }
}

static double period;
static void swing(struct health_signals *signals)
{
    signals->of[HEALTH_D_AUC] = 0.5 + 0.4 * sin(6.283185 * (double)signals->step / period);
}

static void an_oscillation_has_its_period(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, "training.beta1=0.9");
    period = 400;
    play(game.health, &step, 4000, swing);
    assert_state(game.health, HEALTH_OSCILLATING);
    assert_says(game.health, "about every 400 steps");
    assert_string_equal(health_verdict(game.health)->advice[0].key, "training.beta1");
    end(&game);
}

static void vanish(struct health_signals *signals)
{
    bool is_late = signals->step > 1000;
    signals->of[HEALTH_D_AUC] = 0.96;
    signals->of[HEALTH_D_FAKE] = 0.2;
    signals->of[HEALTH_G_GRADIENT] = is_late ? 0.002 : 1;
}

static void a_gradient_is_set_beside_the_largest_there_was(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, "training.objective=hinge");
    play(game.health, &step, 3000, vanish);
    assert_state(game.health, HEALTH_VANISHING_GRADIENT);
    assert_says(game.health, "G's gradient is 0.002, at most it was 1");
    end(&game);
}

/* --- evaluations --- */

static void evaluate(struct health *health, int64_t step, const int64_t counts[10], double frechet)
{
    int64_t samples = 0;
    for (int i = 0; i < 10; i++)
        samples += counts[i];
    health_evaluate(health, &(struct health_evaluation){ .step = step,
                                                         .samples = (int)samples,
                                                         .classes = 10,
                                                         .counts = counts,
                                                         .frechet = frechet,
                                                         .frechet_real = 1,
                                                         .memorised = 0.02,
                                                         .memorised_real = 0.02,
                                                         .variety = 0.9 });
}

static const int64_t even[10] = { 200, 200, 200, 200, 200, 200, 200, 200, 200, 200 };

static void classes_that_are_gone_are_named(void **state)
{
    static const int64_t three[10] = { 900, 0, 3, 500, 500, 0, 0, 5, 1, 91 };
    static const int64_t nine[10] = { 220, 219, 220, 220, 223, 223, 223, 223, 219, 10 };
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    play(game.health, &step, 2000, NULL);
    evaluate(game.health, 1500, even, 40);
    evaluate(game.health, 1800, three, 30); /* it gets better all the same */
    play(game.health, &step, 2300, NULL);
    assert_state(game.health, HEALTH_BALANCED);
    evaluate(game.health, 2300, three, 31);
    play(game.health, &step, 2600, NULL);
    assert_state(game.health, HEALTH_MODE_COLLAPSE);
    assert_says(game.health, "6 of 10 classes are gone: 1 2 5 6 7 8; in 2,000 samples");
    assert_int_equal(health_verdict(game.health)->class_counts[3], 500);
    evaluate(game.health, 2600, even, 20);
    play(game.health, &step, 3000, NULL);
    assert_state(game.health, HEALTH_BALANCED);
    evaluate(game.health, 3000, nine, 20); /* one class, once, may be chance */
    play(game.health, &step, 3500, NULL);
    assert_state(game.health, HEALTH_BALANCED);
    evaluate(game.health, 3500, nine, 20);
    play(game.health, &step, 4000, NULL);
    assert_state(game.health, HEALTH_MODE_COLLAPSE);
    assert_says(game.health, "1 of 10 classes is gone: 9; in 2,000 samples");
    end(&game);
}

/* All classes are there, of a conditional generator say, each as one image. */
static void classes_without_variety_are_a_collapse(void **state)
{
    struct game_under_test game;
    struct health_evaluation evaluation = { .samples = 2000,
                                            .classes = 10,
                                            .counts = even,
                                            .frechet = 90,
                                            .frechet_real = 1,
                                            .memorised_real = 0.02,
                                            .variety = 0.1 };
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    play(game.health, &step, 2000, NULL);
    health_evaluate(game.health, &evaluation);
    health_evaluate(game.health, &evaluation);
    play(game.health, &step, 2500, NULL);
    assert_state(game.health, HEALTH_MODE_COLLAPSE);
    assert_says(game.health, "samples of a class are nearly one image: 0.10 as varied");
    evaluation.memorised = 0.6; /* which is why */
    health_evaluate(game.health, &evaluation);
    play(game.health, &step, 3000, NULL);
    assert_state(game.health, HEALTH_MEMORISING);
    end(&game);
}

static void a_slow_slide_is_seen_by_the_measures(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    auc_now = 0.95;
    for (int i = 0; i < 6; i++) {
        real_now = 0.5 + 0.2 * i;
        fake_now = -real_now;
        play(game.health, &step, 2000 + 500 * i, answer);
        evaluate(game.health, step, even, 5 + 1.0 * i);
    }
    play(game.health, &step, step + 300, answer);
    assert_state(game.health, HEALTH_DISCRIMINATOR_WINNING);
    assert_says(game.health, "the Fréchet distance has gone from 5 to 9");
    end(&game);
}

/* --- advice --- */

static const char *advice_for(const struct health *health, const char *key)
{
    const struct health_verdict *verdict = health_verdict(health);
    for (int i = 0; i < verdict->advice_count; i++)
        if (strcmp(verdict->advice[i].key, key) == 0)
            return verdict->advice[i].value;
    return NULL;
}

static void advice_is_in_the_numbers_of_the_recipe(void **state)
{
    static const struct {
        const char *settings[3];
        bool can_penalise;
        const char *key, *value; /* value NULL: it is not advised */
    } cases[] = {
        { { "training.rate=0.002" }, true, "training.penalty", "r1" },
        { { "training.rate=0.002" }, true, "training.d_rate", "0.0005" },
        { { "training.rate=0.002", "training.d_rate=0.001" }, true, "training.d_rate", "0.00025" },
        { { "training.rate=0.002" }, false, "training.penalty", NULL }, /* norms in D */
        { { "training.penalty=r1" }, true, "training.penalty_weight", "4" },
        { { "training.smoothing=0.1" }, true, "training.smoothing", NULL },
        { { NULL }, true, "training.smoothing", "0.1" },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct game_under_test game;
        int64_t step = 50;
        int count = 0;
        while (cases[i].settings[count])
            count++;
        begin_with(&game, cases[i].settings, count, cases[i].can_penalise);
        auc_now = 0.999, real_now = 4, fake_now = -4;
        play(game.health, &step, 2500, answer);
        assert_state(game.health, HEALTH_DISCRIMINATOR_WINNING);
        const char *value = advice_for(game.health, cases[i].key);
        if (cases[i].value)
            assert_string_equal(value ? value : "nothing", cases[i].value);
        else
            assert_null(value);
        end(&game);
    }
}

/* What is advised must be a recipe. */
static void advice_can_be_taken(void **state)
{
    static const char *const objectives[] = { "minimax", "hinge", "wasserstein", "least-squares" };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(objectives); i++) {
        struct game_under_test game;
        struct recipe recipe;
        char setting[64];
        int64_t step = 50;
        snprintf(setting, sizeof setting, "training.objective=%s", objectives[i]);
        begin(&game, setting);
        play(game.health, &step, 2500, collapse);
        const struct health_verdict *verdict = health_verdict(game.health);
        assert_true(verdict->advice_count > 0);
        for (int j = 0; j < verdict->advice_count; j++) {
            char advice[128];
            const char *settings[] = { setting, advice };
            static const char text[] =
                "[experiment]\nname = tiny\n[generator]\nlayers = dense 784\n"
                "[discriminator]\nlayers = dense 1\n";
            snprintf(advice, sizeof advice, "%s=%s", verdict->advice[j].key,
                     verdict->advice[j].value);
            if (recipe_parse(&recipe, text, strlen(text), "a.ini", settings, 2) < 0)
                fail_msg("%s", error_text());
            recipe_release(&recipe);
        }
        end(&game);
    }
}

/* --- no progress --- */

static void a_bad_state_in_which_nothing_moves_is_no_progress(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    play(game.health, &step, 4000, collapse);
    assert_state(game.health, HEALTH_MODE_COLLAPSE);
    assert_null(health_no_progress(game.health));
    play(game.health, &step, 5000, collapse);
    assert_non_null(health_no_progress(game.health));
    assert_non_null(strstr(health_no_progress(game.health), "mode collapse for "));
    end(&game);
    begin(&game, NULL); /* one that goes well may stand still */
    step = 50;
    play(game.health, &step, 20000, NULL);
    assert_null(health_no_progress(game.health));
    end(&game);
}

static void a_frechet_distance_that_does_not_fall_is_no_progress(void **state)
{
    struct game_under_test game;
    int64_t step = 50;
    (void)state;
    begin(&game, NULL);
    for (int i = 0; i < 13; i++) {
        play(game.health, &step, 1000 + 500 * i, NULL);
        evaluate(game.health, step, even, i < 3 ? 9 - 2 * i : 4.95 + 0.05 * (i % 2));
        if (i < 12)
            assert_null(health_no_progress(game.health));
    }
    play(game.health, &step, step + 100, NULL);
    assert_non_null(health_no_progress(game.health));
    assert_non_null(strstr(health_no_progress(game.health), "has not fallen below 4.95"));
    end(&game);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_trainings_are_named_rightly),
        cmocka_unit_test(losses_alone_decide_nothing),
        cmocka_unit_test(samples_alone_tell_of_a_collapse),
        cmocka_unit_test(nothing_is_accused_while_it_warms_up),
        cmocka_unit_test(what_was_varied_may_collapse_before),
        cmocka_unit_test(one_report_changes_nothing_and_a_border_does_not_flutter),
        cmocka_unit_test(it_says_the_same_when_it_is_told_the_same),
        cmocka_unit_test(every_objective_has_its_scale),
        cmocka_unit_test(an_oscillation_has_its_period),
        cmocka_unit_test(a_gradient_is_set_beside_the_largest_there_was),
        cmocka_unit_test(classes_that_are_gone_are_named),
        cmocka_unit_test(classes_without_variety_are_a_collapse),
        cmocka_unit_test(a_slow_slide_is_seen_by_the_measures),
        cmocka_unit_test(advice_is_in_the_numbers_of_the_recipe),
        cmocka_unit_test(advice_can_be_taken),
        cmocka_unit_test(a_bad_state_in_which_nothing_moves_is_no_progress),
        cmocka_unit_test(a_frechet_distance_that_does_not_fall_is_no_progress),
    };
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
