#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs whole programs through a vtest server and takes a picture of each, for a person to look at.

usage: programs.py --shims DIR --server SPEC --out DIR [--seconds N] [PROGRAM...]

A program passes when it lives until it is ended, its picture has more than a few colours, and the
server's log names no error.
"""
import argparse
import os
import re
import subprocess
import sys
import time

from picture import Picture
from session import Session, SetupError, end, need

WEBGL_PAGE = """<!doctype html><body style="margin:0;background:#204060"><canvas id=c width=800 height=600></canvas>
<script>
const gl = document.getElementById('c').getContext('webgl2') || document.getElementById('c').getContext('webgl');
const note = document.createElement('div'); note.style.cssText = 'position:absolute;top:4px;left:4px;color:#fff;font:16px sans-serif';
document.body.append(note);
if (!gl) { note.textContent = 'no WebGL'; throw 0; }
const info = gl.getExtension('WEBGL_debug_renderer_info');
note.textContent = gl.getParameter(gl.VERSION) + ' / ' + (info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : '');
function shader(type, text) { const s = gl.createShader(type); gl.shaderSource(s, text); gl.compileShader(s); return s; }
const p = gl.createProgram();
gl.attachShader(p, shader(gl.VERTEX_SHADER, `attribute vec3 at; varying vec3 color; uniform float t;
  void main() { float c = cos(t), s = sin(t); mat3 y = mat3(c,0,-s, 0,1,0, s,0,c); mat3 x = mat3(1,0,0, 0,.8,.6, 0,-.6,.8);
  vec3 v = x * y * at; color = at * .5 + .5; gl_Position = vec4(v.xy * vec2(.75, 1.), v.z * .5, 2.); }`));
gl.attachShader(p, shader(gl.FRAGMENT_SHADER, `precision mediump float; varying vec3 color;
  void main() { gl_FragColor = vec4(color, 1.); }`));
gl.linkProgram(p); gl.useProgram(p);
const v = [], q = [[0,1,2],[1,2,0],[2,0,1]];
for (const [a,b,c] of q) for (const side of [-1,1]) for (const [i,j] of [[-1,-1],[1,-1],[1,1],[-1,-1],[1,1],[-1,1]]) {
  const w = [0,0,0]; w[a] = i; w[b] = j; w[c] = side; v.push(...w); }
gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer()); gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(v), gl.STATIC_DRAW);
gl.enableVertexAttribArray(0); gl.bindAttribLocation(p, 0, 'at'); gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
gl.enable(gl.DEPTH_TEST); gl.clearColor(.1, .2, .3, 1);
const t = gl.getUniformLocation(p, 't');
function frame(now) { gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT); gl.uniform1f(t, now / 1000); gl.drawArrays(gl.TRIANGLES, 0, 36); requestAnimationFrame(frame); }
requestAnimationFrame(frame);
</script>"""


def chromium(folder):
    page = os.path.join(folder, 'page.html')
    with open(page, 'w') as f:
        f.write(WEBGL_PAGE)
    return [['chromium', '--no-sandbox', '--disable-quic', '--no-first-run', '--use-gl=angle',
             '--use-angle=gl', '--ignore-gpu-blocklist', '--in-process-gpu',
             '--disable-background-networking', '--disable-component-update', '--disable-sync',
             '--window-size=820,720', '--window-position=0,0', '--user-data-dir=' + folder + '/chromium',
             'file://' + page]]


def weston(folder):
    run = os.path.join(folder, 'run')
    os.makedirs(run, mode=0o700, exist_ok=True)
    inner = ('for s in $(seq 100); do [ -S "$XDG_RUNTIME_DIR/mantua" ] && break; sleep 0.1; done; '
             'weston-simple-egl & weston-flower & weston-smoke & wait')
    return [['env', 'XDG_RUNTIME_DIR=' + run, 'weston', '--backend=x11-backend.so', '--width=1024',
             '--height=768', '--socket=mantua', '--idle-time=0'],
            ['env', 'XDG_RUNTIME_DIR=' + run, 'WAYLAND_DISPLAY=mantua', 'sh', '-c', inner]]


# name: function of a private folder to the commands that run together
PROGRAMS = {
    'glxgears': lambda folder: [['glxgears', '-geometry', '800x600+0+0']],
    'neverball': lambda folder: [['neverball', '--data', '/usr/share/games/neverball',
                                  '--level', 'map-easy/easy.sol']],
    'extremetuxracer': lambda folder: [['etr']],
    'openarena': lambda folder: [['openarena', '+set', 'r_fullscreen', '0', '+set', 'r_mode', '4',
                                  '+set', 's_initsound', '0', '+set', 'com_hunkMegs', '256',
                                  '+set', 'bot_enable', '1', '+set', 'bot_minplayers', '4',
                                  '+map', 'oa_dm1']],
    'openarena-timedemo': lambda folder: [['openarena', '+set', 'r_fullscreen', '0', '+set', 'r_mode',
                                           '4', '+set', 's_initsound', '0', '+set', 'com_hunkMegs',
                                           '256', '+timedemo', '1', '+demo', 'demo088-test1']],
    'weston': weston,
    'chromium': chromium,
}

# Keys that lead past a program's menus: (seconds after the start, key name).
KEYS = {
    'extremetuxracer': [(6, 'Return'), (8, 'Return'), (10, 'Return'), (12, 'Return'), (14, 'Return')],
    'neverball': [(8, 'Return')],
}


def press_keys(session, started):
    """Presses the keys that are due."""
    for at_s, key in list(session.keys):
        if time.monotonic() - started >= at_s:
            subprocess.run(['xdotool', 'key', key], env=session.base, capture_output=True)
            session.keys.remove((at_s, key))


def screenshot(session, path):
    grab = subprocess.run(['import', '-display', session.display, '-window', 'root',
                           '-depth', '8', 'ppm:' + path], capture_output=True)
    if grab.returncode != 0:
        raise SetupError('no screenshot: ' + grab.stderr.decode(errors='replace'))
    return Picture.read_ppm(path)


def run_program(name, args):
    with Session(args.server, args.shims) as session:
        home = os.path.join(session.folder, 'home')
        os.makedirs(home)
        env = session.client_env(HOME=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home,
                                 XDG_CACHE_HOME=home, SDL_AUDIODRIVER='dummy')
        children = []
        log_path = os.path.join(args.out, name + '.log')
        try:
            with open(log_path, 'wb') as log:
                for argv in PROGRAMS[name](session.folder):
                    children.append(subprocess.Popen(
                        argv, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                        start_new_session=True))
                    time.sleep(0.5)
            started = time.monotonic()
            session.keys = list(KEYS.get(name, []))
            while time.monotonic() < started + args.seconds and children[0].poll() is None:
                press_keys(session, started)
                time.sleep(0.2)
            alive = children[0].poll() is None
            status = children[0].returncode
            picture = screenshot(session, os.path.join(session.folder, 'root.ppm'))
        finally:
            for child in reversed(children):
                end(child, 3)
        picture.write_png(os.path.join(args.out, name + '.png'))
        complaints = [line for line in session.server_log().splitlines()
                      if re.search(r'error|fail|illegal', line, re.I)]
    colors = picture.distinct_colors()
    ok = alive and colors > 16 and not complaints
    for line in complaints[:10]:
        print(f'# server: {line}')
    print(f'# {"running" if alive else f"ended with {status}"}, {colors} colours, {name}.png, {log_path}')
    return ok


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--shims', required=True)
    parser.add_argument('--server', required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('programs', nargs='*', default=list(PROGRAMS))
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    bad = 0
    print(f'1..{len(args.programs)}')
    for number, name in enumerate(args.programs, 1):
        try:
            need('import', 'xdotool')
            ok = run_program(name, args)
        except (SetupError, FileNotFoundError) as reason:
            print(f'ok {number} {name} # SKIP {reason}')
            continue
        bad += not ok
        print(f'{"" if ok else "not "}ok {number} {name}', flush=True)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
