"""Trains estimators, exports them to ONNX, runs them through the tool, and compares with their libraries: labels
equal, numbers within a tolerance.

usage: agreement_test.py TOOL PLUGIN_DIR [--keep FOLDER] [NAME-PART]
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

import exports

# So many must agree, even when a newer converter refuses some.
LEAST = 12


def save_inputs(export, folder):
    (folder / "model.onnx").write_bytes(export.model.SerializeToString())
    arguments = []
    for name, array in export.inputs.items():
        if array.dtype == object:
            path = folder / f"{name}.pb"
            path.write_bytes(numpy_helper.from_array(array, name).SerializeToString())
        else:
            path = folder / f"{name}.npy"
            np.save(path, array)
        arguments += ["--input", f"{name}={path}"]
    return arguments


def read_output(path):
    return numpy_helper.to_array(onnx.load_tensor(str(path)))


def texts(array):
    return np.array([item.decode() if isinstance(item, bytes) else str(item) for item in array.ravel()])


def difference(found, expected, tolerance):
    """A sentence about what differs, or None."""
    expected = np.asarray(expected)
    if expected.dtype.kind in "US" or found.dtype == object:
        same = texts(found) == texts(expected)
        return None if same.all() else f"{(~same).sum()} of {same.size} labels differ"
    if expected.dtype.kind in "iu":
        same = found.ravel() == expected.ravel()
        return None if same.all() else f"{(~same).sum()} of {same.size} labels differ"
    if found.size != expected.size:
        return f"dims are {found.shape}, expected {expected.shape}"
    off = np.abs(found.ravel().astype(np.float64) - expected.ravel())
    return None if off.max() <= tolerance else f"differs by {off.max():.3g}, allowed is {tolerance:g}"


def judge(export, tool, plugins, folder):
    command = [tool, "run", str(folder / "model.onnx"), "--plugin-dir", plugins, "--only-plugin-dirs",
               "--save-pb", "--output-dir", str(folder)]
    done = subprocess.run(command + save_inputs(export, folder), capture_output=True, text=True)
    if done.returncode != 0:
        return (done.stderr or done.stdout).strip()
    for index, expected in enumerate(export.expected):
        found = read_output(folder / f"output_{index}.pb")
        problem = difference(found, expected, export.tolerance)
        if problem:
            return f"output {index}: {problem}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("plugins")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the models and what came out")
    parser.add_argument("part", nargs="?", default="")
    arguments = parser.parse_args()
    agreed, failed, refused = 0, 0, 0

    def report(name, reason):
        nonlocal refused
        refused += 1
        print(f"refused  {name}: by its converter: {reason}", flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        root = arguments.keep or pathlib.Path(temporary)
        for number, export in enumerate(exports.make_all(report, arguments.part)):
            folder = root / f"{number:02}_{export.name.replace(' ', '_')}"
            folder.mkdir(parents=True, exist_ok=True)
            problem = judge(export, arguments.tool, arguments.plugins, folder)
            agreed, failed = agreed + (problem is None), failed + (problem is not None)
            print(f"{'differs ' if problem else 'agrees  '} {export.name}{': ' + problem if problem else ''}", flush=True)
    print(f"{agreed} agree, {failed} differ, {refused} refused by their converter")
    return 1 if failed or (agreed < LEAST and not arguments.part) else 0


if __name__ == "__main__":
    sys.exit(main())
