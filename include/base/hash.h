/* SHA-256 (through libcrypto). */
#ifndef GANDER_BASE_HASH_H
#define GANDER_BASE_HASH_H

#include "base/base.h"

enum { HASH_TEXT_SIZE = 65 }; /* 64 hexadecimal digits and a 0 */

struct hash;
struct hash *hash_new(void);
void hash_add(struct hash *hash, const void *data, size_t size);
void hash_end(struct hash *hash, char text[HASH_TEXT_SIZE]); /* frees the hash, too */
void hash_of(const void *data, size_t size, char text[HASH_TEXT_SIZE]);
int hash_of_file(const char *path, char text[HASH_TEXT_SIZE]);

#endif
