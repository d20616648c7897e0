#define _GNU_SOURCE
#include "draw/chart.h"

#include <locale.h>

#include "draw/charts.h"

enum { COUNT = 200 };

static double steps[COUNT], d_loss[COUNT], g_loss[COUNT], frechet[COUNT];

/* Curves as a GAN's are: a loss that settles and swings, one that falls, a distance that falls by
 * orders of magnitude. */
static int make_curves(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        double share = i / (double)COUNT;
        steps[i] = 50.0 * (i + 1);
        d_loss[i] = 1.3 - 0.3 * exp(-20 * share) + 0.06 * sin(40 * share);
        g_loss[i] = 0.8 + 0.5 * exp(-10 * share) + 0.04 * cos(25 * share);
        frechet[i] = 3 + 297 * exp(-8 * share);
    }
    return 0;
}

static struct chart losses(void)
{
    static struct chart_series series[2];
    series[0] = (struct chart_series){ .name = "d_loss", .x = steps, .mean = d_loss };
    series[1] = (struct chart_series){ .name = "g_loss", .x = steps, .mean = g_loss };
    series[0].count = series[1].count = COUNT;
    return (struct chart){ .series = series, .series_count = 2, .x_title = "step" };
}

static struct chart one(const double *values, int count)
{
    static struct chart_series series;
    series = (struct chart_series){ .x = steps, .mean = values, .count = count };
    return (struct chart){ .series = &series, .series_count = 1 };
}

static void assert_drawn(const struct chart *chart, int columns, int rows, enum chart_glyphs glyphs,
                         const char *expected)
{
    const char *drawn = chart_drawn(chart, columns, rows, glyphs);
    if (strcmp(drawn, expected) != 0)
        fail_msg("expected\n%sdrawn\n%s", expected, drawn);
}

static void chart_draws_braille(void **state)
{
    (void)state;
    struct chart chart = losses();
    chart.title = "digits";
    assert_drawn(&chart, 60, 16, CHART_BRAILLE,
                 "digits                      ● d_loss 1.352   ▲ g_loss 0.8387\n"
                 "1.4 ┤          ⢀⣀       ⣀⡀      ⢀⣀       ●⣀      ⢀⣀⡀      ⣀●\n"
                 "    │▲⡀       ⡰⠁ ●⡄   ⡠⠊ ⠈⠢⡀   ⡔⠁ ⠑⡄   ⢠⠊ ⠈⢢    ⡰⠁ ⠘⢄   ⢀⠎⠁\n"
                 "    │ ⢣⢀⠤⢄  ⢀⠎    ⠈⠢⣀⠔⠁    ⠑⢄⡠⠊    ⠈⠢⣀⠔⠁    ⠑⠤⡠⠊⠁   ⠈⠢⢄⠴⠁\n"
                 "1.2 ┤ ⢈⡇  ⠉⠒⠁\n"
                 "    │ ⡜⠸⡀\n"
                 "    │⢀⠇ ⠱⡀\n"
                 "1.0 ┤⠘   ⢱\n"
                 "    │     ⠣⡀\n"
                 "    │      ⠈⠢⣀⣀⣀⣀⣀⣀⣀\n"
                 "    │               ⠉⠒⢄       ⣀⠤⠒⠢⠤⣀        ⡠⠤⠤⠤⢄⡀       ⢀⡠▲\n"
                 "0.8 ┤                  ⠉⠒⠤⠤⠤⠒▲      ⠑⠢⢄⣀⣀⠤⠒⠉     ⠈⠒⠤⣀▲⣀⠤⠊⠁\n"
                 "    │\n"
                 "    └┬──────────┬──────────┬─────────┬──────────┬──────────┬\n"
                 "     0        2,000      4,000     6,000      8,000   10,000\n"
                 "                              step\n");
}

static void chart_draws_several_series_in_ascii_with_their_markers(void **state)
{
    (void)state;
    struct chart chart = losses();
    assert_drawn(&chart, 60, 12, CHART_ASCII,
                 "* d_loss 1.352   o g_loss 0.8387\n"
                 "1.4 +          ***     ***      ***     ***      ***      **\n"
                 "    |oo      *** **  ***  **  **  ***  **  **  **  ***  **\n"
                 "1.2 + oo******     ***      ***     ***      ***     ***\n"
                 "    | *o\n"
                 "    |** oo\n"
                 "1.0 +*   oo\n"
                 "    |     ooo\n"
                 "    |       ooooooooooo       ooooo         ooooo         oo\n"
                 "0.8 +                 ooooooooo    oooooooooo   ooooooooooo\n"
                 "    ++----------+----------+---------+----------+----------+\n"
                 "step 0        2,000      4,000     6,000      8,000   10,000\n");
}

static void chart_draws_one_series_in_ascii_by_its_shape(void **state)
{
    (void)state;
    struct chart chart = one(d_loss, COUNT);
    assert_drawn(&chart, 60, 12, CHART_ASCII,
                 "1.4 +\n"
                 "    |         _-'.     .'\\_    _-'\\     /'\\_    _-'\\     .''\n"
                 "1.3 +        _/  '\\   /   \\_  _|  '\\   /'  \\_  _/   \\   .'\n"
                 "    |   __   /    '. /     \\__/    '-_/'    '._/    '-_/'\n"
                 "1.2 +  / '-./       '        '       '        '       '\n"
                 "    | .'\n"
                 "    | /\n"
                 "1.1 + |\n"
                 "    |.'\n"
                 "1.0 +'\n"
                 "    ++----------+----------+---------+----------+----------+\n"
                 "     0        2,000      4,000     6,000      8,000   10,000\n");
}

static void chart_draws_blocks(void **state)
{
    (void)state;
    struct chart chart = one(d_loss, COUNT);
    assert_drawn(&chart, 40, 8, CHART_HALF,
                 "1.4 ┤       ▄    ▄    ▄▄    ▄    ▄    ▄▄\n"
                 "    │     ▄▀ █  █ █  █ ▀▄ ▄▀ █  █ █  █\n"
                 "1.2 ┤  █▄▄▀   ▀▀   ▀▀    ▀▀   ▀▀   ▀▀\n"
                 "    │ █\n"
                 "    │▄▀\n"
                 "1.0 ┤▀\n"
                 "    └┬────────────────┬────────────────┬\n"
                 "     0              5,000         10,000\n");
    assert_drawn(&chart, 40, 8, CHART_QUADRANT,
                 "1.4 ┤      ▗▖    ▄▖   ▗▖    ▄    ▗▖   ▗▄\n"
                 "    │     ▗▘▝▚  ▞ ▝▖ ▄▘▝▚ ▗▀ ▚  ▞▘▝▖ ▗▘\n"
                 "1.2 ┤ ▗▀▄▄▘   ▀▀   ▝▀    ▀▘   ▀▀   ▝▀▘\n"
                 "    │ ▌\n"
                 "    │▐\n"
                 "1.0 ┤▌\n"
                 "    └┬────────────────┬────────────────┬\n"
                 "     0              5,000         10,000\n");
}

static void chart_draws_a_logarithmic_axis(void **state)
{
    (void)state;
    struct chart chart = one(frechet, COUNT);
    chart.y_scale = CHART_LOG;
    assert_drawn(&chart, 50, 12, CHART_BRAILLE,
                 "300 ┤⠑⠢⡀\n"
                 "    │  ⠈⠑⢄⡀\n"
                 "100 ┤     ⠈⠒⢄\n"
                 "    │        ⠉⠢⣀\n"
                 " 30 ┤           ⠑⠢⣀\n"
                 "    │              ⠑⠢⡀\n"
                 "    │                ⠈⠑⠢⣀\n"
                 " 10 ┤                    ⠉⠒⠤⣀\n"
                 "    │                        ⠉⠒⠢⠤⣀⣀\n"
                 "  3 ┤                              ⠉⠉⠒⠒⠒⠤⠤⠤⠤⠤⠤⢄⣀⣀⣀\n"
                 "    └┬─────────────────────┬─────────────────────┬\n"
                 "     0                   5,000              10,000\n");
}

static void chart_draws_references_events_and_a_cursor(void **state)
{
    (void)state;
    struct chart chart = losses();
    chart.references = &(struct chart_reference){ 1, "even" };
    chart.reference_count = 1;
    static const struct chart_event events[] = {
        { 1000, CHART_CHECKPOINT }, { 4000, CHART_RESUME }, { 6000, CHART_MARK },
        { 8000, CHART_HEALTH },     { 8000, CHART_MARK },   { 20000, CHART_MARK },
    };
    chart.events = events;
    chart.event_count = ARRAY_SIZE(events);
    chart.has_cursor = true;
    chart.cursor = 5000;
    assert_drawn(&chart, 60, 12, CHART_BRAILLE,
                 "● d_loss 1.349   ▲ g_loss 0.8428\n"
                 "1.4 ┤          ⢀⣀⡀     ⢀⡠⢄      ●⠤⡀     ⢀●⢄      ⣀⠤⣀      ⡠●\n"
                 "    │▲⡄      ⢀⠔⠁ ●⢢  ⢀⠔⠁  ⠑⢄  ⢠⠊│ ⠈⠢⡀  ⡰⠁  ⠑⢄  ⢀⠜⠁ ⠈⠢⡀  ⡠⠊\n"
                 "1.2 ┤ ⠱⡔⠊⠑⠢⠤⠔⠁     ⠉⠒⠉      ⠑⠊⠁ │   ⠈⠒⠉      ⠑⠊⠁     ⠈⠑⠊\n"
                 "    │ ⡸⢣                        │\n"
                 "    │⢀⠇ ⠱⡀                      │                       even\n"
                 "1.0 ┤⠘┄┄┄⠱⡀┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄│┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄\n"
                 "    │     ⠈⠢⡀                   │\n"
                 "    │       ⠈⠑⠒⠒⠊⠉⠉⠑⠒⢄⡀       ⢀⣀▲⢄⣀         ⢀⣀⣀⣀⡀         ⢀▲\n"
                 "0.8 ┤                 ⠈⠑⠢⠤⠤⠤⠔▲⠁ │  ⠉⠒⠤⢄⣀⣀⠤⠔⠊⠁   ⠈⠑⠢⠤⣀▲⣀⠤⠒⠊⠁\n"
                 "    └┬────◊─────┬──────────►─────────╵──────────!──────────┬\n"
                 "step 0        2,000           5,000           8,000   10,000\n");
    assert_drawn(&chart, 60, 12, CHART_ASCII,
                 "* d_loss 1.349   o g_loss 0.8428\n"
                 "1.4 +          ***     ***      ***     ***      ***      **\n"
                 "    |oo      *** **  ***  **  **| ***  **  **  **  ***  **\n"
                 "1.2 + oo******     ***      *** |   ***      ***     ***\n"
                 "    | *o                        |\n"
                 "    |** oo                      |                       even\n"
                 "1.0 +*- -oo - - - - - - - - - - | - - - - - - - - - - - - -\n"
                 "    |     ooo                   |\n"
                 "    |       ooooooooooo       ooooo         ooooo         oo\n"
                 "0.8 +                 ooooooooo |  oooooooooo   ooooooooooo\n"
                 "    ++----^-----+---------->---------'----------!----------+\n"
                 "step 0        2,000           5,000           8,000   10,000\n");
}

static void chart_draws_the_range_of_what_shares_a_column(void **state)
{
    (void)state;
    static double low[COUNT], high[COUNT];
    for (int i = 0; i < COUNT; i++)
        low[i] = d_loss[i] - 0.2, high[i] = d_loss[i] + 0.1;
    struct chart_series series = { .mean = d_loss, .low = low, .high = high, .count = COUNT };
    struct chart chart = { .series = &series, .series_count = 1 };
    assert_drawn(&chart, 40, 9, CHART_BRAILLE,
                 "1.4 ┤     ⠠⠠⠡   ⠠⠡⠠  ⠠⠡⠡   ⠠⠡⠠  ⠠⠡⠡   ⠠⠡\n"
                 "    │ ⠠⠡⠠⠠⢠⠒⠑⡄⠡⢀⠔⠉⢢⠡⠠⡠⠊⠱⡀⠡⢀⠔⠉⢢⠡⠠⡠⠊⠱⡀⠠⢀⠔⠉\n"
                 "1.2 ┤⠠⡔⠒⠢⠴⠁⠡⠡⠈⠒⠃⠡⠡⠡⠑⠒⠁⠡⠡⠈⠒⠁⠡⠡⠡⠑⠊⠡⠡⠡⠈⠒⠁⠡⠡\n"
                 "    │⢰⠁⠡⠡⠡⠡⠁⠁⠡⠡⠡⠡⠁⠡⠡⠡⠡⠁⠡⠡⠡⠡⠁⠁⠡⠡⠡⠡⠁⠡⠡⠡⠡⠁⠁\n"
                 "1.0 ┤⠇⠡⠁⠡⠡⠁   ⠁⠁   ⠁⠁⠁   ⠁⠁   ⠁⠁⠁   ⠁⠁\n"
                 "    │⠡⠁\n"
                 "0.8 ┤⠁\n"
                 "    └┬───────┬────────┬────────┬────────\n"
                 "     0      50       100      150\n");
    assert_drawn(&chart, 40, 9, CHART_ASCII,
                 "1.4 +      ::   :::   ::   :::  :::   ::\n"
                 "    | ::::.-'.:_-'\\::.'\\_:_-'\\::.'\\_:_-'\n"
                 "1.2 + /---'::'-':::'-'::'-':::'':::'-'::\n"
                 "    ||'::::: :::: :::: ::::: :::: :::::\n"
                 "1.0 +|: ::\n"
                 "    |:\n"
                 "0.8 +:\n"
                 "    ++-------+--------+--------+--------\n"
                 "     0      50       100      150\n");
    assert_drawn(&chart, 40, 9, CHART_QUADRANT,
                 "1.4 ┤      ░░   ░░░   ░░   ░░░   ░░   ░░\n"
                 "    │ ░░░░▗▞▀▖░░▞▀▚░░▗▀▚▖░░▞▀▚░░▄▀▚▖░▗▞▀\n"
                 "1.2 ┤ ▞▀▄▄▘░░▝▀▀░░░▀▀▘░░▝▀▀░░░▀▀░░░▝▀▘░░\n"
                 "    │▐░░░░░░ ░░░░ ░░░░ ░░░░░ ░░░░ ░░░░░\n"
                 "1.0 ┤▌░ ░░\n"
                 "    │░\n"
                 "0.8 ┤\n"
                 "    └┬───────┬────────┬────────┬────────\n"
                 "     0      50       100      150\n");
    chart.hides_bands = true;
    assert_drawn(&chart, 40, 9, CHART_ASCII,
                 "1.4 +      __    _    __    _    __    _\n"
                 "    |     .''. _/ \\  /'\\_ _/ \\  /'\\_ _/\n"
                 "    | _-__/  './   \\/'  './   \\/'  \\.'\n"
                 "1.2 + / ''\n"
                 "    ||'\n"
                 "    |/\n"
                 "1.0 +|\n"
                 "    ++-------+--------+--------+--------\n"
                 "     0      50       100      150\n");
}

static void chart_draws_raw_values_behind_smoothed_ones(void **state)
{
    (void)state;
    static double raw[COUNT], smoothed[COUNT];
    for (int i = 0; i < COUNT; i++)
        raw[i] = d_loss[i] + 0.1 * sin(i);
    chart_smooth(raw, COUNT, 0.9, smoothed);
    const struct chart_series series[] = {
        { .mean = raw, .count = COUNT, .look = 1, .is_faint = true },
        { .name = "d_loss", .mean = smoothed, .count = COUNT, .look = 1 },
    };
    struct chart chart = { .series = series, .series_count = 2 };
    assert_drawn(&chart, 40, 9, CHART_BRAILLE,
                 "d_loss 1.324\n"
                 "1.4 ┤       ⡁    ⠠⠠  ⠠⠠⠠    ⡄⠠  ⠠⢠⠠    ⡅\n"
                 "    │  ⢠  ⢠⠱⢥⡀⡀⡀⡣⢀⣠⠠⠠⢰⡸⣀⡀⡀⡀⣇⣀⣠⠠⢠⢸⠸⣀⡀  ⣇⣀\n"
                 "    │ ⢠⢸⢰⠰⢀⠔⠉⠈⠑⠢⠊⠁⠩⠉⠒⠒⠉⠁⠈⠑⠢⠊⠁⠱⠉⠒⠎⠉⠁⠈⠑⠢⠊⠩\n"
                 "1.2 ┤ ⢠⠎⠉⠉⠁  ⠨⠸⠨   ⠁⡇⠁  ⠩⠸⠨   ⠁⠃⠁  ⠁⠩⠩\n"
                 "    │⢠⠃⠁⠁⠁          ⠁          ⠁\n"
                 "1.0 ┤⠃\n"
                 "    └┬───────┬────────┬────────┬────────\n"
                 "     0      50       100      150\n");
    assert_drawn(&chart, 40, 9, CHART_ASCII,
                 "d_loss 1.324\n"
                 "1.4 +       .    :          .    .     .\n"
                 "    |  .  ..._..._.  ..__..._. ...__  ._\n"
                 "    | ...._-'''-''.'--':''-' .'-/':''-'.\n"
                 "1.2 + ./'''  ...   ...  ...   :..   ..\n"
                 "    |.'\n"
                 "1.0 +'\n"
                 "    ++-------+--------+--------+--------\n"
                 "     0      50       100      150\n");
}

static void chart_says_what_it_cannot_draw(void **state)
{
    (void)state;
    static const double values[] = { 1,   NAN, NAN,       2,   2, INFINITY, 1,
                                     1.5, NAN, -INFINITY, 1.2, 1, 1.1 };
    struct chart chart = { .series = &(struct chart_series){ .mean = values, .count = 13 },
                           .series_count = 1 };
    assert_drawn(&chart, 50, 9, CHART_BRAILLE,
                 "2.0 ┤           ⠉⠉⠉⠉⠁  ↑\n"
                 "    │\n"
                 "    │\n"
                 "1.5 ┤                         ⢀⠄\n"
                 "    │                        ⢀⠎\n"
                 "    │                       ⢀⠎            ⢄⡀\n"
                 "1.0 ┤⣤  ×   ×              ⢀⠎     ×   ↓    ⠈⠑⠤⣀⠤⠒⠉\n"
                 "    └┬──────┬───────┬──────┬──────┬───────┬──────┬\n"
                 "     0      2       4      6      8      10     12\n");
    static const double never[] = { 0, -1, 1, 10, 100 };
    chart.series = &(struct chart_series){ .mean = never, .count = 5 };
    chart.y_scale = CHART_LOG;
    assert_drawn(&chart, 50, 9, CHART_ASCII,
                 "100 +                                          _-'\n"
                 "    |                                       .-'\n"
                 "    |                                   _.-'\n"
                 " 10 +                                _.-'\n"
                 "    |                             _-''\n"
                 "    |                         _.-'\n"
                 "  1 +v          v          _--'\n"
                 "    ++----------+----------+----------+----------+\n"
                 "     0          1          2          3          4\n");
    chart.y_scale = CHART_LINEAR;
    chart.y = (struct chart_range){ 2, 20 };
    assert_drawn(&chart, 50, 9, CHART_ASCII,
                 "20 +                                   /         ^\n"
                 "   |                                  _|\n"
                 "   |                                  |\n"
                 "10 +                                  /\n"
                 "   |                              _.-'\n"
                 "   |                           _--'\n"
                 "   |v          v           v_-''\n"
                 "   ++----------+-----------+----------+----------+\n"
                 "    0          1           2          3          4\n");
}

static void chart_of_nothing_says_so(void **state)
{
    (void)state;
    struct chart chart = { .title = "d_loss" };
    assert_drawn(&chart, 30, 8, CHART_BRAILLE,
                 "d_loss\n"
                 "│\n"
                 "│\n"
                 "│           no data\n"
                 "│\n"
                 "│\n"
                 "└─────────────────────────────\n"
                 "\n");
}

static void chart_keeps_the_curve_where_there_is_little_room(void **state)
{
    (void)state;
    struct chart chart = losses();
    chart.title = "digits";
    assert_drawn(&chart, 40, 10, CHART_BRAILLE,
                 "● d_loss 1.352   ▲ g_loss 0.8387\n"
                 "1.4 ┤⡀     ⡠⠤⡀  ⢀●⢄   ⡠⢤   ⢀⠤⡀  ⢀⠤⢄   ⡠●\n"
                 "    │▲⣀⠤⡀ ⡜⠁ ⠑⢄⡰⠁ ⠈⠢⡠⠊  ⠑⢄⠔⠁ ⠈⠢⡠⠊  ⠣⣀⠜⠁\n"
                 "1.2 ┤ ⣯ ⠈⠉\n"
                 "    │⢸ ⢇\n"
                 "1.0 ┤⠃ ⠈⢢\n"
                 "    │    ⠑⠤⠤⠤⠤⠤⡀      ⢀\n"
                 "0.8 ┤          ⠈⠑⠤⢄⠤⠒⠉⠁⠉⠑⠤⣀⣀⠤▲⠉⠉⠉⠒⢄⣀⣀⠤⠊▲\n"
                 "    └┬────────────────┬────────────────┬\n"
                 "step 0              5,000         10,000\n");
    assert_drawn(&chart, 20, 5, CHART_BRAILLE,
                 "1.2┤⢆⢄⡔⠑⠤⠊⠢⠔⠑⠤⠊⠢⠎⠑⠴●\n"
                 "1.0┤▲⢆\n"
                 "0.8┤  ⠑⠒⠒⢄⣀⠤⠤⢄⣀⠤⠤⣀⡠▲\n"
                 "   └┬──────────────┬\n"
                 "    0           step\n");
    assert_drawn(&chart, 10, 3, CHART_BRAILLE,
                 "⢦⡰⠣⠚⠔⠣⠚⠔⠣●\n"
                 "▲⡄\n"
                 " ⠑⠒⢄⡠⠤⡠⠤⣀▲\n");
    chart.series_count = 1;
    assert_drawn(&chart, 3, 1, CHART_BRAILLE, "⠔⠒⠒\n");
    assert_drawn(&chart, 1, 1, CHART_BRAILLE, "⠒\n");
    assert_drawn(&chart, 0, 0, CHART_BRAILLE, "");
    assert_drawn(&chart, 5, 0, CHART_BRAILLE, "");
}

static void chart_shows_a_single_point(void **state)
{
    (void)state;
    struct chart chart = one(d_loss, 1);
    assert_drawn(&chart, 30, 7, CHART_BRAILLE,
                 "1.1┤\n"
                 "   │\n"
                 "1.0┤             ●\n"
                 "   │\n"
                 "0.9┤\n"
                 "   └┬────────────┬───────────┬\n"
                 "  49.5          50        50.5\n");
    assert_drawn(&chart, 1, 1, CHART_ASCII, "*\n");
}

static void chart_begins_anew_where_x_goes_back(void **state)
{
    (void)state;
    static const double x[] = { 0, 1, 2, 3, 4, 2, 3, 4, 5 }, y[] = { 0, 1, 2, 3, 4, 0, 1, 2, 3 };
    struct chart chart = { .series = &(struct chart_series){ .x = x, .mean = y, .count = 9 },
                           .series_count = 1 };
    assert_drawn(&chart, 24, 9, CHART_ASCII,
                 "4+               _-'\n"
                 " |             .''     _\n"
                 " |          _-'      .-'\n"
                 "2+        .''     _-'\n"
                 " |     _-'     _.''\n"
                 " |  _-'      .-'\n"
                 "0+.-'     _-'\n"
                 " ++-------+--------+----\n"
                 "  0       2        4\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(chart_draws_braille),
        cmocka_unit_test(chart_draws_several_series_in_ascii_with_their_markers),
        cmocka_unit_test(chart_draws_one_series_in_ascii_by_its_shape),
        cmocka_unit_test(chart_draws_blocks),
        cmocka_unit_test(chart_draws_a_logarithmic_axis),
        cmocka_unit_test(chart_draws_references_events_and_a_cursor),
        cmocka_unit_test(chart_draws_the_range_of_what_shares_a_column),
        cmocka_unit_test(chart_draws_raw_values_behind_smoothed_ones),
        cmocka_unit_test(chart_says_what_it_cannot_draw),
        cmocka_unit_test(chart_of_nothing_says_so),
        cmocka_unit_test(chart_keeps_the_curve_where_there_is_little_room),
        cmocka_unit_test(chart_shows_a_single_point),
        cmocka_unit_test(chart_begins_anew_where_x_goes_back),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, make_curves, NULL);
}
