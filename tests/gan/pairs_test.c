/* Image-to-image games: what their samples show, and what comes out of their checkpoints. */
#define _GNU_SOURCE
#include "small.h"

#include "gan/corruption.h"
#include "gan/generator.h"
#include "gan/judge.h"

enum { PIXELS = SMALL_SIDE * SMALL_SIDE, ITEMS = 5, SHEET = ITEMS * SAMPLE_PARTS };

static const char part_game[] = "data.corruption=part;training.reconstruction=5;" PAIR_G ";" PAIR_D;

static void floats_of(const uint8_t *bytes, float *to)
{
    for (int i = 0; i < PIXELS; i++)
        to[i] = (float)(2 * bytes[i] - 255) * (1.0f / 255);
}

/* A hidden pixel is 0, which lies between two bytes. */
static bool is_byte_of(uint8_t byte, float pixel)
{
    return fabs((double)pixel * 127.5 + 127.5 - byte) <= 0.51;
}

static void check_item(const struct small_game *game, const struct dataset *shown,
                       const uint8_t *sheet, int item)
{
    float image[PIXELS], condition[PIXELS], made[PIXELS];
    const uint8_t *parts = sheet + item * SAMPLE_PARTS * PIXELS, *drawn = parts + PIXELS;
    const uint8_t *real = shown->pixels + (size_t)item % (size_t)shown->count * PIXELS;
    enum corruption corruption = (enum corruption)game->recipe.data.corruption;
    int differing = 0;
    floats_of(real, image);
    corruption_apply(corruption_choice(corruption, item), image, SMALL_SIDE, SMALL_SIDE, condition,
                     made);
    for (int i = 0; i < PIXELS; i++) {
        assert_true(is_byte_of(parts[i], condition[i]));
        assert_int_equal(parts[2 * PIXELS + i], real[i]);
        if (made[i] == 0)
            assert_int_equal(drawn[i], real[i]);
        differing += drawn[i] != real[i];
    }
    assert_true(differing > 8);
}

/* What is measured are the completed images of the sheet alone, and their classes. */
static void check_made(struct small_game *game, const uint8_t *sheet)
{
    uint8_t made[ITEMS * PIXELS];
    int asked[ITEMS];
    trainer_make(game->trainer, ITEMS, made, asked);
    for (int i = 0; i < ITEMS; i++) {
        assert_memory_equal(made + i * PIXELS, sheet + (i * SAMPLE_PARTS + 1) * PIXELS, PIXELS);
        assert_int_equal(asked[i], i % 3 % SMALL_CLASSES);
    }
}

static void samples_show_hidden_completed_and_real(void **state)
{
    static const char *const games[] = { part_game, "data.corruption=shrink;" PAIR_G ";" PAIR_D };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct small_game game;
        struct dataset other = small_set(12);
        uint8_t sheet[SHEET * PIXELS], cut[7 * PIXELS];
        small_begin(&game, games[i]);
        small_step(&game);
        trainer_sample(game.trainer, SHEET, sheet);
        for (int item = 0; item < ITEMS; item++)
            check_item(&game, &game.set, sheet, item);
        other.count = 3; /* fewer than the sheet shows: they come again */
        trainer_show(game.trainer, &other);
        trainer_sample(game.trainer, SHEET, sheet);
        for (int item = 0; item < ITEMS; item++)
            check_item(&game, &other, sheet, item);
        trainer_sample(game.trainer, 7, cut);
        assert_memory_equal(cut, sheet, sizeof cut);
        check_made(&game, sheet);
        small_end(&game);
        small_set_release(&other);
    }
}

/* Everything that a checkpoint's generator and judge take, for `count` images of a set. */
struct asked {
    float images[ITEMS * PIXELS], conditions[ITEMS * PIXELS], latents[ITEMS * 6];
    int labels[ITEMS];
};

static void ask(struct asked *asked, const struct small_game *game)
{
    for (int i = 0; i < ITEMS; i++) {
        floats_of(game->set.pixels + i * PIXELS, asked->images + i * PIXELS);
        corruption_apply(corruption_choice(CORRUPTION_PART, i), asked->images + i * PIXELS,
                         SMALL_SIDE, SMALL_SIDE, asked->conditions + i * PIXELS, NULL);
        asked->labels[i] = i % SMALL_CLASSES;
    }
    struct random random;
    random_seed(&random, 8, 8);
    random_fill_normal(&random, asked->latents, ARRAY_SIZE(asked->latents));
}

static void a_generator_out_of_a_checkpoint_sees_its_condition(void **state)
{
    struct small_game game;
    struct generator *generator;
    struct asked asked;
    float one[ITEMS * PIXELS], blind[ITEMS * PIXELS], hidden[ITEMS * PIXELS];
    (void)state;
    small_begin(&game, part_game);
    for (int i = 0; i < 5; i++)
        small_step(&game);
    assert_return_code(trainer_save(game.trainer, "pairs"), 0);
    assert_return_code(generator_open(&generator, &game.recipe, "pairs"), 0);
    assert_int_equal(generator_facts(generator).corruption, CORRUPTION_PART);
    ask(&asked, &game);
    struct generator_input input = { asked.latents, NULL, asked.conditions };
    generator_draw_from(generator, &input, ITEMS, NULL, one);
    generator_draw(generator, asked.latents, NULL, ITEMS, NULL, blind);
    memset(asked.conditions, 0, sizeof asked.conditions);
    generator_draw_from(generator, &input, ITEMS, NULL, hidden);
    assert_memory_equal(blind, hidden, sizeof hidden);
    for (int i = 0; i < ITEMS; i++)
        assert_memory_not_equal(one + i * PIXELS, blind + i * PIXELS, PIXELS * sizeof *one);
    ask(&asked, &game);
    input.conditions = asked.conditions + PIXELS; /* an image does not depend on its batch */
    input.latents = asked.latents + 6;
    generator_draw_from(generator, &input, 1, NULL, hidden);
    assert_memory_equal(hidden, one + PIXELS, PIXELS * sizeof *one);
    generator_close(generator);
    small_end(&game);
}

static void a_judge_out_of_a_checkpoint_judges_pairs(void **state)
{
    struct small_game game;
    struct judge *judge;
    struct asked asked;
    float pairs[ITEMS], images[ITEMS], hidden[ITEMS];
    (void)state;
    small_begin(&game, part_game);
    small_step(&game);
    assert_return_code(trainer_save(game.trainer, "pairs"), 0);
    assert_return_code(judge_open(&judge, &game.recipe, "pairs"), 0);
    ask(&asked, &game);
    judge_pairs(judge, asked.images, NULL, asked.conditions, ITEMS, pairs);
    judge_images(judge, asked.images, NULL, ITEMS, images);
    memset(asked.conditions, 0, sizeof asked.conditions);
    judge_pairs(judge, asked.images, NULL, asked.conditions, ITEMS, hidden);
    assert_memory_equal(images, hidden, sizeof images);
    for (int i = 0; i < ITEMS; i++)
        assert_true(pairs[i] != images[i]);
    judge_close(judge);
    small_end(&game);
}

/* Both halves of an image are alike in these data: one tells the other. */
static void a_game_learns_to_complete(void **state)
{
    struct small_game game;
    uint8_t sheet[SHEET * PIXELS];
    double off = 0;
    (void)state;
    small_recipe(&game.recipe,
                 "data.corruption=right;training.reconstruction=20;training.penalty=r1;"
                 "training.steps=400;training.beta2=0.99;"
                 "generator.layers=condition | dense 32 | relu | dense 64 | tanh;" PAIR_D);
    game.set = small_set(1);
    for (int i = 0; i < SMALL_COUNT * PIXELS; i++)
        game.set.pixels[i] = i / PIXELS % 2 ? 220 : 30;
    assert_return_code(trainer_new(&game.trainer, &game.recipe, &game.set), 0);
    for (int i = 0; i < 400; i++)
        small_step(&game);
    trainer_sample(game.trainer, SHEET, sheet);
    for (int item = 0; item < ITEMS; item++)
        for (int i = 0; i < PIXELS; i++)
            off += abs(sheet[(item * SAMPLE_PARTS + 1) * PIXELS + i] -
                       sheet[(item * SAMPLE_PARTS + 2) * PIXELS + i]);
    if (!(off / (ITEMS * PIXELS / 2.0) < 20))
        fail_msg("%g grey levels off in the mean", off / (ITEMS * PIXELS / 2.0));
    small_end(&game);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_show_hidden_completed_and_real),
        IN_SCRATCH(a_generator_out_of_a_checkpoint_sees_its_condition),
        IN_SCRATCH(a_judge_out_of_a_checkpoint_judges_pairs),
        cmocka_unit_test(a_game_learns_to_complete),
    };
    return cmocka_run_group_tests_name("pairs", tests, NULL, NULL);
}
