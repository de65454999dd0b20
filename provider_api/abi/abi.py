#!/usr/bin/env python3
"""Checks the provider ABI against the golden files of this folder, or writes them anew.

  abi.py check                compares the headers with layout.txt and witness.abi
  abi.py update [--accept]    shows what would change in the golden files; --accept writes them

A released layout only grows: `update --accept` refuses a change of what is there unless --break is given too, which is
for a new major version (or an unreleased one). exit code: 0 nothing to report, 1 differences, 2 an error.
"""

import argparse
import difflib
import pathlib
import shutil
import sys

import comments
import header_parser
import layout
import witness

HERE = pathlib.Path(__file__).resolve().parent


def check(include, golden, compiler):
    """Everything that is wrong, as lines."""
    api = header_parser.parse(include, drafts=True)
    now = layout.measure(include, compiler)
    findings = comments.missing(api) + layout.padding(now)
    broken, new = layout.compare((golden / "layout.txt").read_text(), now)
    findings += [f"broken: {line}" for line in broken]
    findings += [f"new, not in layout.txt: {line}" for line in new]
    if shutil.which("abidiff"):
        report = witness.difference(golden / "witness.abi", include, compiler)
        findings += [f"abidiff: {line}" for line in report.splitlines() if line.strip()]
    else:
        print("abidiff is not installed: the witness is not compared", file=sys.stderr)
    return findings


def update(include, golden, compiler, accept, break_it):
    layout_file, witness_file = golden / "layout.txt", golden / "witness.abi"
    before = layout_file.read_text() if layout_file.exists() else ""
    now = layout.measure(include, compiler)
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), now.splitlines(True), "layout.txt", "headers"))
    broken, _ = layout.compare(before, now)
    for line in broken:
        print(f"broken: {line}")
    if not accept:
        return 1 if before != now else 0
    if broken and not break_it:
        print("nothing written: a released layout never changes (--break for a new major version)")
        return 1
    layout_file.write_text(now)
    witness_file.write_text(witness.dump(include, compiler))
    print(f"written: {layout_file.name}, {witness_file.name}")
    return 0


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["check", "update"])
    parser.add_argument("--accept", action="store_true", help="write the golden files")
    parser.add_argument("--break", dest="break_it", action="store_true", help="even where something existing changes")
    parser.add_argument("--include", type=pathlib.Path, default=HERE.parent / "include")
    parser.add_argument("--golden", type=pathlib.Path, default=HERE)
    parser.add_argument("--compiler", default="cc")
    options = parser.parse_args(arguments)
    include = options.include.resolve()
    try:
        if options.command == "update":
            return update(include, options.golden, options.compiler, options.accept, options.break_it)
        findings = check(include, options.golden, options.compiler)
    except (header_parser.HeaderError, layout.LayoutError, OSError) as error:
        print(f"abi.py: {error}", file=sys.stderr)
        return 2
    for line in findings:
        print(line)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
