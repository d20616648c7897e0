#include "restore.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "data/given.h"
#include "data/idx.h"
#include "print_images.h"
#include "run/sheet.h"

int restore_check_options(const struct arguments *arguments)
{
    bool measures = option_given(arguments, "measure");
    if (measures && arguments->operand_count > 1)
        return fail(ERR_INVALID, "option '--measure' is for test images, whose classes are known");
    if (measures && option_given(arguments, "output"))
        return fail(ERR_INVALID, "options '--measure' and '--output' do not go together");
    if (option_given(arguments, "beside") && !option_given(arguments, "output"))
        return fail(ERR_INVALID, "option '--beside' goes with '--output'");
    if (!measures && option_given(arguments, "json"))
        return fail(ERR_INVALID, "option '--json' goes with '--measure'");
    return 0;
}

/* --- the run --- */

static int open_generator(struct restore *restore, const struct checkpoint_choice *choice)
{
    struct open_run *run = &restore->run;
    struct run_facts facts;
    int error = run_read_facts(&run->arena, &facts, &run->store, run->number);
    if (!error && facts.command)
        error = fail(ERR_INVALID, "run %lld is a command: what it trained is not known here",
                     (long long)run->number);
    if (!error)
        error = find_checkpoint(run, restore->arguments, choice, &restore->checkpoint);
    if (!error)
        error = recipe_read(&restore->recipe, path_join(&run->arena, run->directory, "recipe.ini"),
                            NULL, 0);
    return error ? error
                 : generator_open(&restore->generator, &restore->recipe, restore->checkpoint.path);
}

enum exit_status restore_open(struct restore *restore, struct arguments *arguments,
                              const struct checkpoint_choice *choice)
{
    *restore = (struct restore){ .arguments = arguments };
    enum exit_status status = open_run(&restore->run, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    if (open_generator(restore, choice))
        return command_failed(arguments);
    restore->facts = generator_facts(restore->generator);
    restore->area = (size_t)restore->facts.height * (size_t)restore->facts.width;
    return STATUS_DONE;
}

void restore_close(struct restore *restore)
{
    generator_close(restore->generator);
    recipe_release(&restore->recipe);
    close_run(&restore->run);
}

/* --- images --- */

static void *room(struct restore *restore, size_t each)
{
    return arena_alloc(&restore->run.arena, (size_t)restore->count, each);
}

static void make_room(struct restore *restore, int count)
{
    size_t image = restore->area * sizeof(float);
    restore->count = count;
    restore->images = room(restore, image);
    restore->conditions = room(restore, image);
    restore->made = room(restore, image);
    restore->restored = room(restore, image);
    restore->plain = room(restore, sizeof *restore->plain);
    restore->is_small = room(restore, sizeof *restore->is_small);
}

static void blow_up(const uint8_t *from, int height, int width, int factor, uint8_t *to)
{
    for (int i = 0; i < height * width * factor * factor; i++) {
        int y = i / (width * factor), x = i % (width * factor);
        to[i] = from[y / factor * width + x / factor];
    }
}

/* Images of a file, and what is done to them. */
struct pile {
    struct given given;
    enum corruption small; /* CORRUPTION_NONE: they are of the generator's size */
};

/* As it is, where it is smaller than the generator's images by what `plain` shrinks by. */
static bool read_small(const struct restore *restore, struct pile *pile, const char *path,
                       const struct frame *frame, enum corruption plain, int count)
{
    int factor = corruption_factor(plain);
    struct frame small = *frame;
    small.height /= factor;
    small.width /= factor;
    if (factor == 1 || given_read(&pile->given, path, &small, count) < 0)
        return false;
    pile->small = plain;
    if (pile->given.height * factor == restore->facts.height &&
        pile->given.width * factor == restore->facts.width)
        return true;
    given_release(&pile->given);
    return false;
}

static int read_pile(struct restore *restore, struct pile *pile, const char *path,
                     const struct frame *frame, enum corruption corruption, int count)
{
    struct arena *arena = &restore->run.arena;
    for (int i = 0; i < corruption_choices(corruption); i++)
        if (read_small(restore, pile, path, frame, corruption_choice(corruption, i), count))
            return 0;
    *pile = (struct pile){ .small = CORRUPTION_NONE };
    int error = given_read(&pile->given, path, frame, count);
    const char *note = error ? NULL : given_note(arena, &pile->given, frame);
    if (note)
        fprintf(stderr, "gander %s: '%s': %s\n", restore->arguments->command->name,
                text_clean(arena, path, 1000), note);
    return error;
}

static void take_image(struct restore *restore, enum corruption corruption, const struct pile *pile,
                       int from, int index)
{
    int factor = corruption_factor(pile->small);
    int height = restore->facts.height / factor, width = restore->facts.width / factor;
    const uint8_t *pixels = pile->given.pixels + (size_t)from * (size_t)height * (size_t)width;
    uint8_t *bytes = xcalloc(restore->area, 1);
    blow_up(pixels, height, width, factor, bytes);
    pixels_from_bytes(bytes, restore->images + (size_t)index * restore->area, restore->area);
    restore->is_small[index] = pile->small != CORRUPTION_NONE;
    restore->plain[index] =
        pile->small != CORRUPTION_NONE ? pile->small : corruption_choice(corruption, index);
    free(bytes);
}

static int take_files(struct restore *restore, const struct dataset *set,
                      enum corruption corruption, int count)
{
    const struct arguments *arguments = restore->arguments;
    struct frame frame = frame_of(set);
    int files = arguments->operand_count - 1, error = 0, taken = 0, all = 0;
    struct pile *piles = xcalloc((size_t)files, sizeof *piles);
    for (int i = 0; i < files && !error && all < count; i++) {
        error = read_pile(restore, &piles[i], arguments->operands[1 + i], &frame, corruption,
                          count - all);
        all += error ? 0 : piles[i].given.count;
    }
    if (!error)
        make_room(restore, all);
    for (int i = 0; i < files && !error; i++)
        for (int k = 0; k < piles[i].given.count; k++)
            take_image(restore, corruption, &piles[i], k, taken++);
    for (int i = 0; i < files; i++)
        given_release(&piles[i].given);
    free(piles);
    return error;
}

static int check_size(const struct restore *restore, const struct dataset *set)
{
    if (set->height == restore->facts.height && set->width == restore->facts.width)
        return 0;
    return fail(ERR_INVALID, "the images of '%s' are %dx%d now, and run %lld makes %dx%d",
                set->source, set->width, set->height, (long long)restore->run.number,
                restore->facts.width, restore->facts.height);
}

static void take_test_images(struct restore *restore, const struct dataset *set,
                             enum corruption corruption, int count)
{
    struct pile pile = { .given = { .pixels = set->pixels }, .small = CORRUPTION_NONE };
    make_room(restore, MIN(count, set->count));
    restore->labels = set->labels ? room(restore, sizeof *restore->labels) : NULL;
    for (int i = 0; i < restore->count; i++) {
        take_image(restore, corruption, &pile, i, i);
        if (set->labels)
            restore->labels[i] = set->labels[i];
    }
}

int restore_take(struct restore *restore, enum corruption corruption, int count)
{
    enum { ENOUGH = 500 }; /* to know what images of the data are like */
    struct dataset *set;
    const struct recipe *recipe = &restore->recipe;
    bool has_files = restore->arguments->operand_count > 1;
    int error = dataset_open(&set, recipe->data.source, DATASET_TEST, has_files ? ENOUGH : count,
                             (uint64_t)recipe->training.seed);
    if (error)
        return error;
    error = check_size(restore, set);
    if (!error && has_files)
        error = take_files(restore, set, corruption, count);
    else if (!error)
        take_test_images(restore, set, corruption, count);
    dataset_close(set);
    return error;
}

int restore_training_set(struct dataset **out, const struct restore *restore)
{
    const struct recipe *recipe = &restore->recipe;
    int error = dataset_open(out, recipe->data.source, DATASET_TRAIN, recipe->data.count,
                             (uint64_t)recipe->training.seed);
    if (!error && (error = check_size(restore, *out)) < 0)
        dataset_close(*out);
    return error;
}

float *restore_copy(struct restore *restore, const float *images)
{
    size_t bytes = (size_t)restore->count * restore->area * sizeof *images;
    float *copy = arena_alloc(&restore->run.arena, bytes, 1);
    memcpy(copy, images, bytes);
    return copy;
}

/* --- work --- */

void restore_corrupt(struct restore *restore)
{
    for (int i = 0; i < restore->count; i++) {
        size_t at = (size_t)i * restore->area;
        corruption_apply(restore->plain[i], restore->images + at, restore->facts.height,
                         restore->facts.width, restore->conditions + at, restore->made + at);
    }
}

void restore_generate(struct restore *restore, uint64_t seed)
{
    size_t latent = (size_t)restore->facts.latent, count = (size_t)restore->count;
    float *latents = xcalloc(count * latent, sizeof *latents);
    struct random random;
    random_seed(&random, seed, 0);
    for (size_t i = 0; i < count; i++)
        random_fill_normal(&random, latents + i * latent, latent);
    struct generator_input input = { latents, restore->labels, restore->conditions };
    generator_draw_from(restore->generator, &input, restore->count, NULL, restore->restored);
    corruption_restore(restore->restored, restore->images, restore->made, count * restore->area);
    free(latents);
}

/* --- what comes of it --- */

/* (count * part_count, H, W) bytes, parts of an image side by side. In the arena. */
static uint8_t *gather(struct restore *restore, const struct restore_part *parts, int part_count)
{
    int all = restore->count * part_count;
    uint8_t *images = arena_alloc(&restore->run.arena, (size_t)all, restore->area);
    for (int i = 0; i < all; i++)
        pixels_to_bytes(parts[i % part_count].pixels + (size_t)(i / part_count) * restore->area,
                        images + (size_t)i * restore->area, restore->area);
    return images;
}

static bool is_idx_name(const char *path)
{
    static const char *const endings[] = { "ubyte", ".idx" };
    for (int i = 0; i < ARRAY_SIZE(endings); i++) {
        size_t length = strlen(path), tail = strlen(endings[i]);
        if (length >= tail && strcmp(path + length - tail, endings[i]) == 0)
            return true;
    }
    return false;
}

static int print_sheet(const struct restore *restore, const uint8_t *images, int count)
{
    struct image sheet;
    uint8_t *png;
    size_t size;
    sheet_make(&sheet, images, count, restore->facts.height, restore->facts.width);
    int error = image_encode_png(&sheet, NULL, &png, &size);
    image_release(&sheet);
    if (error)
        return error;
    fwrite(png, 1, size, stdout); /* a full disk is found out at the end */
    free(png);
    return 0;
}

static int write_images(const struct restore *restore, const char *output, uint8_t *images,
                        int count)
{
    int height = restore->facts.height, width = restore->facts.width;
    struct idx idx = { count, height, width, images };
    if (strcmp(output, "-") == 0)
        return print_sheet(restore, images, count);
    return is_idx_name(output) ? idx_write(&idx, 3, output)
                               : sheet_write(output, images, count, height, width);
}

static void draw(struct restore *restore, const struct restore_part *parts, int part_count,
                 const uint8_t *images, enum picture_mode mode)
{
    struct arena *arena = &restore->run.arena;
    int all = restore->count * part_count;
    const char **labels = arena_alloc(arena, (size_t)all, sizeof *labels);
    for (int i = 0; i < all; i++)
        labels[i] = parts[i % part_count].name;
    printf("run %lld, step %s\n", (long long)restore->run.number,
           format_count(arena, (double)restore->checkpoint.step));
    print_images(&(struct picture_sheet){ .images = images,
                                          .count = all,
                                          .height = restore->facts.height,
                                          .width = restore->facts.width,
                                          .labels = labels,
                                          .group = part_count },
                 mode);
}

int restore_show(struct restore *restore, const struct restore_part *parts, int part_count,
                 enum picture_mode mode)
{
    const char *output = option_text(restore->arguments, "output");
    const struct restore_part restored = { "restored", restore->restored };
    if (output && !option_given(restore->arguments, "beside"))
        return write_images(restore, output, gather(restore, &restored, 1), restore->count);
    uint8_t *images = gather(restore, parts, part_count);
    if (output)
        return write_images(restore, output, images, restore->count * part_count);
    draw(restore, parts, part_count, images, mode);
    return 0;
}
