#include "print_groups.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "draw/table.h"

/* "A", "B" … */
static const char *letter_of(struct arena *arena, int group)
{
    return group < 26 ? arena_printf(arena, "%c", 'A' + group) : arena_printf(arena, "%d", group);
}

static const char *members_text(const struct beside *beside, const struct groups *groups, int group)
{
    struct arena *arena = &beside->index->arena;
    const char *text = "";
    for (int i = 0; i < beside->count; i++)
        if (groups->group_of[i] == group)
            text = arena_printf(arena, "%s%s%s", text, *text ? " " : "",
                                run_title(beside->index, &beside->runs[i]));
    return text;
}

static const char *spread_text(struct arena *arena, const char *metric, const struct spread *spread)
{
    if (spread->count == 0)
        return "-";
    const char *mean = metric_format(arena, metric, spread->mean);
    return spread->count == 1 ? mean
                              : arena_printf(arena, "%s ± %s", mean,
                                             metric_format(arena, metric, spread->deviation));
}

static bool is_told(const struct beside *beside, const struct beside_metric *metric)
{
    return beside->shows_all || strncmp(metric->name, "use.", 4) != 0;
}

void groups_print(const struct beside *beside, const struct groups *groups,
                  const struct beside_setting *settings, int setting_count,
                  const struct beside_metric *metrics, int metric_count)
{
    enum { COLUMNS = 6 };
    static const struct table_column columns[COLUMNS] = {
        { .title = "metric", .least = 8, .most = 24 },
        { .title = "groups" },
        { .title = "first", .is_right = true, .rank = 2 },
        { .title = "other", .is_right = true, .rank = 1 },
        { .title = "difference [95 %]" },
        { .title = "" },
    };
    struct arena *arena = &beside->index->arena;
    struct terminal terminal;
    if (!groups->can_tell)
        return;
    printf("\ngroups of runs that differ in their seed only\n");
    for (int group = 0; group < groups->count; group++)
        printf("  %s  runs %s  %s\n", letter_of(arena, group), members_text(beside, groups, group),
               text_clean(arena, group_words(beside, groups, settings, setting_count, group), 300));
    struct table_cell *cells = arena_alloc(
        arena, (size_t)metric_count * (size_t)groups->count * COLUMNS + 1, sizeof *cells);
    struct table table = { columns, COLUMNS, cells, 0 };
    for (int i = 0; i < metric_count; i++)
        for (int group = 1; group < groups->count && is_told(beside, &metrics[i]); group++) {
            struct difference difference = groups_compare(beside, groups, &metrics[i], group);
            enum verdict verdict = groups_verdict(&difference, metrics[i].direction);
            struct table_cell *row = cells + (size_t)table.row_count * COLUMNS;
            if (verdict == VERDICT_UNKNOWN)
                continue;
            table.row_count++;
            row[0].text = metrics[i].name;
            row[1].text = arena_printf(arena, "A %s", letter_of(arena, group));
            row[2].text = spread_text(arena, metrics[i].name, &difference.a);
            row[3].text = spread_text(arena, metrics[i].name, &difference.b);
            row[4].text = difference_words(arena, metrics[i].name, &difference);
            row[5].text = verdict_words(verdict);
        }
    terminal_probe(&terminal, stdout);
    table_print(stdout, &table, &terminal);
}

struct json *groups_json(const struct beside *beside, const struct groups *groups,
                         const struct beside_metric *metrics, int metric_count)
{
    struct json *array = json_new_array();
    for (int group = 0; group < groups->count; group++) {
        struct json *object = json_new_object(), *runs = json_new_array();
        struct json *differences = json_new_object();
        for (int i = 0; i < beside->count; i++)
            if (groups->group_of[i] == group)
                json_push_integer(runs, beside->runs[i].row.number);
        for (int i = 0; i < metric_count && group > 0 && groups->can_tell; i++) {
            struct difference difference = groups_compare(beside, groups, &metrics[i], group);
            enum verdict verdict = groups_verdict(&difference, metrics[i].direction);
            struct json *one = json_new_object();
            json_set_number(one, "difference", difference.mean);
            json_set_number(one, "low", difference.low);
            json_set_number(one, "high", difference.high);
            json_set_string(one, "verdict", verdict_words(verdict));
            json_set(differences, metrics[i].name, one);
        }
        json_set(object, "runs", runs);
        json_set(object, "beside_first", differences);
        json_push(array, object);
    }
    return array;
}
