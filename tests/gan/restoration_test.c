#define _GNU_SOURCE
#include "small.h"

#include "gan/corruption.h"
#include "gan/restoration.h"
#include "gan/search.h"

enum { PIXELS = SMALL_SIDE * SMALL_SIDE };

static void hide_left(const struct dataset *set, float *images, float *made, int count)
{
    float condition[PIXELS];
    pixels_from_bytes(set->pixels, images, (size_t)count * PIXELS);
    for (int i = 0; i < count; i++)
        corruption_apply(CORRUPTION_LEFT, images + i * PIXELS, SMALL_SIDE, SMALL_SIDE, condition,
                         made + i * PIXELS);
}

static void the_mean_is_filled_in_where_something_was_hidden(void **state)
{
    struct dataset set = small_set(4);
    float images[2 * PIXELS], made[2 * PIXELS], before[2 * PIXELS];
    (void)state;
    hide_left(&set, images, made, 2);
    memcpy(before, images, sizeof images);
    fill_mean(&set, made, 2, images);
    for (int i = 0; i < 2 * PIXELS; i++) {
        double sum = 0;
        for (int n = 0; n < SMALL_COUNT; n++)
            sum += set.pixels[n * PIXELS + i % PIXELS];
        double wanted = made[i] > 0 ? sum / SMALL_COUNT / 127.5 - 1 : (double)before[i];
        assert_true(fabs((double)images[i] - wanted) < 1e-6);
    }
    small_set_release(&set);
}

/* Whose right half is the same: itself. With other right halves, the one that differs least. */
static void the_nearest_is_told_by_what_is_seen(void **state)
{
    struct dataset set = small_set(4);
    float images[3 * PIXELS], made[3 * PIXELS], whole[3 * PIXELS];
    (void)state;
    hide_left(&set, images, made, 3);
    memcpy(whole, images, sizeof images);
    for (int i = 0; i < 3 * PIXELS; i++) /* what is hidden must not count */
        images[i] = made[i] > 0 ? -images[i] : images[i];
    fill_nearest(&set, made, 3, images);
    assert_memory_equal(images, whole, sizeof images);
    float *image = images;
    for (int i = 0; i < PIXELS; i++) /* between images 3 and 4, nearer to 4 */
        image[i] =
            ((float)set.pixels[3 * PIXELS + i] * 0.3F + (float)set.pixels[4 * PIXELS + i] * 0.7F) /
                127.5F -
            1;
    fill_nearest(&set, made, 1, image);
    for (int i = 0; i < PIXELS; i++)
        if (made[i] > 0)
            assert_true(fabs((double)image[i] - (set.pixels[4 * PIXELS + i] / 127.5 - 1)) < 1e-5);
    small_set_release(&set);
}

static void psnr_is_over_the_pixels_that_were_made(void **state)
{
    const uint8_t images[] = { 10, 200, 7, 0 }, originals[] = { 13, 100, 3, 0 };
    const float made[] = { 1, 0, 1, 0 };
    (void)state;
    double some = restoration_psnr(images, originals, made, 4);
    assert_true(fabs(some - 10 * log10(255.0 * 255 / ((9 + 16) / 2.0))) < 1e-9);
    double all = restoration_psnr(images, originals, NULL, 4);
    assert_true(fabs(all - 10 * log10(255.0 * 255 / ((9 + 10000 + 16) / 4.0))) < 1e-9);
    assert_true(isinf(restoration_psnr(images, images, NULL, 4)));
}

/* --- the search --- */

struct nets {
    struct small_game game;
    struct generator *generator;
    struct judge *judge;
};

static void nets_open(struct nets *nets, const char *settings)
{
    small_begin(&nets->game, settings);
    for (int i = 0; i < 10; i++)
        small_step(&nets->game);
    assert_return_code(trainer_save(nets->game.trainer, "nets"), 0);
    assert_return_code(generator_open(&nets->generator, &nets->game.recipe, "nets"), 0);
    assert_return_code(judge_open(&nets->judge, &nets->game.recipe, "nets"), 0);
}

static void nets_close(struct nets *nets)
{
    judge_close(nets->judge);
    generator_close(nets->generator);
    small_end(&nets->game);
}

static const char *const plain_games[] = { CONV_G ";" CONV_D, LABEL_G ";" LABEL_D, MLP_NORM_D };

/* d sum(u * G(z)) / dz, by differences. */
static void check_generator_slopes(struct nets *nets, const float *u, float *latents,
                                   const int *labels, int count, const float *got)
{
    enum { LATENT = 6 };
    const double step = 1e-2;
    float pixels[4 * PIXELS];
    struct generator_input input = { latents, labels, NULL };
    for (int k = 0; k < count * LATENT; k++) {
        double side[2] = { 0 };
        for (int s = 0; s < 2; s++) {
            float before = latents[k];
            latents[k] += (float)(s == 0 ? step : -step);
            generator_draw_from(nets->generator, &input, count, NULL, pixels);
            for (int i = 0; i < count * PIXELS; i++)
                side[s] += (double)u[i] * (double)pixels[i];
            latents[k] = before;
        }
        double slope = (side[0] - side[1]) / (2 * step);
        if (!(fabs(slope - (double)got[k]) < 0.02 * (0.3 + fabs(slope))))
            fail_msg("latent %d: %g, not %g", k, (double)got[k], slope);
    }
}

static void generators_and_judges_give_gradients(void **state)
{
    enum { COUNT = 3, LATENT = 6 };
    (void)state;
    for (int g = 0; g < ARRAY_SIZE(plain_games); g++) {
        struct nets nets;
        struct random random;
        float latents[COUNT * LATENT], u[COUNT * PIXELS], pixels[COUNT * PIXELS], d[COUNT * LATENT];
        float logits[COUNT], slopes[COUNT * PIXELS], moved[COUNT];
        const int labels[COUNT] = { 2, 0, 1 };
        nets_open(&nets, plain_games[g]);
        random_seed(&random, 7, 7);
        random_fill_normal(&random, latents, ARRAY_SIZE(latents));
        random_fill_normal(&random, u, ARRAY_SIZE(u));
        struct generator_input input = { latents, labels, NULL };
        generator_draw_from(nets.generator, &input, COUNT, NULL, pixels);
        generator_backward(nets.generator, u, COUNT, d);
        check_generator_slopes(&nets, u, latents, labels, COUNT, d);
        judge_slopes(nets.judge, pixels, labels, COUNT, logits, slopes);
        for (int i = 0; i < COUNT; i++) {
            double squares = 0; /* along the gradient itself */
            for (int k = 0; k < PIXELS; k++)
                squares += (double)slopes[i * PIXELS + k] * (double)slopes[i * PIXELS + k];
            for (int k = 0; k < PIXELS; k++)
                pixels[i * PIXELS + k] += (float)(1e-3 / sqrt(squares)) * slopes[i * PIXELS + k];
            judge_images(nets.judge, pixels, labels, COUNT, moved);
            double slope = ((double)moved[i] - (double)logits[i]) / 1e-3;
            assert_true(fabs(slope - sqrt(squares)) < 0.02 * (0.1 + sqrt(squares)));
        }
        nets_close(&nets);
    }
}

/* Images that the generator can make, half hidden: both halves are found. */
static void a_search_finds_an_image_that_the_generator_makes(void **state)
{
    enum { COUNT = 5 };
    (void)state;
    for (int g = 0; g < ARRAY_SIZE(plain_games); g++) {
        struct nets nets;
        struct random random;
        struct search_wish wish = { .steps = 300, .restarts = 12, .rate = 0.05, .seed = 3 };
        float latents[COUNT * 6], images[COUNT * PIXELS], made[COUNT * PIXELS],
            found[COUNT * PIXELS], condition[PIXELS], fewer[COUNT * PIXELS];
        const int labels[COUNT] = { 2, 0, 1, 1, 2 };
        double off = 0;
        nets_open(&nets, plain_games[g]);
        random_seed(&random, 9, 9);
        random_fill_normal(&random, latents, ARRAY_SIZE(latents));
        struct generator_input input = { latents, labels, NULL };
        generator_draw_from(nets.generator, &input, COUNT, NULL, images);
        for (int i = 0; i < COUNT; i++)
            corruption_apply(corruption_choice(CORRUPTION_PART, i), images + i * PIXELS, SMALL_SIDE,
                             SMALL_SIDE, condition, made + i * PIXELS);
        enum objective objective = (enum objective)nets.game.recipe.training.objective;
        assert_return_code(search_complete(nets.generator, nets.judge, objective, &wish, images,
                                           made, COUNT, found, NULL, NULL),
                           0);
        for (int i = 0; i < COUNT * PIXELS; i++)
            off += fabs((double)found[i] - (double)images[i]) / (COUNT * PIXELS);
        if (!(off < 0.02))
            fail_msg("%s: %g off in the mean", plain_games[g], off);
        assert_return_code(search_complete(nets.generator, nets.judge, objective, &wish, images,
                                           made, 2, fewer, NULL, NULL),
                           0);
        assert_memory_equal(fewer, found, 2 * PIXELS * sizeof *found);
        nets_close(&nets);
    }
}

static bool stop_at_once(void *context, int done)
{
    *(int *)context = done;
    return false;
}

static void a_search_can_be_broken_off(void **state)
{
    enum { COUNT = 30 };
    struct nets nets;
    struct search_wish wish = { .steps = 2, .restarts = 8, .rate = 0.05, .seed = 3 };
    static float images[COUNT * PIXELS], made[COUNT * PIXELS], found[COUNT * PIXELS];
    int done = 0;
    (void)state;
    nets_open(&nets, "");
    assert_int_equal(search_complete(nets.generator, nets.judge, OBJECTIVE_MINIMAX, &wish, images,
                                     made, COUNT, found, stop_at_once, &done),
                     ERR_CANCELLED);
    assert_int_equal(done, GENERATOR_BATCH / 8);
    nets_close(&nets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mean_is_filled_in_where_something_was_hidden),
        cmocka_unit_test(the_nearest_is_told_by_what_is_seen),
        cmocka_unit_test(psnr_is_over_the_pixels_that_were_made),
        IN_SCRATCH(generators_and_judges_give_gradients),
        IN_SCRATCH(a_search_finds_an_image_that_the_generator_makes),
        IN_SCRATCH(a_search_can_be_broken_off),
    };
    return cmocka_run_group_tests_name("restoration", tests, NULL, NULL);
}
