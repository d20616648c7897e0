/* Whether there is something new of the runs that a view shows: what becomes of others is no reason to
 * load again. */
#ifndef GANDER_UI_NEWS_H
#define GANDER_UI_NEWS_H

#include "ui/view.h"

/* `mark` is the view's, 0 as it begins: then there is. */
bool news_of(const struct view *view, const struct tick *tick, const int64_t *runs, int count,
             uint64_t *mark);

#endif
