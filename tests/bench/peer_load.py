"""The sections of compare_peers.py about getting ready and about memory."""
import json
import os
import re

import onnx
from onnx import numpy_helper

import cases
import lanes
import light_models
import peer_rows
import peer_speed

FIXED = ["resnet50", "mobilenet_v2", "densenet121", "inception_v2", "encoder_6x384", "encoder_12x768"]
SMALLEST_BYTES = 1_000_000  # of files that the load targets speak about
SMALLEST_ARENA = 65536  # of arenas that the planner's target speaks about
LONGEST_FOR_PEER = 10000  # nodes of a chain; the peer's time grows faster than the chain


def fixed_case(bench, folder):
    """All symbolic dims set to the sizes of the data set."""
    case = cases.load_case(folder, bench.scratch)
    dims = {}
    for value, shape in zip(cases.graph_inputs(case.model), case.shapes):
        dims.update({dim: size for dim, size in zip(cases.dims_of(value), shape) if isinstance(dim, str)})
    return case.but(dims=dims)


def bench_figures(bench, case):
    """The tool's own figures after a few runs, for the arenas' sizes."""
    return json.loads(bench.own.tell("bench", case.model, "--warmup-ms", "0", "--duration-ms", "1", "--json", "-",
                                     *case.input_arguments(), *case.dim_arguments()))


def weight_bytes(model):
    graph = onnx.load(model, load_external_data=True).graph
    return sum(numpy_helper.to_array(tensor).nbytes for tensor in graph.initializer)


def memory_verdict(bench, case, rows):
    arenas = bench_figures(bench, case)["arenas"]
    needed = weight_bytes(case.model) + sum(arena["lower_bound_bytes"] for arena in arenas)
    peak = lanes.median(rows["peak_above_idle_bytes"][-1])
    return peer_rows.verdict(f"{case.name}: peak above idle over weights and activations ({needed / 1e6:.1f} MB)",
                             peak / needed, 1.3, False)


def load(bench):
    """With fixed dims, on all threads: until the session is ready, until it is warm, and both from saved programs."""
    rows, verdicts = [], []
    threads = max(bench.options.threads)
    folders = [bench.made.light(name) if name in light_models.NETWORKS.values() else bench.made.exported(name)
               for name in FIXED]
    for folder in filter(None, folders):
        case = fixed_case(bench, folder)
        programs = os.path.join(bench.scratch, "saved.bpp")
        bench.own.tell("compile", case.model, "-o", programs, "--threads", str(threads), *case.dim_arguments())
        both = [(bench.ort, case), (bench.own, case.but(programs=programs)), (bench.own, case)]
        figures = lanes.fresh(both, threads, bench.options)
        os.remove(programs)
        for key, unit in (("load_ns", "ms"), ("ready_ns", "ms"), ("peak_bytes", "MB"), ("peak_above_idle_bytes", "MB")):
            peer, saved, own = figures[key]
            for name, own_figures in ((case.name, own), (f"{case.name}, saved", saved)):
                entry = peer_rows.row(key.removesuffix("_ns").removesuffix("_bytes"), name, threads, unit,
                                      {peer_speed.ORT: peer, None: own_figures}, {})
                rows.append(peer_rows.show(entry))
                if unit == "ms" and os.path.getsize(case.model) >= SMALLEST_BYTES:
                    target = 0.1 if own_figures is saved else 0.5
                    verdicts.append(peer_rows.verdict(f"{name}: {key.removesuffix('_ns')}, own over ONNX Runtime",
                                                      1 / entry["peers"][peer_speed.ORT]["ratio"], target, False))
        verdicts.append(memory_verdict(bench, case, figures))
    return rows, verdicts


def nodes(bench):
    """Loads of long chains: how they grow."""
    rows, verdicts, loads = [], [], {}
    for length in (10000, 100000):
        folder = bench.made.exported(f"chain{length}")
        if folder is None:
            continue
        case = cases.load_case(folder, bench.scratch)
        peers = [(bench.ort, case)] if length <= LONGEST_FOR_PEER else []
        *peer, own = lanes.fresh([*peers, (bench.own, case)], 1, bench.options)["load_and_first_run_ns"]
        figures = {**dict(zip([peer_speed.ORT], peer)), None: own}
        rows.append(peer_rows.show(peer_rows.row("load and run", case.name, 1, "ms", figures, {})))
        loads[length] = lanes.median(own) / 1e9
    if len(loads) == 2:
        verdicts.append(peer_rows.verdict("100 000 nodes: load and first run, s", loads[100000], 2.0, False))
        growth = loads[100000] / loads[10000] / 10
        what = "a node of 100 000 over a node of 10 000 (linear: 1, and what the caches no longer hold)"
        verdicts.append(peer_rows.verdict(what, growth, 1.5, False))
    return rows, verdicts


def workspaces(bench, case):
    """(size, lower bound) of each workspace that the host planned for a provider while the model got ready and ran."""
    words = bench.own.tell_log("bench", case.model, "--warmup-ms", "0", "--duration-ms", "1", "-v", "-v",
                               *case.input_arguments(), *case.dim_arguments())
    found = re.findall(r"workspace of a program: \d+ pieces in (\d+) bytes, lower bound (\d+)", words)
    return [(int(size), int(bound)) for size, bound in found]


def planner(bench):
    """Arenas and the workspaces that providers have planned, against their lower bound, over every model that there is.
    A model's largest workspace counts; to the core it is one block of the arena."""
    folders = [bench.made.exported(name) for name in peer_speed.EXPORTED_CNNS + ["encoder_6x384", "encoder_12x768",
                                                                                 "decoder_6x512"]]
    folders += [bench.made.light(name) for name in light_models.NETWORKS.values()]
    folders += peer_speed.real_models(bench.options, lambda _: True)
    rows = []
    for folder in filter(None, folders):
        try:
            case = cases.load_case(folder, bench.scratch)
            arenas = [("arena", arena["size_bytes"], arena["lower_bound_bytes"])
                      for arena in bench_figures(bench, case)["arenas"]]
            arenas += [("workspace", *planned) for planned in sorted(workspaces(bench, case))[-1:]]
        except (RuntimeError, OSError, ValueError) as error:
            bench.note("planner", {"name": os.path.basename(folder), "text": f"left out: {str(error)[:100]}"})
            continue
        for kind, size, bound in arenas:
            if size > SMALLEST_ARENA:
                rows.append(bench.note("planner", {
                    "name": case.name, "kind": kind, "size_bytes": size, "lower_bound_bytes": bound,
                    "over": size / bound, "text": f"{kind:<10} {size:>11} bytes, lower bound {bound:>11}: {size / bound:.4f}"}))
    verdicts = []
    for kind in ("arena", "workspace"):
        table = [entry for entry in rows if entry["kind"] == kind]
        worst = max(table, key=lambda entry: entry["over"], default=None)
        mean = peer_rows.geometric_mean(entry["over"] for entry in table)
        verdicts.append(peer_rows.verdict(f"{len(table)} {kind}s over their lower bounds, geometric mean", mean, 1.02,
                                          False))
        verdicts.append(peer_rows.verdict(f"{kind} over its lower bound, worst", worst and worst["over"], 1.10, False,
                                          worst and worst["name"]))
    return rows, verdicts
