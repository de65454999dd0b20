"""What built libraries export, need and weigh, as the binutils tell it."""

import os
import re
import subprocess
import tempfile

PROVIDER_ENTRY = "bp_provider_open_v1"
# The library belongs to no vendor: these come with providers.
FOREIGN_TO_CORE = re.compile(r"dnnl|gomp|OpenCL|libcu|cudart|nvrtc")
# What is shipped of the core, debug data stripped; onnx and protobuf are libraries of their own.
MAX_CORE_BYTES = 2_000_000


def _tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported(library):
    lines = _tool("nm", "-D", "--defined-only", str(library)).splitlines()
    return sorted(line.split()[-1].split("@")[0] for line in lines if line.strip())


def needed(library):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", _tool("readelf", "-d", str(library)))


def stripped_bytes(library):
    with tempfile.NamedTemporaryFile() as copy:
        _tool("strip", "-o", copy.name, str(library))
        return os.path.getsize(copy.name)


def check_provider_library(library):
    symbols = exported(library)
    if symbols != [PROVIDER_ENTRY]:
        yield f"{library}: exports {' '.join(symbols) or 'nothing'}, expected {PROVIDER_ENTRY} alone"
    for name in needed(library):
        if name.startswith("libbackplane"):
            yield f"{library}: needs {name}: a provider imports nothing of the host"


def _strong(*objects):
    """The functions that these objects define and that no other may define too."""
    lines = _tool("nm", "--defined-only", *map(str, objects)).splitlines()
    return {line.split()[-1] for line in lines if re.match(r"[0-9a-f]+ T ", line)}


def check_judge(program, allowed, forbidden):
    """`program` is linked from objects of the folders `allowed` alone, and of none of `forbidden`."""
    names = sorted(_strong(program) & (_strong(*forbidden) - _strong(*allowed)))
    if names:
        yield f"{program}: has {len(names)} functions of core folders that a judge may not link, {names[0]} the first"


def check_core_library(library):
    for symbol in exported(library):
        # Mangled names of namespace bp, their vtables and type information, and the C API.
        if not re.match(r"bp_|_ZT[VISTCh]?\w*2bp|_ZNK?2bp|_Z\w*2bp", symbol):
            yield f"{library}: exports {symbol}, which is not ours"
    for name in needed(library):
        if FOREIGN_TO_CORE.search(name):
            yield f"{library}: needs {name}, which belongs to a provider"
    size = stripped_bytes(library)
    if size > MAX_CORE_BYTES:
        yield f"{library}: {size} bytes stripped, the limit is {MAX_CORE_BYTES}"
