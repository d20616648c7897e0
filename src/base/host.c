#define _GNU_SOURCE
#include "base/host.h"

#include <ctype.h>
#include <elf.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/version.h"

enum { CPU_SIZE = 128, ID_BYTES = 8 };

static char cpu[CPU_SIZE];
static char build[2 * ID_BYTES + 1];

static void keep_printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

static void copy_cpu(const char *name)
{
    size_t length = strcspn(name, "\n");
    snprintf(cpu, sizeof cpu, "%.*s", (int)MIN(length, sizeof cpu - 1), name);
    keep_printable(cpu);
}

static void read_cpu(void)
{
    char line[512];
    struct utsname names;
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && !cpu[0] && fgets(line, sizeof line, file)) {
        char *value = strstr(line, ": ");
        if (value && strncmp(line, "model name", 10) == 0)
            copy_cpu(value + 2);
    }
    if (file)
        fclose(file);
    if (!cpu[0])
        copy_cpu(uname(&names) == 0 ? names.machine : "unknown");
}

const char *host_cpu(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_cpu);
    return cpu;
}

int host_cores(void)
{
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? MAX(1, CPU_COUNT(&cores)) : 1;
}

/* Copies the description of a note segment's build id, if it has one. */
static bool read_build_note(const unsigned char *note, size_t size)
{
    ElfW(Nhdr) head;
    while (size >= sizeof head) {
        memcpy(&head, note, sizeof head);
        size_t name = (head.n_namesz + 3) / 4 * 4, text = (head.n_descsz + 3) / 4 * 4;
        if (size - sizeof head < name + text)
            return false;
        const unsigned char *bytes = note + sizeof head + name;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_descsz >= ID_BYTES) {
            for (int i = 0; i < ID_BYTES; i++)
                snprintf(build + (size_t)2 * (size_t)i, 3, "%02x", bytes[i]);
            return true;
        }
        note += sizeof head + name + text;
        size -= sizeof head + name + text;
    }
    return false;
}

/* The program itself is the first object of the walk: always ends it. */
static int visit_program(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const unsigned char *begin = (const unsigned char *)(info->dlpi_addr + segment->p_vaddr);
        if (segment->p_type == PT_NOTE && read_build_note(begin, segment->p_memsz))
            break;
    }
    return 1;
}

static void read_build(void)
{
    dl_iterate_phdr(visit_program, NULL);
    if (!build[0])
        snprintf(build, sizeof build, "%s", GANDER_VERSION);
}

const char *build_id(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_build);
    return build;
}

static char own_name[256];

static void read_name(void)
{
    if (gethostname(own_name, sizeof own_name - 1) != 0 || !own_name[0])
        snprintf(own_name, sizeof own_name, "localhost");
    for (char *letter = own_name; *letter; letter++)
        if (!isalnum((unsigned char)*letter) && !strchr("._-", *letter))
            *letter = '_';
    if (own_name[0] == '.')
        own_name[0] = '_';
}

const char *host_name(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_name);
    return own_name;
}

const char *user_name(unsigned user)
{
    static _Thread_local char name[64];
    char buffer[4096];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(user, &entry, buffer, sizeof buffer, &found) == 0 && found)
        snprintf(name, sizeof name, "%s", found->pw_name);
    else
        snprintf(name, sizeof name, "user %u", user);
    return name;
}

static char own_path[PATH_MAX];

static void find_program(void)
{
    static const char name[] = "/gander", by_link[] = "/proc/self/exe";
    const char *said = getenv("GANDER_PROGRAM");
    ssize_t length = readlink(by_link, own_path, sizeof own_path - 1);
    own_path[MAX(length, 0)] = '\0';
    const char *base = strrchr(own_path, '/');
    bool is_loader = !base || strncmp(base, name, sizeof name - 1) != 0;
    if (is_loader && said && *said)
        snprintf(own_path, sizeof own_path, "%s", said);
    else
        /* not what it leads to: that file may have been replaced by a newer build since */
        snprintf(own_path, sizeof own_path, "%s", by_link);
}

const char *program_path(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_program);
    return own_path;
}

char *program_file(struct arena *arena)
{
    char target[PATH_MAX];
    const char *path = program_path();
    ssize_t length = readlink(path, target, sizeof target);
    return length > 0 && length < (ssize_t)sizeof target && target[0] == '/'
               ? arena_strndup(arena, target, (size_t)length)
               : arena_strdup(arena, path);
}

bool is_shared_file_system(const char *path)
{
    /* f_type of statfs(2), and of the kernel's sources where that manual has none */
    static const unsigned shared[] = {
        0x6969,     /* nfs */
        0xFF534D42, /* cifs */
        0xFE534D42, /* smb2 */
        0x517B,     /* smb */
        0x0BD00BD0, /* lustre */
        0x47504653, /* gpfs */
        0x00C36400, /* ceph */
        0x19830326, /* beegfs */
        0x01161970, /* gfs2 */
        0x7461636F, /* ocfs2 */
        0x5346414F, /* afs */
        0x73757245, /* coda */
        0x01021997, /* 9p */
        0x65735546, /* fuse: sshfs, gluster … */
    };
    struct statfs status;
    if (statfs(path, &status) != 0)
        return true;
    for (int i = 0; i < ARRAY_SIZE(shared); i++)
        if ((unsigned)status.f_type == shared[i])
            return true;
    return false;
}
