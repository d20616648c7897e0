#define _GNU_SOURCE
#include "record/filter_rig.h"

#include <math.h>
#include <string.h>

static void numbers_are_needed_where_they_are_compared(void **state)
{
    (void)state;
    assert_refused("run:abc", "filter column 5: 'run' must be compared with a number, not 'abc'");
    assert_refused("d_loss<x", "filter column 8: 'd_loss' must be compared with a number, not 'x'");
    assert_refused("d_loss<inf",
                   "filter column 8: 'd_loss' must be compared with a number, not 'inf'");
    assert_refused("min(d_loss)=x",
                   "filter column 13: 'min(d_loss)' must be compared with a number, not 'x'");
    assert_refused("step>1,000", "filter column 7: several values stand behind a ':' only");
}

static void words_are_those_of_their_field(void **state)
{
    (void)state;
    assert_refused("state:runing",
                   "filter column 7: unknown state 'runing' (did you mean 'running'?)");
    assert_refused("state:lost,xyzzy!!",
                   "filter column 12: unknown state 'xyzzy!!' (there are queued, running, paused, "
                   "finished, stopped, failed, killed, diverged, lost, orphan, stalled, live, "
                   "ended)");
    assert_refused("dirty:perhaps", "filter column 7: 'dirty' must be yes or no, not 'perhaps'");
    assert_true(value_of("dirty:yes")->number == 1);
    assert_true(value_of("dirty=false")->number == 0);
}

static void commits_are_hexadecimal(void **state)
{
    (void)state;
    assert_string_equal(value_of("commit:4F2a")->text, "4F2a");
    assert_refused("commit:main",
                   "filter column 8: 'main' is not the beginning of a commit's id, hexadecimal "
                   "digits");
    assert_refused(arena_printf(&arena, "commit:%065d", 0),
                   arena_printf(&arena,
                                "filter column 8: '%065d' is not the beginning of a commit's id, "
                                "hexadecimal digits",
                                0));
}

static void assert_time(const char *text, double from, double to)
{
    const struct filter_value *value = value_of(arena_printf(&arena, "created>%s", text));
    assert_true(value->number == from);
    assert_true(value->end == to);
}

static void times_are_spans_of_local_time(void **state)
{
    (void)state;
    const double hour = 3600, midnight = 1795474800; /* that began 2026-11-24 */
    assert_time("today", midnight, midnight + 24 * hour);
    assert_time("yesterday", midnight - 24 * hour, midnight);
    assert_time("2026-11-24", midnight, midnight + 24 * hour);
    assert_time("2026-10-25", midnight - 30 * 24 * hour - hour, midnight - 29 * 24 * hour);
    assert_time("2026-11-24T12:30", midnight + 12.5 * hour, midnight + 12.5 * hour + 60);
    assert_time("2026-11-24T12:30:05", midnight + 12.5 * hour + 5, midnight + 12.5 * hour + 6);
    assert_time("2026-11-24T12:30Z", midnight + 13.5 * hour, midnight + 13.5 * hour + 60);
    assert_time("\"2026-11-24 12:30\"", midnight + 12.5 * hour, midnight + 12.5 * hour + 60);
    assert_time("2028-02-29T00:00Z", 1835395200, 1835395260);
    assert_time("1970-01-01T00:00:00Z", 0, 1);
    assert_time("2d", now - 48 * hour, now - 48 * hour);
}

static void days_and_hours_that_are_not_there_are_refused(void **state)
{
    (void)state;
    static const char *const days[] = { "2026-02-30", "2026-02-29", "2026-13-01", "2026-00-10",
                                        "2026-04-31", "2026-01-00", "2100-02-29" };
    for (int i = 0; i < ARRAY_SIZE(days); i++)
        assert_refused(arena_printf(&arena, "since:%s", days[i]),
                       arena_printf(&arena, "filter column 7: there is no day '%s'", days[i]));
    assert_refused("since:1969-12-31",
                   "filter column 7: there is no day '1969-12-31' here: they begin with 1970");
    static const char *const hours[] = { "24:00", "12:60",       "12:00:60", "12",
                                         "12:3",  "12:30+01:00", "12:30ZZ",  "" };
    for (int i = 0; i < ARRAY_SIZE(hours); i++)
        assert_refused(arena_printf(&arena, "since:2026-11-01T%s", hours[i]),
                       arena_printf(&arena,
                                    "filter column 7: '%s' is not a time of day: write 12:30 or "
                                    "12:30:05 behind the 'T', and a 'Z' for UTC",
                                    hours[i]));
    assert_refused("since:2026-11",
                   "filter column 7: '2026-11' is not a date: write it like 2026-11-01");
    assert_refused("since:2026-11-01x",
                   "filter column 7: '2026-11-01x' is not a date: write it like 2026-11-01");
}

static void what_is_no_time_is_refused_with_those_that_are(void **state)
{
    (void)state;
    assert_refused("since:yesterdy",
                   "filter column 7: 'yesterdy' is not a time (did you mean 'yesterday'?)");
    assert_refused("since:2026",
                   "filter column 7: '2026' is not a time: write 2026-11-01, 2026-11-01T12:30, "
                   "today, yesterday, or 2d for two days ago");
    assert_refused("created:2d",
                   "filter column 9: 'created:' needs a day or a minute, and '2d' is a moment (did "
                   "you mean 'since:2d'?)");
}

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {
        { "90", 90 },     { "90s", 90 },    { "15m", 900 },    { "2h", 7200 },
        { "3d", 259200 }, { "1w", 604800 }, { "1h30m", 5400 }, { "1w2d3h4m5s", 788645 },
        { "1.5h", 5400 }, { "0", 0 },       { "0.25", 0.25 },
    };
    for (int i = 0; i < ARRAY_SIZE(good); i++) {
        double seconds = -1;
        assert_int_equal(filter_duration(good[i].text, &seconds), 0);
        assert_true(seconds == good[i].seconds);
    }
    static const char *const bad[] = {
        "",     "h",   "1x",  "-1h", "1h30", "30m1h", "1h1h",   "1e3s",
        "0x1h", "1.h", ".5h", "1 h", "1hm",  "nan",   "1.5.5h", "123456789012345678901234567890123"
    };
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        double seconds;
        assert_int_equal(filter_duration(bad[i], &seconds), ERR_INVALID);
        assert_string_equal(error_text(),
                            arena_printf(&arena,
                                         "'%s' is not a duration: write 90 (seconds), 15m, 2h, 3d, "
                                         "1w or 1h30m",
                                         bad[i]));
    }
    double seconds;
    assert_int_equal(filter_duration("99999999w", &seconds), ERR_INVALID);
    assert_string_equal(error_text(), "'99999999w' is longer than three hundred years");
    assert_true(value_of("took>1h30m")->number == 5400);
}

static void operators_are_those_that_the_field_takes(void **state)
{
    (void)state;
    assert_refused("tag>3", "filter column 4: 'tag' takes ':', '=' and '!=', not '>'");
    assert_refused("since>2d", "filter column 6: 'since' takes ':', not '>'");
    assert_refused("took:1h", "filter column 5: 'took' takes '<', '<=', '>' and '>=', not ':'");
    assert_refused("state < live", "filter column 7: 'state' takes ':', '=' and '!=', not '<'");
    assert_refused("min(d_loss):3",
                   "filter column 12: 'min(d_loss)' takes '=', '!=', '<', '<=', '>' and '>=', not "
                   "':'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RELEASED(numbers_are_needed_where_they_are_compared),
        RELEASED(words_are_those_of_their_field),
        RELEASED(commits_are_hexadecimal),
        RELEASED(times_are_spans_of_local_time),
        RELEASED(days_and_hours_that_are_not_there_are_refused),
        RELEASED(what_is_no_time_is_refused_with_those_that_are),
        RELEASED(durations_have_units),
        RELEASED(operators_are_those_that_the_field_takes),
    };
    return cmocka_run_group_tests(tests, enter_zone, NULL);
}
