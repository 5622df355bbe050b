/* SPDX-License-Identifier: MIT */
/* Barriers, debug markers and tweaks: commands that need no state. */
#include <stdlib.h>
#include <string.h>

#include "draw_context.h"

void gl_memory_barrier(struct backend_context *bctx, uint32_t flags)
{
    static const struct {
        uint32_t guest;
        GLbitfield gl;
    } table[] = {
        {VIRGL_BARRIER_MAPPED_BUFFER, GL_CLIENT_MAPPED_BUFFER_BARRIER_BIT},
        {VIRGL_BARRIER_SHADER_BUFFER,
         GL_SHADER_STORAGE_BARRIER_BIT | GL_ATOMIC_COUNTER_BARRIER_BIT},
        {VIRGL_BARRIER_QUERY_BUFFER, GL_QUERY_BUFFER_BARRIER_BIT},
        {VIRGL_BARRIER_VERTEX_BUFFER, GL_VERTEX_ATTRIB_ARRAY_BARRIER_BIT},
        {VIRGL_BARRIER_INDEX_BUFFER, GL_ELEMENT_ARRAY_BARRIER_BIT},
        {VIRGL_BARRIER_CONSTANT_BUFFER, GL_UNIFORM_BARRIER_BIT},
        {VIRGL_BARRIER_INDIRECT_BUFFER, GL_COMMAND_BARRIER_BIT},
        {VIRGL_BARRIER_TEXTURE, GL_TEXTURE_FETCH_BARRIER_BIT | GL_PIXEL_BUFFER_BARRIER_BIT},
        {VIRGL_BARRIER_IMAGE, GL_SHADER_IMAGE_ACCESS_BARRIER_BIT},
        {VIRGL_BARRIER_FRAMEBUFFER, GL_FRAMEBUFFER_BARRIER_BIT},
        {VIRGL_BARRIER_STREAMOUT_BUFFER, GL_TRANSFORM_FEEDBACK_BARRIER_BIT},
        {VIRGL_BARRIER_UPDATE_BUFFER, GL_BUFFER_UPDATE_BARRIER_BIT},
        {VIRGL_BARRIER_UPDATE_TEXTURE, GL_TEXTURE_UPDATE_BARRIER_BIT},
    };
    const struct gl_features *feat = &gl_context(bctx)->dev->feat;
    const uint32_t nearly_all = 0xfff; /* all that older guests know */
    GLbitfield bits = 0;

    if (!feat->memory_barrier)
        return;
    if ((flags & nearly_all) == nearly_all) {
        glMemoryBarrier(GL_ALL_BARRIER_BITS);
        return;
    }
    for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (flags & table[i].guest)
            bits |= table[i].gl;
    }
    if (!feat->buffer_storage)
        bits &= ~(GLbitfield)GL_CLIENT_MAPPED_BUFFER_BARRIER_BIT;
    if (!feat->query_buffer)
        bits &= ~(GLbitfield)GL_QUERY_BUFFER_BARRIER_BIT;
    if (bits)
        glMemoryBarrier(bits);
}

void gl_texture_barrier(struct backend_context *bctx, uint32_t flags)
{
    const struct gl_features *feat = &gl_context(bctx)->dev->feat;

    if ((flags & VIRGL_TEXTURE_BARRIER_SAMPLER) && feat->texture_barrier)
        glTextureBarrier();
    if ((flags & VIRGL_TEXTURE_BARRIER_FRAMEBUFFER) && feat->blend_advanced)
        glBlendBarrierKHR();
    if ((flags & VIRGL_TEXTURE_BARRIER_FRAMEBUFFER) && feat->framebuffer_fetch_non_coherent)
        glFramebufferFetchBarrierEXT();
}

void gl_string_marker(struct backend_context *bctx, const char *text, uint32_t text_bytes)
{
    const uint32_t longest = 1000; /* hosts need take no more than 1024 */

    if (!gl_context(bctx)->dev->feat.debug || !text_bytes)
        return;
    glDebugMessageInsert(GL_DEBUG_SOURCE_APPLICATION, GL_DEBUG_TYPE_MARKER, 0,
                         GL_DEBUG_SEVERITY_NOTIFICATION,
                         (GLsizei)(text_bytes < longest ? text_bytes : longest), text);
}

void gl_set_tweak(struct backend_context *bctx, uint32_t id, uint32_t value)
{
    if (id == VIRGL_TWEAK_GLES_TF3_SAMPLES_PASSED_MULTIPLIER && value)
        gl_context(bctx)->draw->tweak_samples_passed = value;
}
