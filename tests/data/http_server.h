/* An HTTP/1.1 server on loopback that misbehaves as told, for tests of downloads.
 *
 * It serves one file at every path that ends in its name. The first letter of the path chooses one
 * of two sites, a and b; each answers its requests, in order, as its script says, and serves well
 * once the script has ended. One child process, one connection after the other; it dies with the
 * test. */
#ifndef GANDER_TESTS_HTTP_SERVER_H
#define GANDER_TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum behaviour {
    SERVES_WELL,        /* ranges, too */
    CUTS,               /* closes after half of what it has promised */
    CUTS_AT_ONCE,       /* closes without an answer */
    CORRUPTS,           /* one byte differs */
    REDIRECTS,          /* to the other site */
    REDIRECTS_FOR_EVER, /* to itself */
    STALLS,             /* sends half and then nothing, connection open */
    NOT_FOUND,
    FAILS,             /* 500 */
    IGNORES_RANGE,     /* 200 and everything */
    MISTAKES_RANGE,    /* 206 from the beginning */
    REFUSES_RANGE,     /* 416 */
    PROMISES_LESS,     /* Content-Length is half of the file, and so is what comes */
    PROMISES_MORE,     /* Content-Length is twice what comes */
    SENDS_WITHOUT_END, /* no length, the file again and again */
    SENDS_MORE,        /* no length, one byte more than the file */
    HEADERS_WITHOUT_END,
    SPEAKS_NO_HTTP,
};

enum { SCRIPT_LIMIT = 16 };

struct http_site { /* shared with the child */
    enum behaviour script[SCRIPT_LIMIT];
    int script_count;
    int requests;                  /* so far */
    long begins[SCRIPT_LIMIT * 2]; /* of each request's range; -1: none asked for */
};

struct http_server {
    const uint8_t *file;
    size_t size;
    int port;
    pid_t child;
    struct http_site *sites; /* a, b */
};

static inline void http_send(int peer, const void *data, size_t size)
{
    const char *bytes = data;
    while (size > 0) {
        ssize_t sent = send(peer, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        size -= (size_t)sent;
    }
}

static inline void http_say(int peer, const char *text)
{
    http_send(peer, text, strlen(text));
}

/* The head of an answer: `begin` < 0 for the whole file. A length below 0 is not told. */
static inline void http_head(int peer, const struct http_server *server, long begin, long length)
{
    char head[256];
    int used = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nConnection: close\r\n",
                        begin < 0 ? "200 OK" : "206 Partial Content");
    if (length >= 0)
        used +=
            snprintf(head + used, sizeof head - (size_t)used, "Content-Length: %ld\r\n", length);
    if (begin >= 0)
        used +=
            snprintf(head + used, sizeof head - (size_t)used,
                     "Content-Range: bytes %ld-%zu/%zu\r\n", begin, server->size - 1, server->size);
    snprintf(head + used, sizeof head - (size_t)used, "\r\n");
    http_say(peer, head);
}

static inline void http_corrupt(int peer, const struct http_server *server, const uint8_t *rest,
                                size_t left)
{
    uint8_t *copy = malloc(left);
    memcpy(copy, rest, left);
    copy[left / 2] ^= 1;
    http_send(peer, copy, left);
    free(copy);
    (void)server;
}

static inline void http_redirect(int peer, const char *path, bool elsewhere)
{
    char answer[512];
    char site = elsewhere ? (path[1] == 'a' ? 'b' : 'a') : path[1];
    snprintf(
        answer, sizeof answer,
        "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: /%c%s\r\n\r\n",
        site, path + 2);
    http_say(peer, answer);
}

static inline void http_flood(int peer)
{
    http_say(peer, "HTTP/1.1 200 OK\r\n");
    char line[1024];
    snprintf(line, sizeof line, "X-Padding: %01000d\r\n", 0);
    for (int i = 0; i < 1000; i++)
        http_say(peer, line);
    http_say(peer, "\r\n");
}

static inline void http_status(int peer, const char *status)
{
    char answer[256];
    snprintf(answer, sizeof answer,
             "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 6\r\n\r\nsorry\n", status);
    http_say(peer, answer);
}

/* `begin` < 0: the whole file was asked for. */
static inline void http_answer(int peer, const struct http_server *server, enum behaviour behaviour,
                               const char *path, long begin)
{
    const uint8_t *rest = server->file + (begin > 0 ? begin : 0);
    size_t left = server->size - (size_t)(begin > 0 ? begin : 0);
    char nothing;
    switch (behaviour) {
    case SERVES_WELL:
        http_head(peer, server, begin, (long)left);
        http_send(peer, rest, left);
        return;
    case CUTS:
        http_head(peer, server, begin, (long)left);
        http_send(peer, rest, left / 2);
        return;
    case CUTS_AT_ONCE:
        return;
    case CORRUPTS:
        http_head(peer, server, begin, (long)left);
        http_corrupt(peer, server, rest, left);
        return;
    case REDIRECTS:
    case REDIRECTS_FOR_EVER:
        http_redirect(peer, path, behaviour == REDIRECTS);
        return;
    case STALLS:
        http_head(peer, server, begin, (long)left);
        http_send(peer, rest, left / 2);
        recv(peer, &nothing, 1, 0); /* until the peer gives up */
        return;
    case NOT_FOUND:
        http_status(peer, "404 Not Found");
        return;
    case FAILS:
        http_status(peer, "500 Internal Server Error");
        return;
    case IGNORES_RANGE:
        http_head(peer, server, -1, (long)server->size);
        http_send(peer, server->file, server->size);
        return;
    case MISTAKES_RANGE:
        http_head(peer, server, 0, (long)server->size);
        http_send(peer, server->file, server->size);
        return;
    case REFUSES_RANGE:
        http_status(peer, "416 Range Not Satisfiable");
        return;
    case PROMISES_LESS:
        http_head(peer, server, begin, (long)left / 2);
        http_send(peer, rest, left / 2);
        return;
    case PROMISES_MORE:
        http_head(peer, server, begin, (long)left * 2);
        http_send(peer, rest, left);
        return;
    case SENDS_WITHOUT_END:
        http_head(peer, server, begin, -1);
        for (int i = 0; i < 1000; i++)
            http_send(peer, rest, left);
        return;
    case SENDS_MORE:
        http_head(peer, server, begin, -1);
        http_send(peer, rest, left);
        http_say(peer, "!");
        return;
    case HEADERS_WITHOUT_END:
        http_flood(peer);
        return;
    case SPEAKS_NO_HTTP:
        http_say(peer, "220 mail.example ESMTP\r\n");
        return;
    }
}

static inline void http_converse(int peer, const struct http_server *server)
{
    char request[4096], path[256] = "";
    size_t used = 0;
    while (used + 1 < sizeof request) {
        ssize_t got = recv(peer, request + used, sizeof request - 1 - used, 0);
        if (got <= 0)
            return;
        used += (size_t)got;
        request[used] = '\0';
        if (strstr(request, "\r\n\r\n"))
            break;
    }
    if (sscanf(request, "GET %255s HTTP/1.1", path) != 1 || (path[1] != 'a' && path[1] != 'b'))
        return;
    struct http_site *site = &server->sites[path[1] - 'a'];
    const char *range = strstr(request, "Range: bytes=");
    long begin = range ? strtol(range + strlen("Range: bytes="), NULL, 10) : -1;
    int number = site->requests++;
    if (number < SCRIPT_LIMIT * 2)
        site->begins[number] = begin;
    enum behaviour behaviour = number < site->script_count ? site->script[number] : SERVES_WELL;
    http_answer(peer, server, behaviour, path, begin);
}

static inline _Noreturn void http_serve(int listener, const struct http_server *server)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int peer = accept(listener, NULL, NULL);
        if (peer < 0)
            _exit(1);
        http_converse(peer, server);
        /* What the peer still says is read, or closing would reset the connection and take from it
         * what was sent. */
        shutdown(peer, SHUT_WR);
        char rest[256];
        while (recv(peer, rest, sizeof rest, 0) > 0)
            ;
        close(peer);
    }
}

/* A port of loopback that is free, and bound by the returned socket; it does not listen yet. */
static inline int http_bind(int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        abort();
    *port = ntohs(address.sin_port);
    return listener;
}

static inline void http_server_start(struct http_server *server, const uint8_t *file, size_t size)
{
    *server = (struct http_server){ .file = file, .size = size };
    server->sites = mmap(NULL, 2 * sizeof *server->sites, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int listener = http_bind(&server->port);
    if (server->sites == MAP_FAILED || listen(listener, 8) < 0)
        abort();
    server->child = fork();
    if (server->child == 0)
        http_serve(listener, server);
    close(listener);
}

static inline void http_server_stop(struct http_server *server)
{
    kill(server->child, SIGKILL);
    waitpid(server->child, NULL, 0);
    munmap(server->sites, 2 * sizeof *server->sites);
}

#endif
