#define _GNU_SOURCE
#include "testing.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/random.h"
#include "record/recipe.h"

#define NEEDED                                                                                     \
    "[experiment]\nname = tiny\n[generator]\nlayers = dense 784 | reshape 1x28x28 | tanh\n"        \
    "[discriminator]\nlayers = dense 1\n"

static int parse(struct recipe *recipe, const char *text)
{
    return recipe_parse(recipe, text, strlen(text), "a.ini", NULL, 0);
}

static int parse_with(struct recipe *recipe, const char *setting)
{
    return recipe_parse(recipe, NEEDED, strlen(NEEDED), "a.ini", &setting, 1);
}

static void assert_refused(const char *text, const char *sentence)
{
    struct recipe recipe;
    assert_int_equal(parse(&recipe, text), ERR_INVALID);
    assert_string_equal(error_text(), sentence);
    assert_null(recipe.arena.chunks);
}

static void assert_setting_refused(const char *setting, const char *sentence)
{
    struct recipe recipe;
    assert_int_equal(parse_with(&recipe, setting), ERR_INVALID);
    assert_string_equal(error_text(), sentence);
}

static const struct recipe_field *field_of(const char *key)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, key) == 0)
            return &fields[i];
    fail_msg("no field '%s'", key);
    return NULL;
}

/* --- the table --- */

static void every_field_is_complete_and_its_default_is_legal(void **state)
{
    (void)state;
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    struct recipe recipe;
    assert_int_equal(parse(&recipe, NEEDED), 0);
    for (int i = 0; i < count; i++) {
        const struct recipe_field *field = &fields[i];
        assert_non_null(strchr(field->key, '.'));
        assert_non_null(field->unit);
        assert_true(strlen(field->help) > 10 && field->help[strlen(field->help) - 1] != '.');
        assert_true(field->maximum > field->minimum || field->type == FIELD_CHOICE);
        assert_true((field->choices != NULL) == (field->type == FIELD_CHOICE));
        if (field->fallback)
            assert_int_equal(recipe_set(&recipe, field, field->fallback, "default"), 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(fields[j].key, field->key);
    }
    recipe_release(&recipe);
}

static void a_section_is_one_stretch_of_the_table(void **state)
{
    (void)state;
    int count, changes = 1;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 1; i < count; i++) {
        size_t length = strcspn(fields[i].key, ".") + 1;
        changes += strncmp(fields[i].key, fields[i - 1].key, length) != 0;
    }
    assert_int_equal(changes, 6);
}

static void enums_are_named_by_their_words(void **state)
{
    (void)state;
    assert_string_equal(objective_name(OBJECTIVE_MINIMAX), "minimax");
    assert_string_equal(objective_name(OBJECTIVE_NON_SATURATING), "non-saturating");
    assert_string_equal(objective_name(OBJECTIVE_LEAST_SQUARES), "least-squares");
    assert_string_equal(objective_name(OBJECTIVE_HINGE), "hinge");
    assert_string_equal(objective_name(OBJECTIVE_WASSERSTEIN), "wasserstein");
    assert_string_equal(penalty_name(PENALTY_NONE), "none");
    assert_string_equal(penalty_name(PENALTY_R1), "r1");
    assert_string_equal(penalty_name(PENALTY_GRADIENT), "gradient");
    assert_string_equal(penalty_name(PENALTY_CLIP), "clip");
    assert_string_equal(corruption_name(CORRUPTION_NONE), "none");
    assert_string_equal(corruption_name(CORRUPTION_PART), "part");
    assert_string_equal(corruption_name(CORRUPTION_SHRINK), "shrink");
}

/* --- what a recipe may look like --- */

static void what_is_not_said_takes_its_default(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(parse(&recipe, NEEDED), 0);
    assert_string_equal(recipe.experiment.name, "tiny");
    assert_string_equal(recipe.data.source, "digits");
    assert_int_equal(recipe.generator.latent, 100);
    assert_int_equal(recipe.training.objective, OBJECTIVE_NON_SATURATING);
    assert_int_equal(recipe.training.penalty, PENALTY_NONE);
    assert_true(recipe.training.penalty_weight == 0);
    assert_true(recipe.training.rate == 0.0002);
    assert_true(recipe.training.average == 0.999);
    assert_int_equal(recipe.training.batch, 64);
    assert_int_equal(recipe.training.seed, 1);
    assert_string_equal(recipe.training.stop_when, "");
    assert_int_equal(recipe.samples.count, 64);
    recipe_release(&recipe);
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(parse(&recipe, NEEDED "[training]\nobjective = least-squares\nrate=1e-3\n"
                                           "seed = 9007199254740991\nbatch : 128\n"
                                           "stop_when = mode collapse, no-progress\n"),
                     0);
    assert_int_equal(recipe.training.objective, OBJECTIVE_LEAST_SQUARES);
    assert_true(recipe.training.rate == 1e-3);
    assert_true(recipe.training.seed == 9007199254740991);
    assert_int_equal(recipe.training.batch, 128);
    assert_string_equal(recipe.training.stop_when, "mode collapse, no-progress");
    recipe_release(&recipe);
}

static void sections_may_be_opened_again(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(parse(&recipe, NEEDED "[training]\nbatch = 8\n[samples]\nevery = 5\n"
                                           "[training]\nsteps = 9\n"),
                     0);
    assert_int_equal(recipe.training.batch, 8);
    assert_int_equal(recipe.training.steps, 9);
    assert_int_equal(recipe.samples.every, 5);
    recipe_release(&recipe);
}

/* --- what it may not --- */

static void typos_are_named_with_what_was_meant(void **state)
{
    (void)state;
    assert_refused(NEEDED "[training]\nobejctive = hinge\n",
                   "recipe 'a.ini' line 8: unknown key 'obejctive' (did you mean 'objective'?)");
    assert_refused(NEEDED "[trianing]\n",
                   "recipe 'a.ini' line 7: unknown section '[trianing]' (did you mean "
                   "'[training]'?)");
    assert_refused(NEEDED "[training]\nobjective = hing\n",
                   "recipe 'a.ini' line 8: 'training.objective' must be one of minimax, "
                   "non-saturating, least-squares, hinge, wasserstein, not 'hing' (did you mean "
                   "'hinge'?)");
    assert_refused(NEEDED "[training]\nRate = 1\n",
                   "recipe 'a.ini' line 8: unknown key 'Rate' (did you mean 'rate'?)");
}

static void a_key_in_the_wrong_section_is_sent_to_its_own(void **state)
{
    (void)state;
    assert_refused(NEEDED "[data]\nbatch = 64\n",
                   "recipe 'a.ini' line 8: unknown key 'batch' in '[data]' (it belongs to "
                   "'[training]')");
    assert_refused("batch = 64\n" NEEDED,
                   "recipe 'a.ini' line 1: key 'batch' stands before any '[section]'");
}

static void nonsense_names_point_to_what_there_is(void **state)
{
    (void)state;
    assert_refused(NEEDED "[zzzzzzzz]\n",
                   "recipe 'a.ini' line 7: unknown section '[zzzzzzzz]' (there are "
                   "'[experiment]', '[data]', '[generator]', '[discriminator]', '[training]', "
                   "'[samples]')");
    assert_refused(NEEDED "[data]\nqqqqqqqq = 1\n",
                   "recipe 'a.ini' line 8: unknown key 'qqqqqqqq' in '[data]' (see 'man "
                   "gander-recipe')");
}

static void values_out_of_range_say_the_range(void **state)
{
    (void)state;
    assert_refused(NEEDED "[training]\nbatch = 1\n",
                   "recipe 'a.ini' line 8: 'training.batch' must be a whole number from 2 to "
                   "4096, not '1'");
    assert_refused(NEEDED "[training]\nbatch = 64.5\n",
                   "recipe 'a.ini' line 8: 'training.batch' must be a whole number from 2 to "
                   "4096, not '64.5'");
    assert_refused(NEEDED "[training]\nrate =\n",
                   "recipe 'a.ini' line 8: 'training.rate' must be a number from 1e-08 to 10, not "
                   "''");
    assert_refused(NEEDED "[training]\nrate = nan\n",
                   "recipe 'a.ini' line 8: 'training.rate' must be a number from 1e-08 to 10, not "
                   "'nan'");
    assert_refused(NEEDED "[training]\nsteps = 99999999999999999999\n",
                   "recipe 'a.ini' line 8: 'training.steps' must be a whole number from 1 to "
                   "1000000000, not '99999999999999999999'");
}

static void the_ends_of_every_range_are_inside_and_the_next_values_outside(void **state)
{
    (void)state;
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++) {
        const struct recipe_field *field = &fields[i];
        if (field->type != FIELD_INTEGER && field->type != FIELD_REAL)
            continue;
        double step = field->type == FIELD_INTEGER ? 1 : field->maximum * 1e-12;
        double values[] = { field->minimum, field->maximum, field->minimum - step,
                            field->maximum + step };
        for (int v = 0; v < ARRAY_SIZE(values); v++) {
            struct recipe recipe = { 0 };
            char text[64];
            snprintf(text, sizeof text, "%.17g", values[v]);
            assert_int_equal(recipe_set(&recipe, field, text, "x"), v < 2 ? 0 : ERR_INVALID);
            recipe_release(&recipe);
        }
    }
}

static void a_key_given_twice_is_refused(void **state)
{
    (void)state;
    assert_refused(NEEDED "[training]\nbatch = 8\n[samples]\n[training]\nbatch = 8\n",
                   "recipe 'a.ini' line 11: 'training.batch' was given in line 8 already (keep "
                   "one of them)");
}

static void what_must_be_given_is_missed(void **state)
{
    (void)state;
    assert_refused("", "recipe 'a.ini': 'experiment.name' is missing (Name of the experiment, "
                       "under which its runs are listed: letters, digits and . _ -)");
    assert_refused("[experiment]\nname=a\n[generator]\nlayers = # none\n",
                   "recipe 'a.ini' line 4: 'generator.layers' must not be empty");
}

static void random_bytes_never_pass(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 5, 0);
    for (int trial = 0; trial < 2000; trial++) {
        char noise[400];
        size_t size = random_below(&random, sizeof noise);
        for (size_t i = 0; i < size; i++)
            noise[i] = (char)random_below(&random, 256);
        struct recipe recipe;
        assert_int_equal(recipe_parse(&recipe, noise, size, "noise", NULL, 0), ERR_INVALID);
    }
}

/* A recipe cut anywhere either lacks a key or is a shorter recipe: never a crash, never half a
 * struct. */
static void a_recipe_cut_anywhere_is_refused_or_whole(void **state)
{
    (void)state;
    static const char text[] = NEEDED "[training]\nobjective = hinge\nrate = 0.001\n";
    for (size_t size = 0; size < sizeof text; size++) {
        struct recipe recipe;
        if (recipe_parse(&recipe, text, size, "a.ini", NULL, 0) < 0) {
            assert_null(recipe.experiment.name);
            continue;
        }
        assert_true(size > strlen(NEEDED) - strlen("dense 1\n"));
        recipe_release(&recipe);
    }
}

static void too_long_a_recipe_is_refused(void **state)
{
    (void)state;
    char *text = malloc(RECIPE_SIZE_LIMIT + 1);
    memset(text, '\n', RECIPE_SIZE_LIMIT + 1);
    struct recipe recipe;
    assert_int_equal(recipe_parse(&recipe, text, RECIPE_SIZE_LIMIT + 1, "a.ini", NULL, 0),
                     ERR_INVALID);
    assert_string_equal(error_text(), "recipe 'a.ini' has 65537 bytes, more than the 65536 that a "
                                      "recipe may have");
    free(text);
}

static void a_name_is_fit_for_file_names(void **state)
{
    (void)state;
    static const char *const good[] = { "a", "wgan-gp", "mnist_2.1", "0" };
    static const char *const bad[] = { "a b", "../x",        "a/b",  "-rf", ".hidden",
                                       "_x",  "caf\xC3\xA9", "a\"b", "%d" };
    for (int i = 0; i < ARRAY_SIZE(good); i++) {
        char setting[100];
        snprintf(setting, sizeof setting, "experiment.name=%s", good[i]);
        struct recipe recipe;
        assert_int_equal(parse_with(&recipe, setting), 0);
        assert_string_equal(recipe.experiment.name, good[i]);
        recipe_release(&recipe);
    }
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        char setting[100], sentence[300];
        snprintf(setting, sizeof setting, "experiment.name=%s", bad[i]);
        snprintf(sentence, sizeof sentence,
                 "setting '%s': 'experiment.name' must be of letters, digits and . _ - and begin "
                 "with a letter or digit, not '%s'",
                 setting, bad[i]);
        assert_setting_refused(setting, sentence);
    }
    assert_setting_refused(
        "experiment.name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "setting 'experiment.name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "': 'experiment.name' may have 64 bytes, not 65");
}

static void smoothing_needs_an_objective_with_labels(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(parse(&recipe, NEEDED "[training]\nsmoothing = 0.1\n"), 0);
    recipe_release(&recipe);
    assert_refused(NEEDED "[training]\nsmoothing = 0.1\nobjective = hinge\n",
                   "recipe 'a.ini' line 8: 'training.smoothing' must be 0 with objective 'hinge', "
                   "which knows no labels");
}

/* --- settings --- */

static void settings_override_and_the_last_one_holds(void **state)
{
    (void)state;
    static const char *const settings[] = { "training.rate=0.1", "training.seed=7",
                                            "training.rate = 0.2 ", "training.stop_when=" };
    struct recipe recipe;
    const char *text = NEEDED "[training]\nrate = 0.001\nstop_when = no-progress\n";
    assert_int_equal(recipe_parse(&recipe, text, strlen(text), "a.ini", settings, 4), ERR_INVALID);
    assert_string_equal(error_text(), "setting 'training.rate = 0.2 ': unknown key 'training.rate "
                                      "' (did you mean 'training.rate'?)");
    const char *const sound[] = { settings[0], settings[1], "training.rate= 0.2 ", settings[3] };
    assert_int_equal(recipe_parse(&recipe, text, strlen(text), "a.ini", sound, 4), 0);
    assert_true(recipe.training.rate == 0.2);
    assert_int_equal(recipe.training.seed, 7);
    assert_string_equal(recipe.training.stop_when, "");
    recipe_release(&recipe);
}

static void a_setting_may_give_what_the_recipe_lacks(void **state)
{
    (void)state;
    static const char *const settings[] = { "experiment.name=x", "generator.layers=dense 784",
                                            "discriminator.layers=dense 1" };
    struct recipe recipe;
    assert_int_equal(recipe_parse(&recipe, "", 0, "a.ini", settings, 3), 0);
    recipe_release(&recipe);
}

static void bad_settings_are_named(void **state)
{
    (void)state;
    assert_setting_refused("training.rate=abc",
                           "setting 'training.rate=abc': 'training.rate' must be a number from "
                           "1e-08 to 10, not 'abc'");
    assert_setting_refused("training.rate", "setting 'training.rate': write 'section.key=value'");
    assert_setting_refused("", "setting '': write 'section.key=value'");
    assert_setting_refused("training.rte=1", "setting 'training.rte=1': unknown key "
                                             "'training.rte' (did you mean 'training.rate'?)");
    assert_setting_refused("batch=8", "setting 'batch=8': unknown key 'batch' (did you mean "
                                      "'training.batch'?)");
    assert_setting_refused("foo.bar=8", "setting 'foo.bar=8': unknown key 'foo.bar' (see 'man "
                                        "gander-recipe')");
    assert_setting_refused("data.source=a\nb",
                           "setting 'data.source=a?b': 'data.source' holds a control character, or "
                           "bytes that are not UTF-8");
    assert_setting_refused("data.source=/a #b",
                           "setting 'data.source=/a #b': 'data.source' cannot hold a ';' or '#' at "
                           "its start or after a blank, where a comment begins");
    assert_refused(NEEDED "[data]\nsource = \"a ; b\"\n",
                   "recipe 'a.ini' line 8: 'data.source' cannot hold a ';' or '#' at its start or "
                   "after a blank, where a comment begins");
}

static void a_reconstruction_needs_a_corruption(void **state)
{
    (void)state;
    assert_setting_refused(
        "training.reconstruction=1",
        "setting 'training.reconstruction=1': 'training.reconstruction' must be "
        "0 without 'data.corruption', which makes the image to reconstruct from");
}

static void an_override_saves_a_bad_value(void **state)
{
    (void)state;
    struct recipe recipe;
    const char *setting = "training.batch=8", *text = NEEDED "[training]\nbatch = many\n";
    assert_int_equal(recipe_parse(&recipe, text, strlen(text), "a.ini", &setting, 1), 0);
    assert_int_equal(recipe.training.batch, 8);
    recipe_release(&recipe);
}

/* --- resolving --- */

static void a_penalty_brings_its_usual_weight(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double weight;
    } cases[] = {
        { NEEDED "[training]\npenalty = r1\n", 1 },
        { NEEDED "[training]\npenalty = gradient\n", 10 },
        { NEEDED "[training]\npenalty = clip\n", 0.01 },
        { NEEDED "[training]\npenalty = r1\npenalty_weight = 0.1\n", 0.1 },
        { NEEDED "[training]\npenalty = none\n", 0 },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct recipe recipe;
        assert_int_equal(parse(&recipe, cases[i].text), 0);
        assert_true(recipe.training.penalty_weight == cases[i].weight);
        recipe_release(&recipe);
    }
}

static void assert_equal_recipes(const struct recipe *a, const struct recipe *b)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++) {
        const char *left = (const char *)a + fields[i].offset;
        const char *right = (const char *)b + fields[i].offset;
        switch (fields[i].type) {
        case FIELD_REAL:
            assert_memory_equal(left, right, sizeof(double));
            break;
        case FIELD_TEXT:
            assert_string_equal(*(char *const *)left, *(char *const *)right);
            break;
        case FIELD_INTEGER:
        case FIELD_CHOICE:
            assert_memory_equal(left, right, fields[i].wide ? sizeof(int64_t) : sizeof(int));
            break;
        }
    }
}

static void assert_round_trip(const struct recipe *recipe)
{
    struct arena arena = { 0 };
    struct recipe again;
    const char *text = recipe_text(&arena, recipe);
    if (recipe_parse(&again, text, strlen(text), "again", NULL, 0) < 0)
        fail_msg("%s in:\n%s", error_text(), text);
    assert_equal_recipes(recipe, &again);
    assert_string_equal(recipe_text(&arena, &again), text);
    recipe_release(&again);
    arena_release(&arena);
}

static void set_at_random(struct recipe *recipe, const struct recipe_field *field,
                          struct random *random)
{
    void *place = (char *)recipe + field->offset;
    double share = random_uniform(random);
    double value = field->minimum + share * (field->maximum - field->minimum);
    int words = 0;
    switch (field->type) {
    case FIELD_INTEGER:
        if (field->wide)
            *(int64_t *)place = (int64_t)value;
        else
            *(int *)place = (int)value;
        break;
    case FIELD_REAL:
        *(double *)place = field->minimum > 0 ? MAX(field->minimum, value * share * share) : value;
        break;
    case FIELD_CHOICE:
        while (field->choices[words])
            words++;
        *(int *)place = (int)random_below(random, (uint32_t)words);
        break;
    case FIELD_TEXT:
        break;
    }
}

static void text_reads_back_to_equal_values(void **state)
{
    (void)state;
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    struct random random;
    random_seed(&random, 11, 0);
    for (int trial = 0; trial < 500; trial++) {
        struct recipe recipe;
        assert_int_equal(parse(&recipe, NEEDED "[data]\nsource = /tmp/a;b#c = [d]: e\n"), 0);
        for (int i = 0; i < count; i++)
            set_at_random(&recipe, &fields[i], &random);
        if (recipe.training.penalty == PENALTY_NONE)
            recipe.training.penalty_weight = 0;
        if (recipe.training.objective >= OBJECTIVE_HINGE)
            recipe.training.smoothing = 0;
        if (recipe.data.corruption == CORRUPTION_NONE)
            recipe.training.reconstruction = 0;
        assert_round_trip(&recipe);
        recipe_release(&recipe);
    }
}

static void values_are_written_as_a_person_would(void **state)
{
    (void)state;
    static const char *const settings[] = { "training.rate=2.0e-4", "training.average=0.99900",
                                            "training.penalty=r1", "training.beta2=0.99" };
    struct arena arena = { 0 };
    struct recipe recipe;
    assert_int_equal(recipe_parse(&recipe, NEEDED, strlen(NEEDED), "a.ini", settings, 4), 0);
    assert_string_equal(recipe_value(&arena, &recipe, field_of("training.rate")), "0.0002");
    assert_string_equal(recipe_value(&arena, &recipe, field_of("training.average")), "0.999");
    assert_string_equal(recipe_value(&arena, &recipe, field_of("training.penalty")), "r1");
    assert_string_equal(recipe_value(&arena, &recipe, field_of("training.beta2")), "0.99");
    assert_string_equal(recipe_value(&arena, &recipe, field_of("training.seed")), "1");
    assert_string_equal(recipe_value(&arena, &recipe, field_of("training.stop_when")), "");
    const char *text = recipe_text(&arena, &recipe);
    assert_non_null(strstr(text, "[experiment]\nname = tiny\n\n[data]\nsource = digits\n"));
    assert_non_null(strstr(text, "\nstop_when =\n"));
    recipe_release(&recipe);
    arena_release(&arena);
}

static void long_layer_lists_are_written_on_several_lines(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "dense 1568 | reshape 32x7x7 | norm | relu | upconv 16 4/2 | norm | relu | upconv 1 4/2 | "
        "tanh | flatten | dense 784 | tanh | reshape 1x28x28",
        "one | two | three | four | five | six | seven | eight | nine | ten  | eleven   | twelve |",
        "a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q |",
        "/where/there/is/an | = sign, and a line that is so long that it should be broken | or not",
    };
    for (int i = 0; i < ARRAY_SIZE(lists); i++) {
        struct arena arena = { 0 };
        struct recipe recipe;
        const char *setting = arena_printf(&arena, "generator.layers=%s", lists[i]);
        assert_int_equal(parse_with(&recipe, setting), 0);
        assert_round_trip(&recipe);
        const char *line = recipe_text(&arena, &recipe);
        assert_true((strstr(line, "\n    | ") != NULL) == (i < 2));
        for (; *line && i < 2; line += strcspn(line, "\n") + 1)
            assert_true(strcspn(line, "\n") < 80);
        recipe_release(&recipe);
        arena_release(&arena);
    }
}

/* --- files and directories --- */

static void make_place(void)
{
    assert_int_equal(mkdir("recipes", 0700), 0);
    assert_int_equal(mkdir("recipes/near", 0700), 0);
    assert_int_equal(mkdir("here", 0700), 0);
    assert_int_equal(mkdir("digits", 0700), 0);
}

static void write_recipe(const char *source)
{
    FILE *file = fopen("recipes/a.ini", "w");
    assert_non_null(file);
    fprintf(file, NEEDED "[data]\nsource = %s\n", source);
    assert_int_equal(fclose(file), 0);
}

/* The end of the resolved source, after the place's own directory; the whole if it is elsewhere. */
static void assert_source(const char *in_recipe, const char *in_setting, const char *expected)
{
    char here[4096], setting[4096];
    assert_non_null(getcwd(here, sizeof here));
    write_recipe(in_recipe);
    snprintf(setting, sizeof setting, "data.source=%s", in_setting ? in_setting : "");
    const char *const settings[] = { setting };
    struct recipe recipe;
    assert_int_equal(recipe_read(&recipe, "recipes/a.ini", settings, in_setting ? 1 : 0), 0);
    const char *source = recipe.data.source;
    if (strncmp(source, here, strlen(here)) == 0)
        source += strlen(here);
    assert_string_equal(source, expected);
    recipe_release(&recipe);
}

static void a_source_in_the_recipe_is_sought_beside_it_then_here(void **state)
{
    (void)state;
    make_place();
    assert_source("near", NULL, "/recipes/near");
    assert_source("./near", NULL, "/recipes/./near");
    assert_source("here", NULL, "/here");
    assert_source("../here", NULL, "/recipes/../here");
    assert_source("no/where", NULL, "/no/where");
    assert_source("/somewhere/else", NULL, "/somewhere/else");
}

static void a_source_in_a_setting_is_sought_here(void **state)
{
    (void)state;
    make_place();
    assert_source("digits", "recipes/near", "/recipes/near");
    assert_source("digits", "here", "/here");
    assert_source("digits", "near", "near");
}

static void names_of_sets_stay_names(void **state)
{
    (void)state;
    make_place();
    assert_source("digits", NULL, "digits");
    assert_source("mnist", NULL, "mnist");
    assert_source("mnist", "digits", "digits");
}

static void a_tilde_is_the_home_directory(void **state)
{
    (void)state;
    make_place();
    char *before = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
    setenv("HOME", "/home/somebody", 1);
    assert_source("~/mnist", NULL, "/home/somebody/mnist");
    if (before)
        setenv("HOME", before, 1);
    else
        unsetenv("HOME");
    free(before);
}

static void a_missing_recipe_is_named(void **state)
{
    (void)state;
    make_place();
    struct recipe recipe;
    assert_int_equal(recipe_read(&recipe, "recipes/b.ini", NULL, 0), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(), "'recipes/b.ini'"));
    assert_true(recipe_read(&recipe, "recipes", NULL, 0) < 0);
    assert_non_null(strstr(error_text(), "'recipes'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_complete_and_its_default_is_legal),
        cmocka_unit_test(a_section_is_one_stretch_of_the_table),
        cmocka_unit_test(enums_are_named_by_their_words),
        cmocka_unit_test(what_is_not_said_takes_its_default),
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(sections_may_be_opened_again),
        cmocka_unit_test(typos_are_named_with_what_was_meant),
        cmocka_unit_test(a_key_in_the_wrong_section_is_sent_to_its_own),
        cmocka_unit_test(nonsense_names_point_to_what_there_is),
        cmocka_unit_test(values_out_of_range_say_the_range),
        cmocka_unit_test(the_ends_of_every_range_are_inside_and_the_next_values_outside),
        cmocka_unit_test(a_key_given_twice_is_refused),
        cmocka_unit_test(what_must_be_given_is_missed),
        cmocka_unit_test(random_bytes_never_pass),
        cmocka_unit_test(a_recipe_cut_anywhere_is_refused_or_whole),
        cmocka_unit_test(too_long_a_recipe_is_refused),
        cmocka_unit_test(a_name_is_fit_for_file_names),
        cmocka_unit_test(smoothing_needs_an_objective_with_labels),
        cmocka_unit_test(settings_override_and_the_last_one_holds),
        cmocka_unit_test(a_setting_may_give_what_the_recipe_lacks),
        cmocka_unit_test(bad_settings_are_named),
        cmocka_unit_test(a_reconstruction_needs_a_corruption),
        cmocka_unit_test(an_override_saves_a_bad_value),
        cmocka_unit_test(a_penalty_brings_its_usual_weight),
        cmocka_unit_test(text_reads_back_to_equal_values),
        cmocka_unit_test(values_are_written_as_a_person_would),
        cmocka_unit_test(long_layer_lists_are_written_on_several_lines),
        IN_SCRATCH(a_source_in_the_recipe_is_sought_beside_it_then_here),
        IN_SCRATCH(a_source_in_a_setting_is_sought_here),
        IN_SCRATCH(names_of_sets_stay_names),
        IN_SCRATCH(a_tilde_is_the_home_directory),
        IN_SCRATCH(a_missing_recipe_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
