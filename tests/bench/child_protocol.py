"""The line protocol of `backplane bench --serve`, for peers that are driven from Python.

Prints {"ready": true, "load_ns": N, "idle_rss_bytes": N} (the time of the load alone and the peak of the memory
before it) and then answers, one JSON line each:
    run N   runs N times with everything bound beforehand -> {"ns": [N durations]}; the very first counts binding
    quit    ends
"""
import argparse
import json
import sys
from time import perf_counter_ns

import numpy as np


def say(value):
    print(json.dumps(value), flush=True)


def peak_bytes():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def parse(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("model")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy")
    parser.add_argument("--dim", action="append", default=[], metavar="SYMBOL=N")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--opt", choices=["none", "basic", "all"], default="all")
    options = parser.parse_args()
    # A name may hold '=', a path of ours does not.
    options.inputs = {name: np.load(path) for name, path in (item.rsplit("=", 1) for item in options.input)}
    options.dims = {name: int(size) for name, size in (item.rsplit("=", 1) for item in options.dim)}
    return options


def timed(call):
    begin = perf_counter_ns()
    result = call()
    return result, perf_counter_ns() - begin


def serve(description, load, bind):
    """load(options) -> session; bind(session, inputs) -> a call that runs once, having run once already."""
    options = parse(description)
    idle = peak_bytes()
    session, load_ns = timed(lambda: load(options))
    say({"ready": True, "load_ns": load_ns, "idle_rss_bytes": idle})
    call = None
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["run"]:
            durations = []
            if call is None:
                call, first_ns = timed(lambda: bind(session, options.inputs))
                durations.append(first_ns)
            while len(durations) < int(words[1]):
                begin = perf_counter_ns()
                call()
                durations.append(perf_counter_ns() - begin)
            say({"ns": durations})
        elif words == ["quit"]:
            return
        else:
            say({"error": f"unknown command '{line.strip()}'"})
