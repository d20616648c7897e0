/* FNV-1a, 64 bits: a quick hash for tables and for whether something has changed, no seal on anything
 * (Fowler, Noll & Vo 1991; RFC 9923). Begin with FNV_START and mix in. */
#ifndef GANDER_BASE_FNV_H
#define GANDER_BASE_FNV_H

#include "base/base.h"

#define FNV_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv_byte(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t fnv_bytes(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = fnv_byte(hash, ((const uint8_t *)bytes)[i]);
    return hash;
}

static inline uint64_t fnv_integer(uint64_t hash, int64_t value)
{
    for (int i = 0; i < 8; i++)
        hash = fnv_byte(hash, (uint8_t)((uint64_t)value >> (8 * i)));
    return hash;
}

/* Without its end: "a" and "b" mixed in are "ab". */
static inline uint64_t fnv_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = fnv_byte(hash, (uint8_t)*text);
    return hash;
}

#endif
