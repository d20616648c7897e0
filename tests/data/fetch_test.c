#define _GNU_SOURCE
#include "data/fetch.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"
#include "data/dataset.h"
#include "data/http_server.h"
#include "testing.h"

enum { FILE_SIZE = 300 * 1000 };

static uint8_t content[FILE_SIZE];
static char content_hash[HASH_TEXT_SIZE];
static struct http_server server;
static char mirror_a[64], mirror_b[64];
static const char *mirrors[3];
static struct fetch_file files[] = { { "digits.gz", FILE_SIZE, content_hash } };
static struct fetch_set set = { "toy", "a toy", mirrors, files, 1 };

/* --- a server and a directory for each test --- */

static int begin(void **state)
{
    if (scratch_enter(state) != 0)
        return -1;
    struct random random;
    random_seed(&random, 1, 0);
    for (int i = 0; i < FILE_SIZE; i++)
        content[i] = (uint8_t)random_next(&random);
    hash_of(content, FILE_SIZE, content_hash);
    http_server_start(&server, content, FILE_SIZE);
    snprintf(mirror_a, sizeof mirror_a, "http://127.0.0.1:%d/a/", server.port);
    snprintf(mirror_b, sizeof mirror_b, "http://127.0.0.1:%d/b", server.port); /* no slash: fine */
    mirrors[0] = mirror_a;
    mirrors[1] = mirror_b;
    set.file_count = 1;
    return 0;
}

static int end(void **state)
{
    http_server_stop(&server);
    return scratch_leave(state);
}

static void script(char site, int count, const enum behaviour *behaviours)
{
    struct http_site *at = &server.sites[site - 'a'];
    memcpy(at->script, behaviours, (size_t)count * sizeof *behaviours);
    at->script_count = count;
}
#define SCRIPT(site, ...)                                                                          \
    script(site, ARRAY_SIZE(((enum behaviour[]){ __VA_ARGS__ })), (enum behaviour[]){ __VA_ARGS__ })

static int fetch_now(void)
{
    return fetch(&set, "here/toy", &(struct fetch_options){ .stall_seconds = 1 });
}

static int requests(char site)
{
    return server.sites[site - 'a'].requests;
}

static void assert_whole(void)
{
    char hash[HASH_TEXT_SIZE];
    assert_int_equal(hash_of_file("here/toy/digits.gz", hash), 0);
    assert_string_equal(hash, content_hash);
    assert_false(file_exists("here/toy/digits.gz.part"));
}

static void assert_failed(int code, const char *text)
{
    if (!strstr(error_text(), text))
        print_error("'%s' does not say '%s'\n", error_text(), text);
    assert_non_null(strstr(error_text(), text));
    assert_int_equal(code, ERR_IO);
    assert_false(file_exists("here/toy/digits.gz"));
}

static void put_part(const void *data, size_t size)
{
    assert_int_equal(make_directories("here/toy"), 0);
    assert_int_equal(file_replace("here/toy/digits.gz.part", data, size), 0);
}

/* --- when all is well --- */

static void fetch_puts_the_file_in_place(void **state)
{
    (void)state;
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(requests('a'), 1);
    assert_int_equal(requests('b'), 0);
}

static void fetch_asks_nobody_for_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(fetch_now(), 0);
    assert_int_equal(fetch_now(), 0);
    assert_int_equal(requests('a'), 1);
}

static void fetch_replaces_a_file_that_went_bad(void **state)
{
    (void)state;
    assert_int_equal(make_directories("here/toy"), 0);
    assert_int_equal(file_replace("here/toy/digits.gz", "junk", 4), 0);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
}

static void fetch_tries_the_caller_s_mirror_first(void **state)
{
    (void)state;
    struct fetch_options options = { .mirror = mirror_b };
    assert_int_equal(fetch(&set, "here/toy", &options), 0);
    assert_whole();
    assert_int_equal(requests('a'), 0);
    assert_int_equal(requests('b'), 1);
}

static void fetch_gets_every_file_of_a_set(void **state)
{
    (void)state;
    struct fetch_file both[] = { files[0], files[0] };
    both[1].name = "labels.gz";
    struct fetch_set pair = { "pair", "two", mirrors, both, 2 };
    assert_int_equal(fetch(&pair, "here/toy", &(struct fetch_options){ 0 }), 0);
    assert_true(file_exists("here/toy/labels.gz"));
    assert_whole();
}

/* --- when connections break --- */

static void fetch_goes_on_where_a_connection_was_cut(void **state)
{
    (void)state;
    SCRIPT('a', CUTS, CUTS);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(requests('a'), 3);
    assert_int_equal(server.sites[0].begins[0], -1);
    assert_int_equal(server.sites[0].begins[1], FILE_SIZE / 2);
    assert_int_equal(server.sites[0].begins[2], FILE_SIZE * 3 / 4);
}

static void fetch_goes_on_with_what_an_earlier_call_left(void **state)
{
    (void)state;
    put_part(content, 12345);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(server.sites[0].begins[0], 12345);
}

static void fetch_goes_on_at_another_mirror(void **state)
{
    (void)state;
    SCRIPT('a', CUTS, NOT_FOUND);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(server.sites[1].begins[0], FILE_SIZE / 2);
}

static void fetch_keeps_what_came_when_all_mirrors_fail(void **state)
{
    (void)state;
    SCRIPT('a', CUTS, FAILS);
    SCRIPT('b', NOT_FOUND);
    assert_failed(fetch_now(), "404");
    struct stat status;
    assert_int_equal(stat("here/toy/digits.gz.part", &status), 0);
    assert_int_equal(status.st_size, FILE_SIZE / 2);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
}

static void fetch_gives_up_a_transfer_that_stalls(void **state)
{
    (void)state;
    SCRIPT('a', STALLS);
    time_t begun = time(NULL);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(server.sites[0].begins[1], FILE_SIZE / 2);
    assert_true(time(NULL) - begun < 20);
}

static void fetch_finishes_a_part_that_is_whole_without_asking(void **state)
{
    (void)state;
    put_part(content, FILE_SIZE);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(requests('a') + requests('b'), 0);
}

/* --- when what came is wrong --- */

static void fetch_throws_away_what_has_another_sum(void **state)
{
    (void)state;
    SCRIPT('a', CORRUPTS);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(requests('a'), 1);
    assert_int_equal(server.sites[1].begins[0], -1);
}

static void fetch_begins_anew_when_an_old_part_was_wrong(void **state)
{
    (void)state;
    static uint8_t junk[FILE_SIZE / 3];
    put_part(junk, sizeof junk);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(requests('a'), 2);
    assert_int_equal(server.sites[0].begins[1], -1);
}

static void fetch_begins_anew_when_an_old_part_is_too_long(void **state)
{
    (void)state;
    static uint8_t junk[FILE_SIZE + 1];
    put_part(junk, sizeof junk);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(server.sites[0].begins[0], -1);
}

static void fetch_says_that_the_sum_was_wrong_everywhere(void **state)
{
    (void)state;
    SCRIPT('a', CORRUPTS);
    SCRIPT('b', CORRUPTS);
    assert_failed(fetch_now(), "SHA-256");
    assert_false(file_exists("here/toy/digits.gz.part"));
}

/* --- when servers lie --- */

/* Each behaviour, of the first mirror alone and for ever, leaves it to the second to deliver. */
static void fetch_survives(enum behaviour behaviour)
{
    enum behaviour always[SCRIPT_LIMIT];
    for (int i = 0; i < SCRIPT_LIMIT; i++)
        always[i] = behaviour;
    script('a', SCRIPT_LIMIT, always);
    put_part(content, 1000);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
}
#define SURVIVES(behaviour)                                                                        \
    static void fetch_survives_a_server_that_##behaviour(void **state)                             \
    {                                                                                              \
        (void)state;                                                                               \
        fetch_survives(behaviour);                                                                 \
    }
SURVIVES(CUTS)
SURVIVES(CUTS_AT_ONCE)
SURVIVES(CORRUPTS)
SURVIVES(REDIRECTS_FOR_EVER)
SURVIVES(NOT_FOUND)
SURVIVES(FAILS)
SURVIVES(IGNORES_RANGE)
SURVIVES(MISTAKES_RANGE)
SURVIVES(REFUSES_RANGE)
SURVIVES(PROMISES_LESS)
SURVIVES(PROMISES_MORE)
SURVIVES(SENDS_WITHOUT_END)
SURVIVES(SENDS_MORE)
SURVIVES(HEADERS_WITHOUT_END)
SURVIVES(SPEAKS_NO_HTTP)

static void fetch_follows_a_redirect(void **state)
{
    (void)state;
    SCRIPT('a', REDIRECTS);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
    assert_int_equal(requests('a'), 1);
    assert_int_equal(requests('b'), 1);
}

static void fetch_writes_no_byte_more_than_the_file_has(void **state)
{
    (void)state;
    SCRIPT('a', SENDS_WITHOUT_END);
    SCRIPT('b', NOT_FOUND);
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = FILE_SIZE; /* one byte more would kill this process */
    setrlimit(RLIMIT_FSIZE, &limit);
    int error = fetch_now();
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(error, 0); /* all that the file has was right */
    assert_whole();
}

static void fetch_does_not_open_other_addresses(void **state)
{
    (void)state;
    put_part("", 0);
    assert_int_equal(file_replace("digits.gz", content, FILE_SIZE), 0);
    char here[PATH_MAX + 8] = "file://";
    assert_non_null(getcwd(here + 7, PATH_MAX));
    mirrors[0] = here;
    mirrors[1] = NULL;
    assert_failed(fetch_now(), "file");
}

/* --- what the machine refuses --- */

static void fetch_says_that_nobody_answers(void **state)
{
    (void)state;
    int port, closed = http_bind(&port);
    char nobody[64];
    snprintf(nobody, sizeof nobody, "http://127.0.0.1:%d/", port);
    mirrors[0] = mirrors[1] = nobody;
    assert_failed(fetch_now(), "is there a network?");
    assert_false(file_exists("here/toy/digits.gz.part"));
    close(closed);
}

static void fetch_says_that_a_directory_cannot_be_made(void **state)
{
    (void)state;
    assert_int_equal(file_replace("here", "a file", 6), 0);
    assert_true(fetch_now() < 0);
    assert_non_null(strstr(error_text(), "cannot fetch 'toy': "));
    assert_non_null(strstr(error_text(), "here"));
    assert_int_equal(requests('a'), 0);
}

static void fetch_says_that_a_directory_is_not_writable(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    uid_t self = geteuid(); /* root may write everywhere, and so it is somebody else for a while */
    assert_int_equal(make_directories("here/toy"), 0);
    assert_int_equal(chmod(".", 0755) | chmod("here/toy", 0555), 0);
    assert_int_equal(self == 0 ? seteuid(NOBODY) : 0, 0);
    int error = fetch_now();
    assert_int_equal(seteuid(self), 0);
    chmod("here/toy", 0755);
    assert_failed(error, "Permission denied");
}

static void fetch_says_that_the_disk_is_full(void **state)
{
    (void)state;
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = FILE_SIZE / 2;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    int error = fetch_now();
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_failed(error, "cannot write 'here/toy/digits.gz.part': File too large");
    assert_int_equal(requests('b'), 0); /* no other mirror can mend it */
    assert_int_equal(fetch_now(), 0);
    assert_whole();
}

static void fetch_lets_one_process_write_a_part(void **state)
{
    (void)state;
    put_part(content, 1000);
    int fd;
    assert_int_equal(lock_take("here/toy/digits.gz.part", &fd), 0);
    assert_int_equal(fetch_now(), ERR_BUSY);
    close(fd);
    assert_int_equal(fetch_now(), 0);
    assert_whole();
}

/* --- progress --- */

struct seen {
    int calls, wait, done;
    int64_t last;
    const char *mirror;
};

static bool watch(void *context, const struct fetch_progress *progress)
{
    struct seen *seen = context;
    assert_true(progress->done >= 0 && progress->done <= progress->file->size);
    assert_true(!progress->is_right || progress->done == progress->file->size);
    seen->calls++;
    seen->done += progress->is_right;
    seen->last = progress->done;
    seen->mirror = progress->mirror;
    return seen->wait < 0 || seen->calls < seen->wait;
}

static void fetch_reports_progress_and_where_it_comes_from(void **state)
{
    (void)state;
    struct seen seen = { .wait = -1 };
    struct fetch_options options = { .progress = watch, .context = &seen };
    assert_int_equal(fetch(&set, "here/toy", &options), 0);
    assert_true(seen.calls > 1);
    assert_int_equal(seen.last, FILE_SIZE);
    assert_int_equal(seen.done, 1);
    assert_ptr_equal(seen.mirror, mirror_a);
    seen = (struct seen){ .wait = -1 };
    assert_int_equal(fetch(&set, "here/toy", &options), 0);
    assert_int_equal(seen.calls, 1);
    assert_null(seen.mirror);
}

static void fetch_ends_when_progress_says_so(void **state)
{
    (void)state;
    struct seen seen = { .wait = 2 };
    struct fetch_options options = { .progress = watch, .context = &seen };
    assert_int_equal(fetch(&set, "here/toy", &options), ERR_CANCELLED);
    assert_false(file_exists("here/toy/digits.gz"));
    assert_int_equal(requests('b'), 0);
}

/* --- the table --- */

static void the_table_agrees_with_the_names_of_data_sets(void **state)
{
    (void)state;
    for (int i = 0; i < DATASET_NAMES; i++) {
        assert_string_equal(fetch_sets[i].name, dataset_names[i]);
        assert_ptr_equal(fetch_find(dataset_names[i]), &fetch_sets[i]);
        for (int f = 0; f < fetch_sets[i].file_count; f++) {
            const struct fetch_file *file = &fetch_sets[i].files[f];
            assert_int_equal(strlen(file->sha256), HASH_TEXT_SIZE - 1);
            assert_int_equal(strspn(file->sha256, "0123456789abcdef"), HASH_TEXT_SIZE - 1);
            assert_true(file->size > 0);
        }
    }
    assert_null(fetch_find("mnits"));
    assert_non_null(strstr(error_text(), "did you mean 'mnist'?"));
}

static void the_table_s_mnist_is_the_one_on_this_machine(void **state)
{
    (void)state;
    const char *directory = getenv("GANDER_TEST_MNIST");
    if (!directory)
        skip();
    const struct fetch_set *mnist = fetch_find("mnist");
    for (int i = 0; i < mnist->file_count; i++) {
        char path[PATH_MAX], hash[HASH_TEXT_SIZE];
        snprintf(path, sizeof path, "%s/%s", directory, mnist->files[i].name);
        assert_int_equal(hash_of_file(path, hash), 0);
        assert_string_equal(hash, mnist->files[i].sha256);
    }
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(fetch_puts_the_file_in_place),
        SERVED(fetch_asks_nobody_for_what_is_there),
        SERVED(fetch_replaces_a_file_that_went_bad),
        SERVED(fetch_tries_the_caller_s_mirror_first),
        SERVED(fetch_gets_every_file_of_a_set),
        SERVED(fetch_goes_on_where_a_connection_was_cut),
        SERVED(fetch_goes_on_with_what_an_earlier_call_left),
        SERVED(fetch_goes_on_at_another_mirror),
        SERVED(fetch_keeps_what_came_when_all_mirrors_fail),
        SERVED(fetch_gives_up_a_transfer_that_stalls),
        SERVED(fetch_finishes_a_part_that_is_whole_without_asking),
        SERVED(fetch_throws_away_what_has_another_sum),
        SERVED(fetch_begins_anew_when_an_old_part_was_wrong),
        SERVED(fetch_begins_anew_when_an_old_part_is_too_long),
        SERVED(fetch_says_that_the_sum_was_wrong_everywhere),
        SERVED(fetch_survives_a_server_that_CUTS),
        SERVED(fetch_survives_a_server_that_CUTS_AT_ONCE),
        SERVED(fetch_survives_a_server_that_CORRUPTS),
        SERVED(fetch_survives_a_server_that_REDIRECTS_FOR_EVER),
        SERVED(fetch_survives_a_server_that_NOT_FOUND),
        SERVED(fetch_survives_a_server_that_FAILS),
        SERVED(fetch_survives_a_server_that_IGNORES_RANGE),
        SERVED(fetch_survives_a_server_that_MISTAKES_RANGE),
        SERVED(fetch_survives_a_server_that_REFUSES_RANGE),
        SERVED(fetch_survives_a_server_that_PROMISES_LESS),
        SERVED(fetch_survives_a_server_that_PROMISES_MORE),
        SERVED(fetch_survives_a_server_that_SENDS_WITHOUT_END),
        SERVED(fetch_survives_a_server_that_SENDS_MORE),
        SERVED(fetch_survives_a_server_that_HEADERS_WITHOUT_END),
        SERVED(fetch_survives_a_server_that_SPEAKS_NO_HTTP),
        SERVED(fetch_follows_a_redirect),
        SERVED(fetch_writes_no_byte_more_than_the_file_has),
        SERVED(fetch_does_not_open_other_addresses),
        SERVED(fetch_says_that_nobody_answers),
        SERVED(fetch_says_that_a_directory_cannot_be_made),
        SERVED(fetch_says_that_a_directory_is_not_writable),
        SERVED(fetch_says_that_the_disk_is_full),
        SERVED(fetch_lets_one_process_write_a_part),
        SERVED(fetch_reports_progress_and_where_it_comes_from),
        SERVED(fetch_ends_when_progress_says_so),
        cmocka_unit_test(the_table_agrees_with_the_names_of_data_sets),
        cmocka_unit_test(the_table_s_mnist_is_the_one_on_this_machine),
    };
    setenv("no_proxy", "127.0.0.1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
