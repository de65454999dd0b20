#!/bin/sh
# The test command: installs what is needed, configures, builds and runs every test.
# The last line counts the outcomes; the exit code is 0 only if nothing failed.
set -eu

usage() {
    cat <<'TEXT'
usage: tests/run.sh [--asan | --tsan] [--no-setup] [-- CTEST-OPTIONS...]

  --asan       address and undefined-behaviour sanitizers, in build-asan
  --tsan       thread sanitizer, in build-tsan (OMP_NUM_THREADS=1)
  --no-setup   do not look for missing packages
  --           what follows goes to ctest, for example: -- -R Arena

environment
  BACKPLANE_ONNX_CORPUS   folder of ONNX's backend test data (default: Debian's libonnx-testdata)
  BACKPLANE_MODELS        folder of models with reference outputs (default: none, tests skipped)
TEXT
}

cd "$(dirname "$0")/.."
preset=dev build=build setup=yes
while [ $# -gt 0 ]; do
    case $1 in
        --asan) preset=asan build=build-asan ;;
        --tsan) preset=tsan build=build-tsan; export OMP_NUM_THREADS=1 ;;
        --no-setup) setup=no ;;
        --) shift; break ;;
        -h | --help) usage; exit 0 ;;
        *) echo "run.sh: unknown option '$1'" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

[ $setup = no ] || tests/setup.sh
jobs=$(nproc)
cmake --preset $preset -B $build
cmake --build $build -j "$jobs"

report=$PWD/$build/ctest.xml
rm -f "$report"
status=0
ctest --test-dir $build --output-on-failure -j "$jobs" --output-junit "$report" "$@" || status=$?
[ -f "$report" ] || { echo "run.sh: ctest wrote no report" >&2; exit 1; }

# The head of ctest's report: <testsuite name= tests="N" failures="N" disabled="N" skipped="N" ...>
header=$(head -n 12 "$report" | tr '\n\t' '  ')
count() { echo "$header" | sed -n "s/.*[^a-z]$1=\"\([0-9]*\)\".*/\1/p"; }
total=$(count tests) failed=$(count failures)
skipped=$(($(count skipped) + $(count disabled)))
echo "$((total - failed - skipped)) passed, $failed failed, $skipped skipped"
[ "$status" -ne 0 ] || [ "$total" -gt 0 ] || { echo "run.sh: no tests ran" >&2; exit 1; }
exit $status
