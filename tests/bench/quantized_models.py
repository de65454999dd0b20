"""Makes int8 forms of float models with ONNX Runtime's quantizer, on seeded inputs."""
import logging
import os
import tempfile

import numpy as np
from onnxruntime import quantization
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType
from onnxruntime.quantization.shape_inference import quant_pre_process

CALIBRATION_RUNS = 8


class Samples(CalibrationDataReader):
    def __init__(self, samples):
        self.left = iter(samples)

    def get_next(self):
        return next(self.left, None)


def images(count, seed):
    """Smooth seeded pictures [1, 3, 224, 224]: noise at several scales, so that they differ in more than grain."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        picture = np.zeros((1, 3, 224, 224), np.float32)
        for size in (7, 28, 112):
            picture += np.kron(generator.standard_normal((1, 3, size, size)), np.ones((1, 1, 224 // size, 224 // size)))
        yield (picture / np.sqrt(3)).astype(np.float32)


def tokens(count, seed, length=128, vocabulary=1024):
    generator = np.random.default_rng(seed)
    for _ in range(count):
        yield {"input_ids": generator.integers(0, vocabulary, (1, length)),
               "attention_mask": np.ones((1, length), np.int64)}


def static(source, target, samples, activations, **more):
    """QDQ with scales per channel; activations: QuantType of what flows between the products."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = os.path.join(folder, "prepared.onnx")
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantization.quantize_static(
            prepared, target, Samples(samples), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=activations, weight_type=QuantType.QInt8, **more)


def image_classifier(source, target, activations):
    static(source, target, ({"image": picture} for picture in images(CALIBRATION_RUNS, 1)), activations)


def encoder_qdq(source, target):
    static(source, target, tokens(CALIBRATION_RUNS, 1), QuantType.QUInt8, op_types_to_quantize=["MatMul"])


def encoder_dynamic(source, target):
    quantization.quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])


# name -> (float model, function(source, target))
RECIPES = {
    "resnet50_u8s8": ("resnet50", lambda source, target: image_classifier(source, target, QuantType.QUInt8)),
    "resnet50_s8s8": ("resnet50", lambda source, target: image_classifier(source, target, QuantType.QInt8)),
    "encoder_6x384_dynamic": ("encoder_6x384", encoder_dynamic),
    "encoder_6x384_qdq": ("encoder_6x384", encoder_qdq),
    "encoder_12x768_dynamic": ("encoder_12x768", encoder_dynamic),
    "encoder_12x768_qdq": ("encoder_12x768", encoder_qdq),
}


def write(name, source, target):
    logging.getLogger().setLevel(logging.ERROR)
    RECIPES[name][1](source, target)
