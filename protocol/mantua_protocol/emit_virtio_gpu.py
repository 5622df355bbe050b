# SPDX-License-Identifier: MIT
"""virtio_gpu_wire.h: the messages of the virtio-gpu device."""

from . import c_text

SOURCES = 'virtio-gpu.csv'
ABOUT = '''Messages of the virtio-gpu device, as they lie in guest memory (little endian; the
hosts we run on are too). Names carry a prefix of their own, so that this header lives beside the
kernel's and QEMU's. Numbers of feature bits are bit numbers.'''


def _struct_order(structs):
    """Structs after those they contain."""
    done, result = set(), []

    def visit(struct):
        if struct.name in done:
            return
        done.add(struct.name)
        for field in struct.fields:
            if field.is_struct:
                visit(structs[field.base])
        result.append(struct)
    for struct in structs.values():
        visit(struct)
    return result


def _struct(struct):
    name = f'vgpu_wire_{struct.name}'
    lines = [f'struct {name} {{']
    for field in struct.fields:
        note = field.row['meaning']
        lines += c_text.comment(note, '    ') if note and not note.startswith('padding') else []
        base = f'struct vgpu_wire_{field.base}' if field.is_struct else field.base
        lines.append(f'    {base} {field.name}{field.array};')
    lines += ['};', f'_Static_assert(sizeof(struct {name}) == {struct.size}, "wire layout");']
    for field in struct.fields:
        lines += [f'_Static_assert(offsetof(struct {name}, {field.name}) == {field.offset},'
                  ' "wire layout");']
    return lines + ['']


def _enum(name, prefix, rows):
    lines = [f'enum {name} {{']
    for row in rows:
        line = f'    {prefix}_{row["name"].upper()} = {row["value"]},'
        note = c_text.comment(row['meaning'])
        if len(note) == 1 and len(line) + 1 + len(note[0]) <= c_text.WIDTH:
            line += ' ' + note[0]
        elif note:
            lines += c_text.comment(row['meaning'], '    ')
        lines.append(line)
    return lines + ['};', '']


def header(protocol):
    gpu = protocol.virtio_gpu
    body = c_text.comment(ABOUT) + ['']
    device = {row['name']: row['value'] for row in gpu.of_kind('device')}
    body += [f'#define VGPU_DEVICE_ID {device["virtio_device_id"]}',
             f'#define VGPU_CONFIG_SIZE_BYTES {device["config_size"]}', '']
    for row in gpu.of_kind('limit'):
        body += c_text.comment(row['meaning'])
        body.append(f'#define VGPU_LIMIT_{row["name"]} {row["value"]}')
    body.append('')
    body += _enum('vgpu_wire_feature', 'VGPU_FEATURE', gpu.of_kind('feature'))
    body += _enum('vgpu_wire_queue', 'VGPU_QUEUE_INDEX', gpu.of_kind('queue'))
    body += _enum('vgpu_wire_shm', 'VGPU_SHM', gpu.of_kind('shm'))
    body += ['/* Type of a request or response. */']
    body += _enum('vgpu_wire_type', 'VGPU', gpu.of_kind('command') + gpu.of_kind('response'))
    for group, rows in gpu.enum_groups().items():
        if group != 'ctrl_type':
            body += _enum(f'vgpu_wire_{group}', f'VGPU_{group.upper()}', rows)
    for struct in _struct_order(gpu.structs):
        body += _struct(struct)
    body += ['/* Bytes of the fixed part of a request, 0 for unknown types. */',
             'static inline uint32_t vgpu_wire_request_bytes(uint32_t type)', '{',
             '    switch (type) {']
    for row in gpu.of_kind('command'):
        body.append(f'    case VGPU_{row["name"]}: return {row["size"]};')
    body += ['    default: return 0;', '    }', '}', '',
             '/* "RESOURCE_FLUSH", "OK_NODATA", ...; "?" for unknown types. */',
             'static inline const char *vgpu_wire_type_name(uint32_t type)', '{',
             '    switch (type) {']
    for row in gpu.of_kind('command') + gpu.of_kind('response'):
        text = row['name'].split('_', 1)[1]
        body.append(f'    case VGPU_{row["name"]}: return "{text}";')
    body += ['    default: return "?";', '    }', '}']
    return c_text.render(c_text.header('VIRTIO_GPU_WIRE_H', SOURCES, body,
                                       ['<stddef.h>', '<stdint.h>']))
