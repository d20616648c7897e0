/* Event files become runs, and runs event files. */
#define _GNU_SOURCE
#include "exchange/tensorboard.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "../../src/exchange/crc32c.h"
#include "base/json.h"
#include "event_files.h"
#include "run/journal.h"
#include "run/rundir.h"
#include "run/sheet.h"

static struct arena arena;
static struct store store;
static struct taken_run *runs;
static int count;

static const struct take_wish plain = { .now = 1796000000 };

static int enter(void **state)
{
    int code = scratch_enter(state);
    unsetenv("GANDER_DIR");
    return code || store_open(&store, ".gander", STORE_MAKE);
}

static int leave(void **state)
{
    store_release(&store);
    arena_release(&arena);
    return scratch_leave(state);
}

static void take_with(const char *path, const struct take_wish *wish)
{
    assert_int_equal(tensorboard_import(&arena, &store, path, wish, &runs, &count), 0);
}

static void take(const char *path)
{
    take_with(path, &plain);
}

static const char *read_text(const char *path)
{
    char *text;
    size_t size;
    assert_int_equal(file_read(path, 1 << 20, &text, &size), 0);
    const char *copy = arena_strdup(&arena, text);
    free(text);
    return copy;
}

static const char *events_of(int64_t run)
{
    return read_text(arena_printf(&arena, ".gander/runs/%lld/events.jsonl", (long long)run));
}

/* A file of tests/exchange/files as one of a directory "logs". */
static void copy_fixture(const char *name)
{
    char *data;
    size_t size;
    const char *from = arena_printf(&arena, "%s/tests/exchange/files/%s", scratch_home, name);
    assert_int_equal(file_read(from, 1 << 20, &data, &size), 0);
    assert_int_equal(make_directories("logs"), 0);
    assert_int_equal(file_replace(arena_printf(&arena, "logs/events.out.%s", name), data, size), 0);
    free(data);
}

#define FILE_A "logs/events.out.tfevents.1.a"
#define FILE_B "logs/events.out.tfevents.2.b"

static void logs(void)
{
    assert_int_equal(make_directories("logs"), 0);
}

/* --- what is read --- */

static void checksum_is_that_of_the_standard(void **state)
{
    (void)state;
    uint8_t zeros[32] = { 0 };
    assert_int_equal(crc32c("123456789", 9), 0xe3069283);
    assert_int_equal(crc32c(zeros, sizeof zeros), 0x8a9136aa); /* RFC 3720, B.4 */
}

static void file_of_pytorch_becomes_a_run(void **state)
{
    (void)state;
    copy_fixture("torch.tfevents");
    take("logs/");
    assert_int_equal(count, 1);
    assert_int_equal(runs[0].number, 1);
    assert_int_equal(runs[0].counts.scalars, 11);
    assert_int_equal(runs[0].counts.images, 1);
    assert_int_equal(runs[0].counts.others, 1);
    const char *events = events_of(1);
    assert_non_null(strstr(events, "\"step\":0,\"metrics\":{\"loss/D\":1.3860000371932983,"
                                   "\"loss/G\":0.6930000185966492}}"));
    assert_non_null(strstr(events, "\"step\":3,\"sample\":\"samples/fake-00000003.png\","
                                   "\"tag\":\"fake\"}"));
    assert_non_null(
        strstr(events, "\"step\":4,\"metrics\":{\"loss/D\":\"NaN\",\"new\":0.25,\"double\":0.1}}"));
    struct image image;
    assert_int_equal(image_read_png(&image, ".gander/runs/1/samples/fake-00000003.png", 8), 0);
    assert_int_equal(image.pixels[63], 189);
    image_release(&image);
}

static void tensors_of_tensorflow_2_are_numbers_and_sheets(void **state)
{
    (void)state;
    copy_fixture("tf2.tfevents");
    take("logs");
    assert_int_equal(runs[0].counts.scalars, 8);
    assert_int_equal(runs[0].counts.images, 4);
    assert_int_equal(runs[0].counts.others, 2);
    const char *events = events_of(1);
    assert_non_null(
        strstr(events, "{\"t\":1732370001.25,\"step\":1,\"metrics\":{\"epoch_loss\":0.25}}"));
    assert_non_null(strstr(events, "{\"double\":0.1,\"half\":0.5,\"int\":7.0,\"bool\":1.0,"
                                   "\"content\":0.75}}"));
    struct image image;
    int height, width;
    assert_int_equal(image_read_png(&image, ".gander/runs/1/samples/generated-00000002.png", 64),
                     0);
    uint8_t *images = sheet_cut(&image, 4, &height, &width);
    assert_non_null(images);
    assert_int_equal(width, 6);
    assert_int_equal(height, 4);
    assert_int_equal(images[3 * 24], 120);
    free(images);
    image_release(&image);
}

static void run_has_the_facts_of_where_it_came_from(void **state)
{
    (void)state;
    struct run_facts facts;
    struct worker_story story = { .size = 0 };
    logs();
    put_scalar(FILE_A, 1000.5, 3, "loss", 1);
    put_scalar(FILE_A, 1010, 9, "loss", 2);
    take("logs");
    assert_int_equal(run_read_facts(&arena, &facts, &store, 1), 0);
    assert_string_equal(facts.experiment, "logs");
    assert_string_equal(facts.origin.format, "tensorboard");
    assert_string_equal(facts.origin.path, path_absolute(&arena, "logs"));
    assert_float_equal(facts.created, 1000.5, 0);
    assert_int_equal(worker_read(&arena, &story, ".gander/runs/1", NULL, NULL), 0);
    assert_int_equal(story.state, RUN_FINISHED);
    assert_int_equal(story.end.step, 9);
    assert_float_equal(story.time, 1010, 0);
    assert_int_equal(run_check_repeatable(&facts), ERR_INVALID);
    assert_false(lock_is_held(".gander/runs/1/lock"));
}

/* --- directories --- */

static void directories_are_runs_as_tensorboard_shows_them(void **state)
{
    (void)state;
    struct run_facts facts;
    assert_int_equal(make_directories("logs/one/loss_val"), 0);
    assert_int_equal(make_directories("logs/keras/train"), 0);
    assert_int_equal(make_directories("logs/keras/validation"), 0);
    put_scalar("logs/one/tfevents.1", 10, 1, "loss", 1);
    put_scalar("logs/one/loss_val/tfevents.1", 10.5, 1, "loss", 2);
    put_scalar("logs/keras/train/tfevents.1", 10, 1, "epoch_loss", 3);
    put_scalar("logs/keras/validation/tfevents.1", 11, 1, "epoch_loss", 4);
    take("logs");
    assert_int_equal(count, 2);
    assert_string_equal(events_of(1),
                        "{\"t\":10.0,\"step\":1,\"metrics\":{\"train/epoch_loss\":3.0,"
                        "\"validation/epoch_loss\":4.0}}\n");
    assert_string_equal(events_of(2), "{\"t\":10.0,\"step\":1,\"metrics\":{\"loss\":1.0,"
                                      "\"loss_val/loss\":2.0}}\n");
    assert_int_equal(run_read_facts(&arena, &facts, &store, 2), 0);
    assert_string_equal(facts.experiment, "logs");
    assert_string_equal(facts.name, "one");
}

static void directories_joined_keep_their_metrics_apart(void **state)
{
    (void)state;
    const struct take_wish wish = { .is_joined = true, .now = 1 };
    assert_int_equal(make_directories("logs/fake"), 0);
    assert_int_equal(make_directories("logs/real"), 0);
    put_scalar("logs/fake/tfevents.1", 10, 1, "loss", 1);
    put_scalar("logs/real/tfevents.1", 10.25, 1, "loss", 2);
    put_scalar("logs/real/tfevents.1", 10.5, 1, "score", 3);
    take_with("logs", &wish);
    assert_int_equal(count, 1);
    assert_string_equal(events_of(1), "{\"t\":10.0,\"step\":1,\"metrics\":{\"loss\":1.0,"
                                      "\"real/loss\":2.0,\"score\":3.0}}\n");
}

static void links_that_lead_in_circles_are_not_followed(void **state)
{
    (void)state;
    logs();
    put_scalar(FILE_A, 10, 1, "loss", 1);
    assert_int_equal(symlink("../logs", "logs/again"), 0);
    take("logs");
    assert_int_equal(count, 1);
    assert_int_equal(runs[0].counts.files, 1);
}

static void what_is_here_already_is_taken_again_only_if_wished(void **state)
{
    (void)state;
    struct take_wish again = plain;
    logs();
    put_scalar(FILE_A, 10, 1, "loss", 1);
    take("logs");
    take("./logs/");
    assert_int_equal(runs[0].number, 0);
    assert_int_equal(runs[0].already, 1);
    assert_string_equal(runs[0].why, "it is here already as run 1; take it again with --again");
    again.again = true;
    take_with("logs", &again);
    assert_int_equal(runs[0].number, 2);
}

/* --- steps that go back --- */

static void restart_makes_void_what_was_written_before_it(void **state)
{
    (void)state;
    logs();
    for (int step = 0; step < 5; step++)
        put_scalar(FILE_A, 10 + step, step, "loss", step);
    put_restart(FILE_A, 3);
    for (int step = 3; step < 5; step++)
        put_scalar(FILE_A, 20 + step, step, "loss", 10 * step);
    take("logs");
    assert_int_equal(runs[0].counts.superseded, 2);
    assert_null(strstr(events_of(1), "\"loss\":3.0"));
    assert_non_null(strstr(events_of(1), "\"step\":3,\"metrics\":{\"loss\":30.0}"));
    assert_non_null(strstr(events_of(1), "\"step\":2,\"metrics\":{\"loss\":2.0}"));
}

static void later_file_of_a_directory_counts_for_its_own_tags(void **state)
{
    (void)state;
    logs();
    for (int step = 0; step < 4; step++) {
        put_scalar(FILE_A, 10 + step, step, "loss", step);
        put_scalar(FILE_A, 10 + step, step, "other", step);
    }
    put_scalar(FILE_B, 30, 2, "loss", 20);
    put_scalar(FILE_B, 31, 3, "loss", 30);
    take("logs");
    assert_int_equal(runs[0].counts.superseded, 2);
    assert_string_equal(events_of(1),
                        "{\"t\":10.0,\"step\":0,\"metrics\":{\"loss\":0.0,\"other\":0.0}}\n"
                        "{\"t\":11.0,\"step\":1,\"metrics\":{\"loss\":1.0,\"other\":1.0}}\n"
                        "{\"t\":12.0,\"step\":2,\"metrics\":{\"other\":2.0}}\n"
                        "{\"t\":13.0,\"step\":3,\"metrics\":{\"other\":3.0}}\n"
                        "{\"t\":30.0,\"step\":2,\"metrics\":{\"loss\":20.0}}\n"
                        "{\"t\":31.0,\"step\":3,\"metrics\":{\"loss\":30.0}}\n");
}

static void epochs_and_steps_of_one_file_are_all_kept(void **state)
{
    (void)state;
    logs();
    put_scalar(FILE_A, 10, 900, "loss", 1);
    put_scalar(FILE_A, 11, 1, "epoch", 2);
    put_scalar(FILE_A, 12, 1000, "loss", 3);
    take("logs");
    assert_int_equal(runs[0].counts.scalars, 3);
    assert_int_equal(runs[0].step, 1000);
}

/* --- what is damaged --- */

static void flip(const char *path, off_t place)
{
    uint8_t byte;
    int file = open(path, O_RDWR);
    assert_int_equal(pread(file, &byte, 1, place), 1);
    byte ^= 0x40;
    assert_int_equal(pwrite(file, &byte, 1, place), 1);
    close(file);
}

static int64_t record_of(const char *path)
{
    int64_t size = file_size(path);
    put_scalar(path, 11, 2, "loss", 2);
    return size;
}

static void record_with_a_wrong_checksum_is_passed_over(void **state)
{
    (void)state;
    logs();
    put_scalar(FILE_A, 10, 1, "loss", 1);
    int64_t second = record_of(FILE_A);
    put_scalar(FILE_A, 12, 3, "loss", 3);
    flip(FILE_A, second + RECORD_HEAD + 3);
    take("logs");
    assert_int_equal(runs[0].counts.bad, 1);
    assert_int_equal(runs[0].counts.scalars, 2);
    assert_string_equal(tensorboard_words(&arena, &runs[0].counts)[1],
                        "1 damaged record passed over");
}

static void length_with_a_wrong_checksum_ends_the_file(void **state)
{
    (void)state;
    logs();
    put_scalar(FILE_A, 10, 1, "loss", 1);
    int64_t second = record_of(FILE_A);
    put_scalar(FILE_A, 12, 3, "loss", 3);
    flip(FILE_A, second + 5);
    take("logs");
    assert_int_equal(runs[0].counts.damaged, 1);
    assert_int_equal(runs[0].counts.torn, 0);
    assert_int_equal(runs[0].counts.scalars, 1);
}

static void torn_last_record_is_not_there_yet(void **state)
{
    (void)state;
    logs();
    put_scalar(FILE_A, 10, 1, "loss", 1);
    int64_t whole = record_of(FILE_A), size = file_size(FILE_A);
    for (int64_t cut = whole + 1; cut < size; cut++) {
        struct record_reader reader;
        assert_int_equal(truncate(FILE_A, cut), 0);
        assert_int_equal(records_open(&reader, FILE_A, 0), 0);
        assert_int_equal(records_next(&reader), 1);
        assert_int_equal(records_next(&reader), 0);
        assert_int_equal(reader.place, whole);
        assert_false(reader.is_damaged);
        records_close(&reader);
        assert_int_equal(truncate(FILE_A, whole), 0);
        record_of(FILE_A);
    }
    assert_int_equal(truncate(FILE_A, size - 1), 0);
    take("logs");
    assert_int_equal(runs[0].counts.torn, 1);
    assert_int_equal(runs[0].counts.scalars, 1);
}

/* Of what a length claims nothing is taken before it is there. */
static void length_of_a_terabyte_takes_no_memory(void **state)
{
    (void)state;
    logs();
    uint8_t head[RECORD_HEAD], tail[RECORD_TAIL];
    put_scalar(FILE_A, 10, 1, "loss", 1);
    record_frame("", 0, head, tail);
    uint8_t length[8] = { 0, 0, 0, 0, 0, 1, 0, 0 };
    uint32_t sum = crc32c_masked(length, sizeof length);
    memcpy(head, length, sizeof length);
    memcpy(head + 8, &sum, sizeof sum);
    FILE *file = fopen(FILE_A, "ab");
    fwrite(head, sizeof head, 1, file);
    fwrite("abcdefgh", 8, 1, file);
    fclose(file);
    take("logs");
    assert_int_equal(runs[0].counts.torn, 1);
    assert_int_equal(runs[0].counts.scalars, 1);
}

/* A record of many empty values asks for a hundred bytes for each two of its own. */
static void record_that_would_swell_is_passed_over(void **state)
{
    (void)state;
    enum { VALUES = 1 << 20 };
    logs();
    uint8_t *event = xcalloc(1, 2 * VALUES + 5);
    event[0] = 0x2a; /* Event.summary, 2 * VALUES bytes */
    event[1] = 0x80, event[2] = 0x80, event[3] = 0x80, event[4] = 0x01;
    for (int i = 0; i < VALUES; i++)
        event[5 + 2 * i] = 0x0a; /* Summary.value, 0 bytes */
    put_record(FILE_A, event, 2 * VALUES + 5);
    free(event);
    put_scalar(FILE_A, 10, 1, "loss", 1);
    take("logs");
    assert_int_equal(runs[0].counts.bad, 1);
    assert_int_equal(runs[0].counts.scalars, 1);
}

static void image_that_is_none_is_counted_and_named(void **state)
{
    (void)state;
    logs();
    put_bytes_image(FILE_A, 1, "jpeg", (const uint8_t *)"\xff\xd8\xff\xe0 and so on", 14);
    put_image(FILE_A, 2, "fake", 99);
    take("logs");
    assert_int_equal(runs[0].counts.unreadable, 1);
    assert_int_equal(runs[0].counts.images, 1);
    assert_non_null(strstr(runs[0].counts.why, "jpeg"));
    assert_true(file_exists(".gander/runs/1/samples/fake-00000002.png"));
}

static void nothing_to_take_leaves_nothing_behind(void **state)
{
    (void)state;
    logs();
    assert_int_equal(tensorboard_import(&arena, &store, "logs", &plain, &runs, &count),
                     ERR_NOT_FOUND);
    put_record(FILE_A,
               "\x1a\x0d"
               "brain.Event:2",
               15);
    take("logs");
    assert_int_equal(runs[0].number, 0);
    assert_string_equal(runs[0].why, "there are no scalars and no images in it");
    assert_false(directory_exists(".gander/runs/1"));
    assert_false(directory_exists(".gander/runs/.new-1"));
}

/* Tags come from anywhere. */
static void names_of_tags_and_files_are_harmless(void **state)
{
    (void)state;
    logs();
    put_image(FILE_A, 1, "../../../etc/x", 1);
    put_image(FILE_A, 1, "a/b", 2);
    put_image(FILE_A, 1, "a-b", 3);
    put_scalar(FILE_A, 10, -5, "use.cpu\033[2J", 1);
    take("logs");
    assert_int_equal(runs[0].counts.images, 3);
    const char *events = events_of(1);
    assert_non_null(strstr(events, "samples/---------etc-x-00000001.png"));
    assert_non_null(strstr(events, "samples/a-b-00000001.png"));
    assert_non_null(strstr(events, "samples/a-b-2-00000001.png"));
    assert_non_null(strstr(events, "\"step\":0,\"metrics\":{\"use/cpu?[2J\":1.0}"));
}

/* --- and back --- */

static void assert_same(const char *a, const char *b)
{
    char *left, *right;
    size_t left_size, right_size;
    assert_int_equal(file_read(a, 1 << 20, &left, &left_size), 0);
    assert_int_equal(file_read(b, 1 << 20, &right, &right_size), 0);
    assert_int_equal(left_size, right_size);
    assert_memory_equal(left, right, left_size);
    free(left);
    free(right);
}

static void what_is_exported_comes_back_the_same(void **state)
{
    (void)state;
    struct tensorboard_counts counts;
    char *path;
    const struct tensorboard_wish wish = { .directory = "out/deep", .sub = "" };
    copy_fixture("torch.tfevents");
    put_scalar("logs/events.out.torch.tfevents", 1796052398, 5, "loss/D", INFINITY);
    put_image("logs/events.out.torch.tfevents", 5, "samples", 200);
    take("logs");
    assert_int_equal(tensorboard_export(&arena, &store, 1, &wish, &counts, &path), 0);
    assert_int_equal(counts.scalars, 12);
    assert_int_equal(counts.images, 2);
    assert_true(file_exists(path));
    take("out/deep");
    assert_int_equal(runs[0].number, 2);
    assert_true(strstr(events_of(1), "\"Infinity\"") != NULL);
    const char *before = events_of(1), *after = events_of(2);
    const char *most = strstr(before, "\"double\":0.1}"); /* which single precision cannot hold */
    assert_memory_equal(before, after, (size_t)(most - before));
    assert_string_equal(strchr(most, '}'), strchr(after + (most - before), '}'));
    assert_non_null(strstr(after, "\"double\":0.10000000149011612}"));
    assert_same(".gander/runs/1/samples/fake-00000003.png",
                ".gander/runs/2/samples/fake-00000003.png");
    assert_same(".gander/runs/1/samples/00000005.png", ".gander/runs/2/samples/00000005.png");
    assert_int_equal(tensorboard_export(&arena, &store, 1, &wish, &counts, &path), ERR_EXISTS);
}

/* What a later attempt superseded is not exported, nor is what a hostile journal names. */
static void only_what_counts_is_exported(void **state)
{
    (void)state;
    static const char events[] = "{\"t\":1,\"step\":1,\"metrics\":{\"a\":1}}\n"
                                 "{\"t\":2,\"step\":2,\"metrics\":{\"a\":2}}\n"
                                 "{\"t\":3,\"step\":2,\"metrics\":{\"a\":3}}\n"
                                 "{\"t\":4,\"step\":3,\"sample\":\"../../secret.png\"}\n"
                                 "{\"t\":5,\"step\":4,\"sample\":\"samples/gone.png\"}\n";
    static const char worker[] = "{\"t\":1,\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
                                 "{\"t\":2,\"state\":\"running\",\"from_step\":1,\"events\":70}\n";
    static const char facts[] = "{\"experiment\":\"x\",\"created\":5}";
    struct tensorboard_counts counts;
    char *path;
    const struct tensorboard_wish wish = { .directory = "out", .sub = "1" };
    assert_int_equal(make_directories(".gander/runs/1/samples"), 0);
    assert_int_equal(file_replace(".gander/runs/1/run.json", facts, strlen(facts)), 0);
    assert_int_equal(file_replace(".gander/runs/1/events.jsonl", events, strlen(events)), 0);
    assert_int_equal(file_replace(".gander/runs/1/worker.jsonl", worker, strlen(worker)), 0);
    assert_int_equal(tensorboard_export(&arena, &store, 1, &wish, &counts, &path), 0);
    assert_int_equal(counts.scalars, 2);
    assert_int_equal(counts.unreadable, 2);
    assert_string_equal(counts.why, "'../../secret.png' is gone");
    assert_true(strncmp(path, "out/1/events.out.tfevents.0000000005.", 37) == 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_is_that_of_the_standard),
        TEST(file_of_pytorch_becomes_a_run),
        TEST(tensors_of_tensorflow_2_are_numbers_and_sheets),
        TEST(run_has_the_facts_of_where_it_came_from),
        TEST(directories_are_runs_as_tensorboard_shows_them),
        TEST(directories_joined_keep_their_metrics_apart),
        TEST(links_that_lead_in_circles_are_not_followed),
        TEST(what_is_here_already_is_taken_again_only_if_wished),
        TEST(restart_makes_void_what_was_written_before_it),
        TEST(later_file_of_a_directory_counts_for_its_own_tags),
        TEST(epochs_and_steps_of_one_file_are_all_kept),
        TEST(record_with_a_wrong_checksum_is_passed_over),
        TEST(length_with_a_wrong_checksum_ends_the_file),
        TEST(torn_last_record_is_not_there_yet),
        TEST(length_of_a_terabyte_takes_no_memory),
        TEST(record_that_would_swell_is_passed_over),
        TEST(image_that_is_none_is_counted_and_named),
        TEST(nothing_to_take_leaves_nothing_behind),
        TEST(names_of_tags_and_files_are_harmless),
        TEST(what_is_exported_comes_back_the_same),
        TEST(only_what_counts_is_exported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
