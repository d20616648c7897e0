/* What terminfo knows: apart, since its header takes words like `columns` for itself. */
#include "screen_terminfo.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

bool terminfo_knows(const char *name)
{
    int error;
    bool is_known = setupterm(name, STDOUT_FILENO, &error) == OK;
    if (is_known)
        del_curterm(cur_term);
    return is_known;
}

bool terminfo_moves(const char *name)
{
    int error;
    bool moves = setupterm(name, STDOUT_FILENO, &error) == OK;
    if (!moves)
        return false;
    moves = cursor_address != NULL;
    del_curterm(cur_term);
    return moves;
}
