"""What is measured: a model file, its inputs as .npy files, and how a session of it is made."""
import copy
import os

import numpy as np
import onnx
from onnx import numpy_helper


class Case:
    """`dims` fixes symbolic dims on every side; `programs` is a file of saved programs (Backplane alone)."""

    def __init__(self, name, model, inputs, shapes, opt="all", dims=None, programs=None):
        self.name, self.model, self.inputs, self.shapes, self.opt = name, model, inputs, shapes, opt
        self.dims, self.programs = dims or {}, programs

    def input_arguments(self):
        return [word for name, path in self.inputs for word in ("--input", f"{name}={path}")]

    def dim_arguments(self):
        return [word for name, size in self.dims.items() for word in ("--dim", f"{name}={size}")]

    def but(self, **changes):
        """A copy with some fields changed."""
        other = copy.copy(self)
        for name, value in changes.items():
            setattr(other, name, value)
        return other


def read_tensor(path):
    with open(path, "rb") as file:
        return numpy_helper.to_array(onnx.TensorProto.FromString(file.read()))


def graph_inputs(model):
    """The inputs of a model file that are not initializers."""
    graph = onnx.load(model, load_external_data=False).graph
    constants = {tensor.name for tensor in graph.initializer}
    return [value for value in graph.input if value.name not in constants]


def dims_of(value):
    """A dim is its size, its symbol or None."""
    dims = value.type.tensor_type.shape.dim
    return [dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None for dim in dims]


def made_up(value):
    """arange(n)/n in the input's type and shape, a dim without a size being 1."""
    if not value.type.HasField("tensor_type"):
        raise ValueError(f"input '{value.name}' is no tensor and has no file")
    shape = [dim if isinstance(dim, int) and dim > 0 else 1 for dim in dims_of(value)]
    count = int(np.prod(shape))
    dtype = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
    return (np.arange(count) / count).astype(dtype).reshape(shape)


def load_case(path, scratch, batch=None):
    """`path` is a folder in the backend-test layout, whose first data set is taken, or an .onnx file, which gets
    made-up inputs. `batch` repeats the inputs along their first dim and fixes its symbol."""
    model = path if path.endswith(".onnx") else os.path.join(path, "model.onnx")
    label = os.path.basename(path.removesuffix(".onnx").rstrip("/"))
    inputs, shapes, dims = [], [], {}
    for index, value in enumerate(graph_inputs(model)):
        data = os.path.join(os.path.dirname(model), "test_data_set_0", f"input_{index}.pb")
        array = read_tensor(data) if not path.endswith(".onnx") and os.path.exists(data) else made_up(value)
        if batch:
            array = np.concatenate([array[:1]] * batch)
            symbol = dims_of(value)[0]
            if isinstance(symbol, str):
                dims[symbol] = batch
        file = os.path.join(scratch, f"{label}_{batch or 'as_is'}_{index}.npy")
        np.save(file, array)
        inputs.append((value.name, file))
        shapes.append(array.shape)
    return Case(label, model, inputs, shapes, dims=dims)
