/* CRC-32C (Castagnoli), and as TFRecord files mask it:
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/hash/crc32c.h */
#ifndef GANDER_EXCHANGE_CRC32C_H
#define GANDER_EXCHANGE_CRC32C_H

#include "base/base.h"

uint32_t crc32c(const void *data, size_t size);
uint32_t crc32c_masked(const void *data, size_t size);

#endif
