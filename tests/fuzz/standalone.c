/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without libFuzzer:
 *
 *     PROGRAM [-runs=N] [-seed=N] [-max_len=N] FILE-OR-FOLDER...
 *
 * tries every file, then N inputs made by changing and joining them. The inputs depend on nothing
 * but the files and the seed; one that crashes is kept as crash-<number> when the environment
 * variable FUZZ_KEEP names a folder.
 */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state;

static uint32_t next(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return limit ? (uint32_t)((state >> 32) % limit) : 0;
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void load(GPtrArray *inputs, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    gchar *data;
    gsize size;

    if (dir) {
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        const char *name;

        while ((name = g_dir_read_name(dir)) != NULL)
            g_ptr_array_add(names, g_build_filename(path, name, NULL));
        g_ptr_array_sort(names, by_name);
        for (guint i = 0; i < names->len; i++)
            load(inputs, names->pdata[i]);
    } else if (g_file_get_contents(path, &data, &size, NULL)) {
        g_ptr_array_add(inputs, g_bytes_new_take(data, size));
    } else {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
}

static void keep(const GByteArray *input, uint32_t number)
{
    const char *folder = getenv("FUZZ_KEEP");
    g_autofree char *name = NULL;

    if (!folder)
        return;
    name = g_strdup_printf("%s/crash-%u", folder, number);
    g_file_set_contents(name, (const char *)input->data, input->len, NULL);
}

static void change(GByteArray *input, const GPtrArray *inputs, uint32_t max_len)
{
    const uint32_t changes = 1 + next(16);

    for (uint32_t i = 0; i < changes && input->len; i++) {
        const uint32_t position = next(input->len);

        switch (next(6)) {
        case 0:
            input->data[position] ^= (uint8_t)(1u << next(8));
            break;
        case 1:
            input->data[position] = (uint8_t)next(256);
            break;
        case 2:
            input->data[position] = (uint8_t)next(32);
            break;
        case 3: {
            const uint32_t length = 1 + next(8);

            g_byte_array_remove_range(input, position, MIN(length, input->len - position));
            break;
        }
        case 4: {
            GBytes *other = inputs->pdata[next(inputs->len)];
            gsize size;
            const uint8_t *data = g_bytes_get_data(other, &size);
            const uint32_t from = next((uint32_t)size);

            g_byte_array_append(input, data + from, (guint)(size - from));
            break;
        }
        case 5: {
            uint8_t fresh[8];

            for (size_t j = 0; j < sizeof(fresh); j++)
                fresh[j] = (uint8_t)next(256);
            g_byte_array_append(input, fresh, sizeof(fresh));
            break;
        }
        }
    }
    if (input->len > max_len)
        g_byte_array_set_size(input, max_len);
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) inputs = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    uint32_t runs = 0, max_len = 4096;
    uint64_t seed = 1;

    for (int i = 1; i < argc; i++) {
        if (sscanf(argv[i], "-runs=%u", &runs) == 1 ||
            sscanf(argv[i], "-max_len=%u", &max_len) == 1 ||
            sscanf(argv[i], "-seed=%" G_GUINT64_FORMAT, &seed) == 1)
            continue;
        if (argv[i][0] != '-')
            load(inputs, argv[i]);
    }
    if (inputs->len == 0)
        g_ptr_array_add(inputs, g_bytes_new_static("\2\0\0\0\0", 5));
    for (guint i = 0; i < inputs->len; i++) {
        gsize size;
        const uint8_t *data = g_bytes_get_data(inputs->pdata[i], &size);

        LLVMFuzzerTestOneInput(data, size);
    }
    state = seed * 0x9e3779b97f4a7c15ull + 1;
    for (uint32_t n = 0; n < runs; n++) {
        g_autoptr(GByteArray) input = g_byte_array_new();
        gsize size;
        const uint8_t *data = g_bytes_get_data(inputs->pdata[next(inputs->len)], &size);
        uint8_t *exact;

        g_byte_array_append(input, data, (guint)MIN(size, max_len));
        change(input, inputs, max_len);
        keep(input, n);
        exact = g_memdup2(input->data, input->len);
        LLVMFuzzerTestOneInput(exact ? exact : (const uint8_t *)"", input->len);
        g_free(exact);
        if (getenv("FUZZ_KEEP")) {
            g_autofree char *name = g_strdup_printf("%s/crash-%u", getenv("FUZZ_KEEP"), n);

            remove(name);
        }
    }
    printf("%u files, %u changed inputs\n", inputs->len, runs);
    return 0;
}
