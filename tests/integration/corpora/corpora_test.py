"""Runs the official node cases, the exports of old PyTorch (opset 6), the light networks and real models through `backplane test`.

A case that is reported must have passed or failed: nothing is skipped. Of ONNX 1.17 and Debian's 1.12 every node case
must pass but for those that are wrong themselves, each named here with the proof; newer data have a floor, which only goes up.
Exit status 77: the data is not there.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

MADE_NODE_FLOOR = 0.99  # newer versions, with opset up to 28; the rest: FlexAttention, and references mended since
# Families of which every case passes.
WHOLE_FAMILIES = ("adagrad", "adam", "momentum", "nesterov", "bernoulli", "batchnorm", "training_dropout", "dropout")
# Cases whose reference was not made by their model: adam_multiple's with epsilon 0.01, which its node does not
# state (mended in later editions of the data).
WRONG_REFERENCES = {"test_adam_multiple"}
# Whole networks: two runs of ONNX Runtime itself, with and without its optimizations, differ by up to 2.5e-4 on
# the detection models here (values up to 12), so that is what a whole model may differ from its reference.
MODEL_TOLERANCE = ["--rtol", "1e-3", "--atol", "3e-4"]
# Everything quantized or narrow must pass, but for what the cases got wrong. Those of 1.17 wrap numbers that the standard
# saturates, as later releases say; those of 1.12 declare an input of 12 elements and give one.
QUANTIZED_FAMILIES = ("cast", "castlike", "convinteger", "dequantizelinear", "dynamicquantizelinear", "matmulinteger",
                      "qlinearconv", "qlinearmatmul", "quantizelinear")
WRONG_CASES = {f"test_qlinearmatmul_{rank}D_int8_{scale}" for rank in (2, 3) for scale in ("float16", "float32")}
DEBIAN_WRONG_CASES = {f"test_castlike_{types}{form}" for types in ("BFLOAT16_to_FLOAT", "FLOAT_to_BFLOAT16")
                      for form in ("", "_expanded")}
# Divides by the whole window where part of it lies behind the padded input, which count_include_pad does not count; the
# reference implementation of onnx 1.23 gives other numbers there (217 of 729).
WRONG_POOLING = "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True"
WAIVED = WRONG_REFERENCES | WRONG_CASES | DEBIAN_WRONG_CASES | {WRONG_POOLING}
# By how many quantization steps of its output a model may differ, and their size. ONNX Runtime's own results for
# mobilenetv2_qdq, with and without its optimizations, differ by up to five steps.
QUANTIZED_MODELS = {"mobilenetv2_qdq": (5, 0.1531), "shufflenetv2_int8": (2, 0.1725), "micro_kws_qdq": (1, 1 / 256),
                    "micro_kws_qoperator": (1, 1 / 256)}
DEBIAN_DATA = "/usr/share/libonnx-testdata/data"
MADE_DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../.corpora")


def judge(cli, plugins, folder, *flags):
    """The outcomes by name of all cases below a folder."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [cli, "test", folder, "--only-plugin-dirs", "--plugin-dir", plugins, "--json", report.name, *flags]
        code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
        if code not in (0, 1):  # a sanitizer's report, or a crash
            sys.exit(f"`backplane test {folder}` ended with {code}")
        with open(report.name, encoding="utf-8") as file:
            return {case["name"]: case for case in json.load(file)["cases"]}


def failed(cases):
    return [f"{name}: {case['reason'].splitlines()[0]}" for name, case in cases.items() if case["outcome"] != "passed"]


def broken_families(cases):
    """What fails of the families that pass whole."""
    whole = tuple("test_" + family for family in WHOLE_FAMILIES)
    return failed({name: case for name, case in cases.items()
                   if name.startswith(whole) and name not in WRONG_REFERENCES})


def misses(corpus, cases):
    """Why too few cases pass; empty: enough do."""
    if corpus.startswith(MADE_DATA):
        passed = len(cases) - len(failed(cases))
        return [] if passed >= MADE_NODE_FLOOR * len(cases) else [f"the floor is {MADE_NODE_FLOOR}"]
    return failed({name: case for name, case in cases.items() if name not in WAIVED})


def check_nodes(cli, plugins, corpora):
    """Several corpora, one after another."""
    right = True
    for corpus in corpora:
        cases = judge(cli, plugins, os.path.join(corpus, "node"))
        passed = len(cases) - len(failed(cases))
        print(f"{corpus}: {passed} of {len(cases)} node cases pass")
        skipped = [name for name, case in cases.items() if case["outcome"] == "skipped"]
        missing = misses(corpus, cases) + broken_families(cases)
        if missing:
            print("must pass:", *missing, sep="\n  ")
        right = right and len(cases) > 500 and not skipped and not missing
    return right


def made_corpora():
    """What tests/setup.sh --corpora has made, newest last."""
    found = sorted(glob.glob(os.path.join(MADE_DATA, "*", "node")))
    return [os.path.dirname(folder) for folder in found]


def check_all(cli, plugins, *folders):
    """Every case must pass."""
    cases = {}
    for folder in folders:
        cases |= judge(cli, plugins, folder)
    print(f"{len(cases)} cases", *failed(cases), sep="\n  ")
    return len(cases) > 0 and not failed(cases)


def check_light(cli, plugins, corpus):
    cases = judge(cli, plugins, os.path.join(corpus, "light"))
    print(f"light: {len(cases)} networks", *failed(cases), sep="\n  ")
    return len(cases) == 9 and not failed(cases)


def check_models(cli, plugins, models):
    """Each model that has reference outputs, with one and with two threads, twice in a row."""
    names = sorted({os.path.basename(os.path.dirname(data)) for data in glob.glob(f"{models}/*/test_data_set_*")})
    wrong = []
    for name in names:
        steps, size = QUANTIZED_MODELS.get(name, (0, 0))
        tolerance = ["--rtol", "0", "--atol", str(1.01 * steps * size)] if steps else MODEL_TOLERANCE
        for threads in ("1", "2"):
            cases = judge(cli, plugins, os.path.join(models, name), "--rounds", "2", "--threads", threads, *tolerance)
            wrong += [f"{threads} threads: {line}" for line in failed(cases)]
    print(f"{len(names)} models", *wrong, sep="\n  ")
    return len(names) > 0 and not wrong


def check_quantized(cli, plugins, corpus):
    known = DEBIAN_WRONG_CASES if corpus == DEBIAN_DATA else WRONG_CASES
    cases = {name: case for name, case in judge(cli, plugins, os.path.join(corpus, "node")).items()
             if name.split("_")[1] in QUANTIZED_FAMILIES and name not in known}
    wrong = failed(cases)
    print(f"quantized: {len(cases)} cases", *wrong, sep="\n  ")
    return len(cases) > 10 and not wrong


def check_opencl(cli, plugins, corpus):
    """OpenCL first, the CPU behind it: plans of both."""
    flags = ("--plugin-dir", os.path.join(plugins, "opencl"), "--provider", "OpenCL", "--provider", "CPU")
    listed = subprocess.run([cli, "providers", "--only-plugin-dirs", *flags[:2]], capture_output=True, text=True, check=False)
    if "OpenCL:0" not in listed.stdout:
        print("there is no OpenCL device")
        sys.exit(77)
    cases = judge(cli, plugins, os.path.join(corpus, "node"), *flags)
    wrong = failed({name: case for name, case in cases.items() if name not in WAIVED})
    print(f"opencl: {len(cases)} cases", *wrong, sep="\n  ")
    return len(cases) > 500 and not wrong


def main():
    what, cli, plugins = sys.argv[1:]
    corpus = os.environ.get("BACKPLANE_ONNX_CORPUS") or DEBIAN_DATA
    microsoft = os.path.join(MADE_DATA, "microsoft")
    models = os.environ.get("BACKPLANE_MODELS")
    folder, check = {
        "node": (os.path.join(corpus, "node"), lambda: check_nodes(cli, plugins, [corpus, *made_corpora()])),
        "opencl": (os.path.join(corpus, "node"), lambda: check_opencl(cli, plugins, corpus)),
        "microsoft": (microsoft, lambda: check_all(cli, plugins, microsoft)),
        "pytorch": (os.path.join(corpus, "pytorch-operator"),
                    lambda: check_all(cli, plugins, os.path.join(corpus, "pytorch-operator"),
                                      os.path.join(corpus, "pytorch-converted"))),
        "gradient": (os.path.join(corpus, "simple"),
                     lambda: check_all(cli, plugins, os.path.join(corpus, "simple/test_gradient_of_add"),
                                       os.path.join(corpus, "simple/test_gradient_of_add_and_mul"))),
        "light": (os.path.join(corpus, "light"), lambda: check_light(cli, plugins, corpus)),
        "quantized": (os.path.join(corpus, "node"), lambda: check_quantized(cli, plugins, corpus)),
        "models": (models or "", lambda: check_models(cli, plugins, models)),
    }[what]
    if not os.path.isdir(folder):
        print(f"no data for {what}: set BACKPLANE_ONNX_CORPUS and BACKPLANE_MODELS, or run tests/setup.sh --corpora")
        return 77
    return 0 if check() else 1


if __name__ == "__main__":
    sys.exit(main())
