#!/usr/bin/env python3
"""Judges Backplane beside ONNX Runtime and OpenVINO (both from PyPI) on this machine, against its targets.

Run it with the environment of `tests/setup.sh --bench`, after `examples/models/export.py`:

    .venv/bin/python tests/bench/compare_peers.py --json build/peers.json --picture build/peers.png

Method: README.md in this folder. Ratios are a peer's time over ours, above 1 we are faster. The last table holds
each target beside what was reached. --quick shows the same in a fraction of the time, with wider intervals.
"""
import argparse
import json
import os
import sys
import tempfile
import time

import compare_ort
import made_models
import peer_load
import peer_rows
import peer_speed
import sides

SECTIONS = {"cnn": peer_speed.cnn, "transformers": peer_speed.transformers, "decoder": peer_speed.decoder,
            "int8": peer_speed.int8, "cost": peer_speed.cost, "load": peer_load.load, "nodes": peer_load.nodes,
            "planner": peer_load.planner}


class Bench:
    """What every section needs: the sides, the models and a scratch folder."""

    def __init__(self, options, scratch):
        build = os.path.dirname(os.path.dirname(options.backplane))
        self.plugins = options.plugin_dir or [os.path.join(build, "plugins")]
        self.options, self.scratch = options, scratch
        self.own = sides.Backplane(options.backplane, self.plugins)
        self.ort, self.openvino = sides.onnx_runtime(), sides.openvino()
        self.made = made_models.MadeModels(options.models, options.corpus)

    def latency(self, section, name, peers, own, threads, *rest, **more):
        return peer_rows.show(peer_rows.latency(section, name, peers, own, threads, self.options, *rest, **more))

    def note(self, section, entry):
        """A row that is no comparison: it has a text instead."""
        print(f"{section:<12} {entry['name']:<26} {entry['text']}", flush=True)
        return {"section": section, **entry}


def print_verdicts(verdicts):
    print("\ntargets")
    for line in verdicts:
        value = "not measured" if line["value"] is None else f"{line['value']:.3f}"
        text = f"  ({line['text']})" if line["text"] else ""
        if line["target"] is None:
            print(f"        {line['what']:<78} {value:>12}{text}")
            continue
        sign = ">=" if line["at_least"] else "<="
        print(f"  {'met ' if line['met'] else 'MISS'}  {line['what']:<78} {value:>12}  {sign} {line['target']}{text}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="one thread, batch 1, few pairs")
    parser.add_argument("--models", default=os.path.join(compare_ort.ROOT, "build", "models"),
                        help="default: build/models")
    parser.add_argument("--real-models", default=os.environ.get("BACKPLANE_MODELS"), help="default: $BACKPLANE_MODELS")
    parser.add_argument("--corpus", default=os.environ.get("BACKPLANE_ONNX_CORPUS"),
                        help="for its light folder; default: $BACKPLANE_ONNX_CORPUS")
    parser.add_argument("--backplane", default=os.path.join(compare_ort.default_build(), "bin", "backplane"),
                        help="the program to measure")
    parser.add_argument("--plugin-dir", action="append", help="given on to backplane; default: its build's plugins")
    parser.add_argument("--threads", nargs="+", type=int)
    parser.add_argument("--batches", nargs="+", type=int)
    parser.add_argument("--pairs", type=int, help="blocks of each side")
    parser.add_argument("--restarts", type=int, help="processes per side that share the pairs")
    parser.add_argument("--loads", type=int, help="fresh processes of each side")
    parser.add_argument("--block-ms", type=float, default=60)
    parser.add_argument("--warmup-ms", type=float, default=60)
    parser.add_argument("--most-s", type=float, default=6, help="of the blocks of one row: fewer pairs, not more time")
    parser.add_argument("--json", metavar="FILE", help="write every figure")
    parser.add_argument("--picture", metavar="FILE.png", help="draw the ratios")
    options = parser.parse_args()
    usual = {"threads": [1], "batches": [1], "pairs": 6, "restarts": 1, "loads": 3} if options.quick else \
        {"threads": [1, 2], "batches": [1, 8], "pairs": 10, "restarts": 2, "loads": 5}
    for name, value in usual.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.cpus = sorted(os.sched_getaffinity(0))
    if max(options.threads) > len(options.cpus):
        sys.exit(f"compare_peers.py: {max(options.threads)} threads asked, {len(options.cpus)} processor(s) allowed")
    for path, what in ((options.backplane, "build it first"), (options.models, "examples/models/export.py makes it")):
        if not os.path.exists(path):
            sys.exit(f"compare_peers.py: there is no {path}; {what}")
    for value, variable in ((options.real_models, "BACKPLANE_MODELS"), (options.corpus, "BACKPLANE_ONNX_CORPUS")):
        if not value:
            print(f"{variable} is not set: what needs it is left out", flush=True)
    return options


def main():
    options = parse()
    rows, verdicts, seconds = [], [], {}
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(options, scratch)
        for name in options.sections:
            begin = time.monotonic()
            more_rows, more_verdicts = SECTIONS[name](bench)
            rows += more_rows
            verdicts += more_verdicts
            seconds[name] = round(time.monotonic() - begin, 1)
    print_verdicts(verdicts)
    print("\nseconds: " + ", ".join(f"{name} {value}" for name, value in seconds.items()))
    if options.json:
        document = {"peers": {side.name: side.version for side in (bench.ort, bench.openvino)},
                    "processor": compare_ort.processor(), "date": time.strftime("%Y-%m-%d"),
                    "pairs": options.pairs, "restarts": options.restarts, "block_ms": options.block_ms,
                    "seconds": seconds, "targets": verdicts, "rows": rows}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.write("\n")
    if options.picture:
        import peers_picture  # matplotlib takes a second to load
        peers_picture.draw(rows, options.picture)


if __name__ == "__main__":
    main()
