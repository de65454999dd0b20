"""One ONNX Runtime session behind the line protocol of child_protocol.py."""
import numpy as np
import onnxruntime as ort

import child_protocol

LEVELS = {
    "none": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


def load(options):
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    settings.graph_optimization_level = LEVELS[options.opt]
    settings.log_severity_level = 3
    for name, size in options.dims.items():
        settings.add_free_dimension_override_by_name(name, size)
    return ort.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])


def bind(session, inputs):
    """Inputs and outputs bound once, outputs into memory of the shapes that a first run gave. Outputs that are no
    tensors, or hold text, cannot be bound: such a session is run with its inputs as they are."""
    results = session.run(None, inputs)
    if not all(isinstance(array, np.ndarray) and array.dtype.kind in "biuf" for array in [*results, *inputs.values()]):
        return lambda: session.run(None, inputs)
    binding = session.io_binding()
    kept = []  # the binding does not own what it points to
    for name, array in inputs.items():
        value = ort.OrtValue.ortvalue_from_numpy(array)
        binding.bind_ortvalue_input(name, value)
        kept.append(value)
    for output, array in zip(session.get_outputs(), results):
        value = ort.OrtValue.ortvalue_from_numpy(np.empty_like(array))
        binding.bind_ortvalue_output(output.name, value)
        kept.append(value)
    # The inner objects: one Python frame less per run than run_with_iobinding.
    run, io = session._sess.run_with_iobinding, binding._iobinding
    return lambda _=kept: run(io, None)


if __name__ == "__main__":
    child_protocol.serve(__doc__.splitlines()[0], load, bind)
