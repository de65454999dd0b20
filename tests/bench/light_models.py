"""Makes normal model files of the architectures in the ONNX corpus' `light` folder.

Those files hold ConstantOfShape nodes instead of weights. Each becomes a seeded random initializer that suits its
place (He for products, positive variances), and the batch becomes a symbol where it is a fixed 1: dim 0 of the
inputs and of constant Reshape targets, which then copy it.
"""
import collections

import numpy as np
import onnx
from onnx import numpy_helper

# Light file -> name here. All are image classifiers on [1, 3, 224, 224].
NETWORKS = {"squeezenet": "squeezenet", "densenet121": "densenet121", "inception_v1": "inception_v1",
            "inception_v2": "inception_v2", "shufflenet": "shufflenet", "bvlc_alexnet": "alexnet",
            "zfnet512": "zfnet512", "vgg19": "vgg19"}


def places(graph):
    """value -> (operator, input index) of its first reader, looked for through Unsqueeze and Reshape."""
    readers = collections.defaultdict(list)
    for node in graph.node:
        for index, name in enumerate(node.input):
            readers[name].append((node, index))

    def place(name):
        for node, index in readers[name]:
            if node.op_type in ("Unsqueeze", "Reshape") and index == 0:
                return place(node.output[0])
            return node.op_type, index
        return "", 0
    return place


def weights(generator, shape, place):
    """Random numbers for a constant that is read at `place`; None where it is not a weight."""
    if place in (("Conv", 1), ("Gemm", 1)):  # a Gemm of these files has transB: [outputs, inputs]
        return generator.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
    if place in (("BatchNormalization", 1), ("BatchNormalization", 4), ("Mul", 0), ("Mul", 1)):
        return generator.uniform(0.5, 1.5, shape)
    if place in (("Conv", 2), ("Gemm", 2), ("Add", 0), ("Add", 1), ("BatchNormalization", 2),
                 ("BatchNormalization", 3)):
        return generator.uniform(-0.2, 0.2, shape)
    return None


def with_weights(graph):
    generator = np.random.default_rng(0)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    place = places(graph)
    shapes = {name: array.shape for name, array in constants.items()}
    filled = {node.output[0]: tuple(constants[node.input[0]])
              for node in graph.node if node.op_type == "ConstantOfShape"}
    for name, shape in {**shapes, **filled}.items():
        values = weights(generator, shape, place(name))
        if values is not None:
            constants[name] = values.astype(np.float32)
        elif name in filled:
            raise ValueError(f"no rule for the weights '{name}' that {place(name)} reads")
    kept = [node for node in graph.node if node.op_type != "ConstantOfShape"]
    used = {name for node in kept for name in node.input}
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(kept)
    graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in constants.items() if name in used)
    inputs = [value for value in graph.input if value.name not in constants]
    del graph.input[:]
    graph.input.extend(inputs)


def with_batch(graph):
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        target = constants.get(node.input[1]) if node.op_type == "Reshape" else None
        if target is not None and node.input[0] not in constants:
            dims = numpy_helper.to_array(target).copy()
            if dims[0] == 1:
                dims[0] = 0
                target.CopyFrom(numpy_helper.from_array(dims, target.name))
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"


def write(source, target):
    model = onnx.load(source)
    with_weights(model.graph)
    with_batch(model.graph)
    # From IR 4 on initializers are no inputs.
    model.ir_version = 4
    onnx.checker.check_model(model)
    onnx.save(model, target)
