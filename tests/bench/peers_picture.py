"""Draws the rows of compare_peers.py: one bar per row and peer, the ratio with its interval, on a log scale."""
import math

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

COLOURS = {"ONNX Runtime": "#2c7fb8", "OpenVINO": "#a1a1a1", "ONNX Runtime f32": "#41ab5d", "own f32": "#dd8452"}
ROW_INCHES = 0.17


def panels(rows):
    """(title, rows) for each kind of row that has ratios, in their order."""
    found = {}
    for row in rows:
        if any("ratio" in result for result in row.get("peers", {}).values()):
            batch = f", batch {row['batch']}" if "batch" in row else ""
            found.setdefault(f"{row['section']}{batch}, {row['threads']} thread(s)", []).append(row)
    return list(found.items())


def draw_panel(axes, title, rows):
    labels = list(dict.fromkeys(label for row in rows for label in row["peers"]))
    height = 0.8 / len(labels)
    for place, label in enumerate(labels):
        bars = [(index, row["peers"][label]) for index, row in enumerate(rows)
                if "ratio" in row["peers"].get(label, {})]
        ratios = [result["ratio"] for _, result in bars]
        around = [[result["ratio"] - result["ratio_low"] for _, result in bars],
                  [result["ratio_high"] - result["ratio"] for _, result in bars]]
        axes.barh([index + (place - (len(labels) - 1) / 2) * height for index, _ in bars],
                  [ratio - 1 for ratio in ratios], left=1, height=height, xerr=around, label=label,
                  color=COLOURS.get(label), error_kw={"lw": 0.7})
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.axvline(1, color="black", lw=0.8)
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows], fontsize=6)
    axes.tick_params(axis="x", labelsize=6)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=8)
    axes.legend(fontsize=5, loc="best")


def draw(rows, path):
    shown = panels(rows)
    if not shown:
        raise SystemExit("compare_peers.py: nothing to draw, no section with ratios was measured")
    columns = 3
    lines = math.ceil(len(shown) / columns)
    # Panels of one line share its height: the longest of them decides.
    heights = [max(len(rows) for _, rows in shown[i * columns:(i + 1) * columns]) + 5 for i in range(lines)]
    figure, grid = pyplot.subplots(lines, columns, figsize=(14, ROW_INCHES * sum(heights)), squeeze=False,
                                   gridspec_kw={"height_ratios": heights})
    for axes in grid.flat[len(shown):]:
        axes.set_visible(False)
    for axes, (title, panel) in zip(grid.flat, shown):
        draw_panel(axes, title, panel)
    figure.suptitle("Time (or memory) of a peer over Backplane's: right of 1, Backplane is faster or smaller",
                    fontsize=10)
    figure.tight_layout(rect=(0, 0, 1, 0.985))
    figure.savefig(path, dpi=110)
