#!/usr/bin/env python3
"""What the CPU provider's option precision=bf16 costs in accuracy and gives in speed and memory, against its float32.

    .venv/bin/python tests/bench/precision.py build/models/encoder_6x384 --backplane build/bin/backplane --plugin-dir build/plugins

Each model folder runs its own data sets. Times are medians of one `backplane bench` each, in turn.
"""
import argparse
import glob
import json
import os
import subprocess
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

FORMS = {"f32": [], "bf16": ["--option", "CPU.precision=bf16"]}


def call(options, *words):
    command = [options.backplane, *words, "--plugin-dir", options.plugin_dir, "--threads", str(options.threads)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def input_words(model, data):
    graph = onnx.load(model, load_external_data=False).graph
    constants = {tensor.name for tensor in graph.initializer}
    names = [value.name for value in graph.input if value.name not in constants]
    words = []
    for index, name in enumerate(names):
        words += ["--input", f"{name}={os.path.join(data, f'input_{index}.pb')}"]
    return words


def outputs(options, model, data, form):
    with tempfile.TemporaryDirectory() as folder:
        call(options, "run", model, *input_words(model, data), "--output-dir", folder, *FORMS[form])
        return [np.load(path) for path in sorted(glob.glob(os.path.join(folder, "output_*.npy")))]


def speed(options, model, data, form):
    text = call(options, "bench", model, *input_words(model, data), "--duration-ms", "600", "--json", "-", *FORMS[form])
    return json.loads(text)


def compare(options, folder):
    model = os.path.join(folder, "model.onnx")
    errors, agreements = [], []
    for data in sorted(glob.glob(os.path.join(folder, "test_data_set_*"))):
        for exact, found in zip(*(outputs(options, model, data, form) for form in FORMS)):
            if exact.dtype != np.float32 or exact.ndim == 0:
                continue
            errors.append(float(np.linalg.norm(found - exact) / max(float(np.linalg.norm(exact)), 1e-30)))
            agreements.append(float(np.mean(np.argmax(found, -1) == np.argmax(exact, -1))))
    data = sorted(glob.glob(os.path.join(folder, "test_data_set_*")))[0]
    figures = {form: speed(options, model, data, form) for form in FORMS}
    return max(errors), min(agreements), figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--backplane", required=True)
    parser.add_argument("--plugin-dir", required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    for folder in options.folders:
        error, agreement, figures = compare(options, folder)
        times = [figures[form]["latency_ns"]["median"] * 1e-6 for form in FORMS]
        print(f"{os.path.basename(os.path.normpath(folder)):24} relative error {error:.4f}  argmax {agreement:.1%}  "
              f"{times[0]:8.3f} to {times[1]:8.3f} ms ({times[0] / times[1]:.2f})", flush=True)


if __name__ == "__main__":
    main()
