#!/usr/bin/env python3
"""Checks the rules of this tree that no compiler knows. Prints a line per finding; exit code 1 when there is one.

usage: lint.py [--root DIR] source           include directions, forbidden names, top level; reports long files
       lint.py [--root DIR] format           clang-format over all tracked C and C++ files
       lint.py symbols [--core LIB] [PROVIDER_LIB...]   what built libraries export, need and weigh
       lint.py judge --objects FOLDER PROGRAM  the conformance runner has nothing of the core's later phases; FOLDER is
                                               core/src as it was compiled
"""

import argparse
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import include_rules
import name_rules
import symbol_rules
import tree_rules
from source_tree import SourceTree

SOURCE_RULES = (
    include_rules.check_includes,
    name_rules.check_operator_names,
    name_rules.check_provider_names,
    name_rules.check_machine_paths,
    tree_rules.check_top_level,
)


def lint_source(root):
    tree = SourceTree(root)
    findings = [finding for rule in SOURCE_RULES for finding in rule(tree)]
    for lines, name in tree_rules.long_files(tree):
        print(f"note: {name} has {lines} lines (over {tree_rules.LONG_FILE_LINES})")
    return findings


def lint_format(root, program="clang-format"):
    tree = SourceTree(root)
    files = [str(tree.root / name) for name in tree.code_files() if "/frozen/" not in name]
    chunks = [files[start : start + 24] for start in range(0, len(files), 24)]

    def run(chunk):
        return subprocess.run([program, "--dry-run", "-Werror", *chunk], capture_output=True, text=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [done.stderr for done in pool.map(run, chunks) if done.returncode != 0]


def lint_symbols(core, providers):
    findings = []
    if core:
        findings += symbol_rules.check_core_library(core)
    for library in providers:
        findings += symbol_rules.check_provider_library(library)
    return findings


def lint_judge(objects, program):
    allowed, forbidden = [], []
    for path in sorted(pathlib.Path(objects).rglob("*.o")):
        folder = path.relative_to(objects).parts[0]
        (allowed if folder in include_rules.CONFORMANCE_SEES else forbidden).append(path)
    if not allowed or not forbidden:
        return [f"{objects}: expected the objects of core/src"]
    return list(symbol_rules.check_judge(program, allowed, forbidden))


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--clang-format", default="clang-format")
    parser.add_argument("check", choices=("source", "format", "symbols", "judge"))
    parser.add_argument("--core", help="the core's shared library")
    parser.add_argument("--objects", help="the folder of core/src's objects")
    parser.add_argument("libraries", nargs="*", help="providers' libraries, or the conformance runner")
    options = parser.parse_intermixed_args(arguments)
    if options.check == "source":
        findings = lint_source(options.root)
    elif options.check == "format":
        findings = lint_format(options.root, options.clang_format)
    elif options.check == "judge":
        findings = [finding for program in options.libraries for finding in lint_judge(options.objects, program)]
    else:
        findings = lint_symbols(options.core, options.libraries)
    for finding in findings:
        print(finding)
    print(f"lint {options.check}: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
