#!/usr/bin/env python3
"""Backplane beside ONNX Runtime where a decoder is fed its own past: every step has a new length.

    .venv/bin/python tests/bench/decoder_loop.py build/models/decoder_6x512

Both sides give each step's outputs to the next step's inputs without a copy. A pair is one loop of each
side, all lengths from the first one on; its figure is the mean time of a step. `new lengths` is the first
loop of a fresh process, without its first step. Ratios are ONNX Runtime over Backplane.
"""
import argparse
import os
import re
import sys
import tempfile
import time
from statistics import mean

import numpy as np
import onnx

import paired
import sides

ROOT = os.path.dirname(os.path.dirname(sides.HERE))
SETTLE_S = 0.02


class LoopCase:
    """A model with its first inputs as .npy files: one new token and `past` past ones, batch 1."""

    def __init__(self, path, scratch, past):
        self.model = path if path.endswith(".onnx") else os.path.join(path, "model.onnx")
        self.name = os.path.basename(path.removesuffix(".onnx").rstrip("/"))
        graph = onnx.load(self.model, load_external_data=False).graph
        constants = {tensor.name for tensor in graph.initializer}
        outputs = [value.name for value in graph.output]
        self.arguments = []
        for index, value in enumerate(value for value in graph.input if value.name not in constants):
            tensor = value.type.tensor_type
            dims = [dim.dim_value or (past if re.search("past|seq_len", dim.dim_param) else 1)
                    for dim in tensor.shape.dim]
            dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
            count = int(np.prod(dims))
            array = np.arange(count) % 7 if dtype.kind == "i" else np.arange(count) % 13 / 13 - 0.5
            file = os.path.join(scratch, f"{self.name}_{index}.npy")
            np.save(file, array.astype(dtype).reshape(dims))
            self.arguments += ["--input", f"{value.name}={file}"]
            if value.name.startswith("past"):
                present = value.name.replace("past_key_values", "present").replace("past", "present")
                if present not in outputs:
                    sys.exit(f"decoder_loop.py: {self.model}: expected an output '{present}' for '{value.name}'")
                self.arguments += ["--feed", f"{present}={value.name}"]


class OnnxRuntimeLoop:
    name = "ONNX Runtime"

    def start(self, case, threads, cpus):
        child = os.path.join(sides.HERE, "ort_loop_child.py")
        return sides.Child([sys.executable, child, case.model, "--threads", str(threads)] + case.arguments, cpus)


class BackplaneLoop:
    name = "Backplane"

    def __init__(self, program, plugin_dirs):
        self.program = program
        self.extra = [word for folder in plugin_dirs for word in ("--plugin-dir", folder)]

    def start(self, case, threads, cpus):
        return sides.Child([self.program, "bench", case.model, "--serve", "--threads", str(threads)]
                           + case.arguments + self.extra, cpus)


def measure(case, both, threads, cpus, steps=128, pairs=12, restarts=3):
    """both: the peer's side and ours -> the results of paired.compare for steady loops and for loops whose
    lengths are all new, in ns per step."""
    steady, fresh = [[], []], [[], []]
    for start in range(restarts):
        with both[0].start(case, threads, cpus[:threads]) as peer, both[1].start(case, threads, cpus[:threads]) as own:
            for figures, child in zip(fresh, (peer, own)):
                child.run(1)  # what one side does at load and the other when shapes are known
                figures.append(mean(child.run(steps)[1:]))
            for index in range(start, pairs, restarts):
                order = [(0, peer), (1, own)]
                for side, child in order if index % 2 == 0 else order[::-1]:
                    time.sleep(SETTLE_S)
                    steady[side].append(mean(child.run(steps)))
    return {"steady": paired.compare(*steady), "new": paired.compare(*fresh)}


def main():
    build = next((os.path.join(ROOT, name) for name in ("build-release", "build")
                  if os.path.exists(os.path.join(ROOT, name, "bin", "backplane"))), os.path.join(ROOT, "build"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[os.path.join(ROOT, "build", "models", "decoder_6x512")])
    parser.add_argument("--backplane", default=os.path.join(build, "bin", "backplane"))
    parser.add_argument("--plugin-dir", action="append")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--cpus", type=lambda text: [int(word) for word in text.split(",")],
                        default=sorted(os.sched_getaffinity(0)), help="processors to pin to, in order")
    parser.add_argument("--past", type=int, default=0, help="length of the past at the first step")
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--restarts", type=int, default=3, help="processes per side that share the pairs")
    options = parser.parse_args()
    plugins = options.plugin_dir or [os.path.join(os.path.dirname(os.path.dirname(options.backplane)), "plugins")]
    both = OnnxRuntimeLoop(), BackplaneLoop(options.backplane, plugins)
    print(f"{'us per step':<50} {both[0].name:>12} {both[1].name:>10}   ratio  [95 % interval]")
    with tempfile.TemporaryDirectory() as scratch:
        for model in options.models:
            case = LoopCase(model, scratch, options.past)
            for threads in options.threads:
                results = measure(case, both, threads, options.cpus, options.steps, options.pairs, options.restarts)
                for key, label in (("steady", "loops"), ("new", "new lengths")):
                    r = results[key]
                    print(f"{f'{case.name}, {threads} thread(s), {options.steps} steps: {label}':<50}"
                          f" {r['peer'] / 1e3:>12.1f} {r['own'] / 1e3:>10.1f} {r['ratio']:>7.3f}"
                          f"  [{r['ratio_low']:.3f}, {r['ratio_high']:.3f}]", flush=True)


if __name__ == "__main__":
    main()
