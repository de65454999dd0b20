#!/bin/sh
# Installs what Backplane needs on Debian 12 or 13 through apt; safe to run again: it does nothing
# when everything is there. Building and testing is left to tests/run.sh.
set -eu

usage() {
    cat <<'TEXT'
usage: tests/setup.sh [--minimal] [--bench] [--browser] [--export] [--classical] [--corpora]

  (default)    what building and testing need
  --minimal    only what building the library, the tool and the CPU provider needs
  --bench      adds .venv with ONNX Runtime and OpenVINO from PyPI, for tests/bench
  --browser    adds a headless Chromium, in which the conformance report's page is measured (about 300 MB)
  --export     adds PyTorch, torchvision and scikit-learn from Debian, for examples/models/export.py
               and examples/digits/train.py (about 1 GB)
  --classical  adds .venv-classical with scikit-learn, LightGBM, XGBoost and their converters from PyPI, for
              tests/integration/classical (about 1 GB)
  --corpora    makes the node cases of newer ONNX versions from PyPI's packages, and cases of ONNX Runtime's
               own operators, in .corpora, where the tests look for them
TEXT
}

cd "$(dirname "$0")/.."

# The ONNX library, its schemas and its checker; oneDNN for the CPU provider, and RE2, whose syntax RegexFullMatch
# is defined by; stb and the libraries of the third line read pictures.
packages='build-essential cmake ninja-build ccache pkg-config git ca-certificates
    libonnx-dev libprotobuf-dev protobuf-compiler libdnnl-dev libre2-dev
    libturbojpeg0-dev libwebp-dev libtiff-dev libopenjp2-7-dev
    libboost-dev nlohmann-json3-dev libcli11-dev libtomlplusplus-dev
    libfmt-dev libspdlog-dev libxxhash-dev libssl-dev libstb-dev'
# OpenCL's headers and loader; the tests run on PoCL, a driver for the processor.
packages="$packages opencl-headers ocl-icd-opencl-dev"
# clang: the public headers are compiled by a second compiler; rustc: a provider in Rust; abigail: ABI comparison;
# jsonschema: the manifest's schema; libonnx-testdata: the operator corpus when BACKPLANE_ONNX_CORPUS is not set.
test_packages='pocl-opencl-icd libgtest-dev libgmock-dev libbenchmark-dev abigail-tools libonnx-testdata
    clang clang-format clang-tidy rustc binutils file python3 python3-numpy python3-onnx python3-jsonschema'
# From Debian 13 on a package of its own; it folds equal functions, without which the library is over its size limit.
[ "$(. /etc/os-release && echo "${VERSION_ID:-0}")" = 12 ] || test_packages="$test_packages binutils-gold"
bench_packages='python3 python3-venv'
browser_packages='chromium-headless-shell'
export_packages='python3 python3-numpy python3-onnx python3-torch python3-torchvision
    python3-sklearn python3-pil'
# The versions of onnx whose node cases are made; ONNX Runtime gives the results of its own operators.
corpora_versions='1.20.0 1.23.2'
corpora_wheels='numpy pillow ml_dtypes'
# The wheels of the benchmark: the peers, what reads the models' test data, what draws the picture.
bench_wheels='onnxruntime openvino numpy onnx matplotlib'

# The libraries whose exports are compared with themselves; packaging is what a converter forgets to ask for.
classical_wheels='scikit-learn lightgbm xgboost onnx skl2onnx onnxmltools packaging'

tests=yes bench=no browser=no export=no classical=no corpora=no
for argument in "$@"; do
    case $argument in
        --minimal) tests=no ;;
        --bench) bench=yes ;;
        --browser) browser=yes ;;
        --export) export=yes ;;
        --classical) classical=yes ;;
        --corpora) corpora=yes ;;
        -h | --help) usage; exit 0 ;;
        *) echo "setup.sh: unknown option '$argument'" >&2; usage >&2; exit 2 ;;
    esac
done
[ $tests = no ] || packages="$packages $test_packages"
[ $bench = no ] || packages="$packages $bench_packages"
[ $browser = no ] || packages="$packages $browser_packages"
[ $corpora = no ] || packages="$packages $bench_packages"
[ $export = no ] || packages="$packages $export_packages"
[ $classical = no ] || packages="$packages $bench_packages"

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for package in $packages; do
    is_installed "$package" || missing="$missing $package"
done

if [ -n "$missing" ]; then
    echo "setup: installing$missing"
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            echo "setup.sh: these packages are missing and neither root nor sudo is there:$missing" >&2
            exit 1
        }
        as_root=sudo
    fi
    $as_root apt-get update -q
    # shellcheck disable=SC2086  # a list of words on purpose
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

if [ $bench = yes ]; then
    [ -x .venv/bin/python ] || python3 -m venv .venv
    # shellcheck disable=SC2086
    .venv/bin/python -c 'import onnxruntime, openvino, numpy, onnx, matplotlib' 2>/dev/null ||
        .venv/bin/python -m pip install -q --disable-pip-version-check $bench_wheels
fi
if [ $classical = yes ]; then
    [ -x .venv-classical/bin/python ] || python3 -m venv .venv-classical
    # shellcheck disable=SC2086
    .venv-classical/bin/python -c 'import sklearn, lightgbm, xgboost, skl2onnx, onnxmltools' 2>/dev/null ||
        .venv-classical/bin/python -m pip install -q --disable-pip-version-check $classical_wheels
fi
if [ $corpora = yes ]; then
    # make_with FOLDER SCRIPT WHEELS...: an environment of its own, for each version of onnx another
    make_with() {
        folder=.corpora/$1 script=tests/integration/corpora/$2
        shift 2
        [ ! -d "$folder" ] || return 0
        python3 -m venv .cache/corpora-venv --clear
        .cache/corpora-venv/bin/python -m pip install -q --disable-pip-version-check "$@"
        .cache/corpora-venv/bin/python -W ignore "$script" "$folder.part"
        mv "$folder.part" "$folder"
    }
    mkdir -p .corpora .cache
    for version in $corpora_versions; do
        # shellcheck disable=SC2086
        make_with "onnx-$version" make_corpus.py "onnx==$version" $corpora_wheels
    done
    make_with microsoft make_microsoft_corpus.py onnx onnxruntime numpy
    rm -rf .cache/corpora-venv
fi
echo "setup: everything is there"
