#define _GNU_SOURCE
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

struct hash {
    EVP_MD_CTX *context;
};

/* A digest that libcrypto has built in fails only for want of memory. */
static void must(int done)
{
    if (!done)
        die_out_of_memory(0);
}

struct hash *hash_new(void)
{
    struct hash *hash = xmalloc(sizeof *hash);
    hash->context = EVP_MD_CTX_new();
    must(hash->context && EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL));
    return hash;
}

void hash_add(struct hash *hash, const void *data, size_t size)
{
    must(EVP_DigestUpdate(hash->context, data, size));
}

void hash_end(struct hash *hash, char text[HASH_TEXT_SIZE])
{
    static const char hexadecimal[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size;
    must(EVP_DigestFinal_ex(hash->context, digest, &size));
    for (int i = 0; i < HASH_TEXT_SIZE / 2; i++) {
        text[2 * i] = hexadecimal[digest[i] >> 4];
        text[2 * i + 1] = hexadecimal[digest[i] & 15];
    }
    text[HASH_TEXT_SIZE - 1] = '\0';
    EVP_MD_CTX_free(hash->context);
    free(hash);
}

void hash_of(const void *data, size_t size, char text[HASH_TEXT_SIZE])
{
    struct hash *hash = hash_new();
    hash_add(hash, data, size);
    hash_end(hash, text);
}

int hash_of_file(const char *path, char text[HASH_TEXT_SIZE])
{
    enum { BLOCK = 1 << 16 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(code_of_errno(errno), "cannot open '%s': %s", path, strerror(errno));
    struct hash *hash = hash_new();
    unsigned char *block = xmalloc(BLOCK);
    ssize_t count;
    while ((count = read(fd, block, BLOCK)) > 0 || (count < 0 && errno == EINTR))
        hash_add(hash, block, count > 0 ? (size_t)count : 0);
    int error = count < 0 ? fail(ERR_IO, "cannot read '%s': %s", path, strerror(errno)) : 0;
    hash_end(hash, text);
    free(block);
    close(fd);
    return error;
}
