# SPDX-License-Identifier: MIT
"""The vtest server that VTEST_SERVER names, for a with statement."""
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Server:
    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix='vgpu-')
        self.socket = os.path.join(self.directory, 'socket')
        self.log_path = os.path.join(self.directory, 'log')
        with open(self.log_path, 'w') as log:
            self.process = subprocess.Popen(
                [os.environ['VTEST_SERVER'], '--use-egl-surfaceless',
                 '--socket-path=' + self.socket],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)
        for _ in range(600):
            if os.path.exists(self.socket):
                break
            time.sleep(0.05)
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory)

    def log(self):
        with open(self.log_path, errors='replace') as file:
            return file.read()
