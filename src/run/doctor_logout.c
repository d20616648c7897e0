/* Does logging out end what goes on in the background? See logind.conf(5), loginctl(1). */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "doctor_parts.h"

enum { LOGIND_LIMIT = 1 << 16 };

/* Where settings lie; what stands in a file of an earlier one hides one of the same name in a later
 * one. */
static const char *const places[] = { "/etc/systemd", "/run/systemd", "/usr/local/lib/systemd",
                                      "/usr/lib/systemd", "/lib/systemd" };

struct logind {
    bool kills;
    const char *only, *except; /* users, with blanks between them */
    const char *where;         /* that said `kills`; NULL: nobody */
};

static bool is_true(const char *word)
{
    static const char *const words[] = { "yes", "true", "on", "1", "y", "t" };
    for (int i = 0; i < ARRAY_SIZE(words); i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

static void take_line(struct arena *arena, struct logind *logind, char *line, const char *path)
{
    line += strspn(line, " \t");
    /* distributions leave what they were built with there, commented out */
    if (strcasecmp(line, "#KillUserProcesses=yes") == 0 && !logind->where) {
        logind->kills = true;
        logind->where = path;
    }
    char *equals = strchr(line, '=');
    if (*line == '#' || *line == ';' || !equals)
        return;
    size_t length = (size_t)(equals - line);
    while (length > 0 && strchr(" \t", line[length - 1]))
        length--;
    const char *key = arena_strndup(arena, line, length);
    char *value = equals + 1 + strspn(equals + 1, " \t");
    for (size_t end = strlen(value); end > 0 && strchr(" \t\r", value[end - 1]);)
        value[--end] = '\0';
    if (strcmp(key, "KillUserProcesses") == 0) {
        logind->kills = is_true(value);
        logind->where = path;
    } else if (strcmp(key, "KillOnlyUsers") == 0) {
        logind->only = arena_strdup(arena, value);
    } else if (strcmp(key, "KillExcludeUsers") == 0) {
        logind->except = arena_strdup(arena, value);
    }
}

/* False when there is no such file. */
static bool take_file(struct arena *arena, struct logind *logind, const char *path)
{
    char *text;
    size_t size;
    if (file_read(path, LOGIND_LIMIT, &text, &size) < 0)
        return false;
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n")))
        take_line(arena, logind, line, path);
    free(text);
    return true;
}

static int compare_bases(const void *a, const void *b)
{
    return strcmp(path_base(*(char *const *)a), path_base(*(char *const *)b));
}

/* Drop-ins in the order of their names, wherever they lie. */
static void take_drop_ins(struct arena *arena, struct logind *logind, const char *root)
{
    enum { LIMIT = 256 };
    const char *paths[LIMIT];
    int count = 0;
    for (int i = 0; i < ARRAY_SIZE(places); i++) {
        char **names;
        int name_count = 0;
        const char *folder = arena_printf(arena, "%s%s/logind.conf.d", root, places[i]);
        if (list_directory(arena, folder, ".conf", &names, &name_count) < 0)
            continue;
        for (int j = 0; j < name_count && count < LIMIT; j++) {
            bool is_hidden = false;
            for (int k = 0; k < count; k++)
                is_hidden = is_hidden || strcmp(path_base(paths[k]), names[j]) == 0;
            if (!is_hidden)
                paths[count++] = path_join(arena, folder, names[j]);
        }
    }
    qsort(paths, (size_t)count, sizeof *paths, compare_bases);
    for (int i = 0; i < count; i++)
        take_file(arena, logind, paths[i]);
}

static bool holds_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *next = list; *next;) {
        size_t size = strcspn(next, " \t");
        if (size == length && memcmp(next, word, length) == 0)
            return true;
        next += size + strspn(next + size, " \t");
    }
    return false;
}

static struct logind read_logind(struct arena *arena, const char *root)
{
    struct logind logind = { .only = "", .except = "root" };
    for (int i = 0; i < ARRAY_SIZE(places); i++)
        if (take_file(arena, &logind, arena_printf(arena, "%s%s/logind.conf", root, places[i])))
            break;
    take_drop_ins(arena, &logind, root);
    return logind;
}

static bool lingers(struct arena *arena, const struct logout *logout)
{
    return !strchr(logout->user, '/') &&
           file_exists(
               arena_printf(arena, "%s/var/lib/systemd/linger/%s", logout->root, logout->user));
}

enum logout_end logout_judge(struct arena *arena, const struct logout *logout, const char **where)
{
    *where = NULL;
    if (strstr(logout->cgroup, "/user@"))
        return lingers(arena, logout) ? LOGOUT_KEEPS : LOGOUT_KILLS_MANAGER;
    const char *session = strstr(logout->cgroup, "/session-");
    if (!session || !strstr(session, ".scope"))
        return LOGOUT_KEEPS;
    struct logind logind = read_logind(arena, logout->root);
    bool is_meant = *logind.only ? holds_word(logind.only, logout->user)
                                 : !holds_word(logind.except, logout->user);
    if (!logind.kills || !is_meant)
        return LOGOUT_KEEPS;
    *where = logind.where;
    return LOGOUT_KILLS_SESSION;
}

static const char *own_cgroup(struct arena *arena, const char *root)
{
    char *text;
    size_t size;
    if (file_read(arena_printf(arena, "%s/proc/self/cgroup", root), LOGIND_LIMIT, &text, &size) < 0)
        return "";
    char *copy = arena_strdup(arena, text);
    free(text);
    return copy;
}

void examine_logout(struct doctor *doctor)
{
    struct arena *arena = &doctor->arena;
    struct logout logout = { doctor->wish.root, arena_strdup(arena, user_name(geteuid())),
                             own_cgroup(arena, doctor->wish.root) };
    const char *where;
    switch (logout_judge(arena, &logout, &where)) {
    case LOGOUT_KEEPS:
        doctor_add(doctor, DOCTOR_OK, "logout", "runs in the background outlast logging out", NULL);
        break;
    case LOGOUT_KILLS_SESSION:
        doctor_add(
            doctor, DOCTOR_PROBLEM, "logout",
            arena_printf(arena,
                         "logging out kills what runs in the background, as '%s' says "
                         "(KillUserProcesses)",
                         where),
            lingers(arena, &logout)
                ? "start runs outside of the session: systemd-run --user --scope gander run …"
                : "loginctl enable-linger, and start runs outside of the session: systemd-run "
                  "--user --scope gander run …");
        break;
    case LOGOUT_KILLS_MANAGER:
        doctor_add(doctor, DOCTOR_PROBLEM, "logout",
                   "logging out ends your service manager, and with it what was started from here",
                   "loginctl enable-linger");
        break;
    }
}
