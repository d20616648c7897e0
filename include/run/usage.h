/* What a training uses of its machine: CPU, memory and, where nvidia-smi answers, GPU. */
#ifndef GANDER_RUN_USAGE_H
#define GANDER_RUN_USAGE_H

#include "base/base.h"
#include "run/journal.h"

struct usage;

/* Of the process `pid` and all that descend from it. */
struct usage *usage_new(int64_t pid);
void usage_free(struct usage *usage);

enum { USAGE_VALUES = 4 };

/* What is used now, into at most USAGE_VALUES values; returns how many:
 *
 *     cpu          percent of one core since the last call, threads and ended children included
 *     memory       bytes that are resident; what processes share counts once for each of them
 *     gpu          percent, mean over the GPUs of CUDA_VISIBLE_DEVICES, else over all
 *     gpu_memory   bytes in use on them, by whomever
 *
 * `seconds` is a clock that never goes back. The first call knows no cpu. Never blocks: GPUs are
 * asked in the background and their answer given at the next call. */
int usage_sample(struct usage *usage, double seconds, struct metric values[USAGE_VALUES]);

/* How often the kernel has killed a process for want of memory, in the memory cgroup of this process
 * and on the whole machine; -1 where it does not say. */
struct memory_kills {
    int64_t in_group, in_all;
};
struct memory_kills usage_memory_kills(void);

#endif
