#include "walk_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/dataset.h"

/* Takes `object`. */
static char *line_of(struct json *object)
{
    char *text = json_text(object, 0), *line = xasprintf("%s\n", text);
    free(text);
    json_free(object);
    return line;
}

static struct json *image_words(const struct walk_image *image)
{
    struct json *object = json_new_object();
    json_set_integer(object, "seed", image->seed);
    json_set_integer(object, "index", image->index);
    if (image->t != 0) {
        json_set_integer(object, "to_seed", image->to_seed);
        json_set_integer(object, "to_index", image->to_index);
        json_set_number(object, "t", image->t);
    }
    if (image->dx != 0 || image->dy != 0) {
        json_set_number(object, "dx", image->dx);
        json_set_number(object, "dy", image->dy);
    }
    json_set_integer(object, "label", image->label);
    return object;
}

char *walk_request_line(const struct walk_request *request)
{
    struct json *object = json_new_object(), *images = json_new_array();
    json_set_integer(object, "id", request->id);
    json_set_integer(object, "directions", request->directions);
    for (int i = 0; i < request->count; i++)
        json_push(images, image_words(&request->images[i]));
    json_set(object, "images", images);
    return line_of(object);
}

char *walk_facts_line(const struct walk_facts *facts)
{
    struct json *object = json_new_object();
    const char *kind = facts->is_probability ? "probability" : "score";
    json_set_integer(object, "step", facts->step);
    json_set_integer(object, "latent", facts->latent);
    json_set_integer(object, "height", facts->height);
    json_set_integer(object, "width", facts->width);
    json_set_integer(object, "classes", facts->classes);
    json_set_integer(object, "limit", facts->limit);
    json_set_string(object, "objective", facts->objective);
    json_set_string(object, "verdict", facts->is_judged ? kind : NULL);
    json_set_number(object, "even", facts->even);
    json_set_string(object, "remark", facts->remark);
    return line_of(object);
}

char *walk_frame_line(const struct walk_request *request, const double *verdicts)
{
    struct json *object = json_new_object(), *list = json_new_array();
    json_set_integer(object, "id", request->id);
    json_set_integer(object, "count", request->count);
    for (int i = 0; i < request->count; i++)
        json_push_number(list, verdicts[i]);
    json_set(object, "verdicts", list);
    return line_of(object);
}

char *walk_error_line(int64_t id, const char *sentence)
{
    struct json *object = json_new_object();
    if (id >= 0)
        json_set_integer(object, "id", id);
    json_set_string(object, "error", sentence);
    return line_of(object);
}

/* --- reading --- */

/* Leaves *out where there is no such member. */
static int read_integer(const struct json *object, const char *key, int64_t minimum,
                        int64_t maximum, int64_t *out)
{
    int64_t value;
    const struct json *member = json_member(object, key);
    if (!member)
        return 0;
    if (!json_get_integer(member, &value) || value < minimum || value > maximum)
        return fail(ERR_INVALID, "request: '%s' must be a whole number from %lld to %lld", key,
                    (long long)minimum, (long long)maximum);
    *out = value;
    return 0;
}

static int read_int(const struct json *object, const char *key, int minimum, int maximum, int *out)
{
    int64_t value = *out;
    int error = read_integer(object, key, minimum, maximum, &value);
    *out = (int)value;
    return error;
}

static int read_real(const struct json *object, const char *key, double minimum, double maximum,
                     double *out)
{
    double value;
    const struct json *member = json_member(object, key);
    if (!member)
        return 0;
    if (!json_get_number(member, &value) || !(value >= minimum && value <= maximum))
        return fail(ERR_INVALID, "request: '%s' must be a number from %g to %g", key, minimum,
                    maximum);
    *out = value;
    return 0;
}

static int read_image(struct walk_image *out, const struct json *object)
{
    enum { FARTHEST = 1000000 };
    int error;
    *out = (struct walk_image){ .label = -1 };
    if (!json_member(object, "seed"))
        return fail(ERR_INVALID, "request: an image has no 'seed'");
    if ((error = read_integer(object, "seed", 0, INT64_MAX, &out->seed)) < 0 ||
        (error = read_integer(object, "to_seed", 0, INT64_MAX, &out->to_seed)) < 0 ||
        (error = read_int(object, "index", 0, WALK_INDEX_LIMIT - 1, &out->index)) < 0 ||
        (error = read_int(object, "to_index", 0, WALK_INDEX_LIMIT - 1, &out->to_index)) < 0 ||
        (error = read_real(object, "t", 0, 1, &out->t)) < 0 ||
        (error = read_real(object, "dx", -FARTHEST, FARTHEST, &out->dx)) < 0 ||
        (error = read_real(object, "dy", -FARTHEST, FARTHEST, &out->dy)) < 0)
        return error;
    return read_int(object, "label", -1, INT32_MAX, &out->label);
}

static int read_request(struct walk_request *out, const struct json *object)
{
    const struct json *images = json_member(object, "images");
    size_t count = json_length(images);
    int error = json_member(object, "id") ? 0 : fail(ERR_INVALID, "request: it has no 'id'");
    if (!error)
        error = read_integer(object, "id", 0, INT64_MAX, &out->id);
    if (!error)
        error = read_integer(object, "directions", 0, INT64_MAX, &out->directions);
    if (!error && (!json_is_array(images) || count < 1 || count > WALK_LIMIT))
        error = fail(ERR_INVALID, "request: 'images' must be a list of 1 to %d", WALK_LIMIT);
    for (size_t i = 0; i < count && !error; i++)
        error = read_image(&out->images[i], json_item(images, i));
    out->count = (int)count;
    return error;
}

int walk_request_read(struct walk_request *out, const char *line, size_t length)
{
    struct json *object;
    *out = (struct walk_request){ .id = -1 };
    if (json_parse(&object, line, length) < 0)
        return fail_prefix("request");
    int error = read_request(out, object);
    json_free(object);
    return error;
}

static const char *copy_string(struct arena *arena, const struct json *object, const char *key)
{
    const char *text = json_get_string(json_member(object, key));
    return text ? arena_strdup(arena, text) : NULL;
}

int walk_facts_read(struct walk_facts *out, const struct json *line, struct arena *arena)
{
    int error;
    *out = (struct walk_facts){ .even = NAN };
    const char *verdict = json_get_string(json_member(line, "verdict"));
    const char *objective = copy_string(arena, line, "objective");
    if ((error = read_integer(line, "step", 0, INT64_MAX, &out->step)) < 0 ||
        (error = read_int(line, "latent", 1, INT32_MAX, &out->latent)) < 0 ||
        (error = read_int(line, "height", 1, DATASET_SIDE_LIMIT, &out->height)) < 0 ||
        (error = read_int(line, "width", 1, DATASET_SIDE_LIMIT, &out->width)) < 0 ||
        (error = read_int(line, "classes", 0, INT32_MAX, &out->classes)) < 0 ||
        (error = read_int(line, "limit", 1, WALK_LIMIT, &out->limit)) < 0)
        return error;
    if (out->latent == 0 || out->height == 0 || out->width == 0 || out->limit == 0)
        return fail(ERR_INVALID, "facts: a size is missing");
    json_get_number(json_member(line, "even"), &out->even);
    out->objective = objective ? objective : "";
    out->is_judged = verdict;
    out->is_probability = verdict && strcmp(verdict, "probability") == 0;
    out->remark = copy_string(arena, line, "remark");
    return 0;
}

int walk_frame_read(struct walk_frame *out, const struct json *line, double *verdicts)
{
    const struct json *list = json_member(line, "verdicts");
    int error = read_int(line, "count", 1, WALK_LIMIT, &out->count);
    if (!error)
        error = read_integer(line, "id", 0, INT64_MAX, &out->id);
    for (int i = 0; i < out->count && !error; i++) {
        verdicts[i] = NAN;
        json_get_number(json_item(list, (size_t)i), &verdicts[i]);
    }
    out->verdicts = verdicts;
    return error;
}
