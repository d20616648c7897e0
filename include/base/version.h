/* What this program calls itself. */
#ifndef GANDER_BASE_VERSION_H
#define GANDER_BASE_VERSION_H

#define GANDER_VERSION "0.1.0"

#endif
