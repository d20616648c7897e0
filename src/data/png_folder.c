#include "data/png_folder.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "base/memory.h"

struct listing { /* of the images of a part, before they are read */
    struct arena arena;
    char **paths;    /* (count), in the arena */
    uint8_t *labels; /* (count) */
    int count, room;
    int classes; /* 0 for a folder without class folders */
};

static void listing_release(struct listing *listing)
{
    arena_release(&listing->arena);
    free(listing->paths);
    free(listing->labels);
}

static int add_images(struct listing *listing, const char *folder, int label)
{
    char **names;
    int count;
    int status = list_directory(&listing->arena, folder, ".png", &names, &count);
    if (status < 0)
        return status;
    if (count > INT_MAX / 2 - listing->count)
        return fail(ERR_INVALID, "'%s' holds too many files", folder);
    while (listing->count + count > listing->room) {
        listing->room = MAX(2 * listing->room, 256);
        listing->paths = xrealloc(listing->paths, (size_t)listing->room, sizeof *listing->paths);
        listing->labels = xrealloc(listing->labels, (size_t)listing->room, 1);
    }
    for (int i = 0; i < count; i++) {
        listing->paths[listing->count] = path_join(&listing->arena, folder, names[i]);
        listing->labels[listing->count++] = (uint8_t)label;
    }
    return 0;
}

/* Every folder in `directory`, sorted by name. */
static int list_folders(struct arena *arena, const char *directory, char ***folders, int *count)
{
    char **names;
    int all, status = list_directory(arena, directory, "", &names, &all);
    if (status < 0)
        return status;
    *folders = names;
    *count = 0;
    for (int i = 0; i < all; i++)
        if (directory_exists(path_join(arena, directory, names[i])))
            names[(*count)++] = names[i];
    return 0;
}

/* Lists the images of a folder, or of the class folders in it. */
static int list_images(struct listing *listing, const char *directory)
{
    int status = add_images(listing, directory, 0);
    if (status < 0)
        return status;
    char **classes;
    int count, flat = listing->count;
    status = list_folders(&listing->arena, directory, &classes, &count);
    if (status < 0)
        return status;
    if (count > DATASET_CLASS_LIMIT)
        return fail(ERR_INVALID, "'%s' has %d folders; at most %d classes can be told apart",
                    directory, count, DATASET_CLASS_LIMIT);
    for (int label = 0; label < count && status == 0; label++)
        status = add_images(listing, path_join(&listing->arena, directory, classes[label]), label);
    if (status < 0)
        return status;
    if (flat > 0 && listing->count > flat)
        return fail(ERR_INVALID,
                    "'%s' holds images ('%s') beside folders of images ('%s'); move one kind away",
                    directory, path_base(listing->paths[0]), listing->paths[flat]);
    listing->classes = flat > 0 ? 0 : count;
    return 0;
}

/* Where a part's images are, or NULL. */
static char *part_directory(struct arena *arena, const char *directory, enum dataset_part part)
{
    char *train = path_join(arena, directory, "train");
    if (!directory_exists(train))
        return part == DATASET_TRAIN ? arena_strdup(arena, directory) : NULL;
    char *found = part == DATASET_TRAIN ? train : path_join(arena, directory, "test");
    return directory_exists(found) ? found : NULL;
}

/* Labels are positions among the folders' names: both parts must have the same folders. */
static int check_classes(struct arena *arena, const char *directory)
{
    char *paths[2], **names[2];
    int counts[2];
    for (int part = 0; part < 2; part++) {
        paths[part] = part_directory(arena, directory, (enum dataset_part)part);
        if (!paths[part])
            return 0;
        int status = list_folders(arena, paths[part], &names[part], &counts[part]);
        if (status < 0)
            return status;
    }
    for (int i = 0; i < MAX(counts[0], counts[1]); i++) {
        bool missing[2] = { i >= counts[0], i >= counts[1] };
        if (missing[0] || missing[1] || strcmp(names[0][i], names[1][i]) != 0)
            return fail(ERR_INVALID, "'%s' and '%s' have different class folders (at '%s')",
                        paths[0], paths[1], names[missing[0]][i]);
    }
    return 0;
}

static int list_part(struct listing *listing, const char *directory, enum dataset_part part)
{
    *listing = (struct listing){ 0 };
    char *folder = part_directory(&listing->arena, directory, part);
    return folder ? list_images(listing, folder)
                  : fail(ERR_NOT_FOUND, "no folder 'test' in '%s'", directory);
}

bool png_folder_holds(const char *directory, enum dataset_part part)
{
    struct listing listing;
    int status = list_part(&listing, directory, part);
    bool found = listing.count > 0 && (status == 0 || status == ERR_INVALID);
    listing_release(&listing);
    return found;
}

/* Reads image i into its place; the first one sets the size. */
static int read_image(struct dataset *set, const struct listing *listing, int i)
{
    struct image image;
    int status = image_read_png(&image, listing->paths[i], DATASET_SIDE_LIMIT);
    if (status < 0)
        return status;
    if (i == 0) {
        set->height = image.height;
        set->width = image.width;
    }
    size_t area = (size_t)set->height * (size_t)set->width;
    if (image.height != set->height || image.width != set->width)
        status = fail(ERR_INVALID, "'%s' is %dx%d, but '%s' is %dx%d; all must have one size",
                      listing->paths[i], image.width, image.height, path_base(listing->paths[0]),
                      set->width, set->height);
    else if ((size_t)listing->count > INT_MAX / area)
        status = fail(ERR_INVALID, "%d images of %dx%d are more than the %d bytes that fit",
                      listing->count, set->width, set->height, INT_MAX);
    if (status == 0 && i == 0)
        set->pixels = xmalloc((size_t)listing->count * area);
    if (status == 0)
        memcpy(set->pixels + (size_t)i * area, image.pixels, area);
    image_release(&image);
    return status;
}

/* What can be said before an image is read. */
static int list_checked(struct listing *listing, const char *directory, enum dataset_part part)
{
    int status = list_part(listing, directory, part);
    if (status == 0)
        status = check_classes(&listing->arena, directory);
    if (status == 0 && listing->count == 0)
        status = fail(ERR_NOT_FOUND, "no PNG files in '%s'", directory);
    return status;
}

int png_folder_look(struct dataset *set, const char *directory, enum dataset_part part)
{
    struct listing listing;
    struct image image = { 0 };
    int status = list_checked(&listing, directory, part);
    if (status == 0)
        status = image_read_png(&image, listing.paths[0], DATASET_SIDE_LIMIT);
    set->count = listing.count;
    set->classes = listing.classes;
    set->height = image.height;
    set->width = image.width;
    image_release(&image);
    listing_release(&listing);
    return status;
}

int png_folder_load(struct dataset *set, const char *directory, enum dataset_part part)
{
    struct listing listing;
    int status = list_checked(&listing, directory, part);
    for (int i = 0; i < listing.count && status == 0; i++)
        status = read_image(set, &listing, i);
    if (status == 0) {
        set->count = listing.count;
        set->classes = listing.classes;
    }
    if (status == 0 && listing.classes > 0) {
        set->labels = listing.labels;
        listing.labels = NULL;
    }
    listing_release(&listing);
    return status;
}
