"""What int8 costs in accuracy: an int8 model's outputs, ours and ONNX Runtime's, against ONNX Runtime's float32."""
import os
import tempfile

import numpy as np
import onnxruntime

import quantized_models

IMAGES = 50
TEXTS = 4


def ort_outputs(model, feeds):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return [session.run(None, feed)[0] for feed in feeds]


def own_outputs(bench, model, feeds):
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for feed in feeds:
            words = []
            for name, array in feed.items():
                path = os.path.join(folder, f"{name}.npy")
                np.save(path, array)
                words += ["--input", f"{name}={path}"]
            bench.own.tell("run", model, *words, "--output-dir", folder)
            results.append(np.load(os.path.join(folder, "output_0.npy")))
    return results


def relative_error(found, expected):
    found, expected = np.concatenate(found), np.concatenate(expected)
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def statement(name, expected, found):
    """found: {side: outputs}"""
    agreement = {side: float(np.mean([np.argmax(a, -1) == np.argmax(b, -1) for a, b in zip(outputs, expected)]))
                 for side, outputs in found.items()}
    errors = {side: relative_error(outputs, expected) for side, outputs in found.items()}
    places = int(sum(np.argmax(outputs, -1).size for outputs in expected))
    different = len(np.unique(np.concatenate([np.argmax(outputs, -1).ravel() for outputs in expected])))
    text = f"argmax of {places}, {different} different: " + ", ".join(
        f"{side} agrees {agreement[side]:.1%}, relative error {errors[side]:.3f}" for side in found)
    return {"name": name, "text": text, "places": places, "different": different, "agreement": agreement,
            "relative_error": errors}


def image_classifier(bench, plain, case):
    """Over seeded pictures that calibration has not seen, in batches of ten."""
    pictures = list(quantized_models.images(IMAGES, 2))
    feeds = [{"image": np.concatenate(pictures[i:i + 10])} for i in range(0, IMAGES, 10)]
    return statement(case.name, ort_outputs(plain.model, feeds), {
        "Backplane": own_outputs(bench, case.model, feeds), "ONNX Runtime": ort_outputs(case.model, feeds)})


def encoder(bench, plain, case):
    feeds = list(quantized_models.tokens(TEXTS, 2))
    return statement(case.name, ort_outputs(plain.model, feeds), {
        "Backplane": own_outputs(bench, case.model, feeds), "ONNX Runtime": ort_outputs(case.model, feeds)})
