#!/usr/bin/python3
"""Writes the models that the benchmarks and the quickstart use, each in the backend-test layout.

Architectures from torchvision and a plain transformer encoder, exported by PyTorch with seeded
random weights, and a few tiny graphs made node by node. Each folder holds model.onnx and
test_data_set_N with reference outputs from PyTorch (numpy for the tiny graphs). Nothing is
downloaded. Needs Debian's python3-torch, python3-torchvision and python3-onnx
(tests/setup.sh --export).

    examples/models/export.py --list
    examples/models/export.py --out build/models resnet50 relu1
"""
import argparse
import os
import sys

import chains
import networks


def recipes():
    """name -> function(folder), in the order in which they are written."""
    table = {}
    table.update(chains.recipes())
    table.update(networks.recipes())
    return table


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    table = recipes()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=os.path.join(root, "build", "models"), help="default: build/models")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--force", action="store_true", help="write also what is already there")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    options = parser.parse_args()
    if options.list:
        print("\n".join(table))
        return
    unknown = [name for name in options.names if name not in table]
    if unknown:
        sys.exit(f"export.py: unknown model '{unknown[0]}'; there are: {', '.join(table)}")
    for name in options.names or table:
        folder = os.path.join(options.out, name)
        # An empty file, written last, says that the folder is whole.
        done = os.path.join(folder, ".complete")
        if os.path.exists(done) and not options.force:
            print(f"{name}: already there")
            continue
        os.makedirs(folder, exist_ok=True)
        table[name](folder)
        open(done, "w").close()
        size = os.path.getsize(os.path.join(folder, "model.onnx"))
        print(f"{name}: {size / 1e6:.3f} MB", flush=True)


if __name__ == "__main__":
    main()
