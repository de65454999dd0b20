#!/bin/sh
# The test command: installs what is needed, configures, builds and runs every test.
# The last line counts the outcomes; the exit code is 0 only if nothing failed.
set -eu

usage() {
    cat <<'TEXT'
usage: tests/run.sh [--asan | --tsan | --release] [--no-setup] [-- CTEST-OPTIONS...]

  (default)    optimized with assertions, in build
  --asan       address and undefined-behaviour sanitizers, in build-asan
  --tsan       thread sanitizer, in build-tsan (OMP_NUM_THREADS=1)
  --release    as shipped, in build-release
  --no-setup   do not look for missing packages
  --           what follows goes to ctest, for example: -- -R core_plan

environment
  BACKPLANE_ONNX_CORPUS   folder of ONNX's backend test data (default: Debian's libonnx-testdata)
  BACKPLANE_MODELS        folder of models with reference outputs (default: none, their tests are skipped)
TEXT
}

cd "$(dirname "$0")/.."
preset=dev build=build setup=yes
while [ $# -gt 0 ]; do
    case $1 in
        --asan | --tsan | --release) preset=${1#--} build=build-$preset ;;
        --no-setup) setup=no ;;
        --) shift; break ;;
        -h | --help) usage; exit 0 ;;
        *) echo "run.sh: unknown option '$1'" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

[ $setup = no ] || tests/setup.sh
jobs=$(nproc)
cmake --preset "$preset"
cmake --build --preset "$preset" -j "$jobs"

# One ctest entry may be a GoogleTest program of many cases; those write reports of their own.
report=$PWD/$build/ctest.xml cases=$PWD/$build/gtest
rm -rf "$report" "$cases"
status=0
GTEST_OUTPUT="xml:$cases/" ctest --preset "$preset" -j "$jobs" --output-junit "$report" "$@" || status=$?
[ -f "$report" ] || { echo "run.sh: ctest wrote no report" >&2; exit 1; }

# summary TOTAL FAILED SKIPPED
summary() { echo "$(($1 - $2 - $3)) passed, $2 failed, $3 skipped"; }

if ls "$cases"/*.xml >/dev/null 2>&1; then
    outcomes=$(cat "$cases"/*.xml)
    count() { echo "$outcomes" | grep -c "$1" || true; }
    printf 'cases inside the GoogleTest programs: '
    summary "$(count '<testcase ')" "$(echo "$outcomes" | sed -n 's/^<testsuites .*failures="\([0-9]*\)".*/\1/p' |
        awk '{ sum += $1 } END { print sum + 0 }')" "$(count 'result="\(skipped\|suppressed\)"')"
fi

# The head of ctest's report: <testsuite name= tests="N" failures="N" disabled="N" skipped="N" ...>
header=$(head -n 12 "$report" | tr '\n\t' '  ')
attribute() { echo "$header" | sed -n "s/.*[^a-z]$1=\"\([0-9]*\)\".*/\1/p"; }
total=$(attribute tests)
summary "$total" "$(attribute failures)" $(($(attribute skipped) + $(attribute disabled)))
[ "$status" -ne 0 ] || [ "$total" -gt 0 ] || { echo "run.sh: no tests ran" >&2; exit 1; }
exit $status
