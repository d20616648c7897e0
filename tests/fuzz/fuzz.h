/* Fuzz targets: tests/fuzz/NAME_fuzz.c defines one function that gives bytes to a reader.
 *
 * `make fuzz` links it with libFuzzer. `make check` links it with replay.c and gives it each file
 * of tests/fuzz/seeds/NAME: good files to start from, and what fuzzing has found. */
#ifndef GANDER_FUZZ_FUZZ_H
#define GANDER_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Must not crash, leak, hang or keep state, whatever the bytes. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
