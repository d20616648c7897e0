/* Whether logging out kills, told from files of systemd below a root of our own, and the doctor's
 * findings below cli. */
#define _GNU_SOURCE
#include "run/doctor.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "testing.h"

static void put(const char *path, const char *text)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    assert_non_null(slash);
    *slash = '\0';
    assert_int_equal(make_directories(folder), 0);
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

static const char session[] = "0::/user.slice/user-1000.slice/session-3.scope\n";
static const char manager[] =
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope\n";

static enum logout_end judge(const char *user, const char *cgroup)
{
    struct arena arena = { 0 };
    const char *where;
    enum logout_end end = logout_judge(&arena, &(struct logout){ "root", user, cgroup }, &where);
    arena_release(&arena);
    return end;
}

static void logout_keeps_what_no_setting_ends(void **state)
{
    (void)state;
    assert_int_equal(judge("ada", session), LOGOUT_KEEPS);
    put("root/etc/systemd/logind.conf", "[Login]\n#KillUserProcesses=no\n");
    assert_int_equal(judge("ada", session), LOGOUT_KEEPS);
}

static void logout_kills_where_the_setting_says_so(void **state)
{
    (void)state;
    put("root/etc/systemd/logind.conf", "[Login]\n  KillUserProcesses = Yes \r\n");
    assert_int_equal(judge("ada", session), LOGOUT_KILLS_SESSION);
    /* no session of logind: a container, a service, cron */
    assert_int_equal(judge("ada", "0::/\n"), LOGOUT_KEEPS);
    assert_int_equal(judge("ada", "0::/system.slice/cron.service\n"), LOGOUT_KEEPS);
    assert_int_equal(judge("ada", ""), LOGOUT_KEEPS);
}

static void logout_heeds_what_the_program_was_built_with(void **state)
{
    (void)state;
    put("root/usr/lib/systemd/logind.conf", "[Login]\n#KillUserProcesses=yes\n");
    assert_int_equal(judge("ada", session), LOGOUT_KILLS_SESSION);
    put("root/etc/systemd/logind.conf.d/a.conf", "[Login]\nKillUserProcesses=no\n");
    assert_int_equal(judge("ada", session), LOGOUT_KEEPS);
}

static void logout_reads_drop_ins_by_name(void **state)
{
    (void)state;
    put("root/etc/systemd/logind.conf", "[Login]\nKillUserProcesses=no\n");
    put("root/usr/lib/systemd/logind.conf.d/50-vendor.conf", "[Login]\nKillUserProcesses=yes\n");
    assert_int_equal(judge("ada", session), LOGOUT_KILLS_SESSION);
    put("root/run/systemd/logind.conf.d/40-early.conf", "[Login]\nKillUserProcesses=no\n");
    assert_int_equal(judge("ada", session), LOGOUT_KILLS_SESSION);
    put("root/run/systemd/logind.conf.d/60-late.conf", "[Login]\nKillUserProcesses=no\n");
    assert_int_equal(judge("ada", session), LOGOUT_KEEPS);
    /* /etc hides a file of the same name */
    put("root/etc/systemd/logind.conf.d/60-late.conf", "");
    put("root/etc/systemd/logind.conf.d/not-one.txt", "KillUserProcesses=no\n");
    assert_int_equal(judge("ada", session), LOGOUT_KILLS_SESSION);
}

static void logout_heeds_who_is_meant(void **state)
{
    (void)state;
    put("root/etc/systemd/logind.conf",
        "[Login]\nKillUserProcesses=yes\nKillExcludeUsers=root eve\n");
    assert_int_equal(judge("ada", session), LOGOUT_KILLS_SESSION);
    assert_int_equal(judge("eve", session), LOGOUT_KEEPS);
    assert_int_equal(judge("root", session), LOGOUT_KEEPS);
    put("root/etc/systemd/logind.conf.d/only.conf", "[Login]\nKillOnlyUsers=eve bob\n");
    assert_int_equal(judge("ada", session), LOGOUT_KEEPS);
    assert_int_equal(judge("bob", session), LOGOUT_KILLS_SESSION);
    assert_int_equal(judge("bo", session), LOGOUT_KEEPS);
}

/* Lingering keeps the service manager, and not what a session holds. */
static void logout_knows_what_lingering_keeps(void **state)
{
    (void)state;
    assert_int_equal(judge("ada", manager), LOGOUT_KILLS_MANAGER);
    put("root/var/lib/systemd/linger/ada", "");
    assert_int_equal(judge("ada", manager), LOGOUT_KEEPS);
    assert_int_equal(judge("eve", manager), LOGOUT_KILLS_MANAGER);
    put("root/etc/systemd/logind.conf", "[Login]\nKillUserProcesses=yes\n");
    assert_int_equal(judge("ada", session), LOGOUT_KILLS_SESSION);
}

/* The first finding of the topic. */
static struct doctor_finding finding_of(const struct doctor *doctor, const char *topic)
{
    for (int i = 0; i < doctor->count; i++)
        if (strcmp(doctor->findings[i].topic, topic) == 0)
            return doctor->findings[i];
    fail_msg("no finding '%s'", topic);
    return (struct doctor_finding){ .sign = DOCTOR_OK };
}

static void doctor_tells_of_logging_out(void **state)
{
    (void)state;
    struct doctor doctor;
    put("root/proc/self/cgroup", manager);
    doctor_begin(&doctor, &(struct doctor_wish){ .root = "root", .directory = "none", .now = 2e9 });
    doctor_examine(&doctor);
    struct doctor_finding logout = finding_of(&doctor, "logout");
    assert_int_equal(logout.sign, DOCTOR_PROBLEM);
    assert_string_equal(logout.todo, "loginctl enable-linger");
    assert_int_equal(finding_of(&doctor, "store").sign, DOCTOR_NOTE);
    assert_false(directory_exists("none"));
    doctor_end(&doctor);
}

static void doctor_doubts_a_clock_before_its_time(void **state)
{
    (void)state;
    struct doctor doctor;
    doctor_begin(&doctor, &(struct doctor_wish){ .directory = "none", .now = 1000 });
    doctor_examine(&doctor);
    assert_int_equal(finding_of(&doctor, "clock").sign, DOCTOR_PROBLEM);
    doctor_end(&doctor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(logout_keeps_what_no_setting_ends),
        IN_SCRATCH(logout_kills_where_the_setting_says_so),
        IN_SCRATCH(logout_heeds_what_the_program_was_built_with),
        IN_SCRATCH(logout_reads_drop_ins_by_name),
        IN_SCRATCH(logout_heeds_who_is_meant),
        IN_SCRATCH(logout_knows_what_lingering_keeps),
        IN_SCRATCH(doctor_tells_of_logging_out),
        IN_SCRATCH(doctor_doubts_a_clock_before_its_time),
    };
    const char *program = getenv("GANDER_TEST_PROGRAM");
    /* what the doctor starts to load OpenBLAS: never this program */
    setenv("GANDER_PROGRAM", program ? program : "/bin/false", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
