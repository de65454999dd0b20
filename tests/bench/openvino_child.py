"""One OpenVINO model behind the line protocol of child_protocol.py.

Shapes are fixed to those of the inputs, which is what OpenVINO is fastest with, and arithmetic to float32: on
processors with bfloat16 it would else choose that.
"""
import openvino

import child_protocol


def load(options):
    core = openvino.Core()
    model = core.read_model(options.model)
    model.reshape({port: list(options.inputs[port.get_any_name()].shape) for port in model.inputs})
    return core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": options.threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False})


def bind(compiled, inputs):
    request = compiled.create_infer_request()
    for port in compiled.inputs:
        request.set_tensor(port, openvino.Tensor(inputs[port.get_any_name()], shared_memory=True))
    request.infer()
    return request.infer


if __name__ == "__main__":
    child_protocol.serve(__doc__.splitlines()[0], load, bind)
