#define _GNU_SOURCE
#include "base/hash.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "testing.h"

/* FIPS 180-4 examples. */
static const struct {
    const char *text, *digest;
} vectors[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void known_texts_have_their_digests(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(vectors); i++) {
        char text[HASH_TEXT_SIZE];
        hash_of(vectors[i].text, strlen(vectors[i].text), text);
        assert_string_equal(text, vectors[i].digest);
    }
}

/* A million times "a", the long example of FIPS 180-4. */
static void pieces_and_files_hash_like_the_whole(void **state)
{
    enum { MILLION = 1000000 };
    static const char digest[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    char *block = xmalloc(MILLION), text[HASH_TEXT_SIZE];
    (void)state;
    memset(block, 'a', MILLION);
    struct hash *hash = hash_new();
    hash_add(hash, block, 1);
    hash_add(hash, block, 0);
    hash_add(hash, block, MILLION - 1);
    hash_end(hash, text);
    assert_string_equal(text, digest);
    assert_int_equal(file_replace("a", block, MILLION), 0);
    assert_int_equal(hash_of_file("a", text), 0);
    assert_string_equal(text, digest);
    free(block);
}

static void a_file_that_cannot_be_read_says_so(void **state)
{
    char text[HASH_TEXT_SIZE];
    (void)state;
    assert_int_equal(hash_of_file("none", text), ERR_NOT_FOUND);
    assert_int_equal(hash_of_file(".", text), ERR_IO);
    assert_string_equal(error_text(), "cannot read '.': Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_have_their_digests),
        IN_SCRATCH(pieces_and_files_hash_like_the_whole),
        IN_SCRATCH(a_file_that_cannot_be_read_says_so),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
