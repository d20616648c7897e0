#include "gan/corruption.h"

#include <string.h>

#include "base/error.h"

enum { CHOICES = 5 };

static const enum corruption choices[CORRUPTION_COUNT][CHOICES] = {
    [CORRUPTION_LEFT] = { CORRUPTION_LEFT },
    [CORRUPTION_RIGHT] = { CORRUPTION_RIGHT },
    [CORRUPTION_TOP] = { CORRUPTION_TOP },
    [CORRUPTION_BOTTOM] = { CORRUPTION_BOTTOM },
    [CORRUPTION_BOX] = { CORRUPTION_BOX },
    [CORRUPTION_HALF] = { CORRUPTION_LEFT, CORRUPTION_RIGHT, CORRUPTION_TOP, CORRUPTION_BOTTOM },
    [CORRUPTION_PART] = { CORRUPTION_LEFT, CORRUPTION_RIGHT, CORRUPTION_TOP, CORRUPTION_BOTTOM,
                          CORRUPTION_BOX },
    [CORRUPTION_SHRINK_2] = { CORRUPTION_SHRINK_2 },
    [CORRUPTION_SHRINK_4] = { CORRUPTION_SHRINK_4 },
    [CORRUPTION_SHRINK] = { CORRUPTION_SHRINK_2, CORRUPTION_SHRINK_4 },
};

int corruption_choices(enum corruption corruption)
{
    int count = 0;
    while (count < CHOICES && choices[corruption][count] != CORRUPTION_NONE)
        count++;
    return count;
}

enum corruption corruption_choice(enum corruption corruption, int index)
{
    int count = corruption_choices(corruption);
    return count > 0 ? choices[corruption][index % count] : CORRUPTION_NONE;
}

bool corruption_includes(enum corruption corruption, enum corruption plain)
{
    for (int i = 0; i < corruption_choices(corruption); i++)
        if (choices[corruption][i] == plain)
            return true;
    return false;
}

int corruption_factor(enum corruption plain)
{
    return plain == CORRUPTION_SHRINK_2 ? 2 : plain == CORRUPTION_SHRINK_4 ? 4 : 1;
}

int corruption_check(enum corruption corruption, int height, int width)
{
    for (int i = 0; i < corruption_choices(corruption); i++) {
        int factor = corruption_factor(choices[corruption][i]);
        if (height % factor != 0 || width % factor != 0)
            return fail(ERR_INVALID, "'%s' needs images whose sides %d divides, not %dx%d",
                        corruption_name(corruption), factor, width, height);
        if (height < 2 || width < 2)
            return fail(ERR_INVALID, "'%s' needs images of at least 2x2 pixels, not %dx%d",
                        corruption_name(corruption), width, height);
    }
    return 0;
}

struct box { /* rows [top, bottom), columns [left, right) */
    int top, bottom, left, right;
};

static struct box hidden_box(enum corruption plain, int height, int width)
{
    switch (plain) {
    case CORRUPTION_LEFT:
        return (struct box){ 0, height, 0, width / 2 };
    case CORRUPTION_RIGHT:
        return (struct box){ 0, height, width - width / 2, width };
    case CORRUPTION_TOP:
        return (struct box){ 0, height / 2, 0, width };
    case CORRUPTION_BOTTOM:
        return (struct box){ height - height / 2, height, 0, width };
    default:
        return (struct box){ height / 4, height / 4 + height / 2, width / 4,
                             width / 4 + width / 2 };
    }
}

static void hide(enum corruption plain, const float *image, int height, int width, float *condition,
                 float *made)
{
    struct box box = hidden_box(plain, height, width);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            bool hidden = y >= box.top && y < box.bottom && x >= box.left && x < box.right;
            int at = y * width + x;
            condition[at] = hidden ? 0 : image[at];
            if (made)
                made[at] = hidden;
        }
}

/* The square whose first pixel is at row y, column x. */
static void level_square(const float *image, int width, int factor, int y, int x, float *condition)
{
    float sum = 0;
    for (int k = 0; k < factor * factor; k++)
        sum += image[(y + k / factor) * width + x + k % factor];
    for (int k = 0; k < factor * factor; k++)
        condition[(y + k / factor) * width + x + k % factor] = sum / (float)(factor * factor);
}

static void shrink(int factor, const float *image, int height, int width, float *condition,
                   float *made)
{
    for (int y = 0; y < height; y += factor)
        for (int x = 0; x < width; x += factor)
            level_square(image, width, factor, y, x, condition);
    for (int i = 0; made && i < height * width; i++)
        made[i] = 1;
}

void corruption_apply(enum corruption plain, const float *image, int height, int width,
                      float *condition, float *made)
{
    int factor = corruption_factor(plain);
    if (factor > 1)
        shrink(factor, image, height, width, condition, made);
    else
        hide(plain, image, height, width, condition, made);
}

void corruption_restore(float *image, const float *real, const float *made, size_t count)
{
    for (size_t i = 0; i < count; i++)
        image[i] = made[i] > 0 ? image[i] : real[i];
}
