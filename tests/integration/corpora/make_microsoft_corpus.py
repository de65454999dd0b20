"""Writes cases of operators of com.microsoft as folders, with the results of ONNX Runtime on its CPU as expected ones.

Usage: make_microsoft_corpus.py FOLDER   (onnx and onnxruntime from PyPI; tests/setup.sh --corpora makes the environment)
"""

import os
import shutil
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)


def numbers(*dims, dtype=np.float32, scale=1.0):
    return (random.standard_normal(dims) * scale).astype(dtype)


def heads(batch, heads, length, size):
    return numbers(batch, heads, length, size)


def cases():
    """(name, operator, inputs (None: left out), number of outputs, attributes)"""
    x, gamma, beta, bias = numbers(2, 5, 8), numbers(8), numbers(8), numbers(8)
    skip = numbers(2, 5, 8)
    yield "bias_gelu", "BiasGelu", [x, bias], 1, {}
    yield "fast_gelu", "FastGelu", [x, bias], 1, {}
    yield "fast_gelu_no_bias", "FastGelu", [x], 1, {}
    yield "gelu", "Gelu", [x], 1, {}
    yield "quick_gelu", "QuickGelu", [x], 1, {}
    yield "quick_gelu_alpha", "QuickGelu", [x], 1, {"alpha": 0.5}
    yield "trilu", "Trilu", [numbers(3, 4, 5), np.array(1, np.int64)], 1, {"upper": 0}
    yield "skip_layer_norm", "SkipLayerNormalization", [x, skip, gamma, beta], 1, {"epsilon": 1e-5}
    yield "skip_layer_norm_bias_sum", "SkipLayerNormalization", [x, skip, gamma, beta, bias], [0, 3], {}
    yield "skip_layer_norm_row", "SkipLayerNormalization", [x, numbers(1, 5, 8), gamma], 1, {}
    yield "skip_simplified", "SkipSimplifiedLayerNormalization", [x, skip, gamma], 1, {"epsilon": 1e-6}
    yield "skip_simplified_bias_sum", "SkipSimplifiedLayerNormalization", [x, skip, gamma, bias], [0, 3], {}
    words = random.integers(0, 10, (2, 5)).astype(np.int32)
    segments = random.integers(0, 2, (2, 5)).astype(np.int32)
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int32)
    places = np.array([[0, 1, 2, 3, 4], [1, 2, 3, 4, 5]], np.int32)
    tables = [numbers(10, 8), numbers(6, 8), numbers(2, 8)]
    yield "embed", "EmbedLayerNormalization", [words, segments, *tables, gamma, beta, mask], 2, {}
    yield "embed_places", "EmbedLayerNormalization", [words, None, *tables[:2], None, gamma, beta, None, places], 3, {}
    a, b = numbers(2, 3, 4, 5), numbers(2, 3, 4, 6)
    yield "fused_matmul", "FusedMatMul", [a, b], 1, {"transA": 1, "alpha": 0.5}
    yield "fused_matmul_b", "FusedMatMul", [numbers(4, 5), numbers(6, 5)], 1, {"transB": 1}
    yield "fused_matmul_batch", "FusedMatMul", [numbers(4, 2, 3, 5), numbers(2, 3, 4, 6)], 1, {
        "transBatchA": 1, "transA": 1, }
    yield "transpose_matmul", "TransposeMatMul", [numbers(4, 5), numbers(4, 6)], 1, {"transA": 1}
    yield "fused_gemm", "FusedGemm", [numbers(3, 4), numbers(4, 5), numbers(5)], 1, {"activation": "Relu"}
    yield "fused_gemm_leaky", "FusedGemm", [numbers(3, 4), numbers(5, 4), numbers(5)], 1, {
        "activation": "LeakyRelu", "activation_alpha": 0.3, "transB": 1, "alpha": 0.5, "beta": 2.0}
    image, filters = numbers(1, 3, 6, 6), numbers(4, 3, 3, 3)
    yield "fused_conv", "FusedConv", [image, filters, numbers(4)], 1, {"activation": "Relu", "pads": [1, 1, 1, 1]}
    yield "fused_conv_clip", "FusedConv", [image, filters], 1, {"activation": "Clip", "activation_params": [-0.5, 0.7]}
    yield "fused_conv_sum", "FusedConv", [image, filters, numbers(4), numbers(1, 4, 4, 4)], 1, {"activation": "Relu"}
    yield from attention_cases()
    yield from multi_head_cases()
    yield from group_query_cases()
    yield from rotary_cases()
    yield from nbits_cases()


def attention_cases():
    x, weights, bias = numbers(2, 4, 8), numbers(8, 24), numbers(24)
    past = numbers(2, 2, 2, 3, 4)
    two = {"num_heads": 2}
    yield "attention", "Attention", [x, weights, bias], 1, two
    yield "attention_causal", "Attention", [x, weights, bias], 2, {**two, "unidirectional": 1}
    yield "attention_scale", "Attention", [x, weights, bias], 1, {**two, "scale": 0.3}
    yield "attention_sizes", "Attention", [x, numbers(8, 28), numbers(28)], 1, {**two, "qkv_hidden_sizes": [8, 8, 12]}
    yield "attention_ends", "Attention", [x, weights, bias, np.array([4, 2], np.int32)], 1, two
    yield "attention_ends_starts", "Attention", [x, weights, bias, np.array([4, 3, 0, 1], np.int32)], 1, two
    flags = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], np.int32)
    yield "attention_flags", "Attention", [x, weights, bias, flags], 1, two
    wide = random.integers(0, 2, (2, 4, 4)).astype(np.int32)
    wide[..., 0] = 1
    yield "attention_flags_3d", "Attention", [x, weights, bias, wide], 1, two
    yield "attention_bias", "Attention", [x, weights, bias, flags, None, numbers(2, 2, 4, 4)], 1, two
    yield "attention_past", "Attention", [x, weights, bias, None, past], 2, {**two, "unidirectional": 1}
    all_flags = np.array([[1] * 7, [0, 1, 1, 1, 1, 1, 1]], np.int32)
    yield "attention_past_flags", "Attention", [x, weights, bias, all_flags, past], 2, {**two, "unidirectional": 1}


def multi_head_cases():
    q, k, v = numbers(2, 4, 8), numbers(2, 6, 8), numbers(2, 6, 12)
    two = {"num_heads": 2}
    yield "mha", "MultiHeadAttention", [q, k, v], 1, two
    yield "mha_bias", "MultiHeadAttention", [q, k, v, numbers(28)], 1, two
    yield "mha_padding", "MultiHeadAttention", [q, k, v, None, np.array([6, 3], np.int32)], 1, two
    flags = np.array([[1] * 6, [1, 1, 1, 0, 0, 0]], np.int32)
    yield "mha_flags", "MultiHeadAttention", [q, k, v, None, flags], 1, two
    yield "mha_scores", "MultiHeadAttention", [q, k, v, None, None, numbers(1, 2, 4, 6)], 1, two
    square = [numbers(2, 4, 8), numbers(2, 4, 8), numbers(2, 4, 8)]
    yield "mha_causal", "MultiHeadAttention", square, 1, {**two, "unidirectional": 1, "scale": 0.4}
    past = [heads(2, 2, 3, 4), heads(2, 2, 3, 4)]
    yield "mha_past", "MultiHeadAttention", [*square, None, None, None, *past], 3, two
    yield "mha_past_causal", "MultiHeadAttention", [*square, None, None, None, *past], 3, {**two, "unidirectional": 1}
    yield "mha_cross_states", "MultiHeadAttention", [q, heads(2, 2, 6, 4), heads(2, 2, 6, 4)], 1, two


def group_query_cases():
    sizes = {"num_heads": 4, "kv_num_heads": 2}
    lengths, total = np.array([4, 4], np.int32) - 1, np.array(4, np.int32)
    q, k, v = numbers(2, 4, 64), numbers(2, 4, 32), numbers(2, 4, 32)
    cos, sin = numbers(16, 8), numbers(16, 8)
    none = [None, None]
    yield "gqa_prompt", "GroupQueryAttention", [q, k, v, *none, lengths, total], 3, sizes
    yield "gqa_packed", "GroupQueryAttention", [numbers(2, 4, 128), None, None, *none, lengths, total], 3, sizes
    yield "gqa_rotary", "GroupQueryAttention", [q, k, v, *none, lengths, total, cos, sin], 3, {**sizes, "do_rotary": 1}
    yield "gqa_softcap_window", "GroupQueryAttention", [q, k, v, *none, lengths, total], 3, {
        **sizes, "softcap": 5.0, "local_window_size": 2, "scale": 0.5}
    past = [heads(2, 2, 6, 16), heads(2, 2, 6, 16)]
    one = [numbers(2, 1, 64), numbers(2, 1, 32), numbers(2, 1, 32)]
    after, seven = np.array([6, 6], np.int32), np.array(7, np.int32)
    yield "gqa_step", "GroupQueryAttention", [*one, *past, after, seven, cos, sin], 3, {
        **sizes, "do_rotary": 1, "rotary_interleaved": 1}
    yield "gqa_step_bias", "GroupQueryAttention", [*one, *past, after, seven, None, None, None, numbers(1, 4, 1, 7)], 3, sizes


def rotary_cases():
    cos, sin = numbers(10, 4), numbers(10, 4)
    flat, split = numbers(2, 3, 16), numbers(2, 2, 3, 8)
    places = np.array([[0, 1, 2], [4, 5, 6]], np.int64)
    yield "rotary", "RotaryEmbedding", [flat, places, cos, sin], 1, {}
    yield "rotary_offset", "RotaryEmbedding", [flat, np.array([3], np.int64), cos, sin], 1, {"interleaved": 1}
    yield "rotary_heads", "RotaryEmbedding", [split, places, cos, sin], 1, {}
    yield "rotary_part", "RotaryEmbedding", [flat, places, cos[:, :2], sin[:, :2]], 1, {
        "num_heads": 2, "rotary_embedding_dim": 4}


def nbits_cases():
    a = numbers(3, 40)
    for bits in (4, 8):
        sizes = {"K": 40, "N": 6, "bits": bits, "block_size": 16}
        packed = random.integers(0, 256, (6, 3, 16 * bits // 8)).astype(np.uint8)
        scales = numbers(6, 3, scale=0.1)
        zeros = random.integers(0, 256, (6, (3 * bits + 7) // 8)).astype(np.uint8)
        yield f"nbits_{bits}", "MatMulNBits", [a, packed, scales], 1, sizes
        yield f"nbits_{bits}_zeros", "MatMulNBits", [a, packed, scales, zeros], 1, sizes
    yield "nbits_bias", "MatMulNBits", [a, packed, scales, None, None, numbers(6)], 1, sizes


def model_of(operator, inputs, outputs, attributes):
    names = ["" if value is None else f"in{i}" for i, value in enumerate(inputs)]
    wanted = list(range(outputs)) if isinstance(outputs, int) else outputs
    results = [f"out{i}" if i in wanted else "" for i in range(max(wanted) + 1)]
    node = helper.make_node(operator, names, results, domain="com.microsoft", **attributes)
    given = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
             for n, v in zip(names, inputs) if n]
    made = [helper.make_tensor_value_info(n, TensorProto.UNDEFINED, None) for n in results if n]
    graph = helper.make_graph([node], operator, given, made)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def declare_outputs(model, results):
    for info, result in zip(model.graph.output, results):
        element = helper.np_dtype_to_tensor_dtype(result.dtype)
        info.CopyFrom(helper.make_tensor_value_info(info.name, element, result.shape))


def write(path, proto):
    with open(path, "wb") as file:
        file.write(proto.SerializeToString())


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    count = 0
    for name, operator, inputs, outputs, attributes in cases():
        model = model_of(operator, inputs, outputs, attributes)
        for info in model.graph.output:
            info.ClearField("type")
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        feeds = {info.name: value for info, value in zip(model.graph.input, (v for v in inputs if v is not None))}
        results = session.run(None, feeds)
        declare_outputs(model, results)
        folder = os.path.join(sys.argv[1], name)
        shutil.rmtree(folder, ignore_errors=True)
        data = os.path.join(folder, "test_data_set_0")
        os.makedirs(data)
        write(os.path.join(folder, "model.onnx"), model)
        for kind, values in (("input", feeds.values()), ("output", results)):
            for index, value in enumerate(values):
                write(os.path.join(data, f"{kind}_{index}.pb"), numpy_helper.from_array(value))
        count += 1
    print(f"{count} cases in {sys.argv[1]}")


if __name__ == "__main__":
    main()
