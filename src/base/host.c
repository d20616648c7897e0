#define _GNU_SOURCE
#include "base/host.h"

#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

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
