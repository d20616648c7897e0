/* What the Walk view is made of: a place in latent space, what is shown around it, places that were
 * kept, the way between two of them.
 *
 * What is asked of the process is always the newest wish, never a queue: keys change `scene`, and when
 * the process is free and the terminal has shown the last frame, `scene` as it is then is asked for
 * and becomes `asked`; with its frame it becomes `shown`. */
#ifndef GANDER_UI_WALK_PARTS_H
#define GANDER_UI_WALK_PARTS_H

#include "run/walk.h"
#include "ui/view.h"

enum {
    SIDE_LIMIT = 7, /* of the square of images: with all that is kept they fit one request */
    KEPT_LIMIT = 9, /* one for each digit key */
    RATE_FRAMES = 8
};

/* What one frame shows. */
struct scene {
    struct walk_image here;
    int side;      /* side x side images */
    bool is_map;   /* what lies around here; else what the seed gives from here on, moved alike */
    double spread; /* latent units between two neighbours of a map */
};

/* A frame that has come. */
struct shown {
    struct scene scene;
    int count, height, width; /* count 0: none has come */
    uint8_t *images;          /* (count, height, width); malloc'ed */
    double verdicts[SIDE_LIMIT * SIDE_LIMIT];
};

struct kept {
    struct walk_image place;
    uint8_t *image; /* (height, width); malloc'ed; NULL until it is drawn */
};

struct walking {
    int64_t run, step; /* step -1: the newest */
    char *title;       /* "6 conditional"; malloc'ed */
    struct walk *walk; /* NULL: it has ended, and `problem` says why */
    char *problem;     /* malloc'ed */
    int64_t frame;     /* the last id */
    double asked_at;
    struct scene scene, asked;
    struct shown shown;
    bool has_asked;
    int side_wish; /* 0: as it fits */
    int selected;  /* of the images, as far from the home of a scene as cells go */
    int gait;      /* how fast: see walk_gait */

    struct kept kept[KEPT_LIMIT];
    int kept_count;
    int thumbs[KEPT_LIMIT], thumb_count; /* kept ones that were asked for along with `asked` */
    int ends[2];                         /* kept ones that were visited last: the way goes there */
    bool is_playing;
    int way_label; /* class of all that is played; -1: those of the two ends */
    double phase;  /* of the way there and back: 0 … 2 */
    double played; /* when `phase` was right */
    double times[RATE_FRAMES];
    int time_count;
    bool is_rate_shown;
    int64_t *steps; /* of the checkpoints to choose from; malloc'ed */
};

/* walk_place.c */
int scene_count(const struct scene *scene);
int scene_home(const struct scene *scene); /* which of its images is here */
bool scene_is_same(const struct scene *a, const struct scene *b);
struct walk_image scene_image(const struct scene *scene, int i);
bool place_is_same(const struct walk_image *a, const struct walk_image *b);
/* On the way between two places: t 0 is the first, 1 the second. */
struct walk_image place_between(const struct walk_image *a, const struct walk_image *b, double t);
bool place_is_on_way(const struct walk_image *place); /* neither end of it */
double walk_gait(const struct walking *walking);      /* a factor, 1 as it begins */
double walk_stride(const struct walking *walking);    /* latent units that a key moves */

/* walk_kept.c */
void walk_keep(struct view *view);
void walk_drop(struct view *view);
void walk_visit(struct view *view, int which);
void walk_play(struct view *view);
void walk_advance(struct walking *walking, double steady); /* as far as time has gone */
void walk_forget_kept(struct walking *walking);
void walk_write(const struct walking *walking, struct json *object);
void walk_read(struct walking *walking, const struct json *object);

/* walk_process.c */
void walk_start(struct view *view);
void walk_stop(struct walking *walking);
enum reaction walk_turn(struct view *view, double steady); /* takes what came, asks for the next */
bool walk_wants(const struct walking *walking);
double walk_pause(const struct view *view, double steady); /* until the next turn; negative: none */
double walk_rate(const struct walking *walking);           /* frames a second; NaN: nothing moves */

/* walk_draw.c */
struct walk_layout {
    struct rect images;            /* the square of them */
    int cell_width, cell_height;   /* of one, with its verdict and its gap */
    struct rect panel;             /* at the right */
    int thumb_width, thumb_height; /* of a kept one, without its number */
    struct rect kept;
};
struct walk_layout walk_layout(const struct walking *walking, struct rect rect, int side);
int walk_fitting_side(const struct walking *walking, struct rect rect);
void walk_draw(const struct view *view, struct frame *frame, struct rect rect);
/* Which image, or which kept one, stands at a cell; -1: none. */
int walk_image_at(const struct view *view, int x, int y);
int walk_kept_at(const struct view *view, int x, int y);

#endif
