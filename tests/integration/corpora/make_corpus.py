"""Writes the node cases of the installed `onnx` package as folders: FOLDER/node/NAME/{model.onnx, test_data_set_0}.

Usage: make_corpus.py FOLDER   (onnx and pillow from PyPI, in a virtual environment; tests/setup.sh --corpora makes both)
"""

import os
import shutil
import sys

from onnx import TensorProto, numpy_helper
from onnx.backend.test.case import node


def to_proto(value, info):
    """A case's value in the type that the graph declares for it."""
    kind = info.type.WhichOneof("value")
    if kind == "map_type":
        return numpy_helper.from_dict(value, info.name)
    if kind == "sequence_type":
        return numpy_helper.from_list(value, info.name)
    if kind == "optional_type":
        return numpy_helper.from_optional(value, info.name)
    return value if isinstance(value, TensorProto) else numpy_helper.from_array(value, info.name)


def write(path, proto):
    with open(path, "wb") as file:
        file.write(proto.SerializeToString())


def write_case(case, folder):
    shutil.rmtree(folder, ignore_errors=True)
    for number, (inputs, outputs) in enumerate(case.data_sets):
        data = os.path.join(folder, f"test_data_set_{number}")
        os.makedirs(data)
        for kind, values, infos in (("input", inputs, case.model.graph.input), ("output", outputs, case.model.graph.output)):
            for index, (value, info) in enumerate(zip(values, infos)):
                write(os.path.join(data, f"{kind}_{index}.pb"), to_proto(value, info))
    write(os.path.join(folder, "model.onnx"), case.model)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cases = node.collect_testcases("")
    for case in cases:
        write_case(case, os.path.join(sys.argv[1], "node", case.name))
    print(f"{len(cases)} cases in {sys.argv[1]}")


if __name__ == "__main__":
    main()
