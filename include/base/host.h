/* What this process runs on and is built from: what decides whether two runs give the same bits. */
#ifndef GANDER_BASE_HOST_H
#define GANDER_BASE_HOST_H

#include "base/base.h"

/* The CPU's model as the system names it, "Intel(R) Xeon(R) …"; the machine's architecture where it
 * has no name. Printable ASCII, lives for ever. */
const char *host_cpu(void);

/* Cores that this process may use, at least 1: its affinity, not the machine's. */
int host_cores(void);

/* Names the very bits of this program: the start of its ELF build id in hexadecimal, or the version
 * where the linker wrote none. Lives for ever. */
const char *build_id(void);

#endif
