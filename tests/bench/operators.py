#!/usr/bin/env python3
"""Times every operator beside ONNX Runtime (from PyPI), one middle-sized case each (operator_cases.py).

    .venv/bin/python tests/bench/operators.py --json build/operators.json

The sides alternate in blocks as in compare_ort.py; a ratio is ONNX Runtime's time over Backplane's, above 1
Backplane is faster. Printed are a line for each operator, the geometric mean and the operators below --floor. An
operator that one side does not run is listed with its reason and counts for nothing; views are shown, not counted.
"""
import argparse
import json
import math
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import compare_ort
import sides
from cases import Case
from operator_cases import CASES, VIEWS

OPSET = 21
TYPES = {"f32": TensorProto.FLOAT, "f64": TensorProto.DOUBLE, "i32": TensorProto.INT32, "i64": TensorProto.INT64,
         "u8": TensorProto.UINT8, "u32": TensorProto.UINT32, "bool": TensorProto.BOOL}


def constant(text, name):
    kind = np.int64 if text[0] == "=" else np.float32
    if text[1] == "s":
        return numpy_helper.from_array(np.array(kind(text[2:])), name)
    return numpy_helper.from_array(np.array([kind(word) for word in text[1:].split(",")]), name)


def made_up(text, generator):
    """The array that an input's text describes."""
    kind, dims, *limit = text.split()
    shape = [] if dims == "-" else [int(word) for word in dims.split("x")]
    dtype = helper.tensor_dtype_to_np_dtype(TYPES[kind])
    rule = limit[0] if limit else ""
    if dtype == np.bool_:
        return generator.integers(0, 2, shape).astype(dtype)
    if rule.startswith("<"):
        return np.asarray(generator.integers(0, int(rule[1:]), shape)).astype(dtype)
    if np.issubdtype(dtype, np.integer):
        return np.asarray(generator.integers(1 if rule else 0, 100, shape)).astype(dtype)
    low = 1.0 if rule else -1.0
    return np.asarray(generator.uniform(low, low + (1.0 if rule else 2.0), shape)).astype(dtype)


def make_case(row, folder):
    """Writes the model and its inputs; a Case."""
    op, texts, attributes = row
    attributes = dict(attributes)
    opset = attributes.pop("opset", OPSET)
    outputs = [f"y{i}" for i in range(attributes.pop("outputs", 1))]
    generator = np.random.default_rng(1)
    names, inputs, constants, files, shapes = [], [], [], [], []
    for index, text in enumerate(texts):
        name = f"x{index}" if text else ""
        names.append(name)
        if not text:
            continue
        if text[0] in "=~":
            constants.append(constant(text, name))
            continue
        array = made_up(text, generator)
        inputs.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape))
        path = os.path.join(folder, f"{op}_{index}.npy")
        np.save(path, array)
        files.append((name, path))
        shapes.append(array.shape)
    node = helper.make_node(op, names, outputs, name=op, **attributes)
    graph = helper.make_graph([node], op, inputs, [helper.make_empty_tensor_value_info(y) for y in outputs], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    path = os.path.join(folder, f"{op}.onnx")
    onnx.save(model, path)
    return Case(op, path, files, shapes)


def refusal(case, side, options):
    """Why a side does not run the case; empty when it does."""
    try:
        with side.start(case, options.threads, options.cpus[:options.threads]) as child:
            child.run(1)
        return ""
    except (RuntimeError, ValueError) as error:
        return str(error).splitlines()[0][:200]


def measure(case, both, options):
    for side in both:
        if why := refusal(case, side, options):
            return {"operator": case.name, "left_out": f"{side.name}: {why}"}
    return {"operator": case.name, **compare_ort.alternate(case, both, options.threads, options)}


def summary(results, floor):
    ratios = {result["operator"]: result["ratio"] for result in results
              if "ratio" in result and result["operator"] not in VIEWS}
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios)) if ratios else None
    slow = sorted((ratio, name) for name, ratio in ratios.items() if ratio < floor)
    return {"operators": len(ratios), "geometric_mean": mean, "floor": floor,
            "below_floor": [name for _, name in slow]}


def table(results, totals, threads):
    """The ratios as Markdown, the slowest first."""
    lines = [f"{totals['operators']} operators, {threads} thread(s), geometric mean {totals['geometric_mean']:.2f}, "
             f"{len(totals['below_floor'])} below {totals['floor']}. Views are shown and not counted.", "",
             "| operator | ONNX Runtime, ms | Backplane, ms | ratio | 95 % interval |", "|---|---|---|---|---|"]
    for result in sorted((result for result in results if "ratio" in result), key=lambda result: result["ratio"]):
        lines.append(f"| {result['operator']} | {result['peer'] / 1e6:.3f} | {result['own'] / 1e6:.3f} | "
                     f"{result['ratio']:.2f} | {result['ratio_low']:.2f} to {result['ratio_high']:.2f} |")
    return "\n".join(lines) + "\n"


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operators", nargs="*", help="only these")
    parser.add_argument("--backplane", default=os.path.join(compare_ort.ROOT, "build-release/bin/backplane"))
    parser.add_argument("--plugin-dir", action="append", default=[])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--block-ms", type=float, default=60)
    parser.add_argument("--warmup-ms", type=float, default=60)
    parser.add_argument("--floor", type=float, default=0.5)
    parser.add_argument("--json")
    parser.add_argument("--table", help="write the ratios as Markdown")
    options = parser.parse_args(arguments)
    options.most_s = 60
    options.cpus = sorted(os.sched_getaffinity(0))
    return options


def main(arguments):
    options = parse(arguments)
    known = {row[0] for row in CASES}
    if unknown := set(options.operators) - known:
        sys.exit(f"operators.py: no case for {', '.join(sorted(unknown))}")
    both = (sides.onnx_runtime(), sides.Backplane(options.backplane, options.plugin_dir))
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for row in sorted(CASES, key=lambda row: row[0]):
            if options.operators and row[0] not in options.operators:
                continue
            result = measure(make_case(row, folder), both, options)
            results.append(result)
            if "left_out" in result:
                print(f"{result['operator']:28} left out: {result['left_out']}", flush=True)
            else:
                print(f"{result['operator']:28} {result['peer'] / 1e6:9.3f} ms {result['own'] / 1e6:9.3f} ms  "
                      f"{result['ratio']:6.2f} ({result['ratio_low']:.2f} to {result['ratio_high']:.2f})", flush=True)
    totals = summary(results, options.floor)
    if totals["operators"]:
        print(f"{totals['operators']} operators, geometric mean {totals['geometric_mean']:.2f}; below "
              f"{options.floor}: {', '.join(totals['below_floor']) or 'none'}")
    if options.table:
        with open(options.table, "w", encoding="utf-8") as file:
            file.write(table(results, totals, options.threads))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"threads": options.threads, **totals, "results": results}, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
