#define _GNU_SOURCE
#include "run/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"

enum {
    SLOT_LIMIT = 1024,
    LOOK_AGAIN_MS = 1000, /* where no event tells of a slot: a file system without them */
};
#define SLOT_PREFIX "slot-"

struct queue {
    struct arena arena;
    const char *directory, *tickets; /* ".gander/slots/HOST", and "queue" in it */
    int64_t number;                  /* of the ticket */
    const char *ticket_path;
    int ticket, slot; /* descriptors that hold the locks; -1 */
};

/* What a ticket's name says; 0 for other names. */
struct ticket {
    int64_t number, run;
};

static struct ticket read_ticket(const char *name)
{
    long long number = 0, run = 0;
    char end;
    bool is_one =
        sscanf(name, "%19lld-%19lld%c", &number, &run, &end) == 2 && number > 0 && run > 0;
    return is_one ? (struct ticket){ number, run } : (struct ticket){ 0 };
}

static const char *slots_directory(struct arena *arena, const struct store *store)
{
    return arena_printf(arena, "%s/slots/%s", store->path, host_name());
}

/* With the turn in hand. Names are listed in their order. */
static int draw(struct queue *queue, int64_t run)
{
    char **names;
    int count;
    int error = list_directory(&queue->arena, queue->tickets, "", &names, &count);
    if (error)
        return error;
    int64_t last = 0;
    for (int i = 0; i < count; i++)
        last = MAX(last, read_ticket(names[i]).number);
    queue->number = last + 1;
    queue->ticket_path = arena_printf(&queue->arena, "%s/%010lld-%lld", queue->tickets,
                                      (long long)queue->number, (long long)run);
    return lock_take(queue->ticket_path, &queue->ticket);
}

static struct queue *queue_new(const struct store *store)
{
    struct queue *queue = xcalloc(1, sizeof *queue);
    queue->ticket = queue->slot = -1;
    queue->directory = slots_directory(&queue->arena, store);
    queue->tickets = path_join(&queue->arena, queue->directory, "queue");
    return queue;
}

int queue_enter(struct queue **out, const struct store *store, int64_t run)
{
    struct queue *queue = queue_new(store);
    int turn = -1;
    int error = make_directories(queue->tickets);
    if (!error)
        error = lock_take_patiently(path_join(&queue->arena, queue->directory, "turn.lock"), &turn);
    if (!error)
        error = draw(queue, run);
    if (turn >= 0)
        close(turn);
    if (error) {
        queue_leave(queue);
        return fail_prefix("cannot queue for a slot");
    }
    *out = queue;
    return 0;
}

/* Finds the ticket among all by what the descriptor has open. */
static bool recognise(struct queue *queue, int64_t run, int fd)
{
    struct stat given, there;
    char **names;
    int count = 0;
    if (fstat(fd, &given) < 0 ||
        list_directory(&queue->arena, queue->tickets, "", &names, &count) < 0)
        return false;
    for (int i = 0; i < count; i++) {
        struct ticket ticket = read_ticket(names[i]);
        const char *path = path_join(&queue->arena, queue->tickets, names[i]);
        if (ticket.run != run || stat(path, &there) < 0 || there.st_dev != given.st_dev ||
            there.st_ino != given.st_ino)
            continue;
        queue->number = ticket.number;
        queue->ticket_path = path;
        return true;
    }
    return false;
}

int queue_take_over(struct queue **out, const struct store *store, int64_t run, int ticket)
{
    struct queue *queue = queue_new(store);
    if (!recognise(queue, run, ticket) || fcntl(ticket, F_SETFD, FD_CLOEXEC) < 0) {
        queue_leave(queue);
        return fail(ERR_INVALID, "descriptor %d is no ticket of run %lld", ticket, (long long)run);
    }
    queue->ticket = ticket;
    *out = queue;
    return 0;
}

/* The next older ticket that somebody holds; NULL when ours is the oldest. Dead ones are cleared
 * away once they have younger ones behind them. */
static int find_older(struct queue *queue, struct arena *arena, const char **path)
{
    char **names;
    int count;
    *path = NULL;
    int error = list_directory(arena, queue->tickets, "", &names, &count);
    for (int i = count - 1; !error && i >= 0 && !*path; i--) {
        struct ticket ticket = read_ticket(names[i]);
        if (ticket.number <= 0 || ticket.number >= queue->number)
            continue;
        const char *candidate = path_join(arena, queue->tickets, names[i]);
        if (lock_is_held(candidate))
            *path = candidate;
    }
    return error;
}

/* Counts what is taken. *free_path is the first slot that is not. */
static int count_slots(const char *directory, struct arena *arena, const char **free_path)
{
    int taken = 0;
    *free_path = NULL;
    for (int i = 0; i < SLOT_LIMIT; i++) {
        const char *path = arena_printf(arena, "%s/" SLOT_PREFIX "%d", directory, i);
        bool exists = file_exists(path);
        if (exists && lock_is_held(path))
            taken++;
        else if (!*free_path)
            *free_path = path;
        if (!exists)
            break; /* slots are made in their order, and never removed */
    }
    return taken;
}

/* True with a slot. Only the oldest in the queue may try (Q3). */
static bool try_slot(struct queue *queue, int limit)
{
    struct arena arena = { 0 };
    const char *path;
    int taken = count_slots(queue->directory, &arena, &path);
    bool is_mine = taken < limit && path && lock_take(path, &queue->slot) == 0;
    arena_release(&arena);
    return is_mine;
}

/* Sleeps until a slot may have become free. A slot's file is told to be closed a moment before its
 * lock is gone, so a first look may come too early. */
static bool wait_for_slot(struct queue *queue, int events, int limit)
{
    enum { SOON_MS = 2, SOON_LOOKS = 25 };
    char buffer[4096];
    struct pollfd told = { .fd = events, .events = POLLIN };
    if (poll(&told, 1, LOOK_AGAIN_MS) <= 0)
        return try_slot(queue, limit);
    ssize_t count = read(events, buffer, sizeof buffer);
    (void)count; /* whatever it tells */
    for (int i = 0; i < SOON_LOOKS; i++) {
        if (try_slot(queue, limit))
            return true;
        pause_ms(SOON_MS);
    }
    return false;
}

static int fail_cancelled(void)
{
    return fail(ERR_CANCELLED, "asked to stop while it was queued");
}

static int be_oldest(struct queue *queue, int limit, bool (*is_cancelled)(void), bool *waited)
{
    /* what is watched before the first look cannot be missed by it */
    int events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), error = 0;
    if (events >= 0)
        inotify_add_watch(events, queue->directory, IN_CLOSE_WRITE);
    bool has_slot = try_slot(queue, limit);
    while (!has_slot) {
        *waited = true;
        if (is_cancelled()) {
            error = fail_cancelled();
            break;
        }
        has_slot = wait_for_slot(queue, events, limit);
    }
    if (events >= 0)
        close(events);
    return error;
}

static void give_ticket_back(struct queue *queue)
{
    if (queue->ticket < 0)
        return;
    unlink(queue->ticket_path);
    close(queue->ticket);
    queue->ticket = -1;
}

/* Clears away what those left that were killed in the queue. */
static void clear_dead(struct queue *queue)
{
    struct arena arena = { 0 };
    char **names;
    int count = 0, lock;
    if (list_directory(&arena, queue->tickets, "", &names, &count) == 0)
        for (int i = 0; i < count; i++) {
            struct ticket ticket = read_ticket(names[i]);
            const char *path = path_join(&arena, queue->tickets, names[i]);
            if (ticket.number <= 0 || ticket.number >= queue->number || lock_take(path, &lock) < 0)
                continue;
            unlink(path);
            close(lock);
        }
    arena_release(&arena);
}

/* Waits until the next older one is gone. */
static int wait_for_older(struct queue *queue, bool (*is_cancelled)(void), bool *is_oldest)
{
    struct arena arena = { 0 };
    const char *older;
    int error = find_older(queue, &arena, &older);
    *is_oldest = !error && !older;
    if (!error && older && !is_cancelled())
        error = lock_wait(older);
    if (is_cancelled())
        error = fail_cancelled();
    else if (error == ERR_CANCELLED)
        error = 0; /* some other signal */
    arena_release(&arena);
    return error;
}

int queue_wait(struct queue *queue, int limit, bool (*is_cancelled)(void), bool *waited)
{
    int error = 0;
    *waited = false;
    bool is_oldest = false;
    while (!error && !is_oldest) {
        error = wait_for_older(queue, is_cancelled, &is_oldest);
        *waited = *waited || !is_oldest;
    }
    if (!error)
        error = be_oldest(queue, limit, is_cancelled, waited);
    if (!error) {
        clear_dead(queue);
        give_ticket_back(queue);
    }
    return error;
}

int queue_ticket(const struct queue *queue)
{
    return queue->ticket;
}

int queue_slot(const struct queue *queue)
{
    return queue->slot;
}

void queue_pass_on(struct queue *queue)
{
    close(queue->ticket);
    queue->ticket = -1;
    queue_leave(queue);
}

void queue_leave(struct queue *queue)
{
    if (!queue)
        return;
    give_ticket_back(queue);
    if (queue->slot >= 0)
        close(queue->slot);
    arena_release(&queue->arena);
    free(queue);
}

int queue_limit(int said, const struct config *config, int threads)
{
    const char *text = getenv("GANDER_SLOTS");
    int from_environment = text ? (int)strtol(text, NULL, 10) : 0;
    int limit = said > 0               ? said
                : from_environment > 0 ? from_environment
                : config->slots > 0    ? config->slots
                                       : 0;
    return limit > 0 ? limit : MAX(host_cores() / (threads > 0 ? threads : host_cores()), 1);
}

int queue_slots_taken(const struct store *store)
{
    struct arena arena = { 0 };
    const char *path;
    int taken = count_slots(slots_directory(&arena, store), &arena, &path);
    arena_release(&arena);
    return taken;
}
