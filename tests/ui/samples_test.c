/* The samples view, as played keys show it: where one is, what there is to see, what is wrong. */
#define _GNU_SOURCE
#include <string.h>

#include "program.h"
#include "run/sheet.h"

static const char *const run_paths[] = { ".gander/runs/1/samples/", ".gander/runs/2/samples/" };

static int enter(void **state)
{
    int error = program_enter(state);
    setenv("XDG_STATE_HOME", scratch_path, 1);
    return error;
}

static int leave(void **state)
{
    unsetenv("XDG_STATE_HOME");
    return program_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void train(void)
{
    struct program program = program_start("run", "-f", "tiny.ini");
    program_expect(&program, 0, "");
}

static void command(const char *script)
{
    struct program program = program_start("run", "-f", "--", "sh", "-c", script);
    program_expect(&program, 0, "");
}

/* Nothing is remembered of what was played before. */
static void forget(void)
{
    static int played;
    char *here = realpath(".", NULL), *place = xasprintf("%s/state-%d", here, played++);
    setenv("XDG_STATE_HOME", place, 1);
    free(place);
    free(here);
}

/* The screens that come of keys; free them. */
static char *play(const char *keys, const char *size)
{
    assert_int_equal(file_replace("keys", keys, strlen(keys)), 0);
    return program_output("dashboard", "--keys", "keys", "--print", "--size", size);
}

static void expect_next(const char *keys, const char *text)
{
    char *screen = play(keys, "80x24");
    if (!strstr(screen, text))
        print_error("no '%s' in:\n%s\n", text, screen);
    assert_non_null(strstr(screen, text));
    free(screen);
}

static void expect(const char *keys, const char *text)
{
    forget();
    expect_next(keys, text);
}

static void expect_none(const char *keys, const char *text)
{
    forget();
    char *screen = play(keys, "80x24");
    if (strstr(screen, text))
        print_error("'%s' in:\n%s\n", text, screen);
    assert_null(strstr(screen, text));
    free(screen);
}

static void write_blank(const char *path, int count, int side, int grey)
{
    size_t size = (size_t)count * (size_t)side * (size_t)side;
    uint8_t *images = xmalloc(size);
    memset(images, grey, size);
    assert_int_equal(sheet_write(path, images, count, side, side), 0);
    free(images);
}

static void every_saved_step_can_be_gone_to(void **state)
{
    (void)state;
    train();
    expect("S", "7 of 7");
    expect("S", "step 300 ");
    expect("S h", "step 250 ");
    expect("S h h l", "step 250 ");
    expect("S H", "step 0 ");
    expect("S g", "1 of 7");
    expect("S g S-Right", "7 of 7");
    expect("S g l G", "7 of 7");
    expect("S g h h", "step 0 ");
}

static void one_image_is_enlarged(void **state)
{
    (void)state;
    train();
    expect("S Enter", "image 1 of 16");
    expect("S j j j Enter", "image 3 of 16");
    expect("S j Enter j l", "image 2 of 16");
    expect("S Enter k k", "image 1 of 16");
    expect_none("S Enter Esc", "image 1 of 16");
    expect("S Enter Esc", "step 300 ");
    expect_none("S Enter Esc Esc", "Samples");
}

static void images_become_fewer_and_more(void **state)
{
    char *screens[3];
    const char *const keys[] = { "S", "S [ [", "S [ [ ] ]" };
    (void)state;
    train();
    for (int i = 0; i < 3; i++)
        screens[i] = play(keys[i], "80x24");
    assert_string_not_equal(screens[0], screens[1]);
    assert_string_equal(screens[0], screens[2]);
    for (int i = 0; i < 3; i++)
        free(screens[i]);
}

static void differences_say_from_what(void **state)
{
    (void)state;
    train();
    train();
    expect("S ~", "minus step 250");
    expect_none("S ~ ~", "minus step");
    expect("Space Space S ~", "minus run ");
    expect("Space Space S ~ ~", "minus step 250");
    expect_none("S g ~ l h", "minus step"); /* there is none before */
}

static void runs_stand_side_by_side_at_the_same_step(void **state)
{
    (void)state;
    train();
    struct program longer = program_start("run", "-f", "-s", "training.steps=120", "tiny.ini");
    program_expect(&longer, 0, "");
    expect("Space Space S", "step 300 ");
    expect("Space Space S", "step 120 ");
    expect("Space Space S h h h h", "step 100 ");
    expect("Space Space S x x", "step 120 ");
    expect("Space Space S x", "same time");
}

static void a_flip_book_skips_what_it_has_no_time_for(void **state)
{
    (void)state;
    train();
    expect("S g Space\n.wait 0.3\n", "playing 8/s  3 of 7");
    expect("S g Space\n.wait 0.3\n.print\n.wait 0.1\n", "playing 8/s  4 of 7");
    expect_none("S g Space\n.wait 5\n.print\n.wait 1\n.print\n", "playing 8/s  8");
    expect("S g Space\n.wait 0.3\n.print\nSpace\n.wait 2\n", "3 of 7");
    expect("S Space", "playing 8/s  1 of 7"); /* from its end it begins anew */
    expect("S g + + Space\n.wait 0.3\n", "playing 12/s  4 of 7");
}

static void speed_and_lock_are_remembered(void **state)
{
    (void)state;
    train();
    train();
    forget();
    free(play("Space Space S + x q Q", "80x24"));
    expect_next("g S g Space", "playing 10/s");
    expect_next("g Space Space S", "same time");
}

static void what_is_broken_or_gone_is_said(void **state)
{
    char path[PATH_MAX];
    (void)state;
    train();
    snprintf(path, sizeof path, "%s00000300.png", run_paths[0]);
    assert_int_equal(file_replace(path, "no png", 6), 0);
    expect("S", "png");
    expect("S h", "step 250 ");
    write_blank(path, 1, 5000, 9);
    expect("S", "4096");
    unlink(path);
    expect("S", "6 of 6");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect("S", "is no file");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    expect("S", "6 of 6");
    rmdir(path);
}

static void another_size_is_one_image(void **state)
{
    char path[PATH_MAX];
    (void)state;
    train();
    snprintf(path, sizeof path, "%s00000300.png", run_paths[0]);
    write_blank(path, 1, 61, 200);
    expect("S Enter", "image 1 of 1 ");
    write_blank(path, 1, 3001, 200);
    expect("S Enter", "image 1 of 1 ");
    expect("S ~", "another size");
}

static void runs_without_samples_say_so(void **state)
{
    (void)state;
    command("true");
    expect("S", "it has no samples");
    expect("S h l g G Space ~ x [ ] + Enter j k H v", "it has no samples");
    command("echo '{\"step\":5,\"sample\":\"samples/away.png\"}' >>\"$GANDER_JOURNAL\"");
    expect("S", "its samples were removed");
    command("echo '{\"step\":5,\"sample\":\"../../../tiny.ini\"}' >>\"$GANDER_JOURNAL\"");
    expect_none("S", "step 5 ");
}

/* They need no line in the journal. */
static void images_of_commands_are_shown(void **state)
{
    (void)state;
    write_blank("one.png", 1, 30, 250);
    write_blank("four.png", 4, 30, 250);
    command("cp one.png \"$GANDER_SAMPLES/a-7.png\"; cp four.png \"$GANDER_SAMPLES/b-12.png\"");
    expect("S Enter", "step 12  image 1 of 1\n");
    expect("S h", "1 of 2");
    struct program program =
        program_start("run", "-f", "--", "sh", "-c", "cp four.png \"$GANDER_SAMPLES/12.png\"", "x",
                      "--samples.count", "4");
    program_expect(&program, 0, "");
    expect("S Enter", "image 1 of 4");
}

static void many_samples_are_no_trouble(void **state)
{
    (void)state;
    write_blank("one.png", 1, 8, 250);
    command("cp one.png \"$GANDER_SAMPLES/one.png\"; i=0; while [ $i -lt 10000 ]; do"
            " echo \"{\\\"step\\\":$i,\\\"sample\\\":\\\"samples/one.png\\\"}\"; i=$((i + 1));"
            " done >>\"$GANDER_JOURNAL\"");
    expect("S", "10,000 of 10,000");
    expect("S g l l", "step 2");
    expect("S H", "9,990 of 10,000");
}

static void all_sizes_and_modes_have_room(void **state)
{
    static const char *const sizes[] = { "60x15", "80x24", "160x50", "250x70" };
    (void)state;
    train();
    train();
    for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
        free(play("S\n.print\nv\n.print\nEnter\n.print\nv\n.print\n~\n.print\n", sizes[i]));
        free(play("Space Space S\n.print\nEnter\n.print\n", sizes[i]));
    }
    setenv("LC_ALL", "C", 1);
    char *screen = play("S", "160x50");
    setenv("LC_ALL", "C.UTF-8", 1);
    char *body = strchr(screen, '\n');
    assert_non_null(strstr(body, "G loss"));
    for (const char *at = screen; *at; at++)
        assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
    free(screen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(every_saved_step_can_be_gone_to),
        IN_STORE(one_image_is_enlarged),
        IN_STORE(images_become_fewer_and_more),
        IN_STORE(differences_say_from_what),
        IN_STORE(runs_stand_side_by_side_at_the_same_step),
        IN_STORE(a_flip_book_skips_what_it_has_no_time_for),
        IN_STORE(speed_and_lock_are_remembered),
        IN_STORE(what_is_broken_or_gone_is_said),
        IN_STORE(another_size_is_one_image),
        IN_STORE(runs_without_samples_say_so),
        IN_STORE(images_of_commands_are_shown),
        IN_STORE(many_samples_are_no_trouble),
        IN_STORE(all_sizes_and_modes_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
