/* A page about runs has all within it, and what runs are called is only text on it. */
#define _GNU_SOURCE
#include "exchange/page.h"

#include <string.h>

#include "base/file.h"
#include "base/image.h"
#include "testing.h"

#define HOSTILE "</title><script>alert(1)</script><img src=x onerror=alert(1)>\\\"'&"

static struct arena arena;
static struct store store;

static void write_in(int64_t run, const char *name, const char *text)
{
    const char *path = arena_printf(&arena, ".gander/runs/%lld/%s", (long long)run, name);
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

static void made_sample(int64_t run, const char *name)
{
    uint8_t pixels[12] = { 0, 50, 100, 150, 200, 250 };
    const char *path = arena_printf(&arena, ".gander/runs/%lld/samples/%s", (long long)run, name);
    assert_int_equal(image_write_png(&(struct image){ 4, 3, pixels }, path), 0);
}

static void made_run(int64_t run, const char *command)
{
    const char *name = HOSTILE;
    const char *directory = arena_printf(&arena, ".gander/runs/%lld/samples", (long long)run);
    assert_int_equal(make_directories(directory), 0);
    write_in(
        run, "run.json",
        arena_printf(
            &arena,
            "{\"experiment\":\"%s\",\"name\":\"%s\",\"created\":5,\"command\":[%s],"
            "\"git\":{\"commit\":\"0123456789abcdef0123456789abcdef01234567\",\"subject\":\"%s\"}}",
            name, name, command, name));
    write_in(run, "events.jsonl",
             arena_printf(&arena,
                          "{\"t\":1,\"step\":1,\"metrics\":{\"d_loss\":1,\"%s\":2}}\n"
                          "{\"t\":2,\"step\":2,\"metrics\":{\"d_loss\":\"NaN\",\"one\":1e300}}\n"
                          "{\"t\":3,\"step\":3,\"metrics\":{\"d_loss\":3}}\n"
                          "{\"t\":3,\"step\":3,\"health\":\"%s\",\"why\":\"%s\"}\n"
                          "{\"t\":3,\"step\":3,\"sample\":\"samples/00000003.png\"}\n",
                          name, name, name));
    write_in(run, "worker.jsonl",
             arena_printf(&arena,
                          "{\"t\":1,\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
                          "{\"t\":9,\"state\":\"failed\",\"step\":3,\"reason\":\"%s\"}\n",
                          name));
    write_in(run, "notes.jsonl",
             arena_printf(&arena, "{\"t\":1,\"by\":\"%s\",\"note\":\"first\\nsecond %s\"}\n", name,
                          name));
    made_sample(run, "00000003.png");
    made_sample(run, "00000001.png");
}

static int enter(void **state)
{
    int code = scratch_enter(state);
    unsetenv("GANDER_DIR");
    code = code || store_open(&store, ".gander", STORE_MAKE);
    made_run(1, "\"x\",\"--lr\",\"0.1\"");
    made_run(2, "\"x\",\"--lr\",\"0.2\"");
    return code;
}

static int leave(void **state)
{
    store_release(&store);
    arena_release(&arena);
    return scratch_leave(state);
}

static int keep(void *context, const void *data, size_t size)
{
    FILE *stream = context;
    fwrite(data, 1, size, stream);
    return 0;
}

static int page_of(int count, const struct page_wish *wish, const char **text)
{
    struct catalogue *catalogue;
    struct table_run runs[] = { { &store, NULL, 1, "1" }, { &store, NULL, 2, "2" } };
    char *page;
    size_t size;
    FILE *stream = open_memstream(&page, &size);
    assert_int_equal(catalogue_open(&catalogue, &store), 0);
    assert_int_equal(catalogue_refresh(catalogue, 1796000000), 0);
    runs[0].catalogue = runs[1].catalogue = catalogue;
    int error = page_write(&(struct outlet){ keep, stream }, runs, count, wish);
    fclose(stream);
    *text = arena_strdup(&arena, page);
    free(page);
    catalogue_close(catalogue);
    return error;
}

static const char *whole_page(int count)
{
    const char *text;
    assert_int_equal(page_of(count, &(struct page_wish){ .now = 1796000000 }, &text), 0);
    return text;
}

static int occurrences(const char *text, const char *part)
{
    int count = 0;
    while ((text = strstr(text, part))) {
        text++;
        count++;
    }
    return count;
}

static void page_shows_runs_beside_each_other(void **state)
{
    (void)state;
    const char *text = whole_page(2);
    assert_int_equal(occurrences(text, "<svg "), 3);
    assert_int_equal(occurrences(text, "<path class=\"l c1\""), 4); /* d_loss has a gap */
    assert_int_equal(occurrences(text, "src=\"data:image/png;base64,iVBORw0KGgo"), 4);
    assert_non_null(strstr(text, "<th>lr</th><td>0.1</td><td>0.2</td>"));
    assert_non_null(strstr(text, "<code>0123456789ab</code>"));
    assert_non_null(strstr(text, "first<br>second"));
    assert_non_null(strstr(text, "@media(prefers-color-scheme:dark)"));
    assert_non_null(strstr(text, "</body></html>\n"));
    assert_string_equal(text, whole_page(2));
}

/* Of the hostile text nothing is markup, and nothing is fetched or run. */
static void page_runs_and_loads_nothing(void **state)
{
    (void)state;
    for (int count = 1; count <= 2; count++) {
        const char *text = whole_page(count);
        assert_null(strstr(text, "<script"));
        assert_null(strstr(text, "<img src=x"));
        assert_null(strstr(text, "http:"));
        assert_null(strstr(text, "https:"));
        assert_true(occurrences(text, "&lt;script&gt;alert(1)") >= 8 * count);
        assert_non_null(strstr(text, "content=\"default-src 'none'; "));
    }
}

static void page_of_a_metric_has_its_curve_only(void **state)
{
    (void)state;
    static const char *const names[] = { "d_loss" }, *const none[] = { "nix" };
    const char *text;
    assert_int_equal(
        page_of(2, &(struct page_wish){ .metrics = names, .metric_count = 1, .now = 1 }, &text), 0);
    assert_int_equal(occurrences(text, "<svg "), 1);
    assert_int_equal(
        page_of(2, &(struct page_wish){ .metrics = none, .metric_count = 1, .now = 1 }, &text),
        ERR_NOT_FOUND);
}

/* A journal may name anything, and a sample be anything. */
static void samples_that_are_none_are_left_out(void **state)
{
    (void)state;
    write_in(1, "samples/00000009.png", "no image");
    const char *text = whole_page(1);
    assert_int_equal(occurrences(text, "data:image/png"), 2);
    assert_null(strstr(text, "step 9"));
}

/* Ticks of a chart are counted: where a step is small beside its place, adding it changes nothing. */
static void curves_of_absurd_numbers_end(void **state)
{
    (void)state;
    write_in(1, "events.jsonl",
             "{\"step\":9007199254740990,\"metrics\":{\"a\":1e17,\"b\":1.7e308,\"c\":5e-324}}\n"
             "{\"step\":9007199254740991,\"metrics\":{\"a\":1.00000000000000016e17,\"b\":-1.7e308,"
             "\"c\":0}}\n");
    const char *text = whole_page(1);
    assert_non_null(strstr(text, "<figcaption>a</figcaption>"));
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_shows_runs_beside_each_other),   TEST(page_runs_and_loads_nothing),
        TEST(page_of_a_metric_has_its_curve_only), TEST(samples_that_are_none_are_left_out),
        TEST(curves_of_absurd_numbers_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
