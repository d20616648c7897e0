/* Checkpoints that lie. */
#ifndef GANDER_TESTS_GAN_TAMPER_H
#define GANDER_TESTS_GAN_TAMPER_H

#include "testing.h"

#include <string.h>

#include "base/tensors.h"

/* Writes `path` again with the bytes of tensor `name` set to `byte`, or without it (-1), or one
 * value short (-2), and another CPU in the metadata. */
static inline void tamper(const char *path, const char *out, const char *name, int byte)
{
    static const char *const keys[] = { "gander.checkpoint", "gander.recipe", "gander.data",
                                        "gander.build",      "gander.blas",   "gander.threads" };
    struct tensor_metadata metadata[ARRAY_SIZE(keys) + 1] = { { "gander.cpu", "Z80\033[2J" } };
    struct tensor tensors[64];
    struct tensor_file *file;
    unsigned char bytes[256];
    int count = 0;
    assert_return_code(tensors_open(&file, path), 0);
    assert_true(tensors_count(file) <= ARRAY_SIZE(tensors));
    for (int i = 0; i < tensors_count(file); i++) {
        tensors[count] = *tensors_at(file, i);
        bool chosen = name && strcmp(tensors[count].name, name) == 0;
        if (chosen && byte == -2) {
            tensors[count].shape[0]--;
        } else if (chosen && byte >= 0) {
            assert_true(tensor_bytes(&tensors[count]) <= sizeof bytes);
            memset(bytes, byte, sizeof bytes);
            tensors[count].data = bytes;
        }
        count += !(chosen && byte == -1);
    }
    for (int i = 0; i < ARRAY_SIZE(keys); i++)
        metadata[i + 1] = (struct tensor_metadata){ keys[i], tensors_metadata(file, keys[i]) };
    assert_return_code(tensors_write(out, tensors, count, metadata, ARRAY_SIZE(metadata)), 0);
    tensors_close(file);
}

#endif
