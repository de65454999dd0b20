#!/bin/sh
# Runs clang-tidy (.clang-tidy) over the compile commands of a build folder.
# usage: tests/lint/tidy.sh [BUILD_DIR] [PATH_REGEX]
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
pattern=${2:-'/(core|providers|provider_api|examples|conformance|tests)/.*'}
[ -f "$build/compile_commands.json" ] || { echo "tidy.sh: configure first: no $build/compile_commands.json" >&2; exit 2; }
runner=$(command -v run-clang-tidy || command -v run-clang-tidy-14) || { echo "tidy.sh: no run-clang-tidy" >&2; exit 2; }
exec "$runner" -quiet -p "$build" -j "$(nproc)" "^$PWD$pattern\\.(c|cpp)\$"
