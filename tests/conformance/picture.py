# SPDX-License-Identifier: MIT
"""Reading, comparing and writing pictures (PPM in, PNG out) with the standard library alone."""
import struct
import zlib


class Picture:
    def __init__(self, width_px, height_px, rgb):
        self.width_px, self.height_px, self.rgb = width_px, height_px, rgb

    @classmethod
    def read_ppm(cls, path):
        with open(path, 'rb') as f:
            data = f.read()
        fields, at = [], 0
        while len(fields) < 4:
            end = at
            while data[end:end + 1] not in (b' ', b'\n', b'\t'):
                end += 1
            fields.append(data[at:end])
            at = end + 1
        if fields[0] != b'P6' or fields[3] != b'255':
            raise ValueError(f'{path}: not a P6 picture of 8 bits')
        return cls(int(fields[1]), int(fields[2]), data[at:])

    def crop(self, width_px, height_px):
        rows = [self.rgb[y * self.width_px * 3:(y * self.width_px + width_px) * 3]
                for y in range(height_px)]
        return Picture(width_px, height_px, b''.join(rows))

    def write_png(self, path):
        def chunk(kind, body):
            return (struct.pack('>I', len(body)) + kind + body +
                    struct.pack('>I', zlib.crc32(kind + body)))
        stride = self.width_px * 3
        raw = b''.join(b'\0' + self.rgb[y * stride:(y + 1) * stride]
                       for y in range(self.height_px))
        with open(path, 'wb') as f:
            f.write(b'\x89PNG\r\n\x1a\n' +
                    chunk(b'IHDR', struct.pack('>IIBBBBB', self.width_px, self.height_px,
                                               8, 2, 0, 0, 0)) +
                    chunk(b'IDAT', zlib.compress(raw, 6)) + chunk(b'IEND', b''))

    def distinct_colors(self):
        return len({self.rgb[i:i + 3] for i in range(0, len(self.rgb), 3)})


def differing_px(a, b, tolerance=2):
    """How many pixels differ by more than tolerance/255 in some channel."""
    if (a.width_px, a.height_px) != (b.width_px, b.height_px):
        raise ValueError(f'sizes differ: {a.width_px}x{a.height_px}, {b.width_px}x{b.height_px}')
    if a.rgb == b.rgb:
        return 0
    count = 0
    stride = a.width_px * 3
    for at in range(0, len(a.rgb), stride):
        row_a, row_b = a.rgb[at:at + stride], b.rgb[at:at + stride]
        if row_a == row_b:
            continue
        for i in range(0, stride, 3):
            if row_a[i:i + 3] != row_b[i:i + 3] and any(
                    abs(p - q) > tolerance for p, q in zip(row_a[i:i + 3], row_b[i:i + 3])):
                count += 1
    return count
