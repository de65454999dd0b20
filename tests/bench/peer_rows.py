"""Rows of the report of compare_peers.py: how one is measured, and how it is shown.

A row is {"section", "name", "threads", "unit", "own", "peers": {label: result of paired.compare or {"left_out": why}}}
and whatever else its section keeps.
"""
import math

import lanes
import paired

UNITS = {"ms": 1e6, "us": 1e3, "MB": 1e6}


def refusal(side, case, threads, options):
    """Why a side does not run the case; empty when it does."""
    try:
        with side.start(case, threads, options.cpus[:threads]) as child:
            child.run(1)
        return ""
    except (RuntimeError, ValueError) as error:
        return str(error)[:300]


def guarded(peers, own, threads, options, measure):
    """measure(lanes) with the lanes that run; returns its figures per label and the reasons of the others.
    peers: {label: (side, case)}, own: (side, case), which gets the label None."""
    labels, left_out = [*peers, None], {}
    sides = {**peers, None: own}
    while True:
        try:
            return dict(zip(labels, measure([sides[label] for label in labels]))), left_out
        except RuntimeError:
            refusals = {label: refusal(*sides[label], threads, options) for label in labels}
            if not any(refusals.values()) or refusals[None]:
                raise
            left_out.update({label: why for label, why in refusals.items() if why})
            labels = [label for label in labels if not refusals[label]]


def row(section, name, threads, unit, figures, left_out, **more):
    compared = {label: paired.compare(peer, figures[None]) for label, peer in figures.items() if label is not None}
    compared.update({label: {"left_out": why} for label, why in left_out.items()})
    return {"section": section, "name": name, "threads": threads, "unit": unit,
            "own": lanes.median(figures[None]), "peers": compared, **more}


def latency(section, name, peers, own, threads, options, unit="ms", per_run=1, **more):
    figures, left_out = guarded(peers, own, threads, options,
                                lambda these: lanes.alternate(these, threads, options, per_run)[0])
    return row(section, name, threads, unit, figures, left_out, **more)


def show(entry):
    scale = UNITS[entry["unit"]]
    batch = f", batch {entry['batch']}" if "batch" in entry else ""
    line = (f"{entry['section']:<12} {entry['name'] + batch:<34} {entry['threads']} thr"
            f" {entry['own'] / scale:>10.3f} {entry['unit']}")
    for label, result in entry["peers"].items():
        if "left_out" in result:
            line += f"  | {label}: left out ({result['left_out'].splitlines()[0][:80]})"
        else:
            line += (f"  | {label} {result['peer'] / scale:.3f}: {result['ratio']:.3f} "
                     f"[{result['ratio_low']:.3f}, {result['ratio_high']:.3f}]")
    print(line, flush=True)
    return entry


def results(rows, label):
    """name -> result of the rows in which `label` ran."""
    return {entry["name"]: entry["peers"][label] for entry in rows
            if label in entry["peers"] and "ratio" in entry["peers"][label]}


def geometric_mean(ratios):
    ratios = list(ratios)
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def verdict(what, value, target, at_least, text=None):
    """One line of the judgement; `value` None: not measured, `target` None: only shown."""
    met = value is not None and target is not None and (value >= target if at_least else value <= target)
    return {"what": what, "value": value, "target": target, "at_least": at_least, "met": met, "text": text}


def judge_speed(what, rows, label, mean_target, floor=None):
    """The geometric mean against its target, and the models that are certainly below the floor."""
    found = results(rows, label)
    mean = geometric_mean(result["ratio"] for result in found.values())
    lines = [verdict(f"{what}, {len(found)} model(s), geometric mean", mean, mean_target, True)]
    if floor:
        below = sorted((result["ratio"], name) for name, result in found.items() if result["ratio_high"] < floor)
        lines.append(verdict(f"{what}, models wholly below {floor}", len(below), 0, False,
                             ", ".join(f"{name} {ratio:.2f}" for ratio, name in below) or None))
    return lines
