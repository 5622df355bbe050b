/* SPDX-License-Identifier: MIT */
/* Random valid commands through encoder and unpacker; wrong lengths, cuts and garbage. */

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "virgl_random.h"

#define ROUNDS 200
#define MAX_DWORDS 4096

static struct guard guard;

/* Whether the rule's text allows this length; written against the text, not against the generator,
 * so that it can contradict it. "=a+field" is decided by the caller's payload. */
static bool allowed_by(const char *rule, uint32_t length)
{
    char **alternatives;
    bool allowed = false;

    if (strcmp(rule, "any") == 0)
        return true;
    if (g_str_has_prefix(rule, ">="))
        return length >= strtoul(rule + 2, NULL, 10);
    if (!strchr(rule, 'n')) {
        alternatives = g_strsplit(rule, "|", -1);
        for (int i = 0; alternatives[i]; i++)
            allowed |= length == strtoul(g_strstrip(alternatives[i]) + 1, NULL, 10);
        g_strfreev(alternatives);
        return allowed;
    }

    uint32_t fixed = 0, per_entry = 1, least = 0, most = UINT32_MAX;
    const char *at = rule + 1, *bound;

    if (strchr(at, '+'))
        fixed = (uint32_t)strtoul(at, NULL, 10), at = strchr(at, '+') + 1;
    if (strchr(at, '*'))
        per_entry = (uint32_t)strtoul(at, NULL, 10), at = strchr(at, '*') + 1;
    g_assert_true(*at == 'n');
    bound = strstr(at, "n>=");
    if (bound)
        least = (uint32_t)strtoul(bound + 3, NULL, 10);
    bound = strstr(at, "n<=");
    if (bound)
        most = (uint32_t)strtoul(bound + 3, NULL, 10);
    if (length < fixed || (length - fixed) % per_entry != 0)
        return false;
    uint32_t n = (length - fixed) / per_entry;
    return n >= least && n <= most;
}

static void check_round_trip(const struct virgl_random_case *test, struct virgl_random *random,
                             void *in, void *out)
{
    uint32_t words[MAX_DWORDS];
    struct virgl_encoder encoder;
    struct virgl_unpack_error err;

    virgl_encoder_init(&encoder, words, MAX_DWORDS);
    test->fill(random, in);
    g_assert_true(test->encode(&encoder, in));
    g_assert_true(virgl_encoder_ok(&encoder));

    uint32_t length = virgl_header_length_dwords(words[0]);
    g_assert_cmpuint(encoder.used_dwords, ==, length + 1);
    g_assert_cmpuint(virgl_header_command(words[0]), ==, test->command);
    if (test->object_type != 0)
        g_assert_cmpuint(virgl_header_object_type(words[0]), ==, test->object_type);

    const uint32_t *payload = guard_place(&guard, words + 1, length);
    memset(out, 0xa5, test->struct_bytes);
    if (!test->unpack(payload, length, out, &err))
        g_error("%s refused: %s %s %" G_GUINT64_FORMAT, test->name, err.what, err.field,
                (guint64)err.value);
    g_assert_true(test->same(in, out));

    /* Shorter and longer payloads: refused where the rule says so, never read past the end. */
    for (uint32_t other = 0; other < length + 40; other++) {
        uint32_t changed[MAX_DWORDS] = {0};

        memcpy(changed, words + 1, 4 * (size_t)MIN(length, other));
        payload = guard_place(&guard, changed, other);
        memset(&err, 0, sizeof(err));
        bool accepted = test->unpack(payload, other, out, &err);
        bool fixed_by_field = strcmp(test->length_rule, "=2+nr_cbufs") == 0;

        if (fixed_by_field ? other != length : !allowed_by(test->length_rule, other))
            g_assert_false(accepted);
        if (!accepted) {
            g_assert_nonnull(err.what);
            g_assert_nonnull(err.command);
            g_assert_nonnull(err.field);
            g_assert_cmpint(err.error, !=, VIRGL_CTX_ERROR_NONE);
        }
    }
}

static void test_case(gconstpointer data)
{
    const struct virgl_random_case *test = data;
    struct virgl_random *random = g_new(struct virgl_random, 1);
    void *in = g_malloc(test->struct_bytes), *out = g_malloc(test->struct_bytes);

    virgl_random_init(random, 7);
    for (int round = 0; round < ROUNDS; round++)
        check_round_trip(test, random, in, out);
    g_free(in);
    g_free(out);
    g_free(random);
}

/* Random words of every length: the unpackers must survive, and say what is wrong. */
static void test_garbage(gconstpointer data)
{
    const struct virgl_random_case *test = data;
    struct virgl_random *random = g_new(struct virgl_random, 1);
    void *out = g_malloc(test->struct_bytes);
    uint32_t words[200];

    virgl_random_init(random, 11);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
            words[i] = virgl_random_below(random, 3) ? virgl_random_next(random)
                                                     : virgl_random_below(random, 80);
        uint32_t length = virgl_random_below(random, G_N_ELEMENTS(words) + 1);
        struct virgl_unpack_error err = {0};

        if (!test->unpack(guard_place(&guard, words, length), length, out, &err))
            g_assert_nonnull(err.what);
        test->unpack(guard_place(&guard, words, length), length, out, NULL);
    }
    g_free(out);
    g_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    guard_init(&guard, 4 * MAX_DWORDS);
    for (size_t i = 0; i < virgl_random_case_count; i++) {
        const struct virgl_random_case *test = &virgl_random_cases[i];
        g_autofree char *name = g_strdup_printf("/protocol/round-trip/%s", test->name);
        g_autofree char *garbage = g_strdup_printf("/protocol/garbage/%s", test->name);

        g_test_add_data_func(name, test, test_case);
        g_test_add_data_func(garbage, test, test_garbage);
    }
    int status = g_test_run();
    guard_finish(&guard);
    return status;
}
