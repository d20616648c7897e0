/* The form of a launch without a screen: what is checked, what is changed, what is to blame. */
#define _GNU_SOURCE
#include "../../src/ui/launch_form.h"

#include <string.h>

#include "program.h"

/* To a good end; it may remark on something. */
#define run_program(...)                                                                           \
    do {                                                                                           \
        struct program program_ = program_start(__VA_ARGS__);                                      \
        program_expect(&program_, 0, "");                                                          \
    } while (0)

static int field_of(const char *key)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, key) == 0)
            return i;
    fail_msg("no field %s", key);
    return -1;
}

static struct launch_value *value_of(struct launch_form *form, const char *key)
{
    return &form->values[field_of(key)];
}

static void assert_holds(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        print_error("'%s' does not hold '%s'\n", text ? text : "(nothing)", part);
    assert_true(text && strstr(text, part));
}

static void a_recipe_fills_the_form(void **state)
{
    struct launch_form form = { .is_filled = false };
    (void)state;
    assert_int_equal(form_read(&form, "tiny.ini"), 0);
    assert_string_equal(form.title, "tiny.ini");
    assert_string_equal(value_of(&form, "training.steps")->text, "300");
    assert_string_equal(value_of(&form, "training.beta1")->text, "0.5");
    assert_int_equal(form_changes(&form), 0);
    assert_true(form_is_sound(&form));
    assert_int_equal(form_read(&form, "none.ini"), ERR_NOT_FOUND);
    assert_string_equal(form.title, "tiny.ini");
    form_release(&form);
}

static void wrong_values_are_said_beside_them(void **state)
{
    struct launch_form form = { .is_filled = false };
    (void)state;
    assert_int_equal(form_read(&form, "tiny.ini"), 0);
    form_set(&form, field_of("training.steps"), "12x");
    assert_holds(value_of(&form, "training.steps")->error, "'training.steps' must be a whole");
    assert_false(form_is_sound(&form));
    form_set(&form, field_of("training.objective"), "hinger");
    assert_holds(value_of(&form, "training.objective")->error, "'hinge'");
    form_reset(&form, field_of("training.steps"));
    form_reset(&form, field_of("training.objective"));
    assert_true(form_is_sound(&form));
    assert_int_equal(form_changes(&form), 0);
    form_set_name(&form, "7");
    assert_non_null(form.name_error);
    form_set_name(&form, "seven");
    assert_true(form_is_sound(&form));
    form_release(&form);
}

/* What takes several values to see is said beside the one that recipe_parse blames. */
static void values_are_checked_together(void **state)
{
    struct launch_form form = { .is_filled = false };
    (void)state;
    assert_int_equal(form_read(&form, "tiny.ini"), 0);
    assert_true(form_apply(&form, "training.objective=hinge"));
    assert_true(form_apply(&form, "training.smoothing=0.1"));
    assert_holds(value_of(&form, "training.smoothing")->error, "must be 0 with objective 'hinge'");
    assert_true(form_apply(&form, "training.objective=minimax"));
    assert_true(form_is_sound(&form));
    assert_int_equal(form_changes(&form), 2);
    assert_false(form_apply(&form, "training.nothing=1"));
    assert_false(form_apply(&form, "runs"));
    form_release(&form);
}

static void a_refusal_finds_its_value(void **state)
{
    struct launch_form form = { .is_filled = false };
    (void)state;
    assert_int_equal(form_read(&form, "tiny.ini"), 0);
    form_blame(&form, "setting 'generator.latent=8': too few of them");
    assert_string_equal(value_of(&form, "generator.latent")->error, "too few of them");
    form_blame(&form, "the disk is full");
    assert_string_equal(form.error, "the disk is full");
    assert_false(form_is_sound(&form));
    form_release(&form);
}

static void the_usual_weight_follows_the_penalty(void **state)
{
    struct launch_form form = { .is_filled = false };
    struct recipe recipe;
    (void)state;
    assert_int_equal(form_read(&form, "tiny.ini"), 0);
    assert_true(form_apply(&form, "training.penalty=r1"));
    assert_int_equal(form_recipe(&form, &recipe), 0);
    assert_true(recipe.training.penalty_weight == 1);
    recipe_release(&recipe);
    assert_true(form_apply(&form, "training.penalty=gradient"));
    assert_int_equal(form_recipe(&form, &recipe), 0);
    assert_true(recipe.training.penalty_weight == 10);
    recipe_release(&recipe);
    form_release(&form);
}

static void edited_text_is_taken_whole_or_not(void **state)
{
    static const char broken[] = "[experiment]\nname = tiny\n[training]\nstepps = 5\n";
    struct launch_form form = { .is_filled = false };
    (void)state;
    assert_int_equal(form_read(&form, "tiny.ini"), 0);
    assert_int_equal(form_take_text(&form, broken, strlen(broken), "as edited"), ERR_INVALID);
    assert_int_equal(form_changes(&form), 0);
    char *text = xasprintf("%s[data]\n", tiny_recipe);
    memcpy(strstr(text, "steps = 300"), "steps = 301", strlen("steps = 301"));
    assert_int_equal(form_take_text(&form, text, strlen(text), "as edited"), 0);
    assert_int_equal(form_changes(&form), 1);
    assert_string_equal(value_of(&form, "training.steps")->text, "301");
    free(text);
    form_release(&form);
}

/* A run's recipe, with what was changed when it went on. */
static void a_run_is_copied_with_its_settings(void **state)
{
    struct launch_form form = { .is_filled = false };
    struct store store;
    (void)state;
    run_program("run", "-f", "-s", "training.steps=20", "tiny.ini");
    run_program("resume", "-s", "training.steps=40", "1");
    run_program("wait", "1");
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    assert_int_equal(form_copy_run(&form, &store, 1), 0);
    assert_string_equal(form.title, "run 1");
    assert_int_equal(form.parent, 1);
    assert_string_equal(value_of(&form, "training.steps")->base, "40");
    assert_int_equal(form_copy_run(&form, &store, 2), ERR_NOT_FOUND);
    store_release(&store);
    form_release(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(a_recipe_fills_the_form),
        IN_PROGRAM_SCRATCH(wrong_values_are_said_beside_them),
        IN_PROGRAM_SCRATCH(values_are_checked_together),
        IN_PROGRAM_SCRATCH(a_refusal_finds_its_value),
        IN_PROGRAM_SCRATCH(the_usual_weight_follows_the_penalty),
        IN_PROGRAM_SCRATCH(edited_text_is_taken_whole_or_not),
        IN_PROGRAM_SCRATCH(a_run_is_copied_with_its_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
