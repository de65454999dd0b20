"""The models that compare_peers.py makes for itself, in a folder beside the exported ones; each is made once."""
import os
import shutil

import numpy as np
from onnx import numpy_helper

import cases
import light_models
import quantized_models


def save_inputs(folder, model, source):
    """A data set: the source's when it has one, else seeded normal numbers for [batch, 3, 224, 224]."""
    target = os.path.join(folder, "test_data_set_0")
    given = source and os.path.join(source, "test_data_set_0")
    os.makedirs(target, exist_ok=True)
    for index, value in enumerate(cases.graph_inputs(model)):
        path = os.path.join(target, f"input_{index}.pb")
        if given and os.path.exists(given):
            shutil.copy(os.path.join(given, f"input_{index}.pb"), path)
            continue
        shape = [dim if isinstance(dim, int) else 1 for dim in cases.dims_of(value)]
        array = np.random.default_rng(index).standard_normal(shape).astype(np.float32)
        with open(path, "wb") as file:
            file.write(numpy_helper.from_array(array, value.name).SerializeToString())


class MadeModels:
    def __init__(self, models, corpus):
        self.models, self.corpus = models, corpus

    def make(self, name, source_folder, write):
        folder = os.path.join(self.models, "made", name)
        done = os.path.join(folder, ".complete")  # an empty file, written last
        if not os.path.exists(done):
            print(f"making {name}", flush=True)
            os.makedirs(folder, exist_ok=True)
            model = os.path.join(folder, "model.onnx")
            write(model)
            save_inputs(folder, model, source_folder)
            open(done, "w").close()
        return folder

    def light(self, name):
        """A network of the corpus' light folder, with weights; None without a corpus."""
        file = next(key for key, value in light_models.NETWORKS.items() if value == name)
        source = os.path.join(self.corpus or "", "light", f"light_{file}.onnx")
        if not os.path.exists(source):
            return None
        return self.make(name, None, lambda target: light_models.write(source, target))

    def exported(self, name):
        """A network of examples/models/export.py; None when it is not there."""
        folder = os.path.join(self.models, name)
        return folder if os.path.exists(os.path.join(folder, "model.onnx")) else None

    def quantized(self, name):
        source = self.exported(quantized_models.RECIPES[name][0])
        if source is None:
            return None
        float_model = os.path.join(source, "model.onnx")
        return self.make(name, source, lambda target: quantized_models.write(name, float_model, target))
