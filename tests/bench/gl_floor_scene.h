/* SPDX-License-Identifier: MIT */
#ifndef GL_FLOOR_SCENE_H
#define GL_FLOOR_SCENE_H

/* What the cases of the GL floor draw with: as many of each object as the case's name says, twice. */

#include <epoxy/gl.h>
#include <stdbool.h>
#include <stdint.h>

#define SCENE_MAX 16

enum scene_texture {
    SCENE_NO_TEXTURE,
    SCENE_TEXTURE,
    SCENE_TEXTURE_BUFFER,
    SCENE_IMAGE,
    SCENE_IMAGE_BUFFER,
};

struct scene {
    int vertex_buffer_count;
    int uniform_buffer_count;
    int texture_count;
    enum scene_texture texture_kind;

    /* [0] and [1] are two sets of equal shape, to change between. */
    GLuint programs[2];
    GLuint vertex_buffers[2][SCENE_MAX];
    GLuint uniform_buffers[2][SCENE_MAX];
    GLuint textures[2][SCENE_MAX];
    GLuint index_buffer;
    GLuint vertex_array;

    /* A ring for constants, mapped for good, as a renderer would have one. */
    GLuint ring;
    uint8_t *ring_data;
    uint32_t ring_at;
};

#define SCENE_RING_BYTES (4u << 20)
#define SCENE_UNIFORM_BYTES 4096u
#define SCENE_UNIFORM_LOCATION 0 /* of a vec4[2] outside of all buffers */

/*
 * Make the objects and bind set 0 of them. The counts and the kind are filled in already. A GL 4.5
 * core context is current. False when a shader does not compile.
 */
bool scene_init(struct scene *scene);
void scene_finish(struct scene *scene);

/* Put new constants of so many bytes into the ring and bind them as the default uniform block. */
void scene_put_constants(struct scene *scene, uint32_t bytes);

#endif
