/* Logs of any size, read by offsets. */
#define _GNU_SOURCE
#include "../../src/ui/log_file.h"

#include <string.h>

#include "testing.h"

static atomic_bool no; /* nobody cancels */

struct rig {
    struct log_file log;
    struct arena arena;
};

static void write_log(struct rig *rig, const char *bytes, size_t size)
{
    FILE *stream = fopen("log.txt", "ab");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
    log_file_look(&rig->log);
}

static void write_text(struct rig *rig, const char *text)
{
    write_log(rig, text, strlen(text));
}

static struct rig begin(void)
{
    struct rig rig = { 0 };
    log_file_init(&rig.log, "log.txt");
    return rig;
}

static void end(struct rig *rig)
{
    log_file_release(&rig->log);
    arena_release(&rig->arena);
}

static const char *text_at(struct rig *rig, off_t at)
{
    return log_line_text(&rig->log, &rig->arena, at);
}

static void one_that_is_not_there_yet(void **state)
{
    (void)state;
    struct rig rig = begin();
    assert_false(log_file_look(&rig.log));
    assert_int_equal(log_line_after(&rig.log, 0), 0);
    assert_int_equal(log_line_before(&rig.log, 0), 0);
    assert_string_equal(text_at(&rig, 0), "");
    write_text(&rig, "one\n");
    assert_false(log_file_look(&rig.log));
    assert_int_equal(rig.log.size, 4);
    write_text(&rig, "two");
    assert_int_equal(log_line_after(&rig.log, 4), 7);
    end(&rig);
}

static void forth_and_back_are_the_same_lines(void **state)
{
    enum { LINES = 30000 };
    (void)state;
    struct rig rig = begin();
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    for (int i = 0; i < LINES; i++) /* of every length, some empty, over many chunks */
        fprintf(stream, "%.*s\n", i % 90,
                "0123456789012345678901234567890123456789012345678901234"
                "5678901234567890123456789012345678901234567890");
    fprintf(stream, "not ended");
    fclose(stream);
    write_log(&rig, text, size);
    off_t *places = calloc(LINES + 2, sizeof *places);
    int count = 0;
    for (off_t at = 0; at < rig.log.size; at = log_line_after(&rig.log, at))
        places[count++] = at;
    assert_int_equal(count, LINES + 1);
    assert_string_equal(text_at(&rig, places[count - 1]), "not ended");
    for (off_t at = rig.log.size; at > 0;) {
        at = log_line_before(&rig.log, at);
        assert_int_equal(at, places[--count]);
    }
    assert_int_equal(count, 0);
    free(places);
    free(text);
    end(&rig);
}

static void what_was_written_over_is_left_out(void **state)
{
    (void)state;
    struct rig rig = begin();
    for (int i = 0; i <= 20000; i++) {
        char bar[64];
        snprintf(bar, sizeof bar, "\r%5d/20000 \033[32m####\033[0m", i);
        write_text(&rig, i % 1000 == 0 || i > 19990 ? bar : "\r(a bar)");
    }
    write_text(&rig, "\nnext\tline\n");
    assert_string_equal(text_at(&rig, 0), "20000/20000 ####");
    assert_string_equal(text_at(&rig, log_line_after(&rig.log, 0)), "next    line");
    end(&rig);
}

static void a_line_without_end_counts_as_several(void **state)
{
    (void)state;
    struct rig rig = begin();
    char *block = malloc(LOG_LINE_LIMIT);
    memset(block, 'x', LOG_LINE_LIMIT);
    write_log(&rig, block, LOG_LINE_LIMIT);
    write_log(&rig, block, LOG_LINE_LIMIT);
    write_text(&rig, "end\n");
    assert_int_equal(log_line_after(&rig.log, 0), LOG_LINE_LIMIT);
    off_t last = 2 * (off_t)LOG_LINE_LIMIT;
    assert_int_equal(log_line_after(&rig.log, last), rig.log.size);
    assert_string_equal(text_at(&rig, last), "end");
    assert_int_equal(strspn(text_at(&rig, 0), "x"), strlen(text_at(&rig, 0)));
    free(block);
    end(&rig);
}

static void finding(void **state)
{
    (void)state;
    struct rig rig = begin();
    off_t places[4];
    for (int i = 0; i < 4; i++) {
        places[i] = rig.log.size;
        write_text(&rig, i == 2   ? "\033[1mRed\033[0m fish\n"
                         : i == 3 ? "red\033fish\n"
                                  : "red fish\n");
        char *many = malloc(3 << 20);
        memset(many, '\n', 3 << 20);
        write_log(&rig, many, 3 << 20);
        free(many);
    }
    off_t size = rig.log.size;
    assert_int_equal(log_find_first(&rig.log, "RED FISH", 0, size, &no), places[0]);
    assert_int_equal(log_find_first(&rig.log, "red fish", places[0] + 9, size, &no), places[1]);
    assert_int_equal(log_find_first(&rig.log, "red fish", places[1] + 9, size, &no), places[2]);
    assert_int_equal(log_find_first(&rig.log, "red fish", places[2] + 9, size, &no), -1);
    assert_int_equal(log_find_last(&rig.log, "red fish", 0, size, &no), places[2]);
    assert_int_equal(log_find_last(&rig.log, "red fish", 0, places[2], &no), places[1]);
    assert_int_equal(log_find_last(&rig.log, "red fish", 0, places[1], &no), places[0]);
    assert_int_equal(log_find_last(&rig.log, "red fish", 0, places[0], &no), -1);
    atomic_bool yes = true;
    assert_int_equal(log_find_first(&rig.log, "red fish", 0, size, &yes), -2);
    assert_int_equal(log_find_last(&rig.log, "red fish", 0, size, &yes), -2);
    end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_is_not_there_yet, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(forth_and_back_are_the_same_lines, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test_setup_teardown(what_was_written_over_is_left_out, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test_setup_teardown(a_line_without_end_counts_as_several, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test_setup_teardown(finding, scratch_enter, scratch_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
