"""The witness library: one variable per struct and callback, built with -g, so that libabigail sees every type.

The golden layout decides; abidiff explains. Without debug information it would report no change whatever happened,
so the dump is refused when it does not name every struct.
"""

import pathlib
import subprocess
import tempfile

import header_parser
from layout import LayoutError, run


def source(api):
    lines = [f"#include <{header}>" for header in api.headers]
    names = [struct.name for struct in api.structs] + [callback.name for callback in api.callbacks]
    lines += [f"extern {name} witness_{name};\n{name} witness_{name};" for name in names]
    return "\n".join(lines) + "\n"


def build(include, folder, compiler="cc"):
    """Builds the library in `folder`; gives its path. The debug information names no folder of this machine."""
    folder = pathlib.Path(folder)
    (folder / "witness.c").write_text(source(header_parser.parse(include)))
    library = folder / "libwitness.so"
    run([compiler, "-std=c11", "-g", "-O0", "-fPIC", "-shared", "-fno-eliminate-unused-debug-types",
         f"-fdebug-prefix-map={folder}=.", f"-fdebug-prefix-map={pathlib.Path(include)}=include",
         "-I", str(include), "witness.c", "-o", str(library)], cwd=folder)
    return library


def dump(include, compiler="cc"):
    """libabigail's XML of the witness."""
    with tempfile.TemporaryDirectory() as folder:
        library = build(include, folder, compiler)
        text = run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--type-id-style", "hash",
                    str(library)])
    for struct in header_parser.parse(include).structs:
        if f"name='{struct.name}'" not in text or f"witness_{struct.name}" not in text:
            raise LayoutError(f"the witness's dump does not show {struct.name}: was it built with -g?")
    return text


def difference(golden, include, compiler="cc"):
    """abidiff's report of what changed since `golden` (a file); empty: nothing."""
    with tempfile.TemporaryDirectory() as folder:
        now = pathlib.Path(folder, "now.abi")
        now.write_text(dump(include, compiler))
        done = subprocess.run(["abidiff", str(golden), str(now)], capture_output=True, text=True)
    if done.returncode & 3:  # errors of the tool itself
        raise LayoutError(f"abidiff: {done.stderr or done.stdout}")
    return done.stdout if done.returncode else ""
