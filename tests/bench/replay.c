/* SPDX-License-Identifier: MIT */
/*
 * mantua-replay: how long does a library take for the draws of a recording? Each run is a process of
 * its own, with the libraries taking turns, so that they meet the same weather.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay_player.h"

#define MAX_LIBRARIES 8
#define MAX_REPEAT 99

struct options {
    const char *libraries[MAX_LIBRARIES];
    int library_count;
    int repeat;
    int noop;
    int plain;
};

static const char help_text[] =
    "Usage: mantua-replay [OPTION]... FILE...\n"
    "Play recordings on virglrenderer libraries and print the processor time per draw.\n"
    "\n"
    "  --library PATH  play on this library; may be given several times\n"
    "  --repeat N      median of N runs (default 5)\n"
    "  --draw          really draw; by default Mesa's noop driver takes the rasteriser out\n"
    "  --plain         print only numbers: ns per draw of each library, tab between\n"
    "  -h, --help      print this help\n"
    "\n"
    "Recordings are made with LD_PRELOAD=libmantua-record.so MANTUA_RECORD=FILE and a\n"
    "program that uses the library, mantua-vtest-server --no-loop-or-fork for one.\n";

static int parse_options(struct options *options, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"library", required_argument, NULL, 'l'}, {"repeat", required_argument, NULL, 'r'},
        {"draw", no_argument, NULL, 'd'},          {"plain", no_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    int option;

    *options = (struct options) {.repeat = 5, .noop = 1};
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        switch (option) {
        case 'l':
            if (options->library_count == MAX_LIBRARIES) {
                fprintf(stderr, "mantua-replay: %d libraries at most\n", MAX_LIBRARIES);
                return -1;
            }
            options->libraries[options->library_count++] = optarg;
            break;
        case 'r':
            options->repeat = atoi(optarg);
            break;
        case 'd':
            options->noop = 0;
            break;
        case 'p':
            options->plain = 1;
            break;
        case 'h':
            fputs(help_text, stdout);
            exit(EXIT_SUCCESS);
        default:
            return -1;
        }
    }
    if (options->library_count == 0 || optind == argc || options->repeat < 1 ||
        options->repeat > MAX_REPEAT) {
        fputs(help_text, stderr);
        return -1;
    }
    return 0;
}

/* Play once in a process of its own. Returns ns per draw, NAN on failure. */
static double run_once(const struct options *options, const uint8_t *recording, size_t size_bytes,
                       const char *library, struct replay_result *result)
{
    int fds[2], status = 0;
    pid_t pid;

    if (pipe(fds) < 0) {
        return NAN;
    }
    pid = fork();
    if (pid == 0) {
        /* Some libraries write to standard output, but the table belongs there alone. */
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        if (options->noop) {
            setenv("GALLIUM_NOOP", "1", 1);
            setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
            setenv("GALLIUM_DRIVER", "llvmpipe", 1);
        }
        if (replay_play(recording, size_bytes, library, result) &&
            write(fds[1], result, sizeof(*result)) == sizeof(*result)) {
            _exit(0);
        }
        _exit(1);
    }
    close(fds[1]);
    if (pid < 0 || read(fds[0], result, sizeof(*result)) != sizeof(*result)) {
        result->draws = 0;
    }
    close(fds[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0 || result->draws == 0) {
        if (pid > 0 && WIFSIGNALED(status)) {
            fprintf(stderr, "mantua-replay: killed by signal %d with %s%s\n", WTERMSIG(status),
                    library, options->noop ? "; some drivers cannot skip drawing, try --draw" : "");
        }
        return NAN;
    }
    if (result->failed_calls > 0) {
        fprintf(stderr, "mantua-replay: %u calls failed on %s, the first of kind %u\n",
                result->failed_calls, library, result->first_failed);
        return NAN;
    }
    return (double) result->submit_ns / (double) result->draws;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return x < y ? -1 : x > y;
}

static void replay_file(const struct options *options, const char *path,
                        double medians[MAX_LIBRARIES])
{
    double runs[MAX_LIBRARIES][MAX_REPEAT];
    struct replay_result result = {0};
    struct stat info;
    uint8_t *recording;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    for (int i = 0; i < options->library_count; i++) {
        medians[i] = NAN;
    }
    if (fd < 0 || fstat(fd, &info) < 0) {
        fprintf(stderr, "mantua-replay: %s: %s\n", path, strerror(errno));
        return;
    }
    recording = mmap(NULL, (size_t) info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (recording == MAP_FAILED) {
        fprintf(stderr, "mantua-replay: %s: %s\n", path, strerror(errno));
        return;
    }
    for (int turn = 0; turn < options->repeat; turn++) {
        for (int i = 0; i < options->library_count; i++) {
            runs[i][turn] = run_once(options, recording, (size_t) info.st_size,
                                     options->libraries[i], &result);
        }
    }
    munmap(recording, (size_t) info.st_size);
    for (int i = 0; i < options->library_count; i++) {
        int failed = 0;

        for (int turn = 0; turn < options->repeat; turn++) {
            failed |= isnan(runs[i][turn]);
        }
        if (!failed) {
            qsort(runs[i], (size_t) options->repeat, sizeof(double), compare);
            medians[i] = runs[i][options->repeat / 2];
        }
    }
}

static void print_row(const struct options *options, const char *path, const double *medians)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

    if (!options->plain) {
        printf("%-40.40s", name);
    }
    for (int i = 0; i < options->library_count; i++) {
        printf(options->plain ? "%s%.1f" : "%s%12.1f", options->plain && i ? "\t" : "", medians[i]);
    }
    if (!options->plain && options->library_count > 1) {
        printf("%12.2f", medians[1] / medians[0]);
    }
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct options options;
    double logarithms = 0;
    int compared = 0, failed = 0;

    if (parse_options(&options, argc, argv)) {
        return EXIT_FAILURE;
    }
    if (!options.plain) {
        for (int i = 0; i < options.library_count; i++) {
            printf("library %d: %s\n", i + 1, options.libraries[i]);
        }
        printf("%-40s", "ns per draw");
        for (int i = 0; i < options.library_count; i++) {
            printf("%11s%d", "library ", i + 1);
        }
        printf("%s\n", options.library_count > 1 ? "       2 : 1" : "");
    }
    for (int i = optind; i < argc; i++) {
        double medians[MAX_LIBRARIES];

        replay_file(&options, argv[i], medians);
        print_row(&options, argv[i], medians);
        failed |= isnan(medians[0]);
        if (options.library_count > 1 && !isnan(medians[0]) && !isnan(medians[1])) {
            logarithms += log(medians[1] / medians[0]);
            compared++;
        }
    }
    if (!options.plain && compared > 0) {
        printf("geometric mean of 2 : 1 over %d recordings: %.2f\n", compared,
               exp(logarithms / compared));
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
