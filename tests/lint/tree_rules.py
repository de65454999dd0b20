"""The shape of the repository: names at the top, files that have grown long."""

TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", 
    "core", "provider_api", "providers", "examples", "conformance", "tests",
}  # fmt: skip
LONG_FILE_LINES = 400


def check_top_level(tree):
    for name in sorted({name.split("/")[0] for name in tree.files}):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield f"{name}: the top level is fixed: {' '.join(sorted(TOP_LEVEL))} and dotfiles"


def long_files(tree):
    """(lines, name) of the code files over the limit, longest first. A report, not a rule: tables may be long."""
    counted = ((tree.text(name).count("\n"), name) for name in tree.code_files())
    return sorted((entry for entry in counted if entry[0] > LONG_FILE_LINES), reverse=True)
