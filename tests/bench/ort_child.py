"""One ONNX Runtime session behind the line protocol of `backplane bench --serve`.

Loads a model, prints {"ready": true, "load_ns": N, "idle_rss_bytes": N} (the time of the load alone
and the peak of the memory before it) and then answers, one JSON line each:
    run N   runs N times with everything bound beforehand -> {"ns": [N durations]}
    rss     -> {"rss_bytes": N, "peak_rss_bytes": N}
    quit    ends
Which runs, in which order and what they mean is left to compare_ort.py.
"""
import argparse
import json
import sys
from time import perf_counter_ns

import numpy as np
import onnxruntime as ort

LEVELS = {
    "none": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


def say(value):
    print(json.dumps(value), flush=True)


def memory():
    with open("/proc/self/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    kib = {key: int(fields[key].split()[0]) for key in ("VmRSS", "VmHWM")}
    return {"rss_bytes": kib["VmRSS"] * 1024, "peak_rss_bytes": kib["VmHWM"] * 1024}


def make_session(options):
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    settings.graph_optimization_level = LEVELS[options.opt]
    settings.log_severity_level = 3
    return ort.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])


class BoundRun:
    """Inputs and outputs bound once, outputs into memory of the shapes that a first run gave."""

    def __init__(self, session, inputs):
        self.session, self.feeds = session, inputs
        self.call = None

    def bind(self):
        results = self.session.run(None, self.feeds)
        self.binding = self.session.io_binding()
        self.kept = []  # the binding does not own what it points to
        for name, array in self.feeds.items():
            value = ort.OrtValue.ortvalue_from_numpy(array)
            self.binding.bind_ortvalue_input(name, value)
            self.kept.append(value)
        for output, array in zip(self.session.get_outputs(), results):
            value = ort.OrtValue.ortvalue_from_numpy(np.empty_like(array))
            self.binding.bind_ortvalue_output(output.name, value)
            self.kept.append(value)
        # The inner objects: one Python frame less per run than run_with_iobinding.
        run, io = self.session._sess.run_with_iobinding, self.binding._iobinding
        self.call = lambda: run(io, None)

    def times(self, count):
        durations = [0] * count
        start = 0
        if self.call is None:  # the first run counts what it takes to bind
            start = 1
            begin = perf_counter_ns()
            self.bind()
            durations[0] = perf_counter_ns() - begin
        call = self.call
        for i in range(start, count):
            begin = perf_counter_ns()
            call()
            durations[i] = perf_counter_ns() - begin
        return durations


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--opt", choices=LEVELS, default="all")
    options = parser.parse_args()
    # A name may hold '=', a path of ours does not.
    inputs = {name: np.load(path) for name, path in (item.rsplit("=", 1) for item in options.input)}

    idle = memory()["peak_rss_bytes"]
    begin = perf_counter_ns()
    session = make_session(options)
    load_ns = perf_counter_ns() - begin
    say({"ready": True, "load_ns": load_ns, "idle_rss_bytes": idle})

    runner = BoundRun(session, inputs)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["run"]:
            say({"ns": runner.times(int(words[1]))})
        elif words == ["rss"]:
            say(memory())
        elif words == ["quit"]:
            return
        else:
            say({"error": f"unknown command '{line.strip()}'"})


if __name__ == "__main__":
    main()
