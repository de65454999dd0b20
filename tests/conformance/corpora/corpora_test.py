"""The official corpora through the conformance runner: what passes there is what `backplane test` passes, but for the
cases whose nodes the core runs itself (Host, NotApplicable). The difference is printed, and must be nothing.

Exit status 77: the data is not there.
"""

import json
import os
import subprocess
import sys
import tempfile

DEBIAN_DATA = "/usr/share/libonnx-testdata/data"


def tool_passes(cli, plugins, folder, report):
    """Folders or flat files of the cases that `backplane test` passes, by name."""
    subprocess.run([cli, "test", folder, "--only-plugin-dirs", "--plugin-dir", plugins, "--json", report],
                   stdout=subprocess.DEVNULL, check=False)
    with open(report, encoding="utf-8") as file:
        return {case["name"] for case in json.load(file)["cases"] if case["outcome"] == "passed"}


def runner_outcomes(runner, plugins, folder, report):
    """Name and result of every case."""
    subprocess.run([runner, "run", "--provider", os.path.join(plugins, "bp_cpu.json"), "--group", "onnx", "--corpus",
                    folder, "--repeat", "0", "--report", report], stdout=subprocess.DEVNULL, check=False)
    with open(os.path.join(report, "report.json"), encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    return {case["id"].split(".", 2)[2].split("~")[0]: case for case in cases}


def compare(folder, passed, cases):
    counts = {}
    for case in cases.values():
        counts[case["outcome"]] = counts.get(case["outcome"], 0) + 1
    core = {name for name, case in cases.items() if case["outcome"] in ("Host", "NotApplicable")}
    judged = {name for name, case in cases.items() if case["outcome"] == "Pass"}
    expected = passed - core
    print(f"{folder}: {len(cases)} cases, {counts}")
    print(f"  the tool passes {len(passed)}, of which the core runs {len(passed & core)}: {len(expected)} remain; "
          f"the runner passes {len(judged)}")
    for name in sorted(expected ^ judged):
        print(f"  {'the tool' if name in expected else 'the runner'} alone passes {name}: {cases.get(name, {}).get('text')}")
    foreign = [name for name, case in cases.items() if case["outcome"] == "Pass" and case["nodes_by_provider"] < case["nodes"]]
    print(*(f"  passed and not wholly run by the provider: {name}" for name in foreign), sep="\n", end="")
    return expected == judged and not foreign


def main():
    cli, runner, plugins = sys.argv[1:]
    corpus = os.environ.get("BACKPLANE_ONNX_CORPUS") or DEBIAN_DATA
    folders = [os.path.join(corpus, name) for name in ("node", "simple", "pytorch-operator", "pytorch-converted", "light")]
    folders = [folder for folder in folders if os.path.isdir(folder)]
    if not folders:
        print("no data: set BACKPLANE_ONNX_CORPUS, or install libonnx-testdata")
        return 77
    right = True
    with tempfile.TemporaryDirectory() as place:
        for folder in folders:
            passed = tool_passes(cli, plugins, folder, os.path.join(place, "tool.json"))
            cases = runner_outcomes(runner, plugins, folder, os.path.join(place, "report"))
            right = compare(folder, passed, cases) and right
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
