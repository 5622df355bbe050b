/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device_spec.h"
#include "vgpu_stress.h"

#define PROGRAM "vgpu-stress"
#define STEPS_BETWEEN_LOOKS 256

struct options {
    const char *device;
    const char *record;
    uint64_t seed;
    uint64_t steps; /* 0: no limit */
    double seconds; /* 0: no limit */
    bool quiet;
};

static void usage(FILE *file)
{
    fputs("usage: " PROGRAM " [OPTION]...\n"
          "Sends random valid command streams to the virtio-gpu.\n\n"
          DEVICE_SPEC_HELP
          "      --seed=N       start of the random numbers (default: 1)\n"
          "  -s, --seconds=S    how long (default: 60, without --steps)\n"
          "  -n, --steps=N      how many steps; the same seed and steps make the same streams\n"
          "  -q, --quiet        report nothing but failures\n"
          "      --record=FILE  write what is sent to FILE, for vgpu-replay\n"
          "  -h, --help         print this text\n", file);
}

static bool number(const char *name, const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 0);
    if (errno || end == text || *end) {
        fprintf(stderr, PROGRAM ": --%s wants a number, not %s\n", name, text);
        return false;
    }
    return true;
}

static bool parse_options(struct options *options, int argc, char **argv)
{
    static const struct option longs[] = {
        {"device", required_argument, NULL, 'd'}, {"seed", required_argument, NULL, 'S'},
        {"seconds", required_argument, NULL, 's'}, {"steps", required_argument, NULL, 'n'},
        {"quiet", no_argument, NULL, 'q'}, {"help", no_argument, NULL, 'h'},
        {"record", required_argument, NULL, 'R'}, {NULL, 0, NULL, 0},
    };
    bool ok = true;
    char *end;
    int c;

    *options = (struct options){.seed = 1};
    while (ok && (c = getopt_long(argc, argv, "d:s:n:qh", longs, NULL)) != -1) {
        switch (c) {
        case 'd':
            options->device = optarg;
            break;
        case 'S':
            ok = number("seed", optarg, &options->seed);
            break;
        case 's':
            options->seconds = strtod(optarg, &end);
            ok = end != optarg && !*end && options->seconds > 0;
            if (!ok)
                fprintf(stderr, PROGRAM ": --seconds wants a number above 0, not %s\n", optarg);
            break;
        case 'n':
            ok = number("steps", optarg, &options->steps);
            break;
        case 'q':
            options->quiet = true;
            break;
        case 'R':
            options->record = optarg;
            break;
        case 'h':
            usage(stdout);
            exit(EXIT_SUCCESS);
        default:
            ok = false;
            usage(stderr);
            break;
        }
    }
    if (ok && optind != argc) {
        usage(stderr);
        return false;
    }
    if (options->seconds == 0 && options->steps == 0)
        options->seconds = 60;
    return ok;
}

static double now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int run(struct vgpu_winsys *winsys, const struct options *options)
{
    uint32_t *dwords = malloc(VGPU_CONTEXT_DWORDS * sizeof(*dwords));
    struct vgpu_stress *stress = malloc(sizeof(*stress));
    struct vgpu_context context;
    double start_s = now_s();
    int status = EXIT_FAILURE;

    if (!dwords || !stress) {
        fputs(PROGRAM ": out of memory\n", stderr);
    } else if (vgpu_context_init(&context, winsys, dwords, VGPU_CONTEXT_DWORDS) < 0) {
        fprintf(stderr, PROGRAM ": cannot read the capabilities of the device: %s\n",
                strerror(-context.error));
    } else {
        vgpu_stress_init(stress, &context, options->seed);
        while (!context.error && (options->steps == 0 || stress->steps < options->steps)) {
            vgpu_stress_step(stress);
            if (stress->steps % STEPS_BETWEEN_LOOKS == 0 && options->seconds > 0 &&
                now_s() - start_s >= options->seconds)
                break;
        }
        uint64_t steps = stress->steps;

        vgpu_stress_finish(stress);
        if (vgpu_context_finish(&context)) {
            fprintf(stderr, PROGRAM ": seed %llu, by step %llu: %s\n",
                    (unsigned long long)options->seed, (unsigned long long)steps,
                    strerror(-context.error));
        } else {
            status = EXIT_SUCCESS;
            if (!options->quiet)
                printf("seed %llu: %llu steps, %llu dwords, %.1f s\n",
                       (unsigned long long)options->seed, (unsigned long long)steps,
                       (unsigned long long)context.submitted_dwords, now_s() - start_s);
        }
    }
    free(stress);
    free(dwords);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;

    if (!parse_options(&options, argc, argv))
        return EXIT_FAILURE;
    struct vgpu_winsys *winsys = device_spec_open_recorded(PROGRAM, options.device,
                                                           options.record);

    if (!winsys)
        return EXIT_FAILURE;
    int status = run(winsys, &options);

    if (!device_spec_close(PROGRAM, winsys, options.record))
        status = EXIT_FAILURE;
    return status;
}
