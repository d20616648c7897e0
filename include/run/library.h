/* Which versions of the libraries the program has met. They live for ever. */
#ifndef GANDER_RUN_LIBRARY_H
#define GANDER_RUN_LIBRARY_H

const char *library_sqlite(void);
const char *library_git(void); /* libgit2 */

#endif
