/* Archives that nobody should trust, made by hand: what is taken of them, and what is left behind. */
#define _GNU_SOURCE
#include "run/archive.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "run/rundir.h"
#include "testing.h"

#define STORE_ID "0123456789abcdef0123456789abcdef"
#define RUN_JSON                                                                                   \
    "{\"number\":42,\"experiment\":\"one\",\"parent\":41,\"host\":\"there\",\"future\":[1,\"x\"]}"
#define FINISHED "{\"t\":10,\"state\":\"finished\",\"step\":3}\n"

static struct arena arena;
static struct store store;

/* --- archives --- */

struct item {
    const char *name, *data;
    char type;        /* of tar; 0 is a plain file */
    const char *link; /* what it links to */
};

/* A header of tar, as POSIX has it. */
static void put_header(FILE *file, const struct item *item, size_t size)
{
    char block[512] = "";
    unsigned sum = 0;
    snprintf(block, 100, "%s", item->name);
    snprintf(block + 100, 8, "0000644");
    snprintf(block + 108, 8, "0000000");
    snprintf(block + 116, 8, "0000000");
    snprintf(block + 124, 12, "%011o", (unsigned)size);
    snprintf(block + 136, 12, "%011o", 1000000);
    block[156] = item->type ? item->type : '0';
    snprintf(block + 157, 100, "%s", item->link ? item->link : "");
    memcpy(block + 257, "ustar\00000", 8);
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < sizeof block; i++)
        sum += (unsigned char)block[i];
    snprintf(block + 148, 8, "%06o", sum);
    fwrite(block, sizeof block, 1, file);
}

static void put_item(FILE *file, const struct item *item)
{
    static const char zeros[512];
    size_t size = item->data ? strlen(item->data) : 0;
    put_header(file, item, size);
    fwrite(item->data ? item->data : "", 1, size, file);
    fwrite(zeros, 1, (512 - size % 512) % 512, file);
}

static bool is_of_run(const struct item *item)
{
    return strncmp(item->name, "runs/", 5) == 0 && !item->type;
}

static const char *index_of(const struct item *items, int count)
{
    long long bytes = 0, files = 0;
    for (int i = 0; i < count; i++)
        if (is_of_run(&items[i])) {
            bytes += (long long)strlen(items[i].data);
            files++;
        }
    return arena_printf(&arena,
                        "{\"format\":\"gander-export\",\"version\":1,\"store\":\"" STORE_ID
                        "\",\"host\":\"there\",\"exported\":100,\"runs\":[{\"number\":42,"
                        "\"experiment\":\"one\",\"state\":\"finished\",\"files\":%lld,"
                        "\"bytes\":%lld}]}",
                        files, bytes);
}

static const char *sums_of(const struct item *items, int count)
{
    const char *text = "";
    for (int i = 0; i < count; i++) {
        char hash[HASH_TEXT_SIZE];
        if (!is_of_run(&items[i]))
            continue;
        hash_of(items[i].data, strlen(items[i].data), hash);
        text = arena_printf(&arena, "%s%s  %s\n", text, hash, items[i].name);
    }
    return text;
}

/* Writes "x.tar": the items in their order. Where the data of the index or of the sums is NULL they
 * are what they should be. */
static void write_archive(const struct item *items, int count)
{
    static const char zeros[1024];
    FILE *file = fopen("x.tar", "w");
    assert_non_null(file);
    for (int i = 0; i < count; i++) {
        struct item item = items[i];
        if (!item.data && strcmp(item.name, "gander-export.json") == 0)
            item.data = index_of(items, count);
        if (!item.data && strcmp(item.name, "SHA256SUMS") == 0)
            item.data = sums_of(items, count);
        put_item(file, &item);
    }
    fwrite(zeros, sizeof zeros, 1, file);
    fclose(file);
}

#define INDEX                                                                                      \
    {                                                                                              \
        .name = "gander-export.json"                                                               \
    }
#define SUMS                                                                                       \
    {                                                                                              \
        .name = "SHA256SUMS"                                                                       \
    }
#define FACTS                                                                                      \
    {                                                                                              \
        .name = "runs/42/run.json", .data = RUN_JSON                                               \
    }
#define WORKER                                                                                     \
    {                                                                                              \
        .name = "runs/42/worker.jsonl", .data = FINISHED                                           \
    }

/* --- importing --- */

static struct imported_run *taken;
static int taken_count;
static struct import *import;

static int take_with(const struct import_wish *wish, const char *path)
{
    taken_count = 0;
    import = NULL;
    int error = import_open(&import, path);
    return error ? error : import_take(import, &store, wish, &taken, &taken_count);
}

static int take(void)
{
    return take_with(&(struct import_wish){ .now = 200 }, "x.tar");
}

static void done(void)
{
    if (import)
        import_close(import);
    import = NULL;
}

static int runs_here(void)
{
    int64_t *numbers;
    int count;
    assert_int_equal(store_runs(&store, &numbers, &count), 0);
    free(numbers);
    return count;
}

/* Nothing of an import is left but its turn. */
static void assert_clean(void)
{
    char **names;
    int count = 0;
    if (list_directory(&arena, "s/incoming", "", &names, &count) == 0 && count > 0)
        assert_string_equal(names[0], "lock");
    assert_true(count <= 1);
    assert_int_equal(list_directory(&arena, "s/runs", "", &names, &count), 0);
    for (int i = 0; i < count; i++)
        assert_true(strspn(names[i], "0123456789") == strlen(names[i]));
}

static void assert_refused(const char *sentence)
{
    int before = runs_here();
    int error = take();
    const char *why = error ? error_text() : taken_count == 1 ? taken[0].why : NULL;
    if (!why || !strstr(why, sentence))
        print_error("expected '%s', got '%s'\n", sentence, why ? why : "nothing");
    assert_non_null(why);
    assert_non_null(strstr(why, sentence));
    if (!error)
        assert_int_equal(taken[0].number, 0);
    done();
    assert_int_equal(runs_here(), before);
    assert_clean();
}

static struct json *facts_of(int64_t number)
{
    char *text;
    size_t size;
    struct json *root;
    const char *path = path_join(&arena, store_run_directory(&arena, &store, number), "run.json");
    assert_int_equal(file_read(path, 1 << 20, &text, &size), 0);
    assert_int_equal(json_parse(&root, text, size), 0);
    free(text);
    return root;
}

static int enter(void **state)
{
    return scratch_enter(state) < 0 ? -1 : store_open(&store, "s", STORE_MAKE);
}

static int leave(void **state)
{
    store_release(&store);
    arena_release(&arena);
    return scratch_leave(state);
}

/* --- tests --- */

static void a_run_gets_the_next_number_and_keeps_all_else(void **state)
{
    const struct item items[] = { INDEX,
                                  FACTS,
                                  WORKER,
                                  { .name = "runs/42/samples/1.png", .data = "png" },
                                  { .name = "runs/42/checkpoints/a/b.pt", .data = "pt" },
                                  SUMS };
    int64_t number, before;
    (void)state;
    assert_int_equal(store_next_number(&store, &before), 0);
    write_archive(items, ARRAY_SIZE(items));
    assert_int_equal(take(), 0);
    assert_int_equal(taken_count, 1);
    assert_null(taken[0].why);
    assert_int_equal(taken[0].original, 42);
    assert_int_equal(taken[0].number, before + 1);
    assert_string_equal(taken[0].experiment, "one");
    assert_int_equal(taken[0].state, RUN_FINISHED);
    done();
    assert_true(file_exists("s/runs/2/samples/1.png"));
    assert_true(file_exists("s/runs/2/checkpoints/a/b.pt"));
    struct json *facts = facts_of(2);
    const struct json *origin = json_member(facts, "origin");
    assert_true(json_get_integer(json_member(facts, "number"), &number) && number == 2);
    assert_string_equal(json_get_string(json_member(facts, "host")), "there");
    assert_int_equal(json_length(json_member(facts, "future")), 2);
    assert_false(json_get_integer(json_member(facts, "parent"), &number));
    assert_true(json_get_integer(json_member(origin, "parent"), &number) && number == 41);
    assert_true(json_get_integer(json_member(origin, "number"), &number) && number == 42);
    assert_string_equal(json_get_string(json_member(origin, "store")), STORE_ID);
    json_free(facts);
    assert_clean();
}

static void hostile_entries_are_refused(void **state)
{
    static const struct {
        struct item item;
        const char *sentence;
    } cases[] = {
        { { .name = "/etc/x", .data = "x" }, "'/etc/x' is nothing that 'gander export' writes" },
        { { .name = "../x", .data = "x" }, "'../x' is nothing" },
        { { .name = "runs/42/../../x", .data = "x" }, "is nothing" },
        { { .name = "runs/42/samples/../../x", .data = "x" }, "is nothing" },
        { { .name = "runs/42/samples/.hidden", .data = "x" }, "is nothing" },
        { { .name = "runs/42/samples/\033[2J.png", .data = "x" }, "samples/?[2J.png' is nothing" },
        { { .name = "runs/42/samples//x", .data = "x" }, "is nothing" },
        { { .name = "runs/42/samples/a/b/c/d/e/f/g/h/i", .data = "x" }, "is nothing" },
        { { .name = "runs/42/lock", .data = "x" }, "is nothing" },
        { { .name = "runs/42/tree/x", .data = "x" }, "is nothing" },
        { { .name = "runs/42/samples", .data = "x" }, "is nothing" },
        { { .name = "runs/042/log.txt", .data = "x" }, "is nothing" },
        { { .name = "runs/-1/log.txt", .data = "x" }, "is nothing" },
        { { .name = "runs/12345678901/log.txt", .data = "x" }, "is nothing" },
        { { .name = "other", .data = "x" }, "'other' is nothing" },
        { { .name = "runs/43/log.txt", .data = "x" }, "a run 43 in it that it does not name" },
        { { .name = "runs/42/run.json", .data = "{}" }, "'runs/42/run.json' comes twice" },
        { { .name = "gander-export.json", .data = "{}" }, "'gander-export.json' comes twice" },
        { { .name = "runs/42/log.txt", .type = '2', .link = "/etc/passwd" }, "is no plain file" },
        { { .name = "runs/42/log.txt", .type = '1', .link = "runs/42/run.json" },
          "is no plain file" },
        { { .name = "runs/42/log.txt", .type = '1', .link = "/etc/passwd" }, "is no plain file" },
        { { .name = "runs/42/log.txt", .type = '3' }, "is no plain file" },
        { { .name = "runs/42/log.txt", .type = '6' }, "is no plain file" },
        { { .name = "runs/42/samples", .type = '2', .link = "/tmp" }, "is nothing" },
        { { .name = "../../x", .type = '5' }, "is nothing" },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct item items[] = { INDEX, FACTS, WORKER, cases[i].item, SUMS };
        print_message("# %s\n", cases[i].item.name);
        write_archive(items, ARRAY_SIZE(items));
        assert_refused(cases[i].sentence);
        assert_false(file_exists("x"));
    }
}

static void an_index_that_lies_is_refused(void **state)
{
#define HEAD "{\"format\":\"gander-export\",\"version\":1,\"store\":\"" STORE_ID "\",\"runs\":"
#define RUN(number, files, bytes)                                                                  \
    "{\"number\":" number ",\"experiment\":\"e\",\"state\":\"finished\",\"files\":" files          \
    ",\"bytes\":" bytes "}"
    static const struct {
        const char *index, *sentence;
    } cases[] = {
        { "", "'gander-export.json'" },
        { "[]", "it is not what 'gander export' writes" },
        { "{\"format\":\"gander-export\",\"version\":2}",
          "a later gander wrote it (format 2, this one reads 1)" },
        { "{\"format\":\"gander-export\",\"version\":1,\"store\":\"x\"}", "which store" },
        { HEAD "[]}", "it names no runs" },
        { HEAD "7}", "it names no runs" },
        { HEAD "[7]}", "its run 1 makes no sense" },
        { HEAD "[" RUN("0", "1", "1") "]}", "makes no sense" },
        { HEAD "[" RUN("42", "-1", "1") "]}", "makes no sense" },
        { HEAD "[" RUN("42", "600000", "1") "]}", "makes no sense" },
        { HEAD "[" RUN("42", "2", "1e300") "]}", "makes no sense" },
        { HEAD "[" RUN("42", "2", "20") "," RUN("42", "1", "1") "]}", "it names run 42 twice" },
        { HEAD "[" RUN("42", "2", "20") "]}", "there is more in it than it says" },
        { HEAD "[" RUN("42", "3", "2000") "]}", "2 of its 3 files are there" },
        { HEAD "[" RUN("42", "1", "2000") "]}", "2 of its 1 files are there" },
        { HEAD "[" RUN("42", "2", "1000000000000000") "]}", "the disk of the store has only" },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct item items[] = {
            { .name = "gander-export.json", .data = cases[i].index }, FACTS, WORKER, SUMS
        };
        print_message("# %s\n", cases[i].sentence);
        write_archive(items, ARRAY_SIZE(items));
        assert_refused(cases[i].sentence);
    }
}

static void what_is_not_as_it_was_packed_is_refused(void **state)
{
    const struct item without_sums[] = { INDEX, FACTS, WORKER };
    const struct item empty_sums[] = {
        INDEX, FACTS, WORKER, { .name = "SHA256SUMS", .data = "nonsense\n\nx  y\n" }
    };
    const struct item without_index[] = { FACTS, WORKER, SUMS };
    (void)state;
    write_archive(without_sums, ARRAY_SIZE(without_sums));
    assert_refused("'SHA256SUMS' is missing");
    write_archive(empty_sums, ARRAY_SIZE(empty_sums));
    assert_refused("is not as SHA256SUMS says");
    write_archive(without_index, ARRAY_SIZE(without_index));
    assert_refused("'gander-export.json' is missing");
}

static void a_broken_run_json_is_refused(void **state)
{
    static const char *const texts[] = { "", "{", "[]", "7", "{\"number\":1,\"number\":2}" };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(texts); i++) {
        const struct item items[] = {
            INDEX, { .name = "runs/42/run.json", .data = texts[i] }, WORKER, SUMS
        };
        write_archive(items, ARRAY_SIZE(items));
        assert_refused("its run.json");
    }
    const struct item none[] = { INDEX, WORKER, SUMS };
    write_archive(none, ARRAY_SIZE(none));
    assert_refused("it has no run.json");
}

static void bad_code_is_refused(void **state)
{
#define WITH_CODE                                                                                  \
    "{\"experiment\":\"e\",\"git\":{\"snapshot\":\"0123456789012345678901234567890123456789\"}}"
    const struct item unnamed[] = {
        INDEX, FACTS, WORKER, { .name = "runs/42/code.pack", .data = "PACK" }, SUMS
    };
    const struct item broken[] = { INDEX,
                                   { .name = "runs/42/run.json", .data = WITH_CODE },
                                   WORKER,
                                   { .name = "runs/42/code.pack", .data = "PACKnonsense" },
                                   SUMS };
    (void)state;
    write_archive(unnamed, ARRAY_SIZE(unnamed));
    assert_refused("it has code, and does not say which");
    write_archive(broken, ARRAY_SIZE(broken));
    assert_refused("is no pack of code");
    assert_int_equal(take_with(&(struct import_wish){ .without_code = true }, "x.tar"), 0);
    assert_null(taken[0].why);
    assert_non_null(taken[0].code_missing);
    char *pack = arena_printf(&arena, "s/runs/%lld/code.pack", (long long)taken[0].number);
    assert_false(file_exists(pack));
    done();
}

static void no_archive_is_refused(void **state)
{
    static const char gzip[] = "\037\213\010\000\000\000\000\000\000\003nonsense";
    (void)state;
    assert_int_equal(file_replace("x.tar", "", 0), 0);
    assert_refused("is no archive of 'gander export'");
    assert_int_equal(file_replace("x.tar", "nonsense", 8), 0);
    assert_refused("is no archive of 'gander export'");
    assert_int_equal(file_replace("x.tar", gzip, sizeof gzip - 1), 0);
    assert_refused("is no archive of 'gander export'");
    assert_int_equal(take_with(&(struct import_wish){ .now = 1 }, "none"), ERR_NOT_FOUND);
    assert_int_equal(take_with(&(struct import_wish){ .now = 1 }, "s"), ERR_INVALID);
}

/* At any length: refused, or whole. */
static void a_cut_archive_is_refused(void **state)
{
    const struct item items[] = {
        INDEX, FACTS, WORKER, { .name = "runs/42/log.txt", .data = "log\n" }, SUMS
    };
    char *text;
    size_t size;
    int whole = 0;
    (void)state;
    write_archive(items, ARRAY_SIZE(items));
    assert_int_equal(file_read("x.tar", 1 << 20, &text, &size), 0);
    for (size_t length = 0; length < size; length += 64) {
        assert_int_equal(file_replace("x.tar", text, length), 0);
        int error = take();
        whole += !error && taken[0].number > 0;
        assert_true(error || taken[0].number > 0 || taken[0].already > 0);
        if (length < size - 1024 - 512) /* the last block of the sums is there */
            assert_true(error);
        done();
        assert_clean();
    }
    assert_true(whole <= 1); /* the next ones are here already */
    free(text);
}

static void runs_stand_each_for_itself(void **state)
{
#define TWO_RUNS HEAD "[" RUN("5", "1", "18") "," RUN("6", "1", "30") "," RUN("7", "1", "1") "]}"
    const struct item items[] = {
        { .name = "gander-export.json", .data = TWO_RUNS },
        { .name = "runs/6/run.json", .data = "{\"experiment\":\"e\",\"parent\":5}" },
        { .name = "runs/7/run.json", .data = "{" },
        { .name = "runs/5/run.json", .data = "{\"experiment\":\"e\"}" },
        SUMS,
    };
    int64_t parent;
    (void)state;
    write_archive(items, ARRAY_SIZE(items));
    assert_int_equal(take(), 0);
    assert_int_equal(taken_count, 3);
    assert_int_equal(taken[0].number, 1);
    assert_int_equal(taken[1].number, 2);
    assert_int_equal(taken[2].number, 0);
    assert_non_null(taken[2].why);
    done();
    struct json *facts = facts_of(2);
    assert_true(json_get_integer(json_member(facts, "parent"), &parent));
    assert_int_equal(parent, 1);
    json_free(facts);

    /* again: the parent is known from the first time */
    assert_int_equal(take(), 0);
    assert_int_equal(taken[0].already, 1);
    assert_int_equal(taken[1].already, 2);
    assert_non_null(strstr(taken[1].why, "already as run 2"));
    done();
    assert_int_equal(take_with(&(struct import_wish){ .again = true }, "x.tar"), 0);
    assert_int_equal(taken[1].number, 4);
    assert_int_equal(taken[1].already, 2);
    done();
}

static void a_run_without_an_end_is_lost(void **state)
{
    const struct item items[] = {
        INDEX,
        FACTS,
        { .name = "runs/42/worker.jsonl",
          .data = "{\"t\":5,\"state\":\"queued\",\"host\":\"there\"}\n"
                  "{\"t\":6,\"state\":\"running\",\"from_step\":0,\"host\":\"there\"}\n"
                  "{\"t\":9,\"use\":{\"cpu\":1}}\n{\"t\":10,\"u" },
        SUMS
    };
    struct worker_story story = { .size = 0 };
    (void)state;
    write_archive(items, ARRAY_SIZE(items));
    assert_int_equal(take(), 0);
    assert_int_equal(taken[0].state, RUN_LOST);
    done();
    assert_int_equal(worker_read(&arena, &story, "s/runs/1", NULL, NULL), 0);
    assert_int_equal(story.state, RUN_LOST);
    assert_int_equal((int)story.time, 9); /* it was last heard of then */
    assert_int_equal((int)story.worked, 3);
    assert_non_null(strstr(story.end.reason, "on 'there'"));
    assert_int_equal(worker_status(&story, "s/runs/1", 300).state, RUN_LOST);
}

static void what_a_killed_import_left_goes_with_the_next(void **state)
{
    const struct item items[] = { INDEX, FACTS, WORKER, SUMS };
    int lock;
    (void)state;
    assert_int_equal(make_directories("s/incoming/dead00/42/samples"), 0);
    assert_int_equal(make_directories("s/incoming/alive0/42/samples"), 0);
    assert_int_equal(file_replace("s/incoming/dead00/lock", "", 0), 0);
    assert_int_equal(lock_take("s/incoming/alive0/lock", &lock), 0);
    write_archive(items, ARRAY_SIZE(items));
    assert_int_equal(take(), 0);
    done();
    assert_false(directory_exists("s/incoming/dead00"));
    assert_true(directory_exists("s/incoming/alive0/42"));
    close(lock);
}

/* The journals of a run that works are whole lines, whatever moment it is. */
static void a_cut_ends_with_a_whole_line(void **state)
{
    static const char events[] = "{\"step\":1,\"metrics\":{\"a\":1}}\n{\"step\":2,\"met";
    static const char worker[] = "{\"t\":6,\"state\":\"running\",\"from_step\":0}\n";
    const int64_t number = 1;
    struct archived archived;
    char *text;
    size_t size;
    int lock;
    (void)state;
    assert_int_equal(make_directories("s/runs/1/samples"), 0);
    assert_int_equal(file_replace("s/runs/1/run.json", "{\"experiment\":\"e\"}", 18), 0);
    assert_int_equal(file_replace("s/runs/1/events.jsonl", events, sizeof events - 1), 0);
    assert_int_equal(file_replace("s/runs/1/worker.jsonl", worker, sizeof worker - 1), 0);
    assert_int_equal(lock_take("s/runs/1/lock", &lock), 0);
    const struct archive_wish wish = {
        .numbers = &number, .count = 1, .without_code = true, .now = 100
    };
    assert_int_equal(archive_export(&archived, &store, &wish, "x.tar", -1), 0);
    assert_true(archived.runs[0].works);
    assert_int_equal(archived.runs[0].state, RUN_RUNNING);
    arena_release(&archived.arena);
    close(lock);
    assert_int_equal(take_with(&(struct import_wish){ .again = true }, "x.tar"), 0);
    assert_int_equal(taken[0].number, 2);
    assert_int_equal(taken[0].already, 1);
    done();
    assert_int_equal(file_read("s/runs/2/events.jsonl", 1000, &text, &size), 0);
    assert_int_equal(size, strchr(events, '\n') + 1 - events);
    free(text);
}

int main(void)
{
#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        IN_STORE(a_run_gets_the_next_number_and_keeps_all_else),
        IN_STORE(hostile_entries_are_refused),
        IN_STORE(an_index_that_lies_is_refused),
        IN_STORE(what_is_not_as_it_was_packed_is_refused),
        IN_STORE(a_broken_run_json_is_refused),
        IN_STORE(bad_code_is_refused),
        IN_STORE(no_archive_is_refused),
        IN_STORE(a_cut_archive_is_refused),
        IN_STORE(runs_stand_each_for_itself),
        IN_STORE(a_run_without_an_end_is_lost),
        IN_STORE(what_a_killed_import_left_goes_with_the_next),
        IN_STORE(a_cut_ends_with_a_whole_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
