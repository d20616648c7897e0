#include "crc32c.h"

#include <pthread.h>

enum { SLICES = 8, BYTES = 256 };

/* table[k][b]: the sum after byte b and k zero bytes. */
static uint32_t table[SLICES][BYTES];

static void fill_table(void)
{
    const uint32_t polynomial = 0x82f63b78; /* reflected */
    for (uint32_t b = 0; b < BYTES; b++) {
        uint32_t sum = b;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? (sum >> 1) ^ polynomial : sum >> 1;
        table[0][b] = sum;
    }
    for (int k = 1; k < SLICES; k++)
        for (int b = 0; b < BYTES; b++)
            table[k][b] = (table[k - 1][b] >> 8) ^ table[0][table[k - 1][b] & 0xff];
}

uint32_t crc32c(const void *data, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const uint8_t *bytes = data;
    uint32_t sum = ~(uint32_t)0;
    pthread_once(&once, fill_table);
    for (; size >= SLICES; bytes += SLICES, size -= SLICES) {
        uint32_t low = sum ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                              (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
        sum = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^
              table[4][low >> 24] ^ table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^
              table[0][bytes[7]];
    }
    for (; size > 0; size--)
        sum = (sum >> 8) ^ table[0][(sum ^ *bytes++) & 0xff];
    return ~sum;
}

uint32_t crc32c_masked(const void *data, size_t size)
{
    uint32_t sum = crc32c(data, size);
    return (sum >> 15 | sum << 17) + 0xa282ead8u;
}
