"""Measures lanes beside each other. A lane is a side and the case that it runs; the last one is the own side,
to which the others are compared."""
import time
from contextlib import ExitStack
from statistics import median

SETTLE_S = 0.02  # between blocks: worker threads of the other sides stop spinning
MOST_RUNS = 20000  # in a block
LONG_NS = 50e6  # a run this long has no use for a warm start after the others' block


def in_turn(lanes, index):
    """A B C, C B A, A B C, ...: no side is always the one that runs on a warm machine."""
    order = list(enumerate(lanes))
    return order if index % 2 == 0 else order[::-1]


def settle_block(child, options):
    """Warms up; returns how many runs fill a block and how long one takes."""
    once = child.run(2)[1]
    child.run(max(1, int(options.warmup_ms * 1e6 / once)))
    once = median(child.run(max(1, min(5, int(options.block_ms * 1e6 / once)))))
    return min(MOST_RUNS, max(1, int(options.block_ms * 1e6 / once))), once


def affordable_pairs(slowest_ns, count, lanes, options):
    """All pairs where they fit into the budget of one configuration, else fewer."""
    block_s = slowest_ns * count / 1e9
    return max(4, min(options.pairs, int(options.most_s / (block_s * lanes))))


def alternate(lanes, threads, options, per_run=1):
    """Long-lived children; a figure is the median of a block, in ns over `per_run`. They are started anew a few
    times, because a process keeps for life what its memory's places cost it. Returns a list of figures for each
    lane and the number of runs in a block."""
    cpus = options.cpus[:threads]
    figures = [[] for _ in lanes]
    for start in range(options.restarts):
        with ExitStack() as stack:
            children = [stack.enter_context(side.start(case, threads, cpus)) for side, case in lanes]
            settled = [settle_block(child, options) for child in children]
            count = min(runs for runs, _ in settled)
            slowest = max(once for _, once in settled)
            dropped = 0 if slowest > LONG_NS else count // 10 + 1
            for index in range(start, affordable_pairs(slowest, count, len(lanes), options), options.restarts):
                for lane, child in in_turn(children, index):
                    time.sleep(SETTLE_S)
                    figures[lane].append(median(child.run(dropped + count)[dropped:]) / per_run)
    return figures, count


FRESH_KEYS = ("load_ns", "load_and_first_run_ns", "ready_ns", "peak_bytes", "peak_above_idle_bytes")


def fresh(lanes, threads, options):
    """New processes in turn: load, the first run, four more, then the peak of the memory; also the peak above what
    the same process had before the load (program and library, no session). `ready` is load and first run without
    what a later run takes: the cost of getting ready, wherever a side pays it. Returns key -> figures per lane."""
    cpus = options.cpus[:threads]
    rows = {key: [[] for _ in lanes] for key in FRESH_KEYS}
    for index in range(options.loads):
        for lane, (side, case) in in_turn(lanes, index):
            with side.start(case, threads, cpus) as child:
                load, first = child.ready["load_ns"], child.run(1)[0]
                later = median(child.run(4))
                peak = child.peak_bytes()
                values = (load, load + first, max(load + first - later, 1), peak, peak - child.ready["idle_rss_bytes"])
                for key, value in zip(FRESH_KEYS, values):
                    rows[key][lane].append(value)
    return rows
