/* SPDX-License-Identifier: MIT */
#include "context.h"

#include "core/debug.h"
#include "core/log.h"

static const char *severity_name(GLenum severity)
{
    switch (severity) {
    case GL_DEBUG_SEVERITY_HIGH:
        return "high";
    case GL_DEBUG_SEVERITY_MEDIUM:
        return "medium";
    case GL_DEBUG_SEVERITY_LOW:
        return "low";
    default:
        return "note";
    }
}

static void GLAPIENTRY on_message(GLenum source, GLenum type, GLuint id, GLenum severity,
                                  GLsizei length, const GLchar *message, const void *user)
{
    struct gl_device *dev = (struct gl_device *)user;
    enum log_level level = type == GL_DEBUG_TYPE_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;

    if (type == GL_DEBUG_TYPE_PUSH_GROUP || type == GL_DEBUG_TYPE_POP_GROUP)
        return;
    log_message(dev->base.log, level, "gl (%s, id %u): %s", severity_name(severity), id, message);
}

void gl_debug_output_init(struct gl_device *dev)
{
    if (!(dev->base.debug & DEBUG_GL) || !dev->feat.debug)
        return;
    glEnable(GL_DEBUG_OUTPUT);
    glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
    glDebugMessageCallback(on_message, dev);
    glDebugMessageControl(GL_DONT_CARE, GL_DONT_CARE, GL_DONT_CARE, 0, NULL, GL_TRUE);
}

void gl_debug_group_begin(const struct gl_device *dev, const char *name)
{
    if ((dev->base.debug & DEBUG_GL) && dev->feat.debug)
        glPushDebugGroup(GL_DEBUG_SOURCE_APPLICATION, 0, -1, name);
}

void gl_debug_group_end(const struct gl_device *dev)
{
    if ((dev->base.debug & DEBUG_GL) && dev->feat.debug)
        glPopDebugGroup();
}
