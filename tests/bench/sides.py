"""The programs that are compared, as child processes that speak the line protocol.

A side knows how its program is started; a Child is one running program with a model loaded.
"""
import glob
import importlib.metadata
import json
import math
import os
import subprocess
import sys
import tempfile

import onnxruntime

HERE = os.path.dirname(os.path.abspath(__file__))


class Child:
    """A started program. Use as a context manager: it is always told to quit and waited for."""

    def __init__(self, command, cpus):
        pinned = ["taskset", "-c", ",".join(map(str, cpus))] + command
        environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")  # numpy's own pool is not the peer's
        self.command = command
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(pinned, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        text=True, env=environment)
        try:
            self.ready = self._answer()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            said = [text.strip() for text in self.errors if text.strip()]
            raise RuntimeError(f"{said[-1] if said else 'no word'} (ended with code {code}: {' '.join(self.command)})")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{answer['error']} ({' '.join(self.command)})")
        return answer

    def ask(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self._answer()

    def run(self, count):
        return self.ask(f"run {count}")["ns"]

    def peak_bytes(self):
        """The kernel's own figure: the highest resident size since the program started."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no VmHWM in /proc/PID/status")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.read()
        self.process.wait()
        self.errors.close()


class InPython:
    """A peer behind child_protocol.py."""

    def __init__(self, name, version, script):
        self.name, self.version = name, version
        self.program = [sys.executable, os.path.join(HERE, script)]

    def start(self, case, threads, cpus):
        return Child(self.program + [case.model, "--threads", str(threads), "--opt", case.opt]
                     + case.input_arguments() + case.dim_arguments(), cpus)


def onnx_runtime():
    return InPython("ONNX Runtime", onnxruntime.__version__, "ort_child.py")


def openvino():
    return InPython("OpenVINO", importlib.metadata.version("openvino"), "openvino_child.py")


class OnnxRuntimeInC:
    """The same library called from C, for the cost of a run: see ort_tiny_child.c."""
    name = "ONNX Runtime"

    def __init__(self, scratch):
        library = glob.glob(os.path.join(os.path.dirname(onnxruntime.__file__), "capi", "libonnxruntime.so*"))
        self.program = [os.path.join(scratch, "ort_tiny_child"), library[0]]
        subprocess.run(["cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-o", self.program[0],
                        os.path.join(HERE, "ort_tiny_child.c"), "-ldl"], check=True)

    def start(self, case, threads, cpus):
        elements = math.prod(case.shapes[0])
        return Child(self.program + [case.model, str(elements), str(threads), case.opt], cpus)


class Backplane:
    name = "Backplane"

    def __init__(self, program, plugin_dirs):
        self.program = program
        self.extra = [word for folder in plugin_dirs for word in ("--plugin-dir", folder)]

    def start(self, case, threads, cpus):
        saved = ["--programs", case.programs] if case.programs else []
        return Child([self.program, "bench", case.model, "--serve", "--threads", str(threads), "--opt", case.opt]
                     + case.input_arguments() + case.dim_arguments() + saved + self.extra, cpus)

    def tell(self, *arguments):
        """What another command of the program prints."""
        return self._done(*arguments).stdout

    def tell_log(self, *arguments):
        """What it logs meanwhile."""
        return self._done(*arguments).stderr

    def _done(self, *arguments):
        done = subprocess.run([self.program, *arguments, *self.extra], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise RuntimeError(f"{done.stderr.strip()} ({self.program} {' '.join(arguments)})")
        return done
