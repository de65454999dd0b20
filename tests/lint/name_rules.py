"""Names that must not appear: operators where only the graph's form counts, providers in the core, this machine."""

import json
import pathlib
import re

from source_tree import string_literals, without_comments

FOLDERS_WITHOUT_OPERATORS = ("core/src/partition", "core/src/plan", "core/src/execute")
OPERATOR_LIST = pathlib.Path(__file__).with_name("onnx_operators.txt")

# Vendors' libraries: a name like these in the core's code means that the core knows who is behind the ABI.
VENDOR_WORDS = re.compile(r"dnnl|onednn|cudnn|cublas|nvrtc|clblast|openvino|tensorrt|rocm", re.IGNORECASE)

# Written in parts, so that this file does not find itself.
MACHINE_PATHS = re.compile(r"(?<![\w.$}])/(?:" + "|".join(("work", "tmp", "root", "home")) + r")/(?!\*)[\w.-]+")


def check_operator_names(tree):
    operators = set(OPERATOR_LIST.read_text().split())
    for name in tree.code_files(*FOLDERS_WITHOUT_OPERATORS):
        for line, literal in string_literals(tree.text(name)):
            if literal in operators:
                yield f'{name}:{line}: "{literal}" is an operator: this phase knows none by name'


def provider_ids(tree):
    """The ids in the manifests of the in-tree providers."""
    for name in tree.files:
        if name.startswith("providers/") and name.endswith(".json"):
            try:
                manifest = json.loads(tree.text(name))
                yield manifest["provider"]["id"]
            except (ValueError, KeyError, TypeError):
                continue  # no manifest; a broken one is the loader tests' business


def check_provider_names(tree):
    words = [re.escape(word) for word in provider_ids(tree)]
    words += [r"\bbp_" + name.split("/")[1] + r"\b" for name in tree.files if re.fullmatch(r"providers/\w+/CMakeLists.txt", name)]
    ids = re.compile("|".join(words)) if words else None
    for name in tree.code_files("core"):
        for number, line in enumerate(without_comments(tree.text(name)).splitlines(), 1):
            found = VENDOR_WORDS.search(line) or (ids and ids.search(line))
            if found:
                yield f"{name}:{number}: '{found.group(0)}' names a provider: the core knows none"


def check_machine_paths(tree):
    for name in tree.files:
        text = tree.text(name)
        for number, line in enumerate((text or "").splitlines(), 1):
            found = MACHINE_PATHS.search(line)
            if found:
                yield f"{name}:{number}: '{found.group(0)}' exists on one machine only"
