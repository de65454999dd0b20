"""Tiny graphs that measure the cost of a run and of a node: one Relu, and long chains."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import data_sets

OPSET = 13
IR_VERSION = 7
WIDTH = 8  # floats that flow through a chain

# One step of a chain: (operator, second operand or None). The four together turn x into -x for
# x >= -4, without rounding for the inputs used here, so a step that is lost or done twice shows in
# the result of any length.
STEPS = [("Add", 4), ("Relu", None), ("Sub", 4), ("Neg", None)]
APPLY = {
    "Add": lambda x, c: x + np.float32(c),
    "Relu": lambda x, _: np.maximum(x, np.float32(0)),
    "Sub": lambda x, c: x - np.float32(c),
    "Neg": lambda x, _: -x,
}


def save(folder, name, nodes, width, initializers):
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [width])],
        initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    onnx.save(model, f"{folder}/model.onnx")


def relu1(folder):
    """One Relu on one float."""
    save(folder, "relu1", [helper.make_node("Relu", ["x"], ["y"], "relu")], 1, [])
    for index, value in enumerate((-1.5, 2.5)):
        x = np.array([value], np.float32)
        data_sets.write(folder, index, [("x", x)], [("y", np.maximum(x, 0))])


def chain(length):
    """A chain of `length` elementwise nodes on 8 floats."""
    def write(folder):
        constants = [numpy_helper.from_array(np.full(1, value, np.float32), f"c_{operator.lower()}")
                     for operator, value in STEPS if value is not None]
        x = np.arange(WIDTH, dtype=np.float32) / 2 - 2
        nodes, value = [], x
        for i in range(length):
            operator, operand = STEPS[i % len(STEPS)]
            inputs = ["x" if i == 0 else f"t{i - 1}"]
            if operand is not None:
                inputs.append(f"c_{operator.lower()}")
            output = "y" if i == length - 1 else f"t{i}"
            nodes.append(helper.make_node(operator, inputs, [output], f"{operator.lower()}_{i}"))
            value = APPLY[operator](value, operand)
        save(folder, f"chain{length}", nodes, WIDTH, constants)
        data_sets.write(folder, 0, [("x", x)], [("y", value)])
    return write


def recipes():
    return {"relu1": relu1, **{f"chain{length}": chain(length) for length in (200, 10000, 20000, 100000)}}
