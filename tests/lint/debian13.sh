#!/bin/sh
# Compiles the whole tree against Debian 13's libraries (oneDNN 3.x, onnx 1.17, gcc 14) in a folder made by debootstrap,
# and runs the tests that need no other data there. Needs root and the package debootstrap; keeps the folder for the
# next time (about 1.5 GB).
set -eu

usage() {
    cat <<'TEXT'
usage: tests/lint/debian13.sh ROOT_FOLDER [MIRROR]

  ROOT_FOLDER   where Debian 13 is unpacked, on the first use, and the tree is built
  MIRROR        a Debian mirror other than debootstrap's own
TEXT
}

case ${1:-} in
    '' | -h | --help) usage; exit 2 ;;
esac
root=$1 mirror=${2:-}
cd "$(dirname "$0")/../.."

packages=g++,cmake,ninja-build,pkg-config,python3,binutils,binutils-gold,libgomp1,libonnx-dev,libprotobuf-dev,protobuf-compiler
packages=$packages,libdnnl-dev,libboost-dev,nlohmann-json3-dev,libcli11-dev,libtomlplusplus-dev,libfmt-dev,libspdlog-dev,libxxhash-dev
packages=$packages,libssl-dev,libstb-dev,libre2-dev,libgtest-dev,libgmock-dev,ccache

if [ ! -e "$root/.unpacked" ]; then
    # shellcheck disable=SC2086  # no mirror, no argument
    debootstrap --variant=minbase --include="$packages" trixie "$root" $mirror
    touch "$root/.unpacked"
fi

rm -rf "$root/src"
mkdir -p "$root/src" "$root/build"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$root/src"

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
inside dpkg-query -W -f '${Package} ${Version}\n' libonnx-dev libdnnl-dev libprotobuf-dev g++
inside cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBACKPLANE_WERROR=ON
inside cmake --build /build -j "$(nproc)" -- -k 0
inside ctest --test-dir /build --output-on-failure -E '^lint\.(source|format)$'
