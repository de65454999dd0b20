"""Writes and names the files of one test_data_set_N folder."""
import os

import numpy as np
from onnx import numpy_helper


def write(folder, index, inputs, outputs):
    """inputs, outputs: lists of (name, numpy array) in the graph's order."""
    target = os.path.join(folder, f"test_data_set_{index}")
    os.makedirs(target, exist_ok=True)
    for kind, tensors in (("input", inputs), ("output", outputs)):
        for position, (name, array) in enumerate(tensors):
            proto = numpy_helper.from_array(np.asarray(array, order="C"), name)
            with open(os.path.join(target, f"{kind}_{position}.pb"), "wb") as file:
                file.write(proto.SerializeToString())
