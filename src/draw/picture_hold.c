/* Pictures that change little by little, in few greys. */
#include <math.h>
#include <stdlib.h>

#include "draw/picture.h"
#include "picture_parts.h"

/* The level of a brightness 0 … 1; the present one as long as it is hardly less right. */
static int level_of(float brightness, int present, int levels)
{
    static const float hold = 0.9F; /* of a level; 0.5 is where the next one becomes nearer */
    float exact = brightness * (float)(levels - 1);
    if (present >= 0 && fabsf(exact - (float)present) < hold)
        return present;
    return (int)lrintf(exact);
}

bool picture_hold(uint8_t *held, bool is_held, int columns, int rows, const uint8_t *pixels,
                  int height, int width, int levels)
{
    struct picture_size size =
        picture_fit(height, width, picture_units(PICTURE_HALF), columns, rows);
    if (columns <= 0 || size.columns != columns || size.rows != rows || levels < 2)
        return false;
    struct points points = picture_points(&size, pixels, height, width, PICTURE_HALF);
    int most = levels - 1;
    for (int i = 0; i < points.width * points.height; i++) {
        int present = is_held ? (held[i] * most + 127) / 255 : -1;
        held[i] = (uint8_t)((level_of(points.values[i], present, levels) * 255 + most / 2) / most);
    }
    free(points.values);
    return true;
}
