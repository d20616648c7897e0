#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/error.h"
#include "base/file.h"
#include "testing.h"

enum { SMALL_LIMIT = 1 << 20 };

static void assert_content(const char *path, const char *expected)
{
    char *data;
    size_t size;
    assert_int_equal(file_read(path, SMALL_LIMIT, &data, &size), 0);
    assert_string_equal(data, expected);
    assert_int_equal(size, strlen(expected));
    free(data);
}

/* How many names the working directory holds, hidden ones too. */
static int count_names(void)
{
    struct arena arena = { 0 };
    char **names;
    int count;
    assert_int_equal(list_directory(&arena, ".", "", &names, &count), 0);
    arena_release(&arena);
    return count;
}

/* From here on no file of this process grows beyond `bytes`: a disk that is full. */
static void fill_disk(rlim_t bytes)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void empty_disk(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void read_gives_the_whole_file_and_a_closing_zero(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    char *bytes = xmalloc(SIZE), *data;
    size_t size;
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7);
    assert_int_equal(file_replace("data", bytes, SIZE), 0);
    assert_int_equal(file_read("data", SIZE, &data, &size), 0);
    assert_int_equal(size, SIZE);
    assert_memory_equal(data, bytes, SIZE);
    assert_int_equal(data[SIZE], 0);
    free(data);
    free(bytes);
}

static void read_refuses_what_is_larger_than_the_limit(void **state)
{
    char *data;
    size_t size;
    (void)state;
    assert_int_equal(file_replace("data", "12345", 5), 0);
    assert_int_equal(file_read("data", 4, &data, &size), ERR_INVALID);
    assert_non_null(strstr(error_text(), "'data' is larger than the 4 bytes"));
    assert_int_equal(file_read("data", 5, &data, &size), 0);
    free(data);
    assert_int_equal(file_read("data", SIZE_MAX, &data, &size), 0);
    free(data);
}

/* No byte of the terabyte is read, and none asked for. */
static void read_refuses_a_large_file_by_its_size(void **state)
{
    char *data;
    size_t size;
    (void)state;
    int fd = open("sparse", O_WRONLY | O_CREAT, 0666);
    assert_true(fd >= 0);
    if (ftruncate(fd, (off_t)1 << 40) != 0)
        skip();
    close(fd);
    assert_int_equal(file_read("sparse", (size_t)1 << 38, &data, &size), ERR_INVALID);
    assert_non_null(strstr(error_text(), "'sparse' is larger than"));
}

static void read_reads_pipes_of_unknown_length(void **state)
{
    enum { SIZE = 60000 };
    char bytes[SIZE], path[32], *data;
    size_t size;
    int ends[2];
    (void)state;
    memset(bytes, 'x', SIZE);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, SIZE), SIZE);
    close(ends[1]);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    assert_int_equal(file_read(path, SMALL_LIMIT, &data, &size), 0);
    assert_int_equal(size, SIZE);
    assert_memory_equal(data, bytes, SIZE);
    free(data);
    close(ends[0]);
}

static void read_tells_missing_from_unreadable(void **state)
{
    char *data;
    size_t size;
    (void)state;
    assert_int_equal(file_read("none", 10, &data, &size), ERR_NOT_FOUND);
    assert_string_equal(error_text(), "cannot open 'none': No such file or directory");
    assert_int_equal(file_read(".", 10, &data, &size), ERR_IO);
    assert_string_equal(error_text(), "cannot read '.': Is a directory");
}

static void replace_leaves_one_file_with_the_new_content(void **state)
{
    (void)state;
    assert_int_equal(file_replace("a", "old", 3), 0);
    assert_int_equal(file_replace("a", "newer", 5), 0);
    assert_content("a", "newer");
    assert_int_equal(count_names(), 1);
}

static void replace_obeys_the_umask_and_keeps_an_old_mode(void **state)
{
    struct stat status;
    (void)state;
    mode_t before = umask(027);
    assert_int_equal(file_replace("a", "x", 1), 0);
    umask(before);
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(chmod("a", 0600), 0);
    assert_int_equal(file_replace("a", "y", 1), 0);
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void replace_writes_behind_a_symbolic_link(void **state)
{
    struct stat status;
    (void)state;
    assert_int_equal(mkdir("there", 0777), 0);
    assert_int_equal(file_replace("there/real", "old", 3), 0);
    assert_int_equal(symlink("there/real", "link"), 0);
    assert_int_equal(file_replace("link", "new", 3), 0);
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content("there/real", "new");
}

static void replace_refuses_devices_and_directories(void **state)
{
    struct stat status;
    (void)state;
    assert_int_equal(file_replace("/dev/null", "x", 1), ERR_INVALID);
    assert_string_equal(error_text(), "cannot replace '/dev/null': not a regular file");
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_int_equal(file_replace(".", "x", 1), ERR_INVALID);
}

static void replace_says_that_the_directory_is_missing(void **state)
{
    (void)state;
    assert_int_equal(file_replace("none/a", "x", 1), ERR_NOT_FOUND);
    assert_string_equal(error_text(), "cannot open 'none/a': No such file or directory");
}

static void a_full_disk_leaves_the_old_file_and_no_temporary(void **state)
{
    char block[8192] = { 0 };
    (void)state;
    assert_int_equal(file_replace("a", "old", 3), 0);
    fill_disk(4096);
    int error = file_replace("a", block, sizeof block);
    empty_disk();
    assert_int_equal(error, ERR_IO);
    assert_string_equal(error_text(), "cannot write 'a': File too large");
    assert_content("a", "old");
    assert_int_equal(count_names(), 1);
}

static void a_full_device_is_told_from_other_errors(void **state)
{
    struct line_writer writer;
    (void)state;
    assert_int_equal(line_writer_open(&writer, "/dev/full"), 0);
    assert_int_equal(line_writer_put(&writer, "x"), ERR_IO);
    assert_string_equal(error_text(), "cannot write '/dev/full': No space left on device; free "
                                      "some space and try again");
    line_writer_close(&writer);
}

/* A disk of four pages that is really full, where this process may mount one. */
static void a_full_file_system_loses_nothing(void **state)
{
    enum { TOO_MUCH = 20000 };
    static char block[TOO_MUCH], line[3000];
    struct line_writer writer;
    (void)state;
    assert_int_equal(mkdir("small", 0777), 0);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "small", "tmpfs", 0, "size=16k") != 0)
        skip();
    memset(line, 'x', sizeof line - 1);
    assert_int_equal(file_replace("small/a", "old", 3), 0);
    assert_int_equal(file_replace("small/a", block, sizeof block), ERR_IO);
    assert_string_equal(error_text(), "cannot write 'small/a': No space left on device; free some "
                                      "space and try again");
    assert_content("small/a", "old");
    assert_int_equal(line_writer_open(&writer, "small/lines"), 0);
    off_t lines = 0;
    while (line_writer_put(&writer, line) == 0)
        lines++;
    assert_in_range(lines, 2, 5);
    line_writer_close(&writer);
    struct stat status;
    assert_int_equal(stat("small/lines", &status), 0);
    assert_int_equal(status.st_size, lines * (off_t)sizeof line);
    assert_int_equal(umount("small"), 0);
}

static void a_writer_that_failed_cannot_commit_half_a_file(void **state)
{
    struct file_writer writer;
    char block[8192] = { 0 };
    (void)state;
    assert_int_equal(file_writer_open(&writer, "a"), 0);
    fill_disk(4096);
    assert_int_equal(file_writer_put(&writer, block, sizeof block), ERR_IO);
    empty_disk();
    assert_int_equal(file_writer_put(&writer, "x", 1), ERR_IO);
    assert_int_equal(file_writer_commit(&writer), ERR_IO);
    file_writer_abandon(&writer);
    assert_int_equal(count_names(), 0);
}

static void an_abandoned_writer_leaves_nothing(void **state)
{
    struct file_writer writer;
    (void)state;
    assert_int_equal(file_writer_open(&writer, "a"), 0);
    assert_int_equal(file_writer_put(&writer, "half", 4), 0);
    assert_int_equal(count_names(), 1);
    assert_false(file_exists("a"));
    file_writer_abandon(&writer);
    assert_int_equal(count_names(), 0);
    file_writer_abandon(&writer);
}

static void a_writer_joins_its_pieces(void **state)
{
    struct file_writer writer;
    (void)state;
    assert_int_equal(file_writer_open(&writer, "a"), 0);
    assert_int_equal(file_writer_put(&writer, "one ", 4), 0);
    assert_int_equal(file_writer_put(&writer, "", 0), 0);
    assert_int_equal(file_writer_put(&writer, "two", 3), 0);
    assert_int_equal(file_writer_commit(&writer), 0);
    assert_content("a", "one two");
    assert_int_equal(count_names(), 1);
}

static void lines_are_appended_to_what_is_there(void **state)
{
    struct line_writer writer;
    (void)state;
    assert_int_equal(file_replace("lines", "first\n", 6), 0);
    assert_int_equal(line_writer_open(&writer, "lines"), 0);
    assert_int_equal(line_writer_put(&writer, "second"), 0);
    assert_int_equal(line_writer_put(&writer, "third"), 0);
    assert_int_equal(writer.end, 19);
    line_writer_close(&writer);
    assert_content("lines", "first\nsecond\nthird\n");
}

static void a_torn_last_line_is_closed_before_the_next(void **state)
{
    struct line_writer writer;
    (void)state;
    assert_int_equal(file_replace("lines", "whole\n{\"to", 10), 0);
    assert_int_equal(line_writer_open(&writer, "lines"), 0);
    assert_int_equal(line_writer_put(&writer, "next"), 0);
    line_writer_close(&writer);
    assert_content("lines", "whole\n{\"to\nnext\n");
}

static void a_line_that_does_not_fit_is_cut_back_whole(void **state)
{
    struct line_writer writer;
    (void)state;
    assert_int_equal(line_writer_open(&writer, "lines"), 0);
    assert_int_equal(line_writer_put(&writer, "12345"), 0);
    fill_disk(10);
    int error = line_writer_put(&writer, "6789ab");
    empty_disk();
    assert_int_equal(error, ERR_IO);
    assert_string_equal(error_text(), "cannot write 'lines': File too large");
    assert_content("lines", "12345\n");
    assert_int_equal(line_writer_put(&writer, "again"), 0);
    line_writer_close(&writer);
    assert_content("lines", "12345\nagain\n");
}

static void cutting_back_spares_the_lines_of_others(void **state)
{
    struct line_writer first, second;
    (void)state;
    assert_int_equal(line_writer_open(&first, "lines"), 0);
    assert_int_equal(line_writer_open(&second, "lines"), 0);
    assert_int_equal(line_writer_put(&second, "other"), 0);
    fill_disk(10);
    int error = line_writer_put(&first, "too long");
    empty_disk();
    assert_int_equal(error, ERR_IO);
    assert_string_equal(error_text(), "half a line stays in 'lines': cannot write 'lines': File "
                                      "too large");
    assert_content("lines", "other\ntoo ");
    line_writer_close(&first);
    line_writer_close(&second);
}

static void lines_need_their_directory(void **state)
{
    struct line_writer writer;
    (void)state;
    assert_int_equal(line_writer_open(&writer, "none/lines"), ERR_NOT_FOUND);
}

static void make_directories_makes_every_parent_once(void **state)
{
    (void)state;
    assert_int_equal(make_directories("a/b//c/"), 0);
    assert_int_equal(make_directories("a/b/c"), 0);
    assert_true(directory_exists("a/b/c"));
    assert_false(file_exists("a/b/c"));
}

static void make_directories_names_the_file_in_its_way(void **state)
{
    (void)state;
    assert_int_equal(file_replace("a", "", 0), 0);
    assert_int_equal(make_directories("a/b"), ERR_IO);
    assert_string_equal(error_text(), "cannot make directory 'a': File exists");
}

static void paths_join_with_one_slash(void **state)
{
    struct arena arena = { 0 };
    (void)state;
    assert_string_equal(path_join(&arena, "a", "b"), "a/b");
    assert_string_equal(path_join(&arena, "a/", "b"), "a/b");
    assert_string_equal(path_join(&arena, "", "b"), "b");
    assert_string_equal(path_join(&arena, "a", "/b"), "/b");
    arena_release(&arena);
}

static void paths_become_absolute_without_existing(void **state)
{
    struct arena arena = { 0 };
    char here[PATH_MAX];
    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_string_equal(path_absolute(&arena, "/x/y"), "/x/y");
    setenv("HOME", "/home/somebody", 1);
    assert_string_equal(path_expand(&arena, "~"), "/home/somebody");
    assert_string_equal(path_expand(&arena, "~/x y"), "/home/somebody/x y");
    assert_string_equal(path_expand(&arena, "~you/x"), "~you/x");
    assert_string_equal(path_expand(&arena, "x/~/y"), "x/~/y");
    unsetenv("HOME");
    assert_string_equal(path_expand(&arena, "~/x"), "~/x");
    assert_string_equal(path_absolute(&arena, "x/y"), arena_printf(&arena, "%s/x/y", here));
    assert_string_equal(path_absolute(&arena, ".//./x"), arena_printf(&arena, "%s/x", here));
    assert_string_equal(path_absolute(&arena, "."), here);
    assert_string_equal(path_absolute(&arena, "./"), here);
    arena_release(&arena);
}

static void path_base_is_the_last_part(void **state)
{
    (void)state;
    assert_string_equal(path_base("a/b.png"), "b.png");
    assert_string_equal(path_base("b.png"), "b.png");
    assert_string_equal(path_base("a/"), "");
}

static void directories_list_sorted_by_suffix_without_hidden(void **state)
{
    struct arena arena = { 0 };
    char **names;
    int count;
    (void)state;
    const char *const made[] = { "b.png", "a.png", "B.png", "c.txt", ".h.png", ".png", "png" };
    for (int i = 0; i < ARRAY_SIZE(made); i++)
        assert_int_equal(file_replace(made[i], "", 0), 0);
    assert_int_equal(list_directory(&arena, ".", ".png", &names, &count), 0);
    assert_int_equal(count, 3);
    assert_string_equal(names[0], "B.png");
    assert_string_equal(names[1], "a.png");
    assert_string_equal(names[2], "b.png");
    assert_int_equal(list_directory(&arena, "none", "", &names, &count), ERR_NOT_FOUND);
    arena_release(&arena);
}

static void a_long_directory_is_listed_whole(void **state)
{
    struct arena arena = { 0 };
    char **names, name[16];
    int count;
    (void)state;
    for (int i = 0; i < 150; i++) {
        snprintf(name, sizeof name, "%03d", i);
        int fd = open(name, O_CREAT | O_WRONLY, 0666);
        assert_true(fd >= 0);
        close(fd);
    }
    assert_int_equal(list_directory(&arena, ".", "", &names, &count), 0);
    assert_int_equal(count, 150);
    assert_string_equal(names[0], "000");
    assert_string_equal(names[149], "149");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(read_gives_the_whole_file_and_a_closing_zero),
        IN_SCRATCH(read_refuses_what_is_larger_than_the_limit),
        IN_SCRATCH(read_refuses_a_large_file_by_its_size),
        IN_SCRATCH(read_reads_pipes_of_unknown_length),
        IN_SCRATCH(read_tells_missing_from_unreadable),
        IN_SCRATCH(replace_leaves_one_file_with_the_new_content),
        IN_SCRATCH(replace_obeys_the_umask_and_keeps_an_old_mode),
        IN_SCRATCH(replace_writes_behind_a_symbolic_link),
        IN_SCRATCH(replace_refuses_devices_and_directories),
        IN_SCRATCH(replace_says_that_the_directory_is_missing),
        IN_SCRATCH(a_full_disk_leaves_the_old_file_and_no_temporary),
        IN_SCRATCH(a_full_device_is_told_from_other_errors),
        IN_SCRATCH(a_full_file_system_loses_nothing),
        IN_SCRATCH(a_writer_that_failed_cannot_commit_half_a_file),
        IN_SCRATCH(an_abandoned_writer_leaves_nothing),
        IN_SCRATCH(a_writer_joins_its_pieces),
        IN_SCRATCH(lines_are_appended_to_what_is_there),
        IN_SCRATCH(a_torn_last_line_is_closed_before_the_next),
        IN_SCRATCH(a_line_that_does_not_fit_is_cut_back_whole),
        IN_SCRATCH(cutting_back_spares_the_lines_of_others),
        IN_SCRATCH(lines_need_their_directory),
        IN_SCRATCH(make_directories_makes_every_parent_once),
        IN_SCRATCH(make_directories_names_the_file_in_its_way),
        IN_SCRATCH(paths_join_with_one_slash),
        IN_SCRATCH(paths_become_absolute_without_existing),
        IN_SCRATCH(path_base_is_the_last_part),
        IN_SCRATCH(directories_list_sorted_by_suffix_without_hidden),
        IN_SCRATCH(a_long_directory_is_listed_whole),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
