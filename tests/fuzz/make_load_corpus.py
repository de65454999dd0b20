#!/usr/bin/env python3
"""Writes corpus/load: small models that between them reach every part of the loader. Needs the onnx package."""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).with_name("corpus") / "load"


def value(name, kind=TensorProto.FLOAT, dims=(2, "n")):
    return helper.make_tensor_value_info(name, kind, dims)


def save(name, nodes, inputs, outputs, opset=15, **extra):
    functions = extra.pop("functions", [])
    graph = helper.make_graph(nodes, name, inputs, outputs, **extra)
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("local", 1)]
    model = helper.make_model(graph, opset_imports=imports, functions=functions, producer_name="corpus")
    (FOLDER / (name + ".onnx")).write_bytes(model.SerializeToString())


def initializers():
    big = np.arange(600, dtype=np.float32)  # large enough to be lifted out of the file
    typed = helper.make_tensor("typed", TensorProto.INT32, [3], [1, 2, 3])
    half = helper.make_tensor("half", TensorProto.FLOAT16, [2], [1.0, 2.0])
    words = helper.make_tensor("words", TensorProto.STRING, [2], [b"a", b"bc"])
    sparse = helper.make_sparse_tensor(
        helper.make_tensor("sparse", TensorProto.FLOAT, [2], [1.0, 2.0]),
        helper.make_tensor("at", TensorProto.INT64, [2], [0, 5]), [6])  # fmt: skip
    outside = TensorProto(name="outside", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, text in (("location", "weights.bin"), ("offset", "0"), ("length", "16")):
        outside.external_data.add(key=key, value=text)
    constant = helper.make_node("Constant", [], ["c"], value_floats=[1.0, 2.0])
    add = helper.make_node("Add", ["x", "c"], ["y"])
    tensors = [numpy_helper.from_array(big, "big"), typed, half, words]
    save("initializers", [constant, add], [value("x")], [value("y")], initializer=tensors, sparse_initializer=[sparse])
    save("external", [add], [value("x")], [value("y")], initializer=[outside])


def regions():
    def body(name, operator):
        return helper.make_graph([helper.make_node(operator, ["x"], [name])], name, [], [value(name)])

    branch = helper.make_node("If", ["on"], ["z"], then_branch=body("a", "Relu"), else_branch=body("b", "Neg"))
    step = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["goes"]), helper.make_node("Add", ["s", "z"], ["t"])],
        "step", [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("s")],
        [value("goes", TensorProto.BOOL, []), value("t")])  # fmt: skip
    loop = helper.make_node("Loop", ["times", "on", "x"], ["y"], body=step)
    inputs = [value("x"), value("on", TensorProto.BOOL, []), value("times", TensorProto.INT64, [])]
    save("regions", [branch, loop], inputs, [value("y")])


def functions():
    double = helper.make_function(
        "local", "Double", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 15)])
    nodes = [helper.make_node("Double", ["x"], ["h"], domain="local"), helper.make_node("Double", ["h"], ["y"], domain="local")]
    save("functions", nodes, [value("x")], [value("y")], functions=[double])


def attributes():
    node = helper.make_node(
        "Anything", ["x"], ["y"], domain="local", f=1.5, i=3, s="text", fs=[1.0], ints=[1, 2], strings=["a", "b"],
        t=helper.make_tensor("t", TensorProto.UINT8, [2], [1, 2]))  # fmt: skip
    save("attributes", [node], [value("x")], [value("y")])
    sequence = helper.make_tensor_sequence_value_info("q", TensorProto.FLOAT, None)
    save("sequence", [helper.make_node("SequenceConstruct", ["x", "x"], ["q"])], [value("x")], [sequence])
    body = helper.make_graph(
        [helper.make_node("Add", ["x", "e"], ["s"])], "map", [value("e"), value("w")], [value("s")])  # fmt: skip
    mapped = helper.make_node("SequenceMap", ["p", "x"], ["q"], body=body)
    save("sequence_map", [mapped], [helper.make_tensor_sequence_value_info("p", TensorProto.FLOAT, None), value("x")],
         [sequence], opset=17)  # fmt: skip


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    initializers()
    regions()
    functions()
    attributes()
    print(f"wrote {len(list(FOLDER.glob('*.onnx')))} models to {FOLDER.name} (onnx {onnx.__version__})")
