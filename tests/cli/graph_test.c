/* ls --graph: what is left of a history (graph_nodes), and how it looks beside real runs. */
#define _GNU_SOURCE
#include "../../src/cli/graph_nodes.h"

#include "base/text.h"
#include "program.h"
#include "shell.h"

/* --- what is left of a history --- */

/* A history as text: "a:b,c" is a commit a with parents b and c; '!' before it: it counts. */
struct history {
    struct arena arena;
    struct code_commit commits[32];
    bool counts[32];
    int count;
};

static void set_id(char id[CODE_ID_SIZE], char letter)
{
    memset(id, letter, CODE_ID_SIZE - 1);
    id[CODE_ID_SIZE - 1] = '\0';
}

static void read_history(struct history *history, const char *text)
{
    *history = (struct history){ .count = 0 };
    for (const char *at = text; *at; at += *at == ' ') {
        struct code_commit *commit = &history->commits[history->count];
        char(*parents)[CODE_ID_SIZE] = arena_alloc(&history->arena, 4, sizeof *parents);
        history->counts[history->count++] = *at == '!';
        at += *at == '!';
        set_id(commit->id, *at++);
        for (at += *at == ':'; *at && *at != ' '; at++)
            if (*at != ',')
                set_id(parents[commit->parent_count++], *at);
        commit->parents = (const char(*)[CODE_ID_SIZE])parents;
    }
}

/* "a:1,2 b:2 3>c:…": nodes by their first commit with the places of their parents; N> is a gap of N. */
static void assert_nodes(const char *text, const char *expected)
{
    struct history history;
    int count;
    read_history(&history, text);
    char *found = arena_strdup(&history.arena, "");
    struct graph_node *nodes =
        graph_nodes(&history.arena, history.commits, history.count, history.counts, &count);
    for (int i = 0; i < count; i++) {
        found = arena_printf(&history.arena, "%s%s", found, i > 0 ? " " : "");
        if (nodes[i].left_out > 0)
            found = arena_printf(&history.arena, "%s%d>", found, nodes[i].left_out);
        found = arena_printf(&history.arena, "%s%c", found, history.commits[nodes[i].commit].id[0]);
        if (nodes[i].is_cut)
            found = arena_printf(&history.arena, "%s|", found);
        for (int k = 0; k < nodes[i].parent_count; k++)
            found =
                arena_printf(&history.arena, "%s%c%d", found, k ? ',' : ':', nodes[i].parents[k]);
    }
    assert_string_equal(found, expected);
    arena_release(&history.arena);
}

static void commits_in_a_row_become_a_gap(void **state)
{
    (void)state;
    assert_nodes("!a:b b:c c:d d:e !e", "a:1 3>b:2 e");
    assert_nodes("!a:b b:c !c", "a:1 b:2 c"); /* one says as much as a gap */
    assert_nodes("!a:b b:c c:d d", "a:1 3>b");
    assert_nodes("!a !b", "a b");
    assert_nodes("", "");
    assert_nodes("a:b b", "");
}

static void a_side_branch_without_runs_is_left_out(void **state)
{
    (void)state;
    assert_nodes("!m:a,s s:r r:b a:b !b", "m:1 a:2 b");
    assert_nodes("!m:a,s !s:b a:b !b", "m:2,1 s:3 a:3 b");
    assert_nodes("!t:m m:a,s a:b !s:b b:c !c", "t:1 m:2,3 a:4 s:4 b:5 c");
}

static void lines_part_where_they_did(void **state)
{
    (void)state;
    assert_nodes("!x:p !y:q p:b q:b b:c c:d d", "x:2 y:3 p:4 q:4 b:5 2>c");
    assert_nodes("!x:p !y:b p:b b:c c", "x:2 y:3 p:3 b:4 c");
}

static void parents_that_are_not_there_end_a_line(void **state)
{
    (void)state;
    assert_nodes("!a:z", "a|");
    assert_nodes("!a:b,z b:y", "a:1 b|");
    assert_nodes("!a:b b:c c:z", "a:1 2>b|");
}

/* --- the command --- */

static const char repository[] =
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org\n"
    "export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GANDER_SLOTS=1\n"
    "gander=$GANDER_TEST_PROGRAM; n=0\n"
    "commit() { n=$((n + 1)); echo $n >count; git add -A\n"
    "  GIT_COMMITTER_DATE=\"$((1700000000 + n)) +0000\" git commit -qm \"$1\"; }\n"
    "run() { echo \"{\\\"step\\\":1,\\\"metrics\\\":{\\\"frechet\\\":$1}}\" >line\n"
    "  \"$gander\" run -f -- sh -c 'cat line >>$GANDER_JOURNAL' >/dev/null 2>&1 || exit 1; }\n"
    "printf 'line\\noutput\\nerrors\\ntiny.ini\\n' >.gitignore; git init -qb main .\n"
    "commit first; run 20; commit one; commit two; commit three; run 10\n"
    "git checkout -qb side; commit 'on the side'; run 5; run 6\n"
    "git checkout -q main; echo main >main; commit on; echo changed >count; run 7\n";

static void make_repository(void)
{
    struct arena arena = { 0 };
    shell(&arena, repository);
    arena_release(&arena);
}

static char *without_hashes(char *text)
{
    for (char *at = text; *at; at++)
        if (strspn(at, "0123456789abcdef") == 7 && (at == text || at[-1] == ' '))
            memset(at, 'h', 7);
    return text;
}

static void runs_stand_below_their_commits(void **state)
{
    (void)state;
    make_repository();
    setenv("LC_ALL", "C.UTF-8", 1);
    char *text = without_hashes(
        program_output("ls", "--graph", "--columns", "run,changes,state,min(frechet)"));
    assert_string_equal(text, "     run   state    min Fréchet\n"
                              "●   hhhhhhh (HEAD, main) on\n"
                              "│      5 * finished           7\n"
                              "│ ● hhhhhhh (side) on the side\n"
                              "│ │    4   finished           6\n"
                              "│ │    3   finished           5\n"
                              "├─╯\n"
                              "●   hhhhhhh three\n"
                              "│      2   finished          10\n"
                              "⋮   2 commits\n"
                              "●   hhhhhhh first\n"
                              "       1   finished          20\n");
    free(text);
    setenv("LC_ALL", "C", 1);
    text = without_hashes(program_output("ls", "--graph", "--sort", "frechet", "run>=3", "run<=4"));
    assert_non_null(strstr(text, "*   hhhhhhh (HEAD, main) on\n"));
    assert_non_null(strstr(text, "min Frechet\n"));
    assert_null(strchr(text, '?'));
    assert_true(strstr(text, " 3 finished") < strstr(text, " 4 finished"));
    free(text);
}

static void a_history_that_is_gone_is_said(void **state)
{
    (void)state;
    make_repository();
    assert_int_equal(rename(".git", "gone"), 0);
    struct program program = program_start("ls", "--graph");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.errors, "note: no history to show: "));
    assert_non_null(strstr(program.output, " (not in this history) on the side\n"));
    program_release(&program);
    program = program_start("ls", "--graph", "--json");
    program_expect(&program, 2, "--graph goes with neither");
}

static void runs_without_a_repository_are_listed(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f", "--", "true");
    assert_int_equal(program_wait(&program), 0);
    program_release(&program);
    program = program_start("ls", "--graph");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, "without a commit\n"));
    assert_non_null(strstr(program.output, " 1 finished true"));
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_in_a_row_become_a_gap),
        cmocka_unit_test(a_side_branch_without_runs_is_left_out),
        cmocka_unit_test(lines_part_where_they_did),
        cmocka_unit_test(parents_that_are_not_there_end_a_line),
        IN_PROGRAM_SCRATCH(runs_stand_below_their_commits),
        IN_PROGRAM_SCRATCH(a_history_that_is_gone_is_said),
        IN_PROGRAM_SCRATCH(runs_without_a_repository_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
