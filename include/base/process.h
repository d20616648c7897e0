/* Other programs, run to their end (git, nvidia-smi, an editor, a hook). */
#ifndef GANDER_BASE_PROCESS_H
#define GANDER_BASE_PROCESS_H

#include <sys/types.h>

#include "base/base.h"

/* How to run one. Zero for what is not needed. */
struct process {
    const char *const *argv; /* NULL-terminated; argv[0] is sought in PATH unless it holds a '/' */
    const char *program;     /* executed instead of argv[0], which is only its name then */
    const char *directory;   /* working directory; NULL: ours */
    const char *const *environment; /* "NAME=value" … over ours, NULL-terminated; NULL: ours */
    int output;           /* where its standard output and error go; 0: process_run captures
                                them, process_start gives them to /dev/null */
    const int *inherited; /* descriptors that it keeps, under the same numbers … */
    int inherited_count;  /* … and how many */
    int gate;             /* process_start: it begins when a byte can be read there, and ends at
                                once where none comes any more; 0: no gate */
    bool keeps_terminal;  /* reads and writes our terminal: an editor */
    bool is_detached;     /* process_start: in a session of its own, nobody's child, and with no
                                descriptors but those that are inherited by name */
    size_t limit;         /* process_run: bytes captured, the rest is dropped; 0: 64 KiB */
    int timeout_ms;       /* process_run: then it is killed; 0: never */
    /* process_run: asked now and then; true ends it by SIGTERM, and by SIGKILL two seconds later. */
    bool (*is_unwanted)(void *context);
    void *context;
};

struct process_result {
    int status;          /* as waitpid gives it */
    bool is_out_of_time; /* it was killed for that */
    char *output;        /* standard output and error as they came, closed with a 0; free it. NULL
                           unless they were captured */
    size_t size;
};

/* Standard input is /dev/null unless it keeps the terminal. The program runs in a process group of
 * its own unless it keeps the terminal. ERR_NOT_FOUND when there is no such program, ERR_IO when it
 * cannot be started; how it ended is in the result. */
int process_run(struct process_result *out, const struct process *what);

/* Only starts it; the caller waits for *pid, unless it is detached. With a gate it is not known here
 * whether it can be started: it ends with status 127 where it cannot, saying why in its output. */
int process_start(pid_t *pid, const struct process *what);

/* True when it ended by itself, with status 0. */
bool process_succeeded(const struct process_result *result);

/* "exit status 1", "killed by SIGTERM", from what waitpid gave. Lives for ever, or until the next
 * call in this thread. */
const char *process_status_text(int status);

/* Is there such a program, in PATH unless `name` holds a "/"? */
bool process_exists(const char *name);

#endif
