#!/bin/sh
# From a fresh clone to a classified picture: installs what is needed, builds, measures ResNet-50,
# counts the digits model's correct answers and ends with one picture's class and where each node ran.
set -eu

usage() {
    cat <<'TEXT'
usage: examples/quickstart.sh [--no-resnet] [PICTURE]

  --no-resnet   leave out ResNet-50, which needs Debian's PyTorch (about 1 GB) to be exported
  PICTURE       a picture of one light digit on a dark ground (default: examples/digits/digit_3.png)
TEXT
}

resnet=yes picture=
for argument in "$@"; do
    case $argument in
        --no-resnet) resnet=no ;;
        -h | --help) usage; exit 0 ;;
        -*) echo "quickstart.sh: unknown option '$argument'" >&2; usage >&2; exit 2 ;;
        *) picture=$(realpath "$argument") ;;
    esac
done
cd "$(dirname "$0")/.."
digits=examples/digits
: "${picture:=$digits/digit_3.png}"

step() { printf '\n== %s\n' "$*"; }

step 'installing what is missing'
if [ $resnet = yes ]; then tests/setup.sh --minimal --export; else tests/setup.sh --minimal; fi

step 'building'
cmake --preset release -DBACKPLANE_BUILD_TESTS=OFF -DBACKPLANE_BUILD_CONFORMANCE=OFF
cmake --build --preset release -j "$(nproc)"
backplane() { command=$1; shift; build-release/bin/backplane "$command" --plugin-dir build-release/plugins "$@"; }

if [ $resnet = yes ]; then
    step "ResNet-50 (torchvision's architecture, random weights)"
    examples/models/export.py resnet50
    backplane bench build/models/resnet50/model.onnx --shape image=1x3x224x224
fi

step 'the digits model on pictures that it has not seen in training'
build-release/examples/digits/digits_accuracy $digits build-release/plugins

step "the digit in $picture"
backplane run $digits/model.onnx --input "$picture" --labels $digits/labels.txt --top-k 3 --explain
