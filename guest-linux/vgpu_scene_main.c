/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec.h"
#include "kms_show.h"
#include "picture.h"
#include "vgpu_resource.h"
#include "vgpu_scene.h"

#define PROGRAM "vgpu-scene"

/* Exit status of a scene that the device cannot draw; test programs take it for a skip. */
#define EXIT_UNSUPPORTED 77

struct options {
    const char *device;
    const char *record;
    const char *output;
    const char *scene;
    struct kms_show_options show;
    bool list;
};

static void usage(FILE *file)
{
    fputs("usage: " PROGRAM " [OPTION]... NAME\n"
          "Draws a scene with the virtio-gpu: on the screen, or into a file.\n\n"
          DEVICE_SPEC_HELP
          "  -o, --output=FILE  write the picture to FILE (.png or .pam) instead of the screen\n"
          "      --png=FILE     the same\n"
          "  -r, --repeat=N     draw N times (default: 1)\n"
          "  -s, --seconds=S    keep the picture on the screen that long (default: 3)\n"
          "  -c, --cursor       with a hardware cursor that moves over the screen\n"
          "  -f, --follow       also show it on outputs that are plugged in meanwhile\n"
          "  -l, --list         list the scenes and whether this device can draw them\n"
          "      --record=FILE  write what is sent to FILE, for vgpu-replay\n"
          "  -h, --help         print this text\n", file);
}

static int parse_options(struct options *options, int argc, char **argv)
{
    static const struct option longs[] = {
        {"device", required_argument, NULL, 'd'}, {"output", required_argument, NULL, 'o'},
        {"png", required_argument, NULL, 'o'}, {"repeat", required_argument, NULL, 'r'},
        {"seconds", required_argument, NULL, 's'}, {"cursor", no_argument, NULL, 'c'},
        {"follow", no_argument, NULL, 'f'}, {"list", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {"record", required_argument, NULL, 'R'}, {NULL, 0, NULL, 0},
    };
    char *end;
    int c;

    *options = (struct options){.show = {.repeat = 1, .seconds = 3}};
    while ((c = getopt_long(argc, argv, "d:o:r:s:cflh", longs, NULL)) != -1) {
        switch (c) {
        case 'd':
            options->device = optarg;
            break;
        case 'o':
            options->output = optarg;
            break;
        case 'r':
            options->show.repeat = (unsigned)strtoul(optarg, &end, 10);
            if (*end || options->show.repeat == 0) {
                fprintf(stderr, PROGRAM ": --repeat wants a number above 0, not %s\n", optarg);
                return EXIT_FAILURE;
            }
            break;
        case 's':
            options->show.seconds = strtod(optarg, &end);
            if (*end || end == optarg || !(options->show.seconds >= 0)) {
                fprintf(stderr, PROGRAM ": --seconds wants a number, not %s\n", optarg);
                return EXIT_FAILURE;
            }
            break;
        case 'c':
            options->show.cursor = true;
            break;
        case 'f':
            options->show.follow = true;
            break;
        case 'l':
            options->list = true;
            break;
        case 'R':
            options->record = optarg;
            break;
        case 'h':
            usage(stdout);
            exit(EXIT_SUCCESS);
        default:
            usage(stderr);
            return EXIT_FAILURE;
        }
    }
    if (!options->list && optind != argc - 1) {
        usage(stderr);
        return EXIT_FAILURE;
    }
    options->scene = argv[optind];
    return EXIT_SUCCESS;
}

static void list_scenes(const struct vgpu_context *context)
{
    for (unsigned i = 0; i < vgpu_scene_count; i++) {
        const struct vgpu_scene *scene = vgpu_scenes[i];

        printf("%-13s %s%s%s%s\n", scene->name, scene->summary,
               vgpu_scene_supported(scene, &context->caps) ? "" : " (not on this device: needs ",
               vgpu_scene_supported(scene, &context->caps) ? "" : scene->needs,
               vgpu_scene_supported(scene, &context->caps) ? "" : ")");
    }
}

static int draw_to_file(struct vgpu_context *context, const struct vgpu_scene *scene,
                        const struct options *options)
{
    struct vgpu_resource target;
    int status = EXIT_FAILURE, result;

    vgpu_texture_init(context, &target, VIRGL_FORMAT_R8G8B8A8_UNORM,
                      VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW, VGPU_SCENE_WIDTH_PX,
                      VGPU_SCENE_HEIGHT_PX);
    for (unsigned i = 0; i < options->show.repeat && !context->error; i++)
        vgpu_scene_draw(scene, context, &target);
    vgpu_read(context, &target, 0, NULL);
    if (context->error) {
        fprintf(stderr, PROGRAM ": %s: %s\n", scene->name, strerror(-context->error));
    } else if ((result = picture_write(options->output, target.memory, VGPU_SCENE_WIDTH_PX,
                                       VGPU_SCENE_HEIGHT_PX)) < 0) {
        fprintf(stderr, PROGRAM ": %s: %s\n", options->output,
                result == -EINVAL ? "the name must end in .png or .pam" : strerror(-result));
    } else {
        status = EXIT_SUCCESS;
    }
    vgpu_resource_finish(context, &target);
    return status;
}

static int run(struct vgpu_winsys *winsys, const struct options *options)
{
    uint32_t *dwords = malloc(VGPU_CONTEXT_DWORDS * sizeof(*dwords));
    struct vgpu_context context;
    int status = EXIT_FAILURE;

    if (!dwords) {
        fputs(PROGRAM ": out of memory\n", stderr);
        return status;
    }
    if (vgpu_context_init(&context, winsys, dwords, VGPU_CONTEXT_DWORDS) < 0) {
        fprintf(stderr, PROGRAM ": cannot read the capabilities of the device: %s\n",
                strerror(-context.error));
    } else if (options->list) {
        list_scenes(&context);
        status = EXIT_SUCCESS;
    } else {
        const struct vgpu_scene *scene = vgpu_scene_find(options->scene);

        if (!scene) {
            fprintf(stderr, PROGRAM ": there is no scene %s; see " PROGRAM " --list\n",
                    options->scene);
        } else if (!vgpu_scene_supported(scene, &context.caps)) {
            fprintf(stderr, PROGRAM ": this device cannot draw %s: it needs %s\n", scene->name,
                    scene->needs);
            status = EXIT_UNSUPPORTED;
        } else if (options->output) {
            status = draw_to_file(&context, scene, options);
        } else {
            status = kms_show_scene(PROGRAM, &context, scene, &options->show);
        }
    }
    free(dwords);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = parse_options(&options, argc, argv);

    if (status != EXIT_SUCCESS)
        return status;
    struct vgpu_winsys *winsys = device_spec_open_recorded(PROGRAM, options.device,
                                                           options.record);

    if (!winsys)
        return EXIT_FAILURE;
    status = run(winsys, &options);
    if (!device_spec_close(PROGRAM, winsys, options.record))
        status = EXIT_FAILURE;
    return status;
}
