"""One ONNX Runtime session whose outputs become inputs of its next run, behind the line protocol of
`backplane bench --serve --feed OUTPUT=INPUT`.

    run N   starts with the given inputs and runs N times -> {"ns": [N durations]}

What is fed stays in ONNX Runtime's memory (OrtValue, IOBinding): nothing is copied. Only what changes
from run to run is bound again.
"""
import argparse
import json
import sys
from time import perf_counter_ns

import numpy as np
import onnxruntime as ort


def say(value):
    print(json.dumps(value), flush=True)


def make_session(options):
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    return ort.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])


class Loop:
    def __init__(self, session, inputs, feeds):
        self.session = session
        self.inputs = {name: ort.OrtValue.ortvalue_from_numpy(array) for name, array in inputs.items()}
        self.names = [output.name for output in session.get_outputs()]
        self.feeds = [(self.names.index(output), name) for output, name in feeds]
        self.device = ort.OrtDevice.make("cpu", 0)._get_c_device()

    def times(self, count):
        binding = self.session.io_binding()
        for name, value in self.inputs.items():
            binding.bind_ortvalue_input(name, value)
        # The inner objects: fewer Python frames per run.
        inner, run = binding._iobinding, self.session._sess.run_with_iobinding
        bind_input, bind_output = inner.bind_ortvalue_input, inner.bind_output
        durations = []
        for _ in range(count):
            begin = perf_counter_ns()
            for name in self.names:  # to memory of its own: the result of the last run is an input now
                bind_output(name, self.device)
            run(inner, None)
            results = inner.get_outputs()
            for output, name in self.feeds:
                bind_input(name, results[output])
            durations.append(perf_counter_ns() - begin)
        return durations


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy")
    parser.add_argument("--feed", action="append", default=[], metavar="OUTPUT=INPUT")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    # A name may hold '=', a path of ours does not.
    inputs = {name: np.load(path) for name, path in (item.rsplit("=", 1) for item in options.input)}

    begin = perf_counter_ns()
    session = make_session(options)
    say({"ready": True, "load_ns": perf_counter_ns() - begin})
    loop = Loop(session, inputs, [feed.split("=", 1) for feed in options.feed])
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["run"]:
            say({"ns": loop.times(int(words[1]))})
        elif words == ["quit"]:
            return
        else:
            say({"error": f"unknown command '{line.strip()}'"})


if __name__ == "__main__":
    main()
