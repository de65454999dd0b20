"""Who may include whom. The picture is in core/docs/architecture.md; the tables here are its letter."""

import posixpath

from source_tree import includes

# core/src: each folder with what it may see besides itself, folders or single headers. A phase sees the graph, what is
# known about operators and the output of the phases before it; only session knows the order of the phases.
_GROUND = {"base", "graph", "ops"}
_PARTITIONS = "partition/partitioned_graph.hpp"  # what partition hands on; compile adds programs to it
CORE_FOLDERS = {
    "base": set(),
    "graph": {"base"},
    "ops": {"base", "graph"},
    "load": _GROUND,
    "check": _GROUND,
    "canonicalize": _GROUND,
    "infer": _GROUND,
    "optimize": _GROUND,
    "provider": _GROUND,
    "partition": _GROUND | {"provider"},
    "compile": _GROUND | {"provider", _PARTITIONS},
    "plan": _GROUND | {"compile", _PARTITIONS},
    "execute": _GROUND | {"provider", "compile", "plan", _PARTITIONS},
}
CORE_FOLDERS["session"] = set(CORE_FOLDERS)
CORE_FOLDERS["api"] = _GROUND | {"provider", "session"}

# What the conformance runner may see of core/src: a judge that optimized or executed would judge the core too.
CONFORMANCE_SEES = _GROUND | {"load", "check", "canonicalize", "infer", "provider"}

MODEL_FORMAT_HEADERS = ("onnx/", "google/protobuf/")
MODEL_FORMAT_FOLDERS = ("core/src/load/", "core/src/ops/onnx_bridge/")

PROVIDER_API, CORE_API, CORE_INTERNAL, PROVIDER, OTHER = "provider_api", "core/include", "core/src", "providers", ""


def classify(tree_names, file_name, path):
    """(area, folder) of an included path: ours by where it lies, OTHER for everything else. For core/src the second is
    the path below it."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(file_name), path))
    if beside in tree_names:
        parts = beside.split("/")
        if beside.startswith("core/src/"):
            return CORE_INTERNAL, "/".join(parts[2:])
        if parts[0] == "providers":
            return PROVIDER, parts[1]
        if beside.startswith("core/include/"):
            return CORE_API, ""
        if parts[0] == "provider_api":
            return PROVIDER_API, ""
        return OTHER, parts[0]
    if path.startswith(("backplane/provider/", "backplane/provider_cpp/")):
        return PROVIDER_API, ""
    if path.startswith("backplane/"):
        return CORE_API, ""
    folder = path.split("/")[0]
    if "/" in path and folder in CORE_FOLDERS and "core/src/" + path in tree_names:
        return CORE_INTERNAL, path
    return OTHER, ""


def _refusal(file_name, area, folder, path):
    """Why the file may not include what was classified, or None."""
    parts = file_name.split("/")
    if file_name.startswith("provider_api/include/"):
        if area not in (PROVIDER_API, OTHER):
            return "provider_api includes nothing else of this tree"
        if area == OTHER and "/" in path:
            return "provider_api includes the standard headers only"
    elif file_name.startswith("core/include/"):
        if area in (CORE_INTERNAL, PROVIDER):
            return "public headers include no internals"
    elif file_name.startswith("core/src/"):
        if area == PROVIDER:
            return "the core includes no provider"
        if area == CORE_INTERNAL and len(parts) > 3:
            own, other = parts[2], folder.split("/")[0]
            if own in CORE_FOLDERS and other != own and not {folder, other} & CORE_FOLDERS[own]:
                return f"core/src/{own} may not see core/src/{folder}"
    elif file_name.startswith("core/"):
        if area in (CORE_INTERNAL, PROVIDER, PROVIDER_API):
            return f"{'/'.join(parts[:2])} uses core/include only"
    elif parts[0] == "providers" and len(parts) > 2:
        if area in (CORE_API, CORE_INTERNAL):
            return "a provider includes provider_api and its vendor's library, nothing of the core"
        if area == PROVIDER and folder != parts[1]:
            return "a provider includes no other provider"
    elif parts[0] == "examples":
        if area in (CORE_INTERNAL, PROVIDER):
            return "examples use the installed headers only"
    elif parts[0] == "conformance":
        if area == PROVIDER:
            return "the conformance runner includes no provider"
        if area == CORE_INTERNAL and folder.split("/")[0] not in CONFORMANCE_SEES:
            return f"the conformance runner may not see core/src/{folder}"
    return None


def check_includes(tree):
    """The finding lines for all code files."""
    names = set(tree.files)
    for name in tree.code_files("provider_api", "core", "providers", "examples", "conformance"):
        for line, _, path in includes(tree.text(name)):
            place = f"{name}:{line}"
            area, folder = classify(names, name, path)
            reason = _refusal(name, area, folder, path)
            if reason:
                yield f"{place}: includes {path}: {reason}"
            if path.startswith(MODEL_FORMAT_HEADERS) and name.startswith(("core/", "providers/", "provider_api/")):
                if not name.startswith(MODEL_FORMAT_FOLDERS):
                    yield f"{place}: includes {path}: only {' and '.join(MODEL_FORMAT_FOLDERS)} know the model format"
