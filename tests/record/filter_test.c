#define _GNU_SOURCE
#include "record/filter_rig.h"

#include <math.h>
#include <string.h>

/* --- the tables --- */

static void every_field_is_complete(void **state)
{
    (void)state;
    int count;
    const struct filter_field_row *fields = filter_fields(&count);
    assert_int_equal(count, FILTER_KEY);
    for (int i = 0; i < count; i++) {
        assert_non_null(fields[i].name);
        assert_true(strlen(fields[i].help) > 5 &&
                    fields[i].help[strlen(fields[i].help) - 1] != '.');
        assert_true((filter_words(i) != NULL) == (fields[i].type == FILTER_WORD));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(fields[i].name, fields[j].name);
    }
    assert_null(filter_words(FILTER_WORDS));
}

static void the_words_of_a_field_are_those_of_its_help(void **state)
{
    (void)state;
    int count;
    const struct filter_field_row *fields = filter_fields(&count);
    const char *const *words = filter_words(FILTER_STATE);
    const char *list = "";
    for (int i = 0; words[i]; i++) {
        bool is_also = strcmp(words[i], "orphan") == 0;
        list = arena_printf(&arena, "%s%s%s", list,
                            i == 0    ? ""
                            : is_also ? "; also "
                                      : ", ",
                            words[i]);
    }
    assert_string_equal(fields[FILTER_STATE].help, list);
}

static void no_field_looks_like_a_slip_of_another(void **state)
{
    (void)state;
    int count;
    const struct filter_field_row *fields = filter_fields(&count);
    for (int i = 0; i < count; i++)
        assert_int_equal(parsed(arena_printf(&arena, "%s%s", fields[i].name,
                                             fields[i].type == FILTER_TEXT       ? ":x"
                                             : fields[i].type == FILTER_WORD     ? ":lost"
                                             : fields[i].type == FILTER_NUMBER   ? ":1"
                                             : fields[i].type == FILTER_BOOL     ? ":yes"
                                             : fields[i].type == FILTER_COMMIT   ? ":ab"
                                             : fields[i].type == FILTER_DURATION ? "<1h"
                                                                                 : ":today"))
                             ->field,
                         i);
}

/* --- what can be said --- */

static void nothing_means_every_run(void **state)
{
    (void)state;
    assert_int_equal(parsed(NULL)->kind, FILTER_ALL);
    assert_int_equal(parsed("")->kind, FILTER_ALL);
    assert_means(" \t ", "");
}

static void the_examples_of_the_manual_are_read(void **state)
{
    (void)state;
    assert_means("state:running exp:dcgan tag:good -note:bad training.rate>=1e-4 d_loss<0.7 "
                 "commit:4f2a since:2d text",
                 "(state:running AND exp:dcgan AND tag:good AND NOT note:bad AND "
                 "training.rate>=1e-4 AND d_loss<0.7 AND commit:4f2a AND since:2d AND text)");
    assert_means("(state:failed OR state:killed) NOT tag:seen",
                 "((state:failed OR state:killed) AND NOT tag:seen)");
    assert_means("max(accuracy) >= 0.98", "max(accuracy)>=0.98");
    assert_means("-archived:yes", "NOT archived:yes");
    static const char *const same[] = {
        "min(d_loss)<0.5",
        "note:\"two words\"",
        "exp:dc*",
        "took>1h30m",
        "created>2026-11-01",
        "since:yesterday",
        "run>=40",
        "training.objective=hinge",
        "data:mnist",
        "state:running,queued",
        "\"literal text\"",
        "use.cpu>150",
    };
    for (int i = 0; i < ARRAY_SIZE(same); i++)
        assert_stays(same[i]);
}

static void or_binds_least_and_not_most(void **state)
{
    (void)state;
    assert_means("a b OR c AND d", "((a AND b) OR (c AND d))");
    assert_means("a OR b OR c", "(a OR b OR c)");
    assert_means("a (b OR c) d", "(a AND (b OR c) AND d)");
    assert_means("a AND (b AND c)", "(a AND (b AND c))");
    assert_means("NOT a b", "(NOT a AND b)");
    assert_means("-(a b) OR NOT -c", "(NOT (a AND b) OR NOT NOT c)");
    assert_means("((a))", "a");
    assert_means("(a)(b)NOT(c)-(d)", "(a AND b AND NOT c AND NOT d)");
}

static void chains_grow_to_the_left(void **state)
{
    (void)state;
    const struct filter *filter = parsed("a b c");
    assert_int_equal(filter->kind, FILTER_AND);
    assert_string_equal(filter->right->values[0].text, "c");
    assert_int_equal(filter->left->kind, FILTER_AND);
    assert_string_equal(filter->left->left->values[0].text, "a");
}

static void keywords_are_upper_case_only(void **state)
{
    (void)state;
    assert_means("this or that and not those", "(this AND or AND that AND and AND not AND those)");
    assert_means("\"OR\" note:OR", "(\"OR\" AND note:OR)");
    assert_stays("OR>3");
    assert_stays("ORDER");
}

static void a_dash_negates_only_where_a_term_begins(void **state)
{
    (void)state;
    assert_stays("a-b");
    assert_stays("d_loss>-1");
    assert_stays("note:-bad");
    assert_stays("\"-x\"");
    assert_means("a -b", "(a AND NOT b)");
    assert_means("-\"two words\"", "NOT \"two words\"");
    assert_true(value_of("d_loss>-1")->number == -1);
}

static void a_word_may_hold_what_is_not_of_names(void **state)
{
    (void)state;
    assert_stays("a,b");
    assert_stays("100%");
    assert_stays("wow!");
    assert_stays("caf\xC3\xA9");
    const struct filter *filter = parsed("text");
    assert_int_equal(filter->field, FILTER_WORDS);
    assert_null(filter->name);
    assert_true(isnan(filter->values[0].number));
}

static void quotes_take_everything_as_it_is(void **state)
{
    (void)state;
    assert_stays("note:\"(a, b) \\\"c\\\" \\\\ =x\"");
    assert_string_equal(value_of("note:\"(a, b) \\\"c\\\" \\\\ =x\"")->text, "(a, b) \"c\" \\ =x");
    assert_means("note:\"bad\"", "note:bad");
    assert_means("\"a\\b\"", "a\\b");
    assert_stays("command:\"=x\"");
    assert_means("command:--lr=1", "command:--lr=1");
    assert_stays("command:\"a,b\",c");
}

static void values_hold_colons(void **state)
{
    (void)state;
    assert_stays("command:a:b=c");
    assert_string_equal(value_of("host:[::1]:22")->text, "[::1]:22");
}

static void wildcards_make_a_pattern_unless_quoted(void **state)
{
    (void)state;
    assert_true(value_of("exp:dc*")->is_pattern);
    assert_true(value_of("exp:dc?an")->is_pattern);
    assert_true(value_of("dc*")->is_pattern);
    assert_true(value_of("training.objective:h*")->is_pattern);
    assert_false(value_of("exp:dcgan")->is_pattern);
    assert_false(value_of("exp:\"dc*\"")->is_pattern);
    assert_false(value_of("\"dc*\"")->is_pattern);
    assert_false(value_of("exp=dc*")->is_pattern);
    assert_stays("exp:\"dc*\"");
    assert_stays("\"dc*\"");
    assert_stays("exp=dc*");
}

static void several_values_stand_behind_a_colon(void **state)
{
    (void)state;
    const struct filter *filter = parsed("run:3,40");
    assert_int_equal(filter->value_count, 2);
    assert_true(filter->values[0].number == 3 && filter->values[1].number == 40);
    assert_refused("run=3,40", "filter column 6: several values stand behind a ':' only");
}

static void blanks_may_stand_around_a_comparison(void **state)
{
    (void)state;
    assert_means("d_loss < 0.5", "d_loss<0.5");
    assert_means("d_loss >=0.5 text", "(d_loss>=0.5 AND text)");
    assert_means("min( d_loss )\t!= 3", "min(d_loss)!=3");
}

static void empty_text_is_for_what_has_none(void **state)
{
    (void)state;
    assert_stays("name!=\"\"");
    assert_stays("tag=\"\"");
    assert_refused("tag:\"\"",
                   "filter column 5: 'tag:' needs a text that is not empty (did you mean "
                   "'tag=\"\"'?)");
}

/* --- recipe values and metrics --- */

static void what_is_no_field_is_a_recipe_value_or_metric(void **state)
{
    (void)state;
    const struct filter *filter = parsed("training.objective:hinge");
    assert_int_equal(filter->field, FILTER_KEY);
    assert_int_equal(filter->operator_, FILTER_MATCH);
    assert_string_equal(filter->name, "training.objective");
    assert_string_equal(filter->values[0].text, "hinge");
    assert_true(isnan(filter->values[0].number));
    filter = parsed("lr:1e-4");
    assert_int_equal(filter->field, FILTER_KEY);
    assert_true(filter->values[0].number == 1e-4);
    assert_string_equal(filter->values[0].text, "1e-4");
    assert_stays("val/loss<1");
    assert_stays("batch:64");
    assert_stays("g-loss>1");
}

static void functions_are_of_metrics(void **state)
{
    (void)state;
    assert_int_equal(parsed("last(step)>1")->function, FILTER_LAST);
    assert_int_equal(parsed("min(step)>1")->function, FILTER_MINIMUM);
    assert_int_equal(parsed("max(step)>1")->function, FILTER_MAXIMUM);
    assert_int_equal(parsed("max(step)>1")->field, FILTER_KEY);
    assert_string_equal(parsed("max(\"val loss\")>1")->name, "val loss");
    assert_stays("max(\"val loss\")>1");
    assert_int_equal(parsed("min>1")->function, FILTER_PLAIN);
}

static void a_name_in_quotes_is_never_a_field(void **state)
{
    (void)state;
    const struct filter *filter = parsed("\"step\">3");
    assert_int_equal(filter->field, FILTER_KEY);
    assert_string_equal(filter->name, "step");
    assert_stays("\"step\">3");
    assert_stays("\"steps\":3");
    assert_means("\"steps\">3", "steps>3");
    assert_means("\"lr\":3", "lr:3");
    assert_stays("\"acc@1\">0.5");
}

static void nan_asks_for_what_is_not_finite(void **state)
{
    (void)state;
    assert_stays("d_loss=nan");
    assert_stays("min(d_loss)!=NaN");
    assert_true(isnan(value_of("d_loss=nan")->number));
    assert_refused("d_loss<nan",
                   "filter column 8: 'd_loss' must be compared with a number, not 'nan'");
    assert_refused("step=nan", "filter column 6: 'step' must be compared with a number, not 'nan'");
}

/* --- mistakes --- */

static void near_misses_of_fields_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *typo, *meant;
    } slips[] = { { "stat", "state" },   { "staet", "state" }, { "stale", "state" },
                  { "statee", "state" }, { "State", "state" }, { "tags", "tag" },
                  { "EXP", "exp" } };
    for (int i = 0; i < ARRAY_SIZE(slips); i++)
        assert_refused(arena_printf(&arena, "text %s:running", slips[i].typo),
                       arena_printf(&arena,
                                    "filter column 6: unknown field '%s' (did you mean '%s'? a "
                                    "recipe value or metric of that name stands in quotes)",
                                    slips[i].typo, slips[i].meant));
    static const char *const names[] = { "seed", "batch", "rate", "loss", "model", "lr", "epoch" };
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        assert_int_equal(parsed(arena_printf(&arena, "%s:3", names[i]))->field, FILTER_KEY);
}

static void what_is_not_closed_or_not_opened_is_shown(void **state)
{
    (void)state;
    assert_refused("a (b OR (c)", "filter column 3: there is no ')' for this '('");
    assert_refused("(", "filter column 1: there is no ')' for this '('");
    assert_refused("a b) c", "filter column 4: there is no '(' for this ')'");
    assert_refused(")", "filter column 1: there is no '(' for this ')'");
    assert_refused("(a))", "filter column 4: there is no '(' for this ')'");
    assert_refused("a ( ) b", "filter column 3: there is nothing in the parentheses");
    assert_refused("note:\"two words", "filter column 6: the quotes are never closed");
    assert_refused("\"\\\"", "filter column 1: the quotes are never closed");
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    assert_refused("state:", "filter column 7: a value of 'state' is missing");
    assert_refused("state: running", "filter column 7: a value of 'state' is missing");
    assert_refused("state:lost,", "filter column 12: a value of 'state' is missing");
    assert_refused("state:,lost", "filter column 7: a value of 'state' is missing");
    assert_refused("d_loss < ", "filter column 10: a value of 'd_loss' is missing");
    assert_refused("state :lost",
                   "filter column 7: ':' has no field, recipe value or metric before it");
    assert_refused(">= 3", "filter column 1: '>=' has no field, recipe value or metric before it");
    assert_refused("min(d_loss)", "filter column 1: 'min(d_loss)' is compared with nothing");
    assert_refused("min()<1", "filter column 5: 'min(' needs the name of a metric and a ')'");
    assert_refused("min(a b)<1", "filter column 5: 'min(' needs the name of a metric and a ')'");
    assert_refused("min(a", "filter column 5: 'min(' needs the name of a metric and a ')'");
    assert_refused("\"\"", "filter column 1: the quotes are empty");
    assert_refused("\"\"=3", "filter column 1: the quotes are empty, where a name should be");
}

static void operators_in_a_row_are_refused(void **state)
{
    (void)state;
    assert_refused("a OR AND b",
                   "filter column 6: there are two operators in a row, 'OR' and 'AND'");
    assert_refused("a OR OR b", "filter column 6: there are two operators in a row, 'OR' and 'OR'");
    assert_refused("a AND", "filter column 3: 'AND' has nothing behind it");
    assert_refused("(a OR)", "filter column 4: 'OR' has nothing behind it");
    assert_refused("NOT", "filter column 1: 'NOT' has nothing behind it");
    assert_refused("a -", "filter column 3: '-' has nothing behind it");
    assert_refused("OR a", "filter column 1: 'OR' has nothing before it");
    assert_refused("a - b", "filter column 3: '-' stands directly before what it negates");
    assert_refused("--lr",
                   "filter column 1: '--' negates twice: write one '-', or put the word in quotes");
    assert_refused("d_loss < > 3",
                   "filter column 10: '>' is a second operator (a value that begins so stands in "
                   "quotes)");
    assert_refused("run==40",
                   "filter column 4: '==' is no operator: there are : = != < <= > >= (a value that "
                   "begins so stands in quotes)");
}

static void habits_of_other_languages_are_told_ours(void **state)
{
    (void)state;
    assert_refused("a || b", "filter column 3: '||' is no word (did you mean 'OR'?)");
    assert_refused("a && b", "filter column 3: '&&' is no word (did you mean 'AND'?)");
    assert_refused("!text", "filter column 1: '!text' is no word (did you mean '-text'?)");
    assert_refused("!tag:x", "filter column 1: '!tag' is no word (did you mean '-tag'?)");
    assert_stays("\"!text\"");
    assert_stays("\"||\"");
}

static void what_is_no_name_or_function_is_refused(void **state)
{
    (void)state;
    assert_refused("a,b=3", "filter column 1: 'a,b' is no name: put it in quotes if it is one");
    assert_refused("mx(d_loss)<1", "filter column 1: unknown function 'mx' (did you mean 'max'?)");
    assert_refused("median(d_loss)<1",
                   "filter column 1: unknown function 'median' (there are last, min, max)");
    assert_refused("note:a(b)",
                   "filter column 7: '(' needs a blank before it, or quotes around the whole");
    assert_refused("a\"b\"",
                   "filter column 2: '\"' needs a blank before it, or quotes around the whole");
    assert_refused(
        "\"a\"\xC3\xA9",
        "filter column 4: '\xC3\xA9' needs a blank before it, or quotes around the whole");
    assert_refused("\"a\"b",
                   "filter column 4: 'b' needs a blank before it, or quotes around the whole");
}

static void columns_are_counted_in_characters(void **state)
{
    (void)state;
    assert_refused("note:caf\xC3\xA9 \xE2\x82\xAC tag>3",
                   "filter column 16: 'tag' takes ':', '=' and '!=', not '>'");
    assert_refused("\xF0\x9F\xA6\xA2 )", "filter column 3: there is no '(' for this ')'");
    assert_int_equal(parsed("caf\xC3\xA9 b")->right->column, 6);
    assert_int_equal(parsed(" (a) OR NOT b")->column, 2);
    assert_int_equal(parsed(" (a) OR NOT b")->right->column, 9);
}

static void what_is_not_text_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "a \x1b[2J", "a \xff", "a \xC3", "a \xE2\x80\xAE" };
    for (int i = 0; i < ARRAY_SIZE(bad); i++)
        assert_refused(bad[i], "filter column 3: a control character, or bytes that are not UTF-8");
    assert_refused("a\x01\xC3\xA9)", "filter column 2: a control character, or bytes that are not "
                                     "UTF-8");
}

/* --- limits --- */

static char *repeat(const char *text, int count)
{
    char *result = arena_alloc(&arena, strlen(text) * (size_t)count + 1, 1);
    for (int i = 0; i < count; i++)
        memcpy(result + strlen(text) * (size_t)i, text, strlen(text));
    return result;
}

static void length_is_limited(void **state)
{
    (void)state;
    char *text = repeat("x", FILTER_SIZE_LIMIT + 1);
    assert_refused(text, "filter column 4097: a filter may not have more than 4096 bytes");
    text[FILTER_SIZE_LIMIT] = '\0';
    assert_stays(text);
    text = repeat("\xC3\xA9", FILTER_SIZE_LIMIT);
    assert_refused(text, "filter column 2049: a filter may not have more than 4096 bytes");
}

static void depth_is_limited(void **state)
{
    (void)state;
    static const char *const steps[] = { "(", "NOT ", "-(" };
    for (int i = 0; i < ARRAY_SIZE(steps); i++) {
        int each = (int)strlen(steps[i]) == 2 ? 2 : 1, closing = strchr(steps[i], '(') ? 1 : 0;
        for (int depth = FILTER_DEPTH_LIMIT; depth <= FILTER_DEPTH_LIMIT + 1; depth++) {
            int count = (depth + each - 1) / each;
            const struct filter *filter;
            int result = filter_parse(&arena,
                                      arena_printf(&arena, "%sa%s", repeat(steps[i], count),
                                                   repeat(")", count * closing)),
                                      now, &filter);
            assert_int_equal(result, depth > FILTER_DEPTH_LIMIT ? ERR_INVALID : 0);
            if (result < 0)
                assert_non_null(strstr(error_text(), ": there are more than 100 parentheses and "
                                                     "NOTs inside each other"));
        }
    }
}

/* 60 levels of parentheses hold 120 groups. */
static void depth_counts_groups_that_have_no_parentheses(void **state)
{
    (void)state;
    char *text = arena_printf(&arena, "%sa%s", repeat("b OR c (", 60), repeat(")", 60));
    assert_refused(text, "filter column 1: there are more than 100 groups and NOTs inside each "
                         "other");
    text = arena_printf(&arena, "%sa%s", repeat("b OR c (", 50), repeat(")", 50));
    assert_true(same_filter(parsed(text), parsed(filter_text(&arena, parsed(text)))));
}

static void the_number_of_values_is_limited(void **state)
{
    (void)state;
    parsed(repeat("a ", FILTER_VALUE_LIMIT));
    assert_refused(repeat("a ", FILTER_VALUE_LIMIT + 1),
                   "filter column 801: a filter may not have more than 400 words and values");
    parsed(arena_printf(&arena, "run:%s1", repeat("1,", FILTER_VALUE_LIMIT - 1)));
    assert_refused(arena_printf(&arena, "run:%s1", repeat("1,", FILTER_VALUE_LIMIT)),
                   "filter column 805: a filter may not have more than 400 words and values");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RELEASED(every_field_is_complete),
        RELEASED(the_words_of_a_field_are_those_of_its_help),
        RELEASED(no_field_looks_like_a_slip_of_another),
        RELEASED(nothing_means_every_run),
        RELEASED(the_examples_of_the_manual_are_read),
        RELEASED(or_binds_least_and_not_most),
        RELEASED(chains_grow_to_the_left),
        RELEASED(keywords_are_upper_case_only),
        RELEASED(a_dash_negates_only_where_a_term_begins),
        RELEASED(a_word_may_hold_what_is_not_of_names),
        RELEASED(quotes_take_everything_as_it_is),
        RELEASED(values_hold_colons),
        RELEASED(wildcards_make_a_pattern_unless_quoted),
        RELEASED(several_values_stand_behind_a_colon),
        RELEASED(blanks_may_stand_around_a_comparison),
        RELEASED(empty_text_is_for_what_has_none),
        RELEASED(what_is_no_field_is_a_recipe_value_or_metric),
        RELEASED(functions_are_of_metrics),
        RELEASED(a_name_in_quotes_is_never_a_field),
        RELEASED(nan_asks_for_what_is_not_finite),
        RELEASED(near_misses_of_fields_are_named),
        RELEASED(what_is_not_closed_or_not_opened_is_shown),
        RELEASED(what_is_missing_is_said),
        RELEASED(operators_in_a_row_are_refused),
        RELEASED(habits_of_other_languages_are_told_ours),
        RELEASED(what_is_no_name_or_function_is_refused),
        RELEASED(columns_are_counted_in_characters),
        RELEASED(what_is_not_text_is_refused),
        RELEASED(length_is_limited),
        RELEASED(depth_is_limited),
        RELEASED(depth_counts_groups_that_have_no_parentheses),
        RELEASED(the_number_of_values_is_limited),
    };
    return cmocka_run_group_tests(tests, enter_zone, NULL);
}
