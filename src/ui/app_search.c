/* Searching: asked for and gone on with in one way, whatever a view has to search. */
#include "app_state.h"

static int take(struct app *app, struct view *view, const char *text)
{
    (void)app;
    view->is_searched = *text;
    view->type->search(view, text, 1);
    return 0;
}

static bool is_searchable(const struct view *view)
{
    return view->type->search && view_offers(view, ACTION_SEARCH);
}

bool search_is_offered(const struct view *view, enum action action)
{
    bool goes_on = action == ACTION_NEXT || action == ACTION_PREVIOUS;
    return is_searchable(view) && (view->is_searched || !goes_on);
}

enum reaction search_act(struct app *app, enum action action)
{
    struct view *view = app->top;
    if (action != ACTION_SEARCH && action != ACTION_NEXT && action != ACTION_PREVIOUS)
        return IGNORED;
    if (!is_searchable(view))
        app_say(app, "there is nothing to search here");
    else if (action == ACTION_SEARCH)
        app_prompt(app, &(struct prompt){
                            .label = " /", .history = "search", .view = view, .take = take });
    else if (!view->is_searched)
        app_say(app, "nothing was searched for yet");
    else
        view->type->search(view, NULL, action == ACTION_NEXT ? 1 : -1);
    return REDRAW;
}
