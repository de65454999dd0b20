#!/usr/bin/env python3
"""Compares Backplane with ONNX Runtime (from PyPI) on this machine, side by side.

Run it with the environment of `tests/setup.sh --bench`:

    .venv/bin/python tests/bench/compare_ort.py --json build/compare.json

Both sides are child processes pinned to the same processors, with the same inputs and number of
threads. Blocks of runs alternate (A B, B A, ...) and each pair of blocks gives one ratio of medians;
the report shows the median of the ratios, peer over own, with a bootstrap 95 % interval: above 1
Backplane is faster or smaller. --self-check puts ONNX Runtime on both sides: ratios must then be 1
within their noise. Models come from examples/models/export.py.
"""
import argparse
import json
import os
import platform
import sys
import tempfile
import time

import cases
import lanes
import paired
import sides

ROOT = os.path.dirname(os.path.dirname(sides.HERE))
LATENCY = ["resnet50", "mobilenet_v2", "resnet18", "encoder_6x384", "encoder_12x768"]
FRESH = ["resnet50", "mobilenet_v2", "encoder_6x384", "relu1", "chain20000"]
PARTS = ["latency", "fresh", "node", "run"]


def find_case(name, options, scratch):
    """`name` is a folder or an .onnx file, or a folder's name under --models."""
    path = name if os.path.exists(name) else os.path.join(options.models, name)
    model = path if path.endswith(".onnx") else os.path.join(path, "model.onnx")
    if not os.path.exists(model):
        sys.exit(f"compare_ort.py: no model at {model}; examples/models/export.py writes the usual ones")
    return cases.load_case(path, scratch)


def pair(both, case):
    return [(side, case) for side in both]


def alternate(case, both, threads, options, per_run=1):
    figures, count = lanes.alternate(pair(both, case), threads, options, per_run)
    return {**paired.compare(*figures), "runs_per_block": count}


def fresh(case, both, threads, options):
    rows = lanes.fresh(pair(both, case), threads, options)
    return {key: paired.compare(*figures) for key, figures in rows.items()}


UNITS = {"ms": 1e6, "us": 1e3, "MB": 1e6}


def show(label, result, unit):
    scale = UNITS[unit]
    print(f"{label:<46} {result['peer'] / scale:>10.3f} {result['own'] / scale:>10.3f} {unit:<3}"
          f" {result['ratio']:>7.3f}  [{result['ratio_low']:.3f}, {result['ratio_high']:.3f}]", flush=True)


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def measure(both, options, scratch):
    report = {}
    print(f"{'':<46} {both[0].name[:10]:>10} {both[1].name[:10]:>10}       ratio  [95 % interval]")
    if "latency" in options.parts:
        for name in options.names or LATENCY:
            case = find_case(name, options, scratch)
            for threads in options.threads:
                result = alternate(case, both, threads, options)
                show(f"{case.name}, {threads} thread(s): latency", result, "ms")
                report[f"latency/{case.name}/{threads}"] = result
    if "fresh" in options.parts:
        for name in options.names or FRESH:
            case = find_case(name, options, scratch)
            for threads in options.threads:
                result = fresh(case, both, threads, options)
                label = f"{case.name}, {threads} thread(s)"
                show(f"{label}: load", result["load_ns"], "ms")
                show(f"{label}: load and first run", result["load_and_first_run_ns"], "ms")
                show(f"{label}: peak memory", result["peak_bytes"], "MB")
                show(f"{label}: peak above idle", result["peak_above_idle_bytes"], "MB")
                report[f"fresh/{case.name}/{threads}"] = result
    if "node" in options.parts or "run" in options.parts:
        in_c = sides.OnnxRuntimeInC(scratch)
        both = [in_c, in_c if options.self_check else both[1]]
    if "node" in options.parts:
        case = find_case("chain200", options, scratch).but(opt="none")
        for threads in options.threads:
            result = alternate(case, both, threads, options, per_run=200)
            show(f"chain of 200, {threads} thread(s): per node", result, "us")
            report[f"node/{threads}"] = result
    if "run" in options.parts:
        result = alternate(find_case("relu1", options, scratch), both, 1, options)
        show("one Relu on one float: per run", result, "us")
        report["run"] = result
    return report


def default_build():
    """The build folder that is measured where nothing else is said."""
    folders = [os.path.join(ROOT, name) for name in ("build-release", "build")]
    return next((folder for folder in folders if os.path.exists(os.path.join(folder, "bin", "backplane"))), folders[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="MODEL", help="folders or .onnx files instead of the usual ones")
    parser.add_argument("--models", default=os.path.join(ROOT, "build", "models"), help="default: build/models")
    parser.add_argument("--backplane", default=os.path.join(default_build(), "bin", "backplane"),
                        help="the program to measure")
    parser.add_argument("--plugin-dir", action="append", help="given on to backplane; default: its build's plugins")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--cpus", type=lambda text: [int(word) for word in text.split(",")],
                        default=sorted(os.sched_getaffinity(0)), help="processors to pin to, in order")
    parser.add_argument("--pairs", type=int, default=20, help="pairs of blocks")
    parser.add_argument("--restarts", type=int, default=5, help="processes per side that share the pairs")
    parser.add_argument("--block-ms", type=float, default=200)
    parser.add_argument("--warmup-ms", type=float, default=300)
    parser.add_argument("--most-s", type=float, default=120,
                        help="of the blocks of one model: fewer pairs, not more time")
    parser.add_argument("--loads", type=int, default=7, help="pairs of fresh processes")
    parser.add_argument("--self-check", action="store_true", help="ONNX Runtime on both sides")
    parser.add_argument("--json", metavar="FILE", help="write every figure")
    options = parser.parse_args()
    if max(options.threads) > len(options.cpus):
        sys.exit(f"compare_ort.py: {max(options.threads)} threads asked, {len(options.cpus)} processor(s) allowed")

    if not os.path.exists(options.backplane):
        sys.exit(f"compare_ort.py: there is no {options.backplane}; build it first")

    plugins = options.plugin_dir or [os.path.join(os.path.dirname(os.path.dirname(options.backplane)), "plugins")]
    peer = sides.onnx_runtime()
    own = sides.onnx_runtime() if options.self_check else sides.Backplane(options.backplane, plugins)
    with tempfile.TemporaryDirectory() as scratch:
        report = measure((peer, own), options, scratch)
    if options.json:
        document = {"peer": f"{peer.name} {peer.version}", "own": own.name, "processor": processor(),
                    "date": time.strftime("%Y-%m-%d"), "pairs": options.pairs, "restarts": options.restarts,
                    "block_ms": options.block_ms, "results": report}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
