# SPDX-License-Identifier: MIT
"""What lies between the stages and around them: system values, semantics, interpolation, geometry
and tessellation, clipping, discarding, depth, several targets; and texts that must be refused."""

FULL = ['-1 -1 0 1', '1 -1 0 1', '-1 1 0 1', '1 1 0 1']
UINT_TARGET = 'target R32G32B32A32_UINT 4 4\n'
PASS_COLOR = '[fragment]\nFRAG\nDCL IN[0], GENERIC[0], CONSTANT\nDCL OUT[0], COLOR\n' \
             'MOV OUT[0], IN[0]\nEND\n'


def vertex(declare, code, outputs='DCL OUT[1], GENERIC[0]\n', inputs=1):
    return ('[vertex]\nVERT\n' + ''.join(f'DCL IN[{i}]\n' for i in range(inputs))
            + f'DCL OUT[0], POSITION\n{outputs}{declare}MOV OUT[0], IN[0]\n{code}END\n')


def fragment(declare, code):
    return f'[fragment]\nFRAG\nDCL OUT[0], COLOR\n{declare}{code}END\n'


def vertices(rows):
    return '[vertices]\n' + '\n'.join(rows) + '\n'


def with_attribute(attributes):
    return vertices([f'{p}  {a}' for p, a in zip(FULL, attributes)])


def vertex_values():
    # Four points in the middle of the pixels of the lowest row.
    points = vertices([f'{x} -0.75 0 1' for x in (-0.75, -0.25, 0.25, 0.75)])
    clear = 'clear u:99 u:99 u:99 u:99\n'
    text = vertex('DCL SV[0], VERTEXID\n', 'MOV OUT[1], SV[0].xxxx\n')
    yield 'sv-vertexid', (text + PASS_COLOR + points + '[test]\n' + UINT_TARGET + clear
                          + 'draw POINTS 0 4\n' + ''.join(f'probe {i} 0 u:{i} u:{i}\n'
                                                          for i in range(4))
                          + clear + 'draw POINTS 2 2\nprobe 0 0 u:99\nprobe 2 0 u:2\n'
                          'probe 3 0 u:3\n')
    # Instances are drawn over each other; the last stays.
    text = vertex('DCL SV[0], INSTANCEID\n', 'MOV OUT[1], SV[0].xxxx\n')
    yield 'sv-instanceid', (text + PASS_COLOR + '[test]\n' + UINT_TARGET
                            + ''.join(f'{clear}draw TRIANGLE_STRIP 0 4 instances={n}\n'
                                      f'probe all u:{n - 1}\n' for n in (2, 5)))
    text = vertex('DCL SV[0], BASEINSTANCE\nDCL SV[1], INSTANCEID\n',
                  'MOV OUT[1].x, SV[0].xxxx\nMOV OUT[1].y, SV[1].xxxx\n'
                  'MOV OUT[1].zw, SV[0].xxxx\n')
    yield 'sv-baseinstance', ('[require]\ncap start_instance\ncap DRAW_PARAMETERS\n' + text
                              + PASS_COLOR + '[test]\n' + UINT_TARGET + clear
                              + 'draw TRIANGLE_STRIP 0 4 instances=2 start_instance=7\n'
                              'probe all u:7 u:1 u:7 u:7\n')


def fragment_values():
    code = ('DCL IN[0], POSITION, LINEAR\n', 'MOV OUT[0], IN[0]\n')
    probes = ''.join(f'probe {x} {y} {x + 0.5} {y + 0.5} 0.5 1.0\n' for x, y in ((0, 0), (3, 1),
                                                                                (2, 3)))
    for name, more, wanted in (
            ('upper-left', 'PROPERTY FS_COORD_ORIGIN UPPER_LEFT\n', probes),
            ('lower-left', 'PROPERTY FS_COORD_ORIGIN LOWER_LEFT\n',
             ''.join(f'probe {x} {y} {x + 0.5} {3.5 - y} 0.5 1.0\n' for x, y in ((0, 0), (3, 1),
                                                                                (2, 3)))),
            ('integer', 'PROPERTY FS_COORD_PIXEL_CENTER INTEGER\n',
             ''.join(f'probe {x} {y} {x}.0 {y}.0 0.5 1.0\n' for x, y in ((0, 0), (3, 1),
                                                                        (2, 3))))):
        text = fragment(*code).replace('FRAG\n', 'FRAG\n' + more)
        yield f'position-{name}', text + '[test]\n' + UINT_TARGET + 'rect\n' + wanted
    # A strip whose first triangle turns the other way with front_ccw.
    text = fragment('DCL SV[0], FACE\n', 'MOV OUT[0], SV[0].xxxx\n')
    yield 'sv-face', (text + '[test]\n' + UINT_TARGET + 'clear u:9 u:9 u:9 u:9\nrect\n'
                      'probe all 0xffffffff\nrasterizer front_ccw\nrect\nprobe all u:0\n')
    text = fragment('DCL SV[0], SAMPLEID\n', 'MOV OUT[0], SV[0].xxxx\n')
    yield 'sv-sampleid', ('[require]\ncap has_sample_shading\n' + text + '[test]\n' + UINT_TARGET
                          + 'clear u:9 u:9 u:9 u:9\nrect\nprobe all u:0 u:0\n')
    text = fragment('DCL IN[0], PRIM_ID, CONSTANT\n', 'MOV OUT[0], IN[0].xxxx\n')
    yield 'prim-id', ('[require]\nfield glsl_level 150\n' + text
                      + vertices(['-1 -1 0 1', '3 -1 0 1', '-1 3 0 1', '0 -1 0 1', '4 -1 0 1',
                                  '0 3 0 1']) + '[test]\n' + UINT_TARGET
                      + 'clear u:9 u:9 u:9 u:9\ndraw TRIANGLES 0 6\nprobe 0 1 u:0\nprobe 3 1 u:1\n')


def interpolate_at():
    """Attributes that grow by 0.25 per pixel in x and by 0.5 in y."""
    need = '[require]\nfield glsl_level 400\n'
    head = vertex('', 'MOV OUT[1], IN[1]\n', inputs=2)
    for name, code, expected in (
            ('centroid', 'INTERP_CENTROID OUT[0], IN[0]', (0.625, 0.75)),
            ('sample', 'INTERP_SAMPLE OUT[0], IN[0], IMM[1].xxxx', (0.625, 0.75)),
            ('offset', 'INTERP_OFFSET OUT[0], IN[0], IMM[0].xyyy', (0.6875, 0.625))):
        text = fragment('DCL IN[0], GENERIC[0], LINEAR\n'
                        'IMM[0] FLT32 {0x3e800000, 0xbe800000, 0, 0}\n'
                        'IMM[1] UINT32 {0, 0, 0, 0}\n', code + '\n')
        yield (f'interpolate-at-{name}',
               need + head + text + with_attribute(['0 0 0 7', '1 0 0 7', '0 2 0 7', '1 2 0 7'])
               + '[test]\n' + UINT_TARGET + 'tolerance 1e-4\nrect\n'
               f'probe 2 1 {expected[0]} {expected[1]} 0.0 7.0\n')
    text = fragment('DCL SV[0], HELPER_INVOCATION\n', 'MOV OUT[0], SV[0].xxxx\n')
    yield 'sv-helper-invocation', ('[require]\nfield glsl_level 430\n' + text + '[test]\n'
                                   + UINT_TARGET + 'clear u:9 u:9 u:9 u:9\nrect\nprobe all u:0\n')


def derivatives():
    for opcode, expected in (('DDX', '0.25 0.0 1.0 0.0'), ('DDY', '0.0 0.5 2.0 0.0'),
                             ('DDX_FINE', '0.25 0.0 1.0 0.0'), ('DDY_FINE', '0.0 0.5 2.0 0.0')):
        need = '[require]\ncap derivative_control\n' if 'FINE' in opcode else ''
        text = vertex('', 'MOV OUT[1], IN[1]\n', inputs=2)
        text += fragment('DCL IN[0], GENERIC[0], LINEAR\n', f'{opcode} OUT[0], IN[0]\n')
        text += with_attribute(['0 0 0 7', '1 0 4 7', '0 2 8 7', '1 2 12 7'])
        yield (f'derivative-{opcode.lower().replace("_", "-")}',
               need + text + '[test]\n' + UINT_TARGET
               + f'rect\ntolerance 1e-4\nprobe all {expected}\n')


def interpolation():
    corners = ['1 10 0 0', '2 20 0 0', '3 30 0 0', '4 40 0 0']
    vert = vertex('', 'MOV OUT[1], IN[1]\n', inputs=2)
    for first, expected in (('', ('3', '4')), ('rasterizer flatshade_first\n', ('1', '2'))):
        text = vert + PASS_COLOR + with_attribute(corners) + '[test]\n' + UINT_TARGET + first
        # Pixel 0 0 lies in the first triangle, 3 3 in the second.
        text += f'rect\nprobe 0 0 {expected[0]}\nprobe 3 3 {expected[1]}\n'
        # GLES takes the last vertex and cannot be told otherwise.
        need = '[require]\napi gl\n' if first else ''
        yield 'interpolate-constant-' + ('first' if first else 'last'), need + text
    for mode in ('LINEAR', 'PERSPECTIVE'):
        # The right edge has w = 3.
        rows = ['-1 -1 0 1  0 0 0 1', '3 -3 0 3  1 0 0 1', '-1 1 0 1  0 1 0 1', '3 3 0 3  1 1 0 1']
        text = vert + fragment(f'DCL IN[0], GENERIC[0], {mode}\n', 'MOV OUT[0], IN[0]\n')
        text += vertices(rows) + '[test]\n' + UINT_TARGET + 'tolerance 1e-4\nrect\n'
        for x in range(4):
            a = (x + 0.5) / 4
            value = a if mode == 'LINEAR' else (a / 3) / ((1 - a) + a / 3)
            text += f'probe {x} 1 {value!r}\n'
        need = '[require]\napi gl\n' if mode == 'LINEAR' else ''
        yield f'interpolate-{mode.lower()}', need + text
    for flat in ('', 'rasterizer flatshade\n'):
        text = vertex('', 'MOV OUT[1], IN[1]\n', 'DCL OUT[1], COLOR\n', 2)
        text += fragment('DCL IN[0], COLOR, COLOR\n', 'MOV OUT[0], IN[0]\n')
        text += with_attribute(['1 0 0 0', '2 0 0 0', '3 0 0 0', '4 0 0 0'])
        expected = '4' if flat else repr(1 + 3.5 / 4 + 2 * 3.5 / 4)
        yield ('color-flatshade' if flat else 'color-smooth',
               text + '[test]\n' + UINT_TARGET
               + f'{flat}tolerance 1e-4\nrect\nprobe 3 3 {expected}\n')
    text = vertex('', 'MOV OUT[1], IN[1]\nMOV OUT[2], IN[1].yyyy\n',
                  'DCL OUT[1], COLOR\nDCL OUT[2], BCOLOR\n', 2)
    text += fragment('DCL IN[0], COLOR, COLOR\n', 'MOV OUT[0], IN[0]\n')
    text += with_attribute(['0.25 0.75 0 0'] * 4)
    yield 'color-two-sided', (text + '[test]\n' + UINT_TARGET + 'tolerance 1e-4\n'
                              'rasterizer light_twoside\nrect\nprobe all 0.25\n'
                              'rasterizer front_ccw\nrect\nprobe all 0.75\n')
    for semantic in ('GENERIC[0]', 'GENERIC[31]', 'TEXCOORD[0]', 'TEXCOORD[7]', 'FOG'):
        text = vertex('', 'MOV OUT[1], IN[1]\n', f'DCL OUT[1], {semantic}\n', 2)
        text += fragment(f'DCL IN[0], {semantic}, PERSPECTIVE\n', 'MOV OUT[0].x, IN[0]\n'
                         'MOV OUT[0].yzw, IN[0].xxxx\n')
        text += with_attribute(['0.625 0 0 1'] * 4)
        name = semantic.lower().replace('[', '-').replace(']', '')
        yield f'varying-{name}', (text + '[test]\n' + UINT_TARGET
                                  + 'tolerance 1e-5\nrect\nprobe all 0.625\n')


def discards():
    base = 'DCL IN[0], POSITION, LINEAR\nDCL TEMP[0]\nIMM[0] FLT32 {0x40000000, 0, 0, 0}\n' \
           'IMM[1] UINT32 {5, 5, 5, 5}\n'
    half = 'probe 0 0 u:{0}\nprobe 1 2 u:{0}\nprobe 2 2 u:{1}\nprobe 3 0 u:{1}\n'
    cases = (
        ('kill-if', 'ADD TEMP[0], IN[0].xxxx, -IMM[0].xxxx\nKILL_IF TEMP[0]\n', (9, 5)),
        ('kill-if-one', 'MOV TEMP[0], IMM[0].xxxx\nADD TEMP[0].z, IMM[0].xxxx, -IN[0].xxxx\n'
         'KILL_IF TEMP[0]\n', (5, 9)),
        ('kill', 'SLT TEMP[0].x, IN[0].xxxx, IMM[0].xxxx\nIF TEMP[0].xxxx :0\nKILL\nENDIF\n',
         (9, 5)),
    )
    for name, code, expected in cases:
        text = fragment(base, code + 'MOV OUT[0], IMM[1]\n')
        yield name, (text + '[test]\n' + UINT_TARGET + 'clear u:9 u:9 u:9 u:9\nrect\n'
                     + half.format(*expected))


def depth():
    for value, order in ((0.25, (1, 0)), (0.75, (1, 1))):
        # The second rectangle lies at 0.5: it passes only behind a larger depth.
        text = ('[fragment]\nFRAG\nDCL OUT[0], POSITION\nDCL OUT[1], COLOR\nDCL CONST[0]\n'
                'MOV OUT[0].z, CONST[0].xxxx\nMOV OUT[1], CONST[0].yyyy\nEND\n[test]\n'
                + UINT_TARGET + 'depth Z32_FLOAT 4 4\nclear u:9 u:9 u:9 u:9\n'
                f'constants fragment {value} u:1 0 0\nrect\nprobe all u:1\n'
                f'constants fragment 0.5 u:2 0 0\nrect\nprobe all u:{2 if order[1] else 1}\n')
        yield f'depth-output-{"near" if value < 0.5 else "far"}', text


def targets():
    text = '[fragment]\nFRAG\n' + ''.join(f'DCL OUT[{i}], COLOR[{i}]\n' for i in range(4))
    text += 'DCL CONST[0..3]\n' + ''.join(f'MOV OUT[{i}], CONST[{i}]\n' for i in range(4))
    text += 'END\n[test]\n' + UINT_TARGET * 4
    text += 'constants fragment ' + ' '.join(f'u:{i}' for i in range(16)) + '\nrect\n'
    text += ''.join(f'probe_target {i} 0 all u:{4 * i} u:{4 * i + 1} u:{4 * i + 2} u:{4 * i + 3}\n'
                    for i in range(4))
    yield 'targets-four', text
    text = ('[fragment]\nFRAG\nPROPERTY FS_COLOR0_WRITES_ALL_CBUFS 1\nDCL OUT[0], COLOR\n'
            'DCL CONST[0]\nMOV OUT[0], CONST[0]\nEND\n[test]\n' + UINT_TARGET * 3
            + 'constants fragment u:1 u:2 u:3 u:4\nrect\n'
            + ''.join(f'probe_target {i} 0 all u:1 u:2 u:3 u:4\n' for i in range(3)))
    yield 'targets-color0-writes-all', text
    for name, values, expected in (('unorm', '0.0 0.2 0.6 1.0', '0.0 0.2 0.6 1.0'),
                                   ('unorm-clamped', '-1.0 2.0 0.4 7.0', '0.0 1.0 0.4 1.0')):
        yield f'target-{name}', ('[fragment]\nFRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\n'
                                 'MOV OUT[0], CONST[0]\nEND\n[test]\ntarget R8G8B8A8_UNORM 4 4\n'
                                 f'tolerance 0.003\nconstants fragment {values}\nrect\n'
                                 f'probe all {expected}\n')


def clipping():
    white = fragment('IMM[0] UINT32 {5, 5, 5, 5}\n', 'MOV OUT[0], IMM[0]\n')
    half = 'clear u:9 u:9 u:9 u:9\nrect\nprobe 0 0 u:{0}\nprobe 1 3 u:{0}\nprobe 2 1 u:{1}\n' \
           'probe 3 3 u:{1}\n'
    for component in range(4):
        text = vertex('', f'MOV OUT[1], -IN[0].xxxx\nMOV OUT[1].{"xyzw"[component]}, IN[0].xxxx\n',
                      'DCL OUT[1], CLIPDIST\n')
        text = text.replace('VERT\n', 'VERT\nPROPERTY NUM_CLIPDIST_ENABLED 4\n')
        yield (f'clip-distance-{component}',
               '[require]\ncap has_cull\n' + text + white + '[test]\n' + UINT_TARGET
               + f'rasterizer clip_planes={1 << component}\n' + half.format(9, 5))
    text = vertex('', '', '')
    yield 'clip-plane', ('[require]\ncap has_cull\n' + text + white + '[test]\n' + UINT_TARGET
                         + 'clip_plane 1 0 0 0\nrasterizer clip_planes=1\n' + half.format(9, 5)
                         + 'clip_plane -1 0 0 0\n' + half.format(5, 9))
    text = vertex('', 'MOV OUT[1], CONST[0]\n', 'DCL OUT[1], CLIPDIST\nDCL CONST[0]\n')
    text = text.replace('VERT\n', 'VERT\nPROPERTY NUM_CULLDIST_ENABLED 1\n')
    yield 'cull-distance', ('[require]\ncap has_cull\n' + text + white + '[test]\n' + UINT_TARGET
                            + 'constants vertex -1 1 1 1\nclear u:9 u:9 u:9 u:9\nrect\n'
                            'probe all u:9\nconstants vertex 1 1 1 1\nrect\nprobe all u:5\n')


def points():
    vert = vertex('', 'MOV OUT[1].x, IN[1].xxxx\n', 'DCL OUT[1], PSIZE\n', 2)
    white = fragment('IMM[0] UINT32 {5, 5, 5, 5}\n', 'MOV OUT[0], IMM[0]\n')
    text = vert + white + vertices(['0 0 0 1  2 0 0 0', '0 0 0 1  4 0 0 0'])
    text += '[test]\n' + UINT_TARGET + 'rasterizer point_size_per_vertex\n'
    text += 'clear u:9 u:9 u:9 u:9\ndraw POINTS 0 1\nprobe 0 0 u:9\nprobe 1 1 u:5\nprobe 2 2 u:5\n'
    text += 'probe 3 3 u:9\ndraw POINTS 1 1\nprobe all u:5\n'
    yield 'point-size', text
    for semantic, setting in (('PCOORD', ''), ('GENERIC[3]', ' sprite_coord=8'),
                              ('TEXCOORD[2]', ' sprite_coord=4')):
        write = '' if semantic == 'PCOORD' else f'DCL OUT[2], {semantic}\n'
        vert = vertex('', 'MOV OUT[1].x, IN[1].xxxx\n' + ('MOV OUT[2], IN[1]\n' if write else ''),
                      'DCL OUT[1], PSIZE\n' + write, 2)
        text = vert + fragment(f'DCL IN[0], {semantic}, PERSPECTIVE\n', 'MOV OUT[0], IN[0]\n')
        text += vertices(['0 0 0 1  4 0 0 0']) + '[test]\n' + UINT_TARGET
        text += f'rasterizer point_size_per_vertex point_quad_rasterization{setting}\n'
        text += 'tolerance 1e-4\ndraw POINTS 0 1\n'
        text += ''.join(f'probe {x} {y} {(x + 0.5) / 4} {(y + 0.5) / 4}\n'
                        for x, y in ((0, 0), (3, 1), (1, 3)))
        yield f'point-coord-{semantic.lower().replace("[", "-").replace("]", "")}', text


GEOMETRY = ('[geometry]\nGEOM\nPROPERTY GS_INPUT_PRIMITIVE {0}\n'
            'PROPERTY GS_OUTPUT_PRIMITIVE TRIANGLE_STRIP\nPROPERTY GS_MAX_OUTPUT_VERTICES 4\n'
            '{1}DCL IN[][0], POSITION\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n')


def geometry():
    need = '[require]\nfield glsl_level 150\nfield max_geom_output_vertices 4\n'
    corners = ''.join(f'ADD OUT[0], IN[0][0], IMM[1].{s}\nMOV OUT[1], {{0}}\nEMIT IMM[0].xxxx\n'
                      for s in ('xxzz', 'yxzz', 'xyzz', 'yyzz')) + 'ENDPRIM IMM[0].xxxx\n'
    imm = ('IMM[0] UINT32 {0, 7, 1, 2}\nIMM[1] FLT32 {0xbf800000, 0x3f800000, 0, 0}\n')
    vert = vertex('', '', '')
    draw = '[test]\n' + UINT_TARGET + 'clear u:9 u:9 u:9 u:9\ndraw {0}\n'
    point = vertices(['0 0 0 1', '0 0 0 1'])
    text = GEOMETRY.format('POINTS', '') + imm + corners.format('IMM[0].yyyy') + 'END\n'
    yield 'geometry-points', (need + vert + text + PASS_COLOR + point + draw.format('POINTS 0 1')
                              + 'probe all u:7\n')
    text = GEOMETRY.format('POINTS', '') + 'DCL SV[0], PRIM_ID\n' + imm
    text += corners.format('SV[0].xxxx') + 'END\n'
    yield 'geometry-prim-id', (need + vert + text + PASS_COLOR + point
                               + draw.format('POINTS 0 2') + 'probe all u:1\n')
    text = GEOMETRY.format('POINTS', 'PROPERTY GS_INVOCATIONS 3\n') + 'DCL SV[0], INVOCATIONID\n'
    text += imm + corners.format('SV[0].xxxx') + 'END\n'
    yield 'geometry-invocations', (need.replace('150', '400') + vert + text + PASS_COLOR + point
                                   + draw.format('POINTS 0 1') + 'probe all u:2\n')
    for primitive, count in (('LINES', 2), ('TRIANGLES', 3), ('LINES_ADJACENCY', 4),
                             ('TRIANGLES_ADJACENCY', 6)):
        # The colour is the last vertex' attribute.
        vert2 = vertex('', 'MOV OUT[1], IN[1]\n', inputs=2)
        text = GEOMETRY.format(primitive, '') + 'DCL IN[][1], GENERIC[0]\n' + imm
        text += corners.format(f'IN[{count - 1}][1]') + 'END\n'
        rows = vertices([f'0 0 0 1  u:{i} u:{i} u:{i} u:{i}' for i in range(10, 10 + count)])
        yield (f'geometry-{primitive.lower().replace("_", "-")}',
               need + vert2 + text + PASS_COLOR + rows + draw.format(f'{primitive} 0 {count}')
               + f'probe all u:{9 + count}\n')
    text = (GEOMETRY.format('POINTS', '') + 'DCL OUT[2], LAYER\nDCL CONST[0]\n' + imm
            + corners.format('IMM[0].yyyy\nMOV OUT[2].x, CONST[0].xxxx') + 'END\n')
    yield 'geometry-layer', (need + vert + text + PASS_COLOR + point + '[test]\n'
                             'target R32G32B32A32_UINT 4 4 3\nclear u:9 u:9 u:9 u:9\n'
                             'constants geometry u:2 u:0 u:0 u:0\ndraw POINTS 0 1\n'
                             'probe_target 0 0 all u:9\nprobe_target 0 1 all u:9\n'
                             'probe_target 0 2 all u:7\n')


def tessellation():
    need = '[require]\ncap has_tessellation_shaders\n'
    vert = vertex('', '', '')
    quad = vertices(['-1 -1 0 1', '1 -1 0 1', '-1 1 0 1', '1 1 0 1'])
    evaluate = ('[tess_eval]\nTESS_EVAL\nPROPERTY TES_PRIM_MODE 7\nPROPERTY TES_SPACING 2\n'
                '{more}DCL IN[][0], POSITION\nDCL SV[0], TESSCOORD\n{declare}'
                'DCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\nDCL TEMP[0..1]\n{imm}'
                'LRP TEMP[0], SV[0].xxxx, IN[1][0], IN[0][0]\n'
                'LRP TEMP[1], SV[0].xxxx, IN[3][0], IN[2][0]\n'
                'LRP OUT[0], SV[0].yyyy, TEMP[1], TEMP[0]\nMOV OUT[1], {color}\nEND\n')
    control = ('[tess_ctrl]\nTESS_CTRL\nPROPERTY TCS_VERTICES_OUT 4\nDCL IN[][0], POSITION\n'
               'DCL OUT[][0], POSITION\nDCL OUT[1], TESSOUTER\nDCL OUT[2], TESSINNER\n'
               '{patch}DCL SV[0], INVOCATIONID\nDCL CONST[0]\nDCL ADDR[0]\n'
               'IMM[0] FLT32 {{0x40000000, 0x40400000, 0, 0}}\n'
               'UARL ADDR[0].x, SV[0].xxxx\nMOV OUT[ADDR[0].x][0], IN[ADDR[0].x][0]\n'
               'MOV OUT[1], CONST[0].xxxx\nMOV OUT[2].xy, IMM[0].xyyy\n{store}END\n')
    test = '[test]\n' + UINT_TARGET + 'clear u:9 u:9 u:9 u:9\n{0}draw PATCHES 0 4 patch=4\n'
    plain = evaluate.format(more='', declare='', imm='IMM[0] UINT32 {5, 0, 0, 0}\n',
                            color='IMM[0].xxxx')
    # Outer levels of 0 drop the patch.
    yield 'tess-levels', (need + vert + control.format(patch='', store='') + plain + PASS_COLOR
                          + quad + test.format('constants tess_ctrl 3 0 0 0\n') + 'probe all u:5\n'
                          + test.format('constants tess_ctrl 0 0 0 0\n').split('\n', 2)[2]
                          + 'probe all u:9\n')
    yield 'tess-default-levels', (need + vert + plain + PASS_COLOR + quad
                                  + test.format('tess_levels 2 2 2 2 2 2\n') + 'probe all u:5\n'
                                  + test.format('tess_levels 0 2 2 2 2 2\n').split('\n', 2)[2]
                                  + 'probe all u:9\n')
    text = control.format(patch='DCL OUT[3], PATCH[0]\nDCL CONST[1]\n',
                          store='MOV OUT[3], CONST[1]\n')
    values = evaluate.format(more='', declare='DCL IN[1], PATCH[0]\n', imm='', color='IN[1]')
    yield 'tess-patch', (need + vert + text + values + PASS_COLOR + quad
                         + test.format('constants tess_ctrl 2 0 0 0 u:11 u:12 u:13 u:14\n')
                         + 'probe all u:11 u:12 u:13 u:14\n')
    for name, declare, color, expected in (
            ('vertices-in', 'DCL SV[1], VERTICESIN\n', 'SV[1].xxxx', 'u:4'),
            ('prim-id', 'DCL SV[1], PRIM_ID\n', 'SV[1].xxxx', 'u:0'),
            ('outer', 'DCL IN[1], TESSOUTER\n', 'IN[1]', '2.0 2.0 2.0 2.0'),
            ('inner', 'DCL IN[1], TESSINNER\n', 'IN[1].xyxy', '2.0 3.0 2.0 3.0')):
        values = evaluate.format(more='', declare=declare, imm='', color=color)
        yield f'tess-{name}', (need + vert + control.format(patch='', store='') + values
                               + PASS_COLOR + quad + test.format('constants tess_ctrl 2 0 0 0\n')
                               + f'probe all {expected}\n')


REFUSED = {
    'unknown-opcode': 'FRAG\nDCL OUT[0], COLOR\nFROBNICATE OUT[0], OUT[0]\nEND\n',
    'undeclared-register': 'FRAG\nDCL OUT[0], COLOR\nMOV OUT[0], TEMP[7]\nEND\n',
    'no-end': 'FRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\nMOV OUT[0], CONST[0]\n',
    'unbalanced-if': 'FRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\nIF CONST[0].xxxx :0\n'
                     'MOV OUT[0], CONST[0]\nEND\n',
    'unbalanced-endloop': 'FRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\nENDLOOP :0\n'
                          'MOV OUT[0], CONST[0]\nEND\n',
    'break-outside': 'FRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\nBRK\nMOV OUT[0], CONST[0]\nEND\n',
    'wrong-processor': 'VERT\nDCL OUT[0], POSITION\nDCL CONST[0]\nMOV OUT[0], CONST[0]\nEND\n',
    'missing-operand': 'FRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\nADD OUT[0], CONST[0]\nEND\n',
    'bad-swizzle': 'FRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\nMOV OUT[0], CONST[0].xyq\nEND\n',
    'huge-register': 'FRAG\nDCL OUT[0], COLOR\nDCL TEMP[0..4294967295]\nMOV OUT[0], TEMP[5]\nEND\n',
    'emit-in-fragment': 'FRAG\nDCL OUT[0], COLOR\nDCL CONST[0]\nIMM[0] UINT32 {0, 0, 0, 0}\n'
                        'EMIT IMM[0].xxxx\nMOV OUT[0], CONST[0]\nEND\n',
}


def refusals():
    for name, text in REFUSED.items():
        yield f'refused-{name}', f'[fragment]\n{text}[test]\nrefused\n'


def tests():
    for family in (vertex_values, fragment_values, interpolate_at, derivatives, interpolation,
                   discards, depth, targets, clipping, points, geometry, tessellation, refusals):
        yield from family()
