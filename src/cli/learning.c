#include "learning.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "draw/bar.h"
#include "run/interrupt.h"

enum { WAITING = -1 };
#define ERASE_LINE "\r\033[K"

static void draw(struct learning *learning, const struct classifier_progress *progress)
{
    enum { BAR_COLUMNS = 24 };
    static const double redraw_seconds = 0.1;
    struct arena arena = { 0 };
    double now = monotonic_clock();
    if (now - learning->drawn < redraw_seconds)
        return;
    learning->drawn = now;
    if (progress->done == 0)
        fprintf(stderr, ERASE_LINE "waiting for the classifier that another process trains");
    else
        fprintf(stderr, ERASE_LINE "training the classifier %s",
                bar_text(&arena, (double)progress->done / progress->updates, BAR_COLUMNS,
                         learning->terminal.utf8));
    fflush(stderr);
    arena_release(&arena);
}

static void say(struct learning *learning, const struct classifier_progress *progress)
{
    int tenths =
        progress->done == 0 ? WAITING : (int)((int64_t)10 * progress->done / progress->updates);
    if (tenths == learning->tenths)
        return;
    learning->tenths = tenths;
    if (tenths == WAITING)
        fprintf(stderr, "waiting for the classifier that another process trains\n");
    else
        fprintf(stderr, "training the classifier: %d %%\n", tenths * 10);
}

bool learning_watch(void *context, const struct classifier_progress *progress)
{
    struct learning *learning = context;
    if (learning->terminal.moves)
        draw(learning, progress);
    else
        say(learning, progress);
    return interrupt_signal() == 0;
}

void learning_begin(struct learning *learning)
{
    *learning = (struct learning){ .drawn = 0 };
    terminal_probe(&learning->terminal, stderr);
}

void learning_end(const struct learning *learning)
{
    if (learning->drawn > 0)
        fputs(ERASE_LINE, stderr);
}
