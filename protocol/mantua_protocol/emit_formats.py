# SPDX-License-Identifier: MIT
"""virgl_formats.h/.c: the format table in C."""

from . import c_text
from .formats import SWIZZLE

SOURCES = 'virgl-formats.csv and gl-values.csv'
ABOUT = '''What the format numbers mean: memory layout, channels, and how GL stores them. The
tables are constant; every function may be called from any thread.'''


def _enum(name, prefix, texts):
    lines = [f'enum {name} {{']
    lines += [f'    {prefix}_{c_text.macro_name(text)},' for text in texts]
    return lines + ['};', '']


def _layouts(protocol):
    return sorted({f.row['layout'] for f in protocol.formats})


def _view_classes(protocol):
    def key(text):
        return (0, int(text), '') if text.isdigit() else (1, 0, text)
    names = {f.row['view_class'] for f in protocol.formats if f.row['view_class']}
    return ['none'] + sorted(names, key=key)


STRUCTS = '''\
struct virgl_format_channel {
    uint8_t type; /* enum virgl_channel_type */
    uint8_t bits;
};

/* How one kind of GL host stores a format. internalformat 0: it does not. */
struct virgl_format_gl {
    uint32_t internalformat;
    uint32_t format;         /* of the client data in transfers; 0 for compressed data alone */
    uint32_t type;
    bool has_swizzle;
    bool stencil_plane;      /* sample with DEPTH_STENCIL_TEXTURE_MODE = STENCIL_INDEX */
    uint8_t swizzle[4];      /* enum virgl_swizzle: sampler swizzle that restores the format */
    /* Available when the host version (major * 10 + minor) reaches min_version, or when it has
     * every named extension. Both absent: always available. */
    uint8_t min_version;     /* 0: no version alone suffices */
    const char *extension;   /* "GL_..." or NULL */
    const char *extension2;  /* a second one needed with the first, or NULL */
};

struct virgl_format_info {
    const char *name;        /* as in TGSI and in logs: "B8G8R8A8_UNORM" */
    uint16_t number;         /* enum virgl_format */
    uint8_t layout;          /* enum virgl_format_layout */
    uint8_t colorspace;      /* enum virgl_format_colorspace */
    uint8_t block_w_px, block_h_px, block_d_px;
    uint8_t block_bytes;     /* no meaning for formats of several planes */
    uint8_t channel_count;
    struct virgl_format_channel channels[4]; /* least significant first */
    uint8_t swizzle[4];      /* enum virgl_swizzle: channel that gives r, g, b, a (z, s) */
    bool has_alpha;
    bool pure_integer;
    bool has_depth;
    bool has_stencil;
    bool is_compressed;
    bool is_srgb;
    bool is_yuv;
    bool is_planar;
    uint8_t view_class;      /* enum virgl_view_class: formats of one class may view each other */
    /* Vertex fetch; vertex_size 0: not a vertex format, 0x80e1: GL_BGRA. */
    uint16_t vertex_size;
    uint16_t vertex_type;
    bool vertex_normalized;
    bool vertex_integer;
    /* virglrenderer offers this format on desktop GL, on GLES. */
    bool stock_gl;
    bool stock_gles;
    struct virgl_format_gl gl;      /* core profile */
    struct virgl_format_gl compat;  /* compatibility profile, where it differs from core */
    struct virgl_format_gl gles;
};

/* NULL for numbers without a format (0, holes, out of range). */
const struct virgl_format_info *virgl_format_info(uint32_t format);

/* "?" for numbers without a format. */
const char *virgl_format_name(uint32_t format);

/* Number of the format named like "R8_UNORM" (also by older names such as "NV12"), -1 if none.
 * The _n form takes a name of `length` bytes that need not be terminated. */
int virgl_format_from_name(const char *name);
int virgl_format_from_name_n(const char *name, size_t length);'''


def header(protocol):
    body = c_text.comment(ABOUT) + ['']
    body += _enum('virgl_format_layout', 'VIRGL_FORMAT_LAYOUT', _layouts(protocol))
    body += _enum('virgl_format_colorspace', 'VIRGL_FORMAT_COLORSPACE',
                  ['rgb', 'srgb', 'yuv', 'zs'])
    body += _enum('virgl_channel_type', 'VIRGL_CHANNEL_TYPE',
                  ['void', 'unorm', 'snorm', 'uint', 'sint', 'uscaled', 'sscaled', 'float',
                   'fixed'])
    body += _enum('virgl_view_class', 'VIRGL_VIEW_CLASS', _view_classes(protocol))
    body += STRUCTS.split('\n')
    return c_text.render(c_text.header('VIRGL_FORMATS_H', SOURCES, body, [
        '<stdbool.h>', '<stddef.h>', '<stdint.h>', '"virgl_protocol.h"']))


def _swizzle(letters):
    return 'SWIZZLE(' + ', '.join(SWIZZLE[c] for c in letters) + ')'


def _mapping(name, mapping):
    if mapping is None:
        return []
    parts = [f'.internalformat = {mapping.internalformat:#x}, .format = {mapping.format:#x}, '
             f'.type = {mapping.type:#x}']
    if mapping.swizzle:
        parts.append(f'.has_swizzle = true, .swizzle = {_swizzle(mapping.swizzle)}')
    if mapping.stencil_plane:
        parts.append('.stencil_plane = true')
    requires = mapping.requires
    if requires.version:
        parts.append(f'.min_version = {requires.version}')
    for member, extension in zip(('extension', 'extension2'), requires.extensions):
        parts.append(f'.{member} = "{extension}"')
    lines = [f'        .{name} = {{']
    lines += [f'            {part},' for part in parts]
    return lines + ['        },']


def _flags(item):
    row = item.row
    compressed = row['layout'] in ('s3tc', 'rgtc', 'etc', 'bptc', 'astc', 'atc', 'fxt1')
    flags = {'has_alpha': row['has_alpha'] == '1', 'pure_integer': row['pure_integer'] == '1',
             'has_depth': item.is_depth, 'has_stencil': item.is_stencil,
             'is_compressed': compressed, 'is_srgb': row['colorspace'] == 'srgb',
             'is_yuv': row['colorspace'] == 'yuv', 'is_planar': row['layout'].startswith('planar'),
             'vertex_normalized': row['vertex_normalized'] == '1',
             'vertex_integer': row['vertex_integer'] == '1',
             'stock_gl': row['virglrenderer_offers'] in ('both', 'gl'),
             'stock_gles': row['virglrenderer_offers'] in ('both', 'gles')}
    return [f'.{name} = true' for name, value in flags.items() if value]


def _entry(item, gl_values):
    row = item.row
    lines = [f'    [{item.number}] = {{',
             f'        .name = "{item.name}", .number = {item.number},',
             f'        .layout = VIRGL_FORMAT_LAYOUT_{c_text.macro_name(row["layout"])}, '
             f'.colorspace = VIRGL_FORMAT_COLORSPACE_{row["colorspace"].upper()},',
             f'        .block_w_px = {row["block_w"]}, .block_h_px = {row["block_h"]}, '
             f'.block_d_px = {row["block_d"]}, .block_bytes = {row["block_bytes"] or 0},']
    if item.channels:
        channels = ', '.join(f'CHANNEL({kind}, {bits})' for kind, bits in item.channels)
        lines.append(f'        .channel_count = {len(item.channels)},')
        lines.append(f'        .channels = {{{channels}}},')
    lines.append(f'        .swizzle = SWIZZLE({", ".join(item.swizzle)}),')
    if row['view_class']:
        view_class = c_text.macro_name(row['view_class'])
        lines.append(f'        .view_class = VIRGL_VIEW_CLASS_{view_class},')
    if row['vertex_size']:
        size = gl_values['BGRA'] if row['vertex_size'] == 'BGRA' else int(row['vertex_size'])
        lines.append(f'        .vertex_size = {size:#x}, '
                     f'.vertex_type = {gl_values[row["vertex_type"]]:#x},')
    lines += c_text.initializer_rows(_flags(item), '        ')
    for name in ('gl', 'compat', 'gles'):
        lines += _mapping(name, item.mappings[name])
    return lines + ['    },']


FUNCTIONS = '''\
const struct virgl_format_info *virgl_format_info(uint32_t format)
{
    if (format == VIRGL_FORMAT_NONE || format >= VIRGL_FORMAT_COUNT || !formats[format].name)
        return NULL;
    return &formats[format];
}

const char *virgl_format_name(uint32_t format)
{
    if (format >= VIRGL_FORMAT_COUNT || !formats[format].name)
        return "?";
    return formats[format].name;
}

int virgl_format_from_name_n(const char *name, size_t length)
{
    size_t low = 0, high = sizeof(names) / sizeof(names[0]);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *candidate = names[middle].name;
        int order = strncmp(name, candidate, length);

        if (order == 0 && candidate[length] != '\\0')
            order = -1;
        if (order == 0)
            return names[middle].number;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

int virgl_format_from_name(const char *name)
{
    return virgl_format_from_name_n(name, strlen(name));
}'''


def source(protocol):
    lines = c_text.banner(SOURCES) + ['#include "virgl_formats.h"', '', '#include <string.h>', '']
    lines += '''\
#define CHANNEL(type, bits) {VIRGL_CHANNEL_TYPE_##type, bits}
#define SWIZZLE(r, g, b, a) \\
    {VIRGL_SWIZZLE_##r, VIRGL_SWIZZLE_##g, VIRGL_SWIZZLE_##b, VIRGL_SWIZZLE_##a}
'''.split('\n')
    lines.append('static const struct virgl_format_info formats[VIRGL_FORMAT_COUNT] = {')
    for item in protocol.formats:
        lines += _entry(item, protocol.gl_values)
    lines += ['};', '', '/* Sorted by name for the search below. */',
              'static const struct {', '    const char *name;', '    uint16_t number;',
              '} names[] = {']
    names = [(item.name, item.number) for item in protocol.formats]
    known = {name for name, _ in names}
    names += [(item.alias, item.number) for item in protocol.formats
              if item.alias and item.alias not in known]
    for name, number in sorted(names):
        lines.append(f'    {{"{name}", {number}}},')
    lines += ['};', ''] + FUNCTIONS.split('\n')
    return c_text.render(lines)
