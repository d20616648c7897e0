#include "base/error.h"
#include "ui/view.h"

static int open(struct view *view, const struct view_args *args)
{
    (void)view, (void)args;
    return fail(ERR_INVALID, "not yet");
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    (void)view, (void)frame, (void)rect;
}

const struct view_type view_curves = {
    .name = "curves", .title = "curves", .place = IN_TEXT, .open = open, .draw = draw
};
