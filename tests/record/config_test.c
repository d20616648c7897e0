#define _GNU_SOURCE
#include "testing.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "record/config.h"

static void write_file(const char *path, const char *text)
{
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

/* Of one file, a.ini. */
static int read_text(struct config *config, const char *text)
{
    const char *path = "a.ini";
    write_file(path, text);
    return config_read(config, &path, 1);
}

static void assert_refused(const char *text, const char *sentence)
{
    struct config config;
    assert_int_equal(read_text(&config, text), ERR_INVALID);
    assert_string_equal(error_text(), sentence);
    assert_null(config.arena.chunks);
}

/* --- the table --- */

static void every_key_is_complete_and_its_default_is_legal(void **state)
{
    (void)state;
    int count;
    const struct config_key *keys = config_keys(&count);
    struct config config = { 0 };
    for (int i = 0; i < count; i++) {
        const struct config_key *key = &keys[i];
        assert_non_null(key->key);
        assert_true(strlen(key->help) > 10 && key->help[strlen(key->help) - 1] != '.');
        assert_true((key->choices != NULL) == (key->type == CONFIG_CHOICE));
        assert_true((key->unit != NULL) == (key->type == CONFIG_INTEGER));
        assert_true(key->maximum > key->minimum || key->type == CONFIG_CHOICE ||
                    key->type == CONFIG_BOOL);
        assert_int_equal(config_set(&config, key, key->fallback, "default"), 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(keys[j].key, key->key);
    }
    config_release(&config);
}

static void keys_without_section_come_first_and_sections_are_whole(void **state)
{
    (void)state;
    int count, changes = 0;
    const struct config_key *keys = config_keys(&count);
    for (int i = 1; i < count; i++) {
        const char *dot = strchr(keys[i].key, '.');
        assert_true(dot || !strchr(keys[i - 1].key, '.'));
        changes +=
            dot && strncmp(keys[i].key, keys[i - 1].key, (size_t)(dot - keys[i].key + 1)) != 0;
    }
    assert_int_equal(changes, 8);
}

/* --- what files may say --- */

static void without_files_all_is_default(void **state)
{
    (void)state;
    const char *paths[] = { NULL, "missing.ini", "no/such/directory/config.ini" };
    struct config config;
    assert_int_equal(config_read(&config, paths, ARRAY_SIZE(paths)), 0);
    assert_int_equal(config.slots, 0);
    assert_string_equal(config.on_end, "");
    assert_string_equal(config.on_health, "");
    assert_int_equal(config.catalogue, CATALOGUE_AUTO);
    assert_int_equal(config.code.link.count, 0);
    assert_int_equal(config.metrics.smaller.count, 0);
    assert_null(config_where(&config, "slots"));
    config_release(&config);
    assert_int_equal(config_read(&config, NULL, 0), 0);
    config_release(&config);
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(read_text(&config, "slots = 3\non_end = notify-send 'done'\n"
                                        "catalogue = cache\n[code]\nlink = data , models/*.pt\n"
                                        "[metrics]\nsmaller = cost\nlarger=a b,c\n"),
                     0);
    assert_int_equal(config.slots, 3);
    assert_string_equal(config.on_end, "notify-send 'done'");
    assert_int_equal(config.catalogue, CATALOGUE_CACHE);
    assert_int_equal(config.code.link.count, 2);
    assert_string_equal(config.code.link.items[0], "data");
    assert_string_equal(config.code.link.items[1], "models/*.pt");
    assert_true(config_list_holds(&config.metrics.smaller, "cost"));
    assert_true(config_list_holds(&config.metrics.larger, "a b"));
    assert_false(config_list_holds(&config.metrics.larger, "a"));
    assert_string_equal(config_where(&config, "on_end"), "config 'a.ini' line 2");
    assert_string_equal(config_where(&config, "code.link"), "config 'a.ini' line 5");
    assert_null(config_where(&config, "on_health"));
    assert_null(config_where(&config, "nonsense"));
    config_release(&config);
}

/* No key is a bool yet: this is a row such as one would have. */
static void a_bool_is_yes_or_no(void **state)
{
    (void)state;
    static const struct config_key key = { .key = "sound",
                                           .type = CONFIG_BOOL,
                                           .offset = offsetof(struct config, slots) };
    struct config config = { 0 };
    bool truth;
    assert_int_equal(config_set(&config, &key, "yes", "here"), 0);
    memcpy(&truth, &config.slots, sizeof truth);
    assert_true(truth);
    assert_int_equal(config_set(&config, &key, "no", "here"), 0);
    memcpy(&truth, &config.slots, sizeof truth);
    assert_false(truth);
    assert_int_equal(config_set(&config, &key, "on", "here"), ERR_INVALID);
    assert_string_equal(error_text(), "here: 'sound' must be yes or no, not 'on'");
    config_release(&config);
}

static void the_later_file_wins_key_by_key(void **state)
{
    (void)state;
    const char *paths[] = { "user.ini", "store.ini" };
    write_file("user.ini", "slots = 1\non_end = mail\n[metrics]\nsmaller = a, b\n");
    write_file("store.ini", "on_end =\n[metrics]\nsmaller = c\n");
    struct config config;
    assert_int_equal(config_read(&config, paths, 2), 0);
    assert_int_equal(config.slots, 1);
    assert_string_equal(config.on_end, "");
    assert_int_equal(config.metrics.smaller.count, 1);
    assert_string_equal(config.metrics.smaller.items[0], "c");
    assert_string_equal(config_where(&config, "slots"), "config 'user.ini' line 1");
    assert_string_equal(config_where(&config, "on_end"), "config 'store.ini' line 1");
    assert_string_equal(config_where(&config, "metrics.smaller"), "config 'store.ini' line 3");
    config_release(&config);
}

static void what_is_overruled_is_not_looked_at(void **state)
{
    (void)state;
    const char *paths[] = { "user.ini", "store.ini" };
    write_file("user.ini", "slots = many\n");
    write_file("store.ini", "slots = 2\n");
    struct config config;
    assert_int_equal(config_read(&config, paths, 2), 0);
    assert_int_equal(config.slots, 2);
    config_release(&config);
}

static void quotes_keep_a_command_whole(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(read_text(&config, "on_end = \"a ; b # \\\"c\\\"\" ; why\n"
                                        "on_health = \"a b\" c ; d\n"
                                        "[code]\nlink = \"a #1, b\"\n"),
                     0);
    assert_string_equal(config.on_end, "a ; b # \"c\"");
    assert_string_equal(config.on_health, "\"a b\" c");
    assert_string_equal(config.code.link.items[0], "a #1");
    assert_string_equal(config.code.link.items[1], "b");
    config_release(&config);
}

/* --- what they may not --- */

static void typos_are_named_with_what_was_meant(void **state)
{
    (void)state;
    assert_refused("\n# why\non_edn = true\n",
                   "config 'a.ini' line 3: unknown key 'on_edn' (did you mean 'on_end'?)");
    assert_refused("[metrcs]\n",
                   "config 'a.ini' line 1: unknown section '[metrcs]' (did you mean '[metrics]'?)");
    assert_refused("[metrics]\nsmall = a\n",
                   "config 'a.ini' line 2: unknown key 'small' (did you mean 'smaller'?)");
    assert_refused("catalogue = stoer\n",
                   "config 'a.ini' line 1: 'catalogue' must be one of auto, store, cache, not "
                   "'stoer' (did you mean 'store'?)");
}

static void a_key_in_the_wrong_place_is_sent_to_its_own(void **state)
{
    (void)state;
    assert_refused("[code]\nslots = 1\n",
                   "config 'a.ini' line 2: unknown key 'slots' in '[code]' (it belongs before all "
                   "sections)");
    assert_refused("larger = a\n",
                   "config 'a.ini' line 1: unknown key 'larger' here (write 'larger' below "
                   "'[metrics]')");
    assert_refused("code.link = a\n",
                   "config 'a.ini' line 1: unknown key 'code.link' here (write 'link' below "
                   "'[code]')");
}

static void nonsense_is_told_what_there_is(void **state)
{
    (void)state;
    assert_refused(
        "[zzzzzzzz]\n",
        "config 'a.ini' line 1: unknown section '[zzzzzzzz]' (there are '[slurm]', "
        "'[slurm-options]', '[code]', '[metrics]', '[health]', '[signals]', '[dashboard]', "
        "'[keys]')");
    assert_refused("qqqqqqqq = 1\n",
                   "config 'a.ini' line 1: unknown key 'qqqqqqqq' (see 'man gander-config')");
    assert_refused("slots\n", "config 'a.ini' line 1: 'slots' is neither '[section]' nor 'key = "
                              "value'");
}

static void values_out_of_range_say_the_range(void **state)
{
    (void)state;
    static const char *const bad[] = { "1025", "-1", "two", "1.5", "", "99999999999999999999" };
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        char text[64], sentence[128];
        snprintf(text, sizeof text, "slots = %s\n", bad[i]);
        snprintf(sentence, sizeof sentence,
                 "config 'a.ini' line 1: 'slots' must be a whole number from 0 to 1024, not '%s'",
                 bad[i]);
        assert_refused(text, sentence);
    }
    static char text[CONFIG_SIZE_LIMIT];
    memset(text, 'x', 5000);
    memcpy(text, "on_end = ", strlen("on_end = "));
    assert_refused(text, "config 'a.ini' line 1: 'on_end' may have 4096 bytes, not 4991");
}

static void a_key_stands_in_a_file_once(void **state)
{
    (void)state;
    assert_refused("slots = 1\n\nslots = 2\n",
                   "config 'a.ini' line 3: 'slots' was given in line 1 already (keep one of them)");
}

static void free_names_are_kept_and_the_later_file_wins(void **state)
{
    (void)state;
    static const char *const paths[] = { "a.ini", "b.ini" };
    struct config config;
    write_file("a.ini", "[keys]\nstop = ^S, F5\nhelp = \"#\"\n");
    write_file("b.ini", "[keys]\nstop = none\n");
    assert_int_equal(config_read(&config, paths, 2), 0);
    assert_int_equal(config.keys.any.count, 2);
    assert_string_equal(config.keys.any.items[0].name, "stop");
    assert_string_equal(config.keys.any.items[0].text, "none");
    assert_string_equal(config.keys.any.items[0].where, "config 'b.ini' line 2");
    assert_string_equal(config.keys.any.items[1].text, "#");
    config_release(&config);
    assert_refused("[keys]\nstop = s\nstop = t\n",
                   "config 'a.ini' line 3: 'keys.stop' was given in line 2 already (keep one of "
                   "them)");
}

static void lists_have_no_holes(void **state)
{
    (void)state;
    static const char *const bad[] = { ",", "a,", ",a", "a,,b", "a, ,b" };
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        char text[64];
        snprintf(text, sizeof text, "[code]\nlink = %s\n", bad[i]);
        assert_refused(text,
                       "config 'a.ini' line 2: 'code.link' has nothing between two commas, or "
                       "at an end");
    }
}

static void a_metric_has_one_direction(void **state)
{
    (void)state;
    assert_refused("[metrics]\nsmaller = a, b\nlarger = c, b\n",
                   "config 'a.ini' line 3: 'b' is in 'metrics.larger', and in 'metrics.smaller' "
                   "(config 'a.ini' line 2)");
}

static void settings_may_be_no_text(void **state)
{
    (void)state;
    struct config config;
    struct config_key key = {
        .key = "note", .type = CONFIG_TEXT, .offset = offsetof(struct config, on_end), .maximum = 9
    };
    config = (struct config){ 0 };
    assert_int_equal(config_set(&config, &key, "a\x1b[2J", "here"), ERR_INVALID);
    assert_string_equal(error_text(),
                        "here: 'note' holds a control character, or bytes that are not UTF-8");
    config_release(&config);
    assert_refused("on_end = \x1b[2J\n", "config 'a.ini' line 1: byte 10 (0x1B) is not text: a "
                                         "control character, or not UTF-8");
}

static void files_that_cannot_be_read_are_named(void **state)
{
    (void)state;
    struct config config;
    const char *path = "directory";
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(config_read(&config, &path, 1) < 0);
    assert_non_null(strstr(error_text(), "config: "));
    assert_non_null(strstr(error_text(), "directory"));
    static char text[CONFIG_SIZE_LIMIT + 2];
    memset(text, '\n', sizeof text - 1);
    assert_int_equal(read_text(&config, text), ERR_INVALID);
    assert_null(config.arena.chunks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_complete_and_its_default_is_legal),
        cmocka_unit_test(keys_without_section_come_first_and_sections_are_whole),
        IN_SCRATCH(without_files_all_is_default),
        IN_SCRATCH(every_kind_of_value_is_read),
        cmocka_unit_test(a_bool_is_yes_or_no),
        IN_SCRATCH(the_later_file_wins_key_by_key),
        IN_SCRATCH(what_is_overruled_is_not_looked_at),
        IN_SCRATCH(quotes_keep_a_command_whole),
        IN_SCRATCH(typos_are_named_with_what_was_meant),
        IN_SCRATCH(a_key_in_the_wrong_place_is_sent_to_its_own),
        IN_SCRATCH(nonsense_is_told_what_there_is),
        IN_SCRATCH(values_out_of_range_say_the_range),
        IN_SCRATCH(a_key_stands_in_a_file_once),
        IN_SCRATCH(free_names_are_kept_and_the_later_file_wins),
        IN_SCRATCH(lists_have_no_holes),
        IN_SCRATCH(a_metric_has_one_direction),
        IN_SCRATCH(settings_may_be_no_text),
        IN_SCRATCH(files_that_cannot_be_read_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
