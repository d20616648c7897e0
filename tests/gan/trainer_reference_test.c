/* The trainer against PyTorch: reports of three steps, weights after them, samples. The numbers
 * come from tests/pytorch/trainer_reference.py, in double precision; here it is float32. */
#define _GNU_SOURCE
#include "small.h"

#include "../../src/gan/trainer_state.h"

enum { STEPS = 3, SHEET = 4, PIXELS = SMALL_SIDE * SMALL_SIDE };

static const struct {
    const char *settings;
    double reports[STEPS]
                  [8];   /* losses of D and G, reconstruction, penalty, D(x), D(G(z)), gradients
                                 of D and G */
    double probes[2];    /* of the weights of G and D */
    double greys[SHEET]; /* means of the images on a sheet */
} references[] = {
#include "trainer_reference.inc"
};

/* As hash_value in the script. */
static double hash_value(const char *name, size_t i)
{
    uint32_t h = 0;
    for (; *name; name++)
        h = h * 31 + (unsigned char)*name;
    h += (uint32_t)i * 2654435761u;
    h = (h ^ h >> 16) * 0x45D9F3B;
    h = (h ^ h >> 16) * 0x45D9F3B;
    return (h ^ h >> 16) / 4294967296.0 - 0.5;
}

/* One walk over a network's tensors, in PyTorch's names and layout. */
struct walk {
    const char *prefix;
    float *parameters; /* to be set; NULL: probe instead */
    bool spectral;     /* all its weights are rows under spectral norm */
    double probe;
};

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static double initial(const char *name, int dimensions, int64_t rows, size_t count, size_t i)
{
    double u = hash_value(name, i);
    if (dimensions > 1)
        return u * sqrt(12 * (double)rows / (double)count);
    return ends_in(name, "weight") ? 1 + u / 2 : u;
}

/* When setting, the values are the places in the parameter block that the exported ones came from;
 * those of a row under spectral norm are divided by a sigma, which two neighbours tell. */
static size_t place_of(const struct walk *walk, const float *values, size_t count, size_t i)
{
    bool divided = walk->spectral && count > 1;
    double step = divided ? (double)values[1] - (double)values[0] : 1;
    return (size_t)lround((double)values[i] / step);
}

static int visit(void *context, const char *name, int dimensions, const int64_t *shape,
                 const float *values)
{
    struct walk *walk = context;
    size_t count = 1;
    char full[128];
    if (strstr(name, "running"))
        return 0;
    for (int i = 0; i < dimensions; i++)
        count *= (size_t)shape[i];
    snprintf(full, sizeof full, "%s%s%s", walk->parameters ? "" : "probe.", walk->prefix, name);
    for (size_t i = 0; i < count; i++) {
        if (walk->parameters)
            walk->parameters[place_of(walk, values, count, i)] =
                (float)initial(full, dimensions, shape[0], count, i);
        else
            walk->probe += (double)values[i] * hash_value(full, i);
    }
    return 0;
}

static struct network *network_of(const struct small_game *game, bool generator)
{
    return generator ? game->trainer->generator.net : game->trainer->discriminator.net;
}

static void set_weights(const struct small_game *game, bool generator)
{
    struct network *net = network_of(game, generator);
    float *places = float_block_new(net->parameter_count);
    struct walk walk = { .prefix = generator ? "generator." : "discriminator.",
                         .parameters = net->parameters,
                         .spectral =
                             !generator && strstr(game->recipe.discriminator.layers, "spectral") };
    for (size_t i = 0; i < net->parameter_count; i++)
        places[i] = (float)i;
    assert_return_code(network_export(net, places, net->buffers, visit, &walk), 0);
    if (generator && game->trainer->average)
        memcpy(game->trainer->average, net->parameters, net->parameter_count * sizeof *places);
    float_block_free(places);
}

static double probe_weights(const struct small_game *game, bool generator)
{
    struct network *net = network_of(game, generator);
    struct walk walk = { .prefix = generator ? "generator." : "discriminator." };
    assert_return_code(network_export(net, net->parameters, net->buffers, visit, &walk), 0);
    return walk.probe;
}

static void set_pixels(struct dataset *set)
{
    for (int i = 0; i < SMALL_COUNT * PIXELS; i++)
        set->pixels[i] = (uint8_t)((hash_value("pixels", (size_t)i) + 0.5) * 256);
}

static void check(double got, double want, double tolerance, const char *settings, const char *what)
{
    if (!(fabs(got - want) <= tolerance * (0.1 + fabs(want))))
        fail_msg("%s: %s is %.8g instead of %.8g", settings, what, got, want);
}

static void check_report(const struct step_report *report, const double *want, const char *settings)
{
    static const char *const names[] = { "d_loss", "g_loss", "reconstruction", "penalty",
                                         "d_real", "d_fake", "d_gradient",     "g_gradient" };
    bool has_pairs = strstr(settings, "corruption");
    const double got[] = {
        report->d_loss,     report->g_loss,    has_pairs ? report->reconstruction : 0,
        report->penalty,    report->d_real,    report->d_fake,
        report->d_gradient, report->g_gradient
    };
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        check(got[i], want[i], 2e-4, settings, names[i]);
}

static void check_sheet(const struct small_game *game, const double *greys, const char *settings)
{
    uint8_t images[SHEET * PIXELS];
    trainer_sample(game->trainer, SHEET, images);
    for (int i = 0; i < SHEET; i++) {
        double sum = 0;
        for (int k = 0; k < PIXELS; k++)
            sum += images[i * PIXELS + k];
        check(sum / PIXELS, greys[i], 0.3 / 127, settings, "mean grey");
    }
}

static void the_first_steps_are_those_of_pytorch(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(references); i++) {
        const char *settings = references[i].settings;
        struct small_game game;
        small_recipe(&game.recipe, settings);
        game.set = small_set(1);
        set_pixels(&game.set);
        assert_return_code(trainer_new(&game.trainer, &game.recipe, &game.set), 0);
        set_weights(&game, true);
        set_weights(&game, false);
        for (int step = 0; step < STEPS; step++) {
            struct step_report report = small_step(&game);
            check_report(&report, references[i].reports[step], settings);
        }
        check(probe_weights(&game, true), references[i].probes[0], 1e-3, settings, "G's weights");
        check(probe_weights(&game, false), references[i].probes[1], 1e-3, settings, "D's weights");
        check_sheet(&game, references[i].greys, settings);
        small_end(&game);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_steps_are_those_of_pytorch),
    };
    return cmocka_run_group_tests_name("trainer beside PyTorch", tests, NULL, NULL);
}
