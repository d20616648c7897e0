/* Curves: each point once at every zoom, ranges as they are, and few rows read. */
#define _GNU_SOURCE
#include <math.h>
#include <sqlite3.h>

#include "base/random.h"
#include "made_store.h"

static struct store store;
static struct catalogue *catalogue;

static int enter(void **state)
{
    if (scratch_enter(state) < 0)
        return -1;
    made_store();
    made_run(1, "{\"experiment\":\"a\"}");
    made_ended(1, "finished");
    return store_open(&store, NULL, STORE_FIND);
}

static int leave(void **state)
{
    catalogue_close(catalogue);
    catalogue = NULL;
    store_release(&store);
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void look(void)
{
    assert_int_equal(catalogue_open(&catalogue, &store), 0);
    assert_int_equal(catalogue_refresh(catalogue, MADE_NOW), 0);
}

/* --- against brute force --- */

struct points {
    double *step, *time, *value;
    int count;
};

static double random_value(struct random *random)
{
    switch (random_below(random, 12)) {
    case 0:
        return NAN;
    case 1:
        return INFINITY;
    case 2:
        return -INFINITY;
    case 3:
        return 0;
    default:
        return ((double)random_below(random, 2000001) - 1000000) / 1024;
    }
}

/* Steps stay, jump and go back; times and steps are missing now and then. */
static void write_points(struct random *random, struct points *points, int count)
{
    FILE *stream = fopen(made_path(1, "events.jsonl"), "w");
    int64_t step = 0;
    assert_non_null(stream);
    points->step = xcalloc((size_t)count, sizeof(double));
    points->time = xcalloc((size_t)count, sizeof(double));
    points->value = xcalloc((size_t)count, sizeof(double));
    points->count = count;
    for (int i = 0; i < count; i++) {
        bool has_step = random_below(random, 8) > 0, has_time = random_below(random, 8) > 0;
        uint64_t kind = random_below(random, 40);
        step = kind == 0   ? (int64_t)random_below(random, 2 * (uint64_t)count)
               : kind == 1 ? step
                           : step + 1 + (int64_t)random_below(random, 3);
        if (!has_step)
            step = i > 0 ? (int64_t)points->step[i - 1] + 1 : 1;
        points->step[i] = (double)step;
        points->time[i] = has_time ? 1e6 + i : NAN;
        points->value[i] = random_value(random);
        fputs("{", stream);
        if (has_time)
            fprintf(stream, "\"t\":%d,", 1000000 + i);
        if (has_step)
            fprintf(stream, "\"step\":%lld,", (long long)step);
        double value = points->value[i];
        if (isnan(value))
            fputs(random_below(random, 2) ? "\"metrics\":{\"m\":NaN}}\n"
                                          : "\"metrics\":{\"m\":\"NaN\"}}\n",
                  stream);
        else if (isinf(value))
            fprintf(stream,
                    random_below(random, 2) ? "\"metrics\":{\"m\":%sInfinity}}\n"
                                            : "\"metrics\":{\"m\":\"%sInfinity\"}}\n",
                    value < 0 ? "-" : "");
        else
            fprintf(stream, "\"metrics\":{\"m\":%.17g}}\n", value);
    }
    fclose(stream);
}

static void free_points(struct points *points)
{
    free(points->step);
    free(points->time);
    free(points->value);
}

/* Without bounds the entries of a series are shares of the points in their order; each entry must be
 * what its share comes to. An entry of level L stands for 32 * 8^(L-1) points. */
static int assert_share(const struct points *points, int begin, const struct series *series, int i)
{
    static const int sizes[] = { 1, 32, 256, 2048, 16384 };
    for (int k = 0; k < ARRAY_SIZE(sizes); k++) {
        int end = begin + sizes[k], finite = 0;
        double low = NAN, high = NAN, sum = 0, step = -1, time = NAN;
        if (end > points->count)
            break;
        for (int j = begin; j < end; j++) {
            step = fmax(step, points->step[j]);
            time = fmax(time, points->time[j]);
            if (!isfinite(points->value[j]))
                continue;
            low = fmin(low, points->value[j]);
            high = fmax(high, points->value[j]);
            sum += points->value[j];
            finite++;
        }
        bool is_low = finite == 0 ? isnan(series->low[i]) : series->low[i] == low;
        bool is_high = finite == 0 ? isnan(series->high[i]) : series->high[i] == high;
        bool is_mean = finite == 0 ? isnan(series->mean[i])
                                   : fabs(series->mean[i] - sum / finite) < 1e-9 * (1 + fabs(sum));
        bool is_time = isnan(time) ? isnan(series->time[i]) : series->time[i] == time;
        if (is_low && is_high && is_mean && is_time && series->step[i] == step)
            return end;
    }
    fail_msg("entry %d, from point %d on, is no share of the points", i, begin);
    return 0;
}

static void every_zoom_holds_every_point_once(void **state)
{
    (void)state;
    static const int counts[] = { 1, 31, 32, 33, 255, 257, 2047, 2049, 20000 };
    static const int resolutions[] = { 1, 10, 100, 320, 100000 };
    struct random random;
    random_seed(&random, 11, 0);
    for (int c = 0; c < ARRAY_SIZE(counts); c++) {
        struct points points;
        write_points(&random, &points, counts[c]);
        assert_int_equal(store_tell_change(&store, 1), 0);
        look();
        for (int r = 0; r < ARRAY_SIZE(resolutions); r++) {
            struct arena arena = { 0 };
            struct series series;
            int at = 0;
            assert_int_equal(
                catalogue_series(catalogue, &arena, 1, "m", NAN, NAN, resolutions[r], &series), 0);
            assert_true(series.count >= (resolutions[r] < counts[c] ? resolutions[r] : counts[c]));
            assert_true(series.count <= 32 * (resolutions[r] + 1) + 5 * 8 + 32);
            for (int i = 0; i < series.count; i++)
                at = assert_share(&points, at, &series, i);
            assert_int_equal(at, points.count);
            arena_release(&arena);
        }
        catalogue_close(catalogue);
        catalogue = NULL;
        assert_int_equal(unlink(".gander/catalogue.db"), 0);
        free_points(&points);
    }
}

/* In bounds nothing is missing: the range of what is found is at least that of what lies between
 * them, and points so few that they are single are exactly those. */
static void bounds_leave_out_what_lies_beyond_them_only(void **state)
{
    (void)state;
    enum { COUNT = 8000, TRIALS = 60 };
    struct random random;
    struct points points;
    random_seed(&random, 12, 0);
    write_points(&random, &points, COUNT);
    look();
    for (int trial = 0; trial < TRIALS; trial++) {
        struct arena arena = { 0 };
        struct series series;
        double first = (double)random_below(&random, 3 * COUNT), low = NAN, high = NAN;
        double last = first + (double)random_below(&random, trial % 2 ? 60 : 6000);
        int inside = 0;
        bool is_single = trial % 3 == 0;
        assert_int_equal(catalogue_series(catalogue, &arena, 1, "m", first, last,
                                          is_single ? 1000000 : 50, &series),
                         0);
        for (int i = 0; i < points.count; i++)
            if (points.step[i] >= first && points.step[i] <= last) {
                inside++;
                if (isfinite(points.value[i])) {
                    low = fmin(low, points.value[i]);
                    high = fmax(high, points.value[i]);
                }
            }
        double found_low = NAN, found_high = NAN;
        for (int i = 0; i < series.count; i++) {
            found_low = fmin(found_low, series.low[i]);
            found_high = fmax(found_high, series.high[i]);
        }
        if (is_single)
            assert_int_equal(series.count, inside);
        assert_true(isnan(low) || (found_low <= low && found_high >= high));
        assert_true(inside == 0 || series.count > 0);
        arena_release(&arena);
    }
    free_points(&points);
}

/* --- a million values --- */

static int64_t steps_taken; /* of SQLite's machine: a handful a row */

static int count_steps(unsigned kind, void *context, void *statement, void *time)
{
    (void)kind, (void)context, (void)time;
    steps_taken += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    return 0;
}

static int count_on(sqlite3 *db, const char **error, const void *routines)
{
    (void)error, (void)routines;
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, count_steps, NULL);
}

static void write_many(int count)
{
    FILE *stream = fopen(made_path(1, "events.jsonl"), "w");
    assert_non_null(stream);
    for (int i = 0; i < count; i++)
        fprintf(stream, "{\"t\":%d,\"step\":%d,\"metrics\":{\"m\":%d}}\n", i, i, (i * 37) % 1000);
    fclose(stream);
}

static void charts_of_a_million_values_read_few_rows(void **state)
{
    (void)state;
    enum { WIDTH = 320, MOST = 33 * WIDTH, STEPS_A_ROW = 16, ROWS = 3000 };
    const int count = getenv("GANDER_TEST_SMALL") ? 100000 : 1000000;
    static const double zooms[] = { 1, 0.7, 0.5, 0.1, 0.01, 0.001, 0.0001 };
    write_many(count);
    look();
    catalogue_close(catalogue);
    sqlite3_auto_extension((void (*)(void))count_on);
    assert_int_equal(catalogue_open(&catalogue, &store), 0);
    for (int z = 0; z < ARRAY_SIZE(zooms); z++)
        for (int place = 0; place < 3; place++) {
            struct arena arena = { 0 };
            struct series series;
            double width = zooms[z] * count, first = floor((count - width) * place / 2);
            steps_taken = 0;
            assert_int_equal(catalogue_series(catalogue, &arena, 1, "m", zooms[z] < 1 ? first : NAN,
                                              zooms[z] < 1 ? first + width - 1 : NAN, WIDTH,
                                              &series),
                             0);
            assert_in_range(series.count, width < WIDTH ? (int)width : WIDTH, MOST);
            if (steps_taken > STEPS_A_ROW * ROWS || steps_taken == 0)
                fail_msg("zoom %g at %d: %lld steps", zooms[z], place, (long long)steps_taken);
            arena_release(&arena);
        }
    sqlite3_cancel_auto_extension((void (*)(void))count_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(every_zoom_holds_every_point_once),
        IN_STORE(bounds_leave_out_what_lies_beyond_them_only),
        IN_STORE(charts_of_a_million_values_read_few_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
