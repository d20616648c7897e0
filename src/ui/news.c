#include "news.h"

#include "show/index.h"

bool news_of(const struct view *view, const struct tick *tick, const int64_t *runs, int count,
             uint64_t *mark)
{
    uint64_t before = *mark;
    if (before != 0 && !tick->is_new_data)
        return false;
    *mark = catalogue_mark(app_index(view->app)->places[0].catalogue, runs, count);
    return *mark != before;
}
