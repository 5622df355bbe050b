# SPDX-License-Identifier: MIT
"""An X server, a vtest server and the environment of a client, for the time of one test run.

Everything that is started here is ended here, by process group, also when the test fails.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

STOCK = 'virgl_test_server --use-egl-surfaceless --socket-path={SOCK}'


class SetupError(Exception):
    """Something that the run needs is not on this machine; the text says what."""


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise SetupError(f'{program} is not installed')


def end(process, grace_s=5):
    """SIGTERM to the process's own group, SIGKILL to what is left; returns the exit status."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


class Session:
    """server: 'direct' (the host driver, no server), 'stock', or a command with {SOCK} in it."""

    def __init__(self, server, shims, size='1280x1024', server_env=None, x11=True):
        self.direct = server == 'direct'
        self.command = STOCK if server == 'stock' else server
        self.shims = shims
        self.size = size
        self.server_env = server_env or {}
        self.x11 = x11
        self.display = None
        self.stack = contextlib.ExitStack()
        self.server = None
        self.server_exits = 0

    def __enter__(self):
        try:
            self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix='mantua-'))
            self.log_path = os.path.join(self.folder, 'server.log')
            self.socket = os.path.join(self.folder, 's')
            self.base = {k: v for k, v in os.environ.items()
                         if k not in ('LD_PRELOAD', 'GALLIUM_DRIVER', 'DISPLAY', 'WAYLAND_DISPLAY',
                                      'VTEST_SOCKET_NAME')}
            self.base.update(LIBGL_ALWAYS_SOFTWARE='1', LANG='C.UTF-8', XDG_CACHE_HOME=self.folder,
                             PATH=os.environ.get('PATH', '/usr/bin') + ':/usr/games')
            if self.x11:
                self._start_x()
            if not self.direct:
                self.start_server()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *exc):
        self.stop_server()
        self.stack.close()

    def _start_x(self):
        need('Xvfb')
        read_end, write_end = os.pipe()
        xvfb = subprocess.Popen(
            ['Xvfb', '-displayfd', str(write_end), '-screen', '0', self.size + 'x24',
             '-nolisten', 'tcp', '-noreset'],
            pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        self.stack.callback(end, xvfb)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise SetupError('Xvfb did not start')
        self.display = ':' + number
        self.base['DISPLAY'] = self.display

    def start_server(self):
        env = dict(self.base, GALLIUM_DRIVER='llvmpipe', **self.server_env)
        with open(self.log_path, 'ab') as log:
            self.server = subprocess.Popen(
                self.command.replace('{SOCK}', self.socket).split(), env=env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 20
        while not os.path.exists(self.socket):
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise SetupError('the server did not start:\n' + self.server_log())
            time.sleep(0.02)

    def stop_server(self):
        if self.server:
            status = end(self.server)
            self.server = None
            return status
        return 0

    def server_log(self):
        with contextlib.suppress(FileNotFoundError):
            with open(self.log_path, errors='replace') as log:
                return log.read()
        return ''

    def client_env(self, preload=(), **extra):
        """The environment of a GL client of this session."""
        env = dict(self.base)
        shims = [os.path.join(self.shims, s) for s in preload]
        if self.direct:
            env['GALLIUM_DRIVER'] = 'llvmpipe'
        else:
            env['GALLIUM_DRIVER'] = 'virpipe'
            env['VTEST_SOCKET_NAME'] = self.socket
            shims.append(os.path.join(self.shims, 'vtest_socket.so'))
        if shims:
            env['LD_PRELOAD'] = ':'.join(shims)
        env.update(extra)
        return env

    def run(self, argv, preload=(), timeout_s=60, env=None):
        """Runs a client to its end; returns (status, output). status None: ran out of time."""
        process = subprocess.Popen(argv, env=self.client_env(preload, **(env or {})),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=timeout_s)
            return process.returncode, output.decode(errors='replace')
        except subprocess.TimeoutExpired:
            end(process, 1)
            output, _ = process.communicate()
            return None, output.decode(errors='replace')
        finally:
            end(process, 1)
