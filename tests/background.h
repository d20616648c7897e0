/* Runs that work in the background while a test looks at them. */
#ifndef GANDER_TESTS_BACKGROUND_H
#define GANDER_TESTS_BACKGROUND_H

#include <ctype.h>

#include "program.h"

#define RUN_1 ".gander/runs/1"
#define RUN_2 ".gander/runs/2"
#define RUN_3 ".gander/runs/3"

/* A training without an end. */
#define ENDLESS "tiny.ini", "-s", "training.steps=100000000"

static inline void write_text(const char *path, const char *text)
{
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

/* Runs the program, which must end well. */
#define do_well(...)                                                                               \
    do {                                                                                           \
        struct program done = program_start(__VA_ARGS__);                                          \
        program_expect(&done, 0, "");                                                              \
    } while (0)

/* Runs the program, which must end with that status. */
#define end_with(status, ...)                                                                      \
    do {                                                                                           \
        struct program ended = program_start(__VA_ARGS__);                                         \
        program_expect(&ended, status, "");                                                        \
    } while (0)

/* Runs the program, which must end with that status and say that on standard error, in one line. */
#define be_refused(status, sentence, ...)                                                          \
    do {                                                                                           \
        struct program refused = program_start(__VA_ARGS__);                                       \
        int how = program_wait(&refused);                                                          \
        if (!WIFEXITED(how) || WEXITSTATUS(how) != (status) || !strstr(refused.errors, sentence))  \
            print_error("status %d, errors: %s", how, refused.errors);                             \
        assert_true(WIFEXITED(how));                                                               \
        assert_int_equal(WEXITSTATUS(how), status);                                                \
        assert_non_null(strstr(refused.errors, sentence));                                         \
        assert_ptr_equal(strchr(refused.errors, '\n'),                                             \
                         refused.errors + strlen(refused.errors) - 1);                             \
        program_release(&refused);                                                                 \
    } while (0)

static inline bool has_line(const char *directory)
{
    char *path = xasprintf("%s/events.jsonl", directory);
    int64_t size = file_size(path);
    free(path);
    return size > 0;
}

static inline bool is_lost(const char *directory)
{
    return program_status(directory).state == RUN_LOST;
}

static inline bool is_paused(const char *directory)
{
    return program_status(directory).state == RUN_PAUSED;
}

static inline bool is_orphan(const char *directory)
{
    return program_status(directory).is_orphan;
}

/* What `show --json` says of the run, for one member; free it. NULL: nothing. */
static inline char *shown_member(const char *run, const char *member)
{
    char *text = program_output("show", "--json", run);
    struct json *root;
    assert_int_equal(json_parse(&root, text, strlen(text)), 0);
    const char *value = json_get_string(json_member(root, member));
    char *copy = value ? xstrdup(value) : NULL;
    json_free(root);
    free(text);
    return copy;
}

static inline void assert_shown(const char *run, const char *state)
{
    char *shown = shown_member(run, "state");
    assert_non_null(shown);
    assert_string_equal(shown, state);
    free(shown);
}

/* What /proc/PID/stat says; state 0 when there is no such process. */
struct process_facts {
    char state;
    pid_t parent, group, session;
    int terminal;
    double cpu_ticks;
};
static inline struct process_facts process_facts(pid_t pid)
{
    struct process_facts facts = { .state = 0 };
    char *path = xasprintf("/proc/%d/stat", (int)pid);
    char *text = program_read_file(path), *rest = strrchr(text, ')');
    unsigned long user, system;
    if (rest &&
        sscanf(rest, ") %c %d %d %d %d %*d %*u %*u %*u %*u %*u %lu %lu", &facts.state,
               &facts.parent, &facts.group, &facts.session, &facts.terminal, &user, &system) == 7)
        facts.cpu_ticks = (double)(user + system);
    free(text);
    free(path);
    return facts;
}

static inline bool process_is_gone(const char *pid)
{
    char state = process_facts((pid_t)strtol(pid, NULL, 10)).state;
    return state == 0 || state == 'Z';
}

static inline void wait_for_death(pid_t pid)
{
    char text[16];
    snprintf(text, sizeof text, "%d", (int)pid);
    wait_until(process_is_gone, text);
}

#endif
