#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/random.h"
#include "bench.h"

enum { PATH_SIZE = 4096 };

static const char metric_names[METRICS_A_LINE][20] = {
    "d_loss", "g_loss", "d_real", "d_fake", "d_grad", "g_grad", "epoch", "images_per_second",
};
/* What each run of a store has. */
struct made {
    int lines, metrics; /* of each line */
    char *recipe;
};

static const double begun = 1795000000; /* of the first run, seconds since 1970 */

/* A file in a directory; NULL after fail(). */
static FILE *create(const char *directory, const char *name)
{
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    if (!file)
        fail(ERR_IO, "cannot write '%s': %s", path, strerror(errno));
    return file;
}

static int finish(FILE *file)
{
    return fclose(file) == 0 ? 0 : fail(ERR_IO, "cannot write: %s", strerror(errno));
}

static int write_text(const char *directory, const char *name, const char *text)
{
    FILE *file = create(directory, name);
    if (!file)
        return ERR_IO;
    fputs(text, file);
    return finish(file);
}

static int write_facts(const char *directory, int number, double created)
{
    FILE *file = create(directory, "run.json");
    if (!file)
        return ERR_IO;
    fprintf(file,
            "{\"number\":%d,\"experiment\":\"%s\",\"argv\":[\"gander\",\"run\",\"digits.ini\"],"
            "\"cwd\":\"/\",\"host\":\"bench\",\"created\":%.0f,\"seed\":%d,\"data\":{\"source\":"
            "\"digits\"},\"git\":{\"commit\":\"%040x\",\"branch\":\"main\",\"dirty\":%s}}\n",
            number, number % 3 ? "digits" : "dcgan", created, number, number % 50,
            number % 2 ? "true" : "false");
    return finish(file);
}

static int write_worker(const char *directory, int lines, double created)
{
    FILE *file = create(directory, "worker.jsonl");
    if (!file)
        return ERR_IO;
    fprintf(file,
            "{\"t\":%.0f,\"state\":\"running\",\"pid\":1,\"worker\":1,\"host\":\"bench\","
            "\"from_step\":0,\"events\":0}\n"
            "{\"t\":%.0f,\"state\":\"finished\",\"step\":%d,\"exit\":0}\n",
            created, created + 60, 50 * lines);
    return finish(file);
}

static int write_events(const char *directory, const struct made *made, double created,
                        struct random *random)
{
    FILE *file = create(directory, "events.jsonl");
    if (!file)
        return ERR_IO;
    for (int line = 1; line <= made->lines; line++) {
        fprintf(file, "{\"t\":%.3f,\"step\":%d,\"metrics\":{", created + 0.1 * line, 50 * line);
        for (int i = 0; i < made->metrics; i++)
            fprintf(file, "%s\"%s\":%.16g", i > 0 ? "," : "", metric_names[i],
                    random_uniform(random));
        fputs("}}\n", file);
    }
    return finish(file);
}

static int make_run(const char *store, int number, const struct made *made, struct random *random)
{
    char directory[PATH_SIZE];
    double created = begun + 10 * number;
    snprintf(directory, sizeof directory, "%s/runs/%d", store, number);
    int error;
    if ((error = make_directories(directory)) < 0 ||
        (error = write_facts(directory, number, created)) < 0 ||
        (error = write_text(directory, "recipe.ini", made->recipe)) < 0 ||
        (error = write_text(directory, "lock", "")) < 0 ||
        (error = write_text(directory, "command.lock", "")) < 0 ||
        (error = write_worker(directory, made->lines, created)) < 0)
        return error;
    return write_events(directory, made, created, random);
}

/* Runs from `first` to `last`, and what the store says of itself. */
static int make_runs(const char *path, int first, int last, struct made *made)
{
    enum { RECIPE_LIMIT = 1 << 16 };
    char text[128];
    size_t size;
    struct random random;
    random_seed(&random, (uint64_t)first, 0);
    int error = file_read("experiments/digits.ini", RECIPE_LIMIT, &made->recipe, &size);
    if (error)
        return error;
    for (int number = first; number <= last && !error; number++)
        error = make_run(path, number, made, &random);
    snprintf(text, sizeof text, "{\"id\":\"%032x\",\"highest\":%d}\n", 1, last);
    if (!error)
        error = write_text(path, "store.json", text);
    free(made->recipe);
    return error;
}

int make_store(const char *path, int runs, int lines, int metrics)
{
    return make_runs(path, 1, runs, &(struct made){ .lines = lines, .metrics = metrics });
}

int make_one_run(const char *path, int number, int lines, int metrics)
{
    return make_runs(path, number, number, &(struct made){ .lines = lines, .metrics = metrics });
}

static int run_git(const char *path)
{
    static const char *const argv[] = { "sh", "-ec",
                                        "git init -q . && git config gc.auto 0 && git add -A && "
                                        "git -c user.name=bench -c user.email=bench@example.org"
                                        " commit -qm files && git gc -q",
                                        NULL };
    struct process_result result;
    int error = process_run(&result, &(struct process){ .argv = argv, .directory = path });
    if (error)
        return error;
    if (!process_succeeded(&result))
        error = fail(ERR_IO, "git: %s", result.output);
    free(result.output);
    return error;
}

int make_repository(const char *path, int files)
{
    enum { A_FOLDER = 100, LINES = 40 };
    char directory[PATH_SIZE], name[32];
    int error = process_exists("git") ? 0 : fail(ERR_NOT_FOUND, "there is no git");
    for (int i = 0; i < files && !error; i++) {
        snprintf(directory, sizeof directory, "%s/part%03d", path, i / A_FOLDER);
        snprintf(name, sizeof name, "file%05d.py", i);
        FILE *file =
            i % A_FOLDER || make_directories(directory) == 0 ? create(directory, name) : NULL;
        for (int line = 0; file && line < LINES; line++)
            fprintf(file, "value_%d = %d\n", line, i * line);
        error = file ? finish(file) : ERR_IO;
    }
    return error ? error : run_git(path);
}
