"""Runs every real model with one and with two threads, twice in a row, on its own data and at two more sizes of its dynamic
dims, all in one session. At the other sizes ONNX Runtime, with its optimizations off, gives the reference.

usage: sizes_test.py TOOL PLUGIN_DIR [--keep FOLDER] [NAME-PART]
"""

import argparse
import glob
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

# Sizes to try, by the names of the graph's own symbols; `?I.A` is axis A of input I where it has none.
SIZES = {
    "basic_pitch": [{"unk__749": 2}, {"unk__749": 3}],
    "bodypix_mnv1_050_s16": [{"unk__349": 193, "unk__350": 225}, {"unk__349": 321, "unk__350": 161}],
    "byte_bilstm": [{"batch": 1, "length": 7}, {"batch": 3, "length": 61}],
    "crepe_tiny": [{"unk__102": 1}, {"unk__102": 5}],
    "fsmn_vad_online": [{"feats_length": 7}, {"feats_length": 33}],
    "gpt2_past_plain": [{"batch_size": 2, "seq_len": 1}, {"batch_size": 3, "seq_len": 6}],
    "gpt2_tiny_fused": [{"batch_size": 2, "seq_len": 1, "past_seq_len": 5, "total_seq_len": 6},
                        {"batch_size": 1, "seq_len": 3, "past_seq_len": 0, "total_seq_len": 3}],
    "llama_tiny_fp16": [{"batch_size": 1, "sequence_length": 1, "past_sequence_length": 6, "total_sequence_length": 7},
                        {"batch_size": 2, "sequence_length": 9, "past_sequence_length": 0,
                         "total_sequence_length": 9}],
    "lstm_loop": [{"sequence": 1}, {"sequence": 13}],
    "magika_v3_3": [{"unk__214": 1}, {"unk__214": 3}],
    "micro_kws_qdq": [{"unk__68": 2}, {"unk__68": 3}],
    "ml_lgbm_tensor": [{"batch": 1}, {"batch": 33}],
    "ml_rf_iris": [{"?0.0": 1}, {"?0.0": 33}],
    "ml_tfidf_pipeline": [{"?0.0": 1}, {"?0.0": 5}],
    "ml_xgb_classifier": [{"?0.0": 1}, {"?0.0": 33}],
    "mobilenetv2_qdq": [{"batch": 2}, {"batch": 3}],
    "ppocr_en_det_v3": [{"p2o.DynamicDimension.0": 1, "p2o.DynamicDimension.1": 160, "p2o.DynamicDimension.2": 224},
                        {"p2o.DynamicDimension.0": 2, "p2o.DynamicDimension.1": 96, "p2o.DynamicDimension.2": 128}],
    "ppocr_en_rec": [{"p2o.DynamicDimension.0": 1, "p2o.DynamicDimension.1": 100},
                     {"p2o.DynamicDimension.0": 3, "p2o.DynamicDimension.1": 320}],
    "silero_vad_op18_ifless": [{"batch": 2}, {"batch": 5}],
    "silero_vad_v6": [{"?0.0": 2, "?1.1": 2}, {"?0.0": 5, "?1.1": 5}],
    "simple_cnn_extdata": [{"batch_size": 1}, {"batch_size": 7}],
    "super_resolution_10": [{"batch_size": 2}, {"batch_size": 3}],
    "swift_f0": [{"audio_length": 4096}, {"audio_length": 12345}],
    "t5_encoder_vespa": [{"batch": 2, "tokens": 5}, {"batch": 1, "tokens": 37}],
    "tashkeel": [{"batch": 1, "seq": 7}, {"batch": 2, "seq": 41}],
    "thai2rom_decoder": [{"input_length": 3}, {"input_length": 29}],
    "thai2rom_encoder": [{"input_length": 3}, {"input_length": 21}],
    "tinybert_tribuo": [{"batch": 1, "sequence": 5}, {"batch": 3, "sequence": 48}],
    "vv_predict_duration": [{"sequence": 5}, {"sequence": 40}],
    "vv_predict_intonation": [{"length": 3}, {"length": 12}],
    "vv_predict_spectrogram": [{"length": 7}, {"length": 90}],
    "yunet_n_dynamic": [{"batch": 1, "height": 160, "width": 192}, {"batch": 2, "height": 96, "width": 352}],
}
# Inputs that hold a length.
LENGTHS = {("tashkeel", "input_lengths"): "seq", ("thai2rom_encoder", "input_lengths"): "input_length",
           ("vv_predict_intonation", "length"): "length"}
# See integration/corpora: whole networks, and steps of quantized ones.
TOLERANCE = (1e-3, 3e-4)
QUANTIZED = {"mobilenetv2_qdq": 5 * 0.1531, "shufflenetv2_int8": 2 * 0.1725, "micro_kws_qdq": 1 / 256,
             "micro_kws_qoperator": 1 / 256}


def inputs_of(model):
    """Position in the file, name, dims (numbers and symbols) and type of each input that is fed."""
    initializers = {tensor.name for tensor in model.graph.initializer}
    for index, value in enumerate(model.graph.input):
        if value.name in initializers or not value.type.HasField("tensor_type"):
            continue
        dims = value.type.tensor_type.shape.dim
        yield index, value.name, [dim.dim_value if dim.HasField("dim_value") else dim.dim_param or f"?{index}.{axis}"
                                  for axis, dim in enumerate(dims)]


def at_size(array, dims, sizes, generator):
    """The reference's data repeated or cut to the sizes; where it has none to repeat, small numbers."""
    for axis, dim in enumerate(dims):
        size = sizes.get(dim, array.shape[axis])
        if array.shape[axis] == 0 and size > 0:
            shape = [sizes.get(name, have) for name, have in zip(dims, array.shape)]
            return generator.uniform(-1, 1, shape).astype(array.dtype)
        if size != array.shape[axis]:
            array = np.take(array, np.arange(size) % max(array.shape[axis], 1), axis=axis)
    return array


def proto_of(value, name):
    if isinstance(value, list):
        kind = onnx.SequenceProto.MAP if value and isinstance(value[0], dict) else onnx.SequenceProto.TENSOR
        sequence = onnx.SequenceProto(name=name, elem_type=kind)
        for item in value:
            if kind == onnx.SequenceProto.MAP:
                sequence.map_values.append(proto_of(item, ""))
            else:
                sequence.tensor_values.append(numpy_helper.from_array(np.asarray(item)))
        return sequence
    if isinstance(value, dict):
        integer = all(isinstance(key, int) for key in value)
        proto = onnx.MapProto(name=name, key_type=onnx.TensorProto.INT64 if integer else onnx.TensorProto.STRING)
        if integer:
            proto.keys.extend(value)
        else:
            proto.string_keys.extend(key.encode() for key in value)
        proto.values.elem_type = onnx.SequenceProto.TENSOR
        proto.values.tensor_values.extend(numpy_helper.from_array(np.float32(item)) for item in value.values())
        return proto
    return numpy_helper.from_array(np.asarray(value), name)


def save(folder, kind, index, value, name):
    (folder / f"{kind}_{index}.pb").write_bytes(proto_of(value, name).SerializeToString())


def peer(source):
    """ONNX Runtime's session. It asks the system for a StringNormalizer's locale (else en_US), which is not installed
    everywhere; the texts here are ASCII."""
    model = onnx.load(str(source / "model.onnx"))
    for node in model.graph.node:
        if node.op_type == "StringNormalizer":
            others = [attribute for attribute in node.attribute if attribute.name != "locale"]
            del node.attribute[:]
            node.attribute.extend(others + [onnx.helper.make_attribute("locale", "C")])
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def make_case(source, folder):
    """The model with its own data and those of the other sizes; how many of the latter there are."""
    shutil.copytree(source, folder)
    own = len(list(source.glob("test_data_set_*")))
    model = onnx.load(str(source / "model.onnx"), load_external_data=False)
    fed = list(inputs_of(model))
    session = peer(source)
    generator = np.random.default_rng(1)
    wanted = SIZES.get(source.name, [])
    for number, sizes in enumerate(wanted):
        inputs = {}
        data = folder / f"test_data_set_{own + number}"
        data.mkdir()
        for index, name, dims in fed:
            array = numpy_helper.to_array(onnx.load_tensor(str(source / "test_data_set_0" / f"input_{index}.pb")))
            made = at_size(array, dims, sizes, generator)
            if (source.name, name) in LENGTHS:
                made = np.full_like(made, sizes[LENGTHS[source.name, name]])
            inputs[name] = made
            save(data, "input", index, made, name)
        for index, value in enumerate(session.run(None, inputs)):
            save(data, "output", index, value, session.get_outputs()[index].name)
    if not wanted and any(isinstance(dim, str) for _, _, dims in fed for dim in dims):
        sys.exit(f"{source.name} has dynamic dims and no sizes here")
    return len(wanted)


def judge(folder, tool, plugins):
    """A line for each number of threads that fails."""
    relative, absolute = TOLERANCE
    if folder.name in QUANTIZED:
        relative, absolute = 0, 1.01 * QUANTIZED[folder.name]
    for threads in ("1", "2"):
        run = subprocess.run([tool, "test", str(folder), "--only-plugin-dirs", "--plugin-dir", plugins, "--rounds", "2",
                              "--threads", threads, "--rtol", str(relative), "--atol", str(absolute)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if run.returncode != 0:
            yield f"{threads} threads: " + run.stdout.strip().splitlines()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool")
    parser.add_argument("plugins")
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--keep", help="where the cases are made and stay")
    arguments = parser.parse_args()
    wrong, models, others = [], 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(arguments.keep or scratch)
        for path in sorted(glob.glob(os.path.join(os.environ["BACKPLANE_MODELS"], "*", "model.onnx"))):
            source = pathlib.Path(path).resolve().parent
            if arguments.name not in source.name or not list(source.glob("test_data_set_*")):
                continue
            folder = root / source.name
            others += make_case(source, folder)
            models += 1
            for line in judge(folder, arguments.tool, arguments.plugins):
                wrong.append(f"{source.name}: {line}")
                print(wrong[-1], flush=True)
    print(f"{models} models with 1 and 2 threads, twice in a row, {others} other sizes; {len(wrong)} wrong")
    return 1 if wrong or models == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
