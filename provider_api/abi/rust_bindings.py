#!/usr/bin/env python3
"""Writes the ABI's headers as a Rust module, to standard output: structs, constants, handles, callbacks.

  rust_bindings.py [--include FOLDER] [--compiler CC] > backplane.rs

The sizes that the C compiler sees are asserted in the module, so that a difference does not compile.
"""

import argparse
import pathlib
import re
import sys

import header_parser
import layout

HERE = pathlib.Path(__file__).resolve().parent
NUMBERS = {
    "uint8_t": "u8", "uint32_t": "u32", "int32_t": "i32", "uint64_t": "u64", "int64_t": "i64",
    "float": "f32", "double": "f64", "char": "u8", "void": "c_void",
}  # fmt: skip
HANDLE = re.compile(r"typedef struct (\w+_object)\* (\w+);")
KEYWORDS = {"fn", "match", "move", "ref", "self", "type", "use"}
HEAD = """\
// The provider ABI, written by provider_api/abi/rust_bindings.py from the headers. Do not edit.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(non_camel_case_types, dead_code, clippy::all)]

use core::ffi::c_void;
"""


def rust_type(text):
    """The Rust form of a C type: "const void**" gives "*mut *const c_void"."""
    text = text.replace("struct ", "").strip()
    stars = len(text) - len(text.rstrip("*"))
    words = text.rstrip("*").split()
    constant = words[0] == "const"
    name = words[-1]
    made = NUMBERS.get(name, name)
    for star in range(stars):
        made = ("*const " if star == 0 and constant else "*mut ") + made
    return made


def named(text):
    """(name, Rust type) of a field or parameter "const bp_slice* src"."""
    match = re.match(r"(.*?)(\w+)$", text)
    name = match[2] + "_" if match[2] in KEYWORDS else match[2]
    return name, rust_type(match[1])


def function_type(result, parameters):
    parts = [named(part.strip()) for part in parameters.split(",") if part.strip() not in ("", "void")]
    made = 'unsafe extern "C" fn(' + ", ".join(f"{name}: {type_}" for name, type_ in parts) + ")"
    return made if result.strip() == "void" else f"{made} -> {rust_type(result)}"


def field(declaration):
    function = re.match(r"(.*?)\(\*(\w+)\)\((.*)\)$", declaration)
    if function:
        return function[2], f"Option<{function_type(function[1], function[3])}>"
    return named(declaration)


def constant(entry):
    if entry.value.startswith('"'):
        return f"pub const {entry.name}: &str = {entry.value};"
    signed = re.match(r"INT64_C\((-?\d+)\)", entry.value)
    value = f"{signed[1]}" if signed else entry.value.rstrip("u")
    return f"pub const {entry.name}: {'i64' if signed else 'u32'} = {value};"


def write(include, compiler):
    api = header_parser.parse(include)
    sizes = dict(re.findall(r"^struct (\w+) size (\d+)", layout.measure(include, compiler), re.MULTILINE))
    lines = [HEAD]
    lines += [constant(entry) for entry in api.constants]
    for header in api.headers:
        for object_, handle in HANDLE.findall((pathlib.Path(include) / header).read_text()):
            lines.append(f"\n#[repr(C)]\npub struct {object_} {{\n    _opaque: [u8; 0],\n}}")
            lines.append(f"pub type {handle} = *mut {object_};")
    for callback in api.callbacks:
        match = re.match(r"typedef (.*?)\(\*(\w+)\)\((.*)\);", callback.declaration)
        lines.append(f"\npub type {match[2]} = Option<{function_type(match[1], match[3])}>;")
    for struct in api.structs:
        lines.append(f"\n#[repr(C)]\n#[derive(Clone, Copy)]\npub struct {struct.name} {{")
        lines += ["    pub {}: {},".format(*field(one.declaration)) for one in struct.fields]
        lines.append("}")
        lines.append(f"const _: () = assert!(core::mem::size_of::<{struct.name}>() == {sizes[struct.name]});")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--include", type=pathlib.Path, default=HERE.parent / "include")
    parser.add_argument("--compiler", default="cc")
    options = parser.parse_args()
    try:
        sys.stdout.write(write(options.include, options.compiler))
    except (header_parser.HeaderError, layout.LayoutError, OSError) as error:
        print(f"rust_bindings.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
