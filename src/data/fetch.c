#define _GNU_SOURCE
#include "data/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/dataset.h"
#include "fetch_http.h"

enum {
    ATTEMPTS = 10, /* at one mirror, as long as each brings something */
    STALL_SECONDS = 30,
    CONNECT_SECONDS = 15,
};

static const char *const mnist_mirrors[] = {
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
    NULL,
};
static const struct fetch_file mnist_files[] = {
    { "train-images-idx3-ubyte.gz", 9912422,
      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609" },
    { "train-labels-idx1-ubyte.gz", 28881,
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c" },
    { "t10k-images-idx3-ubyte.gz", 1648877,
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6" },
    { "t10k-labels-idx1-ubyte.gz", 4542,
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6" },
};

static const char *const fashion_mirrors[] = {
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    NULL,
};
static const struct fetch_file fashion_files[] = {
    { "train-images-idx3-ubyte.gz", 26421880,
      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84" },
    { "train-labels-idx1-ubyte.gz", 29515,
      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845" },
    { "t10k-images-idx3-ubyte.gz", 4422102,
      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073" },
    { "t10k-labels-idx1-ubyte.gz", 5148,
      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5" },
};

static const char *const kmnist_mirrors[] = {
    "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    NULL,
};
static const struct fetch_file kmnist_files[] = {
    { "train-images-idx3-ubyte.gz", 18165135,
      "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4" },
    { "train-labels-idx1-ubyte.gz", 29497,
      "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17" },
    { "t10k-images-idx3-ubyte.gz", 3041136,
      "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5" },
    { "t10k-labels-idx1-ubyte.gz", 5120,
      "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c" },
};

const struct fetch_set fetch_sets[DATASET_NAMES] = {
    { "mnist", "handwritten digits", mnist_mirrors, mnist_files, ARRAY_SIZE(mnist_files) },
    { "fashion", "clothes, bags and shoes", fashion_mirrors, fashion_files,
      ARRAY_SIZE(fashion_files) },
    { "kmnist", "cursive Japanese characters", kmnist_mirrors, kmnist_files,
      ARRAY_SIZE(kmnist_files) },
};

const struct fetch_set *fetch_find(const char *name)
{
    for (int i = 0; i < DATASET_NAMES; i++)
        if (strcmp(name, fetch_sets[i].name) == 0)
            return &fetch_sets[i];
    const char *near = text_nearest(name, &fetch_sets[0].name, DATASET_NAMES, sizeof fetch_sets[0]);
    fail(ERR_NOT_FOUND, "'%.60s' is not a data set to fetch (%s%s%s)", name,
         near ? "did you mean '" : "there are mnist, fashion and kmnist", near ? near : "",
         near ? "'?" : "");
    return NULL;
}

/* One file on its way. */
struct job {
    const struct fetch_file *file;
    const struct fetch_options *options;
    const char *mirror; /* the present one */
    char *path, *part;
    int fd; /* of the part; holds its lock */
};

static bool report(const struct job *job, int64_t done, bool is_right)
{
    struct fetch_progress progress = { job->file, done, is_right, job->mirror };
    return !job->options->progress || job->options->progress(job->options->context, &progress);
}

static bool report_arrival(void *context, int64_t done)
{
    return report(context, done, false);
}

static bool is_right(const struct fetch_file *file, const char *path)
{
    struct stat status;
    char hash[HASH_TEXT_SIZE];
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == file->size &&
           hash_of_file(path, hash) == 0 && strcmp(hash, file->sha256) == 0;
}

/* The part, locked. Whoever held it before may have renamed it since it was opened: then the lock
 * is on the finished file. */
static int open_part(struct job *job)
{
    struct stat opened, named;
    int error = lock_take(job->part, &job->fd);
    if (error < 0)
        return error;
    if (fstat(job->fd, &opened) == 0 && stat(job->part, &named) == 0 &&
        opened.st_ino == named.st_ino && opened.st_dev == named.st_dev && S_ISREG(opened.st_mode))
        return 0;
    close(job->fd);
    return fail(ERR_BUSY, "'%s' is no plain file, or was just finished by another process",
                job->part);
}

/* Bytes in the part; what cannot belong to the file is cut off. */
static int64_t part_size(const struct job *job)
{
    struct stat status;
    if (fstat(job->fd, &status) == 0 && status.st_size <= job->file->size)
        return status.st_size;
    return ftruncate(job->fd, 0) == 0
               ? 0
               : fail(ERR_IO, "cannot write '%s': %s", job->part, strerror(errno));
}

/* 0 once the part is whole and right, HTTP_BROKEN when this mirror is of no more use, or an error.
 */
static int from_mirror(struct job *job, const char *url)
{
    struct http_request request = {
        .url = url,
        .fd = job->fd,
        .path = job->part,
        .size = job->file->size,
        .stall_seconds = job->options->stall_seconds ? job->options->stall_seconds : STALL_SECONDS,
        .connect_seconds = CONNECT_SECONDS,
        .progress = report_arrival,
        .context = job,
    };
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        request.begin = part_size(job);
        if (request.begin < 0)
            return (int)request.begin;
        int ended = request.begin < request.size ? http_get(&request) : 0;
        if (ended < 0)
            return ended;
        int64_t now = part_size(job);
        if (now == request.size && is_right(job->file, job->part))
            return 0;
        if (now == request.size) {
            fail(ERR_INVALID, "'%s': what came has not the SHA-256 of the file", url);
            if (ftruncate(job->fd, 0) < 0)
                return fail(ERR_IO, "cannot write '%s': %s", job->part, strerror(errno));
        } else if (ended == 0) {
            fail(ERR_INVALID, "'%s': the file there is too short", url);
        }
        /* Nothing was gained; or all was wrong, and no earlier piece can be to blame. */
        if (now <= request.begin || (now == request.size && request.begin == 0))
            return HTTP_BROKEN;
    }
    return HTTP_BROKEN;
}

static int from_mirrors(struct job *job, const struct fetch_set *set)
{
    int tried = 0;
    for (int i = job->options->mirror ? -1 : 0; i < 0 || set->mirrors[i]; i++, tried++) {
        job->mirror = i < 0 ? job->options->mirror : set->mirrors[i];
        const char *slash =
            job->mirror[0] && job->mirror[strlen(job->mirror) - 1] == '/' ? "" : "/";
        char *url = xasprintf("%s%s%s", job->mirror, slash, job->file->name);
        int error = from_mirror(job, url);
        free(url);
        if (error != HTTP_BROKEN)
            return error;
    }
    const char *reason = error_text();
    return fail(ERR_IO,
                "no mirror of %d has it; the last, %s (is there a network? what came is kept, "
                "and the next try goes on from there)",
                tried, reason);
}

/* Syncs, renames, syncs the directory's entry. */
static int finish(const struct job *job)
{
    struct arena arena = { 0 };
    char *directory = arena_strndup(&arena, job->path, (size_t)(path_base(job->path) - job->path));
    int error = 0, fd = -1;
    if (fsync(job->fd) < 0 || rename(job->part, job->path) < 0 ||
        (fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || fsync(fd) < 0)
        error = fail(ERR_IO, "cannot finish '%s': %s", job->path, strerror(errno));
    if (fd >= 0)
        close(fd);
    arena_release(&arena);
    return error;
}

static int fetch_file(const struct fetch_set *set, struct job *job)
{
    if (is_right(job->file, job->path))
        return report(job, job->file->size, true) ? 0
                                                  : fail(ERR_CANCELLED, "fetching was cancelled");
    int error = open_part(job);
    if (error < 0)
        return error;
    error = from_mirrors(job, set);
    if (error == 0)
        error = finish(job);
    else if (part_size(job) == 0)
        unlink(job->part);
    close(job->fd);
    if (error == 0)
        report(job, job->file->size, true);
    return error;
}

int fetch(const struct fetch_set *set, const char *directory, const struct fetch_options *options)
{
    struct arena arena = { 0 };
    int error = make_directories(directory);
    for (int i = 0; i < set->file_count && error == 0; i++) {
        struct job job = { .file = &set->files[i], .options = options, .fd = -1 };
        job.path = path_join(&arena, directory, job.file->name);
        job.part = arena_printf(&arena, "%s.part", job.path);
        error = fetch_file(set, &job);
    }
    arena_release(&arena);
    return error < 0 ? fail_prefix("cannot fetch '%s'", set->name) : 0;
}
