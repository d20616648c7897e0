#define _GNU_SOURCE
#include "base/host.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void cpu_has_a_printable_name(void **state)
{
    (void)state;
    const char *name = host_cpu();
    assert_true(strlen(name) > 0 && strlen(name) < 128);
    for (const char *byte = name; *byte; byte++)
        assert_in_range(*byte, ' ', '~');
    assert_ptr_equal(name, host_cpu());
}

static void cores_are_those_of_the_affinity(void **state)
{
    cpu_set_t all, one;
    (void)state;
    assert_return_code(sched_getaffinity(0, sizeof all, &all), 0);
    assert_int_equal(host_cores(), CPU_COUNT(&all));
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; core++)
        if (CPU_ISSET(core, &all))
            CPU_SET(core, &one);
    assert_return_code(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(host_cores(), 1);
    assert_return_code(sched_setaffinity(0, sizeof all, &all), 0);
}

static void build_has_a_name(void **state)
{
    (void)state;
    assert_true(strlen(build_id()) > 0);
    assert_string_equal(build_id(), build_id());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_has_a_printable_name),
        cmocka_unit_test(cores_are_those_of_the_affinity),
        cmocka_unit_test(build_has_a_name),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
