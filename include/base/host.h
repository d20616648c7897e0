/* What this process runs on and is built from: what decides whether two runs give the same bits. */
#ifndef GANDER_BASE_HOST_H
#define GANDER_BASE_HOST_H

#include "base/base.h"
#include "base/memory.h"

/* The CPU's model as the system names it, "Intel(R) Xeon(R) …"; the machine's architecture where it
 * has no name. Printable ASCII, lives for ever. */
const char *host_cpu(void);

/* Cores that this process may use, at least 1: its affinity, not the machine's. */
int host_cores(void);

/* Names the very bits of this program: the start of its ELF build id in hexadecimal, or the version
 * where the linker wrote none. Lives for ever. */
const char *build_id(void);

/* What this machine calls itself, in letters, digits, '.', '_' and '-' only, so that it can be part
 * of a path. Lives for ever. */
const char *host_name(void);

/* Of the user of this process, and of any; "user 1234" where it has none. In static memory of the
 * thread. */
const char *user_name(unsigned user);

/* How to start this very program again: a path, in static memory. GANDER_PROGRAM says it where the
 * program is not what the kernel has started, but a loader (make dist). */
const char *program_path(void);
/* The same for another process, or machine, of the same files: an absolute path, in the arena. */
char *program_file(struct arena *arena);

/* May the file system of `path` be seen by other machines? True also where that is unknown. */
bool is_shared_file_system(const char *path);

#endif
