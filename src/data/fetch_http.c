#define _GNU_SOURCE
#include "fetch_http.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/version.h"
#include "data/fetch.h"

enum {
    REDIRECT_LIMIT = 5,
    HEADER_LIMIT = 64 << 10, /* bytes of all headers together */
    REASON_LIMIT = 300,      /* bytes of a sentence that a server may have had a hand in */
};

struct transfer {
    const struct http_request *request;
    CURL *curl;
    int64_t at;          /* where the next byte goes */
    int64_t range_begin; /* of the answer's Content-Range; -1: none */
    size_t header_bytes;
    bool has_begun; /* the first byte of the body is there */
    int failure;    /* HTTP_BROKEN or an error of our own making, else 0 */
    char reason[CURL_ERROR_SIZE];
};

/* The server's or the network's fault. What curl or the server say is made harmless. */
static int broken(struct transfer *transfer, const char *reason)
{
    struct arena arena = { 0 };
    const char *url = text_clean(&arena, transfer->request->url, REASON_LIMIT);
    fail(ERR_IO, "'%s': %s", url, text_clean(&arena, reason, REASON_LIMIT));
    arena_release(&arena);
    return transfer->failure = HTTP_BROKEN;
}

/* Before the first byte of the body: does it begin where we go on? */
static int begin_body(struct transfer *transfer)
{
    const struct http_request *request = transfer->request;
    long status = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 206 && transfer->range_begin != transfer->at)
        return broken(transfer, "answers with another range than the one asked for");
    if (status != 206 && status != 200)
        return broken(transfer, "answers with something that is no file");
    transfer->has_begun = true;
    if (status == 200)
        transfer->at = 0;
    if (ftruncate(request->fd, transfer->at) < 0 ||
        lseek(request->fd, transfer->at, SEEK_SET) != transfer->at)
        return transfer->failure =
                   fail(ERR_IO, "cannot write '%s': %s", request->path, strerror(errno));
    return 0;
}

static int write_all(const struct transfer *transfer, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(transfer->request->fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(ERR_IO, "cannot write '%s': %s", transfer->request->path, strerror(errno));
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Fewer bytes taken than given end the transfer. */
static size_t on_body(char *bytes, size_t one, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t size = one * count;
    if (!transfer->has_begun && begin_body(transfer) != 0)
        return 0;
    if ((int64_t)size > transfer->request->size - transfer->at) {
        broken(transfer, "sends more bytes than the file has");
        return 0;
    }
    transfer->failure = write_all(transfer, bytes, size);
    if (transfer->failure != 0)
        return 0;
    transfer->at += (int64_t)size;
    return size;
}

static size_t on_header(char *line, size_t one, size_t count, void *context)
{
    static const char range[] = "content-range: bytes ";
    struct transfer *transfer = context;
    size_t size = one * count;
    transfer->header_bytes += size;
    if (transfer->header_bytes > HEADER_LIMIT) {
        broken(transfer, "sends headers without end");
        return 0;
    }
    if (size >= 5 && strncasecmp(line, "HTTP/", 5) == 0)
        transfer->range_begin = -1; /* another answer, after a redirect */
    if (size > sizeof range && strncasecmp(line, range, sizeof range - 1) == 0) {
        char digits[24] = "";
        size_t length = MIN(size - (sizeof range - 1), sizeof digits - 1);
        memcpy(digits, line + sizeof range - 1, length);
        digits[strspn(digits, "0123456789")] = '\0';
        int64_t begin;
        transfer->range_begin = parse_integer(digits, &begin) == 0 ? begin : -1;
    }
    return size;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    struct transfer *transfer = context;
    const struct http_request *request = transfer->request;
    (void)total, (void)now, (void)up_total, (void)up_now;
    if (!request->progress || request->progress(request->context, transfer->at))
        return 0;
    transfer->failure = fail(ERR_CANCELLED, "fetching '%s' was cancelled", request->path);
    return 1;
}

/* A libcurl from another distribution looks for certificates where that one keeps them. */
static const char *certificates(void)
{
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/etc/ssl/certs/ca-bundle.crt",
    };
    const char *own = getenv("SSL_CERT_FILE");
    if (own && own[0])
        return own;
    for (int i = 0; i < ARRAY_SIZE(places); i++)
        if (file_exists(places[i]))
            return places[i];
    return NULL;
}

static void allow_protocols(CURL *curl, const char *url)
{
    bool secure = strncasecmp(url, "https:", 6) == 0;
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
#else
    long both = CURLPROTO_HTTP | CURLPROTO_HTTPS;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, both);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, secure ? (long)CURLPROTO_HTTPS : both);
#endif
}

static void set_options(CURL *curl, struct transfer *transfer)
{
    const struct http_request *request = transfer->request;
    allow_protocols(curl, request->url);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "gander/" GANDER_VERSION);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECT_LIMIT);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)request->connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)request->stall_seconds);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->size);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    const char *bundle = certificates();
    if (bundle)
        curl_easy_setopt(curl, CURLOPT_CAINFO, bundle);
    if (request->begin > 0) {
        char range[32];
        snprintf(range, sizeof range, "%" PRId64 "-", request->begin);
        curl_easy_setopt(curl, CURLOPT_RANGE, range);
    }
}

int http_get(const struct http_request *request)
{
    struct transfer transfer = { .request = request, .at = request->begin, .range_begin = -1 };
    CURL *curl = curl_easy_init();
    if (!curl)
        return fail(ERR_IO, "libcurl does not start");
    transfer.curl = curl;
    set_options(curl, &transfer);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK && transfer.failure == 0)
        broken(&transfer, transfer.reason[0] ? transfer.reason : curl_easy_strerror(code));
    curl_easy_cleanup(curl);
    return transfer.failure;
}

const char *fetch_library(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
